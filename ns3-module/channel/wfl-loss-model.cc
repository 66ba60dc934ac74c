/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/wfl-loss-model.h"

#include "ns3/enum.h"
#include "ns3/wfl-compat.h"

namespace ns3
{
namespace wfl
{

NS_OBJECT_ENSURE_REGISTERED(LossModel);

TypeId
LossModel::GetTypeId()
{
    static TypeId tid =
        TypeId("ns3::wfl::LossModel")
            .SetParent<Object>()
            .SetGroupName("Wfl")
            .AddAttribute("Level",
                          "datagram: acts on datagrams that have arrived; frame: on frames, under "
                          "the MAC, of wifi, lr-wpan, csma and p2p.",
                          EnumValue(DATAGRAM),
                          MakeEnumAccessorCompat(&LossModel::m_level),
                          MakeEnumChecker(DATAGRAM, "datagram", FRAME, "frame"));
    return tid;
}

LossModel::Level
LossModel::GetLevel() const
{
    return m_level;
}

void
LossModel::Start(const fl::Random& random)
{
    m_random = random;
}

Ptr<Packet>
LossModel::Pass(Ptr<Packet> datagram)
{
    return IsLost(datagram->GetSize()) ? nullptr : datagram;
}

bool
LossModel::AltersDatagrams() const
{
    return false;
}

fl::Random&
LossModel::Draws()
{
    return m_random;
}

} // namespace wfl
} // namespace ns3
