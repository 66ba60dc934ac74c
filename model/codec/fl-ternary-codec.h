/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef FL_TERNARY_CODEC_H
#define FL_TERNARY_CODEC_H

#include "ns3/fl-segment-decoder.h"

namespace fl
{

/**
 * Trits, in whichever of four codings takes the fewest bits in one unlimited segment; of equal ones
 * the one of the lowest format number:
 * five trits a byte in base 3, the first one least significant, 0 = -1, padded with 0;
 * a bit a coordinate that says whether it is not zero, then the signs of those, 1 = negative;
 * for each nonzero the gap to the one before (see IndexCode) and its sign;
 * for each nonzero its index and its sign.
 * @param update what to send
 * @param maxSegmentBytes longest body of a segment
 * @return the encoded message
 */
EncodedMessage EncodeTernary(const TernaryUpdate& update, uint32_t maxSegmentBytes);

/**
 * The same with the scales of the blocks that a segment touches, each a binary32, in front.
 * @tparam S the scalar, float or double
 * @param update what to send
 * @param maxSegmentBytes longest body of a segment
 * @return the encoded message
 */
template <typename S>
EncodedMessage EncodeScaledTernary(const ScaledTernaryUpdate<S>& update, uint32_t maxSegmentBytes);

/**
 * @tparam S the scalar, float or double
 * @param format a wire format
 * @param shape what is known of the message
 * @return its decoder, or null if the format is not one of trits, with scales or without
 */
template <typename S>
SegmentDecoderPtr<S> MakeTernaryDecoder(WireFormat format, const MessageShape& shape);

} // namespace fl

#endif // FL_TERNARY_CODEC_H
