/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/wfl-lte-channel.h"

#include "ns3/boolean.h"
#include "ns3/config.h"
#include "ns3/double.h"
#include "ns3/enum.h"
#include "ns3/ff-mac-scheduler.h"
#include "ns3/fl-error.h"
#include "ns3/flow-id-tag.h"
#include "ns3/internet-stack-helper.h"
#include "ns3/ipv4-address-helper.h"
#include "ns3/ipv4-static-routing-helper.h"
#include "ns3/lte-enb-phy.h"
#include "ns3/lte-enb-rrc.h"
#include "ns3/lte-radio-bearer-tag.h"
#include "ns3/lte-spectrum-phy.h"
#include "ns3/lte-spectrum-value-helper.h"
#include "ns3/lte-ue-phy.h"
#include "ns3/lte-ue-rrc.h"
#include "ns3/point-to-point-epc-helper.h"
#include "ns3/point-to-point-helper.h"
#include "ns3/pointer.h"
#include "ns3/simulator.h"
#include "ns3/string.h"
#include "ns3/traffic-control-helper.h"
#include "ns3/uinteger.h"
#include "ns3/wfl-model-name.h"
#include "ns3/wfl-placement.h"
#include "ns3/wfl-propagation-chain.h"
#include "ns3/wfl-registry.h"

#include <algorithm>
#include <cmath>
#include <set>

