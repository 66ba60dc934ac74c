/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "fl-codec-test-helpers.h"

#include <algorithm>
#include <cmath>
#include <gtest/gtest.h>
#include <tuple>
#include <utility>

namespace fl
{

namespace
{

using namespace test;
using Bytes = std::vector<uint8_t>;

/** Bits of an index: the smallest number whose power of two is not below the size. */
uint64_t
IndexBits(uint32_t size)
{
    uint64_t bits = 0;
    while (uint64_t{1} << bits < size)
    {
        ++bits;
    }
    return bits;
}

/**
 * The best Golomb-Rice parameter for a density by Sattler et al. (arXiv:1903.02891),
 * 1 + floor(log2(ln(phi - 1) / ln(1 - p))), at least 0.
 */
uint32_t
BestParameter(std::size_t entries, uint32_t size)
{
    if (entries == 0 || entries == size)
    {
        return 0;
    }
    const double phi = (1 + std::sqrt(5.0)) / 2;
    const double p = static_cast<double>(entries) / size;
    const double best = 1 + std::floor(std::log2(std::log(phi - 1) / std::log1p(-p)));
    return best < 0 ? 0 : static_cast<uint32_t>(best);
}

/**
 * The length of Golomb-Rice coded places by its definition, bit by bit: 8 bits for the parameter,
 * then for every entry its gap, quotient in unary and remainder in binary.
 */
uint64_t
RiceLength(const std::vector<uint32_t>& indices, uint32_t parameter)
{
    uint64_t bits = 8;
    uint64_t next = 0;
    for (const uint32_t index : indices)
    {
        for (uint64_t gap = index - next; gap >= uint64_t{1} << parameter;
             gap -= uint64_t{1} << parameter)
        {
            ++bits;
        }
        bits += 1 + parameter;
        next = uint64_t{index} + 1;
    }
    return bits;
}

/** The length of an Elias omega code by its definition. */
uint64_t
OmegaLength(uint64_t value)
{
    uint64_t bits = 1;
    while (value > 1)
    {
        const auto log = static_cast<uint64_t>(std::floor(std::log2(value)));
        bits += log + 1;
        value = log;
    }
    return bits;
}

/** Lengths of places in each coding, in the order of format numbers. */
struct PlaceLengths
{
    PlaceLengths(const std::vector<uint32_t>& indices, uint32_t size)
        : rice(RiceLength(indices, BestParameter(indices.size(), size))),
          raw(indices.size() * IndexBits(size)),
          bitmap(size)
    {
    }

    uint64_t rice;
    uint64_t raw;
    uint64_t bitmap;
};

/** Format number and length in bits. */
using Choice = std::pair<WireFormat, uint64_t>;

/** The shortest, of equal ones that of the lowest number. */
Choice
Shortest(std::vector<Choice> choices)
{
    return *std::min_element(choices.begin(),
                             choices.end(),
                             [](const Choice& a, const Choice& b)
                             { return std::tie(a.second, a.first) < std::tie(b.second, b.first); });
}

Choice
TernaryLength(const TernaryUpdate& trits, bool scaled)
{
    std::vector<uint32_t> nonzeros;
    for (uint32_t i = 0; i < trits.size; ++i)
    {
        if (trits.At(i) != 0)
        {
            nonzeros.push_back(i);
        }
    }
    const PlaceLengths places(nonzeros, trits.size);
    const uint64_t signs = nonzeros.size();
    const uint64_t fives = (uint64_t{trits.size} + 4) / 5 * 8;
    const auto format = [scaled](WireFormat unscaled)
    {
        const auto distance = static_cast<uint32_t>(WireFormat::SCALED_TERNARY) -
                              static_cast<uint32_t>(WireFormat::TERNARY);
        return static_cast<WireFormat>(static_cast<uint32_t>(unscaled) + (scaled ? distance : 0));
    };
    return Shortest({{format(WireFormat::TERNARY), fives},
                     {format(WireFormat::TERNARY_BITMAP), places.bitmap + signs},
                     {format(WireFormat::TERNARY_RICE), places.rice + signs},
                     {format(WireFormat::TERNARY_RAW), places.raw + signs}});
}

/** What the formulas say of each type. */
template <typename S>
struct Formula
{
    static uint64_t ValueBits(ValueCode code)
    {
        return code == ValueCode::HALF ? 16 : code == ValueCode::SINGLE ? 32 : 8 * sizeof(S);
    }

