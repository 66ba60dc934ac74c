/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef FL_OBJECTIVE_TEST_HELPERS_H
#define FL_OBJECTIVE_TEST_HELPERS_H

#include "ns3/fl-error.h"
#include "ns3/fl-objective.h"
#include "ns3/fl-random.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <gtest/gtest.h>
#include <limits>
#include <string>
#include <thread>
#include <vector>

namespace fl::test
{

/** @return a model without zeros; the same numbers, rounded, on either scalar */
template <typename S>
std::vector<S>
MakeModel(uint32_t dimension)
{
    Random random({1, 1}, Purpose::TEST);
    std::vector<S> model(dimension);
    for (auto& coordinate : model)
    {
        coordinate = static_cast<float>(0.5 * random.Normal());
    }
    return model;
}

/** @return 3, 6, 9, ...: samples out of order and not contiguous */
inline std::vector<uint32_t>
MakeIndices(uint32_t count, uint32_t samples)
{
    std::vector<uint32_t> indices(count);
    for (uint32_t i = 0; i < count; ++i)
    {
        indices[i] = (samples - 1 - 3 * i) % samples;
    }
    return indices;
}

/** @return largest difference, relative to the largest magnitude of the second */
template <typename A, typename B>
double
RelativeDifference(const std::vector<A>& a, const std::vector<B>& b)
{
    EXPECT_EQ(a.size(), b.size());
    double difference = 0;
    double scale = 0;
    for (std::size_t i = 0; i < a.size(); ++i)
    {
        difference = std::max(difference, std::abs(double{a[i]} - double{b[i]}));
        scale = std::max(scale, std::abs(double{b[i]}));
    }
    return difference / scale;
}

/** @return the gradient by central differences of the loss */
inline std::vector<double>
CentralDifferences(const Objective<double>& objective,
                   std::vector<double> model,
                   const Batch& batch,
                   double step)
{
    std::vector<double> unused(model.size());
    std::vector<double> differences(model.size());
    for (std::size_t i = 0; i < model.size(); ++i)
    {
        const double center = model[i];
        model[i] = center + step;
        const double above = objective.Gradient(model.data(), batch, unused.data());
        model[i] = center - step;
        const double below = objective.Gradient(model.data(), batch, unused.data());
        model[i] = center;
        differences[i] = (above - below) / (2 * step);
    }
    return differences;
}

/**
 * Checks that the bits of a gradient depend neither on the thread, nor on what the thread computed
 * before, nor on where model and gradient lie in memory, nor on what stood there.
 */
template <typename S>
void
ExpectSameBitsEverywhere(const Objective<S>& objective, const Dataset& data, uint32_t batchSize)
{
    SCOPED_TRACE(batchSize);
    const auto model = MakeModel<S>(objective.Dimension());
    const auto indices = MakeIndices(batchSize, data.Size());
    const Batch batch{&data, indices.data(), batchSize};
    std::vector<S> expected(model.size());
    const double expectedLoss = objective.Gradient(model.data(), batch, expected.data());
    constexpr std::size_t places = 8;
    std::vector<std::vector<S>> found(places);
    std::vector<double> losses(places);
    std::vector<std::thread> threads;
    for (std::size_t place = 0; place < places; ++place)
    {
        threads.emplace_back(
            [&, place]
            {
                std::vector<S> moved(place);
                moved.insert(moved.end(), model.begin(), model.end());
                std::vector<S>& gradient = found[place];
                const std::size_t offset = 3 * place % places;
                gradient.assign(offset + model.size(), std::numeric_limits<S>::quiet_NaN());
                objective.Evaluate(model.data(), data);
                losses[place] =
                    objective.Gradient(moved.data() + place, batch, gradient.data() + offset);
                gradient.erase(gradient.begin(), gradient.begin() + offset);
            });
    }
    for (auto& thread : threads)
    {
        thread.join();
    }
    for (std::size_t place = 0; place < places; ++place)
    {
        EXPECT_EQ(found[place], expected);
        EXPECT_EQ(losses[place], expectedLoss);
    }
}

/** @return random images, brighter in a corner that depends on the class; classes in turn */
inline Dataset
MakeImages(const ImageShape& image, uint32_t classes, uint32_t samples)
{
    Random random({1, 1}, Purpose::TEST, 1);
    Dataset dataset;
    dataset.features = image.Size();
    dataset.classes = classes;
    dataset.image = image;
    for (uint32_t i = 0; i < samples; ++i)
    {
        const uint32_t label = i % classes;
        dataset.labels.push_back(label);
        for (uint32_t j = 0; j < image.Size(); ++j)
        {
            const uint32_t low = j / image.width % image.height < image.height / 2 ? 2 : 0;
            const uint32_t left = j % image.width < image.width / 2 ? 1 : 0;
            const bool bright = low + left == label % 4;
            dataset.inputs.push_back(static_cast<float>(random.Uniform() + (bright ? 0.5 : 0)));
        }
    }
    return dataset;
}

/** @return the message with which a user's error is refused */
template <typename Action>
std::string
RefusalOf(Action action)
{
    try
    {
        action();
    }
    catch (const UserError& error)
    {
        return error.what();
    }
    ADD_FAILURE() << "accepted";
    return "";
}

} // namespace fl::test

#endif // FL_OBJECTIVE_TEST_HELPERS_H
