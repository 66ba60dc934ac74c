/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/wfl-contention-channel.h"

#include "ns3/assert.h"
#include "ns3/boolean.h"
#include "ns3/simulator.h"
#include "ns3/uinteger.h"

#include <algorithm>
#include <utility>

namespace ns3
{
namespace wfl
{

NS_OBJECT_ENSURE_REGISTERED(ContentionChannel);

// The queue of a pair of stations

void
DatagramQueue::Push(QueuedDatagram datagram)
{
    m_datagrams.push_back(std::move(datagram));
}

QueuedDatagram
DatagramQueue::Remove(uint64_t number)
{
    auto& place = m_datagrams.at(number - m_first);
    QueuedDatagram datagram = std::move(place);
    place.packet = nullptr;
    while (!m_datagrams.empty() && !m_datagrams.front().packet)
    {
        m_datagrams.pop_front();
        ++m_first;
    }
    return datagram;
}

uint64_t
DatagramQueue::First() const
{
    return m_first;
}

uint64_t
DatagramQueue::End() const
{
    return m_first + m_datagrams.size();
}

const QueuedDatagram&
DatagramQueue::At(uint64_t number) const
{
    return m_datagrams.at(number - m_first);
}

// The channel

TypeId
ContentionChannel::GetTypeId()
{
    static TypeId tid =
        TypeId("ns3::wfl::ContentionChannel")
            .SetParent<ChannelModel>()
            .SetGroupName("Wfl")
            .AddAttribute("AccessPoints",
                          "Number of access points, each with a channel of its own. Worker k is "
                          "associated with access point k modulo this number.",
                          UintegerValue(1),
                          MakeUintegerAccessor(&ContentionChannel::m_accessPoints),
                          MakeUintegerChecker<uint32_t>(1, 65535))
            .AddAttribute("MaxDatagramBytes",
                          "Longest datagram in bytes; the default fills an Ethernet frame.",
                          UintegerValue(1472),
                          MakeUintegerAccessor(&ContentionChannel::m_maxDatagramBytes),
                          MakeUintegerChecker<uint32_t>(64, 2268))
            .AddAttribute("Overhearing",
                          "Whether the radios of stations that hear what is not for them count as "
                          "receiving. The cost of a transmission then grows with the number of "
                          "stations.",
                          BooleanValue(false),
                          MakeBooleanAccessor(&ContentionChannel::m_overhearing),
                          MakeBooleanChecker());
    return tid;
}

void
ContentionChannel::DoInstall()
{
    m_domains.resize(m_accessPoints);
}

void
ContentionChannel::DoDispose()
{
    for (auto& domain : m_domains)
    {
        domain.ask.Cancel();
        domain.step.Cancel();
    }
    m_domains.clear();
    ChannelModel::DoDispose();
}

void
ContentionChannel::WhenReady(ReadyCallback ready)
{
    ready({});
}

uint32_t
ContentionChannel::MaxDatagramBytes(Direction /* direction */) const
{
    return m_maxDatagramBytes;
}

Time
ContentionChannel::EstimateAirtime(Direction /* direction */, uint64_t bytes) const
{
    constexpr double cautiousBitsPerSecond = 6e6;
    return Seconds(static_cast<double>(bytes) * 8 / cautiousBitsPerSecond);
}

bool
ContentionChannel::IsBacklogged(StationId from, StationId to) const
{
    if (from == SERVER && to == GROUP)
    {
        return std::any_of(m_domains.begin(),
                           m_domains.end(),
                           [](const Domain& domain)
                           { return domain.backlogged.count(SERVER) > 0; });
    }
    return m_domains.at(DomainOf(from == SERVER ? to : from)).backlogged.count(from) > 0;
}

void
ContentionChannel::SetLifetime(Time lifetime)
{
    m_lifetime = lifetime;
}

bool
ContentionChannel::HasGroupDelivery() const
{
    return true;
}

uint32_t
ContentionChannel::Domains() const
{
    return m_accessPoints;
}

uint32_t
ContentionChannel::DomainOf(StationId worker) const
{
    return worker % m_accessPoints;
}

// What subclasses ask

const std::set<StationId>&
ContentionChannel::Backlogged(uint32_t domain) const
{
    return m_domains.at(domain).backlogged;
}

StationId
ContentionChannel::NextReceiver(uint32_t domain, StationId station) const
{
    return m_domains.at(domain).senders.at(station).order.begin()->second;
}

const DatagramQueue&
ContentionChannel::Queue(uint32_t domain, StationId from, StationId to) const
{
    return m_domains.at(domain).senders.at(from).lines.at(to).queue;
}

Time
ContentionChannel::IdleSince(uint32_t domain) const
{
    return m_domains.at(domain).idleSince;
}

void
ContentionChannel::DoBacklogged(uint32_t /* domain */, StationId /* station */)
{
}

void
ContentionChannel::DoEnded(uint32_t /* domain */, const Contention& /* past */)
{
}

// Queues

void
ContentionChannel::DoSend(StationId from, StationId to, Ptr<Packet> packet)
{
    Enqueue(DomainOf(from == SERVER ? to : from),
            from,
            to,
            {packet, {}, Simulator::Now(), m_datagrams++});
}

void
ContentionChannel::DoSendToGroup(const std::vector<StationId>& receivers, Ptr<Packet> packet)
{
    std::map<uint32_t, std::vector<StationId>> byDomain;
    for (const StationId receiver : receivers)
    {
        byDomain[DomainOf(receiver)].push_back(receiver);
    }
    for (auto& [domain, some] : byDomain)
    {
        Enqueue(domain,
                SERVER,
                GROUP,
                {packet->Copy(), std::move(some), Simulator::Now(), m_datagrams++});
    }
}

void
ContentionChannel::Enqueue(uint32_t domain, StationId from, StationId to, QueuedDatagram datagram)
{
    auto& medium = m_domains.at(domain);
    auto& sender = medium.senders[from];
    auto& queue = sender.lines[to].queue;
    if (m_lifetime.IsStrictlyPositive())
    {
        medium.ages.push_back({from, to, queue.End()});
    }
    if (queue.First() == queue.End())
    {
        sender.order.insert({datagram.order, to});
    }
    queue.Push(std::move(datagram));
    if (medium.backlogged.insert(from).second)
    {
        DoBacklogged(domain, from);
    }
    // Stations that get datagrams at the same moment are asked for together.
    if (medium.idleSince != Time::Max() && !medium.ask.IsRunning())
    {
        medium.ask = Simulator::ScheduleNow(&ContentionChannel::Ask, this, domain);
    }
}

QueuedDatagram
ContentionChannel::Dequeue(uint32_t domain, StationId from, StationId to, uint64_t number)
{
    auto& medium = m_domains.at(domain);
    auto& sender = medium.senders.at(from);
    auto& queue = sender.lines.at(to).queue;
    const bool isFirst = number == queue.First();
    auto datagram = queue.Remove(number);
    if (isFirst)
    {
        sender.order.erase({datagram.order, to});
        if (queue.First() < queue.End())
        {
            sender.order.insert({queue.At(queue.First()).order, to});
        }
    }
    if (sender.order.empty())
    {
        medium.backlogged.erase(from);
    }
    return datagram;
}

/** Hands over what has arrived and waits for nothing any more. */
void
ContentionChannel::Release(uint32_t domain, StationId from, StationId to)
{
    auto& [queue, held] = m_domains.at(domain).senders.at(from).lines.at(to);
    while (!held.empty() && held.begin()->first < queue.First())
    {
        const auto node = held.extract(held.begin());
        Deliver(from, to, node.mapped().packet);
    }
}

void
ContentionChannel::DropExpired(uint32_t domain)
{
    auto& ages = m_domains.at(domain).ages;
    while (!ages.empty())
    {
        const auto [from, to, number] = ages.front();
        const auto& queue = Queue(domain, from, to);
        const bool waits = number >= queue.First() && queue.At(number).packet;
        if (waits && queue.At(number).since + m_lifetime >= Simulator::Now())
        {
            return;
        }
        ages.pop_front();
        if (waits)
        {
            NoteLoss({from, to, number, Time(), "expired", {}}, Dequeue(domain, from, to, number));
            Release(domain, from, to);
        }
    }
}

/** Drops what waits at workers that are gone. */
void
ContentionChannel::DropAbsent(uint32_t domain)
{
    const auto waiting = m_domains.at(domain).backlogged;
    for (const StationId from : waiting)
    {
        const char* const absence = AbsenceOf(from, SERVER);
        if (from == SERVER || !absence)
        {
            continue;
        }
        const auto& queue = Queue(domain, from, SERVER);
        for (uint64_t number = queue.First(); number < queue.End();
             number = std::max(number + 1, queue.First()))
        {
            if (queue.At(number).packet)
            {
                NoteLoss({from, SERVER, number, Time(), absence, {}},
                         Dequeue(domain, from, SERVER, number));
            }
        }
    }
}

void
ContentionChannel::DoSetPresent(StationId worker, bool present)
{
    auto& medium = m_domains.at(DomainOf(worker));
    if (!present && medium.idleSince != Time::Max() && !medium.ask.IsRunning())
    {
        medium.ask = Simulator::ScheduleNow(&ContentionChannel::Ask, this, DomainOf(worker));
    }
}

// The medium

void
ContentionChannel::Ask(uint32_t domain)
{
    auto& medium = m_domains.at(domain);
    if (medium.idleSince == Time::Max())
    {
        return;
    }
    DropExpired(domain);
    DropAbsent(domain);
    medium.step.Cancel();
    medium.next = medium.backlogged.empty() ? Contention() : DoNext(domain);
    if (medium.next.start != Time::Max())
    {
        NS_ASSERT(medium.next.start >= Simulator::Now() && medium.next.end > medium.next.start);
        medium.step = Simulator::Schedule(medium.next.start - Simulator::Now(),
                                          &ContentionChannel::Begin,
                                          this,
                                          domain);
    }
}

void
ContentionChannel::Begin(uint32_t domain)
{
    auto& medium = m_domains.at(domain);
    if (medium.ask.IsRunning())
    {
        // Who has come at this very moment may begin now, too.
        medium.ask.Cancel();
        Ask(domain);
        return;
    }
    medium.idleSince = Time::Max();
    for (const auto& use : medium.next.uses)
    {
        if (use.start == Simulator::Now())
        {
            Account(domain, use);
        }
        else
        {
            Simulator::Schedule(use.start - Simulator::Now(),
                                &ContentionChannel::Account,
                                this,
                                domain,
                                use);
        }
    }
    std::set<Time> ends;
    for (const auto& fate : medium.next.fates)
    {
        ends.insert(fate.end);
    }
    for (const Time& end : ends)
    {
        Simulator::Schedule(end - Simulator::Now(), &ContentionChannel::Arrive, this, domain, end);
    }
    medium.step = Simulator::Schedule(medium.next.end - Simulator::Now(),
                                      &ContentionChannel::End,
                                      this,
                                      domain);
}

void
ContentionChannel::Account(uint32_t domain, const MediumUse& use)
{
    m_transmissionTrace(
        {use.start, use.duration, domain, use.transmitter, use.direction, use.worker, use.bytes});
    const auto radioOf = [domain](StationId station)
    {
        return station == SERVER ? AccessPoint(domain) : station;
    };
    m_radioStateTrace(radioOf(use.transmitter), RadioState::TX, use.start, use.duration);
    // Who sends at the same time hears nothing.
    const auto sends = [&use, &uses = m_domains.at(domain).next.uses](StationId station)
    {
        return std::any_of(uses.begin(),
                           uses.end(),
                           [&use, station](const MediumUse& other)
                           {
                               return other.transmitter == station &&
                                      other.start < use.start + use.duration &&
                                      use.start < other.start + other.duration;
                           });
    };
    const auto hears = [this, &use, &sends, &radioOf](StationId station)
    {
        if (!sends(station))
        {
            m_radioStateTrace(radioOf(station), use.listening, use.start, use.duration);
        }
    };
    hears(SERVER);
    if (use.worker == GROUP || m_overhearing)
    {
        for (StationId worker = domain; worker < Workers(); worker += m_accessPoints)
        {
            hears(worker);
        }
    }
    else
    {
        hears(use.worker);
    }
}

/** Datagrams whose time has come arrive, or are known to be lost. */
void
ContentionChannel::Arrive(uint32_t domain, Time when)
{
    auto& medium = m_domains.at(domain);
    for (const auto& fate : medium.next.fates)
    {
        if (fate.end != when)
        {
            continue;
        }
        auto datagram = Dequeue(domain, fate.from, fate.to, fate.number);
        auto& [queue, held] = medium.senders.at(fate.from).lines.at(fate.to);
        if (!fate.reason.empty())
        {
            NoteLoss(fate, datagram);
        }
        else if (fate.to == GROUP)
        {
            DeliverToGroup(fate, datagram);
        }
        else if (held.empty() && fate.number < queue.First())
        {
            Deliver(fate.from, fate.to, datagram.packet);
        }
        else
        {
            held.emplace(fate.number, std::move(datagram));
        }
        Release(domain, fate.from, fate.to);
    }
}

void
ContentionChannel::DeliverToGroup(const DatagramFate& fate, const QueuedDatagram& datagram)
{
    for (const StationId receiver : datagram.receivers)
    {
        if (std::binary_search(fate.missing.begin(), fate.missing.end(), receiver))
        {
            m_lossTrace(Direction::DOWN, receiver, "missed-frame");
        }
        else
        {
            Deliver(fate.from, receiver, datagram.packet->Copy());
        }
    }
}

/** A datagram is lost for all of its receivers. */
void
ContentionChannel::NoteLoss(const DatagramFate& fate, const QueuedDatagram& datagram)
{
    if (fate.from != SERVER)
    {
        m_lossTrace(Direction::UP, fate.from, fate.reason);
        return;
    }
    const std::vector<StationId> one{fate.to};
    for (const StationId receiver : fate.to == GROUP ? datagram.receivers : one)
    {
        m_lossTrace(Direction::DOWN, receiver, fate.reason);
    }
}

void
ContentionChannel::End(uint32_t domain)
{
    auto& medium = m_domains.at(domain);
    medium.idleSince = Simulator::Now();
    const auto past = std::exchange(medium.next, Contention());
    DoEnded(domain, past);
    Ask(domain);
}

} // namespace wfl
} // namespace ns3
