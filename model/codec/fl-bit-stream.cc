/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/fl-bit-stream.h"

#include <algorithm>
#include <boost/endian/conversion.hpp>
#include <cassert>
#include <cstring>

namespace fl
{

namespace
{

/** Bits that can be moved at once, whatever the place within a byte. */
constexpr uint32_t STEP = 56;

/** @return a number of which the given lowest bits are set, 0 to 63 */
constexpr uint64_t
Ones(uint32_t count)
{
    return (uint64_t{1} << count) - 1;
}

} // namespace

BitWriter::BitWriter(std::vector<uint8_t>& bytes)
    : m_bytes(bytes)
{
}

void
BitWriter::Write(uint64_t value, uint32_t count)
{
    assert(count <= 64);
    if (count > STEP)
    {
        Write(value, STEP);
        value >>= STEP;
        count -= STEP;
    }
    m_pending |= (value & Ones(count)) << m_pendingBits;
    m_pendingBits += count;
    const uint32_t whole = m_pendingBits / 8;
    const uint64_t image = boost::endian::native_to_little(m_pending);
    const auto* bytes = reinterpret_cast<const uint8_t*>(&image);
    m_bytes.insert(m_bytes.end(), bytes, bytes + whole);
    m_pending >>= 8 * whole;
    m_pendingBits -= 8 * whole;
}

void
BitWriter::WriteRice(uint32_t value, uint32_t parameter)
{
    assert(parameter < 32);
    for (uint32_t ones = value >> parameter; ones > 0;)
    {
        const uint32_t step = std::min(ones, STEP);
        Write(UINT64_MAX, step);
        ones -= step;
    }
    Write(0, 1);
    Write(value, parameter);
}

void
BitWriter::WriteOmega(uint32_t value)
{
    assert(value > 0);
    WriteGroups(value);
    Write(0, 1);
}

/** Writes the groups of an Elias omega code, none for 1. */
void
BitWriter::WriteGroups(uint32_t value)
{
    if (value > 1)
    {
        const uint32_t rest = BitWidth(value) - 1;
        WriteGroups(rest);
        Write(1, 1);
        Write(value, rest);
    }
}

void
BitWriter::PadWithOnes()
{
    if (m_pendingBits > 0)
    {
        Write(UINT64_MAX, 8 - m_pendingBits);
    }
}

void
BitWriter::PadWithZeros()
{
    if (m_pendingBits > 0)
    {
        Write(0, 8 - m_pendingBits);
    }
}

uint32_t
BitWriter::OmegaBits(uint32_t value)
{
    uint32_t bits = 1;
    for (; value > 1; value = BitWidth(value) - 1)
    {
        bits += BitWidth(value);
    }
    return bits;
}

BitReader::BitReader(const uint8_t* data, std::size_t length)
    : m_data(data),
      m_end(uint64_t{length} * 8)
{
}

/** The next bits, the first least significant: STEP of them or all that are left, then anything. */
uint64_t
BitReader::Window() const
{
    uint64_t image = 0;
    const uint64_t first = m_position / 8;
    const uint64_t bytes = m_end / 8 - first;
    if (bytes >= sizeof image)
    {
        std::memcpy(&image, m_data + first, sizeof image);
    }
    else if (bytes > 0)
    {
        std::memcpy(&image, m_data + first, bytes);
    }
    return boost::endian::little_to_native(image) >> (m_position % 8);
}

std::optional<uint64_t>
BitReader::Read(uint32_t count)
{
    assert(count <= 64);
    if (Left() < count)
    {
        return std::nullopt;
    }
    uint64_t value = 0;
    uint32_t done = 0;
    if (count > STEP)
    {
        value = Window() & Ones(STEP);
        done = STEP;
        m_position += STEP;
    }
    value |= (Window() & Ones(count - done)) << done;
    m_position += count - done;
    return value;
}

std::optional<uint32_t>
BitReader::ReadRice(uint32_t parameter)
{
    assert(parameter < 32);
    uint64_t quotient = 0;
    while (true)
    {
        const auto step = static_cast<uint32_t>(std::min<uint64_t>(STEP, Left()));
        const uint64_t zeros = ~Window() & Ones(step);
        const auto ones = zeros == 0 ? step : static_cast<uint32_t>(__builtin_ctzll(zeros));
        quotient += ones;
        m_position += ones;
        if ((quotient << parameter) > UINT32_MAX || Left() == 0)
        {
            return std::nullopt;
        }
        if (zeros != 0)
        {
            break;
        }
    }
    ++m_position;
    const auto remainder = Read(parameter);
    if (!remainder)
    {
        return std::nullopt;
    }
    return static_cast<uint32_t>((quotient << parameter) | *remainder);
}

std::optional<uint32_t>
BitReader::ReadOmega()
{
    uint32_t value = 1;
    while (true)
    {
        const auto more = Read(1);
        if (!more)
        {
            return std::nullopt;
        }
        if (*more == 0)
        {
            return value;
        }
        const auto rest = value < 32 ? Read(value) : std::nullopt;
        if (!rest)
        {
            return std::nullopt;
        }
        value = uint32_t{1} << value | static_cast<uint32_t>(*rest);
    }
}

bool
BitReader::OnlyPadding(uint32_t bit) const
{
    return Left() < 8 && (Window() & Ones(static_cast<uint32_t>(Left()))) ==
                             (bit == 0 ? 0 : Ones(static_cast<uint32_t>(Left())));
}

} // namespace fl
