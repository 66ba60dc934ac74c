/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef WFL_AIRTIME_ESTIMATE_H
#define WFL_AIRTIME_ESTIMATE_H

#include "ns3/nstime.h"

#include <cstdint>

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
     * @param busy how long the medium was busy
     * @param bytes with how many bytes
     */
    void Note(Time busy, uint64_t bytes);

    /**
     * @param bytes some bytes
     * @return the mean time that they take; at 1 Mb/s as long as none were sent
     */
    Time Of(uint64_t bytes) const;

  private:
    Time m_busy;
    uint64_t m_bytes{0};
};

} // namespace wfl
} // namespace ns3

#endif // WFL_AIRTIME_ESTIMATE_H
