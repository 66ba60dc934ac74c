/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/fl-codec.h"

#include "ns3/fl-dense-codec.h"
#include "ns3/fl-natural-codec.h"
#include "ns3/fl-quantised-codec.h"
#include "ns3/fl-seed-codec.h"
#include "ns3/fl-sign-codec.h"
#include "ns3/fl-sparse-codec.h"
#include "ns3/fl-ternary-codec.h"

#include <cassert>
#include <iterator>
#include <utility>

namespace fl
{

namespace
{

/** Calls the encoder of each type of update. */
template <typename S>
struct Encoder
{
    EncodedMessage operator()(const DenseUpdate<S>& update) const
    {
        return EncodeDense(update, maxSegmentBytes);
    }

    EncodedMessage operator()(const SignUpdate& update) const
    {
        return EncodeSigns(update, maxSegmentBytes);
    }

    EncodedMessage operator()(const TernaryUpdate& update) const
    {
        return EncodeTernary(update, maxSegmentBytes);
    }

    EncodedMessage operator()(const SparseUpdate<S>& update) const
    {
        return EncodeSparse(update, maxSegmentBytes);
    }

    EncodedMessage operator()(const SeededUpdate<S>& update) const
    {
        return EncodeSeeded(update, maxSegmentBytes);
    }

    EncodedMessage operator()(const ScaledSignUpdate<S>& update) const
    {
        return EncodeScaledSigns(update, maxSegmentBytes);
    }

    EncodedMessage operator()(const ScaledTernaryUpdate<S>& update) const
    {
        return EncodeScaledTernary(update, maxSegmentBytes);
    }

    EncodedMessage operator()(const QuantisedUpdate<S>& update) const
    {
        return EncodeQuantised(update, maxSegmentBytes);
    }

    EncodedMessage operator()(const NaturalUpdate<S>& update) const
    {
        return EncodeNatural(update, maxSegmentBytes);
    }

    uint32_t maxSegmentBytes;
};

/** A decoder of a format, or null if there is none for this scalar and shape. */
template <typename S>
SegmentDecoderPtr<S>
MakeDecoder(WireFormat format, const MessageShape& shape)
{
    for (const auto make : {MakeDenseDecoder<S>,
                            MakeSignDecoder<S>,
                            MakeTernaryDecoder<S>,
                            MakeSparseDecoder<S>,
                            MakeSeededDecoder<S>,
                            MakeQuantisedDecoder<S>,
                            MakeNaturalDecoder<S>})
    {
        if (auto decoder = make(format, shape))
        {
            return decoder;
        }
    }
    return nullptr;
}

} // namespace

template <typename S>
EncodedMessage
Encode(const Update<S>& update, uint32_t maxSegmentBytes)
{
    assert(maxSegmentBytes >= MIN_SEGMENT_BYTES);
    return std::visit(Encoder<S>{maxSegmentBytes}, update);
}

template <typename S>
UpdateAssembler<S>::UpdateAssembler(const MessageShape& shape)
    : m_shape(shape)
{
    assert(!shape.blocks || shape.blocks->back() == shape.dimension);
}

template <typename S>
SegmentFault
UpdateAssembler<S>::Add(const SegmentView& segment)
{
    // Every segment before and behind this one holds a coordinate at least.
    if (segment.index >= segment.total || segment.first >= m_shape.dimension ||
        (segment.index == 0) != (segment.first == 0) || segment.index > segment.first ||
        segment.total - segment.index > m_shape.dimension - segment.first)
    {
        return SegmentFault::RANGE;
    }
    auto decoder = m_decoder ? nullptr : MakeDecoder<S>(segment.format, m_shape);
    if (m_decoder ? segment.format != m_format : !decoder)
    {
        return SegmentFault::FORMAT;
    }
    auto& chosen = m_decoder ? *m_decoder : *decoder;
    uint32_t count = 0;
    if (const auto fault = chosen.Read(segment, count); fault != SegmentFault::NONE)
    {
        return fault;
    }
    if (const auto fault = Claim(segment, count); fault != SegmentFault::NONE)
    {
        return fault;
    }
    chosen.Keep(segment, {segment.first, segment.first + count});
    if (!m_decoder)
    {
        m_decoder = std::move(decoder);
        m_format = segment.format;
    }
    return SegmentFault::NONE;
}

/** Takes the coordinates of a segment, unless they do not fit its place or are taken already. */
template <typename S>
SegmentFault
UpdateAssembler<S>::Claim(const SegmentView& segment, uint32_t count)
{
    if (count == 0 || count > m_shape.dimension - segment.first ||
        segment.Last() != (segment.first + count == m_shape.dimension))
    {
        return SegmentFault::RANGE;
    }
    const auto next = m_present.lower_bound(segment.first);
    if ((next != m_present.end() && next->first < segment.first + count) ||
        (next != m_present.begin() && std::prev(next)->second > segment.first))
    {
        return SegmentFault::OVERLAP;
    }
    m_present.emplace(segment.first, segment.first + count);
    return SegmentFault::NONE;
}

template <typename S>
ReceivedUpdate<S>
UpdateAssembler<S>::Finish()
{
    Ranges present;
    for (const auto& [first, end] : m_present)
    {
        Append(present, {first, end});
    }
    ReceivedUpdate<S> received{DenseUpdate<S>{}, Complement(present, m_shape.dimension)};
    if (m_decoder)
    {
        received.update = m_decoder->Finish();
    }
    else
    {
        received.update = DenseUpdate<S>{std::vector<S>(m_shape.dimension)};
    }
    *this = UpdateAssembler(m_shape);
    return received;
}

template EncodedMessage Encode(const Update<float>& update, uint32_t maxSegmentBytes);
template EncodedMessage Encode(const Update<double>& update, uint32_t maxSegmentBytes);
template class UpdateAssembler<float>;
template class UpdateAssembler<double>;

} // namespace fl
