/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef FL_CODEC_H
#define FL_CODEC_H

#include "ns3/fl-message.h"
#include "ns3/fl-update.h"

#include <cstdint>
#include <map>
#include <vector>

namespace fl
{

/** Smallest segment body that every format can be cut into. */
constexpr uint32_t MIN_SEGMENT_BYTES = 24;

/**
 * Encodes an update and cuts it into segments, each of which can be decoded alone. What is decoded
 * does not depend on the cutting.
 *
 * Dense values, signs and trits are cut evenly, signs at multiples of 8 coordinates, trits (five
 * to a byte) at multiples of 5. A sparse update
 * restarts its index coding in every segment: in every segment but the last the number of
 * coordinates in 4 bytes, then one byte with the Rice parameter, then for each value the
 * Golomb-Rice coded gap to the one before and the value itself. The Rice parameter is that of
 * Sattler et al. (arXiv:1903.02891) for the update's density.
 *
 * @tparam S the scalar, float or double
 * @param update what to send; at least one coordinate
 * @param maxSegmentBytes longest body of a segment, at least MIN_SEGMENT_BYTES
 * @return the encoded message
 */
template <typename S>
EncodedMessage Encode(const Update<S>& update, uint32_t maxSegmentBytes);

/** Why a segment was refused. */
enum class SegmentFault
{
    NONE,    ///< it was not
    FORMAT,  ///< the format is unknown, of another scalar, or not that of the other segments
    RANGE,   ///< coordinates outside the model, or a range that does not fit the segment's place
    OVERLAP, ///< coordinates that another segment holds already
    CODE,    ///< a body that no encoder writes
};

/**
 * @param fault a fault
 * @return what it is, in a few words
 */
const char* Describe(SegmentFault fault);

/**
 * Puts the segments of one message together again. Segments may come in any order and some may be
 * lost. A damaged segment is refused and changes nothing; nothing is read past its end.
 * @tparam S the scalar, float or double
 */
template <typename S>
class UpdateAssembler
{
  public:
    /** @param dimension number of coordinates of the update */
    explicit UpdateAssembler(uint32_t dimension);

    /**
     * @param segment a segment; each index at most once
     * @return NONE if its coordinates were taken over, else why it was refused
     */
    SegmentFault Add(const SegmentView& segment);

    /**
     * Ends the assembly; the assembler is empty afterwards.
     * @return the update and what is missing; a dense update of zeros if nothing arrived
     */
    ReceivedUpdate<S> Finish();

  private:
    /** The values of one sparse segment. */
    struct SparsePart
    {
        std::vector<uint32_t> indices;
        std::vector<S> values;
    };

    SegmentFault AddDense(const SegmentView& segment);
    SegmentFault AddSigns(const SegmentView& segment);
    SegmentFault AddTernary(const SegmentView& segment);
    SegmentFault AddSparse(const SegmentView& segment);
    SegmentFault Claim(const SegmentView& segment, uint32_t count);

    uint32_t m_dimension;
    bool m_started{false}; ///< whether a segment has fixed the format
    WireFormat m_format{WireFormat::DENSE32};
    std::map<uint32_t, uint32_t> m_present; ///< first coordinate -> end, of every segment taken
    DenseUpdate<S> m_dense;
    SignUpdate m_signs;
    TernaryUpdate m_ternary;
    std::map<uint32_t, SparsePart> m_sparse; ///< by first coordinate
};

} // namespace fl

#endif // FL_CODEC_H
