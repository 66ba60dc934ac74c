/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef WFL_BIT_FLIP_LOSS_H
#define WFL_BIT_FLIP_LOSS_H

#include "ns3/wfl-loss-model.h"

namespace ns3
{
namespace wfl
{

/**
 * The binary symmetric channel: every bit of a datagram, of its header, too, is inverted with the
 * same probability, independently of all others. The cost grows with the inverted bits, not with
 * the length.
 */
class BitFlipLoss : public LossModel
{
  public:
    /** @return the TypeId */
    static TypeId GetTypeId();

    /** @return whether any bit is inverted, which every check finds */
    bool IsLost(uint32_t bytes) override;

    Ptr<Packet> Pass(Ptr<Packet> datagram) override;
    bool AltersDatagrams() const override;

  private:
    uint64_t Distance(uint64_t longest);

    double m_bitErrorRate; ///< probability
};

} // namespace wfl
} // namespace ns3

#endif // WFL_BIT_FLIP_LOSS_H
