/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef FL_LEARNING_RATE_H
#define FL_LEARNING_RATE_H

#include "ns3/fl-parameters.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace fl
{

/** How a step size changes from round to round: a factor on the one of the first rounds. */
using RateSchedule = std::function<double(uint32_t round)>;

/** Makes a schedule. */
using RateScheduleFactory = std::function<RateSchedule(const Parameters&)>;

/** A step size, which may follow a schedule. */
class LearningRate
{
  public:
    /**
     * Implicit, so that a number stands for a step size that never changes.
     * @param initial the step size
     */
    LearningRate(double initial)
        : m_initial(initial)
    {
    }

    /**
     * @param initial the step size that the schedule changes
     * @param schedule what the user typed, `name[Key=value|...]`
     * @throws UserError for an unknown name or parameter
     */
    LearningRate(double initial, const std::string& schedule);

    /** @return the step size that the schedule changes */
    double Initial() const
    {
        return m_initial;
    }

    /**
     * @param round a round, from 0
     * @return what the schedule multiplies with in that round, above 0
     */
    double Factor(uint32_t round) const
    {
        return m_schedule ? m_schedule(round) : 1;
    }

    /**
     * @param round a round, from 0
     * @return the step size of that round
     */
    double At(uint32_t round) const
    {
        return m_initial * Factor(round);
    }

    /**
     * @param initial another step size
     * @return that one on the same schedule
     */
    LearningRate WithInitial(double initial) const;

  private:
    double m_initial;
    RateSchedule m_schedule; ///< empty if it is constant
};

/** A threshold in units of a power of 1 / step size: where steps shrink it grows. */
class RateThreshold
{
  public:
    /**
     * @param initial the threshold at the initial step size
     * @param rate the step size
     * @param power of 1 / step size that it is in units of; 0 if it does not follow the step size
     */
    RateThreshold(double initial, LearningRate rate, int power);

    /**
     * @param round a round, from 0
     * @return the threshold in that round
     */
    double At(uint32_t round) const
    {
        return m_initial * Growth(round);
    }

    /**
     * @param round a round, from 0
     * @return what it is multiplied with in that round
     */
    double Growth(uint32_t round) const;

  private:
    double m_initial;
    LearningRate m_rate;
    int m_power;
};

} // namespace fl

#endif // FL_LEARNING_RATE_H
