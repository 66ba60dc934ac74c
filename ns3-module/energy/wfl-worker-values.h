/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef WFL_WORKER_VALUES_H
#define WFL_WORKER_VALUES_H

#include "ns3/fl-random.h"

#include <cstdint>
#include <string>
#include <vector>

namespace ns3
{
namespace wfl
{

/**
 * One number a worker, as it stands in an attribute: a distribution from which each worker draws
 * once, or `file:PATH`, a CSV file `worker,value` with a row for each worker (rows of workers
 * beyond are left out).
 * @param text what the user typed
 * @param where what it is for, the beginning of error messages
 * @param workers number of workers
 * @param runSeed drives the draws
 * @param purpose of the draws
 * @return the numbers, all of them positive
 * @throws fl::UserError if the text or the file cannot be read, or a number is not positive
 */
std::vector<double> PositiveWorkerValues(const std::string& text,
                                         const std::string& where,
                                         uint32_t workers,
                                         const fl::RunSeed& runSeed,
                                         fl::Purpose purpose);

/** @return what such a text can be, for the help of an attribute */
std::string WorkerValueForms();

} // namespace wfl
} // namespace ns3

#endif // WFL_WORKER_VALUES_H
