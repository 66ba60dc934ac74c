/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/fl-sign-pack.h"

#include <cstddef>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

namespace fl
{

namespace
{

/** @return bit i set iff value i is negative, for up to 64 values */
template <typename S>
uint64_t
PackWord(const S* values, uint32_t count)
{
    uint64_t word = 0;
    for (uint32_t i = 0; i < count; ++i)
    {
        word |= uint64_t{values[i] < 0} << i;
    }
    return word;
}

#ifdef __SSE2__

uint64_t
PackFullWord(const float* values)
{
    const __m128 zero = _mm_setzero_ps();
    uint64_t word = 0;
    for (int i = 0; i < 64; i += 4)
    {
        const int bits = _mm_movemask_ps(_mm_cmplt_ps(_mm_loadu_ps(values + i), zero));
        word |= static_cast<uint64_t>(bits) << i;
    }
    return word;
}

uint64_t
PackFullWord(const double* values)
{
    const __m128d zero = _mm_setzero_pd();
    uint64_t word = 0;
    for (int i = 0; i < 64; i += 2)
    {
        const int bits = _mm_movemask_pd(_mm_cmplt_pd(_mm_loadu_pd(values + i), zero));
        word |= static_cast<uint64_t>(bits) << i;
    }
    return word;
}

#else

template <typename S>
uint64_t
PackFullWord(const S* values)
{
    return PackWord(values, 64);
}

#endif

} // namespace

template <typename S>
SignUpdate
PackSigns(const std::vector<S>& values)
{
    const auto size = static_cast<uint32_t>(values.size());
    auto signs = SignUpdate::Positive(size);
    const uint32_t fullWords = size / 64;
    for (uint32_t word = 0; word < fullWords; ++word)
    {
        signs.words[word] = PackFullWord(values.data() + std::size_t{word} * 64);
    }
    if (size % 64 != 0)
    {
        signs.words[fullWords] = PackWord(values.data() + std::size_t{fullWords} * 64, size % 64);
    }
    return signs;
}

template SignUpdate PackSigns(const std::vector<float>& values);
template SignUpdate PackSigns(const std::vector<double>& values);

} // namespace fl
