/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/wfl-csma-channel.h"

#include "ns3/csma-helper.h"
#include "ns3/csma-net-device.h"
#include "ns3/queue-size.h"
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
    CsmaHelper csma;
    csma.SetChannelAttribute("DataRate", DataRateValue(GetRate()));
    csma.SetChannelAttribute("Delay", TimeValue(GetDelay()));
    csma.SetQueue("ns3::DropTailQueue", "MaxSize", QueueSizeValue(UnlimitedQueue()));
    const auto installed = csma.Install(NodeContainer(WorkerNodes(), GetNode(SERVER)));
    constexpr int64_t firstStream = 2000;
    csma.AssignStreams(installed, firstStream);
    // A transmission is heard everywhere within a slot; ns-3's microsecond is that of 100 Mbit/s.
    constexpr uint32_t slotBits = 100;
    const Time slot = std::max(GetRate().CalculateBitsTxTime(slotBits), GetDelay());
    Devices devices;
    for (StationId station = 0; station <= Workers(); ++station)
    {
        const auto device = DynamicCast<CsmaNetDevice>(installed.Get(station));
        const bool isServer = station == Workers();
        (isServer ? devices.server : devices.workers).Add(device);
        device->SetMtu(GetMtu());
        // ns-3's own backoff would give a frame up after 1000 tries.
        constexpr uint32_t maxSlots = 1000;
        constexpr uint32_t ceiling = 10;
        device->SetBackoffParams(slot, 1, maxSlots, ceiling, UINT32_MAX);
        Watch(device, isServer ? SERVER : station, GROUP);
    }
    return devices;
}

} // namespace wfl
} // namespace ns3
