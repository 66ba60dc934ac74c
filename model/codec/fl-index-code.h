/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef FL_INDEX_CODE_H
#define FL_INDEX_CODE_H

#include "ns3/fl-bit-stream.h"
#include "ns3/fl-blocks.h"
#include "ns3/fl-message.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <vector>

namespace fl
{

/** How the places of the coordinates that have an entry travel. */
struct IndexCode
{
    /** The codings. */
    enum Kind
    {
        RICE,   ///< in front of each entry the gap to the one before, as a Golomb-Rice code
        RAW,    ///< in front of each entry its coordinate
        BITMAP, ///< in front of all entries a bit a coordinate
        OMEGA,  ///< in front of each entry the gap to the one before plus 1, as Elias omega code
    };

    Kind kind;         ///< which of them
    uint32_t width{0}; ///< RICE: the parameter; RAW: bits of a coordinate

    /**
     * The Golomb-Rice parameter is that for the density of the entries,
     * 1 + floor(log2(ln(phi - 1) / ln(1 - density))), phi being the golden ratio (Sattler et al.,
     * arXiv:1903.02891); an index takes ceil(log2(size)) bits.
     * @param kind which coding
     * @param entries number of entries
     * @param size number of coordinates
     * @return the coding for them
     */
    static IndexCode Make(Kind kind, std::size_t entries, uint32_t size);

    /**
     * @param index coordinate of an entry
     * @param from first coordinate behind the entry before
     * @return bits that the place of the entry takes
     */
    uint64_t EntryBits(uint32_t index, uint32_t from) const
    {
        switch (kind)
        {
        case RICE:
            return BitWriter::RiceBits(index - from, width);
        case RAW:
            return width;
        case OMEGA:
            return BitWriter::OmegaBits(index - from + 1);
        case BITMAP:
            break;
        }
        return 0;
    }

    /** @return bits that every coordinate takes, whether or not it has an entry */
    uint32_t CoordinateBits() const
    {
        return kind == BITMAP ? 1 : 0;
    }

    /**
     * @param indices coordinates of all entries, ascending
     * @param size number of coordinates
     * @return bits that the places take in one unlimited segment
     */
    uint64_t Bits(const std::vector<uint32_t>& indices, uint32_t size) const;

    /** @return bytes that a segment has in front of its scales: the parameter, of RICE */
    std::vector<uint8_t> Prefix() const;
};

/** What an index-coded message consists of besides its entries. */
struct IndexedMessage
{
    WireFormat format;                    ///< its number
    uint32_t size;                        ///< number of coordinates
    const std::vector<uint32_t>& indices; ///< the coordinates that have an entry, ascending
    IndexCode code;                       ///< how these travel
    std::vector<uint8_t> prefix;          ///< what stands at the front of every segment
    Blocks blocks{};                      ///< what the scales belong to; null if there are none
};

/** Where a segment ends. */
struct IndexedEnd
{
    uint32_t coordinate; ///< first coordinate behind it
    std::size_t entry;   ///< first entry behind it
};

/** Bytes of the number of coordinates in front of an index-coded segment that is not the last. */
constexpr uint32_t COUNT_BYTES = 4;

/**
 * Writes index-coded segments: in every segment but the last the number of its coordinates, then
 * the prefix, the scales of the blocks that it touches, and the places and contents of its entries.
 * A segment ends in front of the entry, or of the scale, that does not fit any more; a bitmap also
 * between coordinates without entry.
 *
 * @tparam Content has Bits(i), the bits of entry i's content, Write(writer, i), and
 *         WriteScales(bytes, blocks)
 */
template <typename Content>
class IndexedEncoder
{
  public:
    /**
     * @param source what to write; must outlive the encoder
     * @param content the entries; must outlive the encoder
     * @param maxSegmentBytes longest body of a segment
     */
    IndexedEncoder(const IndexedMessage& source, const Content& content, uint32_t maxSegmentBytes)
        : m_source(source),
          m_content(content),
          m_maxBits(uint64_t{maxSegmentBytes} * 8)
    {
    }

    /** @return the encoded message */
    EncodedMessage Run()
    {
        const uint64_t blocks = m_source.blocks ? m_source.blocks->size() : 0;
        m_message = {m_source.format,
                     m_source.size,
                     {},
                     {},
                     m_source.prefix.size() * 8 + blocks * 32 +
                         m_source.code.Bits(m_source.indices, m_source.size),
                     m_source.blocks};
        for (std::size_t i = 0; i < m_source.indices.size(); ++i)
        {
            m_message.paperBits += m_content.Bits(i);
        }
        for (IndexedEnd at{0, 0}; at.coordinate < m_source.size;)
        {
            at = WriteSegment(at);
        }
        return std::move(m_message);
    }

  private:
    /** How far a segment gets that begins at a place and whose codes take at most some bits. */
    IndexedEnd Reach(IndexedEnd at, uint64_t room) const
    {
        const auto& indices = m_source.indices;
        const uint32_t everyBits = m_source.code.CoordinateBits();
        const auto* ends = m_source.blocks.get();
        auto block = TouchedBlocks(m_source.blocks, {at.coordinate, at.coordinate + 1}).first;
        for (uint32_t from = at.coordinate; at.coordinate < m_source.size; ++block)
        {
            if (ends && !Spend(room, 32))
            {
                return at;
            }
            const uint32_t blockEnd = ends ? (*ends)[block] : m_source.size;
            while (at.coordinate < blockEnd)
            {
                const bool any = at.entry < indices.size() && indices[at.entry] < blockEnd;
                const uint32_t next = any ? indices[at.entry] : blockEnd;
                const uint64_t run = uint64_t{next - at.coordinate} * everyBits;
                if (!Spend(room, run))
                {
                    at.coordinate += static_cast<uint32_t>(room);
                    return at;
                }
                at.coordinate = next;
                if (any)
                {
                    if (!Spend(room,
                               everyBits + m_source.code.EntryBits(next, from) +
                                   m_content.Bits(at.entry)))
                    {
                        return at;
                    }
                    from = ++at.coordinate;
                    ++at.entry;
                }
            }
        }
        return at;
    }

