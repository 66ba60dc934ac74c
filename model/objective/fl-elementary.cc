/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/fl-elementary.h"

#include <cassert>
#include <cmath>
#include <limits>

namespace fl
{

namespace
{

/** ln 2 in two parts; multiples of the first by an exponent are exact (as in Sun's fdlibm). */
constexpr double LN2_HIGH = 6.93147180369123816490e-01;
constexpr double LN2_LOW = 1.90821492927058770002e-10;

} // namespace

double
Exp(double x)
{
    if (std::isnan(x))
    {
        return x;
    }
    if (x < -746)
    {
        return 0;
    }
    if (x > 710)
    {
        return std::numeric_limits<double>::infinity();
    }
    constexpr double log2e = 1.44269504088896340736;
    const double exponent = std::nearbyint(x * log2e);
    const double rest = (x - exponent * LN2_HIGH) - exponent * LN2_LOW;
    // The Taylor series of exp(rest), |rest| < 0.35, by Horner's rule: ... (1 + rest / 2) ...
    double sum = 1;
    for (int k = 13; k > 1; --k)
    {
        sum = 1 + rest / k * sum;
    }
    return std::ldexp(1 + rest * sum, static_cast<int>(exponent));
}

double
Log(double x)
{
    assert(!(x <= 0));
    if (!std::isfinite(x))
    {
        return x;
    }
    int exponent = 0;
    double mantissa = std::frexp(x, &exponent);
    constexpr double sqrtHalf = 0.70710678118654752440;
    if (mantissa < sqrtHalf)
    {
        mantissa *= 2;
        --exponent;
    }
    // log m = 2 artanh((m - 1) / (m + 1)), whose argument is below 0.172
    const double ratio = (mantissa - 1) / (mantissa + 1);
    const double square = ratio * ratio;
    double sum = 0;
    for (int k = 21; k > 0; k -= 2)
    {
        sum = sum * square + 1.0 / k;
    }
    return exponent * LN2_HIGH + (2 * ratio * sum + exponent * LN2_LOW);
}

} // namespace fl
