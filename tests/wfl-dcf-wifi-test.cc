/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

/**
 * The slotted channel `dcf` and packet-level Wi-Fi: both against Bianchi's saturation throughput,
 * and round times of a federation against each other. More of them, with what they cost, are in
 * doc/validation.md (benchmarks/dcf_validation.py).
 */

#include "ns3/adhoc-wifi-mac.h"
#include "ns3/constant-position-mobility-model.h"
#include "ns3/wfl-channel-model.h"
#include "ns3/wifi-helper.h"
#include "ns3/wifi-mac-helper.h"
#include "ns3/wifi-net-device.h"
#include "ns3/yans-wifi-helper.h"

#include "wfl-test-helpers.h"

#include <cmath>
#include <gtest/gtest.h>
#include <map>

namespace ns3::wfl
{

namespace
{

using test::CleanState;
using test::RadioRun;
using test::RunRadio;

/** A ring of 802.11a stations of ns-3, each of which always has frames for the next one. */
struct SaturatedRing
{
    NetDeviceContainer devices;
    std::map<Address, Ptr<NetDevice>> next; ///< by the address of a station
    std::map<Address, Ptr<NetDevice>> owner;
    uint64_t bytes{0}; ///< that have arrived

    explicit SaturatedRing(uint32_t stations)
    {
        NodeContainer nodes(stations);
        YansWifiPhyHelper phy;
        phy.SetChannel(YansWifiChannelHelper::Default().Create());
        WifiHelper wifi;
        wifi.SetStandard(WIFI_STANDARD_80211a);
        wifi.SetRemoteStationManager("ns3::ConstantRateWifiManager",
                                     "DataMode",
                                     StringValue("OfdmRate54Mbps"),
                                     "MaxSsrc",
                                     UintegerValue(100000));
        WifiMacHelper mac;
        mac.SetType("ns3::AdhocWifiMac");
        devices = wifi.Install(phy, mac, nodes);
        wifi.AssignStreams(devices, 1);
        for (uint32_t i = 0; i < stations; ++i)
        {
            // Closer than a metre everybody hears everybody equally well.
            nodes.Get(i)->AggregateObject(CreateObject<ConstantPositionMobilityModel>());
            const auto device = devices.Get(i);
            owner[device->GetAddress()] = device;
            next[device->GetAddress()] = devices.Get((i + 1) % stations);
            device->SetReceiveCallback(MakeCallback(&SaturatedRing::Receive, this));
        }
        for (uint32_t i = 0; i < stations; ++i)
        {
            Simulator::Schedule(MicroSeconds(100 * i), &SaturatedRing::Start, this, i);
        }
    }

    void Start(uint32_t station)
    {
        for (int i = 0; i < 5; ++i)
        {
            SendFrom(devices.Get(station)->GetAddress());
        }
    }

    void SendFrom(const Address& from)
    {
        owner.at(from)->Send(Create<Packet>(1500), next.at(from)->GetAddress(), 1);
    }

    bool Receive(Ptr<NetDevice>, Ptr<const Packet> packet, uint16_t, const Address& from)
    {
        bytes += packet->GetSize();
        SendFrom(from);
        return true;
    }
};

/** Workers that always have a datagram for the access point of the channel `wifi`. */
struct SaturatedCell
{
    static constexpr uint32_t BYTES = 1400;

    Ptr<ChannelModel> channel;
    uint64_t arrivals{0};

    explicit SaturatedCell(uint32_t workers)
        : channel(TypeRegistry::Get("channel")
                      .Parse("wifi[Standard=80211ac|WidthMhz=20|DataMode=VhtMcs7|RadiusM=0|"
                             "RateControl=ns3::ConstantRateWifiManager]")
                      .Create<ChannelModel>())
    {
        NodeContainer nodes(workers);
        channel->Install(nodes, CreateObject<Node>(), {});
        channel->SetReceiver(MakeCallback(&SaturatedCell::Receive, this));
        channel->TraceConnectWithoutContext("Loss", MakeCallback(&SaturatedCell::NoteLoss, this));
        channel->WhenReady(MakeCallback(&SaturatedCell::Start, this));
    }

    void Start(std::vector<StationId> unreachable)
    {
        EXPECT_TRUE(unreachable.empty());
        for (StationId worker = 0; worker < channel->Workers(); ++worker)
        {
            Send(worker);
        }
    }

    void Send(StationId worker)
    {
        channel->Send(worker, SERVER, Create<Packet>(BYTES));
    }

    void Receive(StationId from, StationId, Ptr<Packet>)
    {
        ++arrivals;
        Send(from);
    }

