/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/fl-dense-layer.h"

#include "ns3/fl-matrix-product.h"

#include <algorithm>

namespace fl
{

template <typename S>
DenseLayer<S>::DenseLayer(const std::string& name, uint32_t inputs, uint32_t outputs)
    : m_name(name),
      m_inputs(inputs),
      m_outputs(outputs)
{
}

template <typename S>
uint32_t
DenseLayer<S>::Inputs() const
{
    return m_inputs;
}

template <typename S>
uint32_t
DenseLayer<S>::Outputs() const
{
    return m_outputs;
}

template <typename S>
uint64_t
DenseLayer<S>::Parameters() const
{
    return uint64_t{m_inputs} * m_outputs + m_outputs;
}

template <typename S>
std::vector<Tensor>
DenseLayer<S>::Tensors() const
{
    return {{m_name + ".weight", 0, m_outputs, m_inputs},
            {m_name + ".bias", m_outputs * m_inputs, 1, m_outputs}};
}

template <typename S>
double
DenseLayer<S>::ProductFlops() const
{
    return 2.0 * m_inputs * m_outputs;
}

template <typename S>
void
DenseLayer<S>::Forward(const S* parameters, const S* inputs, uint32_t samples, S* outputs) const
{
    const S* bias = parameters + std::size_t{m_outputs} * m_inputs;
    Multiply<S>({inputs, samples, m_inputs}, {parameters, m_outputs, m_inputs, true}, outputs);
    for (uint32_t sample = 0; sample < samples; ++sample)
    {
        S* row = outputs + std::size_t{sample} * m_outputs;
        for (uint32_t i = 0; i < m_outputs; ++i)
        {
            row[i] += bias[i];
        }
    }
}

template <typename S>
void
DenseLayer<S>::Backward(const S* parameters,
                        const S* inputs,
                        const S* delta,
                        uint32_t samples,
                        S* gradient,
                        S* below) const
{
    Multiply<S>({delta, samples, m_outputs, true}, {inputs, samples, m_inputs}, gradient);
    S* toBias = gradient + std::size_t{m_outputs} * m_inputs;
    std::fill_n(toBias, m_outputs, S{0});
    for (uint32_t sample = 0; sample < samples; ++sample)
    {
        const S* row = delta + std::size_t{sample} * m_outputs;
        for (uint32_t i = 0; i < m_outputs; ++i)
        {
            toBias[i] += row[i];
        }
    }
    if (below)
    {
        Multiply<S>({delta, samples, m_outputs}, {parameters, m_outputs, m_inputs}, below);
    }
}

template <typename S>
void
AppendDenseLayers(const std::vector<uint32_t>& widths, std::vector<Stage<S>>& stages)
{
    for (std::size_t i = 0; i + 1 < widths.size(); ++i)
    {
        const bool hidden = i + 2 < widths.size();
        const std::string name = hidden ? "hidden" + std::to_string(i) : "output";
        stages.push_back({std::make_unique<DenseLayer<S>>(name, widths[i], widths[i + 1]), hidden});
    }
}

template class DenseLayer<float>;
template class DenseLayer<double>;
template void AppendDenseLayers(const std::vector<uint32_t>&, std::vector<Stage<float>>&);
template void AppendDenseLayers(const std::vector<uint32_t>&, std::vector<Stage<double>>&);

} // namespace fl
