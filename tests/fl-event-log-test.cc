/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/fl-event-log.h"

#include "ns3/fl-codec.h"
#include "ns3/fl-error.h"
#include "ns3/fl-random.h"

#include <algorithm>
#include <cmath>
#include <gtest/gtest.h>
#include <limits>
#include <sstream>

namespace fl
{

namespace
{

/** @return the events in a text */
std::vector<LoggedEvent>
Read(const std::string& text)
{
    std::istringstream stream(text);
    return ReadEventLog(stream);
}

/** @return the message of the UserError that a function throws, "" if it throws none */
template <typename Function>
std::string
FaultOf(Function function)
{
    try
    {
        function();
    }
    catch (const UserError& error)
    {
        return error.what();
    }
    return "";
}

/** @return whether a text holds another */
bool
Holds(const std::string& text, const std::string& part)
{
    return text.find(part) != std::string::npos;
}

} // namespace

TEST(FlEventLog, WhatIsWrittenIsRead)
{
    std::ostringstream text;
    EventLog log(text);
    log.Write("open", {{"live", "0-4"}});
    log.Write("rest", {});
    log.Write("close", {{"loss", ToText(0.1)}, {"participants", "5"}, {"note", ""}});
    EXPECT_EQ(text.str(), "open live=0-4\nrest\nclose loss=0.1 participants=5 note=\n");
    const auto events = Read(text.str());
    ASSERT_EQ(events.size(), 3U);
    EXPECT_EQ(events[0].kind, "open");
    EXPECT_EQ(events[0].line, 1U);
    EXPECT_EQ(events[0].Numbers("live"), (Ranges{{0, 5}}));
    EXPECT_EQ(events[1].kind, "rest");
    EXPECT_TRUE(events[1].fields.empty());
    EXPECT_EQ(events[2].line, 3U);
    EXPECT_EQ(events[2].Real("loss"), 0.1);
    EXPECT_EQ(events[2].Number("participants"), 5U);
    EXPECT_EQ(events[2].Text("note"), "");
}

/** A value may hold the sign that separates it from its name. */
TEST(FlEventLog, OnlyTheFirstEqualsSignSeparates)
{
    EXPECT_EQ(Read("a b=c=d\n")[0].Text("b"), "c=d");
}

/** Writing a random log again gives the same text. */
TEST(FlEventLog, RandomLogsComeBack)
{
    for (uint32_t seed = 1; seed <= 50; ++seed)
    {
        Random random({seed, 1}, Purpose::TEST);
        std::ostringstream text;
        EventLog log(text);
        for (uint32_t i = 0; i < 20; ++i)
        {
            std::vector<uint32_t> numbers;
            for (uint32_t n = 0; n < 40; ++n)
            {
                if (random.Below(3) == 0)
                {
                    numbers.push_back(n);
                }
            }
            log.Write("event",
                      {{"n", ToText(ToRanges(numbers))}, {"x", ToText(std::exp(random.Normal()))}});
        }
        std::ostringstream again;
        EventLog copy(again);
        for (const auto& event : Read(text.str()))
        {
            copy.Write(event.kind,
                       {{"n", ToText(ToRanges(ToNumbers(event.Numbers("n"))))},
                        {"x", ToText(event.Real("x"))}});
        }
        ASSERT_EQ(again.str(), text.str());
    }
}

TEST(FlEventLog, RangesAsText)
{
    EXPECT_EQ(ToText(Ranges{}), "-");
    EXPECT_EQ(ToText(Ranges{{0, 20}, {25, 26}}), "0-19,25");
    const auto events = Read("a n=- m=0-1,4,6-6\n");
    EXPECT_EQ(events[0].Numbers("n"), Ranges{});
    EXPECT_EQ(events[0].Numbers("m"), (Ranges{{0, 2}, {4, 5}, {6, 7}}));
}

/** Every double reads back as itself. */
TEST(FlEventLog, NumbersAsText)
{
    EXPECT_EQ(ToText(0.1), "0.1");
    EXPECT_EQ(ToText(std::nan("")), "nan");
    EXPECT_TRUE(std::isnan(Read("a x=nan\n")[0].Real("x")));
    Random random({1, 1}, Purpose::TEST);
    for (uint32_t i = 0; i < 1000; ++i)
    {
        const double x = random.Normal() * std::pow(10, random.Uniform() * 600 - 300);
        ASSERT_EQ(Read("a x=" + ToText(x) + "\n")[0].Real("x"), x);
    }
    const double smallest = std::numeric_limits<double>::denorm_min();
    EXPECT_EQ(Read("a x=" + ToText(smallest) + "\n")[0].Real("x"), smallest);
}

/** A process that is killed leaves a line without its end. */
TEST(FlEventLog, ACutOffLineIsLeftOut)
{
    const std::string whole = "open live=0-4\nplan round=0 asked=0-12\n";
    for (std::size_t length = 0; length <= whole.size(); ++length)
    {
        const auto lines = static_cast<std::size_t>(
            std::count(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(length), '\n'));
        ASSERT_EQ(Read(whole.substr(0, length)).size(), lines) << length;
    }
}

TEST(FlEventLog, MalformedLinesAreNamed)
{
    for (const std::string line : {"", " ", "open live", "open  live=1", "open live=1 "})
    {
        const auto fault = FaultOf([&] { Read("rest\n" + line + "\nrest\n"); });
        EXPECT_TRUE(Holds(fault, "line 2")) << line << ": " << fault;
    }
}

TEST(FlEventLog, MalformedValuesAreNamed)
{
    for (const std::string value :
         {"", "x", "1x", "-1", "1.5", "4294967296", "99999999999999999999", "0x1"})
    {
        const auto event = Read("rest\na n=" + value + "\n")[1];
        const auto fault = FaultOf([&] { event.Number("n"); });
        EXPECT_TRUE(Holds(fault, "line 2") && Holds(fault, "n")) << value << ": " << fault;
    }
    for (const std::string value :
         {"", "x", "3-1", "1,1", "2,1", "1-3,3", "1-", "-1", "1,", ",1", "1--2", "0-4294967295"})
    {
        const auto event = Read("rest\na n=" + value + "\n")[1];
        const auto fault = FaultOf([&] { event.Numbers("n"); });
        EXPECT_TRUE(Holds(fault, "line 2")) << value << ": " << fault;
    }
    for (const std::string value : {"", "x", "1x", "inf"})
    {
        const auto event = Read("rest\na n=" + value + "\n")[1];
        const auto fault = FaultOf([&] { event.Real("n"); });
        EXPECT_TRUE(Holds(fault, "line 2")) << value << ": " << fault;
    }
    const auto fault = FaultOf([] { Read("rest\na n=1\n")[1].Text("m"); });
    EXPECT_TRUE(Holds(fault, "line 2") && Holds(fault, "a has no field m")) << fault;
}

/** All that a layout keeps of a message comes back, the bytes being zeros. */
TEST(FlEventLog, LayoutsComeBack)
{
    Random random({1, 1}, Purpose::TEST);
    std::vector<Update<float>> updates;
    for (const uint32_t size : {1, 9, 1000})
    {
        updates.emplace_back(DenseUpdate<float>{std::vector<float>(size)});
        updates.emplace_back(SignUpdate::Positive(size));
        updates.emplace_back(TernaryUpdate::Zero(size));
        SparseUpdate<float> sparse{size, {}, {}};
        for (uint32_t i = 0; i < size; ++i)
        {
            if (random.Below(10) == 0)
            {
                sparse.indices.push_back(i);
                sparse.values.push_back(1);
            }
        }
        updates.emplace_back(std::move(sparse));
    }
    for (const auto& update : updates)
    {
        for (const uint32_t bytes : {24, 80, 1400})
        {
            auto message = Encode(update, bytes);
            const auto segments = static_cast<uint32_t>(message.segments.size());
            if (segments > 3)
            {
                message.important = {{1, 2}, {3, segments}};
            }
            const auto copy = MessageOf(LayoutOf(message));
            ASSERT_EQ(copy.important, message.important);
            ASSERT_EQ(LayoutOf(copy), LayoutOf(message));
            ASSERT_EQ(copy.format, message.format);
            ASSERT_EQ(copy.dimension, message.dimension);
            ASSERT_EQ(copy.paperBits, message.paperBits);
            ASSERT_EQ(copy.bytes, std::vector<uint8_t>(message.bytes.size()));
            ASSERT_EQ(copy.segments.size(), message.segments.size());
            for (std::size_t i = 0; i < copy.segments.size(); ++i)
            {
                ASSERT_EQ(copy.segments[i].first, message.segments[i].first);
                ASSERT_EQ(copy.segments[i].count, message.segments[i].count);
                ASSERT_EQ(copy.segments[i].offset, message.segments[i].offset);
                ASSERT_EQ(copy.segments[i].length, message.segments[i].length);
            }
        }
    }
    // 1000 floats in segments of 20: 50 of 80 bytes.
    EXPECT_EQ(LayoutOf(Encode(updates[8], 80)), "0:32000:20/80*50");
    auto signs = Encode(updates[9], 80);
    EXPECT_EQ(LayoutOf(signs), "2:1000:640/80*1,360/45*1");
    signs.important = {{1, 2}};
    EXPECT_EQ(LayoutOf(signs), "2:1000:640/80*1,360/45*1:1");
}

TEST(FlEventLog, MalformedLayoutsAreRefused)
{
    for (const std::string layout : {"",
                                     "0",
                                     "0:1",
                                     "0:32:",
                                     "0:32:1",
                                     "0:32:1/4",
                                     "0:32:1*4/1",
                                     "0:32:1/4*x",
                                     "x:32:1/4*1",
                                     "30:32:1/4*1",
                                     "256:32:1/4*1",
                                     "0:-1:1/4*1",
                                     "0:x:1/4*1",
                                     "0:32:0/4*1",
                                     "0:32:1/4*0",
                                     "0:32:1/4*1,",
                                     "0:32:1/4*1:",
                                     "0:32:1/4*1:-",
                                     "0:32:1/4*1:1",
                                     "0:32:1/4*2:1,0",
                                     "0:32:1/4*2:0:1",
                                     "0:32:4294967295/4*2",
                                     "0:32:1/4294967295*2"})
    {
        const auto fault = FaultOf([&] { MessageOf(layout); });
        EXPECT_TRUE(Holds(fault, "\"" + layout + "\"")) << layout << ": " << fault;
    }
}

} // namespace fl
