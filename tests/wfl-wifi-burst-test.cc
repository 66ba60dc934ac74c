/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

/**
 * Round times on Wi-Fi against plain ns-3: the same uplink burst by bare sockets, built here from
 * ns-3's own helpers, without a channel, a transport or an application of this module.
 */

#include "wfl-test-helpers.h"

#include "ns3/arp-cache.h"
#include "ns3/inet-socket-address.h"
#include "ns3/internet-stack-helper.h"
#include "ns3/ipv4-address-helper.h"
#include "ns3/ipv4-interface.h"
#include "ns3/ipv4-l3-protocol.h"
#include "ns3/mobility-helper.h"
#include "ns3/position-allocator.h"
#include "ns3/ssid.h"
#include "ns3/traffic-control-helper.h"
#include "ns3/udp-socket-factory.h"
#include "ns3/wifi-mac-helper.h"
#include "ns3/yans-wifi-helper.h"

#include <algorithm>
#include <cmath>
#include <gtest/gtest.h>
#include <numeric>

namespace ns3::wfl
{

namespace
{

using test::CleanState;

/** One standard and what both sides set for it. */
struct BurstCase
{
    const char* standard;
    WifiStandard ns3Standard;
    const char* channelSettings;
    uint32_t maxAmpduBytes;
};

void
PrintTo(const BurstCase& burst, std::ostream* stream)
{
    *stream << burst.standard;
}

constexpr uint32_t WORKERS = 10;
constexpr uint32_t MODEL_BYTES = 100000; ///< of a softmax with 10 classes and 2499 features
constexpr uint32_t DATAGRAM_BYTES = 1472;
constexpr uint32_t HEADER_BYTES = 16;
constexpr uint32_t RUNS = 5;
constexpr uint32_t ROUNDS = 4; ///< the first one warms up

/** Stations that send a burst of datagrams at the same moment, several times. */
class BareBurst
{
  public:
    explicit BareBurst(const BurstCase& burst)
    {
        Config::SetDefault("ns3::WifiMacQueue::MaxSize", StringValue("1000000p"));
        Config::SetDefault("ns3::WifiMacQueue::MaxDelay", TimeValue(Seconds(1e5)));
        Config::SetDefault("ns3::QosTxop::AddBaResponseTimeout", TimeValue(Seconds(1)));
        Config::SetDefault("ns3::HeConfiguration::MpduBufferSize", UintegerValue(256));
        Config::SetDefault("ns3::HeConfiguration::GuardInterval", TimeValue(NanoSeconds(800)));
        m_stations.Create(WORKERS);
        m_accessPoint.Create(1);
        PlaceNodes();
        const auto devices = InstallWifi(burst);
        InstallInternet(devices);
    }

    /** @return the durations of the bursts but the first, in seconds */
    std::vector<double> Run()
    {
        // All are associated after a second; then one datagram each agrees on block
        // acknowledgement.
        for (uint32_t i = 0; i < WORKERS; ++i)
        {
            Simulator::Schedule(Seconds(1) + MilliSeconds(5 * i), &BareBurst::Send, this, i, 1);
        }
        Simulator::Schedule(Seconds(1.5), &BareBurst::Begin, this);
        Simulator::Stop(Seconds(60));
        Simulator::Run();
        Simulator::Destroy();
        return {m_durations.begin() + 1, m_durations.end()};
    }

  private:
    /** How many datagrams carry a model in segments with headers. */
    static constexpr uint32_t DATAGRAMS =
        (MODEL_BYTES + DATAGRAM_BYTES - HEADER_BYTES - 1) / (DATAGRAM_BYTES - HEADER_BYTES);

    void PlaceNodes()
    {
        MobilityHelper mobility;
        auto disc = CreateObject<UniformDiscPositionAllocator>();
        disc->SetRho(20);
        disc->SetZ(1.5);
        disc->AssignStreams(1);
        mobility.SetPositionAllocator(disc);
        mobility.Install(m_stations);
        auto centre = CreateObject<ListPositionAllocator>();
        centre->Add(Vector(0, 0, 1.5));
        mobility.SetPositionAllocator(centre);
        mobility.Install(m_accessPoint);
    }

