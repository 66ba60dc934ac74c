/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/wfl-wired-channel.h"

#include "ns3/ethernet-header.h"
#include "ns3/fl-error.h"
#include "ns3/pointer.h"
#include "ns3/simulator.h"
#include "ns3/wfl-frame-loss.h"

#include <algorithm>

namespace ns3
{
namespace wfl
{

NS_OBJECT_ENSURE_REGISTERED(WiredChannel);

namespace
{

constexpr uint32_t UDP_IP_BYTES = 28;    ///< headers of UDP and IPv4
constexpr uint32_t MIN_MTU = 1500;       ///< of Ethernet
constexpr uint32_t OVERHEAD_BYTES = 128; ///< about, of a datagram: headers and what it is answered

} // namespace

TypeId
WiredChannel::GetTypeId()
{
    static TypeId tid =
        TypeId("ns3::wfl::WiredChannel")
            .SetParent<PacedChannel>()
            .SetGroupName("Wfl")
            .AddAttribute("DataRate",
                          "Rate of every device.",
                          DataRateValue(DataRate("100Mbps")),
                          MakeDataRateAccessor(&WiredChannel::m_rate),
                          MakeDataRateChecker())
            .AddAttribute("Delay",
                          "Propagation delay of a wire; the default is that of 100 m of cable.",
                          TimeValue(NanoSeconds(500)),
                          MakeTimeAccessor(&WiredChannel::m_delay),
                          MakeTimeChecker(Seconds(0), Seconds(10)));
    return tid;
}

void
WiredChannel::DoDispose()
{
    m_ports.clear();
    PacedChannel::DoDispose();
}

void
WiredChannel::CheckAttributes(const std::string& name) const
{
    constexpr uint64_t slowestBps = 1000;
    if (m_rate.GetBitRate() < slowestBps)
    {
        throw fl::UserError("--channel=" + name + ", DataRate: must be at least 1kbps");
    }
}

DataRate
WiredChannel::GetRate() const
{
    return m_rate;
}

Time
WiredChannel::GetDelay() const
{
    return m_delay;
}

uint16_t
WiredChannel::GetMtu() const
{
    return static_cast<uint16_t>(std::max(MaxDatagramBytes(Direction::UP) + UDP_IP_BYTES, MIN_MTU));
}

void
WiredChannel::WhenReady(ReadyCallback ready)
{
    ready({});
}

Time
WiredChannel::EstimateAirtime(Direction direction, uint64_t bytes) const
{
    const uint64_t datagrams = bytes / MaxDatagramBytes(direction) + 1;
    const auto bits = static_cast<double>((bytes + datagrams * OVERHEAD_BYTES) * 8);
    return Seconds(bits / static_cast<double>(m_rate.GetBitRate()));
}

Time
WiredChannel::RoundTripDelay() const
{
    return m_delay + m_delay;
}

bool
WiredChannel::IsLossless() const
{
    return true;
}

void
WiredChannel::Watch(const Ptr<NetDevice>& device, StationId station, StationId worker)
{
    const auto port = m_ports.size();
    m_ports.push_back({device, station, worker});
    const auto connect = [&device, this, port](const std::string& source, auto method)
    {
        device->TraceConnectWithoutContext(source, MakeCallback(method, this, port));
    };
    connect("MacTx", &WiredChannel::NoteTaken);
    connect("PhyTxBegin", &WiredChannel::NoteBegin);
    connect("PhyTxEnd", &WiredChannel::NoteEnd);
    connect("MacRx", &WiredChannel::NoteArrival);
    connect("PhyRxDrop", &WiredChannel::NoteLost);
}

void
WiredChannel::NoteTaken(std::size_t number, Ptr<const Packet> /* frame */)
{
    FrameTaken(m_ports[number].device);
}

void
WiredChannel::NoteBegin(std::size_t number, Ptr<const Packet> frame)
{
    const auto& port = m_ports[number];
    auto worker = port.worker;
    if (worker == GROUP)
    {
        EthernetHeader header(false);
        frame->PeekHeader(header);
        const auto receiver = WorkerOf(header.GetDestination());
        worker = port.station != SERVER ? port.station : receiver != SERVER ? receiver : GROUP;
    }
    const Time duration = m_rate.CalculateBytesTxTime(frame->GetSize());
    m_transmissionTrace({Simulator::Now(),
                         duration,
                         0,
                         port.station,
                         port.station == SERVER ? Direction::DOWN : Direction::UP,
                         worker,
                         frame->GetSize()});
    m_radioStateTrace(port.station, RadioState::TX, Simulator::Now(), duration);
}

void
WiredChannel::NoteEnd(std::size_t number, Ptr<const Packet> /* frame */)
{
    FrameDone(m_ports[number].device);
}

void
WiredChannel::NoteArrival(std::size_t number, Ptr<const Packet> frame)
{
    const Time duration = m_rate.CalculateBytesTxTime(frame->GetSize());
    m_radioStateTrace(m_ports[number].station,
                      RadioState::RX,
                      Simulator::Now() - duration,
                      duration);
}

/** @return the worker at the other end or at this one; GROUP if a frame is for somebody else */
StationId
WiredChannel::LinkOf(const Port& receiver, const Ptr<const Packet>& frame) const
{
    if (receiver.worker != GROUP)
    {
        return receiver.worker;
    }
    EthernetHeader header(false);
    frame->PeekHeader(header);
    const auto sender = WorkerOf(header.GetSource());
    if (receiver.station == SERVER)
    {
        return sender;
    }
    const auto destination = header.GetDestination();
    const bool isForIt = destination.IsBroadcast() || WorkerOf(destination) == receiver.station;
    return sender == SERVER && isForIt ? receiver.station : GROUP;
}

bool
WiredChannel::DoLoseFrames()
{
    for (const auto& port : m_ports)
    {
        const auto loss = CreateObject<FrameLoss>();
        loss->SetChoice(
            [this, port](const Ptr<const Packet>& frame)
            {
                const auto worker = LinkOf(port, frame);
                const auto direction = port.station == SERVER ? Direction::UP : Direction::DOWN;
                return worker == GROUP ? nullptr : LossOf(worker, direction);
            });
        port.device->SetAttribute("ReceiveErrorModel", PointerValue(loss));
    }
    return true;
}

/** Nothing but a loss model makes a wire lose frames, and nobody sends them again. */
void
WiredChannel::NoteLost(std::size_t number, Ptr<const Packet> frame)
{
    const auto& port = m_ports[number];
    NoteArrival(number, frame);
    m_lossTrace(port.station == SERVER ? Direction::UP : Direction::DOWN,
                LinkOf(port, frame),
                "loss-model");
}

} // namespace wfl
} // namespace ns3
