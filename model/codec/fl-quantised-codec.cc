/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/fl-quantised-codec.h"

#include "ns3/fl-even-cut.h"
#include "ns3/fl-index-code.h"
#include "ns3/fl-scales.h"

#include <algorithm>
#include <cassert>
#include <cstdlib>
#include <numeric>
#include <optional>

namespace fl
{

namespace
{

/** Most steps: what a level's magnitude can be. */
constexpr uint32_t MOST_STEPS = INT32_MAX;

/** The number of steps, seven bits a byte. */
std::vector<uint8_t>
StepsPrefix(uint32_t steps)
{
    std::vector<uint8_t> bytes;
    for (; steps > 0x7f; steps >>= 7)
    {
        bytes.push_back(static_cast<uint8_t>(0x80 | (steps & 0x7f)));
    }
    bytes.push_back(static_cast<uint8_t>(steps));
    return bytes;
}

/** Reads what StepsPrefix() wrote, or nothing if it is no number of steps or longer than needed. */
std::optional<uint32_t>
ReadSteps(BitReader& reader)
{
    uint64_t steps = 0;
    for (uint32_t shift = 0; shift < 32; shift += 7)
    {
        const auto byte = reader.Read(8);
        if (!byte)
        {
            return std::nullopt;
        }
        steps |= (*byte & 0x7f) << shift;
        if (*byte < 0x80)
        {
            const bool right = *byte > 0 && steps <= MOST_STEPS;
            return right ? std::make_optional(static_cast<uint32_t>(steps)) : std::nullopt;
        }
    }
    return std::nullopt;
}

/** What the body looks like of which every coordinate takes as many bits. */
EvenBody
FixedBody(uint32_t steps, const Blocks& blocks)
{
    const uint32_t bits = 1 + BitWidth(steps);
    const uint32_t common = std::gcd(bits, 8u);
    return {bits / common,
            8 / common,
            blocks,
            SCALE_BYTES,
            static_cast<uint32_t>(StepsPrefix(steps).size())};
}

uint32_t
Magnitude(int32_t level)
{
    return static_cast<uint32_t>(std::abs(level));
}

template <typename S>
EncodedMessage
EncodeFixed(const QuantisedUpdate<S>& update, uint32_t maxSegmentBytes)
{
    const auto size = static_cast<uint32_t>(update.levels.size());
    const auto prefix = StepsPrefix(update.steps);
    const uint32_t levelBits = BitWidth(update.steps);
    EncodedMessage message{WireFormat::QUANTISED_FIXED,
                           size,
                           {},
                           {},
                           prefix.size() * 8 + update.blocks->size() * 8 * SCALE_BYTES +
                               uint64_t{size} * (1 + levelBits),
                           update.blocks};
    for (const auto& part :
         EvenCut(size, FixedBody(update.steps, update.blocks)).Cut(maxSegmentBytes))
    {
        message.bytes.insert(message.bytes.end(), prefix.begin(), prefix.end());
        WriteScales(message.bytes, TouchedBlocks(update.blocks, part), update.scales);
        BitWriter writer(message.bytes);
        for (uint32_t i = part.first; i < part.end; ++i)
        {
            const int32_t level = update.levels[i];
            writer.Write(uint64_t{Magnitude(level)} << 1 | (level < 0 ? 1 : 0), 1 + levelBits);
        }
        writer.PadWithZeros();
        message.EndSegment(part);
    }
    return message;
}

/** Signs and levels of the nonzeros, and the scales: what IndexedEncoder calls a content. */
template <typename S>
struct LevelContent
{
    uint64_t Bits(std::size_t i) const
    {
        return 1 + BitWriter::OmegaBits(Magnitude(update.levels[nonzeros[i]]));
    }

    void Write(BitWriter& writer, std::size_t i) const
    {
        const int32_t level = update.levels[nonzeros[i]];
        writer.Write(level < 0 ? 1 : 0, 1);
        writer.WriteOmega(Magnitude(level));
    }

