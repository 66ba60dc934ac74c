/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/wfl-wifi-standard.h"

#include "ns3/fl-error.h"
#include "ns3/wfl-compat.h"

#include <algorithm>

namespace ns3
{
namespace wfl
{

namespace
{

/** The data rates of clause 17 in a channel of 20 MHz, in Mbit/s. */
constexpr uint32_t OFDM_RATES_MBPS[] = {6, 9, 12, 18, 24, 36, 48, 54};

/** In alphabetical order. Aggregates are as long as ns-3 lets each standard have them. */
const std::vector<WifiStandardInfo>&
Standards()
{
    static const WifiModeFamily ht{"HtMcs", 8};
    static const WifiModeFamily vht{"VhtMcs", 10};
    static const WifiModeFamily he{"HeMcs", 12};
    static const WifiModeFamily eht{"EhtMcs", 14};
    static const std::vector<WifiStandardInfo> standards{
        {"80211ac", WIFI_STANDARD_80211ac, 80, 160, 1048575, false, {vht, ht}},
        {"80211ax", WIFI_STANDARD_80211ax, 80, 160, 6500631, true, {he, vht, ht}},
        {"80211be", WIFI_STANDARD_80211be, 80, 160, 6500631, true, {eht, he, vht, ht}},
        {"80211n", WIFI_STANDARD_80211n, 20, 40, 65535, false, {ht}},
    };
    return standards;
}

std::string
OfdmRate(uint32_t mbps)
{
    return "OfdmRate" + std::to_string(mbps) + "Mbps";
}

} // namespace

bool
WifiStandardInfo::HasWidth(uint16_t widthMhz) const
{
    const bool exists = widthMhz == 20 || widthMhz == 40 || widthMhz == 80 || widthMhz == 160;
    return exists && widthMhz <= maxWidthMhz;
}

bool
WifiStandardInfo::HasMode(const std::string& mode) const
{
    for (const auto& family : families)
    {
        for (uint32_t number = 0; number < family.count; ++number)
        {
            if (mode == family.name + std::to_string(number))
            {
                return true;
            }
        }
    }
    return std::any_of(std::begin(OFDM_RATES_MBPS),
                       std::end(OFDM_RATES_MBPS),
                       [&mode](uint32_t mbps) { return mode == OfdmRate(mbps); });
}

std::string
WifiStandardInfo::SomeModes() const
{
    std::string modes = OfdmRate(24);
    for (const auto& family : families)
    {
        modes += ", " + family.name + "7";
    }
    return modes;
}

std::string
WifiStandardInfo::CommonMode() const
{
    return families.front().name + "7";
}

const WifiStandardInfo&
FindWifiStandard(const std::string& name, const std::string& where)
{
    std::string known;
    for (const auto& info : Standards())
    {
        if (info.name != name)
        {
            known += (known.empty() ? "" : ", ") + info.name;
            continue;
        }
        if (info.standard == WIFI_STANDARD_80211be && !HAS_80211BE)
        {
            throw fl::UserError(where + ": 80211be needs ns-3 3.38 or later, this is " +
                                WFL_NS3_VERSION);
        }
        return info;
    }
    throw fl::UserError(where + ": \"" + name + "\" is none of " + known);
}

} // namespace wfl
} // namespace ns3
