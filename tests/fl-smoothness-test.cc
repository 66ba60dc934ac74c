/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "fl-objective-test-helpers.h"
#include "ns3/fl-objective.h"

#include <Eigen/Dense>
#include <cmath>
#include <gtest/gtest.h>
#include <numeric>

namespace fl
{

using namespace test;

namespace
{

/** @return the features of all samples, with a column of ones if there is a bias */
Eigen::MatrixXd
Inputs(const Dataset& data, bool bias)
{
    Eigen::MatrixXd inputs = Eigen::MatrixXd::Ones(data.Size(), data.features + (bias ? 1 : 0));
    for (uint32_t i = 0; i < data.Size(); ++i)
    {
        for (uint32_t j = 0; j < data.features; ++j)
        {
            inputs(i, j) = data.Input(i)[j];
        }
    }
    return inputs;
}

/** @return score X^T X / n + L2 on the diagonal but for the bias */
Eigen::MatrixXd
Bound(const Dataset& data, double score, bool bias, double l2)
{
    const auto inputs = Inputs(data, bias);
    Eigen::MatrixXd bound = score / data.Size() * inputs.transpose() * inputs;
    bound.diagonal().head(data.features).array() += l2;
    return bound;
}

/** @return all eigenvalues, ascending */
Eigen::VectorXd
Eigenvalues(const Eigen::MatrixXd& matrix)
{
    return Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd>(matrix, Eigen::EigenvaluesOnly)
        .eigenvalues();
}

/** @return the Hessian of the loss over all samples, by central differences of the gradient */
Eigen::MatrixXd
DifferenceHessian(const Objective<double>& objective,
                  const Dataset& data,
                  std::vector<double> model)
{
    std::vector<uint32_t> all(data.Size());
    std::iota(all.begin(), all.end(), 0);
    const Batch batch{&data, all.data(), data.Size()};
    const auto size = static_cast<Eigen::Index>(model.size());
    Eigen::MatrixXd hessian(size, size);
    Eigen::VectorXd above(size);
    Eigen::VectorXd below(size);
    constexpr double step = 1e-5;
    for (Eigen::Index i = 0; i < size; ++i)
    {
        const double center = model[i];
        model[i] = center + step;
        objective.Gradient(model.data(), batch, above.data());
        model[i] = center - step;
        objective.Gradient(model.data(), batch, below.data());
        model[i] = center;
        hessian.col(i) = (above - below) / (2 * step);
    }
    return (hessian + hessian.transpose()) / 2;
}

/** Smoothness constants over all samples. */
struct Constants
{
    Constants(const std::string& text, const Dataset& data)
    {
        std::vector<uint32_t> all(data.Size());
        std::iota(all.begin(), all.end(), 0);
        const Batch batch{&data, all.data(), data.Size()};
        const auto objective = MakeObjective<double>(text, ShapeOf(data));
        whole = objective->Smoothness(batch);
        byCoordinate = objective->CoordinateSmoothness(batch);
        const auto onFloat = MakeObjective<float>(text, ShapeOf(data));
        EXPECT_EQ(onFloat->Smoothness(batch), whole) << "depends on the scalar";
        EXPECT_EQ(onFloat->CoordinateSmoothness(batch), byCoordinate);
    }

