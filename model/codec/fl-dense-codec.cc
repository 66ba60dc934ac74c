/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/fl-dense-codec.h"

#include "ns3/fl-even-cut.h"
#include "ns3/fl-value-wire.h"

#include <cassert>
#include <cmath>

namespace fl
{

namespace
{

WireFormat
FormatOf(uint32_t bytes)
{
    return bytes == 2   ? WireFormat::DENSE16
           : bytes == 4 ? WireFormat::DENSE32
                        : WireFormat::DENSE64;
}

template <typename S>
class DenseDecoder : public SegmentDecoder<S>
{
  public:
    DenseDecoder(uint32_t size, ValueCode code)
        : m_size(size)
    {
        m_update.code = code;
    }

    SegmentFault Read(const SegmentView& segment, uint32_t& count) override
    {
        const uint32_t bytes = ValueBytes<S>(m_update.code);
        count = segment.length / bytes;
        return segment.length % bytes == 0 ? SegmentFault::NONE : SegmentFault::CODE;
    }

    void Keep(const SegmentView& segment, const Range& coordinates) override
    {
        m_update.values.resize(m_size);
        WithValueWire<S>(m_update.code,
                         [&](auto wire)
                         {
                             const auto* data = segment.data;
                             for (uint32_t i = coordinates.first; i < coordinates.end; ++i)
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
    uint32_t m_size;
    DenseUpdate<S> m_update;
};

} // namespace

template <typename S>
EncodedMessage
EncodeDense(const DenseUpdate<S>& update, uint32_t maxSegmentBytes)
{
    const auto size = static_cast<uint32_t>(update.values.size());
    const uint32_t bytes = ValueBytes<S>(update.code);
    EncodedMessage message{FormatOf(bytes), size, {}, {}, uint64_t{size} * bytes * 8};
    message.bytes.resize(std::size_t{size} * bytes);
    WithValueWire<S>(update.code,
                     [&](auto wire)
                     {
                         auto* data = message.bytes.data();
                         for (const S value : update.values)
                         {
                             assert(std::isnan(value) || RoundValue(value, update.code) == value);
                             wire.Store(value, data);
                             data += wire.BYTES;
                         }
                     });
    for (const auto& part : EvenCut(size, {bytes, 1}).Cut(maxSegmentBytes))
    {
        const uint32_t count = part.end - part.first;
        message.segments.push_back({part.first, count, part.first * bytes, count * bytes});
    }
    return message;
}

template <typename S>
SegmentDecoderPtr<S>
MakeDenseDecoder(WireFormat format, const MessageShape& shape)
{
    for (const auto code : {ValueCode::NATIVE, ValueCode::SINGLE, ValueCode::HALF})
    {
        if (format == FormatOf(ValueBytes<S>(code)))
        {
            return std::make_unique<DenseDecoder<S>>(shape.dimension, code);
        }
    }
    return nullptr;
}

template EncodedMessage EncodeDense(const DenseUpdate<float>& update, uint32_t maxSegmentBytes);
template EncodedMessage EncodeDense(const DenseUpdate<double>& update, uint32_t maxSegmentBytes);
template SegmentDecoderPtr<float> MakeDenseDecoder(WireFormat format, const MessageShape& shape);
template SegmentDecoderPtr<double> MakeDenseDecoder(WireFormat format, const MessageShape& shape);

} // namespace fl
