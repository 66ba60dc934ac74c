/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef FL_SIGN_PACK_H
#define FL_SIGN_PACK_H

#include "ns3/fl-update.h"

namespace fl
{

/**
 * The signs of some numbers. Zero of either sign, and what is not a number, count as positive.
 * @tparam S the scalar, float or double
 * @param values the numbers
 * @return their signs
 */
template <typename S>
SignUpdate PackSigns(const std::vector<S>& values);

} // namespace fl

#endif // FL_SIGN_PACK_H
