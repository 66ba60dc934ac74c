/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/wfl-ofdma-channel.h"

#include "ns3/enum.h"
#include "ns3/simulator.h"
#include "ns3/wfl-band-split.h"
#include "ns3/wfl-compat.h"
#include "ns3/wfl-registry.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace ns3
{
namespace wfl
{

WFL_REGISTER_CHANNEL(OfdmaChannel, "ofdma");

TypeId
OfdmaChannel::GetTypeId()
{
    static TypeId tid =
        AddAttributes(TypeId("ns3::wfl::OfdmaChannel")
                          .SetParent<FluidChannel>()
                          .SetGroupName("Wfl")
                          .AddConstructor<OfdmaChannel>()
                          .AddAttribute("Split",
                                        "Shares of the band: Equal, or MinMax, so that all that is "
                                        "queued ends at the same time.",
                                        EnumValue(EQUAL),
                                        MakeEnumAccessorCompat(&OfdmaChannel::m_split),
                                        MakeEnumChecker(EQUAL, "Equal", MIN_MAX, "MinMax")));
    return tid;
}

void
OfdmaChannel::DoInstall()
{
    SetUp(*this, "ofdma");
}

void
OfdmaChannel::DoDispose()
{
    TearDown();
    FluidChannel::DoDispose();
}

void
OfdmaChannel::WhenReady(ReadyCallback ready)
{
    ready(OutOfReach(1.0 / Workers(), SlowestRateBps()));
}

double
OfdmaChannel::SnrDb(StationId worker) const
{
    return 10 * std::log10(MeanSnr(worker, Direction::UP));
}

double
OfdmaChannel::FadedSnrDb(StationId worker) const
{
    return SnrDb(worker) + 10 * std::log10(FadingPower(worker, Simulator::Now()));
}

/** @return signal-to-noise ratio over the whole band, with fading */
double
OfdmaChannel::Snr(StationId worker, Direction direction, uint32_t attempt) const
{
    // The two bands and all attempts have fading of their own.
    const uint32_t branch = 2 * attempt + (direction == Direction::DOWN ? 1 : 0);
    return MeanSnr(worker, direction) * FadingPower(worker, StateTime(), branch);
}

std::vector<FluidChannel::Grant>
OfdmaChannel::DoRates(const std::vector<Sender>& senders)
{
    std::vector<double> snrs;
    for (const auto& sender : senders)
    {
        snrs.push_back(Snr(sender.worker, Direction::UP, 0));
    }
    const auto shares = Shares(senders, snrs);
    std::vector<Grant> grants;
    for (std::size_t i = 0; i < senders.size(); ++i)
    {
        const double efficiency =
            m_rateControl == ADAPTIVE ? Efficiency(snrs[i] / shares[i]) : m_spectralEfficiency;
        grants.push_back({shares[i] * m_bandwidthHz * efficiency, shares[i]});
    }
    return grants;
}

std::vector<double>
OfdmaChannel::Shares(const std::vector<Sender>& senders, const std::vector<double>& snrs) const
{
    std::vector<double> shares(senders.size(), 1.0 / static_cast<double>(senders.size()));
    if (m_split == EQUAL)
    {
        return shares;
    }
    // A datagram that ends at this moment has nothing left, and a fade may leave no power.
    constexpr double fewestBits = 1;
    constexpr double smallestSnr = 1e-12;
    std::vector<BandUser> users;
    double bits = 0;
    for (std::size_t i = 0; i < senders.size(); ++i)
    {
        users.push_back(
            {std::max(senders[i].bits, fewestBits), std::max(OverGap(snrs[i]), smallestSnr)});
        bits += users.back().bits;
    }
    if (m_rateControl == ADAPTIVE)
    {
        return MinMaxShares(users);
    }
    for (std::size_t i = 0; i < users.size(); ++i)
    {
        shares[i] = users[i].bits / bits;
    }
    return shares;
}

double
OfdmaChannel::DoDownlinkRate(const std::vector<StationId>& receivers)
{
    if (m_rateControl == FIXED)
    {
        return m_bandwidthHz * m_spectralEfficiency;
    }
    double worst = std::numeric_limits<double>::infinity();
    for (const StationId worker : receivers)
    {
        worst = std::min(worst, Snr(worker, Direction::DOWN, 0));
    }
    return m_bandwidthHz * Efficiency(worst);
}

Time
OfdmaChannel::DoNextChange() const
{
    return m_rateControl == ADAPTIVE ? BlockEnd(Simulator::Now()) : Time::Max();
}

FluidChannel::AttemptFate
OfdmaChannel::DoAttempt(const LinkDatagram& datagram, double share, uint32_t attempt)
{
    if (m_rateControl == ADAPTIVE ||
        !IsOutage(Snr(datagram.worker, datagram.direction, attempt) / share))
    {
        return {};
    }
    if (m_outage == ERASURE)
    {
        return {false, false, "outage"};
    }
    return {false, attempt + 1 < m_maxAttempts, "retry-limit"};
}

} // namespace wfl
} // namespace ns3
