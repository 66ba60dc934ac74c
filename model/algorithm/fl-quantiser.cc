/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/fl-quantiser.h"

#include "ns3/fl-value-code.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace fl
{

namespace
{

/** @return the norm of a bucket; not a number if something in it is not finite */
template <typename S>
S
NormOf(const std::vector<S>& values, uint32_t first, uint32_t end, BucketNorm norm)
{
    double largest = 0;
    double squares = 0;
    for (uint32_t i = first; i < end; ++i)
    {
        const double value = values[i];
        largest = std::max(largest, std::abs(value));
        squares += value * value;
    }
    if (!std::isfinite(squares))
    {
        return std::numeric_limits<S>::quiet_NaN();
    }
    return static_cast<S>(norm == BucketNorm::EUCLIDEAN ? std::sqrt(squares) : largest);
}

} // namespace

ParameterTable
QuantiserParameters(const std::string& levels, const std::string& bucket)
{
    const bool mayBeOff = levels == "0";
    constexpr double most = 32767;
    return {{"Levels",
             ParameterType::INTEGER,
             "",
             levels,
             std::string("steps s between 0 and the norm") +
                 (mayBeOff ? "; 0: values are not quantised" : ""),
             mayBeOff ? 0.0 : 1.0,
             most},
            {"Bucket",
             ParameterType::INTEGER,
             "",
             bucket,
             "entries that share a norm, 0 for all",
             0,
             UINT32_MAX}};
}

Quantisation
QuantisationOf(const Parameters& parameters, uint32_t dimension, BucketNorm norm, LevelCode code)
{
    return {MakeBuckets(dimension, static_cast<uint32_t>(parameters.Integer("Bucket"))),
            static_cast<uint32_t>(parameters.Integer("Levels")),
            norm,
            code};
}

template <typename S>
QuantisedUpdate<S>
Quantise(const std::vector<S>& values, const Quantisation& how, Random& draws)
{
    QuantisedUpdate<S> update{how.buckets,
                              how.levels,
                              {},
                              std::vector<int32_t>(values.size()),
                              how.code};
    uint32_t first = 0;
    for (const uint32_t end : *how.buckets)
    {
        const S scale = RoundValue(NormOf(values, first, end, how.norm), ValueCode::SINGLE);
        update.scales.push_back(scale);
        for (uint32_t i = first; i < end; ++i)
        {
            if (values[i] == 0 || scale == 0)
            {
                continue;
            }
            const double steps = std::abs(double{values[i]}) / double{scale} * how.levels;
            // Of a scale that was rounded down a little more than all steps is left.
            auto level = static_cast<int32_t>(how.levels);
            if (steps < how.levels)
            {
                level = static_cast<int32_t>(steps);
                level += draws.Uniform() < steps - level;
            }
            update.levels[i] = values[i] < 0 ? -level : level;
        }
        first = end;
    }
    return update;
}

template QuantisedUpdate<float> Quantise(const std::vector<float>& values,
                                         const Quantisation& how,
                                         Random& draws);
template QuantisedUpdate<double> Quantise(const std::vector<double>& values,
                                          const Quantisation& how,
                                          Random& draws);

} // namespace fl
