/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/wfl-airtime-meter.h"

#include "ns3/simulator.h"

#include <algorithm>

namespace ns3
{
namespace wfl
{

AirtimeMeter::AirtimeMeter(uint32_t domains)
    : m_busyUntil(domains)
{
    m_reading.busy.resize(domains);
}

void
AirtimeMeter::Note(const Transmission& transmission)
{
    m_transmitTime[transmission.transmitter] += transmission.duration;
    switch (transmission.direction)
    {
    case Direction::UP:
        m_reading.uplink += transmission.duration;
        m_reading.uplinkBytes += transmission.bytes;
        m_uplinkBytes[transmission.worker] += transmission.bytes;
        break;
    case Direction::DOWN:
        m_reading.downlink += transmission.duration;
        m_reading.downlinkBytes += transmission.bytes;
        break;
    case Direction::NONE:
        m_reading.other += transmission.duration;
        break;
    }
    auto& until = m_busyUntil.at(transmission.domain);
    const Time end = transmission.start + transmission.duration;
    if (end > until)
    {
        m_reading.busy[transmission.domain] += end - std::max(transmission.start, until);
        until = end;
    }
}

AirtimeReading
AirtimeMeter::Read() const
{
    auto reading = m_reading;
    for (std::size_t domain = 0; domain < reading.busy.size(); ++domain)
    {
        reading.busy[domain] -= std::max(m_busyUntil[domain] - Simulator::Now(), Seconds(0));
    }
    return reading;
}

Time
AirtimeMeter::TransmitTime(StationId worker) const
{
    const auto found = m_transmitTime.find(worker);
    return found == m_transmitTime.end() ? Seconds(0) : found->second;
}

uint64_t
AirtimeMeter::UplinkBytes(StationId worker) const
{
    const auto found = m_uplinkBytes.find(worker);
    return found == m_uplinkBytes.end() ? 0 : found->second;
}

} // namespace wfl
} // namespace ns3
