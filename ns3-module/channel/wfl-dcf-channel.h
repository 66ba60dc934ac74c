/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef WFL_DCF_CHANNEL_H
#define WFL_DCF_CHANNEL_H

#include "ns3/mobility-model.h"
#include "ns3/wfl-backoff-clock.h"
#include "ns3/wfl-contention-channel.h"
#include "ns3/wfl-ppdu-duration.h"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace ns3
{
namespace wfl
{

/**
 * 802.11 contention, slot by slot: the distributed coordination function of 802.11a, or EDCA with
 * one access category (best effort) of 802.11n/ac/ax, with the PPDU durations of the standard. One
 * step is one transmission, whatever the number of stations; nothing is computed for a station that
 * does not transmit or receive.
 *
 * All stations of an access point hear each other. Who transmits alone in its slot is received. Of
 * several workers in one slot the access point receives what is strong enough: a preamble 4 dB
 * above all others together, and then each MPDU that stands out from what is on the air beside it
 * (the workers stand where those of `wifi` do). Stations send what waits for the same receiver as
 * an A-MPDU, answered by a BlockAck; an MPDU alone is answered by an Ack; group frames by nothing.
 * Long PSDUs are announced with RTS and CTS. After a missed BlockAck comes a BlockAckReq, whose
 * answer says what to send again. The access point contends as the workers do.
 *
 * Not modelled: hidden stations, association, beacons, the set-up of BlockAck agreements,
 * rate control. Measured against ns-3's packets in doc/validation.md.
 */
class DcfChannel : public ContentionChannel
{
  public:
    /** @return the TypeId */
    static TypeId GetTypeId();

    bool IsLossless() const override;
    bool IsFullDuplex() const override;

  private:
    /** What a station remembers from one transmission to the next. */
    struct Station
    {
        fl::Random random;             ///< draws its backoffs
        uint32_t window;               ///< CW
        uint32_t failures{0};          ///< transmissions in vain since one that was answered
        std::vector<StationId> bars{}; ///< who must be asked with a BlockAckReq, in this order
    };

    /** A PPDU. */
    struct Frame
    {
        PpduMode mode;
        Time duration;
        std::vector<uint32_t> mpduEnds; ///< bytes of the PSDU up to the end of each MPDU
    };

    /** What a station does when its backoff ends. */
    struct Attempt
    {
        StationId from;
        StationId to;
        bool isBar;                    ///< whether it sends a BlockAckReq rather than data
        std::vector<uint64_t> numbers; ///< of the datagrams; none for a BlockAckReq
        Frame psdu;                    ///< what it sends
        bool isProtected{false};       ///< whether it sends an RTS first
        bool isAnswered{false};        ///< whether an Ack or BlockAck follows
    };

    /** The medium of an access point. */
    struct Medium
    {
        /** @param backoffs nobody's so far */
        explicit Medium(const BackoffClock& backoffs)
            : clock(backoffs)
        {
        }

        BackoffClock clock; ///< the backoffs of its stations
        std::map<StationId, Station> stations{};
        std::vector<Attempt> attempts{};    ///< what happens next, or now
        std::vector<StationId> surprised{}; ///< got a datagram while the medium was in use
    };

    void DoDispose() override;
    void DoInstall() override;
    Contention DoNext(uint32_t domain) override;
    void DoBacklogged(uint32_t domain, StationId station) override;
    void DoEnded(uint32_t domain, const Contention& past) override;

    void CheckAttributes();
    void SetModes();
    PpduMode ParseMode(const std::string& attribute, const std::string& name) const;
    [[noreturn]] void Refuse(const std::string& attribute, const std::string& why) const;
    Medium& MediumOf(uint32_t domain);
    Station& StationOf(uint32_t domain, StationId station);
    Time FirstSlot(uint32_t domain) const;

    static Frame MakeFrame(const PpduMode& mode, uint32_t bytes);
    Attempt MakeAttempt(uint32_t domain, StationId station);
    Attempt MakeData(uint32_t domain, StationId from, StationId to);
    std::vector<uint64_t> Window(uint32_t domain, StationId from, StationId to) const;
    uint32_t MpduBytes(const QueuedDatagram& datagram) const;
    const Frame& FirstFrame(const Attempt& attempt) const;

    const Ptr<MobilityModel>& MobilityOf(StationId station) const;
    double Power(StationId from, StationId to) const;
    bool IsClear(uint32_t domain,
                 const Attempt& attempt,
                 StationId listener,
                 Time sinceStart,
                 double requiredSirDb);
    bool IsReceived(uint32_t domain,
                    const Attempt& attempt,
                    const Frame& frame,
                    Time sinceStart,
                    std::size_t mpdu,
                    StationId listener);
    Attempt* FindLocked(uint32_t domain, StationId listener);
    Attempt* FindHeard(uint32_t domain);

    static Time AddFrame(const Attempt& attempt,
                         bool isAnswer,
                         const Frame& frame,
                         Time start,
                         Contention& next);
    bool IsDamaged(fl::Random& random) const;
    void AddReception(uint32_t domain, Attempt& attempt, Contention& next);
    void AddGroupReception(uint32_t domain, const Attempt& attempt, Contention& next);
    void AddFailure(uint32_t domain, const Attempt& attempt, Contention& next);
    bool AsksForBlockAck(const Attempt& attempt) const;
    void Settle(uint32_t domain, const Attempt& attempt, const Contention& past);
    void DelayListeners(uint32_t domain, const Contention& past);

    std::string m_standard;
    uint32_t m_widthMhz;
    std::string m_dataMode;
    std::string m_groupMode;
    uint32_t m_streams;
    Time m_guardInterval;
    bool m_asNs3;
    uint32_t m_aifsn;
    uint32_t m_minWindow;
    uint32_t m_maxWindow;
    Time m_slot;
    Time m_sifs;
    uint32_t m_retryLimit;
    uint32_t m_barRetryLimit;
    uint32_t m_rtsThreshold;
    std::string m_rtsMode;
    bool m_capture;
    bool m_eifs;
    double m_radiusM;
    double m_pathLossExponent;
    bool m_explicitBar;
    uint32_t m_maxAmpduBytes;
    uint32_t m_blockAckWindow;
    uint32_t m_headerBytes;
    double m_mpduErrorRate;

    bool m_isQos{true}; ///< EDCA with A-MPDUs rather than DCF
    PpduMode m_data;    ///< of frames to one station
    PpduMode m_group;   ///< of frames to several
    Frame m_rts;        ///< request to send
    Frame m_cts;        ///< its answer
    Ptr<MobilityModel> m_serverMobility;
    std::vector<Ptr<MobilityModel>> m_mobility; ///< by worker
    std::map<uint32_t, Medium> m_media;         ///< by domain
};

} // namespace wfl
} // namespace ns3

#endif // WFL_DCF_CHANNEL_H
