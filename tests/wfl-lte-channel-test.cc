/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

/**
 * LTE against the largest transport blocks of the standard and against a program that uses ns-3's
 * LTE in the way of its examples.
 */

#include "ns3/wfl-lte-channel.h"

#include "ns3/internet-stack-helper.h"
#include "ns3/ipv4-address-helper.h"
#include "ns3/ipv4-static-routing-helper.h"
#include "ns3/mobility-helper.h"
#include "ns3/point-to-point-epc-helper.h"
#include "ns3/point-to-point-helper.h"
#include "ns3/udp-socket-factory.h"

#include "wfl-device-bench.h"
#include "wfl-test-helpers.h"

#include <algorithm>
#include <gtest/gtest.h>

namespace ns3::wfl
{

namespace
{

using test::CleanState;
using test::DeviceBench;
using test::RadioRun;
using test::RunRadio;
using test::RunReference;

/** 3GPP TS 36.213, table 7.1.7.2.1-1: 18,336 bits for 25 resource blocks and index 26. */
constexpr uint32_t LARGEST_BLOCK_BYTES = 18336 / 8;

constexpr uint32_t BURST = 100;
constexpr uint32_t BYTES = 1000;

/** The burst of a worker over ns-3's LTE, as in its example lena-simple-epc. */
struct ExampleProgram
{
    Ptr<Socket> sender;
    Ptr<Socket> receiver;
    Ipv4Address to;
    Time sent;
    Time arrived;
    uint32_t count{0};

    void Send()
    {
        sent = Simulator::Now();
        for (uint32_t i = 0; i < BURST; ++i)
        {
            sender->SendTo(Create<Packet>(BYTES), 0, InetSocketAddress(to, 9));
        }
    }

    void Receive(Ptr<Socket> socket)
    {
        while (socket->Recv())
        {
            ++count;
            arrived = Simulator::Now();
        }
    }

