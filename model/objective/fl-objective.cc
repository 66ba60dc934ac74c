/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/fl-objective.h"

#include "ns3/fl-registry.h"

#include <type_traits>

namespace fl
{

template <typename S>
uint32_t
Objective<S>::Dimension() const
{
    const Tensor last = Tensors().back();
    return last.first + last.Size();
}

DataShape
ShapeOf(const Dataset& dataset)
{
    return {dataset.features, dataset.classes, dataset.image};
}

template <typename S>
std::unique_ptr<Objective<S>>
MakeObjective(const std::string& text, const DataShape& shape)
{
    const auto choice = Registry<ObjectiveFactory>::Get().Choose(text, "--objective");
    if constexpr (std::is_same_v<S, float>)
    {
        return choice.factory.makeFloat(choice.parameters, shape);
    }
    else
    {
        return choice.factory.makeDouble(choice.parameters, shape);
    }
}

template class Objective<float>;
template class Objective<double>;
template std::unique_ptr<Objective<float>> MakeObjective(const std::string&, const DataShape&);
template std::unique_ptr<Objective<double>> MakeObjective(const std::string&, const DataShape&);

} // namespace fl
