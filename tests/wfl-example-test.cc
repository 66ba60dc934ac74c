/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

/** The examples, as programs: that they are built, short, right, and what the documents say. */

#include "wfl-test-helpers.h"

#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <set>
#include <sys/wait.h>

namespace ns3::wfl
{

namespace
{

using test::ReadCsv;
using test::ReadFile;
using test::SMALL_ARGUMENTS;
using test::TempFolder;
using test::With;

const std::string TOP = WFL_SOURCE_DIR;

/** Runs one of the example programs and returns what it left. */
test::ScenarioResult
RunProgram(const std::string& name, const std::vector<std::string>& arguments)
{
    const TempFolder folder;
    std::string command = std::string(WFL_PROGRAM_DIR) + "/" + name;
    for (const auto& argument : arguments)
    {
        command += " '" + argument + "'";
    }
    command += " >" + folder / "out" + " 2>" + folder / "err";
    const int status = std::system(command.c_str());
    return {WIFEXITED(status) ? WEXITSTATUS(status) : -1,
            ReadFile(folder / "out"),
            ReadFile(folder / "err")};
}

/** @return the lines of an example from the first include on */
std::vector<std::string>
CodeOf(const std::string& name)
{
    const auto text = ReadFile(TOP + "/examples/" + name + ".cc");
    return test::Split(text.substr(text.find("#include")), '\n');
}

/** Expects that a program's channel passes all checks. */
void
ExpectConforms(const std::string& program, const std::string& channel)
{
    const auto result = RunProgram(program, {"--check=channel:" + channel});
    EXPECT_EQ(result.code, 0) << result.out << result.err;
    EXPECT_EQ(result.out.find("violation"), std::string::npos) << result.out;
    EXPECT_NE(result.out.find("ok         reference-loop: "), std::string::npos) << result.out;
}

} // namespace

/** What is dropped into the folder is a program. */
TEST(WflExamples, EveryFileIsAProgram)
{
    std::size_t examples = 0;
    for (const auto& entry : std::filesystem::directory_iterator(TOP + "/examples"))
    {
        if (entry.path().extension() == ".cc")
        {
            ++examples;
            const auto program = WFL_PROGRAM_DIR "/" + entry.path().stem().string();
            EXPECT_TRUE(std::filesystem::exists(program)) << program;
        }
    }
    EXPECT_GE(examples, 3U);
}

/** From `class` to the registration, blank lines aside: fewer than 40 lines of its own. */
TEST(WflExamples, CustomChannelIsShort)
{
    std::size_t lines = 0;
    bool own = false;
    for (const auto& line : CodeOf("custom-channel"))
    {
        own = own || line.rfind("class ", 0) == 0;
        lines += own && !line.empty();
        own = own && line.rfind("WFL_REGISTER_CHANNEL", 0) != 0;
    }
    EXPECT_FALSE(own) << "it is not registered";
    EXPECT_GT(lines, 20U) << "this test reads something else";
    EXPECT_LT(lines, 40U);
}

/** The code in the README is the example, and thus compiles; the explanation quotes only it. */
TEST(WflExamples, DocumentsQuoteTheExample)
{
    const auto code = CodeOf("custom-channel");
    const auto readme = ReadFile(TOP + "/README.md");
    std::string block = "```cpp\n";
    for (std::size_t i = 0; i + 1 < code.size(); ++i)
    {
        block += code[i] + "\n";
    }
    EXPECT_NE(readme.find(block + "```\n"), std::string::npos)
        << "README.md does not hold examples/custom-channel.cc";

    std::set<std::string> known;
    for (const std::string name : {"custom-channel", "custom-technology"})
    {
        for (const auto& line : CodeOf(name))
        {
            known.insert(line);
        }
    }
    std::size_t quoted = 0;
    bool inside = false;
    for (const auto& line : test::Split(ReadFile(TOP + "/doc/custom-channel.md"), '\n'))
    {
        if (line.rfind("```", 0) == 0)
        {
            inside = line == "```cpp";
        }
        else if (inside)
        {
            ++quoted;
            EXPECT_EQ(known.count(line), 1U) << line;
        }
    }
    EXPECT_GT(quoted, 20U);
}

TEST(WflExamples, CustomChannelConforms)
{
    ExpectConforms("custom-channel", "acoustic");
    ExpectConforms("custom-channel", "acoustic[RadiusM=5000|Medium=Shared]");
}

TEST(WflExamples, CustomTechnologyConforms)
{
    ExpectConforms("custom-technology", "vehicular");
    ExpectConforms("custom-technology", "vehicular[RadiusM=120]");
}

/** A channel of one's own is a name like any other: in lists, and in what is said of mistakes. */
TEST(WflExamples, NamesOfTheirOwn)
{
    const auto unknown = RunProgram("custom-channel", {"--channel=acustic"});
    EXPECT_EQ(unknown.code, 2);
    EXPECT_NE(unknown.err.find("--channel: \"acustic\" is unknown, known are acoustic, "),
              std::string::npos)
        << unknown.err;
    const auto wide = RunProgram("custom-channel", {"--channel=acoustic[RadiusM=1e9]"});
    EXPECT_EQ(wide.code, 2);
    EXPECT_NE(wide.err.find("attribute RadiusM of acoustic"), std::string::npos) << wide.err;
    const auto list = RunProgram("custom-technology", {"--channel=list"});
    EXPECT_EQ(list.code, 0);
    EXPECT_NE(list.out.find("vehicular: VehicularChannel\n    RadiusM = 50"), std::string::npos)
        << list.out;
}

/**
 * The acoustic link against its equations, with Thorp's formula in full (the example holds its
 * value at 20 kHz to three digits, hence 0.1 %), and the share of datagrams that it loses against
 * the outage of Rayleigh fading at a margin of 10 dB, 1 - exp(-1/10) = 0.0952. Over run numbers 1
 * to 12 the share is 0.090 in the mean, with a standard deviation of 0.003: what gets through is
 * followed by more within the same second, whose draw it shares.
 */
TEST(WflExamples, CustomChannelFollowsItsEquations)
{
    const TempFolder folder;
    const uint32_t workers = 30;
    const uint32_t rounds = 120;
    const auto result = RunProgram("custom-channel",
                                   With(SMALL_ARGUMENTS,
                                        {"--channel=acoustic[RadiusM=2000]",
                                         "--workers=" + std::to_string(workers),
                                         "--rounds=" + std::to_string(rounds),
                                         "--timeline=0:" + std::to_string(rounds),
                                         "--output=" + folder / "run"}));
    ASSERT_EQ(result.code, 0) << result.err;
    const double f = 20;
    const double thorp =
        0.11 * f * f / (1 + f * f) + 44 * f * f / (4100 + f * f) + 2.75e-4 * f * f + 0.003;
    std::set<uint32_t> seen;
    uint32_t uplink = 0;
    for (const auto& row : ReadCsv(folder / "run/transmissions.csv"))
    {
        if (row.at("direction") != "up")
        {
            continue;
        }
        ++uplink;
        const auto worker = static_cast<uint32_t>(std::stoul(row.at("transmitter")));
        seen.insert(worker);
        fl::Random place({1, 1}, fl::Purpose::POSITION, worker);
        const double m = 2000 * std::sqrt(place.Uniform());
        // Powers re 1 uPa, not decibels: l^1.5 a(f)^l, and noise of 10^5 f^-1.8 a hertz.
        const double received =
            std::pow(10, 14.5) / std::pow(m, 1.5) / std::pow(std::pow(10, thorp / 10), m / 1000);
        const double noise = 1e5 * std::pow(f, -1.8) * 4000;
        const double rateBps = 4000 * std::log(1 + received / noise / 10) / std::log(2);
        const double expectedS = std::stod(row.at("bytes")) * 8 / rateBps;
        ASSERT_NEAR(std::stod(row.at("duration_s")), expectedS, 1e-3 * expectedS) << worker;
    }
    EXPECT_EQ(seen.size(), workers);
    const auto summary = nlohmann::json::parse(ReadFile(folder / "run/summary.json"));
    const double lost = summary.at("lost_datagrams").at("uplink").at("link");
    EXPECT_NEAR(lost / uplink, 1 - std::exp(-0.1), 0.02);
}

/**
 * IEEE 802.11-2020, 17.3 and table 17-5, at 10 MHz: 40 us of preamble and SIGNAL, symbols of 8 us
 * with 48 bits each at 6 Mbit/s, 16 bits of service and 6 of tail; around a datagram 28 bytes of
 * UDP and IP, 8 of LLC and SNAP, 24 of MAC header and 4 of frame check. An acknowledgement has 14
 * bytes.
 */
TEST(WflExamples, CustomTechnologyFollowsTheStandard)
{
    const TempFolder folder;
    const auto result = RunProgram(
        "custom-technology",
        With(SMALL_ARGUMENTS,
             {"--channel=vehicular[RadiusM=20]", "--timeline=0:3", "--output=" + folder / "run"}));
    ASSERT_EQ(result.code, 0) << result.err;
    std::set<uint32_t> lengths;
    for (const auto& row : ReadCsv(folder / "run/transmissions.csv"))
    {
        const auto bytes = static_cast<uint32_t>(std::stoul(row.at("bytes")));
        lengths.insert(bytes);
        const uint32_t symbols = (16 + 8 * bytes + 6 + 47) / 48;
        const double standardS = 40e-6 + symbols * 8e-6;
        EXPECT_LT(std::stod(row.at("duration_s")), standardS + 1e-9) << bytes;
        EXPECT_GT(std::stod(row.at("duration_s")), standardS - 4e-6 - 1e-9) << bytes;
    }
    const uint32_t around = 28 + 8 + 24 + 4;
    EXPECT_EQ(lengths.count(14), 1U) << "no acknowledgement";
    EXPECT_EQ(lengths.count(180 * 4 + SegmentHeader::BYTES + around), 1U) << "no upload";
}

} // namespace ns3::wfl
