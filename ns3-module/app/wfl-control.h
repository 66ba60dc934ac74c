/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef WFL_CONTROL_H
#define WFL_CONTROL_H

#include "ns3/fl-federation.h"
#include "ns3/wfl-selection-policy.h"

#include <cstdint>
#include <optional>
#include <vector>

namespace ns3
{
namespace wfl
{

/** Longest segment of a control message: short enough for every technology, header and check too.
 */
constexpr uint32_t MAX_CONTROL_BYTES = 44;

/** What a worker says of itself at set-up. */
struct Hello
{
    uint64_t samples;                 ///< how many samples it owns
    std::optional<double> smoothness; ///< smoothness constant of its objective, if it is needed
};

/**
 * @param shape the federation
 * @param worker one of its workers
 * @return what that worker says of itself
 */
Hello HelloOf(const fl::FederationShape& shape, uint32_t worker);

/**
 * @param hello what a worker says of itself
 * @return the body of the message
 */
std::vector<uint8_t> EncodeHello(const Hello& hello);

/**
 * @param body the body of a hello
 * @return what it says, or nothing if the body is malformed
 */
std::optional<Hello> DecodeHello(const std::vector<uint8_t>& body);

/**
 * @param workers some workers, ascending
 * @return the body of a message that names them: OPEN, RECEIPTS
 */
std::vector<uint8_t> EncodeWorkers(const std::vector<uint32_t>& workers);

/**
 * @param body the body of a message that names workers
 * @param worker a worker
 * @return whether it names this one
 */
bool NamesWorker(const std::vector<uint8_t>& body, uint32_t worker);

/**
 * @param outcome what was accepted of an upload
 * @return the body of the receipt; round and exchange stand in its header
 */
std::vector<uint8_t> EncodeReceipt(const fl::UploadOutcome& outcome);

/**
 * @param body the body of a receipt
 * @return what it says, without round and exchange; nothing if the body is malformed
 */
std::optional<fl::UploadOutcome> DecodeReceipt(const std::vector<uint8_t>& body);

/**
 * @param status what a worker says of itself
 * @return the body of the message
 */
std::vector<uint8_t> EncodeStatus(const WorkerStatus& status);

/**
 * @param body the body of a status
 * @return what it says, or nothing if the body is malformed
 */
std::optional<WorkerStatus> DecodeStatus(const std::vector<uint8_t>& body);

} // namespace wfl
} // namespace ns3

#endif // WFL_CONTROL_H
