/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/wfl-tdma-channel.h"
#include "ns3/simulator.h"

#include "ns3/wfl-registry.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace ns3
{
namespace wfl
{

NS_OBJECT_ENSURE_REGISTERED(TdmaChannel);
static const TypeRegistration<TdmaChannel> g_tdma("channel", "tdma", {{"Medium", "Shared"}});

TypeId
TdmaChannel::GetTypeId()
{
    static TypeId tid =
        AddAttributes(TypeId("ns3::wfl::TdmaChannel")
                          .SetParent<LinkChannel>()
                          .SetGroupName("Wfl")
                          .AddConstructor<TdmaChannel>()
                          .AddAttribute("GuardTime",
                                        "Silence after each transmission.",
                                        TimeValue(Seconds(0)),
                                        MakeTimeAccessor(&TdmaChannel::m_guardTime),
                                        MakeTimeChecker(Seconds(0), Seconds(1000)))
                          .AddAttribute("MaxAirtime",
                                        "How long a datagram is tried at most.",
                                        TimeValue(Seconds(10)),
                                        MakeTimeAccessor(&TdmaChannel::m_maxAirtime),
                                        MakeTimeChecker(MicroSeconds(1), Seconds(1000))));
    return tid;
}

void
TdmaChannel::DoInstall()
{
    SetUp(*this, "tdma");
}

void
TdmaChannel::DoDispose()
{
    TearDown();
    LinkChannel::DoDispose();
}

void
TdmaChannel::WhenReady(ReadyCallback ready)
{
    constexpr double wholeBand = 1;
    ready(OutOfReach(wholeBand, MaxDatagramBytes(Direction::UP) * 8 / m_maxAirtime.GetSeconds()));
}

double
TdmaChannel::SnrDb(StationId worker) const
{
    return 10 * std::log10(MeanSnr(worker, Direction::UP));
}

double
TdmaChannel::FadedSnrDb(StationId worker) const
{
    return SnrDb(worker) + 10 * std::log10(FadingPower(worker, Simulator::Now()));
}

LinkFate
TdmaChannel::DoFate(const LinkDatagram& datagram)
{
    return DoGroupFate({datagram}).front();
}

std::vector<LinkFate>
TdmaChannel::DoGroupFate(const std::vector<LinkDatagram>& links)
{
    if (m_rateControl == ADAPTIVE)
    {
        return std::vector<LinkFate>(links.size(), AdaptiveFate(links));
    }
    std::vector<LinkFate> fates;
    for (const auto& link : links)
    {
        fates.push_back(FixedFate(link));
    }
    return fates;
}

LinkFate
TdmaChannel::AdaptiveFate(const std::vector<LinkDatagram>& links) const
{
    std::vector<double> means;
    for (const auto& link : links)
    {
        means.push_back(MeanSnr(link.worker, link.direction));
    }
    const Time start = links.front().start;
    const Time giveUp = start + m_maxAirtime;
    double bits = links.front().bytes * 8.0;
    for (Time now = start; now < giveUp;)
    {
        double worst = std::numeric_limits<double>::infinity();
        for (std::size_t i = 0; i < links.size(); ++i)
        {
            worst = std::min(worst, means[i] * FadingPower(links[i].worker, now));
        }
        const double rateBps = m_bandwidthHz * Efficiency(worst);
        const Time left = std::min(BlockEnd(now), giveUp) - now;
        if (bits <= rateBps * left.GetSeconds())
        {
            return {now + Seconds(bits / rateBps) - start, Time(), false, "", m_guardTime};
        }
        bits -= rateBps * left.GetSeconds();
        now += left;
    }
    return {m_maxAirtime, Time(), true, "outage", m_guardTime};
}

LinkFate
TdmaChannel::FixedFate(const LinkDatagram& datagram) const
{
    const Time attempt = Seconds(datagram.bytes * 8 / (m_bandwidthHz * m_spectralEfficiency));
    const double mean = MeanSnr(datagram.worker, datagram.direction);
    const auto fails = [&](uint32_t attempts)
    {
        const Time begin =
            datagram.start + (attempt + m_guardTime) * static_cast<int64_t>(attempts);
        return IsOutage(mean * FadingPower(datagram.worker, begin, attempts));
    };
    const uint32_t allowed = m_outage == RETRANSMISSION ? m_maxAttempts : 1;
    uint32_t attempts = 1;
    bool lost = fails(0);
    while (lost && attempts < allowed &&
           attempt * static_cast<int64_t>(attempts + 1) <= m_maxAirtime)
    {
        lost = fails(attempts++);
    }
    return {attempt,
            Time(),
            lost,
            m_outage == RETRANSMISSION ? "retry-limit" : "outage",
            m_guardTime,
            attempts};
}

} // namespace wfl
} // namespace ns3
