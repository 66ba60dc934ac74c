/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/fl-common-parameters.h"
#include "ns3/fl-gradient-difference.h"
#include "ns3/fl-model-history.h"
#include "ns3/fl-registry.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace fl
{

namespace
{

/**
 * Asks the workers whose gradient may have changed by more than the threshold since they last
 * uploaded. Knows models up to the initial one, which cancels in every difference.
 */
template <typename S>
class LagPsServer : public GradientSumServer<S>
{
  public:
    LagPsServer(const AlgorithmSetup& setup,
                std::vector<double> smoothness,
                double rate,
                double weight,
                uint32_t depth)
        : GradientSumServer<S>(setup.dimension),
          m_smoothness(std::move(smoothness)),
          m_rate(static_cast<S>(rate)),
          m_weight(weight),
          m_history(depth),
          m_model(std::make_shared<const std::vector<S>>(setup.dimension)),
          m_uploaded(setup.workers)
    {
        m_history.Observe(0, m_model);
    }

    std::vector<uint32_t> Select(uint32_t /* round */,
                                 uint32_t /* exchange */,
                                 const std::vector<uint32_t>& candidates) override
    {
        const double threshold = m_weight * m_history.SquaredChanges();
        std::vector<uint32_t> selected;
        std::copy_if(candidates.begin(),
                     candidates.end(),
                     std::back_inserter(selected),
                     [&](uint32_t worker)
                     {
                         const auto& old = m_uploaded[worker];
                         const double constant = m_smoothness[worker];
                         return !old ||
                                constant * constant * SquaredDistance(*old, *m_model) > threshold;
                     });
        return selected;
    }

    void Accept(Contribution<S> contribution) override
    {
        // After a loss or a delay the old model stands: the worker is asked again.
        if (contribution.received.Complete() && contribution.staleness == 0)
        {
            m_uploaded[contribution.worker] = m_model;
        }
        GradientSumServer<S>::Accept(std::move(contribution));
    }

    Closing<S> Close(uint32_t round) override
    {
        auto closing = GradientSumServer<S>::Close(round);
        auto model = *m_model;
        const auto& sum = std::get<DenseUpdate<S>>(closing.update).values;
        for (std::size_t i = 0; i < model.size(); ++i)
        {
            model[i] -= m_rate * sum[i];
        }
        m_model = std::make_shared<const std::vector<S>>(std::move(model));
        m_history.Observe(round + 1, m_model);
        return closing;
    }

  private:
    std::vector<double> m_smoothness;
    S m_rate;
    double m_weight;
    ModelHistory<S> m_history;
    SharedModel<S> m_model;                 ///< current model less the initial one
    std::vector<SharedModel<S>> m_uploaded; ///< by worker, the one of its last upload, or null
};

/**
 * Lazily aggregated gradients, server-side rule (LAG-PS; Chen et al., arXiv:1805.09965): worker m
 * is asked iff L_m^2 ||model of its last upload - model||^2 >
 * xi / (rate^2 workers^2) * sum over the last D changes of ||change||^2. Others hear nothing.
 */
template <typename S>
class LagPs : public DifferenceAlgorithm<S>
{
  public:
    LagPs(const Parameters& parameters, const AlgorithmSetup& setup)
        : DifferenceAlgorithm<S>(parameters, setup),
          m_smoothness(SmoothnessOf(setup, "lag-ps")),
          m_depth(static_cast<uint32_t>(parameters.Integer("Depth")))
    {
        const double step = this->m_rate * setup.workers;
        m_weight = parameters.Real("Xi") / (step * step);
    }

    AlgorithmTraits Traits() const override
    {
        auto traits = DifferenceAlgorithm<S>::Traits();
        traits.sumSuffices = false;
        traits.needsSmoothness = true;
        return traits;
    }

    std::unique_ptr<ServerHalf<S>> MakeServer() const override
    {
        return std::make_unique<LagPsServer<S>>(this->m_setup,
                                                m_smoothness,
                                                this->m_rate,
                                                m_weight,
                                                m_depth);
    }

  private:
    std::vector<double> m_smoothness;
    uint32_t m_depth;
    double m_weight;
};

const Registration<AlgorithmFactory> g_lagPs(
    "lag-ps",
    "lazily aggregated gradients, the server polls (arXiv:1805.09965)",
    {{"Xi", ParameterType::REAL, "", "1", "weight xi_d of each change of the model", 0},
     {"Depth", ParameterType::INTEGER, "rounds", "10", "changes D that the rule looks at", 1, 1000},
     FormParameter("sum"),
     ValueParameter()},
    MakeAlgorithmFactory<LagPs<float>, LagPs<double>>(
        0.01,
        "up all values (DENSE*), down the model (DENSE*) to those asked"));

} // namespace

} // namespace fl
