/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/fl-common-parameters.h"
#include "ns3/fl-error.h"
#include "ns3/fl-quantiser.h"
#include "ns3/fl-registry.h"
#include "ns3/fl-travelling-values.h"
#include "ns3/fl-update-values.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <utility>

namespace fl
{

namespace
{

/** What the user can choose of GD-SEC. */
struct GdSecOptions
{
    LearningRate rate;             ///< step size on the sum of the gradients
    std::vector<double> threshold; ///< xi_i / workers, one for all coordinates or one for each
    RateThreshold growth;          ///< what these are multiplied with
    double beta;                   ///< how fast the state follows
    bool correction;               ///< whether what is censored is remembered
    ValueCode code;                ///< how values travel if they are not quantised
    Quantisation quantisation;     ///< no buckets if what is sent is not quantised
    uint32_t uploaders;            ///< workers asked a round, 0 for all
    BroadcastKind broadcast;       ///< what is broadcast
};

/**
 * Uploads the entries of gradient - h + e that are large compared with the last change of the
 * model. Until the receipt is there the whole vector is the error: what the server accepts then
 * goes from there into h.
 */
template <typename S>
class GdSecWorker : public WorkerHalf<S>
{
  public:
    GdSecWorker(const AlgorithmSetup& setup, const WorkerSetup& worker, const GdSecOptions& options)
        : m_options(options),
          m_dimension(setup.dimension),
          m_batch(setup.BatchOf(worker.samples)),
          m_state(setup.dimension),
          m_error(options.correction ? setup.dimension : 0)
    {
    }

    Work DeclareWork(const WorkerContext<S>& /* context */) const override
    {
        return {1, m_batch, 1, m_dimension};
    }

    std::optional<Update<S>> Compute(WorkerContext<S>& context, double& loss) override
    {
        const auto model = context.Model();
        m_draft.resize(m_dimension);
        loss = context.Gradient(*model, 0, m_draft);
        for (uint32_t i = 0; i < m_dimension; ++i)
        {
            m_draft[i] -= m_state[i];
            if (m_options.correction)
            {
                m_draft[i] += m_error[i];
            }
        }
        m_draftSent.reset();
        auto kept = Censor(*model, m_options.growth.At(context.Round()));
        if (!kept.indices.empty())
        {
            m_draftSent = Express(std::move(kept), context.Draws());
        }
        return m_draftSent;
    }

    void Adopt() override
    {
        if (m_options.correction)
        {
            m_error.swap(m_draft);
        }
        m_sent = std::exchange(m_draftSent, std::nullopt);
    }

    void Confirm(const Receipt& receipt) override
    {
        const auto beta = static_cast<S>(m_options.beta);
        ForEachValue(*m_sent,
                     receipt.missing,
                     [&](uint32_t i, S value)
                     {
                         m_state[i] += beta * value;
                         if (m_options.correction)
                         {
                             m_error[i] -= value;
                         }
                     });
        m_sent.reset();
    }

  private:
    /**
     * @param model the model, with its last change behind it
     * @param growth factor of all thresholds
     * @return the entries of the draft that are above their threshold
     */
    SparseUpdate<S> Censor(const std::vector<S>& model, double growth) const
    {
        const auto& threshold = m_options.threshold;
        SparseUpdate<S> kept{m_dimension, {}, {}};
        for (uint32_t i = 0; i < m_dimension; ++i)
        {
            const double change = std::abs(double{model[m_dimension + i]});
            const double factor = threshold.size() == 1 ? threshold[0] : threshold[i];
            // Written so that what is not a number is sent and seen.
            if (!(std::abs(double{m_draft[i]}) <= growth * factor * change))
            {
                kept.indices.push_back(i);
                kept.values.push_back(m_draft[i]);
            }
        }
        return kept;
    }

    /** @return what is sent for some entries, nothing if the quantiser makes all of them 0 */
    std::optional<Update<S>> Express(SparseUpdate<S> kept, Random& draws) const
    {
        if (!m_options.quantisation.buckets)
        {
            Update<S> update(std::move(kept));
            RoundValues(update, m_options.code);
            return update;
        }
        std::vector<S> values(m_dimension);
        for (std::size_t i = 0; i < kept.indices.size(); ++i)
        {
            values[kept.indices[i]] = kept.values[i];
        }
        auto quantised = Quantise(values, m_options.quantisation, draws);
        if (std::all_of(quantised.levels.begin(),
                        quantised.levels.end(),
                        [](int32_t level) { return level == 0; }))
        {
            return std::nullopt;
        }
        return quantised;
    }

