/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/fl-even-cut.h"

#include <algorithm>
#include <cassert>
#include <utility>

namespace fl
{

EvenCut::EvenCut(uint32_t size, EvenBody body)
    : m_size(size),
      m_body(std::move(body))
{
    assert(size > 0);
    assert(!m_body.blocks || m_body.blocks->back() == size);
}

uint32_t
EvenCut::FrontBytes(const Range& coordinates) const
{
    const auto touched = TouchedBlocks(m_body.blocks, coordinates);
    return m_body.headerBytes + m_body.scaleBytes * (touched.end - touched.first);
}

uint64_t
EvenCut::Length(uint32_t first, uint32_t count) const
{
    return FrontBytes({first, first + count}) +
           (uint64_t{count} * m_body.bytes + m_body.group - 1) / m_body.group;
}

/** The most coordinates from one on that take at most the given length; may be 0. */
uint32_t
EvenCut::Most(uint32_t first, uint64_t length) const
{
    uint32_t fits = 0;
    uint32_t left = m_size - first;
    while (fits < left)
    {
        const uint32_t middle = left - (left - fits) / 2;
        if (Length(first, middle) <= length)
        {
            fits = middle;
        }
        else
        {
            left = middle - 1;
        }
    }
    return fits;
}

bool
EvenCut::EndsBlock(uint32_t end) const
{
    return m_body.blocks && std::binary_search(m_body.blocks->begin(), m_body.blocks->end(), end);
}

std::vector<Range>
EvenCut::Cut(uint32_t maxSegmentBytes) const
{
    std::vector<Range> parts;
    for (uint32_t first = 0; first < m_size; first = parts.back().end)
    {
        uint32_t count = Most(first, maxSegmentBytes);
        if (count >= m_body.group && count < m_size - first)
        {
            count -= count % m_body.group;
        }
        else if (count < m_size - first && m_body.bytes < m_body.group)
        {
            const auto block = TouchedBlocks(m_body.blocks, {first, first + count + 1}).end - 1;
            assert(block > 0);
            count = (*m_body.blocks)[block - 1] - first;
        }
        assert(count > 0);
        parts.push_back({first, first + count});
    }
    return parts;
}

std::optional<uint32_t>
EvenCut::Count(const SegmentView& segment) const
{
    const uint32_t first = segment.first;
    const uint32_t left = m_size - first;
    const uint32_t count = segment.Last() ? left : Most(first, segment.length);
    if (count == 0 || Length(first, count) != segment.length)
    {
        return std::nullopt;
    }
    const bool starts = m_body.blocks || first % m_body.group == 0;
    const bool ends = segment.Last() || count % m_body.group == 0 ||
                      (m_body.blocks && (m_body.bytes >= m_body.group || EndsBlock(first + count)));
    if (!starts || !ends)
    {
        return std::nullopt;
    }
    return count;
}

} // namespace fl
