/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/wfl-fluid-channel.h"

#include "ns3/assert.h"
#include "ns3/enum.h"
#include "ns3/simulator.h"
#include "ns3/uinteger.h"
#include "ns3/wfl-compat.h"

#include <algorithm>

namespace ns3
{
namespace wfl
{

NS_OBJECT_ENSURE_REGISTERED(FluidChannel);

TypeId
FluidChannel::GetTypeId()
{
    static TypeId tid =
        TypeId("ns3::wfl::FluidChannel")
            .SetParent<ChannelModel>()
            .SetGroupName("Wfl")
            .AddAttribute("MaxDatagramBytes",
                          "Longest datagram in bytes.",
                          UintegerValue(1472),
                          MakeUintegerAccessor(&FluidChannel::m_maxDatagramBytes),
                          MakeUintegerChecker<uint32_t>(64, 65507))
            .AddAttribute("Recompute",
                          "When rates are computed: Always, that is when a sender joins or leaves "
                          "or the channel changes, or at RoundStart.",
                          EnumValue(ALWAYS),
                          MakeEnumAccessorCompat(&FluidChannel::m_recompute),
                          MakeEnumChecker(ALWAYS, "Always", ROUND_START, "RoundStart"))
            .AddAttribute("MaxAirtime",
                          "How long a datagram is tried at most.",
                          TimeValue(Seconds(100)),
                          MakeTimeAccessor(&FluidChannel::m_maxAirtime),
                          MakeTimeChecker(MicroSeconds(1), Seconds(1000)));
    return tid;
}

void
FluidChannel::DoInstall()
{
}

void
FluidChannel::DoDispose()
{
    m_update.Cancel();
    m_change.Cancel();
    for (auto& [from, flow] : m_flows)
    {
        flow.end.Cancel();
    }
    m_flows.clear();
    ChannelModel::DoDispose();
}

void
FluidChannel::WhenReady(ReadyCallback ready)
{
    ready({});
}

uint32_t
FluidChannel::MaxDatagramBytes(Direction /* direction */) const
{
    return m_maxDatagramBytes;
}

Time
FluidChannel::EstimateAirtime(Direction direction, uint64_t bytes) const
{
    return m_estimate.Of(direction, bytes);
}

bool
FluidChannel::IsBacklogged(StationId from, StationId /* to */) const
{
    const auto found = m_flows.find(from);
    return found != m_flows.end() && !found->second.queue.empty();
}

void
FluidChannel::SetLifetime(Time lifetime)
{
    m_lifetime = lifetime;
}

bool
FluidChannel::IsFullDuplex() const
{
    return true;
}

bool
FluidChannel::HasGroupDelivery() const
{
    return true;
}

bool
FluidChannel::DeliversCorruption() const
{
    return true;
}

Time
FluidChannel::DoNextChange() const
{
    return Time::Max();
}

FluidChannel::AttemptFate
FluidChannel::DoAttempt(const LinkDatagram& /* datagram */,
                        double /* share */,
                        uint32_t /* attempt */)
{
    return {};
}

Time
FluidChannel::StateTime() const
{
    return m_recompute == ROUND_START ? m_roundStart : Simulator::Now();
}

double
FluidChannel::SlowestRateBps() const
{
    return m_maxDatagramBytes * 8 / m_maxAirtime.GetSeconds();
}

void
FluidChannel::RoundStarted(uint32_t /* round */,
                           const std::vector<StationId>& participants,
                           uint64_t uploadBytes)
{
    if (m_recompute != ROUND_START || participants.empty())
    {
        return;
    }
    m_roundStart = Simulator::Now();
    std::vector<Sender> senders;
    for (const StationId worker : participants)
    {
        senders.push_back({worker, static_cast<double>(uploadBytes) * 8});
    }
    const auto grants = DoRates(senders);
    m_roundGrants.clear();
    for (std::size_t i = 0; i < senders.size(); ++i)
    {
        m_roundGrants[senders[i].worker] = grants[i];
    }
    UpdateSoon();
}

void
FluidChannel::DoSend(StationId from, StationId to, Ptr<Packet> packet)
{
    Enqueue(from, {to}, packet);
}

void
FluidChannel::DoSendToGroup(const std::vector<StationId>& receivers, Ptr<Packet> packet)
{
    Enqueue(SERVER, receivers, packet);
}

void
FluidChannel::Enqueue(StationId from, const std::vector<StationId>& receivers, Ptr<Packet> packet)
{
    auto& flow = m_flows[from];
    flow.queue.push_back({receivers, packet, Simulator::Now()});
    flow.queuedBits += packet->GetSize() * 8;
    if (!flow.isOnAir)
    {
        UpdateSoon();
    }
}

/** Computes the rates once for all that happens at this moment. */
void
FluidChannel::UpdateSoon()
{
    if (!m_update.IsRunning())
    {
        m_update = Simulator::ScheduleNow(&FluidChannel::Update, this);
    }
}

void
FluidChannel::TellProgress()
{
    NoteStates();
    for (const auto& [from, flow] : m_flows)
    {
        if (flow.isOnAir)
        {
            EndPiece(from, 0);
        }
    }
}

/** From now on rates are others. */
void
FluidChannel::Update()
{
    TellProgress();
    std::vector<Sender> senders;
    for (auto& [from, flow] : m_flows)
    {
        if (from != SERVER && !flow.queue.empty())
        {
            const double sent =
                flow.isOnAir ? flow.queue.front().packet->GetSize() * 8 - flow.bitsLeft : 0;
            senders.push_back({from, flow.queuedBits - sent});
        }
    }
    if (!senders.empty())
    {
        const auto grants = Rates(senders);
        NS_ASSERT(grants.size() == senders.size());
        for (std::size_t i = 0; i < senders.size(); ++i)
        {
            m_flows.at(senders[i].worker).grant = grants[i];
        }
    }
    bool isBusy = false;
    for (auto& [from, flow] : m_flows)
    {
        if (flow.queue.empty())
        {
            continue;
        }
        isBusy = true;
        if (!flow.isOnAir)
        {
            BeginFirst(from);
            continue;
        }
        if (from == SERVER)
        {
            flow.grant.rateBps = DoDownlinkRate(flow.missing);
        }
        ScheduleEnd(from);
    }
    m_change.Cancel();
    if (isBusy && m_recompute == ALWAYS && DoNextChange() != Time::Max())
    {
        m_change =
            Simulator::Schedule(DoNextChange() - Simulator::Now(), &FluidChannel::Update, this);
    }
}

/** @return the rates that hold now */
std::vector<FluidChannel::Grant>
FluidChannel::Rates(const std::vector<Sender>& senders)
{
    std::vector<Grant> grants;
    for (const auto& sender : senders)
    {
        const auto found = m_roundGrants.find(sender.worker);
        if (found == m_roundGrants.end())
        {
            return DoRates(senders);
        }
        grants.push_back(found->second);
    }
    return grants;
}

/** Begins with the first datagram that is not too old; without one, the station is silent. */
void
FluidChannel::BeginFirst(StationId from)
{
    auto& flow = m_flows.at(from);
    const Time now = Simulator::Now();
    const auto pop = [&flow]
    {
        flow.queuedBits -= flow.queue.front().packet->GetSize() * 8;
        flow.queue.pop_front();
    };
    const auto uselessness = [this, &flow, from, now]() -> const char*
    {
        const auto& first = flow.queue.front();
        if (m_lifetime.IsStrictlyPositive() && now > first.since + m_lifetime)
        {
            return "expired";
        }
        return first.receivers.size() == 1 ? AbsenceOf(from, first.receivers.front()) : nullptr;
    };
    while (!flow.queue.empty() && uselessness())
    {
        NoteStates();
        const char* const reason = uselessness();
        const auto lost = flow.queue.front().receivers;
        pop();
        for (const StationId receiver : lost)
        {
            Lose(from, receiver, reason);
        }
    }
    if (flow.queue.empty())
    {
        flow.isOnAir = false;
        UpdateSoon();
        return;
    }
    flow.isOnAir = true;
    flow.missing = flow.queue.front().receivers;
    flow.attempt = 0;
    flow.begin = now;
    BeginAttempt(from);
}

void
FluidChannel::BeginAttempt(StationId from)
{
    auto& flow = m_flows.at(from);
    const uint32_t bytes = flow.queue.front().packet->GetSize();
    const Time now = Simulator::Now();
    flow.bitsLeft = bytes * 8;
    flow.pieceStart = now;
    const auto direction = from == SERVER ? Direction::DOWN : Direction::UP;
    if (from == SERVER)
    {
        flow.grant.rateBps = DoDownlinkRate(flow.missing);
    }
    flow.fates.clear();
    for (const StationId receiver : flow.missing)
    {
        const StationId worker = receiver == SERVER ? from : receiver;
        flow.fates.push_back(
            DoAttempt({worker, direction, bytes, now}, flow.grant.share, flow.attempt));
    }
    ScheduleEnd(from);
}

void
FluidChannel::ScheduleEnd(StationId from)
{
    auto& flow = m_flows.at(from);
    flow.end.Cancel();
    const Time now = Simulator::Now();
    const Time patience = std::max(flow.begin + m_maxAirtime - now, Time());
    const double seconds = flow.bitsLeft / flow.grant.rateBps;
    flow.isGivenUp = !(seconds <= patience.GetSeconds());
    flow.end = Simulator::Schedule(flow.isGivenUp ? patience : Seconds(std::max(seconds, 0.0)),
                                   &FluidChannel::EndAttempt,
                                   this,
                                   from);
}

/** Accounts for what was sent since the last change of rate. */
void
FluidChannel::EndPiece(StationId from, uint32_t bytes)
{
    auto& flow = m_flows.at(from);
    const auto& receivers = flow.queue.front().receivers;
    const bool isUp = from != SERVER;
    const Time duration = Simulator::Now() - flow.pieceStart;
    if (duration.IsStrictlyPositive() || bytes > 0)
    {
        const StationId worker = isUp ? from : receivers.size() == 1 ? receivers.front() : GROUP;
        m_transmissionTrace({flow.pieceStart,
                             duration,
                             DomainOf(isUp ? from : receivers.front()),
                             from,
                             isUp ? Direction::UP : Direction::DOWN,
                             worker,
                             bytes});
    }
    m_estimate.Note(isUp ? Direction::UP : Direction::DOWN, Time(), bytes);
    flow.bitsLeft -= flow.grant.rateBps * duration.GetSeconds();
    flow.pieceStart = Simulator::Now();
}

void
FluidChannel::EndAttempt(StationId from)
{
    auto& flow = m_flows.at(from);
    const auto waiting = flow.queue.front();
    EndPiece(from, waiting.packet->GetSize());
    if (from == SERVER || flow.queue.size() == 1)
    {
        NoteStates();
    }
    const auto tried = std::move(flow.missing);
    const auto fates = std::move(flow.fates);
    flow.missing.clear();
    std::vector<StationId> reached;
    for (std::size_t i = 0; i < tried.size(); ++i)
    {
        if (fates[i].arrives && !flow.isGivenUp)
        {
            reached.push_back(tried[i]);
        }
        else if (fates[i].repeated && !flow.isGivenUp)
        {
            flow.missing.push_back(tried[i]);
        }
        else
        {
            Lose(from, tried[i], flow.isGivenUp ? "outage" : fates[i].reason);
        }
    }
    if (flow.missing.empty())
    {
        flow.queuedBits -= waiting.packet->GetSize() * 8;
        flow.queue.pop_front();
        BeginFirst(from);
    }
    else
    {
        ++flow.attempt;
        BeginAttempt(from);
    }
    // Last, as whoever receives may send.
    for (const StationId receiver : reached)
    {
        Deliver(from,
                receiver,
                waiting.receivers.size() == 1 ? waiting.packet : waiting.packet->Copy());
    }
}

void
FluidChannel::Lose(StationId from, StationId receiver, const char* reason)
{
    m_lossTrace(from == SERVER ? Direction::DOWN : Direction::UP,
                from == SERVER ? receiver : from,
                reason);
}

/** Tells what radios have done since the last time; before senders or receivers change. */
void
FluidChannel::NoteStates()
{
    const Time start = m_statesSince;
    const Time duration = Simulator::Now() - start;
    if (duration.IsZero())
    {
        return;
    }
    m_statesSince = Simulator::Now();
    std::map<StationId, RadioState> states;
    for (const auto& [from, flow] : m_flows)
    {
        if (flow.isOnAir)
        {
            states[from] = RadioState::TX;
        }
    }
    for (const auto& [from, flow] : m_flows)
    {
        if (flow.isOnAir)
        {
            // Who has the datagram does not listen to what is repeated for others.
            const auto& listening = from == SERVER ? flow.missing : flow.queue.front().receivers;
            for (const StationId receiver : listening)
            {
                states.emplace(receiver, RadioState::RX);
            }
        }
    }
    bool isBusyUp = false;
    bool isBusyDown = false;
    for (const auto& [station, state] : states)
    {
        isBusyUp = isBusyUp || (state == RadioState::TX && station != SERVER);
        isBusyDown = isBusyDown || (state == RadioState::TX && station == SERVER);
    }
    m_estimate.Note(Direction::UP, isBusyUp ? duration : Time(), 0);
    m_estimate.Note(Direction::DOWN, isBusyDown ? duration : Time(), 0);
    for (const auto& [station, state] : states)
    {
        m_radioStateTrace(station, state, start, duration);
    }
}

} // namespace wfl
} // namespace ns3
