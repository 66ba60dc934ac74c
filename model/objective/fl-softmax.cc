/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/fl-dense-network.h"
#include "ns3/fl-registry.h"

#include <algorithm>

namespace fl
{

namespace
{

/** Multinomial logistic regression: convex, and begun at 0, where all classes are equally likely.
 */
template <typename S>
class Softmax : public DenseNetwork<S>
{
  public:
    Softmax(const Parameters& parameters, const DataShape& shape)
        : DenseNetwork<S>({shape.features, shape.classes}, parameters.Real("L2"))
    {
    }

    void Initialise(Random&, S* model) const override
    {
        std::fill_n(model, this->Dimension(), S{0});
    }
};

const Registration<ObjectiveFactory> g_softmax(
    "softmax",
    "multinomial logistic regression with bias",
    {{"L2", ParameterType::REAL, "", "0", "the loss has L2 / 2 times the squared weights", 0}},
    MakeObjectiveFactory<Softmax>());

} // namespace

} // namespace fl