    /** The format of the 16, 32 and 64 bit ones that has this code. */
    static WireFormat Pick(ValueCode code, WireFormat f16, WireFormat f32, WireFormat f64)
    {
        const auto bits = ValueBits(code);
        return bits == 16 ? f16 : bits == 32 ? f32 : f64;
    }

    Choice operator()(const DenseUpdate<S>& update) const
    {
        return {Pick(update.code, WireFormat::DENSE16, WireFormat::DENSE32, WireFormat::DENSE64),
                update.values.size() * ValueBits(update.code)};
    }

    Choice operator()(const SignUpdate& update) const
    {
        return {WireFormat::SIGN, update.size};
    }

    Choice operator()(const TernaryUpdate& update) const
    {
        return TernaryLength(update, false);
    }

    Choice operator()(const SparseUpdate<S>& update) const
    {
        const auto code = update.code;
        const PlaceLengths places(update.indices, update.size);
        const uint64_t values = update.values.size() * ValueBits(code);
        const Choice rice{Pick(code, WireFormat::RICE16, WireFormat::RICE32, WireFormat::RICE64),
                          places.rice + values};
        const Choice raw{Pick(code, WireFormat::RAW16, WireFormat::RAW32, WireFormat::RAW64),
                         places.raw + values};
        const Choice bitmap{
            Pick(code, WireFormat::BITMAP16, WireFormat::BITMAP32, WireFormat::BITMAP64),
            places.bitmap + values};
        switch (update.positions)
        {
        case PositionCode::RICE:
            return rice;
        case PositionCode::RAW:
            return raw;
        case PositionCode::BITMAP:
            return bitmap;
        case PositionCode::CHEAPEST:
            break;
        }
        return Shortest({rice, raw, bitmap});
    }

    Choice operator()(const SeededUpdate<S>& update) const
    {
        return {Pick(update.code, WireFormat::SEEDED16, WireFormat::SEEDED32, WireFormat::SEEDED64),
                64 + update.values.size() * ValueBits(update.code)};
    }

    Choice operator()(const ScaledSignUpdate<S>& update) const
    {
        const uint64_t scales = update.plus.size() + update.minus.size();
        return {update.minus.empty() ? WireFormat::SCALED_SIGN : WireFormat::SCALED_SIGN_PAIR,
                32 * scales + update.signs.size};
    }

    Choice operator()(const ScaledTernaryUpdate<S>& update) const
    {
        auto choice = TernaryLength(update.trits, true);
        choice.second += 32 * update.scales.size();
        return choice;
    }

    Choice operator()(const QuantisedUpdate<S>& update) const
    {
        uint64_t bits = 32 * update.scales.size();
        for (uint64_t bound = 1; bound <= update.steps; bound *= 128)
        {
            bits += 8; // of the number of steps
        }
        if (update.code == LevelCode::FIXED)
        {
            const auto level = static_cast<uint64_t>(std::ceil(std::log2(update.steps + 1.0)));
            return {WireFormat::QUANTISED_FIXED, bits + update.levels.size() * (1 + level)};
        }
        uint64_t gap = 1;
        for (const int32_t level : update.levels)
        {
            if (level != 0)
            {
                bits += OmegaLength(gap) + 1 + OmegaLength(std::abs(int64_t{level}));
                gap = 0;
            }
            ++gap;
        }
        return {WireFormat::QUANTISED_ELIAS, bits};
    }

