/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "fl-objective-test-helpers.h"
#include "ns3/fl-error.h"
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

/** An objective as the user types it, and what the plain computation must know of it. */
struct Case
{
    std::string text;
    std::string loss; ///< "squares", "logistic" or "nls"
    bool bias;
    double l1;
    double l2;
};

const std::vector<Case> g_cases{
    {"linear", "squares", false, 0, 0},
    {"linear[Bias=true|L2=0.1]", "squares", true, 0, 0.1},
    {"lasso", "squares", false, 0.01, 0},
    {"lasso[Bias=true|L1=0.2|L2=0.1]", "squares", true, 0.2, 0.1},
    {"logistic", "logistic", false, 0, 0},
    {"logistic[Bias=true|L2=0.1]", "logistic", true, 0, 0.1},
    {"nls", "nls", false, 0, 0},
    {"nls[Bias=true|L2=0.1]", "nls", true, 0, 0.1},
};

constexpr uint32_t FEATURES = 7;

/** @return two classes in FEATURES dimensions, with overlap */
std::shared_ptr<const Dataset>
MakeClasses(uint32_t samples = 50)
{
    return MakeDataset("gaussian-mixture[Features=" + std::to_string(FEATURES) +
                           "|Classes=2|Separation=2|Samples=" + std::to_string(samples) +
                           "|TestSamples=1]",
                       {1, 1})
        .train;
}

/** @return real-valued targets in FEATURES dimensions */
std::shared_ptr<const Dataset>
MakeTargets(uint32_t samples = 50)
{
    return MakeDataset("linear-regression[Features=" + std::to_string(FEATURES) +
                           "|Samples=" + std::to_string(samples) + "|TestSamples=1]",
                       {1, 1})
        .train;
}

/** The score and the loss of one sample by plain loops, straight from the definition. */
std::pair<double, double>
PlainLoss(const Case& c, const std::vector<double>& model, const Dataset& data, uint32_t sample)
{
    double score = c.bias ? model.back() : 0;
    double penalty = 0;
    for (uint32_t j = 0; j < data.features; ++j)
    {
        score += model[j] * data.Input(sample)[j];
        penalty += c.l1 * std::abs(model[j]) + c.l2 / 2 * model[j] * model[j];
    }
    double target = data.classes == 0 ? data.targets[sample] : data.labels[sample];
    if (data.classes == 2 && c.loss != "nls")
    {
        target = 2 * target - 1;
    }
    if (c.loss == "logistic")
    {
        return {score, std::log1p(std::exp(-target * score)) + penalty};
    }
    const double prediction = c.loss == "nls" ? 1 / (1 + std::exp(-score)) : score;
    return {score, std::pow(prediction - target, 2) / 2 + penalty};
}

/** Loss of a batch and evaluation against plain loops. */
void
ExpectPlainLoss(const Case& c, const Dataset& data)
{
    SCOPED_TRACE(c.text);
    const auto objective = MakeObjective<double>(c.text, ShapeOf(data));
    const auto model = MakeModel<double>(objective->Dimension());
    double loss = 0;
    double hits = 0;
    for (uint32_t i = 0; i < data.Size(); ++i)
    {
        const auto [score, sampleLoss] = PlainLoss(c, model, data, i);
        loss += sampleLoss / data.Size();
        hits += data.classes == 2 && (score > 0) == (data.labels[i] == 1);
    }
    const auto evaluation = objective->Evaluate(model.data(), data);
    EXPECT_NEAR(evaluation.loss, loss, 1e-12 * loss);
    if (data.classes == 2)
    {
        EXPECT_EQ(evaluation.accuracy, hits / data.Size());
    }
    else
    {
        EXPECT_TRUE(std::isnan(evaluation.accuracy));
    }
    const auto indices = MakeIndices(17, data.Size());
    std::vector<double> gradient(model.size());
    double batchLoss = 0;
    for (const uint32_t i : indices)
    {
        batchLoss += PlainLoss(c, model, data, i).second / indices.size();
    }
    EXPECT_NEAR(objective->Gradient(model.data(), {&data, indices.data(), 17}, gradient.data()),
                batchLoss,
                1e-12 * batchLoss);
}

