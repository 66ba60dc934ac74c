/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/fl-top-k-selection.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <limits>
#include <numeric>

namespace fl
{

template <typename S>
void
SelectTopK(const std::vector<S>& values,
           uint32_t first,
           uint32_t count,
           uint32_t keep,
           std::vector<uint32_t>& chosen)
{
    assert(keep <= count && std::size_t{first} + count <= values.size());
    // Not a number must have a place in the order, too: in front, so that it is sent and seen.
    const auto magnitude = [&values](uint32_t i)
    {
        const S size = std::abs(values[i]);
        return std::isnan(size) ? std::numeric_limits<S>::infinity() : size;
    };
    std::vector<uint32_t> order(count);
    std::iota(order.begin(), order.end(), first);
    std::nth_element(order.begin(),
                     order.begin() + keep,
                     order.end(),
                     [&magnitude](uint32_t a, uint32_t b)
                     {
                         const S x = magnitude(a);
                         const S y = magnitude(b);
                         return x > y || (x == y && a < b);
                     });
    std::sort(order.begin(), order.begin() + keep);
    chosen.insert(chosen.end(), order.begin(), order.begin() + keep);
}

template void SelectTopK(const std::vector<float>& values,
                         uint32_t first,
                         uint32_t count,
                         uint32_t keep,
                         std::vector<uint32_t>& chosen);
template void SelectTopK(const std::vector<double>& values,
                         uint32_t first,
                         uint32_t count,
                         uint32_t keep,
                         std::vector<uint32_t>& chosen);

} // namespace fl
