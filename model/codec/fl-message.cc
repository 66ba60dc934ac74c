/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/fl-message.h"

namespace fl
{

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

} // namespace fl
