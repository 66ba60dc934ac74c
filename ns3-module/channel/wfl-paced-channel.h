/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef WFL_PACED_CHANNEL_H
#define WFL_PACED_CHANNEL_H

#include "ns3/wfl-net-device-channel.h"

#include <deque>
#include <map>
#include <vector>

namespace ns3
{
namespace wfl
{

/**
 * Base of device channels whose devices send frame by frame: a datagram waits in the channel until
 * its device has nothing else to send. So it can expire, the channel knows who is backlogged, and
 * no queue below overflows. A subclass says which frames its devices take and are done with.
 */
class PacedChannel : public NetDeviceChannel
{
  public:
    /** @return the TypeId */
    static TypeId GetTypeId();

    bool IsBacklogged(StationId from, StationId to) const override;
    void SetLifetime(Time lifetime) override;

  protected:
    void DoDispose() override;
    void DoSend(StationId from, StationId to, Ptr<Packet> packet) override;
    void DoSendToGroup(const std::vector<StationId>& receivers, Ptr<Packet> packet) override;

    /** @param device it has taken a frame, be it part of a datagram or of a TCP stream */
    void FrameTaken(const Ptr<NetDevice>& device);

    /** @param device it is done with a frame, sent or not */
    void FrameDone(const Ptr<NetDevice>& device);

  private:
    /** A datagram that has not reached its device. */
    struct Waiting
    {
        StationId from;
        std::vector<StationId> receivers; ///< several for a group
        Ptr<Packet> packet;
        Time since; ///< when it was handed over
    };

    /** What one device has to send. */
    struct Line
    {
        std::deque<Waiting> waiting;
        uint32_t frames{0}; ///< in the device
    };

    void Enqueue(const Ptr<NetDevice>& device, const Waiting& waiting);
    void Advance(Ptr<NetDevice> device);

    std::map<Ptr<NetDevice>, Line> m_lines;
    Time m_lifetime; ///< of a datagram; 0 for no limit
};

} // namespace wfl
} // namespace ns3

#endif // WFL_PACED_CHANNEL_H
