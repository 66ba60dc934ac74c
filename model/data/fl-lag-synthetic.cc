/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/fl-dataset.h"
#include "ns3/fl-error.h"
#include "ns3/fl-registry.h"

#include <cmath>
#include <numeric>

namespace fl
{

namespace
{

/** The streams of random numbers, second key of Purpose::DATASET. */
enum Stream : uint32_t
{
    DIRECTIONS,
    TARGETS
};

using Vector = std::vector<double>;

double
Dot(const Vector& a, const Vector& b)
{
    return std::inner_product(a.begin(), a.end(), b.begin(), 0.0);
}

/** @return the first columns of a random orthogonal matrix, by Gram-Schmidt */
std::vector<Vector>
DrawOrthonormal(std::size_t count, std::size_t dimension, Random random)
{
    std::vector<Vector> directions;
    while (directions.size() < count)
    {
        Vector next(dimension);
        for (auto& coordinate : next)
        {
            coordinate = random.Normal();
        }
        // Once is not enough: what rounding leaves of the others goes in the second pass.
        for (int pass = 0; pass < 2; ++pass)
        {
            for (const auto& other : directions)
            {
                const double part = Dot(next, other);
                for (std::size_t i = 0; i < dimension; ++i)
                {
                    next[i] -= part * other[i];
                }
            }
        }
        const double norm = std::sqrt(Dot(next, next));
        for (auto& coordinate : next)
        {
            coordinate /= norm;
        }
        directions.push_back(next);
    }
    return directions;
}

/**
 * Linear regression whose workers differ in smoothness: worker m = 1, 2, ... has the rows of
 * X_m = Growth^(m-1) q_m q_m^T + I, the q_m orthonormal, and all have the same targets, here drawn
 * from the standard normal distribution. The largest eigenvalue of X_m^T X_m is
 * (Growth^(m-1) + 1)^2. From the program of Chen, Giannakis, Sun and Yin, "LAG: Lazily aggregated
 * gradient for communication-efficient distributed learning", NeurIPS 2018 (arXiv 1805.09965),
 * whose targets are the first of a data set.
 */
DatasetPair
MakeLagSynthetic(const Parameters& parameters, const RunSeed& runSeed)
{
    const int64_t workers = parameters.Integer("Workers");
    const int64_t dimension = parameters.Integer("Dimension");
    if (workers > dimension)
    {
        throw UserError("--dataset: lag-synthetic has a direction of its own for each worker, so "
                        "Workers must be at most Dimension");
    }
    const auto directions =
        DrawOrthonormal(workers, dimension, Random(runSeed, Purpose::DATASET, DIRECTIONS));
    std::vector<float> targets(dimension);
    Random random(runSeed, Purpose::DATASET, TARGETS);
    for (auto& target : targets)
    {
        target = static_cast<float>(random.Normal());
    }
    auto dataset = std::make_shared<Dataset>();
    dataset->features = static_cast<uint32_t>(dimension);
    double size = 1;
    for (const auto& direction : directions)
    {
        for (int64_t row = 0; row < dimension; ++row)
        {
            for (int64_t column = 0; column < dimension; ++column)
            {
                const double entry = size * direction[row] * direction[column];
                dataset->inputs.push_back(static_cast<float>(entry + (row == column ? 1 : 0)));
            }
        }
        dataset->targets.insert(dataset->targets.end(), targets.begin(), targets.end());
        size *= parameters.Real("Growth");
    }
    return {dataset, dataset};
}

const Registration<DatasetFactory> g_lagSynthetic(
    "lag-synthetic",
    "synthetic: linear regression that is steeper from worker to worker; to be divided by "
    "contiguous, tested on what it is trained on",
    {{"Workers", ParameterType::INTEGER, "", "9", "number of workers", 1, 1e4},
     {"Dimension", ParameterType::INTEGER, "", "50", "numbers and samples per worker", 1, 1e4},
     {"Growth",
      ParameterType::REAL,
      "",
      "1.3",
      "how much larger the steep direction is from worker to worker",
      0,
      10}},
    MakeLagSynthetic);

} // namespace

} // namespace fl
