/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef WFL_CHANNEL_PROBE_H
#define WFL_CHANNEL_PROBE_H

#include "ns3/fl-random.h"
#include "ns3/nstime.h"
#include "ns3/object-factory.h"
#include "ns3/wfl-channel-model.h"

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

namespace ns3
{
namespace wfl
{

/** A datagram that a probe offers to a channel. */
struct ProbeOffer
{
    StationId from;                   ///< a worker, or SERVER
    std::vector<StationId> receivers; ///< SERVER, a worker, or several for a group
    uint32_t bytes;                   ///< length; at least four, which name the datagram
    Time time{};                      ///< when it was offered
};

/** Something that a channel handed over. */
struct ProbeArrival
{
    std::optional<uint32_t> offer; ///< which one, by number; none if nobody sent this
    StationId from;                ///< whose it is, says the channel
    StationId to;                  ///< where it arrived
    uint32_t bytes;                ///< length
    bool intact;                   ///< whether its content is what was sent
    Time time;                     ///< when
};

/** A datagram that a channel said would not arrive. */
struct ProbeLoss
{
    Direction direction; ///< which way it went
    StationId worker;    ///< the worker's end of the link
    std::string reason;  ///< why
    Time time;           ///< when that was said
};

/** A radio state that a channel reported. */
struct ProbeState
{
    StationId station; ///< whose radio
    RadioState state;  ///< what it does
    Time start;        ///< since when
    Time duration;     ///< how long
};

/** All that a channel did while it was probed. */
struct ChannelRecord
{
    uint32_t readyCalls{0};             ///< how often it said that it was ready
    Time readyTime;                     ///< when it did so first
    std::vector<StationId> unreachable; ///< whom it could not reach then
    std::vector<ProbeOffer> offers;     ///< what was offered, in this order
    std::vector<ProbeArrival> arrivals;
    std::vector<ProbeLoss> losses;
    std::vector<Transmission> transmissions;
    std::vector<ProbeState> states;
    /** links, as (from, to), on which something was said to wait when all was quiet, and when */
    std::vector<std::tuple<StationId, StationId, Time>> quietBacklogs;
    /** the same of links on which nothing was said to wait right after a burst was offered */
    std::vector<std::tuple<StationId, StationId, Time>> silentBursts;
    uint32_t maxUplinkBytes{0};     ///< longest datagram upwards
    uint32_t maxDownlinkBytes{0};   ///< longest datagram downwards
    uint32_t domains{0};            ///< collision domains
    std::vector<uint32_t> domainOf; ///< the domain of each worker
    bool isFullDuplex{false};       ///< whether stations receive while they send
    bool isLossless{false};         ///< whether it says that it never loses anything
    bool mayDuplicate{false};       ///< whether it says that datagrams may arrive more than once
    bool hasGroupDelivery{false};   ///< whether one transmission reaches several workers
    bool hasSockets{false};         ///< whether it is made of ns-3 devices with internet stacks
    /** at the end, the channel's estimate for all offered bytes of a direction, by direction */
    std::map<Direction, Time> estimates;

    /** @return everything that happened, a line each, times exact to the nanosecond */
    std::vector<std::string> Lines() const;

    /** @return when the last datagram arrived or was lost; none if one did neither */
    std::optional<Time> Completion() const;
};

/**
 * Datagrams that are offered at once. The next batch comes when each of them has arrived or is
 * lost, or when nothing has happened for a long while.
 */
using ProbeBatch = std::vector<ProbeOffer>;

/**
 * Says what is offered.
 * @param channel the channel, ready
 * @param reachable the workers that it can reach
 */
using ProbeScript = std::function<std::vector<ProbeBatch>(const ChannelModel& channel,
                                                          const std::vector<StationId>& reachable)>;

/** What is probed, and how. */
struct ProbeSetup
{
    ObjectFactory channel; ///< makes the channel
    uint32_t workers{3};   ///< number of workers
    fl::RunSeed runSeed{}; ///< drives all draws, those of ns-3's assigned streams too
    Time lifetime{};       ///< how long a datagram is of use, 0 for ever
    /** the stream of ns-3's random variables to which nobody assigns one; see Probe() */
    int64_t unassignedStream{1000000000};
};

/**
 * Puts a channel between new nodes, alone: without transport and applications. Offers datagrams to
 * it and writes down all it does. Takes ns-3's simulator for itself, and leaves it destroyed; seed
 * and run of ns-3's streams are afterwards what they were.
 *
 * ns-3 numbers streams to which nobody assigns a number by the order in which they are made. A
 * probe gives them all the number of its set-up, so that what happened in the process before has no
 * influence; a channel that has assigned its streams does not depend on this number.
 *
 * @param setup what is probed
 * @param script what is offered to it
 * @return what it did
 * @throws fl::UserError if an attribute of the channel makes no sense
 */
ChannelRecord Probe(const ProbeSetup& setup, const ProbeScript& script);

/**
 * @param station a worker, SERVER or GROUP
 * @return its name in a sentence
 */
std::string StationName(StationId station);

/**
 * @param direction a direction
 * @return its name in a sentence
 */
std::string DirectionName(Direction direction);

} // namespace wfl
} // namespace ns3

#endif // WFL_CHANNEL_PROBE_H
