/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef FL_MATRIX_PRODUCT_H
#define FL_MATRIX_PRODUCT_H

#include <cstdint>

namespace fl
{

/**
 * A row-major matrix in memory of others, to be multiplied as it is or as its transpose.
 * @tparam S the scalar, float or double
 */
template <typename S>
struct Factor
{
    const S* data;          ///< rows x columns numbers
    uint32_t rows;          ///< rows in memory
    uint32_t columns;       ///< columns in memory
    bool transposed{false}; ///< whether the factor is the transpose
};

/**
 * Product of two matrices. The order of its additions depends on the sizes alone: neither on the
 * host, nor on the number of threads, nor on where the matrices lie in memory.
 *
 * @tparam S the scalar, float or double
 * @param left the left factor
 * @param right the right factor
 * @param product row-major, overwritten; must not overlap the factors
 */
template <typename S>
void Multiply(const Factor<S>& left, const Factor<S>& right, S* product);

/**
 * Like Multiply(), but adds the product to what is there.
 *
 * @tparam S the scalar, float or double
 * @param left the left factor
 * @param right the right factor
 * @param sum row-major, the product is added to it; must not overlap the factors
 */
template <typename S>
void AddProduct(const Factor<S>& left, const Factor<S>& right, S* sum);

} // namespace fl

#endif // FL_MATRIX_PRODUCT_H