    void NoteLoss(Direction, StationId worker, const std::string&)
    {
        Simulator::ScheduleNow(&SaturatedCell::Send, this, worker);
    }
};

/**
 * Bianchi, IEEE JSAC 18(3), 2000, equations 7, 9 and 13. In EDCA a counter loses one slot for each
 * busy period, as in his model. Nobody can read a collision, so that all go on after an AIFS.
 * @return Mb/s
 */
double
BianchiMbps(uint32_t stations, double payloadBytes, double dataUs, double ackUs)
{
    constexpr double window = 16;   // CWmin + 1
    constexpr double doublings = 6; // to CWmax + 1 = 1024
    constexpr double slotUs = 9;
    constexpr double sifsUs = 16;
    constexpr double aifsUs = sifsUs + 3 * slotUs;
    double low = 0;
    double high = 1;
    for (int step = 0; step < 100; ++step)
    {
        const double tau = (low + high) / 2;
        const double p = 1 - std::pow(1 - tau, stations - 1);
        const double said =
            2 * (1 - 2 * p) /
            ((1 - 2 * p) * (window + 1) + p * window * (1 - std::pow(2 * p, doublings)));
        (said > tau ? low : high) = tau;
    }
    const double silence = std::pow(1 - low, stations);
    const double success = stations * low * std::pow(1 - low, stations - 1);
    const double slot = silence * slotUs + success * (dataUs + sifsUs + ackUs + aifsUs) +
                        (1 - silence - success) * (dataUs + aifsUs);
    return success * payloadBytes * 8 / slot;
}

/** @return seconds of a round of dense SGD in the mean, but for the first, which has no downlink */
double
RoundTime(const std::string& channel, uint32_t workers, uint32_t features)
{
    constexpr uint64_t runs = 2;
    double sum = 0;
    for (uint64_t run = 1; run <= runs; ++run)
    {
        RadioRun radio;
        radio.objective = "softmax";
        radio.dataset = "gaussian-mixture[Features=" + std::to_string(features) +
                        "|Classes=10|Samples=100|TestSamples=10]";
        radio.batch = 1;
        radio.workers = workers;
        radio.channel = channel;
        radio.rounds = 5;
        radio.runSeed = {1, run};
        RngSeedManager::SetRun(run);
        const auto records = RunRadio(radio).records;
        EXPECT_EQ(records.size(), radio.rounds);
        sum += (records.back().end - records.front().end).GetSeconds() / (radio.rounds - 1);
    }
    return sum / runs;
}

} // namespace

/**
 * Saturation throughput of ns-3's own 802.11a devices, 54 Mb/s, 1500 bytes: Bianchi's, as in
 * WflDcf.SaturationIsBianchis, within 1.5 %.
 */
TEST(WflDcfWifi, SaturationOfNs3IsBianchis)
{
    for (const auto& [stations, mbps] : std::map<uint32_t, double>{{5, 29.8324}, {10, 28.1519}})
    {
        const CleanState clean;
        SaturatedRing ring(stations);
        const Time warmUp = MilliSeconds(100);
        Simulator::Stop(warmUp);
        Simulator::Run();
        const uint64_t before = ring.bytes;
        const Time duration = Seconds(5);
        Simulator::Stop(duration);
        Simulator::Run();
        const double got =
            static_cast<double>(ring.bytes - before) * 8 / duration.GetSeconds() / 1e6;
        EXPECT_NEAR(got, mbps, 0.015 * mbps) << stations;
    }
}

/**
 * Saturation throughput of the channel `wifi`, 802.11ac: Bianchi's within 1.5 %. With many more
 * stations ns-3's limit of 7 retries, which Bianchi does not have, takes off more than that.
 */
TEST(WflDcfWifi, SaturationOfTheChannelIsBianchis)
{
    // 1400 bytes, UDP and IPv4 28, LLC 8, MAC 30; delimiter of 4; 260 bits a symbol; preamble 36
    // us.
    const double octets = 4 + std::ceil((SaturatedCell::BYTES + 28 + 8 + 30) / 4.0) * 4;
    const double dataUs = 36 + 4 * std::ceil((16 + 8 * octets + 6) / 260);
    const double ackUs = 20 + 4 * std::ceil((16 + 8 * 14 + 6) / 96.0); // at 24 Mb/s
    for (const uint32_t workers : {5, 12})
    {
        const CleanState clean;
        SaturatedCell cell(workers);
        Simulator::Stop(Seconds(1));
        Simulator::Run();
        const uint64_t before = cell.arrivals;
        constexpr double durationS = 4;
        Simulator::Stop(Seconds(durationS));
        Simulator::Run();
        const double got = static_cast<double>(cell.arrivals - before) * SaturatedCell::BYTES * 8 /
                           durationS / 1e6;
        const double mbps = BianchiMbps(workers, SaturatedCell::BYTES, dataUs, ackUs);
        EXPECT_NEAR(got, mbps, 0.015 * mbps) << workers;
    }
}

/** The mean duration of a round is that of packet-level Wi-Fi within 10 %. */
TEST(WflDcfWifi, RoundTimes)
{
    const CleanState clean;
    const std::string ac = "[RadiusM=5|Standard=80211ac|WidthMhz=20|DataMode=VhtMcs7";
    const std::string ax = "[RadiusM=5|Standard=80211ax|WidthMhz=80|DataMode=HeMcs7";
    struct Cell
    {
        std::string attributes;
        uint32_t workers;
        uint32_t features; ///< 40 bytes each
    };
    // With and without RTS; the last one with collisions of A-MPDUs as short as BlockAckReqs'
    // frames.
    for (const auto& [attributes, workers, features] :
         {Cell{ac, 5, 2499}, Cell{ac, 20, 2499}, Cell{ax, 20, 2499}, Cell{ax, 30, 249}})
    {
        const double dcf = RoundTime("dcf" + attributes + "]", workers, features);
        const double wifi =
            RoundTime("wifi" + attributes + "|RateControl=ns3::ConstantRateWifiManager]",
                      workers,
                      features);
        EXPECT_NEAR(dcf, wifi, 0.1 * wifi) << attributes << ", " << workers << ", " << features;
    }
}

} // namespace ns3::wfl
