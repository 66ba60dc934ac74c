/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef FL_CODEC_H
#define FL_CODEC_H

#include "ns3/fl-message.h"
#include "ns3/fl-segment-decoder.h"
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
 * does not depend on the cutting. How each type of update travels stands at its encoder, in
 * fl-dense-codec.h and its neighbours.
 *
 * Where every coordinate takes as much as any other, segments hold whole bytes' worth of
 * coordinates (8 signs, 5 trits; see EvenCut). Where places of entries are coded, the coding
 * restarts in every segment, and every segment but the last begins with the number of its
 * coordinates in 4 bytes (see IndexedEncoder). Scales are repeated in every segment that touches
 * their block.
 *
 * EncodedMessage::paperBits is the length of one unlimited segment without what pads its last byte;
 * besides the formulas of the methods it counts the byte of the Golomb-Rice parameter and those of
 * the number of quantisation steps.
 *
 * @tparam S the scalar, float or double
 * @param update what to send; at least one coordinate; values rounded with RoundValue() to the code
 *        they travel in, and scales to ValueCode::SINGLE
 * @param maxSegmentBytes longest body of a segment, at least MIN_SEGMENT_BYTES
 * @return the encoded message
 * @throws UserError if a scale is not finite: the training has diverged
 */
template <typename S>
EncodedMessage Encode(const Update<S>& update, uint32_t maxSegmentBytes);

/**
 * Puts the segments of one message together again. Segments may come in any order and some may be
 * lost. A damaged segment is refused and changes nothing; nothing is read past its end.
 * @tparam S the scalar, float or double
 */
template <typename S>
class UpdateAssembler
{
  public:
    /** @param shape what is known of the message */
    explicit UpdateAssembler(const MessageShape& shape);

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
    SegmentFault Claim(const SegmentView& segment, uint32_t count);

    MessageShape m_shape;
    WireFormat m_format{WireFormat::DENSE32}; ///< of all segments, once there is a decoder
    SegmentDecoderPtr<S> m_decoder;           ///< null until a segment was taken
    std::map<uint32_t, uint32_t> m_present;   ///< first coordinate -> end, of every segment taken
};

} // namespace fl

#endif // FL_CODEC_H
