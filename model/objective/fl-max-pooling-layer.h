/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef FL_MAX_POOLING_LAYER_H
#define FL_MAX_POOLING_LAYER_H

#include "ns3/fl-dataset.h"
#include "ns3/fl-layer.h"

#include <cstdint>

namespace fl
{

/**
 * Takes the largest of every 2 x 2 pixels of each channel; the last row or column is left out where
 * there is an odd number of them. Of equal pixels the first passes the gradient on. It has no
 * parameters.
 *
 * @tparam S the scalar, float or double
 */
template <typename S>
class MaxPoolingLayer : public Layer<S>
{
  public:
    /** @param input the images that come in, at least 2 x 2 pixels */
    explicit MaxPoolingLayer(const ImageShape& input);

    /** @return shape of the images that go out */
    const ImageShape& OutputShape() const;

    uint32_t Inputs() const override;
    uint32_t Outputs() const override;
    void Forward(const S* parameters, const S* inputs, uint32_t samples, S* outputs) const override;
    void Backward(const S* parameters,
                  const S* inputs,
                  const S* delta,
                  uint32_t samples,
                  S* gradient,
                  S* below) const override;

  private:
    template <typename Use>
    void ForEachMaximum(const S* inputs, uint32_t samples, Use use) const;

    ImageShape m_input;
    ImageShape m_output;
};

} // namespace fl

#endif // FL_MAX_POOLING_LAYER_H