    /** @return how long the burst takes at 50 m */
    Time Run(bool up)
    {
        Simulator::Destroy();
        Config::SetDefault("ns3::LteRlcUm::MaxTxBufferSize", UintegerValue(10000000));
        auto lte = CreateObject<LteHelper>();
        auto epc = CreateObject<PointToPointEpcHelper>();
        lte->SetEpcHelper(epc);
        lte->SetAttribute("PathlossModel", StringValue("ns3::LogDistancePropagationLossModel"));
        lte->SetPathlossModelAttribute("ReferenceLoss", DoubleValue(38.97));
        NodeContainer host(1);
        NodeContainer enb(1);
        NodeContainer ue(1);
        InternetStackHelper internet;
        internet.Install(host);
        PointToPointHelper p2p;
        p2p.SetDeviceAttribute("DataRate", StringValue("1Gbps"));
        p2p.SetChannelAttribute("Delay", StringValue("1ms"));
        const auto link = p2p.Install(epc->GetPgwNode(), host.Get(0));
        Ipv4AddressHelper addresses("1.0.0.0", "255.0.0.0");
        const auto wired = addresses.Assign(link);
        Ipv4StaticRoutingHelper routing;
        routing.GetStaticRouting(host.Get(0)->GetObject<Ipv4>())
            ->AddNetworkRouteTo("7.0.0.0", "255.0.0.0", 1);
        MobilityHelper mobility;
        mobility.Install(enb);
        mobility.Install(ue);
        ue.Get(0)->GetObject<MobilityModel>()->SetPosition({50, 0, 0});
        const auto enbDevice = lte->InstallEnbDevice(enb);
        const auto ueDevice = lte->InstallUeDevice(ue);
        internet.Install(ue);
        const auto ueAddress = epc->AssignUeIpv4Address(ueDevice);
        routing.GetStaticRouting(ue.Get(0)->GetObject<Ipv4>())
            ->SetDefaultRoute(epc->GetUeDefaultGatewayAddress(), 1);
        lte->Attach(ueDevice, enbDevice.Get(0));
        const auto from = up ? ue.Get(0) : host.Get(0);
        const auto at = up ? host.Get(0) : ue.Get(0);
        to = up ? wired.GetAddress(1) : ueAddress.GetAddress(0);
        sender = Socket::CreateSocket(from, UdpSocketFactory::GetTypeId());
        receiver = Socket::CreateSocket(at, UdpSocketFactory::GetTypeId());
        receiver->Bind(InetSocketAddress(Ipv4Address::GetAny(), 9));
        receiver->SetRecvCallback(MakeCallback(&ExampleProgram::Receive, this));
        Simulator::Schedule(Seconds(1), &ExampleProgram::Send, this);
        Simulator::Stop(Seconds(3));
        Simulator::Run();
        Simulator::Destroy();
        EXPECT_EQ(count, BURST);
        return arrived - sent;
    }
};

/** Sends a burst a while after the channel has become ready. */
void
RunBurst(DeviceBench& bench, bool up, Time longest = Seconds(3))
{
    bench.Run(
        [&bench, up]
        {
            Simulator::Schedule(Seconds(1) - Simulator::Now(),
                                [&bench, up]
                                {
                                    bench.ready = Simulator::Now();
                                    for (uint32_t i = 0; i < BURST; ++i)
                                    {
                                        bench.Send(up ? 0 : SERVER, up ? SERVER : 0, BYTES);
                                    }
                                });
        },
        longest);
}

} // namespace

/** A burst takes as long as in that program, but for the subframe in which it begins. */
TEST(WflLteChannel, AsInTheExampleProgram)
{
    const CleanState clean;
    for (const bool up : {true, false})
    {
        const Time expected = ExampleProgram().Run(up);
        DeviceBench bench("lte[RadiusM=50]", 1);
        RunBurst(bench, up);
        ASSERT_EQ(bench.arrivals.size(), BURST);
        EXPECT_NEAR(bench.arrivals.back().time.GetSeconds(), expected.GetSeconds(), 0.002) << up;
        EXPECT_GT(bench.channel->SnrDb(0), 10);
    }
}

/** What is on the air: the data of subframes, none with more than the largest transport block. */
TEST(WflLteChannel, Subframes)
{
    const CleanState clean;
    for (const bool up : {true, false})
    {
        // 13 of the 14 symbols of a subframe, the last being for sounding; 11, after 3 of control.
        const Time data = NanoSeconds((up ? 13 : 11) * 1000000 / 14 - 1);
        DeviceBench bench("lte[RadiusM=20]", 1);
        RunBurst(bench, up);
        ASSERT_EQ(bench.arrivals.size(), BURST);
        uint64_t bytes = 0;
        std::set<Time> starts;
        for (const auto& sent : bench.transmissions)
        {
            EXPECT_EQ(sent.transmitter, up ? 0 : SERVER);
            EXPECT_EQ(sent.worker, 0U);
            EXPECT_EQ(sent.direction, up ? Direction::UP : Direction::DOWN);
            EXPECT_EQ(sent.duration, data);
            EXPECT_LE(sent.bytes, LARGEST_BLOCK_BYTES);
            EXPECT_TRUE(starts.insert(sent.start).second) << "one at a time";
            bytes += sent.bytes;
        }
        // UDP and IP add 28 bytes; PDCP, RLC and MAC a few more.
        EXPECT_GE(bytes, BURST * (BYTES + 28 + 2));
        EXPECT_LE(bytes, BURST * (BYTES + 28 + 12));
        EXPECT_GE(starts.size(), bytes / LARGEST_BLOCK_BYTES);
        const auto airtime = data * static_cast<int64_t>(starts.size());
        EXPECT_EQ((bench.radioTime[{0, up ? RadioState::TX : RadioState::RX}]), airtime);
        EXPECT_EQ((bench.radioTime[{SERVER, up ? RadioState::RX : RadioState::TX}]), airtime);
    }
}

/** What the radio link layer loses is told when something later arrives. */
TEST(WflLteChannel, LossesAreTold)
{
    const CleanState clean;
    DeviceBench bench("lte[RadiusM=50]", 1);
    bench.Run(
        [&bench]
        {
            // A buffer for three of them, as a fault; ns-3's default has room for ten.
            Config::Set("/NodeList/*/DeviceList/*/LteUeRrc/DataRadioBearerMap/*/LteRlc/"
                        "MaxTxBufferSize",
                        UintegerValue(3200));
            for (uint32_t i = 0; i < 20; ++i)
            {
                bench.Send(0, SERVER, BYTES);
            }
            EXPECT_TRUE(bench.channel->IsBacklogged(0, SERVER));
            EXPECT_FALSE(bench.channel->IsBacklogged(SERVER, 0));
            Simulator::Schedule(Seconds(1),
                                [&bench]
                                {
                                    EXPECT_FALSE(bench.channel->IsBacklogged(0, SERVER));
                                    bench.Send(0, SERVER, 10);
                                });
        },
        Seconds(2));
    EXPECT_EQ(bench.arrivals.size(), 3U + 1U);
    EXPECT_EQ(bench.losses, (std::map<std::string, uint32_t>{{"radio-link", 17}}));
}

/** Of a burst that ends in silence the rest is told to be lost, too, in both directions. */
TEST(WflLteChannel, EachDatagramHasAFate)
{
    const CleanState clean;
    for (const std::string name :
         {"lte[RadiusM=1500]", "lte[RadiusM=1500|BackhaulRate=100kbps]", "lte[RadiusM=20]"})
    {
        SCOPED_TRACE(name);
        constexpr uint32_t workers = 4;
        constexpr uint32_t each = 8;
        DeviceBench bench(name, workers);
        bench.Run(
            [&bench]
            {
                for (uint32_t i = 0; i < workers * each; ++i)
                {
                    bench.Send(i % workers, SERVER, BYTES);
                    bench.Send(SERVER, i % workers, BYTES);
                }
            },
            Seconds(6));
        const bool near = name == "lte[RadiusM=20]";
        EXPECT_EQ(bench.arrivals.size() + bench.losses["radio-link"], 2 * workers * each);
        EXPECT_EQ(bench.losses["radio-link"] == 0, near);
    }
}

/** Many connect one after the other, wherever they are; 73 need the second period of sounding. */
TEST(WflLteChannel, ManyWorkersAttach)
{
    const CleanState clean;
    for (const std::string name : {"lte", "lte[RadiusM=3000]"})
    {
        DeviceBench bench(name, 73);
        bench.Run([] {}, MilliSeconds(1));
        EXPECT_EQ(bench.unreachable, std::vector<StationId>{});
        EXPECT_LT(bench.ready, Seconds(1));
    }
}

/** With repair everything is there, each copy counts, and the learning is the loop's. */
TEST(WflLteChannel, DeliversEverySegment)
{
    const CleanState clean;
    for (const uint32_t workers : {1, 5, 20})
    {
        SCOPED_TRACE(workers);
        RadioRun run;
        run.channel = "lte";
        run.workers = workers;
        run.objective = "mlp[Hidden=500]"; // 5504 parameters: 22,016 bytes
        run.batch = 2;
        run.rounds = 2;
        const auto result = RunRadio(run);
        ASSERT_EQ(result.records.size(), run.rounds);
        for (const auto& record : result.records)
        {
            EXPECT_EQ(record.participants, workers);
            for (const auto& worker : record.workers)
            {
                EXPECT_EQ(worker.segmentsOffered, 16U); // of 1456 bytes
                EXPECT_EQ(worker.segmentsAccepted, 16U);
            }
        }
        EXPECT_EQ(result.records.back().downlinkPayloadBytes, 22016 * workers);
        EXPECT_EQ(result.model, RunReference(run, result).model);
    }
}

} // namespace ns3::wfl
