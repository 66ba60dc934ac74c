/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef WFL_NS2_TRACE_H
#define WFL_NS2_TRACE_H

#include "ns3/vector.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace ns3
{
namespace wfl
{

/** At some time a worker goes straight to a place, or is put there and rests. */
struct Ns2Movement
{
    uint32_t worker;                  ///< who
    double atS;                       ///< when
    std::optional<double> x{};        ///< in metres; as it is then, if there is none
    std::optional<double> y{};        ///< likewise
    std::optional<double> z{};        ///< likewise
    std::optional<double> speedMps{}; ///< at which it goes there; none if it is put there
};

/** What a movement file says. */
struct Ns2Trace
{
    std::vector<Vector> places; ///< at the beginning, by worker; 1.5 m above the ground without Z_
    std::vector<Ns2Movement> movements; ///< in the order of time, at the same time of the file
};

/**
 * Reads a movement file of ns-2 form. Lines, in any order, are
 * | line | meaning |
 * |---|---|
 * | `$node_(3) set X_ 12.5` | where node 3 is at the beginning; Y_ and Z_ likewise |
 * | `$ns_ at 7.5 "$node_(3) setdest 20 30 1.5"` | from second 7.5 on to x and y, at 1.5 m/s |
 * | `$ns_ at 9 "$node_(3) set X_ 20"` | put there at second 9, and at rest |
 *
 * besides empty ones, comments after `#`, and what ns-2's own tools say about `$god_`. ns-3's
 * Ns2MobilityHelper would skip in silence what it does not understand, take lines that are not in
 * the order of time for ways from wrong places, and let who is put somewhere move on for ever.
 * @param path the file
 * @param workers number of workers; node i is worker i
 * @param where the beginning of error messages
 * @return what it says
 * @throws fl::UserError if the file cannot be read, a line is none of these, a node does not exist,
 * or a worker has no X_ and Y_
 */
Ns2Trace ReadNs2Trace(const std::string& path, uint32_t workers, const std::string& where);

} // namespace wfl
} // namespace ns3

#endif // WFL_NS2_TRACE_H
