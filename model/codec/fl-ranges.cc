/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/fl-ranges.h"

#include <cassert>

namespace fl
{

void
Append(Ranges& ranges, const Range& range)
{
    if (range.first == range.end)
    {
        return;
    }
    assert(range.first < range.end);
    assert(ranges.empty() || ranges.back().end <= range.first);
    if (!ranges.empty() && ranges.back().end == range.first)
    {
        ranges.back().end = range.end;
    }
    else
    {
        ranges.push_back(range);
    }
}

Ranges
Complement(const Ranges& ranges, uint32_t size)
{
    Ranges complement;
    uint32_t covered = 0;
    for (const auto& range : ranges)
    {
        Append(complement, {covered, range.first});
        covered = range.end;
    }
    Append(complement, {covered, size});
    return complement;
}

uint32_t
Count(const Ranges& ranges)
{
    uint32_t count = 0;
    for (const auto& range : ranges)
    {
        count += range.end - range.first;
    }
    return count;
}

} // namespace fl
