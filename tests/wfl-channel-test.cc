/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

/** The channels that are a formula, against that formula. Times are exact to the nanosecond. */

#include "ns3/wfl-channel-model.h"

#include "ns3/fl-codec.h"
#include "ns3/wfl-distribution.h"
#include "ns3/wfl-link-channel.h"
#include "ns3/wfl-segment-header.h"

#include "wfl-test-helpers.h"

#include <algorithm>
#include <cmath>
#include <gtest/gtest.h>
#include <set>
#include <tuple>

namespace ns3::wfl
{

namespace
{

using test::CleanState;
using test::RadioRun;
using test::RunRadio;
using test::TempFolder;

/** A datagram that has arrived. */
struct Arrival
{
    StationId from;
    StationId to;
    uint32_t bytes;
    Time time;
};

/** A channel alone, without transport and applications. */
struct Bench
{
    Ptr<ChannelModel> channel;
    std::vector<Arrival> arrivals;
    std::vector<Transmission> transmissions;

    Bench(const std::string& name, uint32_t workers, fl::RunSeed runSeed = {})
        : Bench(TypeRegistry::Get("channel").Parse(name).Create<ChannelModel>(), workers, runSeed)
    {
    }

    Bench(Ptr<ChannelModel> made, uint32_t workers, fl::RunSeed runSeed = {})
        : channel(made)
    {
        Simulator::Destroy();
        NodeContainer nodes;
        nodes.Create(workers);
        channel->Install(nodes, CreateObject<Node>(), runSeed);
        channel->SetReceiver(MakeCallback(&Bench::Receive, this));
        channel->TraceConnectWithoutContext("Transmission", MakeCallback(&Bench::Note, this));
    }

    void Receive(StationId from, StationId to, Ptr<Packet> packet)
    {
        arrivals.push_back({from, to, packet->GetSize(), Simulator::Now()});
    }

    void Note(const Transmission& transmission)
    {
        EXPECT_EQ(transmission.start, Simulator::Now());
        transmissions.push_back(transmission);
    }
};

/** Links whose datagrams have the fate that a test says. */
class StatedChannel : public LinkChannel
{
  public:
    std::function<LinkFate(const LinkDatagram&)> fate;

  private:
    LinkFate DoFate(const LinkDatagram& datagram) override
    {
        return fate(datagram);
    }
};

/** Such a channel between a server and four workers, and all it tells. */
struct StatedBench
{
    /** A datagram whose fate was asked for. */
    struct Asked
    {
        LinkDatagram datagram;
        Time time; ///< when
    };

    /** A datagram that was lost. */
    struct Lost
    {
        Direction direction;
        StationId worker;
        std::string reason;
        Time time; ///< when it was told
    };

    Ptr<StatedChannel> channel{CreateObject<StatedChannel>()};
    Bench bench{channel, 4};
    std::vector<Asked> asked;
    std::vector<Lost> lost;
    std::map<StationId, Time> received; ///< time of radios in the state RX

    explicit StatedBench(std::function<LinkFate(const LinkDatagram&)> fate)
    {
        channel->fate = [this, fate](const LinkDatagram& datagram)
        {
            asked.push_back({datagram, Simulator::Now()});
            return fate(datagram);
        };
        channel->TraceConnectWithoutContext("Loss", MakeCallback(&StatedBench::NoteLoss, this));
        channel->TraceConnectWithoutContext("RadioState",
                                            MakeCallback(&StatedBench::NoteState, this));
    }

    void NoteLoss(Direction direction, StationId worker, const std::string& reason)
    {
        lost.push_back({direction, worker, reason, Simulator::Now()});
    }

    void NoteState(StationId station, RadioState state, Time /* start */, Time duration)
    {
        received[station] += state == RadioState::RX ? duration : Time();
    }

    /** @return when something of so many bytes arrived, by receiver */
    std::map<StationId, Time> Arrived(uint32_t bytes) const
    {
        std::map<StationId, Time> arrived;
        for (const auto& arrival : bench.arrivals)
        {
            if (arrival.bytes == bytes)
            {
                EXPECT_EQ(arrived.count(arrival.to), 0U) << "twice at " << arrival.to;
                arrived[arrival.to] = arrival.time;
            }
        }
        return arrived;
    }

    void Send(StationId from, StationId to, uint32_t bytes)
    {
        channel->Send(from, to, Create<Packet>(bytes));
    }

