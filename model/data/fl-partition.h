/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef FL_PARTITION_H
#define FL_PARTITION_H

#include "ns3/fl-dataset.h"

#include <functional>
#include <string>
#include <vector>

namespace fl
{

/** Which samples each worker owns: for every worker ascending indices into the training set. Two
 * workers may own the same sample. */
using Partition = std::vector<std::vector<uint32_t>>;

/**
 * Divides a training set, which has at least as many samples as there are workers: every sample to
 * a worker, and to every worker at least one. Only labels-layers gives a sample to several workers.
 * @throws UserError if the parameters do not suit the training set
 */
using PartitionFactory = std::function<
    Partition(const Parameters&, const Dataset& train, uint32_t workers, const RunSeed&)>;

/**
 * @param text what the user typed, `name[Key=value|...]`
 * @param train the training set
 * @param workers number of workers, at least 1
 * @param runSeed seed and run of the simulation
 * @return the samples of each worker
 * @throws UserError for an unknown name or parameter, or fewer samples than workers
 */
Partition MakePartition(const std::string& text,
                        const Dataset& train,
                        uint32_t workers,
                        const RunSeed& runSeed);

} // namespace fl

#endif // FL_PARTITION_H
