/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/wfl-bandwidth-channel.h"

#include "ns3/fl-error.h"
#include "ns3/fl-parameters.h"
#include "ns3/string.h"
#include "ns3/wfl-distribution.h"
#include "ns3/wfl-registry.h"
#include "ns3/wfl-trace-file.h"

#include <algorithm>

namespace ns3
{
namespace wfl
{

WFL_REGISTER_CHANNEL(BandwidthChannel, "link");

namespace
{

const char* const TRACE_HEADER = "time_s,worker,direction,rate_bps,delay_s,loss";

} // namespace

TypeId
BandwidthChannel::GetTypeId()
{
    static TypeId tid =
        TypeId("ns3::wfl::BandwidthChannel")
            .SetParent<LinkChannel>()
            .SetGroupName("Wfl")
            .AddConstructor<BandwidthChannel>()
            .AddAttribute("UplinkRate",
                          "Bit/s from a worker to the server: " + Distribution::Forms() + ".",
                          StringValue("20e6"),
                          MakeStringAccessor(&BandwidthChannel::m_uplinkRate),
                          MakeStringChecker())
            .AddAttribute("DownlinkRate",
                          "Bit/s from the server to a worker; forms as for UplinkRate.",
                          StringValue("20e6"),
                          MakeStringAccessor(&BandwidthChannel::m_downlinkRate),
                          MakeStringChecker())
            .AddAttribute("Delay",
                          "Seconds from the end of a transmission to the arrival; forms as for "
                          "UplinkRate.",
                          StringValue("0.001"),
                          MakeStringAccessor(&BandwidthChannel::m_delay),
                          MakeStringChecker())
            .AddAttribute("Loss",
                          "Probability that a datagram is lost; forms as for UplinkRate.",
                          StringValue("0"),
                          MakeStringAccessor(&BandwidthChannel::m_loss),
                          MakeStringChecker())
            .AddAttribute("Trace",
                          "CSV file time_s,worker,direction,rate_bps,delay_s,loss that replaces "
                          "the attributes above; empty for none.",
                          StringValue(""),
                          MakeStringAccessor(&BandwidthChannel::m_trace),
                          MakeStringChecker());
    return tid;
}

bool
BandwidthChannel::IsLossless() const
{
    for (const auto& [key, changes] : m_links)
    {
        if (std::any_of(changes.begin(),
                        changes.end(),
                        [](const Change& change) { return change.link.loss > 0; }))
        {
            return false;
        }
    }
    return true;
}

void
BandwidthChannel::DoInstall()
{
    if (m_trace.empty())
    {
        DrawLinks();
    }
    else
    {
        ReadTrace();
    }
    for (const auto& [key, changes] : m_links)
    {
        m_draws.emplace(key,
                        fl::Random(GetRunSeed(),
                                   fl::Purpose::LINK,
                                   key.first,
                                   static_cast<uint32_t>(key.second),
                                   1));
    }
}

void
BandwidthChannel::Check(const Link& link, const std::string& where) const
{
    // What is beyond makes runs of a few rounds outlast ns3::Time, or hardly end at all.
    constexpr double slowestBps = 1;
    constexpr double longestS = 1e6;
    if (!(link.rateBps >= slowestBps))
    {
        throw fl::UserError(where + ": rate " + fl::ShortText(link.rateBps) +
                            " bit/s must be at least " + fl::ShortText(slowestBps));
    }
    if (!(link.delayS >= 0 && link.delayS <= longestS))
    {
        throw fl::UserError(where + ": delay " + fl::ShortText(link.delayS) +
                            " s must be from 0 to " + fl::ShortText(longestS));
    }
    if (link.loss < 0 || link.loss > 1)
    {
        throw fl::UserError(where + ": loss " + std::to_string(link.loss) + " must be from 0 to 1");
    }
}

void
BandwidthChannel::DrawLinks()
{
    const std::string where = "--channel=link, ";
    const Distribution up(m_uplinkRate, where + "UplinkRate");
    const Distribution down(m_downlinkRate, where + "DownlinkRate");
    const Distribution delay(m_delay, where + "Delay");
    const Distribution loss(m_loss, where + "Loss");
    for (StationId worker = 0; worker < Workers(); ++worker)
    {
        for (const auto direction : {Direction::UP, Direction::DOWN})
        {
            fl::Random random(GetRunSeed(),
                              fl::Purpose::LINK,
                              worker,
                              static_cast<uint32_t>(direction));
            const double rate = (direction == Direction::UP ? up : down).Draw(random);
            const Link link{rate, delay.Draw(random), loss.Draw(random)};
            Check(link, where + "worker " + std::to_string(worker));
            m_links[{worker, direction}] = {{0, link}};
        }
    }
}

void
BandwidthChannel::ReadTrace()
{
    TraceFile file(m_trace, TRACE_HEADER, "--channel=link, Trace");
    while (file.Next())
    {
        const auto worker = file.Whole(1);
        const auto& direction = file.Text(2);
        if (direction != "up" && direction != "down")
        {
            file.Refuse("direction \"" + direction + "\" is neither up nor down");
        }
        if (worker >= Workers())
        {
            file.Refuse("worker " + std::to_string(worker) + " does not exist, there are " +
                        std::to_string(Workers()));
        }
        const Change change{file.Real(0), {file.Real(3), file.Real(4), file.Real(5)}};
        Check(change.link, file.Where());
        auto& changes = m_links[{worker, direction == "up" ? Direction::UP : Direction::DOWN}];
        if (!changes.empty() && changes.back().fromS >= change.fromS)
        {
            file.Refuse("time " + file.Text(0) + " does not ascend");
        }
        changes.push_back(change);
    }
    for (StationId worker = 0; worker < Workers(); ++worker)
    {
        for (const auto direction : {Direction::UP, Direction::DOWN})
        {
            const auto found = m_links.find({worker, direction});
            if (found == m_links.end() || found->second.front().fromS > 0)
            {
                throw fl::UserError("--channel=link, Trace: " + m_trace + " has no row of worker " +
                                    std::to_string(worker) +
                                    (direction == Direction::UP ? ", up," : ", down,") +
                                    " at time 0");
            }
        }
    }
}

LinkFate
BandwidthChannel::DoFate(const LinkDatagram& datagram)
{
    const auto& changes = m_links.at({datagram.worker, datagram.direction});
    const auto next =
        std::upper_bound(changes.begin() + 1,
                         changes.end(),
                         datagram.start.GetSeconds(),
                         [](double time, const Change& change) { return time < change.fromS; });
    const auto& link = std::prev(next)->link;
    auto& draws = m_draws.at({datagram.worker, datagram.direction});
    return {Seconds(datagram.bytes * 8 / link.rateBps),
            Seconds(link.delayS),
            link.loss > 0 && draws.Uniform() < link.loss};
}

} // namespace wfl
} // namespace ns3
