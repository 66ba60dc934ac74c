/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/fl-local-sgd.h"

#include "ns3/fl-error.h"

#include "fl-method-rig.h"

#include <algorithm>
#include <gtest/gtest.h>

namespace fl
{

namespace
{

using test::DrawNormal;
using test::GradientOf;
using test::MakeMethodSetup;
using test::MethodContext;
using test::MethodRig;
using test::Minus;
using test::Vector;

/** @return a gradient that differs by worker and step: x - target of the worker + step */
GradientOf
Towards(const Vector& target)
{
    return [target](const Vector& model, uint32_t step)
    {
        auto gradient = Minus(model, target);
        for (auto& value : gradient)
        {
            value += step;
        }
        return gradient;
    };
}

/** A round of an algorithm in which worker w has the gradient of its own target. */
void
RunRound(MethodRig& rig, const std::vector<Vector>& targets, uint32_t round)
{
    for (uint32_t worker = 0; worker < targets.size(); ++worker)
    {
        rig.Server().Accept({worker,
                             0,
                             rig.SamplesOf(worker),
                             {rig.Compute(worker, Towards(targets[worker]), round), {}}});
    }
    rig.Close(round);
}

/** @return some vectors */
std::vector<Vector>
DrawTargets(uint32_t count, uint32_t size)
{
    Random random({55, 1}, Purpose::TEST);
    std::vector<Vector> targets;
    for (uint32_t i = 0; i < count; ++i)
    {
        targets.push_back(DrawNormal(size, random));
    }
    return targets;
}

} // namespace

/** One epoch of one full batch and equal numbers of samples: gradient descent on the mean (55). */
TEST(FlFedAvg, Property55OneFullStepIsGradientDescent)
{
    auto setup = MakeMethodSetup(4, 20, 0.1);
    setup.batch = 0;
    MethodRig average("fedavg[Epochs=1]", setup);
    MethodRig descent("sgd", setup);
    const auto targets = DrawTargets(4, 20);
    for (uint32_t round = 0; round < 30; ++round)
    {
        RunRound(average, targets, round);
        RunRound(descent, targets, round);
        for (uint32_t i = 0; i < 20; ++i)
        {
            ASSERT_NEAR(average.model[i], descent.model[i], 1e-12);
        }
    }
}

/** Weight 0 is FedAvg, bit for bit; a very large one leaves the model where it is (56). */
TEST(FlFedProx, Property56BetweenFedAvgAndNothing)
{
    auto setup = MakeMethodSetup(3, 20, 0.1);
    setup.localSteps = 5;
    MethodRig average("fedavg", setup);
    MethodRig none("fedprox[Mu=0]", setup);
    MethodRig some("fedprox[Mu=1]", setup);
    MethodRig much("fedprox[Mu=1e15]", setup);
    const auto targets = DrawTargets(3, 20);
    for (uint32_t round = 0; round < 10; ++round)
    {
        for (auto* rig : {&average, &none, &some, &much})
        {
            RunRound(*rig, targets, round);
        }
        ASSERT_EQ(none.model, average.model);
        ASSERT_NE(some.model, average.model);
        for (const double value : much.model)
        {
            ASSERT_NEAR(value, 0, 1e-11);
        }
    }
}

/** By hand: w = 8, gradient w, rate 0.5, mu = 2: 4 -> 8 - 4/2 = 6, then 3 -> 8 - 5/2 = 5.5. */
TEST(FlFedProx, StepsByHand)
{
    auto setup = MakeMethodSetup(1, 1, 0.5);
    setup.localSteps = 2;
    MethodRig rig("fedprox[Mu=2]", setup);
    rig.model = {8};
    rig.Server().Accept(
        {0, 0, 1, {rig.Compute(0, [](const Vector& model, uint32_t) { return model; }), {}}});
    rig.Close();
    EXPECT_EQ(rig.model, (Vector{5.5}));
}

/** Changes 4 and 8 of workers with 30 and 10 samples: 5 where both arrived, else the one (57). */
TEST(FlFedAvg, Property57WeightsAreSamplesOfThoseHeard)
{
    auto setup = MakeMethodSetup(2, 3, 1);
    setup.samples = {30, 10};
    MethodRig rig("fedavg", setup);
    rig.Send(0, {4, 4, 4}, {{1, 3}});
    rig.Send(1, {8, 8, 8}, {{2, 3}});
    rig.Close();
    EXPECT_EQ(rig.model, (Vector{-5, -8, 0}));
    rig.Close();
    EXPECT_EQ(rig.model, (Vector{-5, -8, 0})) << "a round that heard nobody moves nothing";
}

/** Steps are the setup's, or those of so many epochs; the work is declared accordingly. */
TEST(FlFedAvg, EpochsOverrideLocalSteps)
{
    auto setup = MakeMethodSetup(1, 7, 1);
    setup.localSteps = 3;
    const auto workOf = [&](const std::string& text, uint64_t samples, uint32_t batch)
    {
        setup.batch = batch;
        return MakeAlgorithm<double>(text, setup)
            ->MakeWorker({0, samples})
            ->DeclareWork(MethodContext(Vector(7), {}));
    };
    EXPECT_EQ(workOf("fedavg", 100, 10).localSteps, 3U);
    EXPECT_EQ(workOf("fedavg", 100, 10).samples, 30U);
    EXPECT_EQ(workOf("fedavg[Epochs=2]", 95, 10).localSteps, 20U);
    EXPECT_EQ(workOf("fedavg[Epochs=2]", 95, 10).gradientEvaluations, 20U);
    EXPECT_EQ(workOf("fedavg[Epochs=5]", 95, 0).localSteps, 5U);
    EXPECT_EQ(workOf("fedavg[Epochs=5]", 95, 0).samples, 475U);
    EXPECT_EQ(workOf("fedprox[Epochs=1]", 5, 10).localSteps, 1U);
    EXPECT_EQ(workOf("fedavg", 100, 10).encodedCoordinates, 7U);
}

/** A step size of its own: 0.25 in place of 1. */
TEST(FlFedAvg, LocalRate)
{
    MethodRig rig("fedavg[LocalRate=0.25]", 1, 1, 1);
    rig.Round({{8}});
    EXPECT_EQ(rig.model, (Vector{-2}));
}

/** A share of the candidates, at least one, evenly and anew each round; the same in each run. */
TEST(FlFedAvg, AFractionIsDrawn)
{
    std::vector<uint32_t> candidates;
    for (uint32_t i = 0; i < 20; ++i)
    {
        candidates.push_back(3 * i);
    }
    MethodRig rig("fedavg[Fraction=0.25]", 60, 1, 1);
    MethodRig again("fedavg[Fraction=0.25]", 60, 1, 1);
    std::vector<uint32_t> counts(60);
    for (uint32_t round = 0; round < 2000; ++round)
    {
        const auto selected = rig.Server().Select(round, 0, candidates);
        ASSERT_EQ(selected.size(), 5U);
        ASSERT_TRUE(std::is_sorted(selected.begin(), selected.end()));
        ASSERT_EQ(selected, again.Server().Select(round, 0, candidates));
        for (const uint32_t worker : selected)
        {
            ++counts[worker];
        }
    }
    for (const uint32_t worker : candidates)
    {
        EXPECT_NEAR(counts[worker], 500, 5 * std::sqrt(2000 * 0.25 * 0.75));
    }
    MethodRig few("fedavg[Fraction=0]", 60, 1, 1);
    EXPECT_EQ(few.Server().Select(0, 0, candidates).size(), 1U);
    EXPECT_TRUE(few.Server().Select(0, 0, {}).empty());
    MethodRig all("fedavg", 60, 1, 1);
    EXPECT_EQ(all.Server().Select(0, 0, candidates), candidates);
}

} // namespace fl
