/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/wfl-link-channel.h"

#include "ns3/enum.h"
#include "ns3/simulator.h"
#include "ns3/uinteger.h"
#include "ns3/wfl-compat.h"

#include <algorithm>

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
    constexpr double cautiousSecondsPerByte = 8e-6;
    const double secondsPerByte =
        m_bytesSoFar == 0 ? cautiousSecondsPerByte
                          : m_airtimeSoFar.GetSeconds() / static_cast<double>(m_bytesSoFar);
    constexpr int64_t exchanges = 4; // a message, a request for repair, the repair, a report
    return Seconds(static_cast<double>(bytes) * secondsPerByte) + m_longestDelay * exchanges;
}

bool
LinkChannel::IsBacklogged(StationId station) const
{
    const auto last = m_lastSent.find(station);
    return last != m_lastSent.end() && last->second > Simulator::Now();
}

Time&
LinkChannel::FreeFrom(StationId worker, Direction direction)
{
    return m_medium == SHARED ? m_sharedFreeFrom : m_freeFrom[{worker, direction}];
}

void
LinkChannel::DoSend(StationId from, StationId to, Ptr<Packet> packet)
{
    const auto direction = from == SERVER ? Direction::DOWN : Direction::UP;
    std::vector<StationId> links;
    if (to == GROUP)
    {
        for (StationId worker = 0; worker < Workers(); ++worker)
        {
            links.push_back(worker);
        }
    }
    else
    {
        links.push_back(from == SERVER ? to : from);
    }
    Time start = Simulator::Now();
    for (const StationId worker : links)
    {
        start = std::max(start, FreeFrom(worker, direction));
    }
    Time airtime;
    std::vector<LinkFate> fates;
    for (const StationId worker : links)
    {
        fates.push_back(DoFate({worker, direction, packet->GetSize(), start}));
        airtime = std::max(airtime, fates.back().airtime);
        m_longestDelay = std::max(m_longestDelay, fates.back().delay);
    }
    m_lastSent[from] = std::max(m_lastSent[from], start + airtime);
    m_airtimeSoFar += airtime;
    m_bytesSoFar += packet->GetSize();
    const Transmission transmission{start,
                                    airtime,
                                    0,
                                    from,
                                    direction,
                                    to == SERVER ? from : to,
                                    packet->GetSize()};
    if (start == Simulator::Now())
    {
        Begin(transmission);
    }
    else
    {
        Simulator::Schedule(start - Simulator::Now(), &LinkChannel::Begin, this, transmission);
    }
    for (std::size_t i = 0; i < links.size(); ++i)
    {
        FreeFrom(links[i], direction) = start + airtime;
        if (fates[i].lost)
        {
            m_lossTrace(direction, links[i], "link");
            continue;
        }
        Simulator::Schedule(start + airtime + fates[i].delay - Simulator::Now(),
                            &LinkChannel::Arrive,
                            this,
                            from,
                            to == GROUP ? links[i] : to,
                            links.size() == 1 ? packet : packet->Copy());
    }
}

void
LinkChannel::Begin(const Transmission& transmission)
{
    m_transmissionTrace(transmission);
    m_radioStateTrace(transmission.transmitter,
                      RadioState::TX,
                      transmission.start,
                      transmission.duration);
    if (transmission.direction == Direction::UP)
    {
        m_radioStateTrace(SERVER, RadioState::RX, transmission.start, transmission.duration);
        return;
    }
    const bool group = transmission.worker == GROUP;
    const StationId first = group ? 0 : transmission.worker;
    const StationId last = group ? Workers() - 1 : transmission.worker;
    for (StationId worker = first; worker <= last; ++worker)
    {
        m_radioStateTrace(worker, RadioState::RX, transmission.start, transmission.duration);
    }
}

void
LinkChannel::Arrive(StationId from, StationId to, Ptr<Packet> packet)
{
    Deliver(from, to, packet);
}

} // namespace wfl
} // namespace ns3
