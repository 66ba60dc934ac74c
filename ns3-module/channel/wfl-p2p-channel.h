/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef WFL_P2P_CHANNEL_H
#define WFL_P2P_CHANNEL_H

#include "ns3/wfl-wired-channel.h"

namespace ns3
{
namespace wfl
{

/**
 * A star of ns-3's point-to-point links: every worker has a full-duplex wire of its own to the
 * server. Nothing reaches several workers at once: what is for all goes down each wire, and counts
 * each time.
 */
class P2pStarChannel : public WiredChannel
{
  public:
    /** @return the TypeId */
    static TypeId GetTypeId();

    bool EnablePcap(const std::string& prefix) override;

    bool IsShared() const override;

  private:
    Devices DoInstallDevices() override;
    AddressPlan DoAssignAddresses() override;
};

} // namespace wfl
} // namespace ns3

#endif // WFL_P2P_CHANNEL_H
