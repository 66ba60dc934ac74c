/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef WFL_DATAGRAM_TRANSPORT_H
#define WFL_DATAGRAM_TRANSPORT_H

#include "ns3/event-id.h"
#include "ns3/traced-callback.h"
#include "ns3/wfl-fec-decoder.h"
#include "ns3/wfl-fec-layout.h"
#include "ns3/wfl-transport.h"

#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

namespace ns3
{
namespace wfl
{

/**
 * Messages over datagrams.
 *
 * With forward error correction (RFC 6363 names its terms) parities follow the segments of every
 * message that carries coordinates, and a receiver computes lost segments as soon as enough has
 * arrived; see FecLayout. What repair is asked for is then only what the parities leave open. Where
 * datagrams may arrive altered, those of such messages carry a check, too: an erasure code mends
 * what is missing, not what is wrong.
 *
 * A sender sends all segments of a message, the last one with the `end` bit, and answers for the
 * message until every receiver has reported. A receiver reports when the message is complete, or
 * when a pass has ended: then it lists what is missing. With repair the sender sends that again,
 * to one receiver alone or, if several of a group lack something, once for all. Without repair the
 * receiver declares the message over, incomplete as it is; control messages are always repaired.
 * A receiver that has heard nothing for a while asks for the rest of what it has begun to receive.
 * If the sender hears nothing for a while after its last datagram has left, it sends a probe, which
 * asks for a report, or by turns the last segment again, which does so, too. Probes and requests go
 * on at one pace while loss is the likely reason of the silence; then each in vain doubles the
 * wait, for whoever is out of reach must not load the medium.
 *
 * While workers contend for the medium, every further datagram may cost one of them a long
 * collision. So nobody reports at once that a message is complete if another message will soon say
 * so: a worker's answer means that it has what it was asked with, and being asked anew means that
 * the answer was complete. Only when silence falls does the server report on uploads, for all
 * workers at once. Other reports on group messages are spread over a random delay. Where stations
 * share the medium the server does not probe while it hears uploads.
 */
class DatagramTransport : public Transport
{
  public:
    /** @return the TypeId */
    static TypeId GetTypeId();

    DatagramTransport();
    ~DatagramTransport() override;

    void Open(Ptr<ChannelModel> channel, StationId self, bool broadcast) override;
    void Send(const OutgoingMessage& message) override;
    void CloseIncoming(StationId from, const MessageKey& key) override;
    void CancelOutgoing(const MessageKey& key) override;
    void Request(StationId from, const MessageKey& key) override;
    void ForgetBefore(uint16_t round) override;
    void Forget(StationId peer) override;
    bool CanForget() const override;
    Time LastHeard(StationId from) const override;
    bool IsBroadcasting() const override;
    bool IsReliable() const override;
    void Check(Ptr<const ChannelModel> channel) const override;
    uint32_t MaxSegmentBytes(Ptr<const ChannelModel> channel, Direction direction) const override;
    void ReceiveDatagram(StationId from, Ptr<Packet> packet) override;

    /**
     * TracedCallback signature of the trace source RepairRequested.
     * @param from who asks
     * @param key for which message
     * @param segments how many segments are missing
     */
    using RepairCallback = void (*)(StationId from, MessageKey key, uint32_t segments);

  private:
    /** What a report says of a message. */
    enum Status : uint8_t
    {
        COMPLETE = 0, ///< all is there
        MISSING = 1,  ///< please repeat what is listed
        OVER = 2,     ///< something is missing and no more is taken
    };

    /** A message for which this end still answers. */
    struct Outgoing
    {
        OutgoingMessage message;
        std::map<StationId, fl::Ranges> pending; ///< receivers without a final report, and
                                                 ///< the segments that they miss as far as known
        Time wait;                               ///< silence that is borne before a probe
        std::optional<Time> sentSince; ///< when its last datagram was first seen to have left
        bool probed{false};            ///< whether a probe has been sent
        uint32_t probes{0};            ///< probes since somebody has asked for something
        uint32_t repairs{0};           ///< passes of repair so far
        EventId probe;
        EventId repair;
    };

    /** A message that arrives or has arrived. */
    struct Incoming
    {
        std::vector<bool> arrived; ///< by segment
        uint32_t count{0};         ///< of arrived segments
        bool ended{false};         ///< whether the end of the pass under way has been heard
        bool over{false};
        bool group{false};                 ///< whether its datagrams go to all workers
        bool ask{false};                   ///< the `ask` bit of its headers
        std::optional<FecDecoder> decoder; ///< where parities protect it
        EventId report;
        std::vector<uint8_t> reported; ///< what the last report said
    };

