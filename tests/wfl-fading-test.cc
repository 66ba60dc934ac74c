/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

/** Block fading and the shadowing of links: distributions, memory, and under ns-3's radios. */

#include "ns3/constant-position-mobility-model.h"
#include "ns3/double.h"
#include "ns3/node-list.h"
#include "ns3/wfl-link-seed.h"
#include "ns3/wfl-propagation-chain.h"
#include "ns3/wfl-shadowing.h"

#include "wfl-device-bench.h"
#include "wfl-fading-test-helpers.h"
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
using test::MakeFading;

/** @return the powers of a link in the blocks of 50 ms, from the first one on */
std::vector<double>
Powers(const Ptr<BlockFading>& fading, uint32_t blocks, uint32_t branch = 0)
{
    const auto seed = LinkSeed({1, 1}, 3, 8);
    std::vector<double> powers;
    for (uint32_t block = 0; block < blocks; ++block)
    {
        powers.push_back(fading->Power(seed, MilliSeconds(50 * block), branch));
    }
    return powers;
}

/** @return the correlation of two series */
double
Correlation(const std::vector<double>& a, const std::vector<double>& b)
{
    const auto mean = [](const std::vector<double>& values)
    {
        double sum = 0;
        for (const double value : values)
        {
            sum += value;
        }
        return sum / static_cast<double>(values.size());
    };
    const double meanA = mean(a);
    const double meanB = mean(b);
    double ab = 0;
    double aa = 0;
    double bb = 0;
    for (std::size_t i = 0; i < a.size(); ++i)
    {
        ab += (a[i] - meanA) * (b[i] - meanB);
        aa += std::pow(a[i] - meanA, 2);
        bb += std::pow(b[i] - meanB, 2);
    }
    return ab / std::sqrt(aa * bb);
}

/** @return the largest distance of the distribution of a sample from a distribution function */
template <typename Cdf>
double
KolmogorovDistance(std::vector<double> sample, Cdf cdf)
{
    std::sort(sample.begin(), sample.end());
    const auto size = static_cast<double>(sample.size());
    double distance = 0;
    for (std::size_t i = 0; i < sample.size(); ++i)
    {
        const double expected = cdf(sample[i]);
        distance = std::max({distance,
                             std::abs(expected - static_cast<double>(i) / size),
                             std::abs(expected - static_cast<double>(i + 1) / size)});
    }
    return distance;
}

/** Two nodes with places, as radios have them. */
struct Pair
{
    NodeContainer nodes;
    std::vector<Ptr<MobilityModel>> places;

    Pair()
    {
        nodes.Create(2);
        for (uint32_t i = 0; i < 2; ++i)
        {
            auto place = CreateObject<ConstantPositionMobilityModel>();
            nodes.Get(i)->AggregateObject(place);
            places.push_back(place);
        }
    }
};

/** What a channel of radios tells after a datagram from each of its workers. */
struct Radios
{
    std::vector<double> snrsDb; ///< by worker
    uint32_t accessPoint;       ///< number of its node; workers have theirs from 0
};

Radios
TryRadios(const std::string& name)
{
    constexpr uint32_t workers = 3;
    DeviceBench bench(name, workers);
    bench.Run(
        [&bench]
        {
            for (StationId worker = 0; worker < workers; ++worker)
            {
                bench.Send(worker, SERVER, 80);
            }
        },
        Seconds(1));
    EXPECT_EQ(bench.arrivals.size(), workers) << name;
    Radios radios;
    for (StationId worker = 0; worker < workers; ++worker)
    {
        radios.snrsDb.push_back(bench.channel->SnrDb(worker));
    }
    // Of the other nodes, some on wires, it alone has a place.
    for (uint32_t node = workers; node < NodeList::GetNNodes(); ++node)
    {
        if (NodeList::GetNode(node)->GetObject<MobilityModel>())
        {
            radios.accessPoint = node;
        }
    }
    return radios;
}

} // namespace

/**
 * Distribution functions of the power: closed forms for Rayleigh and Nakagami, an integral for
 * Rice. Kolmogorov's distance of 20,000 draws is below 1.95 / sqrt(20000) = 0.0138 with a
 * probability of 0.999; seen here: 0.003 to 0.008.
 */
