/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/wfl-board-energy-model.h"

#include "ns3/simulator.h"

namespace ns3
{
namespace wfl
{

NS_OBJECT_ENSURE_REGISTERED(BoardEnergyModel);

TypeId
BoardEnergyModel::GetTypeId()
{
    static TypeId tid = TypeId("ns3::wfl::BoardEnergyModel")
                            .SetParent<EnergyLoad>()
                            .SetGroupName("Wfl")
                            .AddConstructor<BoardEnergyModel>();
    return tid;
}

BoardEnergyModel::BoardEnergyModel() = default;

BoardEnergyModel::~BoardEnergyModel() = default;

void
BoardEnergyModel::DoDispose()
{
    m_profile = nullptr;
    EnergyLoad::DoDispose();
}

void
BoardEnergyModel::SetProfile(Ptr<const DeviceProfile> profile)
{
    m_profile = profile;
}

void
BoardEnergyModel::NoteFrame()
{
    ++m_frames;
}

void
BoardEnergyModel::SetOn(bool on)
{
    const Time now = Simulator::Now();
    m_onTime += m_on ? now - m_switchedAt : Time();
    m_switchedAt = now;
    m_on = on;
}

double
BoardEnergyModel::BaseJ() const
{
    const Time onTime = m_onTime + (m_on ? Simulator::Now() - m_switchedAt : Time());
    return m_profile->BaseW() * onTime.GetSeconds();
}

double
BoardEnergyModel::FramesJ() const
{
    return m_profile->FrameJ() * static_cast<double>(m_frames);
}

double
BoardEnergyModel::EnergyJ() const
{
    return BaseJ() + FramesJ();
}

double
BoardEnergyModel::HighestW() const
{
    return m_profile->BaseW();
}

} // namespace wfl
} // namespace ns3