    void WriteScales(std::vector<uint8_t>& bytes, const Range& touched) const
    {
        fl::WriteScales(bytes, touched, update.scales);
    }

    const QuantisedUpdate<S>& update;
    const std::vector<uint32_t>& nonzeros;
};

template <typename S>
EncodedMessage
EncodeElias(const QuantisedUpdate<S>& update, uint32_t maxSegmentBytes)
{
    const auto size = static_cast<uint32_t>(update.levels.size());
    std::vector<uint32_t> nonzeros;
    for (uint32_t i = 0; i < size; ++i)
    {
        if (update.levels[i] != 0)
        {
            nonzeros.push_back(i);
        }
    }
    const LevelContent<S> content{update, nonzeros};
    const IndexedMessage source{WireFormat::QUANTISED_ELIAS,
                                size,
                                nonzeros,
                                {IndexCode::OMEGA, 0},
                                StepsPrefix(update.steps),
                                update.blocks};
    return IndexedEncoder(source, content, maxSegmentBytes).Run();
}

/** What the decoders of levels have in common. */
template <typename S>
class LevelDecoder : public SegmentDecoder<S>
{
  public:
    LevelDecoder(const MessageShape& shape, LevelCode code)
        : m_shape(shape),
          m_scales(shape.blocks->size(), 1)
    {
        m_update.blocks = shape.blocks;
        m_update.code = code;
    }

    Update<S> Finish() override
    {
        m_update.scales = m_scales.template Take<S>(0);
        return std::move(m_update);
    }

  protected:
    /** Whether a number of steps is that of the other segments. */
    bool StepsFit(std::optional<uint32_t> steps)
    {
        m_steps = steps.value_or(0);
        return steps && (m_update.levels.empty() || *steps == m_update.steps);
    }

    /** Keeps number of steps and scales of the segment read last. */
    void KeepFront(const Range& coordinates)
    {
        m_update.steps = m_steps;
        m_update.levels.resize(m_shape.dimension);
        m_scales.Keep(m_front, TouchedBlocks(m_shape.blocks, coordinates));
    }

    MessageShape m_shape;
    ScaleTable m_scales;
    QuantisedUpdate<S> m_update;
    uint32_t m_steps{0};             ///< of the segment read last
    const uint8_t* m_front{nullptr}; ///< the scales of the segment read last
    std::vector<int32_t> m_levels;   ///< its levels
};

template <typename S>
class FixedDecoder : public LevelDecoder<S>
{
  public:
    explicit FixedDecoder(const MessageShape& shape)
        : LevelDecoder<S>(shape, LevelCode::FIXED)
    {
    }

    SegmentFault Read(const SegmentView& segment, uint32_t& count) override
    {
        BitReader reader(segment.data, segment.length);
        const auto steps = ReadSteps(reader);
        if (!this->StepsFit(steps))
        {
            return SegmentFault::CODE;
        }
        const auto& blocks = this->m_shape.blocks;
        const EvenCut cut(this->m_shape.dimension, FixedBody(*steps, blocks));
        const auto found = cut.Count(segment);
        if (!found)
        {
            return SegmentFault::CODE;
        }
        count = *found;
        const Range coordinates{segment.first, segment.first + count};
        const auto touched = TouchedBlocks(blocks, coordinates);
        this->m_front = segment.data + StepsPrefix(*steps).size();
        if (!this->m_scales.Fits(this->m_front, touched))
        {
            return SegmentFault::CODE;
        }
        const uint32_t front = cut.FrontBytes(coordinates);
        return ReadLevels({segment.data + front, segment.length - front}, *steps, count)
                   ? SegmentFault::NONE
                   : SegmentFault::CODE;
    }

    void Keep(const SegmentView& /* segment */, const Range& coordinates) override
    {
        this->KeepFront(coordinates);
        std::copy(this->m_levels.begin(),
                  this->m_levels.end(),
                  this->m_update.levels.begin() + coordinates.first);
    }

