/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/wfl-csma-channel.h"

#include "ns3/csma-helper.h"
#include "ns3/csma-net-device.h"
#include "ns3/wfl-csma-bus.h"
#include "ns3/wfl-registry.h"

#include <algorithm>

namespace ns3
{
namespace wfl
{

WFL_REGISTER_CHANNEL(CsmaWireChannel, "csma");

TypeId
CsmaWireChannel::GetTypeId()
{
    static TypeId tid = TypeId("ns3::wfl::CsmaWireChannel")
                            .SetParent<WiredChannel>()
                            .SetGroupName("Wfl")
                            .AddConstructor<CsmaWireChannel>();
    return tid;
}

void
CsmaWireChannel::WhenReady(ReadyCallback ready)
{
    FillNeighborCaches(GetDevices());
    WiredChannel::WhenReady(ready);
}

bool
CsmaWireChannel::EnablePcap(const std::string& prefix)
{
    CsmaHelper csma;
    csma.EnablePcap(prefix, GetDevices().workers);
    csma.EnablePcap(prefix, GetDevices().server);
    return true;
}

NetDeviceChannel::Devices
CsmaWireChannel::DoInstallDevices()
{
    CheckAttributes("csma");
    constexpr int64_t firstStream = 2000;
    const auto installed = InstallCsmaBus(NodeContainer(WorkerNodes(), GetNode(SERVER)),
                                          GetRate(),
                                          GetDelay(),
                                          firstStream);
    Devices devices;
    for (StationId station = 0; station <= Workers(); ++station)
    {
        const auto device = DynamicCast<CsmaNetDevice>(installed.Get(station));
        const bool isServer = station == Workers();
        (isServer ? devices.server : devices.workers).Add(device);
        device->SetMtu(GetMtu());
        Watch(device, isServer ? SERVER : station, GROUP);
    }
    return devices;
}

} // namespace wfl
} // namespace ns3