    std::optional<double> whole;
    std::vector<double> byCoordinate;
};

/** @return two classes with features of different sizes */
Dataset
MakeData(uint32_t features, uint32_t samples, uint32_t classes = 2)
{
    Dataset data = *MakeDataset("gaussian-mixture[Features=" + std::to_string(features) +
                                    "|Classes=" + std::to_string(classes) +
                                    "|Samples=" + std::to_string(samples) + "|TestSamples=1]",
                                {1, 1})
                        .train;
    for (std::size_t i = 0; i < data.inputs.size(); ++i)
    {
        data.inputs[i] *= 1 + 0.3F * (i % features % 5);
    }
    return data;
}

} // namespace

/** More samples than features, fewer, one of each; Eigen's dense solver gives what is expected. */
TEST(FlSmoothness, AgreesWithEigenOnTheExplicitHessian)
{
    for (const auto& [features, samples] : std::vector<std::pair<uint32_t, uint32_t>>{{1, 1},
                                                                                      {1, 9},
                                                                                      {9, 1},
                                                                                      {5, 600},
                                                                                      {40, 7},
                                                                                      {250, 100},
                                                                                      {100, 300}})
    {
        SCOPED_TRACE(std::to_string(features) + " " + std::to_string(samples));
        const auto data = MakeData(features, samples);
        struct
        {
            std::string text;
            double score;
            bool bias;
            double l2;
        } const cases[]{{"linear", 1, false, 0},
                        {"linear[Bias=true|L2=0.5]", 1, true, 0.5},
                        {"lasso[L1=3]", 1, false, 0},
                        {"logistic[L2=0.5]", 0.25, false, 0.5},
                        {"logistic[Bias=true]", 0.25, true, 0},
                        {"softmax[L2=0.5]", 0.5, true, 0.5}};
        for (const auto& c : cases)
        {
            SCOPED_TRACE(c.text);
            const Constants constants(c.text, data);
            const double expected =
                Eigenvalues(Bound(data, c.score, c.bias, c.l2)).tail<1>().value();
            ASSERT_TRUE(constants.whole);
            EXPECT_NEAR(*constants.whole, expected, 1e-9 * expected);
        }
    }
}

/** Where least squares has its Hessian, by coordinate it has its diagonal. */
TEST(FlSmoothness, CoordinatesOfLeastSquares)
{
    const auto data = MakeData(6, 80);
    const Constants constants("linear[Bias=true|L2=0.5]", data);
    const Eigen::MatrixXd hessian = Bound(data, 1, true, 0.5);
    ASSERT_EQ(constants.byCoordinate.size(), 7U);
    for (int i = 0; i < 7; ++i)
    {
        EXPECT_NEAR(constants.byCoordinate[i], hessian(i, i), 1e-12 * hessian(i, i));
    }
}

/**
 * At random models, far and near, no eigenvalue and no diagonal entry of the Hessian by differences
 * exceeds the constants; both signs, because non-linear least squares is not convex.
 */
TEST(FlSmoothness, BoundsTheHessianEverywhere)
{
    for (const std::string text : {"linear[L2=0.1]",
                                   "logistic[Bias=true|L2=0.1]",
                                   "nls[Bias=true]",
                                   "nls[L2=0.1]",
                                   "softmax[L2=0.1]"})
    {
        SCOPED_TRACE(text);
        const auto data = MakeData(4, 30, text[0] == 's' ? 3 : 2);
        const auto objective = MakeObjective<double>(text, ShapeOf(data));
        const Constants constants(text, data);
        ASSERT_TRUE(constants.whole);
        ASSERT_EQ(constants.byCoordinate.size(), objective->Dimension());
        for (const double size : {0.0, 0.1, 0.5, 2.0})
        {
            auto model = MakeModel<double>(objective->Dimension());
            for (auto& coordinate : model)
            {
                coordinate *= size;
            }
            const auto hessian = DifferenceHessian(*objective, data, model);
            constexpr double rounding = 1e-8;
            EXPECT_LE(Eigenvalues(hessian).cwiseAbs().maxCoeff(), *constants.whole + rounding);
            for (std::size_t i = 0; i < model.size(); ++i)
            {
                EXPECT_LE(std::abs(hessian(i, i)), constants.byCoordinate[i] + rounding);
            }
        }
    }
}

/**
 * The bounds are reached, so none smaller would do: by logistic regression and by softmax of two
 * classes at 0, and by non-linear least squares at the probability (15 - sqrt(33)) / 24.
 */
TEST(FlSmoothness, BoundsAreReached)
{
    const auto data = MakeData(5, 40);
    for (const std::string text : {"logistic[Bias=true]", "softmax"})
    {
        SCOPED_TRACE(text);
        const auto objective = MakeObjective<double>(text, ShapeOf(data));
        const Constants constants(text, data);
        const auto hessian =
            DifferenceHessian(*objective, data, std::vector<double>(objective->Dimension()));
        EXPECT_NEAR(Eigenvalues(hessian).tail<1>().value(), *constants.whole, 1e-7);
        for (std::size_t i = 0; i < constants.byCoordinate.size(); ++i)
        {
            EXPECT_NEAR(hessian(i, i), constants.byCoordinate[i], 1e-7);
        }
    }
    Dataset one;
    one.features = 1;
    one.classes = 2;
    one.inputs = {1};
    one.labels = {0};
    const double p = (15 - std::sqrt(33)) / 24;
    const auto nls = MakeObjective<double>("nls", ShapeOf(one));
    const auto hessian = DifferenceHessian(*nls, one, {std::log(p / (1 - p))});
    EXPECT_NEAR(hessian(0, 0), *Constants("nls", one).whole, 1e-9);
    EXPECT_NEAR(hessian(0, 0), 0.0770, 5e-5);
}

/** No bound is known for networks, nor for targets that the bound of nls does not hold for. */
TEST(FlSmoothness, UnknownIsSaid)
{
    const auto images = MakeImages({1, 16, 16}, 2, 4);
    for (const std::string text : {"mlp[Hidden=3]", "cnn"})
    {
        const Constants constants(text, images);
        EXPECT_FALSE(constants.whole);
        EXPECT_TRUE(constants.byCoordinate.empty());
    }
    Dataset data;
    data.features = 1;
    data.inputs = {1, 2};
    data.targets = {0, 1};
    EXPECT_TRUE(Constants("nls", data).whole);
    data.targets = {0, 1.5};
    EXPECT_FALSE(Constants("nls", data).whole);
    EXPECT_TRUE(Constants("nls", data).byCoordinate.empty());
    data.targets = {-0.5, 1};
    EXPECT_FALSE(Constants("nls", data).whole);
}

/** Features that are all 0 leave the penalty. */
TEST(FlSmoothness, NothingButZeros)
{
    Dataset data;
    data.features = 3;
    data.inputs.resize(6);
    data.targets = {1, 2};
    EXPECT_EQ(Constants("linear", data).whole, 0);
    EXPECT_NEAR(*Constants("linear[L2=0.25]", data).whole, 0.25, 1e-15);
    EXPECT_EQ(Constants("linear[L2=0.25]", data).byCoordinate,
              (std::vector<double>{0.25, 0.25, 0.25}));
}

/** The m-th worker of lag-synthetic has (1.3^(m-1) + 1)^2 over its 50 samples. */
TEST(FlSmoothness, ConstantsOfLagSynthetic)
{
    const auto data = MakeDataset("lag-synthetic", {1, 1}).train;
    const auto objective = MakeObjective<double>("linear", ShapeOf(*data));
    std::vector<uint32_t> all(data->Size());
    std::iota(all.begin(), all.end(), 0);
    for (uint32_t worker = 0; worker < 9; ++worker)
    {
        const double expected = std::pow(std::pow(1.3, worker) + 1, 2) / 50;
        const auto found = objective->Smoothness({data.get(), all.data() + 50 * worker, 50});
        EXPECT_NEAR(*found, expected, 1e-6 * expected) << "inputs are rounded to float";
    }
}

} // namespace fl
