/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

/**
 * The slotted 802.11 channel: single exchanges to the nanosecond, saturation against Bianchi's
 * model, what retries, errors and lifetimes lose, and the base class with a user's own medium
 * access.
 */

#include "ns3/wfl-contention-channel.h"

#include "wfl-test-helpers.h"

#include <algorithm>
#include <cmath>
#include <gtest/gtest.h>
#include <map>
#include <set>
#include <vector>

namespace ns3::wfl
{

namespace
{

using test::CleanState;

/** A channel alone, without transport and applications, and all it tells. */
struct Medium
{
    struct Arrival
    {
        StationId from;
        StationId to;
        uint32_t bytes;
        Time time;
    };

    struct Loss
    {
        Direction direction;
        StationId worker;
        std::string reason;
    };

    Ptr<ChannelModel> channel;
    std::vector<Arrival> arrivals;
    std::vector<Transmission> transmissions;
    std::vector<Loss> losses;
    std::map<std::pair<StationId, RadioState>, Time> states;
    std::function<void(const Arrival&)> onArrival; ///< called after it is noted

    Medium(const std::string& name, uint32_t workers, fl::RunSeed runSeed = {})
        : channel(TypeRegistry::Get("channel").Parse(name).Create<ChannelModel>())
    {
        Simulator::Destroy();
        NodeContainer nodes;
        nodes.Create(workers);
        channel->Install(nodes, CreateObject<Node>(), runSeed);
        channel->SetReceiver(MakeCallback(&Medium::Receive, this));
        channel->TraceConnectWithoutContext("Transmission", MakeCallback(&Medium::Note, this));
        channel->TraceConnectWithoutContext("Loss", MakeCallback(&Medium::NoteLoss, this));
        channel->TraceConnectWithoutContext("RadioState", MakeCallback(&Medium::NoteState, this));
    }

    ~Medium()
    {
        channel->Dispose();
    }

    Medium(const Medium&) = delete;
    Medium& operator=(const Medium&) = delete;

    void Receive(StationId from, StationId to, Ptr<Packet> packet)
    {
        arrivals.push_back({from, to, packet->GetSize(), Simulator::Now()});
        if (onArrival)
        {
            onArrival(arrivals.back());
        }
    }

    void Note(const Transmission& transmission)
    {
        EXPECT_EQ(transmission.start, Simulator::Now());
        transmissions.push_back(transmission);
    }

    void NoteLoss(Direction direction, StationId worker, const std::string& reason)
    {
        losses.push_back({direction, worker, reason});
    }

    void NoteState(StationId station, RadioState state, Time start, Time duration)
    {
        EXPECT_EQ(start, Simulator::Now());
        states[{station, state}] += duration;
    }

    /** A datagram at some time. */
    void SendAt(Time when, StationId from, StationId to, uint32_t bytes)
    {
        Simulator::Schedule(when, &ChannelModel::Send, channel, from, to, Create<Packet>(bytes));
    }

