/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/fl-compressed-sgd.h"
#include "ns3/fl-registry.h"

#include <cmath>
#include <limits>

namespace fl
{

namespace
{

/**
 * Rounds every entry to one of the two powers of two around it, at random so that the mean is the
 * entry. Below the smallest normal number the lower neighbour is 0; above the largest power there
 * is no upper one. What is not finite becomes infinite, so that divergence is seen.
 */
template <typename S>
class PowersOfTwo : public Compressor<S>
{
  public:
    explicit PowersOfTwo(uint32_t dimension)
        : m_dimension(dimension)
    {
    }

    Update<S> Compress(const std::vector<S>& values, Random& draws) const override
    {
        NaturalUpdate<S> update{std::vector<S>(m_dimension)};
        for (uint32_t i = 0; i < m_dimension; ++i)
        {
            update.values[i] = std::copysign(Round(std::abs(values[i]), draws), values[i]);
        }
        return update;
    }

    MessageShape Shape() const override
    {
        return {m_dimension, nullptr};
    }

  private:
    static S Round(S magnitude, Random& draws)
    {
        constexpr S smallest = std::numeric_limits<S>::min();
        if (!std::isfinite(magnitude))
        {
            return std::numeric_limits<S>::infinity();
        }
        if (magnitude < smallest)
        {
            return draws.Uniform() < static_cast<double>(magnitude) / smallest ? smallest : S{0};
        }
        const S lower = std::ldexp(S{1}, std::ilogb(magnitude));
        const S upper = 2 * lower;
        const bool up = draws.Uniform() < static_cast<double>((magnitude - lower) / lower);
        return up && std::isfinite(upper) ? upper : lower;
    }

    uint32_t m_dimension;
};

/**
 * SGD with natural compression (Horvath et al., arXiv:1905.10988): workers send sign and exponent
 * of their gradients, the server averages, x <- x - rate * mean. Unbiased, with a variance of at
 * most an eighth of the square. The mean of a coordinate is over the workers that brought it.
 */
template <typename S>
class Natural : public CompressedSgd<S>
{
  public:
    Natural(const Parameters& parameters, const AlgorithmSetup& setup)
        : CompressedSgd<S>(
              setup,
              std::make_shared<PowersOfTwo<S>>(setup.dimension),
              {Content::GRADIENT, false, ChosenDownlink(parameters, Downlink::COMPRESSED)})
    {
    }
};

const Registration<AlgorithmFactory>
    g_natural("natural",
              "SGD with gradients rounded at random to powers of two (arXiv:1905.10988)",
              {DownlinkParameter("the mean, rounded again")},
              MakeAlgorithmFactory<Natural<float>, Natural<double>>(
                  0.1,
                  "up signs and exponents (NATURAL*), down the model (DENSE*) or the same"));

} // namespace

} // namespace fl
