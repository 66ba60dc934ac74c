/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/fl-ternary-codec.h"

#include "ns3/fl-even-cut.h"
#include "ns3/fl-index-code.h"
#include "ns3/fl-scales.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <optional>
#include <utility>

namespace fl
{

namespace
{

constexpr uint32_t TRITS = 5; ///< in a byte
constexpr uint32_t CODES = 3 * 3 * 3 * 3 * 3;

/** The codings in the order of their format numbers; none is that of five trits a byte. */
constexpr std::array<std::optional<IndexCode::Kind>, 4> CODINGS{std::nullopt,
                                                                IndexCode::BITMAP,
                                                                IndexCode::RICE,
                                                                IndexCode::RAW};

/** The formats of the codings, by whether there are scales. */
constexpr std::array<std::array<WireFormat, 4>, 2> FORMATS{{{WireFormat::TERNARY,
                                                             WireFormat::TERNARY_BITMAP,
                                                             WireFormat::TERNARY_RICE,
                                                             WireFormat::TERNARY_RAW},
                                                            {WireFormat::SCALED_TERNARY,
                                                             WireFormat::SCALED_TERNARY_BITMAP,
                                                             WireFormat::SCALED_TERNARY_RICE,
                                                             WireFormat::SCALED_TERNARY_RAW}}};

/** By a set of up to five digits, the sum of their weights. */
std::array<uint8_t, 1 << TRITS>
Weights()
{
    std::array<uint8_t, 1 << TRITS> weights{};
    for (uint32_t set = 1; set < weights.size(); ++set)
    {
        for (uint32_t digit = 0, weight = 1; digit < TRITS; ++digit, weight *= 3)
        {
            weights[set] = static_cast<uint8_t>(weights[set] + ((set >> digit) & 1) * weight);
        }
    }
    return weights;
}

/** By byte, the digits that are 2 (plus), and those that are 0 (minus). */
std::array<std::pair<uint8_t, uint8_t>, CODES>
Digits()
{
    std::array<std::pair<uint8_t, uint8_t>, CODES> digits{};
    for (uint32_t byte = 0; byte < CODES; ++byte)
    {
        for (uint32_t digit = 0, rest = byte; digit < TRITS; ++digit, rest /= 3)
        {
            digits[byte].first |= static_cast<uint8_t>((rest % 3 == 2) << digit);
            digits[byte].second |= static_cast<uint8_t>((rest % 3 == 0) << digit);
        }
    }
    return digits;
}

/** A few bits from any place of packed words. */
uint32_t
Cut(const std::vector<uint64_t>& words, uint32_t first, uint32_t count)
{
    uint64_t bits = words[first / 64] >> (first % 64);
    if (first % 64 + count > 64)
    {
        bits |= words[first / 64 + 1] << (64 - first % 64);
    }
    return static_cast<uint32_t>(bits) & ((1u << count) - 1);
}

/** Adds a few bits at any place of packed words. */
void
Paste(std::vector<uint64_t>& words, uint32_t first, uint32_t count, uint32_t bits)
{
    const uint64_t cut = bits & ((1u << count) - 1);
    words[first / 64] |= cut << (first % 64);
    if (first % 64 + count > 64)
    {
        words[first / 64 + 1] |= cut >> (64 - first % 64);
    }
}

EvenBody
BodyOf(const Blocks& blocks)
{
    return {1, TRITS, blocks, blocks ? SCALE_BYTES : 0};
}

std::vector<uint32_t>
NonzerosOf(const TernaryUpdate& trits)
{
    std::vector<uint32_t> nonzeros;
    for (uint32_t i = 0; i < trits.positive.size(); ++i)
    {
        for (auto word = trits.positive[i] | trits.negative[i]; word != 0; word &= word - 1)
        {
            nonzeros.push_back(i * 64 + static_cast<uint32_t>(__builtin_ctzll(word)));
        }
    }
    return nonzeros;
}

/** The signs of the nonzeros, and the scales: what IndexedEncoder calls a content. */
template <typename S>
struct SignContent
{
    static uint64_t Bits(std::size_t /* i */)
    {
        return 1;
    }

    void Write(BitWriter& writer, std::size_t i) const
    {
        const uint32_t index = nonzeros[i];
        writer.Write(trits.negative[index / 64] >> (index % 64), 1);
    }

    void WriteScales(std::vector<uint8_t>& bytes, const Range& touched) const
    {
        fl::WriteScales(bytes, touched, scales);
    }

