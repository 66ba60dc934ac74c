/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/fl-elementary.h"
#include "ns3/fl-error.h"
#include "ns3/fl-linear-model.h"
#include "ns3/fl-registry.h"

#include <cmath>

namespace fl
{

namespace
{

/** @return the number of features, unless there are more than two classes */
uint32_t
FeaturesOfTargets(const DataShape& shape)
{
    if (shape.classes > 2)
    {
        throw UserError("--objective: nls needs data of two classes or real-valued targets, this "
                        "dataset has " +
                        std::to_string(shape.classes) + " classes, softmax is for these");
    }
    return shape.features;
}

/**
 * Non-linear least squares, half the squared difference of p = 1 / (1 + exp(-score)) and the target
 * y, which is 0 and 1 for two classes: smooth and not convex.
 *
 * The second derivative in the score is linear in y, so its magnitude for y from 0 to 1 is largest
 * at an end; both ends mirror each other. For y = 0 it is p^2 (1 - p) (2 - 3 p), whose derivative
 * p (4 - 15 p + 12 p^2) vanishes at p = (15 -+ sqrt(33)) / 24; the values there are 0.0770 and
 * -0.0601.
 */
template <typename S>
class NonLinearLeastSquares : public LinearModel<S>
{
  public:
    NonLinearLeastSquares(const Parameters& parameters, const DataShape& shape)
        : LinearModel<S>(FeaturesOfTargets(shape),
                         parameters.Boolean("Bias"),
                         0,
                         {0, parameters.Real("L2")})
    {
    }

  protected:
    typename LinearModel<S>::SampleLoss Loss(double score, double target) const override
    {
        const double small = Exp(-std::abs(score));
        const double probability = (score < 0 ? small : 1) / (1 + small);
        const double difference = probability - target;
        const double slope = small / ((1 + small) * (1 + small));
        return {difference * difference / 2, difference * slope};
    }

    std::optional<double> Curvature(double smallest, double largest) const override
    {
        if (smallest < 0 || largest > 1)
        {
            return std::nullopt;
        }
        const double p = (15 - std::sqrt(33)) / 24;
        return p * p * (1 - p) * (2 - 3 * p);
    }
};

const Registration<ObjectiveFactory>
    g_nls("nls",
          "non-linear least squares: the logistic function of a linear score",
          LinearModelParameters(),
          MakeObjectiveFactory<NonLinearLeastSquares<float>, NonLinearLeastSquares<double>>());

} // namespace

} // namespace fl
