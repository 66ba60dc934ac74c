/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/fl-algorithm.h"
#include "ns3/fl-block-selection.h"
#include "ns3/fl-common-parameters.h"
#include "ns3/fl-heavy-ball.h"
#include "ns3/fl-registry.h"
#include "ns3/fl-update-values.h"
#include "ns3/fl-vote-server.h"

#include <cmath>
#include <utility>

namespace fl
{

namespace
{

/** Which entries a worker votes on. */
enum class Choice
{
    TOP,    ///< the largest of what has accumulated
    RANDOM, ///< some, drawn anew each round; nothing accumulates
};

/**
 * Votes with the signs of the largest entries of a = weight * a + gradient and clears what the
 * receipt confirms; an entry whose vote was lost stays. A share of 1 votes on all entries of the
 * gradient and accumulates nothing. The sign of 0 is no vote.
 */
template <typename S>
class S3gdWorker : public WorkerHalf<S>
{
  public:
    S3gdWorker(const AlgorithmSetup& setup,
               const WorkerSetup& worker,
               BlockSelection selection,
               Choice choice,
               double weight)
        : m_dimension(setup.dimension),
          m_batch(setup.BatchOf(worker.samples)),
          m_selection(std::move(selection)),
          m_choice(choice),
          m_weight(static_cast<S>(weight)),
          m_accumulates(choice == Choice::TOP && m_selection.Density() < 1),
          m_sum(m_accumulates ? setup.dimension : 0)
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
        for (uint32_t i = 0; i < m_sum.size(); ++i)
        {
            m_draft[i] = m_weight * m_sum[i] + m_draft[i];
        }
        m_draftVotes = TernaryUpdate::Zero(m_dimension);
        for (const uint32_t i : m_choice == Choice::TOP ? m_selection.Largest(m_draft)
                                                        : m_selection.Draw(context.Draws()))
        {
            m_draftVotes.Set(i, (m_draft[i] > 0) - (m_draft[i] < 0));
        }
        return m_draftVotes;
    }

    void Adopt() override
    {
        if (m_accumulates)
        {
            m_sum.swap(m_draft);
            m_votes = std::move(m_draftVotes);
        }
    }

    void Confirm(const Receipt& receipt) override
    {
        if (m_votes.size == 0)
        {
            return;
        }
        ForEachValue<S>(m_votes,
                        receipt.missing,
                        [this](uint32_t i, S /* vote */) { m_sum[i] = 0; });
        m_votes = {};
    }

  private:
    uint32_t m_dimension;
    uint64_t m_batch;
    BlockSelection m_selection;
    Choice m_choice;
    S m_weight;
    bool m_accumulates;
    std::vector<S> m_sum;       ///< a of the paper; empty if nothing accumulates
    TernaryUpdate m_votes;      ///< the upload in flight; of size 0 if there is none
    std::vector<S> m_draft;     ///< a before the upload under way is confirmed
    TernaryUpdate m_draftVotes; ///< the upload under way
};

/** The vote, in which a tie moves nothing, as the gradient of a step with momentum. */
template <typename S>
class S3gdMomentumServer : public VoteServer<S>
{
  public:
    S3gdMomentumServer(const AlgorithmSetup& setup, double momentum, double decay)
        : VoteServer<S>(setup, Tie::ZERO),
          m_ball(setup.dimension, momentum, decay)
    {
    }

    void Observe(uint32_t /* version */, const SharedModel<S>& model) override
    {
        m_ball.Observe(model);
    }

    Closing<S> Close(uint32_t round) override
    {
        auto closing = VoteServer<S>::Close(round);
        std::vector<S> step(this->Size());
        ForEachValue(closing.update, {}, [&step](uint32_t i, S vote) { step[i] = vote; });
        for (uint32_t i = 0; i < step.size(); ++i)
        {
            step[i] = m_ball.Step(i, step[i]);
        }
        closing.update = DenseUpdate<S>{std::move(step)};
        return closing;
    }

  private:
    HeavyBall<S> m_ball;
};

/**
 * S3GD-MV, sparse signSGD with majority vote (Park & Lee, arXiv:2302.07475): workers upload the
 * signs of the largest entries of their error-accumulated gradient as trits, the server broadcasts
 * the sign of their sum, in which no votes and a tie are 0, and everybody steps
 * x <- x - rate * (vote + decay * x). Lost votes are abstentions; their entries stay accumulated
 * (receipts). With server momentum, through which the decay passes, the step is no ternary vector
 * any more and the model is broadcast.
 */
template <typename S>
class S3gd : public MajorityVote<S>
{
  public:
    S3gd(const Parameters& parameters, const AlgorithmSetup& setup)
        : MajorityVote<S>(setup,
                          parameters.Real("Momentum") == 0 ? parameters.Real("WeightDecay") : 0),
          m_selection(parameters, setup),
          m_choice(parameters.Text("Choice") == "top" ? Choice::TOP : Choice::RANDOM),
          m_weight(parameters.Real("Accumulation")),
          m_momentum(parameters.Real("Momentum")),
          m_decay(parameters.Real("WeightDecay"))
    {
        parameters.RequireEffect("Accumulation", m_choice == Choice::TOP, "Choice = top");
    }

    AlgorithmTraits Traits() const override
    {
        AlgorithmTraits traits;
        if (m_momentum == 0)
        {
            traits.broadcast = BroadcastKind::UPDATE;
            traits.audience = Audience::LIVE;
        }
        traits.committed = m_choice == Choice::TOP && m_selection.Density() < 1;
        traits.sumSuffices = true;
        traits.synchronousOnly = true;
        return traits;
    }

    std::unique_ptr<WorkerHalf<S>> MakeWorker(const WorkerSetup& worker) const override
    {
        return std::make_unique<S3gdWorker<S>>(this->Setup(),
                                               worker,
                                               m_selection,
                                               m_choice,
                                               m_weight);
    }

    std::unique_ptr<ServerHalf<S>> MakeServer() const override
    {
        if (m_momentum == 0)
        {
            return std::make_unique<VoteServer<S>>(this->Setup(), Tie::ZERO);
        }
        return std::make_unique<S3gdMomentumServer<S>>(this->Setup(), m_momentum, m_decay);
    }

  private:
    BlockSelection m_selection;
    Choice m_choice;
    double m_weight;
    double m_momentum;
    double m_decay;
};

/** @return the parameters; the density is that of the authors' example */
ParameterTable
MakeTable()
{
    auto table = BlockSelection::Table("0.1");
    table.insert(table.end(),
                 {{"Choice",
                   ParameterType::CHOICE,
                   "",
                   "top",
                   "the largest accumulated entries, or some at random without accumulation",
                   0,
                   0,
                   {"top", "random"}},
                  {"Accumulation",
                   ParameterType::REAL,
                   "",
                   "1",
                   "weight of what has accumulated before, 0 = no accumulation",
                   0,
                   1},
                  MomentumParameter("0", "momentum of the server's step; takes a dense downlink"),
                  {"WeightDecay", ParameterType::REAL, "", "0", "weight decay lambda", 0}});
    return table;
}

const Registration<AlgorithmFactory>
    g_s3gd("s3gd-mv",
           "sparse signSGD with majority vote and error accumulation (arXiv:2302.07475)",
           MakeTable(),
           MakeAlgorithmFactory<S3gd<float>, S3gd<double>>(
               0.001,
               "up and down trits in the shortest of four codings (TERNARY*); with Momentum > 0 "
               "down the model (DENSE*)"));

} // namespace

} // namespace fl
