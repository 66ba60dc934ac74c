/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/fl-curvature.h"

#include "ns3/fl-matrix-product.h"
#include "ns3/fl-random.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <cstdint>
#include <numeric>

#define EIGEN_DONT_PARALLELIZE
#define EIGEN_MPL2_ONLY
#include <Eigen/Eigenvalues>

namespace fl
{

namespace
{

using Vector = std::vector<double>;

double
Dot(const Vector& a, const Vector& b)
{
    return std::inner_product(a.begin(), a.end(), b.begin(), 0.0);
}

/** Adds a multiple of one vector to another. */
void
Add(double factor, const Vector& a, Vector& sum)
{
    std::transform(a.begin(),
                   a.end(),
                   sum.begin(),
                   sum.begin(),
                   [factor](double x, double y) { return y + factor * x; });
}

/** The bound as a linear operator. */
class Operator
{
  public:
    Operator(const Batch& batch, const CurvatureBound& bound)
        : m_batch(batch),
          m_bound(bound),
          m_features(batch.dataset->features)
    {
        assert(batch.size > 0);
    }

    /** @return number of coordinates */
    uint32_t Size() const
    {
        return m_features + (m_bound.bias ? 1 : 0);
    }

    /** @return the product of the bound and a vector */
    Vector operator()(const Vector& vector)
    {
        Vector product(Size());
        for (uint32_t first = 0; first < m_batch.size; first += CHUNK)
        {
            const uint32_t rows = std::min(CHUNK, m_batch.size - first);
            Gather(first, rows);
            m_scores.resize(rows);
            Multiply<double>({m_rows.data(), rows, Size()},
                             {vector.data(), Size(), 1},
                             m_scores.data());
            AddProduct<double>({m_rows.data(), rows, Size(), true},
                               {m_scores.data(), rows, 1},
                               product.data());
        }
        for (uint32_t i = 0; i < Size(); ++i)
        {
            product[i] *= m_bound.score / m_batch.size;
            product[i] += i < m_features ? m_bound.l2 * vector[i] : 0;
        }
        return product;
    }

  private:
    static constexpr uint32_t CHUNK = 256; ///< samples at a time

    /** Copies some samples into m_rows, with a 1 for the bias. */
    void Gather(uint32_t first, uint32_t rows)
    {
        m_rows.assign(std::size_t{rows} * Size(), 1);
        for (uint32_t i = 0; i < rows; ++i)
        {
            std::copy_n(m_batch.dataset->Input(m_batch.indices[first + i]),
                        m_features,
                        m_rows.begin() + std::size_t{i} * Size());
        }
    }

    Batch m_batch;
    CurvatureBound m_bound;
    uint32_t m_features;
    Vector m_rows;   ///< samples of one chunk
    Vector m_scores; ///< their products with a vector
};

} // namespace

double
LargestCurvature(const Batch& batch, const CurvatureBound& bound)
{
    constexpr uint32_t limit = 200;
    constexpr double accuracy = 1e-10;
    Operator apply(batch, bound);
    const uint32_t steps = std::min(limit, apply.Size());
    // Random, so that no data is orthogonal to it, from a stream that is no worker's.
    Random random({}, Purpose::ALGORITHM, UINT32_MAX, UINT32_MAX);
    Vector next(apply.Size());
    std::generate(next.begin(), next.end(), [&random] { return random.Normal(); });
    double norm = std::sqrt(Dot(next, next));
    std::vector<Vector> basis;
    Eigen::VectorXd diagonal(steps);
    Eigen::VectorXd beside(steps); // the norms, which stand beside the diagonal
    Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> solver;
    for (uint32_t step = 0;; ++step)
    {
        std::for_each(next.begin(), next.end(), [norm](double& x) { x /= norm; });
        basis.push_back(next);
        next = apply(next);
        diagonal[step] = Dot(next, basis.back());
        for (int pass = 0; pass < 2; ++pass)
        {
            for (const auto& vector : basis)
            {
                Add(-Dot(next, vector), vector, next);
            }
        }
        norm = std::sqrt(Dot(next, next));
        beside[step] = norm;
        solver.computeFromTridiagonal(diagonal.head(step + 1), beside.head(step));
        const double largest = solver.eigenvalues()[step];
        const double residual = norm * std::abs(solver.eigenvectors()(step, step));
        if (residual <= accuracy * largest || step + 1 == steps)
        {
            return largest;
        }
    }
}

std::vector<double>
CoordinateCurvatures(const Batch& batch, const CurvatureBound& bound)
{
    const Dataset& dataset = *batch.dataset;
    Vector curvatures(dataset.features);
    for (uint32_t i = 0; i < batch.size; ++i)
    {
        const float* input = dataset.Input(batch.indices[i]);
        for (uint32_t j = 0; j < dataset.features; ++j)
        {
            curvatures[j] += double{input[j]} * input[j];
        }
    }
    for (auto& curvature : curvatures)
    {
        curvature = bound.score * curvature / batch.size + bound.l2;
    }
    if (bound.bias)
    {
        curvatures.push_back(bound.score);
    }
    return curvatures;
}

} // namespace fl
