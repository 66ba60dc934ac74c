/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/fl-compressed-sgd.h"

#include "ns3/fl-block-selection.h"
#include "ns3/fl-error.h"
#include "ns3/fl-registry.h"
#include "ns3/fl-value-code.h"

#include "fl-method-rig.h"

#include <algorithm>
#include <gtest/gtest.h>
#include <limits>
#include <memory>
#include <optional>
#include <set>

namespace fl
{

namespace
{

using test::AbsoluteSum;
using test::DrawMissing;
using test::DrawNormal;
using test::DrawWhole;
using test::Holds;
using test::MakeMethodSetup;
using test::MethodContext;
using test::MethodRig;
using test::Minus;
using test::SquaredNorm;
using test::Times;
using test::ValuesOf;
using test::Vector;

const std::vector<Tensor> g_tensors{{"a", 0, 5, 8}, {"b", 40, 1, 15}, {"c", 55, 2, 3}};
constexpr uint32_t SIZE = 61; ///< of these tensors

/** Mean, squared error and largest deviation of many compressions of one vector. */
struct Moments
{
    Moments(const std::string& algorithm, const AlgorithmSetup& setup, const Vector& vector)
        : mean(vector.size())
    {
        constexpr uint32_t rounds = 40000;
        MethodRig rig(algorithm, setup);
        for (uint32_t round = 0; round < rounds; ++round)
        {
            const auto sent = ValuesOf(rig.Compute(0, vector, round));
            variance += SquaredNorm(Minus(sent, vector)) / rounds;
            nonzeros +=
                static_cast<double>(vector.size() - std::count(sent.begin(), sent.end(), 0.0)) /
                rounds;
            for (std::size_t i = 0; i < mean.size(); ++i)
            {
                mean[i] += sent[i] / rounds;
            }
        }
        // The mean of unbiased draws lies about this far away.
        bias = std::sqrt(SquaredNorm(Minus(mean, vector)));
        expectedBias = std::sqrt(variance / rounds);
        for (std::size_t i = 0; i < mean.size(); ++i)
        {
            stretch += std::copysign(1, vector[i]) * (mean[i] - vector[i]);
        }
    }

