/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/fl-matrix-product.h"

#include "ns3/fl-random.h"

#include <gtest/gtest.h>
#include <vector>

namespace fl
{

namespace
{

/** A random matrix in memory, at a chosen distance from the beginning of its block. */
template <typename S>
struct Placed
{
    Placed(uint32_t rows, uint32_t columns, uint32_t key, std::size_t offset)
        : numbers(offset)
    {
        Random random({1, 1}, Purpose::TEST, key);
        for (uint32_t i = 0; i < rows * columns; ++i)
        {
            numbers.push_back(static_cast<S>(random.Normal()));
        }
    }

    std::vector<S> numbers;
};

/** Sizes of a product: rows and columns of the result, and the length of its sums. */
struct Sizes
{
    uint32_t rows;
    uint32_t columns;
    uint32_t inner;
};

const std::vector<Sizes> g_sizes{{1, 1, 1},
                                 {1, 1, 7},
                                 {1, 9, 1},
                                 {5, 1, 3},
                                 {3, 4, 5},
                                 {1, 30, 40},
                                 {30, 1, 40},
                                 {2, 3, 301},
                                 {17, 23, 31},
                                 {64, 10, 333}};

/** @return left x right with all matrices placed at an offset, added to 1 if so wanted */
template <typename S>
std::vector<S>
Product(const Sizes& sizes, bool leftTransposed, bool rightTransposed, bool add, std::size_t offset)
{
    const auto [rows, columns, inner] = sizes;
    const Placed<S> left(rows, inner, 1, offset);
    const Placed<S> right(inner, columns, 2, (offset + 1) % 4);
    const Factor<S> a{left.numbers.data() + offset,
                      leftTransposed ? inner : rows,
                      leftTransposed ? rows : inner,
                      leftTransposed};
    const Factor<S> b{right.numbers.data() + (offset + 1) % 4,
                      rightTransposed ? columns : inner,
                      rightTransposed ? inner : columns,
                      rightTransposed};
    std::vector<S> result(offset + rows * columns, 1);
    if (add)
    {
        AddProduct(a, b, result.data() + offset);
    }
    else
    {
        Multiply(a, b, result.data() + offset);
    }
    result.erase(result.begin(), result.begin() + offset);
    return result;
}

/** @return entry of a factor, read by its definition */
template <typename S>
double
Entry(const std::vector<S>& numbers,
      bool transposed,
      uint32_t rows,
      uint32_t columns,
      uint32_t i,
      uint32_t j)
{
    return transposed ? numbers[j * rows + i] : numbers[i * columns + j];
}

template <typename S>
void
ExpectAgreement(double tolerance)
{
    for (const auto& sizes : g_sizes)
    {
        const auto [rows, columns, inner] = sizes;
        SCOPED_TRACE(std::to_string(rows) + " " + std::to_string(columns) + " " +
                     std::to_string(inner));
        for (int mask = 0; mask < 8; ++mask)
        {
            const bool leftTransposed = mask & 1;
            const bool rightTransposed = mask & 2;
            const bool add = mask & 4;
            const auto left = Placed<S>(rows, inner, 1, 0).numbers;
            const auto right = Placed<S>(inner, columns, 2, 0).numbers;
            const auto product = Product<S>(sizes, leftTransposed, rightTransposed, add, 0);
            for (uint32_t i = 0; i < rows; ++i)
            {
                for (uint32_t j = 0; j < columns; ++j)
                {
                    double sum = add ? 1 : 0;
                    for (uint32_t k = 0; k < inner; ++k)
                    {
                        sum += Entry(left, leftTransposed, rows, inner, i, k) *
                               Entry(right, rightTransposed, inner, columns, k, j);
                    }
                    ASSERT_NEAR(product[i * columns + j], sum, tolerance);
                }
            }
            for (std::size_t offset = 1; offset < 4; ++offset)
            {
                ASSERT_EQ(Product<S>(sizes, leftTransposed, rightTransposed, add, offset), product)
                    << "depends on where the matrices lie";
            }
        }
    }
}

} // namespace

/** Products agree with sums by the definition, and their bits do not depend on addresses. */
TEST(FlMatrixProduct, AgreesWithPlainLoops)
{
    ExpectAgreement<float>(2e-4);
    ExpectAgreement<double>(1e-12);
}

} // namespace fl
