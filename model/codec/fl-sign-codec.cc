/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/fl-sign-codec.h"

#include "ns3/fl-bit-stream.h"
#include "ns3/fl-even-cut.h"
#include "ns3/fl-scales.h"

#include <algorithm>

namespace fl
{

namespace
{

/** Writes the signs of some coordinates, padded to a byte. */
void
WriteSigns(std::vector<uint8_t>& bytes, const SignUpdate& signs, const Range& part)
{
    BitWriter writer(bytes);
    for (uint32_t i = part.first; i < part.end;)
    {
        const uint32_t count = std::min(64 - i % 64, part.end - i);
        writer.Write(signs.words[i / 64] >> (i % 64), count);
        i += count;
    }
    writer.PadWithZeros();
}

/** Reads the signs of some coordinates that are positive so far. */
void
ReadSigns(BitReader reader, SignUpdate& signs, const Range& part)
{
    for (uint32_t i = part.first; i < part.end;)
    {
        const uint32_t count = std::min(64 - i % 64, part.end - i);
        signs.words[i / 64] |= *reader.Read(count) << (i % 64);
        i += count;
    }
}

EvenBody
BodyOf(const Blocks& blocks, uint32_t kinds)
{
    return {1, 8, blocks, kinds * SCALE_BYTES};
}

/** @tparam KINDS scales of a block: 0 of a SignUpdate, 1 or 2 of a ScaledSignUpdate */
template <typename S, uint32_t KINDS>
class SignDecoder : public SegmentDecoder<S>
{
  public:
    explicit SignDecoder(const MessageShape& shape)
        : m_shape(shape),
          m_cut(shape.dimension, BodyOf(KINDS == 0 ? nullptr : shape.blocks, KINDS)),
          m_scales(KINDS == 0 ? 0 : shape.blocks->size(), KINDS)
    {
    }

    SegmentFault Read(const SegmentView& segment, uint32_t& count) override
    {
        const auto found = m_cut.Count(segment);
        if (!found)
        {
            return SegmentFault::CODE;
        }
        count = *found;
        const auto touched = Touched({segment.first, segment.first + count});
        return m_scales.Fits(segment.data, touched) ? SegmentFault::NONE : SegmentFault::CODE;
    }

    void Keep(const SegmentView& segment, const Range& coordinates) override
    {
        if (m_signs.words.empty())
        {
            m_signs = SignUpdate::Positive(m_shape.dimension);
        }
        m_scales.Keep(segment.data, Touched(coordinates));
        const uint32_t front = m_cut.FrontBytes(coordinates);
        ReadSigns({segment.data + front, segment.length - front}, m_signs, coordinates);
    }

    Update<S> Finish() override
    {
        if constexpr (KINDS == 0)
        {
            return std::move(m_signs);
        }
        else
        {
            ScaledSignUpdate<S> update{std::move(m_signs), m_shape.blocks, {}, {}};
            update.plus = m_scales.template Take<S>(0);
            if (KINDS == 2)
            {
                update.minus = m_scales.template Take<S>(1);
            }
            return update;
        }
    }

  private:
    Range Touched(const Range& coordinates) const
    {
        return TouchedBlocks(KINDS == 0 ? nullptr : m_shape.blocks, coordinates);
    }

    MessageShape m_shape;
    EvenCut m_cut;
    ScaleTable m_scales;
    SignUpdate m_signs;
};

} // namespace

EncodedMessage
EncodeSigns(const SignUpdate& update, uint32_t maxSegmentBytes)
{
    EncodedMessage message{WireFormat::SIGN, update.size, {}, {}, update.size};
    WriteSigns(message.bytes, update, {0, update.size});
    for (const auto& part : EvenCut(update.size, BodyOf(nullptr, 0)).Cut(maxSegmentBytes))
    {
        const uint32_t count = part.end - part.first;
        message.segments.push_back({part.first, count, part.first / 8, (count + 7) / 8});
    }
    return message;
}

template <typename S>
EncodedMessage
EncodeScaledSigns(const ScaledSignUpdate<S>& update, uint32_t maxSegmentBytes)
{
    const uint32_t kinds = update.minus.empty() ? 1 : 2;
    const uint32_t size = update.signs.size;
    EncodedMessage message{kinds == 1 ? WireFormat::SCALED_SIGN : WireFormat::SCALED_SIGN_PAIR,
                           size,
                           {},
                           {},
                           uint64_t{update.plus.size()} * kinds * 8 * SCALE_BYTES + size,
                           update.blocks};
    for (const auto& part : EvenCut(size, BodyOf(update.blocks, kinds)).Cut(maxSegmentBytes))
    {
        WriteScales(message.bytes, TouchedBlocks(update.blocks, part), update.plus, update.minus);
        WriteSigns(message.bytes, update.signs, part);
        message.EndSegment(part);
    }
    return message;
}

template <typename S>
SegmentDecoderPtr<S>
MakeSignDecoder(WireFormat format, const MessageShape& shape)
{
    if (format == WireFormat::SIGN)
    {
        return std::make_unique<SignDecoder<S, 0>>(shape);
    }
    if (format == WireFormat::SCALED_SIGN && shape.blocks)
    {
        return std::make_unique<SignDecoder<S, 1>>(shape);
    }
    if (format == WireFormat::SCALED_SIGN_PAIR && shape.blocks)
    {
        return std::make_unique<SignDecoder<S, 2>>(shape);
    }
    return nullptr;
}

template EncodedMessage EncodeScaledSigns(const ScaledSignUpdate<float>& update,
                                          uint32_t maxSegmentBytes);
template EncodedMessage EncodeScaledSigns(const ScaledSignUpdate<double>& update,
                                          uint32_t maxSegmentBytes);
template SegmentDecoderPtr<float> MakeSignDecoder(WireFormat format, const MessageShape& shape);
template SegmentDecoderPtr<double> MakeSignDecoder(WireFormat format, const MessageShape& shape);

} // namespace fl
