/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef FL_DENSE_CODEC_H
#define FL_DENSE_CODEC_H

#include "ns3/fl-segment-decoder.h"

namespace fl
{

/**
 * Numbers one behind the other, little endian.
 * @tparam S the scalar, float or double
 * @param update what to send
 * @param maxSegmentBytes longest body of a segment
 * @return the encoded message
 */
template <typename S>
EncodedMessage EncodeDense(const DenseUpdate<S>& update, uint32_t maxSegmentBytes);

/**
 * @tparam S the scalar, float or double
 * @param format a wire format
 * @param shape what is known of the message
 * @return its decoder, or null if the format is not one of dense updates of that scalar
 */
template <typename S>
SegmentDecoderPtr<S> MakeDenseDecoder(WireFormat format, const MessageShape& shape);

} // namespace fl

#endif // FL_DENSE_CODEC_H
