/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef WFL_SIMULATOR_GUARD_H
#define WFL_SIMULATOR_GUARD_H

#include "ns3/simulator.h"

namespace ns3
{
namespace wfl
{

/**
 * Leaves no event and no node behind, however a simulation ends. Goes out of scope before the
 * things to which dying nodes may still report.
 */
struct SimulatorGuard
{
    SimulatorGuard() = default;
    SimulatorGuard(const SimulatorGuard&) = delete;
    SimulatorGuard& operator=(const SimulatorGuard&) = delete;

    ~SimulatorGuard()
    {
        Simulator::Destroy();
    }
};

} // namespace wfl
} // namespace ns3

#endif // WFL_SIMULATOR_GUARD_H
