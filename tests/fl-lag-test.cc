/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/fl-error.h"
#include "ns3/fl-value-code.h"

#include "fl-toy-problems.h"

#include <sstream>

namespace fl
{

namespace
{

using test::MakeLagRegression;
using test::MakeQuadratic;
using test::MaxDistance;
using test::RandomLoss;
using test::SegmentLoss;
using test::Toy;
using test::ToyRun;
using test::UpTo;
using test::ValuesOf;
using test::Vector;

/** Adds what was delivered of an upload to what both ends hold. */
void
Deliver(const test::ToyUpload& upload, Vector& held)
{
    if (upload.received)
    {
        const auto values = ValuesOf(upload.received->update, static_cast<uint32_t>(held.size()));
        for (std::size_t i = 0; i < held.size(); ++i)
        {
            held[i] += values[i];
        }
    }
}

/** @return uploads until the loss is within a relative 1e-8 of the minimum; asserts that it is */
uint64_t
UploadsToTarget(const std::string& algorithm, const Toy& toy, double rate, double minimum)
{
    ToyRun run(algorithm, toy, rate);
    const double start = toy.Loss(run.Model()) - minimum;
    while (toy.Loss(run.Model()) - minimum > 1e-8 * start && run.Rounds() < 20000)
    {
        run.Round();
    }
    EXPECT_LT(run.Rounds(), 20000U) << algorithm;
    return run.uploadCount;
}

} // namespace

/** Without a threshold it is gradient descent on the sum, and all upload every round. */
TEST(FlLag, Property38WithoutThresholdItIsGradientDescent)
{
    const auto toy = MakeQuadratic(5, 13);
    for (const std::string text : {"lag-wk[Xi=0]", "lag-ps[Xi=0]", "cgd[Xi=0]"})
    {
        ToyRun run(text, toy, toy.rate);
        ToyRun mean(text.substr(0, text.size() - 1) + "|Form=mean]", toy, 5 * toy.rate);
        Vector model(toy.dimension);
        for (uint32_t round = 0; round < 50; ++round)
        {
            const auto sum = toy.SumGradient(model);
            for (uint32_t i = 0; i < model.size(); ++i)
            {
                model[i] -= toy.rate * sum[i];
            }
            run.Round();
            mean.Round();
            ASSERT_EQ(run.uploads.size(), 5U) << text;
            ASSERT_LT(MaxDistance(model, run.Model()), 1e-12) << text;
            ASSERT_LT(MaxDistance(model, mean.Model()), 1e-12) << "5 times the rate on the mean";
        }
    }
}

/** One change, with xi_lag = xi_cgd^2 where xi_cgd is in units of 1 / rate: the same run. */
TEST(FlLag, Property39DepthOneIsCensoring)
{
    const auto toy = MakeQuadratic(4, 10);
    ToyRun lag("lag-wk[Depth=1|Xi=4]", toy, toy.rate);
    ToyRun cgd("cgd[Xi=2]", toy, toy.rate);
    std::ostringstream text;
    text.precision(17);
    text << "cgd[XiUnit=absolute|Xi=" << 2 / toy.rate << "]";
    ToyRun absolute(text.str(), toy, toy.rate);
    for (uint32_t round = 0; round < 100; ++round)
    {
        lag.Round();
        cgd.Round();
        absolute.Round();
        ASSERT_EQ(lag.Model(), cgd.Model());
        ASSERT_EQ(lag.Model(), absolute.Model());
    }
    EXPECT_EQ(lag.uploadCount, cgd.uploadCount);
    EXPECT_LT(lag.uploadCount, 300U);
}

/**
 * While uploads are lost altogether and in part and broadcasts are missed, every upload is the
 * gradient less what of it was delivered before, bit for bit, and the server steps along the sum
 * of what was delivered.
 */
TEST(FlLag, Property40TheServerHoldsTheSumOfWhatArrived)
{
    for (const std::string text : {"lag-wk[Xi=3]",
                                   "lag-wk[Xi=3|Value=half]",
                                   "cgd[Xi=0.5|Value=single]",
                                   "lag-ps[Xi=3]",
                                   "nounif-iag"})
    {
        const auto toy = MakeQuadratic(4, 16);
        const auto code = text.find("half") != std::string::npos     ? ValueCode::HALF
                          : text.find("single") != std::string::npos ? ValueCode::SINGLE
                                                                     : ValueCode::NATIVE;
        ToyRun run(text, toy, toy.rate / 2);
        Random random({1, 5}, Purpose::TEST);
        std::vector<Vector> held(4, Vector(16));
        for (uint32_t round = 0; round < 200; ++round)
        {
            run.Round(RandomLoss(random, 16), {random.Below(4)});
            Vector sum(16);
            for (uint32_t m = 0; m < 4; ++m)
            {
                const auto upload = run.uploads.find(m);
                if (upload != run.uploads.end())
                {
                    ASSERT_EQ(std::get<DenseUpdate<double>>(upload->second.sent).code, code);
                    Vector expected(16);
                    toy.gradient(m, round, run.Held(m), expected);
                    for (uint32_t i = 0; i < 16; ++i)
                    {
                        expected[i] = RoundValue(expected[i] - held[m][i], code);
                    }
                    ASSERT_EQ(ValuesOf(upload->second.sent, 16), expected) << text;
                    Deliver(upload->second, held[m]);
                }
                for (uint32_t i = 0; i < 16; ++i)
                {
                    sum[i] += held[m][i];
                }
            }
            ASSERT_LT(MaxDistance(ValuesOf(run.direction, 16), sum), 1e-12) << text;
        }
    }
}

/** A worker uploads until the server has heard all of its gradient, whatever the threshold. */
TEST(FlLag, TheFirstUploadIsForced)
{
    const auto toy = MakeQuadratic(2, 6);
    ToyRun run("lag-wk[Xi=1e9]", toy, toy.rate);
    const auto lose = [](uint32_t worker)
    {
        return worker == 0 ? Ranges{{2, 3}} : Ranges{};
    };
    run.Round(lose);
    EXPECT_EQ(run.uploadCount, 2U);
    run.Round(lose);
    run.Round();
    EXPECT_EQ(run.uploadCount, 4U) << "worker 0 alone";
    run.Round();
    EXPECT_EQ(run.uploadCount, 4U);
    ToyRun parts("lag-wk[Xi=1e9]", toy, toy.rate);
    parts.Round([](uint32_t) { return Ranges{{0, 3}}; });
    parts.Round([](uint32_t worker) { return worker == 0 ? Ranges{{3, 6}} : Ranges{{2, 6}}; });
    parts.Round();
    EXPECT_EQ(parts.uploadCount, 5U) << "worker 0 was heard whole, in two parts";
}

/**
 * Of 200 segments 30 % are lost for ever, so that no upload ever arrives whole: after u uploads
 * 200 * 0.3^u segments are expected to be unheard. Workers are silent soon nevertheless, and the
 * optimum is reached.
 */
TEST(FlLag, ManySegmentsUnderLossAllowSilence)
{
    const auto toy = MakeQuadratic(4, 200);
    const double minimum = toy.Minimum(20000);
    for (const std::string text : {"lag-wk", "cgd", "lag-ps"})
    {
        ToyRun run(text, toy, toy.rate);
        Random random({1, 10}, Purpose::TEST);
        const auto loss = SegmentLoss(random, 200, 200, 0.3);
        uint32_t firstSilence = 0;
        while (run.Rounds() < 3000)
        {
            run.Round(loss);
            for (const auto& upload : run.uploads)
            {
                ASSERT_FALSE(upload.second.missing.empty());
            }
            if (firstSilence == 0 && run.uploads.size() < 4)
            {
                firstSilence = run.Rounds();
            }
        }
        std::printf("%s first %u uploads %lu gap %g\n",
                    text.c_str(),
                    firstSilence,
                    run.uploadCount,
                    toy.Loss(run.Model()) / minimum - 1);
        EXPECT_LT(toy.Loss(run.Model()) / minimum - 1, 1e-12) << text;
    }
}

/** A worker whose gradient is what the server holds is silent, even without a threshold. */
TEST(FlLag, NothingNewIsNotSent)
{
    Toy toy{1, 1, {}, {}, 1, {}};
    toy.gradient = [](uint32_t, uint32_t, const Vector&, Vector& gradient)
    {
        gradient[0] = 3;
        return 0.0;
    };
    for (const std::string text : {"lag-wk[Xi=0]", "cgd[Xi=0]"})
    {
        ToyRun run(text, toy, 1);
        run.Round();
        run.Round();
        EXPECT_EQ(run.uploadCount, 1U) << text;
        EXPECT_EQ(run.Model(), (Vector{-6})) << "but the model moves on";
    }
}

/** One change of the model is looked at for exactly D rounds. */
TEST(FlLag, Property41TheThresholdHoldsDepthChanges)
{
    for (const uint32_t depth : {1, 3, 10})
    {
        // The gradient is 1 at first and 1.5 from then on; at rate 1 the threshold is the sum of
        // the squared changes.
        Toy toy{1, 1, {}, {}, 1, {}};
        toy.gradient = [](uint32_t, uint32_t round, const Vector&, Vector& gradient)
        {
            gradient[0] = round == 0 ? 1 : 1.5;
            return 0.0;
        };
        const auto method = MakeAlgorithm<double>("lag-wk[Xi=" + std::to_string(depth) +
                                                      "|Depth=" + std::to_string(depth) + "]",
                                                  {1, 1, {{"all", 0, 1, 1}}, 1, 10, 1, {}, {}});
        EXPECT_EQ(method->Traits().companions.history, depth);
        EXPECT_EQ(method->Traits().audience, Audience::LIVE);
        const auto worker = method->MakeWorker({0, 100});
        Vector moving(1 + depth);
        for (uint32_t round = 0; round <= depth + 1; ++round)
        {
            const auto before = moving;
            moving[0] = round == 0 ? 0 : -1;
            method->RememberChange(before, moving);
            const auto model = std::make_shared<const Vector>(moving);
            test::ToyContext context(toy, 0, round, model);
            double loss = 0;
            const bool sends = worker->Compute(context, loss).has_value();
            EXPECT_EQ(sends, round == 0 || round == depth + 1) << depth << " " << round;
            worker->Adopt();
            if (sends)
            {
                worker->Confirm({round, 0, {}});
            }
        }
    }
}

/** Where the user gives no weight it is 1 / D where workers decide and 10 / D where the server
 * does.
 */
TEST(FlLag, TheWeightFollowsTheDepth)
{
    // At rate 1 the model moves by 1 in the first round.
    Toy toy{1, 1, {}, {1}, 1, {}};
    toy.gradient = [](uint32_t, uint32_t round, const Vector&, Vector& gradient)
    {
        gradient[0] = round == 0 ? 1 : 1.5;
        return 0.0;
    };
    const auto uploadsOfTwoRounds = [&](const std::string& algorithm)
    {
        ToyRun run(algorithm, toy, 1);
        run.Round();
        run.Round();
        return run.uploadCount;
    };
    // The gradient changes by 1/2: silence iff 1/4 <= 1/D.
    EXPECT_EQ(uploadsOfTwoRounds("lag-wk[Depth=4]"), 1U);
    EXPECT_EQ(uploadsOfTwoRounds("lag-wk[Depth=5]"), 2U);
    EXPECT_EQ(uploadsOfTwoRounds("lag-wk[Depth=5|Xi=1.25]"), 1U);
    // The bound on its change is 1: not asked iff 1 <= 10/D.
    EXPECT_EQ(uploadsOfTwoRounds("lag-ps[Depth=10]"), 1U);
    EXPECT_EQ(uploadsOfTwoRounds("lag-ps[Depth=11]"), 2U);
}

/**
 * The synthetic regression of LAG's authors, uploads to a relative 1e-8: LAG-WK and CGD take far
 * fewer than gradient descent, LAG-PS is between.
 */
TEST(FlLag, UploadsOnTheAuthorsRegression)
{
    const auto toy = MakeLagRegression();
    const double minimum = toy.Minimum(5000);
    const auto gd = UploadsToTarget("lag-wk[Xi=0]", toy, toy.rate, minimum);
    const auto wk = UploadsToTarget("lag-wk", toy, toy.rate, minimum);
    const auto ps = UploadsToTarget("lag-ps", toy, toy.rate, minimum);
    const auto cgd = UploadsToTarget("cgd", toy, toy.rate, minimum);
    EXPECT_LT(wk, gd / 4);
    EXPECT_LT(cgd, gd / 4);
    EXPECT_LT(wk, ps);
    EXPECT_LT(ps, gd);
}

/** The poll follows L_m^2 ||change since the last upload||^2 and spares who was asked just now. */
TEST(FlLagPs, AsksByTheServersRule)
{
    Toy toy{2, 1, {}, {3, 1}, 1, {}};
    toy.gradient = [](uint32_t, uint32_t, const Vector&, Vector& gradient)
    {
        gradient[0] = 1;
        return 0.0;
    };
    // The model moves by 0.5 * 2 a round; with rate 0.5, xi = 4.5 and depth 1 the threshold is
    // 4.5 / (0.5 * 2)^2 * 1^2 = 4.5, so worker 0 is due when 9 d^2 > 4.5, worker 1 when d^2 > 4.5.
    ToyRun run("lag-ps[Xi=4.5|Depth=1]", toy, 0.5);
    std::vector<std::size_t> asked;
    EXPECT_EQ(run.Method().Traits().audience, Audience::ASKED);
    EXPECT_EQ(run.Method().Traits().companions.history, 0U);
    std::string heard;
    for (uint32_t round = 0; round < 7; ++round)
    {
        run.Round();
        for (const auto& upload : run.uploads)
        {
            heard += std::to_string(upload.first);
        }
        heard += ' ';
    }
    EXPECT_EQ(heard, "01 0 0 01 0 0 01 ");
}

/** A worker of which something was never heard, or which answered late, is asked again. */
TEST(FlLagPs, AsksAgainAfterALoss)
{
    const auto toy = MakeQuadratic(2, 6);
    ToyRun run("lag-ps[Xi=1e9]", toy, toy.rate);
    run.Round([](uint32_t worker) { return worker == 1 ? Ranges{{0, 1}} : Ranges{}; });
    run.Round();
    EXPECT_EQ(run.uploads.count(0), 0U);
    EXPECT_EQ(run.uploads.count(1), 1U);
    run.Round();
    EXPECT_TRUE(run.uploads.empty());
    const auto server = run.Method().MakeServer();
    server->Accept({0, 1, 100, {DenseUpdate<double>{Vector(6, 1)}, {}}});
    server->Accept({1, 0, 100, {DenseUpdate<double>{Vector(6, 1)}, {}}});
    server->Close(0);
    EXPECT_EQ(server->Select(1, 0, {0, 1}), (std::vector<uint32_t>{0}));
}

/** The bound is the sum over the models at which what the server holds was computed. */
TEST(FlLagPs, AddsUpThePartsOfWhatItHolds)
{
    Toy toy{1, 2, {}, {1}, 1, {}};
    for (const bool asks : {true, false})
    {
        // At rate 1, in units of 1 / Depth = 1/10: xi_d = 2 or 2.5.
        ToyRun run(asks ? "lag-ps[Xi=20]" : "lag-ps[Xi=25]", toy, 1);
        const auto server = run.Method().MakeServer();
        const auto Hear = [&](const Vector& values, const Ranges& missing)
        {
            server->Accept({0, 0, 100, {DenseUpdate<double>{values}, missing}});
        };
        Hear({-1, 0}, {{1, 2}});
        server->Close(0);
        EXPECT_EQ(server->Select(1, 0, {0}).size(), 1U) << "one coordinate was never heard";
        Hear({0, 1}, {{0, 1}});
        server->Close(1);
        // Models were (0, 0), (1, 0) and (2, -1). The squared distances of the last to those of the
        // two parts are 5 and 2, the squared changes 1 and 2: asked iff 7 > 3 xi_d.
        EXPECT_EQ(server->Select(2, 0, {0}).size(), asks ? 1U : 0U);
        Hear({0, 0}, {{1, 2}});
        server->Close(2);
        // (3, -2): distances 2 and 8, changes 1, 2 and 2. Asked iff 10 > 5 xi_d.
        EXPECT_EQ(server->Select(3, 0, {0}).size(), 0U);
    }
}

/** Of each worker 8 models are kept; a part that is older counts as never heard. */
TEST(FlLagPs, KeepsFewModels)
{
    for (const uint32_t dimension : {8, 9})
    {
        Toy toy{1, dimension, {}, {1}, 1, {}};
        ToyRun run("lag-ps[Xi=1e9]", toy, 1);
        const auto server = run.Method().MakeServer();
        const auto Asks = [&](uint32_t round)
        {
            return !server->Select(round, 0, {0}).empty();
        };
        const auto Hear = [&](uint32_t i)
        {
            server->Accept(
                {0,
                 0,
                 100,
                 {DenseUpdate<double>{Vector(dimension, 1)}, Complement({{i, i + 1}}, dimension)}});
        };
        for (uint32_t i = 0; i < dimension; ++i)
        {
            EXPECT_TRUE(Asks(i));
            Hear(i);
            server->Close(i);
        }
        EXPECT_EQ(Asks(dimension), dimension == 9);
        server->Accept({0, 0, 100, {DenseUpdate<double>{Vector(dimension, 1)}, {}}});
        server->Close(dimension);
        EXPECT_FALSE(Asks(dimension + 1)) << "all of it is of one model";
    }
}

/**
 * Whoever is not asked has a gradient as near to what the server holds of it as the rule of LAG-WK
 * demands, while uploads are lost altogether and in part.
 */
TEST(FlLagPs, SilenceKeepsTheBoundUnderLoss)
{
    const auto toy = MakeLagRegression();
    ToyRun run("lag-ps", toy, toy.rate);
    Random random({1, 11}, Purpose::TEST);
    std::vector<Vector> held(9, Vector(50));
    std::vector<Vector> models{run.Model()};
    uint32_t silences = 0;
    for (uint32_t round = 0; round < 400; ++round)
    {
        run.Round(RandomLoss(random, 50));
        double squares = 0;
        for (uint32_t d = round - std::min(round, 10U); d < round; ++d)
        {
            for (uint32_t i = 0; i < 50; ++i)
            {
                squares += std::pow(models[d + 1][i] - models[d][i], 2);
            }
        }
        for (uint32_t m = 0; m < 9; ++m)
        {
            if (const auto upload = run.uploads.find(m); upload != run.uploads.end())
            {
                Deliver(upload->second, held[m]);
                continue;
            }
            ++silences;
            Vector gradient(50);
            toy.gradient(m, round, models.back(), gradient);
            double distance = 0;
            for (uint32_t i = 0; i < 50; ++i)
            {
                distance += std::pow(gradient[i] - held[m][i], 2);
            }
            // At the optimum rounding remains: 1e-13 of gradients near 1.
            constexpr double rounding = 1e-26;
            ASSERT_LE(distance, squares / std::pow(9 * toy.rate, 2) + rounding)
                << round << " " << m;
        }
        models.push_back(run.Model());
    }
    EXPECT_GT(silences, 400U);
}

/** Exactly one a round, in proportion to the constants: within 5 deviations in 20000 draws. */
TEST(FlNoUnifIag, Property70OneWorkerDrawnBySmoothness)
{
    Toy toy = MakeQuadratic(4, 2);
    toy.smoothness = {1, 2, 3, 14};
    const ToyRun run("nounif-iag", toy, toy.rate);
    const auto server = run.Method().MakeServer();
    constexpr uint32_t draws = 20000;
    std::vector<uint32_t> count(4);
    for (uint32_t round = 0; round < draws; ++round)
    {
        const auto asked = server->Select(round, 0, UpTo(4));
        ASSERT_EQ(asked.size(), 1U);
        ++count[asked[0]];
    }
    for (uint32_t worker = 0; worker < 4; ++worker)
    {
        const double share = toy.smoothness[worker] / 20;
        EXPECT_NEAR(count[worker], share * draws, 5 * std::sqrt(draws * share * (1 - share)));
    }
    EXPECT_EQ(server->Select(0, 0, {}), (std::vector<uint32_t>{}));
    EXPECT_EQ(server->Select(0, 0, {2}), (std::vector<uint32_t>{2}));
}

/** It converges to the optimum at a small step, one upload a round. */
TEST(FlNoUnifIag, Converges)
{
    const auto toy = MakeQuadratic(4, 6);
    const double minimum = toy.Minimum(20000);
    ToyRun run("nounif-iag", toy, toy.rate / 4);
    for (uint32_t round = 0; round < 8000; ++round)
    {
        run.Round();
    }
    EXPECT_EQ(run.uploadCount, 8000U);
    EXPECT_LT(toy.Loss(run.Model()) / minimum - 1, 1e-12);
}

/** What the user can get wrong, and what the objective must know. */
TEST(FlLag, WrongParametersAreRefused)
{
    const auto toy = MakeQuadratic(1, 4);
    for (const std::string text : {"lag-wk[Xi=-1]",
                                   "lag-wk[Depth=0]",
                                   "lag-wk[Depth=31]",
                                   "cgd[XiUnit=rate]",
                                   "nounif-iag[Value=none]"})
    {
        EXPECT_THROW(ToyRun(text, toy, 1), UserError) << text;
    }
    Toy unknown = toy;
    unknown.smoothness.clear();
    EXPECT_THROW(ToyRun("lag-ps", unknown, 1), UserError);
    EXPECT_THROW(ToyRun("nounif-iag", unknown, 1), UserError);
}

} // namespace fl
