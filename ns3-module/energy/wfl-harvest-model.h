/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef WFL_HARVEST_MODEL_H
#define WFL_HARVEST_MODEL_H

#include "ns3/energy-harvester.h"
#include "ns3/energy-source.h"
#include "ns3/fl-random.h"
#include "ns3/nstime.h"
#include "ns3/wfl-compat.h"
#include "ns3/wfl-energy-load.h"

#include <cstdint>
#include <vector>

namespace ns3
{
namespace wfl
{

/**
 * What a worker's battery is charged with. Chosen by name, see WFL_REGISTER_HARVEST; a model of
 * one's own is a subclass with DoPowerW().
 *
 * The power is constant for an interval; an energy source that asks is told the mean since it last
 * asked, so that nothing is missed. What does not fit into a full battery is wasted: ns-3's
 * BasicEnergySource alone would hold more than it can.
 */
class HarvestModel : public EnergyHarvester
{
  public:
    /** @return the TypeId */
    static TypeId GetTypeId();

    HarvestModel();
    ~HarvestModel() override;

    /**
     * Begins to charge, now.
     * @param worker whose battery
     * @param runSeed drives the draws
     * @param source the battery, full as it is
     * @param loads what draws from it
     */
    void Start(uint32_t worker,
               const fl::RunSeed& runSeed,
               Ptr<EnergySource> source,
               const std::vector<Ptr<EnergyLoad>>& loads);

    /** @return what has gone into the battery so far, in joules */
    double ChargedJ() const;

  protected:
    void DoDispose() override;

  private:
    /**
     * @param time the middle of an interval, since Start()
     * @param random the stream of this worker and interval
     * @return the power in this interval, in watts, not negative
     */
    virtual double DoPowerW(Time time, fl::Random& random) const = 0;

    double DoGetPower() const override;
    double OfferedJ(Time until) const;

    Time m_interval;
    uint32_t m_worker{0};
    fl::RunSeed m_runSeed;
    Ptr<EnergySource> m_source;
    std::vector<Ptr<EnergyLoad>> m_loads;
    double m_capacityJ{0};
    Time m_start;
    mutable uint32_t m_past{0};        ///< intervals that are over
    mutable double m_offeredJ{0};      ///< in these
    mutable Time m_askedAt;            ///< when the source last asked
    mutable double m_askedOfferedJ{0}; ///< what had been offered then
    mutable double m_storedJ{0};       ///< what the battery held then
    mutable double m_chargedJ{0};      ///< what had gone into it until then
    mutable double m_meanW{0};         ///< what the source was told then
};

} // namespace wfl
} // namespace ns3

#endif // WFL_HARVEST_MODEL_H
