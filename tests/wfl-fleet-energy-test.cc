/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

/** The energy of whole runs, and of ns-3's energy sources: sums, equalities, closed forms. */

#include "ns3/wfl-fleet-energy.h"

#include "ns3/basic-energy-source.h"
#include "ns3/pcap-file.h"

#include "fl-temp-folder.h"
#include "wfl-device-bench.h"
#include "wfl-test-helpers.h"

#include <cmath>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace ns3::wfl
{

namespace
{

using test::CallScenario;
using test::CleanState;
using test::CsvRow;
using test::ReadCsv;

double
Number(const CsvRow& row, const std::string& column)
{
    return std::stod(row.at(column));
}

double
Sum(const CsvRow& row, const std::vector<std::string>& columns)
{
    double sum = 0;
    for (const auto& column : columns)
    {
        sum += Number(row, column);
    }
    return sum;
}

/** What a run left. */
struct Run
{
    std::vector<CsvRow> rounds;
    std::vector<CsvRow> workers;
    std::vector<CsvRow> devices;
};

Run
RunScenario(const std::vector<std::string>& arguments)
{
    const test::TempFolder folder;
    auto all = test::With(test::SMALL_ARGUMENTS, arguments);
    all.push_back("--output=" + folder / "run");
    const auto result = CallScenario(all);
    EXPECT_EQ(result.code, 0) << result.err;
    return {ReadCsv(folder / "run/rounds.csv"),
            ReadCsv(folder / "run/workers.csv"),
            ReadCsv(folder / "run/energy.csv")};
}

const std::vector<std::string> RADIO_S{"idle_s", "cca_busy_s", "rx_s", "tx_s", "sleep_s", "off_s"};

const std::vector<std::string> CHANNELS{"ideal",
                                        "link",
                                        "tdma",
                                        "ofdma",
                                        "dcf",
                                        "dcf[AccessPoints=3]",
                                        "wifi",
                                        "lr-wpan",
                                        "csma",
                                        "p2p"};

} // namespace

/**
 * On every channel and device, awake or asleep: the times in all states of a radio sum up to the
 * simulated time, energies are times multiplied with powers, terms sum up to totals, and the
 * workers' sum is that of the last round.
 */
TEST(WflFleetEnergy, TimesAndTermsSumUp)
{
    for (const auto& channel : CHANNELS)
    {
        for (const std::string sleep : {"false", "true"})
        {
            SCOPED_TRACE(channel + ", sleep " + sleep);
            const auto run =
                RunScenario({"--channel=" + channel,
                             "--rounds=4",
                             "--energy=rpi4[IdleA=0.1|FrameJ=0.002|Sleep=" + sleep + "]"});
            const double endS = Number(run.rounds.back(), "time_s");
            double totalJ = 0;
            double radioJ = 0;
            double marginalJ = 0;
            double accessPointsJ = 0;
            for (const auto& device : run.devices)
            {
                EXPECT_NEAR(Sum(device, RADIO_S), endS, 1e-6) << device.at("device");
                EXPECT_NEAR(
                    Sum(device, {"idle_j", "cca_busy_j", "rx_j", "tx_j", "sleep_j", "off_j"}),
                    Number(device, "radio_j"),
                    1e-9);
                EXPECT_NEAR(Sum(device, {"radio_j", "compute_j", "base_j", "frames_j"}),
                            Number(device, "total_j"),
                            1e-9);
                EXPECT_NEAR(Sum(device, {"radio_marginal_j", "compute_j", "frames_j"}),
                            Number(device, "marginal_j"),
                            1e-9);
                if (device.at("device").rfind("ap-", 0) == 0)
                {
                    accessPointsJ += Number(device, "radio_j");
                    EXPECT_EQ(Number(device, "sleep_s"), 0);
                    continue;
                }
                EXPECT_NEAR(Number(device, "tx_j"), 5 * 0.248 * Number(device, "tx_s"), 1e-9);
                EXPECT_NEAR(Number(device, "rx_j"), 5 * 0.124 * Number(device, "rx_s"), 1e-9);
                EXPECT_NEAR(Number(device, "idle_j"), 0.5 * Number(device, "idle_s"), 1e-9);
                EXPECT_NEAR(Number(device, "base_j"), 2.7 * endS, 1e-6);
                EXPECT_GT(Number(device, "tx_s"), 0);
                EXPECT_GT(Number(device, "rx_s"), 0);
                EXPECT_GT(Number(device, "frames_j"), 0);
                EXPECT_EQ(Number(device, "sleep_s") > 0, sleep == "true");
                totalJ += Number(device, "total_j");
                radioJ += Number(device, "radio_j");
                marginalJ += Number(device, "marginal_j");
            }
            const auto& last = run.rounds.back();
            EXPECT_NEAR(Number(last, "energy_j"), totalJ, 1e-9 * totalJ);
            EXPECT_NEAR(Number(last, "energy_marginal_j"), marginalJ, 1e-9 * totalJ);
            EXPECT_NEAR(Number(last, "energy_radio_j"), radioJ, 1e-9 * totalJ);
            // Radios tell of the frame that ends the run when it is over, and so is the round.
            EXPECT_NEAR(Number(last, "energy_ap_j"), accessPointsJ, 1e-3 * accessPointsJ);
            double byRoundJ = 0;
            for (const auto& row : run.workers)
            {
                byRoundJ += Number(row, "energy_j");
            }
            EXPECT_NEAR(byRoundJ, totalJ, 1e-9 * totalJ);
        }
    }
}

namespace
{

/** @return how many packets a capture holds from some time on */
uint32_t
CountPackets(const std::string& path, double fromS)
{
    PcapFile file;
    file.Open(path, std::ios::in | std::ios::binary);
    uint32_t count = 0;
    for (;;)
    {
        uint8_t byte;
        uint32_t seconds;
        uint32_t microseconds;
        uint32_t captured;
        uint32_t original;
        uint32_t read;
        file.Read(&byte, 1, seconds, microseconds, captured, original, read);
        if (file.Fail())
        {
            return count;
        }
        count += seconds + 1e-6 * microseconds >= fromS ? 1 : 0;
    }
}

} // namespace

/**
 * Every frame that a worker's device shows in a capture costs its processor once, those of TCP
 * connections, too, and no other. At either end of the run some may still be queued.
 */
TEST(WflFleetEnergy, FramesAreThoseOfTheDevice)
{
    for (const std::string channel : {"p2p", "csma"})
    {
        for (const std::string transport : {"nack", "tcp"})
        {
            SCOPED_TRACE(channel + ", " + transport);
            const test::TempFolder folder;
            const auto result = CallScenario(test::With(test::SMALL_ARGUMENTS,
                                                        {"--channel=" + channel,
                                                         "--transport=" + transport,
                                                         "--objective=mlp[Hidden=400]",
                                                         "--workers=3",
                                                         "--pcap",
                                                         "--energy=phone[FrameJ=1]",
                                                         "--output=" + folder / "run"}));
            ASSERT_EQ(result.code, 0) << result.err;
            const auto devices = ReadCsv(folder / "run/energy.csv");
            const auto summary = nlohmann::json::parse(test::ReadFile(folder / "run/summary.json"));
            const double readyS = summary.at("set_up").at("time_s");
            for (uint32_t worker = 0; worker < 3; ++worker)
            {
                const auto capture =
                    folder / ("run/pcap/packets-" + std::to_string(worker) + "-0.pcap");
                const double frames = Number(devices[worker], "frames_j");
                EXPECT_GT(frames, 60);
                EXPECT_NEAR(frames, CountPackets(capture, readyS), 2) << worker;
            }
        }
    }
}

/** A datagram of 300 bytes is three frames of 802.15.4 on their way up; acknowledgements are none.
 */
TEST(WflFleetEnergy, FragmentsAreFrames)
{
    const CleanState clean;
    test::DeviceBench bench("lr-wpan[MaxDatagramBytes=300|RadiusM=1]", 1);
    std::map<StationId, uint32_t> frames;
    bench.channel->TraceConnectWithoutContext(
        "Frame",
        Callback<void, StationId>([&frames](StationId station) { ++frames[station]; }));
    bench.Run([&bench] { bench.Send(0, SERVER, 300); }, Seconds(1));
    EXPECT_EQ(bench.arrivals.size(), 1U);
    uint32_t sent = 0;
    for (const auto& transmission : bench.transmissions)
    {
        sent += transmission.transmitter == 0 ? 1 : 0;
    }
    EXPECT_EQ(sent, 3U);
    EXPECT_EQ(frames[0], sent);
    EXPECT_EQ(frames[SERVER], sent);
}

/** Three access points listen: each at 0.819 W of ns-3's default, and more while they talk. */
TEST(WflFleetEnergy, EveryAccessPointListens)
{
    const auto run = RunScenario({"--channel=dcf[AccessPoints=3]", "--workers=6"});
    ASSERT_EQ(run.devices.size(), 6U + 3U);
    const double endS = Number(run.rounds.back(), "time_s");
    EXPECT_GT(Number(run.rounds.back(), "energy_ap_j"), 3 * 0.819 * endS);
    for (std::size_t i = 6; i < run.devices.size(); ++i)
    {
        EXPECT_GT(Number(run.devices[i], "tx_s"), 0);
        EXPECT_GT(Number(run.devices[i], "rx_s"), 0);
    }
}

/** Workers that do the same at the same time use the same. */
TEST(WflFleetEnergy, EqualWorkersUseEqualEnergy)
{
    for (const std::string device : {"ns3-default", "esp32s2", "phone", "rpi4[FrameJ=0.01]"})
    {
        const auto run = RunScenario({"--channel=ideal[Medium=Dedicated]", "--energy=" + device});
        for (const auto& row : run.devices)
        {
            if (row.at("device").rfind("ap-", 0) != 0)
            {
                EXPECT_EQ(row.at("total_j"), run.devices.front().at("total_j")) << device;
                EXPECT_EQ(row.at("tx_s"), run.devices.front().at("tx_s")) << device;
            }
        }
    }
}

/** Sleep saves what lies between idle and sleep in the time asleep, and changes nothing else. */
TEST(WflFleetEnergy, SleepSavesItsTime)
{
    for (const std::string channel : {"wifi", "dcf", "tdma"})
    {
        SCOPED_TRACE(channel);
        const std::vector<std::string> arguments{"--channel=" + channel, "--workers=8"};
        const auto awake = RunScenario(arguments);
        const auto asleep =
            RunScenario(test::With(arguments, {"--energy=ns3-default[Sleep=true]"}));
        EXPECT_EQ(awake.rounds.back().at("time_s"), asleep.rounds.back().at("time_s"));
        EXPECT_EQ(awake.rounds.back().at("train_loss"), asleep.rounds.back().at("train_loss"));
        for (std::size_t i = 0; i < 8; ++i)
        {
            const auto& before = awake.devices[i];
            const auto& after = asleep.devices[i];
            EXPECT_EQ(before.at("tx_s"), after.at("tx_s"));
            EXPECT_LE(Number(after, "rx_s"), Number(before, "rx_s"));
            EXPECT_GT(Number(after, "sleep_s"), 0);
            EXPECT_LE(Number(after, "radio_j"),
                      Number(before, "radio_j") - 3 * (0.273 - 0.033) * Number(after, "sleep_s") +
                          1e-9);
        }
    }
}

/**
 * A source of ns-3 loses what its device uses, however rarely it looks: idle listening of 10 s at
 * 0.819 W, transmitting of 2 s at 1.14 W, of which it hears only afterwards.
 */
TEST(WflFleetEnergy, SourceLosesWhatIsUsed)
{
    for (const double periodS : {0.3, 7.0})
    {
        const CleanState clean;
        auto profile = CreateObject<DeviceProfile>();
        auto radio = CreateObject<RadioEnergyModel>();
        radio->SetProfile(profile);
        auto node = CreateObject<Node>();
        auto source = CreateObject<BasicEnergySource>();
        source->SetInitialEnergy(1000);
        source->SetEnergyUpdateInterval(Seconds(periodS));
        source->SetNode(node);
        source->AppendDeviceEnergyModel(radio);
        radio->SetEnergySource(source);
        source->Initialize();
        Simulator::Schedule(Seconds(10),
                            [&] { EXPECT_NEAR(source->GetRemainingEnergy(), 1000 - 8.19, 1e-9); });
        Simulator::Schedule(Seconds(13),
                            [&] { radio->Note(RadioState::TX, Seconds(11), Seconds(2)); });
        Simulator::Schedule(Seconds(20),
                            [&]
                            {
                                const double usedJ = 18 * 0.819 + 2 * 1.14;
                                EXPECT_NEAR(source->GetRemainingEnergy(), 1000 - usedJ, 1e-9);
                                EXPECT_NEAR(radio->GetTotalEnergyConsumption(), usedJ, 1e-9);
                            });
        Simulator::Stop(Seconds(21));
        Simulator::Run();
    }
}

} // namespace ns3::wfl
