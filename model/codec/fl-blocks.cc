/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/fl-blocks.h"

#include <algorithm>
#include <cassert>

namespace fl
{

Blocks
MakeBuckets(uint32_t size, uint32_t bucket)
{
    assert(size > 0);
    const uint64_t step = bucket == 0 ? size : bucket;
    auto ends = std::make_shared<std::vector<uint32_t>>();
    for (uint64_t end = step; end < size; end += step)
    {
        ends->push_back(static_cast<uint32_t>(end));
    }
    ends->push_back(size);
    return ends;
}

Range
TouchedBlocks(const Blocks& blocks, const Range& coordinates)
{
    if (!blocks)
    {
        return {0, 0};
    }
    assert(coordinates.first < coordinates.end && coordinates.end <= blocks->back());
    const auto first = std::upper_bound(blocks->begin(), blocks->end(), coordinates.first);
    const auto last = std::lower_bound(first, blocks->end(), coordinates.end);
    return {static_cast<uint32_t>(first - blocks->begin()),
            static_cast<uint32_t>(last - blocks->begin()) + 1};
}

} // namespace fl
