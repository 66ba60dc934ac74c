/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

/**
 * Prints which samples each worker owns, so that other programs can train on the same partition:
 * `wfl-print-partition DATASET PARTITION WORKERS RNG_SEED RNG_RUN`, as wfl-scenario takes them. A
 * line a worker, the indices of its samples in the training set.
 */

#include "ns3/fl-error.h"
#include "ns3/fl-parameters.h"
#include "ns3/fl-partition.h"

#include <cstdint>
#include <iostream>
#include <limits>
#include <string>

namespace
{

/** @return a number from 1 to `largest`. @throws fl::UserError for any other text */
int64_t
ParseCount(const std::string& text, const std::string& what, int64_t largest)
{
    const int64_t number = fl::ParseInteger(text, what);
    if (number < 1 || number > largest)
    {
        throw fl::UserError(what + ": " + text + " is out of range, allowed is 1 to " +
                            std::to_string(largest));
    }
    return number;
}

void
Print(char** arguments)
{
    constexpr int64_t largest = std::numeric_limits<uint32_t>::max();
    const auto workers = static_cast<uint32_t>(ParseCount(arguments[2], "WORKERS", largest));
    fl::RunSeed runSeed;
    runSeed.seed = static_cast<uint32_t>(ParseCount(arguments[3], "RNG_SEED", largest));
    runSeed.run = ParseCount(arguments[4], "RNG_RUN", std::numeric_limits<int64_t>::max());
    const auto data = fl::MakeDataset(arguments[0], runSeed);
    for (const auto& samples : fl::MakePartition(arguments[1], *data.train, workers, runSeed))
    {
        for (const uint32_t sample : samples)
        {
            std::cout << sample << ' ';
        }
        std::cout << '\n';
    }
}

} // namespace

int
main(int argc, char** argv)
{
    constexpr int userError = 2; // exit code
    if (argc != 6)
    {
        std::cerr << "usage: wfl-print-partition DATASET PARTITION WORKERS RNG_SEED RNG_RUN\n";
        return userError;
    }
    try
    {
        Print(argv + 1);
    }
    catch (const fl::UserError& error)
    {
        std::cerr << error.what() << '\n';
        return userError;
    }
    return 0;
}
