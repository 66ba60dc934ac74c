/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/wfl-control.h"

#include "wfl-test-helpers.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace ns3::wfl
{

/** Layout by hand: 0x0102 samples, then 1.5, which is 0x3ff8 followed by 48 bits 0. */
TEST(WflControl, Hello)
{
    const std::vector<uint8_t> samples{2, 1, 0, 0, 0, 0, 0, 0};
    EXPECT_EQ(EncodeHello({0x0102, std::nullopt}), samples);
    auto both = samples;
    both.insert(both.end(), {0, 0, 0, 0, 0, 0, 0xf8, 0x3f});
    EXPECT_EQ(EncodeHello({0x0102, 1.5}), both);
    for (const auto& body : {samples, both})
    {
        const auto hello = DecodeHello(body);
        ASSERT_TRUE(hello);
        EXPECT_EQ(hello->samples, 0x0102U);
        EXPECT_EQ(hello->smoothness.value_or(0), body == both ? 1.5 : 0);
    }
    auto wrong = both;
    wrong.push_back(0);
    EXPECT_FALSE(DecodeHello(wrong));
    for (wrong = both; !wrong.empty();)
    {
        wrong.pop_back();
        EXPECT_EQ(DecodeHello(wrong).has_value(), wrong.size() == samples.size()) << wrong.size();
    }
}

/** A constant that the server needs is sent to it: 8 bytes more a worker than the others' hellos.
 */
TEST(WflControl, SmoothnessIsToldAtSetUp)
{
    const test::TempFolder folder;
    for (const auto& [algorithm, body] :
         std::vector<std::pair<std::string, uint32_t>>{{"lag-wk", 8},
                                                       {"lag-ps", 16},
                                                       {"nounif-iag", 16}})
    {
        const auto result = test::CallScenario({"--channel=ideal",
                                                "--algorithm=" + algorithm,
                                                "--dataset=lag-synthetic",
                                                "--objective=linear",
                                                "--partition=contiguous",
                                                "--workers=9",
                                                "--rounds=2",
                                                "--overwrite",
                                                "--output=" + folder / "run"});
        ASSERT_EQ(result.code, 0) << result.err;
        const auto summary = nlohmann::json::parse(test::ReadFile(folder / "run/summary.json"));
        EXPECT_EQ(summary["set_up"]["uplink_air_bytes"], 9 * (16 + body)) << algorithm;
    }
}

} // namespace ns3::wfl
