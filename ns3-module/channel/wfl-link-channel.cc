/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/wfl-link-channel.h"

#include "ns3/assert.h"
#include "ns3/enum.h"
#include "ns3/simulator.h"
#include "ns3/uinteger.h"
#include "ns3/wfl-compat.h"

#include <algorithm>
#include <utility>

namespace ns3
{
namespace wfl
{

NS_OBJECT_ENSURE_REGISTERED(LinkChannel);

TypeId
LinkChannel::GetTypeId()
{
    static TypeId tid =
        TypeId("ns3::wfl::LinkChannel")
            .SetParent<ChannelModel>()
            .SetGroupName("Wfl")
            .AddAttribute("Medium",
                          "Whether links have the medium for themselves or share one.",
                          EnumValue(DEDICATED),
                          MakeEnumAccessorCompat(&LinkChannel::m_medium),
                          MakeEnumChecker(DEDICATED, "Dedicated", SHARED, "Shared"))
            .AddAttribute("MaxDatagramBytes",
                          "Longest datagram in bytes.",
                          UintegerValue(1472),
                          MakeUintegerAccessor(&LinkChannel::m_maxDatagramBytes),
                          MakeUintegerChecker<uint32_t>(64, 65507));
    return tid;
}

void
LinkChannel::DoInstall()
{
}

void
LinkChannel::WhenReady(ReadyCallback ready)
{
    ready({});
}

uint32_t
LinkChannel::MaxDatagramBytes(Direction /* direction */) const
{
    return m_maxDatagramBytes;
}

Time
LinkChannel::EstimateAirtime(Direction /* direction */, uint64_t bytes) const
{
    return m_estimate.Of(bytes);
}

Time
LinkChannel::RoundTripDelay() const
{
    return m_longestDelay + m_longestDelay;
}

bool
LinkChannel::IsBacklogged(StationId from, StationId to) const
{
    if (from == SERVER && to != GROUP && m_medium == DEDICATED)
    {
        const auto line = m_lines.find({to, Direction::DOWN});
        return line != m_lines.end() && !line->second.empty();
    }
    const auto found = m_backlog.find(from);
    return found != m_backlog.end() && found->second > 0;
}

bool
LinkChannel::IsShared() const
{
    return m_medium == SHARED;
}

void
LinkChannel::SetLifetime(Time lifetime)
{
    m_lifetime = lifetime;
}

bool
LinkChannel::HasGroupDelivery() const
{
    return true;
}

void
LinkChannel::DoDispose()
{
    m_lines.clear();
    ChannelModel::DoDispose();
}

std::vector<LinkChannel::Line>
LinkChannel::LinesOf(const Waiting& waiting) const
{
    if (m_medium == SHARED)
    {
        return {{GROUP, Direction::NONE}};
    }
    if (waiting.from != SERVER)
    {
        return {{waiting.from, Direction::UP}};
    }
    std::vector<Line> lines;
    for (const StationId worker : waiting.receivers)
    {
        lines.emplace_back(worker, Direction::DOWN);
    }
    return lines;
}

void
LinkChannel::DoSend(StationId from, StationId to, Ptr<Packet> packet)
{
    Enqueue(std::make_shared<Waiting>(Waiting{from, {to}, packet, Simulator::Now(), {}}));
}

void
LinkChannel::DoSendToGroup(const std::vector<StationId>& receivers, Ptr<Packet> packet)
{
    Enqueue(std::make_shared<Waiting>(Waiting{SERVER, receivers, packet, Simulator::Now(), {}}));
}

void
LinkChannel::Enqueue(std::shared_ptr<Waiting> waiting)
{
    ++m_backlog[waiting->from];
    for (const auto& line : LinesOf(*waiting))
    {
        m_lines[line].push_back(waiting);
    }
    BeginIfFirst(waiting);
}

void
LinkChannel::BeginIfFirst(const std::shared_ptr<Waiting>& waiting)
{
    const bool onAir = !waiting->fates.empty();
    if (onAir)
    {
        return;
    }
    for (const auto& line : LinesOf(*waiting))
    {
        if (m_lines.at(line).front() != waiting)
        {
            return;
        }
    }
    Time airtime;
    if (m_lifetime.IsStrictlyPositive() && Simulator::Now() > waiting->since + m_lifetime)
    {
        waiting->fates.assign(waiting->receivers.size(), {Time(), Time(), true, "expired"});
    }
    else
    {
        airtime = Transmit(*waiting);
    }
    Simulator::Schedule(airtime, &LinkChannel::End, this, waiting);
}

std::vector<LinkFate>
LinkChannel::DoGroupFate(const std::vector<LinkDatagram>& links)
{
    std::vector<LinkFate> fates;
    for (const auto& link : links)
    {
        fates.push_back(DoFate(link));
    }
    return fates;
}

/** Puts a datagram on the air. @return for how long */
Time
LinkChannel::Transmit(Waiting& waiting)
{
    const Time now = Simulator::Now();
    const auto direction = waiting.from == SERVER ? Direction::DOWN : Direction::UP;
    std::vector<LinkDatagram> links;
    for (const StationId receiver : waiting.receivers)
    {
        const StationId worker = receiver == SERVER ? waiting.from : receiver;
        links.push_back({worker, direction, waiting.packet->GetSize(), now});
    }
    waiting.fates = DoGroupFate(links);
    NS_ASSERT(waiting.fates.size() == links.size());
    Time airtime;
    for (const auto& fate : waiting.fates)
    {
        airtime = std::max(airtime, fate.airtime);
        m_longestDelay = std::max(m_longestDelay, fate.delay);
    }
    m_estimate.Note(airtime, waiting.packet->GetSize());
    const StationId first = direction == Direction::UP ? waiting.from : waiting.receivers.front();
    m_transmissionTrace({now,
                         airtime,
                         DomainOf(first),
                         waiting.from,
                         direction,
                         waiting.receivers.size() == 1 ? first : GROUP,
                         waiting.packet->GetSize()});
    m_radioStateTrace(waiting.from, RadioState::TX, now, airtime);
    for (const StationId receiver : waiting.receivers)
    {
        m_radioStateTrace(receiver, RadioState::RX, now, airtime);
    }
    return airtime;
}

void
LinkChannel::End(std::shared_ptr<Waiting> waiting)
{
    --m_backlog[waiting->from];
    const auto direction = waiting->from == SERVER ? Direction::DOWN : Direction::UP;
    Time guard;
    for (std::size_t i = 0; i < waiting->receivers.size(); ++i)
    {
        const StationId receiver = waiting->receivers[i];
        const auto& fate = waiting->fates[i];
        guard = std::max(guard, fate.guard);
        if (fate.lost)
        {
            m_lossTrace(direction, receiver == SERVER ? waiting->from : receiver, fate.reason);
            continue;
        }
        Simulator::Schedule(fate.delay,
                            &LinkChannel::Arrive,
                            this,
                            waiting->from,
                            receiver,
                            waiting->receivers.size() == 1 ? waiting->packet
                                                           : waiting->packet->Copy());
    }
    if (guard.IsStrictlyPositive())
    {
        Simulator::Schedule(guard, &LinkChannel::Leave, this, waiting);
    }
    else
    {
        Leave(waiting);
    }
}

/** Makes room for those who wait behind a datagram. */
void
LinkChannel::Leave(std::shared_ptr<Waiting> waiting)
{
    const auto lines = LinesOf(*waiting);
    for (const auto& line : lines)
    {
        m_lines.at(line).pop_front();
    }
    for (const auto& line : lines)
    {
        const auto& next = m_lines.at(line);
        if (!next.empty())
        {
            BeginIfFirst(next.front());
        }
    }
}

void
LinkChannel::Arrive(StationId from, StationId to, Ptr<Packet> packet)
{
    Deliver(from, to, packet);
}

} // namespace wfl
} // namespace ns3
