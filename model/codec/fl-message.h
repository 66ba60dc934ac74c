/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef FL_MESSAGE_H
#define FL_MESSAGE_H

#include "ns3/fl-blocks.h"
#include "ns3/fl-ranges.h"

#include <cstdint>
#include <vector>

namespace fl
{

/**
 * How the body of a segment is coded; stands in five bits of the header of every segment. Numbers
 * are little endian, bits stand least significant first. See Encode() for the bodies. What is index
 * coded (3, 4, 6 to 8, 10 to 16, 23 to 25, 27) has, in every segment but the last, its number of
 * coordinates in 4 bytes in front of all else: of scales and steps, too.
 */
enum class WireFormat : uint8_t
{
    DENSE32 = 0,           ///< one IEEE 754 binary32 a coordinate
    DENSE64 = 1,           ///< one IEEE 754 binary64 a coordinate
    SIGN = 2,              ///< one bit a coordinate, 1 = negative, padded with 0
    RICE32 = 3,            ///< Golomb-Rice gaps, each followed by a binary32
    RICE64 = 4,            ///< Golomb-Rice gaps, each followed by a binary64
    TERNARY = 5,           ///< five trits a byte in base 3, first one least significant, 0 = -1
    TERNARY_BITMAP = 6,    ///< a bit a coordinate, 1 = not zero; then the signs of these
    TERNARY_RICE = 7,      ///< Golomb-Rice gaps between nonzeros, each followed by a sign
    TERNARY_RAW = 8,       ///< indices of nonzeros, each followed by a sign
    DENSE16 = 9,           ///< one IEEE 754 binary16 a coordinate
    RICE16 = 10,           ///< Golomb-Rice gaps, each followed by a binary16
    RAW16 = 11,            ///< indices, each followed by a binary16
    RAW32 = 12,            ///< indices, each followed by a binary32
    RAW64 = 13,            ///< indices, each followed by a binary64
    BITMAP16 = 14,         ///< a bit a coordinate, 1 = has a value; then binary16 values
    BITMAP32 = 15,         ///< a bit a coordinate, 1 = has a value; then binary32 values
    BITMAP64 = 16,         ///< a bit a coordinate, 1 = has a value; then binary64 values
    SEEDED16 = 17,         ///< a seed, then binary16 values where it says
    SEEDED32 = 18,         ///< a seed, then binary32 values where it says
    SEEDED64 = 19,         ///< a seed, then binary64 values where it says
    SCALED_SIGN = 20,      ///< a binary32 a block, then as SIGN
    SCALED_SIGN_PAIR = 21, ///< two binary32 a block, of plus and of minus, then as SIGN
    SCALED_TERNARY = 22,   ///< a binary32 a block, then as TERNARY
    SCALED_TERNARY_BITMAP = 23, ///< a binary32 a block, then as TERNARY_BITMAP
    SCALED_TERNARY_RICE = 24,   ///< a binary32 a block, then as TERNARY_RICE
    SCALED_TERNARY_RAW = 25,    ///< a binary32 a block, then as TERNARY_RAW
    QUANTISED_FIXED = 26,       ///< steps, a binary32 a block, then sign and level a coordinate
    QUANTISED_ELIAS = 27,       ///< steps, a binary32 a block, then gap, sign and level a nonzero
    NATURAL9 = 28,              ///< sign and exponent of a binary32 a coordinate
    NATURAL12 = 29,             ///< sign and exponent of a binary64 a coordinate
};

/** Number of wire formats; smaller numbers are all in use. */
constexpr uint32_t WIRE_FORMATS = 30;

/** Why a segment was refused. */
enum class SegmentFault
{
    NONE,    ///< it was not
    FORMAT,  ///< the format is unknown, of another scalar, or not that of the other segments
    RANGE,   ///< coordinates outside the model, or a range that does not fit the segment's place
    OVERLAP, ///< coordinates that another segment holds already
    CODE,    ///< a body that no encoder writes, or that contradicts another segment's
};

/**
 * @param fault a fault
 * @return what it is, in a few words
 */
const char* Describe(SegmentFault fault);

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
    Blocks blocks{};    ///< what scales belong to; null if there are none
    Ranges important{}; ///< segments that had better leave first, where that was asked for

    /**
     * @param segments indices of segments
     * @return the coordinates that they hold
     */
    Ranges Coordinates(const Ranges& segments) const;

    /**
     * Makes the bytes behind the last segment another one.
     * @param coordinates the coordinates that it holds
     */
    void EndSegment(const Range& coordinates);
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

    /** @return whether it is the last of its message */
    bool Last() const
    {
        return index + 1 == total;
    }
};

/**
 * @param message a message
 * @param index one of its segments
 * @return that segment as it is sent
 */
SegmentView ViewOf(const EncodedMessage& message, uint32_t index);

} // namespace fl

#endif // FL_MESSAGE_H
