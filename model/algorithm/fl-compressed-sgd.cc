/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/fl-compressed-sgd.h"

#include "ns3/fl-local-sgd.h"
#include "ns3/fl-travelling-values.h"
#include "ns3/fl-update-values.h"

#include <algorithm>
#include <utility>

namespace fl
{

namespace
{

/** Computes a gradient or some local steps, and compresses. */
template <typename S>
class CompressedWorker : public WorkerHalf<S>
{
  public:
    CompressedWorker(const AlgorithmSetup& setup,
                     const WorkerSetup& worker,
                     std::shared_ptr<const Compressor<S>> compressor,
                     const CompressionPlan& plan)
        : m_dimension(setup.dimension),
          m_compressor(std::move(compressor)),
          m_plan(plan),
          m_training{plan.localSteps,
                     setup.learningRate,
                     0,
                     setup.SamplesOf(worker.samples, plan.localSteps)},
          m_memory(plan.errorFeedback ? setup.dimension : 0)
    {
    }

    Work DeclareWork(const WorkerContext<S>& /* context */) const override
    {
        return m_training.Declare(m_dimension);
    }

    std::optional<Update<S>> Compute(WorkerContext<S>& context, double& loss) override
    {
        std::vector<S> wanted(m_dimension);
        if (m_plan.content == Content::LOCAL_STEPS)
        {
            loss = m_training.Run(context, wanted);
        }
        else
        {
            loss = context.Gradient(*context.Model(), 0, wanted);
        }
        if (m_plan.content == Content::STEP)
        {
            const auto rate = static_cast<S>(m_training.rate.At(context.Round()));
            for (auto& value : wanted)
            {
                value *= rate;
            }
        }
        if (!m_plan.errorFeedback)
        {
            return m_compressor->Compress(wanted, context.Draws());
        }
        for (uint32_t i = 0; i < m_dimension; ++i)
        {
            wanted[i] += m_memory.Error()[i];
        }
        auto said = m_compressor->Compress(wanted, context.Draws());
        m_memory.Draft(std::move(wanted), said);
        return said;
    }

    void Adopt() override
    {
        if (m_plan.errorFeedback)
        {
            m_memory.Adopt();
        }
    }

    void Confirm(const Receipt& receipt) override
    {
        m_memory.Confirm(receipt.missing);
    }

  private:
    uint32_t m_dimension;
    std::shared_ptr<const Compressor<S>> m_compressor;
    CompressionPlan m_plan;
    LocalSgd m_training;
    ErrorMemory<S> m_memory;
};

/** Averages what arrived and says the mean as the plan wants it. */
template <typename S>
class CompressedServer : public ServerHalf<S>
{
  public:
    CompressedServer(const AlgorithmSetup& setup,
                     std::shared_ptr<const Compressor<S>> compressor,
                     const CompressionPlan& plan)
        : m_runSeed(setup.runSeed),
          m_workers(setup.workers),
          m_compressor(std::move(compressor)),
          m_plan(plan),
          m_buffer(setup.buffer),
          m_expected(setup.workers),
          m_mean(setup.dimension),
          m_senders(plan.overSenders ? setup.dimension : 0),
          m_memory(plan.downlink == Downlink::COMPRESSED_MEMORY ? setup.dimension : 0)
    {
    }

    std::vector<uint32_t> Select(uint32_t /* round */,
                                 uint32_t /* exchange */,
                                 const std::vector<uint32_t>& candidates) override
    {
        m_expected = m_buffer > 0 ? m_buffer : static_cast<uint32_t>(candidates.size());
        return candidates;
    }

    void Accept(Contribution<S> contribution) override
    {
        m_mean.Add(contribution.received);
        if (m_plan.overSenders)
        {
            ForEachValue(contribution.received.update,
                         contribution.received.missing,
                         [this](uint32_t i, S /* value */) { ++m_senders[i]; });
        }
    }

    void AcceptSum(const std::vector<S>& sum, uint32_t workers) override
    {
        m_mean.AddSum(sum, workers);
    }

