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

/** @return the number of features, if there are two classes */
uint32_t
FeaturesOfTwoClasses(const DataShape& shape)
{
    if (shape.classes != 2)
    {
        throw UserError("--objective: logistic needs data of two classes, this dataset has " +
                        (shape.classes == 0 ? "real-valued targets"
                                            : std::to_string(shape.classes) + " classes") +
                        ", softmax is for more classes and linear for real values");
    }
    return shape.features;
}

/**
 * Logistic regression, log(1 + exp(-y score)) with the labels y = -1 and 1 for the two classes. Its
 * second derivative p (1 - p) is at most 1/4.
 */
template <typename S>
class Logistic : public LinearModel<S>
{
  public:
    Logistic(const Parameters& parameters, const DataShape& shape)
        : LinearModel<S>(FeaturesOfTwoClasses(shape),
                         parameters.Boolean("Bias"),
                         -1,
                         {0, parameters.Real("L2")})
    {
    }

  protected:
    typename LinearModel<S>::SampleLoss Loss(double score, double target) const override
    {
        const double margin = target * score;
        // Of the two forms of each expression, the one that neither overflows nor cancels.
        const double small = Exp(-std::abs(margin));
        const double sum = 1 + small;
        const double log = sum == 1 ? small : Log(sum) * (small / (sum - 1));
        return {log + (margin < 0 ? -margin : 0), -target * (margin < 0 ? 1 : small) / sum};
    }

    std::optional<double> Curvature(double, double) const override
    {
        return 0.25;
    }
};

const Registration<ObjectiveFactory>
    g_logistic("logistic",
               "logistic regression of two classes",
               LinearModelParameters(),
               MakeObjectiveFactory<Logistic<float>, Logistic<double>>());

} // namespace

} // namespace fl
