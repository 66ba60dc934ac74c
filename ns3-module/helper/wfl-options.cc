/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/wfl-options.h"

#include "ns3/attribute.h"
#include "ns3/command-line.h"
#include "ns3/fl-error.h"
#include "ns3/fl-parameters.h"
#include "ns3/global-value.h"
#include "ns3/type-id.h"
#include "ns3/wfl-registry.h"

#include <algorithm>
#include <cassert>
#include <set>

namespace ns3
{
namespace wfl
{

namespace
{

/** Number of single-letter changes from one word to another (Levenshtein). */
std::size_t
Distance(const std::string& a, const std::string& b)
{
    std::vector<std::size_t> row(b.size() + 1);
    for (std::size_t j = 0; j <= b.size(); ++j)
    {
        row[j] = j;
    }
    for (std::size_t i = 1; i <= a.size(); ++i)
    {
        std::size_t diagonal = row[0];
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j)
        {
            const std::size_t change = diagonal + (a[i - 1] != b[j - 1]);
            diagonal = row[j];
            row[j] = std::min({row[j] + 1, row[j - 1] + 1, change});
        }
    }
    return row[b.size()];
}

/** Checks a value against an attribute or a global value. */
void
CheckValue(Ptr<const AttributeChecker> checker, const std::string& value, const std::string& where)
{
    if (!FitsAttribute(checker, value))
    {
        throw fl::UserError(where + ": \"" + value + "\" does not fit, expected " +
                            checker->GetValueTypeName() + " " +
                            checker->GetUnderlyingTypeInformation());
    }
}

} // namespace

Options::Options(const std::vector<Option>& table, int argc, char** argv)
    : m_table(table)
{
    for (const auto& option : table)
    {
        m_values[option.name] = option.defaultValue;
    }
    for (int i = 1; i < argc; ++i)
    {
        const std::string argument = argv[i];
        if (argument.rfind("--", 0) != 0)
        {
            throw fl::UserError("\"" + argument + "\" is not an option, options are --name=value");
        }
        const auto equals = argument.find('=');
        const std::string name =
            argument.substr(2, equals == std::string::npos ? equals : equals - 2);
        if (m_values.count(name) == 0)
        {
            CheckForNs3(argument.substr(2));
            m_forNs3.push_back(argument);
            continue;
        }
        if (m_given[name])
        {
            throw fl::UserError("--" + name + " is given twice");
        }
        m_given[name] = true;
        m_values[name] = equals == std::string::npos ? "true" : argument.substr(equals + 1);
    }
    CommandLine commandLine;
    std::map<std::string, std::string> shown;
    for (const auto& option : table)
    {
        shown[option.name] = option.defaultValue;
        commandLine.AddValue(option.name, option.help, shown[option.name]);
    }
    std::vector<std::string> arguments{argv[0]};
    arguments.insert(arguments.end(), m_forNs3.begin(), m_forNs3.end());
    commandLine.Parse(arguments);
}

void
Options::CheckForNs3(const std::string& argument) const
{
    const auto equals = argument.find('=');
    const std::string name = argument.substr(0, equals);
    const std::string value = equals == std::string::npos ? "" : argument.substr(equals + 1);
    static const std::set<std::string> printers{"PrintHelp",
                                                "help",
                                                "PrintGroups",
                                                "PrintGroup",
                                                "PrintTypeIds",
                                                "PrintAttributes",
                                                "PrintGlobals",
                                                "PrintVersion",
                                                "version"};
    if (printers.count(name) > 0)
    {
        return;
    }
    for (auto global = GlobalValue::Begin(); global != GlobalValue::End(); ++global)
    {
        if ((*global)->GetName() == name)
        {
            CheckValue((*global)->GetChecker(), value, "--" + name);
            if (name == "RngSeed" && std::stoull(value) == 0)
            {
                throw fl::UserError("--RngSeed: 0 is out of range, allowed is 1 to 4294967295");
            }
            return;
        }
    }
    static const std::map<std::string, std::string> options{
        {"ns3::wfl::FlServer::Buffer", "mode"},
        {"ns3::wfl::FlServer::Deadline", "deadline"},
        {"ns3::wfl::FlServer::EvalEvery", "eval-every"},
        {"ns3::wfl::FlServer::LateCount", "late-uploads"},
        {"ns3::wfl::FlServer::Quorum", "quorum"},
        {"ns3::wfl::FlServer::Rounds", "rounds"},
        {"ns3::wfl::FlServer::TargetAccuracy", "target-accuracy"},
        {"ns3::wfl::FlWorker::Late", "late"}};
    const auto option = options.find(name);
    if (option != options.end())
    {
        throw fl::UserError("--" + name + " would have no effect, give --" + option->second);
    }
    const auto colons = name.rfind("::");
    if (name.rfind("ns3::", 0) == 0 && colons > 3)
    {
        TypeId tid;
        if (!TypeId::LookupByNameFailSafe(name.substr(0, colons), &tid))
        {
            throw fl::UserError("--" + name + ": there is no class " + name.substr(0, colons) +
                                ", --PrintTypeIds lists them");
        }
        TypeId::AttributeInformation info;
        if (!tid.LookupAttributeByName(name.substr(colons + 2), &info))
        {
            throw fl::UserError("--" + name + ": " + tid.GetName() + " has no attribute " +
                                name.substr(colons + 2) + ", --PrintAttributes=" + tid.GetName() +
                                " lists them");
        }
        CheckValue(info.checker, value, "--" + name);
        return;
    }
    const auto nearest =
        std::min_element(m_table.begin(),
                         m_table.end(),
                         [&name](const auto& a, const auto& b)
                         { return Distance(name, a.name) < Distance(name, b.name); });
    throw fl::UserError("--" + name + " is not an option; did you mean --" + nearest->name +
                        "? --PrintHelp lists all");
}

const std::string&
Options::Text(const std::string& name) const
{
    return m_values.at(name);
}

bool
Options::IsGiven(const std::string& name) const
{
    return m_given.count(name) > 0;
}

uint32_t
Options::Number(const std::string& name, uint32_t minimum, uint32_t maximum) const
{
    const auto value = fl::ParseInteger(Text(name), "--" + name);
    if (value < minimum || value > maximum)
    {
        throw fl::UserError("--" + name + ": " + Text(name) + " is out of range, allowed is " +
                            std::to_string(minimum) + " to " + std::to_string(maximum));
    }
    return static_cast<uint32_t>(value);
}

double
Options::Real(const std::string& name, double minimum, double maximum) const
{
    const double value = fl::ParseReal(Text(name), "--" + name);
    if (value < minimum || value > maximum)
    {
        const fl::ParameterInfo range{name, fl::ParameterType::REAL, "", "", "", minimum, maximum};
        throw fl::UserError("--" + name + ": " + Text(name) + " is out of range, allowed is " +
                            range.Range());
    }
    return value;
}

bool
Options::Flag(const std::string& name) const
{
    return Choice(name, {"true", "false"}) == "true";
}

const std::string&
Options::Choice(const std::string& name, const std::vector<std::string>& words) const
{
    if (std::find(words.begin(), words.end(), Text(name)) == words.end())
    {
        throw fl::UserError("--" + name + ": \"" + Text(name) + "\" is none of " +
                            fl::JoinWords(words));
    }
    return Text(name);
}

const std::map<std::string, std::string>&
Options::All() const
{
    return m_values;
}

const std::vector<std::string>&
Options::ForNs3() const
{
    return m_forNs3;
}

} // namespace wfl
} // namespace ns3
