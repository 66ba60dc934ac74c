/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/fl-block-selection.h"

#include "ns3/fl-sampled-selection.h"
#include "ns3/fl-share.h"
#include "ns3/fl-top-k-selection.h"
#include "ns3/fl-value-code.h"

#include <algorithm>
#include <cassert>
#include <utility>

namespace fl
{

Blocks
BlocksOf(const std::vector<Tensor>& tensors)
{
    auto ends = std::make_shared<std::vector<uint32_t>>();
    for (const auto& tensor : tensors)
    {
        assert(tensor.first == (ends->empty() ? 0 : ends->back()));
        ends->push_back(tensor.first + tensor.Size());
    }
    return ends;
}

Blocks
RowsOf(const std::vector<Tensor>& tensors)
{
    auto ends = std::make_shared<std::vector<uint32_t>>();
    for (const auto& tensor : tensors)
    {
        for (uint32_t row = 1; row <= tensor.rows; ++row)
        {
            ends->push_back(tensor.first + row * tensor.columns);
        }
    }
    return ends;
}

ParameterTable
BlockSelection::Table(const std::string& defaultDensity)
{
    return {{"Density",
             ParameterType::REAL,
             "",
             defaultDensity,
             "share of the entries that is sent",
             1e-9,
             1},
            {"Scope",
             ParameterType::CHOICE,
             "",
             "tensor",
             "where the entries are chosen",
             0,
             0,
             {"tensor", "global"}}};
}

BlockSelection::BlockSelection(const Parameters& parameters, const AlgorithmSetup& setup)
    : BlockSelection(parameters.Text("Scope") == "tensor"
                         ? setup.tensors
                         : std::vector<Tensor>{{"model", 0, 1, setup.dimension}},
                     parameters.Real("Density"))
{
}

BlockSelection::BlockSelection(std::vector<Tensor> blocks, double density)
    : m_blocks(std::move(blocks)),
      m_density(density)
{
}

/** @return how many entries of a block are chosen */
uint32_t
BlockSelection::Keep(const Tensor& block) const
{
    return std::clamp(ShareRoundedUp(m_density, block.Size()), 1u, block.Size());
}

template <typename S>
std::vector<uint32_t>
BlockSelection::Largest(const std::vector<S>& values) const
{
    std::vector<uint32_t> chosen;
    for (const auto& block : m_blocks)
    {
        SelectTopK(values, block.first, block.Size(), Keep(block), chosen);
    }
    return chosen;
}

template <typename S>
std::vector<uint32_t>
BlockSelection::LargestBySample(const std::vector<S>& values, double share, Random& draws) const
{
    std::vector<uint32_t> chosen;
    for (const auto& block : m_blocks)
    {
        SelectBySample(values, block.first, block.Size(), Keep(block), share, draws, chosen);
    }
    return chosen;
}

std::vector<uint32_t>
BlockSelection::Draw(Random& draws) const
{
    std::vector<uint32_t> chosen;
    for (const auto& block : m_blocks)
    {
        for (const uint32_t i : DrawPositions(DrawSeed(draws), block.Size(), Keep(block)))
        {
            chosen.push_back(block.first + i);
        }
    }
    return chosen;
}

uint64_t
DrawSeed(Random& draws)
{
    const uint64_t high = draws();
    return high << 32 | draws();
}

template std::vector<uint32_t> BlockSelection::Largest(const std::vector<float>& values) const;
template std::vector<uint32_t> BlockSelection::Largest(const std::vector<double>& values) const;
template std::vector<uint32_t> BlockSelection::LargestBySample(const std::vector<float>& values,
                                                               double share,
                                                               Random& draws) const;
template std::vector<uint32_t> BlockSelection::LargestBySample(const std::vector<double>& values,
                                                               double share,
                                                               Random& draws) const;

} // namespace fl
