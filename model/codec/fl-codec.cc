/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/fl-codec.h"

#include "ns3/fl-bit-stream.h"

#include <algorithm>
#include <boost/endian/conversion.hpp>
#include <cassert>
#include <cmath>
#include <cstring>

namespace fl
{

namespace
{

/** The formats and the wire image of each scalar. */
template <typename S>
struct Wire;

template <>
struct Wire<float>
{
    using Bits = uint32_t;
    static constexpr WireFormat DENSE = WireFormat::DENSE32;
    static constexpr WireFormat RICE = WireFormat::RICE32;
};

template <>
struct Wire<double>
{
    using Bits = uint64_t;
    static constexpr WireFormat DENSE = WireFormat::DENSE64;
    static constexpr WireFormat RICE = WireFormat::RICE64;
};

template <typename S>
typename Wire<S>::Bits
ToBits(S value)
{
    typename Wire<S>::Bits bits;
    std::memcpy(&bits, &value, sizeof bits);
    return bits;
}

template <typename S>
S
FromBits(typename Wire<S>::Bits bits)
{
    S value;
    std::memcpy(&value, &bits, sizeof value);
    return value;
}

/** Bytes of the number of coordinates in front of a sparse segment that is not the last. */
constexpr uint32_t COUNT_BYTES = 4;

template <typename S>
EncodedMessage
EncodeDense(const DenseUpdate<S>& update, uint32_t maxSegmentBytes)
{
    const auto size = static_cast<uint32_t>(update.values.size());
    EncodedMessage message{Wire<S>::DENSE, size, {}, {}, uint64_t{size} * sizeof(S) * 8};
    message.bytes.resize(std::size_t{size} * sizeof(S));
    for (uint32_t i = 0; i < size; ++i)
    {
        const auto bits = boost::endian::native_to_little(ToBits(update.values[i]));
        std::memcpy(message.bytes.data() + std::size_t{i} * sizeof(S), &bits, sizeof bits);
    }
    const auto step = static_cast<uint32_t>(maxSegmentBytes / sizeof(S));
    for (uint32_t first = 0, count = 0; first < size; first += count)
    {
        count = std::min(step, size - first);
        message.segments.push_back({first,
                                    count,
                                    first * static_cast<uint32_t>(sizeof(S)),
                                    count * static_cast<uint32_t>(sizeof(S))});
    }
    return message;
}

EncodedMessage
EncodeSigns(const SignUpdate& update, uint32_t maxSegmentBytes)
{
    EncodedMessage message{WireFormat::SIGN, update.size, {}, {}, update.size};
    message.bytes.resize((update.size + 7) / 8);
    for (std::size_t i = 0; i < message.bytes.size(); ++i)
    {
        message.bytes[i] = static_cast<uint8_t>(update.words[i / 8] >> (i % 8 * 8));
    }
    const uint64_t step = uint64_t{maxSegmentBytes} * 8;
    for (uint32_t first = 0, count = 0; first < update.size; first += count)
    {
        count = static_cast<uint32_t>(std::min<uint64_t>(step, update.size - first));
        message.segments.push_back({first, count, first / 8, (count + 7) / 8});
    }
    return message;
}

EncodedMessage
EncodeTernary(const TernaryUpdate& update, uint32_t maxSegmentBytes)
{
    EncodedMessage message{WireFormat::TERNARY, update.size, {}, {}, 0};
    message.bytes.reserve((update.size + 4) / 5);
    for (uint32_t first = 0; first < update.size; first += 5)
    {
        uint32_t byte = 0;
        for (uint32_t i = std::min(first + 5, update.size); i-- > first;)
        {
            byte = byte * 3 + static_cast<uint32_t>(update.At(i) + 1);
        }
        message.bytes.push_back(static_cast<uint8_t>(byte));
    }
    message.paperBits = message.bytes.size() * 8;
    const uint64_t step = uint64_t{maxSegmentBytes} * 5;
    for (uint32_t first = 0, count = 0; first < update.size; first += count)
    {
        count = static_cast<uint32_t>(std::min<uint64_t>(step, update.size - first));
        message.segments.push_back({first, count, first / 5, (count + 4) / 5});
    }
    return message;
}

/**
 * The best Rice parameter for positions of the given density, Sattler et al. (arXiv:1903.02891):
 * 1 + floor(log2(ln(phi - 1) / ln(1 - density))), phi being the golden ratio.
 */
uint32_t
RiceParameter(std::size_t nonzeros, uint32_t size)
{
    if (nonzeros == 0 || nonzeros == size)
    {
        return 0;
    }
    const double density = static_cast<double>(nonzeros) / size;
    const double phi = (std::sqrt(5.0) + 1) / 2;
    const double best = 1 + std::floor(std::log2(std::log(phi - 1) / std::log1p(-density)));
    return static_cast<uint32_t>(std::clamp(best, 0.0, 31.0));
}

/** Writes the sparse segments of one update, one after the other. */
template <typename S>
class SparseEncoder
{
  public:
    SparseEncoder(const SparseUpdate<S>& update, uint32_t maxSegmentBytes)
        : m_update(update),
          m_maxBits(uint64_t{maxSegmentBytes} * 8),
          m_parameter(RiceParameter(update.indices.size(), update.size)),
          m_message{Wire<S>::RICE, update.size, {}, {}, 8}
    {
        // The bits of all values from one on, were its segment to begin right behind its
        // predecessor; they say where the rest fits a single segment.
        m_bitsFrom.resize(update.indices.size() + 1);
        for (std::size_t i = update.indices.size(); i-- > 0;)
        {
            m_bitsFrom[i] = m_bitsFrom[i + 1] + EntryBits(i, Predecessor(i));
        }
        m_message.paperBits += m_bitsFrom[0];
    }

