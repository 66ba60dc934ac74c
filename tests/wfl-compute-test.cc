/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

/** What computations take and what processors use: against closed forms and published numbers. */

#include "ns3/wfl-compute-model.h"

#include "ns3/double.h"
#include "ns3/simulator.h"
#include "ns3/wfl-compute-energy-model.h"
#include "ns3/wfl-registry.h"
#include "ns3/wfl-worker-values.h"

#include "fl-temp-folder.h"
#include "wfl-test-helpers.h"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <gtest/gtest.h>

namespace ns3::wfl
{

namespace
{

using test::CleanState;

Ptr<ComputeModel>
MakeCompute(const std::string& text, uint32_t workers = 1, const fl::RunSeed& runSeed = {1, 1})
{
    auto compute = TypeRegistry::Get("compute").Parse(text).Create<ComputeModel>();
    compute->Start(workers, runSeed);
    return compute;
}

/** A task of so many samples, without a codec. */
ComputeTask
Samples(uint64_t samples)
{
    ComputeTask task{};
    task.work.samples = samples;
    return task;
}

/** What a computation costs a device of this profile, in joules. */
double
EnergyOf(const ComputeCost& cost, Ptr<DeviceProfile> profile = CreateObject<DeviceProfile>())
{
    auto processor = CreateObject<ComputeEnergyModel>();
    processor->SetProfile(profile);
    processor->Begin(cost);
    double energyJ = 0;
    Simulator::Schedule(cost.Duration() + Seconds(7),
                        [&]
                        {
                            processor->End();
                            energyJ = processor->EnergyJ();
                        });
    Simulator::Run();
    Simulator::Destroy();
    return energyJ;
}

} // namespace

/**
 * T = Z / f and E = kappa Z f^2: with kappa = 1e-28, 5e6 cycles take 5 ms and 0.5 mJ at 1 GHz; at
 * 2 GHz half the time and four times the energy.
 */
TEST(WflCompute, Cmos)
{
    const CleanState clean;
    const auto slow = MakeCompute("cmos[CyclesPerSample=5e4|FrequencyHz=1e9]")->Cost(Samples(100));
    const auto fast = MakeCompute("cmos[CyclesPerSample=5e4|FrequencyHz=2e9]")->Cost(Samples(100));
    EXPECT_EQ(slow.Duration(), MilliSeconds(5));
    EXPECT_EQ(fast.Duration(), MicroSeconds(2500));
    EXPECT_NEAR(EnergyOf(slow), 5e-4, 1e-15);
    EXPECT_NEAR(EnergyOf(fast), 4 * 5e-4, 1e-15);
}

/** Scaled down to a budget, a computation takes just that and f^2 less energy, if f goes so low. */
TEST(WflCompute, DynamicFrequency)
{
    const CleanState clean;
    const std::string base = "cmos[CyclesPerSample=5e4|FrequencyHz=1e9|MinFrequencyHz=2e8|";
    const auto fits = MakeCompute(base + "TimeBudget=10ms]")->Cost(Samples(100));
    EXPECT_EQ(fits.Duration(), MilliSeconds(10));
    EXPECT_NEAR(EnergyOf(fits), 1e-28 * 5e6 * 0.25e18, 1e-15);
    const auto lowest = MakeCompute(base + "TimeBudget=10s]")->Cost(Samples(100));
    EXPECT_EQ(lowest.Duration(), MilliSeconds(25)) << "200 MHz is the lowest";
    const auto late = MakeCompute(base + "TimeBudget=1ms]")->Cost(Samples(100));
    EXPECT_EQ(late.Duration(), MilliSeconds(5)) << "1 GHz is the highest";
}

TEST(WflCompute, TableAndItsPowers)
{
    const CleanState clean;
    auto task = Samples(300);
    task.decodedCoordinates = 1000;
    task.work.encodedCoordinates = 4000;
    const auto cost =
        MakeCompute("table[SamplesPerSecond=200|CoordinatesPerSecond=2000]")->Cost(task);
    EXPECT_NEAR(cost.decodeS, 0.5, 1e-12);
    EXPECT_NEAR(cost.trainS, 1.5, 1e-12);
    EXPECT_NEAR(cost.encodeS, 2, 1e-12);
    auto profile = CreateObject<DeviceProfile>();
    profile->SetAttribute("TrainW", DoubleValue(3));
    profile->SetAttribute("CodecW", DoubleValue(0.5));
    EXPECT_NEAR(EnergyOf(cost, profile), 2.5 * 0.5 + 1.5 * 3, 1e-12);
}

/**
 * The lines of ns3-fl for MNIST on a Pi 4 with 1 epoch of 600 samples: its load is
 * 229.3e6 * 106 * 600 / 1.5e9 = 9722.32, so 17.3154 s at 5.2067 W of the whole board; of these the
 * base load is counted elsewhere.
 */
TEST(WflCompute, Regression)
{
    const CleanState clean;
    const auto cost = MakeCompute("regression")->Cost(Samples(600));
    EXPECT_NEAR(cost.Duration().GetSeconds(), 8.09e-4 * 9722.32 + 9.45, 1e-8);
    const double boardW = -1.32e-4 * 9722.32 + 6.49;
    EXPECT_NEAR(EnergyOf(cost), boardW * cost.Duration().GetSeconds(), 1e-6);
    auto profile = CreateObject<DeviceProfile>();
    profile->SetAttribute("BaseW", DoubleValue(2.7));
    EXPECT_NEAR(EnergyOf(cost, profile), (boardW - 2.7) * cost.Duration().GetSeconds(), 1e-6);
    // CIFAR-10's line begins below zero seconds, where there is no computation of that size.
    EXPECT_THROW(MakeCompute("regression-cifar10[Macs=1]")->Cost(Samples(1)), fl::UserError);
}

/** Of a computation that is given up, only what was done counts. */
TEST(WflCompute, PhasesFollowEachOther)
{
    const CleanState clean;
    auto processor = CreateObject<ComputeEnergyModel>();
    processor->SetProfile(CreateObject<DeviceProfile>());
    ComputeCost cost;
    cost.decodeS = 1;
    cost.trainS = 4;
    cost.encodeS = 2;
    cost.trainW = 10;
    cost.codecW = 3;
    const auto at = [](double time, auto what)
    {
        Simulator::Schedule(Seconds(time), what);
    };
    at(1, [&] { processor->Begin(cost); });
    at(3, [&] { EXPECT_NEAR(processor->EnergyJ(), 1 * 3 + 1 * 10, 1e-12); });
    at(4, [&] { processor->End(); });
    at(9,
       [&]
       {
           EXPECT_EQ(processor->TimeIn(ComputePhase::DECODE), Seconds(1));
           EXPECT_EQ(processor->TimeIn(ComputePhase::TRAIN), Seconds(2));
           EXPECT_EQ(processor->TimeIn(ComputePhase::ENCODE), Seconds(0));
           processor->Begin(cost);
       });
    at(20,
       [&]
       {
           EXPECT_EQ(processor->TimeIn(ComputePhase::ENCODE), Seconds(2));
           EXPECT_NEAR(processor->EnergyIn(ComputePhase::TRAIN), 6 * 10, 1e-12);
           EXPECT_NEAR(processor->EnergyIn(ComputePhase::ENCODE), 2 * 3, 1e-12);
           EXPECT_NEAR(processor->EnergyJ(), 60 + 4 * 3, 1e-12);
       });
    Simulator::Run();
}

/** A slow-down is drawn for each computation, by worker and round alone, and scales its time. */
TEST(WflCompute, Slowdown)
{
    const CleanState clean;
    const auto compute = MakeCompute("constant[Time=1s|Slowdown=shifted-exponential:1:0.5]", 3);
    const auto again = MakeCompute("constant[Time=1s|Slowdown=shifted-exponential:1:0.5]", 3);
    double sumS = 0;
    constexpr uint32_t rounds = 4000;
    for (uint32_t round = 0; round < rounds; ++round)
    {
        ComputeTask task = Samples(1);
        task.worker = round % 3;
        task.round = round;
        const double timeS = compute->Cost(task).Duration().GetSeconds();
        EXPECT_EQ(again->Cost(task).Duration().GetSeconds(), timeS);
        EXPECT_GE(timeS, 1);
        sumS += timeS;
    }
    // The mean is 1.5, with a standard error of 0.5 / sqrt(4000).
    EXPECT_NEAR(sumS / rounds, 1.5, 4 * 0.5 / std::sqrt(rounds));
    EXPECT_THROW(MakeCompute("constant[Slowdown=0]")->Cost(Samples(1)), fl::UserError);
}

/** The tiers of a fleet have their shares; all of a run's draws repeat, another run's differ. */
TEST(WflCompute, FleetsRepeat)
{
    const std::string where = "test";
    const auto draw = [&where](const std::string& text, const fl::RunSeed& runSeed)
    {
        return PositiveWorkerValues(text, where, 3000, runSeed, fl::Purpose::COMPUTE);
    };
    const std::string tiers = "tiers:1e9:0.5:4e9:0.3:2e10:0.2";
    const auto values = draw(tiers, {1, 1});
    EXPECT_EQ(values, draw(tiers, {1, 1}));
    EXPECT_NE(values, draw(tiers, {1, 2}));
    const auto share = [&values](double value)
    {
        return static_cast<double>(std::count(values.begin(), values.end(), value)) / 3000;
    };
    EXPECT_NEAR(share(1e9), 0.5, 4 * std::sqrt(0.5 * 0.5 / 3000));
    EXPECT_NEAR(share(4e9), 0.3, 4 * std::sqrt(0.3 * 0.7 / 3000));
    EXPECT_NEAR(share(2e10), 0.2, 4 * std::sqrt(0.2 * 0.8 / 3000));
}

TEST(WflCompute, SpeedsFromAFile)
{
    const test::TempFolder folder;
    const auto write = [&folder](const std::string& text)
    {
        std::ofstream(folder / "speeds.csv") << text;
    };
    const auto read = [&folder](uint32_t workers)
    {
        return PositiveWorkerValues("file:" + folder / "speeds.csv",
                                    "test",
                                    workers,
                                    {},
                                    fl::Purpose::COMPUTE);
    };
    write("worker,value\r\n1,2e9\r\n0,1e9\r\n7,3\r\n");
    EXPECT_EQ(read(2), (std::vector<double>{1e9, 2e9}));
    const auto refused = [&read](uint32_t workers, const std::string& words)
    {
        try
        {
            read(workers);
            ADD_FAILURE() << words;
        }
        catch (const fl::UserError& error)
        {
            EXPECT_NE(std::string(error.what()).find(words), std::string::npos) << error.what();
        }
    };
    refused(3, "has no row of worker 2");
    write("worker,value\n0,1e9\n1,-2\n");
    refused(2, "worker 1 would have -2");
    write("worker,value\n0,fast\n");
    refused(1, "speeds.csv, line 2, value");
    write("worker,value\n0\n");
    refused(1, "speeds.csv, line 2: \"0\" is not worker,value");
    write("worker,value\n-1,5\n");
    refused(1, "worker -1 is not from 0");
    write("id,value\n0,1\n");
    refused(1, "does not begin with worker,value");
}

} // namespace ns3::wfl
