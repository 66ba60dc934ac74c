/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef FL_DENSE_LAYER_H
#define FL_DENSE_LAYER_H

#include "ns3/fl-layer.h"

#include <cstdint>
#include <string>
#include <vector>

namespace fl
{

/**
 * A fully connected layer, x -> W x + b. Its parameters are the weight matrix, outputs x inputs and
 * row-major, and the bias.
 *
 * @tparam S the scalar, float or double
 */
template <typename S>
class DenseLayer : public Layer<S>
{
  public:
    /**
     * @param name for people, for example "hidden0"
     * @param inputs numbers that come in
     * @param outputs numbers that go out
     */
    DenseLayer(const std::string& name, uint32_t inputs, uint32_t outputs);

    uint32_t Inputs() const override;
    uint32_t Outputs() const override;
    uint64_t Parameters() const override;
    std::vector<Tensor> Tensors() const override;
    double ProductFlops() const override;
    void Forward(const S* parameters, const S* inputs, uint32_t samples, S* outputs) const override;
    void Backward(const S* parameters,
                  const S* inputs,
                  const S* delta,
                  uint32_t samples,
                  S* gradient,
                  S* below) const override;

  private:
    std::string m_name;
    uint32_t m_inputs;
    uint32_t m_outputs;
};

/**
 * Appends fully connected layers to a network, "hidden0", "hidden1", ... with rectifiers, and
 * "output" without.
 *
 * @tparam S the scalar, float or double
 * @param widths numbers that come in, sizes of the hidden layers, numbers that go out
 * @param stages the network
 */
template <typename S>
void AppendDenseLayers(const std::vector<uint32_t>& widths, std::vector<Stage<S>>& stages);

} // namespace fl

#endif // FL_DENSE_LAYER_H
