/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef WFL_WIFI_STANDARD_H
#define WFL_WIFI_STANDARD_H

#include "ns3/wifi-standards.h"

#include <cstdint>
#include <string>
#include <vector>

namespace ns3
{
namespace wfl
{

/** Modes that are numbered from 0, for example HtMcs0 to HtMcs7. */
struct WifiModeFamily
{
    std::string name; ///< what stands in front of the number
    uint32_t count;   ///< how many there are with one spatial stream
};

/** What follows from the name of a standard of ns3::wfl::WifiChannel, in the 5 GHz band. */
struct WifiStandardInfo
{
    std::string name;                     ///< as the user types it
    WifiStandard standard;                ///< as ns-3 calls it
    uint16_t defaultWidthMhz;             ///< customary width of a channel
    uint16_t maxWidthMhz;                 ///< largest width of a channel
    uint32_t maxAmpduBytes;               ///< longest aggregate
    bool hasOfdma;                        ///< whether several stations may share a transmission
    std::vector<WifiModeFamily> families; ///< its own first, then those of its predecessors

    /**
     * @param widthMhz a width
     * @return whether there are channels of that width
     */
    bool HasWidth(uint16_t widthMhz) const;

    /**
     * @param mode a mode, for example HeMcs7 or OfdmRate24Mbps
     * @return whether a frame can be sent in it, with one spatial stream
     */
    bool HasMode(const std::string& mode) const;

    /** @return some of its modes, for an error message */
    std::string SomeModes() const;

    /** @return the mode of number 7 of its own family */
    std::string CommonMode() const;
};

/**
 * @param name what the user typed
 * @param where option and attribute, the beginning of the error message
 * @return what follows from it
 * @throws fl::UserError if there is no such standard, or none in this ns-3
 */
const WifiStandardInfo& FindWifiStandard(const std::string& name, const std::string& where);

} // namespace wfl
} // namespace ns3

#endif // WFL_WIFI_STANDARD_H
