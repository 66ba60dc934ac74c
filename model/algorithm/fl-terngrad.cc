/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/fl-block-selection.h"
#include "ns3/fl-compressed-sgd.h"
#include "ns3/fl-registry.h"
#include "ns3/fl-value-code.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

namespace fl
{

namespace
{

/**
 * Of each tensor the largest magnitude s, after entries were clipped to some standard deviations,
 * and of each entry its sign with the probability |entry| / s, else 0: unbiased but for the
 * clipping. A tensor in which something is not finite has no finite scale, so that divergence
 * is seen.
 */
template <typename S>
class RandomTrits : public Compressor<S>
{
  public:
    RandomTrits(const AlgorithmSetup& setup, double clip)
        : m_blocks(BlocksOf(setup.tensors)),
          m_clip(clip == 0 ? std::numeric_limits<double>::infinity() : clip)
    {
    }

    Update<S> Compress(const std::vector<S>& values, Random& draws) const override
    {
        const auto size = static_cast<uint32_t>(values.size());
        ScaledTernaryUpdate<S> update{TernaryUpdate::Zero(size), m_blocks, {}};
        uint32_t first = 0;
        for (const uint32_t end : *m_blocks)
        {
            const S scale = RoundValue(ScaleOf(values, first, end), ValueCode::SINGLE);
            update.scales.push_back(scale);
            for (uint32_t i = first; i < end; ++i)
            {
                // What was clipped has a probability above 1: the same as 1.
                const bool sent = draws.Uniform() * scale < std::abs(values[i]);
                update.trits.Set(i, sent ? (values[i] > 0) - (values[i] < 0) : 0);
            }
            first = end;
        }
        return update;
    }

    MessageShape Shape() const override
    {
        return {m_blocks->back(), m_blocks};
    }

  private:
    S ScaleOf(const std::vector<S>& values, uint32_t first, uint32_t end) const
    {
        double largest = 0;
        double sum = 0;
        double squares = 0;
        for (uint32_t i = first; i < end; ++i)
        {
            const double value = values[i];
            largest = std::max(largest, std::abs(value));
            sum += value;
            squares += value * value;
        }
        if (!std::isfinite(squares))
        {
            return std::numeric_limits<S>::quiet_NaN();
        }
        const double mean = sum / (end - first);
        const double deviation = std::sqrt(std::max(0.0, squares / (end - first) - mean * mean));
        // A tensor of equal entries has no deviation, and nothing to clip.
        return static_cast<S>(deviation == 0 ? largest : std::min(largest, m_clip * deviation));
    }

    Blocks m_blocks;
    double m_clip; ///< in standard deviations
};

/**
 * TernGrad (Wen et al., arXiv:1705.07878, algorithm 1) without scaler sharing: workers send a trit
 * an entry and a scale a tensor, the server averages, x <- x - rate * mean. The mean of a
 * coordinate is over the workers that brought it.
 */
template <typename S>
class TernGrad : public CompressedSgd<S>
{
  public:
    TernGrad(const Parameters& parameters, const AlgorithmSetup& setup)
        : CompressedSgd<S>(
              setup,
              std::make_shared<RandomTrits<S>>(setup, parameters.Real("Clip")),
              {Content::GRADIENT, false, ChosenDownlink(parameters, Downlink::COMPRESSED)})
    {
    }
};

const Registration<AlgorithmFactory> g_terngrad(
    "terngrad",
    "SGD with random ternary gradients, a scale a tensor (arXiv:1705.07878)",
    {{"Clip",
      ParameterType::REAL,
      "standard deviations",
      "2.5",
      "where entries are clipped, 0 = nowhere",
      0},
     DownlinkParameter("the mean as trits")},
    MakeAlgorithmFactory<TernGrad<float>, TernGrad<double>>(
        0.1,
        "up trits with a scale a tensor (SCALED_TERNARY*), down the model (DENSE*) or the same"));

} // namespace

} // namespace fl
