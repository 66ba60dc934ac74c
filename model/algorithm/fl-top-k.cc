/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/fl-algorithm.h"
#include "ns3/fl-registry.h"
#include "ns3/fl-top-k-selection.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace fl
{

namespace
{

/**
 * Sends the largest entries of rate * gradient + error and keeps the rest as the new error. Until
 * the receipt is there the whole vector is in flight: what the server did not accept stays error.
 */
template <typename S>
class TopKWorker : public WorkerHalf<S>
{
  public:
    TopKWorker(const AlgorithmSetup& setup,
               const WorkerSetup& worker,
               const std::vector<Tensor>& blocks,
               double density)
        : m_dimension(setup.dimension),
          m_batch(setup.batch == 0 ? worker.samples
                                   : std::min<uint64_t>(setup.batch, worker.samples)),
          m_rate(static_cast<S>(setup.learningRate)),
          m_blocks(blocks),
          m_density(density),
          m_error(setup.dimension)
    {
    }

    Work DeclareWork(const WorkerContext<S>& /* context */) const override
    {
        return {1, m_batch, 1, m_dimension};
    }

    std::optional<Update<S>> Compute(WorkerContext<S>& context, double& loss) override
    {
        m_draft.resize(m_dimension);
        loss = context.Gradient(*context.Model(), 0, m_draft);
        for (uint32_t i = 0; i < m_dimension; ++i)
        {
            m_draft[i] = m_rate * m_draft[i] + m_error[i];
        }
        SparseUpdate<S> sent{m_dimension, {}, {}};
        for (const auto& block : m_blocks)
        {
            const auto keep = static_cast<uint32_t>(std::ceil(m_density * block.Size()));
            SelectTopK(m_draft,
                       block.first,
                       block.Size(),
                       std::clamp(keep, 1u, block.Size()),
                       sent.indices);
        }
        for (const uint32_t i : sent.indices)
        {
            sent.values.push_back(m_draft[i]);
        }
        m_draftSent = sent.indices;
        return sent;
    }

    void Adopt() override
    {
        m_error.swap(m_draft);
        m_sent.swap(m_draftSent);
    }

    void Confirm(const Receipt& receipt) override
    {
        auto lost = receipt.missing.begin();
        for (const uint32_t i : m_sent)
        {
            while (lost != receipt.missing.end() && lost->end <= i)
            {
                ++lost;
            }
            if (lost == receipt.missing.end() || i < lost->first)
            {
                m_error[i] = 0;
            }
        }
        m_sent.clear();
    }

  private:
    uint32_t m_dimension;
    uint64_t m_batch;
    S m_rate;
    std::vector<Tensor> m_blocks;
    double m_density;
    std::vector<S> m_error;       ///< e of the papers; with an upload in flight its vector, too
    std::vector<uint32_t> m_sent; ///< coordinates of the upload in flight
    std::vector<S> m_draft;       ///< the error before the upload under way is confirmed
    std::vector<uint32_t> m_draftSent; ///< coordinates of the upload under way
};

/** Averages the sparse updates; a coordinate that a worker did not choose counts as 0. */
template <typename S>
class TopKServer : public ServerHalf<S>
{
  public:
    explicit TopKServer(const AlgorithmSetup& setup)
        : m_workers(setup.workers),
          m_sum(setup.dimension)
    {
    }

    void Accept(Contribution<S> contribution) override
    {
        const auto& sparse = std::get<SparseUpdate<S>>(contribution.received.update);
        for (std::size_t i = 0; i < sparse.indices.size(); ++i)
        {
            m_sum[sparse.indices[i]] += sparse.values[i];
        }
    }

    void AcceptSum(const std::vector<S>& sum, uint32_t /* workers */) override
    {
        for (std::size_t i = 0; i < sum.size(); ++i)
        {
            m_sum[i] += sum[i];
        }
    }

    Closing<S> Close(uint32_t /* round */) override
    {
        const auto size = static_cast<uint32_t>(m_sum.size());
        SparseUpdate<S> mean{size, {}, {}};
        for (uint32_t i = 0; i < size; ++i)
        {
            if (m_sum[i] != 0)
            {
                mean.indices.push_back(i);
                mean.values.push_back(m_sum[i] / static_cast<S>(m_workers));
                m_sum[i] = 0;
            }
        }
        return {false, std::move(mean)};
    }

  private:
    uint32_t m_workers;
    std::vector<S> m_sum;
};

/**
 * Top-k sparsified SGD with error feedback, Mem-SGD (Stich et al., arXiv:1809.07599):
 * v = error + rate * gradient, send the largest entries of v, keep the others as error,
 * x <- x - mean of what was sent. The mean is over all workers: an entry that was lost comes again
 * through the error of its worker.
 */
template <typename S>
class TopK : public Algorithm<S>
{
  public:
    TopK(const Parameters& parameters, const AlgorithmSetup& setup)
        : m_setup(setup),
          m_density(parameters.Real("Density"))
    {
        m_blocks = parameters.Text("Scope") == "tensor"
                       ? setup.tensors
                       : std::vector<Tensor>{{"model", 0, 1, setup.dimension}};
    }

    AlgorithmTraits Traits() const override
    {
        AlgorithmTraits traits;
        traits.broadcast = BroadcastKind::UPDATE;
        traits.audience = Audience::LIVE;
        traits.committed = true;
        traits.sumSuffices = true;
        return traits;
    }

    std::unique_ptr<WorkerHalf<S>> MakeWorker(const WorkerSetup& worker) const override
    {
        return std::make_unique<TopKWorker<S>>(m_setup, worker, m_blocks, m_density);
    }

    std::unique_ptr<ServerHalf<S>> MakeServer() const override
    {
        return std::make_unique<TopKServer<S>>(m_setup);
    }

    void Apply(const ReceivedUpdate<S>& received, std::vector<S>& model) const override
    {
        const auto& mean = std::get<SparseUpdate<S>>(received.update);
        for (std::size_t i = 0; i < mean.indices.size(); ++i)
        {
            model[mean.indices[i]] -= mean.values[i];
        }
    }

  private:
    AlgorithmSetup m_setup;
    double m_density;
    std::vector<Tensor> m_blocks;
};

const Registration<AlgorithmFactory> g_topK(
    "top-k",
    "top-k sparsified SGD with error feedback, sparse both ways (arXiv:1809.07599)",
    {{"Density", ParameterType::REAL, "", "0.01", "share of the entries that is sent", 1e-9, 1},
     {"Scope",
      ParameterType::CHOICE,
      "",
      "tensor",
      "where the largest are sought",
      0,
      0,
      {"tensor", "global"}}},
    MakeAlgorithmFactory<TopK>(0.1));

} // namespace

} // namespace fl
