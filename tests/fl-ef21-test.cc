/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/fl-error.h"
#include "ns3/fl-value-code.h"

#include "fl-toy-problems.h"

namespace fl
{

namespace
{

using test::MakeQuadratic;
using test::MaxDistance;
using test::RandomLoss;
using test::Toy;
using test::ToyRun;
using test::ValuesOf;
using test::Vector;

/** @return gap to the minimum of the sum of the losses after some rounds */
double
GapAfter(const std::string& algorithm, const Toy& toy, double rate, uint32_t rounds)
{
    ToyRun run(algorithm, toy, rate);
    for (uint32_t round = 0; round < rounds; ++round)
    {
        run.Round();
    }
    return toy.Loss(run.Model()) - toy.Minimum(20000);
}

} // namespace

/** Sending all entries is gradient descent on the mean. */
TEST(FlEf21, Property65AllEntriesAreGradientDescent)
{
    const auto toy = MakeQuadratic(5, 13);
    ToyRun run("ef21[Density=1]", toy, 5 * toy.rate);
    Vector model(toy.dimension);
    for (uint32_t round = 0; round < 200; ++round)
    {
        const auto sum = toy.SumGradient(model);
        for (uint32_t i = 0; i < model.size(); ++i)
        {
            model[i] -= toy.rate * sum[i];
        }
        run.Round();
        ASSERT_LT(MaxDistance(model, run.Model()), 1e-12);
    }
}

/**
 * The mean of what was delivered of every worker is what the server steps along, and uploads are
 * the largest entries of gradient - that, bit for bit, while uploads are lost altogether and in
 * part; the first is dense until one was complete.
 */
TEST(FlEf21, Property65TheServerHoldsTheMean)
{
    const auto toy = MakeQuadratic(4, 20);
    for (const std::string more : {"|Scope=global", "|Scope=global|Value=half", ""})
    {
        ToyRun run("ef21[Density=0.15" + more + "]", toy, toy.rate);
        Random random({1, 6}, Purpose::TEST);
        std::vector<Vector> held(4, Vector(20));
        std::vector<bool> begun(4);
        for (uint32_t round = 0; round < 200; ++round)
        {
            const auto model = run.Model();
            run.Round(RandomLoss(random, 20));
            Vector sum(20);
            for (uint32_t m = 0; m < 4; ++m)
            {
                const auto& upload = run.uploads.at(m);
                ASSERT_EQ(std::holds_alternative<DenseUpdate<double>>(upload.sent), !begun[m]);
                Vector difference(20);
                toy.gradient(m, round, model, difference);
                for (uint32_t i = 0; i < 20; ++i)
                {
                    difference[i] -= held[m][i];
                }
                const auto sent = ValuesOf(upload.sent, 20);
                if (begun[m])
                {
                    const auto& sparse = std::get<SparseUpdate<double>>(upload.sent);
                    // 3 of 20, or 2 of each 10.
                    ASSERT_EQ(sparse.indices.size(), more.empty() ? 4U : 3U);
                    for (const uint32_t i : sparse.indices)
                    {
                        ASSERT_EQ(sent[i], RoundValue(difference[i], sparse.code));
                    }
                    if (more == "|Scope=global")
                    {
                        Vector sizes;
                        for (const double value : difference)
                        {
                            sizes.push_back(std::abs(value));
                        }
                        std::sort(sizes.rbegin(), sizes.rend());
                        for (const uint32_t i : sparse.indices)
                        {
                            ASSERT_GE(std::abs(difference[i]), sizes[2]);
                        }
                    }
                }
                const auto arrived =
                    upload.received ? ValuesOf(upload.received->update, 20) : Vector(20);
                for (uint32_t i = 0; i < 20; ++i)
                {
                    held[m][i] += arrived[i];
                    sum[i] += held[m][i];
                }
                begun[m] = begun[m] || upload.missing.empty();
            }
            ASSERT_LT(MaxDistance(ValuesOf(run.direction, 20), sum), 1e-12);
        }
    }
}

/**
 * At the step size of the theory, 1 / (L + L~ sqrt(beta / theta)), the Lyapunov function
 * f - f* + rate / (2 theta) * mean ||g_m - gradient_m||^2 never grows.
 */
TEST(FlEf21, Property65TheLyapunovFunctionFalls)
{
    const auto toy = MakeQuadratic(5, 20);
    const double minimum = toy.Minimum(20000) / 5;
    const double a = 0.2;
    const double theta = 1 - std::sqrt(1 - a);
    const double beta = (1 - a) / (1 - std::sqrt(1 - a));
    double squares = 0;
    for (const double constant : toy.smoothness)
    {
        squares += constant * constant / 5;
    }
    const double rate = 1 / (1 / (5 * toy.rate) + std::sqrt(squares * beta / theta));
    ToyRun run("ef21[Density=0.2|Scope=global]", toy, rate);
    std::vector<Vector> held(5, Vector(20));
    double last = std::numeric_limits<double>::infinity();
    for (uint32_t round = 0; round < 500; ++round)
    {
        const auto model = run.Model();
        run.Round();
        double value = toy.Loss(model) / 5 - minimum;
        for (uint32_t m = 0; m < 5; ++m)
        {
            const auto sent = ValuesOf(run.uploads.at(m).sent, 20);
            Vector gradient(20);
            toy.gradient(m, round, model, gradient);
            double error = 0;
            for (uint32_t i = 0; i < 20; ++i)
            {
                held[m][i] += sent[i];
                error += (held[m][i] - gradient[i]) * (held[m][i] - gradient[i]);
            }
            value += rate / (2 * theta) * error / 5;
        }
        ASSERT_LE(value, last + 1e-15);
        last = value;
    }
    EXPECT_LT(last, 0.1);
}

/** On heterogeneous workers top-k with plain error feedback stalls at a floor, EF21 does not. */
TEST(FlEf21, Property66NoFloorWhereErrorFeedbackHasOne)
{
    const auto toy = MakeQuadratic(5, 20);
    const double rate = 5 * toy.rate / 4;
    EXPECT_LT(GapAfter("ef21[Density=0.2|Scope=global]", toy, rate, 8000), 1e-11);
    EXPECT_GT(GapAfter("top-k[Density=0.2|Scope=global]", toy, rate, 8000), 1e-6);
}

/** Lost uploads cost rounds, not accuracy. */
TEST(FlEf21, LossesLeaveNoFloor)
{
    const auto toy = MakeQuadratic(5, 20);
    ToyRun run("ef21[Density=0.2|Value=single]", toy, toy.rate);
    Random random({1, 8}, Purpose::TEST);
    for (uint32_t round = 0; round < 8000; ++round)
    {
        run.Round(round < 200 ? RandomLoss(random, 20) : ToyRun::Loss{});
    }
    EXPECT_LT(toy.Loss(run.Model()) - toy.Minimum(20000), 1e-11);
    EXPECT_TRUE(run.Method().Traits().committed);
}

/** What the user can get wrong. */
TEST(FlEf21, WrongParametersAreRefused)
{
    const auto toy = MakeQuadratic(1, 4);
    for (const std::string text : {"ef21[Density=0]", "ef21[Density=2]", "ef21[Scope=row]"})
    {
        EXPECT_THROW(ToyRun(text, toy, 1), UserError) << text;
    }
}

} // namespace fl
