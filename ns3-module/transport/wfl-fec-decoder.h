/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef WFL_FEC_DECODER_H
#define WFL_FEC_DECODER_H

#include "ns3/fl-message.h"
#include "ns3/wfl-erasure-code.h"
#include "ns3/wfl-fec-layout.h"

#include <cstdint>
#include <map>
#include <vector>

namespace ns3
{
namespace wfl
{

/** Bytes in front of every symbol: what a segment's header says of it alone. */
constexpr uint32_t FEC_SYMBOL_HEADER_BYTES = 6;

/** A segment that was computed from others and parities. */
struct RecoveredSegment
{
    uint32_t index;            ///< its index in the message
    uint32_t first;            ///< its first coordinate
    std::vector<uint8_t> body; ///< its body
};

/**
 * Computes the parities of a message. What is coded of a segment, its symbol, is its first
 * coordinate in 4 bytes and the length of its body in 2, little endian, then the body and zeros up
 * to the longest of its block.
 * @param message the message
 * @param layout its layout
 * @return the bodies of the parities
 */
std::vector<ErasureCode::Symbol> ParitiesOf(const fl::EncodedMessage& message,
                                            const FecLayout& layout);

/** Computes the lost segments of one message as soon as enough of their block has arrived. */
class FecDecoder
{
  public:
    /** @param layout the message's layout */
    explicit FecDecoder(const FecLayout& layout);

    /**
     * @param index a segment that has arrived, its index in the message
     * @param first its first coordinate
     * @param body its body
     * @return the segments that can now be computed
     */
    std::vector<RecoveredSegment> AddSegment(uint32_t index,
                                             uint32_t first,
                                             const std::vector<uint8_t>& body);

    /**
     * @param index a parity that has arrived, its index among those of the message; one that there
     *        is not, or that does not fit the others of its block, is left aside
     * @param body its body
     * @return the segments that can now be computed
     */
    std::vector<RecoveredSegment> AddParity(uint32_t index, std::vector<uint8_t> body);

    /**
     * @param arrived whether a segment has arrived or was computed, by index
     * @return as few segments as will do to get all that are missing
     */
    fl::Ranges Needed(const std::vector<bool>& arrived) const;

  private:
    /** What has arrived of a block, while something of it is missing. */
    struct Block
    {
        std::map<uint32_t, ErasureCode::Symbol> segments; ///< by place, not padded
        std::map<uint32_t, ErasureCode::Symbol> parities; ///< by place, equally long
        bool over{false};                                 ///< whether nothing more is to be done
    };

    std::vector<RecoveredSegment> Recover(uint32_t block);

    FecLayout m_layout;
    std::vector<Block> m_blocks;
};

} // namespace wfl
} // namespace ns3

#endif // WFL_FEC_DECODER_H