  private:
    bool ReadLevels(BitReader reader, uint32_t steps, uint32_t count)
    {
        this->m_levels.clear();
        this->m_levels.reserve(count);
        for (uint32_t i = 0; i < count; ++i)
        {
            const uint64_t image = *reader.Read(1 + BitWidth(steps));
            const bool negative = image & 1;
            const uint64_t magnitude = image >> 1;
            if (magnitude > steps || (negative && magnitude == 0))
            {
                return false;
            }
            const auto level = static_cast<int32_t>(magnitude);
            this->m_levels.push_back(negative ? -level : level);
        }
        return true;
    }
};

template <typename S>
class EliasDecoder : public LevelDecoder<S>
{
  public:
    explicit EliasDecoder(const MessageShape& shape)
        : LevelDecoder<S>(shape, LevelCode::ELIAS)
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
        const auto steps = ReadSteps(reader.Bits());
        const auto touched = TouchedBlocks(this->m_shape.blocks, reader.Coordinates());
        const auto front = reader.ReadBytes(uint64_t{touched.end - touched.first} * SCALE_BYTES);
        if (!this->StepsFit(steps) || !front || !this->m_scales.Fits(*front, touched))
        {
            return SegmentFault::CODE;
        }
        this->m_front = *front;
        m_nonzeros.clear();
        this->m_levels.clear();
        const auto readLevel = [&](BitReader& bits)
        {
            const auto negative = bits.Read(1);
            const auto magnitude = bits.ReadOmega();
            if (!negative || !magnitude || *magnitude > *steps)
            {
                return false;
            }
            const auto level = static_cast<int32_t>(*magnitude);
            this->m_levels.push_back(*negative ? -level : level);
            return true;
        };
        return reader.ReadEntries({IndexCode::OMEGA, 0}, m_nonzeros, readLevel)
                   ? SegmentFault::NONE
                   : SegmentFault::CODE;
    }

    void Keep(const SegmentView& /* segment */, const Range& coordinates) override
    {
        this->KeepFront(coordinates);
        for (std::size_t i = 0; i < m_nonzeros.size(); ++i)
        {
            this->m_update.levels[m_nonzeros[i]] = this->m_levels[i];
        }
    }

  private:
    std::vector<uint32_t> m_nonzeros; ///< of the segment read last
};

} // namespace

template <typename S>
EncodedMessage
EncodeQuantised(const QuantisedUpdate<S>& update, uint32_t maxSegmentBytes)
{
    assert(update.blocks && update.blocks->back() == update.levels.size());
    assert(update.steps > 0 && update.steps <= MOST_STEPS);
    return update.code == LevelCode::FIXED ? EncodeFixed(update, maxSegmentBytes)
                                           : EncodeElias(update, maxSegmentBytes);
}

template <typename S>
SegmentDecoderPtr<S>
MakeQuantisedDecoder(WireFormat format, const MessageShape& shape)
{
    if (format == WireFormat::QUANTISED_FIXED && shape.blocks)
    {
        return std::make_unique<FixedDecoder<S>>(shape);
    }
    if (format == WireFormat::QUANTISED_ELIAS && shape.blocks)
    {
        return std::make_unique<EliasDecoder<S>>(shape);
    }
    return nullptr;
}

template EncodedMessage EncodeQuantised(const QuantisedUpdate<float>& update,
                                        uint32_t maxSegmentBytes);
template EncodedMessage EncodeQuantised(const QuantisedUpdate<double>& update,
                                        uint32_t maxSegmentBytes);
template SegmentDecoderPtr<float> MakeQuantisedDecoder(WireFormat format,
                                                       const MessageShape& shape);
template SegmentDecoderPtr<double> MakeQuantisedDecoder(WireFormat format,
                                                        const MessageShape& shape);

} // namespace fl
