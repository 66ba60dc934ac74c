/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef WFL_DEVICE_PROFILE_H
#define WFL_DEVICE_PROFILE_H

#include "ns3/object.h"
#include "ns3/wfl-channel-model.h"

#include <string>
#include <vector>

namespace ns3
{
namespace wfl
{

/**
 * What a kind of device draws: its radio by state, its processor while it works, and the rest of
 * it all the time. Chosen by name, see WFL_REGISTER_DEVICE; where the figures of
 * each name come from stands in the source file.
 *
 * Powers of the processor are above the base load, so that the sum of all parts is what the device
 * draws.
 */
class DeviceProfile : public Object
{
  public:
    /** @return the TypeId */
    static TypeId GetTypeId();

    /**
     * @param state a state of the radio
     * @return its power in watts; 0 when off
     */
    double RadioW(RadioState state) const;

    /** @return supply voltage in volts */
    double VoltageV() const;

    /** @return power of everything but radio and processor, while the device is on, in watts */
    double BaseW() const;

    /** @return power of the processor while it trains, in watts */
    double TrainW() const;

    /** @return power of the processor while it encodes or decodes, in watts */
    double CodecW() const;

    /** @return energy that the processor uses for a frame, sent or received, in joules */
    double FrameJ() const;

    /**
     * @param workers number of workers
     * @param runSeed drives the draws
     * @return by worker, energy in its full battery, in joules
     * @throws fl::UserError if the attribute cannot be read
     */
    std::vector<double> BatteriesJ(uint32_t workers, const fl::RunSeed& runSeed) const;

    /** @return whether the radio sleeps when nothing is to be sent or heard */
    bool Sleeps() const;

  private:
    double m_voltageV;
    double m_idleA;
    double m_ccaBusyA;
    double m_rxA;
    double m_txA;
    double m_sleepA;
    double m_baseW;
    double m_trainW;
    double m_codecW;
    double m_frameJ;
    std::string m_batteryJ;
    bool m_sleep;
};

} // namespace wfl
} // namespace ns3

#endif // WFL_DEVICE_PROFILE_H
