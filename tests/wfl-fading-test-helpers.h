/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef WFL_FADING_TEST_HELPERS_H
#define WFL_FADING_TEST_HELPERS_H

#include "ns3/object-factory.h"
#include "ns3/wfl-block-fading.h"

#include <boost/math/special_functions/expint.hpp>
#include <boost/math/special_functions/gamma.hpp>
#include <cmath>
#include <sstream>
#include <string>

namespace ns3::wfl::test
{

/** @return fading with attributes as the user types them */
inline Ptr<BlockFading>
MakeFading(const std::string& attributes)
{
    ObjectFactory factory;
    std::istringstream("ns3::wfl::BlockFading[" + attributes + "]") >> factory;
    return factory.Create<BlockFading>();
}

/** @return probability that a power of mean 1 is below a threshold, Nakagami-m fading */
inline double
NakagamiOutage(double m, double threshold)
{
    return boost::math::gamma_p(m, m * threshold);
}

/**
 * The density (1 + K) exp(-K - (1 + K) x) I0(2 sqrt(K (1 + K) x)), integrated by Simpson's rule.
 * @return probability that a power of mean 1 is below a threshold, Rician fading
 */
inline double
RicianOutage(double ratioDb, double threshold)
{
    const double ratio = std::pow(10, ratioDb / 10);
    const auto density = [ratio](double power)
    {
        return (1 + ratio) * std::exp(-ratio - (1 + ratio) * power) *
               std::cyl_bessel_i(0, 2 * std::sqrt(ratio * (1 + ratio) * power));
    };
    constexpr int intervals = 200;
    const double step = threshold / intervals;
    double sum = density(0) + density(threshold);
    for (int i = 1; i < intervals; ++i)
    {
        sum += (i % 2 == 1 ? 4 : 2) * density(i * step);
    }
    return sum * step / 3;
}

/** @return mean of log2(1 + snr g) bit/s/Hz in Rayleigh fading: e^(1/snr) E1(1/snr) / ln 2 */
inline double
ErgodicCapacity(double snr)
{
    return std::exp(1 / snr) * boost::math::expint(1, 1 / snr) / M_LN2;
}

} // namespace ns3::wfl::test

#endif // WFL_FADING_TEST_HELPERS_H
