/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/fl-block-selection.h"
#include "ns3/fl-compressed-sgd.h"
#include "ns3/fl-registry.h"
#include "ns3/fl-value-code.h"

#include <cmath>
#include <utility>

namespace fl
{

namespace
{

/** The signs of the largest entries, times their mean magnitude in each block. */
template <typename S>
class SparseTrits : public Compressor<S>
{
  public:
    SparseTrits(uint32_t dimension, BlockSelection selection)
        : m_dimension(dimension),
          m_selection(std::move(selection)),
          m_blocks(BlocksOf(m_selection.Parts()))
    {
    }

    Update<S> Compress(const std::vector<S>& values, Random& /* draws */) const override
    {
        ScaledTernaryUpdate<S> update{TernaryUpdate::Zero(m_dimension), m_blocks, {}};
        const auto kept = m_selection.Largest(values);
        auto next = kept.begin();
        for (const uint32_t end : *m_blocks)
        {
            double sum = 0;
            uint32_t count = 0;
            for (; next != kept.end() && *next < end; ++next, ++count)
            {
                sum += std::abs(static_cast<double>(values[*next]));
                update.trits.Set(*next, (values[*next] > 0) - (values[*next] < 0));
            }
            update.scales.push_back(RoundValue(static_cast<S>(sum / count), ValueCode::SINGLE));
        }
        return update;
    }

    MessageShape Shape() const override
    {
        return {m_dimension, m_blocks};
    }

  private:
    uint32_t m_dimension;
    BlockSelection m_selection;
    Blocks m_blocks;
};

/**
 * Sparse ternary compression, STC (Sattler et al., arXiv:1903.02891, algorithm 2): workers take
 * local steps, add the change of their model to a residual, send the signs of its largest entries
 * and their mean magnitude; the server adds the mean to a residual of its own and broadcasts it in
 * the same way. Residuals keep what was not heard. The mean is over all workers asked: what was
 * lost comes again through the residual of its worker.
 */
template <typename S>
class Stc : public CompressedSgd<S>
{
  public:
    Stc(const Parameters& parameters, const AlgorithmSetup& setup)
        : CompressedSgd<S>(
              setup,
              std::make_shared<SparseTrits<S>>(setup.dimension, BlockSelection(parameters, setup)),
              {Content::LOCAL_STEPS, true, Downlink::COMPRESSED_MEMORY, setup.localSteps})
    {
    }
};

const Registration<AlgorithmFactory>
    g_stc("stc",
          "sparse ternary compression both ways after local steps (arXiv:1903.02891)",
          BlockSelection::Table("0.0025"),
          MakeAlgorithmFactory<Stc<float>, Stc<double>>(
              0.1,
              "up and down trits with a scale a block (SCALED_TERNARY*)"));

} // namespace

} // namespace fl
