/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/fl-dataset.h"
#include "ns3/fl-registry.h"

#include <cmath>

namespace fl
{

namespace
{

/** The streams of random numbers, second key of Purpose::DATASET. */
enum Stream : uint32_t
{
    MEANS,
    TRAIN,
    TEST
};

/** Draws samples of all classes in turn, each its class's mean plus standard normal noise. */
std::shared_ptr<const Dataset>
Draw(const std::vector<double>& means, uint32_t features, int64_t samples, Random random)
{
    auto dataset = std::make_shared<Dataset>();
    dataset->features = features;
    dataset->classes = static_cast<uint32_t>(means.size() / features);
    dataset->labels.reserve(samples);
    dataset->inputs.reserve(samples * features);
    for (int64_t i = 0; i < samples; ++i)
    {
        const auto label = static_cast<uint32_t>(i % dataset->classes);
        dataset->labels.push_back(label);
        const double* mean = means.data() + static_cast<std::size_t>(label) * features;
        for (uint32_t j = 0; j < features; ++j)
        {
            dataset->inputs.push_back(static_cast<float>(mean[j] + random.Normal()));
        }
    }
    return dataset;
}

DatasetPair
MakeGaussianMixture(const Parameters& parameters, const RunSeed& runSeed)
{
    const auto features = static_cast<uint32_t>(parameters.Integer("Features"));
    std::vector<double> means(parameters.Integer("Classes") * features);
    Random random(runSeed, Purpose::DATASET, MEANS);
    // The squared distance of two means has the expectation Separation^2.
    const double deviation = parameters.Real("Separation") / std::sqrt(2.0 * features);
    for (auto& coordinate : means)
    {
        coordinate = deviation * random.Normal();
    }
    return {Draw(means,
                 features,
                 parameters.Integer("Samples"),
                 Random(runSeed, Purpose::DATASET, TRAIN)),
            Draw(means,
                 features,
                 parameters.Integer("TestSamples"),
                 Random(runSeed, Purpose::DATASET, TEST))};
}

const Registration<DatasetFactory> g_gaussianMixture(
    "gaussian-mixture",
    "synthetic: a normal distribution around a random mean for each class",
    {{"Features", ParameterType::INTEGER, "", "20", "numbers per sample", 1, 1e5},
     {"Classes", ParameterType::INTEGER, "", "10", "number of classes", 2, 1e4},
     {"Samples", ParameterType::INTEGER, "", "10000", "samples to train on", 1, 1e7},
     {"TestSamples", ParameterType::INTEGER, "", "2000", "samples to test on", 1, 1e7},
     {"Separation",
      ParameterType::REAL,
      "standard deviations",
      "4",
      "root of the mean squared distance of two class means",
      0}},
    MakeGaussianMixture);

} // namespace

} // namespace fl
