/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/fl-block-selection.h"
#include "ns3/fl-compressed-sgd.h"
#include "ns3/fl-registry.h"
#include "ns3/fl-share.h"
#include "ns3/fl-value-code.h"

#include <algorithm>

namespace fl
{

namespace
{

/** Keeps entries whose places the receiver draws from the same seed, so that none travels. */
template <typename S>
class DrawnEntries : public Compressor<S>
{
  public:
    DrawnEntries(uint32_t dimension, double density, bool unbiased)
        : m_dimension(dimension),
          m_keep(std::clamp(ShareRoundedUp(density, dimension), 1u, dimension)),
          m_factor(unbiased ? static_cast<S>(dimension) / static_cast<S>(m_keep) : S{1})
    {
    }

    Update<S> Compress(const std::vector<S>& values, Random& draws) const override
    {
        SeededUpdate<S> kept{m_dimension, DrawSeed(draws), {}};
        for (const uint32_t i : DrawPositions(kept.seed, m_dimension, m_keep))
        {
            kept.values.push_back(m_factor * values[i]);
        }
        return kept;
    }

    MessageShape Shape() const override
    {
        return {m_dimension, nullptr};
    }

  private:
    uint32_t m_dimension;
    uint32_t m_keep;
    S m_factor;
};

/**
 * Random-k sparsified SGD (for example Stich et al., arXiv:1809.07599): each worker sends K of N
 * entries, drawn without replacement anew for every worker and round, and the seed of the draw in
 * place of indices. With error feedback as in top-k, the mean over all workers asked; without it
 * the entries are scaled by N/K, which makes the mean unbiased, and the mean of a coordinate is
 * over the workers of which nothing was lost there.
 */
template <typename S>
class RandomK : public CompressedSgd<S>
{
  public:
    RandomK(const Parameters& parameters, const AlgorithmSetup& setup)
        : CompressedSgd<S>(WithMeanRate(parameters, setup),
                           std::make_shared<DrawnEntries<S>>(setup.dimension,
                                                             parameters.Real("Density"),
                                                             !parameters.Boolean("ErrorFeedback")),
                           {parameters.Boolean("ErrorFeedback") ? Content::STEP : Content::GRADIENT,
                            parameters.Boolean("ErrorFeedback"),
                            ChosenDownlink(parameters, Downlink::MEAN)})
    {
    }
};

const Registration<AlgorithmFactory> g_randomK(
    "random-k",
    "SGD with random entries whose places come from a shared seed (arXiv:1809.07599)",
    {{"Density", ParameterType::REAL, "", "0.01", "share of the entries that is sent", 1e-9, 1},
     {"ErrorFeedback",
      ParameterType::BOOLEAN,
      "",
      "true",
      "whether what is not sent is added to the next gradient; if not, the entries are "
      "scaled to be unbiased"},
     FormParameter("mean"),
     DownlinkParameter("the sparse mean")},
    MakeAlgorithmFactory<RandomK<float>, RandomK<double>>(
        0.1,
        "up a seed and values (SEEDED*), down the model (DENSE*) or places and values"));

} // namespace

} // namespace fl
