/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/fl-convolution-layer.h"

#include "ns3/fl-matrix-product.h"

#include <algorithm>
#include <cassert>

namespace fl
{

namespace
{

/** Memory that a thread keeps from one image to the next. */
template <typename S>
struct Scratch
{
    std::vector<S> patches;      ///< one column for each position of the kernel
    std::vector<S> patchesDelta; ///< gradient of the loss with respect to these
    std::vector<double> bias;    ///< gradient of the loss with respect to the bias
};

/** @return the scratch memory of the calling thread */
template <typename S>
Scratch<S>&
ThreadScratch()
{
    thread_local Scratch<S> scratch;
    return scratch;
}

} // namespace

template <typename S>
ConvolutionLayer<S>::ConvolutionLayer(const std::string& name,
                                      const ImageShape& input,
                                      uint32_t kernel,
                                      uint32_t channels)
    : m_name(name),
      m_input(input),
      m_output{channels, input.height - kernel + 1, input.width - kernel + 1},
      m_kernel(kernel)
{
    assert(kernel > 0 && kernel <= input.height && kernel <= input.width);
}

template <typename S>
const ImageShape&
ConvolutionLayer<S>::OutputShape() const
{
    return m_output;
}

template <typename S>
uint32_t
ConvolutionLayer<S>::Inputs() const
{
    return m_input.Size();
}

template <typename S>
uint32_t
ConvolutionLayer<S>::Outputs() const
{
    return m_output.Size();
}

template <typename S>
uint64_t
ConvolutionLayer<S>::Parameters() const
{
    return uint64_t{m_output.channels} * PatchSize() + m_output.channels;
}

template <typename S>
std::vector<Tensor>
ConvolutionLayer<S>::Tensors() const
{
    return {{m_name + ".weight", 0, m_output.channels, PatchSize()},
            {m_name + ".bias", m_output.channels * PatchSize(), 1, m_output.channels}};
}

template <typename S>
double
ConvolutionLayer<S>::ProductFlops() const
{
    return 2.0 * m_output.channels * PatchSize() * Positions();
}

/** @return numbers that enter one output */
template <typename S>
uint32_t
ConvolutionLayer<S>::PatchSize() const
{
    return m_input.channels * m_kernel * m_kernel;
}

/** @return pixels of an output channel */
template <typename S>
uint32_t
ConvolutionLayer<S>::Positions() const
{
    return m_output.height * m_output.width;
}

/**
 * Calls `use` with the place in an image and the place in the matrix of patches (patch size x
 * positions) of every run of numbers that stand side by side in both; each is as long as a row of
 * an output channel.
 */
template <typename S>
template <typename Use>
void
ConvolutionLayer<S>::ForEachRun(Use use) const
{
    std::size_t place = 0;
    for (uint32_t channel = 0; channel < m_input.channels; ++channel)
    {
        for (uint32_t down = 0; down < m_kernel; ++down)
        {
            for (uint32_t right = 0; right < m_kernel; ++right)
            {
                for (uint32_t row = 0; row < m_output.height; ++row)
                {
                    const uint32_t line = channel * m_input.height + row + down;
                    use(std::size_t{line} * m_input.width + right, place);
                    place += m_output.width;
                }
            }
        }
    }
}

template <typename S>
void
ConvolutionLayer<S>::Forward(const S* parameters,
                             const S* inputs,
                             uint32_t samples,
                             S* outputs) const
{
    const S* bias = parameters + std::size_t{m_output.channels} * PatchSize();
    auto& patches = ThreadScratch<S>().patches;
    patches.resize(std::size_t{PatchSize()} * Positions());
    for (uint32_t sample = 0; sample < samples; ++sample)
    {
        const S* image = inputs + std::size_t{sample} * Inputs();
        S* output = outputs + std::size_t{sample} * Outputs();
        ForEachRun([&](std::size_t from, std::size_t to)
                   { std::copy_n(image + from, m_output.width, patches.begin() + to); });
        Multiply<S>({parameters, m_output.channels, PatchSize()},
                    {patches.data(), PatchSize(), Positions()},
                    output);
        for (uint32_t i = 0; i < Outputs(); ++i)
        {
            output[i] += bias[i / Positions()];
        }
    }
}

template <typename S>
void
ConvolutionLayer<S>::Backward(const S* parameters,
                              const S* inputs,
                              const S* delta,
                              uint32_t samples,
                              S* gradient,
                              S* below) const
{
    const uint32_t weights = m_output.channels * PatchSize();
    auto& [patches, patchesDelta, bias] = ThreadScratch<S>();
    patches.resize(std::size_t{PatchSize()} * Positions());
    patchesDelta.resize(patches.size());
    bias.assign(m_output.channels, 0);
    std::fill_n(gradient, weights, S{0});
    for (uint32_t sample = 0; sample < samples; ++sample)
    {
        const S* image = inputs + std::size_t{sample} * Inputs();
        const S* outer = delta + std::size_t{sample} * Outputs();
        // Made once more, because the patches of a whole batch would fill the memory.
        ForEachRun([&](std::size_t from, std::size_t to)
                   { std::copy_n(image + from, m_output.width, patches.begin() + to); });
        AddProduct<S>({outer, m_output.channels, Positions()},
                      {patches.data(), PatchSize(), Positions(), true},
                      gradient);
        for (uint32_t i = 0; i < Outputs(); ++i)
        {
            bias[i / Positions()] += outer[i];
        }
        if (below)
        {
            S* inner = below + std::size_t{sample} * Inputs();
            Multiply<S>({parameters, m_output.channels, PatchSize(), true},
                        {outer, m_output.channels, Positions()},
                        patchesDelta.data());
            std::fill_n(inner, Inputs(), S{0});
            ForEachRun(
                [&](std::size_t to, std::size_t from)
                {
                    for (uint32_t i = 0; i < m_output.width; ++i)
                    {
                        inner[to + i] += patchesDelta[from + i];
                    }
                });
        }
    }
    std::transform(bias.begin(),
                   bias.end(),
                   gradient + weights,
                   [](double sum) { return static_cast<S>(sum); });
}

template class ConvolutionLayer<float>;
template class ConvolutionLayer<double>;

} // namespace fl
