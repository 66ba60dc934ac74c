/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/fl-block-selection.h"
#include "ns3/fl-compressed-sgd.h"
#include "ns3/fl-registry.h"

#include <utility>

namespace fl
{

namespace
{

/** Keeps the entries of largest magnitude as they are. */
template <typename S>
class LargestEntries : public Compressor<S>
{
  public:
    LargestEntries(uint32_t dimension, BlockSelection selection)
        : m_dimension(dimension),
          m_selection(std::move(selection))
    {
    }

    Update<S> Compress(const std::vector<S>& values, Random& /* draws */) const override
    {
        SparseUpdate<S> kept{m_dimension, m_selection.Largest(values), {}};
        for (const uint32_t i : kept.indices)
        {
            kept.values.push_back(values[i]);
        }
        return kept;
    }

    MessageShape Shape() const override
    {
        return {m_dimension, nullptr};
    }

  private:
    uint32_t m_dimension;
    BlockSelection m_selection;
};

/**
 * Top-k sparsified SGD with error feedback, Mem-SGD (Stich et al., arXiv:1809.07599):
 * v = error + rate * gradient, send the largest entries of v, keep the others as error,
 * x <- x - mean of what was sent. The mean is over all workers asked: an entry that was lost comes
 * again through the error of its worker. Without error feedback the largest entries of the
 * gradient are sent and the others forgotten; then the mean of a coordinate is over the workers of
 * which nothing was lost there. A coordinate that a worker did not choose counts as 0.
 */
template <typename S>
class TopK : public CompressedSgd<S>
{
  public:
    TopK(const Parameters& parameters, const AlgorithmSetup& setup)
        : CompressedSgd<S>(WithMeanRate(parameters, setup),
                           std::make_shared<LargestEntries<S>>(setup.dimension,
                                                               BlockSelection(parameters, setup)),
                           {parameters.Boolean("ErrorFeedback") ? Content::STEP : Content::GRADIENT,
                            parameters.Boolean("ErrorFeedback"),
                            Downlink::MEAN,
                            1,
                            parameters.Text("Divisor") == "senders"})
    {
    }
};

/** @return the parameters */
ParameterTable
MakeTable()
{
    auto table = BlockSelection::Table("0.01");
    table.insert(table.end(),
                 {{"ErrorFeedback",
                   ParameterType::BOOLEAN,
                   "",
                   "true",
                   "whether what is not sent is added to the next gradient"},
                  {"Divisor",
                   ParameterType::CHOICE,
                   "",
                   "asked",
                   "what a coordinate's sum is divided by: the workers asked (without error "
                   "feedback, heard), or those that sent it (arXiv:2302.07475)",
                   0,
                   0,
                   {"asked", "senders"}},
                  FormParameter("mean")});
    return table;
}

const Registration<AlgorithmFactory> g_topK(
    "top-k",
    "top-k sparsified SGD with error feedback, sparse both ways (arXiv:1809.07599)",
    MakeTable(),
    MakeAlgorithmFactory<TopK<float>, TopK<double>>(
        0.1,
        "up and down places and values in the shortest of three codings (RICE*, RAW*, BITMAP*)"));

} // namespace

} // namespace fl
