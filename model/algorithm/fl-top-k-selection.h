/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef FL_TOP_K_SELECTION_H
#define FL_TOP_K_SELECTION_H

#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

namespace fl
{

/**
 * Not a number must have a place in the order, too: in front, so that it is sent and seen.
 * @param value any number
 * @return its magnitude; infinite if it is not a number
 */
template <typename S>
S
MagnitudeOf(S value)
{
    return std::isnan(value) ? std::numeric_limits<S>::infinity() : std::abs(value);
}

/**
 * The coordinates of largest magnitude in one range; of equal ones the lower index wins,
 * and what is not a number counts as infinite.
 * @tparam S the scalar, float or double
 * @param values the whole vector
 * @param first first coordinate of the range
 * @param count number of coordinates of the range
 * @param keep how many to choose, at most count
 * @param chosen their indices are appended here, ascending
 */
template <typename S>
void SelectTopK(const std::vector<S>& values,
                uint32_t first,
                uint32_t count,
                uint32_t keep,
                std::vector<uint32_t>& chosen);

} // namespace fl

#endif // FL_TOP_K_SELECTION_H
