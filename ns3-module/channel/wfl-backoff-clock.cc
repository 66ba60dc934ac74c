/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/wfl-backoff-clock.h"

#include "ns3/assert.h"

#include <algorithm>
#include <utility>

namespace ns3
{
namespace wfl
{

BackoffClock::BackoffClock(Time slot, bool isEdca)
    : m_slot(slot),
      m_isEdca(isEdca)
{
}

void
BackoffClock::Set(StationId station, uint32_t slots, Time delay)
{
    auto& backoff = m_backoffs[station];
    NS_ASSERT(!backoff.contends);
    backoff.due = m_reading + delay + m_slot * int64_t{slots};
    backoff.delay = delay;
    if (delay.IsStrictlyPositive())
    {
        m_late.push_back(station);
    }
}

int64_t
BackoffClock::Remaining(StationId station) const
{
    const auto found = m_backoffs.find(station);
    if (found == m_backoffs.end())
    {
        return 0;
    }
    const Time left = found->second.due - found->second.delay - m_reading;
    return std::max<int64_t>(0, left.GetNanoSeconds() / m_slot.GetNanoSeconds());
}

void
BackoffClock::Enter(StationId station, Time passed)
{
    auto& backoff = m_backoffs[station];
    NS_ASSERT(!backoff.contends);
    const Time boundary = passed.IsStrictlyPositive()
                              ? m_slot * (passed.GetNanoSeconds() / m_slot.GetNanoSeconds() + 1)
                              : Time();
    backoff.due = std::max(backoff.due, m_reading + boundary);
    backoff.contends = true;
    m_contenders[backoff.due].push_back(station);
}

void
BackoffClock::Leave(StationId station)
{
    auto& backoff = m_backoffs.at(station);
    Remove(station, backoff);
    backoff.contends = false;
}

bool
BackoffClock::Contends(StationId station) const
{
    const auto found = m_backoffs.find(station);
    return found != m_backoffs.end() && found->second.contends;
}

std::vector<StationId>
BackoffClock::Contenders() const
{
    std::vector<StationId> all;
    for (const auto& [due, stations] : m_contenders)
    {
        all.insert(all.end(), stations.begin(), stations.end());
    }
    return all;
}

void
BackoffClock::Delay(StationId station, Time delay)
{
    auto& backoff = m_backoffs.at(station);
    NS_ASSERT(backoff.contends && backoff.delay.IsZero());
    backoff.delay = delay;
    m_late.push_back(station);
    Move(station, backoff, backoff.due + delay);
}

bool
BackoffClock::IsEmpty() const
{
    return m_contenders.empty();
}

const std::vector<StationId>&
BackoffClock::First() const
{
    return m_contenders.begin()->second;
}

Time
BackoffClock::FirstTime() const
{
    return m_contenders.begin()->first - m_reading;
}

void
BackoffClock::Elapse(Time idle)
{
    const Time before = m_reading;
    m_reading += m_slot * Counted(idle);
    for (const StationId station : std::exchange(m_late, {}))
    {
        auto& backoff = m_backoffs.at(station);
        const Time delay = std::exchange(backoff.delay, Time());
        const Time left = backoff.due - delay - before;
        const Time counted = idle < delay ? Time() : m_slot * Counted(idle - delay);
        Move(station, backoff, m_reading + std::max(Time(), left - counted));
    }
}

/** @return slots counted by somebody for whom the medium was idle so long after the AIFS */
int64_t
BackoffClock::Counted(Time idle) const
{
    return idle.GetNanoSeconds() / m_slot.GetNanoSeconds() + (m_isEdca ? 1 : 0);
}

void
BackoffClock::Move(StationId station, Backoff& backoff, Time due)
{
    if (backoff.contends)
    {
        Remove(station, backoff);
        m_contenders[due].push_back(station);
    }
    backoff.due = due;
}

void
BackoffClock::Remove(StationId station, const Backoff& backoff)
{
    const auto found = m_contenders.find(backoff.due);
    auto& stations = found->second;
    stations.erase(std::find(stations.begin(), stations.end(), station));
    if (stations.empty())
    {
        m_contenders.erase(found);
    }
}

} // namespace wfl
} // namespace ns3