    /** Every worker sends some datagrams now. */
    void Burst(uint32_t datagrams, uint32_t bytes)
    {
        for (StationId worker = 0; worker < channel->Workers(); ++worker)
        {
            for (uint32_t i = 0; i < datagrams; ++i)
            {
                channel->Send(worker, SERVER, Create<Packet>(bytes));
            }
        }
    }
};

/** @return when the last of N workers' bursts is over, in seconds, in the mean of some runs */
double
BurstTime(const std::string& name, uint32_t workers, uint32_t datagrams)
{
    constexpr uint64_t runs = 5;
    double sum = 0;
    for (uint64_t run = 1; run <= runs; ++run)
    {
        Medium medium(name, workers, {1, run});
        medium.Burst(datagrams, 1472);
        Simulator::Run();
        EXPECT_EQ(medium.arrivals.size() + medium.losses.size(), workers * datagrams);
        sum += medium.arrivals.back().time.GetSeconds();
    }
    return sum / runs;
}

const std::string AC = "dcf[Standard=80211ac|WidthMhz=20";

} // namespace

/**
 * Alone on the medium: no backoff at first, but the next boundary of a slot after SIFS and AIFS
 * since time 0; frames and gaps as the standard has them.
 */
TEST(WflDcf, SingleExchanges)
{
    const CleanState clean;
    {
        Medium medium(AC + "]", 2);
        medium.SendAt(MicroSeconds(1000), 1, SERVER, 1000);
        Simulator::Run();
        // 43 us + 107 slots = 1006 us; 1000 + 36 + 30 bytes and a delimiter in VHT MCS 7: 16 + 8560
        // + 6 bits in 34 symbols of 260; an Ack of 28 us.
        ASSERT_EQ(medium.transmissions.size(), 2U);
        const auto& data = medium.transmissions[0];
        EXPECT_EQ(data.start, MicroSeconds(43 + 107 * 9));
        EXPECT_EQ(data.bytes, 1070U);
        EXPECT_EQ(data.duration, MicroSeconds(36 + 34 * 4));
        EXPECT_EQ(data.transmitter, 1U);
        EXPECT_EQ(data.worker, 1U);
        EXPECT_EQ(data.direction, Direction::UP);
        ASSERT_EQ(medium.arrivals.size(), 1U);
        EXPECT_EQ(medium.arrivals[0].time, data.start + data.duration);
        const auto& ack = medium.transmissions[1];
        EXPECT_EQ(ack.start, data.start + data.duration + MicroSeconds(16));
        EXPECT_EQ(ack.duration, MicroSeconds(28));
        EXPECT_EQ(ack.bytes, 14U);
        EXPECT_EQ(ack.transmitter, SERVER);
        EXPECT_EQ(ack.worker, 1U);
        EXPECT_EQ(ack.direction, Direction::UP) << "an answer counts as what it answers";
        EXPECT_EQ((medium.states[{1, RadioState::TX}]), data.duration);
        EXPECT_EQ((medium.states[{1, RadioState::RX}]), ack.duration);
        EXPECT_EQ((medium.states[{SERVER, RadioState::RX}]), data.duration);
        EXPECT_EQ((medium.states[{0, RadioState::RX}]), Time());
    }
    {
        // 30 datagrams: 28 MPDUs of 1538 bytes fit into 5.484 ms, and a BlockAck answers.
        Medium medium(AC + "|CwMin=0]", 1);
        medium.Burst(30, 1472);
        Simulator::Run();
        ASSERT_EQ(medium.transmissions.size(), 4U);
        EXPECT_EQ(medium.transmissions[0].start, MicroSeconds(43));
        EXPECT_EQ(medium.transmissions[0].bytes, 43230U);
        EXPECT_EQ(medium.transmissions[0].duration, MicroSeconds(5360));
        EXPECT_EQ(medium.transmissions[1].bytes, 32U);
        EXPECT_EQ(medium.transmissions[1].duration, MicroSeconds(32));
        EXPECT_EQ(medium.transmissions[2].start, MicroSeconds(43 + 5360 + 16 + 32 + 43));
        EXPECT_EQ(medium.transmissions[2].bytes, 2 * 1544U - 2);
        EXPECT_EQ(medium.arrivals.size(), 30U);
    }
    {
        // What is longer than 65535 bytes is announced: RTS and CTS with 6 Mb/s.
        Medium medium("dcf", 1);
        medium.Burst(60, 1472);
        Simulator::Run();
        ASSERT_EQ(medium.transmissions.size(), 4U);
        const std::vector<uint32_t> bytes{20, 14, 60 * 1544 - 2, 56};
        const std::vector<int64_t> durationsUs{52, 44, 0, 40};
        Time start = MicroSeconds(43);
        for (std::size_t i = 0; i < 4; ++i)
        {
            EXPECT_EQ(medium.transmissions[i].start, start);
            EXPECT_EQ(medium.transmissions[i].bytes, bytes[i]);
            if (i != 2)
            {
                EXPECT_EQ(medium.transmissions[i].duration, MicroSeconds(durationsUs[i]));
            }
            start += medium.transmissions[i].duration + MicroSeconds(16);
        }
        // 80 MHz, MCS 7: 4900 bits in 13.6 us; 741128 bits in 152 symbols.
        EXPECT_EQ(medium.transmissions[2].duration, NanoSeconds(44000 + 152 * 13600));
    }
}

/** Frames to a group go out once, at 24 Mb/s, and nobody answers. */
TEST(WflDcf, GroupFrames)
{
    const CleanState clean;
    Medium medium("dcf[CwMin=0|Overhearing=true]", 5);
    medium.channel->SendToGroup({0, 1, 3}, Create<Packet>(1472));
    medium.channel->SendToGroup({0, 1, 3}, Create<Packet>(1472));
    Simulator::Run();
    ASSERT_EQ(medium.transmissions.size(), 2U);
    // 20 us + 129 symbols of 96 bits.
    EXPECT_EQ(medium.transmissions[0].start, MicroSeconds(43));
    EXPECT_EQ(medium.transmissions[0].duration, MicroSeconds(536));
    EXPECT_EQ(medium.transmissions[0].worker, GROUP);
    EXPECT_EQ(medium.transmissions[1].start, MicroSeconds(43 + 536 + 43));
    EXPECT_EQ(medium.arrivals.size(), 6U);
    EXPECT_EQ((medium.states[{2, RadioState::RX}]), MicroSeconds(2 * 536)) << "it hears it, too";
}

/** @return Mb/s of some stations that always have a frame of 1500 bytes for the access point */
double
SaturationMbps(uint32_t workers, const std::string& mode)
{
    // Raw frames with LLC alone, and none is given up.
    Medium medium("dcf[Standard=80211a|MaxDatagramBytes=1500|HeaderBytes=8|RetryLimit=255|"
                  "Capture=false|Eifs=false|DataMode=" +
                      mode + "]",
                  workers);
    medium.onArrival = [&medium](const Medium::Arrival& arrival)
    {
        medium.channel->Send(arrival.from, SERVER, Create<Packet>(1500));
    };
    medium.Burst(3, 1500);
    const Time duration = Seconds(60);
    Simulator::Stop(duration);
    Simulator::Run();
    return static_cast<double>(medium.arrivals.size()) * 1500 * 8 / duration.GetSeconds() / 1e6;
}

/**
 * Saturation throughput of 802.11a with 1500 bytes: Bianchi, IEEE JSAC 18(3), 2000, with the
 * correction for immediate access; the values, in Mb/s, are those that ns-3's example wifi-bianchi
 * is validated with (src/wifi/examples/reference/bianchi_11a_difs.txt). Tolerance 1.5 %, as there.
 */
TEST(WflDcf, SaturationIsBianchis)
{
    const CleanState clean;
    const std::map<std::string, std::map<uint32_t, double>> throughputs{
        {"OfdmRate6Mbps", {{5, 4.7087}, {10, 4.3453}, {20, 3.9899}, {50, 3.5071}}},
        {"OfdmRate54Mbps", {{5, 29.8324}, {10, 28.1519}, {20, 26.2925}}}};
    for (const auto& [mode, byWorkers] : throughputs)
    {
        for (const auto& [workers, mbps] : byWorkers)
        {
            const double got = SaturationMbps(workers, mode);
            EXPECT_NEAR(got, mbps, 0.015 * mbps) << mode << ", " << workers;
        }
    }
}

/**
 * A burst of N workers takes longer than N/K times one of K: the time per worker rises. Few workers
 * share the cost of the first collision, in which all take part.
 */
TEST(WflDcf, TimePerWorkerRises)
{
    const CleanState clean;
    double before = 0;
    for (const uint32_t workers : {10, 25, 60, 150})
    {
        const double perWorker = BurstTime(AC + "]", workers, 69) / workers;
        EXPECT_GT(perWorker, before) << workers;
        before = perWorker;
    }
}

/** Two access points serve half of the workers each, on channels of their own. */
TEST(WflDcf, AccessPoints)
{
    const CleanState clean;
    const double one = BurstTime(AC + "]", 20, 69);
    const double half = BurstTime(AC + "]", 10, 69);
    const double two = BurstTime(AC + "|AccessPoints=2]", 20, 69);
    EXPECT_LT(two, 0.7 * one);
    // The slower of two halves, which differ by chance.
    EXPECT_NEAR(two, half, 0.25 * half);

    Medium medium(AC + "|AccessPoints=3]", 7);
    EXPECT_EQ(medium.channel->Domains(), 3U);
    medium.channel->SendToGroup({0, 1, 3, 6}, Create<Packet>(100));
    EXPECT_TRUE(medium.channel->IsBacklogged(SERVER, GROUP));
    EXPECT_TRUE(medium.channel->IsBacklogged(SERVER, 4));
    EXPECT_FALSE(medium.channel->IsBacklogged(SERVER, 5));
    Simulator::Run();
    std::set<uint32_t> domains;
    for (const auto& transmission : medium.transmissions)
    {
        domains.insert(transmission.domain);
        EXPECT_EQ(transmission.start, MicroSeconds(43)) << "they do not wait for each other";
    }
    EXPECT_EQ(domains, (std::set<uint32_t>{0, 1}));
    EXPECT_EQ(medium.arrivals.size(), 4U);
    for (StationId worker = 0; worker < 7; ++worker)
    {
        EXPECT_EQ(medium.channel->DomainOf(worker), worker % 3);
    }
}

/** 2,007 stations fit an access point. */
TEST(WflDcf, AssociationIdentifiers)
{
    const CleanState clean;
    EXPECT_NO_THROW(Medium("dcf", 2007));
    EXPECT_NO_THROW(Medium("dcf[AccessPoints=2]", 2008));
    try
    {
        Medium("dcf", 2008);
        FAIL();
    }
    catch (const fl::UserError& error)
    {
        EXPECT_STREQ(error.what(),
                     "--channel=dcf, AccessPoints: 2008 workers need more than 1; an access point "
                     "has at most 2007 stations");
    }
}

/** Two stations that always collide: all is tried as often as it may be, and lost with a reason. */
TEST(WflDcf, RetriesEnd)
{
    const CleanState clean;
    {
        Medium medium("dcf[Standard=80211a|CwMin=0|CwMax=0|Capture=false]", 2);
        medium.Burst(3, 1000);
        Simulator::Run();
        EXPECT_EQ(medium.transmissions.size(), 2U * 3 * 7);
        EXPECT_EQ(medium.losses.size(), 6U);
        EXPECT_TRUE(medium.arrivals.empty());
        EXPECT_EQ(medium.losses.front().reason, "retry-limit");
        EXPECT_FALSE(medium.channel->IsBacklogged(0, SERVER));
        // Each waits in vain for an answer (SIFS, slot, preamble: 45 us), then SIFS and DIFS.
        EXPECT_EQ(medium.transmissions[2].start - medium.transmissions[0].start,
                  medium.transmissions[0].duration + MicroSeconds(45 + 16 + 18));
    }
    {
        // An A-MPDU once, then a BlockAckReq as often as it may be.
        Medium medium(AC + "|CwMin=0|CwMax=0|Capture=false|BarRetryLimit=5]", 2);
        medium.Burst(3, 1000);
        Simulator::Run();
        ASSERT_EQ(medium.transmissions.size(), 2U * 5);
        EXPECT_EQ(medium.transmissions[0].bytes, 3 * 1072U - 2);
        EXPECT_EQ(medium.transmissions[2].bytes, 24U);
        EXPECT_EQ(medium.losses.size(), 6U);
    }
    {
        // Group frames are not tried again.
        Medium medium("dcf[CwMin=0|CwMax=0]", 2);
        medium.channel->SendToGroup({0, 1}, Create<Packet>(1000));
        medium.channel->Send(0, SERVER, Create<Packet>(1000));
        Simulator::Run();
        ASSERT_EQ(medium.losses.size(), 2U);
        EXPECT_EQ(medium.losses[0].reason, "collision");
        EXPECT_EQ(medium.losses[0].direction, Direction::DOWN);
        EXPECT_EQ(medium.arrivals.size(), 1U);
    }
}

/**
 * MPDUs that are damaged are sent again, 1/(1-p) times in the mean, and arrive in their order; of a
 * group the share p misses a frame. Four standard deviations.
 */
TEST(WflDcf, DamagedFrames)
{
    const CleanState clean;
    constexpr double p = 0.2;
    Medium medium(AC + "|MpduErrorRate=0.2]", 4);
    constexpr uint32_t datagrams = 2000;
    for (uint32_t i = 0; i < datagrams; ++i)
    {
        medium.channel->Send(0, SERVER, Create<Packet>(64 + i % 1000));
    }
    Simulator::Run();
    ASSERT_EQ(medium.arrivals.size(), datagrams);
    double offered = 0;
    double sent = 0;
    for (uint32_t i = 0; i < datagrams; ++i)
    {
        EXPECT_EQ(medium.arrivals[i].bytes, 64 + i % 1000) << "out of order";
        offered += medium.arrivals[i].bytes + 66 + 4;
    }
    for (const auto& transmission : medium.transmissions)
    {
        sent += transmission.transmitter == 0 && transmission.bytes > 24 ? transmission.bytes : 0;
    }
    // Padding adds 1.5 bytes a subframe; tries are geometric, of variance p / (1-p)^2.
    EXPECT_NEAR(sent / offered, 1 / (1 - p), 4 * std::sqrt(p / datagrams) / (1 - p) * 1.2 + 0.003);

    medium.arrivals.clear();
    for (uint32_t i = 0; i < datagrams; ++i)
    {
        medium.channel->SendToGroup({1, 2, 3}, Create<Packet>(100));
    }
    Simulator::Run();
    constexpr double copies = 3.0 * datagrams;
    EXPECT_EQ(medium.arrivals.size() + medium.losses.size(), 3 * datagrams);
    EXPECT_NEAR(static_cast<double>(medium.losses.size()) / copies,
                p,
                4 * std::sqrt(p * (1 - p) / copies));
    EXPECT_EQ(medium.losses.front().reason, "missed-frame");
}

/** A worker next to the access point is heard through one far away, and then only. */
TEST(WflDcf, Capture)
{
    const CleanState clean;
    for (const bool capture : {true, false})
    {
        uint32_t collisions = 0;
        uint32_t survived = 0;
        for (uint64_t run = 1; run <= 200; ++run)
        {
            // On the same slot, single frames of 24 Mb/s: 8.9 dB, a distance ratio of 1.98.
            Medium medium("dcf[Standard=80211a|DataMode=OfdmRate24Mbps|Capture=" +
                              std::string(capture ? "true]" : "false]"),
                          2,
                          {1, run});
            medium.Burst(1, 1000);
            Simulator::Run();
            ++collisions;
            survived += medium.transmissions[2].transmitter == SERVER;
        }
        // Both are uniform on the disc: the nearer has less than the share r of the other's
        // distance with probability r^2; 1 m is the least distance, which is 0.25 % of the area.
        const double expected = capture ? std::pow(10, -2 * 8.9 / 30) : 0;
        EXPECT_NEAR(static_cast<double>(survived) / collisions,
                    expected,
                    4 * std::sqrt(expected * (1 - expected) / collisions))
            << capture;
    }
}

/** What has waited too long is dropped, and what comes later is not held up by it. */
TEST(WflDcf, Lifetimes)
{
    const CleanState clean;
    Medium medium("dcf[Standard=80211a|DataMode=OfdmRate6Mbps]", 2);
    medium.channel->SetLifetime(MilliSeconds(10));
    medium.Burst(20, 1000); // 1.5 ms each
    Simulator::Run();
    EXPECT_GT(medium.arrivals.size(), 4U);
    EXPECT_GT(medium.losses.size(), 20U);
    EXPECT_EQ(medium.arrivals.size() + medium.losses.size(), 40U);
    EXPECT_EQ(medium.losses.back().reason, "expired");
    EXPECT_LT(medium.arrivals.back().time, MilliSeconds(10 + 3));
    medium.arrivals.clear();
    medium.SendAt(Time(), 1, SERVER, 500);
    Simulator::Run();
    EXPECT_EQ(medium.arrivals.size(), 1U);
}

/**
 * Who gets a datagram while the medium is in use draws a backoff of 0 to 15 slots, 7.5 in the mean
 * (within 4 standard deviations); who gets it while the medium is idle does not.
 */
TEST(WflDcf, BackoffAfterBusy)
{
    const CleanState clean;
    constexpr uint32_t runs = 400;
    double sum = 0;
    std::set<int64_t> backoffs;
    for (uint64_t run = 1; run <= runs; ++run)
    {
        Medium medium("dcf", 2, {1, run});
        medium.SendAt(Time(), 0, SERVER, 1000);
        medium.SendAt(MicroSeconds(100), 1, SERVER, 1000);
        Simulator::Run();
        ASSERT_EQ(medium.transmissions.size(), 4U);
        const auto& ack = medium.transmissions[1];
        const Time wait = medium.transmissions[2].start - ack.start - ack.duration;
        const int64_t slots = (wait - MicroSeconds(43)).GetNanoSeconds() / 9000;
        backoffs.insert(slots);
        sum += static_cast<double>(slots);
    }
    EXPECT_NEAR(sum / runs, 7.5, 4 * std::sqrt((16.0 * 16 - 1) / 12 / runs));
    EXPECT_EQ(*backoffs.begin(), 0);
    EXPECT_EQ(*backoffs.rbegin(), 15);
}

/** The same run repeats itself, another one does not. */
TEST(WflDcf, RunsRepeat)
{
    const CleanState clean;
    std::vector<Time> ends;
    for (const uint64_t run : {1, 1, 2})
    {
        Medium medium(AC + "]", 10, {1, run});
        medium.Burst(69, 1472);
        Simulator::Run();
        ends.push_back(medium.arrivals.back().time);
    }
    EXPECT_EQ(ends[0], ends[1]);
    EXPECT_NE(ends[0], ends[2]);
}

/** A user's own access to the medium: who is next in a circle sends one datagram at 8 Mb/s. */
class TokenChannel : public ContentionChannel
{
  public:
    static TypeId GetTypeId()
    {
        static TypeId tid = TypeId("ns3::wfl::TokenChannel")
                                .SetParent<ContentionChannel>()
                                .AddConstructor<TokenChannel>();
        return tid;
    }

