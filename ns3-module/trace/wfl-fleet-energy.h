/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef WFL_FLEET_ENERGY_H
#define WFL_FLEET_ENERGY_H

#include "ns3/event-id.h"
#include "ns3/wfl-battery.h"
#include "ns3/wfl-board-energy-model.h"
#include "ns3/wfl-compute-energy-model.h"
#include "ns3/wfl-device-profile.h"
#include "ns3/wfl-radio-energy-model.h"
#include "ns3/wfl-worker.h"

#include <map>
#include <string>
#include <vector>

namespace ns3
{
namespace wfl
{

/** What a device has used from time 0 until some moment, term by term, in joules. */
struct DeviceEnergy
{
    double radioJ{0};         ///< its radio, in all states
    double radioMarginalJ{0}; ///< its radio, above idle listening all the time
    double computeJ{0};       ///< its computations, above the base load
    double baseJ{0};          ///< its base load
    double framesJ{0};        ///< its processor, for the frames that it handles

    /** @return all that the device uses */
    double TotalJ() const
    {
        return radioJ + computeJ + baseJ + framesJ;
    }

    /** @param other of another device @return this, with what the other has used as well */
    DeviceEnergy& operator+=(const DeviceEnergy& other);

    /** @param before at an earlier moment @return what has been used since */
    DeviceEnergy operator-(const DeviceEnergy& before) const;

    /** @return what it would not use if it only listened idly */
    double MarginalJ() const
    {
        return radioMarginalJ + computeJ + framesJ;
    }
};

/** The parts of one worker's device that use energy. */
struct WorkerDevice
{
    Ptr<RadioEnergyModel> radio;
    Ptr<ComputeEnergyModel> compute;
    Ptr<BoardEnergyModel> board;
    Ptr<Battery> battery; ///< null if it draws from the mains

    /** @return what draws power */
    std::vector<Ptr<EnergyLoad>> Loads() const
    {
        return {radio, compute, board};
    }
};

/**
 * The energy of all devices of a federation: listens to the channel and to the workers, and nobody
 * calls it but to read.
 */
class FleetEnergy : public SimpleRefCount<FleetEnergy>
{
  public:
    /**
     * @param channel tells what radios do
     * @param workers tell what processors do
     * @param profile of the workers
     * @param accessPoint profile of the access points, of which the radio counts
     */
    FleetEnergy(Ptr<ChannelModel> channel,
                const std::vector<Ptr<FlWorker>>& workers,
                Ptr<const DeviceProfile> profile,
                Ptr<const DeviceProfile> accessPoint);

    ~FleetEnergy();

    /**
     * @param worker a worker
     * @return what it has used so far
     */
    DeviceEnergy Read(StationId worker) const;

    /** From now on energy is counted: see RadioEnergyModel::ForgetWhatWas(). */
    void ForgetWhatWas();

    /** @return what the radios of all access points have used so far, in joules */
    double AccessPointsJ() const;

    /**
     * @param worker a worker
     * @param battery what its device draws from, from now on
     */
    void SetBattery(StationId worker, Ptr<Battery> battery);

    /**
     * @param worker a worker
     * @return energy left in its battery in joules; NaN if it has none
     */
    double BatteryJ(StationId worker) const;

    /**
     * A worker has gone or is back: its device is switched off or on.
     * @param worker who
     * @param present whether it is there from now on
     * @param reason why it went
     */
    void NotePresence(StationId worker, bool present, const std::string& reason);

    /** @return number of workers */
    uint32_t Workers() const;

    /** @return number of access points */
    uint32_t AccessPoints() const;

    /**
     * @param worker a worker
     * @return its parts
     */
    const WorkerDevice& Device(StationId worker) const;

    /**
     * @param domain a collision domain
     * @return the radio of its access point
     */
    Ptr<const RadioEnergyModel> AccessPointRadio(uint32_t domain) const;

  private:
    void NoteState(StationId radio, RadioState state, Time start, Time duration);
    void NoteFrame(StationId station);
    void NoteComputing(StationId worker, const ComputeCost& cost);
    void NoteComputed(StationId worker, Time start, Time duration);
    void NoteRest(StationId worker, bool resting);
    void SleepWhenQuiet(StationId worker, Time since);

    Ptr<ChannelModel> m_channel;
    bool m_sleeps;
    std::vector<WorkerDevice> m_devices;               ///< by worker
    std::vector<Ptr<RadioEnergyModel>> m_accessPoints; ///< by collision domain
    std::vector<EventId> m_looks; ///< by worker, when it is next seen whether it may sleep
    std::map<StationId, Ptr<RadioEnergyModel>> m_radios; ///< of all of them
};

} // namespace wfl
} // namespace ns3

#endif // WFL_FLEET_ENERGY_H
