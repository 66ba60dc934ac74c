/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/fl-change-history.h"
#include "ns3/fl-common-parameters.h"
#include "ns3/fl-registry.h"
#include "ns3/fl-share.h"
#include "ns3/fl-top-k-selection.h"
#include "ns3/fl-travelling-values.h"
#include "ns3/fl-update-values.h"

#include <algorithm>
#include <utility>

namespace fl
{

namespace
{

/** What distinguishes SASG from its special cases. */
struct SasgOptions
{
    LearningRate rate;       ///< step size on the sum of the gradients
    double density;          ///< share of the entries that is sent
    bool adaptive;           ///< whether workers may stay silent
    RateThreshold weight;    ///< of the squared changes in the threshold
    uint32_t depth;          ///< D of the paper: the rule looks at D - 1 changes
    uint32_t maxSilence;     ///< rounds after an upload in which a worker may stay silent
    ValueCode code;          ///< how values travel
    BroadcastKind broadcast; ///< what is broadcast
};

/**
 * Uploads the largest entries of rate * gradient + error, unless the gradient has hardly changed
 * since the model of the last upload. What the server did not accept becomes the error, unless the
 * server, having got nothing, takes the upload before once more: then the round is a silence.
 */
template <typename S>
class SasgWorker : public WorkerHalf<S>
{
  public:
    SasgWorker(const AlgorithmSetup& setup, const WorkerSetup& worker, const SasgOptions& options)
        : m_options(options),
          m_tensors(setup.tensors),
          m_dimension(setup.dimension),
          m_batch(setup.BatchOf(worker.samples)),
          m_error(setup.dimension)
    {
    }

    Work DeclareWork(const WorkerContext<S>& context) const override
    {
        const uint32_t gradients = MayBeSilent(context.Round()) ? 2 : 1;
        return {gradients, gradients * m_batch, 1, m_dimension};
    }

    std::optional<Update<S>> Compute(WorkerContext<S>& context, double& loss) override
    {
        m_draftSent.reset();
        m_draftModel = context.Model();
        m_draft.resize(m_dimension);
        loss = context.Gradient(*m_draftModel, 0, m_draft);
        if (MayBeSilent(context.Round()))
        {
            std::vector<S> old(m_dimension);
            context.Gradient(*m_uploadedModel, 0, old);
            if (SquaredDistance(m_draft, old) <=
                m_options.weight.At(context.Round()) * SquaredChanges(*m_draftModel, m_dimension))
            {
                return std::nullopt;
            }
        }
        const auto rate = static_cast<S>(m_options.rate.At(context.Round()));
        for (uint32_t i = 0; i < m_dimension; ++i)
        {
            m_draft[i] = rate * m_draft[i] + m_error[i];
        }
        m_draftSent = Choose(m_draft);
        RoundValues(*m_draftSent, m_options.code);
        return m_draftSent;
    }

    void Adopt() override
    {
        m_sent = std::exchange(m_draftSent, std::nullopt);
        m_sentModel = std::exchange(m_draftModel, nullptr);
    }

    void Confirm(const Receipt& receipt) override
    {
        const bool nothing = Count(receipt.missing) == m_dimension;
        const bool repeated = nothing && m_serverHolds;
        if (!repeated)
        {
            // The draft is that of this upload: the next computation waits for the receipt.
            m_error.swap(m_draft);
            ForEachValue(*m_sent,
                         receipt.missing,
                         [this](uint32_t i, S value) { m_error[i] -= value; });
            m_serverHolds = m_options.adaptive && !nothing;
        }
        if (receipt.Complete() && m_options.adaptive)
        {
            m_uploadedModel = std::move(m_sentModel);
            m_uploadedRound = receipt.round;
        }
        m_sentModel.reset();
        m_sent.reset();
    }

  private:
    /** @return whether the rule decides; in the first rounds and after a long silence it does not
     */
    bool MayBeSilent(uint32_t round) const
    {
        return m_options.adaptive && round >= m_options.depth && m_uploadedModel &&
               round - m_uploadedRound <= m_options.maxSilence;
    }

    /** @return the largest entries of every tensor, as the authors' program counts them */
    Update<S> Choose(const std::vector<S>& values) const
    {
        if (m_options.density == 1)
        {
            return DenseUpdate<S>{values};
        }
        SparseUpdate<S> sent{m_dimension, {}, {}};
        for (const auto& tensor : m_tensors)
        {
            const auto share = ShareRoundedDown(m_options.density, tensor.Size());
            SelectTopK(values, tensor.first, tensor.Size(), std::max(share, 1U), sent.indices);
        }
        for (const uint32_t i : sent.indices)
        {
            sent.values.push_back(values[i]);
        }
        return sent;
    }

