/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/wfl-lr-wpan-channel.h"

#include "ns3/boolean.h"
#include "ns3/config.h"
#include "ns3/double.h"
#include "ns3/fl-error.h"
#include "ns3/integer.h"
#include "ns3/lr-wpan-csmaca.h"
#include "ns3/lr-wpan-helper.h"
#include "ns3/lr-wpan-mac-header.h"
#include "ns3/lr-wpan-mac.h"
#include "ns3/lr-wpan-phy.h"
#include "ns3/lr-wpan-spectrum-value-helper.h"
#include "ns3/mobility-model.h"
#include "ns3/simulator.h"
#include "ns3/single-model-spectrum-channel.h"
#include "ns3/sixlowpan-net-device.h"
#include "ns3/string.h"
#include "ns3/uinteger.h"
#include "ns3/wfl-frame-loss.h"
#include "ns3/wfl-placement.h"
#include "ns3/wfl-propagation-chain.h"
#include "ns3/wfl-registry.h"

#include <cmath>

namespace ns3
{
namespace wfl
{

NS_OBJECT_ENSURE_REGISTERED(LrWpanChannel);

namespace
{

/**
 * A frame holds 127 octets. ns-3's device fills 125 of them: 9 of MAC header (short addresses, one
 * PAN identifier), 2 of check sequence, and 114. Of these IPHC (RFC 6282) leaves 101: 2 octets for
 * the base, 3 for the flow label, which ns-3 sets to 1, 1 for the group's address, 7 for UDP.
 */
const char* const DATAGRAM_BYTES = "101";

const TypeRegistration<LrWpanChannel> g_lrWpan("channel",
                                               "lr-wpan",
                                               {{"MaxDatagramBytes", DATAGRAM_BYTES}});

constexpr uint32_t MAX_DATAGRAM_BYTES = 1280 - 40 - 8; ///< IPv6's smallest MTU less headers
constexpr uint32_t MAX_WORKERS = 0x7fff - 1;           ///< short addresses above are for groups
constexpr uint16_t PAN_ID = 1;
constexpr int64_t FIRST_STREAM = 3000;

/** IEEE 802.15.4-2006, 6.3 and 6.5: 6 octets of preamble, delimiter and length; 250 kbit/s. */
Time
DurationOf(const Ptr<const Packet>& frame)
{
    constexpr int64_t headerBytes = 6;
    constexpr int64_t byteUs = 32;
    return MicroSeconds((headerBytes + frame->GetSize()) * byteUs);
}

/** IEEE 802.15.4-2006, 6.1.2.1. */
double
CarrierHz(uint32_t channel)
{
    return (2405 + 5 * (channel - 11)) * 1e6;
}

/** @return a station's short address; 0 would mean that it has none */
Mac16Address
ShortAddress(StationId station)
{
    const uint32_t number = station == SERVER ? 1 : station + 2;
    const uint8_t bytes[]{static_cast<uint8_t>(number >> 8), static_cast<uint8_t>(number)};
    Mac16Address address;
    address.CopyFrom(bytes);
    return address;
}

/** @return whose short address it is; GROUP if it is no station's */
StationId
StationAt(Mac16Address address)
{
    uint8_t bytes[2];
    address.CopyTo(bytes);
    const uint32_t number = bytes[0] << 8 | bytes[1];
    return number == 1 ? SERVER : number <= MAX_WORKERS + 1 ? number - 2 : GROUP;
}

/** @return the MAC header of a frame */
LrWpanMacHeader
HeaderOf(const Ptr<const Packet>& frame)
{
    LrWpanMacHeader header;
    frame->PeekHeader(header);
    return header;
}

} // namespace

TypeId
LrWpanChannel::GetTypeId()
{
    static TypeId tid =
        TypeId("ns3::wfl::LrWpanChannel")
            .SetParent<PacedChannel>()
            .SetGroupName("Wfl")
            .AddConstructor<LrWpanChannel>()
            .AddAttribute("Channel",
                          "Channel of the 2.4 GHz band, 11 to 26.",
                          UintegerValue(11),
                          MakeUintegerAccessor(&LrWpanChannel::m_channelNumber),
                          MakeUintegerChecker<uint32_t>(11, 26))
            .AddAttribute("MaxFrameRetries",
                          "macMaxFrameRetries: how often a frame is sent again that is not "
                          "acknowledged.",
                          UintegerValue(3),
                          MakeUintegerAccessor(&LrWpanChannel::m_maxFrameRetries),
                          MakeUintegerChecker<uint32_t>(0, 7))
            .AddAttribute("MaxCsmaBackoffs",
                          "macMaxCSMABackoffs: how often a frame waits for a free channel before "
                          "it is given up, less one.",
                          UintegerValue(4),
                          MakeUintegerAccessor(&LrWpanChannel::m_maxBackoffs),
                          MakeUintegerChecker<uint32_t>(0, 5))
            .AddAttribute("MinBe",
                          "macMinBE: backoff exponent of the first wait.",
                          UintegerValue(3),
                          MakeUintegerAccessor(&LrWpanChannel::m_minBackoffExponent),
                          MakeUintegerChecker<uint32_t>(0, 8))
            .AddAttribute("MaxBe",
                          "macMaxBE: largest backoff exponent.",
                          UintegerValue(5),
                          MakeUintegerAccessor(&LrWpanChannel::m_maxBackoffExponent),
                          MakeUintegerChecker<uint32_t>(3, 8))
            .AddAttribute("RadiusM",
                          "Radius of the disc on which workers are placed, in metres.",
                          DoubleValue(10),
                          MakeDoubleAccessor(&LrWpanChannel::m_radiusM),
                          MakeDoubleChecker<double>(0, MAX_DISTANCE_M))
            .AddAttribute("Propagation",
                          "TypeIds of propagation loss models, joined by +; empty for log-distance "
                          "with the two attributes below.",
                          StringValue(""),
                          MakeStringAccessor(&LrWpanChannel::m_propagation),
                          MakeStringChecker())
            .AddAttribute("PathLossExponent",
                          "Exponent of the log-distance path loss.",
                          DoubleValue(3),
                          MakeDoubleAccessor(&LrWpanChannel::m_pathLossExponent),
                          MakeDoubleChecker<double>(0))
            .AddAttribute("ReferenceLossDb",
                          "Path loss at 1 m in dB; the default is free space at 2.4 GHz.",
                          DoubleValue(40.05),
                          MakeDoubleAccessor(&LrWpanChannel::m_referenceLossDb),
                          MakeDoubleChecker<double>())
            .AddAttribute("PropagationDelay",
                          "TypeId of the propagation delay model.",
                          StringValue("ns3::ConstantSpeedPropagationDelayModel"),
                          MakeStringAccessor(&LrWpanChannel::m_propagationDelay),
                          MakeStringChecker())
            .AddAttribute("TxPowerDbm",
                          "Transmit power of all stations in dBm.",
                          DoubleValue(0),
                          MakeDoubleAccessor(&LrWpanChannel::m_txPowerDbm),
                          MakeDoubleChecker<double>(-100, 100));
    return tid;
}

void
LrWpanChannel::DoDispose()
{
    m_radios.clear();
    m_loss = nullptr;
    PacedChannel::DoDispose();
}

void
LrWpanChannel::CheckAttributes() const
{
    const std::string where = "--channel=lr-wpan, ";
    if (MaxDatagramBytes(Direction::UP) > MAX_DATAGRAM_BYTES)
    {
        throw fl::UserError(where + "MaxDatagramBytes: at most " +
                            std::to_string(MAX_DATAGRAM_BYTES) + " fit the MTU of 6LoWPAN");
    }
    if (m_minBackoffExponent > m_maxBackoffExponent)
    {
        throw fl::UserError(where + "MinBe: must not be larger than MaxBe");
    }
    if (Workers() > MAX_WORKERS)
    {
        throw fl::UserError("--workers: lr-wpan has short addresses for " +
                            std::to_string(MAX_WORKERS) + " workers");
    }
}

bool
LrWpanChannel::EnablePcap(const std::string& prefix)
{
    LrWpanHelper helper;
    for (const auto& [station, radio] : m_radios)
    {
        helper.EnablePcap(prefix, radio.device);
    }
    return true;
}

NetDeviceChannel::Devices
LrWpanChannel::DoInstallDevices()
{
    CheckAttributes();
    PlaceOnDisc(WorkerNodes(), GetNode(SERVER), m_radiusM, GetRunSeed());
    const std::string where = "--channel=lr-wpan, ";
    m_loss = m_propagation.empty() ? MakeLogDistance(m_pathLossExponent, m_referenceLossDb)
                                   : MakePropagationChain(m_propagation,
                                                          where + "Propagation",
                                                          CarrierHz(m_channelNumber),
                                                          FIRST_STREAM - 100);
    auto channel = CreateObject<SingleModelSpectrumChannel>();
    channel->AddPropagationLossModel(m_loss);
    channel->TraceConnectWithoutContext("PathLoss",
                                        MakeCallback(&LrWpanChannel::NotePathLoss, this));
    channel->SetPropagationDelayModel(
        MakePropagationDelay(m_propagationDelay, where + "PropagationDelay", FIRST_STREAM - 10));
    Devices devices;
    for (StationId worker = 0; worker < Workers(); ++worker)
    {
        devices.workers.Add(InstallDevice(worker, channel));
    }
    devices.server.Add(InstallDevice(SERVER, channel));
    return devices;
}

/** @return a 6LoWPAN device with a radio below it */
Ptr<NetDevice>
LrWpanChannel::InstallDevice(StationId station, const Ptr<SpectrumChannel>& channel)
{
    const auto node = GetNode(station);
    constexpr int64_t streams = 10;
    const int64_t stream = FIRST_STREAM + streams * (station == SERVER ? 0 : station + 1);
    // The MAC draws its first sequence number when it is made, and with it which acknowledgements
    // of others it will take for its own; by default that depends on all that was made before.
    const std::string attribute = "ns3::RandomVariableStream::Stream";
    Config::SetDefault(attribute, IntegerValue(stream));
    auto radio = CreateObject<LrWpanNetDevice>();
    Config::SetDefault(attribute, IntegerValue(-1));
    m_radios[station].device = radio;
    radio->SetChannel(channel);
    node->AddDevice(radio);
    radio->SetNode(node);
    radio->GetPhy()->SetMobility(node->GetObject<MobilityModel>());
    LrWpanSpectrumValueHelper spectrum;
    radio->GetPhy()->SetTxPowerSpectralDensity(
        spectrum.CreateTxPowerSpectralDensity(m_txPowerDbm, m_channelNumber));
    radio->GetPhy()->SetNoisePowerSpectralDensity(
        spectrum.CreateNoisePowerSpectralDensity(m_channelNumber));
    radio->GetMac()->SetPanId(PAN_ID);
    radio->GetMac()->SetShortAddress(ShortAddress(station));
    radio->GetMac()->SetMacMaxFrameRetries(static_cast<uint8_t>(m_maxFrameRetries));
    const auto csma = radio->GetCsmaCa();
    csma->SetMacMaxBE(static_cast<uint8_t>(m_maxBackoffExponent));
    csma->SetMacMinBE(static_cast<uint8_t>(m_minBackoffExponent));
    csma->SetMacMaxCSMABackoffs(static_cast<uint8_t>(m_maxBackoffs));
    radio->AssignStreams(stream + 1);
    ConnectTraces(station);

    auto device = CreateObject<SixLowPanNetDevice>();
    // Only an upper layer with a check of its own may do without (RFC 6282, 4.3.2).
    device->SetAttribute("OmitUdpChecksum", BooleanValue(false));
    node->AddDevice(device);
    device->SetNetDevice(radio);
    return device;
}

AddressPlan
LrWpanChannel::DoAssignAddresses()
{
    return AssignLinkLocal(GetDevices());
}

void
LrWpanChannel::ConnectTraces(StationId station)
{
    const auto radio = GetRadio(station);
    const auto connect = [this, station](const auto& object, const std::string& source, auto method)
    {
        object->TraceConnectWithoutContext(source, MakeCallback(method, this, station));
    };
    connect(radio->GetMac(), "MacTxEnqueue", &LrWpanChannel::NoteTaken);
    connect(radio->GetMac(), "MacTxDequeue", &LrWpanChannel::NoteDone);
    connect(radio->GetMac(), "MacTxDrop", &LrWpanChannel::NoteDrop);
    connect(radio->GetMac(), "MacRx", &LrWpanChannel::NoteAccepted);
    connect(radio->GetPhy(), "PhyTxBegin", &LrWpanChannel::NoteTransmission);
    connect(radio->GetPhy(), "PhyRxBegin", &LrWpanChannel::NoteReception);
    connect(radio->GetPhy(), "PhyRxEnd", &LrWpanChannel::NoteReceptionEnd);
    if (station != SERVER)
    {
        connect(radio->GetPhy(), "PhyRxDrop", &LrWpanChannel::NoteMissed);
    }
}

Ptr<LrWpanNetDevice>
LrWpanChannel::GetRadio(StationId station) const
{
    return m_radios.at(station).device;
}

/** 6LoWPAN cuts IP packets into frames below IP: NoteTaken() and NoteAccepted() tell of them. */
void
LrWpanChannel::TraceFrames(StationId /* station */)
{
}

/** Acknowledgements name nobody, so that none of them is lost. */
bool
LrWpanChannel::DoLoseFrames()
{
    for (const auto& [receiver, radio] : m_radios)
    {
        const auto loss = CreateObject<FrameLoss>();
        loss->SetChoice(
            [this, station = receiver](const Ptr<const Packet>& frame) -> Ptr<LossModel>
            {
                const auto header = HeaderOf(frame);
                if (!header.IsData())
                {
                    return nullptr;
                }
                const auto sender = StationAt(header.GetShortSrcAddr());
                const auto destination = StationAt(header.GetShortDstAddr());
                if (station == SERVER)
                {
                    return LossOf(sender, Direction::UP);
                }
                const bool isForIt = destination == station || destination == GROUP;
                return sender == SERVER && isForIt ? LossOf(station, Direction::DOWN) : nullptr;
            });
        radio.device->GetPhy()->SetPostReceptionErrorModel(loss);
    }
    return true;
}

void
LrWpanChannel::WhenReady(ReadyCallback ready)
{
    FillNeighborCaches(GetDevices());
    // Receivers are on after a turnaround of 192 us.
    Simulator::Schedule(MilliSeconds(1), &LrWpanChannel::BecomeReady, this, ready);
}

void
LrWpanChannel::BecomeReady(ReadyCallback ready)
{
    ready({});
}

// What is known of the channel

Time
LrWpanChannel::EstimateAirtime(Direction direction, uint64_t bytes) const
{
    // A full frame with backoff and acknowledgement takes 7 ms; collisions come on top.
    const auto frames = static_cast<int64_t>(bytes / MaxDatagramBytes(direction) + 1);
    return MilliSeconds(20) * frames;
}

Time
LrWpanChannel::RoundTripDelay() const
{
    return MilliSeconds(20);
}

bool
LrWpanChannel::MayDuplicate() const
{
    return true;
}

double
LrWpanChannel::SnrDb(StationId worker) const
{
    const double powerDbm = m_loss->CalcRxPower(m_txPowerDbm,
                                                GetNode(worker)->GetObject<MobilityModel>(),
                                                GetNode(SERVER)->GetObject<MobilityModel>());
    return powerDbm - NoiseDbm();
}

double
LrWpanChannel::FadedSnrDb(StationId worker) const
{
    const auto last = m_lastLossesDb.find(worker);
    return last == m_lastLossesDb.end() ? SnrDb(worker) : m_txPowerDbm - last->second - NoiseDbm();
}

/** @return power of the noise over the channel at the coordinator */
double
LrWpanChannel::NoiseDbm() const
{
    const double noiseW = LrWpanSpectrumValueHelper::TotalAvgPower(
        GetRadio(SERVER)->GetPhy()->GetNoisePowerSpectralDensity(),
        m_channelNumber);
    return 10 * std::log10(noiseW * 1000);
}

// Accounting

void
LrWpanChannel::NoteTaken(StationId station, Ptr<const Packet> /* frame */)
{
    FrameTaken(DeviceOf(station, GROUP));
    m_frameTrace(station);
}

void
LrWpanChannel::NoteDone(StationId station, Ptr<const Packet> /* frame */)
{
    m_radios[station].sent = false;
    FrameDone(DeviceOf(station, GROUP));
}

void
LrWpanChannel::NoteDrop(StationId station, Ptr<const Packet> frame)
{
    m_lossTrace(station == SERVER ? Direction::DOWN : Direction::UP,
                station == SERVER ? StationAt(HeaderOf(frame).GetShortDstAddr()) : station,
                m_radios[station].sent ? "retry-limit" : "channel-busy");
}

void
LrWpanChannel::NoteTransmission(StationId station, Ptr<const Packet> frame)
{
    auto& radio = m_radios[station];
    const auto header = HeaderOf(frame);
    Transmission transmission{Simulator::Now(),
                              DurationOf(frame),
                              0,
                              station,
                              station == SERVER ? Direction::DOWN : Direction::UP,
                              station,
                              frame->GetSize()};
    if (header.IsAcknowledgment())
    {
        // An answer belongs to the traffic that it answers.
        transmission.direction = station == SERVER ? Direction::UP : Direction::DOWN;
        transmission.worker = station == SERVER ? radio.heard : station;
    }
    else
    {
        radio.sent = true;
        transmission.worker = station == SERVER ? StationAt(header.GetShortDstAddr()) : station;
    }
    m_transmissionTrace(transmission);
    m_radioStateTrace(station, RadioState::TX, transmission.start, transmission.duration);
}

/** A frame is on its way, of which the loss of power is drawn for each receiver. */
void
LrWpanChannel::NotePathLoss(Ptr<const SpectrumPhy> transmitter,
                            Ptr<const SpectrumPhy> receiver,
                            double lossDb)
{
    const auto sender = DynamicCast<LrWpanNetDevice>(transmitter->GetDevice());
    if (receiver->GetDevice() == GetRadio(SERVER))
    {
        m_lastLossesDb[StationAt(sender->GetMac()->GetShortAddress())] = lossDb;
    }
}

void
LrWpanChannel::NoteReception(StationId station, Ptr<const Packet> /* frame */)
{
    m_radios[station].receivesSince = Simulator::Now();
}

void
LrWpanChannel::NoteReceptionEnd(StationId station, Ptr<const Packet> /* frame */, double /* lqi */)
{
    const Time since = m_radios[station].receivesSince;
    m_radioStateTrace(station, RadioState::RX, since, Simulator::Now() - since);
}

void
LrWpanChannel::NoteAccepted(StationId station, Ptr<const Packet> frame)
{
    const auto header = HeaderOf(frame);
    if (header.IsData())
    {
        m_frameTrace(station);
    }
    if (header.IsAckReq())
    {
        m_radios[station].heard = StationAt(header.GetShortSrcAddr());
    }
}

/** Frames to a group are not acknowledged: who misses one misses a datagram, or a part of one. */
void
LrWpanChannel::NoteMissed(StationId worker, Ptr<const Packet> frame)
{
    const auto header = HeaderOf(frame);
    if (header.IsData() && StationAt(header.GetShortDstAddr()) == GROUP)
    {
        m_lossTrace(Direction::DOWN, worker, "missed-frame");
    }
}

} // namespace wfl
} // namespace ns3
