/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/wfl-registry.h"

#include "ns3/abort.h"
#include "ns3/attribute.h"
#include "ns3/fl-error.h"
#include "ns3/fl-parameters.h"
#include "ns3/string.h"

#include <vector>

namespace ns3
{
namespace wfl
{

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
TypeRegistry::Add(const std::string& name, TypeId tid)
{
    NS_ABORT_MSG_UNLESS(m_entries.emplace(name, tid).second, name << " is registered twice");
}

ObjectFactory
TypeRegistry::Parse(const std::string& text) const
{
    const std::string option = "--" + m_kind;
    const auto spec = fl::NameSpec::Parse(text, option);
    const auto found = m_entries.find(spec.name);
    if (found == m_entries.end())
    {
        std::vector<std::string> names;
        for (const auto& [name, tid] : m_entries)
        {
            names.push_back(name);
        }
        throw fl::UserError(option + ": \"" + spec.name + "\" is unknown, known are " +
                            fl::JoinWords(names));
    }
    ObjectFactory factory;
    factory.SetTypeId(found->second);
    for (const auto& [name, value] : spec.values)
    {
        TypeId::AttributeInformation info;
        if (!found->second.LookupAttributeByName(name, &info))
        {
            throw fl::UserError(option + ": " + spec.name + " has no attribute " + name +
                                "; --PrintAttributes=" + found->second.GetName() + " lists them");
        }
        if (!info.checker->CreateValidValue(StringValue(value)))
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

const std::map<std::string, TypeId>&
TypeRegistry::Entries() const
{
    return m_entries;
}

} // namespace wfl
} // namespace ns3
