/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef FL_CODEC_TEST_HELPERS_H
#define FL_CODEC_TEST_HELPERS_H

#include "ns3/fl-codec.h"
#include "ns3/fl-random.h"
#include "ns3/fl-value-code.h"
#include "ns3/fl-value-wire.h"

#include "fl-test-helpers.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <gtest/gtest.h>
#include <limits>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace fl::test
{

/** Types of update, in the order of Update. */
enum Type : std::size_t
{
    DENSE,
    SIGN,
    TERNARY,
    SPARSE,
    SEEDED,
    SCALED_SIGN,
    SCALED_TERNARY,
    QUANTISED,
    NATURAL,
    TYPES
};

/** What one coordinate of an update says; the value apart from the scales that multiply it. */
struct Content
{
    uint64_t value{0};  ///< bits of a number, or a sign, trit or level; 0 where it has none
    uint64_t scales{0}; ///< bits of the scales of its block, which are binary32

    bool operator==(const Content& other) const
    {
        return value == other.value && scales == other.scales;
    }
};

/** Writes what an update says, coordinate by coordinate. */
template <typename S>
struct ContentVisitor
{
    std::vector<Content> content;

    void Numbers(const std::vector<S>& values)
    {
        for (const S value : values)
        {
            content.push_back({BitsOf(value), 0});
        }
    }

    void Places(uint32_t size, const std::vector<uint32_t>& places, const std::vector<S>& values)
    {
        ASSERT_EQ(places.size(), values.size());
        content.resize(size);
        for (std::size_t i = 0; i < places.size(); ++i)
        {
            content.at(places[i]).value = BitsOf(values[i]);
        }
    }

    void Scales(const Blocks& blocks, const std::vector<S>& plus, const std::vector<S>& minus)
    {
        ASSERT_EQ(plus.size(), blocks->size());
        std::size_t block = 0;
        for (uint32_t i = 0; i < content.size(); ++i)
        {
            block += i == (*blocks)[block];
            content[i].scales = BitsOf(static_cast<float>(plus[block]));
            if (!minus.empty())
            {
                content[i].scales |= BitsOf(static_cast<float>(minus.at(block))) << 32;
            }
        }
    }

    void operator()(const DenseUpdate<S>& update)
    {
        Numbers(update.values);
    }

    void operator()(const NaturalUpdate<S>& update)
    {
        Numbers(update.values);
    }

    void operator()(const SignUpdate& update)
    {
        ASSERT_EQ(update.words.size(), (update.size + 63) / 64);
        for (uint32_t i = 0; i < update.size; ++i)
        {
            content.push_back({update.Negative(i), 0});
        }
        for (uint32_t i = update.size; i < update.words.size() * 64; ++i)
        {
            ASSERT_FALSE(update.Negative(i)) << "padding leaks";
        }
    }

    void operator()(const TernaryUpdate& update)
    {
        ASSERT_EQ(update.positive.size(), (update.size + 63) / 64);
        ASSERT_EQ(update.negative.size(), (update.size + 63) / 64);
        for (uint32_t i = 0; i < update.size; ++i)
        {
            ASSERT_FALSE((update.positive[i / 64] & update.negative[i / 64]) >> (i % 64) & 1);
            content.push_back({static_cast<uint64_t>(update.At(i)), 0});
        }
        for (uint32_t i = update.size; i < update.positive.size() * 64; ++i)
        {
            ASSERT_EQ(update.At(i), 0) << "padding leaks";
        }
    }

    void operator()(const SparseUpdate<S>& update)
    {
        for (std::size_t i = 1; i < update.indices.size(); ++i)
        {
            ASSERT_LT(update.indices[i - 1], update.indices[i]);
        }
        Places(update.size, update.indices, update.values);
    }

    void operator()(const SeededUpdate<S>& update)
    {
        const auto count = static_cast<uint32_t>(update.values.size());
        Places(update.size, DrawPositions(update.seed, update.size, count), update.values);
    }

    void operator()(const ScaledSignUpdate<S>& update)
    {
        (*this)(update.signs);
        Scales(update.blocks, update.plus, update.minus);
    }

    void operator()(const ScaledTernaryUpdate<S>& update)
    {
        (*this)(update.trits);
        Scales(update.blocks, update.scales, {});
    }

    void operator()(const QuantisedUpdate<S>& update)
    {
        for (const int32_t level : update.levels)
        {
            ASSERT_LE(std::abs(level), static_cast<int64_t>(update.steps));
            content.push_back({static_cast<uint64_t>(level), 0});
        }
        Scales(update.blocks, update.scales, {});
    }
};

/** @return what an update says, coordinate by coordinate; fails a test if it is not sound */
template <typename S>
std::vector<Content>
ContentOf(const Update<S>& update)
{
    ContentVisitor<S> visitor;
    std::visit(visitor, update);
    return visitor.content;
}

/** @return all else that an update holds, bit for bit, but the choice of coding */
template <typename S>
std::vector<uint64_t>
FrameOf(const Update<S>& update)
{
    const auto code = [](ValueCode c)
    {
        return uint64_t{ValueBytes<S>(c)};
    };
    const auto blocks = [](std::vector<uint64_t> frame, const Blocks& ends)
    {
        frame.insert(frame.end(), ends->begin(), ends->end());
        return frame;
    };
    switch (update.index())
    {
    case DENSE:
        return {code(std::get<DenseUpdate<S>>(update).code)};
    case SPARSE:
    {
        const auto& sparse = std::get<SparseUpdate<S>>(update);
        std::vector<uint64_t> frame{sparse.size, code(sparse.code)};
        frame.insert(frame.end(), sparse.indices.begin(), sparse.indices.end());
        return frame;
    }
    case SEEDED:
    {
        const auto& seeded = std::get<SeededUpdate<S>>(update);
        return {seeded.size, seeded.seed, seeded.values.size(), code(seeded.code)};
    }
    case SCALED_SIGN:
    {
        const auto& signs = std::get<ScaledSignUpdate<S>>(update);
        return blocks({signs.minus.size()}, signs.blocks);
    }
    case SCALED_TERNARY:
        return blocks({}, std::get<ScaledTernaryUpdate<S>>(update).blocks);
    case QUANTISED:
    {
        const auto& levels = std::get<QuantisedUpdate<S>>(update);
        return blocks({levels.steps, static_cast<uint64_t>(levels.code)}, levels.blocks);
    }
    default:
        return {};
    }
}

/** @return whether two updates are of one type and equal in every bit */
template <typename S>
bool
Same(const Update<S>& a, const Update<S>& b)
{
    return a.index() == b.index() && FrameOf<S>(a) == FrameOf<S>(b) &&
           ContentOf<S>(a) == ContentOf<S>(b);
}

/** @return any number that a code can hold: NaN, infinities, both zeros and subnormals included */
template <typename S>
S
AnyValue(ValueCode code, Random& random)
{
    const uint64_t high = random();
    const uint64_t bits = high << 32 | random();
    if (code == ValueCode::NATIVE)
    {
        return FromBits<S>(bits);
    }
    const float value = code == ValueCode::HALF ? FromHalf(static_cast<uint16_t>(bits))
                                                : FromBits<float>(bits & UINT32_MAX);
    return std::isnan(value) ? std::numeric_limits<S>::quiet_NaN() : static_cast<S>(value);
}

/** @return a random set of coordinates, ascending, all sets of that size being equally likely */
inline std::vector<uint32_t>
DrawIndices(uint32_t size, uint32_t count, Random& random)
{
    auto indices = UpTo(size);
    for (uint32_t i = 0; i < count; ++i)
    {
        std::swap(indices[i], indices[i + random.Below(size - i)]);
    }
    indices.resize(count);
    std::sort(indices.begin(), indices.end());
    return indices;
}

/** @return 0, 1, size - 1, size or anything between, and a few of many */
inline uint32_t
AnyCount(uint32_t size, Random& random)
{
    const std::vector<uint32_t>
        counts{0, 1, size - 1, size, random.Below(size + 1), (size + 19) / 20, (size + 99) / 100};
    return counts[random.Below(static_cast<uint32_t>(counts.size()))];
}

/** @return one block, equal ones, or any; of these some as short as a coordinate */
inline Blocks
AnyBlocks(uint32_t size, Random& random)
{
    switch (random.Below(4))
    {
    case 0:
        return MakeBuckets(size, 0);
    case 1:
        return MakeBuckets(size, 1 + random.Below(size));
    case 2:
        return MakeBuckets(size, 1 + random.Below(12));
    default:
        auto ends = std::make_shared<std::vector<uint32_t>>();
        for (uint32_t end = 0; end < size; ends->push_back(end))
        {
            end += std::min(size - end, 1 + random.Below(random.Below(2) == 0 ? 3 : 100));
        }
        return ends;
    }
}

/** @return a binary32, finite and not negative, some of them 0 */
template <typename S>
std::vector<S>
AnyScales(std::size_t count, Random& random)
{
    std::vector<S> scales(count);
    for (auto& scale : scales)
    {
        do
        {
            scale = std::fabs(AnyValue<S>(ValueCode::HALF, random));
        } while (!std::isfinite(scale));
    }
    return scales;
}

inline SignUpdate
AnySigns(uint32_t size, Random& random)
{
    auto signs = SignUpdate::Positive(size);
    const uint32_t kind = random.Below(4);
    for (uint32_t i = 0; i < size; ++i)
    {
        signs.words[i / 64] |= uint64_t{kind == 0 || random.Below(2) == 0} << (i % 64);
    }
    return signs;
}

inline TernaryUpdate
AnyTrits(uint32_t size, Random& random)
{
    auto trits = TernaryUpdate::Zero(size);
    const auto count = random.Below(3) == 0 ? size - size / 3 : AnyCount(size, random);
    for (const uint32_t i : DrawIndices(size, count, random))
    {
        trits.Set(i, random.Below(2) == 0 ? 1 : -1);
    }
    return trits;
}

inline ValueCode
AnyCode(Random& random)
{
    return static_cast<ValueCode>(random.Below(3));
}

template <typename S>
SparseUpdate<S>
AnySparse(uint32_t size, Random& random)
{
    SparseUpdate<S> sparse{size, {}, {}, AnyCode(random), {}};
    sparse.positions = static_cast<PositionCode>(random.Below(4));
    const uint32_t count = AnyCount(size, random);
    sparse.indices = DrawIndices(size, count, random);
    if (random.Below(4) == 0)
    {
        // All in a heap at the end: a single gap that is longer than many a segment.
        std::iota(sparse.indices.begin(), sparse.indices.end(), size - count);
    }
    for (uint32_t i = 0; i < count; ++i)
    {
        sparse.values.push_back(AnyValue<S>(sparse.code, random));
    }
    return sparse;
}

template <typename S>
QuantisedUpdate<S>
AnyLevels(uint32_t size, Random& random)
{
    const std::vector<uint32_t> steps{1, 2, 3, 4, 7, 8, 127, 128, 255, 65535, 1u << 30, INT32_MAX};
    QuantisedUpdate<S> update;
    update.blocks = AnyBlocks(size, random);
    update.steps = steps[random.Below(static_cast<uint32_t>(steps.size()))];
    update.scales = AnyScales<S>(update.blocks->size(), random);
    update.levels.resize(size);
    update.code = static_cast<LevelCode>(random.Below(2));
    for (const uint32_t i : DrawIndices(size, AnyCount(size, random), random))
    {
        const auto magnitude =
            static_cast<int32_t>(random.Below(4) == 0 ? update.steps : random.Below(update.steps));
        update.levels[i] = random.Below(2) == 0 ? magnitude : -magnitude;
    }
    return update;
}

/**
 * @param type the type
 * @param size number of coordinates
 * @param random draws everything else
 * @return any update of a type
 */
template <typename S>
Update<S>
AnyUpdate(std::size_t type, uint32_t size, Random& random)
{
    switch (type)
    {
    case DENSE:
    {
        DenseUpdate<S> dense{std::vector<S>(size), AnyCode(random)};
        for (auto& value : dense.values)
        {
            value = AnyValue<S>(dense.code, random);
        }
        return dense;
    }
    case SIGN:
        return AnySigns(size, random);
    case TERNARY:
        return AnyTrits(size, random);
    case SPARSE:
        return AnySparse<S>(size, random);
    case SEEDED:
    {
        const uint64_t high = random();
        SeededUpdate<S> seeded{size, high << 32 | random(), {}, AnyCode(random)};
        seeded.values.resize(AnyCount(size, random));
        for (auto& value : seeded.values)
        {
            value = AnyValue<S>(seeded.code, random);
        }
        return seeded;
    }
    case SCALED_SIGN:
    {
        ScaledSignUpdate<S> signs{AnySigns(size, random), AnyBlocks(size, random), {}, {}};
        signs.plus = AnyScales<S>(signs.blocks->size(), random);
        if (random.Below(2) == 0)
        {
            signs.minus = AnyScales<S>(signs.blocks->size(), random);
            std::transform(signs.minus.begin(),
                           signs.minus.end(),
                           signs.minus.begin(),
                           std::negate<S>());
        }
        return signs;
    }
    case SCALED_TERNARY:
    {
        ScaledTernaryUpdate<S> trits{AnyTrits(size, random), AnyBlocks(size, random), {}};
        trits.scales = AnyScales<S>(trits.blocks->size(), random);
        return trits;
    }
    case QUANTISED:
        return AnyLevels<S>(size, random);
    default:
    {
        NaturalUpdate<S> natural{std::vector<S>(size)};
        for (auto& value : natural.values)
        {
            constexpr uint32_t fraction = std::numeric_limits<S>::digits - 1;
            value =
                FromBits<S>(BitsOf(AnyValue<S>(ValueCode::NATIVE, random)) >> fraction << fraction);
        }
        return natural;
    }
    }
}

/** @return what a receiver knows of a message before it arrives */
inline MessageShape
ShapeOf(const EncodedMessage& message)
{
    return {message.dimension, message.blocks};
}

/** @return what is decoded from some segments of a message, taken in the given order */
template <typename S>
ReceivedUpdate<S>
DecodeSome(const EncodedMessage& message, const std::vector<uint32_t>& order)
{
    UpdateAssembler<S> assembler(ShapeOf(message));
    for (const uint32_t i : order)
    {
        EXPECT_EQ(assembler.Add(ViewOf(message, i)), SegmentFault::NONE) << i;
    }
    return assembler.Finish();
}

/** @return the indices of all segments of a message */
inline std::vector<uint32_t>
AllSegments(const EncodedMessage& message)
{
    return UpTo(static_cast<uint32_t>(message.segments.size()));
}

/** @return what identifies a case when a test fails */
inline std::string
NameOf(const EncodedMessage& message)
{
    return "format " + std::to_string(static_cast<uint32_t>(message.format)) + ", " +
           std::to_string(message.dimension) + " coordinates, " +
           std::to_string(message.segments.size()) + " segments";
}

/** Runs a test body on both scalars. */
using Scalars = ::testing::Types<float, double>;

} // namespace fl::test

#endif // FL_CODEC_TEST_HELPERS_H
