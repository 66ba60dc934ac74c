/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef WFL_LINK_SEED_H
#define WFL_LINK_SEED_H

#include "ns3/fl-random.h"
#include "ns3/mobility-model.h"

#include <cstdint>

namespace ns3
{
namespace wfl
{

/**
 * The seed of what belongs to the radio link between two stations. It is the same in both
 * directions, so that links are reciprocal, and depends on nothing but the run and the two numbers:
 * what is drawn from it does not depend on who asks first.
 * @param runSeed seed and run of the simulation
 * @param a number of one station
 * @param b number of the other
 * @return the link's own seed
 */
fl::RunSeed LinkSeed(const fl::RunSeed& runSeed, uint32_t a, uint32_t b);

/**
 * The same for two nodes of a run that ns-3's RngSeedManager drives; the stations' numbers are
 * those of the nodes.
 * @param a where one node is; must be aggregated to it
 * @param b where the other is
 * @return the link's own seed
 */
fl::RunSeed LinkSeed(Ptr<MobilityModel> a, Ptr<MobilityModel> b);

} // namespace wfl
} // namespace ns3

#endif // WFL_LINK_SEED_H
