/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/fl-linear-model.h"

#include "ns3/fl-curvature.h"
#include "ns3/fl-matrix-product.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <limits>
#include <numeric>

namespace fl
{

namespace
{

/** Memory that a thread keeps from one batch to the next. */
template <typename S>
struct Scratch
{
    std::vector<S> inputs; ///< samples x features
    std::vector<S> scores; ///< by sample, without bias; then the loss's slopes
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

ParameterTable
LinearModelParameters()
{
    return {
        {"Bias",
         ParameterType::BOOLEAN,
         "",
         "false",
         "whether the score has a bias, which is not penalised"},
        {"L2", ParameterType::REAL, "", "0", "the loss has L2 / 2 times the squared weights", 0}};
}

template <typename S>
LinearModel<S>::LinearModel(uint32_t features, bool bias, double first, const Penalties& penalties)
    : m_features(features),
      m_bias(bias),
      m_firstTarget(first),
      m_penalties(penalties)
{
}

template <typename S>
std::vector<Tensor>
LinearModel<S>::Tensors() const
{
    std::vector<Tensor> tensors{{"weight", 0, 1, m_features}};
    if (m_bias)
    {
        tensors.push_back({"bias", m_features, 1, 1});
    }
    return tensors;
}

template <typename S>
void
LinearModel<S>::Initialise(Random&, S* model) const
{
    std::fill_n(model, this->Dimension(), S{0});
}

/** Fills the thread's scratch memory with inputs and scores. */
template <typename S>
void
LinearModel<S>::Scores(const S* model, const Batch& batch) const
{
    assert(batch.size > 0 && batch.dataset->features == m_features);
    auto& [inputs, scores] = ThreadScratch<S>();
    inputs.resize(std::size_t{batch.size} * m_features);
    for (uint32_t i = 0; i < batch.size; ++i)
    {
        std::copy_n(batch.dataset->Input(batch.indices[i]),
                    m_features,
                    inputs.begin() + std::size_t{i} * m_features);
    }
    scores.resize(batch.size);
    Multiply<S>({inputs.data(), batch.size, m_features}, {model, m_features, 1}, scores.data());
}

template <typename S>
double
LinearModel<S>::Target(const Dataset& dataset, uint32_t sample) const
{
    if (dataset.classes == 0)
    {
        return dataset.targets[sample];
    }
    const uint32_t label = dataset.labels[sample];
    return dataset.classes == 2 && label == 0 ? m_firstTarget : label;
}

/** @return the part of the loss that depends on the model alone */
template <typename S>
double
LinearModel<S>::Penalty(const S* model) const
{
    double penalty = 0;
    // Without the condition a model that diverges would make 0 times infinity of no penalty.
    if (m_penalties.l1 > 0 || m_penalties.l2 > 0)
    {
        for (uint32_t i = 0; i < m_features; ++i)
        {
            const double weight = model[i];
            penalty += m_penalties.l1 * std::abs(weight) + m_penalties.l2 / 2 * weight * weight;
        }
    }
    return penalty;
}

template <typename S>
double
LinearModel<S>::Gradient(const S* model, const Batch& batch, S* gradient) const
{
    Scores(model, batch);
    auto& [inputs, scores] = ThreadScratch<S>();
    const double bias = m_bias ? model[m_features] : 0;
    double loss = 0;
    double slopes = 0;
    for (uint32_t i = 0; i < batch.size; ++i)
    {
        const auto sample = Loss(scores[i] + bias, Target(*batch.dataset, batch.indices[i]));
        loss += sample.loss;
        slopes += sample.slope;
        scores[i] = static_cast<S>(sample.slope / batch.size);
    }
    Multiply<S>({inputs.data(), batch.size, m_features, true},
                {scores.data(), batch.size, 1},
                gradient);
    for (uint32_t i = 0; i < m_features; ++i)
    {
        const double sign = (model[i] > 0) - (model[i] < 0);
        gradient[i] += static_cast<S>(m_penalties.l1 * sign + m_penalties.l2 * model[i]);
    }
    if (m_bias)
    {
        gradient[m_features] = static_cast<S>(slopes / batch.size);
    }
    return loss / batch.size + Penalty(model);
}

template <typename S>
Evaluation
LinearModel<S>::Evaluate(const S* model, const Dataset& dataset) const
{
    // As many samples at a time as leave the scratch memory small.
    constexpr uint32_t numbers = 1 << 22;
    const uint32_t chunk = std::clamp<uint32_t>(numbers / m_features, 1, 1000);
    std::vector<uint32_t> indices(std::min(chunk, dataset.Size()));
    const double bias = m_bias ? model[m_features] : 0;
    double loss = 0;
    uint32_t hits = 0;
    for (uint32_t first = 0; first < dataset.Size(); first += chunk)
    {
        const uint32_t size = std::min(chunk, dataset.Size() - first);
        std::iota(indices.begin(), indices.begin() + size, first);
        Scores(model, {&dataset, indices.data(), size});
        for (uint32_t i = 0; i < size; ++i)
        {
            const double score = ThreadScratch<S>().scores[i] + bias;
            loss += Loss(score, Target(dataset, first + i)).loss;
            hits += dataset.classes == 2 && (score > 0) == (dataset.labels[first + i] == 1);
        }
    }
    return {loss / dataset.Size() + Penalty(model),
            dataset.classes == 2 ? static_cast<double>(hits) / dataset.Size()
                                 : std::numeric_limits<double>::quiet_NaN()};
}

template <typename S>
double
LinearModel<S>::GradientFlopsPerSample() const
{
    return 4.0 * m_features;
}

/** @return the bound for the targets of a batch */
template <typename S>
std::optional<double>
LinearModel<S>::Curvature(const Batch& batch) const
{
    double smallest = std::numeric_limits<double>::infinity();
    double largest = -smallest;
    for (uint32_t i = 0; i < batch.size; ++i)
    {
        const double target = Target(*batch.dataset, batch.indices[i]);
        smallest = std::min(smallest, target);
        largest = std::max(largest, target);
    }
    return Curvature(smallest, largest);
}

template <typename S>
std::optional<double>
LinearModel<S>::Smoothness(const Batch& batch) const
{
    const auto curvature = Curvature(batch);
    return curvature ? std::optional(LargestCurvature(batch, {*curvature, m_bias, m_penalties.l2}))
                     : std::nullopt;
}

template <typename S>
std::vector<double>
LinearModel<S>::CoordinateSmoothness(const Batch& batch) const
{
    const auto curvature = Curvature(batch);
    return curvature ? CoordinateCurvatures(batch, {*curvature, m_bias, m_penalties.l2})
                     : std::vector<double>();
}

template class LinearModel<float>;
template class LinearModel<double>;

} // namespace fl
