/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

/**
 * A radio technology of your own, packet by packet: the server is a road-side unit, the workers are
 * vehicles, and all of them talk by IEEE 802.11p, outside the context of a basic service set, that
 * is, without association. doc/custom-channel.md explains it.
 *
 * Run it:   ./wfl run custom-technology --channel='vehicular[RadiusM=40]' \
 *               --algorithm=signsgd-mv --rounds=20 --output=results/road
 * Check it: ./wfl run custom-technology --check=channel:vehicular
 */

#include "ns3/core-module.h"
#include "ns3/mobility-module.h"
#include "ns3/wfl-module.h"
#include "ns3/wifi-module.h"

using namespace ns3;
using namespace ns3::wfl;

/** 802.11p in a channel of 10 MHz at a fixed rate, with log-distance path loss. */
class VehicularChannel : public NetDeviceChannel
{
  public:
    static TypeId GetTypeId()
    {
        static TypeId tid = TypeId("VehicularChannel")
                                .SetParent<NetDeviceChannel>()
                                .AddConstructor<VehicularChannel>()
                                .AddAttribute("RadiusM",
                                              "Radius of the disc of vehicles in metres.",
                                              DoubleValue(50),
                                              MakeDoubleAccessor(&VehicularChannel::m_radiusM),
                                              MakeDoubleChecker<double>(0, 1e6));
        return tid;
    }

    /** Without association there is nothing to wait for; who is too far away is left out. */
    void WhenReady(ReadyCallback ready) override
    {
        FillNeighborCaches(GetDevices());
        std::vector<StationId> unreachable;
        for (StationId worker = 0; worker < Workers(); ++worker)
        {
            if (!IsHeard(worker))
            {
                unreachable.push_back(worker);
            }
        }
        ready(unreachable);
    }

    Time EstimateAirtime(Direction /* direction */, uint64_t bytes) const override
    {
        return Seconds(static_cast<double>(bytes) * 8 / BITS_PER_SECOND);
    }

    bool IsBacklogged(StationId from, StationId /* to */) const override
    {
        return WifiOf(from)->GetMac()->GetTxopQueue(AC_BE_NQOS)->GetNPackets() > 0;
    }

  private:
    Devices DoInstallDevices() override
    {
        NodeContainer vehicles;
        for (StationId worker = 0; worker < Workers(); ++worker)
        {
            vehicles.Add(GetNode(worker));
        }
        PlaceOnDisc(vehicles, GetNode(SERVER), m_radiusM, GetRunSeed());
        auto air = YansWifiChannelHelper::Default().Create();
        YansWifiPhyHelper phy;
        phy.SetChannel(air);
        WifiHelper wifi;
        wifi.SetStandard(WIFI_STANDARD_80211p);
        wifi.SetRemoteStationManager("ns3::ConstantRateWifiManager",
                                     "DataMode",
                                     StringValue("OfdmRate6MbpsBW10MHz"),
                                     "NonUnicastMode",
                                     StringValue("OfdmRate6MbpsBW10MHz"));
        WifiMacHelper mac;
        mac.SetType("ns3::AdhocWifiMac", "QosSupported", BooleanValue(false));
        const auto workers = wifi.Install(phy, mac, vehicles);
        const auto server = wifi.Install(phy, mac, GetNode(SERVER));
        constexpr int64_t firstStream = 1000;
        wifi.AssignStreams(server, firstStream + wifi.AssignStreams(workers, firstStream));
        for (StationId worker = 0; worker < Workers(); ++worker)
        {
            Connect(worker, workers.Get(worker));
        }
        Connect(SERVER, server.Get(0));
        return {workers, server};
    }

