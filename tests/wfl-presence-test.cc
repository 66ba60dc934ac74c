/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

/**
 * Workers that go and come back: what is learnt is what a loop without a network learns from the
 * same deliveries, on every channel; every segment is accounted for; runs end.
 */

#include "ns3/wfl-presence.h"

#include "ns3/config.h"
#include "ns3/wfl-availability-model.h"

#include "fl-temp-folder.h"
#include "wfl-test-helpers.h"

#include <cmath>
#include <fstream>
#include <gtest/gtest.h>

namespace ns3::wfl
{

namespace
{

using test::CallScenario;
using test::CleanState;
using test::RadioRun;
using test::ReadCsv;

/** Counts who goes and comes. */
struct Door
{
    uint32_t gone{0};
    uint32_t back{0};

    void Note(StationId /* worker */, bool present, const std::string& /* reason */)
    {
        ++(present ? back : gone);
    }

    void Watch(FederationHelper& helper)
    {
        helper.GetPresence()->TraceConnectWithoutContext("Changed",
                                                         MakeCallback(&Door::Note, this));
        helper.GetPresence()->SetAttribute("KeepAlive", TimeValue(MilliSeconds(100)));
    }
};

void
ExpectConservation(const test::RadioResult& result)
{
    for (const auto& record : result.records)
    {
        for (const auto& worker : record.workers)
        {
            EXPECT_LE(worker.segmentsAccepted, worker.segmentsOffered);
            if (worker.outcome == Outcome::DELIVERED)
            {
                EXPECT_EQ(worker.segmentsAccepted, worker.segmentsOffered);
            }
        }
    }
}

Ptr<AvailabilityModel>
MakeAvailability(const std::string& text, uint32_t workers, const fl::RunSeed& runSeed = {1, 1})
{
    auto model = TypeRegistry::Get("availability").Parse(text).Create<AvailabilityModel>();
    model->Start(workers, runSeed);
    return model;
}

/** @return the share of some time for which workers are there, all of them taken together */
double
ShareOf(const std::string& text, uint32_t workers, Time until)
{
    const auto model = MakeAvailability(text, workers);
    double share = 0;
    for (uint32_t worker = 0; worker < workers; ++worker)
    {
        for (Time now; now < until;)
        {
            const auto spell = model->At(worker, now);
            EXPECT_GT(spell.until, now);
            const Time end = std::min(spell.until, until);
            share += spell.available ? (end - now).GetSeconds() : 0;
            now = end;
        }
    }
    return share / until.GetSeconds() / workers;
}

} // namespace

/** Workers come and go all the time, whatever carries the messages, whatever is learnt. */
TEST(WflPresence, LearnsWhatTheLoopLearnsFromTheSameDeliveries)
{
    const CleanState clean;
    for (const std::string channel : {"ideal",
                                      "ideal[Medium=Shared]",
                                      "link",
                                      "tdma",
                                      "ofdma",
                                      "dcf",
                                      "dcf[AccessPoints=2]",
                                      "wifi",
                                      "csma",
                                      "p2p",
                                      "lr-wpan"})
    {
        for (const std::string algorithm : {"sgd", "gd-sec", "s3gd-mv", "top-k", "sasg"})
        {
            for (const std::string transport : {"nack", "best-effort"})
            {
                SCOPED_TRACE(channel + " " + algorithm + " " + transport);
                Door door;
                RadioRun run;
                run.channel = channel;
                run.algorithm = algorithm;
                run.transport = transport;
                run.objective = "mlp[Hidden=60]";
                run.compute = "constant[Time=40ms|Slowdown=uniform:0.5:1.5]";
                run.availability = "on-off[MeanOn=300ms|MeanOff=150ms]";
                run.rounds = 12;
                run.prepare = [&door](FederationHelper& helper)
                {
                    door.Watch(helper);
                };
                const auto radio = test::RunRadio(run);
                EXPECT_EQ(radio.records.size(), run.rounds);
                EXPECT_GT(door.gone, 3U);
                EXPECT_GT(door.back, 1U);
                ExpectConservation(radio);
                const auto loop = test::RunFromLog(run, radio);
                EXPECT_EQ(loop.model, radio.model);
            }
        }
    }
}

/** Batteries that run empty and are charged again, with what that does to learning. */
TEST(WflPresence, BatteriesTheSame)
{
    const CleanState clean;
    for (const std::string channel : {"ideal", "tdma", "dcf", "wifi"})
    {
        for (const std::string algorithm : {"sgd", "gd-sec", "signsgd-mv"})
        {
            SCOPED_TRACE(channel + " " + algorithm);
            Door door;
            RadioRun run;
            run.channel = channel;
            run.algorithm = algorithm;
            run.compute = "constant[Time=40ms]";
            run.device = "ns3-default[BatteryJ=uniform:0.1:0.3]";
            run.battery = "basic[PeriodicEnergyUpdateInterval=10ms]";
            run.harvest = "random[PowerW=uniform:0:2|Interval=10ms]";
            run.rounds = 15;
            run.prepare = [&door](FederationHelper& helper)
            {
                door.Watch(helper);
            };
            const auto radio = test::RunRadio(run);
            EXPECT_EQ(radio.records.size(), run.rounds);
            EXPECT_GT(door.gone, 3U);
            EXPECT_GT(door.back, 1U);
            ExpectConservation(radio);
            EXPECT_EQ(test::RunFromLog(run, radio).model, radio.model);
        }
    }
}

/** While a worker is gone, what was on its way to or from it is lost for that reason. */
TEST(WflPresence, WhatIsOnItsWayIsLost)
{
    const test::TempFolder folder;
    // At 100 kbit/s the upload of 4,000 bytes is on the air for a third of a second.
    std::ofstream(folder / "trace.csv") << "time_s,worker,available\n0.2,1,0\n";
    const auto result =
        CallScenario(test::With(test::SMALL_ARGUMENTS,
                                {"--channel=ideal[UplinkRate=100kbps|MaxDatagramBytes=200]",
                                 "--objective=mlp[Hidden=90]",
                                 "--availability=trace[File=" + folder / "trace.csv" + "]",
                                 "--ns3::wfl::Presence::KeepAlive=1s",
                                 "--rounds=2",
                                 "--output=" + folder / "run"}));
    ASSERT_EQ(result.code, 0) << result.err;
    const auto workers = ReadCsv(folder / "run/workers.csv");
    EXPECT_EQ(workers[1].at("outcome"), "dead");
    EXPECT_EQ(workers[1].at("loss_reason"), "unavailable");
    EXPECT_GT(std::stod(workers[1].at("segments_lost")), 0);
    EXPECT_EQ(workers[0].at("outcome"), "delivered");
    // It goes at 0.2 s, and the server notices a second later.
    EXPECT_NEAR(std::stod(ReadCsv(folder / "run/rounds.csv")[0].at("time_s")), 1.2, 1e-6);
    EXPECT_EQ(workers[5 + 1].at("outcome"), "dead");
    EXPECT_EQ(workers[5 + 1].at("selected"), "0");
    const auto presence = ReadCsv(folder / "run/presence.csv");
    ASSERT_EQ(presence.size(), 1U);
    EXPECT_EQ(presence[0].at("reason"), "unavailable");
    EXPECT_NEAR(std::stod(presence[0].at("time_s")), 0.2, 1e-9);
    EXPECT_NE(test::ReadFile(folder / "run/summary.json").find("\"unavailable\": "),
              std::string::npos);
}

/** When all batteries are empty for good, the run ends with what there is. */
TEST(WflPresence, EndsWhenAllAreGoneForGood)
{
    const test::TempFolder folder;
    const auto result = CallScenario(test::With(test::SMALL_ARGUMENTS,
                                                {"--rounds=100000",
                                                 "--battery=basic",
                                                 "--energy=ns3-default[BatteryJ=2]",
                                                 "--output=" + folder / "run"}));
    ASSERT_EQ(result.code, 0) << result.err;
    EXPECT_NE(result.err.find("all workers have gone"), std::string::npos);
    const auto rounds = ReadCsv(folder / "run/rounds.csv");
    EXPECT_LT(rounds.size(), 1000U);
    EXPECT_GT(rounds.size(), 10U);
    // All were used up, to a millionth.
    for (const auto& device : ReadCsv(folder / "run/energy.csv"))
    {
        if (device.at("device").rfind("ap-", 0) != 0)
        {
            EXPECT_NEAR(std::stod(device.at("total_j")), 2, 1e-5);
            EXPECT_GT(std::stod(device.at("off_s")), -1e-12);
        }
    }
}

/** With nobody there, the server waits until somebody comes. */
TEST(WflPresence, WaitsForSomebody)
{
    const test::TempFolder folder;
    std::ofstream file(folder / "trace.csv");
    file << "time_s,worker,available\n";
    for (int worker = 0; worker < 5; ++worker)
    {
        file << 5 + worker << ',' << worker << ",1\n";
    }
    file.close();
    const auto result =
        CallScenario(test::With(test::SMALL_ARGUMENTS,
                                {"--availability=trace[File=" + folder / "trace.csv" + "]",
                                 "--rounds=1",
                                 "--output=" + folder / "run"}));
    ASSERT_EQ(result.code, 0) << result.err;
    const auto rounds = ReadCsv(folder / "run/rounds.csv");
    EXPECT_NEAR(std::stod(rounds[0].at("time_s")), 5, 0.1);
    EXPECT_EQ(rounds[0].at("participants"), "1");
}

/** An absence of everybody, however long, is no reason to give up, as they have been heard. */
TEST(WflPresence, WaitsForThoseThatWereThere)
{
    const test::TempFolder folder;
    std::ofstream file(folder / "trace.csv");
    file << "time_s,worker,available\n";
    for (int worker = 0; worker < 5; ++worker)
    {
        file << "1," << worker << ",0\n" << 100 + worker << ',' << worker << ",1\n";
    }
    file.close();
    const auto result =
        CallScenario(test::With(test::SMALL_ARGUMENTS,
                                {"--availability=trace[File=" + folder / "trace.csv" + "]",
                                 "--compute=constant[Time=400ms]",
                                 "--rounds=10",
                                 "--output=" + folder / "run"}));
    ASSERT_EQ(result.code, 0) << result.err;
    const auto rounds = ReadCsv(folder / "run/rounds.csv");
    ASSERT_EQ(rounds.size(), 10U);
    EXPECT_GT(std::stod(rounds[9].at("time_s")), 100);
}

/**
 * Until the server notices that a worker has gone, it sends to it in vain: each datagram as often
 * as the MAC repeats it, and no more. With one of three workers gone, rounds cost less than with
 * all of them; what is sent in vain is less than three messages of 8 kB, repeated eight times each.
 */
TEST(WflPresence, WhoIsAbsentCostsLittleAirtime)
{
    const test::TempFolder folder;
    std::ofstream(folder / "trace.csv") << "time_s,worker,available\n1.05,0,0\n";
    for (const std::string channel : {"dcf", "wifi"})
    {
        for (const std::string transport : {"nack", "best-effort"})
        {
            SCOPED_TRACE(channel + " " + transport);
            const auto result =
                CallScenario({"--channel=" + channel,
                              "--transport=" + transport,
                              "--workers=3",
                              "--rounds=40",
                              "--dataset=gaussian-mixture[Features=200]",
                              "--objective=softmax",
                              "--downlink=unicast",
                              "--compute=constant[Time=100ms]",
                              "--availability=trace[File=" + folder / "trace.csv" + "]",
                              "--overwrite",
                              "--output=" + folder / "run"});
            ASSERT_EQ(result.code, 0) << result.err;
            const auto rounds = ReadCsv(folder / "run/rounds.csv");
            ASSERT_EQ(rounds.size(), 40U);
            const auto bytes = [&rounds](std::size_t round)
            {
                return std::stod(rounds[round].at("downlink_air_bytes"));
            };
            EXPECT_LT(bytes(39), 40 * (bytes(3) - bytes(2)) + 3 * 8 * 8e3);
            // It was noticed 10 s after it had gone.
            EXPECT_LT(std::stod(rounds[39].at("time_s")), 15);
        }
    }
}

/** In the long run workers are there for the share that the parameters say. */
TEST(WflAvailability, Shares)
{
    EXPECT_EQ(ShareOf("always", 3, Seconds(1e6)), 1);
    // 400,000 independent periods: four standard errors.
    EXPECT_NEAR(ShareOf("bernoulli[P=0.3|Period=1s]", 40, Seconds(10000)),
                0.3,
                4 * std::sqrt(0.21 / 400000));
    // About 13,000 cycles; the share varies by less than 1 / sqrt(cycles).
    EXPECT_NEAR(ShareOf("on-off[MeanOn=20s|MeanOff=10s]", 40, Seconds(10000)), 2. / 3, 0.02);
    EXPECT_NEAR(ShareOf("diurnal[Day=100s|Share=0.25]", 40, Seconds(10000)), 0.25, 1e-6);
}

/** Workers do not all sleep at the same time, unless told to. */
TEST(WflAvailability, DaysAreSpread)
{
    const auto count = [](const std::string& text)
    {
        const auto model = MakeAvailability(text, 1000);
        int there = 0;
        for (uint32_t worker = 0; worker < 1000; ++worker)
        {
            there += model->At(worker, Seconds(10)).available;
        }
        return there;
    };
    EXPECT_NEAR(count("diurnal[Day=100s|Share=0.25]"), 250, 4 * std::sqrt(1000 * 0.25 * 0.75));
    EXPECT_EQ(count("diurnal[Day=100s|Share=0.25|Spread=0]"), 1000);
}

TEST(WflAvailability, TraceRepeats)
{
    const test::TempFolder folder;
    std::ofstream(folder / "trace.csv") << "time_s,worker,available\n2,0,0\n5,0,1\n3,1,1\n";
    const std::string file = "trace[File=" + folder / "trace.csv";
    const auto once = MakeAvailability(file + "]", 3);
    EXPECT_TRUE(once->At(0, Seconds(1)).available);
    EXPECT_EQ(once->At(0, Seconds(1)).until, Seconds(2));
    EXPECT_FALSE(once->At(0, Seconds(2)).available);
    EXPECT_TRUE(once->At(0, Seconds(5)).available);
    EXPECT_EQ(once->At(0, Seconds(5)).until, Time::Max());
    EXPECT_FALSE(once->At(1, Seconds(0)).available);
    EXPECT_EQ(once->At(2, Seconds(0)).until, Time::Max()) << "no rows: always there";
    const auto again = MakeAvailability(file + "|Repeat=10s]", 3);
    EXPECT_TRUE(again->At(0, Seconds(11)).available);
    EXPECT_FALSE(again->At(0, Seconds(13)).available);
    EXPECT_EQ(again->At(0, Seconds(13)).until, Seconds(15));
    EXPECT_TRUE(again->At(1, Seconds(11)).available) << "as at the end of the file";
}

} // namespace ns3::wfl
