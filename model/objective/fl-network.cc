/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/fl-network.h"

#include "ns3/fl-elementary.h"
#include "ns3/fl-error.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <numeric>

namespace fl
{

namespace
{

/** Memory that a thread keeps from one batch to the next. */
template <typename S>
struct Scratch
{
    /** the inputs, then the outputs of each layer; samples x numbers */
    std::vector<std::vector<S>> values;
    /** gradient of the loss with respect to a layer's outputs before their rectifier */
    std::vector<S> delta;
    /** the same for the layer below, while it is made */
    std::vector<S> deltaBelow;
};

/** @return the scratch memory of the calling thread */
template <typename S>
Scratch<S>&
ThreadScratch()
{
    thread_local Scratch<S> scratch;
    return scratch;
}

/** Replaces a row of scores by their softmax and returns the cross entropy of the label. */
template <typename S>
double
SoftmaxCrossEntropy(S* scores, uint32_t classes, uint32_t label)
{
    // Relative to the largest score no exponential overflows.
    const double largest = *std::max_element(scores, scores + classes);
    const double labelScore = scores[label] - largest;
    double sum = 0;
    for (uint32_t c = 0; c < classes; ++c)
    {
        const double exponential = Exp(scores[c] - largest);
        sum += exponential;
        scores[c] = static_cast<S>(exponential);
    }
    for (uint32_t c = 0; c < classes; ++c)
    {
        scores[c] = static_cast<S>(scores[c] / sum);
    }
    return Log(sum) - labelScore;
}

} // namespace

template <typename S>
Network<S>::Network(std::vector<Stage<S>> stages, double l2)
    : m_stages(std::move(stages)),
      m_l2(l2)
{
    assert(!m_stages.empty() && !m_stages.back().rectified);
    if (m_stages.back().layer->Outputs() < 2)
    {
        throw UserError("--objective: classification needs data of two classes or more");
    }
    uint64_t next = 0;
    for (const auto& stage : m_stages)
    {
        m_first.push_back(static_cast<uint32_t>(next));
        next += stage.layer->Parameters();
        if (next > UINT32_MAX)
        {
            throw UserError("--objective: the model has more than " + std::to_string(UINT32_MAX) +
                            " parameters, lower its layer sizes");
        }
    }
}

template <typename S>
std::vector<Tensor>
Network<S>::Tensors() const
{
    std::vector<Tensor> tensors;
    for (std::size_t i = 0; i < m_stages.size(); ++i)
    {
        for (auto tensor : m_stages[i].layer->Tensors())
        {
            tensor.first += m_first[i];
            tensors.push_back(tensor);
        }
    }
    return tensors;
}

template <typename S>
void
Network<S>::Initialise(Random& random, S* model) const
{
    std::fill_n(model, this->Dimension(), S{0});
    for (std::size_t i = 0; i < m_stages.size(); ++i)
    {
        const auto tensors = m_stages[i].layer->Tensors();
        if (tensors.empty())
        {
            continue;
        }
        const Tensor& weight = tensors.front();
        const double gain = m_stages[i].rectified ? 2 : 1;
        const double bound = std::sqrt(3 * gain / weight.columns);
        for (uint32_t j = 0; j < weight.Size(); ++j)
        {
            model[m_first[i] + j] = static_cast<S>(bound * (2 * random.Uniform() - 1));
        }
    }
}

/** Fills the thread's scratch memory with the values of every layer. */
template <typename S>
void
Network<S>::Forward(const S* model, const Batch& batch) const
{
    const Dataset& dataset = *batch.dataset;
    assert(batch.size > 0 && dataset.features == m_stages.front().layer->Inputs());
    auto& values = ThreadScratch<S>().values;
    values.resize(m_stages.size() + 1);
    values[0].resize(std::size_t{batch.size} * dataset.features);
    for (uint32_t i = 0; i < batch.size; ++i)
    {
        const float* input = dataset.Input(batch.indices[i]);
        std::copy_n(input, dataset.features, values[0].begin() + std::size_t{i} * dataset.features);
    }
    for (std::size_t i = 0; i < m_stages.size(); ++i)
    {
        const auto& [layer, rectified] = m_stages[i];
        auto& outputs = values[i + 1];
        outputs.resize(std::size_t{batch.size} * layer->Outputs());
        layer->Forward(model + m_first[i], values[i].data(), batch.size, outputs.data());
        if (rectified)
        {
            // Not a number stays what it is.
            std::transform(outputs.begin(),
                           outputs.end(),
                           outputs.begin(),
                           [](S x) { return x < 0 ? S{0} : x; });
        }
    }
}

/** @return the part of the loss that depends on the model alone */
template <typename S>
double
Network<S>::Penalty(const S* model) const
{
    double sum = 0;
    if (m_l2 > 0)
    {
        for (std::size_t i = 0; i < m_stages.size(); ++i)
        {
            const auto tensors = m_stages[i].layer->Tensors();
            const S* weight = model + m_first[i];
            sum = std::accumulate(weight,
                                  weight + (tensors.empty() ? 0 : tensors.front().Size()),
                                  sum,
                                  [](double squares, double w) { return squares + w * w; });
        }
    }
    return m_l2 / 2 * sum;
}

template <typename S>
double
Network<S>::Gradient(const S* model, const Batch& batch, S* gradient) const
{
    Forward(model, batch);
    auto& [values, delta, deltaBelow] = ThreadScratch<S>();
    const uint32_t classes = m_stages.back().layer->Outputs();
    delta = values.back();
    double loss = 0;
    for (uint32_t i = 0; i < batch.size; ++i)
    {
        const uint32_t label = batch.dataset->labels[batch.indices[i]];
        S* row = delta.data() + std::size_t{i} * classes;
        loss += SoftmaxCrossEntropy(row, classes, label);
        row[label] -= 1;
    }
    for (auto& number : delta)
    {
        number /= static_cast<S>(batch.size);
    }
    for (std::size_t i = m_stages.size(); i-- > 0;)
    {
        const auto& [layer, rectified] = m_stages[i];
        if (rectified)
        {
            std::transform(delta.begin(),
                           delta.end(),
                           values[i + 1].begin(),
                           delta.begin(),
                           [](S number, S output) { return output > 0 ? number : S{0}; });
        }
        const S* parameters = model + m_first[i];
        deltaBelow.resize(values[i].size());
        layer->Backward(parameters,
                        values[i].data(),
                        delta.data(),
                        batch.size,
                        gradient + m_first[i],
                        i > 0 ? deltaBelow.data() : nullptr);
        delta.swap(deltaBelow);
        if (const auto tensors = layer->Tensors(); m_l2 > 0 && !tensors.empty())
        {
            for (uint32_t j = 0; j < tensors.front().Size(); ++j)
            {
                gradient[m_first[i] + j] += static_cast<S>(m_l2) * parameters[j];
            }
        }
    }
    return loss / batch.size + Penalty(model);
}

template <typename S>
Evaluation
Network<S>::Evaluate(const S* model, const Dataset& dataset) const
{
    // As many samples at a time as leave the scratch memory small.
    constexpr uint32_t numbers = 1 << 22;
    uint32_t widest = 1;
    for (const auto& stage : m_stages)
    {
        widest = std::max({widest, stage.layer->Inputs(), stage.layer->Outputs()});
    }
    const uint32_t chunk = std::clamp<uint32_t>(numbers / widest, 1, 1000);
    const uint32_t classes = m_stages.back().layer->Outputs();
    std::vector<uint32_t> indices(std::min(chunk, dataset.Size()));
    double loss = 0;
    uint32_t hits = 0;
    for (uint32_t first = 0; first < dataset.Size(); first += chunk)
    {
        const uint32_t size = std::min(chunk, dataset.Size() - first);
        std::iota(indices.begin(), indices.begin() + size, first);
        Forward(model, {&dataset, indices.data(), size});
        auto& scores = ThreadScratch<S>().values.back();
        for (uint32_t i = 0; i < size; ++i)
        {
            S* row = scores.data() + std::size_t{i} * classes;
            const uint32_t label = dataset.labels[first + i];
            hits += std::max_element(row, row + classes) == row + label;
            loss += SoftmaxCrossEntropy(row, classes, label);
        }
    }
    return {loss / dataset.Size() + Penalty(model), static_cast<double>(hits) / dataset.Size()};
}

template <typename S>
double
Network<S>::GradientFlopsPerSample() const
{
    double flops = 0;
    for (std::size_t i = 0; i < m_stages.size(); ++i)
    {
        flops += (i == 0 ? 2 : 3) * m_stages[i].layer->ProductFlops();
    }
    return flops;
}

template class Network<float>;
template class Network<double>;

} // namespace fl
