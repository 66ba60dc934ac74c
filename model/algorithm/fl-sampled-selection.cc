/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/fl-sampled-selection.h"

#include "ns3/fl-top-k-selection.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <cstddef>
#include <functional>

namespace fl
{

namespace
{

constexpr double FEWEST = 0.8;     ///< of those to be kept; also what the threshold is lowered to
constexpr double MOST = 1.3;       ///< of those to be kept
constexpr uint32_t LOWERINGS = 10; ///< of the threshold, at most

/**
 * @return from how many entries one is sampled; odd, so that the rows of a matrix, whose lengths
 * are even as a rule, do not give the same column each
 */
uint32_t
StrideOf(uint32_t count, uint32_t keep, double share)
{
    const double wanted = std::ceil(std::max(share * count, 2.0 * count / keep));
    const auto stride = wanted < count ? static_cast<uint32_t>(count / wanted) : 1;
    return stride - (stride % 2 == 0);
}

} // namespace

template <typename S>
void
SelectBySample(const std::vector<S>& values,
               uint32_t first,
               uint32_t count,
               uint32_t keep,
               double share,
               Random& draws,
               std::vector<uint32_t>& chosen)
{
    assert(keep > 0 && keep <= count && std::size_t{first} + count <= values.size());
    const uint32_t stride = StrideOf(count, keep, share);
    if (stride == 1)
    {
        SelectTopK(values, first, count, keep, chosen);
        return;
    }
    std::vector<S> sample;
    for (uint32_t i = draws.Below(stride); i < count; i += stride)
    {
        sample.push_back(MagnitudeOf(values[first + i]));
    }
    const auto above =
        static_cast<std::ptrdiff_t>((uint64_t{keep} * sample.size() + count - 1) / count);
    std::nth_element(sample.begin(), sample.begin() + (above - 1), sample.end(), std::greater<S>());
    S threshold = sample[above - 1];
    std::vector<uint32_t> found;
    for (uint32_t lowerings = 0;; ++lowerings, threshold *= static_cast<S>(FEWEST))
    {
        found.clear();
        for (uint32_t i = first; i < first + count; ++i)
        {
            if (MagnitudeOf(values[i]) >= threshold)
            {
                found.push_back(i);
            }
        }
        if (static_cast<double>(found.size()) >= FEWEST * keep || lowerings == LOWERINGS)
        {
            break;
        }
    }
    if (static_cast<double>(found.size()) <= MOST * keep)
    {
        chosen.insert(chosen.end(), found.begin(), found.end());
        return;
    }
    std::vector<S> candidates;
    for (const uint32_t i : found)
    {
        candidates.push_back(values[i]);
    }
    std::vector<uint32_t> largest;
    SelectTopK(candidates, 0, static_cast<uint32_t>(candidates.size()), keep, largest);
    for (const uint32_t i : largest)
    {
        chosen.push_back(found[i]);
    }
}

template void SelectBySample(const std::vector<float>& values,
                             uint32_t first,
                             uint32_t count,
                             uint32_t keep,
                             double share,
                             Random& draws,
                             std::vector<uint32_t>& chosen);
template void SelectBySample(const std::vector<double>& values,
                             uint32_t first,
                             uint32_t count,
                             uint32_t keep,
                             double share,
                             Random& draws,
                             std::vector<uint32_t>& chosen);

} // namespace fl
