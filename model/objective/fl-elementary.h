/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef FL_ELEMENTARY_H
#define FL_ELEMENTARY_H

namespace fl
{

/**
 * The exponential function, with the same result on every host: the C library takes the variant
 * that suits the processor, and the variants may differ in the last bit. Its error is below
 * 1.5 units in the last place.
 *
 * @param x any number
 * @return e to the x; 0 and infinity beyond the range of double, not a number for itself
 */
double Exp(double x);

/**
 * The natural logarithm, with the same result on every host. Its error is below 2.5 units in the
 * last place.
 *
 * @param x a number larger than 0, infinity, or not a number; the latter two give themselves
 * @return the logarithm of x
 */
double Log(double x);

} // namespace fl

#endif // FL_ELEMENTARY_H
