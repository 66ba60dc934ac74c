/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef FL_CHANGE_HISTORY_H
#define FL_CHANGE_HISTORY_H

#include <cstdint>
#include <vector>

namespace fl
{

/**
 * What methods with a threshold remember of how the model has moved: the squared lengths of its
 * last changes, oldest first, which stand behind its parameters as Companions.
 *
 * @tparam S the scalar, float or double
 * @param before the version before, with its Companions
 * @param model the model after the change; the last numbers of it are overwritten
 * @param dimension number of parameters
 */
template <typename S>
void RememberSquaredChange(const std::vector<S>& before, std::vector<S>& model, uint32_t dimension);

/**
 * @tparam S the scalar, float or double
 * @param model a model with the squared lengths of its last changes behind it
 * @param dimension number of parameters
 * @return sum of these squared lengths
 */
template <typename S>
double SquaredChanges(const std::vector<S>& model, uint32_t dimension);

/**
 * @tparam S the scalar, float or double
 * @param a a vector
 * @param b another of the same size
 * @return squared length of their difference, summed in double
 */
template <typename S>
double SquaredDistance(const std::vector<S>& a, const std::vector<S>& b);

/**
 * @tparam S the scalar, float or double
 * @param values a vector
 * @return its squared length, summed in double
 */
template <typename S>
double SquaredNorm(const std::vector<S>& values);

} // namespace fl

#endif // FL_CHANGE_HISTORY_H
