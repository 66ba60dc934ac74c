/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/fl-compressed-sgd.h"
#include "ns3/fl-error.h"
#include "ns3/fl-registry.h"
#include "ns3/fl-update-values.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <string>
#include <utility>

namespace fl
{

namespace
{

/**
 * Averages the gradients that lie closest to others. A gradient's score is the sum of the squared
 * distances to its n - f - 2 nearest of the n that were heard, and the m of least score are
 * averaged, of equal ones the lower worker. Two gradients are compared where both arrived and the
 * square is scaled up to all coordinates; where nothing of both arrived, or something is not
 * finite, they are infinitely far apart.
 */
template <typename S>
class MultiKrumServer : public ServerHalf<S>
{
  public:
    MultiKrumServer(uint32_t dimension, uint32_t faulty, uint32_t averaged)
        : m_dimension(dimension),
          m_faulty(faulty),
          m_averaged(averaged),
          m_mean(dimension)
    {
    }

    void Accept(Contribution<S> contribution) override
    {
        m_heard.push_back(std::move(contribution.received));
    }

    Closing<S> Close(uint32_t /* round */) override
    {
        const auto scores = Scores();
        std::vector<std::size_t> order(m_heard.size());
        std::iota(order.begin(), order.end(), std::size_t{0});
        std::stable_sort(order.begin(),
                         order.end(),
                         [&](std::size_t a, std::size_t b) { return scores[a] < scores[b]; });
        const std::size_t rest = order.size() - std::min<std::size_t>(order.size(), m_faulty);
        order.resize(
            std::min<std::size_t>(order.size(),
                                  m_averaged == 0 ? std::max<std::size_t>(rest, 1) : m_averaged));
        std::sort(order.begin(), order.end());
        for (const std::size_t chosen : order)
        {
            m_mean.Add(m_heard[chosen]);
        }
        m_heard.clear();
        return {false, DenseUpdate<S>{m_mean.Take()}};
    }

  private:
    std::vector<double> Scores() const
    {
        const std::size_t count = m_heard.size();
        std::vector<std::vector<double>> distances(count, std::vector<double>(count));
        for (std::size_t a = 0; a < count; ++a)
        {
            for (std::size_t b = 0; b < a; ++b)
            {
                distances[a][b] = distances[b][a] = Distance(m_heard[a], m_heard[b]);
            }
        }
        const std::size_t near = count > m_faulty + std::size_t{3} ? count - m_faulty - 2 : 1;
        std::vector<double> scores;
        for (std::size_t a = 0; a < count; ++a)
        {
            auto& row = distances[a];
            row.erase(row.begin() + static_cast<std::ptrdiff_t>(a));
            std::sort(row.begin(), row.end());
            row.resize(std::min(near, row.size()));
            scores.push_back(std::accumulate(row.begin(), row.end(), 0.0));
        }
        return scores;
    }

    /** @return the squared distance of two gradients */
    double Distance(const ReceivedUpdate<S>& a, const ReceivedUpdate<S>& b) const
    {
        std::vector<double> first(m_dimension);
        std::vector<bool> arrived(m_dimension);
        ForEachValue(a.update,
                     a.missing,
                     [&](uint32_t i, S value)
                     {
                         first[i] = value;
                         arrived[i] = true;
                     });
        double sum = 0;
        uint32_t common = 0;
        ForEachValue(b.update,
                     b.missing,
                     [&](uint32_t i, S value)
                     {
                         if (arrived[i])
                         {
                             sum += (first[i] - value) * (first[i] - value);
                             ++common;
                         }
                     });
        return common == 0 || !std::isfinite(sum) ? std::numeric_limits<double>::infinity()
                                                  : sum * m_dimension / common;
    }

    uint32_t m_dimension;
    uint32_t m_faulty;
    uint32_t m_averaged; ///< 0 for all but the faulty
    std::vector<ReceivedUpdate<S>> m_heard;
    CoordinateMean<S> m_mean;
};

/**
 * Multi-Krum (Blanchard et al., arXiv:1703.02757): SGD with dense gradients of which the m least
 * suspicious are averaged, x <- x - rate * mean; m = 1 is Krum. The mean of a coordinate is over
 * those of them that brought it. With n workers up to f < (n - 2) / 2 may be faulty.
 */
template <typename S>
class MultiKrum : public CompressedSgd<S>
{
  public:
    MultiKrum(const Parameters& parameters, const AlgorithmSetup& setup)
        : CompressedSgd<S>(setup, std::make_shared<NoCompression<S>>(setup.dimension), {}),
          m_faulty(static_cast<uint32_t>(parameters.Integer("Faulty"))),
          m_averaged(static_cast<uint32_t>(parameters.Integer("Averaged")))
    {
        if (setup.workers <= 2 * uint64_t{m_faulty} + 2)
        {
            throw UserError("--algorithm: multi-krum with Faulty=" + std::to_string(m_faulty) +
                            " needs at least " + std::to_string(2 * uint64_t{m_faulty} + 3) +
                            " workers, not " + std::to_string(setup.workers));
        }
        if (m_averaged > setup.workers - m_faulty)
        {
            throw UserError("--algorithm: multi-krum averages at most workers less Faulty, " +
                            std::to_string(setup.workers - m_faulty) +
                            ", not Averaged=" + std::to_string(m_averaged));
        }
    }

    AlgorithmTraits Traits() const override
    {
        AlgorithmTraits traits;
        traits.synchronousOnly = true;
        return traits;
    }

    std::unique_ptr<ServerHalf<S>> MakeServer() const override
    {
        return std::make_unique<MultiKrumServer<S>>(this->Setup().dimension, m_faulty, m_averaged);
    }

  private:
    uint32_t m_faulty;
    uint32_t m_averaged;
};

const Registration<AlgorithmFactory>
    g_multiKrum("multi-krum",
                "SGD that averages the gradients closest to others (arXiv:1703.02757)",
                {{"Faulty",
                  ParameterType::INTEGER,
                  "workers",
                  "1",
                  "workers f that may send anything",
                  0,
                  UINT32_MAX / 2},
                 {"Averaged",
                  ParameterType::INTEGER,
                  "workers",
                  "0",
                  "gradients m that are averaged, 1 for Krum, 0 for all but Faulty",
                  0,
                  UINT32_MAX}},
                MakeAlgorithmFactory<MultiKrum<float>, MultiKrum<double>>(
                    0.1,
                    "up all values (DENSE*), down the model (DENSE*)"));

} // namespace

} // namespace fl
