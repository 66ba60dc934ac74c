/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/wfl-gilbert-elliott-loss.h"

#include "ns3/double.h"
#include "ns3/simulator.h"
#include "ns3/wfl-registry.h"

#include <cmath>

namespace ns3
{
namespace wfl
{

WFL_REGISTER_LOSS(GilbertElliottLoss, "gilbert-elliott");

TypeId
GilbertElliottLoss::GetTypeId()
{
    static TypeId tid = TypeId("ns3::wfl::GilbertElliottLoss")
                            .SetParent<LossModel>()
                            .SetGroupName("Wfl")
                            .AddConstructor<GilbertElliottLoss>()
                            .AddAttribute("MeanGood",
                                          "How long the good state lasts in the mean.",
                                          TimeValue(MilliSeconds(1000)),
                                          MakeTimeAccessor(&GilbertElliottLoss::m_meanGood),
                                          MakeTimeChecker(MicroSeconds(1), Seconds(1e9)))
                            .AddAttribute("MeanBad",
                                          "How long the bad state lasts in the mean.",
                                          TimeValue(MilliSeconds(100)),
                                          MakeTimeAccessor(&GilbertElliottLoss::m_meanBad),
                                          MakeTimeChecker(MicroSeconds(1), Seconds(1e9)))
                            .AddAttribute("GoodRate",
                                          "Probability that a datagram is lost in the good state.",
                                          DoubleValue(0),
                                          MakeDoubleAccessor(&GilbertElliottLoss::m_goodRate),
                                          MakeDoubleChecker<double>(0, 1))
                            .AddAttribute("BadRate",
                                          "Probability that a datagram is lost in the bad state.",
                                          DoubleValue(1),
                                          MakeDoubleAccessor(&GilbertElliottLoss::m_badRate),
                                          MakeDoubleChecker<double>(0, 1));
    return tid;
}

bool
GilbertElliottLoss::IsLost(uint32_t /* bytes */)
{
    return Draws().Uniform() < (IsBadNow() ? m_badRate : m_goodRate);
}

/** Moves the chain to the present; what it did meanwhile does not matter. */
bool
GilbertElliottLoss::IsBadNow()
{
    const Time now = Simulator::Now();
    const double goodS = m_meanGood.GetSeconds();
    const double badS = m_meanBad.GetSeconds();
    const double badShare = badS / (goodS + badS);
    double isBad = badShare;
    if (m_started)
    {
        const double memory = std::exp(-(now - m_since).GetSeconds() * (1 / goodS + 1 / badS));
        isBad = m_isBad ? badShare + (1 - badShare) * memory : badShare * (1 - memory);
    }
    m_isBad = Draws().Uniform() < isBad;
    m_started = true;
    m_since = now;
    return m_isBad;
}

} // namespace wfl
} // namespace ns3
