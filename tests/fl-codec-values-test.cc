/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/fl-coordinate-mean.h"
#include "ns3/fl-update-values.h"

#include "fl-codec-test-helpers.h"

#include <Eigen/Core>
#include <cmath>
#include <gtest/gtest.h>
#include <limits>
#include <map>

namespace fl
{

namespace
{

using namespace test;

/** What an update is worth at one coordinate, from its definition. */
template <typename S>
struct Worth
{
    uint32_t i;

    std::size_t Block(const Blocks& blocks) const
    {
        std::size_t block = 0;
        while ((*blocks)[block] <= i)
        {
            ++block;
        }
        return block;
    }

    S operator()(const DenseUpdate<S>& update) const
    {
        return update.values[i];
    }

    S operator()(const NaturalUpdate<S>& update) const
    {
        return update.values[i];
    }

    S operator()(const SignUpdate& update) const
    {
        return update.Negative(i) ? S{-1} : S{1};
    }

    S operator()(const TernaryUpdate& update) const
    {
        return static_cast<S>(update.At(i));
    }

    S At(const std::vector<uint32_t>& places, const std::vector<S>& values) const
    {
        const auto found = std::find(places.begin(), places.end(), i);
        return found == places.end() ? S{0} : values[found - places.begin()];
    }

    S operator()(const SparseUpdate<S>& update) const
    {
        return At(update.indices, update.values);
    }

    S operator()(const SeededUpdate<S>& update) const
    {
        const auto count = static_cast<uint32_t>(update.values.size());
        return At(DrawPositions(update.seed, update.size, count), update.values);
    }

    S operator()(const ScaledSignUpdate<S>& update) const
    {
        const auto block = Block(update.blocks);
        const S minus = update.minus.empty() ? -update.plus[block] : update.minus[block];
        return update.signs.Negative(i) ? minus : update.plus[block];
    }

    S operator()(const ScaledTernaryUpdate<S>& update) const
    {
        return static_cast<S>(update.trits.At(i)) * update.scales[Block(update.blocks)];
    }

