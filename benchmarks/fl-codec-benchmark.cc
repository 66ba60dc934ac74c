/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

/**
 * How fast updates become bytes and back, and votes are counted, each beside what it is compared
 * with: packing signs with summing the same numbers, selection with std::nth_element.
 *
 *     ./wfl run wfl-benchmarks
 */

#include "ns3/fl-codec.h"
#include "ns3/fl-random.h"
#include "ns3/fl-sign-pack.h"
#include "ns3/fl-top-k-selection.h"
#include "ns3/fl-vote-counter.h"

#include <Eigen/Dense>
#include <algorithm>
#include <benchmark/benchmark.h>
#include <cmath>
#include <numeric>

namespace
{

using fl::Random;

constexpr uint32_t SEGMENT_BYTES = 1456;

/** @return what a gradient looks like */
std::vector<float>
Gradient(uint32_t size)
{
    Random random({1, 1}, fl::Purpose::TEST);
    std::vector<float> values(size);
    std::generate(values.begin(),
                  values.end(),
                  [&] { return static_cast<float>(random.Normal()); });
    return values;
}

/** Reports the rate at which numbers are read. */
void
ReportRate(benchmark::State& state, uint32_t size)
{
    state.SetBytesProcessed(static_cast<int64_t>(state.iterations() * size * sizeof(float)));
}

void
Sum(benchmark::State& state)
{
    const auto values = Gradient(static_cast<uint32_t>(state.range(0)));
    for (auto _ : state)
    {
        benchmark::DoNotOptimize(
            Eigen::Map<const Eigen::VectorXf>(values.data(), state.range(0)).sum());
    }
    ReportRate(state, static_cast<uint32_t>(values.size()));
}

void
PackSigns(benchmark::State& state)
{
    const auto values = Gradient(static_cast<uint32_t>(state.range(0)));
    for (auto _ : state)
    {
        benchmark::DoNotOptimize(fl::PackSigns(values).words.data());
    }
    ReportRate(state, static_cast<uint32_t>(values.size()));
}

void
NthElement(benchmark::State& state)
{
    const auto values = Gradient(static_cast<uint32_t>(state.range(0)));
    for (auto _ : state)
    {
        std::vector<uint32_t> order(values.size());
        std::iota(order.begin(), order.end(), 0);
        std::nth_element(order.begin(),
                         order.begin() + static_cast<std::ptrdiff_t>(order.size() / 100),
                         order.end(),
                         [&](uint32_t a, uint32_t b)
                         { return std::abs(values[a]) > std::abs(values[b]); });
        benchmark::DoNotOptimize(order.data());
    }
    ReportRate(state, static_cast<uint32_t>(values.size()));
}

/** Chooses one in so many of a million numbers. */
void
SelectTopK(benchmark::State& state)
{
    constexpr uint32_t size = 1000000;
    const auto values = Gradient(size);
    const auto keep = static_cast<uint32_t>(size / state.range(0));
    for (auto _ : state)
    {
        std::vector<uint32_t> chosen;
        fl::SelectTopK(values, 0, size, keep, chosen);
        benchmark::DoNotOptimize(chosen.data());
    }
    ReportRate(state, size);
}

/**
 * The vote of some workers on a million coordinates, of whose uploads one segment in so many (0 for
 * none) is lost; they are not decoded here.
 */
void
Vote(benchmark::State& state)
{
    constexpr uint32_t size = 1000000;
    std::vector<fl::SignUpdate> votes;
    Random random({1, 2}, fl::Purpose::TEST);
    constexpr uint32_t different = 16;
    for (uint32_t i = 0; i < different; ++i)
    {
        votes.push_back(fl::SignUpdate::Positive(size));
        for (auto& word : votes.back().words)
        {
            word = (uint64_t{random()} << 32) | random();
        }
    }
    fl::Ranges missing;
    const auto period = static_cast<uint32_t>(8 * SEGMENT_BYTES * state.range(1));
    for (uint32_t first = 0; period > 0 && first < size; first += period)
    {
        fl::Append(missing, {first, std::min<uint32_t>(size, first + 8 * SEGMENT_BYTES)});
    }
    for (auto _ : state)
    {
        fl::VoteCounter counter(size);
        for (int64_t worker = 0; worker < state.range(0); ++worker)
        {
            counter.Add(votes[static_cast<std::size_t>(worker) % different], missing);
        }
        benchmark::DoNotOptimize(counter.Take().positive.data());
    }
}

/** Encodes an update and decodes it again, in segments. */
template <typename Make>
void
RoundTrip(benchmark::State& state, Make make)
{
    const auto update = make(Gradient(static_cast<uint32_t>(state.range(0))));
    for (auto _ : state)
    {
        const auto message = fl::Encode<float>(update, SEGMENT_BYTES);
        fl::UpdateAssembler<float> assembler({message.dimension, message.blocks});
        const auto total = static_cast<uint32_t>(message.segments.size());
        for (uint32_t i = 0; i < total; ++i)
        {
            const auto& slice = message.segments[i];
            assembler.Add({message.format,
                           i,
                           total,
                           slice.first,
                           message.bytes.data() + slice.offset,
                           slice.length});
        }
        benchmark::DoNotOptimize(assembler.Finish());
    }
    ReportRate(state, static_cast<uint32_t>(state.range(0)));
}

fl::Update<float>
Dense(std::vector<float> values)
{
    return fl::DenseUpdate<float>{std::move(values)};
}

fl::Update<float>
Signs(const std::vector<float>& values)
{
    return fl::PackSigns(values);
}

fl::Update<float>
Sparse(const std::vector<float>& values)
{
    fl::SparseUpdate<float> update;
    update.size = static_cast<uint32_t>(values.size());
    fl::SelectTopK(values, 0, update.size, update.size / 100, update.indices);
    for (const uint32_t i : update.indices)
    {
        update.values.push_back(values[i]);
    }
    return update;
}

BENCHMARK(Sum)->Arg(1 << 20)->Arg(1 << 22)->Arg(1 << 24);
BENCHMARK(PackSigns)->Arg(1 << 20)->Arg(1 << 22)->Arg(1 << 24);
BENCHMARK(NthElement)->Arg(1000000)->Unit(benchmark::kMillisecond);
BENCHMARK(SelectTopK)->Arg(1000)->Arg(100)->Arg(10)->Unit(benchmark::kMillisecond);
BENCHMARK(Vote)->ArgsProduct({{10, 1000}, {0, 10}})->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(RoundTrip, dense, Dense)->Arg(1000000)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(RoundTrip, signs, Signs)->Arg(1000000)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(RoundTrip, sparse, Sparse)->Arg(1000000)->Unit(benchmark::kMillisecond);

} // namespace
