/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/fl-compressed-sgd.h"
#include "ns3/fl-registry.h"
#include "ns3/fl-share.h"
#include "ns3/fl-update-values.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace fl
{

namespace
{

/** @return whether a comes before b, where what is not a number comes last */
template <typename S>
bool
Before(S a, S b)
{
    return a < b || (std::isnan(b) && !std::isnan(a));
}

/** Drops the largest and the smallest numbers before it averages. */
class Trimming
{
  public:
    /** @param share what is dropped at each end; 0.5 leaves the median */
    explicit Trimming(double share)
        : m_share(share)
    {
    }

    /**
     * @param values some numbers, at least one; their order is lost
     * @return the mean of those in the middle, added in ascending order
     */
    template <typename S>
    S Mean(std::vector<S>& values) const
    {
        std::sort(values.begin(), values.end(), Before<S>);
        const std::size_t count = values.size();
        const std::size_t most = (count - 1) / 2; // leaves one or two
        const auto drop =
            std::min<std::size_t>(most, ShareRoundedDown(m_share, static_cast<uint32_t>(count)));
        S sum = 0;
        for (std::size_t i = drop; i < count - drop; ++i)
        {
            sum += values[i];
        }
        return sum / static_cast<S>(count - 2 * drop);
    }

  private:
    double m_share;
};

/** Collects all gradients and takes a robust mean in each coordinate, over those that brought it.
 */
template <typename S>
class RobustMeanServer : public ServerHalf<S>
{
  public:
    RobustMeanServer(uint32_t dimension, Trimming trimming)
        : m_trimming(trimming),
          m_brought(dimension)
    {
    }

    void Accept(Contribution<S> contribution) override
    {
        ForEachValue(contribution.received.update,
                     contribution.received.missing,
                     [this](uint32_t i, S value) { m_brought[i].push_back(value); });
    }

    Closing<S> Close(uint32_t /* round */) override
    {
        DenseUpdate<S> mean{std::vector<S>(m_brought.size())};
        for (std::size_t i = 0; i < m_brought.size(); ++i)
        {
            if (!m_brought[i].empty())
            {
                mean.values[i] = m_trimming.Mean(m_brought[i]);
                m_brought[i].clear();
            }
        }
        return {false, std::move(mean)};
    }

  private:
    Trimming m_trimming;
    std::vector<std::vector<S>> m_brought; ///< by coordinate, what workers brought
};

/**
 * SGD with dense gradients and a robust mean in each coordinate (Yin et al., arXiv:1803.01498): the
 * median, or the mean after a share of the largest and of the smallest was dropped. A coordinate's
 * mean is over those workers that brought it, and x <- x - rate * mean.
 */
template <typename S>
class RobustMean : public CompressedSgd<S>
{
  public:
    RobustMean(const AlgorithmSetup& setup, Trimming trimming)
        : CompressedSgd<S>(setup, std::make_shared<NoCompression<S>>(setup.dimension), {}),
          m_trimming(trimming)
    {
    }

    AlgorithmTraits Traits() const override
    {
        AlgorithmTraits traits;
        traits.synchronousOnly = true;
        return traits;
    }

    std::unique_ptr<ServerHalf<S>> MakeServer() const override
    {
        return std::make_unique<RobustMeanServer<S>>(this->Setup().dimension, m_trimming);
    }

  private:
    Trimming m_trimming;
};

/** The median in each coordinate; of an even number the mean of the two in the middle. */
template <typename S>
class CoordinateMedian : public RobustMean<S>
{
  public:
    CoordinateMedian(const Parameters& /* parameters */, const AlgorithmSetup& setup)
        : RobustMean<S>(setup, Trimming(0.5))
    {
    }
};

/** The trimmed mean in each coordinate. */
template <typename S>
class TrimmedMean : public RobustMean<S>
{
  public:
    TrimmedMean(const Parameters& parameters, const AlgorithmSetup& setup)
        : RobustMean<S>(setup, Trimming(parameters.Real("Share")))
    {
    }
};

const Registration<AlgorithmFactory>
    g_median("coordinate-median",
             "SGD with the median of the gradients in each coordinate (arXiv:1803.01498)",
             {},
             MakeAlgorithmFactory<CoordinateMedian<float>, CoordinateMedian<double>>(
                 0.1,
                 "up all values (DENSE*), down the model (DENSE*)"));

const Registration<AlgorithmFactory> g_trimmedMean(
    "trimmed-mean",
    "SGD with the trimmed mean of the gradients in each coordinate (arXiv:1803.01498)",
    {{"Share",
      ParameterType::REAL,
      "",
      "0.2",
      "share of the workers that is dropped at each end, rounded down",
      0,
      0.5}},
    MakeAlgorithmFactory<TrimmedMean<float>, TrimmedMean<double>>(
        0.1,
        "up all values (DENSE*), down the model (DENSE*)"));

} // namespace

} // namespace fl
