/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

/**
 * Loss models against the closed forms of their stochastic processes. Tolerances are five standard
 * deviations of what is counted, from the closed forms too, unless something else is said.
 */

#include "wfl-test-helpers.h"

#include "ns3/wfl-control-check.h"
#include "ns3/wfl-loss-model.h"
#include "ns3/wfl-segment-header.h"

#include <cmath>
#include <gtest/gtest.h>
#include <map>
#include <nlohmann/json.hpp>
#include <numeric>

namespace ns3::wfl
{

namespace
{

using test::CallScenario;
using test::CleanState;
using test::ReadFile;
using test::SMALL_ARGUMENTS;
using test::TempFolder;
using test::With;

constexpr double SIGMAS = 5;

/** @return a model of its own stream */
Ptr<LossModel>
MakeLoss(const std::string& text, uint32_t link, uint64_t run = 1)
{
    auto loss = TypeRegistry::Get("loss").Parse(text).Create<LossModel>();
    loss->Start(fl::Random({1, run}, fl::Purpose::LOSS, link));
    return loss;
}

/** @return for datagrams at equal distances on one link which are lost */
std::vector<bool>
Losses(const std::string& text, uint32_t link, uint32_t count, Time distance, uint64_t run = 1)
{
    Simulator::Destroy();
    const auto loss = MakeLoss(text, link, run);
    std::vector<bool> lost;
    for (uint32_t i = 0; i < count; ++i)
    {
        Simulator::Schedule(distance * int64_t{i}, [&] { lost.push_back(loss->IsLost(100)); });
    }
    Simulator::Run();
    Simulator::Destroy();
    return lost;
}

double
Mean(const std::vector<bool>& values)
{
    return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

/** @return lengths of the runs of losses that begin and end within */
std::vector<double>
Bursts(const std::vector<bool>& lost)
{
    std::vector<double> bursts;
    double length = 0;
    bool hasBegun = false;
    for (std::size_t i = 1; i < lost.size(); ++i)
    {
        hasBegun |= lost[i] && !lost[i - 1];
        if (lost[i] && hasBegun)
        {
            ++length;
        }
        else if (length > 0)
        {
            bursts.push_back(length);
            length = 0;
        }
    }
    return bursts;
}

/** @return a packet of some bytes, all 0 */
Ptr<Packet>
Zeros(uint32_t bytes)
{
    const std::vector<uint8_t> content(bytes);
    return Create<Packet>(content.data(), bytes);
}

std::vector<uint8_t>
BytesOf(const Ptr<const Packet>& packet)
{
    std::vector<uint8_t> bytes(packet->GetSize());
    packet->CopyData(bytes.data(), packet->GetSize());
    return bytes;
}

uint32_t
Ones(const std::vector<uint8_t>& bytes)
{
    uint32_t ones = 0;
    for (const uint8_t byte : bytes)
    {
        for (uint32_t bit = 0; bit < 8; ++bit)
        {
            ones += byte >> bit & 1;
        }
    }
    return ones;
}

} // namespace

TEST(WflLoss, BernoulliRate)
{
    const CleanState clean;
    constexpr uint32_t count = 100000;
    for (const double rate : {0.0, 0.01, 0.3, 1.0})
    {
        const auto lost =
            Losses("bernoulli[Rate=" + std::to_string(rate) + "]", 0, count, MilliSeconds(1));
        EXPECT_NEAR(Mean(lost), rate, SIGMAS * std::sqrt(rate * (1 - rate) / count)) << rate;
    }
}

/** The state at rare moments is independent: the loss rate is that of the shares of time. */
TEST(WflLoss, GilbertElliottStationaryRate)
{
    const CleanState clean;
    struct Case
    {
        const char* text;
        double rate;
    };
    // b = B / (G + B); b BadRate + (1 - b) GoodRate
    for (const auto& [text, rate] :
         {Case{"gilbert-elliott", 1.0 / 11},
          Case{"gilbert-elliott[MeanGood=30ms|MeanBad=10ms]", 0.25},
          Case{"gilbert-elliott[MeanGood=30ms|MeanBad=10ms|BadRate=0.8|GoodRate=0.04]", 0.23},
          Case{"gilbert-elliott[BadRate=0.3|GoodRate=0.3]", 0.3}})
    {
        constexpr uint32_t count = 50000;
        const auto lost = Losses(text, 3, count, Seconds(10));
        EXPECT_NEAR(Mean(lost), rate, SIGMAS * std::sqrt(rate * (1 - rate) / count)) << text;
    }
}

/** The first datagram of a link finds it in the stationary state, not in the good one. */
TEST(WflLoss, GilbertElliottBeginsStationary)
{
    const CleanState clean;
    constexpr uint32_t links = 20000;
    uint32_t lost = 0;
    for (uint32_t link = 0; link < links; ++link)
    {
        lost += MakeLoss("gilbert-elliott[MeanGood=30ms|MeanBad=10ms]", link)->IsLost(100);
    }
    EXPECT_NEAR(lost / double{links}, 0.25, SIGMAS * std::sqrt(0.25 * 0.75 / links));
}

/**
 * Datagrams at a distance d: a burst goes on with probability q = b + (1 - b) exp(-d / tau), so its
 * length is geometric with mean 1 / (1 - q) and variance q / (1 - q)^2.
 */
TEST(WflLoss, GilbertElliottBurstLength)
{
    const CleanState clean;
    for (const int64_t distanceMs : {1, 5, 20, 100})
    {
        const auto bursts = Bursts(Losses("gilbert-elliott[MeanGood=100ms|MeanBad=20ms]",
                                          1,
                                          200000,
                                          MilliSeconds(distanceMs)));
        const double b = 20.0 / 120;
        const double q = b + (1 - b) * std::exp(-distanceMs * (1 / 100.0 + 1 / 20.0));
        const auto count = static_cast<double>(bursts.size());
        const double mean = std::accumulate(bursts.begin(), bursts.end(), 0.0) / count;
        EXPECT_NEAR(mean, 1 / (1 - q), SIGMAS * std::sqrt(q / count) / (1 - q)) << distanceMs;
        // Its whole distribution: P(length > n) = q^n.
        for (const double n : {1, 3, 10})
        {
            const double longer = std::pow(q, n);
            const auto found = std::count_if(bursts.begin(),
                                             bursts.end(),
                                             [n](double length) { return length > n; });
            EXPECT_NEAR(found / count, longer, SIGMAS * std::sqrt(longer * (1 - longer) / count))
                << distanceMs << ", " << n;
        }
    }
}

/** Correlation of the losses of two datagrams on many links, exp(-t / tau). */
TEST(WflLoss, GilbertElliottCorrelation)
{
    const CleanState clean;
    constexpr uint32_t links = 40000;
    const double b = 0.25;
    const double tauMs = 1 / (1 / 30.0 + 1 / 10.0);
    for (const double ms : {0.1, 2.0, 7.5, 15.0, 200.0})
    {
        double both = 0;
        for (uint32_t link = 0; link < links; ++link)
        {
            const auto lost = Losses("gilbert-elliott[MeanGood=30ms|MeanBad=10ms]",
                                     link,
                                     2,
                                     MicroSeconds(static_cast<uint64_t>(1000 * ms)));
            both += lost[0] && lost[1];
        }
        const double expected = b * (b + (1 - b) * std::exp(-ms / tauMs));
        EXPECT_NEAR(both / links, expected, SIGMAS * std::sqrt(expected * (1 - expected) / links))
            << ms;
    }
}

/** What happens in between does not matter: looking more often does not change the process. */
TEST(WflLoss, GilbertElliottDoesNotDependOnTraffic)
{
    const CleanState clean;
    const std::string text = "gilbert-elliott[MeanGood=30ms|MeanBad=10ms]";
    const auto often = Losses(text, 1, 200000, MilliSeconds(1));
    double both = 0;
    double bad = 0;
    for (std::size_t i = 0; i + 15 < often.size(); i += 15)
    {
        bad += often[i];
        both += often[i] && often[i + 15];
    }
    const double b = 0.25;
    const double stays = b + (1 - b) * std::exp(-15 * (1 / 30.0 + 1 / 10.0));
    EXPECT_NEAR(both / bad, stays, SIGMAS * std::sqrt(stays * (1 - stays) / bad));
}

/** Links have chains of their own, and so has each run; the same link repeats. */
TEST(WflLoss, GilbertElliottChainsAreIndependent)
{
    const CleanState clean;
    const std::string text = "gilbert-elliott[MeanGood=10ms|MeanBad=10ms]";
    constexpr uint32_t count = 20000;
    const auto first = Losses(text, 1, count, MilliSeconds(100));
    EXPECT_EQ(first, Losses(text, 1, count, MilliSeconds(100)));
    for (const auto& other :
         {Losses(text, 2, count, MilliSeconds(100)), Losses(text, 1, count, MilliSeconds(100), 2)})
    {
        uint32_t equal = 0;
        for (uint32_t i = 0; i < count; ++i)
        {
            equal += first[i] == other[i];
        }
        EXPECT_NEAR(equal / double{count}, 0.5, SIGMAS * std::sqrt(0.25 / count));
    }
}

/** Flips are binomial in number, and lie everywhere equally often. */
TEST(WflLoss, BitFlipsAreBinomial)
{
    constexpr uint32_t datagrams = 4000;
    constexpr uint32_t bytes = 250;
    constexpr double bits = 8.0 * bytes;
    for (const double rate : {1e-4, 1e-2, 0.5})
    {
        const auto loss = MakeLoss("bit-flip[BitErrorRate=" + std::to_string(rate) + "]", 0);
        double sum = 0;
        double squares = 0;
        std::vector<double> byPlace(10);
        for (uint32_t i = 0; i < datagrams; ++i)
        {
            const auto altered = BytesOf(loss->Pass(Zeros(bytes)));
            ASSERT_EQ(altered.size(), bytes);
            const double ones = Ones(altered);
            sum += ones;
            squares += ones * ones;
            for (uint32_t place = 0; place < byPlace.size(); ++place)
            {
                const auto begin = altered.begin() + place * bytes / 10;
                byPlace[place] += Ones({begin, begin + bytes / 10});
            }
        }
        const double variance = bits * rate * (1 - rate);
        EXPECT_NEAR(sum / datagrams, bits * rate, SIGMAS * std::sqrt(variance / datagrams));
        const double found = squares / datagrams - std::pow(sum / datagrams, 2);
        // The fourth central moment of the binomial distribution gives the spread of a variance.
        const double fourth = variance * (1 + 3 * (bits - 2) * rate * (1 - rate));
        EXPECT_NEAR(found, variance, SIGMAS * std::sqrt((fourth - variance * variance) / datagrams))
            << rate;
        for (const double ones : byPlace)
        {
            EXPECT_NEAR(ones / datagrams,
                        bits / 10 * rate,
                        SIGMAS * std::sqrt(variance / 10 / datagrams));
        }
    }
}

TEST(WflLoss, NoBitFlips)
{
    const auto loss = MakeLoss("bit-flip[BitErrorRate=0]", 0);
    const auto datagram = Zeros(1000);
    EXPECT_EQ(loss->Pass(datagram), datagram);
    EXPECT_FALSE(loss->IsLost(1000));
}

/** Where a check stands before the receiver, n bytes arrive with probability (1 - p)^(8 n). */
TEST(WflLoss, CheckedBitFlipsAreLosses)
{
    const auto loss = MakeLoss("bit-flip[BitErrorRate=0.001]", 0);
    constexpr uint32_t count = 20000;
    uint32_t lost = 0;
    for (uint32_t i = 0; i < count; ++i)
    {
        lost += loss->IsLost(100);
    }
    const double expected = 1 - std::pow(1 - 0.001, 800);
    EXPECT_NEAR(lost / double{count}, expected, SIGMAS * std::sqrt(0.25 / count));
}

/** Headers survive with probability (1 - p)^128; of 65,536 damaged ones the check misses one. */
TEST(WflLoss, DamagedHeadersAreFound)
{
    constexpr double rate = 0.01;
    constexpr uint32_t count = 50000;
    const auto loss = MakeLoss("bit-flip[BitErrorRate=0.01]", 0);
    SegmentHeader header;
    header.total = 9;
    header.index = 4;
    header.first = 77;
    uint32_t valid = 0;
    uint32_t missed = 0;
    for (uint32_t i = 0; i < count; ++i)
    {
        auto datagram = Create<Packet>();
        datagram->AddHeader(header);
        const auto sent = BytesOf(datagram);
        datagram = loss->Pass(datagram);
        SegmentHeader found;
        datagram->PeekHeader(found);
        valid += found.IsValid();
        missed += found.IsValid() && BytesOf(datagram) != sent;
    }
    const double survives = std::pow(1 - rate, 128);
    EXPECT_NEAR(valid / double{count},
                survives,
                SIGMAS * std::sqrt(survives * (1 - survives) / count));
    EXPECT_LE(missed, 6U); // 0.55 are expected
}

TEST(WflLoss, ControlCheckFindsEveryBit)
{
    constexpr uint32_t bytes = 20;
    auto datagram = Zeros(bytes);
    AddControlCheck(datagram);
    const auto checked = BytesOf(datagram);
    ASSERT_EQ(checked.size(), bytes + CONTROL_CHECK_BYTES);
    EXPECT_TRUE(RemoveControlCheck(datagram));
    EXPECT_EQ(BytesOf(datagram), std::vector<uint8_t>(bytes));
    for (uint32_t bit = 0; bit < 8 * checked.size(); ++bit)
    {
        auto altered = checked;
        altered[bit / 8] ^= static_cast<uint8_t>(1 << bit % 8);
        EXPECT_FALSE(RemoveControlCheck(
            Create<Packet>(altered.data(), static_cast<uint32_t>(altered.size()))));
    }
    EXPECT_FALSE(RemoveControlCheck(Zeros(3)));
}

/** Inverted bits need a channel without frame check, datagrams, and bytes. */
TEST(WflLoss, BitFlipsAreRefusedBehindAFrameCheck)
{
    const TempFolder folder;
    const auto arguments = With(SMALL_ARGUMENTS, {"--loss=bit-flip", "--output=" + folder / "run"});
    for (const std::string channel : {"wifi", "dcf", "lte", "lr-wpan", "csma", "p2p"})
    {
        const auto result = CallScenario(With(arguments, {"--channel=" + channel}));
        EXPECT_EQ(result.code, 2) << channel;
        EXPECT_NE(result.err.find("checks its frames"), std::string::npos) << result.err;
        EXPECT_EQ(ReadFile(folder / "run/config.json"), "");
    }
    const auto result = CallScenario(With(arguments, {"--channel=p2p", "--transport=tcp"}));
    EXPECT_EQ(result.code, 2);
}

/** What bits did to datagrams stands in the summary, and a lossy run ends. */
TEST(WflLoss, DamageIsTold)
{
    const TempFolder folder;
    for (const std::string transport : {"nack", "best-effort"})
    {
        const auto result = CallScenario(With(SMALL_ARGUMENTS,
                                              {"--loss=bit-flip[BitErrorRate=0.002]",
                                               "--channel=ideal[MaxDatagramBytes=100]",
                                               "--algorithm=s3gd-mv[Density=0.2]",
                                               "--transport=" + transport,
                                               "--rounds=20",
                                               "--output=" + folder / transport}));
        ASSERT_EQ(result.code, 0) << result.err;
        const auto summary = ReadFile(folder / (transport + "/summary.json"));
        for (const std::string reason : {"damaged-header", "damaged-control", "undecodable"})
        {
            EXPECT_NE(summary.find(reason), std::string::npos) << transport << ", " << reason;
        }
    }
}

/** A recorded run has no bytes that could be altered. */
TEST(WflLoss, BitFlipsAreNotReplayed)
{
    const TempFolder folder;
    const auto recorded =
        With(SMALL_ARGUMENTS, {"--channel=ideal", "--output=" + folder / "recorded"});
    ASSERT_EQ(CallScenario(recorded).code, 0);
    const auto result = CallScenario({"--replay=" + folder / "recorded",
                                      "--channel=ideal",
                                      "--loss=bit-flip",
                                      "--output=" + folder / "replay"});
    EXPECT_EQ(result.code, 2);
    EXPECT_NE(result.err.find("--replay"), std::string::npos) << result.err;
}

/** A wire does not send again: a lost frame is a lost datagram, draw by draw. */
TEST(WflLoss, FramesOfAWireAreDatagrams)
{
    const TempFolder folder;
    for (const std::string channel : {"csma", "p2p"})
    {
        for (const std::string level : {"datagram", "frame"})
        {
            const auto result = CallScenario(With(SMALL_ARGUMENTS,
                                                  {"--loss=bernoulli[Rate=0.2|Level=" + level + "]",
                                                   "--channel=" + channel,
                                                   "--output=" + folder / (channel + level)}));
            ASSERT_EQ(result.code, 0) << result.err;
        }
        for (const std::string file : {"/rounds.csv", "/workers.csv", "/summary.json"})
        {
            const auto text = ReadFile(folder / (channel + "frame" + file));
            EXPECT_FALSE(text.empty());
            EXPECT_TRUE(text == ReadFile(folder / (channel + "datagram" + file))) << file;
        }
    }
}

/**
 * IEEE 802.15.4 sends a frame at most 1 + macMaxFrameRetries = 4 times: of a lone worker's frames
 * p^4 are given up, after (1 - p^4) / (1 - p) transmissions in the mean.
 */
TEST(WflLoss, RetriesOf802154)
{
    const TempFolder folder;
    constexpr double p = 0.5;
    const auto result = CallScenario(With(SMALL_ARGUMENTS,
                                          {"--loss=bernoulli[Rate=0.5|Level=frame]",
                                           "--channel=lr-wpan",
                                           "--workers=1",
                                           "--rounds=60",
                                           "--transport=best-effort",
                                           "--downlink=unicast",
                                           "--timeline=0:59",
                                           "--output=" + folder / "run"}));
    ASSERT_EQ(result.code, 0) << result.err;
    double transmissions = 0;
    for (const auto& row : test::ReadCsv(folder / "run/transmissions.csv"))
    {
        // Acknowledgements have 5 bytes.
        transmissions += row.at("transmitter") == "0" && row.at("bytes") != "5";
    }
    const auto summary = nlohmann::json::parse(ReadFile(folder / "run/summary.json"));
    const double lost = summary["lost_datagrams"]["uplink"]["retry-limit"];
    // Every frame is either given up after four tries or has a last one that arrived.
    const double perFrame = (1 - std::pow(p, 4)) / (1 - p);
    const double frames = transmissions / perFrame;
    ASSERT_GT(frames, 500);
    const double share = std::pow(p, 4);
    EXPECT_NEAR(lost, frames * share, SIGMAS * std::sqrt(frames * share * (1 - share)));
    EXPECT_EQ(summary["lost_datagrams"]["uplink"].count("loss-model"), 0U);
}

/** Wi-Fi sends again: lost frames to one station cost time, and datagrams hardly ever. */
TEST(WflLoss, WifiRepeatsFrames)
{
    const TempFolder folder;
    std::map<std::string, double> time;
    for (const std::string loss : {"none", "bernoulli[Rate=0.3|Level=frame]"})
    {
        const auto result = CallScenario(With(SMALL_ARGUMENTS,
                                              {"--loss=" + loss,
                                               "--channel=wifi",
                                               "--downlink=unicast",
                                               "--rounds=10",
                                               "--transport=best-effort",
                                               "--output=" + folder / loss}));
        ASSERT_EQ(result.code, 0) << result.err;
        const auto rows = test::ReadCsv(folder / (loss + "/rounds.csv"));
        EXPECT_EQ(rows.back().at("uplink_segments_lost"), "0");
        EXPECT_EQ(rows.back().at("downlink_segments_lost"), "0");
        time[loss] = std::stod(rows.back().at("airtime_busy_s"));
    }
    EXPECT_GT(time["bernoulli[Rate=0.3|Level=frame]"], 1.1 * time["none"]);
}

/** Frames to a group are sent once: who misses one is told about. */
TEST(WflLoss, MissedGroupFramesAreTold)
{
    const TempFolder folder;
    for (const std::string standard : {"80211n", "80211ac", "80211ax"})
    {
        const auto result = CallScenario(With(SMALL_ARGUMENTS,
                                              {"--loss=bernoulli[Rate=0.3|Level=frame]",
                                               "--channel=wifi[Standard=" + standard + "]",
                                               "--rounds=20",
                                               "--output=" + folder / standard}));
        ASSERT_EQ(result.code, 0) << result.err;
        const auto summary = nlohmann::json::parse(ReadFile(folder / (standard + "/summary.json")));
        EXPECT_GT(summary["lost_datagrams"]["downlink"].value("missed-frame", 0), 5) << standard;
    }
}

TEST(WflLoss, FramesAreRefusedWhereThereIsNoMac)
{
    const TempFolder folder;
    for (const std::string channel : {"ideal", "link", "tdma", "ofdma", "dcf", "lte"})
    {
        const auto result = CallScenario(With(SMALL_ARGUMENTS,
                                              {"--loss=gilbert-elliott[Level=frame]",
                                               "--channel=" + channel,
                                               "--output=" + folder / "run"}));
        EXPECT_EQ(result.code, 2) << channel;
        EXPECT_NE(result.err.find("Level=frame acts under the MAC"), std::string::npos);
    }
    // TCP repairs lost frames as well as anybody.
    const auto result = CallScenario(With(SMALL_ARGUMENTS,
                                          {"--loss=bernoulli[Rate=0.02|Level=frame]",
                                           "--channel=p2p",
                                           "--transport=tcp",
                                           "--output=" + folder / "tcp"}));
    EXPECT_EQ(result.code, 0) << result.err;
}

} // namespace ns3::wfl
