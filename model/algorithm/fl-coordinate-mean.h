/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef FL_COORDINATE_MEAN_H
#define FL_COORDINATE_MEAN_H

#include "ns3/fl-update.h"

#include <cstdint>
#include <utility>
#include <vector>

namespace fl
{

/**
 * The mean of several updates in which coordinates may be missing: each coordinate is divided by
 * the number of updates that brought it, so that a loss makes the mean noisier but not smaller. A
 * coordinate that none brought is 0.
 *
 * @tparam S the scalar, float or double
 */
template <typename S>
class CoordinateMean
{
  public:
    /** @param dimension number of coordinates */
    explicit CoordinateMean(uint32_t dimension);

    /** @param received one update, dense or sparse; sparse zeros count as brought */
    void Add(const ReceivedUpdate<S>& received);

    /**
     * @param sum a sum of several complete updates
     * @param updates how many
     */
    void AddSum(const std::vector<S>& sum, uint32_t updates);

    /** @return the mean; everything is forgotten afterwards */
    std::vector<S> Take();

  private:
    std::vector<S> m_sum;
    uint32_t m_updates{0}; ///< updates added
    std::vector<uint32_t>
        m_missing; ///< by coordinate, updates that lacked it; empty while none did
};

} // namespace fl

#endif // FL_COORDINATE_MEAN_H
