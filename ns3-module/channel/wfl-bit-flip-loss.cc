/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/wfl-bit-flip-loss.h"

#include "ns3/double.h"
#include "ns3/wfl-registry.h"

#include <cmath>
#include <vector>

namespace ns3
{
namespace wfl
{

WFL_REGISTER_LOSS(BitFlipLoss, "bit-flip");

TypeId
BitFlipLoss::GetTypeId()
{
    static TypeId tid = TypeId("ns3::wfl::BitFlipLoss")
                            .SetParent<LossModel>()
                            .SetGroupName("Wfl")
                            .AddConstructor<BitFlipLoss>()
                            .AddAttribute("BitErrorRate",
                                          "Probability that a bit is inverted.",
                                          DoubleValue(1e-5),
                                          MakeDoubleAccessor(&BitFlipLoss::m_bitErrorRate),
                                          MakeDoubleChecker<double>(0, 0.5));
    return tid;
}

bool
BitFlipLoss::AltersDatagrams() const
{
    return GetLevel() == DATAGRAM;
}

bool
BitFlipLoss::IsLost(uint32_t bytes)
{
    const uint64_t bits = uint64_t{8} * bytes;
    return Distance(bits) < bits;
}

Ptr<Packet>
BitFlipLoss::Pass(Ptr<Packet> datagram)
{
    const uint64_t bits = uint64_t{8} * datagram->GetSize();
    uint64_t bit = Distance(bits);
    if (bit >= bits)
    {
        return datagram;
    }
    std::vector<uint8_t> bytes(datagram->GetSize());
    datagram->CopyData(bytes.data(), static_cast<uint32_t>(bytes.size()));
    for (; bit < bits; bit += 1 + Distance(bits))
    {
        bytes[bit / 8] ^= static_cast<uint8_t>(1 << (bit % 8));
    }
    return Create<Packet>(bytes.data(), static_cast<uint32_t>(bytes.size()));
}

/** @return how many bits are right before the next inverted one, or as many as asked for */
uint64_t
BitFlipLoss::Distance(uint64_t longest)
{
    if (m_bitErrorRate == 0)
    {
        return longest;
    }
    // The geometric distribution is the whole part of an exponential one.
    const double distance = Draws().Exponential(1) / -std::log1p(-m_bitErrorRate);
    return distance < static_cast<double>(longest) ? static_cast<uint64_t>(distance) : longest;
}

} // namespace wfl
} // namespace ns3
