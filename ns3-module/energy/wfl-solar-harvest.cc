/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/double.h"
#include "ns3/wfl-harvest-model.h"
#include "ns3/wfl-registry.h"

#include <algorithm>
#include <cmath>

namespace ns3
{
namespace wfl
{

/** A solar panel: half a wave from sunrise to sunset, dimmed at random by clouds. */
class SolarHarvest : public HarvestModel
{
  public:
    /** @return the TypeId */
    static TypeId GetTypeId();

  private:
    double DoPowerW(Time time, fl::Random& random) const override;

    double m_peakW;
    Time m_day;
    Time m_noon;
    double m_clouds;
};

WFL_REGISTER_HARVEST(SolarHarvest, "solar");

TypeId
SolarHarvest::GetTypeId()
{
    static TypeId tid =
        TypeId("ns3::wfl::SolarHarvest")
            .SetParent<HarvestModel>()
            .SetGroupName("Wfl")
            .AddConstructor<SolarHarvest>()
            .AddAttribute("PeakW",
                          "Power at noon under a clear sky, in watts.",
                          DoubleValue(1),
                          MakeDoubleAccessor(&SolarHarvest::m_peakW),
                          MakeDoubleChecker<double>(0))
            .AddAttribute("Day",
                          "From one noon to the next; the sun shines for half of it.",
                          TimeValue(Hours(24)),
                          MakeTimeAccessor(&SolarHarvest::m_day),
                          MakeTimeChecker(MilliSeconds(1)))
            .AddAttribute("Noon",
                          "Time of the first noon, from the ready time.",
                          TimeValue(Hours(0)),
                          MakeTimeAccessor(&SolarHarvest::m_noon),
                          MakeTimeChecker())
            .AddAttribute("Clouds",
                          "Largest share that clouds take away; how much they do is drawn "
                          "uniformly for each interval and worker.",
                          DoubleValue(0),
                          MakeDoubleAccessor(&SolarHarvest::m_clouds),
                          MakeDoubleChecker<double>(0, 1));
    return tid;
}

double
SolarHarvest::DoPowerW(Time time, fl::Random& random) const
{
    const double pi = std::acos(-1.0);
    const double angle = 2 * pi * (time - m_noon).GetSeconds() / m_day.GetSeconds();
    return m_peakW * std::max(std::cos(angle), 0.0) * (1 - m_clouds * random.Uniform());
}

} // namespace wfl
} // namespace ns3
