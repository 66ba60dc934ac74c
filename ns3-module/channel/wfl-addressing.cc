/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/wfl-addressing.h"

#include "ns3/arp-cache.h"
#include "ns3/assert.h"
#include "ns3/boolean.h"
#include "ns3/icmpv6-l4-protocol.h"
#include "ns3/inet-socket-address.h"
#include "ns3/inet6-socket-address.h"
#include "ns3/internet-stack-helper.h"
#include "ns3/ipv4-address-helper.h"
#include "ns3/ipv4-interface.h"
#include "ns3/ipv4-l3-protocol.h"
#include "ns3/ipv4-static-routing-helper.h"
#include "ns3/ipv6-interface.h"
#include "ns3/ipv6-l3-protocol.h"
#include "ns3/ndisc-cache.h"
#include "ns3/node.h"
#include "ns3/traffic-control-helper.h"

namespace ns3
{
namespace wfl
{

namespace
{

/** Every station has a number below 65534: 10.0.0.0/15 has room for all. */
const char* const NETWORK = "10.0.0.0";
const Ipv4Mask NETWORK_MASK("255.254.0.0");

/** Installs stacks of one address family on the nodes of the devices. */
void
InstallStacks(const ChannelDevices& devices, bool ipv6)
{
    InternetStackHelper internet;
    internet.SetIpv4StackInstall(!ipv6);
    internet.SetIpv6StackInstall(ipv6);
    for (auto device = devices.workers.Begin(); device != devices.workers.End(); ++device)
    {
        internet.Install((*device)->GetNode());
    }
    internet.Install(devices.server.Get(0)->GetNode());
}

/** @return the interface of a device, null if its node does not speak IPv4 */
Ptr<Ipv4Interface>
Ipv4InterfaceOf(const Ptr<NetDevice>& device)
{
    auto ip = device->GetNode()->GetObject<Ipv4L3Protocol>();
    return ip ? ip->GetInterface(static_cast<uint32_t>(ip->GetInterfaceForDevice(device)))
              : nullptr;
}

/** @return the interface of a device, null if its node does not speak IPv6 */
Ptr<Ipv6Interface>
Ipv6InterfaceOf(const Ptr<NetDevice>& device)
{
    auto ip = device->GetNode()->GetObject<Ipv6L3Protocol>();
    return ip ? ip->GetInterface(static_cast<uint32_t>(ip->GetInterfaceForDevice(device)))
              : nullptr;
}

/** Makes a cache know for good that an address belongs to a device. */
template <typename Cache, typename Ip>
void
Introduce(const Ptr<Cache>& cache, const Ip& address, const Ptr<NetDevice>& who)
{
    auto* entry = cache->Lookup(address);
    if (!entry)
    {
        entry = cache->Add(address);
    }
    entry->SetMacAddress(who->GetAddress());
    entry->MarkPermanent();
}

/** Makes one device know the hardware address of another one. */
void
Introduce(const Ptr<NetDevice>& to, const Ptr<NetDevice>& who)
{
    if (const auto interface = Ipv4InterfaceOf(to))
    {
        Introduce(interface->GetArpCache(), Ipv4InterfaceOf(who)->GetAddress(0).GetLocal(), who);
    }
    if (const auto interface = Ipv6InterfaceOf(to))
    {
        Introduce(interface->GetNdiscCache(),
                  Ipv6InterfaceOf(who)->GetLinkLocalAddress().GetAddress(),
                  who);
    }
}

/** Gives a device an address that says nothing of its neighbours, and a route to one of them. */
void
AddUnnumbered(const Ptr<NetDevice>& device, Ipv4Address own, Ipv4Address neighbour)
{
    auto ip = device->GetNode()->GetObject<Ipv4>();
    const auto interface = ip->AddInterface(device);
    ip->AddAddress(interface, Ipv4InterfaceAddress(own, Ipv4Mask::GetOnes()));
    ip->SetUp(interface);
    Ipv4StaticRoutingHelper().GetStaticRouting(ip)->AddHostRouteTo(neighbour, interface);
}

/** @return the link-local address of a device on a new interface that stays silent */
Ipv6Address
AddLinkLocal(const Ptr<NetDevice>& device)
{
    auto ip = device->GetNode()->GetObject<Ipv6L3Protocol>();
    ip->GetIcmpv6()->SetAttribute("DAD", BooleanValue(false));
    const auto interface = ip->AddInterface(device);
    // Routers do not look for routers.
    ip->SetForwarding(interface, true);
    ip->SetUp(interface);
    return ip->GetInterface(interface)->GetLinkLocalAddress().GetAddress();
}

} // namespace

AddressPlan
AssignSubnet(const ChannelDevices& devices)
{
    NS_ASSERT(devices.server.GetN() == 1);
    InstallStacks(devices, false);
    Ipv4AddressHelper addresses(NETWORK, NETWORK_MASK);
    const auto server = addresses.Assign(devices.server).GetAddress(0);
    const auto workers = addresses.Assign(devices.workers);
    TrafficControlHelper::Default().Uninstall(devices.server);
    TrafficControlHelper::Default().Uninstall(devices.workers);
    AddressPlan plan;
    plan.group = server.GetSubnetDirectedBroadcast(NETWORK_MASK);
    plan.stations[SERVER] = server;
    for (StationId worker = 0; worker < devices.workers.GetN(); ++worker)
    {
        plan.stations[worker] = workers.GetAddress(worker);
    }
    return plan;
}

AddressPlan
AssignStar(const ChannelDevices& devices)
{
    NS_ASSERT(devices.server.GetN() == devices.workers.GetN());
    InstallStacks(devices, false);
    Ipv4AddressHelper addresses(NETWORK, NETWORK_MASK);
    const auto server = addresses.NewAddress();
    AddressPlan plan;
    plan.stations[SERVER] = server;
    for (StationId worker = 0; worker < devices.workers.GetN(); ++worker)
    {
        const auto address = addresses.NewAddress();
        AddUnnumbered(devices.workers.Get(worker), address, server);
        AddUnnumbered(devices.server.Get(worker), server, address);
        plan.stations[worker] = address;
    }
    return plan;
}

AddressPlan
AssignLinkLocal(const ChannelDevices& devices)
{
    NS_ASSERT(devices.server.GetN() == 1);
    InstallStacks(devices, true);
    AddressPlan plan;
    plan.group = Ipv6Address::GetAllNodesMulticast();
    plan.stations[SERVER] = AddLinkLocal(devices.server.Get(0));
    for (StationId worker = 0; worker < devices.workers.GetN(); ++worker)
    {
        plan.stations[worker] = AddLinkLocal(devices.workers.Get(worker));
    }
    return plan;
}

void
FillNeighborCaches(const ChannelDevices& devices)
{
    const auto server = devices.server.Get(0);
    for (auto device = devices.workers.Begin(); device != devices.workers.End(); ++device)
    {
        Introduce(*device, server);
        Introduce(server, *device);
    }
}

Address
MakeSocketAddress(const Address& host, uint16_t port)
{
    return Ipv4Address::IsMatchingType(host)
               ? Address(InetSocketAddress(Ipv4Address::ConvertFrom(host), port))
               : Address(Inet6SocketAddress(Ipv6Address::ConvertFrom(host), port));
}

Address
HostOf(const Address& socketAddress)
{
    return InetSocketAddress::IsMatchingType(socketAddress)
               ? Address(InetSocketAddress::ConvertFrom(socketAddress).GetIpv4())
               : Address(Inet6SocketAddress::ConvertFrom(socketAddress).GetIpv6());
}

Address
AnyHost(const Address& host)
{
    return Ipv4Address::IsMatchingType(host) ? Address(Ipv4Address::GetAny())
                                             : Address(Ipv6Address::GetAny());
}

} // namespace wfl
} // namespace ns3
