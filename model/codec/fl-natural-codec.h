/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef FL_NATURAL_CODEC_H
#define FL_NATURAL_CODEC_H

#include "ns3/fl-segment-decoder.h"

namespace fl
{

/**
 * Sign and exponent of every coordinate, as they stand in its IEEE 754 image: 9 bits of a binary32,
 * 12 of a binary64 (natural compression, Horvath et al., arXiv:1905.10988). What is not finite
 * arrives as infinite.
 * @tparam S the scalar, float or double
 * @param update what to send
 * @param maxSegmentBytes longest body of a segment
 * @return the encoded message
 */
template <typename S>
EncodedMessage EncodeNatural(const NaturalUpdate<S>& update, uint32_t maxSegmentBytes);

/**
 * @tparam S the scalar, float or double
 * @param format a wire format
 * @param shape what is known of the message
 * @return its decoder, or null if the format is not that of powers of two of that scalar
 */
template <typename S>
SegmentDecoderPtr<S> MakeNaturalDecoder(WireFormat format, const MessageShape& shape);

} // namespace fl

#endif // FL_NATURAL_CODEC_H
