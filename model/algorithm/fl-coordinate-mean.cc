/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/fl-coordinate-mean.h"

#include <cassert>

namespace fl
{

template <typename S>
CoordinateMean<S>::CoordinateMean(uint32_t dimension)
    : m_sum(dimension)
{
}

template <typename S>
void
CoordinateMean<S>::Add(const ReceivedUpdate<S>& received)
{
    const auto size = static_cast<uint32_t>(m_sum.size());
    if (const auto* sparse = std::get_if<SparseUpdate<S>>(&received.update))
    {
        for (std::size_t i = 0; i < sparse->indices.size(); ++i)
        {
            m_sum[sparse->indices[i]] += sparse->values[i];
        }
    }
    else
    {
        const auto& values = std::get<DenseUpdate<S>>(received.update).values;
        assert(values.size() == size);
        for (uint32_t i = 0; i < size; ++i)
        {
            m_sum[i] += values[i];
        }
    }
    if (!received.Complete() && m_missing.empty())
    {
        m_missing.resize(size);
    }
    for (const auto& range : received.missing)
    {
        for (uint32_t i = range.first; i < range.end; ++i)
        {
            ++m_missing[i];
        }
    }
    ++m_updates;
}

template <typename S>
void
CoordinateMean<S>::AddSum(const std::vector<S>& sum, uint32_t updates)
{
    assert(sum.size() == m_sum.size());
    for (std::size_t i = 0; i < sum.size(); ++i)
    {
        m_sum[i] += sum[i];
    }
    m_updates += updates;
}

template <typename S>
std::vector<S>
CoordinateMean<S>::Take()
{
    std::vector<S> mean(m_sum.size());
    mean.swap(m_sum);
    for (std::size_t i = 0; i < mean.size(); ++i)
    {
        const uint32_t brought = m_updates - (m_missing.empty() ? 0 : m_missing[i]);
        mean[i] = brought == 0 ? S{0} : mean[i] / static_cast<S>(brought);
    }
    m_updates = 0;
    m_missing.clear();
    return mean;
}

template class CoordinateMean<float>;
template class CoordinateMean<double>;

} // namespace fl
