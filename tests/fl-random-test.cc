/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/fl-random.h"

#include <cmath>
#include <gtest/gtest.h>
#include <map>
#include <set>

namespace fl
{

namespace
{

/** Mean and variance of some draws. */
struct Moments
{
    double mean;
    double variance;
};

constexpr uint32_t STREAMS = 2000; ///< streams of a moment test, each with a seed of its own
constexpr uint32_t DRAWS = 100;    ///< draws from each

/** Draws over many seeds. */
template <typename Draw>
Moments
MomentsOf(Draw draw)
{
    double sum = 0;
    double squares = 0;
    for (uint32_t seed = 1; seed <= STREAMS; ++seed)
    {
        Random random({seed, 1}, Purpose::TEST);
        for (uint32_t i = 0; i < DRAWS; ++i)
        {
            const double x = draw(random);
            sum += x;
            squares += x * x;
        }
    }
    constexpr double count = STREAMS * DRAWS;
    return {sum / count, squares / count - sum / count * sum / count};
}

/** Checks both moments to five standard errors; kurtosis is that of the distribution. */
void
ExpectMoments(const Moments& found, double mean, double variance, double kurtosis)
{
    constexpr double count = STREAMS * DRAWS;
    EXPECT_NEAR(found.mean, mean, 5 * std::sqrt(variance / count));
    EXPECT_NEAR(found.variance, variance, 5 * variance * std::sqrt((kurtosis - 1) / count));
}

} // namespace

/** The vectors of philox4x32-10 in the known-answer file of the Random123 library. */
TEST(FlRandom, PhiloxKnownAnswers)
{
    using Words = std::array<uint32_t, 4>;
    EXPECT_EQ(Random::Block({0, 0, 0, 0}, {0, 0}),
              (Words{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}));
    constexpr uint32_t ones = 0xffffffff;
    EXPECT_EQ(Random::Block({ones, ones, ones, ones}, {ones, ones}),
              (Words{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}));
    EXPECT_EQ(
        Random::Block({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0}),
        (Words{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}));
}

TEST(FlRandom, EqualKeysGiveEqualStreams)
{
    Random a({7, 3}, Purpose::BATCH, 5, 9);
    Random b({7, 3}, Purpose::BATCH, 5, 9);
    for (int i = 0; i < 1000; ++i)
    {
        ASSERT_EQ(a(), b());
    }
}

/** No two of many streams that differ in one part of the key share a block of numbers. */
TEST(FlRandom, EveryPartOfTheKeyOpensAnotherStream)
{
    std::vector<Random> streams;
    for (uint32_t i = 1; i <= 10; ++i)
    {
        streams.emplace_back(RunSeed{100 + i, 1}, Purpose::TEST);
        streams.emplace_back(RunSeed{1, 100 + i}, Purpose::TEST);
        streams.emplace_back(RunSeed{1, (uint64_t{1} << 32) + i}, Purpose::TEST);
        streams.emplace_back(RunSeed{1, 1}, static_cast<Purpose>(i));
        streams.emplace_back(RunSeed{1, 1}, Purpose::TEST, i, 0);
        streams.emplace_back(RunSeed{1, 1}, Purpose::TEST, 0, i);
    }
    std::set<uint64_t> pairs;
    constexpr std::size_t length = 100;
    for (auto& stream : streams)
    {
        for (std::size_t i = 0; i < length; ++i)
        {
            const uint64_t high = stream();
            pairs.insert(high << 32 | stream());
        }
    }
    EXPECT_EQ(pairs.size(), streams.size() * length);
}

/** Neighbouring streams are uncorrelated: the coefficient stays within five standard errors. */
TEST(FlRandom, NeighbouringStreamsAreUncorrelated)
{
    constexpr int count = 100000;
    Random a({1, 1}, Purpose::TEST, 0);
    Random b({1, 1}, Purpose::TEST, 1);
    double sum = 0;
    for (int i = 0; i < count; ++i)
    {
        sum += (a.Uniform() - 0.5) * (b.Uniform() - 0.5) * 12;
    }
    EXPECT_NEAR(sum / count, 0, 5 / std::sqrt(count));
}

TEST(FlRandom, Moments)
{
    ExpectMoments(MomentsOf([](Random& r) { return r.Uniform(); }), 0.5, 1.0 / 12, 1.8);
    ExpectMoments(MomentsOf([](Random& r) { return r.Normal(); }), 0, 1, 3);
    ExpectMoments(MomentsOf([](Random& r) { return r.Exponential(2.5); }), 2.5, 6.25, 9);
    for (const double shape : {0.1, 0.5, 1.0, 4.0})
    {
        SCOPED_TRACE(shape);
        ExpectMoments(MomentsOf([shape](Random& r) { return r.Gamma(shape); }),
                      shape,
                      shape,
                      3 + 6 / shape);
    }
    constexpr double sides = 6;
    ExpectMoments(MomentsOf([](Random& r) { return r.Below(6); }),
                  (sides - 1) / 2,
                  (sides * sides - 1) / 12,
                  1.8);
}

TEST(FlRandom, UniformStaysBelowOne)
{
    Random random({1, 1}, Purpose::TEST);
    for (int i = 0; i < 100000; ++i)
    {
        const double x = random.Uniform();
        ASSERT_GE(x, 0);
        ASSERT_LT(x, 1);
    }
}

TEST(FlRandom, BelowOneIsZero)
{
    Random random({1, 1}, Purpose::TEST);
    EXPECT_EQ(random.Below(1), 0U);
}

/** Each of the 24 orders of four values is equally likely, by a chi-square test. */
TEST(FlRandom, ShuffleIsEven)
{
    constexpr int count = 24000;
    std::map<std::vector<uint32_t>, int> seen;
    Random random({1, 1}, Purpose::TEST);
    for (int i = 0; i < count; ++i)
    {
        std::vector<uint32_t> values{0, 1, 2, 3};
        random.Shuffle(values);
        ++seen[values];
    }
    ASSERT_EQ(seen.size(), 24U);
    double chiSquare = 0;
    for (const auto& [order, times] : seen)
    {
        chiSquare += std::pow(times - count / 24.0, 2) / (count / 24.0);
    }
    EXPECT_LT(chiSquare, 49.7); // 23 degrees of freedom, exceeded once in a thousand
}

} // namespace fl
