/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef WFL_CONFIG_FILE_H
#define WFL_CONFIG_FILE_H

#include "ns3/fl-event-log.h"
#include "ns3/fl-federation.h"
#include "ns3/wfl-federation-helper.h"
#include "ns3/wfl-options.h"

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace ns3
{
namespace wfl
{

/**
 * Writes config.json: all that repeats the run.
 * @param path the file
 * @param options the program's options
 * @param texts what they are: by name, those of the recorded run in a replay
 * @param federation what is run
 * @param helper the radio side
 * @param runSeed seed and run of the simulation
 * @param rounds number of rounds
 * @param evalEvery rounds from one evaluation to the next
 */
void WriteConfig(const std::string& path,
                 const Options& options,
                 const std::map<std::string, std::string>& texts,
                 const fl::Federation& federation,
                 const FederationHelper& helper,
                 const fl::RunSeed& runSeed,
                 uint32_t rounds,
                 uint32_t evalEvery);

/** What a results folder says of a run, for --replay. */
struct RecordedRun
{
    /**
     * @param folder a results folder
     * @throws fl::UserError if its files are missing or damaged
     */
    explicit RecordedRun(const std::string& folder);

    /** @return a federation that repeats the decisions of the run */
    std::unique_ptr<fl::Federation> MakeFederation() const;

    /**
     * @param name an option
     * @return what it was; empty if it is not known
     */
    std::string Option(const std::string& name) const;

    std::map<std::string, std::string> options; ///< by name
    fl::FederationShape shape;                  ///< what was fixed
    uint32_t rounds;                            ///< number of rounds
    uint32_t evalEvery;                         ///< rounds from one evaluation to the next
    uint32_t uploadSegmentBytes;                ///< longest segment upwards
    uint32_t downloadSegmentBytes;              ///< longest segment downwards
    std::vector<fl::LoggedEvent> events;        ///< its event log
};

} // namespace wfl
} // namespace ns3

#endif // WFL_CONFIG_FILE_H
