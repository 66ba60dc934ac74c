/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef FL_LAYER_H
#define FL_LAYER_H

#include "ns3/fl-tensor.h"

#include <cstdint>
#include <memory>
#include <vector>

namespace fl
{

/**
 * One layer of a network: maps the numbers of each sample to other numbers. All arrays are
 * row-major with one row a sample. Immutable; called from several threads at once.
 *
 * @tparam S the scalar, float or double
 */
template <typename S>
class Layer
{
  public:
    virtual ~Layer() = default;

    /** @return numbers that come in, per sample */
    virtual uint32_t Inputs() const = 0;

    /** @return numbers that go out, per sample */
    virtual uint32_t Outputs() const = 0;

    /** @return number of parameters, which may be more than a model can have */
    virtual uint64_t Parameters() const
    {
        return 0;
    }

    /**
     * @return a weight matrix, with one column for each number that enters an output, and its bias;
     *         or nothing. Coordinates count from the layer's first parameter.
     */
    virtual std::vector<Tensor> Tensors() const
    {
        return {};
    }

    /** @return operations of the matrix product that makes one sample's outputs, 0 without one */
    virtual double ProductFlops() const
    {
        return 0;
    }

    /**
     * @param parameters of this layer
     * @param inputs samples x Inputs() numbers
     * @param samples how many
     * @param outputs samples x Outputs() numbers, overwritten
     */
    virtual void
    Forward(const S* parameters, const S* inputs, uint32_t samples, S* outputs) const = 0;

    /**
     * The chain rule.
     * @param parameters of this layer
     * @param inputs what went in
     * @param delta gradient with respect to the outputs
     * @param samples how many
     * @param gradient gradient with respect to the parameters, overwritten
     * @param below gradient with respect to the inputs, overwritten; null if nobody needs it
     */
    virtual void Backward(const S* parameters,
                          const S* inputs,
                          const S* delta,
                          uint32_t samples,
                          S* gradient,
                          S* below) const = 0;
};

/**
 * A layer and what follows it.
 * @tparam S the scalar, float or double
 */
template <typename S>
struct Stage
{
    std::unique_ptr<const Layer<S>> layer; ///< the layer
    bool rectified;                        ///< whether max(0, x) is taken of its outputs
};

} // namespace fl

#endif // FL_LAYER_H
