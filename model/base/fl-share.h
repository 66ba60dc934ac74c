/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef FL_SHARE_H
#define FL_SHARE_H

#include <cstdint>

namespace fl
{

/**
 * A share of some things, in whole things. A user's decimal share has no exact binary form: 0.07 of
 * 100 is a little more than 7 in binary64, and 0.29 of 100 a little less than 29. What differs from
 * a whole number by no more than this rounding is that number.
 * @param share not negative; more than 1 is more than the whole
 * @param whole number of things
 * @return how many, rounded up
 */
uint32_t ShareRoundedUp(double share, uint32_t whole);

/**
 * The same, rounded down.
 * @param share likewise
 * @param whole number of things
 * @return how many
 */
uint32_t ShareRoundedDown(double share, uint32_t whole);

} // namespace fl

#endif // FL_SHARE_H
