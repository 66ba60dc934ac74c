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

#include "fl-method-rig.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <functional>
#include <gtest/gtest.h>

namespace fl
{

namespace
{

using test::MethodRig;
using test::Vector;

/**
 * @param change done to the set-up before the training
 * @return the model after some rounds of training by the reference loop
 */
std::vector<float>
Train(
    const std::string& algorithm,
    const std::string& byzantine,
    uint32_t rounds,
    uint32_t workers = 5,
    const std::function<void(LearningSetup&)>& change = [](LearningSetup&) {})
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
    change(setup);
    Pool pool(1);
    const auto federation = MakeLearningFederation<float>(std::move(setup), pool);
    RunReferenceLoop(*federation, rounds);
    const auto bytes = federation->ModelBytes();
    std::vector<float> model(bytes.size() / sizeof(float));
    std::memcpy(model.data(), bytes.data(), bytes.size());
    return model;
}

/** @return the gradients that workers compute of normal noise around a true one, after their lies
 */
std::vector<Vector>
DrawGradients(const Vector& truth, uint32_t workers, const Dishonesty& dishonesty, Random& random)
{
    std::vector<Vector> gradients(workers, truth);
    for (uint32_t worker = 0; worker < workers; ++worker)
    {
        for (double& value : gradients[worker])
        {
            value += random.Normal();
            if (dishonesty.Of(worker))
            {
                value = dishonesty.Of(worker)->Distort(value, random);
            }
        }
    }
    return gradients;
}

/** @return a dishonesty of so many workers */
Dishonesty
MakeLiars(const std::string& name, uint32_t liars, uint32_t workers)
{
    const double fraction = (liars + 0.5) / workers;
    return MakeDishonesty(name + "[Fraction=" + std::to_string(fraction) + "]", workers);
}

/**
 * @param right the probability with which an honest worker has a sign right
 * @param lying the same for a liar
 * @param honest number of honest workers
 * @param liars number of liars, so that there are no ties
 * @return the probability that most signs are wrong, by both binomial distributions
 */
double
WrongVotes(double right, double lying, uint32_t honest, uint32_t liars)
{
    Vector counts{1}; // by number of right signs, its probability
    for (uint32_t worker = 0; worker < honest + liars; ++worker)
    {
        const double p = worker < honest ? right : lying;
        counts.push_back(0);
        for (std::size_t i = counts.size() - 1; i > 0; --i)
        {
            counts[i] = counts[i] * (1 - p) + counts[i - 1] * p;
        }
        counts[0] *= 1 - p;
    }
    return std::accumulate(counts.begin(), counts.begin() + (counts.size() / 2), 0.0);
}

/** @return the probability that a standard normal number is below a value */
double
NormalBelow(double value)
{
    return std::erfc(-value / std::sqrt(2)) / 2;
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

/**
 * The share of wrong votes of 7 workers, 0 to 4 of which lie, against the binomial distributions,
 * within 5 deviations: of inverters a sign is right when it was wrong, of random ones every other
 * time. It grows with the liars, beyond 1/2 with 4 inverters, and falls with the honest workers.
 */
TEST(FlAdversary, Property16WrongVotes)
{
    constexpr uint32_t size = 40000;
    for (const double ratio : {0.2, 0.5, 1.0}) // of signal to noise
    {
        Random random({16, 2}, Purpose::TEST);
        const double right = NormalBelow(ratio);
        const auto measure = [&](const std::string& name, uint32_t liars, uint32_t workers)
        {
            MethodRig rig("signsgd-mv", workers, size, 1);
            rig.Round(DrawGradients(Vector(size, ratio),
                                    workers,
                                    MakeLiars(name, liars, workers),
                                    random));
            const double wrong = std::count(rig.model.begin(), rig.model.end(), 1.0) / double{size};
            const double exact =
                WrongVotes(right, name == "invert" ? 1 - right : 0.5, workers - liars, liars);
            EXPECT_NEAR(wrong, exact, 5 * std::sqrt(exact * (1 - exact) / size))
                << name << " " << liars << " of " << workers << ", ratio " << ratio;
            return wrong;
        };
        for (const std::string name : {"invert", "random"})
        {
            double before = 0;
            for (uint32_t liars = 0; liars <= 4; ++liars)
            {
                const double wrong = measure(name, liars, 7);
                EXPECT_GT(wrong, before);
                EXPECT_EQ(wrong > 0.5, name == "invert" && liars == 4);
                before = wrong;
            }
        }
        double before = 1;
        for (const uint32_t workers : {1, 3, 7, 15})
        {
            const double wrong = measure("invert", 0, workers);
            EXPECT_LT(wrong, before);
            before = wrong;
        }
    }
}

/**
 * The squared length of 1000 numbers from 1 on, all of whose gradients are 27 workers' normal noise
 * around them: as long as inverters are a minority, it falls, the slower the more they are. Each
 * number walks in steps of the rate on its own; the distribution of where it is follows exactly
 * from the binomial distributions, step by step. Means over the numbers are within 5 deviations.
 */
TEST(FlAdversary, InvertersOnAQuadratic)
{
    constexpr uint32_t size = 1000;
    constexpr uint32_t workers = 27;
    constexpr uint32_t rounds = 60;
    constexpr double rate = 0.02;
    double before = 0;
    for (uint32_t liars = 0; liars <= 14; ++liars)
    {
        SCOPED_TRACE(liars);
        const auto place = [&](std::size_t i)
        {
            return 1 + rate * (static_cast<double>(i) - rounds);
        };
        Vector probability(2 * rounds + 1);
        probability[rounds] = 1;
        Random random({3, liars}, Purpose::TEST);
        MethodRig rig("signsgd-mv", workers, size, rate);
        rig.model.assign(size, 1);
        for (uint32_t round = 0; round < rounds; ++round)
        {
            rig.Round(
                DrawGradients(rig.model, workers, MakeLiars("invert", liars, workers), random),
                round);
            Vector next(probability.size());
            for (std::size_t i = 1; i + 1 < next.size(); ++i)
            {
                const double plus = NormalBelow(place(i)); // a worker's sign
                const double up = WrongVotes(plus, 1 - plus, workers - liars, liars);
                next[i + 1] += probability[i] * up;
                next[i - 1] += probability[i] * (1 - up);
            }
            probability = next;
        }
        double mean = 0;
        double square = 0;
        for (std::size_t i = 0; i < probability.size(); ++i)
        {
            mean += probability[i] * std::pow(place(i), 2);
            square += probability[i] * std::pow(place(i), 4);
        }
        const double found = test::SquaredNorm(rig.model) / size;
        EXPECT_NEAR(found, mean, 5 * std::sqrt((square - mean * mean) / size));
        EXPECT_GT(found, before);
        EXPECT_EQ(found < 1, liars <= workers / 2);
        before = found;
    }
}

/** The same seed lies alike, another run otherwise; with no liar nothing changes. */
TEST(FlAdversary, Determined)
{
    EXPECT_EQ(Train("sgd", "random[Fraction=0.4]", 3), Train("sgd", "random[Fraction=0.4]", 3));
    EXPECT_EQ(Train("sgd", "random[Fraction=0.1]", 3), Train("sgd", "none", 3));
}

/** Magnitudes stay, signs are fair coins that do not depend on the truth: within 5 deviations. */
TEST(FlAdversary, RandomSign)
{
    const auto liars = MakeDishonesty("random-sign[Fraction=1]", 1);
    Random random({1, 3}, Purpose::TEST);
    constexpr int draws = 40000;
    int kept = 0;
    for (int i = 0; i < draws; ++i)
    {
        const double truth = i - 100;
        const double said = liars.Of(0)->Distort(truth, random);
        ASSERT_EQ(std::abs(said), std::abs(truth));
        kept += said == truth && truth != 0;
    }
    EXPECT_NEAR(kept, draws / 2, 5 * std::sqrt(draws) / 2);
}

/** What liars learn from flipped labels is what honest workers learn whose labels are flipped. */
TEST(FlAdversary, FlippedLabels)
{
    for (const std::string algorithm : {"sgd", "signsgd-mv", "gd-sec"})
    {
        SCOPED_TRACE(algorithm);
        const auto flip = [](LearningSetup& setup)
        {
            setup.batch = 7;
            auto train = std::make_shared<Dataset>(*setup.data.train);
            for (uint32_t worker = 0; worker < 2; ++worker)
            {
                for (const uint32_t sample : setup.partition[worker])
                {
                    train->labels[sample] = 3 - train->labels[sample];
                }
            }
            setup.data.train = train;
        };
        const auto liars =
            Train(algorithm, "label-flip[Fraction=0.4]", 5, 5, [](auto& s) { s.batch = 7; });
        EXPECT_EQ(liars, Train(algorithm, "none", 5, 5, flip));
        EXPECT_NE(liars, Train(algorithm, "none", 5, 5, [](auto& s) { s.batch = 7; }));
    }
}

/** A mean without the silent ones is the mean of a federation that consists of the others. */
TEST(FlAdversary, SilentWorkersAreNotThere)
{
    const auto withoutTheFirst = [](LearningSetup& setup)
    {
        setup.partition.erase(setup.partition.begin(), setup.partition.begin() + 2);
    };
    EXPECT_EQ(Train("sgd", "silent[Fraction=0.4]", 5), Train("sgd", "none", 5, 5, withoutTheFirst));
    EXPECT_EQ(Train("signsgd-mv", "silent[Fraction=0.4]", 5),
              Train("signsgd-mv", "none", 5, 5, withoutTheFirst));
    // Methods whose workers keep what has not been accepted go on, too.
    for (const std::string algorithm : {"gd-sec", "ef-signsgd", "s3gd-mv", "sasg", "top-k"})
    {
        SCOPED_TRACE(algorithm);
        EXPECT_NE(Train(algorithm, "silent[Fraction=0.4]", 5), Train(algorithm, "none", 5));
    }
}

/** Without a network, too, numbers that leave the range of their type end the run. */
TEST(FlAdversary, OverflowEndsTheRun)
{
    EXPECT_THROW(Train("sgd", "rescale[Factor=1e40|Fraction=1]", 1), UserError);
}

} // namespace fl
