/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef WFL_ENERGY_LOAD_H
#define WFL_ENERGY_LOAD_H

#include "ns3/device-energy-model.h"
#include "ns3/energy-source.h"
#include "ns3/nstime.h"
#include "ns3/wfl-compat.h"

namespace ns3
{
namespace wfl
{

/**
 * A part of a device that uses energy: what it has used so far follows from what it has done. It
 * may draw from an energy source of ns-3, or, without one, from the mains.
 *
 * A source multiplies the current that it is told with the time since it last asked. So the current
 * is the mean one since then: no energy is missed however rarely a source asks, and what becomes
 * known only when it is over, as states of some radios do, is made good the next time.
 */
class EnergyLoad : public DeviceEnergyModel
{
  public:
    /** @return the TypeId */
    static TypeId GetTypeId();

    EnergyLoad();
    ~EnergyLoad() override;

    /** @return energy used from time 0 until now, in joules */
    virtual double EnergyJ() const = 0;

    /** @return the highest power that it may draw, in watts */
    virtual double HighestW() const = 0;

    /**
     * The device is switched on or off. Off, nothing is used.
     * @param on whether it is on from now on
     */
    virtual void SetOn(bool on) = 0;

    void SetEnergySource(Ptr<EnergySource> source) override;
    double GetTotalEnergyConsumption() const override;
    void ChangeState(int newState) override;
    void HandleEnergyDepletion() override;
    void HandleEnergyRecharged() override;
    void HandleEnergyChanged() override;

  protected:
    void DoDispose() override;

  private:
    double DoGetCurrentA() const override;

    Ptr<EnergySource> m_source;
    mutable Time m_askedAt;           ///< when the source last asked
    mutable double m_askedEnergyJ{0}; ///< what had been used then
    mutable double m_meanW{0};        ///< what it was told then
};

} // namespace wfl
} // namespace ns3

#endif // WFL_ENERGY_LOAD_H
