/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/wfl-registry.h"

#include "ns3/abort.h"
#include "ns3/fl-error.h"
#include "ns3/fl-parameters.h"
#include "ns3/nstime.h"
#include "ns3/string.h"

#include <cmath>
#include <cstdlib>
#include <set>
#include <vector>

namespace ns3
{
namespace wfl
{

namespace
{

/** @return whether a text is a number, or a whole one */
bool
IsNumber(const std::string& text, bool whole)
{
    try
    {
        if (whole)
        {
            fl::ParseInteger(text, "");
        }
        else
        {
            fl::ParseReal(text, "");
        }
    }
    catch (const fl::UserError&)
    {
        return false;
    }
    return true;
}

/**
 * @return whether a text is a number with a unit of time, or without one, which means seconds, and
 * not so large that it does not fit ns-3's 64 bits of nanoseconds
 */
bool
IsTime(const std::string& text)
{
    static const std::set<std::string>
        units{"", "s", "ms", "us", "ns", "ps", "fs", "min", "h", "d", "y"};
    const auto end = text.find_last_not_of("abcdefghijklmnopqrstuvwxyz") + 1;
    const auto unit = text.substr(end);
    constexpr double longestS = 9e9;
    return units.count(unit) > 0 && IsNumber(text.substr(0, end), false) &&
           std::abs(std::strtod(text.c_str(), nullptr)) * Time("1" + unit).GetSeconds() < longestS;
}

} // namespace

bool
FitsAttribute(Ptr<const AttributeChecker> checker, const std::string& text)
{
    const auto type = checker->GetValueTypeName();
    const bool whole = type == "ns3::UintegerValue" || type == "ns3::IntegerValue";
    const bool readable = whole || type == "ns3::DoubleValue" ? IsNumber(text, whole)
                          : type == "ns3::TimeValue"          ? IsTime(text)
                                                              : true;
    return readable && checker->CreateValidValue(StringValue(text));
}

TypeRegistry::TypeRegistry(const std::string& kind)
    : m_kind(kind)
{
}

TypeRegistry&
TypeRegistry::Get(const std::string& kind)
{
    static std::map<std::string, TypeRegistry> registries;
    return registries.emplace(kind, TypeRegistry(kind)).first->second;
}

void
TypeRegistry::Add(const std::string& name, TypeId tid, const Presets& presets)
{
    NS_ABORT_MSG_UNLESS(m_entries.emplace(name, Entry{tid, presets}).second,
                        name << " is registered twice");
}

ObjectFactory
TypeRegistry::Parse(const std::string& text, std::string option) const
{
    option = option.empty() ? "--" + m_kind : option;
    const auto spec = fl::NameSpec::Parse(text, option);
    const auto found = Find(spec.name);
    if (!found)
    {
        std::vector<std::string> names;
        for (const auto& [name, entry] : m_entries)
        {
            names.push_back(name);
        }
        throw fl::UserError(option + ": \"" + spec.name + "\" is unknown, known are " +
                            fl::JoinWords(names));
    }
    const auto& [tid, presets] = *found;
    ObjectFactory factory;
    factory.SetTypeId(tid);
    for (const auto& [name, value] : presets)
    {
        factory.Set(name, StringValue(value));
    }
    for (const auto& [name, value] : spec.values)
    {
        TypeId::AttributeInformation info;
        if (!tid.LookupAttributeByName(name, &info))
        {
            throw fl::UserError(option + ": " + spec.name + " has no attribute " + name +
                                "; --PrintAttributes=" + tid.GetName() + " lists them");
        }
        if (!FitsAttribute(info.checker, value))
        {
            throw fl::UserError(option + ": \"" + value + "\" does not fit attribute " + name +
                                " of " + spec.name + ", which takes " +
                                info.checker->GetValueTypeName() + " " +
                                info.checker->GetUnderlyingTypeInformation());
        }
        factory.Set(name, StringValue(value));
    }
    return factory;
}

std::optional<TypeRegistry::Entry>
TypeRegistry::Find(const std::string& name) const
{
    const auto found = m_entries.find(name);
    if (found != m_entries.end())
    {
        return found->second;
    }
    TypeId tid;
    const bool isClass = m_base && TypeId::LookupByNameFailSafe(name, &tid) &&
                         tid.IsChildOf(*m_base) && tid.HasConstructor();
    return isClass ? std::optional<Entry>({tid, {}}) : std::nullopt;
}

void
TypeRegistry::SetBase(TypeId base)
{
    m_base = base;
}

const std::map<std::string, TypeRegistry::Entry>&
TypeRegistry::Entries() const
{
    return m_entries;
}

} // namespace wfl
} // namespace ns3
