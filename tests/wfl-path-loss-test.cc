/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

/** Path loss by name, against formulas, published numbers and ns-3's own models. */

#include "ns3/boolean.h"
#include "ns3/channel-condition-model.h"
#include "ns3/constant-position-mobility-model.h"
#include "ns3/double.h"
#include "ns3/fl-error.h"
#include "ns3/node.h"
#include "ns3/propagation-loss-model.h"
#include "ns3/three-gpp-propagation-loss-model.h"
#include "ns3/wfl-path-loss.h"

#include "wfl-test-helpers.h"

#include <cmath>
#include <gtest/gtest.h>

namespace ns3::wfl
{

namespace
{

using test::CleanState;

/** @return the loss over a distance on the ground, between two heights */
double
LossDb(const std::string& name,
       double groundM,
       double frequencyHz,
       double baseHeightM = 1.5,
       double workerHeightM = 1.5)
{
    const PathLoss loss({name, frequencyHz, 3, 1}, "");
    const Vector base(0, 0, baseHeightM);
    const Vector worker(0, groundM, workerHeightM);
    EXPECT_EQ(loss.LossDb(base, worker), loss.LossDb(worker, base));
    return loss.LossDb(base, worker);
}

/** @return ns-3's, without its shadowing */
double
Ns3LossDb(Ptr<ThreeGppPropagationLossModel> model,
          bool isVisible,
          double groundM,
          double frequencyHz,
          double baseHeightM,
          double workerHeightM)
{
    model->SetAttribute("Frequency", DoubleValue(frequencyHz));
    model->SetAttribute("ShadowingEnabled", BooleanValue(false));
    if (isVisible)
    {
        model->SetChannelConditionModel(CreateObject<AlwaysLosChannelConditionModel>());
    }
    else
    {
        model->SetChannelConditionModel(CreateObject<NeverLosChannelConditionModel>());
    }
    std::vector<Ptr<MobilityModel>> places;
    for (const Vector& position : {Vector(0, 0, baseHeightM), Vector(0, groundM, workerHeightM)})
    {
        auto place = CreateObject<ConstantPositionMobilityModel>();
        place->SetPosition(position);
        CreateObject<Node>()->AggregateObject(place);
        places.push_back(place);
    }
    return -model->CalcRxPower(0, places[0], places[1]);
}

} // namespace

/** Free space: 20 log10(4 pi d f / c). */
TEST(WflPathLoss, Friis)
{
    // Numbers of a pocket calculator; the wavelengths are 58.2 and 124.9 mm.
    EXPECT_NEAR(LossDb("freespace", 1, 5.15e9), 46.684, 0.001);
    EXPECT_NEAR(LossDb("freespace", 1, 2.4e9), 40.052, 0.001);
    EXPECT_NEAR(LossDb("freespace", 1000, 2.4e9), 100.052, 0.001);
    for (const double distanceM : {2.0, 30.0, 4500.0})
    {
        auto friis =
            CreateObjectWithAttributes<FriisPropagationLossModel>("Frequency", DoubleValue(3.5e9));
        auto here = CreateObject<ConstantPositionMobilityModel>();
        auto there = CreateObject<ConstantPositionMobilityModel>();
        there->SetPosition({distanceM, 0, 0});
        // ns-3 takes 3e8 m/s where we have the exact speed: 0.006 dB.
        EXPECT_NEAR(LossDb("freespace", distanceM, 3.5e9),
                    -friis->CalcRxPower(0, here, there),
                    0.0061);
    }
}

/** The loss at the reference distance is that of free space; beyond, 10 n log10(d / d0). */
TEST(WflPathLoss, LogDistance)
{
    const double atReferenceDb = 20 * std::log10(4 * M_PI * 10 * 2.4e9 / 299792458.0);
    const PathLoss loss({"log-distance", 2.4e9, 3.7, 10}, "");
    const Vector origin(0, 0, 1.5);
    EXPECT_NEAR(loss.LossDb(origin, {10, 0, 1.5}), atReferenceDb, 1e-9);
    EXPECT_NEAR(loss.LossDb(origin, {100, 0, 1.5}), atReferenceDb + 37, 1e-9);
    EXPECT_NEAR(loss.LossDb(origin, {0, 70, 1.5}), atReferenceDb + 37 * std::log10(7), 1e-9);
    EXPECT_NEAR(loss.LossDb(origin, {3, 0, 1.5}), atReferenceDb, 1e-9) << "not below";
}

/** At the same place a link is one of 1 m, and not without loss. */
TEST(WflPathLoss, AtLeastOneMetre)
{
    for (const std::string name : {"freespace",
                                   "log-distance",
                                   "indoor-los",
                                   "indoor-nlos",
                                   "umi-los",
                                   "umi-nlos",
                                   "uma-los",
                                   "uma-nlos",
                                   "macro"})
    {
        EXPECT_EQ(LossDb(name, 0, 3.5e9), LossDb(name, 1, 3.5e9)) << name;
        double before = -1e9;
        for (const double distanceM : {1.0, 2.0, 10.0, 99.0, 500.0, 5000.0})
        {
            const double now = LossDb(name, distanceM, 3.5e9, 20);
            EXPECT_TRUE(std::isfinite(now)) << name;
            EXPECT_GE(now, before) << name << " at " << distanceM;
            before = now;
        }
    }
}

/**
 * TR 38.901 as ns-3 has it, whose code shares nothing with ours: both sides of the breakpoint, with
 * and without line of sight, at several heights. Differences come from the speed of light in the
 * breakpoint, 3e8 m/s in ns-3: below 0.01 dB.
 */
TEST(WflPathLoss, As3gppInNs3)
{
    const CleanState clean;
    for (const double frequencyHz : {0.7e9, 3.5e9, 28e9})
    {
        for (const double distanceM : {15.0, 40.0, 120.0, 700.0, 3000.0})
        {
            for (const bool isVisible : {true, false})
            {
                const std::string sight = isVisible ? "-los" : "-nlos";
                SCOPED_TRACE(sight + " at " + std::to_string(distanceM) + " m, " +
                             std::to_string(frequencyHz) + " Hz");
                for (const double heightM : {1.5, 6.0, 10.0})
                {
                    EXPECT_NEAR(
                        LossDb("umi" + sight, distanceM, frequencyHz, 10, heightM),
                        Ns3LossDb(CreateObject<ThreeGppUmiStreetCanyonPropagationLossModel>(),
                                  isVisible,
                                  distanceM,
                                  frequencyHz,
                                  10,
                                  heightM),
                        0.01);
                    EXPECT_NEAR(LossDb("uma" + sight, distanceM, frequencyHz, 25, heightM),
                                Ns3LossDb(CreateObject<ThreeGppUmaPropagationLossModel>(),
                                          isVisible,
                                          distanceM,
                                          frequencyHz,
                                          25,
                                          heightM),
                                0.01);
                }
                EXPECT_NEAR(LossDb("indoor" + sight, distanceM, frequencyHz, 3, 1),
                            Ns3LossDb(CreateObject<ThreeGppIndoorOfficePropagationLossModel>(),
                                      isVisible,
                                      distanceM,
                                      frequencyHz,
                                      3,
                                      1),
                            0.01);
            }
        }
    }
}

/** Table 7.4.1-1 of TR 38.901 and TR 36.942, 4.5.2, computed by hand. */
TEST(WflPathLoss, ByHand)
{
    // 3.5 GHz: 20 log10 f = 10.8814. d = 100 m in space.
    EXPECT_NEAR(LossDb("indoor-los", 100, 3.5e9), 32.4 + 34.6 + 10.8814, 0.001);
    EXPECT_NEAR(LossDb("indoor-nlos", 100, 3.5e9), 17.3 + 76.6 + 13.5473, 0.001);
    EXPECT_NEAR(LossDb("macro", 500, 2e9), 128.1 - 11.3187, 0.001);
    EXPECT_NEAR(LossDb("macro", 1000, 2e9), 128.1, 1e-9);
    // The standard deviations of the table.
    const auto sigmaDb = [](const std::string& name)
    {
        return PathLoss({name, 1e9, 3, 1}, "").ShadowingSigmaDb();
    };
    EXPECT_EQ(sigmaDb("indoor-los"), 3);
    EXPECT_EQ(sigmaDb("indoor-nlos"), 8.03);
    EXPECT_EQ(sigmaDb("umi-los"), 4);
    EXPECT_EQ(sigmaDb("umi-nlos"), 7.82);
    EXPECT_EQ(sigmaDb("uma-los"), 4);
    EXPECT_EQ(sigmaDb("uma-nlos"), 6);
    EXPECT_EQ(sigmaDb("freespace"), 0);
}

TEST(WflPathLoss, UnknownName)
{
    try
    {
        PathLoss({"suburban", 1e9, 3, 1}, "--channel=tdma, PathLoss");
        FAIL();
    }
    catch (const fl::UserError& error)
    {
        const std::string text = error.what();
        EXPECT_EQ(text.find("--channel=tdma, PathLoss: \"suburban\" is unknown, known are "), 0U);
        EXPECT_NE(text.find("uma-nlos"), std::string::npos);
    }
}

} // namespace ns3::wfl
