/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/wfl-worker-values.h"

#include "ns3/fl-error.h"
#include "ns3/fl-parameters.h"
#include "ns3/wfl-distribution.h"
#include "ns3/wfl-trace-file.h"

#include <cmath>

namespace ns3
{
namespace wfl
{

namespace
{

const std::string FILE_PREFIX = "file:";

/** @return the numbers of a file, NaN where it has none */
std::vector<double>
ReadValues(const std::string& path, const std::string& where, uint32_t workers)
{
    std::vector<double> values(workers, std::nan(""));
    TraceFile file(path, "worker,value", where);
    while (file.Next())
    {
        const auto worker = file.Whole(0);
        if (worker < workers)
        {
            values[worker] = file.Real(1);
        }
    }
    return values;
}

} // namespace

std::vector<double>
PositiveWorkerValues(const std::string& text,
                     const std::string& where,
                     uint32_t workers,
                     const fl::RunSeed& runSeed,
                     fl::Purpose purpose)
{
    std::vector<double> values;
    if (text.rfind(FILE_PREFIX, 0) == 0)
    {
        values = ReadValues(text.substr(FILE_PREFIX.size()), where, workers);
    }
    else
    {
        const Distribution distribution(text, where);
        for (uint32_t worker = 0; worker < workers; ++worker)
        {
            fl::Random random(runSeed, purpose, worker);
            values.push_back(distribution.Draw(random));
        }
    }
    for (uint32_t worker = 0; worker < workers; ++worker)
    {
        if (std::isnan(values[worker]))
        {
            throw fl::UserError(where + ": " + text + " has no row of worker " +
                                std::to_string(worker));
        }
        if (values[worker] <= 0)
        {
            throw fl::UserError(where + ": worker " + std::to_string(worker) + " would have " +
                                fl::ShortText(values[worker]) + ", which must be positive");
        }
    }
    return values;
}

std::string
WorkerValueForms()
{
    return Distribution::Forms() + ", or file:PATH with a CSV file worker,value";
}

} // namespace wfl
} // namespace ns3
