/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/fl-batch-order.h"

#include "ns3/fl-event-log.h"
#include "ns3/fl-learning-federation.h"
#include "ns3/fl-reference-loop.h"
#include "ns3/fl-registry.h"

#include "fl-test-helpers.h"

#include <algorithm>
#include <gtest/gtest.h>
#include <map>
#include <set>
#include <sstream>

namespace fl
{

namespace
{

using test::MakeSmallSetup;
using test::WORKERS;

/** @return the samples 100, 103, 106, ... */
std::vector<uint32_t>
SomeSamples(uint32_t count)
{
    std::vector<uint32_t> samples;
    for (uint32_t i = 0; i < count; ++i)
    {
        samples.push_back(100 + 3 * i);
    }
    return samples;
}

/** @return the samples of a batch */
std::vector<uint32_t>
IndicesOf(const Batch& batch)
{
    return {batch.indices, batch.indices + batch.size};
}

/** How often each sample was seen in gradients, and how large the batches were. */
struct Seen
{
    std::map<uint32_t, uint32_t> samples;
    std::vector<uint32_t> sizes;
};

Seen g_seen;

/** An objective whose loss is 1 everywhere, and which notes what it is asked about. */
template <typename S>
class Probe : public Objective<S>
{
  public:
    Probe(const Parameters& /* parameters */, const DataShape& /* shape */) {}

    std::vector<Tensor> Tensors() const override
    {
        return {{"all", 0, 1, 1}};
    }

    void Initialise(Random& /* random */, S* model) const override
    {
        *model = 0;
    }

    double Gradient(const S* /* model */, const Batch& batch, S* gradient) const override
    {
        *gradient = 1;
        for (const uint32_t sample : IndicesOf(batch))
        {
            ++g_seen.samples[sample];
        }
        g_seen.sizes.push_back(batch.size);
        return 1;
    }

    Evaluation Evaluate(const S* /* model */, const Dataset& /* dataset */) const override
    {
        return {};
    }

