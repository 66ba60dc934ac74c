/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "fl-test-helpers.h"
#include "fl-toy-problems.h"

#include "ns3/fl-change-history.h"
#include "ns3/fl-learning-federation.h"
#include "ns3/fl-worker-replica.h"

#include <gtest/gtest.h>

#include <cmath>

namespace fl
{

using test::LossyDriver;
using test::MakeSmallSetup;
using test::UpTo;
using test::Vector;

namespace
{

constexpr uint32_t DEPTH = 3;

/** A server whose model of two parameters moves along one of them, and a worker that listens. */
class MovingModel
{
  public:
    explicit MovingModel(const std::string& name)
    {
        AlgorithmSetup setup{};
        setup.workers = 1;
        setup.dimension = 2;
        setup.tensors = {{"all", 0, 1, 2}};
        setup.learningRate = 1;
        setup.localSteps = 1;
        algorithm = MakeAlgorithm<double>(name, setup);
        models[0] = std::make_shared<const Vector>(2 + algorithm->Traits().companions.Size());
        replica.Start(models[0]);
    }

    /** The model moves. @param change by how much */
    void Advance(double change)
    {
        const auto& before = *models.rbegin()->second;
        auto model = before;
        model[0] += change;
        algorithm->RememberChange(before, model);
        models[models.rbegin()->first + 1] = std::make_shared<const Vector>(model);
    }

    /** The worker hears numbers of the current version. */
    void Hear(DownloadKind kind, bool arrives = true)
    {
        const auto& [version, model] = *models.rbegin();
        const auto begin = model->begin() + (kind == DownloadKind::MODEL ? 0 : 2);
        const auto end = kind == DownloadKind::MODEL ? model->begin() + 2 : model->end();
        const auto download = std::make_shared<const Download>(
            Download{version,
                     0,
                     0,
                     kind,
                     false,
                     version,
                     {0},
                     std::make_shared<const EncodedMessage>(
                         Encode(Update<double>(DenseUpdate<double>{{begin, end}}), 1000))});
        if (arrives)
        {
            replica.Receive(download, ViewOf(*download->message, 0));
        }
        replica.Close(download);
    }

    /** @return the model that the worker trains on, with its history */
    SharedModel<double> Held()
    {
        replica.Settle(*algorithm, models);
        return replica.Current();
    }

