/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef WFL_ADDRESSING_H
#define WFL_ADDRESSING_H

#include "ns3/address.h"
#include "ns3/net-device-container.h"
#include "ns3/wfl-channel-model.h"

#include <cstdint>
#include <map>

namespace ns3
{
namespace wfl
{

/** The devices of a channel. */
struct ChannelDevices
{
    NetDeviceContainer workers; ///< by worker
    NetDeviceContainer server;  ///< one for all workers, or one for each of them
};

/** Where stations are reached: IPv4 or IPv6 addresses. */
struct AddressPlan
{
    std::map<StationId, Address> stations; ///< one a station
    Address group;                         ///< all workers at once; invalid where there is no such
};

/**
 * Installs internet stacks and puts all stations into one IPv4 network, whose broadcast address
 * reaches the group.
 * @param devices all of them on one medium
 * @return who is where
 */
AddressPlan AssignSubnet(const ChannelDevices& devices);

/**
 * Installs internet stacks and gives every station one IPv4 address, the server the same one on all
 * its devices: unnumbered links (RFC 1812, 2.2.7) with a route for each of them.
 * @param devices a point-to-point link for each worker
 * @return who is where, without a group
 */
AddressPlan AssignStar(const ChannelDevices& devices);

/**
 * Installs internet stacks and uses the link-local IPv6 addresses that follow from the hardware
 * addresses; ff02::1 reaches the group. Nobody checks for duplicates or asks for routers, whose
 * datagrams would stand in the way of ours.
 * @param devices all of them on one medium
 * @return who is where
 */
AddressPlan AssignLinkLocal(const ChannelDevices& devices);

/**
 * Makes worker and server know each other's hardware addresses for good, so that no datagram waits
 * for address resolution, which holds three of them.
 * @param devices all of them on one medium
 */
void FillNeighborCaches(const ChannelDevices& devices);

/**
 * @param host an IPv4 or IPv6 address
 * @param port a port
 * @return the socket address of that family
 */
Address MakeSocketAddress(const Address& host, uint16_t port);

/**
 * @param socketAddress a socket address
 * @return its IPv4 or IPv6 address
 */
Address HostOf(const Address& socketAddress);

/** @return the wildcard address of the family of an address */
Address AnyHost(const Address& host);

} // namespace wfl
} // namespace ns3

#endif // WFL_ADDRESSING_H
