/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef WFL_BAND_SPLIT_H
#define WFL_BAND_SPLIT_H

#include <vector>

namespace ns3
{
namespace wfl
{

/** Somebody who wants a share of the band. */
struct BandUser
{
    double bits; ///< what it has to send, positive
    double snr;  ///< its signal-to-noise ratio over the whole band, over the gap; positive
};

/**
 * Divides a band so that all end at the same time, which is then as early as it can be: a share b
 * carries b log2(1 + snr / b) bit/s/Hz, as noise shrinks with the band and power does not. Solved
 * by narrowing the common time down (Alefeld, Potra and Shi, algorithm 748 of the TOMS): where it
 * is too early, shares add up to more than the band.
 * @param users who wants a share
 * @return the shares, whose sum is 1
 */
std::vector<double> MinMaxShares(const std::vector<BandUser>& users);

} // namespace wfl
} // namespace ns3

#endif // WFL_BAND_SPLIT_H
