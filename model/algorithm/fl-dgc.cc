/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/fl-block-selection.h"
#include "ns3/fl-common-parameters.h"
#include "ns3/fl-compressed-sgd.h"
#include "ns3/fl-registry.h"
#include "ns3/fl-update-values.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace fl
{

namespace
{

/** What deep gradient compression can be told. */
struct DgcOptions
{
    BlockSelection selection; ///< after the warm-up
    double momentum;          ///< beta
    double clip;              ///< largest norm of a mean gradient, 0 for none
    uint32_t warmUpEpochs;    ///< epochs in which the density falls
    double sample; ///< share of the entries that the threshold is taken from; of all it is exact
};

/**
 * Accumulates velocities, u = beta u + g and v = v + u, and sends the largest entries of v. Where
 * the receipt confirms them u and v become 0 (momentum factor masking); a lost entry stays.
 */
template <typename S>
class DgcWorker : public WorkerHalf<S>
{
  public:
    DgcWorker(const AlgorithmSetup& setup, const WorkerSetup& worker, const DgcOptions& options)
        : m_dimension(setup.dimension),
          m_batch(setup.BatchOf(worker.samples)),
          m_epochRounds(setup.StepsPerEpoch(worker.samples)),
          m_options(options),
          m_clip(options.clip / std::sqrt(static_cast<double>(setup.workers))),
          m_velocity(setup.dimension),
          m_sum(setup.dimension)
    {
    }

    Work DeclareWork(const WorkerContext<S>& /* context */) const override
    {
        return {1, m_batch, 1, m_dimension};
    }

    std::optional<Update<S>> Compute(WorkerContext<S>& context, double& loss) override
    {
        m_draftVelocity.resize(m_dimension);
        m_draftSum.resize(m_dimension);
        loss = context.Gradient(*context.Model(), 0, m_draftVelocity);
        const S shrink = ShrinkOf(m_draftVelocity);
        const auto beta = static_cast<S>(m_options.momentum);
        for (uint32_t i = 0; i < m_dimension; ++i)
        {
            m_draftVelocity[i] = beta * m_velocity[i] + shrink * m_draftVelocity[i];
            m_draftSum[i] = m_sum[i] + m_draftVelocity[i];
        }
        const BlockSelection selection(m_options.selection.Parts(), DensityIn(context.Round()));
        SparseUpdate<S> sent{
            m_dimension,
            selection.LargestBySample(m_draftSum, m_options.sample, context.Draws()),
            {}};
        for (const uint32_t i : sent.indices)
        {
            sent.values.push_back(m_draftSum[i]);
        }
        m_draftSent = sent;
        return sent;
    }

    void Adopt() override
    {
        m_velocity.swap(m_draftVelocity);
        m_sum.swap(m_draftSum);
        m_sent = std::exchange(m_draftSent, {});
    }

    void Confirm(const Receipt& receipt) override
    {
        ForEachValue<S>(m_sent,
                        receipt.missing,
                        [this](uint32_t i, S /* value */)
                        {
                            m_velocity[i] = 0;
                            m_sum[i] = 0;
                        });
        m_sent = {};
    }

  private:
    /** @return the factor that brings a gradient's norm down to the worker's share of the limit */
    S ShrinkOf(const std::vector<S>& gradient) const
    {
        double squares = 0;
        for (const S value : gradient)
        {
            squares += static_cast<double>(value) * value;
        }
        const double norm = std::sqrt(squares);
        return m_clip > 0 && norm > m_clip ? static_cast<S>(m_clip / norm) : S{1};
    }

    /** @return the density in a round: during the warm-up it falls from epoch to epoch */
    double DensityIn(uint32_t round) const
    {
        const uint64_t epoch = round / m_epochRounds;
        const double target = m_options.selection.Density();
        return epoch >= m_options.warmUpEpochs
                   ? target
                   : std::pow(target, (epoch + 1.0) / (m_options.warmUpEpochs + 1.0));
    }

    uint32_t m_dimension;
    uint64_t m_batch;
    uint64_t m_epochRounds; ///< rounds in which the worker reads as many samples as it owns
    DgcOptions m_options;
    double m_clip;                  ///< largest norm of this worker's gradient, 0 for none
    std::vector<S> m_velocity;      ///< u of the paper
    std::vector<S> m_sum;           ///< v of the paper
    SparseUpdate<S> m_sent;         ///< the upload in flight; empty if there is none
    std::vector<S> m_draftVelocity; ///< u before the upload under way is confirmed
    std::vector<S> m_draftSum;      ///< v before the upload under way is confirmed
    SparseUpdate<S> m_draftSent;    ///< the upload under way
};

/**
 * Deep gradient compression (Lin et al., arXiv:1712.01887): top-k with momentum correction,
 * momentum factor masking, local gradient clipping and a density that falls over the first epochs,
 * in epoch e of E as density^((e + 1) / (E + 1)), as in the authors' program. The largest entries
 * are found exactly, or about by a threshold from a sample. x <- x - rate * mean, over all workers
 * asked: an entry that was lost comes again from its worker.
 */
template <typename S>
class Dgc : public CompressedSgd<S>
{
  public:
    Dgc(const Parameters& parameters, const AlgorithmSetup& setup)
        : CompressedSgd<S>(setup,
                           std::make_shared<NoCompression<S>>(setup.dimension),
                           {Content::GRADIENT, true, Downlink::MEAN}),
          m_options{BlockSelection(parameters, setup),
                    parameters.Real("Momentum"),
                    parameters.Real("Clip"),
                    static_cast<uint32_t>(parameters.Integer("WarmUp")),
                    parameters.Text("Threshold") == "sampled" ? parameters.Real("Sample") : 1}
    {
        parameters.RequireEffect("Sample",
                                 parameters.Text("Threshold") == "sampled",
                                 "Threshold = sampled");
    }

    std::unique_ptr<WorkerHalf<S>> MakeWorker(const WorkerSetup& worker) const override
    {
        return std::make_unique<DgcWorker<S>>(this->Setup(), worker, m_options);
    }

  private:
    DgcOptions m_options;
};

/** @return the parameters */
ParameterTable
MakeTable()
{
    auto table = BlockSelection::Table("0.001");
    table.insert(table.end(),
                 {MomentumParameter("0.9", "momentum beta"),
                  {"Clip",
                   ParameterType::REAL,
                   "",
                   "0",
                   "norm to which a gradient is clipped, times workers^(-1/2); 0 = not at all",
                   0},
                  {"WarmUp",
                   ParameterType::INTEGER,
                   "epochs",
                   "4",
                   "over how many the density falls from near 1",
                   0,
                   1000000},
                  {"Threshold",
                   ParameterType::CHOICE,
                   "",
                   "exact",
                   "whether the largest entries are found exactly or by a threshold from a sample",
                   0,
                   0,
                   {"exact", "sampled"}},
                  {"Sample",
                   ParameterType::REAL,
                   "",
                   "0.01",
                   "share of the entries that Threshold=sampled looks at",
                   1e-6,
                   1}});
    return table;
}

const Registration<AlgorithmFactory> g_dgc(
    "dgc",
    "deep gradient compression: top-k with momentum correction (arXiv:1712.01887)",
    MakeTable(),
    MakeAlgorithmFactory<Dgc<float>, Dgc<double>>(
        0.1,
        "up and down places and values in the shortest of three codings (RICE*, RAW*, BITMAP*)"));

} // namespace

} // namespace fl
