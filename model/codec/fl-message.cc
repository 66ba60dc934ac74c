/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/fl-message.h"

namespace fl
{

const char*
Describe(SegmentFault fault)
{
    switch (fault)
    {
    case SegmentFault::NONE:
        return "none";
    case SegmentFault::FORMAT:
        return "wrong format";
    case SegmentFault::RANGE:
        return "coordinates out of range";
    case SegmentFault::OVERLAP:
        return "coordinates twice";
    case SegmentFault::CODE:
        return "malformed body";
    }
    return "unknown";
}

Ranges
EncodedMessage::Coordinates(const Ranges& indices) const
{
    Ranges coordinates;
    for (const auto& range : indices)
    {
        for (uint32_t i = range.first; i < range.end; ++i)
        {
            Append(coordinates, {segments[i].first, segments[i].first + segments[i].count});
        }
    }
    return coordinates;
}

void
EncodedMessage::EndSegment(const Range& coordinates)
{
    const uint32_t offset = segments.empty() ? 0 : segments.back().offset + segments.back().length;
    segments.push_back({coordinates.first,
                        coordinates.end - coordinates.first,
                        offset,
                        static_cast<uint32_t>(bytes.size()) - offset});
}

SegmentView
ViewOf(const EncodedMessage& message, uint32_t index)
{
    const auto& slice = message.segments.at(index);
    return {message.format,
            index,
            static_cast<uint32_t>(message.segments.size()),
            slice.first,
            message.bytes.data() + slice.offset,
            slice.length};
}

} // namespace fl
