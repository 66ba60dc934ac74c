/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/fl-bit-stream.h"

#include "ns3/fl-random.h"

#include <algorithm>
#include <gtest/gtest.h>
#include <utility>

namespace fl
{

namespace
{

using Bytes = std::vector<uint8_t>;

/** @return the low bits of a number */
uint64_t
Low(uint64_t value, uint32_t count)
{
    return count == 64 ? value : value & ((uint64_t{1} << count) - 1);
}

} // namespace

/** The first bit written is the least significant of the first byte; worked out by hand. */
TEST(FlBitStream, KnownPatterns)
{
    Bytes bytes;
    BitWriter writer(bytes);
    writer.Write(1, 1);
    writer.Write(0, 2);
    writer.Write(0b1011, 4);
    EXPECT_TRUE(bytes.empty()) << "seven bits are not a byte";
    writer.Write(0x1ff, 1); // only the lowest bit counts
    EXPECT_EQ(bytes, (Bytes{0b11011001}));
    writer.Write(0x0123456789abcdef, 64);
    EXPECT_EQ(bytes, (Bytes{0xd9, 0xef, 0xcd, 0xab, 0x89, 0x67, 0x45, 0x23, 0x01}));
    writer.Write(0, 3);
    writer.PadWithOnes();
    EXPECT_EQ(bytes.back(), 0b11111000);
    const auto size = bytes.size();
    writer.PadWithOnes();
    EXPECT_EQ(bytes.size(), size) << "a full byte needs no padding";
}

/** Golomb-Rice codes: ones, a zero, the remainder. 9 = 2 * 4 + 1 is 110 and 01. */
TEST(FlBitStream, KnownRiceCodes)
{
    Bytes bytes;
    BitWriter writer(bytes);
    writer.WriteRice(9, 2); // bits 1 1 0 1 0, in the order of writing
    writer.WriteRice(0, 0); // bit 0
    writer.WriteRice(1, 0); // bits 1 0
    EXPECT_EQ(bytes, (Bytes{0b01001011}));
    EXPECT_EQ(BitWriter::RiceBits(9, 2), 5U);
    EXPECT_EQ(BitWriter::RiceBits(0, 0), 1U);
    EXPECT_EQ(BitWriter::RiceBits(UINT32_MAX, 31), 33U);
}

TEST(FlBitStream, RandomBitsComeBack)
{
    for (uint32_t seed = 1; seed <= 200; ++seed)
    {
        Random random({seed, 1}, Purpose::TEST);
        Bytes bytes;
        BitWriter writer(bytes);
        std::vector<std::pair<uint64_t, uint32_t>> written;
        uint64_t total = 0;
        for (uint32_t i = 0; i < 100; ++i)
        {
            const uint64_t high = random();
            written.emplace_back(high << 32 | random(), random.Below(65));
            writer.Write(written.back().first, written.back().second);
            total += written.back().second;
        }
        writer.PadWithOnes();
        ASSERT_EQ(bytes.size(), (total + 7) / 8);
        BitReader reader(bytes.data(), bytes.size());
        for (const auto& [value, count] : written)
        {
            ASSERT_EQ(reader.Read(count), Low(value, count));
        }
        ASSERT_LT(reader.Left(), 8U);
        const auto padding = static_cast<uint32_t>(reader.Left());
        ASSERT_EQ(reader.Read(padding), Low(UINT64_MAX, padding));
    }
}

/** At every parameter, with numbers whose quotient is at most 2000 ones. */
TEST(FlBitStream, RandomRiceCodesComeBackAtTheirLength)
{
    for (uint32_t parameter = 0; parameter < 32; ++parameter)
    {
        SCOPED_TRACE(parameter);
        Random random({1, 1}, Purpose::TEST, parameter);
        Bytes bytes;
        BitWriter writer(bytes);
        std::vector<uint32_t> written{0, 1};
        const uint64_t bound = std::min<uint64_t>(uint64_t{2000} << parameter, UINT32_MAX);
        for (uint32_t i = 0; i < 200; ++i)
        {
            written.push_back(random.Below(static_cast<uint32_t>(bound)));
        }
        if (parameter > 20)
        {
            written.push_back(UINT32_MAX);
        }
        uint64_t bits = 0;
        for (const uint32_t value : written)
        {
            writer.WriteRice(value, parameter);
            bits += BitWriter::RiceBits(value, parameter);
        }
        writer.PadWithOnes();
        ASSERT_EQ(bytes.size(), (bits + 7) / 8);
        BitReader reader(bytes.data(), bytes.size());
        for (const uint32_t value : written)
        {
            ASSERT_EQ(reader.ReadRice(parameter), value);
        }
        EXPECT_EQ(reader.Left(), bytes.size() * 8 - bits);
        EXPECT_EQ(reader.ReadRice(parameter), std::nullopt) << "padding is no code";
    }
}

/**
 * Elias omega codes from his paper (1975): 1 is 0, 2 is 10 0, 4 is 10 100 0, 9 is 11 1001 0, with
 * the bits behind each group's leading one least significant first.
 */
TEST(FlBitStream, KnownOmegaCodes)
{
    Bytes bytes;
    BitWriter writer(bytes);
    writer.WriteOmega(1); // 0
    writer.WriteOmega(2); // 1 0 0
    writer.WriteOmega(4); // 1 0, 1 00, 0
    writer.WriteOmega(9); // 1 1, 1 100, 0
    writer.PadWithZeros();
    EXPECT_EQ(bytes, (Bytes{0b01010010, 0b00111100, 0}));
    const std::vector<std::pair<uint32_t, uint32_t>> lengths{{1, 1},
                                                             {2, 3},
                                                             {3, 3},
                                                             {4, 6},
                                                             {7, 6},
                                                             {8, 7},
                                                             {15, 7},
                                                             {16, 11},
                                                             {100, 13},
                                                             {1000, 17},
                                                             {1000000, 31},
                                                             {UINT32_MAX, 43}};
    for (const auto& [value, length] : lengths)
    {
        EXPECT_EQ(BitWriter::OmegaBits(value), length) << value;
    }
}

/** Numbers of every length; what pads a byte behind them is no number. */
TEST(FlBitStream, RandomOmegaCodesComeBackAtTheirLength)
{
    Random random({1, 1}, Purpose::TEST);
    for (uint32_t seed = 0; seed < 100; ++seed)
    {
        Bytes bytes;
        BitWriter writer(bytes);
        std::vector<uint32_t> written{1, 2, 3, 4, UINT32_MAX};
        for (uint32_t i = 0; i < 50; ++i)
        {
            written.push_back(std::max(1u, random() >> random.Below(32)));
        }
        uint64_t bits = 0;
        for (const uint32_t value : written)
        {
            writer.WriteOmega(value);
            bits += BitWriter::OmegaBits(value);
        }
        writer.PadWithOnes();
        ASSERT_EQ(bytes.size(), (bits + 7) / 8);
        BitReader reader(bytes.data(), bytes.size());
        for (const uint32_t value : written)
        {
            ASSERT_EQ(reader.ReadOmega(), value);
        }
        EXPECT_TRUE(reader.OnlyPadding(1));
        EXPECT_EQ(reader.ReadOmega(), std::nullopt) << "padding is no code";
    }
    const Bytes ones(100, 0xff); // 1, 3, 15, then a group of 16 bits is more than 32 bits
    EXPECT_EQ(BitReader(ones.data(), ones.size()).ReadOmega(), std::nullopt);
    EXPECT_EQ(BitReader(ones.data(), 0).ReadOmega(), std::nullopt);
}

TEST(FlBitStream, PaddingIsLessThanAByteOfOneKind)
{
    const Bytes bytes{0b11110000, 0b00000000};
    BitReader reader(bytes.data(), bytes.size());
    EXPECT_FALSE(reader.OnlyPadding(0)) << "two bytes";
    reader.Skip(4);
    EXPECT_FALSE(reader.OnlyPadding(0));
    EXPECT_EQ(reader.Read(5), 0b01111U);
    EXPECT_TRUE(reader.OnlyPadding(0));
    EXPECT_FALSE(reader.OnlyPadding(1));
    reader.Skip(7);
    EXPECT_TRUE(reader.OnlyPadding(0) && reader.OnlyPadding(1)) << "nothing is left";
}

TEST(FlBitStream, NothingBehindTheEnd)
{
    BitReader empty(nullptr, 0);
    EXPECT_EQ(empty.Left(), 0U);
    EXPECT_EQ(empty.Read(1), std::nullopt);
    EXPECT_EQ(empty.ReadRice(0), std::nullopt);
    EXPECT_EQ(empty.Read(0), 0U);

    const Bytes bytes{0xff, 0x01};
    BitReader reader(bytes.data(), bytes.size());
    EXPECT_EQ(reader.Read(17), std::nullopt);
    EXPECT_EQ(reader.Read(64), std::nullopt);
    EXPECT_EQ(reader.Left(), 16U) << "a refused read takes nothing";
    EXPECT_EQ(reader.Read(9), 0x1ffU);
    EXPECT_EQ(reader.Read(8), std::nullopt);
    EXPECT_EQ(reader.Read(7), 0U);
    EXPECT_EQ(reader.Read(1), std::nullopt);
}

/** A quotient without its zero, a remainder cut off, and a number of more than 32 bits. */
TEST(FlBitStream, UnfinishedRiceCodesAreNothing)
{
    const Bytes ones(100, 0xff);
    EXPECT_EQ(BitReader(ones.data(), ones.size()).ReadRice(0), std::nullopt);
    const Bytes cut{0b01111111};
    EXPECT_EQ(BitReader(cut.data(), cut.size()).ReadRice(1), std::nullopt);
    EXPECT_EQ(BitReader(cut.data(), cut.size()).ReadRice(0), 7U);
    const Bytes two{0b00000011, 0, 0, 0, 0};
    EXPECT_EQ(BitReader(two.data(), two.size()).ReadRice(31), std::nullopt) << "2 * 2^31";
    EXPECT_EQ(BitReader(two.data(), two.size()).ReadRice(30), uint32_t{1} << 31);
}

} // namespace fl
