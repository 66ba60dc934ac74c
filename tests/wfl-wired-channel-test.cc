/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

/**
 * The wired references against bytes counted by hand. A datagram stands behind 8 bytes of UDP and
 * 20 of IPv4; a point-to-point frame has 2 bytes more (PPP), an Ethernet frame 14 and 4, and after
 * it the wire is idle for 12 bytes.
 */

#include "ns3/wfl-net-device-channel.h"

#include "wfl-device-bench.h"
#include "wfl-test-helpers.h"

#include <algorithm>
#include <gtest/gtest.h>

namespace ns3::wfl
{

namespace
{

using test::CleanState;
using test::DeviceBench;
using test::RadioRun;
using test::RunRadio;
using test::RunReference;

constexpr uint32_t PPP_BYTES = 8 + 20 + 2;
constexpr uint32_t ETHERNET_BYTES = 8 + 20 + 14 + 4;
constexpr uint32_t GAP_BYTES = 12;

/** @return how long some bytes take at 8 Mbit/s */
Time
At8Mbps(uint64_t bytes)
{
    return MicroSeconds(bytes);
}

} // namespace

/** Every worker has a wire for himself, in each direction. */
TEST(WflWiredChannel, P2pIsExact)
{
    const CleanState clean;
    DeviceBench bench("p2p[DataRate=8Mbps|Delay=3ms]", 3);
    EXPECT_FALSE(bench.channel->HasGroupDelivery());
    EXPECT_EQ(bench.channel->RoundTripDelay(), MilliSeconds(6));
    bench.Run(
        [&bench]
        {
            for (int i = 0; i < 2; ++i)
            {
                for (StationId worker = 0; worker < 3; ++worker)
                {
                    bench.Send(worker, SERVER, 1000);
                    bench.Send(SERVER, worker, 500);
                }
            }
            EXPECT_TRUE(bench.channel->IsBacklogged(0, SERVER));
            EXPECT_TRUE(bench.channel->IsBacklogged(SERVER, 2));
        });
    EXPECT_FALSE(bench.channel->IsBacklogged(0, SERVER));
    EXPECT_FALSE(bench.channel->IsBacklogged(SERVER, GROUP));
    ASSERT_EQ(bench.arrivals.size(), 12U);
    std::map<std::pair<StationId, StationId>, int> counts;
    for (const auto& arrival : bench.arrivals)
    {
        const int count = ++counts[{arrival.from, arrival.to}];
        const uint32_t bytes = arrival.to == SERVER ? 1000 : 500;
        EXPECT_EQ(arrival.bytes, bytes);
        EXPECT_EQ(arrival.time, At8Mbps(count * (bytes + PPP_BYTES)) + MilliSeconds(3));
    }
    EXPECT_EQ(counts.size(), 6U);
    EXPECT_EQ(bench.transmissions.size(), 12U);
    for (const auto& sent : bench.transmissions)
    {
        EXPECT_EQ(sent.bytes, (sent.direction == Direction::UP ? 1000 : 500) + PPP_BYTES);
        EXPECT_EQ(sent.duration, At8Mbps(sent.bytes));
        EXPECT_EQ(sent.transmitter, sent.direction == Direction::UP ? sent.worker : SERVER);
    }
    for (StationId worker = 0; worker < 3; ++worker)
    {
        EXPECT_EQ((bench.radioTime[{worker, RadioState::TX}]), At8Mbps(2 * (1000 + PPP_BYTES)));
        EXPECT_EQ((bench.radioTime[{worker, RadioState::RX}]), At8Mbps(2 * (500 + PPP_BYTES)));
    }
    EXPECT_TRUE(bench.losses.empty());
}

/** One sender alone on the wire, and what is for all goes out once. */
TEST(WflWiredChannel, CsmaIsExactAlone)
{
    const CleanState clean;
    DeviceBench bench("csma[DataRate=8Mbps|Delay=1us]", 3);
    EXPECT_TRUE(bench.channel->HasGroupDelivery());
    bench.Run(
        [&bench]
        {
            bench.channel->SendToGroup({0, 1, 2}, Create<Packet>(700));
            bench.Send(SERVER, 1, 300);
            bench.Send(SERVER, 2, 1); // padded: an IP packet takes 46 bytes at least
        });
    const Time first = At8Mbps(700 + ETHERNET_BYTES);
    const Time second = first + At8Mbps(GAP_BYTES + 300 + ETHERNET_BYTES);
    const Time third = second + At8Mbps(GAP_BYTES + 46 + 14 + 4);
    ASSERT_EQ(bench.arrivals.size(), 5U);
    for (std::size_t i = 0; i < 5; ++i)
    {
        const auto& arrival = bench.arrivals[i];
        EXPECT_EQ(arrival.from, SERVER);
        EXPECT_EQ(arrival.to, i < 3 ? i : i - 2);
        EXPECT_EQ(arrival.time, (i < 3 ? first : i == 3 ? second : third) + MicroSeconds(1));
    }
    ASSERT_EQ(bench.transmissions.size(), 3U);
    const std::vector<StationId> workers{GROUP, 1, 2};
    const std::vector<uint32_t> bytes{700 + ETHERNET_BYTES, 300 + ETHERNET_BYTES, 64};
    for (std::size_t i = 0; i < 3; ++i)
    {
        EXPECT_EQ(bench.transmissions[i].worker, workers[i]);
        EXPECT_EQ(bench.transmissions[i].bytes, bytes[i]);
        EXPECT_EQ(bench.transmissions[i].duration, At8Mbps(bytes[i]));
        EXPECT_EQ(bench.transmissions[i].direction, Direction::DOWN);
    }
    EXPECT_EQ((bench.radioTime[{0, RadioState::RX}]), At8Mbps(bytes[0]));
    EXPECT_EQ((bench.radioTime[{1, RadioState::RX}]), At8Mbps(bytes[0] + bytes[1]));
}

/**
 * Many at once: one frame at a time, and none is given up. Those who wait try about twice a
 * millisecond, for three seconds; ns-3's own limit of 1000 tries loses some of these frames.
 */
TEST(WflWiredChannel, CsmaGivesNothingUp)
{
    const CleanState clean;
    DeviceBench bench("csma[DataRate=100Mbps]", 20);
    constexpr uint32_t datagrams = 1200;
    bench.Run(
        [&bench]
        {
            for (StationId worker = 0; worker < 20; ++worker)
            {
                for (uint32_t i = 0; i < datagrams; ++i)
                {
                    bench.Send(worker, SERVER, 1472);
                }
            }
        });
    EXPECT_EQ(bench.arrivals.size(), 20 * datagrams);
    EXPECT_TRUE(bench.losses.empty());
    Time free;
    for (const auto& sent : bench.transmissions)
    {
        EXPECT_GE(sent.start, free);
        free = sent.start + sent.duration + NanoSeconds(500);
    }
    const Time needed = NanoSeconds((1472 + ETHERNET_BYTES + GAP_BYTES) * 80) *
                        static_cast<int64_t>(20 * datagrams);
    const Time end = bench.arrivals.back().time;
    EXPECT_GT(end, needed - MicroSeconds(1));
    // Between two senders nobody sends for a while, at most 1000 slots of a microsecond.
    EXPECT_LT(end, needed + MilliSeconds(400));
}

/** A datagram that is too old before its turn is dropped, with a reason. */
TEST(WflWiredChannel, Expires)
{
    const CleanState clean;
    for (const std::string name : {"csma[DataRate=8Mbps]", "p2p[DataRate=8Mbps]"})
    {
        DeviceBench bench(name, 2);
        bench.channel->SetLifetime(MilliSeconds(2));
        bench.Run(
            [&bench]
            {
                for (int i = 0; i < 5; ++i)
                {
                    bench.Send(0, SERVER, 1000);
                }
            });
        // They begin after 0, 1.0 and 2.1 ms, and so on.
        EXPECT_EQ(bench.arrivals.size(), 2U) << name;
        EXPECT_EQ(bench.losses["expired"], 3U) << name;
        EXPECT_FALSE(bench.channel->IsBacklogged(0, SERVER));
    }
}

/** A datagram longer than Ethernet's is still one frame. */
TEST(WflWiredChannel, LongDatagrams)
{
    const CleanState clean;
    for (const std::string name : {"csma[DataRate=8Mbps|MaxDatagramBytes=2268]",
                                   "p2p[DataRate=8Mbps|MaxDatagramBytes=2268]"})
    {
        DeviceBench bench(name, 1);
        bench.Run([&bench] { bench.Send(0, SERVER, 2268); });
        EXPECT_EQ(bench.arrivals.size(), 1U) << name;
        EXPECT_EQ(bench.transmissions.size(), 1U) << name;
    }
}

/**
 * A round from frame to frame: the model, 720 bytes in a segment with 16 bytes of header, goes
 * down, the worker computes for 10 ms, the gradient goes up, and the server takes 0.1 ms. On the
 * star this holds for any number of workers, on one wire for one.
 */
TEST(WflWiredChannel, RoundTime)
{
    const CleanState clean;
    struct Case
    {
        std::string channel;
        uint32_t workers;
        uint32_t frameBytes;
    };
    for (const auto& [channel, workers, frameBytes] :
         std::vector<Case>{{"p2p[DataRate=8Mbps|Delay=2us]", 1, 736 + PPP_BYTES},
                           {"p2p[DataRate=8Mbps|Delay=2us]", 20, 736 + PPP_BYTES},
                           {"csma[DataRate=8Mbps|Delay=2us]", 1, 736 + ETHERNET_BYTES}})
    {
        SCOPED_TRACE(channel + ", " + std::to_string(workers));
        RadioRun run;
        run.channel = channel;
        run.workers = workers;
        run.compute = "constant[Time=10ms]";
        const auto result = RunRadio(run);
        ASSERT_EQ(result.records.size(), run.rounds);
        for (uint32_t round = 1; round < run.rounds; ++round)
        {
            const auto& record = result.records[round];
            const Time way = At8Mbps(frameBytes) + MicroSeconds(2);
            EXPECT_EQ(record.end - record.start, way + MilliSeconds(10) + way);
            // What goes down the star counts once for each worker.
            EXPECT_EQ(record.downlinkPayloadBytes, 720 * workers);
        }
    }
}

/** A burst from all workers with repair: everything is there, and the learning is the loop's. */
TEST(WflWiredChannel, DeliversEverySegment)
{
    const CleanState clean;
    for (const std::string channel : {"csma", "p2p"})
    {
        for (const uint32_t workers : {1, 5, 20})
        {
            SCOPED_TRACE(channel + ", " + std::to_string(workers));
            RadioRun run;
            run.channel = channel;
            run.workers = workers;
            run.objective = "mlp[Hidden=2273]"; // 25,007 parameters: 100,028 bytes
            run.batch = 2;
            run.rounds = 2;
            const auto result = RunRadio(run);
            ASSERT_EQ(result.records.size(), run.rounds);
            for (const auto& record : result.records)
            {
                EXPECT_EQ(record.participants, workers);
                for (const auto& worker : record.workers)
                {
                    EXPECT_EQ(worker.segmentsOffered, 69U); // of 1456 bytes
                    EXPECT_EQ(worker.segmentsAccepted, 69U);
                }
            }
            EXPECT_EQ(result.model, RunReference(run, result).model);
        }
    }
}

} // namespace ns3::wfl
