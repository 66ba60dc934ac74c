/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef WFL_NET_DEVICE_CHANNEL_H
#define WFL_NET_DEVICE_CHANNEL_H

#include "ns3/ipv4.h"
#include "ns3/ipv6.h"
#include "ns3/queue-size.h"
#include "ns3/socket.h"
#include "ns3/wfl-addressing.h"
#include "ns3/wfl-channel-model.h"

#include <map>
#include <string>
#include <vector>

namespace ns3
{
namespace wfl
{

/**
 * Base of channels that are ns-3 devices: datagrams are UDP datagrams on internet stacks of either
 * address family, and TCP is possible. A subclass builds the devices and says when they can be
 * used; this class does sockets, and removes the queue discs and short queues in which ns-3's
 * defaults lose most of a burst without a word.
 */
class NetDeviceChannel : public ChannelModel
{
  public:
    /** @return the TypeId */
    static TypeId GetTypeId();

    uint32_t MaxDatagramBytes(Direction direction) const override;
    bool HasGroupDelivery() const override;
    bool HasSockets() const override;
    Address GetSocketAddress(StationId station, uint16_t port) const override;
    StationId StationOf(const Address& address) const override;

    /**
     * Writes what the devices send and receive to files PREFIX-NODE-DEVICE.pcap.
     * @param prefix beginning of the files' names, a folder included
     * @return whether the subclass can do so; the default cannot
     */
    virtual bool EnablePcap(const std::string& prefix);

    /** @return the size of a queue that drops nothing */
    static QueueSize UnlimitedQueue();

  protected:
    void DoDispose() override;

    /** What a subclass has built. */
    using Devices = ChannelDevices;

    void DoSend(StationId from, StationId to, Ptr<Packet> packet) override;
    void DoSendToGroup(const std::vector<StationId>& receivers, Ptr<Packet> packet) override;

    /** @return the workers' nodes */
    NodeContainer WorkerNodes() const;

    /** @return the devices */
    const Devices& GetDevices() const;

    /**
     * @param from a worker or SERVER
     * @param to SERVER, a worker or GROUP
     * @return the device with which one sends to the other
     */
    Ptr<NetDevice> DeviceOf(StationId from, StationId to) const;

    /**
     * @param address the address of a worker's device
     * @return the worker; SERVER if it is nobody's
     */
    StationId WorkerOf(const Address& address) const;

  private:
    void DoInstall() override;

    /** Builds devices on the nodes, which have no internet stack yet. */
    virtual Devices DoInstallDevices() = 0;

    /** Installs internet stacks; the default makes one IPv4 network of all stations. */
    virtual AddressPlan DoAssignAddresses();

    /**
     * Tells the trace source Frame from now on what passes between a station and its device; the
     * default tells of IP packets.
     * @param station a worker or SERVER
     */
    virtual void TraceFrames(StationId station);

    void NoteIpv4Frame(StationId station, Ptr<const Packet> packet, Ptr<Ipv4>, uint32_t interface);
    void NoteIpv6Frame(StationId station, Ptr<const Packet> packet, Ptr<Ipv6>, uint32_t interface);

    /** A datagram has arrived, before any loss model; does nothing by default. */
    virtual void NoteArrival(StationId from, StationId to, const Ptr<const Packet>& packet);

    void SendTo(StationId from, const Address& to, StationId worker, Ptr<Packet> packet);
    void Receive(Ptr<Socket> socket);

    uint32_t m_maxDatagramBytes;
    uint16_t m_port;
    Devices m_devices;
    AddressPlan m_addresses;
    std::map<Address, StationId> m_stations;     ///< by IP address
    std::map<Address, StationId> m_deviceOwners; ///< workers by device address
    std::map<StationId, Ptr<Socket>> m_sockets;
    std::map<Ptr<Socket>, StationId> m_socketOwners;
};

} // namespace wfl
} // namespace ns3

#endif // WFL_NET_DEVICE_CHANNEL_H
