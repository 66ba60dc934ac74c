/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "fl-objective-test-helpers.h"
#include "ns3/fl-convolution-layer.h"
#include "ns3/fl-max-pooling-layer.h"
#include "ns3/fl-objective.h"

#include <cmath>
#include <gtest/gtest.h>
#include <numeric>

namespace fl
{

using namespace test;

namespace
{

using Values = std::vector<double>;

/** An image in plain loops. */
struct Image
{
    ImageShape shape;
    Values pixels;

    double& At(uint32_t channel, uint32_t row, uint32_t column)
    {
        return pixels[(channel * shape.height + row) * shape.width + column];
    }
};

/** Convolution, rectifier and pooling by their definitions; takes its parameters off the front. */
Image
PlainStage(Image in, uint32_t channels, const double*& parameter)
{
    constexpr uint32_t kernel = 5;
    const double* weight = parameter;
    const double* bias = weight + channels * in.shape.channels * kernel * kernel;
    parameter = bias + channels;
    Image out{{channels, (in.shape.height - 4) / 2, (in.shape.width - 4) / 2}, {}};
    out.pixels.resize(out.shape.Size()); // of zeros, which is the rectifier
    for (uint32_t c = 0; c < channels; ++c)
    {
        for (uint32_t row = 0; row < 2 * out.shape.height; ++row)
        {
            for (uint32_t column = 0; column < 2 * out.shape.width; ++column)
            {
                double sum = bias[c];
                for (uint32_t d = 0; d < in.shape.channels; ++d)
                {
                    for (uint32_t i = 0; i < kernel; ++i)
                    {
                        for (uint32_t j = 0; j < kernel; ++j)
                        {
                            sum += weight[((c * in.shape.channels + d) * kernel + i) * kernel + j] *
                                   in.At(d, row + i, column + j);
                        }
                    }
                }
                double& largest = out.At(c, row / 2, column / 2);
                largest = std::max(largest, sum);
            }
        }
    }
    return out;
}

/** Loss of one image with cnn[Net=small]. */
double
PlainLoss(const Values& model, const Dataset& data, uint32_t sample)
{
    const double* parameter = model.data();
    Image image{data.image, Values(data.Input(sample), data.Input(sample) + data.features)};
    image = PlainStage(image, 8, parameter);
    image = PlainStage(image, 16, parameter);
    const double* bias = parameter + image.pixels.size() * data.classes;
    double sum = 0;
    double own = 0;
    for (uint32_t c = 0; c < data.classes; ++c)
    {
        const double score =
            std::inner_product(image.pixels.begin(), image.pixels.end(), parameter, bias[c]);
        parameter += image.pixels.size();
        sum += std::exp(score);
        own = c == data.labels[sample] ? score : own;
    }
    return std::log(sum) - own;
}

} // namespace

/** By hand: two channels of 3 x 3, kernels of 2 x 2, one channel out. */
TEST(FlConvolutionLayer, ByHand)
{
    const ConvolutionLayer<double> layer("c", {2, 3, 3}, 2, 1);
    EXPECT_EQ(layer.Inputs(), 18U);
    EXPECT_EQ(layer.Outputs(), 4U);
    EXPECT_EQ(layer.Parameters(), 9U);
    EXPECT_EQ(layer.ProductFlops(), 2.0 * 8 * 4);
    const Values inputs{1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1, 0, 0, 0, 0, 0, 0, 1};
    const Values parameters{1, 0, 0, -1, 0, 2, 0, 10, 100};
    Values outputs(4);
    layer.Forward(parameters.data(), inputs.data(), 1, outputs.data());
    EXPECT_EQ(outputs, (Values{100 - 4 + 2, 100 - 4, 100 - 4, 100 - 4 + 10}));
    const Values delta{1, 0, 0, 2};
    Values gradient(9);
    Values below(18);
    layer
        .Backward(parameters.data(), inputs.data(), delta.data(), 1, gradient.data(), below.data());
    EXPECT_EQ(gradient,
              (Values{1 + 2 * 5, 2 + 2 * 6, 4 + 2 * 8, 5 + 2 * 9, 0, 1, 0, 0 + 2 * 1, 3}));
    EXPECT_EQ(below, (Values{1, 0, 0, 0, -1 + 2, 0, 0, 0, -2, 0, 2, 0, 0, 10, 4, 0, 0, 20}));
}

/** By hand, with an odd row and column that are left out, equal pixels, and two channels. */
TEST(FlMaxPoolingLayer, ByHand)
{
    const MaxPoolingLayer<double> layer({2, 3, 5});
    EXPECT_EQ(layer.Inputs(), 30U);
    EXPECT_EQ(layer.Outputs(), 4U);
    EXPECT_EQ(layer.Parameters(), 0U);
    const Values inputs{1, 2, 7, 7, 9, 3, 0, 7, 7, 9, 9, 9, 9, 9, 9,
                        0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0};
    Values outputs(4);
    layer.Forward(nullptr, inputs.data(), 1, outputs.data());
    EXPECT_EQ(outputs, (Values{3, 7, 0, 1}));
    const Values delta{1, 2, 3, 4};
    Values below(30, 5);
    layer.Backward(nullptr, inputs.data(), delta.data(), 1, nullptr, below.data());
    Values expected(30);
    expected[5] = 1;
    expected[2] = 2;
    expected[15] = 3;
    expected[23] = 4;
    EXPECT_EQ(below, expected);
}

/** The count that the S3GD-MV paper's program has for MNIST, and the blocks behind it. */
TEST(FlCnn, ParametersOfS3gd)
{
    const auto objective = MakeObjective<float>("cnn[Net=s3gd]", {784, 10, {1, 28, 28}});
    EXPECT_EQ(objective->Dimension(), 582026U);
    const std::vector<std::pair<std::string, uint32_t>> expected{{"convolution0.weight", 32 * 25},
                                                                 {"convolution0.bias", 32},
                                                                 {"convolution1.weight", 64 * 800},
                                                                 {"convolution1.bias", 64},
                                                                 {"hidden0.weight", 1024 * 512},
                                                                 {"hidden0.bias", 512},
                                                                 {"output.weight", 5120},
                                                                 {"output.bias", 10}};
    const auto tensors = objective->Tensors();
    ASSERT_EQ(tensors.size(), expected.size());
    uint32_t next = 0;
    for (std::size_t i = 0; i < tensors.size(); ++i)
    {
        EXPECT_EQ(tensors[i].name, expected[i].first);
        EXPECT_EQ(tensors[i].Size(), expected[i].second);
        EXPECT_EQ(tensors[i].first, next);
        next += tensors[i].Size();
    }
}

/** Counted by hand from the sides of the images: 28-24-12-8-4, and for colours 32-28-14-10-5. */
TEST(FlCnn, ParametersOfOtherImages)
{
    const auto dimension = [](const std::string& text, const ImageShape& image)
    {
        return MakeObjective<float>(text, {image.Size(), 10, image})->Dimension();
    };
    EXPECT_EQ(dimension("cnn", {1, 28, 28}), 208U + 3216U + 16U * 16 * 10 + 10);
    EXPECT_EQ(dimension("cnn", {3, 32, 32}), 608U + 3216U + 16U * 25 * 10 + 10);
    EXPECT_EQ(dimension("cnn[Net=s3gd]", {3, 32, 32}),
              2432U + 51264U + 1600U * 512 + 512 + 5120U + 10);
}

/** Three products a layer, two in the first; a multiplication and an addition for each weight and
 * position. */
TEST(FlCnn, FlopsOfOneGradient)
{
    EXPECT_EQ(
        (MakeObjective<float>("cnn[Net=s3gd]", {784, 10, {1, 28, 28}})->GradientFlopsPerSample()),
        4.0 * 32 * 25 * 24 * 24 + 6.0 * 64 * 800 * 8 * 8 + 6.0 * 1024 * 512 + 6.0 * 512 * 10);
}

/** Plain loops from the definitions: grey, and colours with sides that are odd and unequal. */
TEST(FlCnn, LossAgreesWithPlainLoops)
{
    for (const ImageShape& image : {ImageShape{1, 16, 16}, ImageShape{3, 19, 24}})
    {
        const auto data = MakeImages(image, 4, 30);
        const auto objective = MakeObjective<double>("cnn", ShapeOf(data));
        auto model = MakeModel<double>(objective->Dimension());
        for (auto& weight : model)
        {
            weight *= 0.3;
        }
        const auto indices = MakeIndices(7, data.Size());
        double loss = 0;
        for (const uint32_t i : indices)
        {
            loss += PlainLoss(model, data, i) / 7;
        }
        Values gradient(model.size());
        EXPECT_NEAR(objective->Gradient(model.data(), {&data, indices.data(), 7}, gradient.data()),
                    loss,
                    1e-12 * loss);
        double all = 0;
        for (uint32_t i = 0; i < data.Size(); ++i)
        {
            all += PlainLoss(model, data, i) / data.Size();
        }
        EXPECT_NEAR(objective->Evaluate(model.data(), data).loss, all, 1e-12 * all);
    }
}

/** Central differences of the loss in every parameter, with a step that meets no kink. */
TEST(FlCnn, GradientAgreesWithCentralDifferences)
{
    for (const auto& [image, samples] :
         std::vector<std::pair<ImageShape, uint32_t>>{{{1, 16, 16}, 2}, {{2, 17, 18}, 1}})
    {
        const auto data = MakeImages(image, 3, 12);
        const auto objective = MakeObjective<double>("cnn[L2=0.1]", ShapeOf(data));
        auto model = MakeModel<double>(objective->Dimension());
        for (auto& weight : model)
        {
            weight *= 0.3;
        }
        const auto indices = MakeIndices(samples, data.Size());
        const Batch batch{&data, indices.data(), samples};
        Values gradient(model.size());
        objective->Gradient(model.data(), batch, gradient.data());
        EXPECT_LT(RelativeDifference(CentralDifferences(*objective, model, batch, 1e-6), gradient),
                  1e-7);
    }
}

TEST(FlCnn, FloatAgreesWithDouble)
{
    const auto data = MakeImages({1, 16, 16}, 3, 12);
    const auto onFloat = MakeObjective<float>("cnn", ShapeOf(data));
    const auto onDouble = MakeObjective<double>("cnn", ShapeOf(data));
    const auto model = MakeModel<float>(onFloat->Dimension());
    const auto modelDouble = MakeModel<double>(onFloat->Dimension());
    const auto indices = MakeIndices(12, data.Size());
    const Batch batch{&data, indices.data(), 12};
    std::vector<float> gradient(model.size());
    Values gradientDouble(model.size());
    const double loss = onFloat->Gradient(model.data(), batch, gradient.data());
    const double lossDouble = onDouble->Gradient(modelDouble.data(), batch, gradientDouble.data());
    EXPECT_NEAR(loss, lossDouble, 1e-5 * lossDouble);
    EXPECT_LT(RelativeDifference(gradient, gradientDouble), 1e-5);
}

TEST(FlCnn, SameBitsEverywhere)
{
    const auto data = MakeImages({1, 16, 17}, 3, 12);
    for (const uint32_t batchSize : {1, 5})
    {
        ExpectSameBitsEverywhere(*MakeObjective<float>("cnn", ShapeOf(data)), data, batchSize);
        ExpectSameBitsEverywhere(*MakeObjective<double>("cnn", ShapeOf(data)), data, batchSize);
    }
}

/** Gradient descent from the initial model finds which corner is bright. */
TEST(FlCnn, DescentLearns)
{
    const auto data = MakeImages({1, 16, 16}, 4, 64);
    const auto objective = MakeObjective<float>("cnn", ShapeOf(data));
    std::vector<uint32_t> all(data.Size());
    std::iota(all.begin(), all.end(), 0);
    std::vector<float> model(objective->Dimension());
    std::vector<float> gradient(objective->Dimension());
    Random random({1, 1}, Purpose::MODEL);
    objective->Initialise(random, model.data());
    EXPECT_LT(objective->Evaluate(model.data(), data).accuracy, 0.6);
    for (int step = 0; step < 60; ++step)
    {
        objective->Gradient(model.data(), {&data, all.data(), data.Size()}, gradient.data());
        for (std::size_t i = 0; i < model.size(); ++i)
        {
            model[i] -= 0.1F * gradient[i];
        }
    }
    EXPECT_EQ(objective->Evaluate(model.data(), data).accuracy, 1);
}

TEST(FlCnn, BadText)
{
    const auto refusal = [](const std::string& text, const DataShape& shape)
    {
        return RefusalOf([&] { MakeObjective<float>(text, shape); });
    };
    EXPECT_EQ(refusal("cnn", {784, 10}),
              "--objective: cnn needs images and this dataset has none, choose a dataset of images "
              "such as fashion-mnist or cifar10");
    EXPECT_EQ(refusal("cnn", {225, 10, {1, 15, 15}}),
              "--objective: images of 15 x 15 pixels are too small for cnn, 16 x 16 will do");
    EXPECT_EQ(refusal("cnn", {64, 10, {1, 16, 4}}),
              "--objective: images of 16 x 4 pixels are too small for cnn, 16 x 16 will do");
    EXPECT_NE(refusal("cnn[Net=resnet]", {784, 10, {1, 28, 28}}).find("is none of s3gd, small"),
              std::string::npos);
    EXPECT_NE(refusal("cnn", {784, 0, {1, 28, 28}}).find("classification needs"),
              std::string::npos);
}

} // namespace fl
