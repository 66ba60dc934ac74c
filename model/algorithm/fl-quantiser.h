/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef FL_QUANTISER_H
#define FL_QUANTISER_H

#include "ns3/fl-blocks.h"
#include "ns3/fl-parameters.h"
#include "ns3/fl-random.h"
#include "ns3/fl-update.h"

#include <cstdint>
#include <string>
#include <vector>

namespace fl
{

/** What a bucket's entries are measured by. */
enum class BucketNorm
{
    EUCLIDEAN, ///< as in the paper
    MAXIMUM,   ///< the largest magnitude, as in the authors' experiments
};

/** How a vector is quantised. */
struct Quantisation
{
    Blocks buckets;                         ///< entries that share a norm
    uint32_t levels{1};                     ///< steps between 0 and the norm
    BucketNorm norm{BucketNorm::EUCLIDEAN}; ///< the norm
    LevelCode code{LevelCode::ELIAS};       ///< how the levels travel
};

/**
 * @param levels what `Levels` is if the user gives nothing; 0 where 0 stands for no quantiser
 * @param bucket what `Bucket` is if the user gives nothing
 * @return the parameters `Levels` and `Bucket`
 */
ParameterTable QuantiserParameters(const std::string& levels, const std::string& bucket);

/**
 * @param parameters of a method that has QuantiserParameters(), `Levels` not 0
 * @param dimension number of coordinates
 * @param norm the norm of a bucket
 * @param code how levels travel
 * @return how the method quantises
 */
Quantisation
QuantisationOf(const Parameters& parameters, uint32_t dimension, BucketNorm norm, LevelCode code);

/**
 * The quantiser of QSGD (Alistarh et al., arXiv:1610.02132, section 3.1): of each bucket the norm,
 * and of each entry a whole number of steps of norm / levels, rounded up or down at random so that
 * the mean is the entry. Zeros stay zero and take no draw. A bucket in which something is not
 * finite has no finite scale and the largest level wherever it is not 0, so that divergence is
 * seen.
 * @tparam S the scalar, float or double
 * @param values one number a coordinate
 * @param how buckets, levels, norm and code
 * @param draws where random numbers come from
 * @return the update; its scales are ones that binary32 can hold
 */
template <typename S>
QuantisedUpdate<S> Quantise(const std::vector<S>& values, const Quantisation& how, Random& draws);

} // namespace fl

#endif // FL_QUANTISER_H
