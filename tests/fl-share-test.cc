/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/fl-share.h"

#include <cstdint>
#include <gtest/gtest.h>
#include <string>

namespace fl
{

/** Every share of up to four decimals of every number up to 300, against whole numbers. */
TEST(FlShare, DecimalShares)
{
    uint32_t unlike = 0;
    for (const uint32_t parts : {10U, 100U, 1000U, 10000U})
    {
        for (uint32_t part = 0; part <= parts; part += parts > 100 ? 7 : 1)
        {
            const double share = std::stod(std::to_string(part) + "e-" +
                                           std::to_string(std::to_string(parts).size() - 1));
            for (uint32_t whole = 0; whole <= 300; ++whole)
            {
                const uint32_t down = part * whole / parts;
                const uint32_t up = (part * whole + parts - 1) / parts;
                ASSERT_EQ(ShareRoundedDown(share, whole), down) << share << " of " << whole;
                ASSERT_EQ(ShareRoundedUp(share, whole), up) << share << " of " << whole;
                unlike += static_cast<uint32_t>(share * whole) != down;
            }
        }
    }
    EXPECT_GT(unlike, 0U) << "without care some of them differ";
}

/** Large numbers: what is not whole stays so down to the last digit. */
TEST(FlShare, LargeNumbers)
{
    EXPECT_EQ(ShareRoundedUp(0.01, 4000000001U), 40000001U);
    EXPECT_EQ(ShareRoundedDown(0.01, 4000000099U), 40000000U);
    EXPECT_EQ(ShareRoundedUp(1e-9, 1000000000U), 1U);
    EXPECT_EQ(ShareRoundedUp(1e-9, 1000000001U), 2U);
    EXPECT_EQ(ShareRoundedUp(1e-9, 1), 1U);
    EXPECT_EQ(ShareRoundedDown(1e-9, 999999999U), 0U);
    EXPECT_EQ(ShareRoundedDown(1, UINT32_MAX), UINT32_MAX);
}

} // namespace fl
