/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef FL_UPDATE_H
#define FL_UPDATE_H

#include "ns3/fl-ranges.h"

#include <cstdint>
#include <variant>
#include <vector>

namespace fl
{

/**
 * One number for every coordinate: a gradient, a model, a change of a model.
 * @tparam S the scalar, float or double
 */
template <typename S>
struct DenseUpdate
{
    std::vector<S> values; ///< one a coordinate
};

/** One sign for every coordinate, packed 64 to a word. */
struct SignUpdate
{
    uint32_t size{0};            ///< number of coordinates
    std::vector<uint64_t> words; ///< bit i % 64 of word i / 64 is set iff coordinate i is negative;
                                 ///< bits behind the last coordinate are 0

    /**
     * @param count number of coordinates
     * @return a sign update of which all are positive
     */
    static SignUpdate Positive(uint32_t count)
    {
        return {count, std::vector<uint64_t>((count + 63) / 64, 0)};
    }

    /**
     * @param i a coordinate
     * @return whether it is negative
     */
    bool Negative(uint32_t i) const
    {
        return (words[i / 64] >> (i % 64)) & 1;
    }
};

/** Minus one, zero or one for every coordinate, packed 64 to a pair of words. */
struct TernaryUpdate
{
    uint32_t size{0};               ///< number of coordinates
    std::vector<uint64_t> positive; ///< bit i % 64 of word i / 64 is set iff coordinate i is +1
    std::vector<uint64_t> negative; ///< the same for -1

    /**
     * @param count number of coordinates
     * @return a ternary update of zeros
     */
    static TernaryUpdate Zero(uint32_t count)
    {
        const std::vector<uint64_t> words((count + 63) / 64, 0);
        return {count, words, words};
    }

    /**
     * @param i a coordinate
     * @return its value, -1, 0 or 1
     */
    int At(uint32_t i) const
    {
        return static_cast<int>((positive[i / 64] >> (i % 64)) & 1) -
               static_cast<int>((negative[i / 64] >> (i % 64)) & 1);
    }

    /**
     * @param i a coordinate whose value is still 0
     * @param value -1, 0 or 1
     */
    void Set(uint32_t i, int value)
    {
        positive[i / 64] |= uint64_t{value > 0} << (i % 64);
        negative[i / 64] |= uint64_t{value < 0} << (i % 64);
    }
};

/**
 * Numbers for some coordinates; the others are 0.
 * @tparam S the scalar, float or double
 */
template <typename S>
struct SparseUpdate
{
    uint32_t size{0};              ///< number of coordinates of the whole
    std::vector<uint32_t> indices; ///< the coordinates that have a value, ascending
    std::vector<S> values;         ///< their values, in the same order
};

/**
 * What the two halves of an algorithm exchange. The codec turns it into segments and back.
 * @tparam S the scalar, float or double
 */
template <typename S>
using Update = std::variant<DenseUpdate<S>, SignUpdate, TernaryUpdate, SparseUpdate<S>>;

/**
 * An update as it arrived: coordinates in the missing ranges were lost, and what stands there in
 * the update (0, or a positive sign) means nothing.
 * @tparam S the scalar, float or double
 */
template <typename S>
struct ReceivedUpdate
{
    Update<S> update; ///< the decoded update, of full size
    Ranges missing;   ///< coordinates that did not arrive, ascending

    /** @return whether everything arrived */
    bool Complete() const
    {
        return missing.empty();
    }
};

} // namespace fl

#endif // FL_UPDATE_H
