/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef WFL_CAPTURE_H
#define WFL_CAPTURE_H

#include "ns3/wfl-channel-model.h"

#include <memory>
#include <string>

namespace ns3
{

class AnimationInterface;

namespace wfl
{

/**
 * Writes what the devices of a channel send and receive to files for other programs: pcap for
 * Wireshark, and an animation for NetAnim. Lives as long as the simulation.
 */
class Capture
{
  public:
    /**
     * @param channel what is watched; installed
     * @param pcap whether packets are written
     * @param animation whether an animation is written
     * @throws fl::UserError if something is asked for and the channel has no devices, or ns-3 no
     * NetAnim
     */
    Capture(Ptr<ChannelModel> channel, bool pcap, bool animation);
    ~Capture();

    /**
     * Writes FOLDER/pcap/packets-NODE-DEVICE.pcap for each device, workers being the first nodes,
     * and FOLDER/animation.xml, as asked for.
     * @param folder the folder
     * @throws fl::UserError if the channel cannot write its packets
     */
    void Start(const std::string& folder);

  private:
    /** Writes the packets. */
    void StartPcap(const std::string& folder);

    /** Writes the animation. */
    void StartAnimation(const std::string& folder);

    Ptr<ChannelModel> m_channel;
    bool m_pcap;
    bool m_isAnimated;
    std::unique_ptr<AnimationInterface> m_animation;
};

} // namespace wfl
} // namespace ns3

#endif // WFL_CAPTURE_H
