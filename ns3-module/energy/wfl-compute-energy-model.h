/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef WFL_COMPUTE_ENERGY_MODEL_H
#define WFL_COMPUTE_ENERGY_MODEL_H

#include "ns3/wfl-compute-model.h"
#include "ns3/wfl-device-profile.h"
#include "ns3/wfl-energy-load.h"

#include <array>
#include <optional>

namespace ns3
{
namespace wfl
{

/** What a processor does. */
enum class ComputePhase
{
    DECODE, ///< reads what has arrived
    TRAIN,  ///< computes gradients
    ENCODE  ///< writes what is to be uploaded
};

/**
 * Energy of one processor: in each computation it decodes, trains and encodes, one after the other,
 * each at a power of its own. Nothing is used between computations; that is the base load's.
 */
class ComputeEnergyModel : public EnergyLoad
{
  public:
    /** Number of ComputePhase values. */
    static constexpr std::size_t PHASES = 3;

    /** @return the TypeId */
    static TypeId GetTypeId();

    ComputeEnergyModel();
    ~ComputeEnergyModel() override;

    /** @param profile powers that a computation does not bring itself, and the base load */
    void SetProfile(Ptr<const DeviceProfile> profile);

    /** @param cost of a computation that begins now; the one before is over */
    void Begin(const ComputeCost& cost);

    /** The computation ends now, whether it is complete or given up. */
    void End();

    /** @param on false ends the computation under way */
    void SetOn(bool on) override;

    /**
     * @param phase a phase
     * @return how long the processor has been in it from time 0 until now
     */
    Time TimeIn(ComputePhase phase) const;

    /**
     * @param phase a phase
     * @return what it has used in it from time 0 until now, in joules
     */
    double EnergyIn(ComputePhase phase) const;

    double EnergyJ() const override;
    double HighestW() const override;

  private:
    /** One phase of all computations. */
    struct Use
    {
        Time time;
        double energyJ{0};
    };

    using Uses = std::array<Use, PHASES>;

    /** A computation under way. */
    struct Computation
    {
        ComputeCost cost;
        Time start;
    };

    void DoDispose() override;

    Uses ReadUses() const;
    double PowerW(ComputePhase phase, const ComputeCost& cost) const;

    Ptr<const DeviceProfile> m_profile;
    Uses m_uses{}; ///< by phase, of computations that are over
    std::optional<Computation> m_computation;
};

} // namespace wfl
} // namespace ns3

#endif // WFL_COMPUTE_ENERGY_MODEL_H
