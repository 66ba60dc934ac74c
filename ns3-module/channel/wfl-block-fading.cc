/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/wfl-block-fading.h"

#include "ns3/double.h"
#include "ns3/enum.h"
#include "ns3/simulator.h"
#include "ns3/wfl-compat.h"
#include "ns3/wfl-link-seed.h"
#include "ns3/wfl-path-loss.h"

#include <algorithm>
#include <cmath>

namespace ns3
{
namespace wfl
{

NS_OBJECT_ENSURE_REGISTERED(BlockFading);

TypeId
BlockFadingProcess::AddAttributes(TypeId tid)
{
    return tid
        .AddAttribute("Fading",
                      "Distribution of the amplitude of small-scale fading.",
                      EnumValue(RAYLEIGH),
                      MakeEnumAccessorCompat(&BlockFadingProcess::m_distribution),
                      MakeEnumChecker(NONE,
                                      "None",
                                      RAYLEIGH,
                                      "Rayleigh",
                                      NAKAGAMI,
                                      "Nakagami",
                                      RICIAN,
                                      "Rician"))
        .AddAttribute("NakagamiM",
                      "Shape m of Nakagami fading; 1 is Rayleigh, infinity none.",
                      DoubleValue(2),
                      MakeDoubleAccessor(&BlockFadingProcess::m_nakagamiM),
                      MakeDoubleChecker<double>(0.5, 1e9))
        .AddAttribute("RicianKDb",
                      "Ratio of the powers of the line of sight and of the rest in dB.",
                      DoubleValue(6),
                      MakeDoubleAccessor(&BlockFadingProcess::m_ricianKDb),
                      MakeDoubleChecker<double>(-100, 100))
        .AddAttribute("CoherenceTime",
                      "How long fading stays as it is, if SpeedMps is 0.",
                      TimeValue(MilliSeconds(50)),
                      MakeTimeAccessor(&BlockFadingProcess::m_coherenceTime),
                      MakeTimeChecker(MicroSeconds(100), Seconds(1e6)))
        .AddAttribute("SpeedMps",
                      "Speed in m/s that gives the coherence time; 0 for CoherenceTime.",
                      DoubleValue(0),
                      MakeDoubleAccessor(&BlockFadingProcess::m_speedMps),
                      MakeDoubleChecker<double>(0, 1000))
        .AddAttribute("FrequencyHz",
                      "Carrier frequency.",
                      DoubleValue(3.5e9),
                      MakeDoubleAccessor(&BlockFadingProcess::m_frequencyHz),
                      MakeDoubleChecker<double>(1e6, 1e12));
}

double
BlockFadingProcess::FrequencyHz() const
{
    return m_frequencyHz;
}

Time
BlockFadingProcess::CoherenceTime() const
{
    if (m_speedMps == 0)
    {
        return m_coherenceTime;
    }
    // Bounds that the speed of a snail and that of light at the highest frequency do not keep.
    constexpr double shortestS = 1e-7;
    constexpr double longestS = 1e6;
    return Seconds(
        std::clamp(0.423 * SPEED_OF_LIGHT_MPS / (m_speedMps * m_frequencyHz), shortestS, longestS));
}

Time
BlockFadingProcess::BlockEnd(Time time) const
{
    if (m_distribution == NONE)
    {
        return Time::Max();
    }
    const auto lengthNs = CoherenceTime().GetNanoSeconds();
    return NanoSeconds((time.GetNanoSeconds() / lengthNs + 1) * lengthNs);
}

double
BlockFadingProcess::Power(const fl::RunSeed& linkSeed, Time time, uint32_t branch) const
{
    if (m_distribution == NONE)
    {
        return 1;
    }
    const auto block =
        static_cast<uint64_t>(time.GetNanoSeconds() / CoherenceTime().GetNanoSeconds());
    fl::Random random(linkSeed,
                      fl::Purpose::FADING,
                      static_cast<uint32_t>(block),
                      static_cast<uint32_t>(block >> 32),
                      branch);
    if (m_distribution == RAYLEIGH)
    {
        return random.Exponential(1);
    }
    if (m_distribution == NAKAGAMI)
    {
        return random.Gamma(m_nakagamiM) / m_nakagamiM;
    }
    const double ratio = std::pow(10, m_ricianKDb / 10);
    const double constant = std::sqrt(ratio / (ratio + 1));
    const double sigma = std::sqrt(1 / (2 * (ratio + 1)));
    const double inPhase = constant + sigma * random.Normal();
    const double quadrature = sigma * random.Normal();
    return inPhase * inPhase + quadrature * quadrature;
}

TypeId
BlockFading::GetTypeId()
{
    static TypeId tid = AddAttributes(TypeId("ns3::wfl::BlockFading")
                                          .SetParent<PropagationLossModel>()
                                          .SetGroupName("Wfl")
                                          .AddConstructor<BlockFading>());
    return tid;
}

double
BlockFading::DoCalcRxPower(double txPowerDbm, Ptr<MobilityModel> a, Ptr<MobilityModel> b) const
{
    constexpr double smallest = 1e-20; // radios cannot compute with a power of nothing
    return txPowerDbm +
           10 * std::log10(std::max(Power(LinkSeed(a, b), Simulator::Now()), smallest));
}

int64_t
BlockFading::DoAssignStreams(int64_t /* stream */)
{
    return 0;
}

} // namespace wfl
} // namespace ns3
