/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/fl-block-selection.h"
#include "ns3/fl-common-parameters.h"
#include "ns3/fl-gradient-difference.h"
#include "ns3/fl-ranges.h"
#include "ns3/fl-registry.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace fl
{

namespace
{

/** Uploads the largest entries of the difference and all of which the server has heard nothing. */
template <typename S>
class Ef21Worker : public DifferenceWorker<S>
{
  public:
    Ef21Worker(const AlgorithmSetup& setup,
               const WorkerSetup& worker,
               ValueCode code,
               const BlockSelection& selection)
        : DifferenceWorker<S>(setup, worker, code),
          m_selection(selection)
    {
    }

  private:
    std::optional<Update<S>> Choose(std::vector<S> difference,
                                    const WorkerContext<S>& /* context */) const override
    {
        const auto size = static_cast<uint32_t>(difference.size());
        const auto unheard = ToNumbers(this->Unheard());
        if (unheard.size() == size)
        {
            return DenseUpdate<S>{std::move(difference)};
        }
        const auto largest = m_selection.Largest(difference);
        SparseUpdate<S> sent{size, {}, {}};
        std::set_union(largest.begin(),
                       largest.end(),
                       unheard.begin(),
                       unheard.end(),
                       std::back_inserter(sent.indices));
        for (const uint32_t i : sent.indices)
        {
            sent.values.push_back(difference[i]);
        }
        return sent;
    }

    BlockSelection m_selection;
};

/**
 * EF21 (Richtarik et al., arXiv:2106.05203) with top-k: the first upload is the whole gradient,
 * then each worker uploads top-k(gradient - g_m), both ends add it to g_m, and the model steps
 * along the mean of the g_m. What was lost of the first upload goes along with the next ones until
 * it is there, so that g_m begins everywhere with a gradient.
 */
template <typename S>
class Ef21 : public DifferenceAlgorithm<S>
{
  public:
    Ef21(const Parameters& parameters, const AlgorithmSetup& setup)
        : DifferenceAlgorithm<S>(parameters, setup),
          m_selection(parameters, setup)
    {
    }

    std::unique_ptr<WorkerHalf<S>> MakeWorker(const WorkerSetup& worker) const override
    {
        return std::make_unique<Ef21Worker<S>>(this->m_setup, worker, this->m_code, m_selection);
    }

  private:
    BlockSelection m_selection;
};

const Registration<AlgorithmFactory> g_ef21(
    "ef21",
    "EF21: top-k of the difference to what the server holds (arXiv:2106.05203)",
    Join({BlockSelection::Table("0.01"), {FormParameter("mean"), ValueParameter()}}),
    MakeAlgorithmFactory<Ef21<float>, Ef21<double>>(
        0.1,
        "up places and values, the first time all values (DENSE*), down the model (DENSE*)"));

} // namespace

} // namespace fl
