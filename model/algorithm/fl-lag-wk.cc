/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/fl-change-history.h"
#include "ns3/fl-common-parameters.h"
#include "ns3/fl-gradient-difference.h"
#include "ns3/fl-registry.h"

#include <utility>

namespace fl
{

namespace
{

/** Uploads the difference if it is long compared with the last changes of the model. */
template <typename S>
class LagWorker : public DifferenceWorker<S>
{
  public:
    LagWorker(const AlgorithmSetup& setup,
              const WorkerSetup& worker,
              ValueCode code,
              const RateThreshold& weight)
        : DifferenceWorker<S>(setup, worker, code),
          m_weight(weight)
    {
    }

  private:
    std::optional<Update<S>> Choose(std::vector<S> difference,
                                    const WorkerContext<S>& context) const override
    {
        // An old gradient can stand in for a new one only where the server has heard one.
        if (this->Unheard().empty() &&
            SquaredNorm(difference) <=
                m_weight.At(context.Round()) *
                    SquaredChanges(*context.Model(), static_cast<uint32_t>(difference.size())))
        {
            return std::nullopt;
        }
        return DenseUpdate<S>{std::move(difference)};
    }

    RateThreshold m_weight; ///< of the squared changes in the threshold
};

/**
 * A method whose workers are silent while ||gradient - last sent||^2 is at most
 * weight * (sum of the squared lengths of the last changes of the model).
 */
template <typename S>
class CensoringAlgorithm : public DifferenceAlgorithm<S>
{
  public:
    AlgorithmTraits Traits() const override
    {
        auto traits = DifferenceAlgorithm<S>::Traits();
        traits.audience = Audience::LIVE;
        traits.companions.history = m_depth;
        return traits;
    }

    std::unique_ptr<WorkerHalf<S>> MakeWorker(const WorkerSetup& worker) const override
    {
        return std::make_unique<LagWorker<S>>(this->m_setup, worker, this->m_code, m_weight);
    }

    void RememberChange(const std::vector<S>& before, std::vector<S>& model) const override
    {
        RememberSquaredChange(before, model, this->m_setup.dimension);
    }

  protected:
    CensoringAlgorithm(const Parameters& parameters,
                       const AlgorithmSetup& setup,
                       RateThreshold weight,
                       uint32_t depth)
        : DifferenceAlgorithm<S>(parameters, setup),
          m_weight(std::move(weight)),
          m_depth(depth)
    {
    }

  private:
    RateThreshold m_weight; ///< of the squared changes in the threshold
    uint32_t m_depth;
};

/**
 * Lazily aggregated gradients, worker-side rule (LAG-WK; Chen et al., arXiv:1805.09965): upload iff
 * ||difference||^2 > xi_d / (rate^2 workers^2) * sum over the last D changes of ||change||^2.
 */
template <typename S>
class LagWk : public CensoringAlgorithm<S>
{
  public:
    LagWk(const Parameters& parameters, const AlgorithmSetup& setup)
        : CensoringAlgorithm<S>(parameters,
                                setup,
                                LagRuleWeight(parameters, setup),
                                static_cast<uint32_t>(parameters.Integer("Depth")))
    {
    }
};

/**
 * Censoring gradient descent, CGD, as compared with in arXiv:2202.02491: upload iff
 * ||difference|| > xi / workers * ||last change of the model||. That is LAG-WK of depth 1.
 */
template <typename S>
class Cgd : public CensoringAlgorithm<S>
{
  public:
    Cgd(const Parameters& parameters, const AlgorithmSetup& setup)
        : CensoringAlgorithm<S>(parameters, setup, Weight(parameters, setup), 1)
    {
    }

  private:
    static RateThreshold Weight(const Parameters& parameters, const AlgorithmSetup& setup)
    {
        const auto rate = SumRate(parameters, setup);
        const double factor = XiOf(parameters, 1 / rate.Initial()) / setup.workers;
        return {factor * factor, rate, IsXiRelative(parameters) ? 2 : 0};
    }
};

const Registration<AlgorithmFactory>
    g_lagWk("lag-wk",
            "lazily aggregated gradients, workers decide (arXiv:1805.09965)",
            Join({LagRuleParameters("1", 30), {FormParameter("sum"), ValueParameter()}}),
            MakeAlgorithmFactory<LagWk<float>, LagWk<double>>(
                0.01,
                "up all values (DENSE*) or nothing, down the model (DENSE*)"));

const Registration<AlgorithmFactory>
    g_cgd("cgd",
          "censoring gradient descent: LAG-WK that looks at one change (as in arXiv:2202.02491)",
          Join({XiParameters("1", "1 / rate"), {FormParameter("sum"), ValueParameter()}}),
          MakeAlgorithmFactory<Cgd<float>, Cgd<double>>(
              0.01,
              "up all values (DENSE*) or nothing, down the model (DENSE*)"));

} // namespace

} // namespace fl
