/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef WFL_MODEL_NAME_H
#define WFL_MODEL_NAME_H

#include "ns3/type-id.h"

#include <string>

namespace ns3
{
namespace wfl
{

/**
 * Finds a class of ns-3, or of a user's own, by the name that the user typed.
 * @param name as in `ns3::LogDistancePropagationLossModel`
 * @param parent what it must be derived from
 * @param where option and attribute, the beginning of the error message
 * @param examples names that would be right
 * @return the class, of which objects can be made
 * @throws fl::UserError if there is no such class
 */
TypeId FindModel(const std::string& name,
                 TypeId parent,
                 const std::string& where,
                 const std::string& examples);

} // namespace wfl
} // namespace ns3

#endif // WFL_MODEL_NAME_H
