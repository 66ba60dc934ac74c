/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/wfl-fleet-energy.h"

#include "ns3/simulator.h"

#include <algorithm>
#include <cmath>

namespace ns3
{
namespace wfl
{

DeviceEnergy&
DeviceEnergy::operator+=(const DeviceEnergy& other)
{
    radioJ += other.radioJ;
    radioMarginalJ += other.radioMarginalJ;
    computeJ += other.computeJ;
    baseJ += other.baseJ;
    framesJ += other.framesJ;
    return *this;
}

DeviceEnergy
DeviceEnergy::operator-(const DeviceEnergy& before) const
{
    return {radioJ - before.radioJ,
            radioMarginalJ - before.radioMarginalJ,
            computeJ - before.computeJ,
            baseJ - before.baseJ,
            framesJ - before.framesJ};
}

FleetEnergy::FleetEnergy(Ptr<ChannelModel> channel,
                         const std::vector<Ptr<FlWorker>>& workers,
                         Ptr<const DeviceProfile> profile,
                         Ptr<const DeviceProfile> accessPoint)
    : m_channel(channel),
      m_sleeps(profile->Sleeps()),
      m_looks(workers.size())
{
    for (StationId worker = 0; worker < workers.size(); ++worker)
    {
        const WorkerDevice device{CreateObject<RadioEnergyModel>(),
                                  CreateObject<ComputeEnergyModel>(),
                                  CreateObject<BoardEnergyModel>(),
                                  nullptr};
        device.radio->SetProfile(profile);
        device.compute->SetProfile(profile);
        device.board->SetProfile(profile);
        m_radios[worker] = device.radio;
        m_devices.push_back(device);
        const auto& application = workers[worker];
        application->TraceConnectWithoutContext("Computing",
                                                MakeCallback(&FleetEnergy::NoteComputing, this));
        application->TraceConnectWithoutContext("Computed",
                                                MakeCallback(&FleetEnergy::NoteComputed, this));
        application->TraceConnectWithoutContext("Rest", MakeCallback(&FleetEnergy::NoteRest, this));
    }
    for (uint32_t domain = 0; domain < channel->Domains(); ++domain)
    {
        auto radio = CreateObject<RadioEnergyModel>();
        radio->SetProfile(accessPoint);
        m_radios[AccessPoint(domain)] = radio;
        m_accessPoints.push_back(radio);
    }
    channel->TraceConnectWithoutContext("RadioState", MakeCallback(&FleetEnergy::NoteState, this));
    channel->TraceConnectWithoutContext("Frame", MakeCallback(&FleetEnergy::NoteFrame, this));
}

FleetEnergy::~FleetEnergy()
{
    // Sources and what draws from them refer to each other.
    for (const auto& device : m_devices)
    {
        if (device.battery)
        {
            device.battery->Dispose();
        }
    }
}

void
FleetEnergy::NoteState(StationId radio, RadioState state, Time start, Time duration)
{
    m_radios.at(radio)->Note(state, start, duration);
}

void
FleetEnergy::NoteFrame(StationId station)
{
    if (station != SERVER)
    {
        m_devices.at(station).board->NoteFrame();
    }
}

void
FleetEnergy::NoteComputing(StationId worker, const ComputeCost& cost)
{
    const auto& device = m_devices.at(worker);
    device.compute->Begin(cost);
    if (device.battery)
    {
        device.battery->Look();
    }
}

void
FleetEnergy::NoteComputed(StationId worker, Time /* start */, Time /* duration */)
{
    m_devices.at(worker).compute->End();
}

void
FleetEnergy::NoteRest(StationId worker, bool resting)
{
    m_looks.at(worker).Cancel();
    if (!m_sleeps)
    {
        return;
    }
    if (resting)
    {
        SleepWhenQuiet(worker, Simulator::Now());
    }
    else
    {
        m_devices.at(worker).radio->Wake();
    }
}

/**
 * The radio falls asleep as soon as what the worker has handed over has left, give or take a small
 * part of the time that this takes.
 */
void
FleetEnergy::SleepWhenQuiet(StationId worker, Time since)
{
    if (m_channel->IsBacklogged(worker, SERVER))
    {
        constexpr int64_t part = 64;
        const Time lookAgain = std::max((Simulator::Now() - since) / part, MicroSeconds(10));
        m_looks.at(worker) =
            Simulator::Schedule(lookAgain, &FleetEnergy::SleepWhenQuiet, this, worker, since);
        return;
    }
    m_devices.at(worker).radio->Sleep();
}

DeviceEnergy
FleetEnergy::Read(StationId worker) const
{
    const auto& device = m_devices.at(worker);
    return {device.radio->EnergyJ(),
            device.radio->MarginalJ(),
            device.compute->EnergyJ(),
            device.board->BaseJ(),
            device.board->FramesJ()};
}

void
FleetEnergy::ForgetWhatWas()
{
    for (const auto& [station, radio] : m_radios)
    {
        radio->ForgetWhatWas();
    }
}

double
FleetEnergy::AccessPointsJ() const
{
    double energyJ = 0;
    for (const auto& radio : m_accessPoints)
    {
        energyJ += radio->EnergyJ();
    }
    return energyJ;
}

void
FleetEnergy::SetBattery(StationId worker, Ptr<Battery> battery)
{
    m_devices.at(worker).battery = battery;
}

double
FleetEnergy::BatteryJ(StationId worker) const
{
    const auto& battery = m_devices.at(worker).battery;
    return battery ? battery->RemainingJ() : std::nan("");
}

void
FleetEnergy::NotePresence(StationId worker, bool present, const std::string& /* reason */)
{
    m_looks.at(worker).Cancel();
    for (const auto& load : m_devices.at(worker).Loads())
    {
        load->SetOn(present);
    }
}

uint32_t
FleetEnergy::Workers() const
{
    return static_cast<uint32_t>(m_devices.size());
}

uint32_t
FleetEnergy::AccessPoints() const
{
    return static_cast<uint32_t>(m_accessPoints.size());
}

const WorkerDevice&
FleetEnergy::Device(StationId worker) const
{
    return m_devices.at(worker);
}

Ptr<const RadioEnergyModel>
FleetEnergy::AccessPointRadio(uint32_t domain) const
{
    return m_accessPoints.at(domain);
}

} // namespace wfl
} // namespace ns3
