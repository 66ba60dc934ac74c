/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/wfl-radio-energy-model.h"

#include "ns3/simulator.h"

#include <algorithm>

namespace ns3
{
namespace wfl
{

NS_OBJECT_ENSURE_REGISTERED(RadioEnergyModel);

namespace
{

std::size_t
IndexOf(RadioState state)
{
    return static_cast<std::size_t>(state);
}

} // namespace

TypeId
RadioEnergyModel::GetTypeId()
{
    static TypeId tid = TypeId("ns3::wfl::RadioEnergyModel")
                            .SetParent<EnergyLoad>()
                            .SetGroupName("Wfl")
                            .AddConstructor<RadioEnergyModel>();
    return tid;
}

RadioEnergyModel::RadioEnergyModel() = default;

RadioEnergyModel::~RadioEnergyModel() = default;

void
RadioEnergyModel::DoDispose()
{
    m_profile = nullptr;
    EnergyLoad::DoDispose();
}

void
RadioEnergyModel::SetProfile(Ptr<const DeviceProfile> profile)
{
    m_profile = profile;
}

void
RadioEnergyModel::Note(RadioState state, Time start, Time duration)
{
    const Time end = start + duration;
    if (!m_rest)
    {
        Push(state, start, end);
        return;
    }
    const Time restSince = m_rest->since;
    if (m_rest->state == RadioState::SLEEP && state == RadioState::TX)
    {
        // It gets up for what it has to say, such as a report, and lies down again.
        EndRest(start);
        Push(state, start, end);
        m_rest = Rest{RadioState::SLEEP, std::max(restSince, end)};
        return;
    }
    if (start < restSince)
    {
        Push(state, start, std::min(end, restSince)); // it was still awake
    }
    else if (state == RadioState::RX)
    {
        m_heard = Interval{state, start, end};
    }
}

void
RadioEnergyModel::Push(RadioState state, Time start, Time end)
{
    const Time from = std::max(start, m_lastEnd);
    if (end > from)
    {
        m_ahead.push_back({state, from, end});
        m_lastEnd = end;
    }
    const Time now = Simulator::Now();
    while (!m_ahead.empty() && m_ahead.front().end <= now)
    {
        const auto& past = m_ahead.front();
        m_times[IndexOf(past.state)] += past.end - past.start;
        m_ahead.pop_front();
    }
}

void
RadioEnergyModel::ForgetWhatWas()
{
    m_lastEnd = std::max(m_lastEnd, Simulator::Now());
}

/** Sleep or off is over at some moment, which is not before what was pushed last. */
void
RadioEnergyModel::EndRest(Time end)
{
    Push(m_rest->state, m_rest->since, end);
    m_rest.reset();
    m_heard.reset();
}

void
RadioEnergyModel::Sleep()
{
    if (!m_rest)
    {
        m_rest = Rest{RadioState::SLEEP, Simulator::Now()};
    }
}

void
RadioEnergyModel::Wake()
{
    if (!m_rest || m_rest->state != RadioState::SLEEP)
    {
        return;
    }
    const auto heard = m_heard;
    EndRest(heard ? heard->start : Simulator::Now());
    if (heard)
    {
        Push(heard->state, heard->start, heard->end);
    }
}

void
RadioEnergyModel::SetOn(bool on)
{
    const Time now = Simulator::Now();
    const bool isOff = m_rest && m_rest->state == RadioState::OFF;
    if (isOff != on)
    {
        return;
    }
    if (on)
    {
        EndRest(now);
        return;
    }
    if (m_rest)
    {
        EndRest(now);
    }
    // What was announced does not come about any more.
    while (!m_ahead.empty() && m_ahead.back().start >= now)
    {
        m_ahead.pop_back();
    }
    if (!m_ahead.empty())
    {
        m_ahead.back().end = std::min(m_ahead.back().end, now);
    }
    m_lastEnd = std::min(m_lastEnd, now);
    m_rest = Rest{RadioState::OFF, now};
}

RadioEnergyModel::Times
RadioEnergyModel::ReadTimes() const
{
    auto times = m_times;
    const Time now = Simulator::Now();
    const auto add = [&times, now](RadioState state, Time start, Time end)
    {
        times[IndexOf(state)] += std::max(std::min(end, now) - start, Time());
    };
    for (const auto& interval : m_ahead)
    {
        add(interval.state, interval.start, interval.end);
    }
    if (m_rest)
    {
        add(m_rest->state, std::max(m_rest->since, m_lastEnd), now);
    }
    auto& idle = times[IndexOf(RadioState::IDLE)];
    idle = now;
    for (std::size_t i = 0; i < STATES; ++i)
    {
        idle -= i == IndexOf(RadioState::IDLE) ? Time() : times[i];
    }
    return times;
}

Time
RadioEnergyModel::TimeIn(RadioState state) const
{
    return ReadTimes()[IndexOf(state)];
}

double
RadioEnergyModel::EnergyIn(RadioState state) const
{
    return m_profile->RadioW(state) * TimeIn(state).GetSeconds();
}

double
RadioEnergyModel::EnergyJ() const
{
    const auto times = ReadTimes();
    double energyJ = 0;
    for (std::size_t i = 0; i < STATES; ++i)
    {
        energyJ += m_profile->RadioW(static_cast<RadioState>(i)) * times[i].GetSeconds();
    }
    return energyJ;
}

double
RadioEnergyModel::HighestW() const
{
    double highestW = 0;
    for (std::size_t i = 0; i < STATES; ++i)
    {
        highestW = std::max(highestW, m_profile->RadioW(static_cast<RadioState>(i)));
    }
    return highestW;
}

double
RadioEnergyModel::MarginalJ() const
{
    const Time onTime = Simulator::Now() - TimeIn(RadioState::OFF);
    return EnergyJ() - m_profile->RadioW(RadioState::IDLE) * onTime.GetSeconds();
}

} // namespace wfl
} // namespace ns3
