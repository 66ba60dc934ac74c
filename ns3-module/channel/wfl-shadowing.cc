/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/wfl-shadowing.h"

#include "ns3/double.h"
#include "ns3/wfl-link-seed.h"

namespace ns3
{
namespace wfl
{

NS_OBJECT_ENSURE_REGISTERED(LinkShadowing);

double
ShadowingDb(const fl::RunSeed& linkSeed, double sigmaDb)
{
    return sigmaDb * fl::Random(linkSeed, fl::Purpose::SHADOWING).Normal();
}

TypeId
LinkShadowing::GetTypeId()
{
    static TypeId tid = TypeId("ns3::wfl::LinkShadowing")
                            .SetParent<PropagationLossModel>()
                            .SetGroupName("Wfl")
                            .AddConstructor<LinkShadowing>()
                            .AddAttribute("SigmaDb",
                                          "Standard deviation of the loss in dB.",
                                          DoubleValue(8),
                                          MakeDoubleAccessor(&LinkShadowing::m_sigmaDb),
                                          MakeDoubleChecker<double>(0, 100));
    return tid;
}

double
LinkShadowing::DoCalcRxPower(double txPowerDbm, Ptr<MobilityModel> a, Ptr<MobilityModel> b) const
{
    return txPowerDbm - ShadowingDb(LinkSeed(a, b), m_sigmaDb);
}

int64_t
LinkShadowing::DoAssignStreams(int64_t /* stream */)
{
    return 0;
}

} // namespace wfl
} // namespace ns3
