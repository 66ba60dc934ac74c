/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/fl-linear-model.h"
#include "ns3/fl-registry.h"

namespace fl
{

namespace
{

/** Least squares: half the squared difference of score and target. Of two classes, the first has
 * the target -1. */
template <typename S>
class LeastSquares : public LinearModel<S>
{
  public:
    LeastSquares(const Parameters& parameters, const DataShape& shape, double l1)
        : LinearModel<S>(shape.features,
                         parameters.Boolean("Bias"),
                         -1,
                         {l1, parameters.Real("L2")})
    {
    }

  protected:
    typename LinearModel<S>::SampleLoss Loss(double score, double target) const override
    {
        const double difference = score - target;
        return {difference * difference / 2, difference};
    }

    std::optional<double> Curvature(double, double) const override
    {
        return 1;
    }
};

/** Linear regression. */
template <typename S>
class Linear : public LeastSquares<S>
{
  public:
    Linear(const Parameters& parameters, const DataShape& shape)
        : LeastSquares<S>(parameters, shape, 0)
    {
    }
};

/**
 * Linear regression whose penalty makes weights vanish (Tibshirani, "Regression shrinkage and
 * selection via the lasso", J. R. Statist. Soc. B 58, 1996), here in the form for subgradient
 * methods. Its smoothness is that of the part without kinks.
 */
template <typename S>
class Lasso : public LeastSquares<S>
{
  public:
    Lasso(const Parameters& parameters, const DataShape& shape)
        : LeastSquares<S>(parameters, shape, parameters.Real("L1"))
    {
    }
};

/** @return the parameters of the lasso */
ParameterTable
LassoParameters()
{
    auto table = LinearModelParameters();
    table.push_back({"L1",
                     ParameterType::REAL,
                     "",
                     "0.01",
                     "the loss has L1 times the magnitudes of the weights",
                     0});
    return table;
}

const Registration<ObjectiveFactory>
    g_linear("linear",
             "linear regression, least squares",
             LinearModelParameters(),
             MakeObjectiveFactory<Linear<float>, Linear<double>>());

const Registration<ObjectiveFactory>
    g_lasso("lasso",
            "linear regression, least squares, with a penalty on the weights' magnitudes",
            LassoParameters(),
            MakeObjectiveFactory<Lasso<float>, Lasso<double>>());

} // namespace

} // namespace fl
