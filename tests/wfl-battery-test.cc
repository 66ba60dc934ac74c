/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

/** Batteries: when they are empty, when they are charged again, by t = E / P. */

#include "ns3/wfl-battery.h"

#include "ns3/energy-source.h"
#include "ns3/wfl-harvest-model.h"

#include "fl-temp-folder.h"
#include "wfl-test-helpers.h"

#include <gtest/gtest.h>

namespace ns3::wfl
{

namespace
{

using test::CleanState;

/** A load of constant power, until it is switched off. */
class ConstantLoad : public EnergyLoad
{
  public:
    explicit ConstantLoad(double powerW)
        : m_powerW(powerW)
    {
    }

    double EnergyJ() const override
    {
        return m_energyJ + m_powerW * (Simulator::Now() - m_since).GetSeconds();
    }

    double HighestW() const override
    {
        return m_powerW;
    }

    void SetOn(bool on) override
    {
        SetPower(on ? 1 : 0);
    }

    void SetPower(double powerW)
    {
        m_energyJ = EnergyJ();
        m_since = Simulator::Now();
        m_powerW = powerW;
    }

  private:
    double m_powerW;
    double m_energyJ{0};
    Time m_since;
};

/** A battery with one load. */
struct Bench
{
    /**
     * @param battery as on the command line
     * @param powerW of the load
     * @param harvest as on the command line; none if empty
     */
    Bench(const std::string& battery, double powerW, const std::string& harvest = "")
        : load(Create<ConstantLoad>(powerW))
    {
        source = TypeRegistry::Get("battery").Parse(battery).Create<EnergySource>();
        source->SetNode(CreateObject<Node>());
        if (!harvest.empty())
        {
            charger = TypeRegistry::Get("harvest").Parse(harvest).Create<HarvestModel>();
            charger->Start(0, {1, 1}, source, {load});
        }
        cell->Start(
            source,
            {load},
            [this]
            {
                emptyAt.push_back(Simulator::Now().GetSeconds());
                load->SetPower(0);
            },
            [this] { chargedAt.push_back(Simulator::Now().GetSeconds()); });
    }

    /** Runs for some time, and looks now and then how much is left. */
    void Run(double seconds)
    {
        for (double time = 0.37; time < seconds; time += 0.37)
        {
            Simulator::Schedule(Seconds(time),
                                [this]
                                {
                                    cell->Look();
                                    mostJ = std::max(mostJ, cell->RemainingJ());
                                    leastJ = std::min(leastJ, cell->RemainingJ());
                                });
        }
        Simulator::Stop(Seconds(seconds));
        Simulator::Run();
    }

