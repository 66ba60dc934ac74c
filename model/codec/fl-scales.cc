/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/fl-scales.h"

#include "ns3/fl-error.h"
#include "ns3/fl-value-wire.h"

#include <cassert>
#include <cmath>

namespace fl
{

namespace
{

using Wire = ValueWire<uint32_t>;

template <typename S>
void
WriteScale(std::vector<uint8_t>& bytes, S scale)
{
    if (!std::isfinite(scale))
    {
        throw UserError("--learning-rate: the training has diverged, a scale of an update is not "
                        "finite; a smaller step would be right");
    }
    assert(static_cast<S>(static_cast<float>(scale)) == scale);
    const auto place = bytes.size();
    bytes.resize(place + SCALE_BYTES);
    Wire::Store(scale, bytes.data() + place);
}

} // namespace

template <typename S>
void
WriteScales(std::vector<uint8_t>& bytes,
            const Range& blocks,
            const std::vector<S>& plus,
            const std::vector<S>& minus)
{
    for (uint32_t block = blocks.first; block < blocks.end; ++block)
    {
        assert(!(plus[block] < 0));
        WriteScale(bytes, plus[block]);
        if (!minus.empty())
        {
            assert(!(minus[block] > 0));
            WriteScale(bytes, minus[block]);
        }
    }
}

ScaleTable::ScaleTable(std::size_t blocks, uint32_t kinds)
    : m_kinds(kinds),
      m_images(blocks * kinds),
      m_known(blocks)
{
}

bool
ScaleTable::Fits(const uint8_t* data, const Range& blocks) const
{
    for (uint32_t block = blocks.first; block < blocks.end; ++block)
    {
        for (uint32_t kind = 0; kind < m_kinds; ++kind, data += SCALE_BYTES)
        {
            const auto scale = Wire::Load<float>(data);
            if (!std::isfinite(scale) || (kind == 0 ? scale < 0 : scale > 0) ||
                (m_known[block] &&
                 Wire::Write(scale) != m_images[std::size_t{block} * m_kinds + kind]))
            {
                return false;
            }
        }
    }
    return true;
}

void
ScaleTable::Keep(const uint8_t* data, const Range& blocks)
{
    for (uint32_t block = blocks.first; block < blocks.end; ++block)
    {
        m_known[block] = true;
        for (uint32_t kind = 0; kind < m_kinds; ++kind, data += SCALE_BYTES)
        {
            m_images[std::size_t{block} * m_kinds + kind] = Wire::Write(Wire::Load<float>(data));
        }
    }
}

template <typename S>
std::vector<S>
ScaleTable::Take(uint32_t kind) const
{
    std::vector<S> scales;
    scales.reserve(m_known.size());
    for (std::size_t i = kind; i < m_images.size(); i += m_kinds)
    {
        scales.push_back(Wire::Read<S>(m_images[i]));
    }
    return scales;
}

template void WriteScales(std::vector<uint8_t>& bytes,
                          const Range& blocks,
                          const std::vector<float>& plus,
                          const std::vector<float>& minus);
template void WriteScales(std::vector<uint8_t>& bytes,
                          const Range& blocks,
                          const std::vector<double>& plus,
                          const std::vector<double>& minus);
template std::vector<float> ScaleTable::Take(uint32_t kind) const;
template std::vector<double> ScaleTable::Take(uint32_t kind) const;

} // namespace fl
