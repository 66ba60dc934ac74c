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
 * the weight of the updates that brought it, so that a loss makes the mean noisier but not smaller.
 * A coordinate that none brought is 0.
 *
 * @tparam S the scalar, float or double
 */
template <typename S>
class CoordinateMean
{
  public:
    /** @param dimension number of coordinates */
    explicit CoordinateMean(uint32_t dimension);

    /**
     * @param received one update; coordinates that a sparse one leaves out count as brought
     * @param weight its weight, at least 1
     */
    void Add(const ReceivedUpdate<S>& received, uint64_t weight = 1);

    /**
     * @param sum a sum of several complete updates
     * @param updates how many
     */
    void AddSum(const std::vector<S>& sum, uint32_t updates);

    /** @return coordinates that no update brought, ascending */
    Ranges Missing() const;

    /** @return the mean; everything is forgotten afterwards */
    std::vector<S> Take();

    /**
     * For senders that say again what was lost: every coordinate is divided by the same number.
     * @param updates what the sum is divided by
     * @return the sum over that number; everything is forgotten afterwards
     */
    std::vector<S> TakeSumOver(uint32_t updates);

  private:
    std::vector<S> m_sum;
    uint64_t m_weight{0};            ///< sum of the weights of the updates added
    std::vector<uint64_t> m_missing; ///< by coordinate, the weight that lacked it; empty while
                                     ///< none did
};

} // namespace fl

#endif // FL_COORDINATE_MEAN_H
