/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/wfl-capture.h"

#include "ns3/fl-error.h"
#include "ns3/wfl-net-device-channel.h"
#include "ns3/wfl-placement.h"

#ifdef WFL_HAS_NETANIM
#include "ns3/animation-interface.h"
#endif

#include <filesystem>

namespace ns3
{

#ifndef WFL_HAS_NETANIM
class AnimationInterface
{
};
#endif

namespace wfl
{

namespace
{

/** @return the channel, which must be one of devices */
Ptr<NetDeviceChannel>
RequireDevices(const Ptr<ChannelModel>& channel, const std::string& option)
{
    auto devices = DynamicCast<NetDeviceChannel>(channel);
    if (!devices)
    {
        throw fl::UserError(option + ": this channel is a formula and has no packets to show; take "
                                     "csma, lr-wpan, lte, p2p or wifi");
    }
    return devices;
}

} // namespace

Capture::Capture(Ptr<ChannelModel> channel)
    : m_channel(channel)
{
}

Capture::~Capture() = default;

void
Capture::WritePcap(const std::string& folder)
{
    const auto devices = RequireDevices(m_channel, "--pcap");
    std::filesystem::create_directories(folder + "/pcap");
    if (!devices->EnablePcap(folder + "/pcap/packets"))
    {
        throw fl::UserError("--pcap: this channel cannot write its packets");
    }
}

void
Capture::WriteAnimation(const std::string& folder)
{
    RequireDevices(m_channel, "--animation");
#ifdef WFL_HAS_NETANIM
    // Wires have no place; the picture needs one.
    constexpr double radiusM = 20;
    NodeContainer workers;
    for (StationId worker = 0; worker < m_channel->Workers(); ++worker)
    {
        workers.Add(m_channel->GetNode(worker));
    }
    PlaceOnDisc(workers, m_channel->GetNode(SERVER), radiusM, m_channel->GetRunSeed());
    PlaceOnDisc(NodeContainer::GetGlobal(), m_channel->GetNode(SERVER), 0, m_channel->GetRunSeed());
    m_animation = std::make_unique<AnimationInterface>(folder + "/animation.xml");
#else
    throw fl::UserError("--animation: this ns-3 was built without its module netanim");
#endif
}

} // namespace wfl
} // namespace ns3
