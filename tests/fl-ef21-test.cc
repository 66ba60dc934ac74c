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
using test::SegmentLoss;
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

/** @return coordinates that are unheard, or among the `keep` largest of their block */
std::vector<uint32_t>
LargestAndUnheard(const Vector& values,
                  const std::vector<bool>& heard,
                  std::size_t block,
                  std::size_t keep)
{
    std::vector<uint32_t> chosen;
    for (uint32_t i = 0; i < values.size(); ++i)
    {
        const auto begin = values.begin() + i / block * block;
        const auto larger = std::count_if(begin,
                                          begin + block,
                                          [size = std::abs(values[i])](double other)
                                          { return std::abs(other) > size; });
        if (!heard[i] || larger < static_cast<std::ptrdiff_t>(keep))
        {
            chosen.push_back(i);
        }
    }
    return chosen;
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
 * the largest entries of gradient - that and all of which nothing was delivered yet, bit for bit,
 * while uploads are lost altogether and in part; they are dense until anything was delivered.
 */
TEST(FlEf21, Property65TheServerHoldsTheMean)
{
    const auto toy = MakeQuadratic(4, 20);
    for (const std::string more : {"|Scope=global", "|Scope=global|Value=half", ""})
    {
        ToyRun run("ef21[Density=0.15" + more + "]", toy, toy.rate);
        Random random({1, 6}, Purpose::TEST);
        std::vector<Vector> held(4, Vector(20));
        std::vector<std::vector<bool>> heard(4, std::vector<bool>(20));
        uint32_t between = 0; // sparse uploads with something unheard
        for (uint32_t round = 0; round < 200; ++round)
        {
            const auto model = run.Model();
            run.Round(RandomLoss(random, 20));
            Vector sum(20);
            for (uint32_t m = 0; m < 4; ++m)
            {
                const auto& upload = run.uploads.at(m);
                Vector difference(20);
                toy.gradient(m, round, model, difference);
                for (uint32_t i = 0; i < 20; ++i)
                {
                    difference[i] -= held[m][i];
                }
                const auto known = std::count(heard[m].begin(), heard[m].end(), true);
                ASSERT_EQ(std::holds_alternative<DenseUpdate<double>>(upload.sent), known == 0);
                if (known > 0)
                {
                    between += known < 20;
                    const auto& sparse = std::get<SparseUpdate<double>>(upload.sent);
                    // 3 of 20, or 2 of each 10.
                    ASSERT_EQ(sparse.indices,
                              more.empty() ? LargestAndUnheard(difference, heard[m], 10, 2)
                                           : LargestAndUnheard(difference, heard[m], 20, 3));
                    for (std::size_t i = 0; i < sparse.indices.size(); ++i)
                    {
                        ASSERT_EQ(sparse.values[i],
                                  RoundValue(difference[sparse.indices[i]], sparse.code));
                    }
                }
                const auto arrived =
                    upload.received ? ValuesOf(upload.received->update, 20) : Vector(20);
                for (uint32_t i = 0; i < 20; ++i)
                {
                    held[m][i] += arrived[i];
                    sum[i] += held[m][i];
                }
                for (const uint32_t i : ToNumbers(Complement(upload.missing, 20)))
                {
                    heard[m][i] = true;
                }
            }
            ASSERT_LT(MaxDistance(ValuesOf(run.direction, 20), sum), 1e-12);
        }
        EXPECT_GT(between, 0U);
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

/**
 * Of 200 segments 30 % are lost for ever, so that no upload ever arrives whole: after u uploads
 * 200 * 0.3^u segments are expected to be unheard, after 14 of them 1e-5. Then only the largest
 * entries travel, and the optimum is reached.
 */
TEST(FlEf21, ManySegmentsUnderLossEndTheBeginning)
{
    const auto toy = MakeQuadratic(4, 200);
    const double minimum = toy.Minimum(20000);
    ToyRun run("ef21[Density=0.1|Scope=global]", toy, 2 * toy.rate);
    Random random({1, 10}, Purpose::TEST);
    const auto loss = SegmentLoss(random, 200, 200, 0.3);
    for (uint32_t round = 0; round < 6000; ++round)
    {
        run.Round(loss);
        for (const auto& upload : run.uploads)
        {
            ASSERT_FALSE(upload.second.missing.empty());
            const auto* sparse = std::get_if<SparseUpdate<double>>(&upload.second.sent);
            ASSERT_EQ(sparse != nullptr, round > 0);
            ASSERT_TRUE(round < 14 || sparse->indices.size() == 20) << round;
        }
    }
    EXPECT_LT(toy.Loss(run.Model()) / minimum - 1, 1e-12);
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
