/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/fl-max-pooling-layer.h"

#include <algorithm>
#include <cassert>

namespace fl
{

template <typename S>
MaxPoolingLayer<S>::MaxPoolingLayer(const ImageShape& input)
    : m_input(input),
      m_output{input.channels, input.height / 2, input.width / 2}
{
    assert(m_output.Size() > 0);
}

template <typename S>
const ImageShape&
MaxPoolingLayer<S>::OutputShape() const
{
    return m_output;
}

template <typename S>
uint32_t
MaxPoolingLayer<S>::Inputs() const
{
    return m_input.Size();
}

template <typename S>
uint32_t
MaxPoolingLayer<S>::Outputs() const
{
    return m_output.Size();
}

/** Calls `use` with the place of every maximum, in the order of the outputs. */
template <typename S>
template <typename Use>
void
MaxPoolingLayer<S>::ForEachMaximum(const S* inputs, uint32_t samples, Use use) const
{
    const std::size_t width = m_input.width;
    const std::size_t channels = std::size_t{samples} * m_input.channels;
    for (std::size_t channel = 0; channel < channels; ++channel)
    {
        for (uint32_t row = 0; row < m_output.height; ++row)
        {
            std::size_t corner = (channel * m_input.height + 2 * row) * width;
            for (uint32_t column = 0; column < m_output.width; ++column, corner += 2)
            {
                std::size_t largest = corner;
                for (const std::size_t place : {corner + 1, corner + width, corner + width + 1})
                {
                    largest = inputs[place] > inputs[largest] ? place : largest;
                }
                use(largest);
            }
        }
    }
}

template <typename S>
void
MaxPoolingLayer<S>::Forward(const S*, const S* inputs, uint32_t samples, S* outputs) const
{
    ForEachMaximum(inputs,
                   samples,
                   [&outputs, inputs](std::size_t place) { *outputs++ = inputs[place]; });
}

template <typename S>
void
MaxPoolingLayer<S>::Backward(const S*,
                             const S* inputs,
                             const S* delta,
                             uint32_t samples,
                             S*,
                             S* below) const
{
    if (below)
    {
        std::fill_n(below, std::size_t{samples} * Inputs(), S{0});
        ForEachMaximum(inputs,
                       samples,
                       [&delta, below](std::size_t place) { below[place] = *delta++; });
    }
}

template class MaxPoolingLayer<float>;
template class MaxPoolingLayer<double>;

} // namespace fl
