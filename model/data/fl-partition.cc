/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/fl-partition.h"

#include "ns3/fl-error.h"
#include "ns3/fl-registry.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace fl
{

namespace
{

const std::string g_option = "--partition"; ///< where the user names a partition

/** @return the samples as `pieces` runs whose sizes differ by at most one */
Partition
Cut(const std::vector<uint32_t>& samples, uint64_t pieces)
{
    Partition cut;
    for (uint64_t i = 0; i < pieces; ++i)
    {
        cut.emplace_back(samples.begin() + i * samples.size() / pieces,
                         samples.begin() + (i + 1) * samples.size() / pieces);
    }
    return cut;
}

/** @return 0, 1, ..., size - 1 */
std::vector<uint32_t>
Count(uint32_t size)
{
    std::vector<uint32_t> numbers(size);
    std::iota(numbers.begin(), numbers.end(), 0);
    return numbers;
}

/** Refuses data that has no classes to divide by. */
void
RequireClasses(const Dataset& train, const std::string& name)
{
    if (train.classes == 0)
    {
        throw UserError(g_option + ": " + name +
                        " divides by class and this dataset has none, use iid or contiguous");
    }
}

Partition
DivideEvenly(const Parameters&, const Dataset& train, uint32_t workers, const RunSeed& runSeed)
{
    auto samples = Count(train.Size());
    Random(runSeed, Purpose::PARTITION).Shuffle(samples);
    return Cut(samples, workers);
}

Partition
DivideInOrder(const Parameters&, const Dataset& train, uint32_t workers, const RunSeed&)
{
    return Cut(Count(train.Size()), workers);
}

/**
 * McMahan et al., "Communication-efficient learning of deep networks from decentralized data",
 * AISTATS 2017: the samples, sorted by label, are cut into shards, and each worker gets equally
 * many shards at random. Where the division leaves a remainder, some shards hold one sample more.
 */
Partition
DealShards(const Parameters& parameters,
           const Dataset& train,
           uint32_t workers,
           const RunSeed& runSeed)
{
    RequireClasses(train, "shards");
    const int64_t labelsPerWorker = parameters.Integer("LabelsPerWorker");
    const uint64_t shardCount = uint64_t{workers} * labelsPerWorker;
    if (shardCount > train.Size())
    {
        throw UserError(g_option + ": " + std::to_string(train.Size()) +
                        " samples cannot be cut into " + std::to_string(shardCount) +
                        " shards, lower LabelsPerWorker or the number of workers");
    }
    auto samples = Count(train.Size());
    std::stable_sort(samples.begin(),
                     samples.end(),
                     [&train](uint32_t a, uint32_t b)
                     { return train.labels[a] < train.labels[b]; });
    const Partition shards = Cut(samples, shardCount);
    auto deal = Count(static_cast<uint32_t>(shardCount));
    Random(runSeed, Purpose::PARTITION).Shuffle(deal);
    Partition partition(workers);
    for (uint64_t i = 0; i < shardCount; ++i)
    {
        auto& owned = partition[i / labelsPerWorker];
        owned.insert(owned.end(), shards[deal[i]].begin(), shards[deal[i]].end());
    }
    return partition;
}

/**
 * @return a draw from the symmetric Dirichlet distribution, as cumulated proportions.
 *
 * Logarithms of gamma variates, log G(a) = log G(a + 1) + log(U) / a, because at a small
 * concentration the variates themselves underflow.
 */
std::vector<double>
DrawCumulatedDirichlet(double concentration, uint32_t size, Random& random)
{
    std::vector<double> cumulated(size);
    for (auto& value : cumulated)
    {
        value = std::log(random.Gamma(concentration + 1)) - random.Exponential(1) / concentration;
    }
    const double largest = *std::max_element(cumulated.begin(), cumulated.end());
    double sum = 0;
    for (auto& value : cumulated)
    {
        sum += std::exp(value - largest);
        value = sum;
    }
    for (auto& value : cumulated)
    {
        value /= sum;
    }
    return cumulated;
}

/**
 * Hsu, Qi and Brown, "Measuring the effects of non-identical data distribution for federated
 * visual classification", arXiv 1909.06335, in the form in which each class is divided by its own
 * draw. A worker that is left with nothing gets a sample of the one that has most.
 */
Partition
DivideByDirichlet(const Parameters& parameters,
                  const Dataset& train,
                  uint32_t workers,
                  const RunSeed& runSeed)
{
    RequireClasses(train, "dirichlet");
    Random random(runSeed, Purpose::PARTITION);
    std::vector<std::vector<uint32_t>> byClass(train.classes);
    for (uint32_t i = 0; i < train.Size(); ++i)
    {
        byClass[train.labels[i]].push_back(i);
    }
    Partition partition(workers);
    for (auto& samples : byClass)
    {
        random.Shuffle(samples);
        const auto cumulated = DrawCumulatedDirichlet(parameters.Real("Alpha"), workers, random);
        auto begin = samples.begin();
        for (uint32_t worker = 0; worker < workers; ++worker)
        {
            const auto end = samples.begin() + std::llround(cumulated[worker] * samples.size());
            partition[worker].insert(partition[worker].end(), begin, end);
            begin = end;
        }
    }
    const auto smaller = [](const auto& a, const auto& b)
    {
        return a.size() < b.size();
    };
    for (auto& owned : partition)
    {
        if (owned.empty())
        {
            auto& giver = *std::max_element(partition.begin(), partition.end(), smaller);
            owned.push_back(giver.back());
            giver.pop_back();
        }
    }
    return partition;
}

/**
 * Park and Lee, "S3GD-MV: Sparse-SignSGD with Majority Vote for Communication-Efficient Distributed
 * Learning", ISIT 2023 (arXiv 2302.07475), as their program has it: the workers stand in layers of
 * classes / LabelsPerWorker. Each layer deals the classes out at random, LabelsPerWorker to a
 * worker, who owns all samples of these. So every layer has every sample once.
 */
Partition
DealLabelsByLayer(const Parameters& parameters,
                  const Dataset& train,
                  uint32_t workers,
                  const RunSeed& runSeed)
{
    RequireClasses(train, "labels-layers");
    const auto perWorker = static_cast<uint32_t>(parameters.Integer("LabelsPerWorker"));
    if (train.classes % perWorker != 0)
    {
        throw UserError(g_option + ": " + std::to_string(train.classes) +
                        " classes cannot be dealt out by " + std::to_string(perWorker) +
                        ", LabelsPerWorker must divide their number");
    }
    const uint32_t layer = train.classes / perWorker;
    if (workers % layer != 0)
    {
        throw UserError(g_option + ": " + std::to_string(workers) +
                        " workers do not fill layers of " + std::to_string(layer) +
                        ", take a multiple of it or another LabelsPerWorker");
    }
    std::vector<std::vector<uint32_t>> byClass(train.classes);
    for (uint32_t i = 0; i < train.Size(); ++i)
    {
        byClass[train.labels[i]].push_back(i);
    }
    Random random(runSeed, Purpose::PARTITION);
    Partition partition;
    while (partition.size() < workers)
    {
        auto deal = Count(train.classes);
        random.Shuffle(deal);
        for (const auto& labels : Cut(deal, layer))
        {
            auto& owned = partition.emplace_back();
            for (const uint32_t label : labels)
            {
                owned.insert(owned.end(), byClass[label].begin(), byClass[label].end());
            }
            if (owned.empty())
            {
                throw UserError(g_option + ": a worker of labels-layers owns no sample, because a "
                                           "class has none, use iid or raise LabelsPerWorker");
            }
        }
    }
    return partition;
}

const Registration<PartitionFactory>
    g_iid("iid", "every worker gets equally many samples at random", {}, DivideEvenly);

const Registration<PartitionFactory>
    g_contiguous("contiguous",
                 "every worker gets equally many samples, in the order in which they stand",
                 {},
                 DivideInOrder);

const Registration<PartitionFactory> g_labelsLayers(
    "labels-layers",
    "layers of workers, each deals all labels out; a worker owns all samples of its labels",
    {{"LabelsPerWorker",
      ParameterType::INTEGER,
      "",
      "2",
      "labels of each worker, a divisor of their number; all of them for workers "
      "that own everything",
      1,
      1e6}},
    DealLabelsByLayer);

const Registration<PartitionFactory>
    g_shards("shards",
             "samples sorted by label, cut into shards, equally many shards for each worker",
             {{"LabelsPerWorker",
               ParameterType::INTEGER,
               "",
               "2",
               "shards of each worker, about as many labels",
               1,
               1e6}},
             DealShards);

const Registration<PartitionFactory>
    g_dirichlet("dirichlet",
                "each class divided in proportions from a Dirichlet distribution",
                {{"Alpha",
                  ParameterType::REAL,
                  "",
                  "0.5",
                  "concentration: small for workers that differ much, large for equal ones",
                  1e-3,
                  1e6}},
                DivideByDirichlet);

} // namespace

Partition
MakePartition(const std::string& text,
              const Dataset& train,
              uint32_t workers,
              const RunSeed& runSeed)
{
    const auto choice = Registry<PartitionFactory>::Get().Choose(text, g_option);
    if (train.Size() < workers)
    {
        throw UserError(g_option + ": " + std::to_string(train.Size()) + " samples for " +
                        std::to_string(workers) +
                        " workers, every worker needs one, so lower the number of workers");
    }
    Partition partition = choice.factory(choice.parameters, train, workers, runSeed);
    for (auto& owned : partition)
    {
        std::sort(owned.begin(), owned.end());
    }
    return partition;
}

} // namespace fl
