/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/fl-partition.h"

#include "ns3/fl-error.h"

#include <algorithm>
#include <cmath>
#include <gtest/gtest.h>
#include <numeric>

namespace fl
{

namespace
{

const RunSeed g_runSeed{};

/** @return a dataset of labels only, class after class in turn */
Dataset
MakeLabels(uint32_t samples, uint32_t classes)
{
    Dataset dataset;
    dataset.classes = classes;
    for (uint32_t i = 0; i < samples; ++i)
    {
        dataset.labels.push_back(i % classes);
    }
    return dataset;
}

/** Checks that every sample is used once, every worker has one, and each list ascends. */
void
ExpectExactCover(const Partition& partition, uint32_t samples, uint32_t workers)
{
    ASSERT_EQ(partition.size(), workers);
    std::vector<uint32_t> all;
    for (const auto& owned : partition)
    {
        EXPECT_FALSE(owned.empty());
        EXPECT_TRUE(std::is_sorted(owned.begin(), owned.end()));
        all.insert(all.end(), owned.begin(), owned.end());
    }
    std::sort(all.begin(), all.end());
    std::vector<uint32_t> expected(samples);
    std::iota(expected.begin(), expected.end(), 0);
    EXPECT_EQ(all, expected);
}

/** @return how often each class occurs among some samples */
std::vector<double>
Histogram(const Dataset& dataset, const std::vector<uint32_t>& samples)
{
    std::vector<double> histogram(dataset.classes);
    for (const uint32_t sample : samples)
    {
        ++histogram[dataset.labels[sample]];
    }
    return histogram;
}

/** @return sum of squared class shares, 1 / classes when even, 1 with one class; a mean */
double
MeanConcentration(const Dataset& dataset, const Partition& partition)
{
    double sum = 0;
    for (const auto& owned : partition)
    {
        for (const double count : Histogram(dataset, owned))
        {
            sum += std::pow(count / owned.size(), 2) / partition.size();
        }
    }
    return sum;
}

std::string
Refusal(const std::string& text, const Dataset& dataset, uint32_t workers)
{
    try
    {
        MakePartition(text, dataset, workers, g_runSeed);
    }
    catch (const UserError& error)
    {
        return error.what();
    }
    ADD_FAILURE() << "accepted";
    return "";
}

} // namespace

TEST(FlPartition, ExactCover)
{
    for (const std::string text : {"iid",
                                   "contiguous",
                                   "shards[LabelsPerWorker=1]",
                                   "shards",
                                   "dirichlet",
                                   "dirichlet[Alpha=0.001]",
                                   "dirichlet[Alpha=1000000]"})
    {
        for (const auto& [samples, workers] :
             std::vector<std::pair<uint32_t, uint32_t>>{{1000, 1},
                                                        {1000, 7},
                                                        {1003, 10},
                                                        {1000, 500},
                                                        {2, 1}})
        {
            SCOPED_TRACE(text + " " + std::to_string(samples) + " " + std::to_string(workers));
            const auto dataset = MakeLabels(samples, 10);
            for (uint32_t seed = 1; seed <= 5; ++seed)
            {
                ExpectExactCover(MakePartition(text, dataset, workers, {seed, 1}),
                                 samples,
                                 workers);
            }
        }
    }
}

TEST(FlPartition, OneSampleForEachWorker)
{
    for (const std::string text : {"iid", "shards[LabelsPerWorker=1]", "dirichlet[Alpha=0.01]"})
    {
        SCOPED_TRACE(text);
        ExpectExactCover(MakePartition(text, MakeLabels(50, 10), 50, g_runSeed), 50, 50);
    }
}

TEST(FlPartition, DependsOnSeedAndRunAlone)
{
    const auto dataset = MakeLabels(1000, 10);
    for (const std::string text : {"iid", "shards", "dirichlet"})
    {
        const auto a = MakePartition(text, dataset, 10, {1, 1});
        EXPECT_EQ(MakePartition(text, dataset, 10, {1, 1}), a);
        EXPECT_NE(MakePartition(text, dataset, 10, {2, 1}), a);
        EXPECT_NE(MakePartition(text, dataset, 10, {1, 2}), a);
    }
}

TEST(FlPartition, FewerSamplesThanWorkers)
{
    const auto dataset = MakeLabels(9, 3);
    for (const std::string text : {"iid", "shards", "dirichlet"})
    {
        EXPECT_EQ(Refusal(text, dataset, 10),
                  "--partition: 9 samples for 10 workers, every worker needs one, so lower the "
                  "number of workers");
    }
    EXPECT_EQ(Refusal("shards", dataset, 5),
              "--partition: 9 samples cannot be cut into 10 shards, lower LabelsPerWorker or the "
              "number of workers");
}

TEST(FlPartition, DataWithoutClasses)
{
    Dataset dataset;
    dataset.targets.resize(9);
    for (const std::string text : {"iid", "contiguous"})
    {
        ExpectExactCover(MakePartition(text, dataset, 3, g_runSeed), 9, 3);
    }
    for (const std::string text : {"shards", "dirichlet", "labels-layers"})
    {
        EXPECT_EQ(Refusal(text, dataset, 3),
                  "--partition: " + text +
                      " divides by class and this dataset has none, use iid or contiguous");
    }
}

TEST(FlPartition, BadText)
{
    const auto dataset = MakeLabels(9, 3);
    for (const std::string text : {"even",
                                   "iid[Alpha=1]",
                                   "dirichlet[Alpha=0]",
                                   "dirichlet[Alpha=-1]",
                                   "contiguous[Alpha=1]",
                                   "labels-layers[LabelsPerWorker=0]",
                                   "shards[LabelsPerWorker=0]",
                                   "shards[LabelsPerWorker=1.5]"})
    {
        EXPECT_EQ(Refusal(text, dataset, 3).rfind("--partition: ", 0), 0U);
    }
}

TEST(FlPartition, IidIsEven)
{
    for (const auto& owned : MakePartition("iid", MakeLabels(1003, 10), 10, g_runSeed))
    {
        EXPECT_GE(owned.size(), 100U);
        EXPECT_LE(owned.size(), 101U);
    }
}

/**
 * Independent of the labels: over many seeds, the count of a class at a worker is hypergeometric
 * with mean 10 and variance 100 * 0.1 * 0.9 * 900 / 999.
 */
TEST(FlPartition, IidIgnoresLabels)
{
    const auto dataset = MakeLabels(1000, 10);
    constexpr uint32_t seeds = 500;
    double sum = 0;
    double squares = 0;
    for (uint32_t seed = 1; seed <= seeds; ++seed)
    {
        const auto partition = MakePartition("iid", dataset, 10, {seed, 1});
        const double count = Histogram(dataset, partition[3])[4];
        sum += count - 10;
        squares += std::pow(count - 10, 2);
    }
    constexpr double variance = 100 * 0.1 * 0.9 * 900 / 999;
    EXPECT_NEAR(sum / seeds, 0, 5 * std::sqrt(variance / seeds));
    EXPECT_NEAR(squares / seeds, variance, 5 * variance * std::sqrt(2.0 / seeds));
}

TEST(FlPartition, ShardsHoldFewLabels)
{
    const auto dataset = MakeLabels(6000, 10);
    for (uint32_t perWorker = 1; perWorker <= 4; ++perWorker)
    {
        const std::string text = "shards[LabelsPerWorker=" + std::to_string(perWorker) + "]";
        for (uint32_t seed = 1; seed <= 20; ++seed)
        {
            // 100 workers: shards of equal length that each lie within one class
            for (const auto& owned : MakePartition(text, dataset, 100, {seed, 1}))
            {
                EXPECT_EQ(owned.size(), 60U);
                const auto histogram = Histogram(dataset, owned);
                EXPECT_LE(histogram.size() - std::count(histogram.begin(), histogram.end(), 0),
                          perWorker);
            }
        }
    }
}

TEST(FlPartition, ShardsWithRemainderDifferByOneEach)
{
    for (const auto& owned :
         MakePartition("shards[LabelsPerWorker=3]", MakeLabels(1009, 10), 10, g_runSeed))
    {
        EXPECT_GE(owned.size(), 99U); // 30 shards of 33 or 34
        EXPECT_LE(owned.size(), 102U);
    }
}

/**
 * A share of a symmetric Dirichlet distribution over k workers has the mean 1 / k and the variance
 * (k - 1) / (k^2 (k Alpha + 1)). Five standard errors, the fourth moment bounded by the second
 * because a share is at most 1.
 */
TEST(FlPartition, DirichletMoments)
{
    constexpr uint32_t workers = 5;
    constexpr uint32_t seeds = 2000;
    constexpr uint32_t samples = 5000;
    const auto dataset = MakeLabels(samples, 2);
    for (const std::string alpha : {"0.05", "0.5", "5"})
    {
        SCOPED_TRACE(alpha);
        double sum = 0;
        double squares = 0;
        for (uint32_t seed = 1; seed <= seeds; ++seed)
        {
            const auto partition =
                MakePartition("dirichlet[Alpha=" + alpha + "]", dataset, workers, {seed, 1});
            const double share = Histogram(dataset, partition[2])[1] / (samples / 2.0) - 0.2;
            sum += share;
            squares += share * share;
        }
        const double variance =
            (workers - 1.0) / (workers * workers * (workers * std::stod(alpha) + 1));
        EXPECT_NEAR(sum / seeds, 0, 5 * std::sqrt(variance / seeds));
        EXPECT_NEAR(squares / seeds, variance, 5 * std::sqrt(variance / seeds));
    }
}

/** Blocks of consecutive samples, whose sizes differ by one at most; the seed changes nothing. */
TEST(FlPartition, ContiguousBlocks)
{
    const auto dataset = MakeLabels(11, 3);
    const Partition expected{{0, 1}, {2, 3, 4}, {5, 6, 7}, {8, 9, 10}};
    EXPECT_EQ(MakePartition("contiguous", dataset, 4, {1, 1}), expected);
    EXPECT_EQ(MakePartition("contiguous", dataset, 4, {2, 7}), expected);
    for (const auto& owned : MakePartition("contiguous", MakeLabels(450, 10), 9, g_runSeed))
    {
        EXPECT_EQ(owned.size(), 50U);
        EXPECT_EQ(owned.front() % 50, 0U);
        EXPECT_EQ(owned.back(), owned.front() + 49);
    }
}

/** Every worker owns all samples of its labels, and the workers of a layer share none. */
TEST(FlPartition, LabelsLayersDealEveryLabelOnceALayer)
{
    const auto dataset = MakeLabels(1003, 10);
    for (const uint32_t perWorker : {1, 2, 5, 10})
    {
        const std::string text = "labels-layers[LabelsPerWorker=" + std::to_string(perWorker) + "]";
        const uint32_t layer = 10 / perWorker;
        for (const uint32_t layers : {1, 3})
        {
            SCOPED_TRACE(text + " " + std::to_string(layers));
            for (uint32_t seed = 1; seed <= 5; ++seed)
            {
                const auto partition = MakePartition(text, dataset, layers * layer, {seed, 1});
                ASSERT_EQ(partition.size(), layers * layer);
                for (uint32_t first = 0; first < partition.size(); first += layer)
                {
                    ExpectExactCover({partition.begin() + first, partition.begin() + first + layer},
                                     1003,
                                     layer);
                }
                for (const auto& owned : partition)
                {
                    const auto histogram = Histogram(dataset, owned);
                    EXPECT_EQ(std::count(histogram.begin(), histogram.end(), 0), 10 - perWorker);
                    for (uint32_t label = 0; label < 10; ++label)
                    {
                        const double all = label < 3 ? 101 : 100;
                        EXPECT_TRUE(histogram[label] == 0 || histogram[label] == all);
                    }
                }
            }
        }
    }
}

/** Layers are dealt by draws of their own, and by the seed and run. */
TEST(FlPartition, LabelsLayersAreRandom)
{
    const auto dataset = MakeLabels(100, 10);
    const auto partition = MakePartition("labels-layers", dataset, 10, {1, 1});
    EXPECT_EQ(MakePartition("labels-layers", dataset, 10, {1, 1}), partition);
    EXPECT_NE(MakePartition("labels-layers", dataset, 10, {2, 1}), partition);
    EXPECT_NE(MakePartition("labels-layers", dataset, 10, {1, 2}), partition);
    EXPECT_NE(Partition(partition.begin(), partition.begin() + 5),
              Partition(partition.begin() + 5, partition.end()));
}

TEST(FlPartition, LabelsLayersThatDoNotFit)
{
    EXPECT_EQ(Refusal("labels-layers[LabelsPerWorker=3]", MakeLabels(100, 10), 10),
              "--partition: 10 classes cannot be dealt out by 3, LabelsPerWorker must divide their "
              "number");
    EXPECT_EQ(Refusal("labels-layers[LabelsPerWorker=20]", MakeLabels(100, 10), 10),
              "--partition: 10 classes cannot be dealt out by 20, LabelsPerWorker must divide "
              "their number");
    EXPECT_EQ(Refusal("labels-layers", MakeLabels(100, 10), 12),
              "--partition: 12 workers do not fill layers of 5, take a multiple of it or another "
              "LabelsPerWorker");
    auto dataset = MakeLabels(100, 4);
    dataset.classes = 5; // of the last there is none
    EXPECT_NE(Refusal("labels-layers[LabelsPerWorker=1]", dataset, 5).find("owns no sample"),
              std::string::npos);
}

/** The smaller Alpha, the fewer classes a worker has. */
TEST(FlPartition, DirichletSkew)
{
    const auto dataset = MakeLabels(10000, 10);
    const auto concentration = [&dataset](const std::string& alpha)
    {
        double mean = 0;
        constexpr uint32_t seeds = 20;
        for (uint32_t seed = 1; seed <= seeds; ++seed)
        {
            mean += MeanConcentration(
                        dataset,
                        MakePartition("dirichlet[Alpha=" + alpha + "]", dataset, 10, {seed, 1})) /
                    seeds;
        }
        return mean;
    };
    const double extreme = concentration("0.01");
    const double strong = concentration("0.1");
    const double medium = concentration("1");
    const double none = concentration("10000");
    EXPECT_GT(extreme, 0.7);
    EXPECT_GT(strong, 1.2 * medium);
    EXPECT_GT(extreme, 1.2 * strong);
    EXPECT_GT(medium, 1.2 * none);
    EXPECT_NEAR(none, 0.1, 0.001);
}

} // namespace fl
