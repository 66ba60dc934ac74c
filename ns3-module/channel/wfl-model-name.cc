/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/wfl-model-name.h"

#include "ns3/fl-error.h"

namespace ns3
{
namespace wfl
{

TypeId
FindModel(const std::string& name,
          TypeId parent,
          const std::string& where,
          const std::string& examples)
{
    TypeId tid;
    if (!TypeId::LookupByNameFailSafe(name, &tid) || !tid.IsChildOf(parent) ||
        !tid.HasConstructor())
    {
        throw fl::UserError(where + ": \"" + name + "\" is no " + parent.GetName() + ", such as " +
                            examples);
    }
    return tid;
}

} // namespace wfl
} // namespace ns3
