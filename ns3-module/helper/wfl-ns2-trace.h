/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef WFL_NS2_TRACE_H
#define WFL_NS2_TRACE_H

#include "ns3/vector.h"

#include <cstdint>
#include <string>
#include <vector>

namespace ns3
{
namespace wfl
{

/**
 * Checks a movement file of ns-2 form, of which ns-3's Ns2MobilityHelper would skip in silence what
 * it does not understand. Lines are
 * | line | meaning |
 * |---|---|
 * | `$node_(3) set X_ 12.5` | where node 3 is at the beginning; Y_ and Z_ likewise |
 * | `$ns_ at 7.5 "$node_(3) setdest 20 30 1.5"` | from second 7.5 on to x and y, at 1.5 m/s |
 * | `$ns_ at 9 "$node_(3) set X_ 20"` | put there at second 9 |
 *
 * besides empty ones, comments after `#`, and what ns-2's own tools say about `$god_`.
 * @param path the file
 * @param workers number of workers; node i is worker i
 * @param where the beginning of error messages
 * @return where each worker is at the beginning; 1.5 m above the ground if there is no Z_
 * @throws fl::UserError if the file cannot be read, a line is none of these, a node does not exist,
 * or a worker has no X_ and Y_
 */
std::vector<Vector> ReadNs2Places(const std::string& path,
                                  uint32_t workers,
                                  const std::string& where);

} // namespace wfl
} // namespace ns3

#endif // WFL_NS2_TRACE_H