    const TernaryUpdate& trits;
    const std::vector<uint32_t>& nonzeros;
    const std::vector<S>& scales;
};

template <typename S>
EncodedMessage
EncodeFives(const TernaryUpdate& trits,
            const Blocks& blocks,
            const std::vector<S>& scales,
            uint32_t maxSegmentBytes)
{
    static const auto weights = Weights();
    EncodedMessage message{FORMATS[blocks ? 1 : 0][0],
                           trits.size,
                           {},
                           {},
                           EvenCut(trits.size, BodyOf(blocks)).Length() * 8,
                           blocks};
    message.bytes.reserve(message.paperBits / 8);
    for (const auto& part : EvenCut(trits.size, BodyOf(blocks)).Cut(maxSegmentBytes))
    {
        WriteScales(message.bytes, TouchedBlocks(blocks, part), scales);
        for (uint32_t first = part.first; first < part.end;)
        {
            // Digits 1 everywhere are zeros; plus adds a weight, minus takes one away.
            const uint32_t count = std::min(TRITS, part.end - first);
            const uint32_t zeros = weights[(1u << count) - 1];
            const uint32_t byte = zeros + weights[Cut(trits.positive, first, count)] -
                                  weights[Cut(trits.negative, first, count)];
            message.bytes.push_back(static_cast<uint8_t>(byte));
            first += count;
        }
        message.EndSegment(part);
    }
    return message;
}

/** Trits in the shortest coding, with scales unless the blocks are null. */
template <typename S>
EncodedMessage
EncodeTrits(const TernaryUpdate& trits,
            const Blocks& blocks,
            const std::vector<S>& scales,
            uint32_t maxSegmentBytes)
{
    const auto nonzeros = NonzerosOf(trits);
    std::size_t best = 0;
    uint64_t bestBits = EvenCut(trits.size, BodyOf(nullptr)).Length() * 8;
    IndexCode bestCode{};
    for (std::size_t i = 1; i < CODINGS.size(); ++i)
    {
        const auto code = IndexCode::Make(*CODINGS[i], nonzeros.size(), trits.size);
        const uint64_t bits =
            code.Prefix().size() * 8 + code.Bits(nonzeros, trits.size) + nonzeros.size();
        if (bits < bestBits)
        {
            best = i;
            bestBits = bits;
            bestCode = code;
        }
    }
    if (best == 0)
    {
        return EncodeFives(trits, blocks, scales, maxSegmentBytes);
    }
    const SignContent<S> content{trits, nonzeros, scales};
    const IndexedMessage source{FORMATS[blocks ? 1 : 0][best],
                                trits.size,
                                nonzeros,
                                bestCode,
                                bestCode.Prefix(),
                                blocks};
    return IndexedEncoder(source, content, maxSegmentBytes).Run();
}

/** What the decoders of trits have in common. */
template <typename S>
class TritDecoder : public SegmentDecoder<S>
{
  public:
    /** @param shape with blocks if there are scales */
    explicit TritDecoder(const MessageShape& shape)
        : m_shape(shape),
          m_scales(shape.blocks ? shape.blocks->size() : 0, 1)
    {
    }

    Update<S> Finish() override
    {
        if (!m_shape.blocks)
        {
            return std::move(m_trits);
        }
        return ScaledTernaryUpdate<S>{std::move(m_trits),
                                      m_shape.blocks,
                                      m_scales.template Take<S>(0)};
    }

  protected:
    TernaryUpdate& Trits()
    {
        if (m_trits.positive.empty())
        {
            m_trits = TernaryUpdate::Zero(m_shape.dimension);
        }
        return m_trits;
    }

    MessageShape m_shape;
    ScaleTable m_scales;

  private:
    TernaryUpdate m_trits;
};

template <typename S>
class FivesDecoder : public TritDecoder<S>
{
  public:
    explicit FivesDecoder(const MessageShape& shape)
        : TritDecoder<S>(shape),
          m_cut(shape.dimension, BodyOf(shape.blocks))
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
        const Range coordinates{segment.first, segment.first + count};
        const auto touched = TouchedBlocks(this->m_shape.blocks, coordinates);
        const bool trits = std::all_of(segment.data + m_cut.FrontBytes(coordinates),
                                       segment.data + segment.length,
                                       [](uint8_t byte) { return byte < CODES; });
        return trits && this->m_scales.Fits(segment.data, touched) ? SegmentFault::NONE
                                                                   : SegmentFault::CODE;
    }

