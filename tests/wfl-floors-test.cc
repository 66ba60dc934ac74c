/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

/** Who may include whom, read from the sources themselves. */

#include "wfl-test-helpers.h"

#include <algorithm>
#include <gtest/gtest.h>
#include <set>

namespace ns3::wfl
{

namespace
{

namespace fs = std::filesystem;

using Floors = std::map<std::string, std::set<std::string>>;

/** Which folders the files of a folder may include, besides their own. */
const Floors MODEL_FLOORS{
    {"base", {}},
    {"codec", {"base"}},
    {"algorithm", {"base", "codec"}},
    {"data", {"base"}},
    {"objective", {"base", "data"}},
    {"federation", {"base", "codec", "algorithm", "data", "objective"}},
};

const Floors RADIO_FLOORS{
    {"", {}},
    {"channel", {""}},
    {"transport", {"", "channel"}},
    {"energy", {"", "channel"}},
    {"policy", {"", "channel"}},
    {"app", {"", "channel", "transport", "energy", "policy"}},
    {"trace", {"", "channel", "transport", "energy", "policy", "app"}},
    {"helper", {"", "channel", "transport", "energy", "policy", "app", "trace"}},
};

/** A source file. */
struct Source
{
    std::string path;                  ///< from the top
    std::string floor;                 ///< its folder below model/ or ns3-module/
    std::vector<std::string> includes; ///< what stands between quotes or brackets
};

/** @return what a line includes, "" if it includes nothing */
std::string
IncludeOf(const std::string& line)
{
    std::istringstream words(line);
    std::string directive;
    std::string name;
    words >> directive >> name;
    if (directive == "#")
    {
        directive += name;
        words >> name;
    }
    return directive == "#include" && name.size() > 2 ? name.substr(1, name.size() - 2) : "";
}

std::vector<Source>
Sources(const std::string& half)
{
    const fs::path top = WFL_SOURCE_DIR;
    std::vector<Source> sources;
    for (const auto& entry : fs::recursive_directory_iterator(top / half))
    {
        const auto extension = entry.path().extension();
        if (extension != ".cc" && extension != ".h")
        {
            continue;
        }
        const auto path = fs::relative(entry.path(), top);
        Source source{path.generic_string(), "", {}};
        const auto folder = fs::relative(entry.path().parent_path(), top / half).generic_string();
        source.floor = folder == "." ? "" : folder;
        for (const auto& line : test::Split(test::ReadFile(entry.path().string()), '\n'))
        {
            if (const auto include = IncludeOf(line); !include.empty())
            {
                source.includes.push_back(include);
            }
        }
        sources.push_back(source);
    }
    std::sort(sources.begin(),
              sources.end(),
              [](const auto& a, const auto& b) { return a.path < b.path; });
    return sources;
}

/** @return the floor of each header of one half by the name by which it is included */
std::map<std::string, std::string>
HeaderFloors(const std::string& half)
{
    std::map<std::string, std::string> floors;
    for (const auto& source : Sources(half))
    {
        const auto path = fs::path(source.path);
        if (path.extension() == ".h")
        {
            const auto name = "ns3/" + path.filename().string();
            EXPECT_EQ(floors.count(name), 0U) << "ns-3 flattens headers: " << name;
            floors[name] = source.floor;
        }
    }
    return floors;
}

bool
BeginsWith(const std::string& text, const std::string& beginning)
{
    return text.rfind(beginning, 0) == 0;
}

void
ExpectFloors(const std::string& half, const Floors& allowed)
{
    const auto headers = HeaderFloors(half);
    const auto sources = Sources(half);
    EXPECT_GT(sources.size(), 20U) << "this test reads nothing";
    for (const auto& source : sources)
    {
        ASSERT_EQ(allowed.count(source.floor), 1U) << source.path << " is on no floor";
        for (const auto& include : source.includes)
        {
            const auto found = headers.find(include);
            if (found != headers.end() && found->second != source.floor)
            {
                EXPECT_EQ(allowed.at(source.floor).count(found->second), 1U)
                    << source.path << " includes " << include << " of " << found->second;
            }
        }
    }
}

} // namespace

TEST(WflFloors, LearningKnowsNothingOfNs3)
{
    const auto headers = HeaderFloors("model");
    for (const auto& source : Sources("model"))
    {
        const auto name = fs::path(source.path).filename().string();
        EXPECT_TRUE(BeginsWith(name, "fl-")) << source.path;
        for (const auto& include : source.includes)
        {
            if (BeginsWith(include, "ns3/"))
            {
                EXPECT_EQ(headers.count(include), 1U) << source.path << " includes " << include;
            }
            EXPECT_FALSE(BeginsWith(include, "wfl-")) << source.path << " includes " << include;
        }
    }
}

TEST(WflFloors, Learning)
{
    ExpectFloors("model", MODEL_FLOORS);
}

TEST(WflFloors, Radio)
{
    ExpectFloors("ns3-module", RADIO_FLOORS);
    for (const auto& source : Sources("ns3-module"))
    {
        EXPECT_TRUE(BeginsWith(fs::path(source.path).filename().string(), "wfl-")) << source.path;
    }
}

/** Channels carry bytes; what they mean is not for them. */
TEST(WflFloors, ChannelsKnowNothingOfLearning)
{
    const auto headers = HeaderFloors("model");
    for (const auto& source : Sources("ns3-module"))
    {
        if (source.floor != "channel")
        {
            continue;
        }
        for (const auto& include : source.includes)
        {
            const auto found = headers.find(include);
            EXPECT_TRUE(found == headers.end() || found->second == "base")
                << source.path << " includes " << include;
        }
    }
}

/** Applications get algorithms, channels and objectives from registries. */
TEST(WflFloors, ApplicationsNameNothingConcrete)
{
    const std::set<std::string> interfaces{"ns3/wfl-channel-model.h",
                                           "ns3/wfl-transport.h",
                                           "ns3/wfl-segment-header.h",
                                           "ns3/wfl-range-code.h",
                                           "ns3/wfl-compute-model.h",
                                           "ns3/wfl-availability-model.h",
                                           "ns3/wfl-selection-policy.h",
                                           "ns3/wfl-presence.h",
                                           "ns3/wfl-roster.h",
                                           "ns3/wfl-compat.h",
                                           "ns3/wfl-control.h",
                                           "ns3/wfl-round-book.h",
                                           "ns3/wfl-server.h",
                                           "ns3/wfl-worker.h",
                                           "ns3/fl-federation.h",
                                           "ns3/fl-algorithm.h",
                                           "ns3/fl-message.h",
                                           "ns3/fl-share.h",
                                           "ns3/fl-ranges.h"};
    for (const auto& source : Sources("ns3-module"))
    {
        if (source.floor != "app")
        {
            continue;
        }
        for (const auto& include : source.includes)
        {
            if (BeginsWith(include, "ns3/wfl-") || BeginsWith(include, "ns3/fl-"))
            {
                EXPECT_EQ(interfaces.count(include), 1U) << source.path << " includes " << include;
            }
        }
    }
}

/** ns-3's build compiles what the list names and nothing else. */
TEST(WflFloors, TheBuildNamesEveryFile)
{
    const auto text = test::ReadFile(std::string(WFL_SOURCE_DIR) + "/CMakeLists.txt");
    const auto begin = text.find("set(wfl_parts");
    ASSERT_NE(begin, std::string::npos);
    std::istringstream list(text.substr(begin, text.find(')', begin) - begin));
    std::set<std::string> parts;
    std::string word;
    list >> word;
    while (list >> word)
    {
        EXPECT_TRUE(parts.insert(word).second) << word << " is named twice";
        const auto path = std::string(WFL_SOURCE_DIR) + "/" + word;
        EXPECT_TRUE(fs::exists(path + ".cc") || fs::exists(path + ".h")) << word;
    }
    for (const std::string half : {"model", "ns3-module"})
    {
        for (const auto& source : Sources(half))
        {
            const auto part = source.path.substr(0, source.path.rfind('.'));
            EXPECT_EQ(parts.count(part), 1U) << source.path;
        }
    }
}

} // namespace ns3::wfl