    /** @return the access point's device, then the stations' */
    NetDeviceContainer InstallWifi(const BurstCase& burst)
    {
        YansWifiChannelHelper channel;
        channel.SetPropagationDelay("ns3::ConstantSpeedPropagationDelayModel");
        channel.AddPropagationLoss("ns3::LogDistancePropagationLossModel",
                                   "Exponent",
                                   DoubleValue(3),
                                   "ReferenceLoss",
                                   DoubleValue(46.6777));
        YansWifiPhyHelper phy;
        phy.SetChannel(channel.Create());
        phy.Set("ChannelSettings", StringValue(burst.channelSettings));
        WifiHelper wifi;
        wifi.SetStandard(burst.ns3Standard);
        wifi.SetRemoteStationManager("ns3::IdealWifiManager",
                                     "NonUnicastMode",
                                     StringValue("OfdmRate24Mbps"));
        WifiMacHelper mac;
        mac.SetType("ns3::ApWifiMac",
                    "Ssid",
                    SsidValue(Ssid("bare")),
                    "BE_MaxAmpduSize",
                    UintegerValue(burst.maxAmpduBytes),
                    "BE_BlockAckThreshold",
                    UintegerValue(1));
        auto devices = wifi.Install(phy, mac, m_accessPoint);
        mac.SetType("ns3::StaWifiMac",
                    "Ssid",
                    SsidValue(Ssid("bare")),
                    "BE_MaxAmpduSize",
                    UintegerValue(burst.maxAmpduBytes),
                    "BE_BlockAckThreshold",
                    UintegerValue(1));
        devices.Add(wifi.Install(phy, mac, m_stations));
        wifi.AssignStreams(devices, 1000);
        return devices;
    }

    void InstallInternet(const NetDeviceContainer& devices)
    {
        InternetStackHelper internet;
        internet.Install(m_accessPoint);
        internet.Install(m_stations);
        Ipv4AddressHelper addresses("10.9.0.0", "255.255.0.0");
        const auto interfaces = addresses.Assign(devices);
        TrafficControlHelper::Default().Uninstall(devices);
        auto sink = Socket::CreateSocket(m_accessPoint.Get(0), UdpSocketFactory::GetTypeId());
        sink->SetAttribute("RcvBufSize", UintegerValue(1u << 30));
        sink->Bind(InetSocketAddress(Ipv4Address::GetAny(), 9));
        sink->SetRecvCallback(MakeCallback(&BareBurst::Receive, this));
        m_sockets.push_back(sink);
        for (uint32_t i = 0; i < WORKERS; ++i)
        {
            auto ip = m_stations.Get(i)->GetObject<Ipv4L3Protocol>();
            auto cache =
                ip->GetInterface(ip->GetInterfaceForDevice(devices.Get(1 + i)))->GetArpCache();
            auto* entry = cache->Add(interfaces.GetAddress(0));
            entry->SetMacAddress(devices.Get(0)->GetAddress());
            entry->MarkPermanent();
            auto socket = Socket::CreateSocket(m_stations.Get(i), UdpSocketFactory::GetTypeId());
            socket->Connect(InetSocketAddress(interfaces.GetAddress(0), 9));
            m_sockets.push_back(socket);
        }
    }

    void Send(uint32_t station, uint32_t datagrams)
    {
        for (uint32_t i = 0; i < datagrams; ++i)
        {
            const uint32_t rest = MODEL_BYTES - (DATAGRAMS - 1) * (DATAGRAM_BYTES - HEADER_BYTES);
            const bool last = i + 1 == DATAGRAMS;
            m_sockets[1 + station]->Send(
                Create<Packet>(last ? rest + HEADER_BYTES : DATAGRAM_BYTES));
        }
    }

    void Begin()
    {
        m_start = Simulator::Now();
        m_arrived = 0;
        m_running = true;
        for (uint32_t i = 0; i < WORKERS; ++i)
        {
            Send(i, DATAGRAMS);
        }
    }

