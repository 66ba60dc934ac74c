/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/wfl-required-sir.h"

#include <array>
#include <map>

namespace ns3
{
namespace wfl
{

namespace
{

/** For frames of 32 and of 1458 bytes, in dB. */
struct Ratios
{
    double shortDb;
    double longDb;
};

/** By MCS. */
constexpr std::array<Ratios, 12> RATIOS{{{-1.3, 0.3},
                                         {1.7, 3.3},
                                         {4.2, 5.8},
                                         {6.9, 8.9},
                                         {10.2, 12.0},
                                         {14.1, 16.2},
                                         {15.4, 17.5},
                                         {16.8, 18.8},
                                         {20.4, 22.8},
                                         {22.0, 24.3},
                                         {28.9, 31.5},
                                         {30.9, 33.4}}};

constexpr uint32_t LONG_BYTES = 400; ///< from here on the model takes a frame as long

/** @return the MCS with the modulation and code rate of a non-HT rate, or the next above */
uint32_t
McsOf(const PpduMode& mode)
{
    static const std::map<uint32_t, uint32_t>
        byMbps{{6, 0}, {9, 1}, {12, 1}, {18, 2}, {24, 3}, {36, 4}, {48, 5}, {54, 6}};
    return mode.format == PpduFormat::NON_HT ? byMbps.at(mode.index) : mode.index;
}

} // namespace

double
RequiredSirDb(const PpduMode& mode, uint32_t mpduBytes)
{
    const auto& ratios = RATIOS.at(McsOf(mode));
    return mpduBytes < LONG_BYTES ? ratios.shortDb : ratios.longDb;
}

} // namespace wfl
} // namespace ns3
