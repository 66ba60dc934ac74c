/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef FL_NETWORK_H
#define FL_NETWORK_H

#include "ns3/fl-layer.h"
#include "ns3/fl-objective.h"

#include <cstdint>
#include <vector>

namespace fl
{

/**
 * A feed-forward network for classification: layers, some with rectifiers, and the cross entropy of
 * the softmax of the last layer's outputs.
 *
 * The loss is the mean cross entropy plus L2 / 2 times the sum of the squared weights, without the
 * biases. The model is the layers' parameters, one layer after the other.
 *
 * @tparam S the scalar, float or double
 */
template <typename S>
class Network : public Objective<S>
{
  public:
    /**
     * @param stages layers that fit each other, at least one; the last has one output for each
     *        class and no rectifier
     * @param l2 factor of the squared weights, at least 0
     * @throws UserError if there are fewer than two classes, or more parameters than 32 bits count
     */
    Network(std::vector<Stage<S>> stages, double l2);

    std::vector<Tensor> Tensors() const override;

    /**
     * The weights begin uniform with the deviation sqrt(2 / n) before a rectifier, where n numbers
     * enter an output, which keeps the size of the values from layer to layer (He et al., "Delving
     * deep into rectifiers", ICCV 2015), and sqrt(1 / n) in the output layer; the biases begin at
     * 0.
     */
    void Initialise(Random& random, S* model) const override;
    double Gradient(const S* model, const Batch& batch, S* gradient) const override;
    Evaluation Evaluate(const S* model, const Dataset& dataset) const override;

    /**
     * @return the operations of the matrix products, of which a layer has three (outputs, gradient
     *         of the weights, gradient of the inputs) and the first layer two; a multiplication and
     *         an addition are two operations. All other work is of a lower order.
     */
    double GradientFlopsPerSample() const override;

  private:
    void Forward(const S* model, const Batch& batch) const;
    double Penalty(const S* model) const;

    std::vector<Stage<S>> m_stages;
    std::vector<uint32_t> m_first; ///< first coordinate of each layer
    double m_l2;
};

} // namespace fl

#endif // FL_NETWORK_H
