/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

/** Where workers are, by the name of how they move. */

#include "ns3/constant-position-mobility-model.h"
#include "ns3/wfl-mobility.h"
#include "ns3/wfl-ns2-trace.h"
#include "ns3/wfl-placement.h"

#include "wfl-test-helpers.h"

#include <algorithm>
#include <cmath>
#include <gtest/gtest.h>
#include <set>

namespace ns3::wfl
{

namespace
{

using test::CallScenario;
using test::CleanState;
using test::ReadCsv;
using test::SMALL_ARGUMENTS;
using test::TempFolder;
using test::With;

constexpr uint32_t WORKERS = 6;
constexpr double RADIUS_M = 50;

/** Places of a worker, every 100 ms. */
using Path = std::vector<Vector>;

/** @return the paths of all workers over some time, in run 1 unless said otherwise */
std::vector<Path>
Walk(const std::string& name, double seconds, uint32_t run = 1, uint32_t workers = WORKERS)
{
    Simulator::Destroy();
    RngSeedManager::SetRun(run);
    NodeContainer nodes;
    nodes.Create(workers);
    TypeRegistry::Get("mobility")
        .Parse(name)
        .Create<Mobility>()
        ->Install(nodes, RADIUS_M, {1, run});
    PlaceOnDisc(nodes, CreateObject<Node>(), RADIUS_M, {1, run});
    std::vector<Path> paths(workers);
    for (int step = 0; step <= std::lround(seconds * 10); ++step)
    {
        Simulator::Schedule(
            MilliSeconds(100 * step),
            [&]
            {
                for (uint32_t worker = 0; worker < workers; ++worker)
                {
                    paths[worker].push_back(
                        nodes.Get(worker)->GetObject<MobilityModel>()->GetPosition());
                }
            });
    }
    Simulator::Stop(Seconds(seconds + 0.05));
    Simulator::Run();
    Simulator::Destroy();
    return paths;
}

void
ExpectAt(const Vector& place, const Vector& expected)
{
    EXPECT_NEAR(place.x, expected.x, 1e-6);
    EXPECT_NEAR(place.y, expected.y, 1e-6);
    EXPECT_NEAR(place.z, expected.z, 1e-6);
}

/** Writes a file and says where. */
std::string
WriteFile(const TempFolder& folder, const std::string& text)
{
    const std::string path = folder / "movement.txt";
    std::ofstream(path) << text;
    return path;
}

/** @return what is wrong with a movement file of two workers */
std::string
Complaint(const std::string& text)
{
    const TempFolder folder;
    try
    {
        ReadNs2Trace(WriteFile(folder, text), 2, "--mobility=trace, File");
    }
    catch (const fl::UserError& error)
    {
        std::string complaint = error.what();
        const auto path = complaint.find(folder / "movement.txt");
        return path == std::string::npos
                   ? complaint
                   : complaint.replace(path, (folder / "movement.txt").size(), "FILE");
    }
    return "";
}

} // namespace

/** Nobody moves, and everybody is where channels place them without a mobility model. */
TEST(WflMobility, Constant)
{
    const CleanState clean;
    const auto paths = Walk("constant", 2);
    for (uint32_t worker = 0; worker < WORKERS; ++worker)
    {
        for (const auto& place : paths[worker])
        {
            ExpectAt(place, PlaceOf(worker, RADIUS_M, {1, 1}));
        }
    }
}

/**
 * Straight ways within the disc at speeds between the two, or at rest; all begin where they would
 * stand. Places of waypoints are even on the disc, so over time the mean distance from the middle
 * is less than the 2/3 of the radius of a place drawn evenly.
 */
TEST(WflMobility, RandomWaypoint)
{
    const CleanState clean;
    const auto paths = Walk("random-waypoint[MinSpeedMps=2|MaxSpeedMps=4|Pause=1s]", 500);
    double distanceM = 0;
    int resting = 0;
    int steps = 0;
    for (uint32_t worker = 0; worker < WORKERS; ++worker)
    {
        const auto& path = paths[worker];
        ExpectAt(path.front(), PlaceOf(worker, RADIUS_M, {1, 1}));
        for (std::size_t i = 1; i < path.size(); ++i)
        {
            const double fromMiddleM = std::hypot(path[i].x, path[i].y);
            EXPECT_LE(fromMiddleM, RADIUS_M + 1e-6);
            EXPECT_EQ(path[i].z, 1.5);
            distanceM += fromMiddleM;
            const double speedMps = CalculateDistance(path[i], path[i - 1]) / 0.1;
            EXPECT_LE(speedMps, 4 + 1e-6);
            resting += speedMps < 1e-6;
            ++steps;
        }
    }
    EXPECT_LT(distanceM / steps, RADIUS_M * 2 / 3);
    EXPECT_GT(distanceM / steps, RADIUS_M * 0.4);
    // Mean way on a disc 128 R / (45 pi) = 45.3 m, mean time of 1 m at even speeds ln 2 / 2 s:
    // rests are 1 s of 16.7.
    EXPECT_NEAR(static_cast<double>(resting) / steps, 1 / 16.7, 0.02);
}

/**
 * Within the square around the disc, on the ground, at about the mean speed; without memory the
 * direction at each step is that of the mean and noise, and with Alpha=1 nothing changes.
 */
TEST(WflMobility, GaussMarkov)
{
    const CleanState clean;
    const auto paths = Walk("gauss-markov[MinSpeedMps=2|MaxSpeedMps=4|SpeedSigmaMps=0.1]", 300);
    for (uint32_t worker = 0; worker < WORKERS; ++worker)
    {
        const auto& path = paths[worker];
        ExpectAt(path.front(), PlaceOf(worker, RADIUS_M, {1, 1}));
        double wayM = 0;
        for (std::size_t i = 1; i < path.size(); ++i)
        {
            EXPECT_LE(std::abs(path[i].x), RADIUS_M + 1e-6);
            EXPECT_LE(std::abs(path[i].y), RADIUS_M + 1e-6);
            EXPECT_EQ(path[i].z, 1.5);
            wayM += CalculateDistance(path[i], path[i - 1]);
        }
        EXPECT_GT(wayM / 300, 1.7) << worker;
        EXPECT_LT(wayM / 300, 4.3) << worker;
    }
    // For a while straight ahead, before anybody comes to the edge.
    const auto straight =
        Walk("gauss-markov[Alpha=1|MinSpeedMps=1|MaxSpeedMps=1|RadiusM=5000]", 60);
    for (const auto& path : straight)
    {
        EXPECT_NEAR(CalculateDistance(path[600], path[100]), 50, 1e-6);
        EXPECT_NEAR(CalculateDistance(path[300], path[100]), 20, 1e-6);
    }
}

/**
 * In the long run slow ways count for longer: the mean speed is (b - a) / ln(b / a) = 2.885 m/s,
 * not
 * 3. The mean distance from the middle is 25.83 m, as a Python program finds by integrating along
 * 600,000 ways between places drawn evenly from the disc. Tolerances: about 5 standard
 * deviations of the 3,300 ways here.
 */
TEST(WflMobility, RandomWaypointInTheLongRun)
{
    const CleanState clean;
    constexpr uint32_t workers = 40;
    constexpr std::size_t warmUp = 2000;
    const auto paths =
        Walk("random-waypoint[MinSpeedMps=2|MaxSpeedMps=4|Pause=0s]", 1500, 1, workers);
    double distanceM = 0;
    double wayM = 0;
    double steps = 0;
    for (const auto& path : paths)
    {
        for (std::size_t i = warmUp; i < path.size(); ++i)
        {
            distanceM += std::hypot(path[i].x, path[i].y);
            wayM += CalculateDistance(path[i], path[i - 1]);
            ++steps;
        }
    }
    EXPECT_NEAR(distanceM / steps, 25.83, 1.2);
    // A way that turns within a step of 0.1 s seems shorter, by less than 0.01 m/s.
    EXPECT_NEAR(wayM / steps / 0.1, 2 / std::log(2), 0.06);
}

/**
 * The speed is the process v' = a v + (1 - a) m + sqrt(1 - a^2) s w: its correlation after k steps
 * is a^k, its mean m and its standard deviation s. Far from edges; 12,000 steps of 40 workers, of
 * which (1 - a) / (1 + a) count for the mean. Tolerances: about 5 standard deviations.
 */
TEST(WflMobility, GaussMarkovProcess)
{
    const CleanState clean;
    constexpr uint32_t workers = 40;
    constexpr int seconds = 350;
    constexpr int warmUp = 50;
    const auto paths = Walk("gauss-markov[Alpha=0.8|MinSpeedMps=10|MaxSpeedMps=10|SpeedSigmaMps=1|"
                            "TimeStep=1s|RadiusM=100000]",
                            seconds,
                            1,
                            workers);
    double sum = 0;
    std::vector<double> products(4, 0);
    double count = 0;
    for (const auto& path : paths)
    {
        std::vector<double> aboveMean;
        for (int second = warmUp; second < seconds; ++second)
        {
            const auto step = static_cast<std::size_t>(10 * second);
            aboveMean.push_back(CalculateDistance(path[step + 9], path[step + 1]) / 0.8 - 10);
        }
        for (std::size_t i = 0; i + products.size() <= aboveMean.size(); ++i)
        {
            sum += aboveMean[i];
            ++count;
            for (std::size_t lag = 0; lag < products.size(); ++lag)
            {
                products[lag] += aboveMean[i] * aboveMean[i + lag];
            }
        }
    }
    EXPECT_NEAR(sum / count, 0, 0.14);
    EXPECT_NEAR(products[0] / count, 1, 0.14);
    for (std::size_t lag = 1; lag < products.size(); ++lag)
    {
        EXPECT_NEAR(products[lag] / products[0], std::pow(0.8, lag), 0.05) << lag;
    }
}

/** A run repeats itself; another run, and every worker, goes another way; others do not matter. */
TEST(WflMobility, Draws)
{
    const CleanState clean;
    for (const std::string name : {"random-waypoint", "gauss-markov"})
    {
        const auto first = Walk(name, 30);
        const auto again = Walk(name, 30);
        const auto other = Walk(name, 30, 2);
        const auto fewer = Walk(name, 30, 1, 2);
        std::set<double> waysM;
        for (uint32_t worker = 0; worker < WORKERS; ++worker)
        {
            EXPECT_EQ(first[worker].back().x, again[worker].back().x) << name;
            EXPECT_NE(first[worker].back().x, other[worker].back().x) << name;
            waysM.insert(CalculateDistance(first[worker][25], first[worker][0]));
        }
        EXPECT_EQ(waysM.size(), WORKERS) << name << ": everybody has a speed of its own";
        EXPECT_EQ(first[1].back().x, fewer[1].back().x) << name;
    }
}

/** A file of ns-2 form, followed; places in between by hand. */
TEST(WflMobility, Trace)
{
    const CleanState clean;
    const TempFolder folder;
    const auto path = WriteFile(folder,
                                "# three workers, as of ns-2's setdest\n"
                                "$god_ set-dist 0 1 1\n"
                                "$node_(0) set X_ 10\n"
                                "$node_(0) set Y_ 20.5\n"
                                "$node_(0) set Z_ 3\n"
                                "\n"
                                "$node_(1) set X_ -7e0\n"
                                "  $node_(1) set Y_ 0;  # a comment\n"
                                "$node_(2)\tset X_   1\r\n"
                                "$node_(2) set Y_ 1;\n"
                                "$ns_  at 1.0 \"$node_(0)\tsetdest  40 60.5 10\"\r\n"
                                "$ns_ at 8 \"$node_(0) setdest 40 50.5 1\"\n"
                                "$ns_ at 2 \"$node_(2) set X_ 100\" # another one\n");
    const auto paths = Walk("trace[File=" + path + "]", 12, 1, 3);
    // Worker 0: 50 m from second 1 on at 10 m/s, there at second 6; back at 1 m/s from second 8.
    ExpectAt(paths[0][0], {10, 20.5, 3});
    ExpectAt(paths[0][10], {10, 20.5, 3});
    ExpectAt(paths[0][20], {16, 28.5, 3});
    ExpectAt(paths[0][35], {25, 40.5, 3});
    ExpectAt(paths[0][61], {40, 60.5, 3});
    ExpectAt(paths[0][80], {40, 60.5, 3});
    ExpectAt(paths[0][100], {40, 58.5, 3});
    ExpectAt(paths[1][0], {-7, 0, 1.5});
    ExpectAt(paths[1][120], {-7, 0, 1.5});
    ExpectAt(paths[2][0], {1, 1, 1.5});
    ExpectAt(paths[2][19], {1, 1, 1.5});
    ExpectAt(paths[2][21], {100, 1, 1.5});
}

/**
 * Lines in any order, jumps on the way and afterwards, and spaces where nobody expects them. The
 * places are those of a Python program that reads the same lines and advances by 0.1 ms.
 */
TEST(WflMobility, OddTraces)
{
    const CleanState clean;
    const TempFolder folder;
    const auto path = WriteFile(folder,
                                // turns round where it is, although that is said first
                                "$ns_ at 6 \"$node_(0) setdest 0 0 2\"\n"
                                "$ns_ at 1 \"$node_(0) setdest 30 40 10\"\n"
                                "$ns_ at 2 \" $node_(1) setdest 20 0 5;\" ;\r\n"
                                "$node_(0) set X_ 0\n"
                                "$node_(0) set Y_ 0\n"
                                "$node_(1) set X_ 5; # $god_ is not meant\r\n"
                                "$node_(1) set Y_ 0;\r\n"
                                // is taken from its way, and goes on from there
                                "$ns_ at 1 \"$node_(2) setdest 8 100 20\"\n"
                                "$ns_ at 3 \"$node_(2) set X_ -4\"\n"
                                "$ns_ at 3 \"$node_(2) set Z_ 2.5\"\n"
                                "$ns_ at 5 \"$node_(2) setdest -4 20 4\"\n"
                                "$node_(2) set X_ 8\n"
                                "$node_(2) set Y_ 10\n"
                                // keeps the coordinate that it has come to
                                "$ns_ at 0 \"$node_(3) setdest 3 0 1\"\n"
                                "$ns_ at 7 \"$node_(3) set Y_ 9\"\n"
                                "$node_(3) set X_ 0\n"
                                "$node_(3) set Y_ 0\n"
                                // would be on its way for longer than ns-3's time
                                "$node_(4) set X_ 0\n"
                                "$node_(4) set Y_ 0\n"
                                "$ns_ at 1 \"$node_(4) setdest 1e9 0 0.001\"\n"
                                "$ns_ at 4 \"$god_ set-dist 0 1 2\"\n"
                                "$ns_ at 9 \"$node_(4) setdest 10 0 0\"\n");
    const auto paths = Walk("trace[File=" + path + "]", 15, 1, 5);
    const std::vector<int> tenths{0, 20, 40, 75, 100, 150};
    const std::vector<std::vector<Vector>> expected{
        {{0, 0, 1.5},
         {6, 8, 1.5},
         {18, 24, 1.5},
         {28.2, 37.6, 1.5},
         {25.2, 33.6, 1.5},
         {19.2, 25.6, 1.5}},
        {{5, 0, 1.5}, {5, 0, 1.5}, {15, 0, 1.5}, {20, 0, 1.5}, {20, 0, 1.5}, {20, 0, 1.5}},
        {{8, 10, 1.5}, {8, 30, 1.5}, {-4, 50, 2.5}, {-4, 40, 2.5}, {-4, 30, 2.5}, {-4, 20, 2.5}},
        {{0, 0, 1.5}, {2, 0, 1.5}, {3, 0, 1.5}, {3, 9, 1.5}, {3, 9, 1.5}, {3, 9, 1.5}},
        {{0, 0, 1.5},
         {0.001, 0, 1.5},
         {0.003, 0, 1.5},
         {0.0065, 0, 1.5},
         {0.008, 0, 1.5},
         {0.008, 0, 1.5}}};
    for (std::size_t worker = 0; worker < expected.size(); ++worker)
    {
        for (std::size_t i = 0; i < tenths.size(); ++i)
        {
            SCOPED_TRACE(std::to_string(worker) + " at " + std::to_string(tenths[i] / 10.0) + " s");
            ExpectAt(paths[worker][tenths[i]], expected[worker][i]);
        }
    }
}

/** One way after the other, each from the moment at which the one before ends, at 1 m/s. */
TEST(WflMobility, TraceWithoutPause)
{
    const CleanState clean;
    const TempFolder folder;
    std::string text = "$node_(0) set X_ 0\n$node_(0) set Y_ 0\n";
    for (int way = 0; way < 40; ++way)
    {
        text += "$ns_ at " + std::to_string(0.1 + 0.7 * way) + " \"$node_(0) setdest " +
                std::to_string(0.7 * (way + 1)) + " 0 1\"\n";
    }
    const auto path = Walk("trace[File=" + WriteFile(folder, text) + "]", 30, 1, 1).front();
    for (int tenth = 1; tenth <= 300; ++tenth)
    {
        EXPECT_NEAR(path[tenth].x, std::min(tenth / 10.0 - 0.1, 28.0), 1e-6) << tenth;
    }
}

TEST(WflMobility, BadTraces)
{
    const std::string places = "$node_(0) set X_ 1\n$node_(0) set Y_ 1\n"
                               "$node_(1) set X_ 1\n$node_(1) set Y_ 1\n";
    EXPECT_EQ(Complaint(places), "");
    EXPECT_EQ(Complaint(""), "--mobility=trace, File: FILE cannot be read or is empty");
    EXPECT_EQ(Complaint("$node_(0) set X_ 1\n$node_(0) set Y_ 1\n$node_(1) set Y_ 0\n"),
              "--mobility=trace, File: FILE does not set X_ and Y_ of node 1");
    EXPECT_EQ(Complaint(places + "$node_(2) set X_ 1\n"),
              "FILE, line 5: node 2 does not exist, there are 2 workers, from 0");
    EXPECT_EQ(Complaint(places + "$node_(99999999999) set X_ 1\n"),
              "FILE, line 5: node 99999999999 does not exist, there are 2 workers, from 0");
    EXPECT_EQ(Complaint("$node_(0) set W_ 1\n"),
              "FILE, line 1: \"$node_(0) set W_ 1\" is no line of a movement file of ns-2 form");
    EXPECT_EQ(Complaint(places + "time,x,y\n"),
              "FILE, line 5: \"time,x,y\" is no line of a movement file of ns-2 form");
    EXPECT_NE(Complaint("$node_(0) set X_ far\n").find("FILE, line 1"), std::string::npos);
    EXPECT_NE(Complaint("$node_(0) set X_ nan\n").find("FILE, line 1"), std::string::npos);
    EXPECT_NE(Complaint("$node_(0) set X_ 1e300\n").find("must be from -1e+09 to 1e+09"),
              std::string::npos);
    const auto movement = [&places](const std::string& command)
    {
        return Complaint(places + command + "\n");
    };
    EXPECT_EQ(movement("$ns_ at 1 \"$node_(0) setdest 1 1 0\""), "");
    EXPECT_EQ(movement("$ns_ at 1 \"$node_(0) setdest 1 1\""),
              "FILE, line 5: \"$ns_ at 1 \"$node_(0) setdest 1 1\"\" is no line of a movement file "
              "of ns-2 form");
    // ns-3 would skip these in silence.
    for (const std::string command : {"$ns_ at 1 $node_(0) setdest 1 1 1",
                                      "$ns_ at 1 \"$node_(0) setdest 1 1 1",
                                      "$ns_ at 1 \"$node_(zero) setdest 1 1 1\"",
                                      "$ns_ at 1 \"node_(0) setdest 1 1 1\"",
                                      "$ns_ at 1 \"$node_(0) set V_ 1\"",
                                      "$node_() set X_ 1",
                                      "$node_(0 set X_ 1"})
    {
        EXPECT_NE(movement(command).find("is no line of a movement file"), std::string::npos)
            << command;
    }
    for (const std::string command : {"$ns_ at -1 \"$node_(0) setdest 1 1 1\"",
                                      "$ns_ at 1e10 \"$node_(0) setdest 1 1 1\"",
                                      "$ns_ at 1 \"$node_(0) setdest 1 nan 1\"",
                                      "$ns_ at 1 \"$node_(0) setdest 1 1 -1\"",
                                      "$ns_ at 1 \"$node_(0) set X_ inf\"",
                                      "$ns_ at 1 \"$node_(5) set X_ 1\""})
    {
        EXPECT_EQ(movement(command).find("FILE, line 5: "), 0U) << command;
    }
}

/** The channel sees where workers are: mean ratios of a run on the move change from round to round.
 */
TEST(WflMobility, ChannelsFollow)
{
    const TempFolder folder;
    for (const std::string channel :
         {"tdma[Fading=None|RadiusM=50]", "ofdma[RadiusM=50|Recompute=RoundStart]", "wifi"})
    {
        for (const std::string mobility : {"constant", "gauss-markov[MinSpeedMps=5|MaxSpeedMps=9]"})
        {
            const auto result = CallScenario(With(SMALL_ARGUMENTS,
                                                  {"--channel=" + channel,
                                                   "--mobility=" + mobility,
                                                   "--compute=constant[Time=1s]",
                                                   "--overwrite",
                                                   "--output=" + folder / "run"}));
            ASSERT_EQ(result.code, 0) << result.err;
            std::map<std::string, std::set<long>> tenthsOfDb;
            for (const auto& row : ReadCsv(folder / "run/workers.csv"))
            {
                tenthsOfDb[row.at("worker")].insert(std::lround(10 * std::stod(row.at("snr_db"))));
            }
            for (const auto& [worker, values] : tenthsOfDb)
            {
                EXPECT_EQ(values.size() > 1, mobility != "constant")
                    << channel << ", " << mobility << ", worker " << worker;
            }
        }
    }
}

} // namespace ns3::wfl
