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
LinkChannel::EstimateAirtime(Direction direction, uint64_t bytes) const
{
    return m_estimate.Of(direction, bytes);
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

bool
LinkChannel::DeliversCorruption() const
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
    const bool isOld =
        m_lifetime.IsStrictlyPositive() && Simulator::Now() > waiting->since + m_lifetime;
    const char* const absence = AbsenceOf(waiting->from, waiting->receivers.front());
    if (isOld || (absence && waiting->receivers.size() == 1))
    {
        const char* const reason = isOld ? "expired" : absence;
        waiting->fates.assign(waiting->receivers.size(), {Time(), Time(), true, reason});
        waiting->attempt = 1;
        Simulator::ScheduleNow(&LinkChannel::End, this, waiting);
        return;
    }
    waiting->fates = Fates(*waiting);
    m_estimate.Note(waiting->Way(), Time(), waiting->packet->GetSize());
    Transmit(waiting);
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

/** @return what the model says of a datagram that begins now */
std::vector<LinkFate>
LinkChannel::Fates(const Waiting& waiting)
{
    std::vector<LinkDatagram> links;
    for (const StationId receiver : waiting.receivers)
    {
        const bool isUp = receiver == SERVER;
        links.push_back({isUp ? waiting.from : receiver,
                         isUp ? Direction::UP : Direction::DOWN,
                         waiting.packet->GetSize(),
                         Simulator::Now()});
    }
    const auto fates = DoGroupFate(links);
    NS_ASSERT(fates.size() == links.size());
    for (const auto& fate : fates)
    {
        NS_ASSERT(fate.attempts > 0);
        m_longestDelay = std::max(m_longestDelay, fate.delay);
    }
    return fates;
}

/** Puts a datagram on the air, for the first time or once more. */
void
LinkChannel::Transmit(std::shared_ptr<Waiting> waiting)
{
    ++waiting->attempt;
    Time airtime;
    for (const auto& fate : waiting->fates)
    {
        airtime = std::max(airtime, fate.airtime);
    }
    m_estimate.Note(waiting->Way(), airtime, 0);
    const Time now = Simulator::Now();
    const auto& receivers = waiting->receivers;
    const bool isUp = waiting->from != SERVER;
    const StationId first = isUp ? waiting->from : receivers.front();
    m_transmissionTrace({now,
                         airtime,
                         DomainOf(first),
                         waiting->from,
                         waiting->Way(),
                         receivers.size() == 1 ? first : GROUP,
                         waiting->packet->GetSize()});
    m_radioStateTrace(waiting->from, RadioState::TX, now, airtime);
    for (std::size_t i = 0; i < receivers.size(); ++i)
    {
        if (waiting->fates[i].attempts >= waiting->attempt)
        {
            m_radioStateTrace(receivers[i], RadioState::RX, now, airtime);
        }
    }
    Simulator::Schedule(airtime, &LinkChannel::End, this, waiting);
}

/** A transmission is over: the last one for some receivers, if not for all. */
void
LinkChannel::End(std::shared_ptr<Waiting> waiting)
{
    const bool isUp = waiting->from != SERVER;
    Time guard;
    bool isRepeated = false;
    for (const auto& fate : waiting->fates)
    {
        guard = std::max(guard, fate.guard);
        isRepeated |= fate.attempts > waiting->attempt;
    }
    if (!isRepeated)
    {
        --m_backlog[waiting->from];
    }
    for (std::size_t i = 0; i < waiting->receivers.size(); ++i)
    {
        const StationId receiver = waiting->receivers[i];
        const auto& fate = waiting->fates[i];
        if (fate.attempts != waiting->attempt)
        {
            continue;
        }
        if (fate.lost)
        {
            m_lossTrace(waiting->Way(), isUp ? waiting->from : receiver, fate.reason);
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
    const auto next = isRepeated ? &LinkChannel::Transmit : &LinkChannel::Leave;
    if (guard.IsStrictlyPositive())
    {
        Simulator::Schedule(guard, next, this, waiting);
    }
    else
    {
        (this->*next)(waiting);
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
