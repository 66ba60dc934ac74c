/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/wfl-wifi-channel.h"

#include "ns3/ampdu-subframe-header.h"
#include "ns3/boolean.h"
#include "ns3/bridge-helper.h"
#include "ns3/csma-net-device.h"
#include "ns3/double.h"
#include "ns3/error-rate-model.h"
#include "ns3/fl-error.h"
#include "ns3/he-configuration.h"
#include "ns3/log.h"
#include "ns3/mobility-model.h"
#include "ns3/multi-model-spectrum-channel.h"
#include "ns3/multi-user-scheduler.h"
#include "ns3/qos-txop.h"
#include "ns3/queue-size.h"
#include "ns3/simulator.h"
#include "ns3/spectrum-wifi-helper.h"
#include "ns3/ssid.h"
#include "ns3/string.h"
#include "ns3/uinteger.h"
#include "ns3/wfl-csma-bus.h"
#include "ns3/wfl-frame-loss.h"
#include "ns3/wfl-model-name.h"
#include "ns3/wfl-placement.h"
#include "ns3/wfl-propagation-chain.h"
#include "ns3/wfl-registry.h"
#include "ns3/wifi-helper.h"
#include "ns3/wifi-mac-helper.h"
#include "ns3/wifi-mac-queue.h"
#include "ns3/wifi-mpdu.h"
#include "ns3/wifi-psdu.h"
#include "ns3/wifi-utils.h"
#include "ns3/yans-wifi-channel.h"
#include "ns3/yans-wifi-helper.h"

#include <cmath>
#include <map>
#include <utility>

