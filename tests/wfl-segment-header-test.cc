/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

/** The 16 bytes in front of every segment, and the code of what is missing. */

#include "ns3/wfl-segment-header.h"

#include "ns3/fl-random.h"
#include "ns3/packet.h"
#include "ns3/wfl-range-code.h"
#include "ns3/wfl-transport.h"

#include "wfl-test-helpers.h"

#include <array>
#include <gtest/gtest.h>
#include <memory>

namespace ns3::wfl
{

namespace
{

using Bytes = std::vector<uint8_t>;

SegmentHeader
MakeHeader()
{
    SegmentHeader header;
    header.type = MessageType::UPLOAD;
    header.end = true;
    header.ask = false;
    header.ordinal = 5;
    header.format = fl::WireFormat::RICE32;
    header.worker = 0x0123;
    header.round = 0x4567;
    header.index = 0x0102;
    header.total = 0x0203;
    header.first = 0x89abcdef;
    return header;
}

Bytes
BytesOf(const SegmentHeader& header)
{
    auto packet = Create<Packet>();
    packet->AddHeader(header);
    Bytes bytes(packet->GetSize());
    packet->CopyData(bytes.data(), packet->GetSize());
    return bytes;
}

SegmentHeader
HeaderOf(const Bytes& bytes)
{
    auto packet = Create<Packet>(bytes.data(), static_cast<uint32_t>(bytes.size()));
    SegmentHeader header;
    packet->RemoveHeader(header);
    return header;
}

/**
 * CRC-16/CCITT-FALSE bit by bit: polynomial 0x1021, initial value 0xffff, nothing reflected. Its
 * published check value is 0x29b1 for "123456789".
 */
uint16_t
SlowCrc(const uint8_t* bytes, std::size_t count)
{
    uint16_t crc = 0xffff;
    for (std::size_t i = 0; i < count; ++i)
    {
        crc = static_cast<uint16_t>(crc ^ bytes[i] << 8);
        for (int bit = 0; bit < 8; ++bit)
        {
            crc = static_cast<uint16_t>(crc & 0x8000 ? crc << 1 ^ 0x1021 : crc << 1);
        }
    }
    return crc;
}

void
ExpectSame(const SegmentHeader& a, const SegmentHeader& b)
{
    EXPECT_EQ(a.type, b.type);
    EXPECT_EQ(a.end, b.end);
    EXPECT_EQ(a.ask, b.ask);
    EXPECT_EQ(a.ordinal, b.ordinal);
    EXPECT_EQ(a.format, b.format);
    EXPECT_EQ(a.worker, b.worker);
    EXPECT_EQ(a.round, b.round);
    EXPECT_EQ(a.index, b.index);
    EXPECT_EQ(a.total, b.total);
    EXPECT_EQ(a.first, b.first);
}

/**
 * Parses a copy that ends where its memory ends, so that a sanitizer sees what is read behind it.
 */
std::optional<fl::Ranges>
Parse(const Bytes& bytes, uint32_t end)
{
    const std::unique_ptr<uint8_t[]> copy(new uint8_t[bytes.size()]);
    std::copy(bytes.begin(), bytes.end(), copy.get());
    return ParseRanges(copy.get(), static_cast<uint32_t>(bytes.size()), end);
}

fl::Ranges
DrawRanges(fl::Random& random, uint32_t end)
{
    fl::Ranges ranges;
    for (uint32_t first = 0; first < end;)
    {
        first += random.Below(1 + random.Below(500));
        const uint32_t last = first + 1 + random.Below(1 + random.Below(300));
        if (last > end)
        {
            break;
        }
        fl::Append(ranges, {first, last});
        first = last + 1;
    }
    return ranges;
}

} // namespace

/** Laid out by hand from the table in the header file. */
TEST(WflSegmentHeader, KnownBytes)
{
    const std::string checked = "123456789";
    ASSERT_EQ(SlowCrc(reinterpret_cast<const uint8_t*>(checked.data()), checked.size()), 0x29b1);
    Bytes expected{
        0x17,       // type 7 = UPLOAD, bit 4 = end
        3 << 3 | 5, // wire format 3 = RICE32, ordinal 5
        0x23,
        0x01, // worker
        0x67,
        0x45, // round
        0x02,
        0x01, // index
        0x03,
        0x02, // total
        0xef,
        0xcd,
        0xab,
        0x89, // first coordinate
    };
    const uint16_t crc = SlowCrc(expected.data(), expected.size());
    expected.push_back(static_cast<uint8_t>(crc));
    expected.push_back(static_cast<uint8_t>(crc >> 8));
    EXPECT_EQ(BytesOf(MakeHeader()), expected);
    EXPECT_EQ(expected.size(), SegmentHeader::BYTES);
    EXPECT_EQ(SegmentHeader::BYTES, 16U);
}

TEST(WflSegmentHeader, RoundTrip)
{
    fl::Random random({1, 1}, fl::Purpose::TEST);
    for (int i = 0; i < 1000; ++i)
    {
        SegmentHeader header;
        header.type = static_cast<MessageType>(random.Below(13));
        header.end = random.Below(2);
        header.ask = random.Below(2);
        header.ordinal = static_cast<uint8_t>(random.Below(8));
        header.format = static_cast<fl::WireFormat>(random.Below(32));
        header.worker = static_cast<uint16_t>(random());
        header.round = static_cast<uint16_t>(random());
        header.total = static_cast<uint16_t>(1 + random.Below(UINT16_MAX));
        header.index = static_cast<uint16_t>(random.Below(header.total));
        header.first = random();
        const auto read = HeaderOf(BytesOf(header));
        EXPECT_TRUE(read.IsValid());
        ExpectSame(read, header);
    }
}

/** A report or probe carries the type that it is about where others carry the format. */
TEST(WflSegmentHeader, SubjectOfReports)
{
    for (const auto type : {MessageType::REPORT, MessageType::PROBE})
    {
        const MessageKey key{MessageType::RESYNC_UPDATE, 7, 65535};
        SegmentHeader header;
        header.SetSubject(type, key);
        const auto read = HeaderOf(BytesOf(header));
        EXPECT_EQ(read.type, type);
        EXPECT_EQ(read.Subject(), key);
    }
    EXPECT_EQ(MakeHeader().Subject(), (MessageKey{MessageType::UPLOAD, 5, 0x4567}));
}

TEST(WflSegmentHeader, EveryFlippedBitIsSeen)
{
    const auto bytes = BytesOf(MakeHeader());
    ASSERT_TRUE(HeaderOf(bytes).IsValid());
    for (std::size_t bit = 0; bit < 8 * bytes.size(); ++bit)
    {
        auto damaged = bytes;
        damaged[bit / 8] ^= static_cast<uint8_t>(1 << bit % 8);
        EXPECT_FALSE(HeaderOf(damaged).IsValid()) << "bit " << bit;
    }
}

/** A CRC of 16 bits sees every burst of at most 16 bits. */
TEST(WflSegmentHeader, EveryShortBurstIsSeen)
{
    const auto bytes = BytesOf(MakeHeader());
    fl::Random random({1, 1}, fl::Purpose::TEST);
    for (std::size_t begin = 0; begin + 2 <= bytes.size(); ++begin)
    {
        for (int i = 0; i < 200; ++i)
        {
            auto damaged = bytes;
            damaged[begin] ^= static_cast<uint8_t>(random.Below(256));
            damaged[begin + 1] ^= static_cast<uint8_t>(1 + random.Below(255));
            EXPECT_FALSE(HeaderOf(damaged).IsValid());
        }
    }
}

/** Headers that nobody writes are refused although their check is right. */
TEST(WflSegmentHeader, ImpossibleContent)
{
    auto header = MakeHeader();
    header.index = header.total;
    EXPECT_FALSE(HeaderOf(BytesOf(header)).IsValid());
    header = MakeHeader();
    header.total = 0;
    header.index = 0;
    EXPECT_FALSE(HeaderOf(BytesOf(header)).IsValid());
    header.type = MessageType::PARITY;
    EXPECT_FALSE(HeaderOf(BytesOf(header)).IsValid());
}

/** There may be more parities than segments. */
TEST(WflSegmentHeader, Parity)
{
    auto header = MakeHeader();
    header.index = UINT16_MAX;
    header.SetSubject(MessageType::PARITY, {MessageType::HISTORY, 31, 0x4567});
    const auto read = HeaderOf(BytesOf(header));
    EXPECT_TRUE(read.IsValid());
    EXPECT_EQ(read.type, MessageType::PARITY);
    EXPECT_TRUE((read.Subject() == MessageKey{MessageType::HISTORY, 31, 0x4567}));
    EXPECT_EQ(read.index, UINT16_MAX);
}

/** Rounds count modulo 2^16. */
TEST(WflSegmentHeader, RoundsWrapAround)
{
    EXPECT_TRUE(RoundBefore(1, 2));
    EXPECT_FALSE(RoundBefore(2, 2));
    EXPECT_FALSE(RoundBefore(2, 1));
    EXPECT_TRUE(RoundBefore(65535, 0));
    EXPECT_FALSE(RoundBefore(0, 65535));
    EXPECT_TRUE(RoundBefore(65000, 200));
}

TEST(WflRangeCode, KnownBytes)
{
    Bytes bytes{77};
    // Gap 3 and length 1; gap 299 - 4 = 295 = 2 * 128 + 39 and length 200 = 1 * 128 + 71 + 1.
    AppendRanges({{3, 4}, {299, 499}}, 100, bytes);
    EXPECT_EQ(bytes, (Bytes{77, 3, 0, 0x80 | 39, 2, 0x80 | 71, 1}));
}

TEST(WflRangeCode, RoundTrip)
{
    fl::Random random({1, 1}, fl::Purpose::TEST);
    for (int i = 0; i < 2000; ++i)
    {
        const uint32_t end = 1 + random.Below(1 + random.Below(65535));
        const auto ranges = DrawRanges(random, end);
        Bytes bytes;
        AppendRanges(ranges, UINT32_MAX, bytes);
        const auto read = Parse(bytes, end);
        ASSERT_TRUE(read);
        EXPECT_EQ(*read, ranges);
    }
}

/** What does not fit is left out, and the rest can be read: a report that asks for less. */
TEST(WflRangeCode, LimitedLength)
{
    fl::Random random({1, 1}, fl::Purpose::TEST);
    for (int i = 0; i < 500; ++i)
    {
        const auto ranges = DrawRanges(random, 20000);
        const uint32_t limit = random.Below(100);
        Bytes bytes{1, 2, 3};
        AppendRanges(ranges, limit, bytes);
        ASSERT_LE(bytes.size(), limit + 3);
        const auto read = Parse(Bytes(bytes.begin() + 3, bytes.end()), 20000);
        ASSERT_TRUE(read);
        ASSERT_LE(read->size(), ranges.size());
        EXPECT_TRUE(std::equal(read->begin(), read->end(), ranges.begin()));
        // At most ten bytes a range: if one did not fit, most of the room is used.
        EXPECT_TRUE(read->size() == ranges.size() || bytes.size() + 10 > limit + 3);
    }
}

/** Cut anywhere, the bytes are malformed or say the first ranges; nothing is read behind them. */
TEST(WflRangeCode, Truncated)
{
    fl::Random random({1, 1}, fl::Purpose::TEST);
    for (int i = 0; i < 100; ++i)
    {
        const auto ranges = DrawRanges(random, 20000);
        Bytes bytes;
        AppendRanges(ranges, UINT32_MAX, bytes);
        for (std::size_t length = 0; length < bytes.size(); ++length)
        {
            const auto read =
                Parse(Bytes(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(length)),
                      20000);
            EXPECT_TRUE(!read || std::equal(read->begin(), read->end(), ranges.begin()));
        }
    }
}

TEST(WflRangeCode, Malformed)
{
    EXPECT_EQ(Parse({}, 10), fl::Ranges{});
    EXPECT_FALSE(Parse({0}, 10)) << "a gap without a length";
    EXPECT_FALSE(Parse({10, 0}, 10)) << "begins behind the end";
    EXPECT_FALSE(Parse({9, 1}, 10)) << "ends behind the end";
    EXPECT_TRUE(Parse({9, 0}, 10)) << "ends at the end";
    EXPECT_FALSE(Parse({0, 0}, 0)) << "nothing is allowed";
    EXPECT_FALSE(Parse({0x80, 0x80}, 10)) << "a number that does not end";
    EXPECT_FALSE(Parse({0xff, 0xff, 0xff, 0xff, 0x7f, 0}, UINT32_MAX)) << "more than 32 bits";
    EXPECT_FALSE(Parse({0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0, 0}, UINT32_MAX)) << "too long";
    EXPECT_FALSE(Parse({0xff, 0xff, 0xff, 0xff, 0x0f, 0xff, 0xff, 0xff, 0xff, 0x0f}, UINT32_MAX))
        << "the sum does not fit 32 bits";
}

/** Any bytes at all give nothing, or ascending ranges in bounds. */
TEST(WflRangeCode, RandomBytes)
{
    fl::Random random({1, 1}, fl::Purpose::TEST);
    for (int i = 0; i < 20000; ++i)
    {
        Bytes bytes(random.Below(20));
        for (auto& byte : bytes)
        {
            byte = static_cast<uint8_t>(random());
        }
        const uint32_t end = random.Below(2) ? 1000 : UINT32_MAX;
        const auto read = Parse(bytes, end);
        uint32_t done = 0;
        for (const auto& range : read.value_or(fl::Ranges{}))
        {
            ASSERT_GE(range.first, done);
            ASSERT_GT(range.end, range.first);
            ASSERT_LE(range.end, end);
            done = range.end;
        }
    }
}

} // namespace ns3::wfl
