/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/wfl-energy-table.h"

#include "ns3/fl-error.h"
#include "ns3/fl-event-log.h"

#include <fstream>

namespace ns3
{
namespace wfl
{

namespace
{

const char* const COLUMNS =
    "device,idle_s,cca_busy_s,rx_s,tx_s,sleep_s,off_s,idle_j,cca_busy_j,rx_j,tx_j,sleep_j,off_j,"
    "decode_s,train_s,encode_s,decode_j,train_j,encode_j,radio_j,radio_marginal_j,compute_j,base_j,"
    "frames_j,total_j,marginal_j";

/** @return the cells of some numbers, less what they were before, each after a comma */
template <std::size_t N>
std::string
Cells(const std::array<double, N>& now, const std::array<double, N>& before)
{
    std::string cells;
    for (std::size_t i = 0; i < N; ++i)
    {
        cells += "," + fl::ToText(now[i] - before[i]);
    }
    return cells;
}

} // namespace

EnergyTable::EnergyTable(Ptr<const FleetEnergy> energy)
    : m_energy(energy)
{
}

EnergyTable::Spent
EnergyTable::OfRadio(const RadioEnergyModel& radio) const
{
    Spent spent;
    for (std::size_t i = 0; i < RadioEnergyModel::STATES; ++i)
    {
        const auto state = static_cast<RadioState>(i);
        spent.radioS[i] = radio.TimeIn(state).GetSeconds();
        spent.radioJ[i] = radio.EnergyIn(state);
    }
    spent.energy.radioJ = radio.EnergyJ();
    spent.energy.radioMarginalJ = radio.MarginalJ();
    return spent;
}

std::vector<EnergyTable::Spent>
EnergyTable::ReadAll() const
{
    std::vector<Spent> all;
    for (StationId worker = 0; worker < m_energy->Workers(); ++worker)
    {
        const auto& device = m_energy->Device(worker);
        auto spent = OfRadio(*device.radio);
        for (std::size_t i = 0; i < ComputeEnergyModel::PHASES; ++i)
        {
            const auto phase = static_cast<ComputePhase>(i);
            spent.computeS[i] = device.compute->TimeIn(phase).GetSeconds();
            spent.computeJ[i] = device.compute->EnergyIn(phase);
        }
        spent.energy = m_energy->Read(worker);
        all.push_back(spent);
    }
    for (uint32_t domain = 0; domain < m_energy->AccessPoints(); ++domain)
    {
        all.push_back(OfRadio(*m_energy->AccessPointRadio(domain)));
    }
    return all;
}

void
EnergyTable::NoteReady()
{
    m_atReady = ReadAll();
}

void
EnergyTable::Write(const std::string& path) const
{
    std::ofstream file(path);
    file << COLUMNS << '\n';
    const auto all = ReadAll();
    for (std::size_t i = 0; i < all.size(); ++i)
    {
        const Spent before = i < m_atReady.size() ? m_atReady[i] : Spent();
        const auto& now = all[i];
        const auto energy = now.energy - before.energy;
        const std::size_t workers = m_energy->Workers();
        file << (i < workers ? std::to_string(i) : "ap-" + std::to_string(i - workers))
             << Cells(now.radioS, before.radioS) << Cells(now.radioJ, before.radioJ)
             << Cells(now.computeS, before.computeS) << Cells(now.computeJ, before.computeJ);
        for (const double energyJ : {energy.radioJ,
                                     energy.radioMarginalJ,
                                     energy.computeJ,
                                     energy.baseJ,
                                     energy.framesJ,
                                     energy.TotalJ(),
                                     energy.MarginalJ()})
        {
            file << ',' << fl::ToText(energyJ);
        }
        file << '\n';
    }
    if (!file.flush())
    {
        throw fl::UserError("--output: " + path + " cannot be written");
    }
}

} // namespace wfl
} // namespace ns3