    Closing<S> Close(uint32_t round) override
    {
        auto mean = TakeMean();
        Random draws(m_runSeed, Purpose::ALGORITHM, m_workers, round);
        switch (m_plan.downlink)
        {
        case Downlink::MODEL:
            break;
        case Downlink::MEAN:
            return {false, NonzerosOf(mean)};
        case Downlink::COMPRESSED:
            return {false, m_compressor->Compress(mean, draws)};
        case Downlink::COMPRESSED_MEMORY:
            for (std::size_t i = 0; i < mean.size(); ++i)
            {
                mean[i] += m_memory.Error()[i];
            }
            auto said = m_compressor->Compress(mean, draws);
            m_memory.Draft(std::move(mean), said);
            m_memory.Adopt();
            m_memory.Confirm({});
            return {false, std::move(said)};
        }
        return {false, DenseUpdate<S>{std::move(mean)}};
    }

  private:
    std::vector<S> TakeMean()
    {
        if (!m_plan.overSenders)
        {
            return m_plan.errorFeedback ? m_mean.TakeSumOver(std::max(m_expected, 1u))
                                        : m_mean.Take();
        }
        auto mean = m_mean.TakeSumOver(1);
        for (std::size_t i = 0; i < mean.size(); ++i)
        {
            mean[i] /= static_cast<S>(std::max(std::exchange(m_senders[i], 0), 1u));
        }
        return mean;
    }

    RunSeed m_runSeed;
    uint32_t m_workers; ///< keys the server's draws apart from the workers'
    std::shared_ptr<const Compressor<S>> m_compressor;
    CompressionPlan m_plan;
    uint32_t m_buffer;   ///< see AlgorithmSetup
    uint32_t m_expected; ///< answers that this round waits for
    CoordinateMean<S> m_mean;
    std::vector<uint32_t>
        m_senders;           ///< by coordinate, workers that sent it; empty if not asked for
    ErrorMemory<S> m_memory; ///< of the downlink
};

} // namespace

Downlink
ChosenDownlink(const Parameters& parameters, Downlink update)
{
    return parameters.Text("Downlink") == "update" ? update : Downlink::MODEL;
}

template <typename S>
CompressedSgd<S>::CompressedSgd(const AlgorithmSetup& setup,
                                std::shared_ptr<const Compressor<S>> compressor,
                                const CompressionPlan& plan)
    : m_setup(setup),
      m_compressor(std::move(compressor)),
      m_plan(plan)
{
}

template <typename S>
AlgorithmTraits
CompressedSgd<S>::Traits() const
{
    AlgorithmTraits traits;
    if (m_plan.downlink != Downlink::MODEL)
    {
        traits.broadcast = BroadcastKind::UPDATE;
        traits.audience = Audience::LIVE;
    }
    traits.committed = m_plan.errorFeedback;
    traits.sumSuffices = !m_plan.overSenders;
    traits.localSteps = m_plan.content == Content::LOCAL_STEPS;
    return traits;
}

template <typename S>
std::unique_ptr<WorkerHalf<S>>
CompressedSgd<S>::MakeWorker(const WorkerSetup& worker) const
{
    return std::make_unique<CompressedWorker<S>>(m_setup, worker, m_compressor, m_plan);
}

template <typename S>
std::unique_ptr<ServerHalf<S>>
CompressedSgd<S>::MakeServer() const
{
    return std::make_unique<CompressedServer<S>>(m_setup, m_compressor, m_plan);
}

template <typename S>
MessageShape
CompressedSgd<S>::UploadShape(uint32_t /* exchange */) const
{
    return m_compressor->Shape();
}

template <typename S>
MessageShape
CompressedSgd<S>::UpdateShape() const
{
    return m_plan.downlink == Downlink::MEAN ? m_setup.Shape() : m_compressor->Shape();
}

template <typename S>
void
CompressedSgd<S>::Apply(const ReceivedUpdate<S>& received,
                        uint32_t round,
                        std::vector<S>& model) const
{
    const S factor =
        m_plan.content == Content::GRADIENT ? static_cast<S>(m_setup.learningRate.At(round)) : S{1};
    ForEachValue(received.update,
                 received.missing,
                 [&](uint32_t i, S value) { model[i] -= factor * value; });
}

template class CompressedSgd<float>;
template class CompressedSgd<double>;

} // namespace fl