    Ptr<ConstantLoad> load;
    Ptr<EnergySource> source;
    Ptr<HarvestModel> charger;
    Ptr<Battery> cell{CreateObject<Battery>()};
    std::vector<double> emptyAt;
    std::vector<double> chargedAt;
    double mostJ{0};
    double leastJ{1e9};
};

} // namespace

/** t = E / P, to two millionths, whatever the interval at which the source looks by itself. */
TEST(WflBattery, EmptyAfterEnergyOverPower)
{
    for (const std::string interval : {"10ms", "1s", "10s", "1000s"})
    {
        for (const double energyJ : {0.01, 5., 13320.})
        {
            if (interval == "10ms" && energyJ > 10)
            {
                continue; // a million events
            }
            SCOPED_TRACE(interval + " " + std::to_string(energyJ));
            const CleanState clean;
            Bench bench("basic[BasicEnergySourceInitialEnergyJ=" + std::to_string(energyJ) +
                            "|PeriodicEnergyUpdateInterval=" + interval + "]",
                        0.819);
            Simulator::Stop(Seconds(2 * energyJ / 0.819));
            Simulator::Run();
            ASSERT_EQ(bench.emptyAt.size(), 1U);
            EXPECT_NEAR(bench.emptyAt[0], energyJ / 0.819, 2e-6 * energyJ / 0.819 + 1e-6);
            EXPECT_TRUE(bench.chargedAt.empty());
        }
    }
}

/** A load that grows: E = P1 t1 + P2 (t - t1). */
TEST(WflBattery, EmptyUnderAChangingLoad)
{
    const CleanState clean;
    Bench bench("basic[BasicEnergySourceInitialEnergyJ=10]", 1);
    Simulator::Schedule(Seconds(4),
                        [&bench]
                        {
                            bench.load->SetPower(3);
                            bench.cell->Look();
                        });
    Simulator::Stop(Seconds(20));
    Simulator::Run();
    ASSERT_EQ(bench.emptyAt.size(), 1U);
    EXPECT_NEAR(bench.emptyAt[0], 4 + (10. - 4) / 3, 1e-5);
}

/**
 * What ns-3's defaults make of 10 J at 0.819 W: they count as empty at 10 % of the energy, after
 * 11 s, not 12.2 s. (Alone, the source would notice when it next looks, every second.)
 */
TEST(WflBattery, WhatTheDefaultsOfNs3Cost)
{
    const std::string defaults = "ns3::BasicEnergySource[BasicEnergyLowBatteryThreshold=0.1]";
    for (const auto& [battery, expectedS] :
         std::map<std::string, double>{{defaults, 9 / 0.819}, {"basic", 10 / 0.819}})
    {
        const CleanState clean;
        Bench bench(battery, 0.819);
        Simulator::Stop(Seconds(20));
        Simulator::Run();
        ASSERT_EQ(bench.emptyAt.size(), 1U);
        EXPECT_NEAR(bench.emptyAt[0], expectedS, 2e-5);
    }
}

/** A threshold of one's own: t = (1 - share) E / P, found as exactly as the end of all energy. */
TEST(WflBattery, EmptyAtItsThreshold)
{
    for (const double share : {0.0, 0.05, 0.5, 0.9})
    {
        SCOPED_TRACE(share);
        const CleanState clean;
        Bench bench("basic[BasicEnergySourceInitialEnergyJ=1000|PeriodicEnergyUpdateInterval=1000s|"
                    "BasicEnergyHighBatteryThreshold=1|BasicEnergyLowBatteryThreshold=" +
                        std::to_string(share) + "]",
                    0.819);
        Simulator::Stop(Seconds(2000));
        Simulator::Run();
        ASSERT_EQ(bench.emptyAt.size(), 1U);
        EXPECT_NEAR(bench.emptyAt[0], (1 - share) * 1000 / 0.819, 2e-6 * 1000 / 0.819);
    }
}

/** A weak harvest: t = E / (P - H). */
TEST(WflBattery, HarvestMakesItLast)
{
    const CleanState clean;
    Bench bench("basic[BasicEnergySourceInitialEnergyJ=10]", 1, "random[PowerW=constant:0.4]");
    bench.Run(30);
    ASSERT_FALSE(bench.emptyAt.empty());
    EXPECT_NEAR(bench.emptyAt[0], 10 / 0.6, 1e-3);
}

/** A strong one: never empty, and never fuller than full, which ns-3's source alone would be. */
TEST(WflBattery, NoFullerThanFull)
{
    const CleanState clean;
    Bench bench("basic[BasicEnergySourceInitialEnergyJ=10]", 1, "random[PowerW=uniform:0:6]");
    bench.Run(200);
    EXPECT_TRUE(bench.emptyAt.empty());
    EXPECT_LE(bench.mostJ, 10 + 1e-9);
    EXPECT_GT(bench.mostJ, 10 - 1e-9) << "it is full again and again";
    // What went in is what was used, but for what is missing now.
    EXPECT_NEAR(bench.charger->ChargedJ() + 10 - bench.cell->RemainingJ(),
                bench.load->EnergyJ(),
                1e-6 * bench.load->EnergyJ() + 1.0);
}

/** An empty one that is charged is back at 15 %: 0.15 E / H later. */
TEST(WflBattery, BackWhenCharged)
{
    const CleanState clean;
    Bench bench("basic[BasicEnergySourceInitialEnergyJ=10|PeriodicEnergyUpdateInterval=10ms]",
                2,
                "random[PowerW=constant:0.5]");
    bench.Run(30);
    ASSERT_EQ(bench.emptyAt.size(), 1U);
    ASSERT_EQ(bench.chargedAt.size(), 1U);
    EXPECT_NEAR(bench.emptyAt[0], 10 / 1.5, 1e-3);
    EXPECT_NEAR(bench.chargedAt[0] - bench.emptyAt[0], 1.5 / 0.5, 0.02);
}

/** The sun: half a wave over half a day holds peak * day / pi. */
TEST(WflBattery, SolarDay)
{
    const CleanState clean;
    Bench bench("basic[BasicEnergySourceInitialEnergyJ=1e6]",
                100,
                "solar[PeakW=2|Day=1000s|Noon=500s|Interval=1s]");
    Simulator::Stop(Seconds(1000));
    Simulator::Run();
    bench.cell->Look();
    EXPECT_NEAR(bench.charger->ChargedJ(), 2 * 1000 / std::acos(-1.0), 1e-2);
}

/** Other sources of ns-3, by short name and by the name of their class, run empty, too. */
TEST(WflBattery, OtherSourcesRunEmpty)
{
    const test::TempFolder folder;
    for (const std::string battery : {"li-ion[InitialCellVoltage=3.45|NominalCellVoltage=3.3|"
                                      "ThresholdVoltage=3.3|LiIonEnergySourceInitialEnergyJ=2]",
                                      "ns3::BasicEnergySource[BasicEnergySourceInitialEnergyJ=1]",
                                      "rv[RvBatteryModelAlphaValue=5]"})
    {
        SCOPED_TRACE(battery);
        const auto result = test::CallScenario(test::With(test::SMALL_ARGUMENTS,
                                                          {"--rounds=100000",
                                                           "--battery=" + battery,
                                                           "--overwrite",
                                                           "--output=" + folder / "run"}));
        ASSERT_EQ(result.code, 0) << result.err;
        EXPECT_NE(result.err.find("all workers have gone"), std::string::npos);
    }
}

} // namespace ns3::wfl
