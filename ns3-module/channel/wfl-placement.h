/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef WFL_PLACEMENT_H
#define WFL_PLACEMENT_H

#include "ns3/fl-random.h"
#include "ns3/node-container.h"
#include "ns3/vector.h"

namespace ns3
{
namespace wfl
{

constexpr double WORKER_HEIGHT_M = 1.5; ///< where workers are put above the ground
constexpr double MAX_DISTANCE_M = 1e9;  ///< largest radius of a disc; light takes seconds

/**
 * Gives a place to every node that has no mobility model yet: the access point stands at the
 * origin, workers are spread evenly over a disc around it, 1.5 m above the ground. A worker's place
 * depends on the run and its number alone, so every channel finds it at the same place.
 * @param workers one node a worker
 * @param accessPoint the node of the access point or base station
 * @param radiusM radius of the disc in metres
 * @param runSeed drives the draws
 * @param accessPointHeightM height of the access point above the ground in metres
 */
void PlaceOnDisc(const NodeContainer& workers,
                 Ptr<Node> accessPoint,
                 double radiusM,
                 const fl::RunSeed& runSeed,
                 double accessPointHeightM = WORKER_HEIGHT_M);

/**
 * @param worker a worker
 * @param radiusM radius of the disc in metres
 * @param runSeed drives the draws
 * @return where PlaceOnDisc() puts it
 */
Vector PlaceOf(uint32_t worker, double radiusM, const fl::RunSeed& runSeed);

} // namespace wfl
} // namespace ns3

#endif // WFL_PLACEMENT_H
