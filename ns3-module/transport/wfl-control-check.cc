/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/wfl-control-check.h"

#include <array>
#include <boost/crc.hpp>
#include <boost/endian/conversion.hpp>
#include <vector>

namespace ns3
{
namespace wfl
{

namespace
{

using Check = std::array<uint8_t, CONTROL_CHECK_BYTES>;

/** @return the bytes of a packet */
std::vector<uint8_t>
BytesOf(const Ptr<const Packet>& packet)
{
    std::vector<uint8_t> bytes(packet->GetSize());
    packet->CopyData(bytes.data(), packet->GetSize());
    return bytes;
}

Check
CheckOf(const Ptr<const Packet>& packet)
{
    const auto bytes = BytesOf(packet);
    boost::crc_32_type crc;
    crc.process_bytes(bytes.data(), bytes.size());
    Check check;
    boost::endian::store_little_u32(check.data(), crc.checksum());
    return check;
}

} // namespace

void
AddControlCheck(const Ptr<Packet>& datagram)
{
    const auto check = CheckOf(datagram);
    datagram->AddAtEnd(Create<Packet>(check.data(), CONTROL_CHECK_BYTES));
}

bool
RemoveControlCheck(const Ptr<Packet>& datagram)
{
    if (datagram->GetSize() < CONTROL_CHECK_BYTES)
    {
        return false;
    }
    const uint32_t length = datagram->GetSize() - CONTROL_CHECK_BYTES;
    const auto found = BytesOf(datagram->CreateFragment(length, CONTROL_CHECK_BYTES));
    datagram->RemoveAtEnd(CONTROL_CHECK_BYTES);
    const auto right = CheckOf(datagram);
    return std::equal(right.begin(), right.end(), found.begin());
}

} // namespace wfl
} // namespace ns3
