/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/fl-model-history.h"

#include <cassert>

namespace fl
{

template <typename S>
ModelHistory<S>::ModelHistory(uint32_t changes)
    : m_changes(changes)
{
}

template <typename S>
void
ModelHistory<S>::Observe(uint32_t version, const SharedModel<S>& model)
{
    m_squared.erase(m_squared.lower_bound(version), m_squared.end());
    if (m_current && m_version < version)
    {
        m_previous = m_current;
        m_previousVersion = m_version;
    }
    m_current = model;
    m_version = version;
    if (m_previousVersion >= version)
    {
        m_previous = nullptr;
    }
    if (m_previous && m_changes > 0)
    {
        m_squared[version] = SquaredDistance(*m_current, *m_previous);
        m_squared.erase(m_squared.begin(),
                        m_squared.lower_bound(version + 1 - std::min(version, m_changes)));
    }
}

template <typename S>
double
ModelHistory<S>::SquaredChanges() const
{
    double sum = 0;
    for (const auto& change : m_squared)
    {
        sum += change.second;
    }
    return sum;
}

template <typename S>
double
SquaredNorm(const std::vector<S>& values)
{
    double sum = 0;
    for (const S value : values)
    {
        sum += double{value} * double{value};
    }
    return sum;
}

template <typename S>
double
SquaredDistance(const std::vector<S>& a, const std::vector<S>& b)
{
    assert(a.size() == b.size());
    double sum = 0;
    for (std::size_t i = 0; i < a.size(); ++i)
    {
        const double difference = double{a[i]} - double{b[i]};
        sum += difference * difference;
    }
    return sum;
}

template class ModelHistory<float>;
template class ModelHistory<double>;
template double SquaredNorm(const std::vector<float>& values);
template double SquaredNorm(const std::vector<double>& values);
template double SquaredDistance(const std::vector<float>& a, const std::vector<float>& b);
template double SquaredDistance(const std::vector<double>& a, const std::vector<double>& b);

} // namespace fl
