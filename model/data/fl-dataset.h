/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef FL_DATASET_H
#define FL_DATASET_H

#include "ns3/fl-parameters.h"
#include "ns3/fl-random.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace fl
{

/** The shape of an image, whose numbers come channel by channel, in each row by row. */
struct ImageShape
{
    uint32_t channels{0}; ///< 1 for grey, 3 for colours, 0 if the samples are no images
    uint32_t height{0};   ///< rows of pixels
    uint32_t width{0};    ///< columns of pixels

    /** @return numbers per image */
    uint32_t Size() const
    {
        return channels * height * width;
    }
};

/**
 * Labelled samples, immutable once loaded: a process holds one copy, and every worker refers to
 * its samples by index.
 */
struct Dataset
{
    uint32_t features{0};         ///< numbers per sample
    uint32_t classes{0};          ///< number of classes, 0 for real-valued targets
    std::vector<float> inputs;    ///< row-major, samples x features
    std::vector<uint32_t> labels; ///< class of each sample, less than classes
    std::vector<float> targets;   ///< target of each sample, if these are real-valued
    ImageShape image{};           ///< what images the samples are, if they are any

    /** @return number of samples */
    uint32_t Size() const
    {
        return static_cast<uint32_t>(classes == 0 ? targets.size() : labels.size());
    }

    /**
     * @param sample index of a sample
     * @return its features
     */
    const float* Input(uint32_t sample) const
    {
        return inputs.data() + static_cast<std::size_t>(sample) * features;
    }
};

/** Some samples of a dataset, by index; refers to memory of others. */
struct Batch
{
    const Dataset* dataset;  ///< the samples
    const uint32_t* indices; ///< which of them
    uint32_t size;           ///< how many
};

/** The two sets of a learning task. */
struct DatasetPair
{
    std::shared_ptr<const Dataset> train; ///< divided over the workers
    std::shared_ptr<const Dataset> test;  ///< what accuracy is measured on
};

/**
 * Loads or makes a dataset. The seed matters to synthetic data only.
 * @throws UserError naming file, fault and remedy if a file is missing or damaged
 */
using DatasetFactory = std::function<DatasetPair(const Parameters&, const RunSeed&)>;

/**
 * @param text what the user typed, `name[Key=value|...]`
 * @param runSeed seed and run of the simulation
 * @return the dataset of that name
 * @throws UserError for an unknown name or parameter, or a missing or damaged file
 */
DatasetPair MakeDataset(const std::string& text, const RunSeed& runSeed);

} // namespace fl

#endif // FL_DATASET_H
