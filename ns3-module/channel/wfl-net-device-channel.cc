/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/wfl-net-device-channel.h"

#include "ns3/arp-cache.h"
#include "ns3/assert.h"
#include "ns3/fl-error.h"
#include "ns3/inet-socket-address.h"
#include "ns3/internet-stack-helper.h"
#include "ns3/ipv4-address-helper.h"
#include "ns3/ipv4-interface.h"
#include "ns3/ipv4-l3-protocol.h"
#include "ns3/node.h"
#include "ns3/traffic-control-helper.h"
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

/** @return the interface of a device */
Ptr<Ipv4Interface>
InterfaceOf(const Ptr<NetDevice>& device)
{
    auto ip = device->GetNode()->GetObject<Ipv4L3Protocol>();
    return ip->GetInterface(static_cast<uint32_t>(ip->GetInterfaceForDevice(device)));
}

/** Makes one device know the hardware address of another one for good. */
void
Introduce(const Ptr<NetDevice>& to, const Ptr<NetDevice>& who)
{
    auto cache = InterfaceOf(to)->GetArpCache();
    const auto address = InterfaceOf(who)->GetAddress(0).GetLocal();
    auto* entry = cache->Lookup(address);
    if (!entry)
    {
        entry = cache->Add(address);
    }
    entry->SetMacAddress(who->GetAddress());
    entry->MarkPermanent();
}

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
    InternetStackHelper internet;
    internet.SetIpv6StackInstall(false);
    for (StationId worker = 0; worker < Workers(); ++worker)
    {
        internet.Install(GetNode(worker));
    }
    internet.Install(GetNode(SERVER));
    // Room for every worker that has a number: 10.0.0.0/15.
    const Ipv4Mask mask("255.254.0.0");
    Ipv4AddressHelper addresses("10.0.0.0", mask);
    const auto serverInterface = addresses.Assign(m_devices.server);
    const auto interfaces = addresses.Assign(m_devices.workers);
    TrafficControlHelper::Default().Uninstall(m_devices.server);
    TrafficControlHelper::Default().Uninstall(m_devices.workers);
    m_addresses[SERVER] = serverInterface.GetAddress(0);
    for (StationId worker = 0; worker < Workers(); ++worker)
    {
        m_addresses[worker] = interfaces.GetAddress(worker);
        m_deviceOwners[m_devices.workers.Get(worker)->GetAddress()] = worker;
    }
    m_groupAddress = m_addresses[SERVER].GetSubnetDirectedBroadcast(mask);
    for (const auto& [station, address] : m_addresses)
    {
        m_stations[address] = station;
        auto socket = Socket::CreateSocket(GetNode(station), UdpSocketFactory::GetTypeId());
        socket->SetAttribute("RcvBufSize", UintegerValue(SOCKET_BUFFER_BYTES));
        socket->SetAllowBroadcast(true);
        socket->Bind(InetSocketAddress(Ipv4Address::GetAny(), m_port));
        socket->SetRecvCallback(MakeCallback(&NetDeviceChannel::Receive, this));
        m_sockets[station] = socket;
        m_socketOwners[socket] = station;
    }
}

void
NetDeviceChannel::FillNeighborCaches()
{
    for (auto device = m_devices.workers.Begin(); device != m_devices.workers.End(); ++device)
    {
        Introduce(*device, m_devices.server);
        Introduce(m_devices.server, *device);
    }
}

const NetDeviceChannel::Devices&
NetDeviceChannel::GetDevices() const
{
    return m_devices;
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
    SendTo(from, m_addresses.at(to), from == SERVER ? to : from, packet);
}

void
NetDeviceChannel::DoSendToGroup(const std::vector<StationId>& /* receivers */, Ptr<Packet> packet)
{
    SendTo(SERVER, m_groupAddress, GROUP, packet);
}

void
NetDeviceChannel::SendTo(StationId from, Ipv4Address to, StationId worker, Ptr<Packet> packet)
{
    const int sent = m_sockets.at(from)->SendTo(packet, 0, InetSocketAddress(to, m_port));
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
        const auto from = InetSocketAddress::ConvertFrom(address).GetIpv4();
        const auto station = m_stations.find(from);
        if (station != m_stations.end())
        {
            Deliver(station->second, to, packet);
        }
    }
}

uint32_t
NetDeviceChannel::MaxDatagramBytes(Direction /* direction */) const
{
    return m_maxDatagramBytes;
}

bool
NetDeviceChannel::HasGroupDelivery() const
{
    return true;
}

bool
NetDeviceChannel::HasSockets() const
{
    return true;
}

Address
NetDeviceChannel::GetSocketAddress(StationId station, uint16_t port) const
{
    return InetSocketAddress(m_addresses.at(station), port);
}

StationId
NetDeviceChannel::StationOf(const Address& address) const
{
    return m_stations.at(InetSocketAddress::ConvertFrom(address).GetIpv4());
}

} // namespace wfl
} // namespace ns3
