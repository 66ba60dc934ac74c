/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/fl-algorithm.h"
#include "ns3/fl-registry.h"
#include "ns3/fl-sign-pack.h"
#include "ns3/fl-vote-server.h"

#include <algorithm>
#include <utility>

namespace fl
{

namespace
{

/**
 * Votes with the sign of the gradient, or of its momentum (Signum). The sign of 0 is plus, as in
 * the authors' program, whose bit is that of the floating-point sign test "less than 0"; or a 0
 * abstains, which takes trits.
 */
template <typename S>
class SignWorker : public WorkerHalf<S>
{
  public:
    SignWorker(const AlgorithmSetup& setup,
               const WorkerSetup& worker,
               double momentum,
               bool abstains)
        : m_dimension(setup.dimension),
          m_batch(setup.BatchOf(worker.samples)),
          m_beta(static_cast<S>(momentum)),
          m_abstains(abstains)
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
        if (m_beta != 0)
        {
            m_momentum.resize(m_dimension);
            for (uint32_t i = 0; i < m_dimension; ++i)
            {
                m_draft[i] = (1 - m_beta) * m_draft[i] + m_beta * m_momentum[i];
            }
        }
        if (m_abstains)
        {
            auto trits = TernaryUpdate::Zero(m_dimension);
            for (uint32_t i = 0; i < m_dimension; ++i)
            {
                trits.Set(i, (m_draft[i] > 0) - (m_draft[i] < 0));
            }
            return trits;
        }
        return PackSigns(m_draft);
    }

    void Adopt() override
    {
        if (m_beta != 0)
        {
            m_momentum.swap(m_draft);
        }
        else
        {
            m_draft = {};
        }
    }

  private:
    uint32_t m_dimension;
    uint64_t m_batch;
    S m_beta;
    bool m_abstains;
    std::vector<S> m_momentum; ///< v of the paper; empty without momentum
    std::vector<S> m_draft;    ///< the momentum after the computation under way
};

/**
 * signSGD and Signum with majority vote (Bernstein et al., arXiv:1810.05291, algorithm 1): workers
 * upload signs, the server broadcasts the sign of their sum, everybody steps
 * x <- x - rate * (vote + decay * x). One bit a coordinate each way.
 */
template <typename S>
class SignSgd : public Algorithm<S>
{
  public:
    SignSgd(const Parameters& parameters, const AlgorithmSetup& setup)
        : m_setup(setup),
          m_momentum(parameters.Real("Momentum")),
          m_decay(parameters.Real("WeightDecay")),
          m_abstains(parameters.Text("Zero") == "abstain")
    {
        const auto& tie = parameters.Text("Tie");
        m_tie = tie == "plus" ? Tie::PLUS : tie == "zero" ? Tie::ZERO : Tie::RANDOM;
    }

    AlgorithmTraits Traits() const override
    {
        AlgorithmTraits traits;
        traits.broadcast = BroadcastKind::UPDATE;
        traits.audience = Audience::LIVE;
        traits.sumSuffices = true;
        traits.synchronousOnly = true;
        return traits;
    }

    std::unique_ptr<WorkerHalf<S>> MakeWorker(const WorkerSetup& worker) const override
    {
        return std::make_unique<SignWorker<S>>(m_setup, worker, m_momentum, m_abstains);
    }

    std::unique_ptr<ServerHalf<S>> MakeServer() const override
    {
        return std::make_unique<VoteServer<S>>(m_setup, m_tie);
    }

    MessageShape UploadShape(uint32_t /* exchange */) const override
    {
        return m_setup.Shape();
    }

    void Apply(const ReceivedUpdate<S>& received,
               uint32_t round,
               std::vector<S>& model) const override
    {
        StepAlongVote(received,
                      static_cast<S>(m_setup.learningRate.At(round)),
                      static_cast<S>(m_decay),
                      model);
    }

  private:
    AlgorithmSetup m_setup;
    double m_momentum;
    double m_decay;
    bool m_abstains;
    Tie m_tie;
};

const Registration<AlgorithmFactory> g_signSgd(
    "signsgd-mv",
    "signSGD / Signum with majority vote, 1 bit each way (arXiv:1810.05291)",
    {{"Momentum", ParameterType::REAL, "", "0", "momentum beta of Signum, 0 = signSGD", 0, 1},
     {"WeightDecay", ParameterType::REAL, "", "0", "decoupled weight decay lambda", 0},
     {"Zero",
      ParameterType::CHOICE,
      "",
      "plus",
      "what a worker's 0 votes for; abstain takes a ternary uplink",
      0,
      0,
      {"plus", "abstain"}},
     {"Tie",
      ParameterType::CHOICE,
      "",
      "plus",
      "what a tie says; zero takes a ternary downlink",
      0,
      0,
      {"plus", "zero", "random"}}},
    MakeAlgorithmFactory<SignSgd<float>, SignSgd<double>>(
        0.001,
        "up a sign a coordinate (SIGN; trits with Zero=abstain), down the same of the vote"));

} // namespace

} // namespace fl
