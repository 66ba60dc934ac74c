/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef FL_PACK_BITS_H
#define FL_PACK_BITS_H

#include <cstdint>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

namespace fl
{

/**
 * Asks something of up to 64 values. The condition is a function object that takes a value and
 * returns a bool; where there is SSE2 it also takes a vector and returns one of masks.
 * @tparam S the scalar, float or double
 * @param values the values
 * @param count how many, at most 64
 * @param condition what is asked
 * @return bit i is set iff it holds for value i
 */
template <typename S, typename Condition>
uint64_t
PackBits(const S* values, uint32_t count, const Condition& condition)
{
    uint64_t word = 0;
    for (uint32_t i = 0; i < count; ++i)
    {
        word |= uint64_t{condition(values[i])} << i;
    }
    return word;
}

#ifdef __SSE2__

/**
 * @param values 64 values
 * @param condition what is asked of them
 * @return bit i is set iff it holds for value i
 */
template <typename Condition>
uint64_t
PackWord(const float* values, const Condition& condition)
{
    const auto masks = [&](int i)
    {
        return _mm_castps_si128(condition(_mm_loadu_ps(values + i)));
    };
    uint64_t word = 0;
    for (int i = 0; i < 64; i += 16)
    {
        const __m128i low = _mm_packs_epi32(masks(i), masks(i + 4));
        const __m128i high = _mm_packs_epi32(masks(i + 8), masks(i + 12));
        const int bits = _mm_movemask_epi8(_mm_packs_epi16(low, high));
        word |= static_cast<uint64_t>(bits) << i;
    }
    return word;
}

/**
 * @param values 64 values
 * @param condition what is asked of them
 * @return bit i is set iff it holds for value i
 */
template <typename Condition>
uint64_t
PackWord(const double* values, const Condition& condition)
{
    uint64_t word = 0;
    for (int i = 0; i < 64; i += 2)
    {
        const int bits = _mm_movemask_pd(condition(_mm_loadu_pd(values + i)));
        word |= static_cast<uint64_t>(bits) << i;
    }
    return word;
}

#else

/**
 * @param values 64 values
 * @param condition what is asked of them
 * @return bit i is set iff it holds for value i
 */
template <typename S, typename Condition>
uint64_t
PackWord(const S* values, const Condition& condition)
{
    return PackBits(values, 64, condition);
}

#endif

} // namespace fl

#endif // FL_PACK_BITS_H