TEST(WflFading, Distributions)
{
    constexpr uint32_t blocks = 20000;
    constexpr double tolerance = 0.0138;
    EXPECT_LT(KolmogorovDistance(Powers(MakeFading("Fading=Rayleigh"), blocks),
                                 [](double power) { return 1 - std::exp(-power); }),
              tolerance);
    for (const double m : {0.5, 1.0, 2.0, 7.5})
    {
        EXPECT_LT(KolmogorovDistance(
                      Powers(MakeFading("Fading=Nakagami|NakagamiM=" + std::to_string(m)), blocks),
                      [m](double power) { return test::NakagamiOutage(m, power); }),
                  tolerance)
            << m;
    }
    for (const double ratioDb : {-20.0, 0.0, 6.0})
    {
        EXPECT_LT(
            KolmogorovDistance(
                Powers(MakeFading("Fading=Rician|RicianKDb=" + std::to_string(ratioDb)), 4000),
                [ratioDb](double power) { return test::RicianOutage(ratioDb, power); }),
            1.95 / std::sqrt(4000))
            << ratioDb;
    }
    for (const double power : Powers(MakeFading("Fading=None"), 10))
    {
        EXPECT_EQ(power, 1);
    }
    // Without anything but the line of sight, or with infinitely many ways, nothing fades.
    for (const std::string calm : {"Fading=Rician|RicianKDb=100", "Fading=Nakagami|NakagamiM=1e9"})
    {
        for (const double power : Powers(MakeFading(calm), 100))
        {
            EXPECT_NEAR(power, 1, 1e-3) << calm;
        }
    }
}

/** A block is from n to n + 1 coherence times, and other blocks, branches and links are others. */
TEST(WflFading, Blocks)
{
    const auto fading = MakeFading("CoherenceTime=10ms");
    const auto seed = LinkSeed({1, 1}, 0, 1);
    const double first = fading->Power(seed, Time());
    EXPECT_EQ(fading->Power(seed, MilliSeconds(10) - NanoSeconds(1)), first);
    EXPECT_NE(fading->Power(seed, MilliSeconds(10)), first);
    EXPECT_EQ(fading->Power(seed, MilliSeconds(10)), fading->Power(seed, MilliSeconds(19)));
    EXPECT_EQ(fading->Power(seed, Time()), first) << "asked again, later";
    EXPECT_EQ(fading->BlockEnd(Time()), MilliSeconds(10));
    EXPECT_EQ(fading->BlockEnd(MilliSeconds(10) - NanoSeconds(1)), MilliSeconds(10));
    EXPECT_EQ(fading->BlockEnd(MilliSeconds(10)), MilliSeconds(20));
    EXPECT_EQ(MakeFading("Fading=None")->BlockEnd(Time()), Time::Max());
    // Numbers of blocks do not come round after 2^32 of them, which are five days of 100 us.
    const auto fast = MakeFading("CoherenceTime=100us");
    EXPECT_NE(fast->Power(seed, MicroSeconds(100) * (int64_t{1} << 32)), fast->Power(seed, Time()));

    std::set<double> powers;
    for (const uint64_t run : {1, 2})
    {
        for (const uint32_t link : {1, 2})
        {
            for (const uint32_t branch : {0, 1})
            {
                for (const uint32_t block : {0, 1, 500000000})
                {
                    powers.insert(fading->Power(LinkSeed({1, run}, 0, link),
                                                MilliSeconds(10) * int64_t{block},
                                                branch));
                }
            }
        }
    }
    EXPECT_EQ(powers.size(), 24U);
}

/** Independent from block to block, branch to branch: correlations of 20,000 below 4 / sqrt(20000).
 */
TEST(WflFading, Independence)
{
    constexpr uint32_t blocks = 20000;
    const double bound = 4 / std::sqrt(blocks);
    const auto fading = MakeFading("");
    const auto powers = Powers(fading, blocks);
    for (const uint32_t lag : {1, 2, 64})
    {
        const std::vector<double> early(powers.begin(), powers.end() - lag);
        const std::vector<double> late(powers.begin() + lag, powers.end());
        EXPECT_LT(std::abs(Correlation(early, late)), bound) << lag;
    }
    EXPECT_LT(std::abs(Correlation(powers, Powers(fading, blocks, 1))), bound);
}

/** 0.423 c / (v f): 36.24 ms for 1 m/s at 3.5 GHz; the coherence time counts if nobody moves. */
TEST(WflFading, CoherenceTime)
{
    EXPECT_NEAR(MakeFading("SpeedMps=1|FrequencyHz=3.5e9")->CoherenceTime().GetSeconds(),
                0.423 * 299792458 / 3.5e9,
                1e-9);
    EXPECT_NEAR(MakeFading("SpeedMps=1|FrequencyHz=3.5e9")->CoherenceTime().GetSeconds(),
                0.03623,
                1e-5);
    EXPECT_EQ(MakeFading("CoherenceTime=7ms")->CoherenceTime(), MilliSeconds(7));
}