    S operator()(const QuantisedUpdate<S>& update) const
    {
        return update.scales[Block(update.blocks)] * static_cast<S>(update.levels[i]) /
               static_cast<S>(update.steps);
    }
};

/** Any update of finite and moderate numbers, so that they can be added up. */
template <typename S>
Update<S>
Moderate(std::size_t type, uint32_t size, Random& random)
{
    auto update = AnyUpdate<S>(type, size, random);
    const auto tame = [&](std::vector<S>& values)
    {
        for (auto& value : values)
        {
            value = static_cast<S>(random.Below(2001)) - 1000;
        }
    };
    if (auto* dense = std::get_if<DenseUpdate<S>>(&update))
    {
        tame(dense->values);
    }
    else if (auto* natural = std::get_if<NaturalUpdate<S>>(&update))
    {
        std::fill(natural->values.begin(), natural->values.end(), S{-4});
    }
    else if (auto* sparse = std::get_if<SparseUpdate<S>>(&update))
    {
        tame(sparse->values);
    }
    else if (auto* seeded = std::get_if<SeededUpdate<S>>(&update))
    {
        tame(seeded->values);
    }
    return update;
}

template <typename S>
class FlCodecValuesOf : public ::testing::Test
{
};

TYPED_TEST_SUITE(FlCodecValuesOf, Scalars);

} // namespace

/**
 * Every type, with losses: each coordinate that arrived has its value, visited once and in order,
 * or is 0; what is missing is not visited.
 */
TYPED_TEST(FlCodecValuesOf, EveryValueThatArrivedIsVisited)
{
    using S = TypeParam;
    for (std::size_t type = 0; type < TYPES; ++type)
    {
        for (uint32_t seed = 1; seed <= 20; ++seed)
        {
            Random random({seed, 1}, Purpose::TEST, static_cast<uint32_t>(type));
            const uint32_t size = 1 + random.Below(300);
            const auto update = Moderate<S>(type, size, random);
            const auto message = Encode(update, 24 + random.Below(60));
            std::vector<uint32_t> kept;
            for (const uint32_t i : AllSegments(message))
            {
                if (random.Below(4) > 0)
                {
                    kept.push_back(i);
                }
            }
            const auto received = DecodeSome<S>(message, kept);
            std::map<uint32_t, S> visited;
            ForEachValue(received.update,
                         received.missing,
                         [&](uint32_t i, S value)
                         {
                             ASSERT_TRUE(visited.empty() || visited.rbegin()->first < i);
                             visited[i] = value;
                         });
            for (const auto& range : received.missing)
            {
                const auto next = visited.lower_bound(range.first);
                ASSERT_TRUE(next == visited.end() || next->first >= range.end);
            }
            for (const auto& range : Complement(received.missing, size))
            {
                for (uint32_t i = range.first; i < range.end; ++i)
                {
                    const auto found = visited.find(i);
                    const S expected = std::visit(Worth<S>{i}, update);
                    ASSERT_EQ(found == visited.end() ? S{0} : found->second, expected)
                        << NameOf(message) << ", " << i;
                }
            }
        }
    }
}

/** The mean of one complete update is the update; one that lost a coordinate does not count there.
 */
TYPED_TEST(FlCodecValuesOf, MeansTakeEveryType)
{
    using S = TypeParam;
    constexpr uint32_t size = 100;
    for (std::size_t type = 0; type < TYPES; ++type)
    {
        Random random({1, 2}, Purpose::TEST, static_cast<uint32_t>(type));
        const auto update = Moderate<S>(type, size, random);
        CoordinateMean<S> mean(size);
        mean.Add({update, {}});
        mean.Add({update, {{10, 20}}});
        mean.Add({DenseUpdate<S>{std::vector<S>(size)}, {}});
        const auto values = mean.Take();
        for (uint32_t i = 0; i < size; ++i)
        {
            const S worth = std::visit(Worth<S>{i}, update);
            const bool lost = i >= 10 && i < 20;
            ASSERT_EQ(values[i], lost ? worth / 2 : (worth + worth) / 3) << type << ", " << i;
        }
    }
}

/** All 65536 of them, against Eigen's. */
TEST(FlCodecValues, EveryHalfComesBack)
{
    for (uint32_t bits = 0; bits < 1u << 16; ++bits)
    {
        const auto half = static_cast<uint16_t>(bits);
        const float value = FromHalf(half);
        const auto other = static_cast<float>(Eigen::numext::bit_cast<Eigen::half>(half));
        if (std::isnan(other))
        {
            ASSERT_TRUE(std::isnan(value));
            ASSERT_TRUE(std::isnan(FromHalf(ToHalf(value))));
            continue;
        }
        ASSERT_EQ(BitsOf(value), BitsOf(other));
        ASSERT_EQ(ToHalf(value), half);
    }
}

/** Random numbers and all middles between two neighbours, against Eigen's rounding of floats. */
TEST(FlCodecValues, HalvesAreRoundedToNearestEven)
{
    Random random({1, 1}, Purpose::TEST);
    for (uint32_t i = 0; i < 300000; ++i)
    {
        // Every exponent that a binary16 has, and some on each side.
        const uint32_t exponent = 127 - 28 + random.Below(47);
        const auto value = FromBits<float>((random() & 0x807fffff) | exponent << 23);
        const auto other = static_cast<float>(Eigen::half(value));
        ASSERT_EQ(BitsOf(FromHalf(ToHalf(value))), BitsOf(other)) << value;
    }
    for (uint32_t half = 0; half < 0x7bff; ++half)
    {
        const double low = FromHalf(static_cast<uint16_t>(half));
        const double high = FromHalf(static_cast<uint16_t>(half + 1));
        const double middle = (low + high) / 2;
        ASSERT_EQ(ToHalf(middle), half + half % 2);
        // A double just beside the middle, which a float on the way would round to the middle.
        ASSERT_EQ(ToHalf(std::nextafter(middle, 1e9)), half + 1);
        ASSERT_EQ(ToHalf(std::nextafter(middle, 0)), half);
        ASSERT_EQ(ToHalf(-middle), 0x8000 + half + half % 2);
    }
}

TEST(FlCodecValues, ValuesAreRoundedToWhatTravels)
{
    constexpr double infinity = std::numeric_limits<double>::infinity();
    constexpr double largest = std::numeric_limits<float>::max();
    EXPECT_EQ(RoundValue(0.1, ValueCode::NATIVE), 0.1);
    EXPECT_EQ(RoundValue(0.1, ValueCode::SINGLE), static_cast<double>(0.1F));
    EXPECT_EQ(RoundValue(0.1F, ValueCode::SINGLE), 0.1F);
    EXPECT_EQ(RoundValue(1e300, ValueCode::SINGLE), largest);
    EXPECT_EQ(RoundValue(-1e300, ValueCode::SINGLE), -largest);
    EXPECT_EQ(RoundValue(65504.0, ValueCode::HALF), 65504);
    EXPECT_EQ(RoundValue(65519.0, ValueCode::HALF), 65504);
    EXPECT_EQ(RoundValue(65520.0, ValueCode::HALF), 65504);
    EXPECT_EQ(RoundValue(-1e30F, ValueCode::HALF), -65504);
    EXPECT_EQ(RoundValue(1e-9, ValueCode::HALF), 0);
    EXPECT_TRUE(std::signbit(RoundValue(-1e-9F, ValueCode::HALF)));
    for (const auto code : {ValueCode::SINGLE, ValueCode::HALF})
    {
        EXPECT_EQ(RoundValue(infinity, code), infinity);
        EXPECT_EQ(RoundValue(-infinity, code), -infinity);
        EXPECT_TRUE(std::isnan(RoundValue(std::nan(""), code)));
    }
}

/** Ascending places within bounds, the same for the same seed, others for another. */
TEST(FlCodecValues, Property68PlacesAreDrawnWithoutReplacement)
{
    for (const uint32_t size : {1u, 2u, 63u, 64u, 65u, 1000u})
    {
        for (const uint32_t count : {0u, 1u, size / 2, size - 1, size})
        {
            const auto places = DrawPositions(17, size, count);
            ASSERT_EQ(places.size(), count);
            for (std::size_t i = 0; i < places.size(); ++i)
            {
                ASSERT_LT(places[i], size);
                ASSERT_TRUE(i == 0 || places[i - 1] < places[i]);
            }
            ASSERT_EQ(DrawPositions(17, size, count), places);
        }
    }
    EXPECT_NE(DrawPositions(17, 1000, 10), DrawPositions(18, 1000, 10));
    EXPECT_NE(DrawPositions(17, 1000, 10), DrawPositions(17 + (uint64_t{1} << 32), 1000, 10));
}

/** All ten pairs out of five come equally often: chi square of 9 degrees, 0.1 % quantile 27.9. */
TEST(FlCodecValues, Property68AllSetsOfPlacesAreEquallyLikely)
{
    std::map<std::vector<uint32_t>, uint32_t> counts;
    constexpr uint32_t draws = 20000;
    for (uint32_t seed = 0; seed < draws; ++seed)
    {
        ++counts[DrawPositions(seed, 5, 2)];
    }
    ASSERT_EQ(counts.size(), 10U);
    double chiSquare = 0;
    for (const auto& [places, count] : counts)
    {
        chiSquare += std::pow(count - draws / 10.0, 2) / (draws / 10.0);
    }
    EXPECT_LT(chiSquare, 27.9);
}

} // namespace fl