    /** Makes a station lose nothing in its queue, and hears what its radio does. */
    void Connect(StationId station, Ptr<NetDevice> device)
    {
        const auto wifi = DynamicCast<WifiNetDevice>(device);
        m_devices[station] = wifi;
        const auto queue = wifi->GetMac()->GetTxopQueue(AC_BE_NQOS);
        queue->SetMaxSize(QueueSize("1000000p"));
        queue->SetMaxDelay(Seconds(100000));
        const auto phy = wifi->GetPhy();
        phy->TraceConnectWithoutContext("PhyTxPsduBegin",
                                        MakeCallback(&VehicularChannel::NotePpdu, this, station));
        phy->TraceConnectWithoutContext("PhyRxDrop",
                                        MakeCallback(&VehicularChannel::NoteMissed, this, station));
        phy->GetState()->TraceConnectWithoutContext(
            "State",
            MakeCallback(&VehicularChannel::NoteState, this, station));
        wifi->GetMac()->TraceConnectWithoutContext(
            "DroppedMpdu",
            MakeCallback(&VehicularChannel::NoteDrop, this, station));
    }

    /** A frame is on the air; an acknowledgement counts as what it answers. */
    void NotePpdu(StationId station, WifiConstPsduMap psdus, WifiTxVector txVector, double)
    {
        const auto psdu = psdus.begin()->second;
        const bool answers = psdu->GetHeader(0).IsAck();
        const auto to = psdu->GetAddr1();
        const auto band = m_devices[station]->GetPhy()->GetPhyBand();
        m_transmissionTrace({Simulator::Now(),
                             WifiPhy::CalculateTxDuration(psdus, txVector, band),
                             0,
                             station,
                             (station == SERVER) == answers ? Direction::UP : Direction::DOWN,
                             station != SERVER ? station : (to.IsGroup() ? GROUP : WorkerOf(to)),
                             psdu->GetSize()});
    }

    void NoteState(StationId station, Time start, Time duration, WifiPhyState state)
    {
        static const std::map<WifiPhyState, RadioState> states{
            {WifiPhyState::TX, RadioState::TX},
            {WifiPhyState::RX, RadioState::RX},
            {WifiPhyState::CCA_BUSY, RadioState::CCA_BUSY}};
        if (const auto known = states.find(state); known != states.end())
        {
            m_radioStateTrace(station, known->second, start, duration);
        }
    }

    /** Frames that arrive too weak are not even told to be lost. */
    bool IsHeard(StationId worker) const
    {
        const auto phy = WifiOf(SERVER)->GetPhy();
        PointerValue loss;
        phy->GetChannel()->GetAttribute("PropagationLossModel", loss);
        const auto place = [this](StationId station)
        {
            return GetNode(station)->GetObject<MobilityModel>();
        };
        return loss.Get<PropagationLossModel>()->CalcRxPower(phy->GetTxPowerEnd(),
                                                             place(SERVER),
                                                             place(worker)) >= NOTICED_DBM;
    }

    /** What goes to one station is repeated until it is acknowledged, or given up. */
    void NoteDrop(StationId station, WifiMacDropReason, Ptr<const WifiMpdu> mpdu)
    {
        const auto direction = station == SERVER ? Direction::DOWN : Direction::UP;
        const auto worker = station == SERVER ? WorkerOf(mpdu->GetHeader().GetAddr1()) : station;
        m_lossTrace(direction, worker, "retry-limit");
    }

    /** What goes to all is sent once: who misses it has lost it. */
    void NoteMissed(StationId station, Ptr<const Packet> frame, WifiPhyRxfailureReason)
    {
        WifiMacHeader header;
        frame->PeekHeader(header);
        if (station != SERVER && header.IsData() && header.GetAddr1().IsGroup())
        {
            m_lossTrace(Direction::DOWN, station, "missed-frame");
        }
    }

    Ptr<WifiNetDevice> WifiOf(StationId station) const
    {
        return m_devices.at(station);
    }

    static constexpr double NOTICED_DBM = -82;     // MinimumRssi of ThresholdPreambleDetectionModel
    static constexpr double BITS_PER_SECOND = 3e6; // half the rate: headers, waiting, answers
    double m_radiusM;
    std::map<StationId, Ptr<WifiNetDevice>> m_devices;
};

WFL_REGISTER_CHANNEL(VehicularChannel, "vehicular");

int
main(int argc, char** argv)
{
    return RunScenario(argc, argv);
}
