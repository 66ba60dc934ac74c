/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef WFL_RADIO_ENERGY_MODEL_H
#define WFL_RADIO_ENERGY_MODEL_H

#include "ns3/wfl-channel-model.h"
#include "ns3/wfl-device-profile.h"
#include "ns3/wfl-energy-load.h"

#include <array>
#include <deque>
#include <optional>

namespace ns3
{
namespace wfl
{

/**
 * Energy of one radio of any technology, from the states that the channel tells of: E = voltage *
 * sum over states of current * time. It is in one state at a time; where reported states overlap,
 * the earlier one holds. Times that no report covers are idle.
 *
 * A radio may be put to sleep. It then hears nothing until Wake(), but for what it is woken by:
 * the last thing that it could hear, from its beginning. That is a wake-up of perfect timing and
 * without cost, so that what sleep saves is an upper bound.
 */
class RadioEnergyModel : public EnergyLoad
{
  public:
    /** Number of RadioState values. */
    static constexpr std::size_t STATES = 6;

    /** @return the TypeId */
    static TypeId GetTypeId();

    RadioEnergyModel();
    ~RadioEnergyModel() override;

    /** @param profile what each state draws */
    void SetProfile(Ptr<const DeviceProfile> profile);

    /**
     * Takes a report in, in the order of start times.
     * @param state what the radio does
     * @param start since when
     * @param duration how long
     */
    void Note(RadioState state, Time start, Time duration);

    /**
     * What has been read until now stays as it is: of what is reported later, that which was before
     * does not count. For the moment from which on energy is counted, since some radios tell of a
     * state when it is over.
     */
    void ForgetWhatWas();

    /** Nothing is to be sent or heard until Wake(); does nothing if it sleeps already. */
    void Sleep();

    /** Something has been heard that was meant for it; does nothing if it is awake. */
    void Wake();

    void SetOn(bool on) override;

    /**
     * @param state a state
     * @return how long it has been in that state from time 0 until now
     */
    Time TimeIn(RadioState state) const;

    /**
     * @param state a state
     * @return what it has used in that state from time 0 until now, in joules
     */
    double EnergyIn(RadioState state) const;

    double EnergyJ() const override;
    double HighestW() const override;

    /** @return energy above what idle listening would have used while it was on, in joules */
    double MarginalJ() const;

  private:
    /** A state for a while. */
    struct Interval
    {
        RadioState state;
        Time start;
        Time end;
    };

    /** SLEEP or OFF that goes on. */
    struct Rest
    {
        RadioState state;
        Time since;
    };

    using Times = std::array<Time, STATES>;

    void DoDispose() override;

    void Push(RadioState state, Time start, Time end);
    void EndRest(Time end);
    Times ReadTimes() const;

    Ptr<const DeviceProfile> m_profile;
    Times m_times{};                 ///< by state, but for idle, of intervals that are over
    std::deque<Interval> m_ahead;    ///< intervals that may go on, in the order of time
    Time m_lastEnd;                  ///< of the last of them
    std::optional<Rest> m_rest;      ///< while it neither hears nor sends
    std::optional<Interval> m_heard; ///< what it could have heard last while it slept
};

} // namespace wfl
} // namespace ns3

#endif // WFL_RADIO_ENERGY_MODEL_H
