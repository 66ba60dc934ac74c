/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/wfl-compute-energy-model.h"

#include "ns3/simulator.h"

#include <algorithm>

namespace ns3
{
namespace wfl
{

NS_OBJECT_ENSURE_REGISTERED(ComputeEnergyModel);

TypeId
ComputeEnergyModel::GetTypeId()
{
    static TypeId tid = TypeId("ns3::wfl::ComputeEnergyModel")
                            .SetParent<EnergyLoad>()
                            .SetGroupName("Wfl")
                            .AddConstructor<ComputeEnergyModel>();
    return tid;
}

ComputeEnergyModel::ComputeEnergyModel() = default;

ComputeEnergyModel::~ComputeEnergyModel() = default;

void
ComputeEnergyModel::DoDispose()
{
    m_profile = nullptr;
    EnergyLoad::DoDispose();
}

void
ComputeEnergyModel::SetProfile(Ptr<const DeviceProfile> profile)
{
    m_profile = profile;
}

void
ComputeEnergyModel::Begin(const ComputeCost& cost)
{
    End();
    m_computation = Computation{cost, Simulator::Now()};
}

void
ComputeEnergyModel::End()
{
    m_uses = ReadUses();
    m_computation.reset();
}

void
ComputeEnergyModel::SetOn(bool on)
{
    if (!on)
    {
        End();
    }
}

double
ComputeEnergyModel::PowerW(ComputePhase phase, const ComputeCost& cost) const
{
    const bool trains = phase == ComputePhase::TRAIN;
    const auto& own = trains ? cost.trainW : cost.codecW;
    if (!own)
    {
        return trains ? m_profile->TrainW() : m_profile->CodecW();
    }
    // What the whole board draws holds the base load, which is counted elsewhere.
    return std::max(*own - (cost.wholeBoard ? m_profile->BaseW() : 0), 0.0);
}

double
ComputeEnergyModel::HighestW() const
{
    const auto cost = m_computation ? m_computation->cost : ComputeCost();
    return std::max(PowerW(ComputePhase::TRAIN, cost), PowerW(ComputePhase::ENCODE, cost));
}

ComputeEnergyModel::Uses
ComputeEnergyModel::ReadUses() const
{
    auto uses = m_uses;
    if (!m_computation)
    {
        return uses;
    }
    const auto& cost = m_computation->cost;
    Time left = Simulator::Now() - m_computation->start;
    const auto add = [this, &uses, &left, &cost](ComputePhase phase, double lengthS)
    {
        const Time time = std::min(Seconds(lengthS), left);
        left -= time;
        auto& use = uses[static_cast<std::size_t>(phase)];
        use.time += time;
        use.energyJ += PowerW(phase, cost) * time.GetSeconds();
    };
    add(ComputePhase::DECODE, cost.decodeS);
    add(ComputePhase::TRAIN, cost.trainS);
    add(ComputePhase::ENCODE, cost.encodeS);
    return uses;
}

Time
ComputeEnergyModel::TimeIn(ComputePhase phase) const
{
    return ReadUses()[static_cast<std::size_t>(phase)].time;
}

double
ComputeEnergyModel::EnergyIn(ComputePhase phase) const
{
    return ReadUses()[static_cast<std::size_t>(phase)].energyJ;
}

double
ComputeEnergyModel::EnergyJ() const
{
    double energyJ = 0;
    for (const auto& use : ReadUses())
    {
        energyJ += use.energyJ;
    }
    return energyJ;
}

} // namespace wfl
} // namespace ns3
