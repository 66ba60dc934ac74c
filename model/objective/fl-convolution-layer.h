/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef FL_CONVOLUTION_LAYER_H
#define FL_CONVOLUTION_LAYER_H

#include "ns3/fl-dataset.h"
#include "ns3/fl-layer.h"

#include <cstdint>
#include <string>
#include <vector>

namespace fl
{

/**
 * A convolution of images with square kernels, step 1, no padding: height and width shrink by the
 * kernel's side less 1. As is usual for networks, the kernels are not mirrored.
 *
 * Its parameters are the weight matrix, one row for each channel that goes out, in which the kernel
 * of each channel that comes in stands row by row; then the bias, one number for each channel that
 * goes out.
 *
 * @tparam S the scalar, float or double
 */
template <typename S>
class ConvolutionLayer : public Layer<S>
{
  public:
    /**
     * @param name for people, for example "convolution0"
     * @param input the images that come in, at least as high and wide as the kernel
     * @param kernel side of the kernels in pixels
     * @param channels how many channels go out
     */
    ConvolutionLayer(const std::string& name,
                     const ImageShape& input,
                     uint32_t kernel,
                     uint32_t channels);

    /** @return shape of the images that go out */
    const ImageShape& OutputShape() const;

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
    template <typename Use>
    void ForEachRun(Use use) const;
    uint32_t PatchSize() const;
    uint32_t Positions() const;

    std::string m_name;
    ImageShape m_input;
    ImageShape m_output;
    uint32_t m_kernel;
};

} // namespace fl

#endif // FL_CONVOLUTION_LAYER_H
