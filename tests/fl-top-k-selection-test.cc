/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/fl-random.h"
#include "ns3/fl-sampled-selection.h"
#include "ns3/fl-top-k-selection.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <gtest/gtest.h>
#include <limits>
#include <numeric>
#include <vector>

namespace fl
{

namespace
{

/** @return what sorting says: larger first, of equal ones the lower index, not a number = infinite
 */
template <typename S>
std::vector<uint32_t>
BySorting(const std::vector<S>& values, uint32_t first, uint32_t count, uint32_t keep)
{
    const auto magnitude = [&](uint32_t i)
    {
        return std::isnan(values[i]) ? std::numeric_limits<S>::infinity() : std::abs(values[i]);
    };
    std::vector<uint32_t> order(count);
    std::iota(order.begin(), order.end(), first);
    std::stable_sort(order.begin(),
                     order.end(),
                     [&](uint32_t a, uint32_t b) { return magnitude(a) > magnitude(b); });
    order.resize(keep);
    std::sort(order.begin(), order.end());
    return order;
}

template <typename S>
void
ExpectSorted(const std::vector<S>& values, uint32_t first, uint32_t count, uint32_t keep)
{
    std::vector<uint32_t> chosen;
    SelectTopK(values, first, count, keep, chosen);
    EXPECT_EQ(chosen, BySorting(values, first, count, keep)) << count << " " << keep;
}

/** Values of all kinds: zeros of both signs, ties, infinities, no numbers, 80 orders of magnitude.
 */
template <typename S>
std::vector<S>
MixedValues(Random& random, uint32_t count)
{
    std::vector<S> values(count);
    for (auto& value : values)
    {
        const uint32_t kind = random.Below(20);
        const double scale = std::pow(10.0, static_cast<int>(random.Below(70)) - 35);
        value = kind == 0   ? S{0}
                : kind == 1 ? -S{0}
                : kind == 2 ? std::numeric_limits<S>::quiet_NaN()
                : kind == 3 ? -std::numeric_limits<S>::infinity()
                : kind < 8  ? static_cast<S>(static_cast<int>(random.Below(5)) - 2)
                            : static_cast<S>(random.Normal() * scale);
    }
    return values;
}

template <typename S>
class FlTopKSelection : public ::testing::Test
{
};

using Scalars = ::testing::Types<float, double>;
TYPED_TEST_SUITE(FlTopKSelection, Scalars, );

/** Property 7: exactly K, ties by the lower index, not a number in front; for every K. */
TYPED_TEST(FlTopKSelection, Property7SameAsSorting)
{
    for (uint32_t seed = 1; seed <= 300; ++seed)
    {
        Random random({seed, 1}, Purpose::TEST);
        const uint32_t first = random.Below(5);
        const uint32_t count = 1 + random.Below(200);
        const auto values = MixedValues<TypeParam>(random, first + count + random.Below(5));
        ExpectSorted(values, first, count, 0);
        ExpectSorted(values, first, count, count);
        ExpectSorted(values, first, count, random.Below(count + 1));
    }
}

/** Long ranges, of which a sample is looked at first. */
TYPED_TEST(FlTopKSelection, LongRanges)
{
    for (uint32_t seed = 1; seed <= 4; ++seed)
    {
        Random random({seed, 2}, Purpose::TEST);
        const auto values = MixedValues<TypeParam>(random, 60000);
        for (const uint32_t keep : {1u, 600u, 30000u, 59999u, 60000u})
        {
            ExpectSorted(values, 0, 60000, keep);
        }
    }
}

/** A range whose large values all, or none of them, stand where the sample looks. */
TYPED_TEST(FlTopKSelection, MisleadingSample)
{
    const uint32_t count = 8192 * 8;
    for (const uint32_t place : {0u, 3u})
    {
        std::vector<TypeParam> values(count);
        for (uint32_t i = 0; i < count; ++i)
        {
            values[i] = static_cast<TypeParam>(i % 8 == place ? 100 + i % 11 : i % 7);
        }
        for (const uint32_t keep : {100u, 8000u, 9000u, 40000u})
        {
            ExpectSorted(values, 0, count, keep);
        }
    }
}

/** What is chosen are the largest, and from 0.8 to 1.3 times as many as wanted. */
TYPED_TEST(FlTopKSelection, SampledThresholdsChooseAboutAsManyOfTheLargest)
{
    uint32_t inexact = 0;
    for (uint32_t seed = 1; seed <= 200; ++seed)
    {
        Random random({seed, 3}, Purpose::TEST);
        const uint32_t first = random.Below(5);
        const uint32_t count = 1000 + random.Below(20000);
        const uint32_t keep = 1 + random.Below(count / 20);
        std::vector<TypeParam> values(first + count + 3, 100);
        for (uint32_t i = first; i < first + count; ++i)
        {
            values[i] = static_cast<TypeParam>(random.Normal());
        }
        Random draws({seed, 4}, Purpose::TEST);
        Random same({seed, 4}, Purpose::TEST);
        std::vector<uint32_t> chosen;
        std::vector<uint32_t> again;
        SelectBySample(values, first, count, keep, 0.01, draws, chosen);
        SelectBySample(values, first, count, keep, 0.01, same, again);
        ASSERT_EQ(chosen, again);
        const auto size = static_cast<uint32_t>(chosen.size());
        ASSERT_GE(size, 0.8 * keep);
        ASSERT_LE(size, 1.3 * keep);
        ASSERT_EQ(chosen, BySorting(values, first, count, size));
        inexact += size != keep;
    }
    EXPECT_GT(inexact, 40U) << "a sample does not tell exactly";
}

/**
 * One of 19 is sampled, 526 or 527 of 10000; for 100 to be kept the threshold is the sixth largest
 * of these. Six large ones stand where only one of the 19 samples finds them.
 */
TYPED_TEST(FlTopKSelection, SampledThresholdsAreLoweredTenTimes)
{
    constexpr uint32_t count = 10000;
    for (const uint32_t more : {0u, 85u, 400u})
    {
        std::vector<TypeParam> values(count, 1);
        for (uint32_t i = 0; i < 6; ++i)
        {
            values[7 + 19 * i] = -1e6;
        }
        // Found by the third lowering, 1e6 * 0.8^3 = 512000.
        for (uint32_t i = 0; i < more; ++i)
        {
            values[1000 + 19 * i] = 520000;
        }
        uint32_t misled = 0;
        for (uint32_t seed = 1; seed <= 200; ++seed)
        {
            Random draws({seed, 5}, Purpose::TEST);
            std::vector<uint32_t> chosen;
            SelectBySample(values, 0, count, 100, 0.05, draws, chosen);
            const uint32_t offset = Random({seed, 5}, Purpose::TEST).Below(19);
            // 1000 = 19 * 52 + 12. A sample of ones leads to a threshold that all reach.
            const uint32_t expected = offset != 7 || more == 400 ? 100 : 6 + more;
            ASSERT_TRUE(chosen.size() == expected || (offset == 12 && more == 85)) << offset;
            misled += offset == 7;
        }
        EXPECT_GT(misled, 1U);
    }
}

/** Short ranges are not sampled. */
TYPED_TEST(FlTopKSelection, ShortRangesAreNotSampled)
{
    Random random({6, 6}, Purpose::TEST);
    const auto values = MixedValues<TypeParam>(random, 100);
    std::vector<uint32_t> chosen;
    SelectBySample(values, 0, 100, 5, 0.01, random, chosen);
    EXPECT_EQ(chosen, BySorting(values, 0, 100, 5)) << "of 40 entries two are above the threshold";
    chosen.clear();
    SelectBySample(values, 0, 100, 40, 1, random, chosen);
    EXPECT_EQ(chosen, BySorting(values, 0, 100, 40)) << "a sample of all";
}

} // namespace

} // namespace fl
