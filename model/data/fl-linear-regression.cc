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
    WEIGHTS,
    TRAIN,
    TEST
};

/** Draws samples; the target of each is the product of weights and features, plus noise. */
std::shared_ptr<const Dataset>
Draw(const std::vector<double>& weights, int64_t samples, double noise, Random random)
{
    auto dataset = std::make_shared<Dataset>();
    dataset->features = static_cast<uint32_t>(weights.size());
    dataset->inputs.reserve(samples * weights.size());
    dataset->targets.reserve(samples);
    for (int64_t i = 0; i < samples; ++i)
    {
        double target = 0;
        for (const double weight : weights)
        {
            dataset->inputs.push_back(static_cast<float>(random.Normal()));
            target += weight * dataset->inputs.back();
        }
        dataset->targets.push_back(static_cast<float>(target + noise * random.Normal()));
    }
    return dataset;
}

DatasetPair
MakeLinearRegression(const Parameters& parameters, const RunSeed& runSeed)
{
    std::vector<double> weights(parameters.Integer("Features"));
    Random random(runSeed, Purpose::DATASET, WEIGHTS);
    for (auto& weight : weights)
    {
        weight = random.Normal() / std::sqrt(weights.size());
    }
    const double noise = parameters.Real("Noise");
    return {Draw(weights,
                 parameters.Integer("Samples"),
                 noise,
                 Random(runSeed, Purpose::DATASET, TRAIN)),
            Draw(weights,
                 parameters.Integer("TestSamples"),
                 noise,
                 Random(runSeed, Purpose::DATASET, TEST))};
}

const Registration<DatasetFactory> g_linearRegression(
    "linear-regression",
    "synthetic: normal features, targets a linear function of them plus noise",
    {{"Features", ParameterType::INTEGER, "", "20", "numbers per sample", 1, 1e5},
     {"Samples", ParameterType::INTEGER, "", "10000", "samples to train on", 1, 1e7},
     {"TestSamples", ParameterType::INTEGER, "", "2000", "samples to test on", 1, 1e7},
     {"Noise",
      ParameterType::REAL,
      "",
      "0.1",
      "deviation of the noise; without it the targets have a deviation of about 1",
      0}},
    MakeLinearRegression);

} // namespace

} // namespace fl
