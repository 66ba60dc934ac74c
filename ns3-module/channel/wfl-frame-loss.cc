/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/wfl-frame-loss.h"

namespace ns3
{
namespace wfl
{

NS_OBJECT_ENSURE_REGISTERED(FrameLoss);

TypeId
FrameLoss::GetTypeId()
{
    static TypeId tid = TypeId("ns3::wfl::FrameLoss")
                            .SetParent<ErrorModel>()
                            .SetGroupName("Wfl")
                            .AddConstructor<FrameLoss>();
    return tid;
}

void
FrameLoss::SetChoice(Choice choice)
{
    m_choice = choice;
}

bool
FrameLoss::DoCorrupt(Ptr<Packet> frame)
{
    const auto loss = m_choice(frame);
    return loss && loss->IsLost(frame->GetSize());
}

void
FrameLoss::DoReset()
{
}

} // namespace wfl
} // namespace ns3
