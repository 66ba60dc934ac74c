/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef FL_BATCH_ORDER_H
#define FL_BATCH_ORDER_H

#include "ns3/fl-dataset.h"
#include "ns3/fl-random.h"

#include <cstdint>
#include <vector>

namespace fl
{

/**
 * Which samples a worker's local steps see in one round. An epoch goes once through all its samples
 * in a random order, cut into mini-batches of which the last holds the rest; step s belongs to the
 * epoch s / ceil(samples / batch), and every epoch has an order of its own, keyed by worker,
 * round, turn and epoch. A batch of all samples keeps the order in which the worker owns them.
 */
class BatchOrder
{
  public:
    /**
     * @param dataset where the samples are; must outlive this object
     * @param samples the worker's, indices into the dataset, at least one; must outlive it, too
     * @param batch samples of a mini-batch, 0 for all
     * @param runSeed drives the draws
     * @param worker the worker
     * @param round the round
     * @param turn how often the worker has computed in this round before, at most 31
     */
    BatchOrder(const Dataset& dataset,
               const std::vector<uint32_t>& samples,
               uint32_t batch,
               const RunSeed& runSeed,
               uint32_t worker,
               uint32_t round,
               uint32_t turn = 0);

    /**
     * @param step a local step, from 0
     * @return its mini-batch, whatever was asked before; valid until the next call
     */
    Batch Of(uint32_t step);

  private:
    uint32_t KeyOf(uint32_t epoch) const;
    void Begin(uint32_t epoch);

    const Dataset& m_dataset;
    const std::vector<uint32_t>& m_samples;
    uint32_t m_batch; ///< at most all of them
    RunSeed m_runSeed;
    uint32_t m_worker;
    uint32_t m_round;
    uint32_t m_turn;
    uint32_t m_epoch{0};           ///< the one under way
    std::vector<uint32_t> m_order; ///< its samples; empty before the first
    uint32_t m_drawn{0};           ///< how many of them have their final place
    Random m_random;               ///< draws the places of the others
};

} // namespace fl

#endif // FL_BATCH_ORDER_H
