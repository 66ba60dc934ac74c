/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef WFL_BOARD_ENERGY_MODEL_H
#define WFL_BOARD_ENERGY_MODEL_H

#include "ns3/wfl-device-profile.h"
#include "ns3/wfl-energy-load.h"

#include <cstdint>

namespace ns3
{
namespace wfl
{

/**
 * Energy of a device beside its radio and its computations: a constant load while it is on, and an
 * amount for each frame, however long, that its processor handles (the "cross-factor" of Serrano
 * et al., "Per-frame energy consumption in 802.11 devices and its implication on modeling and
 * design", IEEE/ACM ToN 2015).
 */
class BoardEnergyModel : public EnergyLoad
{
  public:
    /** @return the TypeId */
    static TypeId GetTypeId();

    BoardEnergyModel();
    ~BoardEnergyModel() override;

    /** @param profile base load and energy of a frame */
    void SetProfile(Ptr<const DeviceProfile> profile);

    /** A frame has been handed to the radio, or by it. */
    void NoteFrame();

    void SetOn(bool on) override;

    /** @return energy of the base load from time 0 until now, in joules */
    double BaseJ() const;

    /** @return energy for frames from time 0 until now, in joules */
    double FramesJ() const;

    double EnergyJ() const override;
    double HighestW() const override;

  private:
    void DoDispose() override;

    Ptr<const DeviceProfile> m_profile;
    uint64_t m_frames{0};
    bool m_on{true};
    Time m_onTime;     ///< until it was last switched on or off
    Time m_switchedAt; ///< when that was
};

} // namespace wfl
} // namespace ns3

#endif // WFL_BOARD_ENERGY_MODEL_H
