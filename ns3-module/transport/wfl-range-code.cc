/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/wfl-range-code.h"

namespace ns3
{
namespace wfl
{

namespace
{

void
AppendNumber(uint32_t number, std::vector<uint8_t>& bytes)
{
    for (; number >= 0x80; number >>= 7)
    {
        bytes.push_back(static_cast<uint8_t>(number | 0x80));
    }
    bytes.push_back(static_cast<uint8_t>(number));
}

std::optional<uint32_t>
TakeNumber(const uint8_t*& data, const uint8_t* end)
{
    uint64_t number = 0;
    for (uint32_t shift = 0; data != end && shift < 35; shift += 7)
    {
        const uint8_t byte = *data++;
        number |= uint64_t{byte & 0x7fu} << shift;
        if (byte < 0x80)
        {
            return number <= UINT32_MAX ? std::optional<uint32_t>(number) : std::nullopt;
        }
    }
    return std::nullopt;
}

} // namespace

void
AppendRanges(const fl::Ranges& ranges, uint32_t maxBytes, std::vector<uint8_t>& bytes)
{
    const std::size_t limit = bytes.size() + maxBytes;
    uint32_t done = 0;
    for (const auto& range : ranges)
    {
        const std::size_t before = bytes.size();
        AppendNumber(range.first - done, bytes);
        AppendNumber(range.end - range.first - 1, bytes);
        if (bytes.size() > limit)
        {
            bytes.resize(before);
            return;
        }
        done = range.end;
    }
}

std::optional<fl::Ranges>
ParseRanges(const uint8_t* data, uint32_t length, uint32_t end)
{
    fl::Ranges ranges;
    uint64_t done = 0;
    for (const uint8_t* stop = data + length; data != stop;)
    {
        const auto gap = TakeNumber(data, stop);
        const auto count = gap ? TakeNumber(data, stop) : std::nullopt;
        if (!count || done + *gap + *count >= end)
        {
            return std::nullopt;
        }
        const auto first = static_cast<uint32_t>(done + *gap);
        fl::Append(ranges, {first, first + *count + 1});
        done = ranges.back().end;
    }
    return ranges;
}

} // namespace wfl
} // namespace ns3
