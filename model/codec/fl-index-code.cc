/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/fl-index-code.h"

#include <cmath>

namespace fl
{

IndexCode
IndexCode::Make(Kind kind, std::size_t entries, uint32_t size)
{
    if (kind == RAW)
    {
        return {RAW, BitWidth(size - 1)};
    }
    if (kind != RICE || entries == 0 || entries == size)
    {
        return {kind, 0};
    }
    const double density = static_cast<double>(entries) / size;
    const double phi = (std::sqrt(5.0) + 1) / 2;
    const double best = 1 + std::floor(std::log2(std::log(phi - 1) / std::log1p(-density)));
    return {RICE, static_cast<uint32_t>(std::clamp(best, 0.0, 31.0))};
}

uint64_t
IndexCode::Bits(const std::vector<uint32_t>& indices, uint32_t size) const
{
    uint64_t bits = uint64_t{size} * CoordinateBits();
    uint32_t from = 0;
    for (const uint32_t index : indices)
    {
        bits += EntryBits(index, from);
        from = index + 1;
    }
    return bits;
}

std::vector<uint8_t>
IndexCode::Prefix() const
{
    return kind == RICE ? std::vector<uint8_t>{static_cast<uint8_t>(width)}
                        : std::vector<uint8_t>{};
}

IndexedReader::IndexedReader(const SegmentView& segment, uint32_t size)
    : m_segment(segment),
      m_size(size),
      m_bits(segment.data, segment.length)
{
}

SegmentFault
IndexedReader::ReadCount()
{
    const uint32_t left = m_size - m_segment.first;
    const auto count = m_segment.Last() ? uint64_t{left} : m_bits.Read(8 * COUNT_BYTES);
    if (!count)
    {
        return SegmentFault::CODE;
    }
    if (*count == 0 || *count > left)
    {
        return SegmentFault::RANGE;
    }
    m_range = {m_segment.first, m_segment.first + static_cast<uint32_t>(*count)};
    return SegmentFault::NONE;
}

std::optional<const uint8_t*>
IndexedReader::ReadBytes(uint64_t count)
{
    if (m_bits.Left() < count * 8)
    {
        return std::nullopt;
    }
    const auto* bytes = m_segment.data + (m_segment.length - m_bits.Left() / 8);
    m_bits.Skip(count * 8);
    return bytes;
}

std::optional<IndexCode>
IndexedReader::ReadCode(IndexCode::Kind kind)
{
    if (kind != IndexCode::RICE)
    {
        return IndexCode::Make(kind, 0, m_size);
    }
    const auto parameter = m_bits.Read(8);
    if (!parameter || *parameter > 31)
    {
        return std::nullopt;
    }
    return IndexCode{kind, static_cast<uint32_t>(*parameter)};
}

bool
IndexedReader::ReadBitmap(std::vector<uint32_t>& indices)
{
    if (m_bits.Left() < m_range.end - m_range.first)
    {
        return false;
    }
    for (uint64_t first = m_range.first; first < m_range.end; first += 64)
    {
        const auto bits = static_cast<uint32_t>(std::min<uint64_t>(64, m_range.end - first));
        for (auto word = *m_bits.Read(bits); word != 0; word &= word - 1)
        {
            indices.push_back(static_cast<uint32_t>(first) +
                              static_cast<uint32_t>(__builtin_ctzll(word)));
        }
    }
    return true;
}

/** The coordinate of the next entry, or nothing if there is none. */
std::optional<uint64_t>
IndexedReader::ReadIndex(const IndexCode& code, uint32_t from)
{
    if (code.kind == IndexCode::RAW)
    {
        const auto index = m_bits.Read(code.width);
        return index && *index >= from ? index : std::nullopt;
    }
    const auto gap =
        code.kind == IndexCode::RICE ? m_bits.ReadRice(code.width) : m_bits.ReadOmega();
    if (!gap)
    {
        return std::nullopt;
    }
    return uint64_t{from} + *gap - (code.kind == IndexCode::OMEGA ? 1 : 0);
}

} // namespace fl
