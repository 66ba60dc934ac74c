/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/fl-sign-pack.h"

#include "ns3/fl-pack-bits.h"

#include <cstddef>

namespace fl
{

namespace
{

/** Not so of zero of either sign, and of what is not a number. */
struct IsNegative
{
    template <typename S>
    bool operator()(S value) const
    {
        return value < 0;
    }

#ifdef __SSE2__
    __m128 operator()(__m128 values) const
    {
        return _mm_cmplt_ps(values, _mm_setzero_ps());
    }

    __m128d operator()(__m128d values) const
    {
        return _mm_cmplt_pd(values, _mm_setzero_pd());
    }
#endif
};

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
        signs.words[word] = PackWord(values.data() + std::size_t{word} * 64, IsNegative{});
    }
    if (size % 64 != 0)
    {
        signs.words[fullWords] =
            PackBits(values.data() + std::size_t{fullWords} * 64, size % 64, IsNegative{});
    }
    return signs;
}

template SignUpdate PackSigns(const std::vector<float>& values);
template SignUpdate PackSigns(const std::vector<double>& values);

} // namespace fl
