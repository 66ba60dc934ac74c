/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/wfl-airtime-estimate.h"

namespace ns3
{
namespace wfl
{

void
AirtimeEstimate::Note(Time busy, uint64_t bytes)
{
    m_busy += busy;
    m_bytes += bytes;
}

Time
AirtimeEstimate::Of(uint64_t bytes) const
{
    constexpr double cautiousSecondsPerByte = 8e-6;
    const double secondsPerByte =
        m_bytes == 0 ? cautiousSecondsPerByte : m_busy.GetSeconds() / static_cast<double>(m_bytes);
    return Seconds(static_cast<double>(bytes) * secondsPerByte);
}

} // namespace wfl
} // namespace ns3