    GdSecOptions m_options;
    uint32_t m_dimension;
    uint64_t m_batch;
    std::vector<S> m_state;               ///< h of the paper
    std::vector<S> m_error;               ///< e of the paper; empty without error correction
    std::vector<S> m_draft;               ///< gradient - h + e of the computation under way
    std::optional<Update<S>> m_draftSent; ///< the upload under way
    std::optional<Update<S>> m_sent;      ///< the upload in flight
};

/** Steps along H + what was uploaded, where H follows the sum of the workers' h. */
template <typename S>
class GdSecServer : public ServerHalf<S>
{
  public:
    GdSecServer(const AlgorithmSetup& setup, const GdSecOptions& options)
        : m_workers(setup.workers),
          m_uploaders(options.uploaders),
          m_beta(static_cast<S>(options.beta)),
          m_state(setup.dimension),
          m_sum(setup.dimension)
    {
    }

    std::vector<uint32_t> Select(uint32_t /* round */,
                                 uint32_t /* exchange */,
                                 const std::vector<uint32_t>& candidates) override
    {
        if (m_uploaders == 0 || m_uploaders >= candidates.size())
        {
            return candidates;
        }
        // Round robin: the candidates from the first one that is due, and on from the start.
        auto due = std::lower_bound(candidates.begin(), candidates.end(), m_next);
        std::vector<uint32_t> selected;
        while (selected.size() < m_uploaders)
        {
            due = due == candidates.end() ? candidates.begin() : due;
            selected.push_back(*due++);
        }
        m_next = (selected.back() + 1) % m_workers;
        std::sort(selected.begin(), selected.end());
        return selected;
    }

    void Accept(Contribution<S> contribution) override
    {
        ForEachValue(contribution.received.update,
                     contribution.received.missing,
                     [this](uint32_t i, S value) { m_sum[i] += value; });
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
        std::vector<S> direction(m_state.size());
        for (std::size_t i = 0; i < direction.size(); ++i)
        {
            direction[i] = m_state[i] + m_sum[i];
            m_state[i] += m_beta * m_sum[i];
            m_sum[i] = 0;
        }
        return {false, DenseOrSparse(std::move(direction))};
    }

  private:
    uint32_t m_workers;
    uint32_t m_uploaders;
    uint32_t m_next{0}; ///< the worker whose turn it is
    S m_beta;
    std::vector<S> m_state; ///< H of the paper
    std::vector<S> m_sum;   ///< what was uploaded in this round
};

/**
 * Gradient descent with sparsification and error correction, GD-SEC (Chen, Blum, Takac, Sadler,
 * arXiv:2202.02491), on the sum of the workers' mean losses: worker m uploads those entries of
 * D = gradient - h_m + e_m for which |D_i| > xi_i / workers * |last change of model entry i|; with
 * D' for D with the other entries 0, h_m <- h_m + beta D', e_m <- D - D';
 * the server steps x <- x - rate * (H + sum of D'), then H <- H + beta * sum of D'. What rounding,
 * quantisation or loss takes from D' stays in e_m; without error correction it is gone. Workers
 * that are not asked change nothing.
 */
template <typename S>
class GdSecMethod : public Algorithm<S>
{
  public:
    GdSecMethod(const Parameters& parameters, const AlgorithmSetup& setup, bool correction)
        : m_setup(setup),
          m_options{SumRate(parameters, setup),
                    Thresholds(parameters, setup),
                    Growth(parameters, setup),
                    parameters.Real("Beta"),
                    correction,
                    ValueCodeOf(parameters),
                    {},
                    static_cast<uint32_t>(parameters.Integer("Uploaders")),
                    BroadcastOf(parameters)}
    {
        const bool quantises = parameters.Integer("Levels") > 0;
        parameters.RequireEffect("Bucket", quantises, "Levels > 0");
        parameters.RequireEffect("Value", !quantises, "Levels = 0");
        if (quantises)
        {
            m_options.quantisation = QuantisationOf(parameters,
                                                    setup.dimension,
                                                    BucketNorm::EUCLIDEAN,
                                                    LevelCode::ELIAS);
        }
    }

    AlgorithmTraits Traits() const override
    {
        AlgorithmTraits traits;
        traits.broadcast = m_options.broadcast;
        traits.audience = Audience::LIVE;
        traits.committed = true;
        traits.sumSuffices = true;
        traits.companions.history = m_setup.dimension;
        // It is as long as a model: too dear for a threshold.
        traits.companions.historyTravels = false;
        return traits;
    }

    std::unique_ptr<WorkerHalf<S>> MakeWorker(const WorkerSetup& worker) const override
    {
        return std::make_unique<GdSecWorker<S>>(m_setup, worker, m_options);
    }

    std::unique_ptr<ServerHalf<S>> MakeServer() const override
    {
        return std::make_unique<GdSecServer<S>>(m_setup, m_options);
    }

    MessageShape UploadShape(uint32_t /* exchange */) const override
    {
        return {m_setup.dimension, m_options.quantisation.buckets};
    }

    MessageShape UpdateShape() const override
    {
        return m_setup.Shape();
    }

    void Apply(const ReceivedUpdate<S>& received,
               uint32_t round,
               std::vector<S>& model) const override
    {
        const auto rate = static_cast<S>(m_options.rate.At(round));
        ForEachValue(received.update,
                     received.missing,
                     [&](uint32_t i, S value) { model[i] -= rate * value; });
    }

