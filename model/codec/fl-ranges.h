/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef FL_RANGES_H
#define FL_RANGES_H

#include <cstdint>
#include <vector>

namespace fl
{

/** The numbers from first to end - 1: coordinates of a model, or segments of a message. */
struct Range
{
    uint32_t first; ///< first number of the range
    uint32_t end;   ///< one past the last

    /**
     * @param other another range
     * @return whether both are the same
     */
    bool operator==(const Range& other) const
    {
        return first == other.first && end == other.end;
    }
};

/** Ranges in ascending order that neither touch nor overlap. */
using Ranges = std::vector<Range>;

/**
 * Appends a range behind the last one, joining it where the two touch.
 * @param ranges ascending ranges
 * @param range a range that begins nowhere before the end of the last one; empty ones are dropped
 */
void Append(Ranges& ranges, const Range& range);

/**
 * @param ranges ascending ranges within 0 to size - 1
 * @param size end of the whole
 * @return what the ranges leave out of 0 to size - 1
 */
Ranges Complement(const Ranges& ranges, uint32_t size);

/**
 * @param ranges ascending ranges
 * @return how many numbers they hold
 */
uint32_t Count(const Ranges& ranges);

/**
 * @param a ascending ranges
 * @param b ascending ranges
 * @return the numbers that are in both
 */
Ranges Intersection(const Ranges& a, const Ranges& b);

/**
 * @param numbers ascending numbers
 * @return them as ranges
 */
Ranges ToRanges(const std::vector<uint32_t>& numbers);

/**
 * @param ranges some ranges
 * @return all their numbers
 */
std::vector<uint32_t> ToNumbers(const Ranges& ranges);

} // namespace fl

#endif // FL_RANGES_H
