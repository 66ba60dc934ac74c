/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/fl-parameters.h"

#include "ns3/fl-error.h"

#include <algorithm>
#include <cassert>
#include <charconv>
#include <cmath>
#include <sstream>

namespace fl
{

namespace
{

/** Checks one value against its row of the table. */
void
Check(const ParameterInfo& info, const std::string& value, const std::string& where)
{
    double number = 0;
    switch (info.type)
    {
    case ParameterType::REAL:
        number = ParseReal(value, where);
        break;
    case ParameterType::INTEGER:
        number = static_cast<double>(ParseInteger(value, where));
        break;
    case ParameterType::BOOLEAN:
        if (value != "true" && value != "false")
        {
            throw UserError(where + ": \"" + value + "\" is neither true nor false");
        }
        return;
    case ParameterType::CHOICE:
        if (std::find(info.choices.begin(), info.choices.end(), value) == info.choices.end())
        {
            throw UserError(where + ": \"" + value + "\" is none of " + JoinWords(info.choices));
        }
        return;
    case ParameterType::TEXT:
        return;
    }
    if (number < info.minimum || number > info.maximum)
    {
        throw UserError(where + ": " + value + " is out of range, allowed is " + info.Range());
    }
}

} // namespace

double
ParseReal(const std::string& text, const std::string& where)
{
    double value = 0;
    const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (fault != std::errc() || end != text.data() + text.size() || !std::isfinite(value))
    {
        throw UserError(where + ": \"" + text + "\" is not a number");
    }
    return value;
}

int64_t
ParseInteger(const std::string& text, const std::string& where)
{
    int64_t value = 0;
    const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (fault != std::errc() || end != text.data() + text.size())
    {
        throw UserError(where + ": \"" + text + "\" is not a whole number");
    }
    return value;
}

std::string
JoinWords(const std::vector<std::string>& words)
{
    std::string joined;
    for (const auto& word : words)
    {
        joined += (joined.empty() ? "" : ", ") + word;
    }
    return joined;
}

std::string
ShortText(double value)
{
    std::ostringstream text;
    text << value;
    return text.str();
}

std::string
ParameterInfo::Range() const
{
    if (type == ParameterType::BOOLEAN)
    {
        return "true, false";
    }
    if (type == ParameterType::CHOICE)
    {
        return JoinWords(choices);
    }
    if (std::isinf(minimum) && std::isinf(maximum))
    {
        return "any";
    }
    if (std::isinf(maximum))
    {
        return "at least " + ShortText(minimum);
    }
    const bool whole = type == ParameterType::INTEGER;
    return ShortText(minimum) + " to " +
           (whole ? std::to_string(static_cast<int64_t>(maximum)) : ShortText(maximum));
}

NameSpec
NameSpec::Parse(const std::string& text, const std::string& option)
{
    const std::string form = ", expected name or name[Key=value|Key=value]";
    NameSpec spec;
    const auto open = text.find('[');
    spec.name = text.substr(0, open);
    if (spec.name.empty())
    {
        throw UserError(option + ": \"" + text + "\" has no name" + form);
    }
    if (open == std::string::npos)
    {
        return spec;
    }
    if (text.back() != ']')
    {
        throw UserError(option + ": \"" + text + "\" does not end with ]" + form);
    }
    std::istringstream inside(text.substr(open + 1, text.size() - open - 2));
    std::string item;
    while (std::getline(inside, item, '|'))
    {
        const auto equals = item.find('=');
        if (equals == std::string::npos || equals == 0)
        {
            throw UserError(option + ": \"" + item + "\" in \"" + text + "\" is not Key=value" +
                            form);
        }
        if (!spec.values.emplace(item.substr(0, equals), item.substr(equals + 1)).second)
        {
            throw UserError(option + ": " + item.substr(0, equals) + " stands twice in \"" + text +
                            "\"");
        }
    }
    return spec;
}

Parameters::Parameters(const ParameterTable& table, const NameSpec& spec, const std::string& option)
    : m_owner(option + "=" + spec.name),
      m_table(table)
{
    std::vector<std::string> names;
    for (const auto& info : table)
    {
        names.push_back(info.name);
    }
    for (const auto& [name, value] : spec.values)
    {
        if (std::find(names.begin(), names.end(), name) == names.end())
        {
            throw UserError(option + ": " + spec.name + " has no parameter " + name + ", it has " +
                            (names.empty() ? "none" : JoinWords(names)));
        }
    }
    for (const auto& info : table)
    {
        const auto given = spec.values.find(info.name);
        const auto& value = given == spec.values.end() ? info.defaultValue : given->second;
        Check(info, value, option + ": " + info.name + " of " + spec.name);
        m_values.emplace_back(info.name, value);
    }
}

void
Parameters::RequireEffect(const std::string& name, bool counts, const std::string& condition) const
{
    const auto info = std::find_if(m_table.begin(),
                                   m_table.end(),
                                   [&name](const ParameterInfo& row) { return row.name == name; });
    assert(info != m_table.end());
    if (!counts && Find(name, info->type) != info->defaultValue)
    {
        throw UserError(m_owner + ": " + name + " has no effect unless " + condition);
    }
}

const std::string&
Parameters::Find(const std::string& name, [[maybe_unused]] ParameterType type) const
{
    for (std::size_t i = 0; i < m_table.size(); ++i)
    {
        if (m_table[i].name == name)
        {
            assert(m_table[i].type == type);
            return m_values[i].second;
        }
    }
    throw std::logic_error("no parameter " + name);
}

double
Parameters::Real(const std::string& name) const
{
    return ParseReal(Find(name, ParameterType::REAL), name);
}

int64_t
Parameters::Integer(const std::string& name) const
{
    return ParseInteger(Find(name, ParameterType::INTEGER), name);
}

bool
Parameters::Boolean(const std::string& name) const
{
    return Find(name, ParameterType::BOOLEAN) == "true";
}

const std::string&
Parameters::Text(const std::string& name) const
{
    for (const auto& info : m_table)
    {
        if (info.name == name && info.type == ParameterType::CHOICE)
        {
            return Find(name, ParameterType::CHOICE);
        }
    }
    return Find(name, ParameterType::TEXT);
}

const std::vector<std::pair<std::string, std::string>>&
Parameters::All() const
{
    return m_values;
}

} // namespace fl
