/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef FL_BIT_STREAM_H
#define FL_BIT_STREAM_H

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace fl
{

/** Appends bits to bytes, least significant bit of a byte first. */
class BitWriter
{
  public:
    /** @param bytes where whole bytes are appended; must outlive the writer */
    explicit BitWriter(std::vector<uint8_t>& bytes);

    /**
     * @param value the bits, least significant first
     * @param count how many, 0 to 64
     */
    void Write(uint64_t value, uint32_t count);

    /**
     * Writes a Golomb-Rice code: the quotient by 2^parameter as ones closed by a zero, then the
     * remainder (Golomb 1966, Rice 1979).
     * @param value the number
     * @param parameter number of bits of the remainder, 0 to 31
     */
    void WriteRice(uint32_t value, uint32_t parameter);

    /**
     * Writes an Elias omega code (Elias 1975): groups, each the binary image of a number that
     * begins with a one, and a zero behind the last. The first group says how many bits follow in
     * the second, and so on to the number itself. Behind a group's leading one its other bits stand
     * least significant first.
     * @param value the number, at least 1
     */
    void WriteOmega(uint32_t value);

    /**
     * Fills the last byte up with ones: an unfinished Golomb-Rice or Elias code, which means the
     * end.
     */
    void PadWithOnes();

    /** Fills the last byte up with zeros. */
    void PadWithZeros();

    /**
     * @param value a number
     * @param parameter number of bits of the remainder
     * @return number of bits that WriteRice would write
     */
    static uint64_t RiceBits(uint32_t value, uint32_t parameter)
    {
        return (value >> parameter) + 1 + parameter;
    }

    /**
     * @param value a number, at least 1
     * @return number of bits that WriteOmega would write
     */
    static uint32_t OmegaBits(uint32_t value);

  private:
    void WriteGroups(uint32_t value);

    std::vector<uint8_t>& m_bytes;
    uint64_t m_pending{0};     ///< bits not yet appended
    uint32_t m_pendingBits{0}; ///< how many, less than 8 between calls
};

/**
 * @param value a number
 * @return number of bits up to its highest one, 0 for 0
 */
inline uint32_t
BitWidth(uint32_t value)
{
    return value == 0 ? 0 : 32 - static_cast<uint32_t>(__builtin_clz(value));
}

/** Reads what BitWriter wrote, and never past the end. */
class BitReader
{
  public:
    /**
     * @param data the bytes
     * @param length how many
     */
    BitReader(const uint8_t* data, std::size_t length);

    /**
     * @param count number of bits, 0 to 64
     * @return the bits, or nothing if fewer are left
     */
    std::optional<uint64_t> Read(uint32_t count);

    /**
     * @param parameter number of bits of the remainder, 0 to 31
     * @return the number, or nothing if the code is not finished or exceeds 32 bits
     */
    std::optional<uint32_t> ReadRice(uint32_t parameter);

    /** @return the number, or nothing if the Elias omega code is not finished or exceeds 32 bits */
    std::optional<uint32_t> ReadOmega();

    /**
     * @param bit 0 or 1
     * @return whether what is left is less than a byte, all of it this bit
     */
    bool OnlyPadding(uint32_t bit) const;

    /** @param count number of bits to pass over, at most Left() */
    void Skip(uint64_t count)
    {
        m_position += count;
    }

    /** @return number of bits not yet read */
    uint64_t Left() const
    {
        return m_end - m_position;
    }

  private:
    uint64_t Window() const;

    const uint8_t* m_data;
    uint64_t m_position{0}; ///< in bits
    uint64_t m_end;         ///< in bits
};

} // namespace fl

#endif // FL_BIT_STREAM_H