    double GradientFlopsPerSample() const override
    {
        return 1;
    }
};

const Registration<ObjectiveFactory> g_probe("test-probe",
                                             "notes the samples of all gradients",
                                             {},
                                             MakeObjectiveFactory<Probe<float>, Probe<double>>());

} // namespace

/** The first step sees the beginning of a shuffle by exchanges from the front, and so on. */
TEST(FlBatchOrder, EpochsAreShufflesCutIntoBatches)
{
    const Dataset dataset;
    for (uint32_t seed = 1; seed <= 200; ++seed)
    {
        Random draws({seed, 1}, Purpose::TEST);
        const uint32_t count = 1 + draws.Below(50);
        const uint32_t size = 1 + draws.Below(count + 3);
        const uint32_t steps = size >= count ? 1 : (count + size - 1) / size;
        const auto samples = SomeSamples(count);
        BatchOrder batches(dataset, samples, size, {seed, 7}, 3, 11);
        for (uint32_t epoch = 0; epoch < 3; ++epoch)
        {
            auto order = samples;
            Random random({seed, 7}, Purpose::BATCH, 3, 11, epoch);
            for (uint32_t i = 0; i < count && size < count; ++i)
            {
                std::swap(order[i], order[i + random.Below(count - i)]);
            }
            for (uint32_t step = 0; step < steps; ++step)
            {
                const auto batch = batches.Of(epoch * steps + step);
                EXPECT_EQ(batch.dataset, &dataset);
                const auto first = order.begin() + step * size;
                const auto length = std::min<std::ptrdiff_t>(size, order.end() - first);
                ASSERT_EQ(IndicesOf(batch), std::vector<uint32_t>(first, first + length));
            }
        }
    }
}

/** Each epoch has every sample once, in another order than the others; the last batch is short. */
TEST(FlBatchOrder, EverySampleOnceAnEpoch)
{
    const Dataset dataset;
    const auto samples = SomeSamples(45);
    BatchOrder batches(dataset, samples, 10, {1, 1}, 0, 0);
    std::set<std::vector<uint32_t>> orders;
    for (uint32_t epoch = 0; epoch < 20; ++epoch)
    {
        std::vector<uint32_t> order;
        for (uint32_t step = 0; step < 5; ++step)
        {
            const auto batch = IndicesOf(batches.Of(5 * epoch + step));
            EXPECT_EQ(batch.size(), step < 4 ? 10U : 5U);
            order.insert(order.end(), batch.begin(), batch.end());
        }
        orders.insert(order);
        std::sort(order.begin(), order.end());
        EXPECT_EQ(order, samples);
    }
    EXPECT_EQ(orders.size(), 20U);
}

/** A step's batch is the same whatever was asked before; worker, round, turn and run change it. */
TEST(FlBatchOrder, AFunctionOfTheStep)
{
    const Dataset dataset;
    const auto samples = SomeSamples(23);
    const auto fresh = [&](uint32_t step,
                           uint64_t run = 1,
                           uint32_t worker = 0,
                           uint32_t round = 0,
                           uint32_t turn = 0)
    {
        BatchOrder batches(dataset, samples, 4, {1, run}, worker, round, turn);
        return IndicesOf(batches.Of(step));
    };
    BatchOrder batches(dataset, samples, 4, {1, 1}, 0, 0);
    for (const uint32_t step : {7, 7, 3, 5, 0, 20, 13, 12})
    {
        EXPECT_EQ(IndicesOf(batches.Of(step)), fresh(step)) << step;
    }
    EXPECT_NE(fresh(0), fresh(0, 2));
    EXPECT_NE(fresh(0), fresh(0, 1, 1));
    EXPECT_NE(fresh(0), fresh(0, 1, 0, 1));
    EXPECT_NE(fresh(0), fresh(0, 1, 0, 0, 1));
    EXPECT_NE(fresh(0, 1, 0, 0, 1), fresh(0, 1, 0, 0, 2));
    EXPECT_NE(fresh(0), fresh(6)) << "the next epoch";
}

/** All samples in one batch keep their order. */
TEST(FlBatchOrder, FullBatches)
{
    const Dataset dataset;
    const auto samples = SomeSamples(5);
    for (const uint32_t size : {0, 5, 6})
    {
        BatchOrder batches(dataset, samples, size, {1, 1}, 0, 0);
        EXPECT_EQ(IndicesOf(batches.Of(0)), samples);
        EXPECT_EQ(IndicesOf(batches.Of(3)), samples);
    }
}

/** E epochs of FedAvg see each sample E times, and the work that is declared is what is done. */
TEST(FlFedAvg, EpochsSeeEverySampleOnce)
{
    for (const uint32_t batch : {0, 1, 7, 16, 48, 100})
    {
        for (const uint32_t epochs : {1, 3})
        {
            g_seen = {};
            auto setup =
                MakeSmallSetup("fedavg[Epochs=" + std::to_string(epochs) + "]", "test-probe");
            setup.batch = batch;
            Pool pool(1);
            const auto federation = MakeLearningFederation<double>(setup, pool);
            std::ostringstream text;
            EventLog log(text);
            federation->SetLog(&log);
            RunReferenceLoop(*federation, 1);
            EXPECT_EQ(g_seen.samples.size(), setup.data.train->Size());
            for (const auto& [sample, times] : g_seen.samples)
            {
                EXPECT_EQ(times, epochs) << sample;
            }
            // 240 samples are 48 a worker: 7 batches of 7, the last of which has 6.
            const uint32_t steps = batch == 0 || batch >= 48 ? 1 : (48 + batch - 1) / batch;
            EXPECT_EQ(g_seen.sizes.size(), WORKERS * epochs * steps);
            std::istringstream stream(text.str());
            for (const auto& event : ReadEventLog(stream))
            {
                if (event.kind == "start")
                {
                    EXPECT_EQ(event.Number("samples"), 48 * epochs);
                    EXPECT_EQ(event.Number("steps"), steps * epochs);
                }
            }
        }
    }
}

/** Local steps that end within an epoch: what STC, FedAvg and FedProx declare is what they read. */
TEST(FlFedAvg, DeclaredSamplesAreThoseRead)
{
    for (const std::string method : {"fedavg", "fedprox", "stc[Density=0.1]"})
    {
        for (const uint32_t steps : {1, 3, 4, 5, 9})
        {
            g_seen = {};
            auto setup = MakeSmallSetup(method, "test-probe");
            setup.batch = 14; // 48 = 14 + 14 + 14 + 6
            setup.localSteps = steps;
            Pool pool(1);
            const auto federation = MakeLearningFederation<double>(setup, pool);
            const auto plan = federation->OpenRound(test::UpTo(WORKERS));
            const auto work = federation->StartCompute(2, plan.round, plan.exchange);
            federation->FinishCompute(2);
            uint32_t read = 0;
            for (const uint32_t size : g_seen.sizes)
            {
                read += size;
            }
            EXPECT_EQ(work.samples, read) << method << ", " << steps;
            EXPECT_EQ(read, std::vector<uint32_t>({0, 14, 28, 42, 48, 62, 76, 90, 96, 110})[steps]);
        }
    }
}

} // namespace fl
