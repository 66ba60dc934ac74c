/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/fl-curvature.h"
#include "ns3/fl-dense-layer.h"
#include "ns3/fl-network.h"
#include "ns3/fl-registry.h"

#include <algorithm>

namespace fl
{

namespace
{

/** @return a single layer */
template <typename S>
std::vector<Stage<S>>
MakeStages(const DataShape& shape)
{
    std::vector<Stage<S>> stages;
    AppendDenseLayers({shape.features, shape.classes}, stages);
    return stages;
}

/**
 * Multinomial logistic regression: convex, and begun at 0, where all classes are equally likely.
 *
 * With the probabilities p of the classes, the Hessian in a sample's scores is diag(p) - p p^T. Its
 * eigenvalues are at most 1/2 (Böhning, "Multinomial logistic regression algorithm", Ann. Inst.
 * Statist. Math. 44, 1992), its diagonal p (1 - p) is at most 1/4.
 */
template <typename S>
class Softmax : public Network<S>
{
  public:
    Softmax(const Parameters& parameters, const DataShape& shape)
        : Network<S>(MakeStages<S>(shape), parameters.Real("L2")),
          m_classes(shape.classes),
          m_l2(parameters.Real("L2"))
    {
    }

    void Initialise(Random&, S* model) const override
    {
        std::fill_n(model, this->Dimension(), S{0});
    }

    std::optional<double> Smoothness(const Batch& batch) const override
    {
        return LargestCurvature(batch, {0.5, true, m_l2});
    }

    std::vector<double> CoordinateSmoothness(const Batch& batch) const override
    {
        const auto one = CoordinateCurvatures(batch, {0.25, true, m_l2});
        std::vector<double> all;
        for (uint32_t i = 0; i < m_classes; ++i)
        {
            all.insert(all.end(), one.begin(), one.end() - 1);
        }
        all.insert(all.end(), m_classes, one.back());
        return all;
    }

  private:
    uint32_t m_classes;
    double m_l2;
};

const Registration<ObjectiveFactory> g_softmax(
    "softmax",
    "multinomial logistic regression with bias",
    {{"L2", ParameterType::REAL, "", "0", "the loss has L2 / 2 times the squared weights", 0}},
    MakeObjectiveFactory<Softmax<float>, Softmax<double>>());

} // namespace

} // namespace fl