    void SendToGroup(const std::vector<StationId>& receivers, uint32_t bytes)
    {
        channel->SendToGroup(receivers, Create<Packet>(bytes));
    }
};

using Arrivals = std::map<StationId, Time>;

/** Writes a file and returns its path. */
std::string
Write(const TempFolder& folder, const std::string& text)
{
    const auto path = folder / "trace.csv";
    std::ofstream(path) << text;
    return path;
}

/** @return what the UserError says that a channel's making throws */
std::string
Fault(const std::string& name)
{
    try
    {
        const Bench bench(name, 2);
    }
    catch (const fl::UserError& error)
    {
        return error.what();
    }
    return "";
}

const std::string HEAD = "time_s,worker,direction,rate_bps,delay_s,loss\n";

} // namespace

/** 1000 bytes at 8 Mbit/s take 1 ms; whoever has a link for himself waits for nobody. */
TEST(WflChannel, IdealDedicated)
{
    const CleanState clean;
    Bench bench("ideal[UplinkRate=8Mbps|DownlinkRate=4Mbps|Delay=3ms]", 3);
    for (int i = 0; i < 2; ++i)
    {
        for (StationId worker = 0; worker < 3; ++worker)
        {
            bench.channel->Send(worker, SERVER, Create<Packet>(1000));
        }
    }
    bench.channel->Send(SERVER, 1, Create<Packet>(1000));
    EXPECT_TRUE(bench.channel->IsBacklogged(0, SERVER));
    Simulator::Run();
    EXPECT_FALSE(bench.channel->IsBacklogged(0, SERVER));
    ASSERT_EQ(bench.arrivals.size(), 7U);
    for (std::size_t i = 0; i < 7; ++i)
    {
        const auto& arrival = bench.arrivals[i];
        // 1 + 3 ms for the first, 2 + 3 ms for the second ones and the downlink at half the rate.
        EXPECT_EQ(arrival.time, i < 3 ? MilliSeconds(4) : MilliSeconds(5));
        EXPECT_EQ(arrival.bytes, 1000U);
    }
    EXPECT_EQ(bench.channel->EstimateAirtime(Direction::UP, 7000), MilliSeconds(7));
    EXPECT_EQ(bench.channel->EstimateAirtime(Direction::DOWN, 7000), MilliSeconds(14));
    EXPECT_EQ(bench.channel->RoundTripDelay(), MilliSeconds(6));
}

/** One medium: first come, first served, whatever the direction. */
TEST(WflChannel, IdealShared)
{
    const CleanState clean;
    Bench bench("ideal[Medium=Shared|UplinkRate=8Mbps|DownlinkRate=4Mbps]", 3);
    for (StationId worker = 0; worker < 3; ++worker)
    {
        bench.channel->Send(worker, SERVER, Create<Packet>(1000));
    }
    bench.channel->SendToGroup({0, 1, 2}, Create<Packet>(500));
    bench.channel->Send(2, SERVER, Create<Packet>(1000));
    Simulator::Run();
    ASSERT_EQ(bench.arrivals.size(), 7U);
    const std::vector<int> expectedMs{1, 2, 3, 4, 4, 4, 5};
    for (std::size_t i = 0; i < 7; ++i)
    {
        EXPECT_EQ(bench.arrivals[i].time, MilliSeconds(expectedMs[i]));
    }
    ASSERT_EQ(bench.transmissions.size(), 5U) << "a group transmission is one";
    EXPECT_EQ(bench.transmissions[3].worker, GROUP);
    EXPECT_EQ(bench.transmissions[3].start, MilliSeconds(3));
    EXPECT_EQ(bench.transmissions[3].duration, MilliSeconds(1));
}

/** Only the workers that a group datagram is for receive it, at any place in their order. */
TEST(WflChannel, GroupReachesItsReceivers)
{
    const CleanState clean;
    for (const std::string medium : {"Dedicated", "Shared"})
    {
        Bench bench("ideal[DownlinkRate=8Mbps|Medium=" + medium + "]", 4);
        EXPECT_TRUE(bench.channel->HasGroupDelivery());
        for (const std::vector<StationId>& receivers :
             std::vector<std::vector<StationId>>{{1, 3}, {0, 2}, {2, 3}})
        {
            bench.arrivals.clear();
            bench.channel->SendToGroup(receivers, Create<Packet>(500));
            Simulator::Run();
            std::vector<StationId> reached;
            for (const auto& arrival : bench.arrivals)
            {
                reached.push_back(arrival.to);
                EXPECT_EQ(arrival.from, SERVER);
                EXPECT_EQ(arrival.bytes, 500U);
            }
            EXPECT_EQ(reached, receivers) << medium;
        }
        ASSERT_EQ(bench.transmissions.size(), 3U) << "one a datagram";
        EXPECT_EQ(bench.transmissions[0].worker, GROUP);
    }
}

/** It takes the longest airtime of its receivers, however slow the other workers are. */
TEST(WflChannel, GroupTakesItsLongestAirtime)
{
    const CleanState clean;
    // 1, 2, 3, 4 ms on the air, then 10, 20, 30, 40 ms on the way.
    StatedBench stated(
        [](const LinkDatagram& datagram)
        {
            const int64_t number = datagram.worker + 1;
            return LinkFate{MilliSeconds(number), MilliSeconds(10 * number)};
        });
    stated.SendToGroup({0, 2}, 500);
    stated.Send(SERVER, 0, 100);
    stated.Send(SERVER, 1, 200);
    Simulator::Run();
    EXPECT_EQ(stated.Arrived(500), (Arrivals{{0, MilliSeconds(13)}, {2, MilliSeconds(33)}}));
    EXPECT_EQ(stated.Arrived(100), (Arrivals{{0, MilliSeconds(3 + 1 + 10)}}));
    EXPECT_EQ(stated.Arrived(200), (Arrivals{{1, MilliSeconds(2 + 20)}})) << "its line is free";
    ASSERT_EQ(stated.bench.transmissions.size(), 3U);
    const auto& group = stated.bench.transmissions.front();
    EXPECT_EQ(group.duration, MilliSeconds(3));
    EXPECT_EQ(group.worker, GROUP);
    EXPECT_EQ(group.bytes, 500U);
    EXPECT_EQ(stated.received[0], MilliSeconds(3 + 1))
        << "it listens as long as the group's slowest";
    EXPECT_EQ(stated.received[2], MilliSeconds(3));
    EXPECT_EQ(stated.received.count(3), 0U) << "it hears nothing";

    // Whichever of them is the slowest.
    StatedBench other(
        [](const LinkDatagram& datagram) {
            return LinkFate{MilliSeconds(4 - datagram.worker), Seconds(0)};
        });
    other.SendToGroup({1, 2}, 500);
    Simulator::Run();
    EXPECT_EQ(other.Arrived(500), (Arrivals{{1, MilliSeconds(3)}, {2, MilliSeconds(3)}}));
}

/** It begins when the line of each receiver is free; meanwhile only those lines are blocked. */
TEST(WflChannel, GroupWaitsForEachReceiver)
{
    const CleanState clean;
    // 1 us a byte.
    StatedBench stated(
        [](const LinkDatagram& datagram) {
            return LinkFate{MicroSeconds(datagram.bytes), Seconds(0)};
        });
    stated.Send(SERVER, 1, 700);
    stated.Send(SERVER, 2, 300);
    stated.SendToGroup({0, 1, 2}, 500); // from 700 to 1200 us
    stated.Send(SERVER, 0, 50);         // behind the group, although 0 was idle before it
    stated.Send(SERVER, 2, 60);
    stated.Send(SERVER, 3, 100); // in nobody's way
    stated.Send(SERVER, 3, 110);
    stated.Send(0, SERVER, 150); // the other direction is another line
    stated.SendToGroup({2, 3}, 80);
    Simulator::Run();
    const Time group = MicroSeconds(1200);
    EXPECT_EQ(stated.Arrived(500), (Arrivals{{0, group}, {1, group}, {2, group}}));
    EXPECT_EQ(stated.Arrived(50), (Arrivals{{0, MicroSeconds(1250)}}));
    EXPECT_EQ(stated.Arrived(60), (Arrivals{{2, MicroSeconds(1260)}}));
    EXPECT_EQ(stated.Arrived(100), (Arrivals{{3, MicroSeconds(100)}}));
    EXPECT_EQ(stated.Arrived(110), (Arrivals{{3, MicroSeconds(210)}}));
    EXPECT_EQ(stated.Arrived(150), (Arrivals{{SERVER, MicroSeconds(150)}}));
    EXPECT_EQ(stated.Arrived(80), (Arrivals{{2, MicroSeconds(1340)}, {3, MicroSeconds(1340)}}));
    EXPECT_EQ(stated.bench.transmissions.size(), 9U) << "each begins once";
}

/** A datagram's fate is drawn when its transmission begins, not when it is handed over. */
TEST(WflChannel, FateIsAskedAtTheBeginning)
{
    const CleanState clean;
    StatedBench stated(
        [](const LinkDatagram& /* datagram */) {
            return LinkFate{MilliSeconds(2), MilliSeconds(9)};
        });
    for (uint32_t bytes = 100; bytes < 103; ++bytes)
    {
        stated.Send(3, SERVER, bytes); // at 0, 2 and 4 ms
    }
    stated.Send(SERVER, 1, 200);     // at 0
    stated.SendToGroup({0, 1}, 201); // at 2 ms
    Simulator::Schedule(MilliSeconds(50), [&stated] { stated.Send(3, SERVER, 103); });
    Simulator::Run();
    using Call = std::tuple<uint32_t, StationId, bool, int64_t>;
    std::set<Call> calls;
    for (const auto& asked : stated.asked)
    {
        EXPECT_EQ(asked.datagram.start, asked.time);
        calls.insert({asked.datagram.bytes,
                      asked.datagram.worker,
                      asked.datagram.direction == Direction::UP,
                      asked.time.GetMilliSeconds()});
    }
    EXPECT_EQ(calls,
              (std::set<Call>{{100, 3, true, 0},
                              {101, 3, true, 2},
                              {102, 3, true, 4},
                              {200, 1, false, 0},
                              {201, 0, false, 2},
                              {201, 1, false, 2},
                              {103, 3, true, 50}}));
    EXPECT_EQ(stated.asked.size(), 7U) << "once a receiver";
}

/** A loss is told when the transmission ends, of a group's receivers one by one. */
TEST(WflChannel, LossIsToldAtTheEnd)
{
    const CleanState clean;
    StatedBench stated(
        [](const LinkDatagram& datagram) {
            return LinkFate{MilliSeconds(4), MilliSeconds(5), datagram.worker == 1};
        });
    stated.Send(1, SERVER, 100);
    stated.Send(1, SERVER, 100);
    stated.Send(2, SERVER, 100);
    stated.SendToGroup({0, 1, 2}, 200);
    Simulator::Run();
    EXPECT_EQ(stated.Arrived(100), (Arrivals{{SERVER, MilliSeconds(9)}}));
    EXPECT_EQ(stated.Arrived(200), (Arrivals{{0, MilliSeconds(9)}, {2, MilliSeconds(9)}}));
    std::multiset<std::pair<bool, int64_t>> lost;
    for (const auto& loss : stated.lost)
    {
        EXPECT_EQ(loss.worker, 1U);
        EXPECT_EQ(loss.reason, "link");
        lost.insert({loss.direction == Direction::UP, loss.time.GetMilliSeconds()});
    }
    EXPECT_EQ(lost, (std::multiset<std::pair<bool, int64_t>>{{true, 4}, {true, 8}, {false, 4}}));
}

/** A station is backlogged until its last datagram has left, be it lost or still on its way. */
TEST(WflChannel, BacklogEndsWithTheLastDatagram)
{
    const CleanState clean;
    StatedBench stated(
        [](const LinkDatagram& datagram) {
            return LinkFate{MilliSeconds(2), MilliSeconds(7), datagram.bytes == 101};
        });
    const auto expect = [&stated](Time time, StationId station, bool backlogged)
    {
        Simulator::Schedule(time,
                            [=, &stated]
                            {
                                EXPECT_EQ(stated.channel->IsBacklogged(station, GROUP), backlogged)
                                    << station << " at " << Simulator::Now();
                            });
    };
    stated.Send(0, SERVER, 100);
    stated.Send(0, SERVER, 101); // until 4 ms
    stated.Send(SERVER, 1, 100);
    stated.SendToGroup({1, 2}, 100);
    stated.SendToGroup({0, 2}, 100); // until 6 ms
    const Time tick = NanoSeconds(1);
    expect(Seconds(0), 0, true);
    expect(Seconds(0), 1, false);
    expect(MilliSeconds(4) - tick, 0, true);
    expect(MilliSeconds(4) + tick, 0, false);
    expect(MilliSeconds(6) - tick, SERVER, true);
    expect(MilliSeconds(6) + tick, SERVER, false);
    expect(MilliSeconds(6) + tick, 2, false);
    Simulator::Schedule(MilliSeconds(20), [&stated] { stated.Send(0, SERVER, 100); });
    expect(MilliSeconds(22) - tick, 0, true);
    expect(MilliSeconds(22) + tick, 0, false);
    Simulator::Run();
}

/** A round trip takes twice the longest delay of what has been sent so far. */
TEST(WflChannel, RoundTripIsTwiceTheLongestDelay)
{
    const CleanState clean;
    // The delay is 1 ms a byte.
    StatedBench stated(
        [](const LinkDatagram& datagram) {
            return LinkFate{Seconds(1), MilliSeconds(datagram.bytes)};
        });
    EXPECT_EQ(stated.channel->RoundTripDelay(), Seconds(0));
    stated.Send(0, SERVER, 30);
    EXPECT_EQ(stated.channel->RoundTripDelay(), MilliSeconds(60));
    stated.Send(0, SERVER, 50);
    EXPECT_EQ(stated.channel->RoundTripDelay(), MilliSeconds(60)) << "it waits for its turn";
    stated.Send(1, SERVER, 20);
    Simulator::Run();
    EXPECT_EQ(stated.channel->RoundTripDelay(), MilliSeconds(100));
    stated.Send(SERVER, 0, 40);
    EXPECT_EQ(stated.channel->RoundTripDelay(), MilliSeconds(100));
    stated.SendToGroup({0, 1}, 51);
    Simulator::Run();
    EXPECT_EQ(stated.channel->RoundTripDelay(), MilliSeconds(102));
}

/** Nothing arrives before its airtime and delay have passed, on no channel that is a formula. */
TEST(WflChannel, Causality)
{
    const CleanState clean;
    for (const std::string name : {"ideal",
                                   "ideal[Medium=Shared|Delay=2ms]",
                                   "link[UplinkRate=exponential:1e6|Delay=exponential:0.01]",
                                   "link[Medium=Shared|UplinkRate=uniform:1e5:1e6]"})
    {
        Bench bench(name, 4);
        fl::Random random({1, 1}, fl::Purpose::TEST);
        for (int i = 0; i < 200; ++i)
        {
            const StationId worker = random.Below(4);
            const bool up = random.Below(2);
            bench.channel->Send(up ? worker : SERVER, up ? SERVER : worker, Create<Packet>(64 + i));
        }
        Simulator::Run();
        ASSERT_EQ(bench.arrivals.size(), 200U);
        ASSERT_EQ(bench.transmissions.size(), 200U);
        for (const auto& arrival : bench.arrivals)
        {
            const auto sent = std::find_if(bench.transmissions.begin(),
                                           bench.transmissions.end(),
                                           [&arrival](const auto& transmission)
                                           { return transmission.bytes == arrival.bytes; });
            ASSERT_NE(sent, bench.transmissions.end());
            EXPECT_GE(arrival.time, sent->start + sent->duration);
            EXPECT_TRUE(sent->duration.IsStrictlyPositive());
        }
    }
}

/**
 * K equal workers that compute in no time: dedicated, the round takes one upload, with the wait
 * for the request and the server's own time on top; shared, K uploads.
 */
TEST(WflChannel, RoundTimes)
{
    const CleanState clean;
    // 8 Mbit/s: 1 us a byte. One datagram an upload: 180 floats and a header.
    const Time upload = MicroSeconds(180 * 4 + SegmentHeader::BYTES);
    RadioRun run;
    run.compute = "constant[Time=0s]";
    run.rounds = 1;
    for (const bool shared : {false, true})
    {
        run.channel = std::string("ideal[UplinkRate=8Mbps|DownlinkRate=8Mbps|Medium=") +
                      (shared ? "Shared]" : "Dedicated]");
        const auto record = RunRadio(run).records.at(0);
        Time first = Time::Max();
        Time last;
        for (const auto& worker : record.workers)
        {
            first = std::min(first, *worker.uplinkStart);
            last = std::max(last, *worker.uplinkEnd);
        }
        // The request of round 0 is a datagram of its own: the header, and one range of workers
        // in two bytes.
        EXPECT_EQ(first, record.start + MicroSeconds(SegmentHeader::BYTES + 2));
        EXPECT_EQ(last - first, shared ? run.workers * upload : upload);
        EXPECT_EQ(record.end, last);
    }
}

/** An upload in many datagrams: the sum of theirs, each rounded to a nanosecond. */
TEST(WflChannel, ManyDatagrams)
{
    const CleanState clean;
    RadioRun run;
    run.compute = "constant[Time=0s]";
    run.rounds = 1;
    run.channel = "ideal[UplinkRate=7Mbps|MaxDatagramBytes=100]";
    const auto result = RunRadio(run);
    // 720 bytes in segments of at most 84: 9 of 80 bytes, cut evenly.
    ASSERT_EQ(result.uploadSegmentBytes, 84U);
    const auto& worker = result.records.at(0).workers.at(0);
    ASSERT_EQ(worker.segmentsOffered, 9U);
    const double exact = (720 + 9 * 16) * 8 / 7e6;
    EXPECT_NEAR((*worker.uplinkEnd - *worker.uplinkStart).GetSeconds(), exact, 9e-9);
}

/** Airtime in the results is bytes times 8 over the rate: 1 Mbit/s up, 2 Mbit/s down. */
TEST(WflChannel, AirtimeColumns)
{
    const TempFolder folder;
    for (const std::string medium : {"Dedicated", "Shared"})
    {
        const auto result = test::CallScenario(test::With(
            test::SMALL_ARGUMENTS,
            {"--channel=ideal[UplinkRate=1Mbps|DownlinkRate=2Mbps|Medium=" + medium + "]",
             "--output=" + folder / medium}));
        ASSERT_EQ(result.code, 0) << result.err;
        const auto rows = test::ReadCsv(folder / medium + "/rounds.csv");
        ASSERT_EQ(rows.size(), 4U);
        for (const auto& row : rows)
        {
            const double up = std::stod(row.at("uplink_air_bytes")) * 8 / 1e6;
            const double down = std::stod(row.at("downlink_air_bytes")) * 8 / 2e6;
            EXPECT_NEAR(std::stod(row.at("airtime_uplink_s")), up, 1e-9 * (1 + up));
            EXPECT_NEAR(std::stod(row.at("airtime_downlink_s")), down, 1e-9 * (1 + down));
            const double busy = std::stod(row.at("airtime_busy_s"));
            EXPECT_LE(busy, std::stod(row.at("time_s")));
            // What was sent before the clock starts may still be on the air: the reports on
            // hellos, 17 bytes each.
            if (medium == "Shared")
            {
                EXPECT_NEAR(busy, up + down, 5 * 17 * 8 / 2e6);
            }
            else
            {
                EXPECT_LT(busy, up + down);
            }
        }
    }
}

/**
 * Where nothing is lost, nothing is sent twice, however long a datagram takes: of 1472 bytes 59 ms,
 * 118 ms and 589 ms here, where a receiver would otherwise ask after 50 ms. What crosses the medium
 * is the payload, 16 bytes of header to at most 1456 of it, and little control.
 */
TEST(WflChannel, SlowLinksSendOnce)
{
    const TempFolder folder;
    for (const double rateBps : {200e3, 100e3, 20e3})
    {
        const std::string rate = std::to_string(std::lround(rateBps)) + "bps";
        const auto result = test::CallScenario(test::With(
            test::SMALL_ARGUMENTS,
            {"--objective=mlp[Hidden=300]",
             "--channel=ideal[UplinkRate=" + rate + "|DownlinkRate=" + rate + "|Medium=Shared]",
             "--overwrite",
             "--output=" + folder / "run"}));
        ASSERT_EQ(result.code, 0) << result.err;
        const auto row = test::ReadCsv(folder / "run/rounds.csv").back();
        double payload = 0;
        for (const std::string direction : {"uplink", "downlink"})
        {
            const double bytes = std::stod(row.at(direction + "_payload_bytes"));
            EXPECT_LT(std::stod(row.at(direction + "_air_bytes")), 1.03 * bytes)
                << direction << " at " << rate;
            payload += bytes;
        }
        EXPECT_LT(std::stod(row.at("time_s")), 1.03 * 8 * payload / rateBps) << rate;
    }
}

/** One real draw a worker and direction: means and ranges of many. */
TEST(WflChannel, Distributions)
{
    // The bounds are five standard deviations of the mean of 20000 draws.
    struct Case
    {
        std::string text;
        double mean;
        double deviation;
    };
    const std::vector<Case> cases{
        {"5", 5, 0},
        {"uniform:2:4", 3, 2 / std::sqrt(12)},
        {"exponential:7", 7, 7},
        {"normal:5:2", 5, 2},
        {"lognormal:1:0.5", std::exp(0.125), std::exp(0.125) * std::sqrt(std::exp(0.25) - 1)},
        {"shifted-exponential:2:3", 5, 3},
        {"pareto:1:3", 1.5, std::sqrt(0.75)},
        {"tiers:1:0.5:4:0.3:9:0.2", 3.5, std::sqrt(0.5 + 0.3 * 16 + 0.2 * 81 - 3.5 * 3.5)}};
    for (const auto& [text, mean, deviation] : cases)
    {
        const Distribution distribution(text, "test");
        double sum = 0;
        constexpr int draws = 20000;
        for (int i = 0; i < draws; ++i)
        {
            fl::Random random({1, 1}, fl::Purpose::LINK, i);
            sum += distribution.Draw(random);
        }
        EXPECT_NEAR(sum / draws, mean, 5 * deviation / std::sqrt(draws) + 1e-12) << text;
    }
    for (const std::string text : {"",
                                   "5:5",
                                   "uniform:4:2",
                                   "uniform:1",
                                   "exponential:0",
                                   "normal:1:-1",
                                   "lognormal:0:1",
                                   "shifted-exponential:-1:1",
                                   "pareto:1:0",
                                   "tiers:1:0.5:2",
                                   "tiers:1:0.5:2:0.4",
                                   "tiers:1:1.5:2:-0.5",
                                   "gauss:1:1",
                                   "nan",
                                   "5x"})
    {
        EXPECT_THROW(Distribution(text, "test"), fl::UserError) << text;
    }
}

/** Links differ, and follow from seed and run alone. */
TEST(WflChannel, LinkDraws)
{
    const CleanState clean;
    const auto times = [](fl::RunSeed runSeed)
    {
        Bench bench("link[UplinkRate=lognormal:1e6:1|Delay=0]", 200, runSeed);
        for (StationId worker = 0; worker < 200; ++worker)
        {
            bench.channel->Send(worker, SERVER, Create<Packet>(1000));
        }
        Simulator::Run();
        std::map<StationId, double> byWorker;
        for (const auto& arrival : bench.arrivals)
        {
            byWorker[arrival.from] = arrival.time.GetSeconds();
        }
        return byWorker;
    };
    const auto one = times({1, 1});
    EXPECT_EQ(one, times({1, 1}));
    EXPECT_NE(one, times({1, 2}));
    EXPECT_NE(one, times({2, 1}));
    // ln(time) = ln(8 ms) - normal: its mean within five standard deviations of that mean.
    double sum = 0;
    for (const auto& [worker, time] : one)
    {
        sum += std::log(time);
    }
    EXPECT_NEAR(sum / 200, std::log(8e-3), 5 / std::sqrt(200));
}

/** The channel's own loss: within 4 standard deviations of its rate, in both directions. */
TEST(WflChannel, LinkLoss)
{
    const CleanState clean;
    Bench bench("link[Loss=0.2]", 2);
    constexpr int count = 10000;
    for (int i = 0; i < count; ++i)
    {
        bench.channel->Send(0, SERVER, Create<Packet>(64));
        bench.channel->Send(SERVER, 1, Create<Packet>(64));
    }
    Simulator::Run();
    int up = 0;
    for (const auto& arrival : bench.arrivals)
    {
        up += arrival.to == SERVER;
    }
    const int down = static_cast<int>(bench.arrivals.size()) - up;
    const double bound = 4 * std::sqrt(count * 0.2 * 0.8);
    EXPECT_NEAR(up, count * 0.8, bound);
    EXPECT_NEAR(down, count * 0.8, bound);
    EXPECT_FALSE(bench.channel->IsLossless());
    EXPECT_TRUE(Bench("link", 2).channel->IsLossless());
}

/** A trace holds from its time on, for whatever begins to be sent then. */
TEST(WflChannel, TraceIsFollowed)
{
    const CleanState clean;
    const TempFolder folder;
    const auto path = Write(folder,
                            HEAD + "0,0,up,8e6,0.001,0\n"
                                   "0,0,down,8e6,0,0\n"
                                   "0,1,up,8e6,0,0\n"
                                   "0,1,down,8e6,0,0\n"
                                   "0.5,0,up,4e6,0.002,0\n"
                                   "1,0,up,8e6,0,1\n"
                                   "1.5,0,up,16e6,0,0\n");
    Bench bench("link[Trace=" + path + "]", 2);
    for (const double time : {0.0, 0.4995, 0.4999, 0.5, 1.2, 1.5})
    {
        Simulator::Schedule(Seconds(time),
                            [&bench] { bench.channel->Send(0, SERVER, Create<Packet>(1000)); });
    }
    Simulator::Run();
    // 1 ms at 8 Mbit/s, then the delay. The datagram of 0.4999 s waits for the one before it
    // until 0.5005 s and is thus sent at 4 Mbit/s, as is the next; the one of 1.2 s is lost.
    const std::vector<double> expected{0.002, 0.5015, 0.5045, 0.5065, 1.5005};
    ASSERT_EQ(bench.arrivals.size(), expected.size());
    for (std::size_t i = 0; i < expected.size(); ++i)
    {
        EXPECT_NEAR(bench.arrivals[i].time.GetSeconds(), expected[i], 1e-9);
    }
}

TEST(WflChannel, BadTraces)
{
    const CleanState clean;
    const TempFolder folder;
    const std::string good = "0,0,up,1,0,0\n0,0,down,1,0,0\n0,1,up,1,0,0\n0,1,down,1,0,0\n";
    struct Case
    {
        std::string text;
        std::string fault; ///< after the file's name
    };
    const std::vector<Case> cases{
        {"", "does not begin with"},
        {"time,worker\n" + good, "does not begin with"},
        {HEAD + "0,0,up,1,0\n" + good, "line 2"},
        {HEAD + "0,0,up,1,0,0,0\n" + good, "line 2"},
        {HEAD + "0,0,left,1,0,0\n" + good, "line 2"},
        {HEAD + "0,2,up,1,0,0\n" + good, "worker 2 does not exist"},
        {HEAD + "0,-1,up,1,0,0\n" + good, "worker -1 is not from 0"},
        {HEAD + good + "1,0,up,-5,0,0\n", "line 6: rate"},
        {HEAD + good + "1,0,up,0,0,0\n", "line 6: rate"},
        // beyond these, a few rounds would outlast ns-3's time
        {HEAD + good + "1,0,up,0.5,0,0\n", "line 6: rate 0.5 bit/s must be at least 1"},
        {HEAD + good + "1,0,up,5,2e6,0\n", "line 6: delay 2e+06 s must be from 0 to 1e+06"},
        {HEAD + good + "1,0,up,5,-1,0\n", "line 6: delay"},
        {HEAD + good + "1,0,up,5,0,1.5\n", "line 6: loss"},
        {HEAD + good + "x,0,up,5,0,0\n", "line 6, time_s"},
        {HEAD + good + "1,0,up,nan,0,0\n", "line 6, rate_bps"},
        {HEAD + good + "1,0,up,5,0,0\n1,0,up,5,0,0\n", "line 7: time 1 does not ascend"},
        {HEAD + "0,0,up,1,0,0\n0,0,down,1,0,0\n0,1,up,1,0,0\n", "no row of worker 1, down"},
        {HEAD + "1,0,up,1,0,0\n", "no row of worker 0, up"},
    };
    for (const auto& [text, fault] : cases)
    {
        const auto path = Write(folder, text);
        const auto said = Fault("link[Trace=" + path + "]");
        EXPECT_NE(said.find(fault), std::string::npos) << fault << "\n" << said;
        EXPECT_NE(said.find(path), std::string::npos) << said;
        EXPECT_EQ(said.find('\n'), std::string::npos) << said;
    }
    // Lines may end as in files of Windows.
    std::string text = HEAD + good;
    for (auto end = text.find('\n'); end != std::string::npos; end = text.find('\n', end + 2))
    {
        text.insert(end, "\r");
    }
    EXPECT_EQ(Fault("link[Trace=" + Write(folder, text) + "]"), "");
    const auto said = Fault("link[Trace=" + folder / "none.csv" + "]");
    EXPECT_NE(said.find("none.csv cannot be read"), std::string::npos) << said;
}

TEST(WflChannel, BadLinks)
{
    for (const std::string name : {"link[UplinkRate=0]",
                                   "link[UplinkRate=-1e6]",
                                   "link[DownlinkRate=normal:1:100]",
                                   "link[Delay=-1]",
                                   "link[Loss=1.5]",
                                   "link[Loss=x]"})
    {
        const CleanState clean;
        const auto said = Fault(name);
        EXPECT_NE(said.find("--channel=link"), std::string::npos) << name << ": " << said;
    }
}

/** More bytes take more time, on every channel. */
TEST(WflChannel, TimeGrowsWithPayload)
{
    const CleanState clean;
    for (const std::string channel :
         {"ideal", "ideal[Medium=Shared]", "link", "csma", "lr-wpan", "lte", "p2p", "wifi"})
    {
        Time before;
        for (const std::string hidden : {"16", "160", "1600"})
        {
            RadioRun run;
            run.channel = channel;
            run.objective = "mlp[Hidden=" + hidden + "]";
            run.rounds = 2;
            run.workers = 2;
            const auto result = RunRadio(run);
            const Time time = result.records.back().end - result.records.front().start;
            EXPECT_GT(time, before) << channel << ", " << hidden;
            before = time;
        }
    }
}

/** A vote of N coordinates in one segment is ceil(N / 8) bytes and the header, not a byte more. */
TEST(WflChannel, SignsOnTheAir)
{
    const CleanState clean;
    RadioRun run;
    run.algorithm = "signsgd-mv";
    run.channel = "ideal[MaxDatagramBytes=65507]";
    run.rounds = 2;
    // Weights and biases of 6 features, H hidden units and 4 classes: 11 H + 4.
    for (const uint32_t hidden : {1, 16, 601, 4000})
    {
        const uint32_t parameters = 11 * hidden + 4;
        const uint32_t expected = (parameters + 7) / 8 + SegmentHeader::BYTES;
        run.objective = "mlp[Hidden=" + std::to_string(hidden) + "]";
        std::vector<Transmission> transmissions;
        struct Listener
        {
            std::vector<Transmission>& transmissions;

            void Note(const Transmission& transmission)
            {
                transmissions.push_back(transmission);
            }
        } listener{transmissions};
        run.prepare = [&listener](FederationHelper& helper)
        {
            helper.Channel()->TraceConnectWithoutContext("Transmission",
                                                         MakeCallback(&Listener::Note, &listener));
        };
        const auto result = RunRadio(run);
        uint32_t uploads = 0;
        for (const auto& transmission : transmissions)
        {
            uploads += transmission.direction == Direction::UP && transmission.bytes == expected;
        }
        EXPECT_EQ(uploads, run.workers * run.rounds) << hidden;
        EXPECT_EQ(result.records.at(0).workers.at(0).segmentsOffered, 1U);
        EXPECT_EQ(result.records.at(0).workers.at(0).payloadBytes, (parameters + 7) / 8);
    }
}

} // namespace ns3::wfl
