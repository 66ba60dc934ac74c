/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef FL_SAMPLED_SELECTION_H
#define FL_SAMPLED_SELECTION_H

#include "ns3/fl-random.h"

#include <cstdint>
#include <vector>

namespace fl
{

/**
 * About the coordinates of largest magnitude in one range, by a threshold that is estimated from a
 * sample, as deep gradient compression finds them (Lin et al., arXiv:1712.01887, section 3.1; the
 * numbers are those of the authors' program).
 *
 * The sample is every so-manieth entry from a first one that is drawn: the share of the range, but
 * so many that two of them are above the threshold. Where that would be more than a third of the
 * range, SelectTopK() does the work. What is not below the threshold is chosen. While that is less
 * than 0.8 of what was to be kept, the threshold becomes 0.8 of itself, ten times at most; if it is
 * more than 1.3 of that, the largest of it are chosen, exactly as many as were to be kept. What is
 * not a number counts as infinite.
 *
 * @tparam S the scalar, float or double
 * @param values the whole vector
 * @param first first coordinate of the range
 * @param count number of coordinates of the range
 * @param keep how many to choose if the sample were right, 1 to all
 * @param share share of the range that is sampled, above 0
 * @param draws where the first entry of the sample is drawn from
 * @param chosen their indices are appended here, ascending; at least one
 */
template <typename S>
void SelectBySample(const std::vector<S>& values,
                    uint32_t first,
                    uint32_t count,
                    uint32_t keep,
                    double share,
                    Random& draws,
                    std::vector<uint32_t>& chosen);

} // namespace fl

#endif // FL_SAMPLED_SELECTION_H
