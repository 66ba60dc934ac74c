/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/wfl-ns2-trace.h"

#include "ns3/fl-error.h"
#include "ns3/fl-parameters.h"
#include "ns3/wfl-placement.h"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <set>
#include <sstream>

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
constexpr double LATEST_S = 1e9;

using Words = std::vector<std::string>;

/** @return the words of a line; quotation marks are words, comments and semicolons are left out */
Words
WordsOf(const std::string& line)
{
    std::string text;
    for (const char letter : line.substr(0, line.find('#')))
    {
        text += letter == '"' ? " \" " : letter == ';' ? " " : std::string(1, letter);
    }
    std::istringstream stream(text);
    return {std::istream_iterator<std::string>(stream), std::istream_iterator<std::string>()};
}

/** @return whether words are those of a form, in which an empty one stands for any */
bool
HaveForm(const Words& words, const Words& form)
{
    return std::equal(words.begin(),
                      words.end(),
                      form.begin(),
                      form.end(),
                      [](const auto& word, const auto& expected)
                      { return expected.empty() || word == expected; });
}

/** One line after the other of a file, with what it says. */
class Reader
{
  public:
    /** @param workers number of workers */
    explicit Reader(uint32_t workers)
        : trace{std::vector<Vector>(workers, {0, 0, WORKER_HEIGHT_M}), {}},
          known(workers)
    {
    }

    /**
     * @param line a line
     * @param where file and line, the beginning of error messages
     */
    void Read(const std::string& line, const std::string& where)
    {
        const auto words = WordsOf(line);
        const bool isForGod = std::find(words.begin(), words.end(), "$god_") != words.end();
        if (words.empty() || isForGod)
        {
            return;
        }
        m_where = where;
        if (HaveForm(words, {"", "set", "", ""}) && IsNode(words[0]) && IsAxis(words[2]))
        {
            const auto node = NodeOf(words[0]);
            const char axis = words[2].front();
            auto& place = trace.places[node];
            (axis == 'X' ? place.x : axis == 'Y' ? place.y : place.z) = Metres(words[3]);
            known[node].insert(axis);
        }
        else if (HaveForm(words, {"$ns_", "at", "", "\"", "", "setdest", "", "", "", "\""}) &&
                 IsNode(words[4]))
        {
            Ns2Movement movement{NodeOf(words[4]), Number(words[2], 0, LATEST_S, where)};
            movement.x = Metres(words[6]);
            movement.y = Metres(words[7]);
            movement.speedMps = Number(words[8], 0, FASTEST_MPS, where);
            trace.movements.push_back(movement);
        }
        else if (HaveForm(words, {"$ns_", "at", "", "\"", "", "set", "", "", "\""}) &&
                 IsNode(words[4]) && IsAxis(words[6]))
        {
            Ns2Movement movement{NodeOf(words[4]), Number(words[2], 0, LATEST_S, where)};
            const char axis = words[6].front();
            (axis == 'X' ? movement.x : axis == 'Y' ? movement.y : movement.z) = Metres(words[7]);
            trace.movements.push_back(movement);
        }
        else
        {
            throw fl::UserError(where + ": \"" + line.substr(0, line.find('\r')) +
                                "\" is no line of a movement file of ns-2 form");
        }
    }

    Ns2Trace trace;                    ///< so far
    std::vector<std::set<char>> known; ///< axes that the file sets, by worker

  private:
    static bool IsAxis(const std::string& word)
    {
        return word == "X_" || word == "Y_" || word == "Z_";
    }

    /** @return what stands in $node_(...); empty if the word is something else */
    static std::string NodeText(const std::string& word)
    {
        const std::string before = "$node_(";
        return word.rfind(before, 0) == 0 && word.back() == ')'
                   ? word.substr(before.size(), word.size() - before.size() - 1)
                   : "";
    }

    static bool IsNode(const std::string& word)
    {
        const auto text = NodeText(word);
        return !text.empty() && text.find_first_not_of("0123456789") == std::string::npos;
    }

    double Metres(const std::string& word) const
    {
        return Number(word, -MAX_DISTANCE_M, MAX_DISTANCE_M, m_where);
    }

    /** @return the number of a worker */
    uint32_t NodeOf(const std::string& word) const
    {
        const auto text = NodeText(word);
        // Longer than any number of a worker, and than what fits an integer.
        constexpr std::size_t longest = 9;
        if (text.size() > longest || std::stoul(text) >= trace.places.size())
        {
            throw fl::UserError(m_where + ": node " + text + " does not exist, there are " +
                                std::to_string(trace.places.size()) + " workers, from 0");
        }
        return std::stoul(text);
    }

    std::string m_where; ///< file and line
};

} // namespace

Ns2Trace
ReadNs2Trace(const std::string& path, uint32_t workers, const std::string& where)
{
    std::ifstream file(path);
    std::string text;
    if (!std::getline(file, text))
    {
        throw fl::UserError(where + ": " + (path.empty() ? "no file is given" : path) +
                            (path.empty() ? "" : " cannot be read or is empty"));
    }
    Reader reader(workers);
    uint32_t line = 0;
    do
    {
        reader.Read(text, path + ", line " + std::to_string(++line));
    } while (std::getline(file, text));
    for (uint32_t worker = 0; worker < workers; ++worker)
    {
        if (reader.known[worker].count('X') + reader.known[worker].count('Y') < 2)
        {
            throw fl::UserError(where + ": " + path + " does not set X_ and Y_ of node " +
                                std::to_string(worker));
        }
    }
    auto& movements = reader.trace.movements;
    std::stable_sort(movements.begin(),
                     movements.end(),
                     [](const auto& a, const auto& b) { return a.atS < b.atS; });
    return reader.trace;
}

} // namespace wfl
} // namespace ns3
