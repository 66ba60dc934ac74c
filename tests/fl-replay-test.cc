/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/fl-replay-federation.h"

#include "ns3/fl-error.h"
#include "ns3/fl-learning-federation.h"
#include "ns3/fl-reference-loop.h"

#include "fl-test-helpers.h"

#include <gtest/gtest.h>
#include <sstream>

namespace fl
{

namespace
{

using test::Losses;
using test::LossyDriver;
using test::MakeSmallSetup;
using test::UpTo;
using test::WORKERS;

constexpr uint32_t ROUNDS = 6; ///< of recorded runs

/** A recorded run. */
struct Recording
{
    FederationShape shape;
    std::string log;
    std::vector<double> losses;
};

/** Runs the loop in which everything arrives, with an evaluation at the end of it. */
Recording
Record(const std::string& algorithm)
{
    const auto setup = MakeSmallSetup(algorithm, "softmax");
    Pool pool(1);
    const auto federation = MakeLearningFederation<float>(setup, pool);
    std::ostringstream text;
    EventLog log(text);
    federation->SetLog(&log);
    auto losses = RunReferenceLoop(*federation, ROUNDS);
    federation->StartEvaluation();
    federation->FinishEvaluation();
    return {federation->Shape(), text.str(), std::move(losses)};
}

std::vector<LoggedEvent>
Read(const std::string& text)
{
    std::istringstream stream(text);
    return ReadEventLog(stream);
}

/** @return the message of the UserError that a function throws, "" if it throws none */
template <typename Function>
std::string
FaultOf(Function function)
{
    try
    {
        function();
    }
    catch (const UserError& error)
    {
        return error.what();
    }
    return "";
}

/** @return whether a text holds another */
bool
Holds(const std::string& text, const std::string& part)
{
    return text.find(part) != std::string::npos;
}

const std::vector<std::string> g_algorithms{"sgd",
                                            "signsgd-mv[Momentum=0.9]",
                                            "top-k[Density=0.05]"};

} // namespace

/** Losses, lengths, plans: the repeated run's log is that of the recorded one, byte for byte. */
TEST(FlReplay, TheLogIsRepeatedByteForByte)
{
    for (const auto& algorithm : g_algorithms)
    {
        SCOPED_TRACE(algorithm);
        const auto recording = Record(algorithm);
        const auto replay = MakeReplayFederation(recording.shape, Read(recording.log));
        std::ostringstream text;
        EventLog log(text);
        replay->SetLog(&log);
        EXPECT_EQ(RunReferenceLoop(*replay, ROUNDS), recording.losses);
        replay->StartEvaluation();
        replay->FinishEvaluation();
        EXPECT_EQ(text.str(), recording.log);
        EXPECT_TRUE(Holds(text.str(), "evaluate loss="));
        EXPECT_TRUE(replay->ModelBytes().empty()) << "a replay learns nothing";
    }
}

/** Messages have the recorded lengths, their bytes are zeros. */
TEST(FlReplay, MessagesHaveTheRecordedLengths)
{
    const auto recording = Record("top-k[Density=0.05]");
    const auto replay = MakeReplayFederation(recording.shape, Read(recording.log));
    const auto plan = replay->OpenRound(UpTo(WORKERS));
    EXPECT_TRUE(plan.downloads.empty());
    ASSERT_EQ(plan.asked, UpTo(WORKERS));
    const auto work = replay->StartCompute(0, plan.round, plan.exchange);
    EXPECT_EQ(work.samples, 16U);
    EXPECT_EQ(work.encodedCoordinates, 28U);
    const auto upload = replay->FinishCompute(0);
    ASSERT_TRUE(upload.message);
    EXPECT_EQ(upload.message->dimension, 28U);
    EXPECT_EQ(upload.message->bytes, std::vector<uint8_t>(upload.message->bytes.size()));
    EXPECT_FALSE(replay->HoldsReceipt(0)) << "receipts are owed as in the recorded run";
    for (uint32_t i = 0; i < upload.message->segments.size(); ++i)
    {
        replay->ReceiveUpload(0, 0, 0, ViewOf(*upload.message, i));
    }
    const auto outcome = replay->CloseUpload(0, 0, 0);
    EXPECT_FALSE(outcome.nothing);
    EXPECT_TRUE(outcome.missing.empty());
    replay->ReceiveReceipt(0, outcome);
    EXPECT_TRUE(replay->HoldsReceipt(0));
}

/** Segments in any order are as good; another order of uploads is not the business of learning. */
TEST(FlReplay, OrderDoesNotMatter)
{
    for (const auto& algorithm : g_algorithms)
    {
        const auto recording = Record(algorithm);
        const auto replay = MakeReplayFederation(recording.shape, Read(recording.log));
        LossyDriver driver(*replay, 1);
        for (const double loss : recording.losses)
        {
            EXPECT_EQ(driver.Round(UpTo(WORKERS), {}), loss);
        }
    }
}

TEST(FlReplay, MoreThanWasRecordedIsRefused)
{
    const auto recording = Record("sgd");
    const auto replay = MakeReplayFederation(recording.shape, Read(recording.log));
    const auto fault = FaultOf([&] { RunReferenceLoop(*replay, ROUNDS + 1); });
    EXPECT_TRUE(Holds(fault, "--replay: ") && Holds(fault, "fewer rounds")) << fault;
    replay->StartEvaluation();
    replay->FinishEvaluation();
    const auto evaluation = FaultOf([&] { replay->StartEvaluation(); });
    EXPECT_TRUE(Holds(evaluation, "evaluated less often")) << evaluation;
}

/** Whatever was lost on the way of the recorded run, its log is refused. */
TEST(FlReplay, LogsWithLossesAreRefused)
{
    const std::vector<std::pair<std::string, Losses>> kinds{{"segments", {0.5, 0, 0, 0, 0, 0}},
                                                            {"aborts", {0, 0, 0, 0, 0, 0.5}}};
    for (const auto& algorithm : g_algorithms)
    {
        for (const auto& [kind, losses] : kinds)
        {
            SCOPED_TRACE(algorithm + " " + kind);
            const auto setup = MakeSmallSetup(algorithm, "softmax");
            Pool pool(1);
            const auto federation = MakeLearningFederation<float>(setup, pool);
            std::ostringstream text;
            EventLog log(text);
            federation->SetLog(&log);
            LossyDriver driver(*federation, 1);
            for (uint32_t round = 0; round < ROUNDS; ++round)
            {
                driver.Round(UpTo(WORKERS), losses);
            }
            const auto fault =
                FaultOf([&] { MakeReplayFederation(federation->Shape(), Read(text.str())); });
            EXPECT_TRUE(Holds(fault, "--replay: in line ") && Holds(fault, "lost")) << fault;
        }
    }
}

/** A replay on a channel that loses what the recorded one delivered ends at once. */
TEST(FlReplay, NewLossesAreRefused)
{
    for (const auto& algorithm : g_algorithms)
    {
        const auto recording = Record(algorithm);
        const auto replay = MakeReplayFederation(recording.shape, Read(recording.log));
        LossyDriver driver(*replay, 1);
        const auto fault = FaultOf(
            [&]
            {
                for (uint32_t round = 0; round < ROUNDS; ++round)
                {
                    driver.Round(UpTo(WORKERS), {0.3, 0, 0, 0, 0, 0});
                }
            });
        EXPECT_TRUE(Holds(fault, "was lost in round")) << fault;
    }
}

/** All but one segment of a download, or of an upload. */
TEST(FlReplay, ASingleLostSegmentIsRefused)
{
    const auto recording = Record("sgd");
    for (const bool up : {false, true})
    {
        const auto replay = MakeReplayFederation(recording.shape, Read(recording.log));
        const auto fault = FaultOf(
            [&]
            {
                LossyDriver driver(*replay, 1);
                driver.Round(UpTo(WORKERS), {});
                const auto plan = replay->OpenRound(UpTo(WORKERS));
                const auto& download = plan.downloads.at(0);
                const auto segments = static_cast<uint32_t>(download->message->segments.size());
                for (uint32_t i = up ? 0 : 1; i < segments; ++i)
                {
                    replay->ReceiveDownload(0, download, ViewOf(*download->message, i));
                }
                replay->CloseDownload(0, download);
                replay->StartCompute(0, plan.round, plan.exchange);
                const auto upload = replay->FinishCompute(0);
                for (uint32_t i = 1; i < upload.message->segments.size(); ++i)
                {
                    replay->ReceiveUpload(0, 1, 0, ViewOf(*upload.message, i));
                }
                replay->CloseUpload(0, 1, 0);
            });
        EXPECT_TRUE(Holds(fault,
                          up ? "an upload of worker 0 was lost in round 1"
                             : "a download to worker 0 was lost in round 1"))
            << fault;
    }
}

TEST(FlReplay, OtherWorkersAreRefused)
{
    const auto recording = Record("sgd");
    const auto replay = MakeReplayFederation(recording.shape, Read(recording.log));
    const auto fault = FaultOf([&] { replay->OpenRound({0, 1, 2}); });
    EXPECT_TRUE(Holds(fault, "other workers")) << fault;
    const auto second = MakeReplayFederation(recording.shape, Read(recording.log));
    auto plan = second->OpenRound(UpTo(WORKERS));
    plan.round = 77;
    const auto computing = FaultOf([&] { second->StartCompute(1, plan.round, plan.exchange); });
    EXPECT_TRUE(Holds(computing, "worker 1 did not compute in round 77")) << computing;
    const auto abort = FaultOf([&] { second->AbortCompute(1); });
    EXPECT_TRUE(Holds(abort, "aborted")) << abort;
}

/** A recorded run that was killed: wherever its log ends, replay refuses and never crashes. */
TEST(FlReplay, LogsThatEndEarlyAreRefused)
{
    const auto recording = Record("top-k[Density=0.05]");
    const auto events = Read(recording.log);
    for (std::size_t length = 0; length + 1 < events.size(); ++length)
    {
        const std::vector<LoggedEvent> head(events.begin(),
                                            events.begin() + static_cast<std::ptrdiff_t>(length));
        const auto fault = FaultOf(
            [&]
            {
                const auto replay = MakeReplayFederation(recording.shape, head);
                RunReferenceLoop(*replay, ROUNDS);
            });
        ASSERT_TRUE(Holds(fault, "--replay: ")) << length << ": " << fault;
    }
}

TEST(FlReplay, MalformedLogsAreRefused)
{
    const auto shape = Record("sgd").shape;
    for (const std::string line : {"close another=0 loss=1 participants=1",
                                   "download round=0",
                                   "open live=x",
                                   "plan round=0 exchange=0",
                                   "start worker=0",
                                   "evaluate loss=1"})
    {
        const auto fault = FaultOf([&] { MakeReplayFederation(shape, Read(line + "\n")); });
        EXPECT_TRUE(Holds(fault, "event log, line 1")) << line << ": " << fault;
    }
}

} // namespace fl
