/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

/** Propagation models by name, alone and under each radio that takes them. */

#include "ns3/constant-position-mobility-model.h"
#include "ns3/double.h"
#include "ns3/node.h"
#include "ns3/random-variable-stream.h"
#include "ns3/wfl-propagation-chain.h"

#include "wfl-device-bench.h"
#include "wfl-test-helpers.h"

#include <cmath>
#include <gtest/gtest.h>
#include <set>
#include <vector>

namespace ns3::wfl
{

namespace
{

using test::CleanState;
using test::DeviceBench;

/** @return what is left of 0 dBm after 30 m at 2.4 GHz */
double
PowerDbm(const std::string& names)
{
    auto here = CreateObject<ConstantPositionMobilityModel>();
    auto there = CreateObject<ConstantPositionMobilityModel>();
    there->SetPosition({30, 0, 0});
    return MakePropagationChain(names, "", 2.4e9, 1)->CalcRxPower(0, here, there);
}

/** @return the signal-to-noise ratio of the only worker, after some traffic */
double
SnrDb(const std::string& name)
{
    DeviceBench bench(name, 1);
    bench.Run([&bench] { bench.Send(0, SERVER, 100); }, Seconds(1));
    EXPECT_EQ(bench.arrivals.size(), 1U) << name;
    return bench.channel->SnrDb(0);
}

} // namespace

/**
 * What the access point last measured of a worker is, without fading, its mean; with fading, what
 * its last frame had: about a unit mean power over many, with the deviation of the distribution.
 */
TEST(WflPropagation, AccessPointsMeasure)
{
    const std::string fading = "|Propagation=ns3::LogDistancePropagationLossModel+"
                               "ns3::NakagamiPropagationLossModel";
    for (const std::string name : {"wifi", "lr-wpan"})
    {
        SCOPED_TRACE(name);
        const auto measure = [&name](const std::string& more)
        {
            DeviceBench bench(name + "[RadiusM=3" + more + "]", 1);
            std::vector<double> powers;
            bench.whenArrived = [&bench, &powers](const auto& /* arrival */)
            {
                powers.push_back(std::pow(10, bench.channel->FadedSnrDb(0) / 10));
            };
            bench.Run(
                [&bench]
                {
                    for (int64_t i = 0; i < 4000; ++i)
                    {
                        Simulator::Schedule(MilliSeconds(20 * i),
                                            [&bench] { bench.Send(0, SERVER, 50); });
                    }
                },
                Seconds(100));
            return powers;
        };
        const CleanState clean;
        DeviceBench bench(name + "[RadiusM=3]", 1);
        bench.Run([&bench] { bench.Send(0, SERVER, 50); }, Seconds(1));
        EXPECT_NEAR(bench.channel->FadedSnrDb(0), bench.channel->SnrDb(0), 1e-6);
        const auto powers = measure(fading);
        EXPECT_GT(powers.size(), 3900U);
        double sum = 0;
        double squares = 0;
        for (const double power : powers)
        {
            sum += power;
            squares += power * power;
        }
        const double mean = sum / powers.size();
        const double still = measure("|Propagation=ns3::LogDistancePropagationLossModel").front();
        EXPECT_NEAR(mean / still, 1, 0.05);
        // Nakagami with ns-3's m of 1.5 within 80 m: a gamma distribution of variance 1 / m.
        EXPECT_NEAR(squares / powers.size() / mean / mean - 1, 1 / 1.5, 0.1);
    }
}

TEST(WflPropagation, Chains)
{
    const CleanState clean;
    const std::string friis = "ns3::FriisPropagationLossModel";
    const std::string logDistance = "ns3::LogDistancePropagationLossModel";
    const double friisDb = 20 * std::log10(4 * M_PI * 30 * 2.4e9 / 299792458);
    const double logDistanceDb = 46.6777 + 30 * std::log10(30); // ns-3's defaults
    EXPECT_NEAR(PowerDbm(friis), -friisDb, 0.01);
    EXPECT_NEAR(PowerDbm(logDistance), -logDistanceDb, 1e-9);
    EXPECT_NEAR(PowerDbm(friis + "+" + logDistance), -friisDb - logDistanceDb, 0.01);
    EXPECT_NEAR(PowerDbm(logDistance + "+" + friis + "+" + logDistance),
                -friisDb - 2 * logDistanceDb,
                0.01);
    Config::SetDefault(logDistance + "::Exponent", DoubleValue(2));
    EXPECT_NEAR(PowerDbm(logDistance), -46.6777 - 20 * std::log10(30), 1e-9);
}

/** The chain is what the radio feels: the same model by name and by the channel's own attributes.
 */
/** Nothing depends on what random variables were made before: lines of sight and delays neither. */
TEST(WflPropagation, StreamsAreAssigned)
{
    const CleanState clean;
    const auto draw = []
    {
        std::vector<double> drawn;
        const auto loss = MakePropagationChain("ns3::ThreeGppIndoorOfficePropagationLossModel+"
                                               "ns3::NakagamiPropagationLossModel",
                                               "",
                                               2.4e9,
                                               1);
        const auto delay = MakePropagationDelay("ns3::RandomPropagationDelayModel", "", 90);
        auto here = CreateObject<ConstantPositionMobilityModel>();
        const auto node = CreateObject<Node>();
        node->AggregateObject(here);
        for (int i = 1; i < 50; ++i)
        {
            auto there = CreateObject<ConstantPositionMobilityModel>();
            CreateObject<Node>()->AggregateObject(there);
            there->SetPosition({double(i), 0, 0});
            drawn.push_back(loss->CalcRxPower(0, here, there));
            drawn.push_back(delay->GetDelay(here, there).GetSeconds());
        }
        return drawn;
    };
    const auto first = draw();
    for (int i = 0; i < 7; ++i)
    {
        CreateObject<UniformRandomVariable>()->GetValue();
    }
    EXPECT_EQ(draw(), first);
    EXPECT_GT(std::set<double>(first.begin(), first.end()).size(), 90U);
}

TEST(WflPropagation, OnEveryRadio)
{
    const CleanState clean;
    for (const std::string channel : {"wifi", "lr-wpan", "lte"})
    {
        const std::string byName = channel + "[Propagation=ns3::LogDistancePropagationLossModel";
        const std::string own = channel + "[PathLossExponent=3|ReferenceLossDb=";
        EXPECT_NEAR(SnrDb(byName + "]"), SnrDb(own + "46.6777]"), 1e-9) << channel;
        Config::SetDefault("ns3::FixedRssLossModel::Rss", DoubleValue(-70));
        // A fixed received power hides what comes before it in the chain.
        const double fixed = SnrDb(channel + "[Propagation=ns3::FixedRssLossModel]");
        EXPECT_NEAR(SnrDb(byName + "+ns3::FixedRssLossModel]"), fixed, 1e-9) << channel;
        EXPECT_GT(std::abs(SnrDb(byName + "]") - fixed), 1) << channel;
    }
}

} // namespace ns3::wfl
