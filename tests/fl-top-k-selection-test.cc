/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/fl-random.h"
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

} // namespace

} // namespace fl
