/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/fl-parameters.h"

#include "ns3/fl-error.h"
#include "ns3/fl-registry.h"

#include <gtest/gtest.h>

namespace fl
{

namespace
{

const ParameterTable g_table{
    {"Rate", ParameterType::REAL, "1/s", "0.5", "a number", 0, 2},
    {"Count", ParameterType::INTEGER, "", "3", "a whole number", 1},
    {"Fast", ParameterType::BOOLEAN, "", "false", "a switch"},
    {"Kind", ParameterType::CHOICE, "", "red", "a word", 0, 0, {"red", "green"}},
    {"Path", ParameterType::TEXT, "", "", "a text"},
};

/** Runs a function that must refuse what the user gave, and returns its message. */
template <typename Function>
std::string
Refusal(Function function)
{
    try
    {
        function();
    }
    catch (const UserError& error)
    {
        return error.what();
    }
    ADD_FAILURE() << "accepted";
    return "";
}

/** Parses and checks a text against the table. */
Parameters
Read(const std::string& text)
{
    return Parameters(g_table, NameSpec::Parse(text, "--part"), "--part");
}

} // namespace

TEST(FlParameters, NameAlone)
{
    const auto spec = NameSpec::Parse("part", "--part");
    EXPECT_EQ(spec.name, "part");
    EXPECT_TRUE(spec.values.empty());
}

TEST(FlParameters, NameAndValues)
{
    const auto spec = NameSpec::Parse("part[A=1|B=x=y|C=]", "--part");
    EXPECT_EQ(spec.name, "part");
    const std::map<std::string, std::string> expected{{"A", "1"}, {"B", "x=y"}, {"C", ""}};
    EXPECT_EQ(spec.values, expected);
    EXPECT_TRUE(NameSpec::Parse("part[]", "--part").values.empty());
}

TEST(FlParameters, DefaultsAndGivenValues)
{
    const auto defaults = Read("part");
    EXPECT_EQ(defaults.Real("Rate"), 0.5);
    EXPECT_EQ(defaults.Integer("Count"), 3);
    EXPECT_FALSE(defaults.Boolean("Fast"));
    EXPECT_EQ(defaults.Text("Kind"), "red");
    EXPECT_EQ(defaults.Text("Path"), "");

    const auto given = Read("part[Rate=1e-3|Count=7|Fast=true|Kind=green|Path=/a b]");
    EXPECT_EQ(given.Real("Rate"), 0.001);
    EXPECT_EQ(given.Integer("Count"), 7);
    EXPECT_TRUE(given.Boolean("Fast"));
    EXPECT_EQ(given.Text("Kind"), "green");
    EXPECT_EQ(given.Text("Path"), "/a b");

    const std::vector<std::pair<std::string, std::string>> all{{"Rate", "1e-3"},
                                                               {"Count", "7"},
                                                               {"Fast", "true"},
                                                               {"Kind", "green"},
                                                               {"Path", "/a b"}};
    EXPECT_EQ(given.All(), all);
}

TEST(FlParameters, UnknownNameInCodeIsAProgrammersError)
{
    EXPECT_THROW(Read("part").Real("Nothing"), std::logic_error);
}

TEST(FlParameters, WhatHasNoEffectIsRefused)
{
    const auto given = Read("part[Count=7|Fast=true]");
    EXPECT_NO_THROW(given.RequireEffect("Count", true, "Fast = true"));
    EXPECT_NO_THROW(given.RequireEffect("Rate", false, "Fast = true")) << "it was not given";
    try
    {
        given.RequireEffect("Count", false, "Kind = red");
        FAIL() << "not refused";
    }
    catch (const UserError& error)
    {
        const std::string expected = "part: Count has no effect unless Kind = red";
        EXPECT_NE(std::string(error.what()).find(expected), std::string::npos) << error.what();
    }
}

TEST(FlParameters, RangesInWords)
{
    const std::vector<std::string> expected{"0 to 2",
                                            "at least 1",
                                            "true, false",
                                            "red, green",
                                            "any"};
    for (std::size_t i = 0; i < g_table.size(); ++i)
    {
        EXPECT_EQ(g_table[i].Range(), expected[i]);
    }
}

/** Every bad input is refused in one line that names the option and the fault. */
TEST(FlParameters, BadInput)
{
    const std::vector<std::pair<std::string, std::string>> cases{
        {"", "has no name"},
        {"[Rate=1]", "has no name"},
        {"part[Rate=1", "does not end with ]"},
        {"part[Rate=1]x", "does not end with ]"},
        {"part[Rate]", "is not Key=value"},
        {"part[=1]", "is not Key=value"},
        {"part[Rate=1||Count=2]", "is not Key=value"},
        {"part[Rate=1|Rate=2]", "Rate stands twice"},
        {"part[rate=1]", "has no parameter rate, it has Rate, Count, Fast, Kind, Path"},
        {"part[Rate=]", "is not a number"},
        {"part[Rate=fast]", "\"fast\" is not a number"},
        {"part[Rate=1x]", "\"1x\" is not a number"},
        {"part[Rate= 1]", "is not a number"},
        {"part[Rate=nan]", "is not a number"},
        {"part[Rate=inf]", "is not a number"},
        {"part[Rate=1e999]", "is not a number"},
        {"part[Rate=-0.1]", "-0.1 is out of range, allowed is 0 to 2"},
        {"part[Rate=2.1]", "2.1 is out of range, allowed is 0 to 2"},
        {"part[Count=0]", "0 is out of range, allowed is at least 1"},
        {"part[Count=1.5]", "\"1.5\" is not a whole number"},
        {"part[Count=99999999999999999999]", "is not a whole number"},
        {"part[Fast=yes]", "\"yes\" is neither true nor false"},
        {"part[Kind=blue]", "\"blue\" is none of red, green"},
    };
    for (const auto& [text, fault] : cases)
    {
        SCOPED_TRACE(text);
        const std::string message = Refusal([&text = text] { Read(text); });
        EXPECT_EQ(message.rfind("--part: ", 0), 0U) << message;
        EXPECT_NE(message.find(fault), std::string::npos) << message;
        EXPECT_EQ(message.find('\n'), std::string::npos) << message;
    }
}

TEST(FlRegistry, FindsWhatIsAddedAndNamesWhatItHas)
{
    struct Factory
    {
        int value;
    };

    auto& registry = Registry<Factory>::Get();
    const Registration<Factory> two("two", "the second", {}, {2});
    const Registration<Factory> one("one", "the first", {}, {1});
    EXPECT_EQ(registry.Find("one", "--part").factory.value, 1);
    EXPECT_EQ(registry.Names(), (std::vector<std::string>{"one", "two"}));
    EXPECT_EQ(Refusal([&registry] { registry.Find("three", "--part"); }),
              "--part: \"three\" is unknown, known are one, two");
    EXPECT_THROW(registry.Add("one", {"again", {}, {3}}), std::logic_error);
}

} // namespace fl
