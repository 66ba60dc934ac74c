/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

/** Step sizes that change: schedules by hand, and methods against loops that know nothing of them.
 */

#include "ns3/fl-learning-rate.h"

#include "ns3/fl-error.h"

#include "fl-toy-problems.h"

#include <cmath>
#include <functional>
#include <gtest/gtest.h>

namespace fl
{

namespace
{

using test::MakeLogistic;
using test::Toy;
using test::ToyRun;
using test::ValuesOf;
using test::Vector;

constexpr uint32_t WORKERS = 3;
constexpr uint32_t DIMENSION = 8;
constexpr uint32_t ROUNDS = 60;
constexpr double INITIAL = 0.3;
const LearningRate RATE(INITIAL, "step[At=20-40|Factor=0.5]");

/** @return the rate of a round, by hand */
double
RateOf(uint32_t round)
{
    return round < 20 ? INITIAL : round < 40 ? INITIAL / 2 : INITIAL / 4;
}

Vector
GradientOf(const Toy& toy, uint32_t worker, uint32_t round, const Vector& model)
{
    Vector gradient(DIMENSION);
    toy.gradient(worker, round, model, gradient);
    return gradient;
}

double
SquaredChange(const std::vector<Vector>& models, uint32_t version)
{
    double squares = 0;
    for (uint32_t i = 0; i < DIMENSION; ++i)
    {
        squares += std::pow(models[version][i] - models[version - 1][i], 2);
    }
    return squares;
}

/** What a worker does in a round: given its gradient, changes its part of the step. */
using Rule = std::function<
    bool(uint32_t worker, uint32_t round, const std::vector<Vector>& models, Vector& held)>;

/**
 * Runs a method of differences beside a loop of its own, x <- x - rate * sum of what is held, and
 * compares who uploads and the model.
 * @return uploads by third of the run
 */
std::vector<uint32_t>
ExpectSame(const std::string& method, const Toy& toy, const Rule& uploads)
{
    ToyRun run(method, toy, RATE);
    std::vector<Vector> models{Vector(DIMENSION)};
    std::vector<Vector> held(WORKERS, Vector(DIMENSION));
    std::vector<uint32_t> counts(3);
    for (uint32_t round = 0; round < ROUNDS; ++round)
    {
        run.Round();
        Vector model = models.back();
        for (uint32_t m = 0; m < WORKERS; ++m)
        {
            const bool sends = uploads(m, round, models, held[m]);
            EXPECT_EQ(run.uploads.count(m) > 0, sends) << method << ", round " << round;
            counts[round / 20] += sends;
        }
        for (uint32_t i = 0; i < DIMENSION; ++i)
        {
            double sum = 0;
            for (const auto& one : held)
            {
                sum += one[i];
            }
            model[i] -= RateOf(round) * sum;
        }
        models.push_back(model);
        EXPECT_LT(test::MaxDistance(run.Model(), model), 1e-12) << method << ", round " << round;
    }
    return counts;
}

} // namespace

/** Values by hand. */
TEST(FlLearningRate, Schedules)
{
    const auto at = [](const std::string& schedule, uint32_t round)
    {
        return LearningRate(2, schedule).At(round);
    };
    EXPECT_EQ(at("constant", 7), 2);
    for (const auto& [round, rate] : std::map<uint32_t, double>{{0, 2},
                                                                {99, 2},
                                                                {100, 0.5},
                                                                {149, 0.5},
                                                                {150, 0.125},
                                                                {1000, 0.125}})
    {
        EXPECT_EQ(at("step[At=100-150|Factor=0.25]", round), rate) << round;
    }
    EXPECT_DOUBLE_EQ(at("inverse[Decay=0.5]", 6), 0.5);
    EXPECT_DOUBLE_EQ(at("inverse[Decay=0.5|Power=0.5]", 6), 1);
    EXPECT_EQ(at("inverse[Decay=0]", 6), 2);
    EXPECT_DOUBLE_EQ(at("cosine[Rounds=40|Final=0.5]", 0), 2);
    EXPECT_DOUBLE_EQ(at("cosine[Rounds=40|Final=0.5]", 20), 1.5);
    EXPECT_DOUBLE_EQ(at("cosine[Rounds=40|Final=0.5]", 40), 1);
    EXPECT_DOUBLE_EQ(at("cosine[Rounds=40|Final=0.5]", 4000), 1);
    EXPECT_EQ(LearningRate(2, "step[At=3]").WithInitial(5).At(2), 5);
}

/** Thresholds in units of a power of 1 / rate. */
TEST(FlLearningRate, ThresholdsGrowAsStepsShrink)
{
    const LearningRate rate(2, "step[At=3|Factor=0.5]");
    EXPECT_EQ(RateThreshold(7, rate, 0).At(3), 7);
    EXPECT_EQ(RateThreshold(7, rate, 1).At(2), 7);
    EXPECT_EQ(RateThreshold(7, rate, 1).At(3), 14);
    EXPECT_EQ(RateThreshold(7, rate, 2).At(3), 28);
}

TEST(FlLearningRate, WrongSchedulesAreRefused)
{
    for (const std::string schedule : {"linear",
                                       "step[At=]",
                                       "step[At=0]",
                                       "step[At=5-5]",
                                       "step[At=9-5]",
                                       "step[At=3-]",
                                       "step[Factor=0]",
                                       "step[Factor=2]",
                                       "inverse[Decay=-1]",
                                       "cosine[Rounds=0]"})
    {
        EXPECT_THROW(LearningRate(1, schedule), UserError) << schedule;
    }
}

/** Gradient descent at the rate of each round. */
TEST(FlLearningRate, GradientDescent)
{
    const auto toy = MakeLogistic(1, 20, DIMENSION, 1e-3, 5);
    ToyRun run("sgd", toy, RATE);
    Vector model(DIMENSION);
    for (uint32_t round = 0; round < ROUNDS; ++round)
    {
        const auto gradient = GradientOf(toy, 0, round, model);
        for (uint32_t i = 0; i < DIMENSION; ++i)
        {
            model[i] -= RateOf(round) * gradient[i];
        }
        run.Round();
        ASSERT_LT(test::MaxDistance(run.Model(), model), 1e-12) << round;
    }
}

/** A vote for minus moves every coordinate up by the rate of its round. */
TEST(FlLearningRate, Votes)
{
    const auto method =
        MakeAlgorithm<double>("signsgd-mv", {1, 3, {{"all", 0, 1, 3}}, RATE, 10, 1, {}, {}});
    for (const uint32_t round : {0, 20, 59})
    {
        Vector model(3);
        method->Apply({SignUpdate{3, {7}}, {}}, round, model);
        EXPECT_EQ(model, Vector(3, RateOf(round)));
    }
}

/** LAG's and CGD's thresholds are in units of 1 / rate^2, unless they are said to be absolute. */
TEST(FlLearningRate, RulesOfDifferences)
{
    const auto toy = MakeLogistic(WORKERS, 20, DIMENSION, 1e-3, 5);
    const auto rule = [&](const std::function<double(uint32_t round)>& weight, uint32_t depth)
    {
        return [&toy,
                weight,
                depth](uint32_t m, uint32_t round, const std::vector<Vector>& models, Vector& held)
        {
            const auto gradient = GradientOf(toy, m, round, models.back());
            double distance = 0;
            for (uint32_t i = 0; i < DIMENSION; ++i)
            {
                distance += std::pow(gradient[i] - held[i], 2);
            }
            double changes = 0;
            for (uint32_t d = 0; d < depth && d < round; ++d)
            {
                changes += SquaredChange(models, round - d);
            }
            const bool sends = round == 0 || distance > weight(round) * changes;
            held = sends ? gradient : held;
            return sends;
        };
    };
    const auto squaredSteps = [](uint32_t round)
    {
        return std::pow(RateOf(round) * WORKERS, 2);
    };
    for (const auto& counts :
         {ExpectSame("lag-wk[Xi=8]",
                     toy,
                     rule([&](uint32_t round) { return 0.8 / squaredSteps(round); }, 10)),
          ExpectSame("cgd[Xi=2]",
                     toy,
                     rule([&](uint32_t round) { return 4 / squaredSteps(round); }, 1)),
          ExpectSame("cgd[Xi=8|XiUnit=absolute]",
                     toy,
                     rule([](uint32_t) { return 64.0 / WORKERS / WORKERS; }, 1))})
    {
        // With all or no uploads a wrong threshold would not be seen.
        EXPECT_GT(counts[1] + counts[2], 4U) << counts[1] << " " << counts[2];
        EXPECT_LT(counts[1] + counts[2], 116U) << counts[1] << " " << counts[2];
    }
}

/** GD-SEC without state or error, one worker: entries above xi |change|, xi in units of M / rate.
 */
TEST(FlLearningRate, ThresholdsOfGdSec)
{
    const auto toy = MakeLogistic(1, 20, DIMENSION, 1e-3, 5);
    for (const bool relative : {true, false})
    {
        ToyRun run(relative ? "gd-soec[Xi=3|Beta=0]" : "gd-soec[Xi=3|XiUnit=absolute|Beta=0]",
                   toy,
                   RATE);
        std::vector<Vector> models{Vector(DIMENSION)};
        uint32_t sent = 0;
        for (uint32_t round = 0; round < ROUNDS; ++round)
        {
            auto model = models.back();
            const auto gradient = GradientOf(toy, 0, round, model);
            const double xi = relative ? 3 / RateOf(round) : 3;
            for (uint32_t i = 0; i < DIMENSION; ++i)
            {
                const double change = round == 0 ? 0 : model[i] - models[round - 1][i];
                if (std::abs(gradient[i]) > xi * std::abs(change))
                {
                    model[i] -= RateOf(round) * gradient[i];
                    ++sent;
                }
            }
            models.push_back(model);
            run.Round();
            ASSERT_LT(test::MaxDistance(run.Model(), model), 1e-12) << round;
        }
        EXPECT_GT(sent, 20U);
        EXPECT_LT(sent, ROUNDS * DIMENSION - 20U);
    }
}

/** LASG: what a worker says carries the rate with which it was made; alpha is in units of 1 / rate.
 */
TEST(FlLearningRate, StepsAndRuleOfSasg)
{
    const auto toy = MakeLogistic(WORKERS, 20, DIMENSION, 1e-3, 5);
    constexpr double alpha = 2;
    ToyRun run("lasg[Alpha=2|Depth=5]", toy, RATE);
    std::vector<Vector> models{Vector(DIMENSION)};
    std::vector<Vector> said(WORKERS);
    std::vector<Vector> at(WORKERS);
    std::vector<uint32_t> age(WORKERS);
    uint32_t silences = 0;
    for (uint32_t round = 0; round < ROUNDS; ++round)
    {
        double changes = 0;
        for (uint32_t d = 0; d < 4 && d < round; ++d)
        {
            changes += SquaredChange(models, round - d);
        }
        run.Round();
        auto model = models.back();
        for (uint32_t m = 0; m < WORKERS; ++m)
        {
            const auto gradient = GradientOf(toy, m, round, models.back());
            bool sends = round < 5 || ++age[m] > 5;
            if (!sends)
            {
                const auto old = GradientOf(toy, m, round, at[m]);
                double distance = 0;
                for (uint32_t i = 0; i < DIMENSION; ++i)
                {
                    distance += std::pow(gradient[i] - old[i], 2);
                }
                sends = distance > alpha / RateOf(round) / WORKERS / WORKERS * changes;
            }
            ASSERT_EQ(run.uploads.count(m) > 0, sends) << round;
            if (sends)
            {
                said[m] = gradient;
                for (double& value : said[m])
                {
                    value *= RateOf(round);
                }
                at[m] = models.back();
                age[m] = 0;
            }
            silences += !sends;
            for (uint32_t i = 0; i < DIMENSION; ++i)
            {
                model[i] -= said[m][i];
            }
        }
        models.push_back(model);
        ASSERT_LT(test::MaxDistance(run.Model(), model), 1e-12) << round;
    }
    EXPECT_GT(silences, 20U);
}

} // namespace fl
