/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/fl-algorithm.h"
#include "ns3/fl-registry.h"

#include <algorithm>
#include <utility>

namespace fl
{

namespace
{

/** What the server says where as many voted for plus as for minus. */
enum class Tie
{
    PLUS,   ///< plus one, as in the authors' program
    ZERO,   ///< nothing moves
    RANDOM, ///< a fair coin
};

/**
 * Votes with the sign of the gradient, or of its momentum (Signum). The sign of 0 is plus, as in
 * the authors' program, whose bit is that of the floating-point sign test "less than 0".
 */
template <typename S>
class SignWorker : public WorkerHalf<S>
{
  public:
    SignWorker(const AlgorithmSetup& setup, const WorkerSetup& worker, double momentum)
        : m_dimension(setup.dimension),
          m_batch(setup.batch == 0 ? worker.samples
                                   : std::min<uint64_t>(setup.batch, worker.samples)),
          m_beta(static_cast<S>(momentum))
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
        auto signs = SignUpdate::Positive(m_dimension);
        for (uint32_t i = 0; i < m_dimension; ++i)
        {
            signs.words[i / 64] |= uint64_t{m_draft[i] < 0} << (i % 64);
        }
        return signs;
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
    std::vector<S> m_momentum; ///< v of the paper; empty without momentum
    std::vector<S> m_draft;    ///< the momentum after the computation under way
};

/**
 * Counts the votes of each coordinate. A vote that was lost is an abstention, and a coordinate for
 * which nobody voted does not move.
 */
template <typename S>
class VoteServer : public ServerHalf<S>
{
  public:
    VoteServer(const AlgorithmSetup& setup, Tie tie)
        : m_tie(tie),
          m_runSeed(setup.runSeed),
          m_workers(setup.workers),
          m_margin(setup.dimension),
          m_heard(setup.dimension)
    {
    }

    void Accept(Contribution<S> contribution) override
    {
        const auto& signs = std::get<SignUpdate>(contribution.received.update);
        for (const auto& range : Complement(contribution.received.missing, signs.size))
        {
            for (uint32_t i = range.first; i < range.end; ++i)
            {
                m_margin[i] += signs.Negative(i) ? -1 : 1;
                m_heard[i] = 1;
            }
        }
    }

    void AcceptSum(const std::vector<S>& sum, uint32_t /* workers */) override
    {
        for (std::size_t i = 0; i < sum.size(); ++i)
        {
            m_margin[i] += sum[i];
            m_heard[i] = 1;
        }
    }

    Closing<S> Close(uint32_t round) override
    {
        const auto size = static_cast<uint32_t>(m_margin.size());
        // While every coordinate moves the answer takes one bit for each, else it takes a trit.
        auto signs = SignUpdate::Positive(size);
        auto trits = TernaryUpdate::Zero(size);
        bool undecided = false;
        Random coin(m_runSeed, Purpose::ALGORITHM, m_workers, round);
        for (uint32_t i = 0; i < size; ++i)
        {
            S vote = m_margin[i];
            if (vote == 0 && m_heard[i] && m_tie != Tie::ZERO)
            {
                vote = m_tie == Tie::PLUS || coin() % 2 == 0 ? 1 : -1;
            }
            undecided = undecided || vote == 0;
            signs.words[i / 64] |= uint64_t{vote < 0} << (i % 64);
            trits.Set(i, (vote > 0) - (vote < 0));
        }
        std::fill(m_margin.begin(), m_margin.end(), S{0});
        std::fill(m_heard.begin(), m_heard.end(), 0);
        if (undecided)
        {
            return {false, std::move(trits)};
        }
        return {false, std::move(signs)};
    }

  private:
    Tie m_tie;
    RunSeed m_runSeed;
    uint32_t m_workers;           ///< keys the server's coin apart from the workers' draws
    std::vector<S> m_margin;      ///< votes for plus less votes for minus
    std::vector<uint8_t> m_heard; ///< whether anybody voted
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
          m_decay(parameters.Real("WeightDecay"))
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
        return traits;
    }

    std::unique_ptr<WorkerHalf<S>> MakeWorker(const WorkerSetup& worker) const override
    {
        return std::make_unique<SignWorker<S>>(m_setup, worker, m_momentum);
    }

    std::unique_ptr<ServerHalf<S>> MakeServer() const override
    {
        return std::make_unique<VoteServer<S>>(m_setup, m_tie);
    }

    void Apply(const ReceivedUpdate<S>& received, std::vector<S>& model) const override
    {
        const auto* signs = std::get_if<SignUpdate>(&received.update);
        const auto* trits = std::get_if<TernaryUpdate>(&received.update);
        const auto rate = static_cast<S>(m_setup.learningRate);
        const auto decay = static_cast<S>(m_decay);
        for (const auto& range : Complement(received.missing, m_setup.dimension))
        {
            for (uint32_t i = range.first; i < range.end; ++i)
            {
                const int vote = trits ? trits->At(i) : signs->Negative(i) ? -1 : 1;
                model[i] -= rate * (static_cast<S>(vote) + decay * model[i]);
            }
        }
    }

  private:
    AlgorithmSetup m_setup;
    double m_momentum;
    double m_decay;
    Tie m_tie;
};

const Registration<AlgorithmFactory> g_signSgd(
    "signsgd-mv",
    "signSGD / Signum with majority vote, 1 bit each way (arXiv:1810.05291)",
    {{"Momentum", ParameterType::REAL, "", "0", "momentum beta of Signum, 0 = signSGD", 0, 1},
     {"WeightDecay", ParameterType::REAL, "", "0", "decoupled weight decay lambda", 0},
     {"Tie",
      ParameterType::CHOICE,
      "",
      "plus",
      "what a tie says; zero takes a ternary downlink",
      0,
      0,
      {"plus", "zero", "random"}}},
    MakeAlgorithmFactory<SignSgd>(0.001));

} // namespace

} // namespace fl
