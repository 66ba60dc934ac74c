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
AirtimeEstimate::Note(Direction direction, Time busy, uint64_t bytes)
{
    auto& sum = m_sums[direction];
    sum.busy += busy;
    sum.bytes += bytes;
}

Time
AirtimeEstimate::Of(Direction direction, uint64_t bytes) const
{
    constexpr double cautiousSecondsPerByte = 8e-6;
    const auto sum = m_sums.find(direction);
    const double secondsPerByte =
        sum == m_sums.end() || sum->second.bytes == 0
            ? cautiousSecondsPerByte
            : sum->second.busy.GetSeconds() / static_cast<double>(sum->second.bytes);
    return Seconds(static_cast<double>(bytes) * secondsPerByte);
}

} // namespace wfl
} // namespace ns3
