/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/wfl-link-seed.h"

#include "ns3/abort.h"
#include "ns3/node.h"
#include "ns3/rng-seed-manager.h"

#include <algorithm>

namespace ns3
{
namespace wfl
{

fl::RunSeed
LinkSeed(const fl::RunSeed& runSeed, uint32_t a, uint32_t b)
{
    fl::Random random(runSeed, fl::Purpose::RADIO_LINK, std::min(a, b), std::max(a, b));
    const uint32_t seed = random();
    const uint64_t high = random();
    return {seed, high << 32 | random()};
}

fl::RunSeed
LinkSeed(Ptr<MobilityModel> a, Ptr<MobilityModel> b)
{
    const auto nodeA = a->GetObject<Node>();
    const auto nodeB = b->GetObject<Node>();
    NS_ABORT_MSG_UNLESS(nodeA && nodeB, "the place of a node must be aggregated to it");
    return LinkSeed({RngSeedManager::GetSeed(), RngSeedManager::GetRun()},
                    nodeA->GetId(),
                    nodeB->GetId());
}

} // namespace wfl
} // namespace ns3
