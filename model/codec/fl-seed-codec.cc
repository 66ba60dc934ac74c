/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/fl-seed-codec.h"

#include "ns3/fl-value-wire.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <cstddef>

namespace fl
{

namespace
{

constexpr uint32_t SEED_BYTES = 8;
constexpr uint32_t VALUES_BYTES = 4; ///< of the number of values, where it stands

WireFormat
FormatOf(uint32_t bytes)
{
    return bytes == 2   ? WireFormat::SEEDED16
           : bytes == 4 ? WireFormat::SEEDED32
                        : WireFormat::SEEDED64;
}

/** Appends a number in little-endian order. */
template <typename T>
void
WriteNumber(std::vector<uint8_t>& bytes, T number)
{
    for (std::size_t i = 0; i < sizeof number; ++i)
    {
        bytes.push_back(static_cast<uint8_t>(number >> (8 * i)));
    }
}

/** Reads a number in little-endian order. */
template <typename T>
T
ReadNumber(const uint8_t* bytes)
{
    T number;
    std::memcpy(&number, bytes, sizeof number);
    return boost::endian::little_to_native(number);
}

template <typename S>
class SeededDecoder : public SegmentDecoder<S>
{
  public:
    SeededDecoder(uint32_t size, ValueCode code)
        : m_valueBytes(ValueBytes<S>(code))
    {
        m_update.size = size;
        m_update.code = code;
    }

    SegmentFault Read(const SegmentView& segment, uint32_t& count) override
    {
        const bool alone = segment.total == 1;
        m_front = SEED_BYTES + (alone ? 0 : VALUES_BYTES);
        if (segment.length < m_front || (segment.length - m_front) % m_valueBytes != 0)
        {
            return SegmentFault::CODE;
        }
        const uint32_t here = (segment.length - m_front) / m_valueBytes;
        const auto seed = ReadNumber<uint64_t>(segment.data);
        const uint32_t all = alone ? here : ReadNumber<uint32_t>(segment.data + SEED_BYTES);
        if (all > m_update.size || here > all || (!alone && here == 0) ||
            (m_kept && (seed != m_update.seed || all != m_update.values.size())))
        {
            return SegmentFault::CODE;
        }
        if (!m_kept)
        {
            m_update.seed = seed;
            m_places = DrawPositions(seed, m_update.size, all);
        }
        const auto begin = std::lower_bound(m_places.begin(), m_places.end(), segment.first);
        if (here > static_cast<std::size_t>(m_places.end() - begin) ||
            (segment.first != 0 && *begin != segment.first))
        {
            return SegmentFault::CODE;
        }
        const auto end = begin + here;
        m_first = static_cast<std::size_t>(begin - m_places.begin());
        m_here = here;
        count = (end == m_places.end() ? m_update.size : *end) - segment.first;
        return SegmentFault::NONE;
    }

    void Keep(const SegmentView& segment, const Range& /* coordinates */) override
    {
        m_kept = true;
        m_update.values.resize(m_places.size());
        WithValueWire<S>(m_update.code,
                         [&](auto wire)
                         {
                             const auto* data = segment.data + m_front;
                             for (std::size_t i = m_first; i < m_first + m_here; ++i)
                             {
                                 m_update.values[i] = wire.template Load<S>(data);
                                 data += wire.BYTES;
                             }
                         });
    }

    Update<S> Finish() override
    {
        return std::move(m_update);
    }

  private:
    uint32_t m_valueBytes;
    SeededUpdate<S> m_update;
    bool m_kept{false};             ///< whether seed and number of values are settled
    std::vector<uint32_t> m_places; ///< what the seed says
    uint32_t m_front{0};            ///< bytes in front of the values of the segment read last
    std::size_t m_first{0};         ///< first of its values
    std::size_t m_here{0};          ///< how many it has
};

} // namespace

template <typename S>
EncodedMessage
EncodeSeeded(const SeededUpdate<S>& update, uint32_t maxSegmentBytes)
{
    const uint32_t valueBytes = ValueBytes<S>(update.code);
    const auto all = static_cast<uint32_t>(update.values.size());
    const uint64_t alone = SEED_BYTES + uint64_t{all} * valueBytes;
    EncodedMessage message{FormatOf(valueBytes), update.size, {}, {}, alone * 8};
    const auto places = DrawPositions(update.seed, update.size, all);
    const bool cut = alone > maxSegmentBytes;
    const uint32_t most =
        cut ? (maxSegmentBytes - SEED_BYTES - VALUES_BYTES) / valueBytes : std::max(all, 1u);
    for (uint32_t i = 0, first = 0; first < update.size;)
    {
        const uint32_t here = std::min(most, all - i);
        const uint32_t stop = i + here == all ? update.size : places[i + here];
        WriteNumber(message.bytes, update.seed);
        if (cut)
        {
            WriteNumber(message.bytes, all);
        }
        const std::size_t front = message.bytes.size();
        message.bytes.resize(front + std::size_t{here} * valueBytes);
        WithValueWire<S>(update.code,
                         [&](auto wire)
                         {
                             auto* data = message.bytes.data() + front;
                             for (uint32_t j = i; j < i + here; ++j, data += wire.BYTES)
                             {
                                 const S value = update.values[j];
                                 assert(std::isnan(value) ||
                                        RoundValue(value, update.code) == value);
                                 wire.Store(value, data);
                             }
                         });
        message.EndSegment({first, stop});
        i += here;
        first = stop;
    }
    return message;
}

template <typename S>
SegmentDecoderPtr<S>
MakeSeededDecoder(WireFormat format, const MessageShape& shape)
{
    for (const auto code : {ValueCode::NATIVE, ValueCode::SINGLE, ValueCode::HALF})
    {
        if (format == FormatOf(ValueBytes<S>(code)))
        {
            return std::make_unique<SeededDecoder<S>>(shape.dimension, code);
        }
    }
    return nullptr;
}

template EncodedMessage EncodeSeeded(const SeededUpdate<float>& update, uint32_t maxSegmentBytes);
template EncodedMessage EncodeSeeded(const SeededUpdate<double>& update, uint32_t maxSegmentBytes);
template SegmentDecoderPtr<float> MakeSeededDecoder(WireFormat format, const MessageShape& shape);
template SegmentDecoderPtr<double> MakeSeededDecoder(WireFormat format, const MessageShape& shape);

} // namespace fl
