/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/wfl-radio-energy-meter.h"

#include "ns3/double.h"
#include "ns3/simulator.h"

#include <algorithm>

namespace ns3
{
namespace wfl
{

NS_OBJECT_ENSURE_REGISTERED(RadioEnergyMeter);

TypeId
RadioEnergyMeter::GetTypeId()
{
    static TypeId tid = TypeId("ns3::wfl::RadioEnergyMeter")
                            .SetParent<Object>()
                            .SetGroupName("Wfl")
                            .AddConstructor<RadioEnergyMeter>()
                            .AddAttribute("VoltageV",
                                          "Supply voltage in volts.",
                                          DoubleValue(3.0),
                                          MakeDoubleAccessor(&RadioEnergyMeter::m_voltageV),
                                          MakeDoubleChecker<double>(0))
                            .AddAttribute("IdleA",
                                          "Current while idle, in amperes.",
                                          DoubleValue(0.273),
                                          MakeDoubleAccessor(&RadioEnergyMeter::m_idleA),
                                          MakeDoubleChecker<double>(0))
                            .AddAttribute("CcaBusyA",
                                          "Current while the medium is busy, in amperes.",
                                          DoubleValue(0.273),
                                          MakeDoubleAccessor(&RadioEnergyMeter::m_ccaBusyA),
                                          MakeDoubleChecker<double>(0))
                            .AddAttribute("RxA",
                                          "Current while receiving, in amperes.",
                                          DoubleValue(0.313),
                                          MakeDoubleAccessor(&RadioEnergyMeter::m_rxA),
                                          MakeDoubleChecker<double>(0))
                            .AddAttribute("TxA",
                                          "Current while transmitting, in amperes.",
                                          DoubleValue(0.380),
                                          MakeDoubleAccessor(&RadioEnergyMeter::m_txA),
                                          MakeDoubleChecker<double>(0))
                            .AddAttribute("SleepA",
                                          "Current while asleep, in amperes.",
                                          DoubleValue(0.033),
                                          MakeDoubleAccessor(&RadioEnergyMeter::m_sleepA),
                                          MakeDoubleChecker<double>(0));
    return tid;
}

void
RadioEnergyMeter::Note(StationId station, RadioState state, Time start, Time duration)
{
    auto& radio = m_radios[station];
    const Time end = start + duration;
    const Time from = std::max(start, radio.lastEnd);
    if (end > from)
    {
        radio.ahead.push_back({state, from, end});
        radio.lastEnd = end;
    }
    const Time now = Simulator::Now();
    while (!radio.ahead.empty() && radio.ahead.front().end <= now)
    {
        const auto& past = radio.ahead.front();
        radio.times[static_cast<std::size_t>(past.state)] += past.end - past.start;
        radio.ahead.pop_front();
    }
}

Time
RadioEnergyMeter::TimeIn(StationId station, RadioState state) const
{
    const auto found = m_radios.find(station);
    const Radio radio = found == m_radios.end() ? Radio() : found->second;
    auto times = radio.times;
    const Time now = Simulator::Now();
    for (const auto& interval : radio.ahead)
    {
        const Time end = std::min(interval.end, now);
        times[static_cast<std::size_t>(interval.state)] +=
            std::max(end - interval.start, Seconds(0));
    }
    Time idle = now;
    for (std::size_t i = 0; i < STATES; ++i)
    {
        idle -= i == static_cast<std::size_t>(RadioState::IDLE) ? Seconds(0) : times[i];
    }
    return state == RadioState::IDLE ? idle : times[static_cast<std::size_t>(state)];
}

double
RadioEnergyMeter::CurrentA(RadioState state) const
{
    switch (state)
    {
    case RadioState::IDLE:
        return m_idleA;
    case RadioState::CCA_BUSY:
        return m_ccaBusyA;
    case RadioState::RX:
        return m_rxA;
    case RadioState::TX:
        return m_txA;
    case RadioState::SLEEP:
        return m_sleepA;
    case RadioState::OFF:
        return 0;
    }
    return 0;
}

RadioEnergy
RadioEnergyMeter::Read(StationId station) const
{
    RadioEnergy energy;
    for (const auto state : {RadioState::IDLE,
                             RadioState::CCA_BUSY,
                             RadioState::RX,
                             RadioState::TX,
                             RadioState::SLEEP,
                             RadioState::OFF})
    {
        const double voltSeconds = m_voltageV * TimeIn(station, state).GetSeconds();
        energy.totalJ += CurrentA(state) * voltSeconds;
        energy.marginalJ += (CurrentA(state) - m_idleA) * voltSeconds;
    }
    return energy;
}

} // namespace wfl
} // namespace ns3