    void Keep(const SegmentView& segment, const Range& coordinates) override
    {
        static const auto digits = Digits();
        auto& trits = this->Trits();
        this->m_scales.Keep(segment.data, TouchedBlocks(this->m_shape.blocks, coordinates));
        const auto* data = segment.data + m_cut.FrontBytes(coordinates);
        for (uint32_t first = coordinates.first; first < coordinates.end; ++data)
        {
            const uint32_t count = std::min(TRITS, coordinates.end - first);
            Paste(trits.positive, first, count, digits[*data].first);
            Paste(trits.negative, first, count, digits[*data].second);
            first += count;
        }
    }

  private:
    EvenCut m_cut;
};

template <typename S>
class NonzeroDecoder : public TritDecoder<S>
{
  public:
    NonzeroDecoder(const MessageShape& shape, IndexCode::Kind kind)
        : TritDecoder<S>(shape),
          m_kind(kind)
    {
    }

    SegmentFault Read(const SegmentView& segment, uint32_t& count) override
    {
        IndexedReader reader(segment, this->m_shape.dimension);
        if (const auto fault = reader.ReadCount(); fault != SegmentFault::NONE)
        {
            return fault;
        }
        count = reader.Coordinates().end - reader.Coordinates().first;
        const auto code = reader.ReadCode(m_kind);
        const auto touched = TouchedBlocks(this->m_shape.blocks, reader.Coordinates());
        const auto front = reader.ReadBytes(uint64_t{touched.end - touched.first} * SCALE_BYTES);
        if (!code || !front || !this->m_scales.Fits(*front, touched))
        {
            return SegmentFault::CODE;
        }
        m_front = *front;
        m_nonzeros.clear();
        m_negative.clear();
        const bool right = reader.ReadEntries(*code,
                                              m_nonzeros,
                                              [this](BitReader& bits)
                                              {
                                                  const auto negative = bits.Read(1);
                                                  m_negative.push_back(negative == 1u);
                                                  return negative.has_value();
                                              });
        return right ? SegmentFault::NONE : SegmentFault::CODE;
    }

    void Keep(const SegmentView& /* segment */, const Range& coordinates) override
    {
        auto& trits = this->Trits();
        this->m_scales.Keep(m_front, TouchedBlocks(this->m_shape.blocks, coordinates));
        for (std::size_t i = 0; i < m_nonzeros.size(); ++i)
        {
            trits.Set(m_nonzeros[i], m_negative[i] ? -1 : 1);
        }
    }

  private:
    IndexCode::Kind m_kind;
    const uint8_t* m_front{nullptr};  ///< the scales of the segment read last
    std::vector<uint32_t> m_nonzeros; ///< its nonzeros
    std::vector<uint8_t> m_negative;  ///< whether each of them is negative
};

} // namespace

EncodedMessage
EncodeTernary(const TernaryUpdate& update, uint32_t maxSegmentBytes)
{
    return EncodeTrits<float>(update, nullptr, {}, maxSegmentBytes);
}

template <typename S>
EncodedMessage
EncodeScaledTernary(const ScaledTernaryUpdate<S>& update, uint32_t maxSegmentBytes)
{
    assert(update.blocks);
    return EncodeTrits(update.trits, update.blocks, update.scales, maxSegmentBytes);
}

template <typename S>
SegmentDecoderPtr<S>
MakeTernaryDecoder(WireFormat format, const MessageShape& shape)
{
    for (std::size_t scaled = 0; scaled < FORMATS.size(); ++scaled)
    {
        const auto found = std::find(FORMATS[scaled].begin(), FORMATS[scaled].end(), format);
        if (found == FORMATS[scaled].end() || (scaled == 1 && !shape.blocks))
        {
            continue;
        }
        const MessageShape own{shape.dimension, scaled == 1 ? shape.blocks : nullptr};
        const auto coding = CODINGS[found - FORMATS[scaled].begin()];
        if (!coding)
        {
            return std::make_unique<FivesDecoder<S>>(own);
        }
        return std::make_unique<NonzeroDecoder<S>>(own, *coding);
    }
    return nullptr;
}

template EncodedMessage EncodeScaledTernary(const ScaledTernaryUpdate<float>& update,
                                            uint32_t maxSegmentBytes);
template EncodedMessage EncodeScaledTernary(const ScaledTernaryUpdate<double>& update,
                                            uint32_t maxSegmentBytes);
template SegmentDecoderPtr<float> MakeTernaryDecoder(WireFormat format, const MessageShape& shape);
template SegmentDecoderPtr<double> MakeTernaryDecoder(WireFormat format, const MessageShape& shape);

} // namespace fl
