/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef FL_MODEL_HISTORY_H
#define FL_MODEL_HISTORY_H

#include "ns3/fl-algorithm.h"

#include <cstdint>
#include <map>

namespace fl
{

/**
 * What methods with a threshold remember of the models that one end has held: the last two, and
 * the squared lengths of the last few changes between successive versions. Versions that were
 * missed count as one change with the one that follows; a version that comes again, or late,
 * replaces what was known of it and of those behind it.
 *
 * @tparam S the scalar, float or double
 */
template <typename S>
class ModelHistory
{
  public:
    /** @param changes how many changes are remembered */
    explicit ModelHistory(uint32_t changes);

    /**
     * @param version version of the model that is held from now on
     * @param model the model, kept by reference
     */
    void Observe(uint32_t version, const SharedModel<S>& model);

    /** @return the model held before the current one, null if there was none */
    const SharedModel<S>& Previous() const
    {
        return m_previous;
    }

    /** @return sum of the squared lengths of the remembered changes; those before version 0 are 0
     */
    double SquaredChanges() const;

  private:
    uint32_t m_changes;
    uint32_t m_version{0};                ///< of the current model
    uint32_t m_previousVersion{0};        ///< of the one before it
    SharedModel<S> m_current;             ///< null before the first
    SharedModel<S> m_previous;            ///< null before the second
    std::map<uint32_t, double> m_squared; ///< by the version that a change led to
};

/**
 * @tparam S the scalar, float or double
 * @param values a vector
 * @return its squared length, summed in double
 */
template <typename S>
double SquaredNorm(const std::vector<S>& values);

/**
 * @tparam S the scalar, float or double
 * @param a a vector
 * @param b another of the same size
 * @return squared length of their difference, summed in double
 */
template <typename S>
double SquaredDistance(const std::vector<S>& a, const std::vector<S>& b);

} // namespace fl

#endif // FL_MODEL_HISTORY_H
