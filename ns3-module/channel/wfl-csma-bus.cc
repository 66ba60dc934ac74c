/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/wfl-csma-bus.h"

#include "ns3/csma-helper.h"
#include "ns3/csma-net-device.h"
#include "ns3/wfl-net-device-channel.h"

#include <algorithm>

namespace ns3
{
namespace wfl
{

NetDeviceContainer
InstallCsmaBus(const NodeContainer& nodes, DataRate rate, Time delay, int64_t firstStream)
{
    CsmaHelper csma;
    csma.SetChannelAttribute("DataRate", DataRateValue(rate));
    csma.SetChannelAttribute("Delay", TimeValue(delay));
    csma.SetQueue("ns3::DropTailQueue",
                  "MaxSize",
                  QueueSizeValue(NetDeviceChannel::UnlimitedQueue()));
    const auto devices = csma.Install(nodes);
    csma.AssignStreams(devices, firstStream);
    // ns-3's microsecond is the slot of 100 Mbit/s.
    constexpr uint32_t slotBits = 100;
    const Time slot = std::max(rate.CalculateBitsTxTime(slotBits), delay);
    for (uint32_t i = 0; i < devices.GetN(); ++i)
    {
        // ns-3's own backoff would give a frame up after 1000 tries.
        constexpr uint32_t maxSlots = 1000;
        constexpr uint32_t ceiling = 10;
        DynamicCast<CsmaNetDevice>(devices.Get(i))
            ->SetBackoffParams(slot, 1, maxSlots, ceiling, UINT32_MAX);
    }
    return devices;
}

} // namespace wfl
} // namespace ns3