    SasgOptions m_options;
    std::vector<Tensor> m_tensors;
    uint32_t m_dimension;
    uint64_t m_batch;
    std::vector<S> m_error;         ///< e of the papers
    bool m_serverHolds{false};      ///< whether the server has an upload that it takes once more
    SharedModel<S> m_uploadedModel; ///< w of the paper: the model of the last complete upload
    uint32_t m_uploadedRound{0};    ///< its round; tau of the paper is the rounds since then
    std::vector<S> m_draft;         ///< what the upload under way or in flight is chosen from
    std::optional<Update<S>> m_draftSent; ///< the upload under way
    SharedModel<S> m_draftModel;          ///< its model
    std::optional<Update<S>> m_sent;      ///< the upload in flight
    SharedModel<S> m_sentModel;           ///< its model
};

/**
 * Steps along the sum of the last uploads of all workers, or with `sparse` of this round's. So each
 * worker steps once a round: an upload that comes late, with one in time behind it, takes the place
 * of the one before in the round that it missed.
 */
template <typename S>
class SasgServer : public ServerHalf<S>
{
  public:
    SasgServer(const AlgorithmSetup& setup, bool reuse)
        : m_reuse(reuse),
          m_last(setup.workers),
          m_before(setup.workers),
          m_fresh(setup.workers),
          m_sum(setup.dimension)
    {
    }

    void Accept(Contribution<S> contribution) override
    {
        const uint32_t worker = contribution.worker;
        auto& last = m_last[worker];
        auto& before = m_before[worker];
        if (m_fresh[worker])
        {
            // A late upload that this one replaces before the model has moved along it. In its
            // round the model has moved along the one before.
            Add(*last, 1);
            if (before)
            {
                Add(*before, -1);
            }
        }
        before = std::exchange(last, std::move(contribution.received));
        m_fresh[worker] = true;
    }

    Closing<S> Close(uint32_t /* round */) override
    {
        for (std::size_t worker = 0; worker < m_last.size(); ++worker)
        {
            if (m_last[worker])
            {
                Add(*m_last[worker], 1);
            }
            if (!m_reuse)
            {
                m_last[worker].reset();
            }
            m_before[worker].reset();
            m_fresh[worker] = false;
        }
        std::vector<S> sum(m_sum.size());
        sum.swap(m_sum);
        return {false, DenseOrSparse(std::move(sum))};
    }

  private:
    void Add(const ReceivedUpdate<S>& received, S sign)
    {
        ForEachValue(received.update,
                     received.missing,
                     [&](uint32_t i, S value) { m_sum[i] += sign * value; });
    }

    bool m_reuse;
    std::vector<std::optional<ReceivedUpdate<S>>> m_last;   ///< s_m of the paper, as it arrived
    std::vector<std::optional<ReceivedUpdate<S>>> m_before; ///< what a fresh one has replaced
    std::vector<bool> m_fresh;                              ///< whether it came in this round
    std::vector<S> m_sum;                                   ///< 0 between rounds
};

/**
 * Sparse communication with adaptive aggregated stochastic gradients, SASG (Deng, Li, Sun, Lu,
 * arXiv:2112.04088), and its special cases, as in the authors' program. Worker m draws a batch and
 * is silent iff ||gradient(x) - gradient(w_m)||^2 <= alpha / workers^2 * (sum of the squared
 * lengths of the last D - 1 changes of x), w_m being the model of its last upload; not in the first
 * D rounds, nor when that upload is more than D rounds ago. Else it uploads s_m = top-k(rate *
 * gradient(x) + e_m) and keeps the rest as e_m. The server steps x <- x - sum of all s_m, the last
 * one of each worker, which carries the rate with which it was made.
 *
 * Of an upload that arrives in part the server takes what arrived as s_m, the rest returns to e_m,
 * and w_m stays, so that the worker is likely to upload again. For one that is lost altogether the
 * server takes the s_m before once more, as for a silence, so e_m and w_m stay as they are: that
 * s_m stands in for the gradient, which would count twice if e_m kept it. While there is no s_m
 * yet, nothing stands in, and e_m keeps all.
 *
 * Where the outcome of the rule cannot matter a worker computes one gradient instead of two.
 */
template <typename S>
class SasgMethod : public Algorithm<S>
{
  public:
    SasgMethod(const AlgorithmSetup& setup, const SasgOptions& options)
        : m_setup(setup),
          m_options(options)
    {
    }

    AlgorithmTraits Traits() const override
    {
        AlgorithmTraits traits;
        traits.broadcast = m_options.broadcast;
        traits.committed = true;
        if (m_options.adaptive || m_options.broadcast == BroadcastKind::UPDATE)
        {
            traits.audience = Audience::LIVE;
        }
        if (m_options.adaptive)
        {
            traits.companions.history = m_options.depth - 1;
        }
        return traits;
    }

    std::unique_ptr<WorkerHalf<S>> MakeWorker(const WorkerSetup& worker) const override
    {
        return std::make_unique<SasgWorker<S>>(m_setup, worker, m_options);
    }

    std::unique_ptr<ServerHalf<S>> MakeServer() const override
    {
        return std::make_unique<SasgServer<S>>(m_setup, m_options.adaptive);
    }

    MessageShape UploadShape(uint32_t /* exchange */) const override
    {
        return m_setup.Shape();
    }

