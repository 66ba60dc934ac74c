/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/fl-algorithm.h"
#include "ns3/fl-common-parameters.h"
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
        auto vote = m_draft; // a liar's momentum stays true
        context.Vote(vote);
        if (m_abstains)
        {
            auto trits = TernaryUpdate::Zero(m_dimension);
            for (uint32_t i = 0; i < m_dimension; ++i)
            {
                trits.Set(i, (vote[i] > 0) - (vote[i] < 0));
            }
            return trits;
        }
        return PackSigns(vote);
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
 * x <- x - rate * (vote + decay * x). One bit a coordinate each way. Dishonest workers falsify what
 * is signed, the momentum if there is one, as the paper's do.
 */
template <typename S>
class SignSgd : public MajorityVote<S>
{
  public:
    SignSgd(const Parameters& parameters, const AlgorithmSetup& setup)
        : MajorityVote<S>(setup, parameters.Real("WeightDecay")),
          m_momentum(parameters.Real("Momentum")),
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
        traits.votes = true;
        traits.sumSuffices = true;
        traits.synchronousOnly = true;
        return traits;
    }

    std::unique_ptr<WorkerHalf<S>> MakeWorker(const WorkerSetup& worker) const override
    {
        return std::make_unique<SignWorker<S>>(this->Setup(), worker, m_momentum, m_abstains);
    }

    std::unique_ptr<ServerHalf<S>> MakeServer() const override
    {
        return std::make_unique<VoteServer<S>>(this->Setup(), m_tie);
    }

  private:
    double m_momentum;
    bool m_abstains;
    Tie m_tie;
};

const Registration<AlgorithmFactory> g_signSgd(
    "signsgd-mv",
    "signSGD / Signum with majority vote, 1 bit each way (arXiv:1810.05291)",
    {MomentumParameter("0", "momentum beta of Signum, 0 = signSGD"),
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
