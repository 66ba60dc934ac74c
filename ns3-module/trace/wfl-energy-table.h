/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef WFL_ENERGY_TABLE_H
#define WFL_ENERGY_TABLE_H

#include "ns3/wfl-fleet-energy.h"

#include <array>
#include <string>
#include <vector>

namespace ns3
{
namespace wfl
{

/**
 * energy.csv: a row a device with the time that it spent in each state and the energy that went
 * there, from the ready time to the end of the run.
 */
class EnergyTable
{
  public:
    /** @param energy of all devices */
    explicit EnergyTable(Ptr<const FleetEnergy> energy);

    /** Counting begins now. */
    void NoteReady();

    /**
     * @param path the file
     * @throws fl::UserError if it cannot be written
     */
    void Write(const std::string& path) const;

  private:
    /** Of a device, what it has spent so far: its states and phases in the order of the columns. */
    struct Spent
    {
        std::array<double, RadioEnergyModel::STATES> radioS{};
        std::array<double, RadioEnergyModel::STATES> radioJ{};
        std::array<double, ComputeEnergyModel::PHASES> computeS{};
        std::array<double, ComputeEnergyModel::PHASES> computeJ{};
        DeviceEnergy energy{};
    };

    Spent OfRadio(const RadioEnergyModel& radio) const;
    std::vector<Spent> ReadAll() const;

    Ptr<const FleetEnergy> m_energy;
    std::vector<Spent> m_atReady; ///< workers, then access points
};

} // namespace wfl
} // namespace ns3

#endif // WFL_ENERGY_TABLE_H
