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

    /** Fills the last byte up with ones: an unfinished Golomb-Rice code, which means the end. */
    void PadWithOnes();

    /**
     * @param value a number
     * @param parameter number of bits of the remainder
     * @return number of bits that WriteRice would write
     */
    static uint64_t RiceBits(uint32_t value, uint32_t parameter)
    {
        return (value >> parameter) + 1 + parameter;
    }

  private:
    std::vector<uint8_t>& m_bytes;
    uint64_t m_pending{0};     ///< bits not yet appended
    uint32_t m_pendingBits{0}; ///< how many, less than 8 between calls
};

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

    /** @return number of bits not yet read */
    uint64_t Left() const
    {
        return m_end - m_position;
    }

  private:
    const uint8_t* m_data;
    uint64_t m_position{0}; ///< in bits
    uint64_t m_end;         ///< in bits
};

} // namespace fl

#endif // FL_BIT_STREAM_H
