/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef WFL_AIRTIME_ESTIMATE_H
#define WFL_AIRTIME_ESTIMATE_H

#include "ns3/nstime.h"
#include "ns3/wfl-channel-model.h"

#include <cstdint>
#include <map>

namespace ns3
{
namespace wfl
{

/**
 * How long a medium will be busy with some bytes, from how long it has been busy so far; for
 * ChannelModel::EstimateAirtime().
 */
class AirtimeEstimate
{
  public:
    /**
     * @param direction UP or DOWN
     * @param busy how long the medium was busy
     * @param bytes with how many bytes
     */
    void Note(Direction direction, Time busy, uint64_t bytes);

    /**
     * @param direction UP or DOWN
     * @param bytes some bytes
     * @return the mean time that they take; at 1 Mb/s as long as none were sent in that direction
     */
    Time Of(Direction direction, uint64_t bytes) const;

  private:
    /** All that was noted of a direction. */
    struct Sum
    {
        Time busy;
        uint64_t bytes{0};
    };

    std::map<Direction, Sum> m_sums;
};

} // namespace wfl
} // namespace ns3

#endif // WFL_AIRTIME_ESTIMATE_H
