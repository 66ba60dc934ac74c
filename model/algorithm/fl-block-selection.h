/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef FL_BLOCK_SELECTION_H
#define FL_BLOCK_SELECTION_H

#include "ns3/fl-algorithm.h"
#include "ns3/fl-blocks.h"
#include "ns3/fl-parameters.h"

#include <cstdint>
#include <string>
#include <vector>

namespace fl
{

/** @param tensors the tensors of a model, one behind the other @return a block for each */
Blocks BlocksOf(const std::vector<Tensor>& tensors);

/** @param tensors the tensors of a model, one behind the other @return a block for each row */
Blocks RowsOf(const std::vector<Tensor>& tensors);

/**
 * Chooses a share of the entries of a vector, the same share of every block: of n entries the
 * rounded-up share of n, at least one.
 */
class BlockSelection
{
  public:
    /**
     * @param defaultDensity the share if the user gives none
     * @return the rows `Density` and `Scope` of a parameter table
     */
    static ParameterTable Table(const std::string& defaultDensity);

    /**
     * @param parameters with `Density` and `Scope`
     * @param setup what the algorithm is for
     */
    BlockSelection(const Parameters& parameters, const AlgorithmSetup& setup);

    /**
     * @param blocks where entries are chosen, ascending
     * @param density the share that is chosen, above 0, at most 1
     */
    BlockSelection(std::vector<Tensor> blocks, double density);

    /** @return the share that is chosen */
    double Density() const
    {
        return m_density;
    }

    /** @return the blocks */
    const std::vector<Tensor>& Parts() const
    {
        return m_blocks;
    }

    /**
     * @param values the whole vector
     * @return the coordinates of largest magnitude, ascending; see SelectTopK()
     */
    template <typename S>
    std::vector<uint32_t> Largest(const std::vector<S>& values) const;

    /**
     * @param values the whole vector
     * @param share share of every block that is looked at for its threshold
     * @param draws where the samples are drawn from
     * @return coordinates of about the largest magnitudes, ascending; see SelectBySample()
     */
    template <typename S>
    std::vector<uint32_t> LargestBySample(const std::vector<S>& values,
                                          double share,
                                          Random& draws) const;

    /**
     * @param draws where they are drawn from
     * @return coordinates drawn evenly without replacement, ascending
     */
    std::vector<uint32_t> Draw(Random& draws) const;

  private:
    uint32_t Keep(const Tensor& block) const;

    std::vector<Tensor> m_blocks;
    double m_density;
};

/** @param draws where it is drawn from @return a seed of 64 bits */
uint64_t DrawSeed(Random& draws);

} // namespace fl

#endif // FL_BLOCK_SELECTION_H
