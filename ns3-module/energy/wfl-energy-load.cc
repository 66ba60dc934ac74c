/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/wfl-energy-load.h"

#include "ns3/simulator.h"

namespace ns3
{
namespace wfl
{

NS_OBJECT_ENSURE_REGISTERED(EnergyLoad);

TypeId
EnergyLoad::GetTypeId()
{
    static TypeId tid =
        TypeId("ns3::wfl::EnergyLoad").SetParent<DeviceEnergyModel>().SetGroupName("Wfl");
    return tid;
}

EnergyLoad::EnergyLoad() = default;

EnergyLoad::~EnergyLoad() = default;

void
EnergyLoad::DoDispose()
{
    m_source = nullptr;
    DeviceEnergyModel::DoDispose();
}

void
EnergyLoad::SetEnergySource(Ptr<EnergySource> source)
{
    m_source = source;
    m_askedAt = Simulator::Now();
    m_askedEnergyJ = EnergyJ();
}

double
EnergyLoad::GetTotalEnergyConsumption() const
{
    return EnergyJ();
}

void
EnergyLoad::ChangeState(int /* newState */)
{
    // States come from trace sources.
}

void
EnergyLoad::HandleEnergyDepletion()
{
    // The device is switched off as a whole, see Battery.
}

void
EnergyLoad::HandleEnergyRecharged()
{
}

void
EnergyLoad::HandleEnergyChanged()
{
}

double
EnergyLoad::DoGetCurrentA() const
{
    const Time now = Simulator::Now();
    if (now > m_askedAt)
    {
        const double usedJ = EnergyJ();
        m_meanW = (usedJ - m_askedEnergyJ) / (now - m_askedAt).GetSeconds();
        m_askedAt = now;
        m_askedEnergyJ = usedJ;
    }
    return m_source ? m_meanW / m_source->GetSupplyVoltage() : 0;
}

} // namespace wfl
} // namespace ns3
