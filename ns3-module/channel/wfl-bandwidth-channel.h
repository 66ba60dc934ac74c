/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef WFL_BANDWIDTH_CHANNEL_H
#define WFL_BANDWIDTH_CHANNEL_H

#include "ns3/wfl-link-channel.h"

#include <map>
#include <string>
#include <utility>
#include <vector>

namespace ns3
{
namespace wfl
{

/**
 * Bandwidth, delay and loss of each worker: constants, draws from distributions (once a worker and
 * direction), or a trace.
 *
 * A trace is a CSV file with the header `time_s,worker,direction,rate_bps,delay_s,loss`; a row
 * holds from its time until the worker's next row of that direction (`up` or `down`). Times start
 * with the simulation and ascend for each worker and direction.
 */
class BandwidthChannel : public LinkChannel
{
  public:
    /** @return the TypeId */
    static TypeId GetTypeId();

    bool IsLossless() const override;

  private:
    /** What a link is like. */
    struct Link
    {
        double rateBps;
        double delayS;
        double loss; ///< probability that a datagram is lost
    };

    /** What a link is like from some time on. */
    struct Change
    {
        double fromS;
        Link link;
    };

    void DoInstall() override;
    LinkFate DoFate(const LinkDatagram& datagram) override;
    void DrawLinks();
    void ReadTrace();
    void Check(const Link& link, const std::string& where) const;

    std::string m_uplinkRate;
    std::string m_downlinkRate;
    std::string m_delay;
    std::string m_loss;
    std::string m_trace;
    std::map<std::pair<StationId, Direction>, std::vector<Change>> m_links;
    std::map<std::pair<StationId, Direction>, fl::Random> m_draws;
};

} // namespace wfl
} // namespace ns3

#endif // WFL_BANDWIDTH_CHANNEL_H
