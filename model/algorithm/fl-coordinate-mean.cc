/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/fl-coordinate-mean.h"

#include "ns3/fl-update-values.h"

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
CoordinateMean<S>::Add(const ReceivedUpdate<S>& received, uint64_t weight)
{
    assert(weight > 0);
    ForEachValue(received.update,
                 received.missing,
                 [this, factor = static_cast<S>(weight)](uint32_t i, S value)
                 { m_sum[i] += factor * value; });
    if (!received.Complete())
    {
        m_missing.resize(m_sum.size());
    }
    for (const auto& range : received.missing)
    {
        for (uint32_t i = range.first; i < range.end; ++i)
        {
            m_missing[i] += weight;
        }
    }
    m_weight += weight;
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
    m_weight += updates;
}

template <typename S>
Ranges
CoordinateMean<S>::Missing() const
{
    const auto size = static_cast<uint32_t>(m_sum.size());
    if (m_weight == 0)
    {
        return {{0, size}};
    }
    Ranges missing;
    for (uint32_t i = 0; i < m_missing.size(); ++i)
    {
        if (m_missing[i] == m_weight)
        {
            Append(missing, {i, i + 1});
        }
    }
    return missing;
}

template <typename S>
std::vector<S>
CoordinateMean<S>::Take()
{
    std::vector<S> mean(m_sum.size());
    mean.swap(m_sum);
    for (std::size_t i = 0; i < mean.size(); ++i)
    {
        const uint64_t brought = m_weight - (m_missing.empty() ? 0 : m_missing[i]);
        mean[i] = brought == 0 ? S{0} : mean[i] / static_cast<S>(brought);
    }
    m_weight = 0;
    m_missing.clear();
    return mean;
}

template <typename S>
std::vector<S>
CoordinateMean<S>::TakeSumOver(uint32_t updates)
{
    std::vector<S> mean(m_sum.size());
    mean.swap(m_sum);
    for (auto& value : mean)
    {
        value /= static_cast<S>(updates);
    }
    m_weight = 0;
    m_missing.clear();
    return mean;
}

template class CoordinateMean<float>;
template class CoordinateMean<double>;

} // namespace fl
