/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef WFL_PLACEMENT_H
#define WFL_PLACEMENT_H

#include "ns3/fl-random.h"
#include "ns3/node-container.h"

namespace ns3
{
namespace wfl
{

constexpr double MAX_DISTANCE_M = 1e9; ///< largest radius of a disc; light takes seconds

/**
 * Gives a place to every node that has no mobility model yet: the access point stands at the
 * origin, workers are spread evenly over a disc around it, all of them 1.5 m above the ground. A
 * worker's place depends on the run and its number alone, so every channel finds it at the same
 * place.
 * @param workers one node a worker
 * @param accessPoint the node of the access point or base station
 * @param radiusM radius of the disc in metres
 * @param runSeed drives the draws
 */
void PlaceOnDisc(const NodeContainer& workers,
                 Ptr<Node> accessPoint,
                 double radiusM,
                 const fl::RunSeed& runSeed);

} // namespace wfl
} // namespace ns3

#endif // WFL_PLACEMENT_H