  private:
    Contention DoNext(uint32_t domain) override
    {
        const auto& stations = Backlogged(domain);
        const auto found = stations.upper_bound(m_last);
        const StationId from = found == stations.end() ? *stations.begin() : *found;
        const StationId to = NextReceiver(domain, from);
        const auto& queue = Queue(domain, from, to);
        const uint32_t bytes = queue.At(queue.First()).packet->GetSize();
        const Time start = Simulator::Now() + MicroSeconds(10); // the token
        const Time end = start + MicroSeconds(bytes);
        const auto direction = from == SERVER ? Direction::DOWN : Direction::UP;
        return {start,
                end,
                {{start, end - start, from, from == SERVER ? to : from, direction, bytes}},
                {{from, to, queue.First(), end, "", {}}}};
    }

    void DoEnded(uint32_t /* domain */, const Contention& past) override
    {
        m_last = past.uses.front().transmitter;
    }

    StationId m_last{SERVER};
};

WFL_REGISTER_CHANNEL(TokenChannel, "test-token");

TEST(WflDcf, OwnMediumAccess)
{
    const CleanState clean;
    Medium medium("test-token", 3);
    for (int i = 0; i < 2; ++i)
    {
        medium.channel->Send(2, SERVER, Create<Packet>(100));
        medium.channel->Send(0, SERVER, Create<Packet>(200));
        medium.channel->Send(SERVER, 1, Create<Packet>(300));
    }
    medium.channel->SendToGroup({0, 2}, Create<Packet>(400));
    Simulator::Run();
    // 0, 2, SERVER, and again; the server has one more.
    const std::vector<std::pair<uint32_t, int64_t>> expected{{200, 210},
                                                             {100, 320},
                                                             {300, 630},
                                                             {200, 840},
                                                             {100, 950},
                                                             {300, 1260},
                                                             {400, 1670},
                                                             {400, 1670}};
    ASSERT_EQ(medium.arrivals.size(), expected.size());
    for (std::size_t i = 0; i < expected.size(); ++i)
    {
        EXPECT_EQ(medium.arrivals[i].bytes, expected[i].first);
        EXPECT_EQ(medium.arrivals[i].time, MicroSeconds(expected[i].second));
    }
}

} // namespace ns3::wfl
