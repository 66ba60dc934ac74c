/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/fl-top-k-selection.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <cstddef>
#include <cstring>
#include <functional>
#include <type_traits>

namespace fl
{

namespace
{

/**
 * A magnitude that is likely to be exceeded by a few more values than are wanted, from a sample.
 * @return 0 if the sample cannot tell
 */
template <typename S>
S
GuessBound(const S* values, uint32_t count, uint32_t keep)
{
    constexpr uint32_t sampleSize = 8192;
    const uint32_t stride = count / sampleSize;
    if (stride < 2)
    {
        return 0;
    }
    std::vector<S> sample;
    for (uint32_t i = 0; i + stride <= count; i += stride)
    {
        sample.push_back(MagnitudeOf(values[i]));
    }
    // Six standard deviations of how many of the wanted ones are in the sample.
    const double wanted = static_cast<double>(sample.size()) * keep / count;
    const double rank = wanted + 6 * std::sqrt(wanted) + 6;
    if (rank >= static_cast<double>(sample.size()))
    {
        return 0;
    }
    const auto place = sample.begin() + static_cast<std::ptrdiff_t>(rank);
    std::nth_element(sample.begin(), place, sample.end(), std::greater<S>());
    return *place;
}

/** The first 31 bits of a magnitude, which order magnitudes as far as they differ. */
template <typename S>
int32_t
LeadingBits(S value)
{
    using Bits = std::conditional_t<sizeof(S) == 4, uint32_t, uint64_t>;
    Bits bits;
    std::memcpy(&bits, &value, sizeof bits);
    return static_cast<int32_t>((bits >> (8 * sizeof bits - 32)) & 0x7fffffff);
}

/** Whether any of a few values may have a magnitude that is not below a bound. */
template <uint32_t N, typename S>
bool
MayBeNotBelow(const S* values, int32_t leadingBitsOfBound)
{
    int32_t found = 0;
    for (uint32_t i = 0; i < N; ++i)
    {
        found |= static_cast<int32_t>(LeadingBits(values[i]) >= leadingBitsOfBound);
    }
    return found != 0;
}

/** The indices of the values whose magnitude is not below a bound, ascending. */
template <typename S>
std::vector<uint32_t>
NotBelow(const S* values, uint32_t count, S bound)
{
    std::vector<uint32_t> indices;
    const auto take = [&](uint32_t begin, uint32_t end)
    {
        for (uint32_t i = begin; i < end; ++i)
        {
            if (!(std::abs(values[i]) < bound))
            {
                indices.push_back(i);
            }
        }
    };
    // Where few are wanted most stretches hold none.
    constexpr uint32_t stretch = 16;
    const int32_t leadingBits = LeadingBits(bound);
    uint32_t i = 0;
    for (; i + stretch <= count; i += stretch)
    {
        if (MayBeNotBelow<stretch>(values + i, leadingBits))
        {
            take(i, i + stretch);
        }
    }
    take(i, count);
    return indices;
}

} // namespace

template <typename S>
void
SelectTopK(const std::vector<S>& values,
           uint32_t first,
           uint32_t count,
           uint32_t keep,
           std::vector<uint32_t>& chosen)
{
    assert(keep <= count && std::size_t{first} + count <= values.size());
    if (keep == 0)
    {
        return;
    }
    const S* const range = values.data() + first;
    auto candidates = NotBelow(range, count, GuessBound(range, count, keep));
    if (candidates.size() < keep)
    {
        candidates = NotBelow(range, count, S{0});
    }
    std::vector<S> magnitudes;
    for (const uint32_t i : candidates)
    {
        magnitudes.push_back(MagnitudeOf(range[i]));
    }
    const auto last = magnitudes.begin() + (keep - 1);
    std::nth_element(magnitudes.begin(), last, magnitudes.end(), std::greater<S>());
    const S smallest = *last;
    // Of those as large as the smallest one, as many as the larger ones leave room for.
    auto room = keep - static_cast<uint32_t>(std::count_if(magnitudes.begin(),
                                                           last,
                                                           [smallest](S magnitude)
                                                           { return magnitude > smallest; }));
    for (const uint32_t i : candidates)
    {
        const S magnitude = MagnitudeOf(range[i]);
        if (magnitude > smallest || (magnitude == smallest && room > 0))
        {
            room -= magnitude == smallest;
            chosen.push_back(first + i);
        }
    }
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
