/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

/**
 * Who takes part and when the model moves: what is learnt is what a loop without a network learns
 * from the same deliveries, whatever carries the messages; nothing counts twice; runs end.
 */

#include "ns3/fl-registry.h"

#include "fl-temp-folder.h"
#include "wfl-test-helpers.h"

#include <gtest/gtest.h>
#include <map>
#include <numeric>
#include <set>
#include <sstream>

namespace ns3::wfl
{

namespace
{

using test::CallScenario;
using test::CleanState;
using test::RadioRun;
using test::ReadCsv;

const std::vector<std::string> CHANNELS{"ideal",
                                        "ideal[Medium=Shared]",
                                        "link",
                                        "tdma[Fading=Rayleigh]",
                                        "ofdma",
                                        "dcf",
                                        "dcf[AccessPoints=2]",
                                        "wifi",
                                        "csma",
                                        "p2p",
                                        "lr-wpan"};

/** A fleet of which some are ten times as slow as others. */
RadioRun
UnequalFleet(const std::string& channel, const std::string& algorithm)
{
    RadioRun run;
    run.channel = channel;
    run.algorithm = algorithm;
    run.objective = "mlp[Hidden=60]";
    run.compute = "constant[Time=40ms|Slowdown=lognormal:1:1]";
    run.rounds = 15;
    run.workers = 8;
    return run;
}

/** @return the segments of all uploads that were computed */
uint64_t
ComputedSegments(const test::RadioResult& result)
{
    uint64_t segments = 0;
    std::istringstream log(result.log);
    for (const auto& event : fl::ReadEventLog(log))
    {
        if (event.kind == "finish" && event.Text("message") != "skip" &&
            event.Text("message") != "silent")
        {
            segments += fl::MessageOf(event.Text("message")).segments.size();
        }
    }
    return segments;
}

/** @return the segments of one upload; all of these runs' are equally long, or nearly */
uint64_t
LongestUpload(const test::RadioResult& result)
{
    uint64_t longest = 0;
    for (const auto& record : result.records)
    {
        for (const auto& worker : record.workers)
        {
            longest = std::max<uint64_t>({longest, worker.segmentsOffered, worker.lateSegments});
        }
    }
    return longest;
}

/**
 * What is offered is what is accepted or lost, and nothing is accepted that was not offered. Each
 * upload counts in one round, but for the last ones of workers, which may still be under way.
 */
void
ExpectConservation(const RadioRun& run, const test::RadioResult& result)
{
    uint64_t offered = 0;
    for (const auto& record : result.records)
    {
        for (const auto& worker : record.workers)
        {
            offered += worker.segmentsOffered + worker.lateSegments;
            EXPECT_LE(worker.segmentsAccepted, worker.segmentsOffered);
            EXPECT_LE(worker.downlinkSegmentsArrived, worker.downlinkSegmentsOffered);
            if (worker.outcome == Outcome::DELIVERED)
            {
                EXPECT_EQ(worker.segmentsAccepted, worker.segmentsOffered);
                EXPECT_GT(worker.segmentsAccepted, 0U);
            }
            if (worker.outcome == Outcome::LATE)
            {
                EXPECT_EQ(worker.segmentsAccepted, 0U);
            }
        }
    }
    const uint64_t computed = ComputedSegments(result);
    const uint64_t workers = result.records.front().workers.size();
    EXPECT_LE(offered, computed);
    if (run.mode != "sync" || run.lateUploads != "drop")
    {
        // Else a worker does not send what it has been told is not waited for any more.
        EXPECT_GE(offered + workers * LongestUpload(result), computed);
    }
}

/** Runs it over a channel, and again from its log. */
test::RadioResult
ExpectTheLoopLearnsTheSame(const RadioRun& run)
{
    const auto radio = test::RunRadio(run);
    EXPECT_EQ(radio.records.size(), run.rounds);
    ExpectConservation(run, radio);
    EXPECT_EQ(test::RunFromLog(run, radio).model, radio.model);
    return radio;
}

/** @return how many uploads were delivered whole, by how many rounds after they were asked for */
std::map<uint32_t, uint32_t>
DeliveredByStaleness(const test::RadioResult& result)
{
    std::map<uint32_t, uint32_t> counts;
    for (const auto& record : result.records)
    {
        for (const auto& worker : record.workers)
        {
            if (worker.outcome == Outcome::DELIVERED)
            {
                ++counts[record.round - *worker.modelVersion];
            }
        }
    }
    return counts;
}

/** @return how many answers were taken in a round */
uint32_t
AnswersIn(const RoundRecord& record)
{
    uint32_t answers = 0;
    for (const auto& worker : record.workers)
    {
        answers += worker.answers;
    }
    return answers;
}

/** @return how many uploads were late, came whole, and were followed by another one */
uint32_t
LateAndAgain(const test::RadioResult& result)
{
    std::set<uint32_t> wereLate;
    uint32_t count = 0;
    for (const auto& record : result.records)
    {
        for (uint32_t worker = 0; worker < record.workers.size(); ++worker)
        {
            const auto& entry = record.workers[worker];
            if (entry.outcome == Outcome::DELIVERED)
            {
                count += wereLate.erase(worker);
                if (!entry.selected)
                {
                    wereLate.insert(worker);
                }
            }
        }
    }
    return count;
}

} // namespace

/** A quorum, whose late uploads are lost or count later, with methods of every kind. */
TEST(WflRounds, QuorumOnEveryChannel)
{
    const CleanState clean;
    for (const auto& channel : CHANNELS)
    {
        for (const std::string late : {"drop", "next"})
        {
            for (const std::string algorithm : {"sgd", "gd-sec", "top-k", "sasg", "ef21", "cgd"})
            {
                SCOPED_TRACE(channel + " " + late + " " + algorithm);
                auto run = UnequalFleet(channel, algorithm);
                run.quorum = 0.5;
                run.lateUploads = late;
                const auto radio = ExpectTheLoopLearnsTheSame(run);
                const auto delivered = DeliveredByStaleness(radio);
                if (late == "drop")
                {
                    EXPECT_EQ(delivered.rbegin()->first, 0U);
                }
                else if (algorithm == "sgd")
                {
                    EXPECT_GT(delivered.rbegin()->first, 1U) << "nobody was late";
                }
            }
        }
    }
}

/** Votes count in their round or not at all, with a quorum, too. */
TEST(WflRounds, QuorumOfVotes)
{
    const CleanState clean;
    for (const std::string algorithm : {"signsgd-mv", "s3gd-mv", "multi-krum[Faulty=1]"})
    {
        SCOPED_TRACE(algorithm);
        auto run = UnequalFleet("dcf", algorithm);
        run.quorum = 0.6;
        const auto radio = ExpectTheLoopLearnsTheSame(run);
        EXPECT_EQ(DeliveredByStaleness(radio).rbegin()->first, 0U);
    }
}

/** Asynchronous and buffered, over everything. */
TEST(WflRounds, AsynchronousOnEveryChannel)
{
    const CleanState clean;
    for (const auto& channel : CHANNELS)
    {
        for (const std::string mode : {"async", "buffered[K=3|Exponent=1]"})
        {
            for (const std::string algorithm : {"sgd", "qsgd", "random-k[ErrorFeedback=false]"})
            {
                SCOPED_TRACE(channel + " " + mode + " " + algorithm);
                auto run = UnequalFleet(channel, algorithm);
                run.mode = mode;
                run.rounds = 40;
                const auto radio = ExpectTheLoopLearnsTheSame(run);
                EXPECT_GT(DeliveredByStaleness(radio).rbegin()->first, 1U);
                // Seldom, one more arrives while the server works.
                uint32_t answers = 0;
                for (const auto& record : radio.records)
                {
                    answers += AnswersIn(record);
                }
                const uint32_t needed = run.rounds * fl::Mode::Parse(mode).buffer;
                EXPECT_GE(answers, needed * 0.9);
                EXPECT_LE(answers, needed * 1.3);
            }
        }
        for (const std::string algorithm : {"gd-sec", "top-k", "ef21", "lag-wk", "dgc", "stc"})
        {
            SCOPED_TRACE(channel + " " + algorithm);
            auto run = UnequalFleet(channel, algorithm);
            run.mode = "buffered[K=2|Exponent=0]";
            run.rounds = 60;
            // Who is late gets its receipt all the same, without which it would be late for ever.
            EXPECT_GT(LateAndAgain(ExpectTheLoopLearnsTheSame(run)), 2U);
        }
    }
}

/** Every registered method either runs in every mode, as the loop does, or refuses clearly. */
TEST(WflRounds, EveryAlgorithm)
{
    const CleanState clean;
    uint32_t refused = 0;
    for (const auto& name : fl::Registry<fl::AlgorithmFactory>::Get().Names())
    {
        if (name.rfind("test-", 0) == 0)
        {
            continue;
        }
        auto run = UnequalFleet("dcf", name);
        run.objective = "softmax";
        for (const bool isAsynchronous : {false, true})
        {
            SCOPED_TRACE(name + (isAsynchronous ? " asynchronous" : " late uploads"));
            run.mode = isAsynchronous ? "buffered[K=2|Exponent=0]" : "sync";
            run.lateUploads = isAsynchronous ? "drop" : "next";
            run.quorum = isAsynchronous ? 1 : 0.5;
            try
            {
                ExpectTheLoopLearnsTheSame(run);
            }
            catch (const fl::UserError& error)
            {
                EXPECT_NE(std::string(error.what()).find("can use an upload only in the round"),
                          std::string::npos)
                    << error.what();
                ++refused;
            }
        }
    }
    // signsgd-mv, s3gd-mv, powersgd, multi-krum, coordinate-median, trimmed-mean.
    EXPECT_EQ(refused, 2 * 6U);
}

/** Losses that are repaired or not, a deadline, and workers that come and go, all together. */
TEST(WflRounds, TheSameWithLosses)
{
    const CleanState clean;
    for (uint32_t seed = 1; seed <= 6; ++seed)
    {
        for (const std::string transport : {"nack", "best-effort"})
        {
            for (const std::string algorithm : {"sgd", "top-k", "gd-sec"})
            {
                for (const bool comesAndGoes : {false, true})
                {
                    SCOPED_TRACE(std::to_string(seed) + " " + transport + " " + algorithm);
                    auto run = UnequalFleet("dcf", algorithm);
                    run.runSeed.run = seed;
                    run.loss = "bernoulli[Rate=0.2]";
                    run.transport = transport;
                    run.availability = comesAndGoes ? "on-off[MeanOn=500ms|MeanOff=100ms]" : "";
                    run.mode = "buffered[K=3|Exponent=0]";
                    run.rounds = 30;
                    ExpectTheLoopLearnsTheSame(run);
                    run.mode = "sync";
                    run.lateUploads = "next";
                    run.quorum = 0.7;
                    run.deadlineS = 0.2;
                    ExpectTheLoopLearnsTheSame(run);
                }
            }
        }
    }
}

/** Where late uploads count, a deadline does not throw away what waits in queues. */
TEST(WflRounds, NothingExpiresThatMayBeLate)
{
    const CleanState clean;
    for (const std::string channel : {"ideal[Medium=Shared]", "dcf", "wifi"})
    {
        SCOPED_TRACE(channel);
        auto run = UnequalFleet(channel, "sgd");
        run.objective = "mlp[Hidden=2000]"; // uploads of 88 kB
        run.compute = "constant";
        run.transport = "best-effort";
        run.deadlineS = 0.004;
        run.lateUploads = "next";
        uint32_t late = 0;
        for (const auto& record : ExpectTheLoopLearnsTheSame(run).records)
        {
            for (const auto& worker : record.workers)
            {
                EXPECT_NE(worker.outcome, Outcome::LOST);
                EXPECT_NE(worker.outcome, Outcome::PARTIAL);
                late += worker.outcome == Outcome::LATE;
            }
        }
        EXPECT_GT(late, 10U);
    }
}

/** When everybody still owes an answer, a round waits for one of them, until the deadline. */
TEST(WflRounds, NobodyIsLeftToAsk)
{
    const CleanState clean;
    RadioRun run;
    run.compute = "constant[Time=100ms|Slowdown=uniform:0.5:1.5]";
    run.deadlineS = 0.01;
    run.lateUploads = "next";
    run.rounds = 100;
    uint32_t delivered = 0;
    for (const auto& record : ExpectTheLoopLearnsTheSame(run).records)
    {
        const auto participants = record.participants;
        EXPECT_TRUE(participants > 0 || record.end - record.start == MilliSeconds(10));
        delivered += participants;
    }
    // A worker answers every 100 ms, and a round lasts 10 ms at most.
    EXPECT_GT(delivered, 20U);
}

/** Silent liars cost the deadline, and nothing else. */
TEST(WflRounds, SilentLiars)
{
    const CleanState clean;
    for (const std::string algorithm : {"sgd", "gd-sec", "signsgd-mv"})
    {
        SCOPED_TRACE(algorithm);
        RadioRun run;
        run.algorithm = algorithm;
        run.byzantine = "silent[Fraction=0.4]";
        run.deadlineS = 2;
        const auto radio = ExpectTheLoopLearnsTheSame(run);
        for (const auto& record : radio.records)
        {
            EXPECT_EQ(record.participants, 3U);
            EXPECT_EQ((record.end - record.start), Seconds(2));
            EXPECT_EQ(record.workers[1].outcome, Outcome::LATE);
        }
    }
}

/** Every policy asks as many as it says, and over-selection closes with the first of them. */
TEST(WflRounds, Counts)
{
    const CleanState clean;
    for (const auto& [name, entry] : TypeRegistry::Get("selection").Entries())
    {
        if (name == "all" || name.rfind("test-", 0) == 0)
        {
            continue;
        }
        SCOPED_TRACE(name);
        auto run = UnequalFleet("tdma[Fading=Rayleigh]", "sgd");
        run.battery = "basic";
        run.selection = name + "[Count=3]";
        for (const auto& record : ExpectTheLoopLearnsTheSame(run).records)
        {
            EXPECT_EQ(record.participants, 3U);
        }
        run.selection = name + "[Count=3|OverSelection=1.5]";
        for (const auto& record : ExpectTheLoopLearnsTheSame(run).records)
        {
            const auto asked = std::count_if(record.workers.begin(),
                                             record.workers.end(),
                                             [](const auto& worker) { return worker.selected; });
            EXPECT_EQ(asked, 5);
            EXPECT_EQ(record.participants, 3U);
        }
        // At most so many are at work at the same time.
        run.selection = name + "[Count=3]";
        run.mode = "async";
        run.rounds = 30;
        std::set<uint32_t> busy;
        for (const auto& record : ExpectTheLoopLearnsTheSame(run).records)
        {
            for (uint32_t worker = 0; worker < run.workers; ++worker)
            {
                if (record.workers[worker].selected)
                {
                    busy.insert(worker);
                }
            }
            EXPECT_EQ(busy.size(), 3U);
            for (uint32_t worker = 0; worker < run.workers; ++worker)
            {
                if (record.workers[worker].outcome == Outcome::DELIVERED)
                {
                    busy.erase(worker);
                }
            }
        }
    }
}

/**
 * Who has answered is asked anew at once, whether or not the model has moved: with a buffer for
 * more answers than there are workers, everybody answers several times, and what each worker sent,
 * in parts, in whole, late or early, is recorded once.
 */
TEST(WflRounds, WhoHasAnsweredIsAskedAnew)
{
    const CleanState clean;
    for (const auto& channel : CHANNELS)
    {
        for (const std::string algorithm : {"sgd", "top-k", "gd-sec", "ef21"})
        {
            SCOPED_TRACE(channel + " " + algorithm);
            auto run = UnequalFleet(channel, algorithm);
            run.mode = "buffered[K=20|Exponent=0]";
            const auto radio = ExpectTheLoopLearnsTheSame(run);
            uint32_t most = 0;
            for (const auto& record : radio.records)
            {
                EXPECT_GE(AnswersIn(record), algorithm == "gd-sec" ? 1U : 19U);
                for (const auto& worker : record.workers)
                {
                    most = std::max(most, worker.answers);
                }
            }
            EXPECT_GT(most, 3U);
        }
    }
}

/** A slow worker holds nobody up: the fast one alone fills the buffer, and is never idle. */
TEST(WflRounds, TheFastFillTheBuffer)
{
    const CleanState clean;
    RadioRun run;
    run.channel = "ideal[Medium=Dedicated]";
    run.workers = 2;
    run.rounds = 10;
    run.mode = "buffered[K=5]";
    run.compute = "flops[Speed=tiers:1e4:0.5:1e9:0.5|Fixed=1ms]";
    const auto radio = ExpectTheLoopLearnsTheSame(run);
    const auto& workers = radio.records.front().workers;
    EXPECT_EQ(AnswersIn(radio.records.front()), 5U);
    EXPECT_EQ(std::max(workers[0].answers, workers[1].answers), 5U);
}

/**
 * The mean of two equal gradients is the gradient: with one worker and all its samples in a batch,
 * a buffer of two is plain gradient descent, bit for bit. Mini-batches differ from answer to
 * answer.
 */
TEST(WflRounds, AnswersToTheSameModel)
{
    const CleanState clean;
    for (const uint32_t batch : {0, 16})
    {
        RadioRun run;
        run.workers = 1;
        run.batch = batch;
        const auto synchronous = ExpectTheLoopLearnsTheSame(run);
        run.mode = "buffered[K=2]";
        const auto buffered = ExpectTheLoopLearnsTheSame(run);
        EXPECT_EQ(buffered.model == synchronous.model, batch == 0);
        for (const auto& record : buffered.records)
        {
            EXPECT_EQ(record.workers[0].answers, 2U);
        }
    }
}

/** With nobody late, asynchrony with a buffer for all is a synchronous round. */
TEST(WflRounds, AFullBufferIsASynchronousRound)
{
    const CleanState clean;
    RadioRun run;
    const auto synchronous = test::RunRadio(run);
    run.mode = "buffered[K=5]";
    const auto buffered = ExpectTheLoopLearnsTheSame(run);
    EXPECT_EQ(buffered.model, synchronous.model);
    run.mode = "sync";
    run.quorum = 0.999;
    run.lateUploads = "weighted";
    EXPECT_EQ(ExpectTheLoopLearnsTheSame(run).model, synchronous.model);
}

/** One worker at a time is plain SGD over the workers in turn, however the model moves. */
TEST(WflRounds, AlwaysOneIsSequential)
{
    const CleanState clean;
    RadioRun run;
    run.rounds = 12;
    run.selection = "round-robin[Count=1]";
    const auto synchronous = ExpectTheLoopLearnsTheSame(run);
    run.mode = "async";
    EXPECT_EQ(ExpectTheLoopLearnsTheSame(run).model, synchronous.model);
    for (const auto& record : synchronous.records)
    {
        EXPECT_TRUE(record.workers[record.round % run.workers].selected);
    }
}

} // namespace ns3::wfl
