/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef FL_TENSOR_H
#define FL_TENSOR_H

#include <cstdint>
#include <string>

namespace fl
{

/** A block of consecutive model parameters that belong together: one weight matrix, one bias. */
struct Tensor
{
    std::string name; ///< for people, for example "hidden0.weight"
    uint32_t first;   ///< first coordinate in the model
    uint32_t rows;    ///< rows of the row-major matrix, 1 for a vector
    uint32_t columns; ///< columns

    /** @return number of coordinates */
    uint32_t Size() const
    {
        return rows * columns;
    }
};

} // namespace fl

#endif // FL_TENSOR_H
