/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/fl-matrix-product.h"

#include <cassert>
#include <cstddef>

// Threads within a product would change the order of its additions.
#define EIGEN_DONT_PARALLELIZE
#define EIGEN_MPL2_ONLY
#include <Eigen/Core>

namespace fl
{

namespace
{

/**
 * Eigen cuts its products to fit the caches, and the cut decides the order of additions: with
 * sizes of its own choice, results would depend on the host.
 */
struct FixedCacheSizes
{
    FixedCacheSizes()
    {
        constexpr std::ptrdiff_t kibibyte = 1024;
        Eigen::setCpuCacheSizes(32 * kibibyte, 512 * kibibyte, 4096 * kibibyte);
    }
};

const FixedCacheSizes g_fixedCacheSizes;

template <typename S>
using Matrix = Eigen::Matrix<S, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
template <typename S>
using View = Eigen::Map<const Matrix<S>>;

/** Calls `use` with both factors as Eigen has them, and with the place of their product. */
template <typename S, typename Use>
void
WithFactors(const Factor<S>& left, const Factor<S>& right, S* product, Use use)
{
    const View<S> a(left.data, left.rows, left.columns);
    const View<S> b(right.data, right.rows, right.columns);
    assert((left.transposed ? a.rows() : a.cols()) == (right.transposed ? b.cols() : b.rows()));
    Eigen::Map<Matrix<S>> c(product,
                            left.transposed ? a.cols() : a.rows(),
                            right.transposed ? b.rows() : b.cols());
    if (left.transposed && right.transposed)
    {
        use(a.transpose(), b.transpose(), c);
    }
    else if (left.transposed)
    {
        use(a.transpose(), b, c);
    }
    else if (right.transposed)
    {
        use(a, b.transpose(), c);
    }
    else
    {
        use(a, b, c);
    }
}

} // namespace

template <typename S>
void
Multiply(const Factor<S>& left, const Factor<S>& right, S* product)
{
    WithFactors(left,
                right,
                product,
                [](const auto& a, const auto& b, auto& c) { c.noalias() = a * b; });
}

template <typename S>
void
AddProduct(const Factor<S>& left, const Factor<S>& right, S* sum)
{
    WithFactors(left,
                right,
                sum,
                [](const auto& a, const auto& b, auto& c) { c.noalias() += a * b; });
}

template void Multiply(const Factor<float>&, const Factor<float>&, float*);
template void Multiply(const Factor<double>&, const Factor<double>&, double*);
template void AddProduct(const Factor<float>&, const Factor<float>&, float*);
template void AddProduct(const Factor<double>&, const Factor<double>&, double*);

} // namespace fl
