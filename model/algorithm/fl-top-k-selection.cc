/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/fl-top-k-selection.h"

#include "ns3/fl-pack-bits.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <cstddef>
#include <functional>
#include <limits>

namespace fl
{

namespace
{

/** Two magnitudes between which the smallest one that is wanted very likely lies. */
template <typename S>
struct Bounds
{
    S low{0};
    S high{std::numeric_limits<S>::infinity()};
};

/** Guesses from a sample, six standard deviations to each side of what it says. */
template <typename S>
Bounds<S>
GuessBounds(const S* values, uint32_t count, uint32_t keep)
{
    constexpr uint32_t sampleSize = 8192;
    Bounds<S> bounds;
    const uint32_t stride = count / sampleSize;
    if (stride < 2)
    {
        return bounds;
    }
    std::vector<S> sample;
    sample.reserve(count / stride);
    for (uint32_t i = 0; i + stride <= count; i += stride)
    {
        sample.push_back(MagnitudeOf(values[i]));
    }
    const double wanted = static_cast<double>(sample.size()) * keep / count;
    const double margin = 6 * std::sqrt(wanted) + 6;
    auto end = sample.end();
    if (wanted + margin < static_cast<double>(sample.size()))
    {
        end = sample.begin() + static_cast<std::ptrdiff_t>(wanted + margin);
        std::nth_element(sample.begin(), end, sample.end(), std::greater<S>());
        bounds.low = *end;
    }
    if (wanted - margin >= 0)
    {
        const auto place = sample.begin() + static_cast<std::ptrdiff_t>(wanted - margin);
        std::nth_element(sample.begin(), place, end, std::greater<S>());
        bounds.high = *place;
    }
    return bounds;
}

/** Whether a magnitude is not below a bound; what is not a number is not below any. */
template <typename S>
struct IsNotBelow
{
    S bound;

    bool operator()(S value) const
    {
        return !(std::abs(value) < bound);
    }

#ifdef __SSE2__
    __m128 operator()(__m128 values) const
    {
        return _mm_cmpnlt_ps(_mm_andnot_ps(_mm_set1_ps(-0.0F), values),
                             _mm_set1_ps(static_cast<float>(bound)));
    }

    __m128d operator()(__m128d values) const
    {
        return _mm_cmpnlt_pd(_mm_andnot_pd(_mm_set1_pd(-0.0), values), _mm_set1_pd(bound));
    }
#endif
};

/** Values of which some are chosen. */
template <typename S>
struct Candidates
{
    std::vector<uint32_t> indices; ///< ascending
    std::vector<S> magnitudes;     ///< in the same order
};

/** The values whose magnitude is not below a bound. */
template <typename S>
Candidates<S>
CandidatesOf(const S* values, uint32_t count, S bound)
{
    const IsNotBelow<S> isNotBelow{bound};
    Candidates<S> candidates;
    for (uint32_t first = 0; first < count; first += 64)
    {
        const uint32_t length = std::min(64U, count - first);
        auto left = length == 64 ? PackWord(values + first, isNotBelow)
                                 : PackBits(values + first, length, isNotBelow);
        for (; left != 0; left &= left - 1)
        {
            const auto i = first + static_cast<uint32_t>(__builtin_ctzll(left));
            candidates.indices.push_back(i);
            candidates.magnitudes.push_back(MagnitudeOf(values[i]));
        }
    }
    return candidates;
}

/**
 * Copies what fulfils a condition, without a branch: which one does cannot be foreseen.
 * @param condition called as condition(i) for each i below the number of elements
 */
template <typename T, typename Condition>
std::vector<T>
CopyIf(const std::vector<T>& from, Condition condition)
{
    std::vector<T> copies(from.size() + 1);
    std::size_t count = 0;
    for (std::size_t i = 0; i < from.size(); ++i)
    {
        copies[count] = from[i];
        count += condition(i);
    }
    copies.resize(count);
    return copies;
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
    const auto bounds = GuessBounds(range, count, keep);
    auto candidates = CandidatesOf(range, count, bounds.low);
    if (candidates.indices.size() < keep)
    {
        candidates = CandidatesOf(range, count, S{0});
    }
    const auto& magnitudes = candidates.magnitudes;
    // The smallest one wanted is sought among those that are not above the guess.
    auto sought = CopyIf(magnitudes, [&](std::size_t i) { return magnitudes[i] <= bounds.high; });
    if (magnitudes.size() - sought.size() >= keep)
    {
        sought = magnitudes;
    }
    const auto above = static_cast<uint32_t>(magnitudes.size() - sought.size());
    const auto last = sought.begin() + (keep - above - 1);
    std::nth_element(sought.begin(), last, sought.end(), std::greater<S>());
    const S smallest = *last;
    // Of those as large as the smallest one, as many as the larger ones leave room for.
    const auto larger = std::count_if(sought.begin(),
                                      last,
                                      [smallest](S magnitude) { return magnitude > smallest; });
    auto room = keep - above - static_cast<uint32_t>(larger);
    const auto indices = CopyIf(candidates.indices,
                                [&](std::size_t i)
                                {
                                    const bool isEqual = magnitudes[i] == smallest && room > 0;
                                    room -= isEqual;
                                    return magnitudes[i] > smallest || isEqual;
                                });
    for (const uint32_t i : indices)
    {
        chosen.push_back(first + i);
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
