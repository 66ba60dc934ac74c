/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/fl-objective.h"

#include "fl-objective-test-helpers.h"
#include "ns3/fl-elementary.h"
#include "ns3/fl-error.h"
#include "ns3/fl-registry.h"

#include <algorithm>
#include <cmath>
#include <gtest/gtest.h>
#include <limits>
#include <numeric>

namespace fl
{

using namespace test;

namespace
{

/** An objective as the user types it, and its layer sizes and penalty for the plain computation. */
struct Case
{
    std::string text;
    std::vector<uint32_t> hidden;
    double l2;
};

const std::vector<Case> g_cases{{"softmax", {}, 0},
                                {"softmax[L2=0.1]", {}, 0.1},
                                {"mlp[Hidden=9]", {9}, 0},
                                {"mlp[Hidden=9|L2=0.1]", {9}, 0.1},
                                {"mlp[Hidden=9-6]", {9, 6}, 0},
                                {"mlp[Hidden=9-6|L2=0.1]", {9, 6}, 0.1}};

constexpr uint32_t FEATURES = 7;
constexpr uint32_t CLASSES = 4;

/** @return some samples in FEATURES dimensions and CLASSES classes */
std::shared_ptr<const Dataset>
MakeSamples(uint32_t samples = 50)
{
    return MakeDataset("gaussian-mixture[Features=" + std::to_string(FEATURES) +
                           "|Classes=" + std::to_string(CLASSES) +
                           "|Samples=" + std::to_string(samples) + "|TestSamples=1]",
                       {1, 1})
        .train;
}

template <typename S>
std::unique_ptr<Objective<S>>
Make(const std::string& text)
{
    return MakeObjective<S>(text, {FEATURES, CLASSES});
}

/** The loss and the prediction of one sample by plain loops, straight from the definition. */
std::pair<double, uint32_t>
PlainLoss(const Case& c, const std::vector<double>& model, const Dataset& data, uint32_t sample)
{
    std::vector<double> values(data.Input(sample), data.Input(sample) + data.features);
    std::vector<uint32_t> outputs = c.hidden;
    outputs.push_back(data.classes);
    const double* parameter = model.data();
    double squares = 0;
    for (std::size_t layer = 0; layer < outputs.size(); ++layer)
    {
        std::vector<double> next(outputs[layer]);
        for (auto& value : next)
        {
            for (const double input : values)
            {
                value += *parameter * input;
                squares += *parameter * *parameter;
                ++parameter;
            }
        }
        for (auto& value : next)
        {
            value += *parameter++;
            if (layer + 1 < outputs.size())
            {
                value = std::max(value, 0.0);
            }
        }
        values = next;
    }
    double sum = 0;
    for (const double value : values)
    {
        sum += std::exp(value);
    }
    const auto predicted = std::max_element(values.begin(), values.end()) - values.begin();
    return {std::log(sum) - values[data.labels[sample]] + c.l2 / 2 * squares,
            static_cast<uint32_t>(predicted)};
}

} // namespace

TEST(FlElementary, ExpAndLogAgreeWithTheLibrary)
{
    constexpr double epsilon = std::numeric_limits<double>::epsilon();
    Random random({1, 1}, Purpose::TEST);
    for (int i = 0; i < 200000; ++i)
    {
        const double x = 1400 * random.Uniform() - 700;
        ASSERT_NEAR(Exp(x), std::exp(x), 3 * epsilon * std::exp(x)) << x;
        ASSERT_NEAR(Exp(x / 1000), std::exp(x / 1000), 3 * epsilon * std::exp(x / 1000)) << x;
        const double y = std::exp(x);
        ASSERT_NEAR(Log(y), std::log(y), 3 * epsilon * std::abs(std::log(y))) << y;
        const double z = std::exp(x / 1000);
        ASSERT_NEAR(Log(z), std::log(z), 3 * epsilon * std::abs(std::log(z))) << z;
    }
}

TEST(FlElementary, SpecialValues)
{
    constexpr double infinity = std::numeric_limits<double>::infinity();
    EXPECT_EQ(Exp(0), 1);
    EXPECT_EQ(Exp(-infinity), 0);
    EXPECT_EQ(Exp(-1000), 0);
    EXPECT_EQ(Exp(infinity), infinity);
    EXPECT_EQ(Exp(1000), infinity);
    EXPECT_TRUE(std::isnan(Exp(std::nan(""))));
    EXPECT_EQ(Log(1), 0);
    EXPECT_EQ(Log(infinity), infinity);
    EXPECT_TRUE(std::isnan(Log(std::nan(""))));
}

/** The tensors cover the model in order and have the sizes that the definition gives. */
TEST(FlObjective, TensorsCoverTheModel)
{
    for (const auto& c : g_cases)
    {
        SCOPED_TRACE(c.text);
        const auto objective = Make<float>(c.text);
        uint32_t next = 0;
        for (const auto& tensor : objective->Tensors())
        {
            EXPECT_EQ(tensor.first, next);
            next += tensor.Size();
        }
        EXPECT_EQ(objective->Dimension(), next);
        EXPECT_EQ(Make<double>(c.text)->Dimension(), next);
    }
    EXPECT_EQ(Make<float>("softmax")->Dimension(), (FEATURES + 1) * CLASSES);
    const auto tensors = Make<float>("mlp[Hidden=9-6]")->Tensors();
    ASSERT_EQ(tensors.size(), 6U);
    EXPECT_EQ(tensors[0].name, "hidden0.weight");
    EXPECT_EQ(tensors[0].rows, 9U);
    EXPECT_EQ(tensors[0].columns, FEATURES);
    EXPECT_EQ(tensors[3].name, "hidden1.bias");
    EXPECT_EQ(tensors[3].Size(), 6U);
    EXPECT_EQ(tensors[4].name, "output.weight");
    EXPECT_EQ(MakeObjective<float>("mlp", {784, 10})->Dimension(), 159010U);
}

/** Central differences of the loss, each coordinate, relative to the largest coordinate. */
TEST(FlObjective, GradientAgreesWithCentralDifferences)
{
    const auto data = MakeSamples();
    for (const auto& c : g_cases)
    {
        SCOPED_TRACE(c.text);
        const auto objective = Make<double>(c.text);
        const auto model = MakeModel<double>(objective->Dimension());
        const auto indices = MakeIndices(11, data->Size());
        const Batch batch{data.get(), indices.data(), 11};
        std::vector<double> gradient(model.size());
        objective->Gradient(model.data(), batch, gradient.data());
        const auto differences = CentralDifferences(*objective, model, batch, 1e-5);
        EXPECT_LT(RelativeDifference(differences, gradient), 1e-8);
    }
}

TEST(FlObjective, EvaluationAndLossAgreeWithPlainLoops)
{
    // More samples than one evaluation takes at a time, and no multiple of it.
    const auto data = MakeSamples(2345);
    for (const auto& c : g_cases)
    {
        SCOPED_TRACE(c.text);
        const auto objective = Make<double>(c.text);
        const auto model = MakeModel<double>(objective->Dimension());
        double loss = 0;
        double hits = 0;
        for (uint32_t i = 0; i < data->Size(); ++i)
        {
            const auto [sampleLoss, predicted] = PlainLoss(c, model, *data, i);
            loss += sampleLoss / data->Size();
            hits += predicted == data->labels[i];
        }
        const auto evaluation = objective->Evaluate(model.data(), *data);
        EXPECT_NEAR(evaluation.loss, loss, 1e-12 * loss);
        EXPECT_EQ(evaluation.accuracy, hits / data->Size());

        const auto indices = MakeIndices(17, data->Size());
        std::vector<double> gradient(model.size());
        double batchLoss = 0;
        for (const uint32_t i : indices)
        {
            batchLoss += PlainLoss(c, model, *data, i).first / indices.size();
        }
        EXPECT_NEAR(
            objective->Gradient(model.data(), {data.get(), indices.data(), 17}, gradient.data()),
            batchLoss,
            1e-12 * batchLoss);
    }
}

TEST(FlObjective, FloatAgreesWithDouble)
{
    const auto data = MakeSamples();
    for (const auto& c : g_cases)
    {
        SCOPED_TRACE(c.text);
        const auto onFloat = Make<float>(c.text);
        const auto onDouble = Make<double>(c.text);
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
        const auto evaluation = onFloat->Evaluate(model.data(), *data);
        EXPECT_NEAR(evaluation.loss, onDouble->Evaluate(modelDouble.data(), *data).loss, 1e-6);
    }
}

/** A model of zeros finds all classes equally likely, and predicts the first. */
TEST(FlObjective, LossOfTheUniformModel)
{
    const auto data = MakeSamples();
    for (const auto& c : g_cases)
    {
        SCOPED_TRACE(c.text);
        const auto objective = Make<double>(c.text);
        const std::vector<double> zeros(objective->Dimension());
        const auto evaluation = objective->Evaluate(zeros.data(), *data);
        EXPECT_NEAR(evaluation.loss, std::log(CLASSES), 1e-14);
        EXPECT_EQ(evaluation.accuracy,
                  static_cast<double>(std::count(data->labels.begin(), data->labels.end(), 0)) /
                      data->Size());
    }
    const auto softmax = Make<double>("softmax");
    auto initial = MakeModel<double>(softmax->Dimension());
    Random random({1, 1}, Purpose::MODEL);
    softmax->Initialise(random, initial.data());
    EXPECT_EQ(initial, std::vector<double>(softmax->Dimension()));
}

TEST(FlObjective, LargeScoresStayFinite)
{
    const auto data = MakeSamples();
    const auto objective = Make<float>("softmax");
    auto model = MakeModel<float>(objective->Dimension());
    for (auto& coordinate : model)
    {
        coordinate *= 1e5F;
    }
    const auto indices = MakeIndices(16, data->Size());
    std::vector<float> gradient(model.size());
    EXPECT_TRUE(std::isfinite(
        objective->Gradient(model.data(), {data.get(), indices.data(), 16}, gradient.data())));
    EXPECT_TRUE(
        std::all_of(gradient.begin(), gradient.end(), [](float g) { return std::isfinite(g); }));
}

TEST(FlObjective, SameBitsEverywhere)
{
    const auto data = MakeSamples();
    for (const std::string text :
         {"softmax[L2=0.1]", "mlp[Hidden=1]", "mlp[Hidden=9-6|L2=0.1]", "mlp[Hidden=203]"})
    {
        for (const uint32_t batchSize : {1, 2, 5, 16, 50})
        {
            SCOPED_TRACE(text);
            ExpectSameBitsEverywhere(*Make<float>(text), *data, batchSize);
            ExpectSameBitsEverywhere(*Make<double>(text), *data, batchSize);
        }
    }
}

/** Weights are uniform with the stated deviation, biases 0; drawn from the stream alone. */
TEST(FlMlp, Initialisation)
{
    const auto objective = MakeObjective<float>("mlp[Hidden=300-200]", {400, 10});
    std::vector<float> model(objective->Dimension());
    Random random({1, 1}, Purpose::MODEL);
    objective->Initialise(random, model.data());
    const auto tensors = objective->Tensors();
    for (std::size_t i = 0; i < tensors.size(); ++i)
    {
        SCOPED_TRACE(tensors[i].name);
        const auto begin = model.begin() + tensors[i].first;
        const auto end = begin + tensors[i].Size();
        if (i % 2 == 1)
        {
            EXPECT_EQ(std::count(begin, end, 0.0F), tensors[i].Size());
            continue;
        }
        const double variance = (i == 4 ? 1.0 : 2.0) / tensors[i].columns;
        const double count = tensors[i].Size();
        const double bound = std::sqrt(3 * variance);
        EXPECT_LE(*std::max_element(begin, end), bound * (1 + 1e-6));
        EXPECT_GE(*std::min_element(begin, end), -bound * (1 + 1e-6));
        EXPECT_NEAR(std::accumulate(begin, end, 0.0) / count, 0, 5 * std::sqrt(variance / count));
        EXPECT_NEAR(std::inner_product(begin, end, begin, 0.0) / count,
                    variance,
                    5 * variance * std::sqrt(0.8 / count));
    }
    std::vector<float> again(model.size());
    Random same({1, 1}, Purpose::MODEL);
    objective->Initialise(same, again.data());
    EXPECT_EQ(again, model);
}

TEST(FlObjective, FlopsOfOneGradient)
{
    EXPECT_EQ((MakeObjective<float>("softmax", {784, 10})->GradientFlopsPerSample()),
              4.0 * 784 * 10);
    EXPECT_EQ((MakeObjective<float>("mlp", {784, 10})->GradientFlopsPerSample()),
              4.0 * 784 * 200 + 6.0 * 200 * 10);
}

/** Plain gradient descent lowers the loss on separable data to almost nothing. */
TEST(FlObjective, DescentLearns)
{
    const auto pair = MakeDataset("gaussian-mixture[Features=10|Classes=5|Samples=1000|"
                                  "TestSamples=1000|Separation=12]",
                                  {1, 1});
    std::vector<uint32_t> indices(1000);
    std::iota(indices.begin(), indices.end(), 0);
    for (const std::string text : {"softmax", "mlp[Hidden=16]", "mlp[Hidden=16-16]"})
    {
        SCOPED_TRACE(text);
        const auto objective = MakeObjective<float>(text, {10, 5});
        std::vector<float> model(objective->Dimension());
        std::vector<float> gradient(objective->Dimension());
        Random random({1, 1}, Purpose::MODEL);
        objective->Initialise(random, model.data());
        for (int step = 0; step < 200; ++step)
        {
            objective->Gradient(model.data(),
                                {pair.train.get(), indices.data(), 1000},
                                gradient.data());
            for (std::size_t i = 0; i < model.size(); ++i)
            {
                model[i] -= 0.1F * gradient[i];
            }
        }
        EXPECT_GT(objective->Evaluate(model.data(), *pair.test).accuracy, 0.98);
    }
}

TEST(FlObjective, BadText)
{
    const std::vector<std::pair<std::string, std::string>> cases{
        {"tree", "\"tree\" is unknown"},
        {"softmax[Hidden=3]", "no parameter Hidden"},
        {"softmax[L2=-1]", "allowed is at least 0"},
        {"mlp[Hidden=]",
         "Hidden of mlp (sizes such as 200 or 512-256): \"\" is not a whole number"},
        {"mlp[Hidden=200-]",
         "Hidden of mlp (sizes such as 200 or 512-256): \"\" is not a whole number"},
        {"mlp[Hidden=-200]",
         "Hidden of mlp (sizes such as 200 or 512-256): \"\" is not a whole number"},
        {"mlp[Hidden=200x100]", "\"200x100\" is not a whole number"},
        {"mlp[Hidden=0]",
         "Hidden of mlp (sizes such as 200 or 512-256): 0 is out of range, allowed is 1 to "
         "1000000"},
        {"mlp[Hidden=1000001]", "1000001 is out of range"},
        {"mlp[Hidden=100000-100000]", "lower its layer sizes"},
    };
    for (const auto& [text, fault] : cases)
    {
        SCOPED_TRACE(text);
        try
        {
            Make<float>(text);
            ADD_FAILURE() << "accepted";
        }
        catch (const UserError& error)
        {
            const std::string message = error.what();
            EXPECT_EQ(message.rfind("--objective: ", 0), 0U) << message;
            EXPECT_NE(message.find(fault), std::string::npos) << message;
        }
    }
    EXPECT_THROW(MakeObjective<float>("softmax", {10, 0}), UserError);
}

} // namespace fl
