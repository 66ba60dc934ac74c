/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/wfl-segment-header.h"

#include "ns3/assert.h"

#include <array>
#include <boost/crc.hpp>

namespace ns3
{
namespace wfl
{

namespace
{

constexpr uint8_t END_BIT = 1 << 4;
constexpr uint8_t ASK_BIT = 1 << 5;

/** CRC-16/CCITT with initial value 0xffff. */
uint16_t
Check(const uint8_t* bytes, std::size_t count)
{
    boost::crc_ccitt_type crc;
    crc.process_bytes(bytes, count);
    return crc.checksum();
}

} // namespace

NS_OBJECT_ENSURE_REGISTERED(SegmentHeader);

TypeId
SegmentHeader::GetTypeId()
{
    static TypeId tid = TypeId("ns3::wfl::SegmentHeader")
                            .SetParent<Header>()
                            .SetGroupName("Wfl")
                            .AddConstructor<SegmentHeader>();
    return tid;
}

TypeId
SegmentHeader::GetInstanceTypeId() const
{
    return GetTypeId();
}

void
SegmentHeader::Print(std::ostream& stream) const
{
    stream << "type=" << static_cast<int>(type) << " round=" << round << " worker=" << worker
           << " segment=" << index << "/" << total << " first=" << first;
}

uint32_t
SegmentHeader::GetSerializedSize() const
{
    return BYTES;
}

void
SegmentHeader::Serialize(Buffer::Iterator start) const
{
    NS_ASSERT(ordinal <= MAX_ORDINAL);
    auto i = start;
    i.WriteU8(static_cast<uint8_t>(static_cast<uint8_t>(type) | (end ? END_BIT : 0) |
                                   (ask ? ASK_BIT : 0) | (ordinal >> 3) << 6));
    i.WriteU8(static_cast<uint8_t>((ordinal & 7) | static_cast<uint8_t>(format) << 3));
    i.WriteHtolsbU16(worker);
    i.WriteHtolsbU16(round);
    i.WriteHtolsbU16(index);
    i.WriteHtolsbU16(total);
    i.WriteHtolsbU32(first);
    std::array<uint8_t, BYTES - 2> bytes;
    start.Read(bytes.data(), bytes.size());
    i.WriteHtolsbU16(Check(bytes.data(), bytes.size()));
}

uint32_t
SegmentHeader::Deserialize(Buffer::Iterator start)
{
    std::array<uint8_t, BYTES - 2> bytes;
    auto i = start;
    i.Read(bytes.data(), bytes.size());
    m_valid = i.ReadLsbtohU16() == Check(bytes.data(), bytes.size());
    i = start;
    const uint8_t kind = i.ReadU8();
    type = static_cast<MessageType>(kind & 0xf);
    end = kind & END_BIT;
    ask = kind & ASK_BIT;
    const uint8_t detail = i.ReadU8();
    ordinal = static_cast<uint8_t>((kind >> 6) << 3 | (detail & 7));
    format = static_cast<fl::WireFormat>(detail >> 3);
    worker = i.ReadLsbtohU16();
    round = i.ReadLsbtohU16();
    index = i.ReadLsbtohU16();
    total = i.ReadLsbtohU16();
    first = i.ReadLsbtohU32();
    const bool isPlace = index < total || (type == MessageType::PARITY && total > 0);
    m_valid = m_valid && isPlace;
    return BYTES;
}

MessageKey
SegmentHeader::Subject() const
{
    const bool meansAnother =
        type == MessageType::REPORT || type == MessageType::PROBE || type == MessageType::PARITY;
    return {meansAnother ? static_cast<MessageType>(format) : type, ordinal, round};
}

void
SegmentHeader::SetSubject(MessageType newType, const MessageKey& subject)
{
    type = newType;
    ordinal = subject.ordinal;
    format = static_cast<fl::WireFormat>(subject.type);
    round = subject.round;
}

} // namespace wfl
} // namespace ns3
