/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

/** What late uploads are worth. */

#include "ns3/fl-error.h"
#include "ns3/fl-learning-federation.h"
#include "ns3/fl-mode.h"
#include "ns3/fl-pool.h"
#include "ns3/fl-update-values.h"
#include "ns3/fl-weighted-update.h"

#include "fl-test-helpers.h"

#include <cmath>
#include <cstring>
#include <gtest/gtest.h>

namespace fl
{

namespace
{

/** @return the model of a federation on double */
std::vector<double>
ModelOf(const Federation& federation)
{
    const auto bytes = federation.ModelBytes();
    std::vector<double> model(bytes.size() / sizeof(double));
    std::memcpy(model.data(), bytes.data(), bytes.size());
    return model;
}

/** Delivers a whole upload. */
void
Deliver(Federation& federation, uint32_t worker, const Upload& upload)
{
    const auto total = static_cast<uint32_t>(upload.message->segments.size());
    for (uint32_t i = 0; i < total; ++i)
    {
        EXPECT_EQ(federation.ReceiveUpload(worker, upload.round, 0, ViewOf(*upload.message, i)),
                  SegmentFault::NONE);
    }
    EXPECT_EQ(federation.CloseUpload(worker, upload.round, 0).accepted, total);
}

/** @return how far the model moves by an upload of worker 0 that comes so many rounds late */
std::vector<double>
StepOfLateUpload(const std::string& algorithm, const LateUploads& late, uint32_t staleness)
{
    LearningSetup setup;
    setup.algorithm = algorithm;
    setup.objective = "softmax";
    setup.data = MakeDataset("gaussian-mixture[Features=6|Classes=4|Samples=200|TestSamples=50]",
                             setup.runSeed);
    setup.partition = MakePartition("iid", *setup.data.train, 2, setup.runSeed);
    setup.late = late;
    Pool pool(1);
    const auto federation = MakeLearningFederation<double>(std::move(setup), pool);
    federation->OpenRound({0, 1}, {0});
    federation->StartCompute(0, 0, 0);
    const auto upload = federation->FinishCompute(0);
    for (uint32_t round = 0; round < staleness; ++round)
    {
        federation->CloseExchange(); // of which nothing comes
        federation->OpenRound({0, 1}, {});
    }
    const auto before = ModelOf(*federation);
    Deliver(*federation, 0, upload);
    EXPECT_EQ(federation->CloseExchange().participants, 1U);
    auto step = ModelOf(*federation);
    for (std::size_t i = 0; i < step.size(); ++i)
    {
        step[i] -= before[i];
    }
    return step;
}

} // namespace

TEST(FlLateUploads, Names)
{
    EXPECT_FALSE(LateUploads::Parse("drop").count);
    EXPECT_TRUE(LateUploads::Parse("next").count);
    EXPECT_EQ(LateUploads::Parse("next").exponent, 0);
    EXPECT_EQ(LateUploads::Parse("weighted[Exponent=2]").exponent, 2);
    EXPECT_THROW(LateUploads::Parse("weighted[Exponent=-1]"), UserError);
    EXPECT_EQ(Mode::Parse("sync").buffer, 0U);
    EXPECT_EQ(Mode::Parse("async").buffer, 1U);
    EXPECT_EQ(Mode::Parse("async").late.exponent, 0.5);
    EXPECT_EQ(Mode::Parse("buffered[K=7|Exponent=0]").buffer, 7U);
    EXPECT_THROW(Mode::Parse("buffered[K=0]"), UserError);
}

/** (1 + s)^-a */
TEST(FlLateUploads, Weights)
{
    EXPECT_EQ((LateUploads{true, 0.5}.Weight(0)), 1);
    EXPECT_NEAR((LateUploads{true, 0.5}.Weight(3)), 0.5, 1e-15);
    EXPECT_NEAR((LateUploads{true, 2}.Weight(3)), 1. / 16, 1e-15);
    EXPECT_EQ((LateUploads{true, 0}.Weight(1000)), 1);
}

/** The model moves by the weight times what it would move by without one. */
TEST(FlLateUploads, StepsAreMultiplied)
{
    for (const std::string algorithm : {"sgd",
                                        "qsgd",
                                        "qgd",
                                        "natural",
                                        "terngrad",
                                        "top-k[ErrorFeedback=false]",
                                        "random-k[ErrorFeedback=false]",
                                        "fedavg"})
    {
        SCOPED_TRACE(algorithm);
        const auto plain = StepOfLateUpload(algorithm, {true, 0}, 3);
        const auto weighted = StepOfLateUpload(algorithm, {true, 0.5}, 3);
        double length = 0;
        for (std::size_t i = 0; i < plain.size(); ++i)
        {
            EXPECT_NEAR(weighted[i], plain[i] / 2, 1e-14);
            length += std::abs(plain[i]);
        }
        EXPECT_GT(length, 1e-3);
        EXPECT_EQ(StepOfLateUpload(algorithm, {true, 0.5}, 0),
                  StepOfLateUpload(algorithm, {true, 0}, 0));
    }
}

/** Every type of update that has numbers. */
TEST(FlLateUploads, UpdatesAreMultiplied)
{
    const Blocks blocks =
        std::make_shared<const std::vector<uint32_t>>(std::vector<uint32_t>{2, 3});
    auto signs = SignUpdate::Positive(3);
    signs.words[0] = 2;
    auto trits = TernaryUpdate::Zero(3);
    trits.Set(0, -1);
    trits.Set(2, 1);
    const std::vector<Update<double>> updates{
        DenseUpdate<double>{{1, -2, 3}},
        NaturalUpdate<double>{{1, -2, 4}},
        SparseUpdate<double>{3, {0, 2}, {5, -7}},
        SeededUpdate<double>{3, 9, {5, -7}},
        ScaledSignUpdate<double>{signs, blocks, {2, 3}, {}},
        ScaledSignUpdate<double>{signs, blocks, {2, 3}, {-5, -7}},
        ScaledTernaryUpdate<double>{trits, blocks, {2, 3}},
        QuantisedUpdate<double>{blocks, 4, {2, 3}, {1, -4, 2}}};
    for (const auto& update : updates)
    {
        SCOPED_TRACE(update.index());
        auto weighted = update;
        MultiplyUpdate(0.25, weighted);
        std::vector<double> before(3);
        std::vector<double> after(3);
        ForEachValue<double>(update, {}, [&](uint32_t i, double value) { before[i] = value; });
        ForEachValue<double>(weighted, {}, [&](uint32_t i, double value) { after[i] = value; });
        EXPECT_NE(before, std::vector<double>(3));
        for (std::size_t i = 0; i < before.size(); ++i)
        {
            EXPECT_EQ(after[i], before[i] / 4);
        }
    }
    Update<double> votes = signs;
    EXPECT_THROW(MultiplyUpdate(0.5, votes), UserError);
    votes = trits;
    EXPECT_THROW(MultiplyUpdate(0.5, votes), UserError);
}

} // namespace fl
