/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef FL_QUANTISED_CODEC_H
#define FL_QUANTISED_CODEC_H

#include "ns3/fl-segment-decoder.h"

namespace fl
{

/**
 * Levels as QSGD sends them (Alistarh et al., arXiv:1610.02132). In front of every segment stands,
 * with Elias codes in all segments but the last, its number of coordinates in 4 bytes; then the
 * number of steps, seven bits a byte, least significant first, the highest bit set in all bytes but
 * the last: a byte up to 127 steps. Then come the scales of the blocks that it touches, each a
 * binary32. Then of every coordinate a bit that is set if it is negative and the magnitude of its
 * level in ceil(log2(steps + 1)) bits; or of every nonzero level the Elias omega code of its
 * distance from the one before, the same bit, and the Elias omega code of its magnitude.
 * @tparam S the scalar, float or double
 * @param update what to send
 * @param maxSegmentBytes longest body of a segment
 * @return the encoded message
 */
template <typename S>
EncodedMessage EncodeQuantised(const QuantisedUpdate<S>& update, uint32_t maxSegmentBytes);

/**
 * @tparam S the scalar, float or double
 * @param format a wire format
 * @param shape what is known of the message
 * @return its decoder, or null if the format is not one of quantised updates
 */
template <typename S>
SegmentDecoderPtr<S> MakeQuantisedDecoder(WireFormat format, const MessageShape& shape);

} // namespace fl

#endif // FL_QUANTISED_CODEC_H
