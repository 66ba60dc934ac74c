/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

/**
 * The network changes time, not mathematics: a run over a lossless channel or with repair is the
 * loop without a network, bit for bit; a run that lost something is the loop that is told what
 * arrived, bit for bit.
 */

#include "wfl-test-helpers.h"

#include "ns3/fl-algorithm.h"
#include "ns3/fl-registry.h"

#include <algorithm>
#include <cstring>
#include <gtest/gtest.h>
#include <map>
#include <sstream>
#include <tuple>

namespace ns3::wfl
{

namespace
{

using test::CleanState;
using test::RadioResult;
using test::RadioRun;
using test::RunFromLog;
using test::RunRadio;
using test::RunReference;

const std::vector<std::string> ALGORITHMS{"sgd", "signsgd-mv[Momentum=0.9]", "top-k[Density=0.1]"};

/** @return the bits of numbers, by which NaN equals itself */
std::vector<uint64_t>
BitsOf(const std::vector<double>& numbers)
{
    std::vector<uint64_t> bits(numbers.size());
    std::memcpy(bits.data(), numbers.data(), numbers.size() * sizeof(double));
    return bits;
}

void
ExpectSame(const RadioResult& actual, const RadioResult& expected)
{
    EXPECT_EQ(actual.model, expected.model);
    EXPECT_EQ(BitsOf(actual.losses), BitsOf(expected.losses));
}

/** @return segments of all uploads that the server did not accept */
uint64_t
LostUp(const RadioResult& result)
{
    uint64_t lost = 0;
    for (const auto& record : result.records)
    {
        for (const auto& worker : record.workers)
        {
            lost += worker.segmentsOffered - worker.segmentsAccepted;
        }
    }
    return lost;
}

/** Runs some algorithms and expects of each the loop in which everything arrives. */
void
ExpectReference(RadioRun run, const std::vector<std::string>& algorithms = ALGORITHMS)
{
    for (const auto& algorithm : algorithms)
    {
        SCOPED_TRACE(run.channel + ", " + run.transport + ", " + algorithm);
        run.algorithm = algorithm;
        const auto radio = RunRadio(run);
        ASSERT_EQ(radio.records.size(), run.rounds);
        EXPECT_EQ(LostUp(radio), 0U);
        ExpectSame(radio, RunReference(run, radio));
        // Whatever happened, the log tells it.
        ExpectSame(radio, RunFromLog(run, radio));
    }
}

/** Expects that receipts say at the worker what the server had accepted. */
void
ExpectTrueReceipts(const RadioResult& result)
{
    std::istringstream text(result.log);
    std::map<std::tuple<uint32_t, uint32_t, uint32_t>, std::string> accepted;
    for (const auto& event : fl::ReadEventLog(text))
    {
        if (event.kind != "upload-end" && event.kind != "receipt")
        {
            continue;
        }
        const auto key = std::make_tuple(event.Number("worker"),
                                         event.Number("round"),
                                         event.Number("exchange"));
        if (event.kind == "upload-end")
        {
            EXPECT_EQ(accepted.count(key), 0U) << "line " << event.line;
            accepted[key] = event.Text("missing");
        }
        else
        {
            EXPECT_EQ(accepted[key], event.Text("missing")) << "line " << event.line;
        }
    }
}

/** Runs some algorithms and expects of each the loop that is told what arrived. */
void
ExpectLogged(RadioRun run,
             uint64_t* lost = nullptr,
             const std::vector<std::string>& algorithms = ALGORITHMS)
{
    for (const auto& algorithm : algorithms)
    {
        SCOPED_TRACE(run.channel + ", " + run.loss + ", " + run.transport + ", " + run.resync +
                     ", " + run.late + ", " + algorithm);
        run.algorithm = algorithm;
        const auto radio = RunRadio(run);
        ASSERT_EQ(radio.records.size(), run.rounds);
        ExpectSame(RunFromLog(run, radio), radio);
        ExpectTrueReceipts(radio);
        if (lost)
        {
            *lost += LostUp(radio);
        }
    }
}

} // namespace

TEST(WflEquality, IdealChannel)
{
    const CleanState clean;
    RadioRun run;
    for (const std::string medium : {"Dedicated", "Shared"})
    {
        for (const bool broadcast : {true, false})
        {
            run.channel = "ideal[MaxDatagramBytes=64|Medium=" + medium + "]";
            run.broadcast = broadcast;
            ExpectReference(run);
        }
    }
}

TEST(WflEquality, LinkChannel)
{
    const CleanState clean;
    RadioRun run;
    run.compute = "flops[Speed=lognormal:1e6:1]";
    for (const bool broadcast : {true, false})
    {
        run.channel = "link[MaxDatagramBytes=64|UplinkRate=lognormal:1e6:1|"
                      "Delay=exponential:0.01]";
        run.broadcast = broadcast;
        ExpectReference(run);
        // With repair, loss changes nothing either.
        run.channel = "link[MaxDatagramBytes=64|Loss=0.2]";
        ExpectReference(run);
    }
}

/** Repair makes up for any loss on top of any channel. */
TEST(WflEquality, RepairedLoss)
{
    const CleanState clean;
    RadioRun run;
    for (const std::string rate : {"0.1", "0.3"})
    {
        run.loss = "bernoulli[Rate=" + rate + "]";
        for (const std::string channel : {"ideal[MaxDatagramBytes=64]",
                                          "dcf[MaxDatagramBytes=64]",
                                          "wifi[MaxDatagramBytes=100]"})
        {
            run.channel = channel;
            ExpectReference(run);
        }
    }
}

TEST(WflEquality, DcfChannel)
{
    const CleanState clean;
    RadioRun run;
    for (const std::string attributes : {"",
                                         "|AccessPoints=2",
                                         "|MpduErrorRate=0.2",
                                         "|Standard=80211a|CwMin=1",
                                         "|MaxAmpduBytes=1|RtsThreshold=0"})
    {
        for (const bool broadcast : {true, false})
        {
            run.channel = "dcf[MaxDatagramBytes=64" + attributes + "]";
            run.broadcast = broadcast;
            ExpectReference(run);
        }
    }
}

TEST(WflEquality, RadioFormulas)
{
    const CleanState clean;
    RadioRun run;
    run.compute = "flops[Speed=lognormal:1e6:1]";
    for (const std::string attributes : {"tdma[MaxDatagramBytes=64",
                                         "tdma[Rate=Fixed|MaxDatagramBytes=64",
                                         "tdma[Rate=Fixed|Outage=Retransmission",
                                         "ofdma[MaxDatagramBytes=64",
                                         "ofdma[Split=MinMax|Recompute=RoundStart",
                                         "ofdma[Rate=Fixed|Fading=Nakagami|MaxDatagramBytes=64"})
    {
        for (const bool broadcast : {true, false})
        {
            // Near enough that nobody is left out.
            run.channel = attributes + "|RadiusM=100|CoherenceTime=1ms]";
            run.broadcast = broadcast;
            ExpectReference(run);
        }
    }
}

TEST(WflEquality, WifiChannel)
{
    const CleanState clean;
    RadioRun run;
    for (const std::string backhaul : {"", "|Backhaul=true"})
    {
        for (const bool broadcast : {true, false})
        {
            run.channel = "wifi[MaxDatagramBytes=100" + backhaul + "]";
            run.broadcast = broadcast;
            ExpectReference(run);
        }
    }
}

TEST(WflEquality, WifiStandards)
{
    const CleanState clean;
    RadioRun run;
    for (const std::string standard : {"80211n", "80211ac"})
    {
        run.channel = "wifi[MaxDatagramBytes=100|Standard=" + standard + "]";
        ExpectReference(run);
    }
}

TEST(WflEquality, WifiOverTcp)
{
    const CleanState clean;
    Config::SetDefault("ns3::wfl::TcpTransport::SegmentBytes", UintegerValue(64));
    RadioRun run;
    run.transport = "tcp";
    for (const std::string channel : {"wifi", "wifi[Backhaul=true]"})
    {
        run.channel = channel;
        ExpectReference(run);
    }
}

TEST(WflEquality, DeviceChannels)
{
    const CleanState clean;
    RadioRun run;
    for (const std::string channel : {"csma", "lr-wpan", "lte", "p2p"})
    {
        for (const bool broadcast : {true, false})
        {
            run.channel = channel + "[MaxDatagramBytes=100]";
            run.broadcast = broadcast;
            ExpectReference(run);
        }
    }
}

TEST(WflEquality, DeviceChannelsOverTcp)
{
    const CleanState clean;
    Config::SetDefault("ns3::wfl::TcpTransport::SegmentBytes", UintegerValue(64));
    RadioRun run;
    run.transport = "tcp";
    for (const std::string channel : {"csma", "lr-wpan", "lte", "lte[Rlc=Am]", "p2p"})
    {
        run.channel = channel;
        ExpectReference(run);
    }
}

/** Best effort: what is lost stays lost, and both sides know what. */
TEST(WflEquality, LostForGood)
{
    const CleanState clean;
    RadioRun run;
    run.rounds = 8;
    run.transport = "best-effort";
    const std::vector<std::pair<std::string, std::string>> channels{
        {"ideal[MaxDatagramBytes=64]", "bernoulli[Rate=0.1]"},
        {"ideal[MaxDatagramBytes=64|Medium=Shared]", "bernoulli[Rate=0.3]"},
        {"link[MaxDatagramBytes=64|Loss=0.2]", "none"},
        {"dcf[MaxDatagramBytes=64|MpduErrorRate=0.1]", "bernoulli[Rate=0.1]"},
        {"wifi[MaxDatagramBytes=100]", "bernoulli[Rate=0.3]"}};
    for (const auto& [channel, loss] : channels)
    {
        for (const std::string resync : {"always", "every-3", "never"})
        {
            uint64_t lost = 0;
            run.channel = channel;
            run.loss = loss;
            run.resync = resync;
            ExpectLogged(run, &lost);
            EXPECT_GT(lost, 0U) << channel;
        }
    }
}

/** @return whether a log tells of segments that were accepted with other bytes than were sent */
bool
HasAltered(const RadioResult& result)
{
    std::istringstream text(result.log);
    const auto events = fl::ReadEventLog(text);
    return std::any_of(events.begin(),
                       events.end(),
                       [](const fl::LoggedEvent& event)
                       {
                           const bool isSegment =
                               event.kind == "upload-segment" || event.kind == "download-segment";
                           return isSegment && event.Text("segment").find(':') != std::string::npos;
                       });
}

/** Inverted bits that no check finds go into the learning, and the log keeps them. */
TEST(WflEquality, AlteredBits)
{
    const CleanState clean;
    const std::vector<std::string> algorithms{"signsgd-mv[Momentum=0.9]",
                                              "s3gd-mv[Density=0.2]",
                                              "sasg[Density=0.2]",
                                              "gd-sec",
                                              "qsgd[Levels=4]",
                                              "terngrad",
                                              "random-k[Density=0.3]",
                                              "powersgd"};
    for (const std::string channel : {"ideal[MaxDatagramBytes=64]",
                                      "link[MaxDatagramBytes=200|Loss=0.1]",
                                      "tdma[RadiusM=100|MaxDatagramBytes=64]",
                                      "ofdma[RadiusM=100|MaxDatagramBytes=64]"})
    {
        for (const std::string transport : {"nack", "best-effort"})
        {
            for (const auto& algorithm : algorithms)
            {
                SCOPED_TRACE(channel + ", " + transport + ", " + algorithm);
                RadioRun run;
                run.rounds = 8;
                run.channel = channel;
                run.loss = "bit-flip[BitErrorRate=3e-4]";
                run.transport = transport;
                run.algorithm = algorithm;
                RadioResult radio;
                try
                {
                    radio = RunRadio(run);
                }
                catch (const fl::UserError& error)
                {
                    // An exponent was hit.
                    EXPECT_NE(std::string(error.what()).find("finite"), std::string::npos);
                    continue;
                }
                ExpectSame(RunFromLog(run, radio), radio);
                ExpectTrueReceipts(radio);
                EXPECT_TRUE(HasAltered(radio));
            }
        }
    }
}

/** The same with one transmission for each worker, and a message in a single segment. */
TEST(WflEquality, LostForGoodUnicast)
{
    const CleanState clean;
    RadioRun run;
    run.rounds = 8;
    run.transport = "best-effort";
    run.broadcast = false;
    run.loss = "bernoulli[Rate=0.3]";
    for (const std::string channel : {"ideal[MaxDatagramBytes=64]", "ideal"})
    {
        run.channel = channel;
        for (const std::string resync : {"always", "every-3", "never"})
        {
            run.resync = resync;
            ExpectLogged(run);
        }
    }
}

/** However slow or long a link without loss is, nothing is given up on it. */
TEST(WflEquality, SlowAndLongLinks)
{
    const CleanState clean;
    RadioRun run;
    run.rounds = 3;
    run.workers = 3;
    run.objective = "softmax";
    run.dataset = "gaussian-mixture[Features=3|Classes=2|Samples=60|TestSamples=20]";
    for (const std::string channel : {"ideal[UplinkRate=1bps]",
                                      "ideal[DownlinkRate=1bps]",
                                      "ideal[UplinkRate=100bps|Medium=Shared]",
                                      "ideal[Delay=1000000s]",
                                      "link[UplinkRate=10]",
                                      "link[Delay=35]"})
    {
        run.channel = channel;
        ExpectReference(run);
    }
}

/** Parities mend some losses, repair the others: the learning does not see either. */
TEST(WflEquality, ForwardErrorCorrection)
{
    if (!ErasureCode::IsAvailable())
    {
        GTEST_SKIP() << "this build has no ISA-L";
    }
    const CleanState clean;
    RadioRun run;
    run.rounds = 6;
    run.transport = "fec[K=4|N=5|Depth=2|Repair=true]";
    for (const bool broadcast : {true, false})
    {
        run.broadcast = broadcast;
        for (const std::string loss :
             {"none", "bernoulli[Rate=0.2]", "gilbert-elliott[MeanGood=4ms|MeanBad=1ms]"})
        {
            run.loss = loss;
            for (const std::string channel : {"ideal[MaxDatagramBytes=64]",
                                              "ofdma[MaxDatagramBytes=64]",
                                              "dcf[MaxDatagramBytes=64]",
                                              "wifi[MaxDatagramBytes=100]",
                                              "lr-wpan"})
            {
                run.channel = channel;
                ExpectReference(run, {"sgd", "top-k[Density=0.1]"});
            }
        }
    }
}

/** With parities a datagram whose bits are wrong is one that is missing, and they mend it. */
TEST(WflEquality, ForwardErrorCorrectionOfAlteredBits)
{
    if (!ErasureCode::IsAvailable())
    {
        GTEST_SKIP() << "this build has no ISA-L";
    }
    const CleanState clean;
    RadioRun run;
    run.rounds = 8;
    run.channel = "ideal[MaxDatagramBytes=80]";
    run.loss = "bit-flip[BitErrorRate=1e-4]";
    run.transport = "fec[K=4|N=6|Repair=true]";
    ExpectReference(run);
    run.transport = "fec[K=4|N=6]";
    uint64_t lost = 0;
    ExpectLogged(run, &lost);
    run.transport = "fec[K=4|N=4]";
    uint64_t lostWithout = 0;
    run.loss = "bernoulli[Rate=0.06]"; // a datagram of 80 bytes has 640 bits
    ExpectLogged(run, &lostWithout);
    EXPECT_LT(3 * lost, lostWithout);
}

/** A deadline that cuts uploads, computations and downlinks, with every way to be late. */
TEST(WflEquality, Deadlines)
{
    const CleanState clean;
    RadioRun run;
    run.rounds = 10;
    run.compute = "flops[Speed=lognormal:1e6:1|Fixed=5ms]";
    uint64_t cut = 0;
    for (const std::string& transport : test::DatagramTransports())
    {
        for (const std::string loss : {"none", "bernoulli[Rate=0.1]", "bernoulli[Rate=0.3]"})
        {
            for (const std::string late : {"abort", "finish"})
            {
                for (const std::string resync : {"always", "every-3", "never"})
                {
                    run.channel = "link[MaxDatagramBytes=64|UplinkRate=lognormal:3e5:1]";
                    run.transport = transport;
                    run.loss = loss;
                    run.late = late;
                    run.resync = resync;
                    run.deadlineS = 0.05;
                    ExpectLogged(run, &cut);
                }
            }
        }
    }
    EXPECT_GT(cut, 0U) << "the deadline cuts nothing";
}

TEST(WflEquality, DeadlinesOnWifi)
{
    const CleanState clean;
    RadioRun run;
    run.rounds = 10;
    run.compute = "flops[Speed=lognormal:1e6:1|Fixed=5ms]";
    run.deadlineS = 0.04;
    for (const std::string transport : {"nack", "best-effort", "tcp"})
    {
        for (const std::string late : {"abort", "finish"})
        {
            run.channel = "wifi[MaxDatagramBytes=100]";
            run.transport = transport;
            run.loss = transport == "tcp" ? "none" : "bernoulli[Rate=0.3]";
            run.late = late;
            ExpectLogged(run);
            if (transport != "tcp")
            {
                run.channel = "dcf[MaxDatagramBytes=64|Standard=80211a|DataMode=OfdmRate6Mbps]";
                ExpectLogged(run);
            }
        }
    }
}

/** @return all algorithms but those that other tests register */
std::vector<std::string>
RegisteredAlgorithms()
{
    std::vector<std::string> names;
    for (const auto& name : fl::Registry<fl::AlgorithmFactory>::Get().Names())
    {
        if (name.rfind("test-", 0) != 0)
        {
            names.push_back(name);
        }
    }
    return names;
}

/** What holds for every registered algorithm. */
class WflEveryAlgorithm : public ::testing::TestWithParam<std::string>
{
  protected:
    /** @return a run of the algorithm on an objective whose smoothness is known */
    static RadioRun Run()
    {
        RadioRun run;
        run.algorithm = GetParam();
        run.objective = "softmax";
        run.rounds = 6;
        return run;
    }
};

/** Property 75: without loss, or with repair, the network changes nothing. */
TEST_P(WflEveryAlgorithm, Property75SameWithoutNetwork)
{
    const CleanState clean;
    auto run = Run();
    run.channel = "ideal[MaxDatagramBytes=64]";
    ExpectReference(run, {GetParam()});
    run.channel = "link[MaxDatagramBytes=64|Loss=0.2|UplinkRate=lognormal:1e6:1]";
    ExpectReference(run, {GetParam()});
    run.channel = "wifi[MaxDatagramBytes=100]";
    ExpectReference(run, {GetParam()});
}

/** What is lost for good, and what a deadline cuts, is lost alike without the network. */
TEST_P(WflEveryAlgorithm, SameLossesWithoutNetwork)
{
    const CleanState clean;
    auto run = Run();
    run.rounds = 10;
    for (const std::string& transport : test::DatagramTransports())
    {
        for (const std::string resync : {"always", "never"})
        {
            run.transport = transport;
            run.resync = resync;
            run.channel = "link[MaxDatagramBytes=64|UplinkRate=lognormal:3e5:1]";
            run.loss = "bernoulli[Rate=0.3]";
            run.compute = "flops[Speed=lognormal:1e6:1|Fixed=5ms]";
            run.deadlineS = transport == "best-effort" ? 0 : 0.05;
            ExpectLogged(run, nullptr, {GetParam()});
        }
    }
}

/** Property 73: the same seed gives the same bits whatever the channel. */
TEST_P(WflEveryAlgorithm, Property73SameOnEveryChannel)
{
    const CleanState clean;
    auto run = Run();
    run.channel = "ideal";
    const auto ideal = RunRadio(run);
    run.channel = "link[Delay=exponential:0.01]";
    run.loss = "bernoulli[Rate=0.1]";
    run.threads = 3;
    ExpectSame(RunRadio(run), ideal);
}

INSTANTIATE_TEST_SUITE_P(Registered,
                         WflEveryAlgorithm,
                         ::testing::ValuesIn(RegisteredAlgorithms()),
                         [](const auto& info)
                         {
                             auto name = info.param;
                             std::replace(name.begin(), name.end(), '-', '_');
                             return name;
                         });

} // namespace ns3::wfl
