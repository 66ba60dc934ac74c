/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef WFL_TDMA_CHANNEL_H
#define WFL_TDMA_CHANNEL_H

#include "ns3/wfl-link-channel.h"
#include "ns3/wfl-radio-links.h"

#include <vector>

namespace ns3
{
namespace wfl
{

/**
 * One transmission at a time, up and down, over the whole bandwidth of RadioLinks: a datagram of L
 * bits takes L / (B log2(1 + g / gap)), then the guard time.
 *
 * A transmission sees the path loss of the places where it begins and the fading of the blocks that
 * it touches. At an adaptive rate it goes on at another rate when a block ends. A fixed rate r is
 * sent at blindly: an attempt fails if log2(1 + g / gap) < r in the block in which it begins; an
 * attempt after the first sees fading of its own (a branch), as if it were made on another
 * frequency, so that attempts are independent. Acknowledgements cost nothing.
 *
 * A group is sent at the rate of the worst of its workers at each moment, and again while one of
 * them needs it.
 */
class TdmaChannel : public LinkChannel, public RadioLinks
{
  public:
    /** @return the TypeId */
    static TypeId GetTypeId();

    void WhenReady(ReadyCallback ready) override;
    double SnrDb(StationId worker) const override;
    double FadedSnrDb(StationId worker) const override;

  protected:
    void DoDispose() override;

  private:
    void DoInstall() override;
    LinkFate DoFate(const LinkDatagram& datagram) override;
    std::vector<LinkFate> DoGroupFate(const std::vector<LinkDatagram>& links) override;
    LinkFate AdaptiveFate(const std::vector<LinkDatagram>& links) const;
    LinkFate FixedFate(const LinkDatagram& datagram) const;

    Time m_guardTime;
    Time m_maxAirtime;
};

} // namespace wfl
} // namespace ns3

#endif // WFL_TDMA_CHANNEL_H
