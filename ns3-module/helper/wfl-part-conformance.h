/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef WFL_PART_CONFORMANCE_H
#define WFL_PART_CONFORMANCE_H

#include "ns3/wfl-conformance.h"

#include <functional>
#include <map>
#include <string>
#include <vector>

namespace ns3
{
namespace wfl
{

/** One thing that every part of a kind owes. */
struct PartCheck
{
    std::string name; ///< in a word
    std::string help; ///< in a sentence
    /** finds what is wrong with the part that a user named, `name[Attribute=value|...]` */
    std::function<std::vector<Violation>(const std::string& text)> examine;
};

/**
 * @return the checks of selection policies, availability models, compute models, devices (kind
 *         "energy") and harvest models, by kind; those of channels are ChannelChecks()
 */
const std::map<std::string, std::vector<PartCheck>>& PartChecks();

/**
 * Examines a part. Takes ns-3's simulator for itself; seed and run are those of
 * ns3::RngSeedManager.
 * @param kind a kind of PartChecks()
 * @param text what the user typed, `name[Attribute=value|...]`
 * @return what is wrong; empty if the part does all it owes
 * @throws fl::UserError for an unknown name or attribute, or a value that makes no sense
 */
std::vector<Violation> CheckPart(const std::string& kind, const std::string& text);

} // namespace wfl
} // namespace ns3

#endif // WFL_PART_CONFORMANCE_H
