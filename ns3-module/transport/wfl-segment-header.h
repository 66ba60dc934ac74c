/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef WFL_SEGMENT_HEADER_H
#define WFL_SEGMENT_HEADER_H

#include "ns3/fl-message.h"
#include "ns3/header.h"

#include <cstdint>
#include <tuple>

namespace ns3
{
namespace wfl
{

/** What a message is. */
enum class MessageType : uint8_t
{
    HELLO = 0,         ///< worker: I am here, and this is what I am, see Hello
    OPEN = 1,          ///< server: compute now
    MODEL = 2,         ///< server: a broadcast model
    UPDATE = 3,        ///< server: a broadcast update
    ANSWER = 4,        ///< server: the answer to an exchange
    RESYNC_MODEL = 5,  ///< server: a model for a worker that is behind
    RESYNC_UPDATE = 6, ///< server: a missed update
    UPLOAD = 7,        ///< worker: its update
    SKIP = 8,          ///< worker: nothing to send
    RECEIPT = 9,       ///< server: what was accepted of an upload
    RECEIPTS = 10,     ///< server: whose uploads were accepted whole
    REPORT = 11,       ///< transport: what arrived of a message
    PROBE = 12,        ///< transport: what arrived of this message?
    HISTORY = 13,      ///< server: what a worker that is behind needs besides the model
    PARITY = 14,       ///< transport: from which lost segments of a message can be computed
    STATUS = 15,       ///< worker: what selection policies want to know of it, see WorkerStatus
};

/** Names a message among those between the same two ends. */
struct MessageKey
{
    MessageType type; ///< what it is
    uint8_t ordinal;  ///< tells messages of one type and round apart, 0 to 31
    uint16_t round;   ///< the round modulo 2^16

    /**
     * @param other another key
     * @return order of keys
     */
    bool operator<(const MessageKey& other) const
    {
        return std::tie(round, type, ordinal) < std::tie(other.round, other.type, other.ordinal);
    }

    /**
     * @param other another key
     * @return whether both are the same
     */
    bool operator==(const MessageKey& other) const
    {
        return round == other.round && type == other.type && ordinal == other.ordinal;
    }
};

/**
 * The 16 bytes in front of every segment.
 *
 * | bytes | content                                                                     |
 * |-------|-----------------------------------------------------------------------------|
 * | 0     | bits 0-3 type, bit 4 end of a pass, bit 5 ask, bits 6-7 ordinal (high bits)  |
 * | 1     | bits 0-2 ordinal (low bits), bits 3-7 format, or type of the message meant   |
 * | 2-3   | worker: the sender upwards, the receiver or 0xffff for all downwards        |
 * | 4-5   | round modulo 2^16                                                           |
 * | 6-7   | index of the segment, or of the parity                                      |
 * | 8-9   | number of segments of the message                                           |
 * | 10-13 | first coordinate; of PARITY the format of the segments                      |
 * | 14-15 | CRC-16/CCITT of the 14 bytes before                                         |
 *
 * Little endian. REPORT, PROBE and PARITY mean another message. A header whose check fails makes
 * the datagram an erasure.
 */
class SegmentHeader : public Header
{
  public:
    static constexpr uint32_t BYTES = 16;               ///< length
    static constexpr uint8_t MAX_ORDINAL = 31;          ///< what its bits hold
    static constexpr uint16_t ALL_WORKERS = UINT16_MAX; ///< as the worker of a group message

    /** @return the TypeId */
    static TypeId GetTypeId();

    TypeId GetInstanceTypeId() const override;
    void Print(std::ostream& stream) const override;
    uint32_t GetSerializedSize() const override;
    void Serialize(Buffer::Iterator start) const override;
    uint32_t Deserialize(Buffer::Iterator start) override;

    /** @return whether the check of the header read last was right */
    bool IsValid() const
    {
        return m_valid;
    }

    /** @return the message that a REPORT, PROBE or PARITY means, of this header's key otherwise */
    MessageKey Subject() const;

    /**
     * Makes this the header of a REPORT, PROBE or PARITY that means a message.
     * @param newType REPORT, PROBE or PARITY
     * @param subject the message
     */
    void SetSubject(MessageType newType, const MessageKey& subject);

    MessageType type{MessageType::HELLO}; ///< what the message is
    bool end{false};    ///< last datagram of a pass: please report; of a REPORT, that it was heard
    bool ask{false};    ///< compute as soon as all has arrived
    uint8_t ordinal{0}; ///< 0 to MAX_ORDINAL
    fl::WireFormat format{fl::WireFormat::DENSE32}; ///< how the body is coded
    uint16_t worker{0};                             ///< the worker's end
    uint16_t round{0};                              ///< modulo 2^16
    uint16_t index{0};                              ///< of the segment, or of the parity
    uint16_t total{1};                              ///< segments of the message
    uint32_t first{0}; ///< first coordinate; of PARITY the format of the segments

  private:
    bool m_valid{true};
};

} // namespace wfl
} // namespace ns3

#endif // WFL_SEGMENT_HEADER_H
