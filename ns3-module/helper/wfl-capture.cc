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

/** Refuses channels without devices. */
void
RequireDevices(const Ptr<ChannelModel>& channel, const std::string& option)
{
    if (!DynamicCast<NetDeviceChannel>(channel))
    {
        throw fl::UserError(option + ": this channel is a formula and has no packets to show; take "
                                     "csma, lr-wpan, lte, p2p or wifi");
    }
}

} // namespace

Capture::Capture(Ptr<ChannelModel> channel, bool pcap, bool animation)
    : m_channel(channel),
      m_pcap(pcap),
      m_isAnimated(animation)
{
    if (pcap)
    {
        RequireDevices(channel, "--pcap");
    }
    if (animation)
    {
        RequireDevices(channel, "--animation");
#ifndef WFL_HAS_NETANIM
        throw fl::UserError("--animation: this ns-3 was built without its module netanim");
#endif
    }
}

Capture::~Capture() = default;

void
Capture::Start(const std::string& folder)
{
    if (m_pcap)
    {
        StartPcap(folder);
    }
    if (m_isAnimated)
    {
        StartAnimation(folder);
    }
}

void
Capture::StartPcap(const std::string& folder)
{
    std::filesystem::create_directories(folder + "/pcap");
    if (!StaticCast<NetDeviceChannel>(m_channel)->EnablePcap(folder + "/pcap/packets"))
    {
        throw fl::UserError("--pcap: this channel cannot write its packets");
    }
}

void
Capture::StartAnimation([[maybe_unused]] const std::string& folder)
{
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
#endif
}

} // namespace wfl
} // namespace ns3
