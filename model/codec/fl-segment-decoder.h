/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef FL_SEGMENT_DECODER_H
#define FL_SEGMENT_DECODER_H

#include "ns3/fl-message.h"
#include "ns3/fl-update.h"

#include <cstdint>
#include <memory>

namespace fl
{

/**
 * Decodes the segments of one message in one format: the part of UpdateAssembler that differs from
 * format to format. The assembler has checked that the first coordinate lies within the message,
 * and keeps no two segments that overlap.
 * @tparam S the scalar, float or double
 */
template <typename S>
class SegmentDecoder
{
  public:
    virtual ~SegmentDecoder() = default;

    /**
     * Checks a body; nothing of it is kept yet.
     * @param segment the segment
     * @param count set to the number of its coordinates, which may be too many
     * @return NONE, or why it is refused
     */
    virtual SegmentFault Read(const SegmentView& segment, uint32_t& count) = 0;

    /**
     * Keeps the segment of the last Read().
     * @param segment the segment
     * @param coordinates its coordinates
     */
    virtual void Keep(const SegmentView& segment, const Range& coordinates) = 0;

    /** @return the update; the decoder is of no use afterwards */
    virtual Update<S> Finish() = 0;
};

/**
 * A decoder of a format.
 * @tparam S the scalar, float or double
 */
template <typename S>
using SegmentDecoderPtr = std::unique_ptr<SegmentDecoder<S>>;

} // namespace fl

#endif // FL_SEGMENT_DECODER_H
