/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef WFL_CONTROL_CHECK_H
#define WFL_CONTROL_CHECK_H

#include "ns3/packet.h"

#include <cstdint>

namespace ns3
{
namespace wfl
{

/**
 * What makes sure that a wrong bit is never taken for a decision: where datagrams may arrive
 * altered, those that control the round end with the CRC-32 (ISO 3309) of all their bytes.
 */
constexpr uint32_t CONTROL_CHECK_BYTES = 4;

/** @param datagram gets its check at the end */
void AddControlCheck(const Ptr<Packet>& datagram);

/**
 * @param datagram loses its check
 * @return whether it was right
 */
bool RemoveControlCheck(const Ptr<Packet>& datagram);

} // namespace wfl
} // namespace ns3

#endif // WFL_CONTROL_CHECK_H
