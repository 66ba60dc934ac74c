/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

/** Losses and gradients against PyTorch's, which torch_oracle.py computes by differentiation. */

#include "fl-objective-test-helpers.h"
#include "fl-temp-folder.h"
#include "ns3/fl-objective.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <numeric>

namespace fl
{

using namespace test;

namespace
{

/** An objective as the user types it, and as the script is told of it. */
struct Case
{
    std::string text;    ///< as the user types it
    const Dataset& data; ///< what it is asked about
    std::string layers;  ///< the layers' names and sizes
    std::string loss;    ///< what is made of the last layer's outputs
    double l1;           ///< factor of the weights' magnitudes
    double l2;           ///< factor of half the weights' squares
};

/** Writes numbers as the bytes that they are in memory. */
template <typename T>
void
WriteNumbers(std::ofstream& file, const std::vector<T>& numbers)
{
    file.write(reinterpret_cast<const char*>(numbers.data()), numbers.size() * sizeof(T));
}

/** @return the target of every sample, a class or a real value */
std::vector<double>
Targets(const Dataset& data)
{
    return data.classes == 0 ? std::vector<double>(data.targets.begin(), data.targets.end())
                             : std::vector<double>(data.labels.begin(), data.labels.end());
}

/** One comparison with PyTorch: a file for the script to read, and what it must answer. */
template <typename S>
struct Question
{
    Question(const Case& c, const std::filesystem::path& file)
        : path(file)
    {
        const Dataset& data = c.data;
        const auto objective = MakeObjective<S>(c.text, ShapeOf(data));
        auto model = MakeModel<S>(objective->Dimension());
        for (auto& weight : model)
        {
            weight *= static_cast<S>(0.25); // exact on either scalar
        }
        std::vector<uint32_t> indices(data.Size());
        std::iota(indices.begin(), indices.end(), 0);
        gradient.resize(model.size());
        loss = objective->Gradient(model.data(),
                                   {&data, indices.data(), data.Size()},
                                   gradient.data());
        std::ofstream stream(path, std::ios::binary);
        stream << (sizeof(S) == 4 ? "float32" : "float64") << '\n'
               << data.Size() << '\n'
               << (data.image.Size() > 0 ? std::to_string(data.image.channels) + " " +
                                               std::to_string(data.image.height) + " " +
                                               std::to_string(data.image.width)
                                         : std::to_string(data.features))
               << '\n'
               << c.layers << '\n'
               << c.loss << '\n'
               << c.l1 << ' ' << c.l2 << '\n';
        WriteNumbers(stream, model);
        WriteNumbers(stream, data.inputs);
        WriteNumbers(stream, Targets(data));
    }

    /** Reads the answer, the loss and the gradient, and compares. */
    void ExpectAgreement(double tolerance) const
    {
        std::ifstream stream(path.string() + ".answer", std::ios::binary);
        double torchLoss = 0;
        std::vector<S> torchGradient(gradient.size());
        stream.read(reinterpret_cast<char*>(&torchLoss), sizeof(torchLoss));
        stream.read(reinterpret_cast<char*>(torchGradient.data()),
                    torchGradient.size() * sizeof(S));
        ASSERT_TRUE(stream) << "no answer, or a short one";
        EXPECT_NEAR(loss, torchLoss, tolerance * torchLoss);
        EXPECT_LT(RelativeDifference(gradient, torchGradient), tolerance);
    }

    std::filesystem::path path;
    double loss;
    std::vector<S> gradient;
};

} // namespace

/** Every objective, on float to 2e-5 and on double to 1e-10 of the largest coordinate. */
TEST(FlObjective, AgreesWithTorch)
{
    const std::string python = "/usr/bin/python3 ";
    if (std::system((python + "-c 'import torch' 2>/dev/null").c_str()) != 0)
    {
        GTEST_SKIP() << "the package python3-torch is not installed";
    }
    const TempFolder folder;
    const auto many = MakeDataset("gaussian-mixture[Features=60|Samples=64]", {1, 1}).train;
    const auto two =
        MakeDataset("gaussian-mixture[Features=60|Classes=2|Samples=64]", {1, 1}).train;
    const auto real = MakeDataset("linear-regression[Features=60|Samples=64]", {1, 1}).train;
    const auto grey = MakeImages({1, 28, 28}, 10, 6);
    const auto colour = MakeImages({3, 32, 32}, 10, 6);
    const std::string small = "convolution 8 relu pool convolution 16 relu pool dense 10";
    const std::string s3gd =
        "convolution 32 relu pool convolution 64 relu pool dense 512 relu dense 10";
    const std::vector<Case> cases{
        {"softmax", *many, "dense 10", "classes", 0, 0},
        {"softmax[L2=0.01]", *many, "dense 10", "classes", 0, 0.01},
        {"mlp[Hidden=50]", *many, "dense 50 relu dense 10", "classes", 0, 0},
        {"mlp[Hidden=50-30|L2=0.01]",
         *many,
         "dense 50 relu dense 30 relu dense 10",
         "classes",
         0,
         0.01},
        {"cnn", grey, small, "classes", 0, 0},
        {"cnn[L2=0.01]", colour, small, "classes", 0, 0.01},
        {"cnn[Net=s3gd]", grey, s3gd, "classes", 0, 0},
        {"linear[Bias=true|L2=0.01]", *real, "dense 1", "squares", 0, 0.01},
        {"linear", *two, "linear 1", "signed-squares", 0, 0},
        {"lasso[L1=0.1]", *real, "linear 1", "squares", 0.1, 0},
        {"logistic[L2=0.01]", *two, "linear 1", "logistic", 0, 0.01},
        {"logistic[Bias=true]", *two, "dense 1", "logistic", 0, 0},
        {"nls[Bias=true|L2=0.01]", *two, "dense 1", "sigmoid-squares", 0, 0.01}};
    std::vector<Question<float>> onFloat;
    std::vector<Question<double>> onDouble;
    std::string command = python + "\"" WFL_SOURCE_DIR "/tests/torch_oracle.py\"";
    for (std::size_t i = 0; i < cases.size(); ++i)
    {
        const std::string stem = folder / std::to_string(i);
        onFloat.emplace_back(cases[i], stem + "-float");
        onDouble.emplace_back(cases[i], stem + "-double");
        command += " " + onFloat.back().path.string() + " " + onDouble.back().path.string();
    }
    EXPECT_EQ(std::system(command.c_str()), 0);
    for (std::size_t i = 0; i < cases.size(); ++i)
    {
        SCOPED_TRACE(cases[i].text);
        onFloat[i].ExpectAgreement(2e-5);
        onDouble[i].ExpectAgreement(1e-10);
    }
}

} // namespace fl