    Choice operator()(const NaturalUpdate<S>& update) const
    {
        constexpr bool isFloat = sizeof(S) == 4;
        return {isFloat ? WireFormat::NATURAL9 : WireFormat::NATURAL12,
                update.values.size() * (isFloat ? 9 : 12)};
    }
};

/** Entropy in bits of a coin that falls on one side with the given probability. */
double
Entropy(double p)
{
    return -p * std::log2(p) - (1 - p) * std::log2(1 - p);
}

/** Ones at some coordinates, their places Golomb-Rice coded. */
Update<float>
Ones(uint32_t size, std::vector<uint32_t> indices)
{
    const std::vector<float> ones(indices.size(), 1);
    return SparseUpdate<float>{size,
                               std::move(indices),
                               ones,
                               ValueCode::NATIVE,
                               PositionCode::RICE};
}

template <typename S>
class FlCodecLengthOf : public ::testing::Test
{
};

TYPED_TEST_SUITE(FlCodecLengthOf, Scalars);

} // namespace

/** The formulas of the methods, written down once more in this test. */
TYPED_TEST(FlCodecLengthOf, Property2OneUnlimitedSegmentHasTheLengthOfTheFormula)
{
    for (const uint32_t size : {1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 63, 64, 65, 1000, 20000})
    {
        for (std::size_t type = 0; type < TYPES; ++type)
        {
            for (uint32_t seed = 1; seed <= (size > 1000 ? 8 : 40); ++seed)
            {
                Random random({seed, 1}, Purpose::TEST, size, static_cast<uint32_t>(type));
                const auto update = AnyUpdate<TypeParam>(type, size, random);
                const auto message = Encode(update, UINT32_MAX);
                const auto [format, bits] = std::visit(Formula<TypeParam>(), update);
                ASSERT_EQ(message.segments.size(), 1U);
                ASSERT_EQ(message.format, format) << NameOf(message);
                ASSERT_EQ(message.paperBits, bits) << NameOf(message);
                ASSERT_EQ(message.bytes.size(), (bits + 7) / 8) << NameOf(message);
            }
        }
    }
}

/**
 * Bytes of a fully connected network of 407050 parameters: 4, 1/8, 9/8 and 1/2 bytes a parameter
 * and a scale where there is one; one byte says that 7 are the steps.
 */
TEST(FlCodecLength, Property2BytesOfAnUploadOfAKnownModel)
{
    constexpr uint32_t size = 407050;
    const auto bytes = [](const Update<float>& update)
    {
        return Encode(update, UINT32_MAX).bytes.size();
    };
    const auto blocks = MakeBuckets(size, 0);
    EXPECT_EQ(bytes(DenseUpdate<float>{std::vector<float>(size)}), 1628200U);
    EXPECT_EQ(bytes(DenseUpdate<float>{std::vector<float>(size), ValueCode::HALF}), 814100U);
    EXPECT_EQ(bytes(NaturalUpdate<float>{std::vector<float>(size)}), 457932U);
    EXPECT_EQ(bytes(SignUpdate::Positive(size)), 50882U);
    EXPECT_EQ(bytes(ScaledSignUpdate<float>{SignUpdate::Positive(size), blocks, {1}, {}}),
              50882U + 4);
    EXPECT_EQ(bytes(QuantisedUpdate<float>{blocks, 7, {1}, std::vector<int32_t>(size)}),
              203529U + 1);
    auto trits = TernaryUpdate::Zero(size);
    for (uint32_t i = 0; i < size; ++i)
    {
        trits.Set(i, static_cast<int>(i % 3) - 1);
    }
    EXPECT_EQ(bytes(trits), 81410U);
    EXPECT_EQ(bytes(SeededUpdate<float>{size, 1, std::vector<float>(4071)}), 8U + 4 * 4071);
}

/** Positions cost at most 2 % more than their entropy, and what is less would be a miracle. */
TEST(FlCodecLength, Property3PositionsCostTheirEntropy)
{
    constexpr uint32_t size = 600000;
    for (const double density : {0.1, 0.05, 0.01, 0.0025})
    {
        SCOPED_TRACE(density);
        Random random({2, 1}, Purpose::TEST);
        const auto count = static_cast<uint32_t>(std::lround(density * size));
        const auto update = Ones(size, DrawIndices(size, count, random));
        const auto message = Encode(update, UINT32_MAX);
        const auto positionBits = static_cast<double>(message.paperBits - 32 * count);
        EXPECT_LE(positionBits, 1.02 * size * Entropy(density));
        EXPECT_GE(positionBits, 0.99 * size * Entropy(density));
        // Segments of a datagram's length cost little more.
        const auto cut = Encode(update, 1400);
        EXPECT_LE(static_cast<double>(cut.bytes.size()), 1.006 * message.bytes.size());
    }
}

/**
 * The parameters that the formula of Sattler et al. gives, and their cost: within 1 % of the best
 * of all parameters.
 */
TEST(FlCodecLength, Property4RiceParameterIsTheBest)
{
    constexpr uint32_t size = 400000;
    const std::vector<std::pair<double, uint32_t>> known{{0.1, 3},
                                                         {0.01, 6},
                                                         {0.0025, 8},
                                                         {0.001, 9}};
    for (const auto& [density, expected] : known)
    {
        SCOPED_TRACE(density);
        Random random({1, 1}, Purpose::TEST);
        const auto count = static_cast<uint32_t>(std::lround(density * size));
        const auto indices = DrawIndices(size, count, random);
        const auto message = Encode(Ones(size, indices), UINT32_MAX);
        EXPECT_EQ(message.bytes[0], expected);
        uint64_t best = UINT64_MAX;
        for (uint32_t parameter = 0; parameter < 24; ++parameter)
        {
            best = std::min(best, RiceLength(indices, parameter));
        }
        EXPECT_LE(static_cast<double>(message.paperBits - 32 * count), 1.01 * best);
    }
}

/**
 * Elias coded QSGD of sqrt(N) steps takes at most 2.8 N + 32 bits (Alistarh et al., corollary 3.3),
 * here of a normal vector; the number of steps takes two bytes more.
 */
TEST(FlCodecLength, EliasCodedLevelsKeepTheBoundOfTheirPaper)
{
    constexpr uint32_t size = 10000;
    constexpr uint32_t steps = 100;
    Random random({1, 1}, Purpose::TEST);
    std::vector<double> values(size);
    double square = 0;
    for (auto& value : values)
    {
        value = random.Normal();
        square += value * value;
    }
    QuantisedUpdate<double> update{MakeBuckets(size, 0), steps, {1}, {}, LevelCode::ELIAS};
    for (const double value : values)
    {
        const double level = std::fabs(value) / std::sqrt(square) * steps;
        const auto rounded = static_cast<int32_t>(level + random.Uniform());
        update.levels.push_back(value < 0 ? -rounded : rounded);
    }
    EXPECT_LE(Encode(Update<double>(update), UINT32_MAX).paperBits, 2.8 * size + 32 + 16);
}

/** Bodies worked out by hand from the description of the formats. */
TEST(FlCodecLength, KnownBodies)
{
    const auto bytes = [](const Update<float>& update, uint32_t maxSegmentBytes = 24)
    {
        return Encode(update, maxSegmentBytes).bytes;
    };
    EXPECT_EQ(bytes(DenseUpdate<float>{{1, -2}}), (Bytes{0, 0, 0x80, 0x3f, 0, 0, 0, 0xc0}));
    EXPECT_EQ(Encode(Update<double>(DenseUpdate<double>{{1}}), 24).bytes,
              (Bytes{0, 0, 0, 0, 0, 0, 0xf0, 0x3f}));
    EXPECT_EQ(bytes(DenseUpdate<float>{{1, -2}, ValueCode::HALF}), (Bytes{0, 0x3c, 0, 0xc0}));
    auto signs = SignUpdate::Positive(10);
    signs.words[0] = 1 | 1 << 9;
    EXPECT_EQ(bytes(signs), (Bytes{0x01, 0x02}));
    const auto blocks = MakeBuckets(10, 5);
    EXPECT_EQ(bytes(ScaledSignUpdate<float>{signs, blocks, {1, 2}, {}}),
              (Bytes{0, 0, 0x80, 0x3f, 0, 0, 0, 0x40, 0x01, 0x02}));
    EXPECT_EQ(
        bytes(ScaledSignUpdate<float>{signs, blocks, {1, 2}, {-2, -1}}),
        (Bytes{0, 0, 0x80, 0x3f, 0, 0, 0, 0xc0, 0, 0, 0, 0x40, 0, 0, 0x80, 0xbf, 0x01, 0x02}));
    // Digits 0 2 2 2 0 and 2: 0 + 2 * 3 + 2 * 9 + 2 * 27 + 0 * 81 = 78. 16 bits where a bitmap
    // takes 12.
    auto trits = TernaryUpdate::Zero(6);
    for (uint32_t i = 0; i < 6; ++i)
    {
        trits.Set(i, i == 0 || i == 4 ? -1 : 1);
    }
    EXPECT_EQ(bytes(trits), (Bytes{0b01111111, 0b00000100}));
    auto more = TernaryUpdate::Zero(15);
    for (uint32_t i = 0; i < 15; ++i)
    {
        more.Set(i, i % 5 == 0 || i % 5 == 4 ? -1 : 1);
    }
    EXPECT_EQ(bytes(more), (Bytes{78, 78, 78}));
    // Half of the coordinates take parameter 0: gap 1 is the bits 1 0, then 32 bits of 1.0; the
    // same with -2.0; four ones of padding.
    SparseUpdate<float> sparse{4, {1, 3}, {1, -2}, ValueCode::NATIVE, PositionCode::RICE};
    EXPECT_EQ(bytes(sparse), (Bytes{0, 0x01, 0, 0, 0xfe, 0x04, 0, 0, 0, 0xfc}));
    // Indices 1 and 3 of two bits, lowest first; 68 bits and zeros.
    sparse.positions = PositionCode::RAW;
    EXPECT_EQ(bytes(sparse), (Bytes{0x01, 0, 0, 0xfe, 0x0c, 0, 0, 0, 0x0c}));
    sparse.positions = PositionCode::BITMAP;
    EXPECT_EQ(bytes(sparse), (Bytes{0x0a, 0, 0, 0xf8, 0x03, 0, 0, 0, 0x0c}));
    // No value at all: the parameter alone, and where indices travel nothing.
    EXPECT_EQ(bytes(SparseUpdate<float>{4, {}, {}, ValueCode::NATIVE, PositionCode::RICE}),
              (Bytes{0}));
    EXPECT_EQ(bytes(SparseUpdate<float>{4, {}, {}}), Bytes{});
    EXPECT_EQ(
        bytes(SeededUpdate<float>{3, 0x0102, {1, 1, 1}}),
        (Bytes{2, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0x80, 0x3f, 0, 0, 0x80, 0x3f, 0, 0, 0x80, 0x3f}));
    // Four values of 4 bytes and the seed fill a segment; of five, three go into one of 24 bytes.
    const auto seeded = bytes(SeededUpdate<float>{5, 1, {1, 1, 1, 1, 1}});
    ASSERT_EQ(seeded.size(), 24U + 20);
    EXPECT_EQ((Bytes{seeded.begin() + 8, seeded.begin() + 12}), (Bytes{5, 0, 0, 0}));
    // Levels -1, 0, 2 of 3: a sign and two bits each, 011 000 100 from the first bit on: 3 + 4
    // << 6.
    QuantisedUpdate<float> levels{MakeBuckets(3, 0), 3, {1}, {-1, 0, 2}};
    EXPECT_EQ(bytes(levels), (Bytes{3, 0, 0, 0x80, 0x3f, 0x03, 0x01}));
    // Gap 1 is 0, minus 1, level 1 is 0; gap 2 is 100, plus 0, level 2 is 100; five ones.
    levels.code = LevelCode::ELIAS;
    EXPECT_EQ(bytes(levels), (Bytes{3, 0, 0, 0x80, 0x3f, 0b10001010, 0b11111100}));
    levels.steps = 300; // 2 * 128 + 44
    EXPECT_EQ(bytes(levels)[0], 0x80 + 44);
    EXPECT_EQ(bytes(levels)[1], 2);
    // 1.0 is 0 and 127, -2.0 is 1 and 128: 0x07f + 0x180 << 9.
    EXPECT_EQ(bytes(NaturalUpdate<float>{{1, -2}}), (Bytes{0x7f, 0x00, 0x03}));
    EXPECT_EQ(Encode(Update<double>(NaturalUpdate<double>{{1, -2}}), 24).bytes,
              (Bytes{0xff, 0x03, 0xc0}));
}

} // namespace fl