    static bool Spend(uint64_t& room, uint64_t bits)
    {
        const bool fits = bits <= room;
        room -= fits ? bits : 0;
        return fits;
    }

    IndexedEnd WriteSegment(const IndexedEnd& begin)
    {
        const uint64_t room = m_maxBits - m_source.prefix.size() * 8;
        auto end = Reach(begin, room);
        const bool last = end.coordinate == m_source.size;
        if (!last)
        {
            end = Reach(begin, room - COUNT_BYTES * 8);
        }
        const Range range{begin.coordinate, end.coordinate};
        auto& bytes = m_message.bytes;
        BitWriter writer(bytes);
        if (!last)
        {
            writer.Write(range.end - range.first, COUNT_BYTES * 8);
        }
        bytes.insert(bytes.end(), m_source.prefix.begin(), m_source.prefix.end());
        m_content.WriteScales(bytes, TouchedBlocks(m_source.blocks, range));
        WriteEntries(writer, range, begin.entry, end.entry);
        m_message.EndSegment(range);
        return end;
    }

    void WriteEntries(BitWriter& writer, const Range& range, std::size_t begin, std::size_t end)
    {
        const auto& indices = m_source.indices;
        const auto& code = m_source.code;
        if (code.kind == IndexCode::BITMAP)
        {
            std::size_t i = begin;
            for (uint64_t first = range.first; first < range.end; first += 64)
            {
                uint64_t word = 0;
                for (; i < end && indices[i] < first + 64; ++i)
                {
                    word |= uint64_t{1} << (indices[i] - first);
                }
                writer.Write(word,
                             static_cast<uint32_t>(std::min<uint64_t>(64, range.end - first)));
            }
        }
        uint32_t from = range.first;
        for (std::size_t i = begin; i < end; ++i)
        {
            switch (code.kind)
            {
            case IndexCode::RICE:
                writer.WriteRice(indices[i] - from, code.width);
                break;
            case IndexCode::RAW:
                writer.Write(indices[i], code.width);
                break;
            case IndexCode::OMEGA:
                writer.WriteOmega(indices[i] - from + 1);
                break;
            case IndexCode::BITMAP:
                break;
            }
            m_content.Write(writer, i);
            from = indices[i] + 1;
        }
        if (code.kind == IndexCode::RICE || code.kind == IndexCode::OMEGA)
        {
            writer.PadWithOnes();
        }
        else
        {
            writer.PadWithZeros();
        }
    }

    const IndexedMessage& m_source;
    const Content& m_content;
    uint64_t m_maxBits;
    EncodedMessage m_message{};
};

/** Reads an index-coded segment from its front to its end. */
class IndexedReader
{
  public:
    /**
     * @param segment the segment; must outlive the reader
     * @param size number of coordinates of the message
     */
    IndexedReader(const SegmentView& segment, uint32_t size);

    /**
     * Reads the number of coordinates.
     * @return NONE, or why the segment is refused
     */
    SegmentFault ReadCount();

    /** @return the coordinates of the segment */
    const Range& Coordinates() const
    {
        return m_range;
    }

    /** @return where to read the prefix */
    BitReader& Bits()
    {
        return m_bits;
    }

    /**
     * Reads whole bytes.
     * @param count how many
     * @return the bytes, or nothing if fewer are left; what was read before must be whole bytes
     */
    std::optional<const uint8_t*> ReadBytes(uint64_t count);

    /**
     * Reads the prefix of a coding.
     * @param kind the coding
     * @return the coding with its width, or nothing if there is no such prefix
     */
    std::optional<IndexCode> ReadCode(IndexCode::Kind kind);

    /**
     * Reads all entries up to the end of the segment.
     * @tparam ReadContent
     * @param code how their places travel
     * @param indices their coordinates are appended here
     * @param readContent reads an entry's content: readContent(BitReader&) returns false if it is
     *                    not right
     * @return whether it is what an encoder writes
     */
    template <typename ReadContent>
    bool ReadEntries(const IndexCode& code, std::vector<uint32_t>& indices, ReadContent readContent)
    {
        if (code.kind == IndexCode::BITMAP)
        {
            if (!ReadBitmap(indices))
            {
                return false;
            }
            for (std::size_t i = 0; i < indices.size(); ++i)
            {
                if (!readContent(m_bits))
                {
                    return false;
                }
            }
            return m_bits.OnlyPadding(0);
        }
        // Padding is no entry: an unfinished code, or zeros and so an index that does not ascend.
        const uint32_t padding = code.kind == IndexCode::RAW ? 0 : 1;
        for (uint32_t from = m_range.first; m_bits.Left() > 0; from = indices.back() + 1)
        {
            const auto before = m_bits;
            const auto index = ReadIndex(code, from);
            if (!index)
            {
                return before.OnlyPadding(padding);
            }
            if (*index >= m_range.end || !readContent(m_bits))
            {
                return false;
            }
            indices.push_back(static_cast<uint32_t>(*index));
        }
        return true;
    }

  private:
    bool ReadBitmap(std::vector<uint32_t>& indices);
    std::optional<uint64_t> ReadIndex(const IndexCode& code, uint32_t from);

    const SegmentView& m_segment;
    uint32_t m_size;
    Range m_range{0, 0};
    BitReader m_bits;
};

} // namespace fl

#endif // FL_INDEX_CODE_H
