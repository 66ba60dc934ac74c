/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/fl-ranges.h"

#include <algorithm>
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

Ranges
Intersection(const Ranges& a, const Ranges& b)
{
    Ranges both;
    for (auto i = a.begin(), j = b.begin(); i != a.end() && j != b.end();)
    {
        const uint32_t first = std::max(i->first, j->first);
        const uint32_t end = std::min(i->end, j->end);
        if (first < end)
        {
            Append(both, {first, end});
        }
        // The one that ends first has nothing more in common with the other list.
        ++(i->end < j->end ? i : j);
    }
    return both;
}

Ranges
ToRanges(const std::vector<uint32_t>& numbers)
{
    Ranges ranges;
    for (const uint32_t number : numbers)
    {
        Append(ranges, {number, number + 1});
    }
    return ranges;
}

std::vector<uint32_t>
ToNumbers(const Ranges& ranges)
{
    std::vector<uint32_t> numbers;
    for (const auto& range : ranges)
    {
        for (uint32_t number = range.first; number < range.end; ++number)
        {
            numbers.push_back(number);
        }
    }
    return numbers;
}

} // namespace fl
