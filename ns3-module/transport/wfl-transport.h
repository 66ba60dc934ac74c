/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef WFL_TRANSPORT_H
#define WFL_TRANSPORT_H

#include "ns3/callback.h"
#include "ns3/fl-message.h"
#include "ns3/nstime.h"
#include "ns3/object.h"
#include "ns3/wfl-channel-model.h"
#include "ns3/wfl-segment-header.h"

#include <cstdint>
#include <memory>
#include <vector>

namespace ns3
{
namespace wfl
{

/** A message on its way out. */
struct OutgoingMessage
{
    MessageKey key;                                    ///< its name
    std::shared_ptr<const fl::EncodedMessage> message; ///< its segments
    std::vector<StationId> receivers;                  ///< SERVER, or workers
    bool ask{false};                                   ///< the `ask` bit of its headers
};

/** A segment that has arrived for the first time. Its body lives as long as the call. */
struct IncomingSegment
{
    StationId from;       ///< who sent it
    SegmentHeader header; ///< its header
    const uint8_t* body;  ///< its body
    uint32_t length;      ///< number of bytes of the body

    /** @return what the decoder needs */
    fl::SegmentView View() const
    {
        return {header.format, header.index, header.total, header.first, body, length};
    }
};

/**
 * One end of the way of messages: the server's or a worker's. Turns messages into datagrams or a
 * byte stream and back, hands every segment over once, and says at both ends when a message is
 * over. It judges neither age nor meaning: that is for the application.
 */
class Transport : public Object
{
  public:
    /** @return the TypeId */
    static TypeId GetTypeId();

    ~Transport() override;

    /** Asked when a message's first datagram arrives: (from, message) -> is it wanted? */
    using AcceptCallback = Callback<bool, StationId, MessageKey>;
    /** Called for every segment that has not been taken yet: -> is it taken, or damaged? */
    using SegmentCallback = Callback<bool, const IncomingSegment&>;
    /**
     * Called when no more of a message will be handed over: (from, message, was its `ask` bit
     * set?). Of a message that was lost altogether a probe has told.
     */
    using EndCallback = Callback<void, StationId, MessageKey, bool>;
    /** Called when the sender knows its end at a receiver: (receiver, message, complete?). */
    using ReportCallback = Callback<void, StationId, MessageKey, bool>;
    /** Called when somebody can no longer be reached over this transport: (who). */
    using BreakCallback = Callback<void, StationId>;

    /**
     * @param accept decides which messages are taken in
     * @param segment takes segments
     * @param end hears the end of incoming messages
     * @param report hears the end of outgoing messages
     */
    void SetCallbacks(AcceptCallback accept,
                      SegmentCallback segment,
                      EndCallback end,
                      ReportCallback report);

    /** @param broken hears of connections that break, on transports that have connections */
    void SetBreakCallback(BreakCallback broken);

    /**
     * Opens this end.
     * @param channel what carries the data
     * @param self whose end it is
     * @param broadcast whether messages for several workers go out once, where the channel can
     */
    virtual void Open(Ptr<ChannelModel> channel, StationId self, bool broadcast) = 0;

    /** @param message what to send; its key must differ from those under way to a receiver */
    virtual void Send(const OutgoingMessage& message) = 0;

    /**
     * Takes no more of an incoming message; does not call the end callback.
     * @param from its sender
     * @param key its name
     */
    virtual void CloseIncoming(StationId from, const MessageKey& key) = 0;

    /**
     * Gives up what is still under way of an outgoing message.
     * @param key its name
     */
    virtual void CancelOutgoing(const MessageKey& key) = 0;

    /**
     * Asks for a message that should have come, and of which nothing has.
     * @param from its sender
     * @param key its name
     */
    virtual void Request(StationId from, const MessageKey& key);

    /**
     * Forgets everything about rounds that are over for good.
     * @param round rounds before this one, modulo 2^16, are forgotten
     */
    virtual void ForgetBefore(uint16_t round) = 0;

    /**
     * Forgets everything that is under way to and from somebody who has gone, or is back from
     * being gone; of what was under way to it, the report callback hears that it did not arrive.
     * Only where CanForget().
     * @param peer who
     */
    virtual void Forget(StationId peer);

    /** @return whether somebody can go and come back over this transport */
    virtual bool CanForget() const;

    /**
     * @param from somebody
     * @return when anything of it last arrived, a request or a probe, too; 0 if nothing has, or on
     *         transports that never see what does not go forward
     */
    virtual Time LastHeard(StationId from) const;

    /** @return whether a message for several workers goes out once */
    virtual bool IsBroadcasting() const = 0;

    /** @return whether it asks which segments of a message are important, to send them first */
    bool SendsImportantFirst() const;

    /** @return whether data arrive whole unless somebody gives them up */
    virtual bool IsReliable() const = 0;

    /**
     * Refuses what cannot work; before anything is opened.
     * @param channel the channel that would be used, its loss model included
     * @throws fl::UserError if the attributes contradict each other or do not fit the channel
     */
    virtual void Check(Ptr<const ChannelModel> channel) const;

    /**
     * @param channel the channel that would be used
     * @param direction UP or DOWN
     * @return longest body of a segment in bytes
     */
    virtual uint32_t MaxSegmentBytes(Ptr<const ChannelModel> channel,
                                     Direction direction) const = 0;

    /** @param packet a datagram from somebody; does nothing on transports over sockets */
    virtual void ReceiveDatagram(StationId from, Ptr<Packet> packet) = 0;

  protected:
    void DoDispose() override;

    /**
     * A segment has arrived of an upload that is taken no more: it counts as lost, reason "late".
     * @param channel what carried it
     * @param from its sender
     * @param self who received it
     * @param type what it is a segment of
     */
    static void
    NoteLate(const Ptr<ChannelModel>& channel, StationId from, StationId self, MessageType type);

    /**
     * @param message a message
     * @return by segment, whether it leaves before those of which this is false
     */
    std::vector<bool> FirstOf(const fl::EncodedMessage& message) const;

    AcceptCallback m_accept;   ///< decides which messages are taken in
    SegmentCallback m_segment; ///< takes segments
    EndCallback m_end;         ///< hears the end of incoming messages
    ReportCallback m_report;   ///< hears the end of outgoing messages
    BreakCallback m_break;     ///< hears of connections that break; may be null

  private:
    bool m_importantFirst; ///< whether important segments leave first
};

/**
 * @param earlier a round modulo 2^16
 * @param later another one, less than 2^15 rounds away
 * @return whether the first comes before the second
 */
inline bool
RoundBefore(uint16_t earlier, uint16_t later)
{
    return static_cast<int16_t>(earlier - later) < 0;
}

/**
 * @param bytes the content of a control message
 * @param maxSegmentBytes longest segment
 * @return a message of as few segments as possible
 */
std::shared_ptr<const fl::EncodedMessage> MakeControlMessage(std::vector<uint8_t> bytes,
                                                             uint32_t maxSegmentBytes);

} // namespace wfl
} // namespace ns3

#endif // WFL_TRANSPORT_H