    void Receive(Ptr<Socket> socket)
    {
        while (socket->Recv())
        {
            if (m_running && ++m_arrived == WORKERS * DATAGRAMS)
            {
                m_running = false;
                m_durations.push_back((Simulator::Now() - m_start).GetSeconds());
                if (m_durations.size() == ROUNDS)
                {
                    Simulator::Stop();
                }
                Simulator::Schedule(MilliSeconds(10), &BareBurst::Begin, this);
            }
        }
    }

    NodeContainer m_stations;
    NodeContainer m_accessPoint;
    std::vector<Ptr<Socket>> m_sockets; ///< the sink, then the stations'
    Time m_start;
    uint32_t m_arrived{0};
    bool m_running{false};
    std::vector<double> m_durations;
};

/** @return from the first upload's begin to the last one's end, of the rounds but the first */
std::vector<double>
UplinkTimes(const BurstCase& burst, uint32_t run)
{
    test::RadioRun radio;
    radio.objective = "softmax";
    radio.dataset = "gaussian-mixture[Features=2499|Classes=10|Samples=100|TestSamples=10]";
    radio.channel = std::string("wifi[Standard=") + burst.standard + "]";
    radio.compute = "constant[Time=10ms]";
    radio.workers = WORKERS;
    radio.batch = 1;
    radio.rounds = ROUNDS;
    radio.runSeed.run = run;
    std::vector<double> times;
    for (const auto& record : test::RunRadio(radio).records)
    {
        Time first = Time::Max();
        Time last;
        for (const auto& worker : record.workers)
        {
            EXPECT_EQ(worker.outcome, Outcome::DELIVERED);
            EXPECT_EQ(worker.payloadBytes, MODEL_BYTES);
            first = std::min(first, *worker.uplinkStart);
            last = std::max(last, *worker.uplinkEnd);
        }
        times.push_back((last - first).GetSeconds());
    }
    return {times.begin() + 1, times.end()};
}

double
MeanOf(const std::vector<double>& values)
{
    return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

class WflWifiBurst : public ::testing::TestWithParam<BurstCase>
{
};

/**
 * Ten workers' uploads of 100 kB each take as long as the same datagrams from bare sockets: what
 * the transport says besides must not disturb them. Means over five runs of three rounds with
 * places and backoffs of their own; the tolerance is 5 %, the standard error of either mean 2 %.
 */
TEST_P(WflWifiBurst, AsLongAsBareSockets)
{
    std::vector<double> ours;
    std::vector<double> bare;
    for (uint32_t run = 1; run <= RUNS; ++run)
    {
        const CleanState clean;
        RngSeedManager::SetRun(run);
        const auto times = UplinkTimes(GetParam(), run);
        ours.insert(ours.end(), times.begin(), times.end());
    }
    for (uint32_t run = 1; run <= RUNS; ++run)
    {
        const CleanState clean;
        RngSeedManager::SetRun(run);
        const auto times = BareBurst(GetParam()).Run();
        ASSERT_EQ(times.size(), ROUNDS - 1);
        bare.insert(bare.end(), times.begin(), times.end());
    }
    EXPECT_NEAR(MeanOf(ours) / MeanOf(bare), 1, 0.05) << MeanOf(ours) << " s, " << MeanOf(bare);
}

INSTANTIATE_TEST_SUITE_P(
    Standards,
    WflWifiBurst,
    ::testing::Values(BurstCase{"80211ax", WIFI_STANDARD_80211ax, "{0, 80, BAND_5GHZ, 0}", 6500631},
                      BurstCase{"80211ac", WIFI_STANDARD_80211ac, "{0, 80, BAND_5GHZ, 0}", 1048575},
                      BurstCase{"80211n", WIFI_STANDARD_80211n, "{0, 20, BAND_5GHZ, 0}", 65535}),
    [](const auto& info) { return std::string(info.param.standard); });

} // namespace

} // namespace ns3::wfl