    /** The receiver of a message, which is GROUP if there are several, and the message. */
    using OutgoingKey = std::pair<StationId, MessageKey>;
    /** Sender and message. */
    using IncomingKey = std::pair<StationId, MessageKey>;

    void DoDispose() override;

    FecParameters Fec() const;
    bool IsRepaired(MessageType type) const;
    bool IsProtected(MessageType type) const;
    bool IsChecked(MessageType type) const;
    uint32_t Overhead(const ChannelModel& channel) const;
    uint32_t MaxControlBytes(Direction direction) const;
    bool IsGroup(const OutgoingMessage& message) const;
    void SendSegment(const Outgoing& outgoing,
                     const std::vector<StationId>& to,
                     uint32_t index,
                     bool end);
    void SendParity(const Outgoing& outgoing,
                    const std::vector<StationId>& to,
                    uint32_t index,
                    const ErasureCode::Symbol& parity,
                    bool end);
    void SendFirstPass(const Outgoing& outgoing);
    std::vector<std::vector<StationId>> AudiencesOf(const OutgoingMessage& message) const;
    void SendPass(const Outgoing& outgoing,
                  const std::vector<StationId>& to,
                  const fl::Ranges& segments);
    void SendDatagram(const std::vector<StationId>& to, SegmentHeader& header, Ptr<Packet> packet);
    static std::vector<StationId> Pending(const Outgoing& outgoing);
    static OutgoingKey KeyOf(const OutgoingMessage& message);
    Outgoing* FindPending(const MessageKey& key, StationId receiver);
    void ArmProbe(Outgoing& outgoing, Time wait);
    void SettleReports(const MessageKey& answer);
    Time FirstWait(const OutgoingMessage& message) const;
    Time NextWait(Time wait, uint32_t tries) const;
    void SendProbe(Outgoing& outgoing);
    void Probe(OutgoingKey key);
    void Repair(OutgoingKey key);
    void Finish(OutgoingKey key, StationId receiver, bool complete);

    void ReceiveData(StationId from, const SegmentHeader& header, Ptr<Packet> packet);
    void TakeSegment(StationId from,
                     const SegmentHeader& header,
                     const std::vector<uint8_t>& body,
                     Incoming& incoming);
    void TakeRecovered(StationId from,
                       SegmentHeader header,
                       const std::vector<RecoveredSegment>& segments,
                       Incoming& incoming);
    void ReceiveProbe(StationId from, const SegmentHeader& header, Ptr<Packet> packet);
    void ReceiveReport(StationId from, const SegmentHeader& header, Ptr<Packet> packet);
    Incoming* FindOrAccept(StationId from, const SegmentHeader& header);
    void EndPass(StationId from, const MessageKey& key, Incoming& incoming);
    void EndIncoming(StationId from, const MessageKey& key, Incoming& incoming);
    void ReportUnlessImplied(StationId from, const MessageKey& key, Incoming& incoming);
    void ScheduleReport(StationId from, const MessageKey& key, Incoming& incoming);
    void SendReport(StationId to, MessageKey key);
    static fl::Ranges MissingOf(const Incoming& incoming);
    void Hear();
    Time SilenceBegin() const;
    void AwaitSilence();
    void CheckSilence();
    bool EndSilence();
    void ReportComplete(const MessageKey& key, const std::set<StationId>& workers);
    Ptr<Packet> NamesOf(const std::vector<StationId>& workers) const;
    void Refuse(StationId to, const SegmentHeader& header);
    void ImplyReports(StationId from, const MessageKey& answer);

    bool m_repair;
    uint32_t m_k;
    uint32_t m_n;
    uint32_t m_depth;
    Time m_reportSpread;
    Time m_silence;
    Time m_probeWait;
    Time m_burstProbeWait;
    uint32_t m_steadyTries;
    Time m_maxProbeWait;
    Ptr<ChannelModel> m_channel;
    StationId m_self{SERVER};
    bool m_broadcast{true};
    fl::Random m_random;
    std::map<OutgoingKey, Outgoing> m_outgoing;
    std::map<IncomingKey, Incoming> m_incoming;
    std::map<StationId, Time> m_lastHeard; ///< by sender, when a datagram last arrived
    std::map<MessageKey, std::set<StationId>> m_unreported; ///< workers whose upload is complete
    Time m_quietSince;      ///< when a segment arrived, or silence was ended by a request, last
    Time m_silenceWait;     ///< how long nothing must arrive before it is silent
    uint32_t m_requests{0}; ///< requests since a segment arrived last
    EventId m_silenceCheck;
    TracedCallback<StationId, MessageKey, uint32_t> m_repairTrace;
};

} // namespace wfl
} // namespace ns3

#endif // WFL_DATAGRAM_TRANSPORT_H