    void Apply(const ReceivedUpdate<S>& received,
               uint32_t /* round */,
               std::vector<S>& model) const override
    {
        ForEachValue(received.update,
                     received.missing,
                     [&](uint32_t i, S value) { model[i] -= value; });
    }

    void RememberChange(const std::vector<S>& before, std::vector<S>& model) const override
    {
        RememberSquaredChange(before, model, m_setup.dimension);
    }

  protected:
    /** @return the options that are not about the rule */
    static SasgOptions Common(const Parameters& parameters,
                              const AlgorithmSetup& setup,
                              double density)
    {
        const auto rate = SumRate(parameters, setup);
        return {rate,
                density,
                false,
                {0, rate, 0},
                1,
                0,
                ValueCodeOf(parameters),
                BroadcastOf(parameters)};
    }

    /** @return the options with the rule */
    static SasgOptions Adaptive(const Parameters& parameters,
                                const AlgorithmSetup& setup,
                                double density)
    {
        auto options = Common(parameters, setup, density);
        options.adaptive = true;
        options.weight = {parameters.Real("Alpha") / options.rate.Initial() / setup.workers /
                              setup.workers,
                          options.rate,
                          1};
        options.depth = static_cast<uint32_t>(parameters.Integer("Depth"));
        const auto maxSilence = static_cast<uint32_t>(parameters.Integer("MaxSilence"));
        options.maxSilence = maxSilence == 0 ? options.depth : maxSilence;
        return options;
    }

  private:
    AlgorithmSetup m_setup;
    SasgOptions m_options;
};

/** SASG as such. */
template <typename S>
class Sasg : public SasgMethod<S>
{
  public:
    Sasg(const Parameters& parameters, const AlgorithmSetup& setup)
        : SasgMethod<S>(setup, Sasg::Adaptive(parameters, setup, parameters.Real("Density")))
    {
    }
};

/** SASG that sends everything: LASG-WK2 (Chen et al., arXiv:2002.11360). */
template <typename S>
class Lasg : public SasgMethod<S>
{
  public:
    Lasg(const Parameters& parameters, const AlgorithmSetup& setup)
        : SasgMethod<S>(setup, Lasg::Adaptive(parameters, setup, 1))
    {
    }
};

/** SASG that is never silent: the authors' baseline "Sparse". */
template <typename S>
class Sparse : public SasgMethod<S>
{
  public:
    Sparse(const Parameters& parameters, const AlgorithmSetup& setup)
        : SasgMethod<S>(setup, Sparse::Common(parameters, setup, parameters.Real("Density")))
    {
    }
};

/** @return the parameters of the rule */
ParameterTable
RuleTable()
{
    return {{"Alpha",
             ParameterType::REAL,
             "1/rate",
             "0.5",
             "weight alpha_d of each change of the model in the threshold",
             0},
            {"Depth",
             ParameterType::INTEGER,
             "rounds",
             "10",
             "D: the rule looks at D - 1 changes, all upload in the first D rounds",
             1,
             30},
            {"MaxSilence",
             ParameterType::INTEGER,
             "rounds",
             "0",
             "a silence lasts at most so many rounds, 0 takes Depth",
             0,
             UINT32_MAX}};
}

/** @return the parameters that all have */
ParameterTable
CommonTable()
{
    return {FormParameter("sum"),
            ValueParameter(),
            DownlinkParameter("its change, sparse where that is shorter")};
}

/** @return the parameter of the sparse ones */
ParameterTable
DensityTable()
{
    return {{"Density",
             ParameterType::REAL,
             "",
             "0.01",
             "share of each tensor's entries that is sent, rounded down, at least one entry",
             1e-9,
             1}};
}

const Registration<AlgorithmFactory> g_sasg(
    "sasg",
    "top-k with error feedback of workers that stay silent while little changes (arXiv:2112.04088)",
    Join({DensityTable(), RuleTable(), CommonTable()}),
    MakeAlgorithmFactory<Sasg<float>, Sasg<double>>(
        0.005,
        "up places and values (RICE*, RAW*, BITMAP*) or nothing, down the model (DENSE*) or its "
        "change"));

const Registration<AlgorithmFactory>
    g_lasg("lasg",
           "dense SASG: lazily aggregated stochastic gradients, rule WK2 (arXiv:2002.11360)",
           Join({RuleTable(), CommonTable()}),
           MakeAlgorithmFactory<Lasg<float>, Lasg<double>>(
               0.005,
               "up all values (DENSE*) or nothing, down the model (DENSE*) or its change"));

const Registration<AlgorithmFactory> g_sparse(
    "sparse",
    "SASG that is never silent: top-k with error feedback in the sum form (arXiv:2112.04088)",
    Join({DensityTable(), CommonTable()}),
    MakeAlgorithmFactory<Sparse<float>, Sparse<double>>(
        0.005,
        "up places and values (RICE*, RAW*, BITMAP*), down the model (DENSE*) or its change"));

} // namespace

} // namespace fl