/** @return the optimum of penalised least squares by Eigen: (X^T X / n + L2 D) w = X^T y / n */
std::vector<double>
NormalEquations(const Dataset& data, bool bias, double l2)
{
    const uint32_t size = data.features + (bias ? 1 : 0);
    Eigen::MatrixXd inputs = Eigen::MatrixXd::Ones(data.Size(), size);
    Eigen::VectorXd targets(data.Size());
    for (uint32_t i = 0; i < data.Size(); ++i)
    {
        targets[i] = data.targets[i];
        for (uint32_t j = 0; j < data.features; ++j)
        {
            inputs(i, j) = data.Input(i)[j];
        }
    }
    Eigen::MatrixXd hessian = inputs.transpose() * inputs / data.Size();
    hessian.diagonal().head(data.features).array() += l2;
    const Eigen::VectorXd optimum =
        hessian.ldlt().solve(inputs.transpose() * targets / data.Size());
    return {optimum.begin(), optimum.end()};
}

} // namespace

/** Central differences of the loss, each coordinate, away from the kinks of the lasso. */
TEST(FlLinearModel, GradientAgreesWithCentralDifferences)
{
    const auto classes = MakeClasses();
    const auto targets = MakeTargets();
    for (const auto& c : g_cases)
    {
        for (const auto& data : {classes, targets})
        {
            if (c.loss == "logistic" && data->classes == 0)
            {
                continue;
            }
            SCOPED_TRACE(c.text + " " + std::to_string(data->classes));
            const auto objective = MakeObjective<double>(c.text, ShapeOf(*data));
            const auto model = MakeModel<double>(objective->Dimension());
            const auto indices = MakeIndices(11, data->Size());
            const Batch batch{data.get(), indices.data(), 11};
            std::vector<double> gradient(model.size());
            objective->Gradient(model.data(), batch, gradient.data());
            EXPECT_LT(
                RelativeDifference(CentralDifferences(*objective, model, batch, 1e-5), gradient),
                1e-8);
        }
    }
}

/** More samples than one evaluation takes at a time; classes, real values and class numbers. */
TEST(FlLinearModel, EvaluationAndLossAgreeWithPlainLoops)
{
    const auto classes = MakeClasses(2345);
    const auto targets = MakeTargets(2345);
    const auto many =
        MakeDataset("gaussian-mixture[Features=7|Classes=5|Samples=60|TestSamples=1]", {1, 1})
            .train;
    for (const auto& c : g_cases)
    {
        ExpectPlainLoss(c, *classes);
        if (c.loss != "logistic")
        {
            ExpectPlainLoss(c, *targets);
        }
        if (c.loss == "squares")
        {
            ExpectPlainLoss(c, *many);
        }
    }
}

TEST(FlLinearModel, FloatAgreesWithDouble)
{
    const auto data = MakeClasses();
    for (const auto& c : g_cases)
    {
        SCOPED_TRACE(c.text);
        const auto onFloat = MakeObjective<float>(c.text, ShapeOf(*data));
        const auto onDouble = MakeObjective<double>(c.text, ShapeOf(*data));
        const auto model = MakeModel<float>(onFloat->Dimension());
        const auto modelDouble = MakeModel<double>(onFloat->Dimension());
        const auto indices = MakeIndices(32, data->Size());
        const Batch batch{data.get(), indices.data(), 32};
        std::vector<float> gradient(model.size());
        std::vector<double> gradientDouble(model.size());
        const double loss = onFloat->Gradient(model.data(), batch, gradient.data());
        const double lossDouble =
            onDouble->Gradient(modelDouble.data(), batch, gradientDouble.data());
        EXPECT_NEAR(loss, lossDouble, 1e-6 * lossDouble);
        EXPECT_LT(RelativeDifference(gradient, gradientDouble), 1e-6);
    }
}

