/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef WFL_CSMA_BUS_H
#define WFL_CSMA_BUS_H

#include "ns3/data-rate.h"
#include "ns3/net-device-container.h"
#include "ns3/node-container.h"
#include "ns3/nstime.h"

#include <cstdint>

namespace ns3
{
namespace wfl
{

/**
 * Puts a bus of ns-3's Ethernet between nodes, set so that it loses nothing: queues hold
 * everything, a station tries again for ever, and the slot of the backoff is as long as a
 * transmission takes to be heard everywhere.
 * @param nodes the nodes
 * @param rate of the bus
 * @param delay from one end to the other
 * @param firstStream the first of the random streams of the stations, one each
 * @return a device a node
 */
NetDeviceContainer
InstallCsmaBus(const NodeContainer& nodes, DataRate rate, Time delay, int64_t firstStream);

} // namespace wfl
} // namespace ns3

#endif // WFL_CSMA_BUS_H
