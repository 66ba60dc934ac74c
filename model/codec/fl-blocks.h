/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef FL_BLOCKS_H
#define FL_BLOCKS_H

#include "ns3/fl-ranges.h"

#include <cstdint>
#include <memory>
#include <vector>

namespace fl
{

/**
 * The blocks into which the coordinates of an update are divided, each with scales of its own: the
 * end of each block, ascending; the last is the number of coordinates. Both ends know them from the
 * method and the model, so they do not travel. Null where a method has no blocks.
 */
using Blocks = std::shared_ptr<const std::vector<uint32_t>>;

/**
 * @param size number of coordinates, at least 1
 * @param bucket coordinates of a block, 0 for all; the last block may be shorter
 * @return blocks of equal size
 */
Blocks MakeBuckets(uint32_t size, uint32_t bucket);

/**
 * @param blocks some blocks, or null
 * @param coordinates some coordinates, at least one
 * @return the blocks that they touch, empty for null
 */
Range TouchedBlocks(const Blocks& blocks, const Range& coordinates);

/** What must be known of a message before its first segment can be decoded. */
struct MessageShape
{
    uint32_t dimension; ///< number of coordinates
    Blocks blocks;      ///< null if nothing in it belongs to a block
};

} // namespace fl

#endif // FL_BLOCKS_H
