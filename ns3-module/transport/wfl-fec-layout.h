/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef WFL_FEC_LAYOUT_H
#define WFL_FEC_LAYOUT_H

#include <cstdint>
#include <vector>

namespace ns3
{
namespace wfl
{

/** A block code (n, k) and how many of its blocks are interleaved. */
struct FecParameters
{
    uint32_t k{1};     ///< most segments of a block
    uint32_t n{1};     ///< segments and parities of a full block; k for no parities
    uint32_t depth{1}; ///< number of blocks whose segments take turns

    /** @return whether there are parities */
    bool IsOn() const
    {
        return n > k;
    }
};

/**
 * Which segments of a message share a block, which parities protect it, and the order in which all
 * leave. Both ends know it from the number of segments.
 *
 * The message is cut into as few equal parts of at most depth * k segments as possible, and each
 * part into as few blocks of at most k segments as possible (the idea of RFC 5052, section 9.1).
 * The blocks of a part take turns: its segments are dealt to them one by one, then their parities.
 * Each has s (n - k) / k parities, rounded up, where s is the number of segments of the longest of
 * them: the rate of the code holds for short messages, too. A burst that takes from a part as many
 * datagrams in a row as its blocks have parities together can be mended.
 */
class FecLayout
{
  public:
    /** A block of a message. */
    struct Block
    {
        std::vector<uint32_t> segments; ///< their indices in the message, ascending
        std::vector<uint32_t> parities; ///< their indices among the parities of the message
    };

    /** Where a segment or a parity belongs. */
    struct Place
    {
        uint32_t block;  ///< its block
        uint32_t symbol; ///< its place among the segments or among the parities of the block
    };

    /** A datagram of a message. */
    struct Datagram
    {
        bool isParity;  ///< whether it is one of the parities
        uint32_t index; ///< among the segments or among the parities
    };

    /**
     * @param segments number of segments of the message
     * @param parameters the code
     */
    FecLayout(uint32_t segments, const FecParameters& parameters);

    /** @return all blocks */
    const std::vector<Block>& Blocks() const;

    /** @return the block and the place of every segment */
    const std::vector<Place>& Segments() const;

    /** @return the block and the place of every parity */
    const std::vector<Place>& Parities() const;

    /** @return all datagrams in the order in which they leave */
    const std::vector<Datagram>& Order() const;

  private:
    void AddPart(uint32_t first, uint32_t end, const FecParameters& parameters);

    std::vector<Block> m_blocks;
    std::vector<Place> m_segments;
    std::vector<Place> m_parities;
    std::vector<Datagram> m_order;
};

} // namespace wfl
} // namespace ns3

#endif // WFL_FEC_LAYOUT_H
