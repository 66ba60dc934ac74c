/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/wfl-bernoulli-loss.h"

#include "ns3/double.h"
#include "ns3/wfl-registry.h"

namespace ns3
{
namespace wfl
{

WFL_REGISTER_LOSS(BernoulliLoss, "bernoulli");

TypeId
BernoulliLoss::GetTypeId()
{
    static TypeId tid = TypeId("ns3::wfl::BernoulliLoss")
                            .SetParent<LossModel>()
                            .SetGroupName("Wfl")
                            .AddConstructor<BernoulliLoss>()
                            .AddAttribute("Rate",
                                          "Probability that a datagram is lost.",
                                          DoubleValue(0.1),
                                          MakeDoubleAccessor(&BernoulliLoss::m_rate),
                                          MakeDoubleChecker<double>(0, 1));
    return tid;
}

bool
BernoulliLoss::IsLost(uint32_t /* bytes */)
{
    return Draws().Uniform() < m_rate;
}

} // namespace wfl
} // namespace ns3
