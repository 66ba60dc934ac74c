/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef FL_SEED_CODEC_H
#define FL_SEED_CODEC_H

#include "ns3/fl-segment-decoder.h"

namespace fl
{

/**
 * The seed in 8 bytes, then values in the order of their places. The number of values of the whole
 * update follows from the length if there is one segment, and stands in 4 bytes behind the seed of
 * every segment if there are several.
 * @tparam S the scalar, float or double
 * @param update what to send
 * @param maxSegmentBytes longest body of a segment
 * @return the encoded message
 */
template <typename S>
EncodedMessage EncodeSeeded(const SeededUpdate<S>& update, uint32_t maxSegmentBytes);

/**
 * @tparam S the scalar, float or double
 * @param format a wire format
 * @param shape what is known of the message
 * @return its decoder, or null if the format is not one of seeded updates of that scalar
 */
template <typename S>
SegmentDecoderPtr<S> MakeSeededDecoder(WireFormat format, const MessageShape& shape);

} // namespace fl

#endif // FL_SEED_CODEC_H
