/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef WFL_RESULTS_FOLDER_H
#define WFL_RESULTS_FOLDER_H

#include "ns3/fl-federation.h"
#include "ns3/wfl-channel-model.h"

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace ns3
{
namespace wfl
{

/**
 * A results folder that is being written. What it held before is put aside, in a folder `replaced`
 * within it, until the run has begun, and comes back if it never does.
 */
class ResultsFolder
{
  public:
    /**
     * @param folder its path; made if it does not exist
     * @param overwrite whether results that are there may be replaced
     * @throws fl::UserError if it holds results and must not be overwritten, or cannot be made
     */
    ResultsFolder(const std::string& folder, bool overwrite);
    ~ResultsFolder();

    ResultsFolder(const ResultsFolder&) = delete;
    ResultsFolder& operator=(const ResultsFolder&) = delete;

    /**
     * The run has begun: its results replace those before; for the trace source Ready of FlServer.
     * @param workers those that are there
     */
    void NoteReady(const std::vector<StationId>& workers);

  private:
    std::filesystem::path m_folder;
    bool m_isNew;        ///< whether it did not exist
    bool m_begun{false}; ///< whether the run has begun
};

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
