/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef WFL_REQUIRED_SIR_H
#define WFL_REQUIRED_SIR_H

#include "ns3/wfl-ppdu-duration.h"

#include <cstdint>

namespace ns3
{
namespace wfl
{

/** What a preamble needs to be detected; that of ns3::ThresholdPreambleDetectionModel. */
constexpr double PREAMBLE_SIR_DB = 4;

/**
 * How much stronger than all others together a frame must be to survive a collision: the ratio at
 * which half of the frames are lost.
 *
 * The values were read off ns3::TableBasedErrorRateModel of ns-3.37 with convolutional coding, for
 * its two lengths of 32 and 1458 bytes.
 * @param mode how the frame is modulated
 * @param mpduBytes length of the frame, or of each frame of an A-MPDU; what is shorter than 400
 *        bytes is taken as short
 * @return the ratio in dB
 */
double RequiredSirDb(const PpduMode& mode, uint32_t mpduBytes);

} // namespace wfl
} // namespace ns3

#endif // WFL_REQUIRED_SIR_H
