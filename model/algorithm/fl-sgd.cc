/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/fl-common-parameters.h"
#include "ns3/fl-compressed-sgd.h"
#include "ns3/fl-coordinate-mean.h"
#include "ns3/fl-heavy-ball.h"
#include "ns3/fl-registry.h"

#include <utility>

namespace fl
{

namespace
{

/** What the server's step can be told. */
struct SgdOptions
{
    double factor;   ///< what the mean of the gradients is multiplied by
    double momentum; ///< beta
    double decay;    ///< lambda
};

/** Averages what arrived, coordinate by coordinate; momentum and decay act where something did. */
template <typename S>
class SgdServer : public ServerHalf<S>
{
  public:
    SgdServer(uint32_t dimension, const SgdOptions& options)
        : m_dimension(dimension),
          m_factor(static_cast<S>(options.factor)),
          m_mean(dimension),
          m_ball(dimension, options.momentum, options.decay)
    {
    }

    void Observe(uint32_t /* version */, const SharedModel<S>& model) override
    {
        m_ball.Observe(model);
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
        const auto brought = Complement(m_mean.Missing(), m_dimension);
        const auto mean = m_mean.Take();
        DenseUpdate<S> step{std::vector<S>(m_dimension)};
        for (const auto& range : brought)
        {
            for (uint32_t i = range.first; i < range.end; ++i)
            {
                step.values[i] = m_ball.Step(i, m_factor * mean[i]);
            }
        }
        return {false, std::move(step)};
    }

  private:
    uint32_t m_dimension;
    S m_factor;
    CoordinateMean<S> m_mean;
    HeavyBall<S> m_ball;
};

/**
 * Synchronous stochastic gradient descent: v <- beta v + mean of the gradients + lambda x,
 * x <- x - rate * v, as PyTorch's SGD steps; in the sum form the mean counts as often as there are
 * workers, lambda does not. The model is broadcast. A coordinate that some workers lost is averaged
 * over those that did not. For one that all lost there is no step, as PyTorch takes none for a
 * parameter without gradient: it neither moves nor decays, and its velocity waits. Otherwise loss
 * would make the decay weigh more against the gradients than it should.
 */
template <typename S>
class Sgd : public CompressedSgd<S>
{
  public:
    Sgd(const Parameters& parameters, const AlgorithmSetup& setup)
        : CompressedSgd<S>(setup, std::make_shared<NoCompression<S>>(setup.dimension), {}),
          m_options{MeanFactor(parameters, setup),
                    parameters.Real("Momentum"),
                    parameters.Real("WeightDecay")}
    {
    }

    std::unique_ptr<ServerHalf<S>> MakeServer() const override
    {
        return std::make_unique<SgdServer<S>>(this->Setup().dimension, m_options);
    }

  private:
    SgdOptions m_options;
};

const Registration<AlgorithmFactory> g_sgd(
    "sgd",
    "synchronous SGD with dense gradients, the uncompressed baseline",
    {MomentumParameter("0", "momentum beta of the server's step"),
     {"WeightDecay", ParameterType::REAL, "", "0", "weight decay lambda, part of the gradient", 0},
     FormParameter("mean")},
    MakeAlgorithmFactory<Sgd<float>, Sgd<double>>(
        0.1,
        "up all values (DENSE*), down the model (DENSE*)"));

} // namespace

} // namespace fl
