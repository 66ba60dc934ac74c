/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef FL_DENSE_NETWORK_H
#define FL_DENSE_NETWORK_H

#include "ns3/fl-objective.h"

#include <cstdint>
#include <vector>

namespace fl
{

/**
 * A fully connected network for classification: layers of x -> W x + b with rectifiers between
 * them, and the cross entropy of the softmax of the last layer. Without a hidden layer it is
 * multinomial logistic regression.
 *
 * The loss is the mean cross entropy plus L2 / 2 times the sum of the squared weights, without the
 * biases. In the model each layer is its weight matrix, outputs x inputs and row-major, followed by
 * its bias. How a model begins is left to the derived class.
 *
 * @tparam S the scalar, float or double
 */
template <typename S>
class DenseNetwork : public Objective<S>
{
  public:
    /**
     * @param widths features, sizes of the hidden layers from input to output, classes
     * @param l2 factor of the squared weights, at least 0
     * @throws UserError if there are fewer than two classes, or more parameters than 32 bits count
     */
    DenseNetwork(const std::vector<uint32_t>& widths, double l2);

    std::vector<Tensor> Tensors() const override;
    double Gradient(const S* model, const Batch& batch, S* gradient) const override;
    Evaluation Evaluate(const S* model, const Dataset& dataset) const override;

    /** @return the operations of the matrix products; all others are of a lower order */
    double GradientFlopsPerSample() const override;

  private:
    /** One layer and its place in the model. */
    struct Layer
    {
        uint32_t inputs;  ///< numbers that come in
        uint32_t outputs; ///< numbers that go out
        uint32_t weight;  ///< first coordinate of the weight matrix
        uint32_t bias;    ///< first coordinate of the bias
    };

    void Forward(const S* model, const Batch& batch) const;
    double Penalty(const S* model) const;

    std::vector<Layer> m_layers;
    double m_l2;
};

} // namespace fl

#endif // FL_DENSE_NETWORK_H
