/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef FL_SCALES_H
#define FL_SCALES_H

#include "ns3/fl-blocks.h"

#include <cstdint>
#include <vector>

namespace fl
{

/** Bytes of a scale: an IEEE 754 binary32. */
constexpr uint32_t SCALE_BYTES = 4;

/**
 * Appends the scales of some blocks.
 * @tparam S the scalar, float or double
 * @param bytes where they are appended
 * @param blocks indices of the blocks
 * @param plus scales by block, not negative
 * @param minus scales by block, not positive, each written behind that of plus; may be empty
 * @throws UserError if a scale is not finite: the training has diverged
 */
template <typename S>
void WriteScales(std::vector<uint8_t>& bytes,
                 const Range& blocks,
                 const std::vector<S>& plus,
                 const std::vector<S>& minus = {});

/** The scales that the segments of a message have brought so far. */
class ScaleTable
{
  public:
    /**
     * @param blocks number of blocks
     * @param kinds scales of a block: 1, or 2 of which the second is not positive
     */
    ScaleTable(std::size_t blocks, uint32_t kinds);

    /**
     * @param data scales as WriteScales() wrote them
     * @param blocks the blocks to which they belong
     * @return whether they are finite, of the right signs, and what other segments said
     */
    bool Fits(const uint8_t* data, const Range& blocks) const;

    /**
     * Takes scales over.
     * @param data scales that fit
     * @param blocks the blocks to which they belong
     */
    void Keep(const uint8_t* data, const Range& blocks);

    /**
     * @tparam S the scalar, float or double
     * @param kind 0 or 1
     * @return the scales of that kind by block, 0 where none has come
     */
    template <typename S>
    std::vector<S> Take(uint32_t kind) const;

  private:
    uint32_t m_kinds;
    std::vector<uint32_t> m_images; ///< by block, then kind, the bits of its scale
    std::vector<bool> m_known;      ///< by block
};

} // namespace fl

#endif // FL_SCALES_H
