/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/wfl-fec-layout.h"

#include "ns3/assert.h"

namespace ns3
{
namespace wfl
{

namespace
{

uint32_t
DivideUp(uint64_t dividend, uint64_t divisor)
{
    return static_cast<uint32_t>((dividend + divisor - 1) / divisor);
}

} // namespace

FecLayout::FecLayout(uint32_t segments, const FecParameters& parameters)
{
    NS_ASSERT(parameters.k > 0 && parameters.n >= parameters.k && parameters.depth > 0);
    const uint64_t parts = DivideUp(segments, uint64_t{parameters.k} * parameters.depth);
    for (uint64_t part = 0; part < parts; ++part)
    {
        AddPart(static_cast<uint32_t>(part * segments / parts),
                static_cast<uint32_t>((part + 1) * segments / parts),
                parameters);
    }
}

void
FecLayout::AddPart(uint32_t first, uint32_t end, const FecParameters& parameters)
{
    const auto firstBlock = static_cast<uint32_t>(m_blocks.size());
    const uint32_t segments = end - first;
    const uint32_t blocks = DivideUp(segments, parameters.k);
    const uint64_t longest = DivideUp(segments, blocks);
    const uint32_t parities =
        blocks * DivideUp(longest * (parameters.n - parameters.k), parameters.k);
    m_blocks.resize(firstBlock + blocks);
    for (uint32_t turn = 0; turn < segments + parities; ++turn)
    {
        const uint32_t block = firstBlock + turn % blocks;
        const bool isParity = turn >= segments;
        auto& places = isParity ? m_parities : m_segments;
        auto& members = isParity ? m_blocks[block].parities : m_blocks[block].segments;
        const auto index = static_cast<uint32_t>(places.size());
        places.push_back({block, static_cast<uint32_t>(members.size())});
        members.push_back(index);
        m_order.push_back({isParity, index});
    }
}

const std::vector<FecLayout::Block>&
FecLayout::Blocks() const
{
    return m_blocks;
}

const std::vector<FecLayout::Place>&
FecLayout::Segments() const
{
    return m_segments;
}

const std::vector<FecLayout::Place>&
FecLayout::Parities() const
{
    return m_parities;
}

const std::vector<FecLayout::Datagram>&
FecLayout::Order() const
{
    return m_order;
}

} // namespace wfl
} // namespace ns3
