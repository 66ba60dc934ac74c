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
    /** @param channel what is watched; installed, and made of devices if anything is asked for */
    explicit Capture(Ptr<ChannelModel> channel);
    ~Capture();

    /**
     * Writes a file FOLDER/pcap/packets-NODE-DEVICE.pcap for each device; workers are the first nodes.
     * @param folder the folder
     * @throws fl::UserError if the channel has no devices
     */
    void WritePcap(const std::string& folder);

    /**
     * Writes FOLDER/animation.xml.
     * @param folder the folder
     * @throws fl::UserError if the channel has no devices, or ns-3 no NetAnim
     */
    void WriteAnimation(const std::string& folder);

  private:
    Ptr<ChannelModel> m_channel;
    std::unique_ptr<AnimationInterface> m_animation;
};

} // namespace wfl
} // namespace ns3

#endif // WFL_CAPTURE_H
