/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/wfl-paced-channel.h"

#include "ns3/assert.h"
#include "ns3/simulator.h"

#include <algorithm>

namespace ns3
{
namespace wfl
{

NS_OBJECT_ENSURE_REGISTERED(PacedChannel);

TypeId
PacedChannel::GetTypeId()
{
    static TypeId tid =
        TypeId("ns3::wfl::PacedChannel").SetParent<NetDeviceChannel>().SetGroupName("Wfl");
    return tid;
}

void
PacedChannel::DoDispose()
{
    m_lines.clear();
    NetDeviceChannel::DoDispose();
}

void
PacedChannel::SetLifetime(Time lifetime)
{
    m_lifetime = lifetime;
}

bool
PacedChannel::IsBacklogged(StationId from, StationId to) const
{
    const auto isBusy = [this](const Ptr<NetDevice>& device)
    {
        const auto line = m_lines.find(device);
        return line != m_lines.end() && (line->second.frames > 0 || !line->second.waiting.empty());
    };
    const auto& server = GetDevices().server;
    return from == SERVER && to == GROUP ? std::any_of(server.Begin(), server.End(), isBusy)
                                         : isBusy(DeviceOf(from, to));
}

void
PacedChannel::DoSend(StationId from, StationId to, Ptr<Packet> packet)
{
    Enqueue(DeviceOf(from, to), {from, {to}, packet, Simulator::Now()});
}

void
PacedChannel::DoSendToGroup(const std::vector<StationId>& receivers, Ptr<Packet> packet)
{
    Enqueue(DeviceOf(SERVER, GROUP), {SERVER, receivers, packet, Simulator::Now()});
}

void
PacedChannel::Enqueue(const Ptr<NetDevice>& device, const Waiting& waiting)
{
    m_lines[device].waiting.push_back(waiting);
    Advance(device);
}

/** Gives a device the next datagram that has not expired, if it has nothing to send. */
void
PacedChannel::Advance(Ptr<NetDevice> device)
{
    auto& line = m_lines[device];
    while (line.frames == 0 && !line.waiting.empty())
    {
        const auto next = line.waiting.front();
        line.waiting.pop_front();
        const bool isOld =
            m_lifetime.IsStrictlyPositive() && Simulator::Now() - next.since > m_lifetime;
        const char* const absence = AbsenceOf(next.from, next.receivers.front());
        if (isOld || (absence && next.receivers.size() == 1))
        {
            const char* const reason = isOld ? "expired" : absence;
            for (const StationId receiver : next.receivers)
            {
                m_lossTrace(receiver == SERVER ? Direction::UP : Direction::DOWN,
                            receiver == SERVER ? next.from : receiver,
                            reason);
            }
        }
        else if (next.receivers.size() > 1)
        {
            NetDeviceChannel::DoSendToGroup(next.receivers, next.packet);
        }
        else
        {
            NetDeviceChannel::DoSend(next.from, next.receivers.front(), next.packet);
        }
    }
}

void
PacedChannel::FrameTaken(const Ptr<NetDevice>& device)
{
    ++m_lines[device].frames;
}

void
PacedChannel::FrameDone(const Ptr<NetDevice>& device)
{
    auto& line = m_lines[device];
    NS_ASSERT(line.frames > 0);
    if (--line.frames == 0 && !line.waiting.empty())
    {
        // The device has not finished its own turn yet.
        Simulator::ScheduleNow(&PacedChannel::Advance, this, device);
    }
}

} // namespace wfl
} // namespace ns3
