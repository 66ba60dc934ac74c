/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/fl-gradient-difference.h"

#include "ns3/fl-common-parameters.h"
#include "ns3/fl-ranges.h"
#include "ns3/fl-travelling-values.h"
#include "ns3/fl-update-values.h"

#include <utility>

namespace fl
{

template <typename S>
DifferenceWorker<S>::DifferenceWorker(const AlgorithmSetup& setup,
                                      const WorkerSetup& worker,
                                      ValueCode code)
    : m_dimension(setup.dimension),
      m_batch(setup.BatchOf(worker.samples)),
      m_code(code),
      m_held(setup.dimension),
      m_unheard{{0, setup.dimension}}
{
}

template <typename S>
Work
DifferenceWorker<S>::DeclareWork(const WorkerContext<S>& /* context */) const
{
    return {1, m_batch, 1, m_dimension};
}

template <typename S>
std::optional<Update<S>>
DifferenceWorker<S>::Compute(WorkerContext<S>& context, double& loss)
{
    std::vector<S> difference(m_dimension);
    loss = context.Gradient(*context.Model(), 0, difference);
    for (uint32_t i = 0; i < m_dimension; ++i)
    {
        difference[i] -= m_held[i];
    }
    m_draft = Choose(std::move(difference), context);
    if (m_draft)
    {
        RoundValues(*m_draft, m_code);
    }
    return m_draft;
}

template <typename S>
std::optional<Update<S>>
DifferenceWorker<S>::Choose(std::vector<S> difference, const WorkerContext<S>& /* context */) const
{
    return DenseUpdate<S>{std::move(difference)};
}

template <typename S>
void
DifferenceWorker<S>::Adopt()
{
    m_sent = std::exchange(m_draft, std::nullopt);
}

template <typename S>
void
DifferenceWorker<S>::Confirm(const Receipt& receipt)
{
    ForEachValue(*m_sent, receipt.missing, [this](uint32_t i, S value) { m_held[i] += value; });
    m_unheard = Intersection(m_unheard, receipt.missing);
    m_sent.reset();
}

template <typename S>
GradientSumServer<S>::GradientSumServer(uint32_t dimension)
    : m_sum(dimension)
{
}

template <typename S>
void
GradientSumServer<S>::Accept(Contribution<S> contribution)
{
    ForEachValue(contribution.received.update,
                 contribution.received.missing,
                 [this](uint32_t i, S value) { m_sum[i] += value; });
}

template <typename S>
void
GradientSumServer<S>::AcceptSum(const std::vector<S>& sum, uint32_t /* workers */)
{
    for (std::size_t i = 0; i < sum.size(); ++i)
    {
        m_sum[i] += sum[i];
    }
}

template <typename S>
Closing<S>
GradientSumServer<S>::Close(uint32_t /* round */)
{
    return {false, DenseUpdate<S>{m_sum}};
}

template <typename S>
DifferenceAlgorithm<S>::DifferenceAlgorithm(const Parameters& parameters,
                                            const AlgorithmSetup& setup)
    : m_setup(setup),
      m_code(ValueCodeOf(parameters)),
      m_rate(SumRate(parameters, setup))
{
}

template <typename S>
AlgorithmTraits
DifferenceAlgorithm<S>::Traits() const
{
    AlgorithmTraits traits;
    traits.committed = true;
    traits.sumSuffices = true;
    return traits;
}

template <typename S>
std::unique_ptr<WorkerHalf<S>>
DifferenceAlgorithm<S>::MakeWorker(const WorkerSetup& worker) const
{
    return std::make_unique<DifferenceWorker<S>>(m_setup, worker, m_code);
}

template <typename S>
std::unique_ptr<ServerHalf<S>>
DifferenceAlgorithm<S>::MakeServer() const
{
    return std::make_unique<GradientSumServer<S>>(m_setup.dimension);
}

template <typename S>
MessageShape
DifferenceAlgorithm<S>::UploadShape(uint32_t /* exchange */) const
{
    return m_setup.Shape();
}

template <typename S>
void
DifferenceAlgorithm<S>::Apply(const ReceivedUpdate<S>& received,
                              uint32_t round,
                              std::vector<S>& model) const
{
    const auto rate = static_cast<S>(m_rate.At(round));
    ForEachValue(received.update,
                 received.missing,
                 [&](uint32_t i, S value) { model[i] -= rate * value; });
}

template class DifferenceWorker<float>;
template class DifferenceWorker<double>;
template class GradientSumServer<float>;
template class GradientSumServer<double>;
template class DifferenceAlgorithm<float>;
template class DifferenceAlgorithm<double>;

} // namespace fl
