/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

/**
 * 802.15.4 against the times of the standard (IEEE 802.15.4-2006, 2.4 GHz: 250 kbit/s, 62,500
 * symbols a second), and that nothing waits or vanishes between IPv6 and the radio.
 */

#include "ns3/wfl-lr-wpan-channel.h"

#include "wfl-device-bench.h"
#include "wfl-test-helpers.h"

#include <algorithm>
#include <cmath>
#include <gtest/gtest.h>
#include <set>

namespace ns3::wfl
{

namespace
{

using test::CleanState;
using test::DeviceBench;
using test::RadioRun;
using test::RunRadio;
using test::RunReference;

/** @return the time of some symbols */
Time
Symbols(int64_t count)
{
    return MicroSeconds(16 * count);
}

/** @return the duration of a frame: 6 octets of preamble, delimiter and length, 2 symbols each */
Time
Frame(int64_t octets)
{
    return Symbols(2 * (6 + octets));
}

constexpr int64_t TURNAROUND = 12;   ///< aTurnaroundTime, in symbols
constexpr int64_t CCA = 8;           ///< in symbols
constexpr int64_t UNIT_BACKOFF = 20; ///< aUnitBackoffPeriod, in symbols
constexpr int64_t LIFS = 40;         ///< macMinLIFSPeriod, in symbols
constexpr int64_t ACK_OCTETS = 5;

/**
 * Octets around a datagram to one station: 9 of MAC header, 2 of check sequence, 5 of compressed
 * IPv6 header (2 of base, 3 of flow label), 7 of compressed UDP header (one of control, ports and
 * checksum in full).
 */
constexpr int64_t OVERHEAD = 9 + 2 + 5 + 7;

} // namespace

/**
 * A worker alone, at the coordinator's place: every interval between two of its frames is that of
 * the standard, with a backoff of 0 to 7 units, 3.5 in the mean.
 */
TEST(WflLrWpanChannel, TimesOfTheStandard)
{
    const CleanState clean;
    DeviceBench bench("lr-wpan[RadiusM=0]", 1);
    constexpr uint32_t count = 2000;
    constexpr uint32_t bytes = 101;
    bench.Run(
        [&bench]
        {
            for (uint32_t i = 0; i < count; ++i)
            {
                bench.Send(0, SERVER, bytes);
            }
        });
    ASSERT_EQ(bench.arrivals.size(), count);
    ASSERT_EQ(bench.transmissions.size(), 2 * count) << "each is acknowledged";
    EXPECT_EQ(Frame(ACK_OCTETS), MicroSeconds(352));
    const Time least = Frame(bytes + OVERHEAD) + Symbols(TURNAROUND) + Frame(ACK_OCTETS) +
                       Symbols(LIFS + CCA + TURNAROUND);
    std::set<int64_t> seen;
    double sum = 0;
    for (uint32_t i = 0; i < count; ++i)
    {
        const auto& frame = bench.transmissions[2 * i];
        const auto& answer = bench.transmissions[2 * i + 1];
        EXPECT_EQ(frame.transmitter, 0U);
        EXPECT_EQ(frame.bytes, bytes + OVERHEAD);
        EXPECT_EQ(frame.duration, Frame(bytes + OVERHEAD));
        EXPECT_EQ(answer.transmitter, SERVER);
        EXPECT_EQ(answer.worker, 0U) << "it counts as what it answers";
        EXPECT_EQ(answer.direction, Direction::UP);
        EXPECT_EQ(answer.bytes, ACK_OCTETS);
        EXPECT_EQ(answer.duration, Frame(ACK_OCTETS));
        EXPECT_EQ(answer.start - frame.start, frame.duration + Symbols(TURNAROUND));
        if (i > 0)
        {
            const auto rest = frame.start - bench.transmissions[2 * i - 2].start - least;
            const auto units = rest.GetNanoSeconds() / Symbols(UNIT_BACKOFF).GetNanoSeconds();
            EXPECT_EQ(rest, Symbols(UNIT_BACKOFF * units));
            seen.insert(units);
            sum += static_cast<double>(units);
        }
    }
    EXPECT_EQ(seen, (std::set<int64_t>{0, 1, 2, 3, 4, 5, 6, 7}));
    // Eight equal chances have a variance of 63 / 12.
    EXPECT_NEAR(sum / (count - 1), 3.5, 4 * std::sqrt(63.0 / 12 / count));
    EXPECT_EQ((bench.radioTime[{0, RadioState::TX}]), Frame(bytes + OVERHEAD) * int64_t{count});
    EXPECT_EQ((bench.radioTime[{0, RadioState::RX}]), Frame(ACK_OCTETS) * int64_t{count});
    EXPECT_EQ((bench.radioTime[{SERVER, RadioState::TX}]), Frame(ACK_OCTETS) * int64_t{count});
}

/** What is for all goes out once, in one frame, and nobody acknowledges it. */
TEST(WflLrWpanChannel, Group)
{
    const CleanState clean;
    DeviceBench bench("lr-wpan", 5);
    ASSERT_TRUE(bench.channel->HasGroupDelivery());
    bench.Run([&bench] { bench.channel->SendToGroup({0, 1, 2, 3, 4}, Create<Packet>(101)); });
    ASSERT_EQ(bench.transmissions.size(), 1U);
    EXPECT_EQ(bench.transmissions[0].worker, GROUP);
    EXPECT_EQ(bench.transmissions[0].direction, Direction::DOWN);
    // The group's address takes one octet.
    EXPECT_EQ(bench.transmissions[0].bytes, 101 + OVERHEAD + 1);
    EXPECT_LE(bench.transmissions[0].bytes, 127U);
    std::set<StationId> reached;
    for (const auto& arrival : bench.arrivals)
    {
        EXPECT_EQ(arrival.from, SERVER);
        reached.insert(arrival.to);
    }
    EXPECT_EQ(reached, (std::set<StationId>{0, 1, 2, 3, 4}));
}

/** A longer datagram travels in fragments (RFC 4944, 5.3). */
TEST(WflLrWpanChannel, Fragments)
{
    const CleanState clean;
    DeviceBench bench("lr-wpan[MaxDatagramBytes=1232]", 2);
    bench.Run(
        [&bench]
        {
            bench.Send(0, SERVER, 1232);
            bench.Send(SERVER, 1, 300);
        });
    ASSERT_EQ(bench.arrivals.size(), 2U);
    uint32_t frames = 0;
    for (const auto& sent : bench.transmissions)
    {
        frames += sent.transmitter == 0;
        EXPECT_LE(sent.bytes, 127U);
    }
    EXPECT_GE(frames, 1232 / 114U);
}

/** Of two stations out of reach of each other nothing arrives, and each loss has its reason. */
TEST(WflLrWpanChannel, OutOfReach)
{
    const CleanState clean;
    DeviceBench bench("lr-wpan[TxPowerDbm=-100]", 1);
    bench.Run(
        [&bench]
        {
            bench.Send(0, SERVER, 50);
            bench.Send(0, SERVER, 50);
        });
    EXPECT_LT(bench.channel->SnrDb(0), 0);
    EXPECT_TRUE(bench.arrivals.empty());
    EXPECT_EQ(bench.losses, (std::map<std::string, uint32_t>{{"retry-limit", 2}}));
    EXPECT_EQ(bench.transmissions.size(), 2 * 4U) << "three retries each";
}

/** Many contend: what the radio gives up is told, and what is not told arrives, once at least. */
TEST(WflLrWpanChannel, ContentionIsToldOf)
{
    const CleanState clean;
    for (uint32_t run = 1; run <= 3; ++run)
    {
        DeviceBench bench("lr-wpan", 10, {1, run});
        constexpr uint32_t count = 20;
        bench.Run(
            [&bench]
            {
                for (StationId worker = 0; worker < 10; ++worker)
                {
                    for (uint32_t i = 0; i < count; ++i)
                    {
                        bench.Send(worker, SERVER, 60 + i);
                    }
                }
            });
        std::set<std::pair<StationId, uint32_t>> arrived;
        for (const auto& arrival : bench.arrivals)
        {
            arrived.insert({arrival.from, arrival.bytes});
        }
        const auto lost = bench.losses["retry-limit"] + bench.losses["channel-busy"];
        EXPECT_GT(lost, 0U);
        // A frame whose acknowledgements all collide has arrived and counts as lost.
        EXPECT_GE(arrived.size() + lost, 10 * count);
        EXPECT_GT(arrived.size(), count);
    }
}

/** With repair everything is there, and the learning is the loop's. */
TEST(WflLrWpanChannel, DeliversEverySegment)
{
    const CleanState clean;
    for (const uint32_t workers : {1, 5, 20})
    {
        SCOPED_TRACE(workers);
        RadioRun run;
        run.channel = "lr-wpan";
        run.workers = workers;
        run.algorithm = "signsgd-mv";
        run.objective = "mlp[Hidden=160]"; // 1764 parameters: 221 bytes of signs, 3 segments
        run.rounds = 2;
        const auto result = RunRadio(run);
        ASSERT_EQ(result.records.size(), run.rounds);
        for (const auto& record : result.records)
        {
            EXPECT_EQ(record.participants, workers);
            for (const auto& worker : record.workers)
            {
                EXPECT_EQ(worker.segmentsOffered, 3U);
                EXPECT_EQ(worker.segmentsAccepted, 3U);
            }
        }
        EXPECT_EQ(result.model, RunReference(run, result).model);
    }
}

} // namespace ns3::wfl
