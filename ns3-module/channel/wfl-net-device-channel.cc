/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/wfl-net-device-channel.h"

#include "ns3/assert.h"
#include "ns3/ipv4-l3-protocol.h"
#include "ns3/ipv6-l3-protocol.h"
#include "ns3/node.h"
#include "ns3/udp-socket-factory.h"
#include "ns3/uinteger.h"

namespace ns3
{
namespace wfl
{

NS_OBJECT_ENSURE_REGISTERED(NetDeviceChannel);

namespace
{

constexpr uint32_t SOCKET_BUFFER_BYTES = 1u << 30; ///< so that a socket never drops

} // namespace

TypeId
NetDeviceChannel::GetTypeId()
{
    static TypeId tid =
        TypeId("ns3::wfl::NetDeviceChannel")
            .SetParent<ChannelModel>()
            .SetGroupName("Wfl")
            .AddAttribute("MaxDatagramBytes",
                          "Longest datagram in bytes; the default fills an Ethernet frame.",
                          UintegerValue(1472),
                          MakeUintegerAccessor(&NetDeviceChannel::m_maxDatagramBytes),
                          MakeUintegerChecker<uint32_t>(64, 2268))
            .AddAttribute("Port",
                          "UDP port of server and workers.",
                          UintegerValue(7071),
                          MakeUintegerAccessor(&NetDeviceChannel::m_port),
                          MakeUintegerChecker<uint16_t>(1));
    return tid;
}

void
NetDeviceChannel::DoDispose()
{
    m_devices = Devices();
    m_sockets.clear();
    m_socketOwners.clear();
    ChannelModel::DoDispose();
}

void
NetDeviceChannel::DoInstall()
{
    m_devices = DoInstallDevices();
    m_addresses = DoAssignAddresses();
    for (StationId worker = 0; worker < Workers(); ++worker)
    {
        m_deviceOwners[m_devices.workers.Get(worker)->GetAddress()] = worker;
    }
    for (const auto& [station, address] : m_addresses.stations)
    {
        m_stations[address] = station;
        auto socket = Socket::CreateSocket(GetNode(station), UdpSocketFactory::GetTypeId());
        socket->SetAttribute("RcvBufSize", UintegerValue(SOCKET_BUFFER_BYTES));
        socket->SetAllowBroadcast(true);
        socket->Bind(MakeSocketAddress(AnyHost(address), m_port));
        if (Ipv6Address::IsMatchingType(address))
        {
            // A link-local address says nothing of the link.
            socket->BindToNetDevice(DeviceOf(station, GROUP));
        }
        socket->SetRecvCallback(MakeCallback(&NetDeviceChannel::Receive, this));
        m_sockets[station] = socket;
        m_socketOwners[socket] = station;
        TraceFrames(station);
    }
}

void
NetDeviceChannel::TraceFrames(StationId station)
{
    const auto ipv4 = GetNode(station)->GetObject<Ipv4L3Protocol>();
    const auto ipv6 = GetNode(station)->GetObject<Ipv6L3Protocol>();
    for (const std::string source : {"Tx", "Rx"})
    {
        if (ipv4)
        {
            ipv4->TraceConnectWithoutContext(
                source,
                MakeCallback(&NetDeviceChannel::NoteIpv4Frame, this, station));
        }
        if (ipv6)
        {
            ipv6->TraceConnectWithoutContext(
                source,
                MakeCallback(&NetDeviceChannel::NoteIpv6Frame, this, station));
        }
    }
}

void
NetDeviceChannel::NoteIpv4Frame(StationId station,
                                Ptr<const Packet> /* packet */,
                                Ptr<Ipv4> /* ip */,
                                uint32_t /* interface */)
{
    m_frameTrace(station);
}

void
NetDeviceChannel::NoteIpv6Frame(StationId station,
                                Ptr<const Packet> /* packet */,
                                Ptr<Ipv6> /* ip */,
                                uint32_t /* interface */)
{
    m_frameTrace(station);
}

AddressPlan
NetDeviceChannel::DoAssignAddresses()
{
    return AssignSubnet(m_devices);
}

bool
NetDeviceChannel::EnablePcap(const std::string& /* prefix */)
{
    return false;
}

NodeContainer
NetDeviceChannel::WorkerNodes() const
{
    NodeContainer nodes;
    for (StationId worker = 0; worker < Workers(); ++worker)
    {
        nodes.Add(GetNode(worker));
    }
    return nodes;
}

QueueSize
NetDeviceChannel::UnlimitedQueue()
{
    return {QueueSizeUnit::PACKETS, UINT32_MAX};
}

const NetDeviceChannel::Devices&
NetDeviceChannel::GetDevices() const
{
    return m_devices;
}

Ptr<NetDevice>
NetDeviceChannel::DeviceOf(StationId from, StationId to) const
{
    if (from != SERVER)
    {
        return m_devices.workers.Get(from);
    }
    return m_devices.server.Get(m_devices.server.GetN() == 1 ? 0 : to);
}

StationId
NetDeviceChannel::WorkerOf(const Address& address) const
{
    const auto found = m_deviceOwners.find(address);
    return found == m_deviceOwners.end() ? SERVER : found->second;
}

void
NetDeviceChannel::DoSend(StationId from, StationId to, Ptr<Packet> packet)
{
    SendTo(from, m_addresses.stations.at(to), from == SERVER ? to : from, packet);
}

void
NetDeviceChannel::DoSendToGroup(const std::vector<StationId>& /* receivers */, Ptr<Packet> packet)
{
    SendTo(SERVER, m_addresses.group, GROUP, packet);
}

void
NetDeviceChannel::SendTo(StationId from, const Address& to, StationId worker, Ptr<Packet> packet)
{
    const int sent = m_sockets.at(from)->SendTo(packet, 0, MakeSocketAddress(to, m_port));
    if (sent < 0)
    {
        m_lossTrace(from == SERVER ? Direction::DOWN : Direction::UP, worker, "send-failed");
    }
}

void
NetDeviceChannel::Receive(Ptr<Socket> socket)
{
    const auto to = m_socketOwners.at(socket);
    Address address;
    while (auto packet = socket->RecvFrom(address))
    {
        const auto station = m_stations.find(HostOf(address));
        if (station != m_stations.end())
        {
            NoteArrival(station->second, to, packet);
            Deliver(station->second, to, packet);
        }
    }
}

void
NetDeviceChannel::NoteArrival(StationId /* from */,
                              StationId /* to */,
                              const Ptr<const Packet>& /* packet */)
{
}

uint32_t
NetDeviceChannel::MaxDatagramBytes(Direction /* direction */) const
{
    return m_maxDatagramBytes;
}

bool
NetDeviceChannel::HasGroupDelivery() const
{
    return !m_addresses.group.IsInvalid();
}

bool
NetDeviceChannel::HasSockets() const
{
    return true;
}

Address
NetDeviceChannel::GetSocketAddress(StationId station, uint16_t port) const
{
    return MakeSocketAddress(m_addresses.stations.at(station), port);
}

StationId
NetDeviceChannel::StationOf(const Address& address) const
{
    return m_stations.at(HostOf(address));
}

} // namespace wfl
} // namespace ns3
