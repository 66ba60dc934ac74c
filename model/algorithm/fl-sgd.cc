/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/fl-algorithm.h"
#include "ns3/fl-coordinate-mean.h"
#include "ns3/fl-registry.h"

#include <algorithm>
#include <utility>

namespace fl
{

namespace
{

/** Sends the mini-batch gradient as it is. Keeps no state. */
template <typename S>
class SgdWorker : public WorkerHalf<S>
{
  public:
    SgdWorker(const AlgorithmSetup& setup, const WorkerSetup& worker)
        : m_dimension(setup.dimension),
          m_batch(setup.batch == 0 ? worker.samples
                                   : std::min<uint64_t>(setup.batch, worker.samples))
    {
    }

    Work DeclareWork(const WorkerContext<S>& /* context */) const override
    {
        return {1, m_batch, 1, m_dimension};
    }

    std::optional<Update<S>> Compute(WorkerContext<S>& context, double& loss) override
    {
        DenseUpdate<S> gradient{std::vector<S>(m_dimension)};
        loss = context.Gradient(*context.Model(), 0, gradient.values);
        return gradient;
    }

  private:
    uint32_t m_dimension;
    uint64_t m_batch;
};

/** Averages what arrived, coordinate by coordinate. */
template <typename S>
class SgdServer : public ServerHalf<S>
{
  public:
    explicit SgdServer(uint32_t dimension)
        : m_mean(dimension)
    {
    }

    void Accept(Contribution<S> contribution) override
    {
        m_mean.Add(contribution.received);
    }

    void AcceptSum(const std::vector<S>& sum, uint32_t workers) override
    {
        m_mean.AddSum(sum, workers);
    }

    Closing<S> Close(uint32_t /* round */) override
    {
        return {false, DenseUpdate<S>{m_mean.Take()}};
    }

  private:
    CoordinateMean<S> m_mean;
};

/**
 * Synchronous stochastic gradient descent: x <- x - rate * mean of the gradients. The model is
 * broadcast. A coordinate that some workers lost is averaged over those that did not; one that
 * all lost does not move.
 */
template <typename S>
class Sgd : public Algorithm<S>
{
  public:
    Sgd(const Parameters& /* parameters */, const AlgorithmSetup& setup)
        : m_setup(setup)
    {
    }

    AlgorithmTraits Traits() const override
    {
        AlgorithmTraits traits;
        traits.sumSuffices = true;
        return traits;
    }

    std::unique_ptr<WorkerHalf<S>> MakeWorker(const WorkerSetup& worker) const override
    {
        return std::make_unique<SgdWorker<S>>(m_setup, worker);
    }

    std::unique_ptr<ServerHalf<S>> MakeServer() const override
    {
        return std::make_unique<SgdServer<S>>(m_setup.dimension);
    }

    MessageShape UploadShape(uint32_t /* exchange */) const override
    {
        return m_setup.Shape();
    }

    void Apply(const ReceivedUpdate<S>& received,
               uint32_t round,
               std::vector<S>& model) const override
    {
        const auto rate = static_cast<S>(m_setup.learningRate.At(round));
        const auto& mean = std::get<DenseUpdate<S>>(received.update).values;
        for (const auto& range : Complement(received.missing, m_setup.dimension))
        {
            for (uint32_t i = range.first; i < range.end; ++i)
            {
                model[i] -= rate * mean[i];
            }
        }
    }

  private:
    AlgorithmSetup m_setup;
};

const Registration<AlgorithmFactory>
    g_sgd("sgd",
          "synchronous SGD with dense gradients, the uncompressed baseline",
          {},
          MakeAlgorithmFactory<Sgd<float>, Sgd<double>>(
              0.1,
              "up all values (DENSE*), down the model (DENSE*)"));

} // namespace

} // namespace fl
