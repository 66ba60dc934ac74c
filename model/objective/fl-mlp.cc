/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/fl-dense-layer.h"
#include "ns3/fl-error.h"
#include "ns3/fl-network.h"
#include "ns3/fl-registry.h"

#include <algorithm>

namespace fl
{

namespace
{

/** @return the layer sizes in a text such as "200" or "512-256" */
std::vector<uint32_t>
ParseHidden(const std::string& text)
{
    constexpr int64_t largest = 1000000;
    const std::string where = "--objective: Hidden of mlp (sizes such as 200 or 512-256)";
    std::vector<uint32_t> sizes;
    std::size_t begin = 0;
    while (begin <= text.size())
    {
        const std::size_t end = std::min(text.find('-', begin), text.size());
        const int64_t size = ParseInteger(text.substr(begin, end - begin), where);
        if (size < 1 || size > largest)
        {
            throw UserError(where + ": " + std::to_string(size) +
                            " is out of range, allowed is 1 to " + std::to_string(largest));
        }
        sizes.push_back(static_cast<uint32_t>(size));
        begin = end + 1;
    }
    return sizes;
}

/** @return the layers from features to classes */
template <typename S>
std::vector<Stage<S>>
MakeStages(const Parameters& parameters, const DataShape& shape)
{
    std::vector<uint32_t> widths = ParseHidden(parameters.Text("Hidden"));
    widths.insert(widths.begin(), shape.features);
    widths.push_back(shape.classes);
    std::vector<Stage<S>> stages;
    AppendDenseLayers(widths, stages);
    return stages;
}

/** A multilayer perceptron. */
template <typename S>
class Mlp : public Network<S>
{
  public:
    Mlp(const Parameters& parameters, const DataShape& shape)
        : Network<S>(MakeStages<S>(parameters, shape), parameters.Real("L2"))
    {
    }
};

const Registration<ObjectiveFactory> g_mlp(
    "mlp",
    "multilayer perceptron: fully connected, rectifiers, softmax",
    {{"Hidden", ParameterType::TEXT, "", "200", "sizes of the hidden layers, such as 512-256"},
     {"L2", ParameterType::REAL, "", "0", "the loss has L2 / 2 times the squared weights", 0}},
    MakeObjectiveFactory<Mlp<float>, Mlp<double>>());

} // namespace

} // namespace fl
