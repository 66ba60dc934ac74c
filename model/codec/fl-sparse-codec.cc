/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/fl-sparse-codec.h"

#include "ns3/fl-index-code.h"
#include "ns3/fl-value-wire.h"

#include <array>
#include <cassert>
#include <cmath>
#include <map>
#include <utility>

namespace fl
{

namespace
{

/** The codings in the order of their format numbers, and by value bytes 2, 4 and 8 these. */
constexpr std::array<IndexCode::Kind, 3> CODINGS{IndexCode::RICE,
                                                 IndexCode::RAW,
                                                 IndexCode::BITMAP};
constexpr std::array<PositionCode, 3> POSITIONS{PositionCode::RICE,
                                                PositionCode::RAW,
                                                PositionCode::BITMAP};
constexpr std::array<std::array<WireFormat, 3>, 3> FORMATS{
    {{WireFormat::RICE16, WireFormat::RAW16, WireFormat::BITMAP16},
     {WireFormat::RICE32, WireFormat::RAW32, WireFormat::BITMAP32},
     {WireFormat::RICE64, WireFormat::RAW64, WireFormat::BITMAP64}}};

constexpr std::array<WireFormat, 3>
FormatsOf(uint32_t bytes)
{
    return FORMATS[bytes == 2 ? 0 : bytes == 4 ? 1 : 2];
}

/** The values: what IndexedEncoder calls a content. */
template <typename S, typename Wire>
struct ValueContent
{
    static uint64_t Bits(std::size_t /* i */)
    {
        return Wire::BYTES * 8;
    }

    void Write(BitWriter& writer, std::size_t i) const
    {
        assert(std::isnan(update.values[i]) ||
               RoundValue(update.values[i], update.code) == update.values[i]);
        writer.Write(Wire::Write(update.values[i]), Wire::BYTES * 8);
    }

    static void WriteScales(std::vector<uint8_t>& /* bytes */, const Range& /* touched */) {}

    const SparseUpdate<S>& update;
};

/** The coding that an update asks for: its place in CODINGS, and the code. */
template <typename S>
std::pair<std::size_t, IndexCode>
Choose(const SparseUpdate<S>& update)
{
    std::size_t best = 0;
    IndexCode bestCode{};
    uint64_t bestBits = UINT64_MAX;
    for (std::size_t i = 0; i < CODINGS.size(); ++i)
    {
        if (update.positions != PositionCode::CHEAPEST && update.positions != POSITIONS[i])
        {
            continue;
        }
        const auto code = IndexCode::Make(CODINGS[i], update.indices.size(), update.size);
        const uint64_t bits = code.Prefix().size() * 8 + code.Bits(update.indices, update.size);
        if (bits < bestBits)
        {
            best = i;
            bestBits = bits;
            bestCode = code;
        }
    }
    return {best, bestCode};
}

template <typename S>
class SparseDecoder : public SegmentDecoder<S>
{
  public:
    SparseDecoder(uint32_t size, ValueCode code, std::size_t coding)
        : m_size(size),
          m_code(code),
          m_coding(coding)
    {
    }

    SegmentFault Read(const SegmentView& segment, uint32_t& count) override
    {
        IndexedReader reader(segment, m_size);
        if (const auto fault = reader.ReadCount(); fault != SegmentFault::NONE)
        {
            return fault;
        }
        count = reader.Coordinates().end - reader.Coordinates().first;
        const auto code = reader.ReadCode(CODINGS[m_coding]);
        m_read = {};
        const auto readAll = [&](auto wire)
        {
            return reader.ReadEntries(*code,
                                      m_read.indices,
                                      [&](BitReader& bits)
                                      {
                                          const auto image = bits.Read(wire.BYTES * 8);
                                          using Bits = typename decltype(wire)::Bits;
                                          m_read.values.push_back(wire.template Read<S>(
                                              static_cast<Bits>(image.value_or(0))));
                                          return image.has_value();
                                      });
        };
        return code && WithValueWire<S>(m_code, readAll) ? SegmentFault::NONE : SegmentFault::CODE;
    }

    void Keep(const SegmentView& /* segment */, const Range& coordinates) override
    {
        m_parts.emplace(coordinates.first, std::move(m_read));
    }

    Update<S> Finish() override
    {
        SparseUpdate<S> update{m_size, {}, {}, m_code, POSITIONS[m_coding]};
        for (const auto& [first, part] : m_parts)
        {
            update.indices.insert(update.indices.end(), part.indices.begin(), part.indices.end());
            update.values.insert(update.values.end(), part.values.begin(), part.values.end());
        }
        return update;
    }

  private:
    /** What one segment holds. */
    struct Part
    {
        std::vector<uint32_t> indices;
        std::vector<S> values;
    };

    uint32_t m_size;
    ValueCode m_code;
    std::size_t m_coding; ///< place in CODINGS
    Part m_read;
    std::map<uint32_t, Part> m_parts; ///< by first coordinate
};

} // namespace

template <typename S>
EncodedMessage
EncodeSparse(const SparseUpdate<S>& update, uint32_t maxSegmentBytes)
{
    assert(update.indices.size() == update.values.size());
    const auto [coding, code] = Choose(update);
    const auto format = FormatsOf(ValueBytes<S>(update.code))[coding];
    const IndexedMessage source{format, update.size, update.indices, code, code.Prefix()};
    return WithValueWire<S>(update.code,
                            [&](auto wire)
                            {
                                const ValueContent<S, decltype(wire)> content{update};
                                return IndexedEncoder(source, content, maxSegmentBytes).Run();
                            });
}

template <typename S>
SegmentDecoderPtr<S>
MakeSparseDecoder(WireFormat format, const MessageShape& shape)
{
    for (const auto code : {ValueCode::NATIVE, ValueCode::SINGLE, ValueCode::HALF})
    {
        const auto formats = FormatsOf(ValueBytes<S>(code));
        for (std::size_t coding = 0; coding < formats.size(); ++coding)
        {
            if (formats[coding] == format)
            {
                return std::make_unique<SparseDecoder<S>>(shape.dimension, code, coding);
            }
        }
    }
    return nullptr;
}

template EncodedMessage EncodeSparse(const SparseUpdate<float>& update, uint32_t maxSegmentBytes);
template EncodedMessage EncodeSparse(const SparseUpdate<double>& update, uint32_t maxSegmentBytes);
template SegmentDecoderPtr<float> MakeSparseDecoder(WireFormat format, const MessageShape& shape);
template SegmentDecoderPtr<double> MakeSparseDecoder(WireFormat format, const MessageShape& shape);

} // namespace fl
