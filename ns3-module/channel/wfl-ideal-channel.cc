/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/wfl-ideal-channel.h"

#include "ns3/fl-error.h"
#include "ns3/wfl-registry.h"

namespace ns3
{
namespace wfl
{

WFL_REGISTER_CHANNEL(IdealChannel, "ideal");

TypeId
IdealChannel::GetTypeId()
{
    static TypeId tid = TypeId("ns3::wfl::IdealChannel")
                            .SetParent<LinkChannel>()
                            .SetGroupName("Wfl")
                            .AddConstructor<IdealChannel>()
                            .AddAttribute("UplinkRate",
                                          "Rate from a worker to the server.",
                                          DataRateValue(DataRate("20Mbps")),
                                          MakeDataRateAccessor(&IdealChannel::m_uplinkRate),
                                          MakeDataRateChecker())
                            .AddAttribute("DownlinkRate",
                                          "Rate from the server to a worker.",
                                          DataRateValue(DataRate("20Mbps")),
                                          MakeDataRateAccessor(&IdealChannel::m_downlinkRate),
                                          MakeDataRateChecker())
                            .AddAttribute("Delay",
                                          "From the end of a transmission to the arrival.",
                                          TimeValue(Seconds(0)),
                                          MakeTimeAccessor(&IdealChannel::m_delay),
                                          MakeTimeChecker(Seconds(0)));
    return tid;
}

bool
IdealChannel::IsLossless() const
{
    return true;
}

void
IdealChannel::DoInstall()
{
    if (m_uplinkRate.GetBitRate() == 0 || m_downlinkRate.GetBitRate() == 0)
    {
        throw fl::UserError("--channel=ideal: UplinkRate and DownlinkRate must be positive");
    }
}

LinkFate
IdealChannel::DoFate(const LinkDatagram& datagram)
{
    const auto& rate = datagram.direction == Direction::UP ? m_uplinkRate : m_downlinkRate;
    return {rate.CalculateBytesTxTime(datagram.bytes), m_delay};
}

} // namespace wfl
} // namespace ns3
