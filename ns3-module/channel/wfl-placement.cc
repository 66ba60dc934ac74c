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

/** Puts a node somewhere for good, unless it is somewhere already. */
void
Place(const Ptr<Node>& node, const Vector& place)
{
    if (!node->GetObject<MobilityModel>())
    {
        auto position = CreateObject<ConstantPositionMobilityModel>();
        position->SetPosition(place);
        node->AggregateObject(position);
    }
}

} // namespace

Vector
PlaceOf(uint32_t worker, double radiusM, const fl::RunSeed& runSeed)
{
    fl::Random random(runSeed, fl::Purpose::POSITION, worker);
    const double distanceM = radiusM * std::sqrt(random.Uniform());
    const double angle = 2 * M_PI * random.Uniform();
    return {distanceM * std::cos(angle), distanceM * std::sin(angle), WORKER_HEIGHT_M};
}

void
PlaceOnDisc(const NodeContainer& workers,
            Ptr<Node> accessPoint,
            double radiusM,
            const fl::RunSeed& runSeed,
            double accessPointHeightM)
{
    Place(accessPoint, {0, 0, accessPointHeightM});
    for (uint32_t worker = 0; worker < workers.GetN(); ++worker)
    {
        Place(workers.Get(worker), PlaceOf(worker, radiusM, runSeed));
    }
}

} // namespace wfl
} // namespace ns3