/** Normal with mean 0; a link has one for good, the same from both ends. */
TEST(WflShadowing, Distribution)
{
    std::vector<double> losses;
    for (uint32_t link = 0; link < 20000; ++link)
    {
        losses.push_back(ShadowingDb(LinkSeed({1, 1}, link, UINT32_MAX), 8));
        EXPECT_EQ(losses.back(), ShadowingDb(LinkSeed({1, 1}, UINT32_MAX, link), 8));
    }
    EXPECT_LT(KolmogorovDistance(losses,
                                 [](double lossDb)
                                 { return std::erfc(-lossDb / (8 * M_SQRT2)) / 2; }),
              0.0138);
    EXPECT_NE(ShadowingDb(LinkSeed({1, 1}, 0, 1), 8), ShadowingDb(LinkSeed({1, 2}, 0, 1), 8));
    EXPECT_NE(ShadowingDb(LinkSeed({1, 1}, 0, 1), 8), ShadowingDb(LinkSeed({2, 1}, 0, 1), 8));
    EXPECT_EQ(ShadowingDb(LinkSeed({1, 1}, 0, 1), 0), 0);
}

/** As ns-3's models, by TypeId: the same functions, of the nodes' numbers, at any time and order.
 */
TEST(WflFading, InPropagationChains)
{
    const CleanState clean;
    RngSeedManager::SetRun(5);
    Config::SetDefault("ns3::wfl::LinkShadowing::SigmaDb", DoubleValue(6));
    Config::SetDefault("ns3::wfl::BlockFading::CoherenceTime", TimeValue(MilliSeconds(20)));
    const Pair pair;
    const auto seed = LinkSeed({1, 5}, pair.nodes.Get(0)->GetId(), pair.nodes.Get(1)->GetId());
    const auto chain =
        MakePropagationChain("ns3::wfl::LinkShadowing+ns3::wfl::BlockFading", "", 5e9, 1);
    const auto fading = MakeFading("CoherenceTime=20ms");
    uint32_t asked = 0;
    for (const int ms : {0, 7, 19, 20, 45, 45, 1000})
    {
        Simulator::Schedule(MilliSeconds(ms),
                            [&, ms]
                            {
                                const double expectedDbm =
                                    -ShadowingDb(seed, 6) +
                                    10 * std::log10(fading->Power(seed, MilliSeconds(ms)));
                                EXPECT_NEAR(chain->CalcRxPower(0, pair.places[0], pair.places[1]),
                                            expectedDbm,
                                            1e-9);
                                EXPECT_NEAR(chain->CalcRxPower(-30, pair.places[1], pair.places[0]),
                                            expectedDbm - 30,
                                            1e-9);
                                ++asked;
                            });
    }
    Simulator::Run();
    EXPECT_EQ(asked, 7U);
}

/** The carrier frequency of a chain is that of its fading, for its coherence time. */
TEST(WflFading, FrequencyOfTheChain)
{
    const CleanState clean;
    const auto model = MakePropagationChain("ns3::wfl::BlockFading", "", 2.4e9, 1);
    EXPECT_EQ(DynamicCast<BlockFading>(model)->FrequencyHz(), 2.4e9);
}

/**
 * Under the radios of ns-3: each link's signal-to-noise ratio is that without, moved by what the
 * functions say of this pair of nodes; the block lasts longer than the run.
 */
TEST(WflFading, UnderEveryRadio)
{
    const CleanState clean;
    const std::string plain = "ns3::LogDistancePropagationLossModel";
    Config::SetDefault("ns3::wfl::LinkShadowing::SigmaDb", DoubleValue(3));
    Config::SetDefault("ns3::wfl::BlockFading::CoherenceTime", TimeValue(Seconds(1000)));
    Config::SetDefault("ns3::wfl::BlockFading::Fading", StringValue("Rician"));
    const auto fading = MakeFading("Fading=Rician|CoherenceTime=1000s");
    for (const std::string channel : {"wifi[RadiusM=5|", "lr-wpan[", "lte["})
    {
        const std::string chain = channel + "Propagation=" + plain;
        const auto without = TryRadios(chain + "]");
        const auto with = TryRadios(chain + "+ns3::wfl::LinkShadowing+ns3::wfl::BlockFading]");
        for (StationId worker = 0; worker < without.snrsDb.size(); ++worker)
        {
            const auto seed = LinkSeed({1, 1}, worker, with.accessPoint);
            EXPECT_NEAR(with.snrsDb[worker] - without.snrsDb[worker],
                        -ShadowingDb(seed, 3) + 10 * std::log10(fading->Power(seed, Time())),
                        0.01)
                << channel << ", worker " << worker;
        }
    }
}

} // namespace ns3::wfl
