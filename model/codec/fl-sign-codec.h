/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef FL_SIGN_CODEC_H
#define FL_SIGN_CODEC_H

#include "ns3/fl-segment-decoder.h"

namespace fl
{

/**
 * One bit a coordinate, least significant first, 1 = negative; what pads the last byte is 0 and not
 * looked at.
 * @param update what to send
 * @param maxSegmentBytes longest body of a segment
 * @return the encoded message
 */
EncodedMessage EncodeSigns(const SignUpdate& update, uint32_t maxSegmentBytes);

/**
 * The same behind the scales of the blocks that a segment touches, each a binary32: of plus alone,
 * or of plus and minus.
 * @tparam S the scalar, float or double
 * @param update what to send
 * @param maxSegmentBytes longest body of a segment
 * @return the encoded message
 */
template <typename S>
EncodedMessage EncodeScaledSigns(const ScaledSignUpdate<S>& update, uint32_t maxSegmentBytes);

/**
 * @tparam S the scalar, float or double
 * @param format a wire format
 * @param shape what is known of the message
 * @return its decoder, or null if the format is not one of signs, with scales or without
 */
template <typename S>
SegmentDecoderPtr<S> MakeSignDecoder(WireFormat format, const MessageShape& shape);

} // namespace fl

#endif // FL_SIGN_CODEC_H
