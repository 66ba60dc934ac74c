/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/fl-bit-stream.h"

#include <cassert>

namespace fl
{

BitWriter::BitWriter(std::vector<uint8_t>& bytes)
    : m_bytes(bytes)
{
}

void
BitWriter::Write(uint64_t value, uint32_t count)
{
    assert(count <= 64);
    while (count > 0)
    {
        const uint32_t step = count < 32 ? count : 32;
        m_pending |= (value & ((uint64_t{1} << step) - 1)) << m_pendingBits;
        m_pendingBits += step;
        value >>= step;
        count -= step;
        for (; m_pendingBits >= 8; m_pendingBits -= 8)
        {
            m_bytes.push_back(static_cast<uint8_t>(m_pending));
            m_pending >>= 8;
        }
    }
}

void
BitWriter::WriteRice(uint32_t value, uint32_t parameter)
{
    assert(parameter < 32);
    for (uint32_t ones = value >> parameter; ones > 0;)
    {
        const uint32_t step = ones < 32 ? ones : 32;
        Write(UINT32_MAX, step);
        ones -= step;
    }
    Write(0, 1);
    Write(value, parameter);
}

void
BitWriter::PadWithOnes()
{
    if (m_pendingBits > 0)
    {
        Write(UINT32_MAX, 8 - m_pendingBits);
    }
}

BitReader::BitReader(const uint8_t* data, std::size_t length)
    : m_data(data),
      m_end(uint64_t{length} * 8)
{
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
    for (uint32_t done = 0; done < count;)
    {
        const uint32_t offset = m_position % 8;
        const uint32_t step = count - done < 8 - offset ? count - done : 8 - offset;
        const uint64_t bits = (m_data[m_position / 8] >> offset) & ((1u << step) - 1);
        value |= bits << done;
        done += step;
        m_position += step;
    }
    return value;
}

std::optional<uint32_t>
BitReader::ReadRice(uint32_t parameter)
{
    assert(parameter < 32);
    uint64_t quotient = 0;
    for (auto bit = Read(1); bit != 0u; bit = Read(1))
    {
        if (!bit || (++quotient << parameter) > UINT32_MAX)
        {
            return std::nullopt;
        }
    }
    const auto remainder = Read(parameter);
    if (!remainder)
    {
        return std::nullopt;
    }
    return static_cast<uint32_t>((quotient << parameter) | *remainder);
}

} // namespace fl
