/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef WFL_WIRED_CHANNEL_H
#define WFL_WIRED_CHANNEL_H

#include "ns3/data-rate.h"
#include "ns3/wfl-paced-channel.h"

#include <vector>

namespace ns3
{
namespace wfl
{

/**
 * Base of the wired references: devices with a rate and a delay, on which a frame of L bits takes
 * L / rate, then the delay, and none is lost. Frames are the octets that ns-3 sends: headers and
 * check sequence, but no preamble.
 *
 * Wires have no radio. TX and RX are reported all the same, so that the energy of ports can be
 * counted; a port that does both at once is in the state that began first.
 */
class WiredChannel : public PacedChannel
{
  public:
    /** @return the TypeId */
    static TypeId GetTypeId();

    void WhenReady(ReadyCallback ready) override;
    Time EstimateAirtime(Direction direction, uint64_t bytes) const override;
    Time RoundTripDelay() const override;
    bool IsLossless() const override;

  protected:
    void DoDispose() override;

    /**
     * Checks the attributes.
     * @param name the channel's short name
     */
    void CheckAttributes(const std::string& name) const;

    /** @return rate of a device */
    DataRate GetRate() const;

    /** @return delay of a wire */
    Time GetDelay() const;

    /** @return longest IP packet of a datagram of ours, at least Ethernet's 1500 */
    uint16_t GetMtu() const;

    /**
     * Hears what a device does.
     * @param device the device
     * @param station whose it is
     * @param worker the worker at either end; GROUP if several share the wire
     */
    void Watch(const Ptr<NetDevice>& device, StationId station, StationId worker);

  private:
    /** A device and what is known of it. */
    struct Port
    {
        Ptr<NetDevice> device;
        StationId station;
        StationId worker; ///< GROUP if several share the wire
    };

    void NoteTaken(std::size_t number, Ptr<const Packet> frame);
    void NoteBegin(std::size_t number, Ptr<const Packet> frame);
    void NoteEnd(std::size_t number, Ptr<const Packet> frame);
    void NoteArrival(std::size_t number, Ptr<const Packet> frame);
    void NoteLost(std::size_t number, Ptr<const Packet> frame);
    StationId LinkOf(const Port& receiver, const Ptr<const Packet>& frame) const;
    bool DoLoseFrames() override;

    DataRate m_rate;
    Time m_delay;
    std::vector<Port> m_ports;
};

} // namespace wfl
} // namespace ns3

#endif // WFL_WIRED_CHANNEL_H
