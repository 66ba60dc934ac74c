/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/fl-dense-network.h"

#include "ns3/fl-elementary.h"
#include "ns3/fl-error.h"

#include <algorithm>
#include <cassert>
#include <numeric>

// Threads within a product would change the order of its additions.
#define EIGEN_DONT_PARALLELIZE
#define EIGEN_MPL2_ONLY
#include <Eigen/Core>

namespace fl
{

namespace
{

/**
 * Eigen cuts its products to fit the caches, and the cut decides the order of additions: with
 * sizes of its own choice, results would depend on the host.
 */
struct FixedCacheSizes
{
    FixedCacheSizes()
    {
        constexpr std::ptrdiff_t kibibyte = 1024;
        Eigen::setCpuCacheSizes(32 * kibibyte, 512 * kibibyte, 4096 * kibibyte);
    }
};

const FixedCacheSizes g_fixedCacheSizes;

template <typename S>
using Matrix = Eigen::Matrix<S, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
template <typename S>
using RowVector = Eigen::Matrix<S, 1, Eigen::Dynamic>;

/** Memory that a thread keeps from one batch to the next. */
template <typename S>
struct Scratch
{
    /** the inputs, then the outputs of each layer; samples x numbers */
    std::vector<Matrix<S>> values;
    /** gradient of the loss with respect to a layer's output before its rectifier */
    Matrix<S> delta;
    /** the same for the layer below, while it is made */
    Matrix<S> deltaBelow;
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
DenseNetwork<S>::DenseNetwork(const std::vector<uint32_t>& widths, double l2)
    : m_l2(l2)
{
    if (widths.back() < 2)
    {
        throw UserError("--objective: classification needs data of two classes or more");
    }
    uint64_t next = 0;
    for (std::size_t i = 0; i + 1 < widths.size(); ++i)
    {
        const uint64_t weight = next;
        const uint64_t bias = weight + uint64_t{widths[i]} * widths[i + 1];
        next = bias + widths[i + 1];
        if (bias < weight || next > UINT32_MAX)
        {
            throw UserError("--objective: the model has more than " + std::to_string(UINT32_MAX) +
                            " parameters, lower its layer sizes");
        }
        m_layers.push_back(
            {widths[i], widths[i + 1], static_cast<uint32_t>(weight), static_cast<uint32_t>(bias)});
    }
}

template <typename S>
std::vector<Tensor>
DenseNetwork<S>::Tensors() const
{
    std::vector<Tensor> tensors;
    for (std::size_t i = 0; i < m_layers.size(); ++i)
    {
        const auto& layer = m_layers[i];
        const std::string name = i + 1 == m_layers.size() ? "output" : "hidden" + std::to_string(i);
        tensors.push_back({name + ".weight", layer.weight, layer.outputs, layer.inputs});
        tensors.push_back({name + ".bias", layer.bias, 1, layer.outputs});
    }
    return tensors;
}

/** Fills the thread's scratch memory with the values of every layer. */
template <typename S>
void
DenseNetwork<S>::Forward(const S* model, const Batch& batch) const
{
    const Dataset& dataset = *batch.dataset;
    assert(batch.size > 0 && dataset.features == m_layers.front().inputs);
    auto& values = ThreadScratch<S>().values;
    values.resize(m_layers.size() + 1);
    values[0].resize(batch.size, dataset.features);
    for (uint32_t i = 0; i < batch.size; ++i)
    {
        const float* input = dataset.Input(batch.indices[i]);
        std::copy(input, input + dataset.features, values[0].row(i).data());
    }
    for (std::size_t i = 0; i < m_layers.size(); ++i)
    {
        const auto& layer = m_layers[i];
        const Eigen::Map<const Matrix<S>> weight(model + layer.weight, layer.outputs, layer.inputs);
        const Eigen::Map<const RowVector<S>> bias(model + layer.bias, layer.outputs);
        values[i + 1].noalias() = values[i] * weight.transpose();
        values[i + 1].rowwise() += bias;
        if (i + 1 < m_layers.size())
        {
            values[i + 1] = values[i + 1].cwiseMax(S{0});
        }
    }
}

/** @return the part of the loss that depends on the model alone */
template <typename S>
double
DenseNetwork<S>::Penalty(const S* model) const
{
    double sum = 0;
    if (m_l2 > 0)
    {
        for (const auto& layer : m_layers)
        {
            const S* weight = model + layer.weight;
            const S* bias = model + layer.bias;
            sum = std::accumulate(weight,
                                  bias,
                                  sum,
                                  [](double squares, double w) { return squares + w * w; });
        }
    }
    return m_l2 / 2 * sum;
}

template <typename S>
double
DenseNetwork<S>::Gradient(const S* model, const Batch& batch, S* gradient) const
{
    Forward(model, batch);
    auto& [values, delta, deltaBelow] = ThreadScratch<S>();
    delta = values.back();
    double loss = 0;
    for (uint32_t i = 0; i < batch.size; ++i)
    {
        const uint32_t label = batch.dataset->labels[batch.indices[i]];
        loss += SoftmaxCrossEntropy(delta.row(i).data(), m_layers.back().outputs, label);
        delta(i, label) -= 1;
    }
    delta /= static_cast<S>(batch.size);
    for (std::size_t i = m_layers.size(); i-- > 0;)
    {
        const auto& layer = m_layers[i];
        const Eigen::Map<const Matrix<S>> weight(model + layer.weight, layer.outputs, layer.inputs);
        Eigen::Map<Matrix<S>> toWeight(gradient + layer.weight, layer.outputs, layer.inputs);
        Eigen::Map<RowVector<S>> toBias(gradient + layer.bias, layer.outputs);
        toWeight.noalias() = delta.transpose() * values[i];
        if (m_l2 > 0)
        {
            toWeight += static_cast<S>(m_l2) * weight;
        }
        // Row after row: a sum over columns by Eigen takes an order that depends on alignment.
        toBias.setZero();
        for (uint32_t row = 0; row < batch.size; ++row)
        {
            toBias += delta.row(row);
        }
        if (i > 0)
        {
            deltaBelow.noalias() = delta * weight;
            delta = (values[i].array() > S{0}).select(deltaBelow, S{0});
        }
    }
    return loss / batch.size + Penalty(model);
}

template <typename S>
Evaluation
DenseNetwork<S>::Evaluate(const S* model, const Dataset& dataset) const
{
    constexpr uint32_t chunk = 1000;
    const uint32_t classes = m_layers.back().outputs;
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
            S* row = scores.row(i).data();
            const uint32_t label = dataset.labels[first + i];
            hits += std::max_element(row, row + classes) == row + label;
            loss += SoftmaxCrossEntropy(row, classes, label);
        }
    }
    return {loss / dataset.Size() + Penalty(model), static_cast<double>(hits) / dataset.Size()};
}

template <typename S>
double
DenseNetwork<S>::GradientFlopsPerSample() const
{
    double flops = 0;
    for (const auto& layer : m_layers)
    {
        // A product each for the output, the weights' gradient and, behind a hidden layer, the
        // gradient of its values; a multiplication and an addition for each weight.
        const int products = layer.weight == 0 ? 2 : 3;
        flops += 2.0 * products * layer.inputs * layer.outputs;
    }
    return flops;
}

template class DenseNetwork<float>;
template class DenseNetwork<double>;

} // namespace fl
