/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef WFL_RESULTS_FOLDER_H
#define WFL_RESULTS_FOLDER_H

#include "ns3/fl-federation.h"

#include <cstdint>
#include <string>
#include <vector>

namespace ns3
{
namespace wfl
{

/**
 * Makes a results folder ready to be written.
 * @param folder its path; made if it does not exist
 * @param overwrite whether results that are there may be removed
 * @throws fl::UserError if it holds results and must not be overwritten, or cannot be made
 */
void PrepareFolder(const std::string& folder, bool overwrite);

/**
 * Writes model.bin: the server's model, little endian, one number a parameter.
 * @param folder a results folder
 * @param federation whose model; a replay has none, then nothing is written
 */
void WriteModel(const std::string& folder, const fl::Federation& federation);

/**
 * @param path a file that WriteModel() wrote
 * @return its bytes
 * @throws fl::UserError if it cannot be read
 */
std::vector<uint8_t> ReadModel(const std::string& path);

} // namespace wfl
} // namespace ns3

#endif // WFL_RESULTS_FOLDER_H
