/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef WFL_DCF_CHANNEL_H
#define WFL_DCF_CHANNEL_H

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
 * All stations of an access point hear each other. Who transmits alone in its slot is received;
 * several in one slot are a collision, in which all fail. Workers send what waits as an A-MPDU,
 * answered by a BlockAck; an MPDU alone is answered by an Ack; group frames by nothing. After a
 * missed BlockAck comes a BlockAckReq, whose answer says what to send again. The access point
 * contends as the workers do.
 *
 * Not modelled: hidden stations, capture, association, beacons, the set-up of BlockAck agreements,
 * RTS/CTS, rate control. Measured against ns-3's packets in doc/validation.md.
 */
class DcfChannel : public ContentionChannel
{
  public:
    /** @return the TypeId */
    static TypeId GetTypeId();

    bool IsLossless() const override;

  private:
    /** A station's contention for the medium. */
    struct Station
    {
        fl::Random random;    ///< draws its backoffs
        uint32_t window;      ///< CW
        int64_t due{0};       ///< the slot in which its backoff ends
        bool contends{false}; ///< whether it stands in Medium::contenders
        uint32_t failures{0}; ///< transmissions in vain since the last one that was answered
        std::vector<StationId> bars{}; ///< who must be asked with a BlockAckReq, in this order
    };

    /** A transmission that the next slot in use holds. */
    struct Attempt
    {
        StationId from;
        StationId to;
        bool isBar;
        std::vector<uint64_t> numbers; ///< of the datagrams; none for a BlockAckReq
        uint32_t bytes;                ///< length of the PSDU
        Time duration;                 ///< of the PPDU
        bool isAnswered;               ///< whether an Ack or BlockAck follows
    };

    /** A station whose next backoff starts later than that of the others. */
    struct Late
    {
        StationId station;
        int64_t slots;   ///< how much later
        int64_t backoff; ///< slots that it waits then
    };

    /**
     * The medium of an access point. Slots are counted over all times in which the medium is idle
     * for longer than an AIFS.
     */
    struct Medium
    {
        std::map<StationId, Station> stations;
        std::map<int64_t, std::vector<StationId>> contenders; ///< by slot
        int64_t firstSlot{0};             ///< the first one since the medium is idle
        int64_t attemptSlot{0};           ///< of the attempts
        std::vector<Attempt> attempts;    ///< what happens next
        std::vector<StationId> surprised; ///< got a datagram while the medium was in use
        std::vector<Late> late;           ///< after a collision
    };

    void DoInstall() override;
    Contention DoNext(uint32_t domain) override;
    void DoBacklogged(uint32_t domain, StationId station) override;
    void DoEnded(uint32_t domain, const Contention& past) override;

    void CheckAttributes();
    void SetMode();
    PpduMode ParseMode(const std::string& attribute, const std::string& name) const;
    [[noreturn]] void Refuse(const std::string& attribute, const std::string& why) const;
    Time SlotStart(uint32_t domain, int64_t slot) const;
    Station& StationOf(uint32_t domain, StationId station);
    void Contend(uint32_t domain, StationId station, int64_t due);
    bool DropIdle(uint32_t domain);
    Attempt MakeAttempt(uint32_t domain, StationId station);
    Attempt MakeData(uint32_t domain, StationId from, StationId to);
    uint32_t MpduBytes(const QueuedDatagram& datagram) const;
    void AddSuccess(uint32_t domain, Attempt& attempt, Contention& next);
    void AddCollision(uint32_t domain, Contention& next);
    void Fail(uint32_t domain, const Attempt& attempt, Contention& next);
    int64_t Settle(uint32_t domain, const Attempt& attempt, const Contention& past);
    MediumUse UseOf(const Attempt& attempt, Time start) const;

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
    bool m_explicitBar;
    uint32_t m_maxAmpduBytes;
    uint32_t m_blockAckWindow;
    uint32_t m_headerBytes;
    double m_mpduErrorRate;

    bool m_isQos{true};                 ///< EDCA with A-MPDUs rather than DCF
    PpduMode m_data;                    ///< of frames to one station
    PpduMode m_group;                   ///< of frames to several
    std::map<uint32_t, Medium> m_media; ///< by domain
};

} // namespace wfl
} // namespace ns3

#endif // WFL_DCF_CHANNEL_H