TEST(FlLinearModel, SameBitsEverywhere)
{
    const auto data = MakeClasses();
    for (const auto& c : g_cases)
    {
        SCOPED_TRACE(c.text);
        for (const uint32_t batchSize : {1, 2, 5, 16, 50})
        {
            ExpectSameBitsEverywhere(*MakeObjective<float>(c.text, ShapeOf(*data)),
                                     *data,
                                     batchSize);
            ExpectSameBitsEverywhere(*MakeObjective<double>(c.text, ShapeOf(*data)),
                                     *data,
                                     batchSize);
        }
    }
}

/** The weights, then the bias if there is one; the model begins at 0. */
TEST(FlLinearModel, ShapeAndBeginning)
{
    for (const auto& c : g_cases)
    {
        SCOPED_TRACE(c.text);
        const auto objective = MakeObjective<float>(c.text, {FEATURES, 2});
        const auto tensors = objective->Tensors();
        ASSERT_EQ(tensors.size(), c.bias ? 2U : 1U);
        EXPECT_EQ(tensors[0].Size(), FEATURES);
        EXPECT_EQ(objective->Dimension(), FEATURES + (c.bias ? 1 : 0));
        std::vector<float> model(objective->Dimension(), 1);
        Random random({1, 1}, Purpose::MODEL);
        objective->Initialise(random, model.data());
        EXPECT_EQ(model, std::vector<float>(objective->Dimension()));
        EXPECT_EQ(objective->GradientFlopsPerSample(), 4.0 * FEATURES);
    }
}

/** At the optimum that the normal equations give, the gradient is 0 but for rounding. */
TEST(FlLinearModel, LeastSquaresOptimum)
{
    const auto data = MakeTargets();
    std::vector<uint32_t> all(data->Size());
    std::iota(all.begin(), all.end(), 0);
    for (const auto& c : g_cases)
    {
        if (c.loss != "squares" || c.l1 > 0)
        {
            continue;
        }
        SCOPED_TRACE(c.text);
        const auto objective = MakeObjective<double>(c.text, ShapeOf(*data));
        const auto optimum = NormalEquations(*data, c.bias, c.l2);
        std::vector<double> gradient(optimum.size());
        objective->Gradient(optimum.data(),
                            {data.get(), all.data(), data->Size()},
                            gradient.data());
        for (const double g : gradient)
        {
            EXPECT_NEAR(g, 0, 1e-14);
        }
    }
}

/**
 * Gradient descent with the step 1 / smoothness arrives at the optimum of the normal equations, and
 * its loss never rises.
 */
TEST(FlLinearModel, DescentWithTheSmoothnessConstant)
{
    const auto data = MakeTargets();
    std::vector<uint32_t> all(data->Size());
    std::iota(all.begin(), all.end(), 0);
    const Batch batch{data.get(), all.data(), data->Size()};
    const auto objective = MakeObjective<double>("linear[Bias=true|L2=0.1]", ShapeOf(*data));
    const double step = 1 / *objective->Smoothness(batch);
    std::vector<double> model(objective->Dimension());
    std::vector<double> gradient(objective->Dimension());
    double before = objective->Gradient(model.data(), batch, gradient.data());
    for (int i = 0; i < 300; ++i)
    {
        for (std::size_t j = 0; j < model.size(); ++j)
        {
            model[j] -= step * gradient[j];
        }
        const double loss = objective->Gradient(model.data(), batch, gradient.data());
        EXPECT_LE(loss, before + 1e-15);
        before = loss;
    }
    EXPECT_LT(RelativeDifference(model, NormalEquations(*data, true, 0.1)), 1e-12);
}

