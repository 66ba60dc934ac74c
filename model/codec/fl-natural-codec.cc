/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/fl-natural-codec.h"

#include "ns3/fl-bit-stream.h"
#include "ns3/fl-even-cut.h"
#include "ns3/fl-value-wire.h"

#include <cassert>
#include <cmath>
#include <numeric>

namespace fl
{

namespace
{

/** The image of a scalar, and what of it travels: its upper bits. */
template <typename S>
struct Upper;

template <>
struct Upper<float>
{
    using Wire = ValueWire<uint32_t>;
    static constexpr WireFormat FORMAT = WireFormat::NATURAL9;
    static constexpr uint32_t BITS = 9;
};

template <>
struct Upper<double>
{
    using Wire = ValueWire<uint64_t>;
    static constexpr WireFormat FORMAT = WireFormat::NATURAL12;
    static constexpr uint32_t BITS = 12;
};

/** Bits of the fraction, which do not travel. */
template <typename S>
constexpr uint32_t LOWER = sizeof(S) * 8 - Upper<S>::BITS;

template <typename S>
EvenCut
CutOf(uint32_t size)
{
    constexpr uint32_t common = std::gcd(Upper<S>::BITS, 8u);
    return {size, {Upper<S>::BITS / common, 8 / common}};
}

template <typename S>
class NaturalDecoder : public SegmentDecoder<S>
{
  public:
    explicit NaturalDecoder(uint32_t size)
        : m_cut(CutOf<S>(size)),
          m_size(size)
    {
    }

    SegmentFault Read(const SegmentView& segment, uint32_t& count) override
    {
        const auto found = m_cut.Count(segment);
        count = found.value_or(0);
        return found ? SegmentFault::NONE : SegmentFault::CODE;
    }

    void Keep(const SegmentView& segment, const Range& coordinates) override
    {
        m_update.values.resize(m_size);
        BitReader reader(segment.data, segment.length);
        for (uint32_t i = coordinates.first; i < coordinates.end; ++i)
        {
            using Bits = typename Upper<S>::Wire::Bits;
            const auto bits = static_cast<Bits>(*reader.Read(Upper<S>::BITS));
            m_update.values[i] = Upper<S>::Wire::template Read<S>(bits << LOWER<S>);
        }
    }

    Update<S> Finish() override
    {
        return std::move(m_update);
    }

  private:
    EvenCut m_cut;
    uint32_t m_size;
    NaturalUpdate<S> m_update;
};

} // namespace

template <typename S>
EncodedMessage
EncodeNatural(const NaturalUpdate<S>& update, uint32_t maxSegmentBytes)
{
    const auto size = static_cast<uint32_t>(update.values.size());
    EncodedMessage message{Upper<S>::FORMAT, size, {}, {}, uint64_t{size} * Upper<S>::BITS};
    for (const auto& part : CutOf<S>(size).Cut(maxSegmentBytes))
    {
        BitWriter writer(message.bytes);
        for (uint32_t i = part.first; i < part.end; ++i)
        {
            const auto bits = Upper<S>::Wire::Write(update.values[i]);
            assert(!std::isfinite(update.values[i]) || bits << Upper<S>::BITS == 0);
            writer.Write(bits >> LOWER<S>, Upper<S>::BITS);
        }
        writer.PadWithZeros();
        message.EndSegment(part);
    }
    return message;
}

template <typename S>
SegmentDecoderPtr<S>
MakeNaturalDecoder(WireFormat format, const MessageShape& shape)
{
    return format == Upper<S>::FORMAT ? std::make_unique<NaturalDecoder<S>>(shape.dimension)
                                      : nullptr;
}

template EncodedMessage EncodeNatural(const NaturalUpdate<float>& update, uint32_t maxSegmentBytes);
template EncodedMessage EncodeNatural(const NaturalUpdate<double>& update,
                                      uint32_t maxSegmentBytes);
template SegmentDecoderPtr<float> MakeNaturalDecoder(WireFormat format, const MessageShape& shape);
template SegmentDecoderPtr<double> MakeNaturalDecoder(WireFormat format, const MessageShape& shape);

} // namespace fl
