/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef FL_UPDATE_H
#define FL_UPDATE_H

#include "ns3/fl-blocks.h"
#include "ns3/fl-ranges.h"

#include <cstdint>
#include <variant>
#include <vector>

namespace fl
{

/** How a number travels. What it cannot hold must have been rounded before, see RoundValue(). */
enum class ValueCode : uint8_t
{
    NATIVE, ///< as the scalar itself
    SINGLE, ///< IEEE 754 binary32
    HALF,   ///< IEEE 754 binary16
};

/** How the places of a sparse update's values travel. */
enum class PositionCode : uint8_t
{
    CHEAPEST, ///< whichever of the next three is shortest for this update
    RICE,     ///< Golomb-Rice coded gaps
    RAW,      ///< an index of ceil(log2(size)) bits each
    BITMAP,   ///< a bit a coordinate
};

/**
 * One number for every coordinate: a gradient, a model, a change of a model.
 * @tparam S the scalar, float or double
 */
template <typename S>
struct DenseUpdate
{
    std::vector<S> values;             ///< one a coordinate
    ValueCode code{ValueCode::NATIVE}; ///< how they travel
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
    uint32_t size{0};                  ///< number of coordinates of the whole
    std::vector<uint32_t> indices;     ///< the coordinates that have a value, ascending
    std::vector<S> values;             ///< their values, in the same order
    ValueCode code{ValueCode::NATIVE}; ///< how the values travel
    PositionCode positions{PositionCode::CHEAPEST}; ///< how the indices travel
};

/**
 * Numbers for coordinates that both ends draw from the same seed, so that no index travels. See
 * DrawPositions().
 * @tparam S the scalar, float or double
 */
template <typename S>
struct SeededUpdate
{
    uint32_t size{0};                  ///< number of coordinates of the whole
    uint64_t seed{0};                  ///< of the draw
    std::vector<S> values;             ///< at the drawn coordinates, in ascending order of these
    ValueCode code{ValueCode::NATIVE}; ///< how the values travel
};

/**
 * A sign for every coordinate and magnitudes for every block, sent as binary32: 1-bit methods with
 * a scale.
 * @tparam S the scalar, float or double
 */
template <typename S>
struct ScaledSignUpdate
{
    SignUpdate signs;     ///< one a coordinate
    Blocks blocks;        ///< what the scales belong to
    std::vector<S> plus;  ///< by block, what a positive coordinate is worth
    std::vector<S> minus; ///< by block, what a negative one is worth, itself negative; empty for
                          ///< the opposite of plus, which then travels alone

    /**
     * @param i a coordinate
     * @param block its block
     * @return its value
     */
    S At(uint32_t i, std::size_t block) const
    {
        return !signs.Negative(i) ? plus[block] : minus.empty() ? -plus[block] : minus[block];
    }
};

/**
 * -1, 0 or 1 for every coordinate, times a magnitude for every block, sent as binary32.
 * @tparam S the scalar, float or double
 */
template <typename S>
struct ScaledTernaryUpdate
{
    TernaryUpdate trits;   ///< one a coordinate
    Blocks blocks;         ///< what the scales belong to
    std::vector<S> scales; ///< by block
};

/** How the levels of a quantised update travel. */
enum class LevelCode : uint8_t
{
    FIXED, ///< a sign and ceil(log2(steps + 1)) bits for every coordinate
    ELIAS, ///< Elias omega codes of the gaps between nonzero levels and of the levels, and signs
};

/**
 * A whole number from -steps to steps for every coordinate, in units of the scale of its block
 * divided by steps: scale * level / steps. Scales travel as binary32.
 * @tparam S the scalar, float or double
 */
template <typename S>
struct QuantisedUpdate
{
    Blocks blocks;                    ///< what the scales belong to; the last ends at the size
    uint32_t steps{1};                ///< the largest level, 1 to 2^31 - 1
    std::vector<S> scales;            ///< by block
    std::vector<int32_t> levels;      ///< one a coordinate
    LevelCode code{LevelCode::FIXED}; ///< how the levels travel

    /**
     * @param i a coordinate
     * @param block its block
     * @return its value
     */
    S At(uint32_t i, std::size_t block) const
    {
        return scales[block] * static_cast<S>(levels[i]) / static_cast<S>(steps);
    }
};

/**
 * Zero, or plus or minus a power of two in the range of the scalar's normal numbers, for every
 * coordinate: travels as sign and exponent, 9 bits of a float and 12 of a double.
 * @tparam S the scalar, float or double
 */
template <typename S>
struct NaturalUpdate
{
    std::vector<S> values; ///< one a coordinate
};

/**
 * What the two halves of an algorithm exchange. The codec turns it into segments and back.
 * @tparam S the scalar, float or double
 */
template <typename S>
using Update = std::variant<DenseUpdate<S>,
                            SignUpdate,
                            TernaryUpdate,
                            SparseUpdate<S>,
                            SeededUpdate<S>,
                            ScaledSignUpdate<S>,
                            ScaledTernaryUpdate<S>,
                            QuantisedUpdate<S>,
                            NaturalUpdate<S>>;

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
