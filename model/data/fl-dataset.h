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

    /** @return number of samples */
    uint32_t Size() const
    {
        return static_cast<uint32_t>(labels.size());
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
