/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/fl-change-history.h"
#include "ns3/fl-common-parameters.h"
#include "ns3/fl-gradient-difference.h"
#include "ns3/fl-ranges.h"
#include "ns3/fl-registry.h"

#include <algorithm>
#include <deque>
#include <iterator>
#include <limits>
#include <numeric>
#include <utility>

namespace fl
{

namespace
{

/** Coordinates of what the server holds of a worker that were computed at one model. */
template <typename S>
struct Computed
{
    SharedModel<S> model; ///< null if it is not known, or if nothing was heard of them
    Ranges coordinates;   ///< at least one
};

/**
 * How far the gradient of a worker may be from what the server holds of it.
 *
 * After losses this is put together from several gradients: h = sum over j of P_j grad f(y_j),
 * where P_j keeps the coordinates that were heard last when y_j was the model, and every coordinate
 * is in one P_j. As the parts are orthogonal and f is L-smooth,
 *
 *   ||grad f(x) - h||^2 = sum of ||P_j (grad f(x) - grad f(y_j))||^2 <= L^2 sum of ||x - y_j||^2.
 *
 * With one part this is the bound of the paper. The farthest y_j alone would not do: for
 * f = L ||x||^2 / 2 and x - y_j in the range of P_j both sides are equal. Coordinates that were
 * never heard are infinitely far away.
 */
template <typename S>
class HeldModels
{
  public:
    /** @param dimension number of coordinates, none of which was heard */
    explicit HeldModels(uint32_t dimension)
        : m_parts{{nullptr, {{0, dimension}}}}
    {
    }

    /**
     * @param missing coordinates that were not heard now
     * @param dimension number of coordinates
     * @param model at which the others were computed, null if it is not known
     */
    void Renew(const Ranges& missing, uint32_t dimension, const SharedModel<S>& model)
    {
        for (auto& part : m_parts)
        {
            part.coordinates = Intersection(part.coordinates, missing);
        }
        m_parts.erase(std::remove_if(m_parts.begin(),
                                     m_parts.end(),
                                     [](const auto& part) { return part.coordinates.empty(); }),
                      m_parts.end());
        m_parts.push_back({model, Complement(missing, dimension)});
        if (m_parts.size() > MOST)
        {
            // The worker is then asked until the oldest part has been heard again.
            m_parts[m_parts.size() - MOST - 1].model = nullptr;
        }
    }

    /** @return sum of the squared distances to a model; infinite if one of them is not known */
    double SquaredDistances(const std::vector<S>& model) const
    {
        double sum = 0;
        for (const auto& part : m_parts)
        {
            sum += part.model ? SquaredDistance(*part.model, model)
                              : std::numeric_limits<double>::infinity();
        }
        return sum;
    }

  private:
    static constexpr std::size_t MOST = 8; ///< models that are kept, each as long as the model

    std::vector<Computed<S>> m_parts; ///< in the order of their models
};

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
                const LearningRate& rate,
                const RateThreshold& weight,
                uint32_t depth)
        : GradientSumServer<S>(setup.dimension),
          m_smoothness(std::move(smoothness)),
          m_rate(rate),
          m_weight(weight),
          m_squaredChanges(depth),
          m_model(std::make_shared<const std::vector<S>>(setup.dimension)),
          m_held(setup.workers, HeldModels<S>(setup.dimension))
    {
    }

    std::vector<uint32_t> Select(uint32_t round,
                                 uint32_t /* exchange */,
                                 const std::vector<uint32_t>& candidates) override
    {
        const double threshold =
            m_weight.At(round) *
            std::accumulate(m_squaredChanges.begin(), m_squaredChanges.end(), 0.0);
        std::vector<uint32_t> selected;
        std::copy_if(candidates.begin(),
                     candidates.end(),
                     std::back_inserter(selected),
                     [&](uint32_t worker)
                     {
                         const double constant = m_smoothness[worker];
                         const double distances = m_held[worker].SquaredDistances(*m_model);
                         // Written so that 0 times infinity is asked, too.
                         return !(constant * constant * distances <= threshold);
                     });
        return selected;
    }

    void Accept(Contribution<S> contribution) override
    {
        // The model of a late upload is gone, so the worker is asked again.
        m_held[contribution.worker].Renew(contribution.received.missing,
                                          static_cast<uint32_t>(m_model->size()),
                                          contribution.staleness == 0 ? m_model : nullptr);
        GradientSumServer<S>::Accept(std::move(contribution));
    }

    Closing<S> Close(uint32_t round) override
    {
        auto closing = GradientSumServer<S>::Close(round);
        auto model = *m_model;
        const auto rate = static_cast<S>(m_rate.At(round));
        const auto& sum = std::get<DenseUpdate<S>>(closing.update).values;
        for (std::size_t i = 0; i < model.size(); ++i)
        {
            model[i] -= rate * sum[i];
        }
        m_squaredChanges.push_back(SquaredDistance(model, *m_model));
        m_squaredChanges.pop_front();
        m_model = std::make_shared<const std::vector<S>>(std::move(model));
        return closing;
    }

  private:
    std::vector<double> m_smoothness;
    LearningRate m_rate;
    RateThreshold m_weight;
    std::deque<double> m_squaredChanges; ///< squared lengths of the last changes, oldest first
    SharedModel<S> m_model;              ///< current model less the initial one
    std::vector<HeldModels<S>> m_held;   ///< by worker
};

/**
 * Lazily aggregated gradients, server-side rule (LAG-PS; Chen et al., arXiv:1805.09965): worker m
 * is asked iff L_m^2 ||model of its last upload - model||^2 >
 * xi_d / (rate^2 workers^2) * sum over the last D changes of ||change||^2. Others hear nothing. If
 * what the server holds of a worker comes from several uploads, the left side is the sum over their
 * models.
 */
template <typename S>
class LagPs : public DifferenceAlgorithm<S>
{
  public:
    LagPs(const Parameters& parameters, const AlgorithmSetup& setup)
        : DifferenceAlgorithm<S>(parameters, setup),
          m_smoothness(SmoothnessOf(setup, "lag-ps")),
          m_depth(static_cast<uint32_t>(parameters.Integer("Depth"))),
          m_weight(LagRuleWeight(parameters, setup))
    {
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
    RateThreshold m_weight;
};

const Registration<AlgorithmFactory>
    g_lagPs("lag-ps",
            "lazily aggregated gradients, the server polls (arXiv:1805.09965)",
            Join({LagRuleParameters("10", 1000), {FormParameter("sum"), ValueParameter()}}),
            MakeAlgorithmFactory<LagPs<float>, LagPs<double>>(
                0.01,
                "up all values (DENSE*), down the model (DENSE*) to those asked"));

} // namespace

} // namespace fl