    /** The last change of the model stands behind it. */
    void RememberChange(const std::vector<S>& before, std::vector<S>& model) const override
    {
        const uint32_t dimension = m_setup.dimension;
        std::transform(model.begin(),
                       model.begin() + dimension,
                       before.begin(),
                       model.begin() + dimension,
                       std::minus<>());
    }

  private:
    /** @return what a schedule of the step size makes of thresholds in units of its powers */
    static RateThreshold Growth(const Parameters& parameters, const AlgorithmSetup& setup)
    {
        const int power = parameters.Boolean("PerCoordinate") ? 2 : 1;
        return {1, setup.learningRate, IsXiRelative(parameters) ? power : 0};
    }

    /** @return xi_i / workers, by coordinate or one for all, at the initial step size */
    static std::vector<double> Thresholds(const Parameters& parameters, const AlgorithmSetup& setup)
    {
        const double rate = SumRate(parameters, setup).Initial();
        if (!parameters.Boolean("PerCoordinate"))
        {
            return {XiOf(parameters, setup.workers / rate) / setup.workers};
        }
        if (!setup.coordinateSmoothness)
        {
            throw UserError("--algorithm: PerCoordinate needs smoothness constants by coordinate, "
                            "which this objective does not know; leave it false");
        }
        const double xi = XiOf(parameters, setup.workers / rate / rate);
        auto thresholds = setup.coordinateSmoothness();
        for (double& value : thresholds)
        {
            const double ofSum = setup.workers * value;
            value = ofSum > 0 ? xi / ofSum / setup.workers : 0;
        }
        return thresholds;
    }

    AlgorithmSetup m_setup;
    GdSecOptions m_options;
};

/** GD-SEC as such. */
template <typename S>
class GdSec : public GdSecMethod<S>
{
  public:
    GdSec(const Parameters& parameters, const AlgorithmSetup& setup)
        : GdSecMethod<S>(parameters, setup, true)
    {
    }
};

/** GD-SEC without error correction: e_m = 0. */
template <typename S>
class GdSoec : public GdSecMethod<S>
{
  public:
    GdSoec(const Parameters& parameters, const AlgorithmSetup& setup)
        : GdSecMethod<S>(parameters, setup, false)
    {
    }
};

/** @return the parameters of all variants @param levels of the quantiser, 0 for one that is off */
ParameterTable
Table(const std::string& levels)
{
    return Join(
        {XiParameters("10", "workers / rate, with PerCoordinate workers / rate^2"),
         {{"PerCoordinate",
           ParameterType::BOOLEAN,
           "",
           "false",
           "xi_i = xi / L_i with L_i the smoothness of the sum of losses along coordinate i"},
          {"Beta", ParameterType::REAL, "", "0.01", "how fast the state follows", 0, 1}},
         QuantiserParameters(levels, "0"),
         {{"Uploaders",
           ParameterType::INTEGER,
           "workers",
           "0",
           "asked a round, in turn, 0 = all",
           0,
           UINT32_MAX},
          FormParameter("sum"),
          ValueParameter(),
          DownlinkParameter("its change, sparse where that is shorter")}});
}

const Registration<AlgorithmFactory>
    g_gdSec("gd-sec",
            "GD with censored gradient differences and error correction (arXiv:2202.02491)",
            Table("0"),
            MakeAlgorithmFactory<GdSec<float>, GdSec<double>>(
                0.01,
                "up places and values or nothing, with Levels > 0 levels, down the model (DENSE*) "
                "or its change"));

const Registration<AlgorithmFactory>
    g_gdSoec("gd-soec",
             "GD-SEC without error correction (arXiv:2202.02491)",
             Table("0"),
             MakeAlgorithmFactory<GdSoec<float>, GdSoec<double>>(
                 0.01,
                 "up places and values or nothing, with Levels > 0 levels, down the model (DENSE*) "
                 "or its change"));

const Registration<AlgorithmFactory> g_sgdSec(
    "sgd-sec",
    "gd-sec by its name for mini-batches; --batch says how large these are (arXiv:2202.02491)",
    Table("0"),
    MakeAlgorithmFactory<GdSec<float>, GdSec<double>>(
        0.01,
        "up places and values or nothing, with Levels > 0 levels, down the model (DENSE*) or its "
        "change"));

// The paper's quantiser is not known; this one is that of qgd, its baseline.
const Registration<AlgorithmFactory> g_qsgdSec(
    "qsgd-sec",
    "sgd-sec with the quantiser on, whose error is remembered, too (arXiv:2202.02491)",
    Table("255"),
    MakeAlgorithmFactory<GdSec<float>, GdSec<double>>(
        0.01,
        "up a norm a bucket and levels or nothing (QUANTISED*), down the model (DENSE*) or its "
        "change"));

} // namespace

} // namespace fl
