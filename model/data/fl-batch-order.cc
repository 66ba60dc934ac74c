/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/fl-batch-order.h"

#include <algorithm>
#include <cassert>
#include <utility>

namespace fl
{

BatchOrder::BatchOrder(const Dataset& dataset,
                       const std::vector<uint32_t>& samples,
                       uint32_t batch,
                       const RunSeed& runSeed,
                       uint32_t worker,
                       uint32_t round,
                       uint32_t turn)
    : m_dataset(dataset),
      m_samples(samples),
      m_runSeed(runSeed),
      m_worker(worker),
      m_round(round),
      m_turn(turn),
      m_random(runSeed, Purpose::BATCH, worker, round, KeyOf(0))
{
    assert(!m_samples.empty());
    const auto all = static_cast<uint32_t>(m_samples.size());
    m_batch = batch == 0 ? all : std::min(batch, all);
}

uint32_t
BatchOrder::KeyOf(uint32_t epoch) const
{
    constexpr uint32_t epochBits = 19; // of the 24 of a key
    return m_turn << epochBits | epoch;
}

void
BatchOrder::Begin(uint32_t epoch)
{
    m_epoch = epoch;
    m_order = m_samples;
    m_random = Random(m_runSeed, Purpose::BATCH, m_worker, m_round, KeyOf(epoch));
    m_drawn = 0;
}

Batch
BatchOrder::Of(uint32_t step)
{
    const auto all = static_cast<uint32_t>(m_samples.size());
    if (m_batch == all)
    {
        return {&m_dataset, m_samples.data(), all};
    }
    const uint32_t steps = (all - 1) / m_batch + 1;
    if (m_order.empty() || step / steps != m_epoch)
    {
        Begin(step / steps);
    }
    const uint32_t first = step % steps * m_batch;
    const uint32_t end = first + std::min(m_batch, all - first);
    // A Fisher-Yates shuffle that goes no further than it must: most methods take one step.
    for (; m_drawn < end; ++m_drawn)
    {
        std::swap(m_order[m_drawn], m_order[m_drawn + m_random.Below(all - m_drawn)]);
    }
    return {&m_dataset, m_order.data() + first, end - first};
}

} // namespace fl
