/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

/**
 * Energy and airtime: against ns-3's own model of a radio's energy, against closed forms, and
 * against known durations of frames.
 */

#include "ns3/wfl-radio-energy-model.h"

#include "ns3/basic-energy-source-helper.h"
#include "ns3/double.h"
#include "ns3/wfl-airtime-meter.h"
#include "ns3/wfl-fleet-energy.h"
#include "ns3/wfl-wifi-channel.h"
#include "ns3/wifi-phy-state-helper.h"
#include "ns3/wifi-phy.h"
#include "ns3/wifi-radio-energy-model-helper.h"
#include "ns3/wifi-radio-energy-model.h"

#include "wfl-test-helpers.h"

#include <cmath>
#include <gtest/gtest.h>

namespace ns3::wfl
{

namespace
{

using test::CleanState;
using test::RadioRun;
using test::RunRadio;

constexpr double VOLTAGE_V = 3;

/** Everything that a channel put on the air. */
struct Listener
{
    std::vector<Transmission> transmissions;

    void Note(const Transmission& transmission)
    {
        EXPECT_EQ(transmission.start, Simulator::Now());
        transmissions.push_back(transmission);
    }

    void Listen(FederationHelper& helper)
    {
        helper.Channel()->TraceConnectWithoutContext("Transmission",
                                                     MakeCallback(&Listener::Note, this));
    }
};

/** @return the radio of a station on a channel with one access point */
Ptr<const RadioEnergyModel>
RadioOf(const FleetEnergy& energy, StationId station)
{
    return station == SERVER ? energy.AccessPointRadio(0)
                             : Ptr<const RadioEnergyModel>(energy.Device(station).radio);
}

/** ns-3's own energy model on every Wi-Fi device, and ours beside it. */
struct Oracle
{
    std::map<StationId, Ptr<WifiRadioEnergyModel>> models;
    std::map<StationId, Ptr<WifiNetDevice>> devices;
    Ptr<const FleetEnergy> energy;           ///< our models
    std::map<std::string, double> currentsA; ///< of ns-3's model, by attribute
    std::map<StationId, double> readyJ;      ///< what ours had counted more at the ready time

    /** What our models are told later of the time before the ready time does not count. */
    void NoteReady(const std::vector<StationId>& /* workers */)
    {
        for (const auto& [station, model] : models)
        {
            readyJ[station] =
                RadioOf(*energy, station)->EnergyJ() - model->GetTotalEnergyConsumption();
        }
    }

    void Install(FederationHelper& helper)
    {
        const auto channel = DynamicCast<WifiChannel>(helper.Channel());
        energy = helper.Energy();
        BasicEnergySourceHelper sources;
        sources.Set("BasicEnergySourceInitialEnergyJ", DoubleValue(1e9));
        sources.Set("BasicEnergySupplyVoltageV", DoubleValue(VOLTAGE_V));
        WifiRadioEnergyModelHelper radios;
        for (const auto& [name, currentA] : currentsA)
        {
            radios.Set(name, DoubleValue(currentA));
        }
        std::vector<StationId> stations{SERVER};
        for (StationId worker = 0; worker < channel->Workers(); ++worker)
        {
            stations.push_back(worker);
        }
        for (const StationId station : stations)
        {
            const auto device = channel->GetWifiDevice(station);
            const auto source = sources.Install(device->GetNode());
            const auto model = radios.Install(device, source.Get(0));
            models[station] = DynamicCast<WifiRadioEnergyModel>(model.Get(0));
            devices[station] = device;
        }
        helper.Server()->TraceConnectWithoutContext("Ready",
                                                    MakeCallback(&Oracle::NoteReady, this));
    }

    bool IsQuiet() const
    {
        for (const auto& [station, device] : devices)
        {
            if (device->GetPhy()->GetState()->GetState() != WifiPhyState::IDLE)
            {
                return false;
            }
        }
        return true;
    }

