/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/fl-error.h"

#include "fl-method-rig.h"

#include <algorithm>
#include <gtest/gtest.h>
#include <limits>

namespace fl
{

namespace
{

using test::DrawNormal;
using test::MethodRig;
using test::Minus;
using test::SquaredNorm;
using test::Times;
using test::Vector;

} // namespace

/** By hand, with what was lost left out: an odd number, an even one, one alone, none. */
TEST(FlCoordinateMedian, ByHand)
{
    MethodRig rig("coordinate-median", 3, 4, 1);
    rig.Send(0, {1, 1, 1, 1}, {{3, 4}});
    rig.Send(1, {-9, -9, -9, -9}, {{1, 4}});
    rig.Send(2, {5, 5, 5, 5}, {{2, 4}});
    rig.Close();
    EXPECT_EQ(rig.model, (Vector{-1, -3, -1, 0}));
    rig.Close();
    EXPECT_EQ(rig.model, (Vector{-1, -3, -1, 0})) << "nothing is left behind";
}

/** Of ten a fifth is dropped at each end: the mean of 3 to 8; nothing dropped is the mean. */
TEST(FlTrimmedMean, ByHand)
{
    std::vector<Vector> gradients;
    for (int i = 0; i < 10; ++i)
    {
        gradients.push_back({i == 9 ? 1000.0 : i + 1.0});
    }
    std::rotate(gradients.begin(), gradients.begin() + 7, gradients.end());
    MethodRig rig("trimmed-mean", 10, 1, 1);
    rig.Round(gradients);
    EXPECT_EQ(rig.model[0], -5.5);
    MethodRig none("trimmed-mean[Share=0]", 10, 1, 1);
    none.Round(gradients);
    EXPECT_EQ(none.model[0], -104.5);
    MethodRig median("trimmed-mean[Share=0.5]", 10, 1, 1);
    median.Round(gradients);
    EXPECT_EQ(median.model[0], -5.5);
    // A quarter of 10 are 2: 4, 8, ..., 128 stay.
    MethodRig quarter("trimmed-mean[Share=0.25]", 10, 1, 1);
    for (uint32_t worker = 0; worker < 10; ++worker)
    {
        gradients[worker][0] = std::ldexp(1, worker);
    }
    quarter.Round(gradients);
    EXPECT_EQ(quarter.model[0], -252.0 / 6);
}

/** What is not a number is the largest, so that trimming drops it. */
TEST(FlTrimmedMean, DropsWhatIsNoNumber)
{
    const double nan = std::nan("");
    for (const std::string text : {"trimmed-mean[Share=0.4]", "coordinate-median"})
    {
        MethodRig rig(text, 5, 1, 1);
        rig.Round({{nan}, {1}, {nan}, {2}, {3}});
        EXPECT_EQ(rig.model[0], -3) << text;
    }
}

/** Two far away of seven are left out, and the mean is that of the five, added in their order. */
TEST(FlMultiKrum, DropsThoseFarAway)
{
    Random random({21, 1}, Purpose::TEST);
    MethodRig rig("multi-krum[Faulty=2]", 7, 30, 1);
    MethodRig honest("sgd", 5, 30, 1);
    std::vector<Vector> good;
    for (int worker = 0; worker < 5; ++worker)
    {
        good.push_back(DrawNormal(30, random, 1));
    }
    auto all = good;
    all.insert(all.begin() + 1, Times(DrawNormal(30, random), 100));
    all.insert(all.begin() + 4, Vector(30, std::numeric_limits<double>::infinity()));
    rig.Round(all);
    honest.Round(good);
    EXPECT_EQ(rig.model, honest.model);
}

/**
 * Krum in one dimension, 5 workers, f = 1, two nearest: of 0, 1, 2, 4, 100 the scores are 5, 2, 5,
 * 13, 18820: 1 is chosen. With m = 2 the mean of 0 and 1, the lower worker of equal scores.
 */
TEST(FlMultiKrum, ScoresByHand)
{
    const std::vector<Vector> gradients{{0}, {1}, {2}, {4}, {100}};
    MethodRig one("multi-krum[Averaged=1]", 5, 1, 1);
    one.Round(gradients);
    EXPECT_EQ(one.model[0], -1);
    MethodRig two("multi-krum[Averaged=2]", 5, 1, 1);
    two.Round(gradients);
    EXPECT_EQ(two.model[0], -0.5);
}

/** Distances are compared where both arrived: half a vector of ones is as near as a whole one. */
TEST(FlMultiKrum, LostCoordinatesAreNotCompared)
{
    MethodRig rig("multi-krum[Faulty=1]", 5, 4, 1);
    rig.Send(0, {1, 1, 1, 1}, {{0, 2}});
    rig.Send(1, {1, 1, 1, 1});
    rig.Send(2, {3, 3, 3, 3});
    rig.Send(3, {2, 2, 2, 2}, {{3, 4}});
    rig.Send(4, {90, 1, 1, 1});
    rig.Close();
    EXPECT_EQ(rig.model, (Vector{-2, -2, -1.75, Minus({0}, {5.0 / 3})[0]}));
    rig.Close();
    rig.Send(3, {1, 1, 1, 1});
    rig.Close();
    EXPECT_EQ(rig.model[0], -3) << "one that is heard alone is taken";
}

/**
 * A distance of one coordinate counts as one of all four: of 0 to 4 the scores are 20, 8, 8, 8, 20
 * although of the 0 only a quarter arrived.
 */
TEST(FlMultiKrum, DistancesOfPartsAreScaledUp)
{
    MethodRig rig("multi-krum[Averaged=1]", 5, 4, 1);
    rig.Send(0, Vector(4, 0), {{1, 4}});
    for (uint32_t worker = 1; worker < 5; ++worker)
    {
        rig.Send(worker, Vector(4, worker));
    }
    rig.Close();
    EXPECT_EQ(rig.model, Vector(4, -1));
}

TEST(FlMultiKrum, ImpossibleNumbersAreRefused)
{
    EXPECT_THROW(MethodRig("multi-krum[Faulty=2]", 6, 1, 1), UserError);
    EXPECT_THROW(MethodRig("multi-krum[Faulty=1|Averaged=5]", 5, 1, 1), UserError);
    MethodRig("multi-krum[Faulty=2]", 7, 1, 1);
}

/** Two of seven send ten times the opposite: the mean diverges, robust means find the minimum. */
TEST(FlRobust, AMinorityOfInvertersIsPowerless)
{
    const auto distanceOf = [](const std::string& text)
    {
        Random random({22, 1}, Purpose::TEST);
        MethodRig rig(text, 7, 20, 0.05);
        rig.model = DrawNormal(20, random);
        for (uint32_t round = 0; round < 300; ++round)
        {
            std::vector<Vector> gradients;
            for (int worker = 0; worker < 7; ++worker)
            {
                auto gradient = Times(DrawNormal(20, random), 0.01);
                gradient = Minus(rig.model, gradient);
                gradients.push_back(worker < 2 ? Times(gradient, -10) : gradient);
            }
            rig.Round(gradients, round);
        }
        return SquaredNorm(rig.model);
    };
    EXPECT_GT(distanceOf("sgd"), 1e6);
    EXPECT_LT(distanceOf("multi-krum[Faulty=2]"), 0.01);
    EXPECT_LT(distanceOf("coordinate-median"), 0.01);
    EXPECT_LT(distanceOf("trimmed-mean[Share=0.3]"), 0.01);
}

} // namespace fl
