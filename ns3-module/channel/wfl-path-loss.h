/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef WFL_PATH_LOSS_H
#define WFL_PATH_LOSS_H

#include "ns3/vector.h"

#include <string>

namespace ns3
{
namespace wfl
{

constexpr double SPEED_OF_LIGHT_MPS = 299792458; ///< in m/s, in vacuum

/**
 * Path loss by name, without shadowing and fading. d is the distance in space in metres, at least
 * 1 m, and f the frequency in GHz.
 *
 * | name | loss in dB | shadowing |
 * |---|---|---|
 * | `freespace` | 20 log10(4 pi d f / c) | 0 dB |
 * | `log-distance` | free space at the reference distance d0, + 10 n log10(d / d0) beyond | 0 dB |
 * | `indoor-los` | 32.4 + 17.3 log10 d + 20 log10 f | 3 dB |
 * | `indoor-nlos` | 17.3 + 38.3 log10 d + 24.9 log10 f, at least that of `indoor-los` | 8.03 dB |
 * | `umi-los` | 32.4 + 21 log10 d + 20 log10 f; beyond the breakpoint d_b 32.4 + 40 log10 d +
 *   20 log10 f - 9.5 log10(d_b^2 + (h_b - h)^2) | 4 dB |
 * | `umi-nlos` | 22.4 + 35.3 log10 d + 21.3 log10 f - 0.3 (h - 1.5), at least `umi-los` | 7.82 dB |
 * | `uma-los` | 28 + 22 log10 d + 20 log10 f; beyond the breakpoint 28 + 40 log10 d + 20 log10 f -
 *   9 log10(d_b^2 + (h_b - h)^2) | 4 dB |
 * | `uma-nlos` | 13.54 + 39.08 log10 d + 20 log10 f - 0.6 (h - 1.5), at least `uma-los` | 6 dB |
 * | `macro` | 128.1 + 37.6 log10(d / 1 km), for 2 GHz | 8 dB |
 *
 * The indoor office (InH), street canyon (UMi) and urban macro (UMa) ones are those of 3GPP TR
 * 38.901, Table 7.4.1-1; h_b and h are the heights of the higher and the lower station, and the
 * breakpoint is at d_b = 4 (h_b - 1) (h - 1) f / c on the ground. An effective environment height
 * of 1 m is meant for stations below 13 m; higher ones would draw it at random. `macro` is that of
 * 3GPP TR 36.942, 4.5.2, for base stations 15 m above the roofs.
 */
class PathLoss
{
  public:
    /** What the names leave open. */
    struct Settings
    {
        std::string name;          ///< one of those above
        double frequencyHz;        ///< carrier frequency
        double exponent;           ///< n, for log-distance only
        double referenceDistanceM; ///< d0, for log-distance only
    };

    /**
     * @param settings what loss
     * @param where the beginning of the error message
     * @throws fl::UserError if there is no loss of that name
     */
    PathLoss(const Settings& settings, const std::string& where);

    /**
     * @param a where one station is, in metres; z is its height above the ground
     * @param b where the other is
     * @return the loss between them in dB, the same in both directions
     */
    double LossDb(const Vector& a, const Vector& b) const;

    /** @return standard deviation of the shadowing that belongs to it, in dB */
    double ShadowingSigmaDb() const;

    /** @return height in metres at which its base station or access point stands */
    double BaseHeightM() const;

  private:
    /** What a name means. */
    struct Preset;

    double FreeSpaceDb(double distanceM) const;
    double IndoorDb(double distanceM, bool isVisible) const;
    double UrbanDb(const Vector& a, const Vector& b, double distanceM) const;

    Settings m_settings;
    const Preset* m_preset;
};

} // namespace wfl
} // namespace ns3

#endif // WFL_PATH_LOSS_H
