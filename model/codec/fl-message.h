/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef FL_MESSAGE_H
#define FL_MESSAGE_H

#include "ns3/fl-ranges.h"

#include <cstdint>
#include <vector>

namespace fl
{

/** How the body of a segment is coded; stands in the header of every segment. */
enum class WireFormat : uint8_t
{
    DENSE32 = 0, ///< one IEEE 754 binary32 a coordinate, little endian
    DENSE64 = 1, ///< one IEEE 754 binary64 a coordinate, little endian
    SIGN = 2,    ///< one bit a coordinate, least significant first, 1 = negative, padded with 0
    RICE32 = 3,  ///< Golomb-Rice gaps between the coordinates, each followed by a binary32
    RICE64 = 4,  ///< Golomb-Rice gaps between the coordinates, each followed by a binary64
    TERNARY = 5, ///< five trits a byte in base 3, first coordinate least significant, 0 = -1
};

/** One segment of an encoded message: a slice of its bytes that can be decoded alone. */
struct SegmentSlice
{
    uint32_t first;  ///< first coordinate
    uint32_t count;  ///< number of coordinates
    uint32_t offset; ///< first byte in the message's bytes
    uint32_t length; ///< number of bytes
};

/** An encoded update, immutable from the moment it is made: what a sender keeps until it is rid. */
struct EncodedMessage
{
    WireFormat format;                  ///< how every segment is coded
    uint32_t dimension;                 ///< number of coordinates of the whole update
    std::vector<uint8_t> bytes;         ///< the bodies of all segments, one behind the other
    std::vector<SegmentSlice> segments; ///< at least one, in ascending order of coordinates
    uint64_t paperBits; ///< length by the method's formula: one unlimited segment, no padding

    /**
     * @param segments indices of segments
     * @return the coordinates that they hold
     */
    Ranges Coordinates(const Ranges& segments) const;
};

/** One segment as it arrived. Refers to memory of others. */
struct SegmentView
{
    WireFormat format;   ///< from its header
    uint32_t index;      ///< which segment of the message it is, from 0
    uint32_t total;      ///< number of segments of the message
    uint32_t first;      ///< first coordinate
    const uint8_t* data; ///< the body
    uint32_t length;     ///< number of bytes of the body
};

} // namespace fl

#endif // FL_MESSAGE_H
