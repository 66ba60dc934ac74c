/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef FL_SPARSE_CODEC_H
#define FL_SPARSE_CODEC_H

#include "ns3/fl-segment-decoder.h"

namespace fl
{

/**
 * Places as the update says, see IndexCode, and the value of each behind its place, or behind all
 * places if these are a bitmap.
 * @tparam S the scalar, float or double
 * @param update what to send
 * @param maxSegmentBytes longest body of a segment
 * @return the encoded message
 */
template <typename S>
EncodedMessage EncodeSparse(const SparseUpdate<S>& update, uint32_t maxSegmentBytes);

/**
 * @tparam S the scalar, float or double
 * @param format a wire format
 * @param shape what is known of the message
 * @return its decoder, or null if the format is not one of sparse updates of that scalar
 */
template <typename S>
SegmentDecoderPtr<S> MakeSparseDecoder(WireFormat format, const MessageShape& shape);

} // namespace fl

#endif // FL_SPARSE_CODEC_H
