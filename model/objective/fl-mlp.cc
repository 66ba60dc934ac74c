/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/fl-dense-network.h"
#include "ns3/fl-error.h"
#include "ns3/fl-registry.h"

#include <algorithm>
#include <cmath>

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

/** @return all layer widths from features to classes */
std::vector<uint32_t>
Widths(const Parameters& parameters, const DataShape& shape)
{
    std::vector<uint32_t> widths = ParseHidden(parameters.Text("Hidden"));
    widths.insert(widths.begin(), shape.features);
    widths.push_back(shape.classes);
    return widths;
}

/**
 * A multilayer perceptron. Its weights begin uniform with the deviation sqrt(2 / inputs) before a
 * rectifier, which keeps the size of the values from layer to layer (He et al., "Delving deep into
 * rectifiers", ICCV 2015), and sqrt(1 / inputs) in the output layer; its biases begin at 0.
 */
template <typename S>
class Mlp : public DenseNetwork<S>
{
  public:
    Mlp(const Parameters& parameters, const DataShape& shape)
        : DenseNetwork<S>(Widths(parameters, shape), parameters.Real("L2"))
    {
    }

    void Initialise(Random& random, S* model) const override
    {
        std::fill_n(model, this->Dimension(), S{0});
        const auto tensors = this->Tensors();
        for (std::size_t i = 0; i < tensors.size(); i += 2)
        {
            const Tensor& weight = tensors[i];
            const double gain = i + 2 < tensors.size() ? 2 : 1;
            const double bound = std::sqrt(3 * gain / weight.columns);
            for (uint32_t j = 0; j < weight.Size(); ++j)
            {
                model[weight.first + j] = static_cast<S>(bound * (2 * random.Uniform() - 1));
            }
        }
    }
};

const Registration<ObjectiveFactory> g_mlp(
    "mlp",
    "multilayer perceptron: fully connected, rectifiers, softmax",
    {{"Hidden", ParameterType::TEXT, "", "200", "sizes of the hidden layers, such as 512-256"},
     {"L2", ParameterType::REAL, "", "0", "the loss has L2 / 2 times the squared weights", 0}},
    MakeObjectiveFactory<Mlp>());

} // namespace

} // namespace fl
