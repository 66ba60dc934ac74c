/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef WFL_RADIO_ENERGY_METER_H
#define WFL_RADIO_ENERGY_METER_H

#include "ns3/object.h"
#include "ns3/wfl-channel-model.h"

#include <array>
#include <deque>
#include <map>

namespace ns3
{
namespace wfl
{

/** Energy that a radio has used. */
struct RadioEnergy
{
    double totalJ{0};    ///< in all states
    double marginalJ{0}; ///< above what idle listening would have used
};

/**
 * Radio energy from the states of each radio: E = voltage * sum over states of current * time.
 * A radio is in one state at a time; where reported states overlap, the earlier one holds. Times
 * that no report covers are idle. The default currents are those of ns-3's WifiRadioEnergyModel.
 */
class RadioEnergyMeter : public Object
{
  public:
    /** @return the TypeId */
    static TypeId GetTypeId();

    /**
     * Takes a report in, in the order of start times for each radio.
     * @param station whose radio
     * @param state what it does
     * @param start since when
     * @param duration how long
     */
    void Note(StationId station, RadioState state, Time start, Time duration);

    /**
     * @param station a worker or SERVER
     * @return what its radio has used from time 0 until now
     */
    RadioEnergy Read(StationId station) const;

    /**
     * @param station a worker or SERVER
     * @param state a state
     * @return how long its radio has been in that state from time 0 until now
     */
    Time TimeIn(StationId station, RadioState state) const;

  private:
    static constexpr std::size_t STATES = 6; ///< number of RadioState values

    /** A state for a while. */
    struct Interval
    {
        RadioState state;
        Time start;
        Time end;
    };

    /** What a radio has done. */
    struct Radio
    {
        std::array<Time, STATES> times; ///< by state, but for idle, of intervals that are over
        std::deque<Interval> ahead;     ///< intervals that may go on, in the order of time
        Time lastEnd;                   ///< of the last of them
    };

    double CurrentA(RadioState state) const;

    std::map<StationId, Radio> m_radios;
    double m_voltageV;
    double m_idleA;
    double m_ccaBusyA;
    double m_rxA;
    double m_txA;
    double m_sleepA;
};

} // namespace wfl
} // namespace ns3

#endif // WFL_RADIO_ENERGY_METER_H
