/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/fl-image-transforms.h"

#include "ns3/fl-error.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

namespace fl
{

namespace
{

/** Mean and deviation of the pixels of one channel. */
struct Moments
{
    double mean;
    double deviation;
};

/** @return the classes in a text such as "0:1" */
std::vector<uint32_t>
ParseLabels(const std::string& text, uint32_t classes)
{
    const std::string where = "--dataset: Labels (classes to keep, such as 0:1)";
    std::vector<uint32_t> labels;
    std::size_t begin = 0;
    while (begin <= text.size())
    {
        const std::size_t end = std::min(text.find(':', begin), text.size());
        const int64_t label = ParseInteger(text.substr(begin, end - begin), where);
        if (label < 0 || label >= classes)
        {
            throw UserError(where + ": " + std::to_string(label) +
                            " is no class, classes go from 0 to " + std::to_string(classes - 1));
        }
        if (std::find(labels.begin(), labels.end(), label) != labels.end())
        {
            throw UserError(where + ": " + std::to_string(label) + " stands there twice");
        }
        labels.push_back(static_cast<uint32_t>(label));
        begin = end + 1;
    }
    if (labels.size() < 2)
    {
        throw UserError(where + ": name two classes or more");
    }
    return labels;
}

void
Keep(const std::vector<uint32_t>& labels, Dataset& dataset)
{
    std::size_t kept = 0;
    for (std::size_t i = 0; i < dataset.labels.size(); ++i)
    {
        const auto found = std::find(labels.begin(), labels.end(), dataset.labels[i]);
        if (found != labels.end())
        {
            std::copy_n(dataset.inputs.begin() + i * dataset.features,
                        dataset.features,
                        dataset.inputs.begin() + kept * dataset.features);
            dataset.labels[kept++] = static_cast<uint32_t>(found - labels.begin());
        }
    }
    if (kept == 0)
    {
        throw UserError("--dataset: no training or no test image has one of the chosen Labels, "
                        "choose others");
    }
    dataset.classes = static_cast<uint32_t>(labels.size());
    dataset.labels.resize(kept);
    dataset.inputs.resize(kept * dataset.features);
}

/** Calls `use` for each channel of each image, with the channel, its first pixel and their number.
 */
template <typename D, typename Use>
void
ForEachPlane(D& dataset, Use use)
{
    const uint32_t pixels = dataset.image.height * dataset.image.width;
    for (std::size_t plane = 0; plane * pixels < dataset.inputs.size(); ++plane)
    {
        use(plane % dataset.image.channels, dataset.inputs.begin() + plane * pixels, pixels);
    }
}

/** @return the moments of each channel */
std::vector<Moments>
Measure(const Dataset& dataset)
{
    const uint32_t channels = dataset.image.channels;
    std::vector<double> sums(channels);
    std::vector<double> squares(channels);
    ForEachPlane(dataset,
                 [&](std::size_t channel, auto pixel, uint32_t pixels)
                 {
                     for (uint32_t i = 0; i < pixels; ++i, ++pixel)
                     {
                         sums[channel] += *pixel;
                         squares[channel] += double{*pixel} * *pixel;
                     }
                 });
    std::vector<Moments> moments;
    const double count = static_cast<double>(dataset.inputs.size() / channels);
    for (uint32_t channel = 0; channel < channels; ++channel)
    {
        const double mean = sums[channel] / count;
        const double variance = std::max(squares[channel] / count - mean * mean, 0.0);
        // A channel without contrast is only shifted.
        moments.push_back({mean, variance > 0 ? std::sqrt(variance) : 1});
    }
    return moments;
}

void
Normalise(const std::vector<Moments>& moments, Dataset& dataset)
{
    ForEachPlane(dataset,
                 [&](std::size_t channel, auto pixel, uint32_t pixels)
                 {
                     const auto [mean, deviation] = moments[channel];
                     for (uint32_t i = 0; i < pixels; ++i, ++pixel)
                     {
                         *pixel = static_cast<float>((*pixel - mean) / deviation);
                     }
                 });
}

} // namespace

ParameterTable
ImageParameters(ParameterTable table)
{
    table.push_back({"Labels",
                     ParameterType::TEXT,
                     "",
                     "",
                     "classes to keep, such as 0:1, numbered anew in this order; all if empty"});
    table.push_back({"Normalise",
                     ParameterType::CHOICE,
                     "",
                     "none",
                     "mean 0 and deviation 1 for each channel, by the training set or ImageNet",
                     0,
                     0,
                     {"none", "train", "imagenet"}});
    return table;
}

void
TransformImages(const Parameters& parameters, Dataset& train, Dataset& test)
{
    if (const auto& text = parameters.Text("Labels"); !text.empty())
    {
        const auto labels = ParseLabels(text, train.classes);
        Keep(labels, train);
        Keep(labels, test);
    }
    const auto& choice = parameters.Text("Normalise");
    if (choice == "none")
    {
        return;
    }
    std::vector<Moments> moments{{0.485, 0.229}, {0.456, 0.224}, {0.406, 0.225}}; // ImageNet's
    if (choice == "train")
    {
        moments = Measure(train);
    }
    else if (train.image.channels != moments.size())
    {
        throw UserError("--dataset: Normalise=imagenet is for colour images and these are grey, "
                        "use Normalise=train");
    }
    Normalise(moments, train);
    Normalise(moments, test);
}

} // namespace fl