/** With a model of zeros: log 2, 1/8 for the targets 0 and 1, and 1/2 for the targets -1 and 1. */
TEST(FlLinearModel, LossOfZeros)
{
    const auto data = MakeClasses(51);
    const std::vector<double> zeros(FEATURES);
    const auto loss = [&](const std::string& text)
    {
        return MakeObjective<double>(text, ShapeOf(*data))->Evaluate(zeros.data(), *data);
    };
    EXPECT_NEAR(loss("logistic").loss, std::log(2), 1e-15);
    EXPECT_EQ(loss("nls").loss, 0.125);
    EXPECT_EQ(loss("linear").loss, 0.5);
    EXPECT_EQ(loss("lasso").loss, 0.5);
    EXPECT_EQ(loss("logistic").accuracy, 26.0 / 51) << "a score of 0 predicts the first class";
}

/** The subgradient takes sign(0) = 0: at 0 the penalty adds nothing, beside it L1 or -L1. */
TEST(FlLinearModel, SubgradientOfTheLasso)
{
    const auto data = MakeTargets();
    const auto indices = MakeIndices(20, data->Size());
    const Batch batch{data.get(), indices.data(), 20};
    const auto linear = MakeObjective<double>("linear", ShapeOf(*data));
    const auto lasso = MakeObjective<double>("lasso[L1=0.25]", ShapeOf(*data));
    const std::vector<double> model{0, 1, -1, 0, 2, -0.0, 1e-300};
    std::vector<double> without(FEATURES);
    std::vector<double> with(FEATURES);
    linear->Gradient(model.data(), batch, without.data());
    lasso->Gradient(model.data(), batch, with.data());
    const std::vector<double> sign{0, 1, -1, 0, 1, 0, 1};
    for (uint32_t i = 0; i < FEATURES; ++i)
    {
        EXPECT_EQ(with[i], without[i] + 0.25 * sign[i]);
    }
}

/** Scores of any size give finite losses and gradients, and the losses that they tend to. */
TEST(FlLinearModel, LargeScores)
{
    Dataset data;
    data.features = 1;
    data.classes = 2;
    data.inputs = {1, 1};
    data.labels = {0, 1};
    const auto logistic = MakeObjective<double>("logistic", ShapeOf(data));
    const auto nls = MakeObjective<double>("nls", ShapeOf(data));
    const std::vector<uint32_t> indices{0, 1};
    for (const double score : {1e3, -1e3, 1e300, -1e300, 40.0, -40.0})
    {
        const uint32_t wrong = score > 0 ? 0 : 1;
        const uint32_t right = 1 - wrong;
        double gradient = 0;
        EXPECT_EQ(logistic->Gradient(&score, {&data, &indices[wrong], 1}, &gradient),
                  std::abs(score));
        EXPECT_EQ(gradient, score > 0 ? 1 : -1);
        EXPECT_NEAR(logistic->Gradient(&score, {&data, &indices[right], 1}, &gradient),
                    std::exp(-std::abs(score)),
                    1e-13 * std::exp(-std::abs(score)));
        EXPECT_NEAR(gradient, 0, 1e-17);
        EXPECT_EQ(nls->Gradient(&score, {&data, &indices[wrong], 1}, &gradient), 0.5);
        EXPECT_NEAR(gradient, 0, 1e-17);
    }
}

TEST(FlLinearModel, BadText)
{
    const auto refusal = [](const std::string& text, uint32_t classes)
    {
        return RefusalOf([&] { MakeObjective<float>(text, {3, classes}); });
    };
    EXPECT_EQ(refusal("logistic", 10),
              "--objective: logistic needs data of two classes, this dataset has 10 classes, "
              "softmax is for more classes and linear for real values");
    EXPECT_EQ(refusal("logistic", 0),
              "--objective: logistic needs data of two classes, this dataset has real-valued "
              "targets, softmax is for more classes and linear for real values");
    EXPECT_EQ(refusal("nls", 3),
              "--objective: nls needs data of two classes or real-valued targets, this dataset has "
              "3 classes, softmax is for these");
    EXPECT_NE(refusal("lasso[L1=-1]", 0).find("allowed is at least 0"), std::string::npos);
    EXPECT_NE(refusal("linear[L1=1]", 0).find("no parameter L1"), std::string::npos);
    EXPECT_NE(refusal("linear[Bias=1]", 0).find("neither true nor false"), std::string::npos);
}

} // namespace fl
