/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/wfl-band-split.h"

#include <algorithm>
#include <boost/math/tools/toms748_solve.hpp>
#include <cmath>
#include <cstdint>

namespace ns3
{
namespace wfl
{

namespace
{

/** @return what a share carries, in bit/s for each Hz of the whole band */
double
Efficiency(double share, double snr)
{
    return share * std::log1p(snr / share) / M_LN2;
}

/** @return the share that carries so much; more than 1 if the whole band does not */
double
ShareFor(double efficiency, double snr)
{
    constexpr double tooMuch = 2;
    if (Efficiency(1, snr) < efficiency)
    {
        return tooMuch;
    }
    // ln(1 + x) <= sqrt(x) gives a share that is too small, and from there Newton's method ascends
    // to the solution, as what a share carries is concave in it.
    double share = std::pow(efficiency * M_LN2, 2) / snr;
    constexpr int enough = 100;
    for (int i = 0; i < enough; ++i)
    {
        const double ratio = snr / share;
        const double slope = (std::log1p(ratio) - ratio / (1 + ratio)) / M_LN2;
        const double step = (efficiency - Efficiency(share, snr)) / slope;
        share += step;
        if (!(step > 1e-14 * share))
        {
            break;
        }
    }
    return share;
}

} // namespace

std::vector<double>
MinMaxShares(const std::vector<BandUser>& users)
{
    const auto count = static_cast<double>(users.size());
    // Times for a band of 1 Hz: with all of it to oneself, and with equal shares.
    double early = 0;
    double late = 0;
    for (const auto& user : users)
    {
        early = std::max(early, user.bits / Efficiency(1, user.snr));
        late = std::max(late, user.bits / Efficiency(1 / count, user.snr));
    }
    std::vector<double> shares(users.size());
    const auto divide = [&](double time)
    {
        double sum = 0;
        for (std::size_t i = 0; i < users.size(); ++i)
        {
            shares[i] = ShareFor(users[i].bits / time, users[i].snr);
            sum += shares[i];
        }
        return sum;
    };
    std::uintmax_t steps = 100;
    constexpr double margin = 1e-9; // by which both ends are on their sides in spite of rounding
    constexpr int bits = 50;
    const auto bracket =
        boost::math::tools::toms748_solve([&](double time) { return divide(time) - 1; },
                                          early * (1 - margin),
                                          late * (1 + margin),
                                          boost::math::tools::eps_tolerance<double>(bits),
                                          steps);
    const double sum = divide(bracket.second);
    for (auto& share : shares)
    {
        share /= sum;
    }
    return shares;
}

} // namespace wfl
} // namespace ns3