    std::unique_ptr<Algorithm<double>> algorithm;
    std::map<uint32_t, SharedModel<double>> models;
    WorkerReplica<double> replica;
};

/** @return the plan of a round before which one worker of five was away for two others */
ExchangePlan
PlanForOneThatWasAway(const std::string& algorithm, const std::string& resync)
{
    auto setup = MakeSmallSetup(algorithm, "softmax");
    setup.resync = ResyncPolicy::Parse(resync);
    static Pool pool(1);
    const auto federation = MakeLearningFederation<float>(setup, pool);
    LossyDriver driver(*federation, 1);
    driver.Round(UpTo(5), {});
    driver.Round(UpTo(5), {});
    driver.Round({0, 1, 3, 4}, {});
    driver.Round({0, 1, 3, 4}, {});
    return federation->OpenRound(UpTo(5));
}

} // namespace

/** The sum holds as many changes as stand behind the parameters, and forgets the oldest. */
TEST(FlChangeHistory, RemembersTheLastChanges)
{
    Vector model(2 + DEPTH);
    const double expected[] = {1, 5, 21, 84, 336}; // of changes 1, 2, 4, 8, 16 along one of them
    for (uint32_t version = 0; version < 5; ++version)
    {
        auto next = model;
        next[version % 2] += std::pow(2.0, version);
        RememberSquaredChange(model, next, 2);
        EXPECT_EQ(SquaredChanges(next, 2), expected[version]);
        model = next;
    }
    EXPECT_EQ(model, (Vector{21, 10, 16, 64, 256})) << "oldest first";
    Vector none{1, 2};
    RememberSquaredChange({0, 0}, none, 2);
    EXPECT_EQ(none, (Vector{1, 2}));
    EXPECT_EQ(SquaredChanges(none, 2), 0);
}

/** Who holds every version works the history out and shares the server's numbers. */
TEST(FlChangeHistory, AWorkerThatMissesNothingNeedsNone)
{
    MovingModel server("lag-wk[Depth=3]");
    for (const double change : {1, 2, 4, 8})
    {
        server.Advance(change);
        server.Hear(DownloadKind::MODEL);
        EXPECT_EQ(server.Held(), server.models.rbegin()->second);
    }
    EXPECT_EQ(*server.Held(), (Vector{15, 0, 4, 16, 64}));
}

/** Who missed versions is told; without that it sees what it missed as one change. */
TEST(FlChangeHistory, WhatAWorkerMissedIsSentOrIsOneChange)
{
    for (const bool arrives : {true, false})
    {
        MovingModel server("lag-wk[Depth=3]");
        server.Advance(1);
        server.Hear(DownloadKind::MODEL);
        server.Held();
        server.Advance(2);
        server.Advance(4);
        server.Hear(DownloadKind::MODEL);
        server.Hear(DownloadKind::HISTORY, arrives);
        const auto held = server.Held();
        EXPECT_EQ(*held, arrives ? (Vector{7, 0, 1, 4, 16}) : (Vector{7, 0, 0, 1, 36}));
        EXPECT_EQ(held == server.models[3], arrives);
        server.Hear(DownloadKind::MODEL);
        EXPECT_EQ(*server.Held(), *held) << "the same version is no change";
        // After as many changes as are remembered it is the server's once more.
        for (uint32_t i = 0; i < DEPTH; ++i)
        {
            EXPECT_EQ(server.Held() == server.models.rbegin()->second, arrives) << i;
            server.Advance(8);
            server.Hear(DownloadKind::MODEL);
        }
        EXPECT_EQ(server.Held(), server.models.rbegin()->second);
    }
}

/** A partial model is a change, too: the second of two parameters was lost. */
TEST(FlChangeHistory, APartialModelIsAChange)
{
    MovingModel server("gd-sec");
    server.Advance(3);
    const auto download = std::make_shared<const Download>(
        Download{1,
                 0,
                 0,
                 DownloadKind::MODEL,
                 false,
                 1,
                 {0},
                 std::make_shared<const EncodedMessage>(
                     Encode(Update<double>(DenseUpdate<double>{{3, 5}}), 8))});
    server.replica.Receive(download, ViewOf(*download->message, 0));
    server.replica.Close(download);
    EXPECT_EQ(*server.Held(), (Vector{3, 0, 3, 0}));
}

/** Only who was away gets a history, after the model, and no more than the numbers that count. */
TEST(FlChangeHistory, OnlyWhoWasAwayIsTold)
{
    for (const std::string name : {"lag-wk[Depth=3]", "sasg[Depth=4]", "lasg[Depth=4]"})
    {
        const auto plan = PlanForOneThatWasAway(name, "always");
        ASSERT_EQ(plan.downloads.size(), 2U) << name;
        EXPECT_EQ(plan.downloads[0]->kind, DownloadKind::MODEL);
        EXPECT_EQ(plan.downloads[0]->audience, UpTo(5));
        EXPECT_EQ(plan.downloads[1]->kind, DownloadKind::HISTORY);
        EXPECT_EQ(plan.downloads[1]->version, 4U);
        EXPECT_EQ(plan.downloads[1]->audience, std::vector<uint32_t>{2});
        EXPECT_EQ(plan.downloads[1]->message->bytes.size(), DEPTH * sizeof(float));
    }
    for (const std::string name : {"sgd", "gd-sec", "ef21"})
    {
        EXPECT_EQ(PlanForOneThatWasAway(name, "always").downloads.size(), 1U) << name;
    }
    EXPECT_EQ(PlanForOneThatWasAway("lag-wk", "never").downloads.size(), 1U);
    EXPECT_EQ(PlanForOneThatWasAway("lag-wk", "every-2").downloads.size(), 2U);
    EXPECT_EQ(PlanForOneThatWasAway("lag-wk", "every-3").downloads.size(), 1U) << "round 4";
}

} // namespace fl