    Vector mean;
    double variance{0};  ///< mean squared distance to the vector
    double nonzeros{0};  ///< mean number of entries that are not 0
    double bias;         ///< distance of the mean to the vector
    double expectedBias; ///< what it is if there is none, roughly
    /**
     * How much longer entries are in the mean, added up. Where they are drawn independently and
     * without bias its deviation is expectedBias; a probability of rounding up that is off shows.
     */
    double stretch{0};
};

/** Feeds gradients, loses some of what is sent, and checks e = wanted - heard by its definition. */
void
ExpectConservation(const std::string& text, bool step, uint32_t seed)
{
    constexpr double rate = 0.5;
    Random random({seed, 70}, Purpose::TEST);
    MethodRig rig(text, MakeMethodSetup(1, SIZE, rate, g_tensors));
    Vector put(SIZE);
    Vector heard(SIZE);
    for (uint32_t round = 0; round < 25; ++round)
    {
        if (round % 3 == 0)
        {
            rig.Compute(0, DrawWhole(SIZE, random, 100), round); // given up
        }
        const auto gradient = DrawWhole(SIZE, random, 100);
        put = Minus(put, Times(gradient, step ? -rate : -1));
        const auto missing = round == 7 ? Ranges{{0, SIZE}} : DrawMissing(SIZE, random, 9);
        // What is wanted is the error, which conservation gives, plus what is put in.
        const auto wanted = Minus(put, heard);
        const auto said = rig.Send(0, gradient, missing, round);
        MethodRig fresh(text, MakeMethodSetup(1, SIZE, rate, g_tensors));
        const auto expected = ValuesOf(fresh.Compute(0, Times(wanted, step ? 1 / rate : 1), round));
        const auto actual = ValuesOf(said);
        for (uint32_t i = 0; i < SIZE; ++i)
        {
            ASSERT_NEAR(actual[i], expected[i], 1e-4) << text << " " << round << " " << i;
        }
        heard = Minus(heard, Times(ValuesOf(said, missing), -1));
    }
}

} // namespace

/** A method with error feedback says what its definition says, whatever was lost before. */
TEST(FlErrorFeedback, WhatWasNotHeardIsSaidAgain)
{
    for (uint32_t seed = 1; seed <= 10; ++seed)
    {
        ExpectConservation("top-k[Density=0.2]", true, seed);
        ExpectConservation("random-k[Density=0.2]", true, seed);
        ExpectConservation("ef-signsgd", true, seed);
        ExpectConservation("1bit-sgd", false, seed);
        ExpectConservation("1bit-sgd[Block=tensor]", false, seed);
    }
}

/** Bias within four deviations, variance within the theorem's bound, nonzeros, too (61). */
TEST(FlQsgd, Property61UnbiasedWithBoundedVariance)
{
    constexpr uint32_t size = 50;
    Random random({61, 1}, Purpose::TEST);
    const auto vector = DrawNormal(size, random);
    const auto setup = MakeMethodSetup(1, size, 1);
    for (const uint32_t levels : {1, 4, 7, 100})
    {
        const double s = levels;
        for (const std::string code : {"fixed", "elias"})
        {
            const Moments moments("qsgd[Bucket=0|Levels=" + std::to_string(levels) +
                                      "|Code=" + code + "]",
                                  setup,
                                  vector);
            EXPECT_LT(moments.bias, 2 * moments.expectedBias);
            EXPECT_GT(moments.bias, 0.5 * moments.expectedBias);
            EXPECT_LT(std::abs(moments.stretch), 4 * moments.expectedBias);
            EXPECT_LE(moments.variance,
                      std::min(size / (s * s), std::sqrt(size) / s) * SquaredNorm(vector));
            EXPECT_LE(moments.nonzeros, s * (s + std::sqrt(size)));
        }
        const Moments largest("qsgd[Norm=max|Bucket=0|Levels=" + std::to_string(levels) + "]",
                              setup,
                              vector);
        EXPECT_LT(largest.bias, 2 * largest.expectedBias);
        EXPECT_LT(std::abs(largest.stretch), 4 * largest.expectedBias);
    }
}

/** Levels in each bucket are of that bucket's norm; a bucket of zeros is zeros. */
TEST(FlQsgd, BucketsHaveNormsOfTheirOwn)
{
    MethodRig rig("qsgd[Bucket=3|Levels=5]", 1, 8, 1);
    const auto sent =
        std::get<QuantisedUpdate<double>>(rig.Compute(0, {3, 0, -4, 0, 0, 0, -0.5, 0}));
    EXPECT_EQ(*sent.blocks, (std::vector<uint32_t>{3, 6, 8}));
    EXPECT_EQ(sent.scales, (Vector{5, 0, 0.5}));
    EXPECT_EQ(sent.levels, (std::vector<int32_t>{3, 0, -4, 0, 0, 0, -5, 0}))
        << "what is a whole number of steps is not rounded";
    MethodRig whole("qgd", 1, 8, 1);
    EXPECT_EQ(std::get<QuantisedUpdate<double>>(whole.Compute(0, Vector(8))).scales, (Vector{0}));
    EXPECT_EQ(ValuesOf(whole.Compute(0, Vector(8))), Vector(8)) << "zeros, and no NaN";
}

/** A gradient that is not finite is seen in a value or a scale, which the encoder refuses. */
TEST(FlCompression, DivergenceIsSeen)
{
    const auto setup = MakeMethodSetup(3, SIZE, 0.1, g_tensors);
    for (const std::string text : {"qsgd",
                                   "qsgd[Norm=max]",
                                   "terngrad",
                                   "natural",
                                   "ef-signsgd",
                                   "1bit-sgd",
                                   "stc",
                                   "dgc",
                                   "top-k"})
    {
        for (const double value : {std::nan(""), std::numeric_limits<double>::infinity()})
        {
            MethodRig rig(text, setup);
            Vector gradient(SIZE, 1);
            gradient[3] = value;
            const auto update = rig.Compute(0, gradient);
            Vector seen = ValuesOf(update);
            if (const auto* quantised = std::get_if<QuantisedUpdate<double>>(&update))
            {
                seen = quantised->scales;
            }
            if (const auto* trits = std::get_if<ScaledTernaryUpdate<double>>(&update))
            {
                seen = trits->scales;
            }
            EXPECT_FALSE(std::all_of(seen.begin(),
                                     seen.end(),
                                     [](double number) { return std::isfinite(number); }))
                << text;
        }
    }
}

/** The variance is s |g|_1 - |g|^2 (62): exactly, as each entry is s or 0. */
TEST(FlTernGrad, Property62UnbiasedWithItsVariance)
{
    Random random({62, 1}, Purpose::TEST);
    const auto vector = DrawNormal(50, random);
    const Moments moments("terngrad[Clip=0]", MakeMethodSetup(1, 50, 1), vector);
    double largest = 0;
    for (const double value : vector)
    {
        largest = std::max(largest, std::abs(value));
    }
    const double expected = largest * AbsoluteSum(vector) - SquaredNorm(vector);
    EXPECT_LT(moments.bias, 2 * moments.expectedBias);
    EXPECT_NEAR(moments.variance, expected, 0.03 * expected) << "4000 draws of 50 entries";
}

/** An exchange of terngrad with shared scalers: what a worker says when it has heard that answer.
 */
Update<double>
Say(WorkerHalf<double>& half,
    const Vector& gradient,
    uint32_t round,
    uint32_t exchange,
    const std::optional<ReceivedUpdate<double>>& answer = std::nullopt)
{
    MethodContext context(
        Vector(gradient.size()),
        [&](const Vector&, uint32_t) { return gradient; },
        0,
        round,
        exchange,
        answer);
    double loss = 0;
    auto update = half.Compute(context, loss);
    half.Adopt();
    EXPECT_EQ(loss, 0.5);
    EXPECT_TRUE(update.has_value());
    return *update;
}

/** The same with a scale t >= s that others have asked for: the variance is t |g|_1 - |g|^2 (62).
 */
TEST(FlTernGrad, Property62WithSharedScales)
{
    Random random({62, 2}, Purpose::TEST);
    constexpr uint32_t size = 50;
    constexpr uint32_t rounds = 4000;
    const auto vector = DrawNormal(size, random);
    const auto method =
        MakeAlgorithm<double>("terngrad[Clip=0|ScalerSharing=true]", MakeMethodSetup(1, size, 1));
    const auto half = method->MakeWorker({0, 100});
    const double scale = 4; // above all of these entries, which are normal
    Vector mean(size);
    double variance = 0;
    for (uint32_t round = 0; round < rounds; ++round)
    {
        const double own = ValuesOf(Say(*half, vector, round, 0))[0];
        ASSERT_NEAR(own,
                    std::abs(*std::max_element(vector.begin(),
                                               vector.end(),
                                               [](double a, double b)
                                               { return std::abs(a) < std::abs(b); })),
                    1e-6);
        ASSERT_LT(own, scale);
        const auto sent = ValuesOf(
            Say(*half, vector, round, 1, ReceivedUpdate<double>{DenseUpdate<double>{{scale}}, {}}));
        for (uint32_t i = 0; i < size; ++i)
        {
            ASSERT_TRUE(sent[i] == 0 || std::abs(sent[i]) == scale);
            mean[i] += sent[i] / rounds;
        }
        variance += SquaredNorm(Minus(sent, vector)) / rounds;
    }
    const double expected = scale * AbsoluteSum(vector) - SquaredNorm(vector);
    EXPECT_NEAR(variance, expected, 0.03 * expected) << "4000 draws of 50 entries";
    EXPECT_LT(std::sqrt(SquaredNorm(Minus(mean, vector))), 2 * std::sqrt(variance / rounds));
}

/**
 * The answer is the largest scale of each tensor that was heard; a worker takes its own where it is
 * larger or the answer is lost, and says in which scale its trits are.
 */
TEST(FlTernGrad, ScalersAreShared)
{
    const std::vector<Tensor> tensors{{"a", 0, 1, 2}, {"b", 2, 1, 3}};
    const auto method = MakeAlgorithm<double>("terngrad[Clip=0|ScalerSharing=true]",
                                              MakeMethodSetup(3, 5, 1, tensors));
    EXPECT_TRUE(method->Traits().synchronousOnly);
    EXPECT_FALSE(method->Traits().sumSuffices);
    EXPECT_EQ(method->UploadShape(0).dimension, 2U);
    EXPECT_EQ(method->AnswerShape(1).dimension, 2U);
    EXPECT_EQ(method->UploadShape(1).dimension, 5U);
    const auto server = method->MakeServer();
    const std::vector<Vector> gradients{{4, -4, 1, 1, -1}, {2, 2, 8, 8, 8}, {-16, 16, 2, 2, 2}};
    std::vector<std::unique_ptr<WorkerHalf<double>>> halves;
    for (uint32_t round = 0; round < 3; ++round)
    {
        server->Select(round, 0, {0, 1, 2});
        for (uint32_t worker = 0; worker < 3; ++worker)
        {
            halves.push_back(method->MakeWorker({worker, 100}));
            const auto scales = Say(*halves[worker], gradients[worker], round, 0);
            // Of the last worker the first scale is lost.
            server->Accept({worker, 0, 100, {scales, worker == 2 ? Ranges{{0, 1}} : Ranges{}}, 0});
        }
        const auto answer = server->Close(round);
        ASSERT_TRUE(answer.another);
        EXPECT_EQ(ValuesOf(answer.update), (Vector{4, 8}));
        const std::vector<std::optional<ReceivedUpdate<double>>> heard{
            std::nullopt,
            ReceivedUpdate<double>{answer.update, {{0, 1}}},
            ReceivedUpdate<double>{answer.update, {}}};
        const std::vector<Vector> expected{{4, 1}, {2, 8}, {16, 8}};
        server->Select(round, 1, {0, 1, 2});
        Vector sum(5);
        for (uint32_t worker = 0; worker < 3; ++worker)
        {
            const auto sent = Say(*halves[worker], gradients[worker], round, 1, heard[worker]);
            EXPECT_EQ(std::get<ScaledTernaryUpdate<double>>(sent).scales, expected[worker]);
            const auto values = ValuesOf(sent);
            for (uint32_t i = 0; i < 5; ++i)
            {
                // Entries as large as the scale are sent for sure.
                const double scale = expected[worker][i >= 2];
                ASSERT_TRUE(std::abs(gradients[worker][i]) < scale ||
                            values[i] == gradients[worker][i]);
                sum[i] += values[i];
            }
            server->Accept({worker, 0, 100, {sent, {}}, 1});
        }
        const auto closing = server->Close(round);
        EXPECT_FALSE(closing.another);
        Vector model(5);
        method->Apply({closing.update, {}}, 0, model);
        for (uint32_t i = 0; i < 5; ++i)
        {
            ASSERT_NEAR(model[i], -sum[i] / 3, 1e-12);
        }
    }
}

/** Who missed the first exchange altogether computes its gradient in the second. */
TEST(FlTernGrad, TheSecondExchangeAloneSuffices)
{
    const auto method =
        MakeAlgorithm<double>("terngrad[Clip=0|ScalerSharing=true]", MakeMethodSetup(1, 2, 1));
    const auto half = method->MakeWorker({0, 100});
    Say(*half, {5, 5}, 0, 0);
    EXPECT_EQ(ValuesOf(Say(*half, {3, -3}, 1, 1)), (Vector{3, -3})) << "not that of round 0";
}

/** A scale a tensor; what lies beyond the clip is sent as the clip, always. */
TEST(FlTernGrad, ClipsAtDeviations)
{
    const std::vector<Tensor> tensors{{"a", 0, 1, 4}, {"b", 4, 1, 2}};
    MethodRig rig("terngrad[Clip=1]", MakeMethodSetup(1, 6, 1, tensors));
    // Mean 0, deviation 2: the 1s are sent half of the time.
    const Vector gradient{-1, 1, std::sqrt(7.0), -std::sqrt(7.0), 3, 3};
    uint32_t ones = 0;
    for (uint32_t round = 0; round < 1000; ++round)
    {
        const auto sent = std::get<ScaledTernaryUpdate<double>>(rig.Compute(0, gradient, round));
        ASSERT_NEAR(sent.scales[0], 2, 1e-7);
        ASSERT_EQ(sent.scales[1], 3) << "equal entries have no deviation to clip at";
        ASSERT_EQ(sent.trits.At(2), 1);
        ASSERT_EQ(sent.trits.At(3), -1);
        ASSERT_EQ(sent.trits.At(4), 1);
        ones += sent.trits.At(1) == 1;
    }
    EXPECT_NEAR(ones, 500, 5 * std::sqrt(250));
}

/** Unbiased, variance at most an eighth of the square, powers of two stay as they are (63). */
TEST(FlNatural, Property63UnbiasedWithAnEighth)
{
    Random random({63, 1}, Purpose::TEST);
    const auto vector = DrawNormal(50, random);
    const Moments moments("natural", MakeMethodSetup(1, 50, 1), vector);
    EXPECT_LT(moments.bias, 2 * moments.expectedBias);
    EXPECT_LT(std::abs(moments.stretch), 4 * moments.expectedBias);
    EXPECT_LT(moments.variance, SquaredNorm(vector) / 8);
    EXPECT_GT(moments.variance, SquaredNorm(vector) / 20);
    const double tiny = std::numeric_limits<double>::min();
    const double huge = std::ldexp(1, 1023);
    const Vector powers{1, -2, 0.25, 0, tiny, -huge, std::ldexp(-1, -300), 1024};
    MethodRig rig("natural", 1, 8, 1);
    for (uint32_t round = 0; round < 100; ++round)
    {
        ASSERT_EQ(ValuesOf(rig.Compute(0, powers, round)), powers);
        const auto edge =
            ValuesOf(rig.Compute(0,
                                 {tiny / 4, std::numeric_limits<double>::max(), 3, 0, 0, 0, 0, 0},
                                 round));
        ASSERT_TRUE(edge[0] == 0 || edge[0] == tiny);
        ASSERT_EQ(edge[1], huge);
        ASSERT_TRUE(edge[2] == 2 || edge[2] == 4);
    }
}

/** The error of one compression is 1 - |v|_1^2 / (d |v|^2) of the square (64), a tensor at a time.
 */
TEST(FlEfSignSgd, Property64ErrorByTheFormula)
{
    Random random({64, 1}, Purpose::TEST);
    const auto vector = DrawNormal(SIZE, random);
    MethodRig rig("ef-signsgd", MakeMethodSetup(1, SIZE, 1, g_tensors));
    const auto error = Minus(vector, ValuesOf(rig.Compute(0, vector)));
    for (const auto& tensor : g_tensors)
    {
        const auto part = [&](const Vector& whole)
        {
            return Vector(whole.begin() + tensor.first,
                          whole.begin() + tensor.first + tensor.Size());
        };
        const double squares = SquaredNorm(part(vector));
        const double absolute = AbsoluteSum(part(vector));
        const double formula = 1 - absolute * absolute / (tensor.Size() * squares);
        // The scale travels as binary32.
        EXPECT_NEAR(SquaredNorm(part(error)), formula * squares, 1e-6 * squares);
    }
}

/** The sum over each sign class of each block is preserved (71), to the binary32 of the means. */
TEST(FlOneBitSgd, Property71SumsArePreserved)
{
    for (const std::string block : {"row", "tensor"})
    {
        MethodRig rig("1bit-sgd[Block=" + block + "]", MakeMethodSetup(1, SIZE, 1, g_tensors));
        Random random({71, 1}, Purpose::TEST);
        auto vector = DrawNormal(SIZE, random);
        std::fill(vector.begin() + 40, vector.begin() + 55, 2.0); // no negative one
        const auto sent = std::get<ScaledSignUpdate<double>>(rig.Compute(0, vector));
        const auto values = ValuesOf(sent);
        EXPECT_EQ(sent.blocks->size(), block == "row" ? 5U + 1 + 2 : 3U);
        EXPECT_EQ(sent.blocks->back(), SIZE);
        uint32_t first = 0;
        for (const uint32_t end : *sent.blocks)
        {
            double sums[2] = {0, 0};
            for (uint32_t i = first; i < end; ++i)
            {
                ASSERT_EQ(values[i] < 0, vector[i] < 0);
                sums[vector[i] < 0] += values[i] - vector[i];
            }
            EXPECT_NEAR(sums[0], 0, 1e-5);
            EXPECT_NEAR(sums[1], 0, 1e-5);
            first = end;
        }
    }
}

/** 0 counts as positive: 2 and 0 have the mean 1, and the scale of two that are 3 is 2. */
TEST(FlCompression, ZeroIsPositive)
{
    MethodRig means("1bit-sgd", 1, 4, 1);
    EXPECT_EQ(ValuesOf(means.Compute(0, {0, 2, -1, -0.0})),
              (Vector{2.0F / 3, 2.0F / 3, -1, 2.0F / 3}));
    MethodRig signs("ef-signsgd", 1, 3, 1);
    EXPECT_EQ(ValuesOf(signs.Compute(0, {0, 3, -3})), (Vector{2, 2, -2}));
    EXPECT_EQ(ValuesOf(signs.Compute(0, {-0.0, 3, -3})), (Vector{2, 2, -2}));
}

/** The server's own error memory: what the update leaves out of the mean comes later. */
TEST(FlCompression, TheDownlinkRemembersItsError)
{
    for (const std::string text : {"ef-signsgd[Downlink=update]", "1bit-sgd[Downlink=update]"})
    {
        MethodRig rig(text, MakeMethodSetup(2, SIZE, 1, g_tensors));
        EXPECT_EQ(rig.Method().Traits().broadcast, BroadcastKind::UPDATE);
        Random random({72, 1}, Purpose::TEST);
        Vector sum(SIZE);  // of the means of what arrived
        Vector said(SIZE); // by the server
        for (uint32_t round = 0; round < 20; ++round)
        {
            for (uint32_t worker = 0; worker < 2; ++worker)
            {
                const auto missing = DrawMissing(SIZE, random, 20);
                const auto sent = rig.Send(worker, DrawNormal(SIZE, random), missing, round);
                sum = Minus(sum, Times(ValuesOf(sent, missing), -0.5));
            }
            // With a memory the update is the compression of all that has not been said.
            MethodRig fresh(text, MakeMethodSetup(1, SIZE, 1, g_tensors));
            const auto expected = ValuesOf(fresh.Compute(0, Minus(sum, said)));
            const auto update = ValuesOf(rig.Close(round));
            said = Minus(said, Times(update, -1));
            for (uint32_t i = 0; i < SIZE; ++i)
            {
                ASSERT_NEAR(update[i], expected[i], 1e-5) << text;
                ASSERT_NEAR(rig.model[i], -said[i], 1e-9);
            }
        }
    }
}

/** Unbiased methods on request send the mean down in their own code, drawn by the server. */
TEST(FlCompression, TheDownlinkIsQuantisedAgain)
{
    for (const std::string text : {"qsgd[Bucket=4|Downlink=update]",
                                   "terngrad[Downlink=update]",
                                   "natural[Downlink=update]"})
    {
        MethodRig one(text, 3, 20, 1);
        MethodRig two(text, 3, 20, 1);
        Random random({73, 1}, Purpose::TEST);
        const auto gradient = DrawNormal(20, random);
        const auto shape = one.Method().UpdateShape();
        EXPECT_EQ(shape.dimension, 20U);
        const auto update = one.Round({gradient, gradient, gradient}, 3);
        EXPECT_EQ(update.index(), one.Compute(0, gradient).index());
        EXPECT_EQ(ValuesOf(update), ValuesOf(two.Round({gradient, gradient, gradient}, 3)));
        EXPECT_NE(ValuesOf(update), ValuesOf(two.Round({gradient, gradient, gradient}, 4)));
    }
}

/** A coordinate's mean is over those workers that brought it. */
TEST(FlCompression, LossDoesNotShrinkUnbiasedMeans)
{
    MethodRig rig("natural", 3, 3, 1);
    rig.Send(0, {4, 4, 4}, {{2, 3}});
    rig.Send(1, {8, 8, 8}, {{1, 3}});
    rig.Close();
    EXPECT_EQ(rig.model, (Vector{-6, -4, 0}));
}

/** With error feedback the sum is divided by all that were asked. */
TEST(FlCompression, FeedbackDividesByAllAsked)
{
    MethodRig rig("ef-signsgd", 4, 2, 1);
    rig.Server().Select(0, 0, {0, 1});
    rig.Send(0, {4, 4}, {{1, 2}});
    rig.Send(1, {8, -8});
    rig.Close();
    EXPECT_EQ(rig.model, (Vector{-6, 4}));
    rig.Server().Select(1, 0, {});
    rig.Close();
    EXPECT_EQ(rig.model, (Vector{-6, 4})) << "nobody asked, nothing moves";
}

/** All entries sent without feedback is SGD at any rate, and nothing is remembered. */
TEST(FlTopK, WithoutFeedbackTheRestIsForgotten)
{
    Random random({58, 1}, Purpose::TEST);
    MethodRig sparse("top-k[Density=1|ErrorFeedback=false]", 3, 50, 0.3);
    MethodRig dense("sgd", 3, 50, 0.3);
    EXPECT_FALSE(sparse.Method().Traits().committed);
    for (uint32_t round = 0; round < 10; ++round)
    {
        std::vector<Vector> gradients;
        for (int worker = 0; worker < 3; ++worker)
        {
            gradients.push_back(DrawNormal(50, random));
        }
        sparse.Round(gradients, round);
        dense.Round(gradients, round);
        ASSERT_EQ(sparse.model, dense.model);
    }
    MethodRig half("top-k[Density=0.5|ErrorFeedback=false]", 1, 2, 0.5);
    half.Round({{8, -6}});
    half.Round({{0, -1}});
    EXPECT_EQ(half.model, (Vector{-4, 0.5}));
}

/**
 * The seed that travels gives the places (68); they differ by worker and round; without feedback
 * the mean is the vector, with it the entries are as they are.
 */
TEST(FlRandomK, Property68PlacesComeFromTheSeed)
{
    constexpr uint32_t size = 40;
    Random random({68, 1}, Purpose::TEST);
    const auto vector = DrawNormal(size, random);
    const auto setup = MakeMethodSetup(2, size, 1);
    MethodRig rig("random-k[Density=0.25]", setup);
    const auto sent = std::get<SeededUpdate<double>>(rig.Compute(0, vector, 5));
    const auto places = DrawPositions(sent.seed, size, 10);
    for (uint32_t k = 0; k < 10; ++k)
    {
        EXPECT_EQ(sent.values[k], vector[places[k]]);
    }
    EXPECT_EQ(sent.values.size(), 10U);
    EXPECT_NE(sent.seed, std::get<SeededUpdate<double>>(rig.Compute(0, vector, 6)).seed);
    EXPECT_NE(sent.seed, std::get<SeededUpdate<double>>(rig.Compute(1, vector, 5)).seed);
    const Moments moments("random-k[Density=0.25|ErrorFeedback=false]", setup, vector);
    EXPECT_LT(moments.bias, 2 * moments.expectedBias);
    // The variance factor of the literature: N/K - 1.
    EXPECT_NEAR(moments.variance, 3 * SquaredNorm(vector), 0.1 * SquaredNorm(vector));
}

/** Without momentum it is top-k with error feedback, whose rate is inside (60), bit for bit. */
TEST(FlDgc, Property60WithoutMomentumItIsTopK)
{
    constexpr uint32_t workers = 3;
    const auto setup = MakeMethodSetup(workers, SIZE, 0.25, g_tensors);
    MethodRig dgc("dgc[Momentum=0|WarmUp=0|Density=0.1]", setup);
    MethodRig topK("top-k[Density=0.1]", setup);
    Random random({60, 1}, Purpose::TEST);
    for (uint32_t round = 0; round < 40; ++round)
    {
        for (uint32_t worker = 0; worker < workers; ++worker)
        {
            const auto gradient = DrawNormal(SIZE, random);
            const auto missing = DrawMissing(SIZE, random, 20);
            dgc.Send(worker, gradient, missing, round);
            topK.Send(worker, gradient, missing, round);
        }
        dgc.Close(round);
        topK.Close(round);
        ASSERT_EQ(dgc.model, topK.model);
    }
}

/**
 * By hand, beta = 0.5, one of two entries: u = {4, 3}, v = {4, 3}, the first is sent and masked;
 * then u = {0, 1.5}, v = {0, 4.5} is sent; a lost entry stays in u and v.
 */
TEST(FlDgc, Property60MaskingByHand)
{
    MethodRig rig("dgc[Momentum=0.5|WarmUp=0|Density=0.5]", 1, 2, 1);
    EXPECT_EQ(ValuesOf(rig.Send(0, {4, 3})), (Vector{4, 0}));
    EXPECT_EQ(ValuesOf(rig.Compute(0, {100, 0})), (Vector{100, 0})) << "given up";
    EXPECT_EQ(ValuesOf(rig.Send(0, {0, 0}, {{1, 2}})), (Vector{0, 4.5}));
    EXPECT_EQ(ValuesOf(rig.Send(0, {0, 0})), (Vector{0, 5.25})) << "lost: u = 0.75, v = 5.25";
    EXPECT_EQ(ValuesOf(rig.Send(0, {0.5, 0.25})), (Vector{0.5, 0}));
}

/** Ten rounds an epoch: the density falls as p^(1/3), p^(2/3), p. */
TEST(FlDgc, WarmUpAndClipping)
{
    constexpr uint32_t size = 1000;
    MethodRig rig("dgc[WarmUp=2|Density=0.001]", 1, size, 1);
    Random random({74, 1}, Purpose::TEST);
    const auto gradient = DrawNormal(size, random);
    const auto countIn = [&](uint32_t round)
    {
        return std::get<SparseUpdate<double>>(rig.Compute(0, gradient, round)).indices.size();
    };
    EXPECT_NEAR(countIn(0), 100, 1);
    EXPECT_NEAR(countIn(9), 100, 1);
    EXPECT_NEAR(countIn(10), 10, 1);
    EXPECT_EQ(countIn(20), 1U);
    EXPECT_EQ(countIn(1000), 1U);
    // A norm of 5 is clipped to 4 / sqrt(4) = 2.
    MethodRig clipped("dgc[Clip=4|Density=1|WarmUp=0]", 4, 2, 1);
    const auto sent = ValuesOf(clipped.Compute(0, {3, -4}));
    EXPECT_NEAR(sent[0], 1.2, 1e-12);
    EXPECT_NEAR(sent[1], -1.6, 1e-12);
    EXPECT_EQ(ValuesOf(clipped.Compute(0, {1, -1})), (Vector{1, -1}));
}

/** With a threshold from a sample about as many are sent, and in short tensors exactly as many. */
TEST(FlDgc, SampledThreshold)
{
    const std::vector<Tensor> tensors{{"long", 0, 1, 20000}, {"short", 20000, 1, 30}};
    const auto setup = MakeMethodSetup(1, 20030, 1, tensors);
    MethodRig sampled("dgc[WarmUp=0|Density=0.05|Threshold=sampled]", setup);
    MethodRig whole("dgc[WarmUp=0|Density=0.05|Threshold=sampled|Sample=1]", setup);
    MethodRig exact("dgc[WarmUp=0|Density=0.05]", setup);
    Random random({78, 1}, Purpose::TEST);
    std::set<std::size_t> counts;
    for (uint32_t round = 0; round < 50; ++round)
    {
        const auto gradient = DrawNormal(20030, random);
        const auto sent = std::get<SparseUpdate<double>>(sampled.Send(0, gradient, {}, round));
        const auto cut = std::lower_bound(sent.indices.begin(), sent.indices.end(), 20000);
        const auto inLong = cut - sent.indices.begin();
        ASSERT_GE(inLong, 800);
        ASSERT_LE(inLong, 1300);
        ASSERT_EQ(sent.indices.end() - cut, 2);
        counts.insert(inLong);
        ASSERT_EQ(ValuesOf(whole.Send(0, gradient, {}, round)),
                  ValuesOf(exact.Send(0, gradient, {}, round)));
    }
    EXPECT_GT(counts.size(), 25U) << "each round draws its sample";
}

/**
 * Kept magnitudes are all their tensor's mean (67); what is kept of A is what was not heard; the
 * server's residual keeps what its update leaves out of the mean.
 */
TEST(FlStc, Property67TernaryBothWaysWithResiduals)
{
    const auto setup = MakeMethodSetup(2, SIZE, 1, g_tensors);
    MethodRig rig("stc[Density=0.2]", setup);
    EXPECT_EQ(rig.Method().Traits().broadcast, BroadcastKind::UPDATE);
    EXPECT_TRUE(rig.Method().Traits().committed);
    Random random({67, 1}, Purpose::TEST);
    std::vector<Vector> residuals(2, Vector(SIZE));
    Vector serverResidual(SIZE);
    const BlockSelection selection(g_tensors, 0.2);
    const auto compressed = [&](const Vector& values)
    {
        Vector kept(SIZE);
        const auto largest = selection.Largest(values);
        for (const auto& tensor : g_tensors)
        {
            std::vector<uint32_t> inside;
            double sum = 0;
            for (const uint32_t i : largest)
            {
                if (tensor.first <= i && i < tensor.first + tensor.Size())
                {
                    inside.push_back(i);
                    sum += std::abs(values[i]);
                }
            }
            for (const uint32_t i : inside)
            {
                const double sign = (values[i] > 0) - (values[i] < 0);
                kept[i] = sign * sum / static_cast<double>(inside.size());
            }
        }
        return kept;
    };
    for (uint32_t round = 0; round < 20; ++round)
    {
        Vector sum(SIZE);
        for (uint32_t worker = 0; worker < 2; ++worker)
        {
            const auto gradient = DrawNormal(SIZE, random);
            const auto missing = DrawMissing(SIZE, random, 20);
            const auto wanted = Minus(residuals[worker], Times(gradient, -1));
            const auto sent = rig.Send(worker, gradient, missing, round);
            const auto expected = compressed(wanted);
            const auto values = ValuesOf(sent);
            for (uint32_t i = 0; i < SIZE; ++i)
            {
                ASSERT_NEAR(values[i], expected[i], 1e-5);
            }
            residuals[worker] = Minus(wanted, ValuesOf(sent, missing));
            sum = Minus(sum, Times(ValuesOf(sent, missing), -1));
        }
        // In the server's order, as its many equal entries leave the choice to the last bit.
        const auto mean = Minus(Times(sum, 0.5), Times(serverResidual, -1));
        const auto update = ValuesOf(rig.Close(round));
        const auto expected = compressed(mean);
        for (uint32_t i = 0; i < SIZE; ++i)
        {
            ASSERT_NEAR(update[i], expected[i], 1e-5);
        }
        serverResidual = Minus(mean, update);
    }
}

/** Two steps from a model of 8 on the gradient x at rate 0.5: 8, 4, 2, a change of 6. */
TEST(FlStc, TakesLocalSteps)
{
    auto setup = MakeMethodSetup(1, 1, 0.5);
    setup.localSteps = 2;
    MethodRig rig("stc[Density=1]", setup);
    rig.model = {8};
    std::vector<uint32_t> steps;
    const auto sent = rig.Compute(0,
                                  [&](const Vector& model, uint32_t step)
                                  {
                                      steps.push_back(step);
                                      return model;
                                  });
    EXPECT_EQ(ValuesOf(sent), (Vector{6}));
    EXPECT_EQ(steps, (std::vector<uint32_t>{0, 1}));
    const auto work = rig.Half(0).DeclareWork(MethodContext({8}, {}));
    EXPECT_EQ(work.gradientEvaluations, 2U);
    EXPECT_EQ(work.samples, 20U);
    EXPECT_EQ(work.localSteps, 2U);
    EXPECT_EQ(work.encodedCoordinates, 1U);
}

/** A quadratic whose minimum every worker sees alike is found by every method. */
TEST(FlCompression, EveryMethodConvergesOnAQuadratic)
{
    const auto setup = MakeMethodSetup(3, SIZE, 0.02, g_tensors);
    for (const std::string text : {"top-k[Density=0.1]",
                                   "random-k[Density=0.1]",
                                   "random-k[Density=0.5|ErrorFeedback=false|Downlink=update]",
                                   "qsgd",
                                   "qsgd[Levels=1|Bucket=8|Downlink=update]",
                                   "qgd",
                                   "terngrad",
                                   "natural",
                                   "ef-signsgd",
                                   "ef-signsgd[Downlink=update]",
                                   "1bit-sgd",
                                   "1bit-sgd[Downlink=update|Block=tensor]",
                                   "stc[Density=0.1]",
                                   "stc[Density=0.1|Scope=global]",
                                   "dgc[Density=0.1|Momentum=0.5|WarmUp=1]"})
    {
        MethodRig rig(text, setup);
        Random random({75, 1}, Purpose::TEST);
        rig.model = DrawNormal(SIZE, random);
        const double begin = SquaredNorm(rig.model);
        for (uint32_t round = 0; round < 2000; ++round)
        {
            rig.Round(std::vector<Vector>(3, rig.model), round);
        }
        EXPECT_LT(SquaredNorm(rig.model), 1e-6 * begin) << text;
    }
}

} // namespace fl
