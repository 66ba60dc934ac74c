/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef FL_VOTE_COUNTER_H
#define FL_VOTE_COUNTER_H

#include "ns3/fl-ranges.h"
#include "ns3/fl-update.h"

#include <cstdint>
#include <vector>

namespace fl
{

/**
 * Counts how often each bit of a row of 64-bit words was set, 64 counts at a time: plane k holds
 * bit k of every count. Additions are carry-save: a plane keeps one word row waiting and adds the
 * next two together with itself (a full adder), so that a row costs one full adder on average,
 * however large the counts are.
 */
class BitSlicedCounter
{
  public:
    /** @param words number of words of a row */
    explicit BitSlicedCounter(std::size_t words);

    /** @param bits a row; each bit that is set counts 1 */
    void Add(std::vector<uint64_t> bits);

    /**
     * @param i a bit, i % 64 of word i / 64
     * @return how often it was set
     */
    uint32_t At(uint32_t i) const;

    /**
     * @return the counts, least significant plane first; no plane if nothing was added. Everything
     * is forgotten
     */
    std::vector<std::vector<uint64_t>> Take();

  private:
    /** One bit of every count. */
    struct Plane
    {
        std::vector<uint64_t> sum;     ///< what was added
        std::vector<uint64_t> waiting; ///< a row of the same weight not yet added; may be empty
    };

    std::size_t m_words;
    std::vector<Plane> m_planes; ///< least significant first
};

/** What a vote says of every coordinate, as words like those of a SignUpdate. */
struct Ballot
{
    std::vector<uint64_t> positive; ///< more votes for plus than for minus
    std::vector<uint64_t> negative; ///< more votes for minus than for plus
    std::vector<uint64_t> tied;     ///< as many for plus as for minus, and at least one
    std::vector<uint64_t> lost;     ///< somebody's vote did not arrive
};

/**
 * Counts votes for plus and minus, coordinate by coordinate. A vote that was lost and a ternary
 * vote of 0 are abstentions.
 */
class VoteCounter
{
  public:
    static constexpr uint32_t MAX_VOTERS = 65535; ///< largest number of votes for a coordinate

    /** @param size number of coordinates */
    explicit VoteCounter(uint32_t size);

    /**
     * @param signs a vote for every coordinate
     * @param missing coordinates for which it was lost, ascending
     */
    void Add(const SignUpdate& signs, const Ranges& missing);

    /**
     * @param trits a vote for every coordinate, 0 for none
     * @param missing coordinates for which it was lost, ascending
     */
    void Add(const TernaryUpdate& trits, const Ranges& missing);

    /**
     * @param i a coordinate
     * @return votes for plus less votes for minus
     */
    int32_t Margin(uint32_t i) const;

    /** @return the result; everything is forgotten */
    Ballot Take();

  private:
    uint32_t m_size;
    uint32_t m_voters{0};         ///< votes added
    BitSlicedCounter m_negative;  ///< votes for minus
    BitSlicedCounter m_silent;    ///< abstentions
    std::vector<uint64_t> m_lost; ///< words whose bits are set where a vote was lost
};

} // namespace fl

#endif // FL_VOTE_COUNTER_H
