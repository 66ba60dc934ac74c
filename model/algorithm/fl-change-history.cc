/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/fl-change-history.h"

#include <algorithm>
#include <cassert>

namespace fl
{

namespace
{

template <typename S>
double
SquaredDistance(const S* a, const S* b, std::size_t size)
{
    double sum = 0;
    for (std::size_t i = 0; i < size; ++i)
    {
        const double difference = double{a[i]} - double{b[i]};
        sum += difference * difference;
    }
    return sum;
}

} // namespace

template <typename S>
void
RememberSquaredChange(const std::vector<S>& before, std::vector<S>& model, uint32_t dimension)
{
    assert(before.size() == model.size());
    if (model.size() > dimension)
    {
        std::copy(before.begin() + dimension + 1, before.end(), model.begin() + dimension);
        model.back() = static_cast<S>(SquaredDistance(model.data(), before.data(), dimension));
    }
}

template <typename S>
double
SquaredChanges(const std::vector<S>& model, uint32_t dimension)
{
    double sum = 0;
    for (std::size_t i = dimension; i < model.size(); ++i)
    {
        sum += double{model[i]};
    }
    return sum;
}

template <typename S>
double
SquaredDistance(const std::vector<S>& a, const std::vector<S>& b)
{
    assert(a.size() == b.size());
    return SquaredDistance(a.data(), b.data(), a.size());
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

template void RememberSquaredChange(const std::vector<float>&, std::vector<float>&, uint32_t);
template void RememberSquaredChange(const std::vector<double>&, std::vector<double>&, uint32_t);
template double SquaredChanges(const std::vector<float>&, uint32_t);
template double SquaredChanges(const std::vector<double>&, uint32_t);
template double SquaredDistance(const std::vector<float>&, const std::vector<float>&);
template double SquaredDistance(const std::vector<double>&, const std::vector<double>&);
template double SquaredNorm(const std::vector<float>&);
template double SquaredNorm(const std::vector<double>&);

} // namespace fl