namespace ns3
{
namespace wfl
{

NS_LOG_COMPONENT_DEFINE("WflWifiChannel");

WFL_REGISTER_CHANNEL(WifiChannel, "wifi");

namespace
{

constexpr uint32_t MIN_DATA_HEADER_BYTES = 24;
constexpr int64_t FIRST_STREAM = 1000;
const std::string WHERE = "--channel=wifi, "; ///< the beginning of error messages

const std::string CONSTANT_RATE = "ns3::ConstantRateWifiManager";

/** Rate controls that know nothing of 802.11n and what came after it. */
const std::set<std::string> LEGACY_RATE_CONTROLS{"ns3::AarfWifiManager",
                                                 "ns3::AarfcdWifiManager",
                                                 "ns3::AmrrWifiManager",
                                                 "ns3::AparfWifiManager",
                                                 "ns3::ArfWifiManager",
                                                 "ns3::CaraWifiManager",
                                                 "ns3::MinstrelWifiManager",
                                                 "ns3::OnoeWifiManager",
                                                 "ns3::ParfWifiManager",
                                                 "ns3::RraaWifiManager",
                                                 "ns3::RrpaaWifiManager"};

} // namespace

TypeId
WifiChannel::GetTypeId()
{
    static TypeId tid =
        TypeId("ns3::wfl::WifiChannel")
            .SetParent<NetDeviceChannel>()
            .SetGroupName("Wfl")
            .AddConstructor<WifiChannel>()
            .AddAttribute("Standard",
                          "80211n, 80211ac, 80211ax or 80211be (one link), in the 5 GHz band.",
                          StringValue("80211ax"),
                          MakeStringAccessor(&WifiChannel::m_standard),
                          MakeStringChecker())
            .AddAttribute("WidthMhz",
                          "Channel width in MHz; 0 for the customary one of the standard, 20 for "
                          "80211n and 80 for the others.",
                          UintegerValue(0),
                          MakeUintegerAccessor(&WifiChannel::m_widthMhz),
                          MakeUintegerChecker<uint16_t>(0, 160))
            .AddAttribute("RateControl",
                          "TypeId of the rate control; empty for ns3::IdealWifiManager, or "
                          "ns3::ConstantRateWifiManager if there is a DataMode.",
                          StringValue(""),
                          MakeStringAccessor(&WifiChannel::m_rateControl),
                          MakeStringChecker())
            .AddAttribute("DataMode",
                          "Mode of all data frames to one station, for example HeMcs5; empty "
                          "where a rate control chooses it, under ns3::ConstantRateWifiManager "
                          "for number 7 of the standard.",
                          StringValue(""),
                          MakeStringAccessor(&WifiChannel::m_dataMode),
                          MakeStringChecker())
            .AddAttribute("GroupMode",
                          "Mode of frames to all workers, which are not acknowledged.",
                          StringValue("OfdmRate24Mbps"),
                          MakeStringAccessor(&WifiChannel::m_groupMode),
                          MakeStringChecker())
            .AddAttribute("RadiusM",
                          "Radius of the disc on which workers are placed, in metres.",
                          DoubleValue(20),
                          MakeDoubleAccessor(&WifiChannel::m_radiusM),
                          MakeDoubleChecker<double>(0))
            .AddAttribute("Propagation",
                          "TypeIds of propagation loss models, joined by +; empty for log-distance "
                          "with the two attributes below.",
                          StringValue(""),
                          MakeStringAccessor(&WifiChannel::m_propagation),
                          MakeStringChecker())
            .AddAttribute("PathLossExponent",
                          "Exponent of the log-distance path loss.",
                          DoubleValue(3),
                          MakeDoubleAccessor(&WifiChannel::m_pathLossExponent),
                          MakeDoubleChecker<double>(0))
            .AddAttribute("ReferenceLossDb",
                          "Path loss at 1 m in dB; the default is free space at 5.15 GHz.",
                          DoubleValue(46.6777),
                          MakeDoubleAccessor(&WifiChannel::m_referenceLossDb),
                          MakeDoubleChecker<double>())
            .AddAttribute("PropagationDelay",
                          "TypeId of the propagation delay model.",
                          StringValue("ns3::ConstantSpeedPropagationDelayModel"),
                          MakeStringAccessor(&WifiChannel::m_propagationDelay),
                          MakeStringChecker())
            .AddAttribute("ErrorRateModel",
                          "TypeId of the error rate model.",
                          StringValue("ns3::TableBasedErrorRateModel"),
                          MakeStringAccessor(&WifiChannel::m_errorRateModel),
                          MakeStringChecker())
            .AddAttribute(
                "Scheduler",
                "TypeId of the access point's scheduler for OFDMA, from 80211ax on; empty "
                "for none.",
                StringValue(""),
                MakeStringAccessor(&WifiChannel::m_scheduler),
                MakeStringChecker())
            .AddAttribute("TxPowerDbm",
                          "Transmit power of all stations in dBm.",
                          DoubleValue(16.0206),
                          MakeDoubleAccessor(&WifiChannel::m_txPowerDbm),
                          MakeDoubleChecker<double>())
            .AddAttribute("NoiseFigureDb",
                          "Noise figure of all receivers in dB.",
                          DoubleValue(7),
                          MakeDoubleAccessor(&WifiChannel::m_noiseFigureDb),
                          MakeDoubleChecker<double>(0))
            .AddAttribute("HeGuardInterval",
                          "Guard interval of 802.11ax: 800 or 3200 ns.",
                          TimeValue(NanoSeconds(800)),
                          MakeTimeAccessor(&WifiChannel::m_heGuardInterval),
                          MakeTimeChecker(NanoSeconds(800), NanoSeconds(3200)))
            .AddAttribute("BeaconInterval",
                          "Time between beacons; a multiple of 1024 us.",
                          TimeValue(MicroSeconds(102400)),
                          MakeTimeAccessor(&WifiChannel::m_beaconInterval),
                          // The field of a beacon has 16 bits.
                          MakeTimeChecker(MicroSeconds(1024), MicroSeconds(1024) * UINT16_MAX))
            .AddAttribute("AssociationTimeout",
                          "Workers that are not associated by then are left out.",
                          TimeValue(Seconds(20)),
                          MakeTimeAccessor(&WifiChannel::m_associationTimeout),
                          MakeTimeChecker(Seconds(0)))
            .AddAttribute("Backhaul",
                          "Whether the server is behind the access point on a wired link.",
                          BooleanValue(false),
                          MakeBooleanAccessor(&WifiChannel::m_backhaul),
                          MakeBooleanChecker())
            .AddAttribute("BackhaulRate",
                          "Rate of the wired link.",
                          DataRateValue(DataRate("1Gbps")),
                          MakeDataRateAccessor(&WifiChannel::m_backhaulRate),
                          MakeDataRateChecker())
            .AddAttribute("BackhaulDelay",
                          "Delay of the wired link.",
                          TimeValue(MicroSeconds(10)),
                          MakeTimeAccessor(&WifiChannel::m_backhaulDelay),
                          MakeTimeChecker(Seconds(0)));
    return tid;
}

void
WifiChannel::DoDispose()
{
    m_readyEvent.Cancel();
    m_ready = ReadyCallback();
    m_apNode = nullptr;
    m_apDevice = nullptr;
    m_stationDevices = NetDeviceContainer();
    m_loss = nullptr;
    NetDeviceChannel::DoDispose();
}

bool
WifiChannel::EnablePcap(const std::string& prefix)
{
    YansWifiPhyHelper phy;
    phy.SetPcapDataLinkType(WifiPhyHelper::DLT_IEEE802_11_RADIO);
    phy.EnablePcap(prefix, m_stationDevices);
    phy.EnablePcap(prefix, m_apDevice);
    return true;
}

NetDeviceChannel::Devices
WifiChannel::DoInstallDevices()
{
    const auto& standard = Standard();
    const uint16_t widthMhz = m_widthMhz == 0 ? standard.defaultWidthMhz : m_widthMhz;
    if (!standard.HasWidth(widthMhz))
    {
        throw fl::UserError(WHERE + "WidthMhz: " + m_standard + " has no channels of " +
                            std::to_string(widthMhz) + " MHz");
    }
    CheckModes();
    m_apNode = m_backhaul ? CreateObject<Node>() : GetNode(SERVER);
    const auto workers = WorkerNodes();
    PlaceOnDisc(workers, m_apNode, m_radiusM, GetRunSeed());

    YansWifiPhyHelper yans;
    SpectrumWifiPhyHelper spectrum;
    // Only the phy of the spectrum module knows of several stations in a channel at once, at
    // several times the cost in host time.
    WifiPhyHelper& phy = m_scheduler.empty() ? static_cast<WifiPhyHelper&>(yans) : spectrum;
    m_loss = MakeLoss(widthMhz);
    const auto delay =
        MakePropagationDelay(m_propagationDelay, WHERE + "PropagationDelay", FIRST_STREAM - 10);
    if (m_scheduler.empty())
    {
        auto channel = CreateObject<YansWifiChannel>();
        channel->SetPropagationLossModel(m_loss);
        channel->SetPropagationDelayModel(delay);
        yans.SetChannel(channel);
    }
    else
    {
        auto channel = CreateObject<MultiModelSpectrumChannel>();
        channel->AddPropagationLossModel(m_loss);
        channel->SetPropagationDelayModel(delay);
        spectrum.SetChannel(channel);
    }
    phy.SetErrorRateModel(m_errorRateModel);
    phy.Set("ChannelSettings", StringValue("{0, " + std::to_string(widthMhz) + ", BAND_5GHZ, 0}"));
    phy.Set("TxPowerStart", DoubleValue(m_txPowerDbm));
    phy.Set("TxPowerEnd", DoubleValue(m_txPowerDbm));
    phy.Set("RxNoiseFigure", DoubleValue(m_noiseFigureDb));

    WifiHelper wifi;
    wifi.SetStandard(standard.standard);
    if (RateControl() == CONSTANT_RATE)
    {
        wifi.SetRemoteStationManager(CONSTANT_RATE,
                                     "DataMode",
                                     StringValue(DataMode()),
                                     "NonUnicastMode",
                                     StringValue(m_groupMode));
    }
    else
    {
        wifi.SetRemoteStationManager(RateControl(), "NonUnicastMode", StringValue(m_groupMode));
    }
    const Ssid ssid("wfl");
    // Of the longest aggregates of a standard what binds is the 5.484 ms limit of a PPDU.
    // A threshold of 1 makes 802.11n, too, agree on block acknowledgements at the first frame.
    WifiMacHelper mac;
    mac.SetType("ns3::StaWifiMac",
                "Ssid",
                SsidValue(ssid),
                "ActiveProbing",
                BooleanValue(false),
                "MaxMissedBeacons",
                UintegerValue(UINT32_MAX),
                "BE_MaxAmpduSize",
                UintegerValue(standard.maxAmpduBytes),
                "BE_BlockAckThreshold",
                UintegerValue(1));
    m_stationDevices = wifi.Install(phy, mac, workers);
    StaggerAssociation();
    mac.SetType("ns3::ApWifiMac",
                "Ssid",
                SsidValue(ssid),
                "BeaconInterval",
                TimeValue(m_beaconInterval),
                "BE_MaxAmpduSize",
                UintegerValue(standard.maxAmpduBytes),
                "BE_BlockAckThreshold",
                UintegerValue(1));
    if (!m_scheduler.empty())
    {
        mac.SetMultiUserScheduler(m_scheduler);
    }
    const auto ap = wifi.Install(phy, mac, m_apNode);
    m_apDevice = DynamicCast<WifiNetDevice>(ap.Get(0));
    wifi.AssignStreams(ap, FIRST_STREAM + wifi.AssignStreams(m_stationDevices, FIRST_STREAM));

    EnlargeQueues(SERVER);
    ConnectTraces(SERVER);
    for (StationId worker = 0; worker < Workers(); ++worker)
    {
        EnlargeQueues(worker);
        ConnectTraces(worker);
        GetWifiDevice(worker)->GetMac()->TraceConnectWithoutContext(
            "Assoc",
            MakeCallback(&WifiChannel::Associated, this, worker));
    }
    if (m_backhaul)
    {
        return InstallBackhaul(m_stationDevices);
    }
    return {m_stationDevices, NetDeviceContainer(m_apDevice)};
}

const WifiStandardInfo&
WifiChannel::Standard() const
{
    return FindWifiStandard(m_standard, WHERE + "Standard");
}

/** @return the path loss in the lowest channel of a width */
Ptr<PropagationLossModel>
WifiChannel::MakeLoss(uint16_t widthMhz) const
{
    if (m_propagation.empty())
    {
        return MakeLogDistance(m_pathLossExponent, m_referenceLossDb);
    }
    const double carrierHz = (5170 + widthMhz / 2) * 1e6;
    return MakePropagationChain(m_propagation,
                                WHERE + "Propagation",
                                carrierHz,
                                FIRST_STREAM - 100);
}

/** @return the TypeId of the rate control */
std::string
WifiChannel::RateControl() const
{
    if (!m_rateControl.empty())
    {
        return m_rateControl;
    }
    return m_dataMode.empty() ? "ns3::IdealWifiManager" : CONSTANT_RATE;
}

/** @return the mode of data frames, where it is constant */
std::string
WifiChannel::DataMode() const
{
    return m_dataMode.empty() ? Standard().CommonMode() : m_dataMode;
}

/** What ns-3 itself would answer by ending the program. */
void
WifiChannel::CheckModes() const
{
    if (m_backhaulRate.GetBitRate() == 0)
    {
        throw fl::UserError(WHERE + "BackhaulRate: must be positive");
    }
    if (m_beaconInterval.GetMicroSeconds() % 1024 != 0)
    {
        throw fl::UserError(WHERE + "BeaconInterval: must be a multiple of 1024 us");
    }
    const auto guardNs = m_heGuardInterval.GetNanoSeconds();
    if (guardNs != 800 && guardNs != 3200)
    {
        throw fl::UserError(WHERE + "HeGuardInterval: must be 800ns or 3200ns (ns-3 takes 1600ns, "
                                    "but sends with 3200ns)");
    }
    TypeId control;
    const bool known = TypeId::LookupByNameFailSafe(RateControl(), &control);
    if (!known || !control.IsChildOf(WifiRemoteStationManager::GetTypeId()) ||
        LEGACY_RATE_CONTROLS.count(RateControl()) > 0)
    {
        throw fl::UserError(WHERE + "RateControl: \"" + m_rateControl +
                            "\" is no rate control for these standards, such as "
                            "ns3::IdealWifiManager, ns3::MinstrelHtWifiManager, "
                            "ns3::ConstantRateWifiManager");
    }
    FindModel(m_errorRateModel,
              ErrorRateModel::GetTypeId(),
              WHERE + "ErrorRateModel",
              "ns3::TableBasedErrorRateModel, ns3::NistErrorRateModel, ns3::YansErrorRateModel");
    if (!m_scheduler.empty())
    {
        FindModel(m_scheduler,
                  MultiUserScheduler::GetTypeId(),
                  WHERE + "Scheduler",
                  "ns3::RrMultiUserScheduler");
        if (!Standard().hasOfdma)
        {
            throw fl::UserError(WHERE + "Scheduler: " + m_standard + " has no OFDMA, 80211ax has");
        }
    }
    if (RateControl() != CONSTANT_RATE && !m_dataMode.empty())
    {
        throw fl::UserError(WHERE + "DataMode: " + m_rateControl +
                            " chooses the mode itself, only " + CONSTANT_RATE + " does not");
    }
    for (const auto& [name, mode] : {std::pair<std::string, std::string>("GroupMode", m_groupMode),
                                     std::pair<std::string, std::string>("DataMode", DataMode())})
    {
        if (!Standard().HasMode(mode))
        {
            throw fl::UserError(WHERE + name + ": \"" + mode + "\" is no mode of " + m_standard +
                                " with one stream, such as " + Standard().SomeModes());
        }
    }
}

/**
 * Stations that end their scan at the same moment would all ask for association in one storm of
 * collisions.
 */
void
WifiChannel::StaggerAssociation() const
{
    const Time scan = m_beaconInterval + MilliSeconds(20);
    const Time spacing = MilliSeconds(5);
    for (StationId worker = 0; worker < Workers(); ++worker)
    {
        const auto mac = GetWifiDevice(worker)->GetMac();
        mac->SetAttribute("WaitBeaconTimeout",
                          TimeValue(scan + spacing * static_cast<int64_t>(worker)));
    }
}

NetDeviceChannel::Devices
WifiChannel::InstallBackhaul(const NetDeviceContainer& stations)
{
    const auto wired = InstallCsmaBus(NodeContainer(m_apNode, GetNode(SERVER)),
                                      m_backhaulRate,
                                      m_backhaulDelay,
                                      FIRST_STREAM - 50);
    NetDeviceContainer ports;
    ports.Add(m_apDevice);
    ports.Add(wired.Get(0));
    BridgeHelper().Install(m_apNode, ports);
    return {stations, NetDeviceContainer(wired.Get(1))};
}

Ptr<WifiNetDevice>
WifiChannel::GetWifiDevice(StationId station) const
{
    return station == SERVER ? m_apDevice
                             : DynamicCast<WifiNetDevice>(m_stationDevices.Get(station));
}

/** Frames wait in the queue of their category for as long as it takes. */
void
WifiChannel::EnlargeQueues(StationId station) const
{
    const auto mac = GetWifiDevice(station)->GetMac();
    for (const auto category : {AC_BE, AC_BK, AC_VI, AC_VO})
    {
        const auto queue = mac->GetTxopQueue(category);
        queue->SetMaxSize(QueueSize("1000000p"));
        queue->SetMaxDelay(Seconds(100000));
        // With the default of 1 ms a response that is late under contention leaves the receiver
        // waiting in its reorder buffer for a frame that it had before the agreement.
        mac->GetQosTxop(category)->SetAddBaResponseTimeout(Seconds(1));
    }
    if (const auto he = GetWifiDevice(station)->GetHeConfiguration())
    {
        he->SetMpduBufferSize(256);
        he->SetGuardInterval(m_heGuardInterval);
    }
}

void
WifiChannel::ConnectTraces(StationId station)
{
    const auto device = GetWifiDevice(station);
    const auto phy = device->GetPhy();
    phy->TraceConnectWithoutContext("PhyTxPsduBegin",
                                    MakeCallback(&WifiChannel::NotePpdu, this, station));
    phy->GetState()->TraceConnectWithoutContext(
        "State",
        MakeCallback(&WifiChannel::NoteState, this, station));
    device->GetMac()->TraceConnectWithoutContext(
        "DroppedMpdu",
        MakeCallback(&WifiChannel::NoteDrop, this, station));
    if (station != SERVER)
    {
        phy->TraceConnectWithoutContext("PhyRxDrop",
                                        MakeCallback(&WifiChannel::NoteMissedFrame, this, station));
        phy->GetState()->TraceConnectWithoutContext(
            "RxError",
            MakeCallback(&WifiChannel::NoteFailedFrame, this, station));
    }
}

/** @return the MAC header of a PSDU of one frame */
WifiMacHeader
WifiChannel::HeaderOf(Ptr<const Packet> psdu)
{
    WifiMacHeader header;
    AmpduSubframeHeader delimiter;
    const auto rest = psdu->Copy();
    rest->PeekHeader(delimiter);
    if (delimiter.IsSignatureValid())
    {
        rest->RemoveHeader(delimiter); // VHT and HE wrap a single MPDU, too
    }
    rest->PeekHeader(header);
    return header;
}

/**
 * Data only: what else is lost can leave two stations of ns-3 with different block acknowledgement
 * agreements, after which one asks the other for a BlockAck for ever.
 */
Ptr<LossModel>
WifiChannel::LossOfFrame(StationId receiver, Ptr<const Packet> frame)
{
    const auto header = HeaderOf(frame);
    if (!header.IsData())
    {
        return nullptr;
    }
    const auto sender = WorkerOf(header.GetAddr2());
    if (receiver == SERVER)
    {
        return sender == SERVER ? nullptr : LossOf(sender, Direction::UP);
    }
    const auto to = header.GetAddr1();
    const bool isForIt = to.IsGroup() || WorkerOf(to) == receiver;
    return sender == SERVER && isForIt ? LossOf(receiver, Direction::DOWN) : nullptr;
}

bool
WifiChannel::DoLoseFrames()
{
    for (StationId station = 0; station <= Workers(); ++station)
    {
        const StationId receiver = station == Workers() ? SERVER : station;
        const auto loss = CreateObject<FrameLoss>();
        loss->SetChoice([this, receiver](const Ptr<const Packet>& frame)
                        { return LossOfFrame(receiver, frame); });
        GetWifiDevice(receiver)->GetPhy()->SetPostReceptionErrorModel(loss);
    }
    return true;
}

// Readiness

void
WifiChannel::Associated(StationId worker, Mac48Address /* ap */)
{
    m_associated.insert(worker);
    if (m_associated.size() == Workers() && !m_ready.IsNull())
    {
        // Association flushes the neighbour caches after this trace.
        m_readyEvent.Cancel();
        m_readyEvent = Simulator::Schedule(MilliSeconds(1), &WifiChannel::BecomeReady, this);
    }
}

void
WifiChannel::WhenReady(ReadyCallback ready)
{
    m_ready = ready;
    m_readyEvent = Simulator::Schedule(m_associationTimeout, &WifiChannel::BecomeReady, this);
}

void
WifiChannel::BecomeReady()
{
    FillNeighborCaches(GetDevices());
    std::vector<StationId> unreachable;
    for (StationId worker = 0; worker < Workers(); ++worker)
    {
        if (m_associated.count(worker) == 0)
        {
            unreachable.push_back(worker);
        }
    }
    const auto ready = m_ready;
    m_ready = ReadyCallback();
    ready(unreachable);
}

// What is known of the channel

Time
WifiChannel::EstimateAirtime(Direction /* direction */, uint64_t bytes) const
{
    constexpr double cautiousBitsPerSecond = 6e6;
    return Seconds(static_cast<double>(bytes) * 8 / cautiousBitsPerSecond);
}

Time
WifiChannel::RoundTripDelay() const
{
    return m_backhaul ? m_backhaulDelay + m_backhaulDelay : Time();
}

bool
WifiChannel::IsBacklogged(StationId from, StationId /* to */) const
{
    const auto device = GetWifiDevice(from);
    if (device->GetMac()->GetTxopQueue(AC_BE)->GetNPackets() > 0)
    {
        return true;
    }
    if (from != SERVER || !m_backhaul)
    {
        return false;
    }
    const auto wired = DynamicCast<CsmaNetDevice>(GetDevices().server.Get(0));
    return wired->GetQueue()->GetNPackets() > 0;
}

void
WifiChannel::SetLifetime(Time lifetime)
{
    GetWifiDevice(SERVER)->GetMac()->GetTxopQueue(AC_BE)->SetMaxDelay(lifetime);
    for (StationId worker = 0; worker < Workers(); ++worker)
    {
        GetWifiDevice(worker)->GetMac()->GetTxopQueue(AC_BE)->SetMaxDelay(lifetime);
    }
}

void
WifiChannel::DoSetPresent(StationId worker, bool present)
{
    const auto device = GetWifiDevice(worker);
    if (present)
    {
        device->GetPhy()->ResumeFromOff();
    }
    else
    {
        // The MAC empties its queue when its radio goes off, but keeps its window.
        device->GetPhy()->SetOffMode();
        DropFramesTo(device->GetMac(), AddressOf(SERVER));
    }
}

Mac48Address
WifiChannel::AddressOf(StationId station) const
{
    return GetWifiDevice(station)->GetMac()->GetAddress();
}

/** What a station holds for another that does not answer is lost. */
void
WifiChannel::GiveUpSilent(StationId station, StationId silent)
{
    const auto dropped = DropFramesTo(GetWifiDevice(station)->GetMac(), AddressOf(silent));
    for (uint32_t i = 0; i < dropped; ++i)
    {
        m_lossTrace(station == SERVER ? Direction::DOWN : Direction::UP,
                    station == SERVER ? silent : station,
                    "retry-limit");
    }
}

double
WifiChannel::SnrDb(StationId worker) const
{
    const double powerDbm = m_loss->CalcRxPower(m_txPowerDbm,
                                                GetNode(worker)->GetObject<MobilityModel>(),
                                                m_apNode->GetObject<MobilityModel>());
    return powerDbm + GetWifiDevice(SERVER)->GetPhy()->GetRxGain() - NoiseDbm();
}

double
WifiChannel::FadedSnrDb(StationId worker) const
{
    const auto manager = GetWifiDevice(SERVER)->GetRemoteStationManager();
    return manager->GetMostRecentRssi(AddressOf(worker)) - NoiseDbm();
}

/** @return power of the noise over the channel at the access point */
double
WifiChannel::NoiseDbm() const
{
    constexpr double boltzmann = 1.3803e-23;
    constexpr double temperatureK = 290;
    const double widthHz = GetWifiDevice(SERVER)->GetPhy()->GetChannelWidth() * 1e6;
    return WToDbm(boltzmann * temperatureK * widthHz) + m_noiseFigureDb;
}

// Accounting

void
WifiChannel::NotePpdu(StationId station,
                      WifiConstPsduMap psdus,
                      WifiTxVector txVector,
                      double /* txPowerW */)
{
    const auto band = GetWifiDevice(station)->GetPhy()->GetPhyBand();
    Transmission transmission{Simulator::Now(),
                              WifiPhy::CalculateTxDuration(psdus, txVector, band),
                              0,
                              station,
                              Direction::NONE,
                              GROUP,
                              0};
    for (const auto& [staId, psdu] : psdus)
    {
        const auto& header = psdu->GetHeader(0);
        const auto to = psdu->GetAddr1();
        const auto peer = to.IsGroup() ? GROUP : WorkerOf(to);
        if (!to.IsGroup())
        {
            const bool isAnswer = header.IsAck() || header.IsBlockAck() || header.IsCts();
            m_unanswered.NoteAlive(station, peer);
            if (!isAnswer)
            {
                m_unanswered.NoteAsked(station, peer);
            }
            if (header.IsBlockAckReq() && m_unanswered.IsTooMany(station, peer))
            {
                Simulator::ScheduleNow(&WifiChannel::GiveUpSilent, this, station, peer);
            }
        }
        transmission.bytes += psdu->GetSize();
        transmission.worker = psdus.size() > 1 ? GROUP : station == SERVER ? peer : station;
        if (header.IsData() || header.IsBlockAckReq() || header.IsRts())
        {
            transmission.direction = station == SERVER ? Direction::DOWN : Direction::UP;
        }
        else if (header.IsTrigger())
        {
            // It gives others leave to send.
            transmission.direction = Direction::UP;
        }
        else if (header.IsAck() || header.IsBlockAck() || header.IsCts())
        {
            // An answer belongs to the traffic that it answers.
            transmission.direction = station == SERVER ? Direction::UP : Direction::DOWN;
        }
    }
    m_transmissionTrace(transmission);
}

void
WifiChannel::NoteState(StationId station, Time start, Time duration, WifiPhyState state)
{
    switch (state)
    {
    case WifiPhyState::TX:
        m_radioStateTrace(station, RadioState::TX, start, duration);
        break;
    case WifiPhyState::RX:
        m_radioStateTrace(station, RadioState::RX, start, duration);
        break;
    case WifiPhyState::CCA_BUSY:
    case WifiPhyState::SWITCHING:
        m_radioStateTrace(station, RadioState::CCA_BUSY, start, duration);
        break;
    case WifiPhyState::SLEEP:
        m_radioStateTrace(station, RadioState::SLEEP, start, duration);
        break;
    case WifiPhyState::OFF:
        m_radioStateTrace(station, RadioState::OFF, start, duration);
        break;
    case WifiPhyState::IDLE:
        break;
    }
}

/** Frames to a group are not acknowledged: who misses one misses a datagram. */
void
WifiChannel::NoteMissedFrame(StationId worker,
                             Ptr<const Packet> frame,
                             WifiPhyRxfailureReason /* reason */)
{
    NoteFailedFrame(worker, frame, std::nan(""));
}

/** The same for one whose preamble was received. */
void
WifiChannel::NoteFailedFrame(StationId worker, Ptr<const Packet> frame, double /* snr */)
{
    if (frame->GetSize() < MIN_DATA_HEADER_BYTES)
    {
        return;
    }
    const auto header = HeaderOf(frame);
    if (header.IsData() && header.GetAddr1().IsGroup() &&
        header.GetAddr2() == m_apDevice->GetMac()->GetAddress())
    {
        m_lossTrace(Direction::DOWN, worker, "missed-frame");
    }
}

void
WifiChannel::NoteDrop(StationId station, WifiMacDropReason reason, Ptr<const WifiMpdu> mpdu)
{
    static const std::map<WifiMacDropReason, std::string> names{
        {WIFI_MAC_DROP_FAILED_ENQUEUE, "queue-full"},
        {WIFI_MAC_DROP_EXPIRED_LIFETIME, "expired"},
        {WIFI_MAC_DROP_REACHED_RETRY_LIMIT, "retry-limit"},
        {WIFI_MAC_DROP_QOS_OLD_PACKET, "window-passed"},
    };
    // What has reached its retry limit is then also told to be behind the window.
    const std::pair dropped(station, mpdu->GetPacket()->GetUid());
    if (std::exchange(m_lastDropped, dropped) == dropped)
    {
        return;
    }
    const auto found = names.find(reason);
    const auto name = found == names.end() ? "mac" : found->second;
    const auto to = mpdu->GetHeader().GetAddr1();
    if (!to.IsGroup() && m_unanswered.IsTooMany(station, WorkerOf(to)))
    {
        Simulator::ScheduleNow(&WifiChannel::GiveUpSilent, this, station, WorkerOf(to));
    }
    if (station != SERVER)
    {
        m_lossTrace(Direction::UP, station, name);
    }
    else if (!to.IsGroup())
    {
        m_lossTrace(Direction::DOWN, WorkerOf(to), name);
    }
    else
    {
        for (StationId worker = 0; worker < Workers(); ++worker)
        {
            m_lossTrace(Direction::DOWN, worker, name);
        }
    }
}

} // namespace wfl
} // namespace ns3