    EncodedMessage Run()
    {
        while (!m_done)
        {
            WriteSegment();
        }
        return std::move(m_message);
    }

  private:
    /** First coordinate behind value i - 1: where the gap to value i is counted from. */
    uint32_t Predecessor(std::size_t i) const
    {
        return i == 0 ? 0 : m_update.indices[i - 1] + 1;
    }

    uint64_t EntryBits(std::size_t i, uint32_t from) const
    {
        return BitWriter::RiceBits(m_update.indices[i] - from, m_parameter) + 8 * sizeof(S);
    }

    void WriteSegment()
    {
        const std::size_t values = m_update.indices.size();
        const std::size_t begin = m_next;
        const uint64_t restBits =
            begin == values ? 0 : EntryBits(begin, m_first) + m_bitsFrom[begin + 1];
        m_done = 8 + restBits <= m_maxBits;
        std::size_t end = m_done ? values : begin;
        if (!m_done)
        {
            // A value whose gap alone fills a segment leaves this one empty and begins the next.
            uint64_t bits = 8 + 8 * COUNT_BYTES;
            for (uint32_t from = m_first; true; from = m_update.indices[end++] + 1)
            {
                bits += EntryBits(end, from);
                if (bits > m_maxBits)
                {
                    break;
                }
            }
        }
        const uint32_t stop = m_done ? m_update.size : m_update.indices[end];
        const auto offset = static_cast<uint32_t>(m_message.bytes.size());
        BitWriter writer(m_message.bytes);
        if (!m_done)
        {
            writer.Write(stop - m_first, 8 * COUNT_BYTES);
        }
        writer.Write(m_parameter, 8);
        uint32_t from = m_first;
        for (std::size_t i = begin; i < end; ++i)
        {
            writer.WriteRice(m_update.indices[i] - from, m_parameter);
            writer.Write(ToBits(m_update.values[i]), 8 * sizeof(S));
            from = m_update.indices[i] + 1;
        }
        writer.PadWithOnes();
        m_message.segments.push_back({m_first,
                                      stop - m_first,
                                      offset,
                                      static_cast<uint32_t>(m_message.bytes.size()) - offset});
        m_next = end;
        m_first = stop;
    }

