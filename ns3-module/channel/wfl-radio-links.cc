/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/wfl-radio-links.h"

#include "ns3/double.h"
#include "ns3/enum.h"
#include "ns3/fl-error.h"
#include "ns3/node-container.h"
#include "ns3/string.h"
#include "ns3/uinteger.h"
#include "ns3/wfl-compat.h"
#include "ns3/wfl-link-seed.h"
#include "ns3/wfl-placement.h"
#include "ns3/wfl-shadowing.h"

#include <cmath>

namespace ns3
{
namespace wfl
{

namespace
{

constexpr double THERMAL_NOISE_DBM_PER_HZ = -174; // k times 290 K

double
FromDb(double db)
{
    return std::pow(10, db / 10);
}

} // namespace

TypeId
RadioLinks::AddAttributes(TypeId tid)
{
    return BlockFadingProcess::AddAttributes(tid)
        .AddAttribute("PathLoss",
                      "freespace, log-distance, indoor-los, indoor-nlos, umi-los, umi-nlos, "
                      "uma-los, uma-nlos or macro.",
                      StringValue("macro"),
                      MakeStringAccessor(&RadioLinks::m_pathLossName),
                      MakeStringChecker())
        .AddAttribute("PathLossExponent",
                      "Exponent of log-distance.",
                      DoubleValue(3),
                      MakeDoubleAccessor(&RadioLinks::m_exponent),
                      MakeDoubleChecker<double>(0, 20))
        .AddAttribute("ReferenceDistanceM",
                      "Distance in metres up to which log-distance is free space.",
                      DoubleValue(1),
                      MakeDoubleAccessor(&RadioLinks::m_referenceDistanceM),
                      MakeDoubleChecker<double>(1, 1e6))
        .AddAttribute("ShadowingSigmaDb",
                      "Standard deviation of the shadowing in dB; -1 for that of the path loss.",
                      DoubleValue(-1),
                      MakeDoubleAccessor(&RadioLinks::m_shadowingSigmaDb),
                      MakeDoubleChecker<double>(-1, 100))
        .AddAttribute("WorkerPowerDbm",
                      "Transmit power of a worker in dBm, with the gains of both antennas.",
                      DoubleValue(23),
                      MakeDoubleAccessor(&RadioLinks::m_workerPowerDbm),
                      MakeDoubleChecker<double>(-200, 200))
        .AddAttribute("ServerPowerDbm",
                      "Transmit power of the server in dBm, with the gains of both antennas.",
                      DoubleValue(46),
                      MakeDoubleAccessor(&RadioLinks::m_serverPowerDbm),
                      MakeDoubleChecker<double>(-200, 200))
        .AddAttribute("NoiseFigureDb",
                      "Noise figure of all receivers in dB, above -174 dBm/Hz.",
                      DoubleValue(7),
                      MakeDoubleAccessor(&RadioLinks::m_noiseFigureDb),
                      MakeDoubleChecker<double>(0, 100))
        .AddAttribute("BandwidthHz",
                      "Bandwidth of the system.",
                      DoubleValue(20e6),
                      MakeDoubleAccessor(&RadioLinks::m_bandwidthHz),
                      MakeDoubleChecker<double>(1, 1e12))
        .AddAttribute("SnrGapDb",
                      "How much better than Shannon the signal-to-noise ratio must be, in dB.",
                      DoubleValue(0),
                      MakeDoubleAccessor(&RadioLinks::m_snrGapDb),
                      MakeDoubleChecker<double>(0, 100))
        .AddAttribute("RadiusM",
                      "Radius of the disc on which workers are placed, in metres.",
                      DoubleValue(500),
                      MakeDoubleAccessor(&RadioLinks::m_radiusM),
                      MakeDoubleChecker<double>(0, MAX_DISTANCE_M))
        .AddAttribute("Rate",
                      "Adaptive: what the link carries; Fixed: SpectralEfficiency, with outage.",
                      EnumValue(ADAPTIVE),
                      MakeEnumAccessorCompat(&RadioLinks::m_rateControl),
                      MakeEnumChecker(ADAPTIVE, "Adaptive", FIXED, "Fixed"))
        .AddAttribute("SpectralEfficiency",
                      "The fixed rate in bit/s/Hz.",
                      DoubleValue(1),
                      MakeDoubleAccessor(&RadioLinks::m_spectralEfficiency),
                      MakeDoubleChecker<double>(1e-3, 100))
        .AddAttribute("Outage",
                      "What happens to a datagram when the link does not carry the fixed rate: "
                      "Erasure or Retransmission.",
                      EnumValue(ERASURE),
                      MakeEnumAccessorCompat(&RadioLinks::m_outage),
                      MakeEnumChecker(ERASURE, "Erasure", RETRANSMISSION, "Retransmission"))
        .AddAttribute("MaxAttempts",
                      "How often a datagram is sent at most with Outage=Retransmission.",
                      UintegerValue(1000),
                      MakeUintegerAccessor(&RadioLinks::m_maxAttempts),
                      MakeUintegerChecker<uint32_t>(1, 1000000));
}

void
RadioLinks::SetUp(const ChannelModel& channel, const std::string& name)
{
    const std::string where = "--channel=" + name + ", ";
    m_pathLoss = std::make_unique<PathLoss>(
        PathLoss::Settings{m_pathLossName, FrequencyHz(), m_exponent, m_referenceDistanceM},
        where + "PathLoss");
    // A transmission looks at every block that it touches.
    const Time shortest = MicroSeconds(100);
    if (CoherenceTime() < shortest)
    {
        throw fl::UserError(where + "SpeedMps: at this speed and frequency fading keeps its value "
                                    "for less than 100 us; blocks as short are not simulated");
    }
    NodeContainer workers;
    for (StationId worker = 0; worker < channel.Workers(); ++worker)
    {
        workers.Add(channel.GetNode(worker));
    }
    const auto server = channel.GetNode(SERVER);
    PlaceOnDisc(workers, server, m_radiusM, channel.GetRunSeed(), m_pathLoss->BaseHeightM());
    m_serverPlace = server->GetObject<MobilityModel>();
    const double sigmaDb =
        m_shadowingSigmaDb < 0 ? m_pathLoss->ShadowingSigmaDb() : m_shadowingSigmaDb;
    for (StationId worker = 0; worker < channel.Workers(); ++worker)
    {
        const auto seed = LinkSeed(channel.GetRunSeed(), worker, SERVER);
        m_links.push_back(
            {seed, ShadowingDb(seed, sigmaDb), workers.Get(worker)->GetObject<MobilityModel>()});
    }
}

void
RadioLinks::TearDown()
{
    m_links.clear();
    m_serverPlace = nullptr;
}

double
RadioLinks::MeanSnr(StationId worker, Direction direction) const
{
    const auto& link = m_links.at(worker);
    const double powerDbm = direction == Direction::UP ? m_workerPowerDbm : m_serverPowerDbm;
    const double lossDb =
        m_pathLoss->LossDb(link.place->GetPosition(), m_serverPlace->GetPosition()) +
        link.shadowingDb;
    const double noiseDbm =
        THERMAL_NOISE_DBM_PER_HZ + 10 * std::log10(m_bandwidthHz) + m_noiseFigureDb;
    return FromDb(powerDbm - lossDb - noiseDbm);
}

double
RadioLinks::FadingPower(StationId worker, Time time, uint32_t branch) const
{
    return Power(m_links.at(worker).seed, time, branch);
}

double
RadioLinks::OverGap(double snr) const
{
    return snr / FromDb(m_snrGapDb);
}

double
RadioLinks::Efficiency(double snr) const
{
    return std::log1p(OverGap(snr)) / M_LN2;
}

bool
RadioLinks::IsOutage(double snr) const
{
    return Efficiency(snr) < m_spectralEfficiency;
}

/** @return whether hardly any attempt at the fixed rate comes through */
bool
RadioLinks::IsNearlyAlwaysInOutage(StationId worker, double meanSnr) const
{
    // The link's own fading is as good as its distribution, and there for all distributions.
    constexpr int blocks = 1000;
    constexpr int fewest = 10;
    int carried = 0;
    for (int block = 0; block < blocks; ++block)
    {
        carried += !IsOutage(meanSnr * FadingPower(worker, CoherenceTime() * int64_t{block}));
    }
    return carried < fewest;
}

std::vector<StationId>
RadioLinks::OutOfReach(double share, double slowestBps) const
{
    const auto isOut = [&](StationId worker, Direction direction, double ownShare)
    {
        const double snr = MeanSnr(worker, direction);
        const double bandwidthHz = ownShare * m_bandwidthHz;
        return m_rateControl == ADAPTIVE ? bandwidthHz * Efficiency(snr / ownShare) < slowestBps
                                         : bandwidthHz * m_spectralEfficiency < slowestBps ||
                                               IsNearlyAlwaysInOutage(worker, snr);
    };
    constexpr double wholeBand = 1;
    std::vector<StationId> workers;
    for (StationId worker = 0; worker < m_links.size(); ++worker)
    {
        if (isOut(worker, Direction::UP, share) || isOut(worker, Direction::DOWN, wholeBand))
        {
            workers.push_back(worker);
        }
    }
    return workers;
}

} // namespace wfl
} // namespace ns3
