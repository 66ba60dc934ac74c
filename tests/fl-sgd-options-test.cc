/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

/** What the baselines can be told: momentum, weight decay, sum or mean, divisor. */

#include "ns3/fl-error.h"

#include "fl-method-rig.h"

#include <gtest/gtest.h>

namespace fl
{

namespace
{

using test::MethodRig;
using test::Vector;

constexpr double BETA = 0.75;
constexpr double LAMBDA = 0.125;
constexpr double RATE = 0.5;

} // namespace

/**
 * The step of PyTorch's documentation of SGD, with dampening 0: g <- g + lambda x, v <- beta v + g,
 * x <- x - rate v. All numbers are exact in binary.
 */
TEST(FlSgd, MomentumAndDecay)
{
    MethodRig rig("sgd[Momentum=0.75|WeightDecay=0.125]", 2, 2, RATE);
    rig.model = {8, -4};
    Vector model = rig.model;
    Vector velocity(2);
    for (int round = 0; round < 5; ++round)
    {
        const double g = round - 1;
        for (int i = 0; i < 2; ++i)
        {
            velocity[i] = BETA * velocity[i] + (i == 0 ? g : 2) + LAMBDA * model[i];
            model[i] -= RATE * velocity[i];
        }
        rig.Round({{g - 1, 3}, {g + 1, 1}});
        ASSERT_EQ(rig.model, model);
    }
}

/** A coordinate of which nothing arrived takes no step: it neither moves nor decays, and v waits.
 */
TEST(FlSgd, LostCoordinatesWait)
{
    MethodRig rig("sgd[Momentum=0.75|WeightDecay=0.125]", 1, 2, RATE);
    rig.model = {8, 8};
    rig.Round({{1, 1}}); // v = 2, x = 7
    ASSERT_EQ(rig.model, (Vector{7, 7}));
    rig.Send(0, {1, 1}, {{1, 2}});
    rig.Close(); // v = 1.5 + 1.875
    EXPECT_EQ(rig.model, (Vector{7 - 3.375 / 2, 7}));
    rig.Send(0, {1, 1}, {{0, 1}});
    rig.Close();
    EXPECT_EQ(rig.model, (Vector{7 - 3.375 / 2, 7 - 3.375 / 2})) << "as if it had not been lost";
}

/** The sum form at a rate is the mean form at that rate times the number of workers, bit for bit.
 */
TEST(FlSgd, SumForm)
{
    for (const std::string method : {"sgd[",
                                     "qsgd[",
                                     "qgd[",
                                     "top-k[Density=0.5|",
                                     "top-k[Density=0.5|ErrorFeedback=false|",
                                     "random-k[Density=0.5|"})
    {
        MethodRig sum(method + "Form=sum]", 4, 6, RATE);
        MethodRig mean(method + "Form=mean]", 4, 6, 4 * RATE);
        MethodRig standard(method.back() == '[' ? method.substr(0, method.size() - 1)
                                                : method.substr(0, method.size() - 1) + "]",
                           4,
                           6,
                           4 * RATE);
        for (uint32_t round = 0; round < 10; ++round)
        {
            std::vector<Vector> gradients;
            for (uint32_t m = 0; m < 4; ++m)
            {
                Random random({1, 1}, Purpose::TEST, m, round);
                gradients.emplace_back();
                for (int i = 0; i < 6; ++i)
                {
                    gradients.back().push_back(random.Normal());
                }
            }
            for (auto* rig : {&sum, &mean, &standard})
            {
                rig->Round(gradients, round);
            }
            ASSERT_EQ(sum.model, mean.model) << method;
            ASSERT_EQ(standard.model, mean.model) << method << ": the mean is the default";
        }
        EXPECT_NE(sum.model, Vector(6));
    }
}

/** Each coordinate over those that sent it: 2, and (4 + 6) / 2; over all it is 1 and 5. */
TEST(FlTopK, Divisors)
{
    for (const bool feedback : {true, false})
    {
        for (const bool senders : {true, false})
        {
            MethodRig rig(std::string("top-k[Density=0.5|ErrorFeedback=") +
                              (feedback ? "true" : "false") +
                              (senders ? "|Divisor=senders]" : "|Divisor=asked]"),
                          2,
                          4,
                          1);
            EXPECT_EQ(rig.Method().Traits().sumSuffices, !senders);
            rig.Round({{2, 4, 0.5, 0}, {0.5, 6, 0, 8}});
            EXPECT_EQ(rig.model, senders ? (Vector{-2, -5, 0, -8}) : (Vector{-1, -5, 0, -4}));
        }
    }
}

/** GD-SEC by the name of its quantised variant. */
TEST(FlGdSec, QuantisedByName)
{
    MethodRig named("qsgd-sec[Xi=0]", 2, 4, RATE);
    MethodRig told("sgd-sec[Xi=0|Levels=255]", 2, 4, RATE);
    for (uint32_t round = 0; round < 5; ++round)
    {
        for (auto* rig : {&named, &told})
        {
            const auto sent = rig->Send(0, {1, -2, 3, -4}, {}, round);
            EXPECT_TRUE(std::holds_alternative<QuantisedUpdate<double>>(sent));
            rig->Close(round);
        }
        EXPECT_EQ(named.model, told.model);
    }
    EXPECT_THROW(MethodRig("qsgd-sec[Levels=0]", 2, 4, RATE), UserError) << "that is sgd-sec";
}

/** With a momentum of 1 nothing would ever fade: refused, with the range. */
TEST(FlSgd, MomentumStaysBelowOne)
{
    for (const std::string method : {"sgd", "signsgd-mv", "s3gd-mv", "dgc"})
    {
        MethodRig(method + "[Momentum=0.999]", 1, 4, RATE);
        try
        {
            MethodRig(method + "[Momentum=1]", 1, 4, RATE);
            ADD_FAILURE() << method;
        }
        catch (const UserError& error)
        {
            EXPECT_NE(std::string(error.what()).find("0 to 0.999999"), std::string::npos)
                << error.what();
        }
    }
}

} // namespace fl
