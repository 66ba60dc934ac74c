/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

/** Selection policies, with facts made up by hand. */

#include "ns3/wfl-control.h"
#include "ns3/wfl-selection-policy.h"

#include "fl-temp-folder.h"
#include "wfl-test-helpers.h"

#include <algorithm>
#include <cmath>
#include <gtest/gtest.h>
#include <map>

namespace ns3::wfl
{

namespace
{

using test::CleanState;
using test::RadioRun;

using Workers = std::vector<StationId>;

Ptr<SelectionPolicy>
MakePolicy(const std::string& text, const fl::RunSeed& runSeed = {1, 1})
{
    auto policy = TypeRegistry::Get("selection").Parse(text).Create<SelectionPolicy>();
    policy->Start(runSeed);
    return policy;
}

/** @return workers of which nothing is known */
std::vector<WorkerFacts>
Strangers(uint32_t count)
{
    std::vector<WorkerFacts> facts(count);
    for (uint32_t worker = 0; worker < count; ++worker)
    {
        facts[worker].worker = worker;
        facts[worker].samples = 10;
        facts[worker].snr = std::nan("");
    }
    return facts;
}

/** @return Jain's index of how often workers were asked in a run */
double
JainOfAsked(const RadioRun& run)
{
    std::vector<double> asked(run.workers);
    for (const auto& record : test::RunRadio(run).records)
    {
        for (uint32_t worker = 0; worker < run.workers; ++worker)
        {
            asked[worker] += record.workers[worker].selected;
        }
    }
    double sum = 0;
    double squares = 0;
    for (const double count : asked)
    {
        sum += count;
        squares += count * count;
    }
    return sum * sum / (run.workers * squares);
}

} // namespace

/** Of 2,000 rounds with 3 of 10, each worker is in 600, give or take four standard deviations. */
TEST(WflSelection, RandomIsFair)
{
    const auto policy = MakePolicy("random");
    std::vector<int> counts(10);
    for (uint32_t round = 0; round < 2000; ++round)
    {
        for (const StationId worker : policy->Select(round, Strangers(10), 3))
        {
            ++counts[worker];
        }
    }
    for (const int count : counts)
    {
        EXPECT_NEAR(count, 600, 4 * std::sqrt(2000 * 0.3 * 0.7));
    }
    EXPECT_NE(MakePolicy("random", {1, 2})->Select(0, Strangers(1000), 10),
              policy->Select(0, Strangers(1000), 10));
}

TEST(WflSelection, RoundRobin)
{
    const auto policy = MakePolicy("round-robin");
    auto facts = Strangers(5);
    const std::vector<Workers> expected{{0, 1}, {2, 3}, {0, 4}, {1, 2}, {3, 4}, {0, 1}};
    for (uint32_t round = 0; round < expected.size(); ++round)
    {
        const auto chosen = policy->Select(round, facts, 2);
        EXPECT_EQ(chosen, expected[round]);
        for (const StationId worker : chosen)
        {
            facts[worker].lastAsked = round;
        }
    }
}

TEST(WflSelection, ByScore)
{
    auto facts = Strangers(4);
    for (auto& worker : facts)
    {
        worker.lastHeard = 9;
        worker.status = WorkerStatus{1, 1, 1};
    }
    facts[0].snr = 100;
    facts[0].meanSnr = 200;
    facts[1].snr = 10;
    facts[1].meanSnr = 5;
    facts[2].snr = 1;
    facts[2].meanSnr = 0.1;
    facts[3].snr = 0.1;
    facts[3].meanSnr = 0.1;
    EXPECT_EQ(MakePolicy("best-channel")->Select(10, facts, 2), (Workers{0, 1}));
    // Ratios 0.5, 2, 10, 1.
    EXPECT_EQ(MakePolicy("proportional-fair")->Select(10, facts, 2), (Workers{1, 2}));
    // Ages 1, 1, 8, 1 times 6.66, 3.46, 1, 0.14.
    facts[2].lastHeard = 2;
    EXPECT_EQ(MakePolicy("age")->Select(10, facts, 1), (Workers{2}));
    EXPECT_EQ(MakePolicy("age")->Select(10, facts, 2), (Workers{0, 2}));
    // Without any knowledge of channels, age alone.
    for (auto& worker : facts)
    {
        worker.snr = std::nan("");
    }
    facts[3].lastHeard = 5;
    EXPECT_EQ(MakePolicy("age")->Select(10, facts, 2), (Workers{2, 3}));
    facts[1].status->updateNorm = 3;
    facts[3].status.reset(); // is asked first
    EXPECT_EQ(MakePolicy("update-norm")->Select(10, facts, 2), (Workers{1, 3}));
    facts[0].status->batteryShare = 0.5;
    facts[2].status->batteryShare = 0.7;
    EXPECT_EQ(MakePolicy("energy")->Select(10, facts, 3), (Workers{1, 2, 3}));
}

/**
 * Oort: of 10 that are asked among 20 known and 20 unknown workers, the shares of the unknown, of
 * the useful and of the slow.
 */
TEST(WflSelection, Oort)
{
    auto facts = Strangers(40);
    for (uint32_t worker = 0; worker < 20; ++worker)
    {
        facts[worker].lastHeard = 5;
        facts[worker].durationS = 1;
        facts[worker].status = WorkerStatus{worker < 4 ? 2.0F : 1.0F, 0, 0};
    }
    const auto countUnknown = [](const Workers& chosen)
    {
        return std::count_if(chosen.begin(), chosen.end(), [](StationId w) { return w >= 20; });
    };
    EXPECT_EQ(countUnknown(MakePolicy("oort")->Select(0, facts, 10)), 9) << "share 0.9";
    // 0.9 * 0.98^30 = 0.491 and 0.9 * 0.98^100 = 0.119, below the least of 0.2.
    EXPECT_EQ(countUnknown(MakePolicy("oort")->Select(30, facts, 10)), 4);
    EXPECT_EQ(countUnknown(MakePolicy("oort")->Select(100, facts, 10)), 2);
    // With nobody unknown left, all are drawn from the useful: losses of 2 against 1.
    const std::vector<WorkerFacts> known(facts.begin(), facts.begin() + 20);
    EXPECT_EQ(MakePolicy("oort")->Select(100, known, 4), (Workers{0, 1, 2, 3}));
    // Two of these become slow: T is 1 s, so their utility falls to (1 / 10)^2 of what it was.
    auto slow = known;
    slow[0].durationS = 10;
    slow[1].durationS = 10;
    EXPECT_EQ(MakePolicy("oort")->Select(100, slow, 2), (Workers{2, 3}));
    EXPECT_EQ(MakePolicy("oort[Penalty=0]")->Select(100, slow, 4), (Workers{0, 1, 2, 3}));
    // Who was never heard is drawn in proportion to its samples.
    auto unknown = Strangers(11);
    unknown[0].samples = 100; // of 200
    int drawn = 0;
    for (uint32_t seed = 1; seed <= 400; ++seed)
    {
        drawn += MakePolicy("oort", {1, seed})->Select(0, unknown, 1) == Workers{0};
    }
    EXPECT_NEAR(drawn, 200, 4 * std::sqrt(400 * 0.25));
}

/** Workers whose training has diverged come last, and leave the order of the others as it is. */
TEST(WflSelection, NotFinite)
{
    auto facts = Strangers(6);
    for (auto& worker : facts)
    {
        worker.lastHeard = 5;
        worker.durationS = 1;
        worker.status = WorkerStatus{1, 1, 1};
    }
    facts[0].status = WorkerStatus{std::nanf(""), std::nanf(""), 1};
    facts[3].status = WorkerStatus{INFINITY, std::nanf(""), 1};
    EXPECT_EQ(MakePolicy("update-norm")->Select(9, facts, 4), (Workers{1, 2, 4, 5}));
    for (uint32_t seed = 1; seed <= 50; ++seed)
    {
        EXPECT_EQ(MakePolicy("oort", {1, seed})->Select(9, facts, 4), (Workers{1, 2, 4, 5}));
    }
}

TEST(WflSelection, Status)
{
    const WorkerStatus status{1.25F, 1e-9F, 0.5F};
    const auto body = EncodeStatus(status);
    EXPECT_EQ(body.size(), 12U);
    const auto decoded = DecodeStatus(body);
    ASSERT_TRUE(decoded);
    EXPECT_EQ(decoded->loss, status.loss);
    EXPECT_EQ(decoded->updateNorm, status.updateNorm);
    EXPECT_EQ(decoded->batteryShare, status.batteryShare);
    EXPECT_FALSE(DecodeStatus({body.begin(), body.end() - 1}));
    EXPECT_FALSE(DecodeStatus({}));
}

/**
 * On a cell without fading the best channels are always the same: Jain's index is the share of the
 * workers that are asked. A policy that looks at the age of updates, or takes turns, is fair.
 */
TEST(WflSelection, Fairness)
{
    const CleanState clean;
    RadioRun run;
    run.channel = "tdma";
    run.workers = 12;
    run.rounds = 40;
    run.selection = "best-channel[Count=3]";
    EXPECT_NEAR(JainOfAsked(run), 3. / 12, 1e-12);
    run.selection = "round-robin[Count=3]";
    EXPECT_NEAR(JainOfAsked(run), 1, 1e-12);
    run.selection = "random[Count=3]";
    EXPECT_GT(JainOfAsked(run), 0.8);
    // With Rayleigh fading, proportional fairness asks all about equally often.
    run.channel = "tdma[Fading=Rayleigh|CoherenceTime=1ms]";
    run.selection = "proportional-fair[Count=3]";
    EXPECT_GT(JainOfAsked(run), 0.8);
    run.selection = "best-channel[Count=3]";
    EXPECT_LT(JainOfAsked(run), 0.8);
}

/**
 * What policies want to know is said on the air: a header of 16 bytes and three numbers of 4 for
 * each of the five workers in each of the four rounds.
 */
TEST(WflSelection, StatusIsSaidOnTheAir)
{
    const test::TempFolder folder;
    std::map<std::string, std::map<std::string, std::string>> last;
    for (const std::string policy : {"random", "update-norm"})
    {
        const auto result = test::CallScenario(test::With(
            test::SMALL_ARGUMENTS,
            {"--selection=" + policy + "[Count=5]", "--rounds=4", "--output=" + folder / policy}));
        ASSERT_EQ(result.code, 0) << result.err;
        last[policy] = test::ReadCsv(folder / (policy + "/rounds.csv")).back();
    }
    EXPECT_EQ(last["random"]["test_loss"], last["update-norm"]["test_loss"]);
    EXPECT_EQ(std::stoi(last["update-norm"]["uplink_air_bytes"]) -
                  std::stoi(last["random"]["uplink_air_bytes"]),
              4 * 5 * (16 + 3 * 4));
}

} // namespace ns3::wfl
