/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef WFL_CONFORMANCE_H
#define WFL_CONFORMANCE_H

#include "ns3/wfl-channel-probe.h"

#include <string>
#include <vector>

namespace ns3
{
namespace wfl
{

/** Something that a channel owes and does not do. */
struct Violation
{
    std::string check; ///< name of the check that found it
    std::string what;  ///< what is wrong
    std::string where; ///< with which datagram, station or time
};

/** What most checks look at: one channel, and what it did. */
struct CheckSubject
{
    ProbeSetup setup;      ///< the channel, three workers, the run's seed
    ChannelRecord unicast; ///< links alone, all workers at once, the server to all, both at once
    ChannelRecord group;   ///< the server to several at once; nothing without group delivery
};

/** One thing that every channel owes. */
struct ChannelCheck
{
    std::string name;                                               ///< in a word
    std::string help;                                               ///< in a sentence
    std::vector<Violation> (*examine)(const CheckSubject& subject); ///< finds what is wrong
};

/** @return all checks, in the order in which they are made; the first is that it becomes ready */
const std::vector<ChannelCheck>& ChannelChecks();

/**
 * Examines a channel, alone and under a tiny federation. Takes ns-3's simulator for itself; seed
 * and run are those of ns3::RngSeedManager.
 * @param text what the user typed, `name[Attribute=value|...]`
 * @return what is wrong; empty if the channel does all it owes. A channel that does not become
 *         ready is not examined any further.
 * @throws fl::UserError for an unknown name or attribute, or a value that makes no sense
 */
std::vector<Violation> CheckChannel(const std::string& text);

/**
 * Whether what a channel does to given datagrams depends on the number of the run. Where it does
 * not, the channel is deterministic, and its times are compared one by one instead of in the mean.
 * @param subject the channel
 * @return whether another run number changed anything
 */
bool DependsOnRun(const CheckSubject& subject);

/**
 * Observes a channel for the checks.
 * @param text `name[Attribute=value|...]`
 * @return the channel, and what it did
 * @throws fl::UserError as CheckChannel()
 */
CheckSubject ObserveChannel(const std::string& text);

} // namespace wfl
} // namespace ns3

#endif // WFL_CONFORMANCE_H
