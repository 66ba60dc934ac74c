/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/wfl-ns2-trace.h"

#include "ns3/fl-error.h"
#include "ns3/fl-parameters.h"
#include "ns3/wfl-placement.h"

#include <cmath>
#include <fstream>
#include <regex>
#include <set>

namespace ns3
{
namespace wfl
{

namespace
{

/** A number, checked by its own error message. */
double
Number(const std::string& text, double minimum, double maximum, const std::string& where)
{
    const double value = fl::ParseReal(text, where);
    if (value < minimum || value > maximum)
    {
        throw fl::UserError(where + ": " + text + " must be from " + fl::ShortText(minimum) +
                            " to " + fl::ShortText(maximum));
    }
    return value;
}

constexpr double FASTEST_MPS = 1e6;
constexpr double LATEST_S = 1e9; ///< also of an arrival: ns-3's time ends at 9.2e9 s

} // namespace

std::vector<Vector>
ReadNs2Places(const std::string& path, uint32_t workers, const std::string& where)
{
    static const std::regex place(R"(\$node_\((\d+)\)\s+set\s+([XYZ])_\s+(\S+))");
    static const std::regex movement(
        R"(\$ns_\s+at\s+(\S+)\s+"\$node_\((\d+)\)\s+setdest\s+(\S+)\s+(\S+)\s+([^\s"]+)\s*")");
    static const std::regex jump(
        R"(\$ns_\s+at\s+(\S+)\s+"\$node_\((\d+)\)\s+set\s+([XYZ])_\s+([^\s"]+)\s*")");
    static const std::regex margin(R"(^\s+|[\s;]+$)");
    std::ifstream file(path);
    std::string text;
    if (!std::getline(file, text))
    {
        throw fl::UserError(where + ": " + (path.empty() ? "no file is given" : path) +
                            (path.empty() ? "" : " cannot be read or is empty"));
    }
    std::vector<Vector> places(workers, {0, 0, WORKER_HEIGHT_M});
    std::vector<std::set<char>> known(workers);
    uint32_t line = 0;
    do
    {
        const std::string here = path + ", line " + std::to_string(++line);
        const auto checkNode = [&](const std::string& node)
        {
            // Longer than any number of a worker, and than what fits an integer.
            constexpr std::size_t longest = 9;
            if (node.size() > longest || std::stoul(node) >= workers)
            {
                throw fl::UserError(here + ": node " + node + " does not exist, there are " +
                                    std::to_string(workers) + " workers, from 0");
            }
            return std::stoul(node);
        };
        text = std::regex_replace(text.substr(0, text.find('#')), margin, "");
        std::smatch part;
        if (text.empty() || text.find("god_") != std::string::npos)
        {
            continue;
        }
        if (std::regex_match(text, part, place))
        {
            const auto node = checkNode(part[1]);
            const char axis = part.str(2)[0];
            const double value = Number(part[3], -MAX_DISTANCE_M, MAX_DISTANCE_M, here);
            (axis == 'X' ? places[node].x : axis == 'Y' ? places[node].y : places[node].z) = value;
            known[node].insert(axis);
        }
        else if (std::regex_match(text, part, movement))
        {
            Number(part[1], 0, LATEST_S, here);
            checkNode(part[2]);
            Number(part[3], -MAX_DISTANCE_M, MAX_DISTANCE_M, here);
            Number(part[4], -MAX_DISTANCE_M, MAX_DISTANCE_M, here);
            const double speed = Number(part[5], 0, FASTEST_MPS, here);
            // Far ways at such a speed would outlast ns-3's time.
            constexpr double slowestMps = 1e-3;
            if (speed > 0 && speed < slowestMps)
            {
                throw fl::UserError(here + ": speed " + part.str(5) + " must be 0 or at least " +
                                    fl::ShortText(slowestMps) + " m/s");
            }
        }
        else if (std::regex_match(text, part, jump))
        {
            Number(part[1], 0, LATEST_S, here);
            checkNode(part[2]);
            Number(part[4], -MAX_DISTANCE_M, MAX_DISTANCE_M, here);
        }
        else
        {
            throw fl::UserError(here + ": \"" + text +
                                "\" is no line of a movement file of ns-2 form");
        }
    } while (std::getline(file, text));
    for (uint32_t worker = 0; worker < workers; ++worker)
    {
        if (known[worker].count('X') + known[worker].count('Y') < 2)
        {
            throw fl::UserError(where + ": " + path + " does not set X_ and Y_ of node " +
                                std::to_string(worker));
        }
    }
    return places;
}

} // namespace wfl
} // namespace ns3
