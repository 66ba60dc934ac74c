/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/wfl-conformance.h"

#include "ns3/fl-error.h"
#include "ns3/fl-event-log.h"
#include "ns3/fl-learning-federation.h"
#include "ns3/fl-pool.h"
#include "ns3/fl-reference-loop.h"
#include "ns3/rng-seed-manager.h"
#include "ns3/simulator.h"
#include "ns3/uinteger.h"
#include "ns3/wfl-federation-helper.h"
#include "ns3/wfl-registry.h"
#include "ns3/wfl-simulator-guard.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <set>
#include <sstream>

namespace ns3
{
namespace wfl
{

namespace
{

using Violations = std::vector<Violation>;
using Link = std::pair<StationId, Direction>; ///< a worker's end of a link

constexpr uint32_t WORKERS = 3;

/** The transport's control messages must fit into a datagram. */
constexpr uint32_t SHORTEST_MAXIMUM_BYTES = 64;

/** @return the link between two stations */
Link
LinkOf(StationId from, StationId to)
{
    return to == SERVER ? Link(from, Direction::UP) : Link(to, Direction::DOWN);
}

std::string
LinkName(const Link& link)
{
    return StationName(link.first) + ", " + DirectionName(link.second);
}

std::string
Text(Time time)
{
    std::ostringstream text;
    text.precision(9);
    text << time.GetSeconds() << " s";
    return text.str();
}

std::string
OfferName(const ChannelRecord& record, uint32_t number)
{
    const auto& offer = record.offers[number];
    return std::to_string(offer.bytes) + " bytes from " + StationName(offer.from) +
           ", offered at " + Text(offer.time);
}

/** @return the offer of an arrival if it arrived where it was sent to; others may overhear it */
const ProbeOffer*
OfferOf(const ChannelRecord& record, const ProbeArrival& arrival)
{
    if (!arrival.offer)
    {
        return nullptr;
    }
    const auto& offer = record.offers[*arrival.offer];
    const bool meant = std::find(offer.receivers.begin(), offer.receivers.end(), arrival.to) !=
                       offer.receivers.end();
    return meant && offer.from == arrival.from ? &offer : nullptr;
}

// What is offered

/** Longest datagrams of a long burst: longer than queues that somebody forgot to make long. */
constexpr uint32_t BURST = 100;

/**
 * Each link alone, then all workers at once, the server to all, and both at once; at last long
 * bursts, up and down.
 */
std::vector<ProbeBatch>
UnicastTraffic(const ChannelModel& channel, const std::vector<StationId>& reachable)
{
    const uint32_t up = channel.MaxDatagramBytes(Direction::UP) / 2;
    const uint32_t down = channel.MaxDatagramBytes(Direction::DOWN) / 2;
    std::vector<ProbeBatch> batches;
    ProbeBatch allUp;
    ProbeBatch allDown;
    for (const StationId worker : reachable)
    {
        batches.push_back({{worker, {SERVER}, up}});
        batches.push_back({{SERVER, {worker}, down}});
        for (uint32_t i = 0; i < 3; ++i)
        {
            allUp.push_back({worker, {SERVER}, up + i});
            allDown.push_back({SERVER, {worker}, down + i});
        }
    }
    batches.push_back(allUp);
    batches.push_back(allDown);
    auto both = allUp;
    both.insert(both.end(), allDown.begin(), allDown.end());
    batches.push_back(both);
    ProbeBatch burstUp;
    ProbeBatch burstDown;
    for (const StationId worker : reachable)
    {
        burstUp.insert(burstUp.end(),
                       BURST,
                       {worker, {SERVER}, channel.MaxDatagramBytes(Direction::UP)});
        burstDown.insert(burstDown.end(),
                         BURST,
                         {SERVER, {worker}, channel.MaxDatagramBytes(Direction::DOWN)});
    }
    batches.push_back(burstUp);
    batches.push_back(burstDown);
    return batches;
}

/** Several datagrams to all workers, and to some; at last a long burst to all. */
std::vector<ProbeBatch>
GroupTraffic(const ChannelModel& channel, const std::vector<StationId>& reachable)
{
    if (!channel.HasGroupDelivery())
    {
        return {};
    }
    const uint32_t bytes = channel.MaxDatagramBytes(Direction::DOWN) / 2;
    const std::vector<StationId> some(reachable.begin() + reachable.size() / 2, reachable.end());
    std::vector<ProbeBatch> batches;
    for (int i = 0; i < 4; ++i)
    {
        batches.push_back({{SERVER, reachable, bytes}});
        batches.push_back({{SERVER, some, bytes}});
    }
    batches.emplace_back(BURST,
                         ProbeOffer{SERVER, reachable, channel.MaxDatagramBytes(Direction::DOWN)});
    return batches;
}

/** @return a script of one message in a single direction, from or to the first worker */
ProbeScript
Message(Direction direction, std::function<ProbeBatch(uint32_t maxBytes, ProbeOffer)> cut)
{
    return [direction, cut](const ChannelModel& channel, const std::vector<StationId>& reachable)
    {
        // With another run number the workers are elsewhere, perhaps out of reach.
        if (reachable.empty())
        {
            return std::vector<ProbeBatch>{};
        }
        const StationId worker = reachable.front();
        const ProbeOffer offer{direction == Direction::UP ? worker : SERVER,
                               {direction == Direction::UP ? SERVER : worker},
                               0};
        return std::vector<ProbeBatch>{cut(channel.MaxDatagramBytes(direction), offer)};
    };
}

// The checks

Violations
CheckReady(const CheckSubject& subject)
{
    const std::string check = "ready";
    const auto& record = subject.unicast;
    if (record.readyCalls != 1)
    {
        return {{check,
                 "WhenReady() must call back exactly once",
                 "it did so " + std::to_string(record.readyCalls) + " times"}};
    }
    Violations violations;
    if (!std::is_sorted(record.unreachable.begin(), record.unreachable.end()) ||
        std::any_of(record.unreachable.begin(),
                    record.unreachable.end(),
                    [](StationId worker) { return worker >= WORKERS; }))
    {
        violations.push_back(
            {check, "the unreachable workers must be ascending numbers of workers", ""});
    }
    if (record.offers.empty())
    {
        violations.push_back({check, "not a single worker can be reached", Text(record.readyTime)});
    }
    return violations;
}

Violations
CheckLength(const CheckSubject& subject)
{
    const std::string check = "datagram-length";
    Violations violations;
    for (const auto direction : {Direction::UP, Direction::DOWN})
    {
        constexpr uint32_t shortest = SegmentHeader::BYTES;
        const auto record = Probe(subject.setup,
                                  Message(direction,
                                          [](uint32_t maxBytes, ProbeOffer offer)
                                          {
                                              ProbeBatch batch;
                                              for (const uint32_t bytes : {shortest, maxBytes})
                                              {
                                                  offer.bytes = bytes;
                                                  batch.push_back(offer);
                                              }
                                              return batch;
                                          }));
        const uint32_t longest =
            direction == Direction::UP ? record.maxUplinkBytes : record.maxDownlinkBytes;
        if (longest < SHORTEST_MAXIMUM_BYTES)
        {
            violations.push_back(
                {check,
                 "MaxDatagramBytes() must be at least " + std::to_string(SHORTEST_MAXIMUM_BYTES),
                 std::to_string(longest) + " " + DirectionName(direction)});
        }
        if (record.arrivals.size() + record.losses.size() < record.offers.size())
        {
            violations.push_back({check,
                                  "a datagram of " + std::to_string(shortest) + " or of " +
                                      std::to_string(longest) +
                                      " bytes neither arrives nor is told to be lost",
                                  DirectionName(direction)});
        }
    }
    return violations;
}

/** @return offered, arrived and lost datagrams, by link */
std::map<Link, std::array<uint32_t, 3>>
CountFates(const ChannelRecord& record)
{
    std::map<Link, std::array<uint32_t, 3>> fates;
    for (const auto& offer : record.offers)
    {
        for (const StationId receiver : offer.receivers)
        {
            ++fates[LinkOf(offer.from, receiver)][0];
        }
    }
    std::set<std::pair<uint32_t, StationId>> arrived;
    for (const auto& arrival : record.arrivals)
    {
        if (OfferOf(record, arrival) && arrived.emplace(*arrival.offer, arrival.to).second)
        {
            ++fates[LinkOf(arrival.from, arrival.to)][1];
        }
    }
    for (const auto& loss : record.losses)
    {
        for (auto& [link, counts] : fates)
        {
            const bool meant = link.first == loss.worker || loss.worker == GROUP;
            counts[2] += meant && link.second == loss.direction;
        }
    }
    return fates;
}

/** What does not add up between what was offered, what arrived and what was told to be lost. */
Violations
FindUnbalanced(const std::string& check, const ChannelRecord& record)
{
    Violations violations;
    for (const auto& [link, counts] : CountFates(record))
    {
        const auto [offered, arrived, lost] = counts;
        // Who misses an acknowledgement takes for lost what has arrived.
        const bool mayTellMore = record.hasSockets;
        if (arrived + lost < offered || (arrived + lost > offered && !mayTellMore))
        {
            violations.push_back({check,
                                  "offered must be arrived and lost, but " +
                                      std::to_string(offered) + " were offered, " +
                                      std::to_string(arrived) + " arrived, " +
                                      std::to_string(lost) + " were told to be lost",
                                  LinkName(link)});
        }
    }
    return violations;
}

/** Losses of which something is not told. */
Violations
FindUnexplained(const std::string& check, const ChannelRecord& record)
{
    for (const auto& loss : record.losses)
    {
        if (loss.reason.empty() || (loss.worker >= WORKERS && loss.worker != GROUP))
        {
            return {{check,
                     "a loss needs a reason and a worker",
                     "\"" + loss.reason + "\" of " + StationName(loss.worker) + " at " +
                         Text(loss.time)}};
        }
    }
    return {};
}

/** What a deadline has overtaken is dropped, but not in silence. */
Violations
FindUnbalancedExpired(const std::string& check,
                      const CheckSubject& subject,
                      const ChannelRecord& record,
                      const ProbeScript& script)
{
    Time longest;
    for (const auto& [direction, whole] : record.estimates)
    {
        longest = std::max(longest, whole);
    }
    if (longest.IsZero())
    {
        return {};
    }
    // The estimate is for all bytes of the direction, nearly all of which are long bursts.
    auto setup = subject.setup;
    setup.lifetime = longest / int64_t{2 * WORKERS};
    return FindUnbalanced(check, Probe(setup, script));
}

Violations
CheckConservation(const CheckSubject& subject)
{
    const std::string check = "conservation";
    auto violations = FindUnbalanced(check, subject.unicast);
    const auto unexplained = FindUnexplained(check, subject.unicast);
    violations.insert(violations.end(), unexplained.begin(), unexplained.end());
    if (subject.unicast.isLossless && !subject.unicast.losses.empty())
    {
        violations.push_back({check,
                              "a channel that IsLossless() loses something",
                              "at " + Text(subject.unicast.losses.front().time)});
    }
    const auto expired = FindUnbalancedExpired(check, subject, subject.unicast, UnicastTraffic);
    violations.insert(violations.end(), expired.begin(), expired.end());
    return violations;
}

Violations
FindRepeated(const ChannelRecord& record)
{
    std::set<std::pair<uint32_t, StationId>> arrived;
    for (const auto& arrival : record.arrivals)
    {
        if (arrival.offer && !arrived.emplace(*arrival.offer, arrival.to).second &&
            !record.mayDuplicate)
        {
            return {{"once",
                     "a datagram arrives twice at " + StationName(arrival.to),
                     OfferName(record, *arrival.offer)}};
        }
    }
    return {};
}

Violations
FindAltered(const ChannelRecord& record)
{
    for (const auto& arrival : record.arrivals)
    {
        const bool sent = arrival.offer && record.offers[*arrival.offer].from == arrival.from;
        if (!sent || !arrival.intact)
        {
            return {{"unaltered",
                     "what arrives must be what its sender has sent",
                     std::to_string(arrival.bytes) + " bytes from " + StationName(arrival.from) +
                         " at " + StationName(arrival.to) + " at " + Text(arrival.time)}};
        }
    }
    return {};
}

Violations
FindEarly(const ChannelRecord& record)
{
    std::map<Link, double> arrivedBytes;
    std::set<std::pair<uint32_t, StationId>> arrived;
    for (const auto& arrival : record.arrivals)
    {
        const auto* offer = OfferOf(record, arrival);
        if (!offer || !arrived.emplace(*arrival.offer, arrival.to).second)
        {
            continue;
        }
        const auto link = LinkOf(arrival.from, arrival.to);
        // By bytes, so that it holds for aggregates, whose parts arrive one by one, and for
        // fragments, too. What a transmission carries besides the datagram gives it leeway.
        double passedBytes = 0;
        for (const auto& transmission : record.transmissions)
        {
            const bool carries =
                transmission.transmitter == arrival.from && transmission.direction == link.second &&
                (transmission.worker == link.first || transmission.worker == GROUP);
            if (!carries || transmission.start > arrival.time)
            {
                continue;
            }
            const Time passed = arrival.time - transmission.start;
            passedBytes += passed >= transmission.duration
                               ? transmission.bytes
                               : transmission.bytes *
                                     (passed.GetSeconds() / transmission.duration.GetSeconds());
        }
        arrivedBytes[link] += offer->bytes;
        constexpr double rounding = 1e-3;
        if (passedBytes + rounding < arrivedBytes[link])
        {
            return {{"causality",
                     "a datagram arrives at " + StationName(arrival.to) +
                         " before the airtime of its bytes has passed",
                     OfferName(record, *arrival.offer) + ", arrived at " + Text(arrival.time)}};
        }
    }
    return {};
}

Violations
FindImpossible(const ChannelRecord& record)
{
    const auto isStation = [](StationId station)
    {
        return station < WORKERS || station == SERVER;
    };
    for (const auto& transmission : record.transmissions)
    {
        const bool isTraffic = transmission.direction != Direction::NONE;
        std::string what;
        if (!transmission.duration.IsStrictlyPositive() || transmission.start.IsStrictlyNegative())
        {
            what = "a transmission must take time";
        }
        else if (!isStation(transmission.transmitter))
        {
            what = "a transmission needs a transmitter, a worker or the server";
        }
        else if (isTraffic && transmission.worker >= WORKERS && transmission.worker != GROUP)
        {
            what = "a transmission needs a worker whose traffic it is, or a group";
        }
        else if (transmission.domain >= record.domains)
        {
            what =
                "a transmission needs a collision domain below " + std::to_string(record.domains);
        }
        else if (isTraffic && transmission.worker != GROUP &&
                 transmission.domain != record.domainOf[transmission.worker])
        {
            what = "a transmission of a worker's traffic must be in the domain of DomainOf(), " +
                   std::to_string(record.domainOf[transmission.worker]);
        }
        if (!what.empty())
        {
            return {{"transmissions",
                     what,
                     "transmitter " + StationName(transmission.transmitter) + ", for " +
                         StationName(transmission.worker) + ", domain " +
                         std::to_string(transmission.domain) + ", at " + Text(transmission.start) +
                         " for " + Text(transmission.duration)}};
        }
    }
    return {};
}

/** Since when until when. */
using Interval = std::pair<Time, Time>;

/** @return how long it is that at least one of some intervals holds */
Time
UnionLength(std::vector<Interval> intervals)
{
    std::sort(intervals.begin(), intervals.end());
    Time length;
    Time end;
    for (const auto& [from, to] : intervals)
    {
        length += std::max(to - std::max(from, end), Time());
        end = std::max(end, to);
    }
    return length;
}

/**
 * @return whether a radio cannot be in both states at once: asleep and anything else, or, with half
 * duplex, sending and receiving
 */
bool
Exclude(RadioState a, RadioState b, bool isFullDuplex)
{
    const auto isEither = [a, b](RadioState state)
    {
        return a == state || b == state;
    };
    return a != b && (isEither(RadioState::SLEEP) || isEither(RadioState::OFF) ||
                      (!isFullDuplex && isEither(RadioState::TX)));
}

Violations
FindContradictions(const ChannelRecord& record)
{
    const std::string check = "radio-states";
    const auto stationOf = [&record](StationId radio)
    {
        return radio >= AccessPoint(record.domains - 1) && radio != GROUP ? SERVER : radio;
    };
    std::map<StationId, std::vector<ProbeState>> states; // by radio
    std::map<StationId, std::vector<Interval>> sending;
    std::map<StationId, std::vector<Interval>> onAir;
    std::set<StationId> listening;
    for (const auto& state : record.states)
    {
        const StationId station = stationOf(state.station);
        if ((station >= WORKERS && station != SERVER) || state.duration.IsStrictlyNegative())
        {
            return {{check,
                     "a radio state needs a station and a time",
                     StationName(state.station) + " at " + Text(state.start) + " for " +
                         Text(state.duration)}};
        }
        states[state.station].push_back(state);
        if (state.state == RadioState::TX)
        {
            sending[station].emplace_back(state.start, state.start + state.duration);
        }
        if (state.state == RadioState::RX && state.duration.IsStrictlyPositive())
        {
            listening.insert(station);
        }
    }
    for (const auto& transmission : record.transmissions)
    {
        onAir[transmission.transmitter].emplace_back(transmission.start,
                                                     transmission.start + transmission.duration);
    }
    for (auto& [radio, ofRadio] : states)
    {
        std::stable_sort(ofRadio.begin(),
                         ofRadio.end(),
                         [](const auto& a, const auto& b) { return a.start < b.start; });
        for (std::size_t i = 0; i < ofRadio.size(); ++i)
        {
            const Time end = ofRadio[i].start + ofRadio[i].duration;
            for (std::size_t j = i + 1; j < ofRadio.size() && ofRadio[j].start < end; ++j)
            {
                if (ofRadio[j].duration.IsStrictlyPositive() &&
                    Exclude(ofRadio[i].state, ofRadio[j].state, record.isFullDuplex))
                {
                    return {{check,
                             "a radio is in two states at once that exclude each other",
                             StationName(stationOf(radio)) + " at " + Text(ofRadio[j].start)}};
                }
            }
        }
    }
    Violations violations;
    for (const auto& arrival : record.arrivals)
    {
        if (listening.count(arrival.to) == 0)
        {
            violations.push_back({check,
                                  "a radio must be in the state RX while it receives",
                                  StationName(arrival.to) + " is told never to be so, arrival at " +
                                      Text(arrival.time)});
            break;
        }
    }
    for (const auto& [station, intervals] : onAir)
    {
        if (station >= WORKERS && station != SERVER)
        {
            continue; // that nobody sends is told elsewhere
        }
        const double airS = UnionLength(intervals).GetSeconds();
        const double stateS = UnionLength(sending[station]).GetSeconds();
        if (std::abs(airS - stateS) > 0.01 * airS + 1e-6)
        {
            violations.push_back({check,
                                  "a radio must be in the state TX while its transmissions last",
                                  StationName(station) + ": " + std::to_string(airS) +
                                      " s on the air, " + std::to_string(stateS) + " s in TX"});
        }
    }
    return violations;
}

Violations
FindBacklog(const ChannelRecord& record)
{
    if (!record.quietBacklogs.empty())
    {
        const auto& [from, to, time] = record.quietBacklogs.front();
        return {{"backlog",
                 "IsBacklogged() says that something waits when nothing does",
                 StationName(from) + " to " + StationName(to) + " at " + Text(time)}};
    }
    for (const auto& [from, to, offered] : record.silentBursts)
    {
        // Where all of a burst goes out at once, nothing has waited.
        const auto waited = [&, from = from, offered = offered](const Transmission& transmission)
        {
            return transmission.transmitter == from && transmission.start > offered &&
                   transmission.direction != Direction::NONE;
        };
        if (std::any_of(record.transmissions.begin(), record.transmissions.end(), waited))
        {
            return {{"backlog",
                     "IsBacklogged() says that nothing waits right after a burst",
                     StationName(from) + " to " + StationName(to) + " at " + Text(offered)}};
        }
    }
    return {};
}

/** Looks at all that a channel did. */
template <Violations (*Find)(const ChannelRecord& record)>
Violations
OfAllTraffic(const CheckSubject& subject)
{
    const auto violations = Find(subject.unicast);
    return violations.empty() ? Find(subject.group) : violations;
}

/** @return whether a group datagram arrives at a worker in any of some other runs */
bool
GetsGroupDatagrams(const CheckSubject& subject, StationId worker)
{
    constexpr uint32_t runs = 20;
    auto setup = subject.setup;
    for (uint32_t run = 0; run < runs; ++run)
    {
        ++setup.runSeed.run;
        const auto& arrivals = Probe(setup, GroupTraffic).arrivals;
        if (std::any_of(arrivals.begin(),
                        arrivals.end(),
                        [worker](const ProbeArrival& arrival) { return arrival.to == worker; }))
        {
            return true;
        }
    }
    return false;
}

Violations
CheckGroupDelivery(const CheckSubject& subject)
{
    const std::string check = "group-delivery";
    const auto& record = subject.group;
    auto violations = FindUnbalanced(check, record);
    const auto unexplained = FindUnexplained(check, record);
    violations.insert(violations.end(), unexplained.begin(), unexplained.end());
    const auto expired = FindUnbalancedExpired(check, subject, record, GroupTraffic);
    violations.insert(violations.end(), expired.begin(), expired.end());
    for (const auto& [link, counts] : CountFates(record))
    {
        if (counts[1] == 0 && !GetsGroupDatagrams(subject, link.first))
        {
            violations.push_back(
                {check,
                 "not one of " + std::to_string(counts[0]) + " group datagrams arrives",
                 LinkName(link)});
        }
    }
    return violations;
}

/** @return what is the first difference between two records; empty if there is none */
std::string
FirstDifference(const ChannelRecord& a, const ChannelRecord& b)
{
    const auto linesA = a.Lines();
    const auto linesB = b.Lines();
    for (std::size_t i = 0; i < std::max(linesA.size(), linesB.size()); ++i)
    {
        const std::string one = i < linesA.size() ? linesA[i] : "nothing";
        const std::string other = i < linesB.size() ? linesB[i] : "nothing";
        if (one != other)
        {
            return "first \"" + one + "\", then \"" + other + "\"";
        }
    }
    return "";
}

/** @return what is the first difference if a channel is probed once more, in some set-up */
std::string
DifferenceIn(const ProbeSetup& setup, const CheckSubject& subject)
{
    const auto difference = FirstDifference(subject.unicast, Probe(setup, UnicastTraffic));
    return difference.empty() ? FirstDifference(subject.group, Probe(setup, GroupTraffic))
                              : difference;
}

Violations
CheckDeterminism(const CheckSubject& subject)
{
    const auto difference = DifferenceIn(subject.setup, subject);
    if (difference.empty())
    {
        return {};
    }
    return {{"determinism", "the same run number does not give the same again", difference}};
}

Violations
CheckStreams(const CheckSubject& subject)
{
    auto setup = subject.setup;
    ++setup.unassignedStream;
    const auto difference = DifferenceIn(setup, subject);
    // A channel that is never the same is the business of the check of determinism.
    if (difference.empty() || !CheckDeterminism(subject).empty())
    {
        return {};
    }
    return {{"streams",
             "a random variable of ns-3 has no stream assigned: results depend on what else was "
             "made before",
             difference}};
}

/** A length of a message, in the longest datagrams. */
struct MessageLength
{
    double datagrams;
    std::string name;
};

/**
 * @return how long a message takes in some run; none if it does not come through or get lost; no
 *         time, whatever its length, if nobody can be reached in that run
 */
std::optional<Time>
MessageTime(ProbeSetup setup, Direction direction, uint32_t run, double datagrams)
{
    setup.runSeed.run += run;
    const auto cut = [datagrams](uint32_t maxBytes, ProbeOffer offer)
    {
        const double bytes = maxBytes * std::min(datagrams, 1.0);
        offer.bytes = std::max(SegmentHeader::BYTES, static_cast<uint32_t>(bytes));
        return ProbeBatch(static_cast<std::size_t>(std::max(datagrams, 1.0)), offer);
    };
    const auto record = Probe(setup, Message(direction, cut));
    if (record.offers.empty())
    {
        return Time();
    }
    const auto end = record.Completion();
    return end ? std::optional<Time>(*end - record.offers.front().time) : std::nullopt;
}

Violations
CheckTimeGrows(const CheckSubject& subject)
{
    static const std::vector<MessageLength> lengths{{0.125, "an eighth of the longest datagram"},
                                                    {1, "one longest datagram"},
                                                    {8, "8 longest datagrams"},
                                                    {64, "64 longest datagrams"}};
    const uint32_t runs = DependsOnRun(subject) ? 5 : 1;
    Violations violations;
    for (const auto direction : {Direction::UP, Direction::DOWN})
    {
        std::vector<Time> means;
        for (const auto& length : lengths)
        {
            Time mean;
            for (uint32_t run = 0; run < runs; ++run)
            {
                const auto time = MessageTime(subject.setup, direction, run, length.datagrams);
                if (!time)
                {
                    return violations; // that datagrams vanish is told elsewhere
                }
                mean += *time / int64_t{runs};
            }
            // In a slotted channel neighbours may need the same number of slots, and rates that
            // change at random need more than a few runs to tell neighbours apart.
            const bool isLongest = length.datagrams == lengths.back().datagrams;
            const bool growsAtEachStep = runs > 1 || means.empty() || mean >= means.back();
            const bool grows = growsAtEachStep && (!isLongest || mean > means.front());
            if (!grows)
            {
                violations.push_back({"time-grows",
                                      "more bytes must take more time",
                                      DirectionName(direction) + ": " + length.name + " in " +
                                          Text(mean) + ", the shortest message in " +
                                          Text(means.front()) + ", the one before in " +
                                          Text(means.back()) +
                                          (runs > 1 ? ", means of five runs" : "")});
            }
            means.push_back(mean);
        }
    }
    return violations;
}

Violations
CheckEstimate(const CheckSubject& subject)
{
    constexpr double factor = 20;
    Violations violations;
    for (const auto direction : {Direction::UP, Direction::DOWN})
    {
        const auto record = Probe(subject.setup,
                                  Message(direction,
                                          [](uint32_t maxBytes, ProbeOffer offer)
                                          {
                                              offer.bytes = maxBytes;
                                              return ProbeBatch{offer};
                                          }));
        std::vector<Interval> busy;
        for (const auto& transmission : record.transmissions)
        {
            if (transmission.direction == direction)
            {
                busy.emplace_back(transmission.start, transmission.start + transmission.duration);
            }
        }
        const auto end = record.Completion();
        if (!end)
        {
            continue; // that datagrams vanish is told elsewhere
        }
        const double airtimeS = UnionLength(busy).GetSeconds();
        const double wholeS = (*end - record.offers.front().time).GetSeconds();
        const double estimateS = record.estimates.at(direction).GetSeconds();
        if (estimateS < airtimeS / factor || estimateS > wholeS * factor)
        {
            violations.push_back({"estimate",
                                  "EstimateAirtime() must not be wrong by more than a factor of 20",
                                  "the longest datagram " + DirectionName(direction) +
                                      ": estimated " + std::to_string(estimateS) +
                                      " s, on the air " + std::to_string(airtimeS) +
                                      " s, arrived after " + std::to_string(wholeS) + " s"});
        }
    }
    return violations;
}

/** A small federation over the channel, with repair, against the loop without a network. */
Violations
CheckReferenceLoop(const CheckSubject& subject)
{
    const std::string check = "reference-loop";
    constexpr uint32_t rounds = 4;
    if (std::min(subject.unicast.maxUplinkBytes, subject.unicast.maxDownlinkBytes) <
        SHORTEST_MAXIMUM_BYTES)
    {
        return {}; // told elsewhere
    }
    const auto& runSeed = subject.setup.runSeed;
    Simulator::Destroy();
    FederationHelper helper(runSeed);
    helper.SetChannel(subject.setup.channel, WORKERS);
    helper.SetCompute(TypeRegistry::Get("compute").Parse("constant"));
    helper.SetTransport("nack");
    helper.SetServerAttribute("Rounds", UintegerValue(rounds));
    helper.SetServerAttribute("EvalEvery", UintegerValue(rounds));
    // However slow the channel is, it shall have the time that it takes.
    helper.SetServerAttribute("RoundTimeout", TimeValue(Seconds(1000)));
    fl::Pool pool(1);
    const auto makeFederation = [&]()
    {
        fl::LearningSetup setup;
        setup.objective = "mlp[Hidden=16]";
        setup.data =
            fl::MakeDataset("gaussian-mixture[Features=6|Classes=4|Samples=120|TestSamples=20]",
                            runSeed);
        setup.partition = fl::MakePartition("iid", *setup.data.train, WORKERS, runSeed);
        setup.batch = 16;
        setup.runSeed = runSeed;
        setup.uploadSegmentBytes = helper.MaxSegmentBytes(Direction::UP);
        setup.downloadSegmentBytes = helper.MaxSegmentBytes(Direction::DOWN);
        return fl::MakeLearningFederation<float>(std::move(setup), pool);
    };
    const auto networked = makeFederation();
    std::ostringstream text;
    fl::EventLog log(text);
    networked->SetLog(&log);
    helper.Install(networked.get());
    const SimulatorGuard guard;
    try
    {
        Simulator::Run();
    }
    catch (const fl::UserError& error)
    {
        return {{check, "a small federation must come to its end", error.what()}};
    }
    const auto reference = makeFederation();
    // Whom the channel does not reach takes no part; the log says so to the loop.
    if (helper.Unreachable().empty())
    {
        fl::RunReferenceLoop(*reference, rounds);
    }
    else
    {
        std::istringstream events(text.str());
        fl::RunLoggedDeliveries(*reference, fl::ReadEventLog(events));
    }
    if (networked->ModelBytes() == reference->ModelBytes())
    {
        return {};
    }
    return {{check,
             "with repair, the model must be that of the loop without a network, bit for bit",
             std::to_string(WORKERS) + " workers, " + std::to_string(rounds) + " rounds of sgd"}};
}

} // namespace

const std::vector<ChannelCheck>&
ChannelChecks()
{
    static const std::vector<ChannelCheck> checks{
        {"ready", "it becomes ready once, and reaches somebody", CheckReady},
        {"datagram-length", "datagrams of 16 bytes and of MaxDatagramBytes() pass", CheckLength},
        {"conservation", "each datagram arrives or is lost with a reason", CheckConservation},
        {"once", "no datagram arrives twice, unless MayDuplicate()", OfAllTraffic<FindRepeated>},
        {"unaltered", "what arrives is what was sent", OfAllTraffic<FindAltered>},
        {"causality",
         "nothing arrives before the airtime of its bytes has passed",
         OfAllTraffic<FindEarly>},
        {"transmissions",
         "whatever is on the air has a duration, known stations and a domain",
         OfAllTraffic<FindImpossible>},
        {"radio-states",
         "radios send while their transmissions last, and do nothing that excludes that",
         OfAllTraffic<FindContradictions>},
        {"backlog",
         "IsBacklogged() is false when all is quiet, and true after a burst",
         OfAllTraffic<FindBacklog>},
        {"group-delivery",
         "what goes to a group arrives, or is lost with a reason, at each receiver",
         CheckGroupDelivery},
        {"determinism", "the same run number gives the same again, bit for bit", CheckDeterminism},
        {"streams", "all random variables of ns-3 have a stream assigned", CheckStreams},
        {"time-grows",
         "more bytes take more time: always if the run number changes nothing, else in the mean",
         CheckTimeGrows},
        {"estimate", "EstimateAirtime() is right within a factor of 20", CheckEstimate},
        {"reference-loop",
         "a small federation with repair learns what it learns without a network, bit for bit",
         CheckReferenceLoop},
    };
    return checks;
}

CheckSubject
ObserveChannel(const std::string& text)
{
    CheckSubject subject;
    subject.setup.channel = TypeRegistry::Get("channel").Parse(text);
    subject.setup.workers = WORKERS;
    subject.setup.runSeed = {RngSeedManager::GetSeed(), RngSeedManager::GetRun()};
    subject.unicast = Probe(subject.setup, UnicastTraffic);
    subject.group = Probe(subject.setup, GroupTraffic);
    return subject;
}

bool
DependsOnRun(const CheckSubject& subject)
{
    auto setup = subject.setup;
    ++setup.runSeed.run;
    return !FirstDifference(subject.unicast, Probe(setup, UnicastTraffic)).empty();
}

std::vector<Violation>
CheckChannel(const std::string& text)
{
    const auto subject = ObserveChannel(text);
    Violations violations = CheckReady(subject);
    if (!violations.empty())
    {
        return violations;
    }
    for (const auto& check : ChannelChecks())
    {
        const auto found = check.examine(subject);
        violations.insert(violations.end(), found.begin(), found.end());
    }
    return violations;
}

} // namespace wfl
} // namespace ns3
