/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef WFL_CSMA_CHANNEL_H
#define WFL_CSMA_CHANNEL_H

#include "ns3/wfl-wired-channel.h"

namespace ns3
{
namespace wfl
{

/**
 * One wire for all, ns-3's CSMA: Ethernet frames, one at a time; who finds the wire in use tries
 * again after a random time, as often as it takes. There are no collisions: ns-3 lets a station
 * see a transmission at once, and holds everybody back until it has passed the wire.
 */
class CsmaWireChannel : public WiredChannel
{
  public:
    /** @return the TypeId */
    static TypeId GetTypeId();

    bool EnablePcap(const std::string& prefix) override;

    void WhenReady(ReadyCallback ready) override;

  private:
    Devices DoInstallDevices() override;
};

} // namespace wfl
} // namespace ns3

#endif // WFL_CSMA_CHANNEL_H