namespace ns3
{
namespace wfl
{

WFL_REGISTER_CHANNEL(LteChannel, "lte");

namespace
{

constexpr uint32_t MAX_DATAGRAM_BYTES = 1472; ///< fits the MTU of the wired link
constexpr int64_t FIRST_STREAM = 4000;
/** Data in a subframe of 1 ms: 13 of 14 symbols up, 11 down, less 1 ns, as in ns-3's lte-*-phy.cc.
 */
const Time UPLINK_DATA = NanoSeconds(928570);
const Time DOWNLINK_DATA = NanoSeconds(785713);

/** Periods of sounding in ms that ns-3 knows from 40 on (3GPP TS 36.213, table 8.2-1). */
const std::vector<uint32_t> SRS_PERIODS_MS{40, 80, 160, 320};

/**
 * How many workers a period has room for: one in each subframe, less some that are taken for a
 * while by those who try to connect once more. ns-3 ends the program when all are taken.
 */
uint32_t
RoomOf(uint32_t periodMs)
{
    constexpr uint32_t spare = 8;
    return periodMs - spare;
}

/**
 * Nothing was on the air for so long: then nothing waits either, for a worker with data is served
 * every few subframes.
 */
const Time IDLE_AFTER = MilliSeconds(100);

/** Nothing of a link was on the air for so long: what has not arrived is not expected any more. */
const Time GIVE_UP_AFTER = Seconds(1);

/**
 * Workers connect one after the other, so that first contact needs no contention; each hears by
 * then how to do so.
 */
const Time ATTACH_SPACING = MilliSeconds(5);

} // namespace

TypeId
LteChannel::GetTypeId()
{
    static TypeId tid =
        TypeId("ns3::wfl::LteChannel")
            .SetParent<NetDeviceChannel>()
            .SetGroupName("Wfl")
            .AddConstructor<LteChannel>()
            .AddAttribute("ResourceBlocks",
                          "Bandwidth of uplink and downlink, in resource blocks of 180 kHz: 6, 15, "
                          "25, 50, 75 or 100.",
                          UintegerValue(25),
                          MakeUintegerAccessor(&LteChannel::m_resourceBlocks),
                          MakeUintegerChecker<uint32_t>(6, 100))
            .AddAttribute("Scheduler",
                          "TypeId of the base station's scheduler.",
                          StringValue("ns3::PfFfMacScheduler"),
                          MakeStringAccessor(&LteChannel::m_scheduler),
                          MakeStringChecker())
            .AddAttribute("Rlc",
                          "Mode of the radio link layer: Um repeats nothing, Am repeats what is "
                          "not acknowledged.",
                          StringValue("Um"),
                          MakeStringAccessor(&LteChannel::m_rlc),
                          MakeStringChecker())
            .AddAttribute("RadiusM",
                          "Radius of the disc on which workers are placed, in metres.",
                          DoubleValue(200),
                          MakeDoubleAccessor(&LteChannel::m_radiusM),
                          MakeDoubleChecker<double>(0, MAX_DISTANCE_M))
            .AddAttribute("Propagation",
                          "TypeIds of propagation loss models, joined by +; empty for log-distance "
                          "with the two attributes below.",
                          StringValue(""),
                          MakeStringAccessor(&LteChannel::m_propagation),
                          MakeStringChecker())
            .AddAttribute("PathLossExponent",
                          "Exponent of the log-distance path loss.",
                          DoubleValue(3),
                          MakeDoubleAccessor(&LteChannel::m_pathLossExponent),
                          MakeDoubleChecker<double>(0))
            .AddAttribute("ReferenceLossDb",
                          "Path loss at 1 m in dB; the default is free space at 2.12 GHz.",
                          DoubleValue(38.97),
                          MakeDoubleAccessor(&LteChannel::m_referenceLossDb),
                          MakeDoubleChecker<double>())
            .AddAttribute("EnbTxPowerDbm",
                          "Transmit power of the base station in dBm.",
                          DoubleValue(30),
                          MakeDoubleAccessor(&LteChannel::m_enbTxPowerDbm),
                          MakeDoubleChecker<double>(-100, 100))
            .AddAttribute("UeTxPowerDbm",
                          "Transmit power of workers in dBm, where uplink power control is off "
                          "(ns3::LteUePhy::EnableUplinkPowerControl).",
                          DoubleValue(23),
                          MakeDoubleAccessor(&LteChannel::m_ueTxPowerDbm),
                          MakeDoubleChecker<double>(-100, 100))
            .AddAttribute("BackhaulRate",
                          "Rate of the wired link between server and core network.",
                          DataRateValue(DataRate("1Gbps")),
                          MakeDataRateAccessor(&LteChannel::m_backhaulRate),
                          MakeDataRateChecker())
            .AddAttribute("BackhaulDelay",
                          "Delay of the wired link.",
                          TimeValue(MilliSeconds(1)),
                          MakeTimeAccessor(&LteChannel::m_backhaulDelay),
                          MakeTimeChecker(Seconds(0), Seconds(10)))
            .AddAttribute("AttachTimeout",
                          "Workers that are not connected by then are left out.",
                          TimeValue(Seconds(10)),
                          MakeTimeAccessor(&LteChannel::m_attachTimeout),
                          MakeTimeChecker(MilliSeconds(100)));
    return tid;
}

void
LteChannel::DoDispose()
{
    m_readyEvent.Cancel();
    m_ready = ReadyCallback();
    m_lte = nullptr;
    m_epc = nullptr;
    m_enbDevice = nullptr;
    NetDeviceChannel::DoDispose();
}

/** What ns-3 itself would answer by ending the program, or by losing packets. */
void
LteChannel::CheckAttributes() const
{
    const std::string where = "--channel=lte, ";
    if (const std::set<uint32_t> known{6, 15, 25, 50, 75, 100}; known.count(m_resourceBlocks) == 0)
    {
        throw fl::UserError(where + "ResourceBlocks: " + std::to_string(m_resourceBlocks) +
                            " is none of 6, 15, 25, 50, 75, 100");
    }
    FindModel(m_scheduler,
              FfMacScheduler::GetTypeId(),
              where + "Scheduler",
              "ns3::PfFfMacScheduler, ns3::RrFfMacScheduler");
    if (m_rlc != "Um" && m_rlc != "Am")
    {
        throw fl::UserError(where + "Rlc: \"" + m_rlc + "\" is none of Am, Um");
    }
    if (MaxDatagramBytes(Direction::UP) > MAX_DATAGRAM_BYTES)
    {
        throw fl::UserError(where + "MaxDatagramBytes: at most " +
                            std::to_string(MAX_DATAGRAM_BYTES) + " fit the wired link");
    }
    // The queues of the core network, at 10 Gbit/s, hold 100 packets.
    if (m_backhaulRate < DataRate("1kbps") || m_backhaulRate > DataRate("5Gbps"))
    {
        throw fl::UserError(where + "BackhaulRate: must be from 1kbps to 5Gbps");
    }
    const uint32_t mostWorkers = RoomOf(SRS_PERIODS_MS.back());
    if (Workers() > mostWorkers)
    {
        throw fl::UserError("--workers: " + std::to_string(Workers()) +
                            " is too many, an LTE cell has sounding resources for " +
                            std::to_string(mostWorkers));
    }
}

/** The shortest period of sounding that has room for all. */
uint32_t
LteChannel::SrsPeriodMs() const
{
    return *std::find_if(SRS_PERIODS_MS.begin(),
                         SRS_PERIODS_MS.end(),
                         [this](uint32_t periodMs) { return RoomOf(periodMs) >= Workers(); });
}

bool
LteChannel::EnablePcap(const std::string& prefix)
{
    // ns-3 writes no packets of LTE's radio.
    PointToPointHelper().EnablePcap(prefix, GetDevices().server);
    return true;
}

NetDeviceChannel::Devices
LteChannel::DoInstallDevices()
{
    CheckAttributes();
    auto enbNode = CreateObject<Node>();
    PlaceOnDisc(WorkerNodes(), enbNode, m_radiusM, GetRunSeed());
    m_epc = CreateObject<PointToPointEpcHelper>();
    m_lte = CreateObject<LteHelper>();
    m_lte->SetEpcHelper(m_epc);
    m_lte->SetSchedulerType(m_scheduler);
    m_lte->SetEnbDeviceAttribute("DlBandwidth", UintegerValue(m_resourceBlocks));
    m_lte->SetEnbDeviceAttribute("UlBandwidth", UintegerValue(m_resourceBlocks));
    const auto enb = m_lte->InstallEnbDevice(enbNode);
    m_enbDevice = DynamicCast<LteEnbNetDevice>(enb.Get(0));
    SetPropagation();
    const auto rrc = m_enbDevice->GetRrc();
    rrc->SetAttribute("SystemInformationPeriodicity", TimeValue(ATTACH_SPACING));
    rrc->SetAttribute("SrsPeriodicity", UintegerValue(SrsPeriodMs()));
    rrc->SetAttribute(
        "EpsBearerToRlcMapping",
        EnumValue(m_rlc == "Am" ? LteEnbRrc::RLC_AM_ALWAYS : LteEnbRrc::RLC_UM_ALWAYS));
    const auto enbPhy = m_enbDevice->GetPhy();
    enbPhy->SetTxPower(m_enbTxPowerDbm);
    enbPhy->TraceConnectWithoutContext("ReportUeSinr", MakeCallback(&LteChannel::NoteSinr, this));
    enbPhy->GetDownlinkSpectrumPhy()->TraceConnectWithoutContext(
        "TxStart",
        MakeCallback(&LteChannel::NoteDownlink, this));

    const auto workers = m_lte->InstallUeDevice(WorkerNodes());
    m_lte->AssignStreams(workers, FIRST_STREAM + m_lte->AssignStreams(enb, FIRST_STREAM));
    for (StationId worker = 0; worker < Workers(); ++worker)
    {
        const auto device = DynamicCast<LteUeNetDevice>(workers.Get(worker));
        device->GetPhy()->SetTxPower(m_ueTxPowerDbm);
        // Who has lost the link would leave for good, and what it has to send with it.
        device->GetPhy()->SetAttribute("EnableRlfDetection", BooleanValue(false));
        device->GetPhy()->GetUplinkSpectrumPhy()->TraceConnectWithoutContext(
            "TxStart",
            MakeCallback(&LteChannel::NoteUplink, this, worker));
        device->GetRrc()->TraceConnectWithoutContext(
            "ConnectionReconfiguration",
            MakeCallback(&LteChannel::Connected, this, worker));
    }

    PointToPointHelper wire;
    wire.SetDeviceAttribute("DataRate", DataRateValue(m_backhaulRate));
    wire.SetChannelAttribute("Delay", TimeValue(m_backhaulDelay));
    wire.SetQueue("ns3::DropTailQueue", "MaxSize", QueueSizeValue(UnlimitedQueue()));
    const auto link = wire.Install(m_epc->GetPgwNode(), GetNode(SERVER));
    return {workers, NetDeviceContainer(link.Get(1))};
}

/** Both directions have the same path loss. */
void
LteChannel::SetPropagation()
{
    const double carrierHz =
        LteSpectrumValueHelper::GetCarrierFrequency(m_enbDevice->GetDlEarfcn());
    const auto loss = m_propagation.empty() ? MakeLogDistance(m_pathLossExponent, m_referenceLossDb)
                                            : MakePropagationChain(m_propagation,
                                                                   "--channel=lte, Propagation",
                                                                   carrierHz,
                                                                   FIRST_STREAM - 100);
    for (const auto& channel :
         {m_lte->GetDownlinkSpectrumChannel(), m_lte->GetUplinkSpectrumChannel()})
    {
        channel->SetAttribute("PropagationLossModel", PointerValue(loss));
    }
}

AddressPlan
LteChannel::DoAssignAddresses()
{
    const auto& devices = GetDevices();
    InternetStackHelper internet;
    internet.SetIpv6StackInstall(false);
    internet.Install(WorkerNodes());
    internet.Install(GetNode(SERVER));
    // The core network keeps 7.0.0.0/8 for workers.
    const auto workers = m_epc->AssignUeIpv4Address(devices.workers);
    const auto wired = devices.server.Get(0);
    const auto gateway = wired->GetChannel()->GetDevice(0);
    Ipv4AddressHelper addresses("1.0.0.0", "255.0.0.0");
    const auto link = addresses.Assign(NetDeviceContainer(gateway, wired));
    TrafficControlHelper::Default().Uninstall(NetDeviceContainer(gateway, wired));
    Ipv4StaticRoutingHelper routing;
    const auto serverIp = GetNode(SERVER)->GetObject<Ipv4>();
    routing.GetStaticRouting(serverIp)->AddNetworkRouteTo(
        "7.0.0.0",
        "255.0.0.0",
        static_cast<uint32_t>(serverIp->GetInterfaceForDevice(wired)));
    AddressPlan plan;
    plan.stations[SERVER] = link.GetAddress(1);
    for (StationId worker = 0; worker < Workers(); ++worker)
    {
        plan.stations[worker] = workers.GetAddress(worker);
        routing.GetStaticRouting(GetNode(worker)->GetObject<Ipv4>())
            ->SetDefaultRoute(m_epc->GetUeDefaultGatewayAddress(), 1);
        SetControlErrors(worker, false);
        Simulator::Schedule(ATTACH_SPACING * static_cast<int64_t>(worker),
                            &LteChannel::Attach,
                            this,
                            worker);
    }
    return plan;
}

Ptr<LteUeNetDevice>
LteChannel::GetUeDevice(StationId worker) const
{
    return DynamicCast<LteUeNetDevice>(GetDevices().workers.Get(worker));
}

Ptr<LteEnbNetDevice>
LteChannel::GetEnbDevice() const
{
    return m_enbDevice;
}

// Readiness

/**
 * Connecting is ideal, control channels included: a worker at the edge would try so often that
 * ns-3 runs out of identifiers, and ends the program.
 */
void
LteChannel::SetControlErrors(StationId worker, bool errors) const
{
    GetUeDevice(worker)->GetPhy()->GetDownlinkSpectrumPhy()->SetAttribute("CtrlErrorModelEnabled",
                                                                          BooleanValue(errors));
}

void
LteChannel::Attach(StationId worker)
{
    m_lte->Attach(GetUeDevice(worker), m_enbDevice);
}

void
LteChannel::Connected(StationId worker, uint64_t /* imsi */, uint16_t /* cell */, uint16_t rnti)
{
    m_workers[rnti] = worker;
    m_connected.insert(worker);
    if (m_connected.size() == Workers() && !m_ready.IsNull())
    {
        // The base station hears of it next.
        m_readyEvent.Cancel();
        m_readyEvent = Simulator::Schedule(MilliSeconds(10), &LteChannel::BecomeReady, this);
    }
}

void
LteChannel::WhenReady(ReadyCallback ready)
{
    m_ready = ready;
    m_readyEvent = Simulator::Schedule(m_attachTimeout, &LteChannel::BecomeReady, this);
}

void
LteChannel::BecomeReady()
{
    // With ns-3's default of 10 KiB most of a gradient is dropped, from release 3.38 on what has
    // waited too long, too.
    const auto setRlc = [](const Ptr<Node>& node, const std::string& bearers)
    {
        const auto path = "/NodeList/" + std::to_string(node->GetId()) + "/DeviceList/*/" +
                          bearers + "/DataRadioBearerMap/*/LteRlc/";
        Config::SetFailSafe(path + "MaxTxBufferSize", UintegerValue(UINT32_MAX));
        Config::SetFailSafe(path + "EnablePdcpDiscarding", BooleanValue(false));
    };
    setRlc(m_enbDevice->GetNode(), "LteEnbRrc/UeMap/*");
    std::vector<StationId> unreachable;
    for (StationId worker = 0; worker < Workers(); ++worker)
    {
        setRlc(GetNode(worker), "LteUeRrc");
        SetControlErrors(worker, true);
        if (m_connected.count(worker) == 0)
        {
            unreachable.push_back(worker);
        }
    }
    const auto ready = m_ready;
    m_ready = ReadyCallback();
    ready(unreachable);
}

StationId
LteChannel::WorkerWithRnti(uint16_t rnti) const
{
    const auto found = m_workers.find(rnti);
    return found == m_workers.end() ? GROUP : found->second;
}

// Datagrams

void
LteChannel::DoSend(StationId from, StationId to, Ptr<Packet> packet)
{
    const StationId worker = from == SERVER ? to : from;
    const auto direction = from == SERVER ? Direction::DOWN : Direction::UP;
    auto& flow = m_flows[{worker, direction}];
    if (flow.known == flow.sent)
    {
        flow.lastActive = Simulator::Now();
    }
    if (direction == Direction::DOWN)
    {
        NoteWire(direction, packet->GetSize());
    }
    if (!flow.givingUp.IsRunning())
    {
        flow.givingUp =
            Simulator::Schedule(GIVE_UP_AFTER, &LteChannel::GiveUp, this, worker, direction);
    }
    // Bytes keep this tag through all that the radio link layer does to packets.
    packet->AddByteTag(FlowIdTag(flow.sent++));
    NetDeviceChannel::DoSend(from, to, packet);
}

/** Datagrams of a flow arrive in order: those before the one that arrives are lost. */
void
LteChannel::NoteArrival(StationId from, StationId to, const Ptr<const Packet>& packet)
{
    const StationId worker = from == SERVER ? to : from;
    const auto direction = from == SERVER ? Direction::DOWN : Direction::UP;
    FlowIdTag number;
    packet->FindFirstMatchingByteTag(number);
    LoseBefore(worker, direction, number.GetFlowId());
    auto& flow = m_flows[{worker, direction}];
    flow.known = std::max(flow.known, number.GetFlowId() + 1);
}

/** Tells of the datagrams of a link up to one that they are lost, but for those that are known. */
void
LteChannel::LoseBefore(StationId worker, Direction direction, uint32_t number)
{
    for (auto& flow = m_flows[{worker, direction}]; flow.known < number; ++flow.known)
    {
        m_lossTrace(direction, worker, "radio-link");
    }
}

/** Tells of a link's datagrams that they are lost, if nothing has been on the air for long. */
void
LteChannel::GiveUp(StationId worker, Direction direction)
{
    auto& flow = m_flows[{worker, direction}];
    if (flow.known == flow.sent)
    {
        return;
    }
    const Time until =
        std::max(flow.lastActive, m_wireFree[direction]) + m_backhaulDelay + GIVE_UP_AFTER;
    if (until > Simulator::Now())
    {
        flow.givingUp = Simulator::Schedule(until - Simulator::Now(),
                                            &LteChannel::GiveUp,
                                            this,
                                            worker,
                                            direction);
        return;
    }
    LoseBefore(worker, direction, flow.sent);
}

/** Works out when the wire behind the gateway has sent all. */
void
LteChannel::NoteWire(Direction direction, uint32_t bytes)
{
    auto& free = m_wireFree[direction];
    free = std::max(free, Simulator::Now()) + m_backhaulRate.CalculateBytesTxTime(bytes);
}

bool
LteChannel::IsActive(StationId worker, Direction direction) const
{
    const auto found = m_flows.find({worker, direction});
    return found != m_flows.end() && found->second.known < found->second.sent &&
           Simulator::Now() - found->second.lastActive < IDLE_AFTER;
}

bool
LteChannel::IsBacklogged(StationId from, StationId to) const
{
    if (from != SERVER)
    {
        return IsActive(from, Direction::UP);
    }
    if (to != GROUP)
    {
        return IsActive(to, Direction::DOWN);
    }
    for (StationId worker = 0; worker < Workers(); ++worker)
    {
        if (IsActive(worker, Direction::DOWN))
        {
            return true;
        }
    }
    return false;
}

Time
LteChannel::EstimateAirtime(Direction /* direction */, uint64_t bytes) const
{
    constexpr double cautiousBpsOfBlock = 4e4;
    return Seconds(static_cast<double>(bytes) * 8 / (cautiousBpsOfBlock * m_resourceBlocks));
}

bool
LteChannel::IsFullDuplex() const
{
    return true;
}

Time
LteChannel::RoundTripDelay() const
{
    // Asking for an uplink grant and waiting for it takes about 10 ms, and so does a repetition.
    return m_backhaulDelay + m_backhaulDelay + MilliSeconds(20);
}

double
LteChannel::SnrDb(StationId worker) const
{
    const auto found = m_sinr.find(worker);
    return found == m_sinr.end() ? std::nan("") : 10 * std::log10(found->second);
}

// Accounting

void
LteChannel::NoteUplink(StationId worker, Ptr<const PacketBurst> burst)
{
    if (!burst)
    {
        return; // only control, on a channel that ns-3 gives no bandwidth
    }
    m_flows[{worker, Direction::UP}].lastActive = Simulator::Now();
    NoteWire(Direction::UP, burst->GetSize());
    m_transmissionTrace(
        {Simulator::Now(), UPLINK_DATA, 0, worker, Direction::UP, worker, burst->GetSize()});
    m_radioStateTrace(worker, RadioState::TX, Simulator::Now(), UPLINK_DATA);
    m_radioStateTrace(SERVER, RadioState::RX, Simulator::Now(), UPLINK_DATA);
}

void
LteChannel::NoteDownlink(Ptr<const PacketBurst> burst)
{
    std::set<StationId> receivers;
    for (auto it = burst->Begin(); it != burst->End(); ++it)
    {
        LteRadioBearerTag tag;
        (*it)->PeekPacketTag(tag);
        receivers.insert(WorkerWithRnti(tag.GetRnti()));
    }
    for (const StationId worker : receivers)
    {
        if (worker != GROUP)
        {
            m_flows[{worker, Direction::DOWN}].lastActive = Simulator::Now();
            m_radioStateTrace(worker, RadioState::RX, Simulator::Now(), DOWNLINK_DATA);
        }
    }
    m_transmissionTrace({Simulator::Now(),
                         DOWNLINK_DATA,
                         0,
                         SERVER,
                         Direction::DOWN,
                         receivers.size() == 1 ? *receivers.begin() : GROUP,
                         burst->GetSize()});
    m_radioStateTrace(SERVER, RadioState::TX, Simulator::Now(), DOWNLINK_DATA);
}

void
LteChannel::NoteSinr(uint16_t /* cell */, uint16_t rnti, double sinr, uint8_t /* carrier */)
{
    m_sinr[WorkerWithRnti(rnti)] = sinr;
}

} // namespace wfl
} // namespace ns3
