/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/wfl-p2p-channel.h"

#include "ns3/point-to-point-helper.h"
#include "ns3/queue-size.h"
#include "ns3/uinteger.h"
#include "ns3/wfl-registry.h"

namespace ns3
{
namespace wfl
{

WFL_REGISTER_CHANNEL(P2pStarChannel, "p2p");

TypeId
P2pStarChannel::GetTypeId()
{
    static TypeId tid = TypeId("ns3::wfl::P2pStarChannel")
                            .SetParent<WiredChannel>()
                            .SetGroupName("Wfl")
                            .AddConstructor<P2pStarChannel>();
    return tid;
}

bool
P2pStarChannel::IsShared() const
{
    return false;
}

bool
P2pStarChannel::EnablePcap(const std::string& prefix)
{
    PointToPointHelper p2p;
    p2p.EnablePcap(prefix, GetDevices().workers);
    p2p.EnablePcap(prefix, GetDevices().server);
    return true;
}

NetDeviceChannel::Devices
P2pStarChannel::DoInstallDevices()
{
    CheckAttributes("p2p");
    PointToPointHelper p2p;
    p2p.SetDeviceAttribute("DataRate", DataRateValue(GetRate()));
    p2p.SetDeviceAttribute("Mtu", UintegerValue(GetMtu()));
    p2p.SetChannelAttribute("Delay", TimeValue(GetDelay()));
    p2p.SetQueue("ns3::DropTailQueue", "MaxSize", QueueSizeValue(UnlimitedQueue()));
    Devices devices;
    for (StationId worker = 0; worker < Workers(); ++worker)
    {
        const auto link = p2p.Install(GetNode(worker), GetNode(SERVER));
        devices.workers.Add(link.Get(0));
        devices.server.Add(link.Get(1));
        Watch(link.Get(0), worker, worker);
        Watch(link.Get(1), SERVER, worker);
    }
    return devices;
}

AddressPlan
P2pStarChannel::DoAssignAddresses()
{
    return AssignStar(GetDevices());
}

} // namespace wfl
} // namespace ns3
