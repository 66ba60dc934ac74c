/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef FL_EVEN_CUT_H
#define FL_EVEN_CUT_H

#include "ns3/fl-blocks.h"
#include "ns3/fl-message.h"

#include <cstdint>
#include <optional>
#include <vector>

namespace fl
{

/** What the bodies of a format look like that spends as much on one coordinate as on any other. */
struct EvenBody
{
    uint32_t bytes;          ///< bytes of a group of coordinates
    uint32_t group;          ///< coordinates of a group, in lowest terms; a part of it is padded
    Blocks blocks{};         ///< what the scales belong to; null if there are none
    uint32_t scaleBytes{0};  ///< bytes of the scales of a block
    uint32_t headerBytes{0}; ///< bytes in front of the scales
};

/**
 * Cuts such a format, and finds from the length of a body how many coordinates it holds.
 *
 * A segment that is not the last holds whole groups, so that bytes align and the number of
 * coordinates follows from the length. Where so many blocks are so small that the scales of a
 * single group would not fit, it ends with a block instead; the next coordinate would cost a scale
 * more, so the length still says it.
 */
class EvenCut
{
  public:
    /**
     * @param size number of coordinates of the message
     * @param body the format
     */
    EvenCut(uint32_t size, EvenBody body);

    /**
     * @param maxSegmentBytes longest body
     * @return the coordinates of each segment
     */
    std::vector<Range> Cut(uint32_t maxSegmentBytes) const;

    /**
     * @param segment a segment
     * @return the number of its coordinates, or nothing if none has that length
     */
    std::optional<uint32_t> Count(const SegmentView& segment) const;

    /** @return length of a body with all coordinates, in bytes */
    uint64_t Length() const
    {
        return Length(0, m_size);
    }

    /**
     * @param coordinates the coordinates of a body
     * @return length of what stands in front of the groups, in bytes
     */
    uint32_t FrontBytes(const Range& coordinates) const;

  private:
    uint64_t Length(uint32_t first, uint32_t count) const;
    uint32_t Most(uint32_t first, uint64_t length) const;
    bool EndsBlock(uint32_t end) const;

    uint32_t m_size;
    EvenBody m_body;
};

} // namespace fl

#endif // FL_EVEN_CUT_H
