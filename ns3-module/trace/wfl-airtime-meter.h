/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef WFL_AIRTIME_METER_H
#define WFL_AIRTIME_METER_H

#include "ns3/wfl-channel-model.h"

#include <map>
#include <vector>

namespace ns3
{
namespace wfl
{

/** Counters of what was on the air. A transmission counts as a whole from its start. */
struct AirtimeReading
{
    Time uplink;             ///< attributed to the way up: data and the acknowledgements it causes
    Time downlink;           ///< attributed to the way down
    Time other;              ///< attributed to neither
    uint64_t uplinkBytes{0}; ///< octets given to the physical layer for the way up
    uint64_t downlinkBytes{0}; ///< the same for the way down
    std::vector<Time> busy;    ///< by collision domain, length of the union of transmissions
};

/** Adds transmissions up. */
class AirtimeMeter
{
  public:
    /** @param domains number of collision domains */
    explicit AirtimeMeter(uint32_t domains);

    /** @param transmission what is on the air from now on */
    void Note(const Transmission& transmission);

    /** @return the counters now; `busy` without what is still to come of a transmission */
    AirtimeReading Read() const;

    /**
     * @param worker a worker
     * @return transmissions of its own radio, as a whole
     */
    Time TransmitTime(StationId worker) const;

    /**
     * @param worker a worker
     * @return octets given to the physical layer because of its uploads
     */
    uint64_t UplinkBytes(StationId worker) const;

  private:
    AirtimeReading m_reading;
    std::vector<Time> m_busyUntil; ///< by domain
    std::map<StationId, Time> m_transmitTime;
    std::map<StationId, uint64_t> m_uplinkBytes;
};

} // namespace wfl
} // namespace ns3

#endif // WFL_AIRTIME_METER_H
