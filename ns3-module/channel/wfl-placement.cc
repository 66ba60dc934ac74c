/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/wfl-placement.h"

#include "ns3/constant-position-mobility-model.h"

#include <cmath>

namespace ns3
{
namespace wfl
{

namespace
{

constexpr double HEIGHT_M = 1.5;

/** Puts a node somewhere for good, unless it is somewhere already. */
void
Place(const Ptr<Node>& node, double xM, double yM)
{
    if (!node->GetObject<MobilityModel>())
    {
        auto position = CreateObject<ConstantPositionMobilityModel>();
        position->SetPosition({xM, yM, HEIGHT_M});
        node->AggregateObject(position);
    }
}

} // namespace

void
PlaceOnDisc(const NodeContainer& workers,
            Ptr<Node> accessPoint,
            double radiusM,
            const fl::RunSeed& runSeed)
{
    Place(accessPoint, 0, 0);
    for (uint32_t worker = 0; worker < workers.GetN(); ++worker)
    {
        fl::Random random(runSeed, fl::Purpose::POSITION, worker);
        const double distanceM = radiusM * std::sqrt(random.Uniform());
        const double angle = 2 * M_PI * random.Uniform();
        Place(workers.Get(worker), distanceM * std::cos(angle), distanceM * std::sin(angle));
    }
}

} // namespace wfl
} // namespace ns3