    const SparseUpdate<S>& m_update;
    uint64_t m_maxBits;
    uint32_t m_parameter;
    EncodedMessage m_message;
    std::vector<uint64_t> m_bitsFrom;
    std::size_t m_next{0}; ///< first value not yet written
    uint32_t m_first{0};   ///< first coordinate not yet covered
    bool m_done{false};
};

} // namespace

template <typename S>
EncodedMessage
Encode(const Update<S>& update, uint32_t maxSegmentBytes)
{
    assert(maxSegmentBytes >= MIN_SEGMENT_BYTES);
    if (const auto* dense = std::get_if<DenseUpdate<S>>(&update))
    {
        return EncodeDense(*dense, maxSegmentBytes);
    }
    if (const auto* signs = std::get_if<SignUpdate>(&update))
    {
        return EncodeSigns(*signs, maxSegmentBytes);
    }
    if (const auto* ternary = std::get_if<TernaryUpdate>(&update))
    {
        return EncodeTernary(*ternary, maxSegmentBytes);
    }
    return SparseEncoder<S>(std::get<SparseUpdate<S>>(update), maxSegmentBytes).Run();
}

const char*
Describe(SegmentFault fault)
{
    switch (fault)
    {
    case SegmentFault::NONE:
        return "none";
    case SegmentFault::FORMAT:
        return "wrong format";
    case SegmentFault::RANGE:
        return "coordinates out of range";
    case SegmentFault::OVERLAP:
        return "coordinates twice";
    case SegmentFault::CODE:
        return "malformed body";
    }
    return "unknown";
}

template <typename S>
UpdateAssembler<S>::UpdateAssembler(uint32_t dimension)
    : m_dimension(dimension)
{
}

template <typename S>
SegmentFault
UpdateAssembler<S>::Add(const SegmentView& segment)
{
    // Every segment before and behind this one holds a coordinate at least.
    if (segment.index >= segment.total || segment.first >= m_dimension ||
        (segment.index == 0) != (segment.first == 0) || segment.index > segment.first ||
        segment.total - segment.index > m_dimension - segment.first)
    {
        return SegmentFault::RANGE;
    }
    if (m_started && segment.format != m_format)
    {
        return SegmentFault::FORMAT;
    }
    SegmentFault fault = SegmentFault::FORMAT;
    if (segment.format == Wire<S>::DENSE)
    {
        fault = AddDense(segment);
    }
    else if (segment.format == WireFormat::SIGN)
    {
        fault = AddSigns(segment);
    }
    else if (segment.format == WireFormat::TERNARY)
    {
        fault = AddTernary(segment);
    }
    else if (segment.format == Wire<S>::RICE)
    {
        fault = AddSparse(segment);
    }
    if (fault == SegmentFault::NONE)
    {
        m_started = true;
        m_format = segment.format;
    }
    return fault;
}

/** Takes the coordinates of a segment, unless they do not fit its place or are taken already. */
template <typename S>
SegmentFault
UpdateAssembler<S>::Claim(const SegmentView& segment, uint32_t count)
{
    const bool last = segment.index + 1 == segment.total;
    if (count == 0 || count > m_dimension - segment.first ||
        last != (segment.first + count == m_dimension))
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
SegmentFault
UpdateAssembler<S>::AddDense(const SegmentView& segment)
{
    if (segment.length % sizeof(S) != 0)
    {
        return SegmentFault::CODE;
    }
    const auto count = static_cast<uint32_t>(segment.length / sizeof(S));
    if (const auto fault = Claim(segment, count); fault != SegmentFault::NONE)
    {
        return fault;
    }
    m_dense.values.resize(m_dimension);
    for (uint32_t i = 0; i < count; ++i)
    {
        typename Wire<S>::Bits bits;
        std::memcpy(&bits, segment.data + std::size_t{i} * sizeof(S), sizeof bits);
        m_dense.values[segment.first + i] = FromBits<S>(boost::endian::little_to_native(bits));
    }
    return SegmentFault::NONE;
}

template <typename S>
SegmentFault
UpdateAssembler<S>::AddSigns(const SegmentView& segment)
{
    const uint32_t left = m_dimension - segment.first;
    const uint32_t count = segment.length > left / 8 ? left : segment.length * 8;
    if (segment.first % 8 != 0 || (count + 7) / 8 != segment.length)
    {
        return SegmentFault::CODE;
    }
    if (const auto fault = Claim(segment, count); fault != SegmentFault::NONE)
    {
        return fault;
    }
    if (m_signs.words.empty())
    {
        m_signs = SignUpdate::Positive(m_dimension);
    }
    for (uint32_t i = 0; i < segment.length; ++i)
    {
        const uint32_t bits = std::min(8u, count - i * 8);
        const uint32_t byte = segment.data[i] & ((1u << bits) - 1);
        const uint32_t place = segment.first + i * 8;
        m_signs.words[place / 64] |= uint64_t{byte} << (place % 64);
    }
    return SegmentFault::NONE;
}

template <typename S>
SegmentFault
UpdateAssembler<S>::AddTernary(const SegmentView& segment)
{
    constexpr uint32_t codes = 3 * 3 * 3 * 3 * 3;
    const uint32_t left = m_dimension - segment.first;
    const uint32_t count = segment.length > left / 5 ? left : segment.length * 5;
    if (segment.first % 5 != 0 || (count + 4) / 5 != segment.length ||
        std::any_of(segment.data,
                    segment.data + segment.length,
                    [](uint8_t byte) { return byte >= codes; }))
    {
        return SegmentFault::CODE;
    }
    if (const auto fault = Claim(segment, count); fault != SegmentFault::NONE)
    {
        return fault;
    }
    if (m_ternary.positive.empty())
    {
        m_ternary = TernaryUpdate::Zero(m_dimension);
    }
    for (uint32_t i = 0; i < count; i += 5)
    {
        uint32_t byte = segment.data[i / 5];
        for (uint32_t j = i; j < std::min(i + 5, count); ++j, byte /= 3)
        {
            m_ternary.Set(segment.first + j, static_cast<int>(byte % 3) - 1);
        }
    }
    return SegmentFault::NONE;
}

template <typename S>
SegmentFault
UpdateAssembler<S>::AddSparse(const SegmentView& segment)
{
    BitReader reader(segment.data, segment.length);
    const bool last = segment.index + 1 == segment.total;
    const auto count = last ? uint64_t{m_dimension - segment.first} : reader.Read(8 * COUNT_BYTES);
    const auto parameter = reader.Read(8);
    if (!count || !parameter || *parameter > 31)
    {
        return SegmentFault::CODE;
    }
    if (*count > m_dimension - segment.first)
    {
        return SegmentFault::RANGE;
    }
    SparsePart part;
    uint64_t position = segment.first;
    const uint64_t end = position + *count;
    uint64_t left = reader.Left();
    while (const auto gap = reader.ReadRice(static_cast<uint32_t>(*parameter)))
    {
        const auto bits = reader.Read(8 * sizeof(S));
        position += *gap;
        if (!bits || position >= end)
        {
            return SegmentFault::CODE;
        }
        part.indices.push_back(static_cast<uint32_t>(position));
        part.values.push_back(FromBits<S>(static_cast<typename Wire<S>::Bits>(*bits)));
        ++position;
        left = reader.Left();
    }
    if (left >= 8)
    {
        return SegmentFault::CODE;
    }
    if (const auto fault = Claim(segment, static_cast<uint32_t>(*count));
        fault != SegmentFault::NONE)
    {
        return fault;
    }
    m_sparse.emplace(segment.first, std::move(part));
    return SegmentFault::NONE;
}

template <typename S>
ReceivedUpdate<S>
UpdateAssembler<S>::Finish()
{
    ReceivedUpdate<S> received;
    Ranges present;
    for (const auto& [first, end] : m_present)
    {
        Append(present, {first, end});
    }
    received.missing = Complement(present, m_dimension);
    if (m_started && m_format == WireFormat::SIGN)
    {
        received.update = std::move(m_signs);
    }
    else if (m_started && m_format == WireFormat::TERNARY)
    {
        received.update = std::move(m_ternary);
    }
    else if (m_started && m_format == Wire<S>::RICE)
    {
        SparseUpdate<S> sparse{m_dimension, {}, {}};
        for (const auto& [first, part] : m_sparse)
        {
            sparse.indices.insert(sparse.indices.end(), part.indices.begin(), part.indices.end());
            sparse.values.insert(sparse.values.end(), part.values.begin(), part.values.end());
        }
        received.update = std::move(sparse);
    }
    else
    {
        m_dense.values.resize(m_dimension);
        received.update = std::move(m_dense);
    }
    *this = UpdateAssembler(m_dimension);
    return received;
}

template EncodedMessage Encode(const Update<float>& update, uint32_t maxSegmentBytes);
template EncodedMessage Encode(const Update<double>& update, uint32_t maxSegmentBytes);
template class UpdateAssembler<float>;
template class UpdateAssembler<double>;

} // namespace fl
