/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/wfl-harvest-model.h"

#include "ns3/simulator.h"

#include <algorithm>

namespace ns3
{
namespace wfl
{

NS_OBJECT_ENSURE_REGISTERED(HarvestModel);

TypeId
HarvestModel::GetTypeId()
{
    static TypeId tid = TypeId("ns3::wfl::HarvestModel")
                            .SetParent<EnergyHarvester>()
                            .SetGroupName("Wfl")
                            .AddAttribute("Interval",
                                          "Time for which the power stays the same.",
                                          TimeValue(Seconds(1)),
                                          MakeTimeAccessor(&HarvestModel::m_interval),
                                          MakeTimeChecker(MicroSeconds(1)));
    return tid;
}

HarvestModel::HarvestModel() = default;

HarvestModel::~HarvestModel() = default;

void
HarvestModel::DoDispose()
{
    m_source = nullptr;
    m_loads.clear();
    Object::DoDispose();
}

void
HarvestModel::Start(uint32_t worker,
                    const fl::RunSeed& runSeed,
                    Ptr<EnergySource> source,
                    const std::vector<Ptr<EnergyLoad>>& loads)
{
    m_worker = worker;
    m_runSeed = runSeed;
    m_source = source;
    m_loads = loads;
    m_capacityJ = source->GetInitialEnergy();
    m_storedJ = m_capacityJ;
    m_start = Simulator::Now();
    m_askedAt = m_start;
    SetEnergySource(source);
    source->ConnectEnergyHarvester(this);
}

double
HarvestModel::ChargedJ() const
{
    return m_chargedJ;
}

/** @return what has been offered from the start until some moment, not before earlier ones */
double
HarvestModel::OfferedJ(Time until) const
{
    const auto powerW = [this](uint32_t interval)
    {
        fl::Random random(m_runSeed, fl::Purpose::HARVEST, m_worker, interval);
        return DoPowerW(m_interval * static_cast<int64_t>(interval) + m_interval / 2, random);
    };
    const Time since = until - m_start;
    while (m_interval * static_cast<int64_t>(m_past + 1) <= since)
    {
        m_offeredJ += powerW(m_past++) * m_interval.GetSeconds();
    }
    const Time rest = since - m_interval * static_cast<int64_t>(m_past);
    return m_offeredJ + (rest.IsZero() ? 0 : powerW(m_past) * rest.GetSeconds());
}

double
HarvestModel::DoGetPower() const
{
    const Time now = Simulator::Now();
    if (now <= m_askedAt)
    {
        return m_meanW;
    }
    const double offeredJ = OfferedJ(now);
    const double seconds = (now - m_askedAt).GetSeconds();
    double drawnJ = 0;
    for (const auto& load : m_loads)
    {
        // The source has asked the loads just before, and they say the same to everybody.
        drawnJ += load->GetCurrentA() * m_source->GetSupplyVoltage() * seconds;
    }
    const double chargedJ = std::clamp(offeredJ - m_askedOfferedJ,
                                       0.0,
                                       std::max(m_capacityJ - m_storedJ + drawnJ, 0.0));
    m_storedJ = std::max(m_storedJ - drawnJ + chargedJ, 0.0);
    m_chargedJ += chargedJ;
    m_meanW = chargedJ / seconds;
    m_askedAt = now;
    m_askedOfferedJ = offeredJ;
    return m_meanW;
}

} // namespace wfl
} // namespace ns3
