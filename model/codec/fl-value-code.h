/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef FL_VALUE_CODE_H
#define FL_VALUE_CODE_H

#include "ns3/fl-update.h"

namespace fl
{

/**
 * @tparam S the scalar, float or double
 * @param value a number
 * @param code how it is going to travel
 * @return the number that arrives: rounded to nearest, ties to even; what is finite but too large
 *         for the code becomes its largest finite number, what is not finite stays so
 */
template <typename S>
S RoundValue(S value, ValueCode code);

/**
 * Draws places without replacement, all sets being equally likely and the same at both ends:
 * Floyd's algorithm (Bentley and Floyd, "A sample of brilliance", CACM 30(9), 1987).
 * @param seed of the draw
 * @param size number of coordinates
 * @param count how many places, at most size
 * @return the places, ascending
 */
std::vector<uint32_t> DrawPositions(uint64_t seed, uint32_t size, uint32_t count);

} // namespace fl

#endif // FL_VALUE_CODE_H
