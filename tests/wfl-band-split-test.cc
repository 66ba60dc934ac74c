/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

/** Shares of a band with which all end at the same time, and no other shares end earlier. */

#include "ns3/fl-random.h"
#include "ns3/wfl-band-split.h"

#include <algorithm>
#include <cmath>
#include <gtest/gtest.h>
#include <numeric>

namespace ns3::wfl
{

namespace
{

/** @return what a share carries in bit/s for each Hz of the band */
double
Rate(const BandUser& user, double share)
{
    return share * std::log1p(user.snr / share) / M_LN2;
}

/** @return when the last of some users ends, in a band of 1 Hz */
double
End(const std::vector<BandUser>& users, const std::vector<double>& shares)
{
    double end = 0;
    for (std::size_t i = 0; i < users.size(); ++i)
    {
        end = std::max(end, users[i].bits / Rate(users[i], shares[i]));
    }
    return end;
}

/** @return a number of users whose lengths and ratios are apart by orders of magnitude */
std::vector<BandUser>
RandomUsers(uint32_t count, uint32_t which)
{
    fl::Random random({1, 1}, fl::Purpose::TEST, count, which);
    std::vector<BandUser> users;
    for (uint32_t i = 0; i < count; ++i)
    {
        users.push_back({1 + random.Exponential(1e5), std::pow(10, 2 * random.Normal())});
    }
    return users;
}

} // namespace

TEST(WflBandSplit, EqualUsersHaveEqualShares)
{
    for (const uint32_t count : {1, 2, 5, 1000})
    {
        const auto shares = MinMaxShares(std::vector<BandUser>(count, {1e6, 10}));
        for (const double share : shares)
        {
            EXPECT_NEAR(share, 1.0 / count, 1e-10 / count);
        }
    }
}

/** At a low ratio power counts, not band: 1 bit at a small snr takes ln 2 / snr, whatever it has.
 */
TEST(WflBandSplit, TwoUsersByHand)
{
    // log2(1 + 3) = 2 in a quarter of the band and log2(1 + 1) = 1 in the rest: 0.5 and 0.75 bit/s.
    const std::vector<BandUser> users{{0.5, 0.75}, {0.75, 0.75}};
    const auto shares = MinMaxShares(users);
    EXPECT_NEAR(shares[0], 0.25, 1e-9);
    EXPECT_NEAR(shares[1], 0.75, 1e-9);
}

TEST(WflBandSplit, AllEndTogether)
{
    for (const uint32_t count : {2, 3, 10, 300})
    {
        for (uint32_t which = 0; which < 20; ++which)
        {
            const auto users = RandomUsers(count, which);
            const auto shares = MinMaxShares(users);
            EXPECT_NEAR(std::accumulate(shares.begin(), shares.end(), 0.0), 1, 1e-12);
            const double end = End(users, shares);
            double worst = 0;
            for (std::size_t i = 0; i < users.size(); ++i)
            {
                worst = std::max(worst, 1 - users[i].bits / Rate(users[i], shares[i]) / end);
            }
            EXPECT_LT(worst, 1e-7) << count << ", " << which;
            EXPECT_LE(end, End(users, std::vector<double>(count, 1.0 / count)) * (1 + 1e-9));
        }
    }
}

/** Whatever moves from one to another makes the last one later. */
TEST(WflBandSplit, NoOtherSharesAreBetter)
{
    const auto users = RandomUsers(6, 1);
    const auto shares = MinMaxShares(users);
    const double end = End(users, shares);
    for (std::size_t from = 0; from < users.size(); ++from)
    {
        for (std::size_t to = 0; to < users.size(); ++to)
        {
            auto other = shares;
            const double moved = 0.01 * shares[from];
            other[from] -= moved;
            other[to] += moved;
            EXPECT_TRUE(from == to || End(users, other) > end) << from << " to " << to;
        }
    }
}

} // namespace ns3::wfl
