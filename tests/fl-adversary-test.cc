/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/fl-adversary.h"
#include "ns3/fl-error.h"
#include "ns3/fl-learning-federation.h"
#include "ns3/fl-pool.h"
#include "ns3/fl-reference-loop.h"

#include <cmath>
#include <cstring>
#include <gtest/gtest.h>

namespace fl
{

namespace
{

/** @return the model after some rounds of training by the reference loop */
std::vector<float>
Train(const std::string& algorithm,
      const std::string& byzantine,
      uint32_t rounds,
      uint32_t workers = 5)
{
    LearningSetup setup;
    setup.algorithm = algorithm;
    setup.objective = "softmax";
    setup.byzantine = byzantine;
    setup.data = MakeDataset("gaussian-mixture[Features=6|Classes=4|Samples=200|TestSamples=50]",
                             setup.runSeed);
    setup.partition = MakePartition("iid", *setup.data.train, workers, setup.runSeed);
    setup.batch = 0;
    setup.learningRate = 0.1;
    Pool pool(1);
    const auto federation = MakeLearningFederation<float>(std::move(setup), pool);
    RunReferenceLoop(*federation, rounds);
    const auto bytes = federation->ModelBytes();
    std::vector<float> model(bytes.size() / sizeof(float));
    std::memcpy(model.data(), bytes.data(), bytes.size());
    return model;
}

} // namespace

/** The share of liars is rounded down, and binary fractions do not cost one of them. */
TEST(FlAdversary, Fractions)
{
    const std::vector<std::tuple<double, uint32_t, uint32_t>> cases{{0, 10, 0},
                                                                    {0.3, 10, 3},
                                                                    {0.29, 10, 2},
                                                                    {0.43, 7, 3},
                                                                    {0.1, 5, 0},
                                                                    {1, 7, 7}};
    for (const auto& [fraction, workers, liars] : cases)
    {
        const auto dishonesty =
            MakeDishonesty("invert[Fraction=" + std::to_string(fraction) + "]", workers);
        for (uint32_t worker = 0; worker < workers; ++worker)
        {
            EXPECT_EQ(dishonesty.Of(worker) != nullptr, worker < liars) << fraction;
        }
    }
    EXPECT_EQ(MakeDishonesty("none", 3).Of(0), nullptr);
    EXPECT_THROW(MakeDishonesty("nice", 3), UserError);
    EXPECT_THROW(MakeDishonesty("invert[Fraction=1.1]", 3), UserError);
}

/** What becomes of an entry: its negative, a multiple, or normal noise that does not know it. */
TEST(FlAdversary, Distortions)
{
    Random draws({1, 1}, Purpose::TEST);
    EXPECT_EQ(MakeDishonesty("invert[Fraction=1]", 1).Of(0)->Distort(0.7, draws), -0.7);
    EXPECT_EQ(MakeDishonesty("rescale[Fraction=1|Factor=-10]", 1).Of(0)->Distort(0.7, draws), -7);
    const auto noise = MakeDishonesty("random[Fraction=1|Deviation=2]", 1);
    double sum = 0;
    double squares = 0;
    constexpr int count = 20000;
    for (int i = 0; i < count; ++i)
    {
        const double value = noise.Of(0)->Distort(1e9, draws);
        sum += value;
        squares += value * value;
    }
    EXPECT_NEAR(sum / count, 0, 4 * 2 / std::sqrt(count));
    EXPECT_NEAR(squares / count, 4, 4 * 4 * std::sqrt(2.0 / count));
}

/** Liars who all invert drive the first step of SGD the other way. */
TEST(FlAdversary, InvertedSteps)
{
    const auto start = Train("sgd", "none", 0);
    const auto honest = Train("sgd", "none", 1);
    const auto inverted = Train("sgd", "invert[Fraction=1]", 1);
    for (std::size_t i = 0; i < start.size(); ++i)
    {
        EXPECT_NEAR(inverted[i] - start[i], start[i] - honest[i], 1e-6);
    }
}

/** Votes know no magnitude: rescaling changes nothing, and two of five inverters are outvoted
 * where the three honest ones agree, property 13. */
TEST(FlAdversary, Property13VotesIgnoreScales)
{
    EXPECT_EQ(Train("signsgd-mv", "rescale[Fraction=0.6|Factor=1000]", 5),
              Train("signsgd-mv", "none", 5));
    EXPECT_NE(Train("sgd", "rescale[Fraction=0.6|Factor=1000]", 5), Train("sgd", "none", 5));
}

/** The same seed lies alike, another run otherwise; with no liar nothing changes. */
TEST(FlAdversary, Determined)
{
    EXPECT_EQ(Train("sgd", "random[Fraction=0.4]", 3), Train("sgd", "random[Fraction=0.4]", 3));
    EXPECT_EQ(Train("sgd", "random[Fraction=0.1]", 3), Train("sgd", "none", 3));
}

} // namespace fl
