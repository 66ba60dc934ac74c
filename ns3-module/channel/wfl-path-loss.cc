/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/wfl-path-loss.h"

#include "ns3/fl-error.h"
#include "ns3/fl-parameters.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <vector>

namespace ns3
{
namespace wfl
{

namespace
{

constexpr double LOW_HEIGHT_M = 1.5; ///< of handsets and, as far as nothing is said, of everybody

} // namespace

struct PathLoss::Preset
{
    /** Which formula. */
    enum Form
    {
        FREE_SPACE,
        LOG_DISTANCE,
        INDOOR,
        URBAN,
        MACRO
    };

    Form form;
    bool isVisible; ///< line of sight
    bool isHigh;    ///< the base station is above the roofs (UMa)
    double shadowingSigmaDb;
    double baseHeightM;

    /** @return what the names mean */
    static const std::map<std::string, Preset>& All()
    {
        static const std::map<std::string, Preset> presets{
            {"freespace", {FREE_SPACE, true, false, 0, LOW_HEIGHT_M}},
            {"log-distance", {LOG_DISTANCE, true, false, 0, LOW_HEIGHT_M}},
            {"indoor-los", {INDOOR, true, false, 3, LOW_HEIGHT_M}},
            {"indoor-nlos", {INDOOR, false, false, 8.03, LOW_HEIGHT_M}},
            {"umi-los", {URBAN, true, false, 4, 10}},
            {"umi-nlos", {URBAN, false, false, 7.82, 10}},
            {"uma-los", {URBAN, true, true, 4, 25}},
            {"uma-nlos", {URBAN, false, true, 6, 25}},
            {"macro", {MACRO, false, true, 8, LOW_HEIGHT_M}}};
        return presets;
    }
};

PathLoss::PathLoss(const Settings& settings, const std::string& where)
    : m_settings(settings)
{
    const auto& presets = Preset::All();
    const auto found = presets.find(settings.name);
    if (found == presets.end())
    {
        std::vector<std::string> names;
        for (const auto& [name, preset] : presets)
        {
            names.push_back(name);
        }
        throw fl::UserError(where + ": \"" + settings.name + "\" is unknown, known are " +
                            fl::JoinWords(names));
    }
    m_preset = &found->second;
}

double
PathLoss::ShadowingSigmaDb() const
{
    return m_preset->shadowingSigmaDb;
}

double
PathLoss::BaseHeightM() const
{
    return m_preset->baseHeightM;
}

double
PathLoss::LossDb(const Vector& a, const Vector& b) const
{
    const double distanceM = std::max(CalculateDistance(a, b), 1.0);
    switch (m_preset->form)
    {
    case Preset::FREE_SPACE:
        return FreeSpaceDb(distanceM);
    case Preset::LOG_DISTANCE:
        return FreeSpaceDb(m_settings.referenceDistanceM) +
               10 * m_settings.exponent *
                   std::log10(std::max(distanceM / m_settings.referenceDistanceM, 1.0));
    case Preset::INDOOR:
        return IndoorDb(distanceM, m_preset->isVisible);
    case Preset::URBAN:
        return UrbanDb(a, b, distanceM);
    case Preset::MACRO:
        break;
    }
    return 128.1 + 37.6 * std::log10(distanceM / 1000);
}

double
PathLoss::FreeSpaceDb(double distanceM) const
{
    return 20 * std::log10(4 * M_PI * distanceM * m_settings.frequencyHz / SPEED_OF_LIGHT_MPS);
}

double
PathLoss::IndoorDb(double distanceM, bool isVisible) const
{
    const double frequency = std::log10(m_settings.frequencyHz / 1e9);
    const double visibleDb = 32.4 + 17.3 * std::log10(distanceM) + 20 * frequency;
    const double hiddenDb = 17.3 + 38.3 * std::log10(distanceM) + 24.9 * frequency;
    return isVisible ? visibleDb : std::max(visibleDb, hiddenDb);
}

double
PathLoss::UrbanDb(const Vector& a, const Vector& b, double distanceM) const
{
    // The formulas end at the height of a handset.
    const double lowM = std::max(std::min(a.z, b.z), LOW_HEIGHT_M);
    const double highM = std::max({a.z, b.z, LOW_HEIGHT_M});
    const double groundM = std::hypot(a.x - b.x, a.y - b.y);
    constexpr double environmentM = 1;
    const double breakpointM = 4 * (highM - environmentM) * (lowM - environmentM) *
                               m_settings.frequencyHz / SPEED_OF_LIGHT_MPS;
    const double distance = std::log10(distanceM);
    const double frequency = std::log10(m_settings.frequencyHz / 1e9);
    const bool isHigh = m_preset->isHigh;
    double visibleDb = (isHigh ? 28 + 22 * distance : 32.4 + 21 * distance) + 20 * frequency;
    if (groundM > breakpointM)
    {
        const double fromBreakpoint =
            std::log10(std::pow(breakpointM, 2) + std::pow(highM - lowM, 2));
        visibleDb = (isHigh ? 28 - 9 * fromBreakpoint : 32.4 - 9.5 * fromBreakpoint) +
                    40 * distance + 20 * frequency;
    }
    const double hiddenDb =
        isHigh ? 13.54 + 39.08 * distance + 20 * frequency - 0.6 * (lowM - LOW_HEIGHT_M)
               : 22.4 + 35.3 * distance + 21.3 * frequency - 0.3 * (lowM - LOW_HEIGHT_M);
    return m_preset->isVisible ? visibleDb : std::max(visibleDb, hiddenDb);
}

} // namespace wfl
} // namespace ns3
