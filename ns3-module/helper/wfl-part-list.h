/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef WFL_PART_LIST_H
#define WFL_PART_LIST_H

#include <iosfwd>
#include <string>

namespace ns3
{
namespace wfl
{

/**
 * Prints what can be chosen for an option, a line each, with the parameters of each below it.
 * @param option the option without dashes
 * @param stream where to print
 * @return whether the option has such a list
 */
bool PrintParts(const std::string& option, std::ostream& stream);

} // namespace wfl
} // namespace ns3

#endif // WFL_PART_LIST_H
