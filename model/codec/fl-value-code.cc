/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/fl-value-code.h"

#include "ns3/fl-random.h"
#include "ns3/fl-value-wire.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <limits>

namespace fl
{

namespace
{

constexpr double LARGEST_HALF = 65504;      ///< largest finite binary16
constexpr double OVERFLOW_HALF = 65520;     ///< from here on the nearest is infinite
constexpr double SMALLEST_NORMAL = 0x1p-14; ///< smallest normal binary16
constexpr uint32_t FRACTION = 10;           ///< bits of the fraction of a binary16

} // namespace

uint16_t
ToHalf(double value)
{
    constexpr uint16_t infinite = 0x1f << FRACTION;
    const uint16_t sign = std::signbit(value) ? 0x8000 : 0;
    const double magnitude = std::fabs(value);
    if (std::isnan(value))
    {
        return sign | infinite | 1u << (FRACTION - 1);
    }
    if (magnitude >= OVERFLOW_HALF)
    {
        return sign | infinite;
    }
    if (magnitude < SMALLEST_NORMAL)
    {
        return sign | static_cast<uint16_t>(std::nearbyint(magnitude * 0x1p24));
    }
    // Cuts the fraction of 52 bits off, rounding half to even, and moves the exponent's bias.
    constexpr uint32_t cut = 52 - FRACTION;
    auto bits = ValueWire<uint64_t>::Write(magnitude);
    bits += (uint64_t{1} << (cut - 1)) - 1 + ((bits >> cut) & 1);
    return sign | static_cast<uint16_t>((bits >> cut) - (uint64_t{1023 - 15} << FRACTION));
}

float
FromHalf(uint16_t bits)
{
    const uint32_t sign = uint32_t{bits & 0x8000u} << 16;
    const uint32_t exponent = (bits >> FRACTION) & 0x1f;
    const uint32_t fraction = bits & 0x3ff;
    if (exponent == 0)
    {
        const float magnitude = static_cast<float>(fraction) * 0x1p-24F;
        return sign ? -magnitude : magnitude;
    }
    const uint32_t wide = exponent == 0x1f ? 0xff : exponent + 127 - 15;
    return ValueWire<uint32_t>::Read<float>(sign | wide << 23 | fraction << (23 - FRACTION));
}

template <typename S>
S
RoundValue(S value, ValueCode code)
{
    if (code == ValueCode::NATIVE || !std::isfinite(value))
    {
        return value;
    }
    const double largest =
        code == ValueCode::HALF ? LARGEST_HALF : double{std::numeric_limits<float>::max()};
    const double held = std::clamp(static_cast<double>(value), -largest, largest);
    return static_cast<S>(code == ValueCode::HALF ? FromHalf(ToHalf(held))
                                                  : static_cast<float>(held));
}

std::vector<uint32_t>
DrawPositions(uint64_t seed, uint32_t size, uint32_t count)
{
    assert(count <= size);
    // Seed 0 is none that a run can have, so these draws meet no other stream.
    Random random({0, seed}, Purpose::ALGORITHM);
    std::vector<uint64_t> chosen((uint64_t{size} + 63) / 64);
    const auto take = [&chosen](uint32_t place)
    {
        auto& word = chosen[place / 64];
        const bool taken = (word >> (place % 64)) & 1;
        word |= uint64_t{1} << (place % 64);
        return !taken;
    };
    for (uint32_t last = size - count; last < size; ++last)
    {
        if (!take(random.Below(last + 1)))
        {
            take(last);
        }
    }
    std::vector<uint32_t> places;
    places.reserve(count);
    for (std::size_t i = 0; i < chosen.size(); ++i)
    {
        for (auto word = chosen[i]; word != 0; word &= word - 1)
        {
            places.push_back(static_cast<uint32_t>(i * 64) +
                             static_cast<uint32_t>(__builtin_ctzll(word)));
        }
    }
    return places;
}

template float RoundValue(float value, ValueCode code);
template double RoundValue(double value, ValueCode code);

} // namespace fl
