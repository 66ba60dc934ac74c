/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef WFL_BACKOFF_CLOCK_H
#define WFL_BACKOFF_CLOCK_H

#include "ns3/nstime.h"
#include "ns3/wfl-channel-model.h"

#include <cstdint>
#include <map>
#include <vector>

namespace ns3
{
namespace wfl
{

/**
 * The backoffs of all stations that share a medium, in the order in which they end.
 *
 * They count down together, while the medium is idle, and freeze together. So what is stored is the
 * reading at which a backoff ends, of a clock that runs only then: however many stations there are,
 * a transmission moves nothing but the clock. Who resumes later than the others after a collision,
 * because it waits for an answer or for an EIFS, is late, and is counted apart until the next
 * transmission.
 *
 * Slots are those of IEEE 802.11-2020: with EDCA (10.23.2.4) a backoff counts one down at the end
 * of the AIFS, too; with DCF (10.3.4.3) only for a slot that was idle. Who freezes has therefore
 * one slot less to go with EDCA.
 */
class BackoffClock
{
  public:
    /**
     * @param slot the slot time
     * @param isEdca whether the end of the AIFS counts
     */
    BackoffClock(Time slot, bool isEdca);

    /**
     * Gives a station that does not contend a backoff, which counts from the first slot of the idle
     * time that begins now.
     * @param station a station
     * @param slots the backoff
     * @param delay how much later than the others it begins to count
     */
    void Set(StationId station, uint32_t slots, Time delay = Time());

    /**
     * @param station a station
     * @return slots that are left at the first slot of the present idle time, of its own delay
     * apart
     */
    int64_t Remaining(StationId station) const;

    /**
     * A station has something to send from now on. It begins when its backoff ends or, if that is
     * over, at the next boundary of a slot.
     * @param station a station
     * @param passed time since the first slot began, or zero or less
     */
    void Enter(StationId station, Time passed);

    /** @param station a station that contends; it does so no longer */
    void Leave(StationId station);

    /**
     * @param station a station
     * @return whether it contends
     */
    bool Contends(StationId station) const;

    /** @return all that contend, the earliest first */
    std::vector<StationId> Contenders() const;

    /**
     * @param station a station that contends
     * @param delay how much later than the others it begins to count
     */
    void Delay(StationId station, Time delay);

    /** @return whether nobody contends */
    bool IsEmpty() const;

    /** @return who begins first, all of them at the same time */
    const std::vector<StationId>& First() const;

    /** @return when they begin, after the first slot of the present idle time has begun */
    Time FirstTime() const;

    /**
     * Those who begin first have left, and transmitted; the next idle time begins.
     * @param idle how long after the first slot they began
     */
    void Elapse(Time idle);

  private:
    /** The backoff of a station. */
    struct Backoff
    {
        Time due;             ///< reading at which it ends
        Time delay;           ///< part of it that is not backoff
        bool contends{false}; ///< whether it stands in m_contenders
    };

    int64_t Counted(Time idle) const;
    void Move(StationId station, Backoff& backoff, Time due);
    void Remove(StationId station, const Backoff& backoff);

    Time m_slot;
    bool m_isEdca;
    Time m_reading; ///< at the first slot of the present idle time
    std::map<StationId, Backoff> m_backoffs;
    std::map<Time, std::vector<StationId>> m_contenders; ///< by due time
    std::vector<StationId> m_late;                       ///< those with a delay
};

} // namespace wfl
} // namespace ns3

#endif // WFL_BACKOFF_CLOCK_H
