/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/wfl-loss-model.h"

#include "ns3/double.h"
#include "ns3/wfl-registry.h"

namespace ns3
{
namespace wfl
{

NS_OBJECT_ENSURE_REGISTERED(LossModel);
WFL_REGISTER_LOSS(BernoulliLoss, "bernoulli");

TypeId
LossModel::GetTypeId()
{
    static TypeId tid = TypeId("ns3::wfl::LossModel").SetParent<Object>().SetGroupName("Wfl");
    return tid;
}

void
LossModel::Start(const fl::Random& random)
{
    m_random = random;
}

fl::Random&
LossModel::Draws()
{
    return m_random;
}

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
