/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/fl-importance.h"

#include "ns3/fl-update-values.h"

#include <cstddef>
#include <numeric>
#include <vector>

namespace fl
{

template <typename S>
Ranges
ImportantSegments(const Update<S>& update, const EncodedMessage& message)
{
    std::vector<double> squares(message.segments.size());
    std::size_t segment = 0;
    ForEachValue(update,
                 {},
                 [&](uint32_t coordinate, S value)
                 {
                     // Coordinates come in ascending order.
                     while (coordinate >=
                            message.segments[segment].first + message.segments[segment].count)
                     {
                         ++segment;
                     }
                     squares[segment] += static_cast<double>(value) * static_cast<double>(value);
                 });
    const double perByte = std::accumulate(squares.begin(), squares.end(), 0.0) /
                           static_cast<double>(message.bytes.size());
    Ranges important;
    for (uint32_t i = 0; i < squares.size(); ++i)
    {
        if (squares[i] > perByte * message.segments[i].length)
        {
            Append(important, {i, i + 1});
        }
    }
    return important;
}

template Ranges ImportantSegments(const Update<float>& update, const EncodedMessage& message);
template Ranges ImportantSegments(const Update<double>& update, const EncodedMessage& message);

} // namespace fl
