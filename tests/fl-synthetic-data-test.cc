/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/fl-dataset.h"
#include "ns3/fl-error.h"

#include <Eigen/Dense>
#include <cmath>
#include <gtest/gtest.h>

namespace fl
{

namespace
{

/** @return the inputs of some samples */
Eigen::MatrixXd
Inputs(const Dataset& data, uint32_t first, uint32_t count)
{
    Eigen::MatrixXd inputs(count, data.features);
    for (uint32_t i = 0; i < count; ++i)
    {
        for (uint32_t j = 0; j < data.features; ++j)
        {
            inputs(i, j) = data.Input(first + i)[j];
        }
    }
    return inputs;
}

/** @return the targets of some samples */
Eigen::VectorXd
Targets(const Dataset& data, uint32_t first, uint32_t count)
{
    Eigen::VectorXd targets(count);
    for (uint32_t i = 0; i < count; ++i)
    {
        targets[i] = data.targets[first + i];
    }
    return targets;
}

} // namespace

/** Without noise the weights that fit the training set fit the test set, but for float rounding. */
TEST(FlLinearRegression, OneSetOfWeights)
{
    const auto [train, test] =
        MakeDataset("linear-regression[Features=8|Samples=100|TestSamples=30|Noise=0]", {1, 1});
    EXPECT_EQ(train->features, 8U);
    EXPECT_EQ(train->classes, 0U);
    EXPECT_EQ(train->Size(), 100U);
    EXPECT_EQ(test->Size(), 30U);
    const Eigen::VectorXd weights =
        Inputs(*train, 0, 100).colPivHouseholderQr().solve(Targets(*train, 0, 100));
    EXPECT_LT((Inputs(*test, 0, 30) * weights - Targets(*test, 0, 30)).cwiseAbs().maxCoeff(), 1e-6);
}

/**
 * Residuals of the fit have the noise's deviation; of 2000 samples its standard error is 1.6 %.
 * Features have mean 0 and variance 1 with standard errors of 0.7 % and 1 % over 20,000 numbers.
 */
TEST(FlLinearRegression, NoiseAndFeatures)
{
    const auto train =
        MakeDataset("linear-regression[Features=10|Samples=2000|Noise=0.5]", {1, 1}).train;
    const auto inputs = Inputs(*train, 0, 2000);
    const auto targets = Targets(*train, 0, 2000);
    const Eigen::VectorXd weights = inputs.colPivHouseholderQr().solve(targets);
    EXPECT_NEAR((inputs * weights - targets).norm() / std::sqrt(1990), 0.5, 5 * 0.016 * 0.5);
    EXPECT_NEAR(inputs.mean(), 0, 5 * 0.0071);
    EXPECT_NEAR(inputs.squaredNorm() / 20000, 1, 5 * 0.01);
}

/** The squared norm of the weights is 1 on average over seeds; 200 seeds x 20 draws: 2.2 %. */
TEST(FlLinearRegression, SizeOfTheTargets)
{
    double sum = 0;
    for (uint32_t seed = 1; seed <= 200; ++seed)
    {
        const auto train =
            MakeDataset("linear-regression[Samples=40|TestSamples=1|Noise=0]", {seed, 1}).train;
        const Eigen::VectorXd weights =
            Inputs(*train, 0, 40).colPivHouseholderQr().solve(Targets(*train, 0, 40));
        sum += weights.squaredNorm() / 200;
    }
    EXPECT_NEAR(sum, 1, 5 * 0.022);
}

TEST(FlLinearRegression, DependsOnSeedAndRunAlone)
{
    const std::string text = "linear-regression[Samples=20|TestSamples=20]";
    const auto a = MakeDataset(text, {1, 1});
    EXPECT_EQ(MakeDataset(text, {1, 1}).train->inputs, a.train->inputs);
    EXPECT_EQ(MakeDataset(text, {1, 1}).test->targets, a.test->targets);
    EXPECT_NE(MakeDataset(text, {2, 1}).train->targets, a.train->targets);
    EXPECT_NE(MakeDataset(text, {1, 2}).train->inputs, a.train->inputs);
    EXPECT_NE(a.test->inputs, a.train->inputs);
}

/**
 * X_m - I = 1.3^(m-1) q_m q_m^T: symmetric, of rank 1, with the stated eigenvalue, and the q_m are
 * orthonormal; all but for the rounding of inputs to float. All workers have the same targets.
 */
TEST(FlLagSynthetic, MatricesAsStated)
{
    const auto [train, test] = MakeDataset("lag-synthetic", {1, 1});
    EXPECT_EQ(test, train);
    EXPECT_EQ(train->features, 50U);
    EXPECT_EQ(train->classes, 0U);
    ASSERT_EQ(train->Size(), 450U);
    Eigen::MatrixXd directions(50, 9);
    for (uint32_t worker = 0; worker < 9; ++worker)
    {
        const Eigen::MatrixXd rest =
            Inputs(*train, 50 * worker, 50) - Eigen::MatrixXd::Identity(50, 50);
        EXPECT_LT((rest - rest.transpose()).cwiseAbs().maxCoeff(), 1e-6);
        const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> solver(rest);
        EXPECT_NEAR(solver.eigenvalues()[49], std::pow(1.3, worker), 1e-5);
        EXPECT_LT(solver.eigenvalues().head(49).cwiseAbs().maxCoeff(), 2e-6);
        directions.col(worker) = solver.eigenvectors().col(49);
        EXPECT_EQ(Targets(*train, 50 * worker, 50), Targets(*train, 0, 50));
    }
    EXPECT_LT((directions.transpose() * directions - Eigen::MatrixXd::Identity(9, 9))
                  .cwiseAbs()
                  .maxCoeff(),
              1e-5);
}

TEST(FlLagSynthetic, ParametersAndSeed)
{
    const std::string text = "lag-synthetic[Workers=3|Dimension=4|Growth=2]";
    const auto train = MakeDataset(text, {1, 1}).train;
    EXPECT_EQ(train->Size(), 12U);
    EXPECT_EQ(train->features, 4U);
    // The trace of X_m is its dimension plus Growth^(m-1).
    for (uint32_t worker = 0; worker < 3; ++worker)
    {
        EXPECT_NEAR(Inputs(*train, 4 * worker, 4).trace(), 4 + std::pow(2, worker), 1e-5);
    }
    EXPECT_EQ(MakeDataset(text, {1, 1}).train->inputs, train->inputs);
    EXPECT_NE(MakeDataset(text, {2, 1}).train->inputs, train->inputs);
    EXPECT_NE(MakeDataset(text, {1, 2}).train->targets, train->targets);
    EXPECT_THROW(MakeDataset("lag-synthetic[Workers=5|Dimension=4]", {1, 1}), UserError);
}

} // namespace fl
