/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef WFL_IDEAL_CHANNEL_H
#define WFL_IDEAL_CHANNEL_H

#include "ns3/data-rate.h"
#include "ns3/wfl-link-channel.h"

namespace ns3
{
namespace wfl
{

/** A fixed rate and nothing lost: a datagram of L bits takes L / rate, then the delay. */
class IdealChannel : public LinkChannel
{
  public:
    /** @return the TypeId */
    static TypeId GetTypeId();

    bool IsLossless() const override;

  private:
    void DoInstall() override;
    LinkFate DoFate(const LinkDatagram& datagram) override;

    DataRate m_uplinkRate;
    DataRate m_downlinkRate;
    Time m_delay;
};

} // namespace wfl
} // namespace ns3

#endif // WFL_IDEAL_CHANNEL_H
