/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/fl-common-parameters.h"
#include "ns3/fl-gradient-difference.h"
#include "ns3/fl-registry.h"

#include <utility>

namespace fl
{

namespace
{

/** Asks one worker a round, drawn in proportion to the smoothness constants. */
template <typename S>
class DrawingServer : public GradientSumServer<S>
{
  public:
    DrawingServer(const AlgorithmSetup& setup, std::vector<double> smoothness)
        : GradientSumServer<S>(setup.dimension),
          m_runSeed(setup.runSeed),
          m_smoothness(std::move(smoothness))
    {
    }

    std::vector<uint32_t> Select(uint32_t round,
                                 uint32_t /* exchange */,
                                 const std::vector<uint32_t>& candidates) override
    {
        double total = 0;
        for (const uint32_t worker : candidates)
        {
            total += m_smoothness[worker];
        }
        Random random(m_runSeed,
                      Purpose::ALGORITHM,
                      static_cast<uint32_t>(m_smoothness.size()),
                      round);
        double left = random.Uniform() * total;
        for (const uint32_t worker : candidates)
        {
            left -= m_smoothness[worker];
            if (left < 0)
            {
                return {worker};
            }
        }
        // Rounding may leave a little of the last one's share.
        return candidates.empty() ? candidates : std::vector<uint32_t>{candidates.back()};
    }

  private:
    RunSeed m_runSeed;
    std::vector<double> m_smoothness; ///< by worker
};

/**
 * Incremental aggregated gradients with non-uniform sampling, NoUnif-IAG, as compared with in
 * arXiv:1805.09965 and arXiv:2202.02491: each round one worker, drawn with probability L_m / sum of
 * all L, renews its gradient; the step is along the sum of the newest gradients of all. A worker
 * that was never drawn counts as 0.
 */
template <typename S>
class NoUnifIag : public DifferenceAlgorithm<S>
{
  public:
    NoUnifIag(const Parameters& parameters, const AlgorithmSetup& setup)
        : DifferenceAlgorithm<S>(parameters, setup),
          m_smoothness(SmoothnessOf(setup, "nounif-iag"))
    {
    }

    AlgorithmTraits Traits() const override
    {
        auto traits = DifferenceAlgorithm<S>::Traits();
        traits.needsSmoothness = true;
        return traits;
    }

    std::unique_ptr<ServerHalf<S>> MakeServer() const override
    {
        return std::make_unique<DrawingServer<S>>(this->m_setup, m_smoothness);
    }

  private:
    std::vector<double> m_smoothness;
};

const Registration<AlgorithmFactory> g_noUnifIag(
    "nounif-iag",
    "incremental aggregated gradients, one worker a round, drawn by smoothness (arXiv:1805.09965)",
    {FormParameter("sum"), ValueParameter()},
    MakeAlgorithmFactory<NoUnifIag<float>, NoUnifIag<double>>(
        0.01,
        "up all values (DENSE*), down the model (DENSE*) to the one asked"));

} // namespace

} // namespace fl
