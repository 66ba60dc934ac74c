/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/fl-share.h"

#include <cassert>
#include <cmath>
#include <limits>

namespace fl
{

namespace
{

/** @return the product of a share and a whole; a whole number if it is one but for rounding */
double
Product(double share, uint32_t whole)
{
    assert(share >= 0);
    const double product = share * whole;
    // Share and product are each rounded by at most half an epsilon of their size.
    const double rounding = product * std::numeric_limits<double>::epsilon();
    const double nearest = std::round(product);
    return std::abs(product - nearest) <= rounding ? nearest : product;
}

} // namespace

uint32_t
ShareRoundedUp(double share, uint32_t whole)
{
    return static_cast<uint32_t>(std::ceil(Product(share, whole)));
}

uint32_t
ShareRoundedDown(double share, uint32_t whole)
{
    return static_cast<uint32_t>(std::floor(Product(share, whole)));
}

} // namespace fl