    /**
     * Lets time pass until every radio has reported the end of what it was doing: a run ends within
     * the reception of the last upload.
     */
    void WaitForQuiet() const
    {
        int i = 0;
        do
        {
            Simulator::Stop(MicroSeconds(100));
            Simulator::Run();
        } while (!IsQuiet() && ++i < 1000);
        ASSERT_TRUE(IsQuiet());
    }
};

/** Sum of the states' times. */
Time
Total(const RadioEnergyModel& radio)
{
    Time total;
    for (std::size_t i = 0; i < RadioEnergyModel::STATES; ++i)
    {
        const Time time = radio.TimeIn(static_cast<RadioState>(i));
        EXPECT_GE(time, Seconds(0));
        total += time;
    }
    return total;
}

Ptr<RadioEnergyModel>
MakeRadio(Ptr<DeviceProfile> profile = CreateObject<DeviceProfile>())
{
    auto radio = CreateObject<RadioEnergyModel>();
    radio->SetProfile(profile);
    return radio;
}

} // namespace

/** E = V (I_idle t_idle + I_tx t_tx + I_rx t_rx + ...), by hand. */
TEST(WflEnergy, RadioByHand)
{
    const CleanState clean;
    auto radio = MakeRadio();
    Simulator::Schedule(Seconds(10),
                        [&radio]
                        {
                            EXPECT_NEAR(radio->EnergyJ(), 8.19, 1e-12) << "10 s at 0.819 W";
                            EXPECT_EQ(radio->MarginalJ(), 0);
                            radio->Note(RadioState::TX, Seconds(1), Seconds(2));
                            radio->Note(RadioState::RX, Seconds(4), Seconds(1));
                            radio->Note(RadioState::CCA_BUSY, Seconds(5), MilliSeconds(500));
                            radio->Note(RadioState::SLEEP, Seconds(6), Seconds(1));
                            radio->Note(RadioState::OFF, Seconds(7), Seconds(1));
                            const double expected = 3 * (0.380 * 2 + 0.313 * 1 + 0.273 * 0.5 +
                                                         0.033 * 1 + 0 * 1 + 0.273 * 4.5);
                            EXPECT_NEAR(radio->EnergyJ(), expected, 1e-12);
                            EXPECT_NEAR(radio->EnergyIn(RadioState::TX), 3 * 0.380 * 2, 1e-12);
                            EXPECT_NEAR(radio->MarginalJ(), expected - 3 * 0.273 * 9, 1e-12)
                                << "a radio that is off would not idle either";
                            EXPECT_EQ(Total(*radio), Seconds(10));
                            EXPECT_EQ(radio->TimeIn(RadioState::IDLE), MilliSeconds(4500));
                        });
    Simulator::Run();
}

/** Where reports overlap, the earlier one holds; what is still to come does not count yet. */
TEST(WflEnergy, OverlappingReports)
{
    const CleanState clean;
    auto radio = MakeRadio();
    Simulator::Schedule(Seconds(10),
                        [&radio]
                        {
                            radio->Note(RadioState::TX, Seconds(1), Seconds(4));
                            radio->Note(RadioState::RX, Seconds(2), Seconds(1));
                            radio->Note(RadioState::RX, Seconds(4), Seconds(3));
                            radio->Note(RadioState::TX, Seconds(9), Seconds(5));
                            EXPECT_EQ(radio->TimeIn(RadioState::TX), Seconds(5));
                            EXPECT_EQ(radio->TimeIn(RadioState::RX), Seconds(2));
                            EXPECT_EQ(Total(*radio), Seconds(10));
                        });
    Simulator::Run();
}

/**
 * Asleep, a radio hears nothing but what wakes it, which counts from its beginning; it gets up for
 * what it sends. Off, it does nothing, and what was announced does not come about.
 */
TEST(WflEnergy, SleepAndOff)
{
    const CleanState clean;
    auto radio = MakeRadio();
    const auto at = [](double time, auto what)
    {
        Simulator::Schedule(Seconds(time), what);
    };
    at(1, [&] { radio->Sleep(); });
    at(3, [&] { radio->Note(RadioState::RX, Seconds(0.5), Seconds(2)); }); // half awake
    at(4, [&] { radio->Note(RadioState::CCA_BUSY, Seconds(3), Seconds(1)); });
    at(5, [&] { radio->Note(RadioState::TX, Seconds(5), Seconds(1)); });
    at(8, [&] { radio->Note(RadioState::RX, Seconds(7), Seconds(1)); }); // of no use
    at(10, [&] { radio->Note(RadioState::RX, Seconds(9), Seconds(1)); });
    at(10, [&] { radio->Wake(); });
    at(11,
       [&]
       {
           EXPECT_EQ(radio->TimeIn(RadioState::RX), Seconds(0.5 + 1));
           EXPECT_EQ(radio->TimeIn(RadioState::TX), Seconds(1));
           EXPECT_EQ(radio->TimeIn(RadioState::SLEEP), Seconds((5 - 1) + (9 - 6)));
           EXPECT_EQ(radio->TimeIn(RadioState::IDLE), Seconds(0.5 + 1));
           EXPECT_EQ(Total(*radio), Seconds(11));
           radio->Note(RadioState::TX, Seconds(11), Seconds(5)); // until 16
           radio->Note(RadioState::RX, Seconds(17), Seconds(1));
       });
    at(12, [&] { radio->SetOn(false); });
    at(13, [&] { radio->Note(RadioState::TX, Seconds(13), Seconds(1)); });
    at(14, [&] { radio->Wake(); });
    at(15, [&] { radio->SetOn(true); });
    at(20,
       [&]
       {
           EXPECT_EQ(radio->TimeIn(RadioState::TX), Seconds(2));
           EXPECT_EQ(radio->TimeIn(RadioState::OFF), Seconds(3));
           EXPECT_EQ(radio->TimeIn(RadioState::RX), Seconds(1.5));
           EXPECT_EQ(Total(*radio), Seconds(20));
       });
    Simulator::Run();
}

/** What is told after energy has begun to count, of the time before, does not count. */
TEST(WflEnergy, ForgetsWhatWas)
{
    const CleanState clean;
    auto radio = MakeRadio();
    Simulator::Schedule(Seconds(2), [&] { radio->ForgetWhatWas(); });
    Simulator::Schedule(Seconds(3),
                        [&]
                        {
                            radio->Note(RadioState::CCA_BUSY, Seconds(0.5), Seconds(1));
                            radio->Note(RadioState::RX, Seconds(1.75), Seconds(0.5));
                        });
    Simulator::Schedule(Seconds(4),
                        [&]
                        {
                            EXPECT_EQ(radio->TimeIn(RadioState::CCA_BUSY), Seconds(0));
                            EXPECT_EQ(radio->TimeIn(RadioState::RX), Seconds(0.25));
                            EXPECT_EQ(Total(*radio), Seconds(4));
                        });
    Simulator::Run();
}

/**
 * The same as ns-3's WifiRadioEnergyModel on the same devices, to a relative 1e-6; with equal
 * currents for idle and busy as by default, and with different ones. (With one worker: see below.)
 */
TEST(WflEnergy, WifiAsNs3)
{
    const CleanState clean;
    for (const double ccaBusyA : {0.273, 0.2})
    {
        for (const std::string channel : {"wifi", "wifi[Standard=80211n]", "wifi[Backhaul=true]"})
        {
            SCOPED_TRACE(channel);
            Oracle oracle;
            // Our meter has no state of its own for switching channels.
            oracle.currentsA = {{"CcaBusyCurrentA", ccaBusyA}, {"SwitchingCurrentA", ccaBusyA}};
            RadioRun run;
            run.device = "ns3-default[CcaBusyA=" + std::to_string(ccaBusyA) + "]";
            run.accessPoint = run.device;
            run.channel = channel;
            run.objective = "mlp[Hidden=1000]";
            run.workers = 1;
            run.prepare = [&oracle](FederationHelper& helper)
            {
                oracle.Install(helper);
            };
            run.inspect = [&oracle](FederationHelper& /* helper */)
            {
                oracle.WaitForQuiet();
                EXPECT_EQ(oracle.models.size(), 2U);
                for (const auto& [station, model] : oracle.models)
                {
                    const double expected = model->GetTotalEnergyConsumption();
                    EXPECT_GT(expected, VOLTAGE_V * 0.2 * Simulator::Now().GetSeconds());
                    EXPECT_NEAR(RadioOf(*oracle.energy, station)->EnergyJ(),
                                expected + oracle.readyJ.at(station),
                                1e-6 * expected);
                    EXPECT_NEAR(oracle.readyJ.at(station), 0, 1e-4 * expected);
                    EXPECT_EQ(Total(*RadioOf(*oracle.energy, station)), Simulator::Now());
                }
            };
            RunRadio(run);
        }
    }
}

/**
 * The time in each state, with several workers that collide. In ns-3.37 a radio that transmits
 * while another frame arrives is told of a busy medium, upon which ns-3's energy model takes it
 * out of the transmitting state: with collisions it counts too little. So the time of transmitting
 * is held against the durations of the frames, that of receiving against ns-3's energy model,
 * which tells the time in one state if only that has a current of its own.
 */
TEST(WflEnergy, StatesUnderCollisions)
{
    const CleanState clean;
    constexpr double baseA = 1e-3; // of the other states; ns-3 divides by it
    Oracle oracle;
    for (const std::string other :
         {"IdleCurrentA", "CcaBusyCurrentA", "RxCurrentA", "TxCurrentA", "SwitchingCurrentA"})
    {
        oracle.currentsA[other] = other == "RxCurrentA" ? 1 : baseA;
    }
    Listener listener;
    RadioRun run;
    run.channel = "wifi";
    run.objective = "mlp[Hidden=1000]";
    run.workers = 6;
    run.prepare = [&](FederationHelper& helper)
    {
        oracle.Install(helper);
        listener.Listen(helper);
    };
    run.inspect = [&](FederationHelper& /* helper */)
    {
        oracle.WaitForQuiet();
        const double now = Simulator::Now().GetSeconds();
        for (const auto& [station, model] : oracle.models)
        {
            SCOPED_TRACE(station);
            const double ampereSeconds = model->GetTotalEnergyConsumption() / VOLTAGE_V;
            const double expected = (ampereSeconds - baseA * now) / (1 - baseA);
            EXPECT_NEAR(RadioOf(*oracle.energy, station)->TimeIn(RadioState::RX).GetSeconds(),
                        expected,
                        1e-6 * expected);
            Time sent;
            for (const auto& transmission : listener.transmissions)
            {
                sent += transmission.transmitter == station ? transmission.duration : Seconds(0);
            }
            EXPECT_EQ(RadioOf(*oracle.energy, station)->TimeIn(RadioState::TX), sent);
            EXPECT_EQ(Total(*RadioOf(*oracle.energy, station)), Simulator::Now());
            EXPECT_GT(RadioOf(*oracle.energy, station)->TimeIn(RadioState::CCA_BUSY), Seconds(0));
        }
    };
    RunRadio(run);
}

/** On a channel that is a formula: t_tx and t_rx are bytes over rates. */
TEST(WflEnergy, IdealByHand)
{
    const CleanState clean;
    Listener listener;
    RadioRun run;
    run.channel = "ideal[UplinkRate=1Mbps|DownlinkRate=2Mbps|Medium=Shared]";
    run.prepare = [&](FederationHelper& helper)
    {
        listener.Listen(helper);
    };
    run.inspect = [&](FederationHelper& helper)
    {
        const double now = Simulator::Now().GetSeconds();
        for (const StationId station : {0U, 4U, SERVER})
        {
            double sent = 0;
            double heard = 0;
            for (const auto& transmission : listener.transmissions)
            {
                const bool down = transmission.direction == Direction::DOWN;
                const double time = transmission.bytes * 8 / (down ? 2e6 : 1e6);
                const bool mine = transmission.transmitter == station;
                const bool forMe = station == SERVER ? !down
                                                     : down && (transmission.worker == GROUP ||
                                                                transmission.worker == station);
                sent += mine ? time : 0;
                heard += forMe ? time : 0;
            }
            EXPECT_GT(sent, 0);
            EXPECT_GT(heard, 0);
            const double idle = now - sent - heard;
            const double expected = VOLTAGE_V * (0.380 * sent + 0.313 * heard + 0.273 * idle);
            const auto radio = RadioOf(*helper.Energy(), station);
            EXPECT_NEAR(radio->EnergyJ(), expected, 1e-6 * expected);
            EXPECT_EQ(Total(*radio), Simulator::Now());
        }
    };
    RunRadio(run);
}

/** Compute energy is power times time; time is a constant, or work over speed. */
TEST(WflEnergy, ComputeByHand)
{
    const test::TempFolder folder;
    auto result = test::CallScenario(
        test::With(test::SMALL_ARGUMENTS,
                   {"--compute=constant[Time=20ms|PowerW=2.5]", "--output=" + folder / "a"}));
    ASSERT_EQ(result.code, 0) << result.err;
    for (const auto& row : test::ReadCsv(folder / "a/workers.csv"))
    {
        EXPECT_NEAR(std::stod(row.at("energy_compute_j")), 0.05, 1e-12);
        const double computed =
            std::stod(row.at("compute_end_s")) - std::stod(row.at("uplink_start_s"));
        EXPECT_EQ(computed, 0) << "it uploads when it has computed";
    }
    const auto rows = test::ReadCsv(folder / "a/rounds.csv");
    for (std::size_t i = 0; i < rows.size(); ++i)
    {
        EXPECT_NEAR(std::stod(rows[i].at("energy_compute_j")),
                    5 * 0.05 * static_cast<double>(i + 1),
                    1e-12);
    }

    const CleanState clean;
    auto compute = TypeRegistry::Get("compute")
                       .Parse("flops[Speed=2e9|OperationsPerCoordinate=10|Fixed=3ms|PowerW=4]")
                       .Create<ComputeModel>();
    compute->Start(20, {1, 1});
    ComputeTask task{3, 0, 0, {}, 2000000, 1e6};
    task.work.samples = 100;
    task.work.encodedCoordinates = 5000000;
    // (2e6 coordinates * 10, 100 samples * 1e6, 5e6 coordinates * 10) / 2e9, and 3 ms.
    const auto cost = compute->Cost(task);
    EXPECT_NEAR(cost.decodeS, 0.010, 1e-15);
    EXPECT_NEAR(cost.trainS, 0.053, 1e-15);
    EXPECT_NEAR(cost.encodeS, 0.025, 1e-15);
    EXPECT_EQ(cost.trainW, 4);
    EXPECT_EQ(cost.codecW, 4);
}

/** The meter of airtime: the union for busy, sums for the rest. */
TEST(WflEnergy, AirtimeByHand)
{
    const CleanState clean;
    AirtimeMeter meter(2);
    const auto note = [&meter](double from, double length, uint32_t domain, Direction direction)
    {
        meter.Note({Seconds(from), Seconds(length), domain, 1, direction, 1, 100});
    };
    Simulator::Schedule(Seconds(10),
                        [&]
                        {
                            note(1, 2, 0, Direction::UP);
                            note(2, 2, 0, Direction::UP);   // overlaps by 1 s
                            note(2.5, 1, 0, Direction::UP); // within the one before
                            note(2, 1, 1, Direction::DOWN); // in another domain
                            note(6, 1, 0, Direction::NONE);
                            note(9, 3, 0, Direction::DOWN); // 2 s of it are still to come
                            const auto reading = meter.Read();
                            EXPECT_EQ(reading.uplink, Seconds(5));
                            EXPECT_EQ(reading.downlink, Seconds(4));
                            EXPECT_EQ(reading.other, Seconds(1));
                            EXPECT_EQ(reading.busy.at(0), Seconds(3 + 1 + 1));
                            EXPECT_EQ(reading.busy.at(1), Seconds(1));
                            EXPECT_EQ(reading.uplinkBytes, 300U);
                            EXPECT_EQ(reading.downlinkBytes, 200U);
                            EXPECT_EQ(meter.TransmitTime(1), Seconds(10));
                            EXPECT_EQ(meter.UplinkBytes(1), 300U);
                        });
    Simulator::Run();
}

/**
 * Durations of frames on the air are those of the standard:
 *  - OFDM (17.3.2.4 of IEEE 802.11-2020): 20 us + 4 us * ceil((16 + 8 L + 6) / N_DBPS), with
 *    N_DBPS = 4 * rate in Mbit/s; so an acknowledgement of 14 bytes takes 28 us at 24 Mbit/s;
 *  - HE (27.3.11 of IEEE 802.11ax-2021): data frames at HeMcs7, one stream, 20 MHz: symbols of
 *    12.8 us and a guard interval, with 234 * 6 * 5 / 6 = 1170 bits each, behind a preamble of 20
 *    (legacy, RL-SIG excepted) + 4 (RL-SIG) + 8 (HE-SIG-A) + 4 (HE-STF) + 8 us (HE-LTF; ns-3 takes
 *    a long training field of 8 us with every guard interval).
 */
TEST(WflEnergy, DurationsOfFrames)
{
    const CleanState clean;
    const auto ofdm = [](uint32_t bytes, uint32_t mbps)
    {
        return MicroSeconds(20 + 4 * ((16 + 8 * bytes + 6 + 4 * mbps - 1) / (4 * mbps)));
    };
    // Bytes of the frame: 128 of UDP's data, 8 UDP, 20 IP, 8 LLC, 26 MAC, 4 FCS.
    constexpr uint32_t dataBytes = 128 + 8 + 20 + 8 + 26 + 4;
    // 4 bytes more, the delimiter, in an A-MPDU of one.
    constexpr uint32_t ampduBytes = dataBytes + 4;
    struct Case
    {
        std::string attribute;
        int64_t symbolNs; ///< with its guard interval
    };
    const std::vector<Case> cases{{"", 13600},
                                  {"|HeGuardInterval=800ns", 13600},
                                  {"|HeGuardInterval=3200ns", 16000}};
    for (const auto& [attribute, symbolNs] : cases)
    {
        SCOPED_TRACE(attribute);
        Listener listener;
        RadioRun run;
        run.channel = "wifi[WidthMhz=20|RateControl=ns3::ConstantRateWifiManager|DataMode=HeMcs7" +
                      attribute + "]";
        run.workers = 1;
        run.objective = "softmax"; // 28 parameters, a single datagram of 112 + 16 bytes
        run.prepare = [&listener](FederationHelper& helper)
        {
            listener.Listen(helper);
        };
        RunRadio(run);
        uint32_t acknowledgements = 0;
        uint32_t beacons = 0;
        std::map<Direction, uint32_t> data;
        for (const auto& transmission : listener.transmissions)
        {
            if (transmission.bytes == 14)
            {
                EXPECT_TRUE(transmission.duration == ofdm(14, 24) ||
                            transmission.duration == ofdm(14, 12) ||
                            transmission.duration == ofdm(14, 6))
                    << transmission.duration;
                acknowledgements += transmission.duration == MicroSeconds(28);
            }
            else if (transmission.direction == Direction::NONE)
            {
                // Beacons and association go at the mode of group frames or the lowest one.
                EXPECT_TRUE(transmission.duration == ofdm(transmission.bytes, 24) ||
                            transmission.duration == ofdm(transmission.bytes, 6))
                    << transmission.duration << " " << transmission.bytes;
                ++beacons;
            }
            else if (transmission.bytes == ampduBytes || transmission.bytes == dataBytes)
            {
                const auto bits = 16 + 8 * transmission.bytes + 6; // with service and tail bits
                const auto symbols = (bits + 1169) / 1170;
                EXPECT_EQ(symbols, 2U);
                EXPECT_EQ(transmission.duration, NanoSeconds(44000 + symbols * symbolNs));
                ++data[transmission.direction];
            }
        }
        EXPECT_GT(acknowledgements, 0U);
        EXPECT_GT(beacons, 0U);
        EXPECT_GE(data[Direction::UP], run.rounds);
        EXPECT_GE(data[Direction::DOWN], run.rounds - 1);
    }
}

/** One worker alone never talks at the same time as the access point: busy is the sum. */
TEST(WflEnergy, BusyIsTheSumForOneWorker)
{
    const CleanState clean;
    Listener listener;
    AirtimeMeter meter(1);
    RadioRun run;
    run.channel = "wifi";
    run.workers = 1;
    run.objective = "mlp[Hidden=2000]";
    run.prepare = [&listener](FederationHelper& helper)
    {
        listener.Listen(helper);
    };
    run.inspect = [&](FederationHelper& /* helper */)
    {
        Time sum;
        for (const auto& transmission : listener.transmissions)
        {
            meter.Note(transmission);
            sum += transmission.duration;
        }
        const auto& last = listener.transmissions.back();
        sum -= std::max(last.start + last.duration - Simulator::Now(), Seconds(0));
        const auto reading = meter.Read();
        EXPECT_EQ(reading.busy.at(0), sum);
        EXPECT_LE(reading.busy.at(0), Simulator::Now());
    };
    RunRadio(run);
}

/** With many workers, collisions are counted once in busy, and busy never exceeds the time. */
TEST(WflEnergy, BusyNeverExceedsTime)
{
    const test::TempFolder folder;
    const auto result = test::CallScenario(test::With(test::SMALL_ARGUMENTS,
                                                      {"--channel=wifi",
                                                       "--workers=20",
                                                       "--objective=mlp[Hidden=1000]",
                                                       "--output=" + folder / "run"}));
    ASSERT_EQ(result.code, 0) << result.err;
    for (const auto& row : test::ReadCsv(folder / "run/rounds.csv"))
    {
        const double busy = std::stod(row.at("airtime_busy_s"));
        EXPECT_LE(busy, std::stod(row.at("time_s")));
        EXPECT_GT(busy, 0);
        // Energy of 20 radios: above idle listening, below transmitting all the time.
        const double time = std::stod(row.at("time_s"));
        EXPECT_GT(std::stod(row.at("energy_radio_j")), 20 * time * 0.819 * (1 - 1e-6));
        EXPECT_LT(std::stod(row.at("energy_radio_j")), 20 * time * 1.14);
        EXPECT_NEAR(std::stod(row.at("energy_radio_marginal_j")),
                    std::stod(row.at("energy_radio_j")) - 20 * time * 0.819,
                    1e-6);
    }
}

} // namespace ns3::wfl
