/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/wfl-datagram-transport.h"

#include "ns3/assert.h"
#include "ns3/boolean.h"
#include "ns3/fl-codec.h"
#include "ns3/fl-error.h"
#include "ns3/log.h"
#include "ns3/nstime.h"
#include "ns3/simulator.h"
#include "ns3/trace-source-accessor.h"
#include "ns3/uinteger.h"
#include "ns3/wfl-control-check.h"
#include "ns3/wfl-range-code.h"
#include "ns3/wfl-registry.h"

#include <algorithm>
#include <iterator>
#include <string>
#include <utility>

namespace ns3
{
namespace wfl
{

NS_LOG_COMPONENT_DEFINE("WflDatagramTransport");

NS_OBJECT_ENSURE_REGISTERED(DatagramTransport);

static const TypeRegistration<DatagramTransport> g_nack("transport", "nack", {{"Repair", "true"}});
static const TypeRegistration<DatagramTransport> g_bestEffort("transport",
                                                              "best-effort",
                                                              {{"Repair", "false"}});
static const TypeRegistration<DatagramTransport>
    g_fec("transport", "fec", {{"Repair", "false"}, {"N", "20"}, {"K", "16"}, {"Depth", "4"}});

namespace
{

/** How often a receiver asks for what is missing while nothing at all arrives. */
constexpr uint32_t MAX_REQUESTS = 1024;

/** Longest message of one segment that is sent again in place of every probe. */
constexpr std::size_t MAX_RESENT_BYTES = 256;

bool
IsReceipt(MessageType type)
{
    return type == MessageType::RECEIPT || type == MessageType::RECEIPTS;
}

/**
 * Whether a worker that answers must have received a message before: all that is sent for the
 * exchange that it answers, and the receipts of earlier ones. Of older rounds it may have missed
 * what the server broadcast without asking it.
 */
bool
IsImplied(const MessageKey& message, const MessageKey& answer)
{
    if (message.round != answer.round)
    {
        return IsReceipt(message.type) && RoundBefore(message.round, answer.round);
    }
    switch (message.type)
    {
    case MessageType::OPEN:
    case MessageType::ANSWER:
        return message.ordinal <= answer.ordinal;
    case MessageType::RECEIPT:
    case MessageType::RECEIPTS:
        return message.ordinal < answer.ordinal;
    default:
        return true;
    }
}

/** Whether a message answers an exchange; only the server receives such messages. */
bool
IsAnswer(MessageType type)
{
    return type == MessageType::UPLOAD || type == MessageType::SKIP || type == MessageType::STATUS;
}

/** Whether a message carries coordinates; all others control the round. */
bool
IsData(MessageType type)
{
    switch (type)
    {
    case MessageType::MODEL:
    case MessageType::UPDATE:
    case MessageType::ANSWER:
    case MessageType::HISTORY:
    case MessageType::RESYNC_MODEL:
    case MessageType::RESYNC_UPDATE:
    case MessageType::UPLOAD:
        return true;
    default:
        return false;
    }
}

/** Whether a message asks its receivers to compute, so that their answers are its reports. */
bool
Asks(const MessageKey& key, bool ask)
{
    return ask || key.type == MessageType::OPEN;
}

/** Whether ranges of workers, coded in a body from some byte on, hold one of them. */
bool
IsNamed(StationId worker, const std::vector<uint8_t>& body, uint32_t offset)
{
    const auto workers = ParseRanges(body.data() + offset,
                                     static_cast<uint32_t>(body.size()) - offset,
                                     SegmentHeader::ALL_WORKERS);
    return workers && std::any_of(workers->begin(),
                                  workers->end(),
                                  [worker](const fl::Range& range)
                                  { return range.first <= worker && worker < range.end; });
}

} // namespace

TypeId
DatagramTransport::GetTypeId()
{
    static TypeId tid =
        TypeId("ns3::wfl::DatagramTransport")
            .SetParent<Transport>()
            .SetGroupName("Wfl")
            .AddConstructor<DatagramTransport>()
            .AddAttribute("Repair",
                          "Whether lost data is sent again; lost control always is.",
                          BooleanValue(true),
                          MakeBooleanAccessor(&DatagramTransport::m_repair),
                          MakeBooleanChecker())
            .AddAttribute("K",
                          "Segments of a full block of forward error correction.",
                          UintegerValue(1),
                          MakeUintegerAccessor(&DatagramTransport::m_k),
                          MakeUintegerChecker<uint32_t>(1, ErasureCode::MAX_SYMBOLS))
            .AddAttribute("N",
                          "Datagrams of a full block, parities included; any K of them suffice. "
                          "As many as K for no parities.",
                          UintegerValue(1),
                          MakeUintegerAccessor(&DatagramTransport::m_n),
                          MakeUintegerChecker<uint32_t>(1, ErasureCode::MAX_SYMBOLS))
            .AddAttribute("Depth",
                          "Blocks whose datagrams take turns, against bursts of loss.",
                          UintegerValue(1),
                          MakeUintegerAccessor(&DatagramTransport::m_depth),
                          MakeUintegerChecker<uint32_t>(1, UINT16_MAX))
            .AddAttribute("ReportSpread",
                          "Reports of a group message are delayed by a random time of at most "
                          "this much a worker.",
                          TimeValue(MicroSeconds(100)),
                          MakeTimeAccessor(&DatagramTransport::m_reportSpread),
                          MakeTimeChecker(Seconds(0)))
            .AddAttribute("Silence",
                          "Time without a segment after which a receiver asks for the rest of "
                          "messages, and the server reports complete uploads; at least that of "
                          "two of the longest datagrams.",
                          TimeValue(MilliSeconds(50)),
                          MakeTimeAccessor(&DatagramTransport::m_silence),
                          MakeTimeChecker(Seconds(0)))
            .AddAttribute("ProbeWait",
                          "Shortest silence after which the sender of a single datagram probes.",
                          TimeValue(MilliSeconds(20)),
                          MakeTimeAccessor(&DatagramTransport::m_probeWait),
                          MakeTimeChecker(MicroSeconds(1)))
            .AddAttribute("BurstProbeWait",
                          "Shortest silence after which the sender of several datagrams probes.",
                          TimeValue(MilliSeconds(200)),
                          MakeTimeAccessor(&DatagramTransport::m_burstProbeWait),
                          MakeTimeChecker(MicroSeconds(1)))
            .AddAttribute("SteadyTries",
                          "Probes, or requests for what is missing, at the first pace; each "
                          "further one in vain doubles the wait.",
                          UintegerValue(32),
                          MakeUintegerAccessor(&DatagramTransport::m_steadyTries),
                          MakeUintegerChecker<uint32_t>())
            .AddAttribute("MaxProbeWait",
                          "Longest silence between two probes or requests.",
                          TimeValue(MilliSeconds(500)),
                          MakeTimeAccessor(&DatagramTransport::m_maxProbeWait),
                          MakeTimeChecker(MicroSeconds(1)))
            .AddTraceSource("RepairRequested",
                            "A receiver has listed missing segments",
                            MakeTraceSourceAccessor(&DatagramTransport::m_repairTrace),
                            "ns3::wfl::DatagramTransport::RepairCallback");
    return tid;
}

DatagramTransport::DatagramTransport()
    : m_random(fl::RunSeed{}, fl::Purpose::TIMING)
{
}

DatagramTransport::~DatagramTransport() = default;

void
DatagramTransport::DoDispose()
{
    for (auto& [key, outgoing] : m_outgoing)
    {
        outgoing.probe.Cancel();
        outgoing.repair.Cancel();
    }
    for (auto& [key, incoming] : m_incoming)
    {
        incoming.report.Cancel();
    }
    m_silenceCheck.Cancel();
    m_outgoing.clear();
    m_incoming.clear();
    m_channel = nullptr;
    Transport::DoDispose();
}

void
DatagramTransport::Open(Ptr<ChannelModel> channel, StationId self, bool broadcast)
{
    m_channel = channel;
    m_self = self;
    m_broadcast = broadcast && channel->HasGroupDelivery();
    m_random = fl::Random(channel->GetRunSeed(), fl::Purpose::TIMING, self);
}

Time
DatagramTransport::LastHeard(StationId from) const
{
    const auto found = m_lastHeard.find(from);
    return found == m_lastHeard.end() ? Time() : found->second;
}

bool
DatagramTransport::IsBroadcasting() const
{
    return m_broadcast;
}

bool
DatagramTransport::IsReliable() const
{
    return m_repair;
}

void
DatagramTransport::Check(Ptr<const ChannelModel> channel) const
{
    if (m_n < m_k)
    {
        throw fl::UserError("--transport: N=" + std::to_string(m_n) +
                            " is less than K=" + std::to_string(m_k) +
                            "; N counts all datagrams of a block, its K segments and the parities");
    }
    if (Fec().IsOn() && !ErasureCode::IsAvailable())
    {
        throw fl::UserError("--transport: this build has no forward error correction; install "
                            "ISA-L (libisal-dev) and build again, or take N = K");
    }
    for (const auto direction : {Direction::UP, Direction::DOWN})
    {
        const uint32_t longest = channel->MaxDatagramBytes(direction);
        const uint32_t shortest = SegmentHeader::BYTES + Overhead(*channel) + fl::MIN_SEGMENT_BYTES;
        if (longest < shortest)
        {
            throw fl::UserError("--transport: needs datagrams of " + std::to_string(shortest) +
                                " bytes, the longest of this channel have " +
                                std::to_string(longest) + " (MaxDatagramBytes)");
        }
    }
}

/** @return how much less than a datagram without its header the longest segment is, in bytes */
uint32_t
DatagramTransport::Overhead(const ChannelModel& channel) const
{
    if (!Fec().IsOn())
    {
        return 0;
    }
    return FEC_SYMBOL_HEADER_BYTES + (channel.AltersDatagrams() ? CONTROL_CHECK_BYTES : 0);
}

uint32_t
DatagramTransport::MaxSegmentBytes(Ptr<const ChannelModel> channel, Direction direction) const
{
    return channel->MaxDatagramBytes(direction) - SegmentHeader::BYTES - Overhead(*channel);
}

FecParameters
DatagramTransport::Fec() const
{
    return {m_k, m_n, m_depth};
}

bool
DatagramTransport::IsRepaired(MessageType type) const
{
    return m_repair || !IsData(type);
}

/** @return whether parities follow messages of a type */
bool
DatagramTransport::IsProtected(MessageType type) const
{
    return Fec().IsOn() && IsData(type);
}

/** @return whether datagrams of a type carry a check where they may arrive altered */
bool
DatagramTransport::IsChecked(MessageType type) const
{
    return !IsData(type) || IsProtected(type);
}

/** @return the longest body of a control datagram */
uint32_t
DatagramTransport::MaxControlBytes(Direction direction) const
{
    return m_channel->MaxDatagramBytes(direction) - SegmentHeader::BYTES -
           (m_channel->AltersDatagrams() ? CONTROL_CHECK_BYTES : 0);
}

bool
DatagramTransport::IsGroup(const OutgoingMessage& message) const
{
    return m_broadcast && message.receivers.size() > 1;
}

DatagramTransport::OutgoingKey
DatagramTransport::KeyOf(const OutgoingMessage& message)
{
    return {message.receivers.size() == 1 ? message.receivers.front() : GROUP, message.key};
}

DatagramTransport::Outgoing*
DatagramTransport::FindPending(const MessageKey& key, StationId receiver)
{
    for (const StationId to : {receiver, GROUP})
    {
        const auto found = m_outgoing.find({to, key});
        if (found != m_outgoing.end() && found->second.pending.count(receiver) > 0)
        {
            return &found->second;
        }
    }
    return nullptr;
}

// The sender's side

void
DatagramTransport::Send(const OutgoingMessage& message)
{
    NS_LOG_FUNCTION(this << m_self << static_cast<int>(message.key.type) << message.key.round);
    NS_ASSERT(m_outgoing.find(KeyOf(message)) == m_outgoing.end());
    const auto segments = message.message->segments.size();
    if (segments > UINT16_MAX)
    {
        throw fl::UserError("--channel: a message has " + std::to_string(segments) +
                            " segments, more than " + std::to_string(UINT16_MAX) +
                            "; take longer datagrams (MaxDatagramBytes)");
    }
    if (m_self != SERVER)
    {
        SettleReports(message.key);
    }
    if (m_self == SERVER && Asks(message.key, message.ask))
    {
        for (auto& [key, workers] : m_unreported)
        {
            for (const StationId worker : message.receivers)
            {
                workers.erase(worker);
            }
        }
    }
    auto& outgoing = m_outgoing[KeyOf(message)];
    outgoing.message = message;
    outgoing.wait = FirstWait(message);
    for (const StationId receiver : message.receivers)
    {
        outgoing.pending[receiver];
    }
    SendFirstPass(outgoing);
    ArmProbe(outgoing, m_probeWait);
}

/** Sends all segments, and the parities that protect them. */
void
DatagramTransport::SendFirstPass(const Outgoing& outgoing)
{
    const auto& message = *outgoing.message.message;
    const auto segments = static_cast<uint32_t>(message.segments.size());
    std::vector<FecLayout::Datagram> order;
    std::vector<ErasureCode::Symbol> parities;
    if (IsProtected(outgoing.message.key.type))
    {
        const FecLayout layout(segments, Fec());
        if (layout.Parities().size() > UINT16_MAX)
        {
            throw fl::UserError("--transport: a message has " +
                                std::to_string(layout.Parities().size()) + " parities, more than " +
                                std::to_string(UINT16_MAX) + "; take a smaller N");
        }
        order = layout.Order();
        parities = ParitiesOf(message, layout);
    }
    else
    {
        for (uint32_t i = 0; i < segments; ++i)
        {
            order.push_back({false, i});
        }
    }
    std::stable_partition(order.begin(),
                          order.end(),
                          [first = FirstOf(message)](const FecLayout::Datagram& datagram)
                          { return !datagram.isParity && first[datagram.index]; });
    for (const auto& to : AudiencesOf(outgoing.message))
    {
        for (const auto& datagram : order)
        {
            const bool end = &datagram == &order.back();
            if (datagram.isParity)
            {
                SendParity(outgoing, to, datagram.index, parities[datagram.index], end);
            }
            else
            {
                SendSegment(outgoing, to, datagram.index, end);
            }
        }
    }
}

/** @return for each copy of a message that is sent those to whom it goes */
std::vector<std::vector<StationId>>
DatagramTransport::AudiencesOf(const OutgoingMessage& message) const
{
    if (IsGroup(message))
    {
        return {message.receivers};
    }
    std::vector<std::vector<StationId>> audiences;
    for (const StationId receiver : message.receivers)
    {
        audiences.push_back({receiver});
    }
    return audiences;
}

void
DatagramTransport::SendPass(const Outgoing& outgoing,
                            const std::vector<StationId>& to,
                            const fl::Ranges& segments)
{
    for (const auto& range : segments)
    {
        for (uint32_t i = range.first; i < range.end; ++i)
        {
            SendSegment(outgoing, to, i, i + 1 == segments.back().end);
        }
    }
}

void
DatagramTransport::SendSegment(const Outgoing& outgoing,
                               const std::vector<StationId>& to,
                               uint32_t index,
                               bool end)
{
    const auto& message = *outgoing.message.message;
    const auto& slice = message.segments[index];
    SegmentHeader header;
    header.type = outgoing.message.key.type;
    header.end = end;
    header.ask = outgoing.message.ask;
    header.ordinal = outgoing.message.key.ordinal;
    header.format = message.format;
    header.round = outgoing.message.key.round;
    header.index = static_cast<uint16_t>(index);
    header.total = static_cast<uint16_t>(message.segments.size());
    header.first = slice.first;
    SendDatagram(to, header, Create<Packet>(message.bytes.data() + slice.offset, slice.length));
}

void
DatagramTransport::SendParity(const Outgoing& outgoing,
                              const std::vector<StationId>& to,
                              uint32_t index,
                              const ErasureCode::Symbol& parity,
                              bool end)
{
    const auto& message = *outgoing.message.message;
    SegmentHeader header;
    header.SetSubject(MessageType::PARITY, outgoing.message.key);
    header.end = end;
    header.ask = outgoing.message.ask;
    header.index = static_cast<uint16_t>(index);
    header.total = static_cast<uint16_t>(message.segments.size());
    header.first = static_cast<uint32_t>(message.format);
    SendDatagram(to, header, Create<Packet>(parity.data(), static_cast<uint32_t>(parity.size())));
}

/** Sends a datagram to one station or, once, to several workers. */
void
DatagramTransport::SendDatagram(const std::vector<StationId>& to,
                                SegmentHeader& header,
                                Ptr<Packet> packet)
{
    const bool group = to.size() > 1;
    header.worker = static_cast<uint16_t>(group              ? SegmentHeader::ALL_WORKERS
                                          : m_self == SERVER ? to.front()
                                                             : m_self);
    packet->AddHeader(header);
    if (m_channel->AltersDatagrams() && IsChecked(header.type))
    {
        AddControlCheck(packet);
    }
    if (group)
    {
        m_channel->SendToGroup(to, packet);
    }
    else
    {
        m_channel->Send(m_self, to.front(), packet);
    }
}

std::vector<StationId>
DatagramTransport::Pending(const Outgoing& outgoing)
{
    std::vector<StationId> receivers;
    for (const auto& [receiver, missing] : outgoing.pending)
    {
        receivers.push_back(receiver);
    }
    return receivers;
}

void
DatagramTransport::ArmProbe(Outgoing& outgoing, Time wait)
{
    outgoing.probe.Cancel();
    outgoing.probe = Simulator::Schedule(wait + m_channel->RoundTripDelay(),
                                         &DatagramTransport::Probe,
                                         this,
                                         KeyOf(outgoing.message));
}

/**
 * A worker answers only when it has all it needs, so its answer is the report, too. Without repair
 * it may miss something, and the report must not come after the answer.
 */
void
DatagramTransport::SettleReports(const MessageKey& answer)
{
    for (auto& [key, incoming] : m_incoming)
    {
        if (!incoming.over || incoming.report.IsExpired())
        {
            continue;
        }
        if (!m_repair)
        {
            incoming.report.Cancel();
            SendReport(key.first, key.second);
        }
        else if (IsImplied(key.second, answer))
        {
            incoming.report.Cancel();
        }
    }
}

/** @return how long to wait for a report before the first probe */
Time
DatagramTransport::FirstWait(const OutgoingMessage& message) const
{
    // Who has heard one segment asks for the others by itself, and who needs a receipt for it; but
    // all may be lost.
    const bool isPatient = message.message->segments.size() > 1 || IsReceipt(message.key.type);
    return isPatient ? m_burstProbeWait : m_probeWait;
}

void
DatagramTransport::Probe(OutgoingKey key)
{
    auto& outgoing = m_outgoing.at(key);
    // The silence counts from when the last datagram has left. While answers come in on a shared
    // medium, those who have not been heard may be waiting for their turn.
    const bool mayWait = Asks(key.second, outgoing.message.ask) && m_channel->IsShared() &&
                         m_quietSince + m_probeWait > Simulator::Now();
    if (m_channel->IsBacklogged(m_self, key.first) || mayWait)
    {
        outgoing.sentSince.reset();
        ArmProbe(outgoing, m_probeWait);
        return;
    }
    if (!outgoing.sentSince)
    {
        outgoing.sentSince = Simulator::Now();
        ArmProbe(outgoing, outgoing.wait);
        return;
    }
    // Of several receipts that somebody out of reach has not confirmed, the oldest asks for all.
    const auto& oldest = m_outgoing.lower_bound({key.first, MessageKey{}})->first.second;
    const bool isBehind = key.second.type == MessageType::RECEIPT &&
                          oldest.type == MessageType::RECEIPT && !(oldest == key.second);
    if (!isBehind)
    {
        SendProbe(outgoing);
    }
    outgoing.wait = NextWait(outgoing.wait, ++outgoing.probes);
    ArmProbe(outgoing, outgoing.wait);
}

/** @return how long to wait after some tries in vain, the last of which waited for a given time */
Time
DatagramTransport::NextWait(Time wait, uint32_t tries) const
{
    return tries < m_steadyTries ? wait : std::max(wait, std::min(wait + wait, m_maxProbeWait));
}

/** Asks those who have not reported: first all at once, then each alone. */
void
DatagramTransport::SendProbe(Outgoing& outgoing)
{
    const auto& message = *outgoing.message.message;
    const auto receivers = Pending(outgoing);
    SegmentHeader header;
    header.SetSubject(MessageType::PROBE, outgoing.message.key);
    header.ask = outgoing.message.ask;
    header.total = static_cast<uint16_t>(message.segments.size());
    const bool first = !std::exchange(outgoing.probed, true);
    if (first && IsGroup(outgoing.message) && receivers.size() > 1)
    {
        SendDatagram(receivers, header, NamesOf(receivers));
        return;
    }
    // Sending again what is hardly longer than the question saves the answer. What is longer may
    // well have arrived, so it takes turns with the question; of several segments the last one asks
    // for the others, too.
    const bool isShort = message.segments.size() == 1 && message.bytes.size() <= MAX_RESENT_BYTES;
    const bool isTurn = isShort || outgoing.probes % 2 == 1;
    for (const StationId receiver : receivers)
    {
        if (IsRepaired(header.Subject().type) && isTurn)
        {
            SendPass(outgoing, {receiver}, {{header.total - 1U, header.total}});
        }
        else
        {
            SendDatagram({receiver}, header, Create<Packet>());
        }
    }
}

void
DatagramTransport::Repair(OutgoingKey key)
{
    auto& outgoing = m_outgoing.at(key);
    // Who misses something again and again may be out of reach for all but its own rate.
    constexpr uint32_t groupRepairs = 3;
    const bool asGroup = IsGroup(outgoing.message) && outgoing.repairs++ < groupRepairs;
    std::vector<bool> wanted(outgoing.message.message->segments.size());
    std::vector<StationId> receivers;
    for (auto& [receiver, missing] : outgoing.pending)
    {
        if (missing.empty())
        {
            continue; // it has not asked, or has received what it asked for after all
        }
        if (!asGroup)
        {
            SendPass(outgoing, {receiver}, missing);
        }
        for (const auto& range : missing)
        {
            std::fill(wanted.begin() + range.first, wanted.begin() + range.end, true);
        }
        receivers.push_back(receiver);
        missing.clear();
    }
    if (receivers.empty())
    {
        return;
    }
    if (asGroup)
    {
        fl::Ranges segments;
        for (uint32_t i = 0; i < wanted.size(); ++i)
        {
            if (wanted[i])
            {
                fl::Append(segments, {i, i + 1});
            }
        }
        SendPass(outgoing, receivers, segments);
    }
    outgoing.sentSince.reset();
    ArmProbe(outgoing, m_probeWait);
}

void
DatagramTransport::Finish(OutgoingKey key, StationId receiver, bool complete)
{
    auto& outgoing = m_outgoing.at(key);
    outgoing.pending.erase(receiver);
    if (outgoing.pending.empty())
    {
        outgoing.probe.Cancel();
        outgoing.repair.Cancel();
        m_outgoing.erase(key);
    }
    m_report(receiver, key.second, complete);
}

void
DatagramTransport::CancelOutgoing(const MessageKey& key)
{
    for (auto it = m_outgoing.begin(); it != m_outgoing.end();)
    {
        if (it->first.second == key)
        {
            it->second.probe.Cancel();
            it->second.repair.Cancel();
            it = m_outgoing.erase(it);
        }
        else
        {
            ++it;
        }
    }
}

void
DatagramTransport::ReceiveReport(StationId from, const SegmentHeader& header, Ptr<Packet> packet)
{
    auto* found = FindPending(header.Subject(), from);
    if (!found || packet->GetSize() == 0)
    {
        return;
    }
    auto& outgoing = *found;
    const auto key = KeyOf(outgoing.message);
    std::vector<uint8_t> body(packet->GetSize());
    packet->CopyData(body.data(), static_cast<uint32_t>(body.size()));
    if (body.front() > OVER)
    {
        return;
    }
    if (header.worker == SegmentHeader::ALL_WORKERS && !IsNamed(m_self, body, 1))
    {
        return;
    }
    if (body.front() != MISSING)
    {
        Finish(key, from, body.front() == COMPLETE);
        return;
    }
    const auto missing =
        ParseRanges(body.data() + 1,
                    static_cast<uint32_t>(body.size()) - 1,
                    static_cast<uint32_t>(outgoing.message.message->segments.size()));
    if (!missing || missing->empty())
    {
        return;
    }
    if ((m_self != SERVER || !header.end) && m_channel->IsBacklogged(m_self, key.first))
    {
        return; // the receiver only wonders, and what it misses may still be waiting here
    }
    m_repairTrace(from, key.second, fl::Count(*missing));
    outgoing.pending[from] = *missing;
    outgoing.wait = FirstWait(outgoing.message);
    outgoing.probes = 0;
    if (outgoing.repair.IsExpired())
    {
        // Others of a group may lack the same: wait for their reports.
        const Time wait = IsGroup(outgoing.message) && outgoing.pending.size() > 1
                              ? m_reportSpread * m_channel->Workers()
                              : Seconds(0);
        outgoing.repair = Simulator::Schedule(wait, &DatagramTransport::Repair, this, key);
    }
    ArmProbe(outgoing, outgoing.wait);
}

void
DatagramTransport::ImplyReports(StationId from, const MessageKey& answer)
{
    std::vector<OutgoingKey> implied;
    for (const StationId to : {from, GROUP})
    {
        for (auto it = m_outgoing.lower_bound({to, MessageKey{}});
             it != m_outgoing.end() && it->first.first == to;
             ++it)
        {
            if (IsImplied(it->first.second, answer) && it->second.pending.count(from) > 0)
            {
                implied.push_back(it->first);
            }
        }
    }
    for (const auto& key : implied)
    {
        Finish(key, from, true);
    }
}

// The receiver's side

void
DatagramTransport::ReceiveDatagram(StationId from, Ptr<Packet> packet)
{
    SegmentHeader header;
    if (packet->GetSize() < SegmentHeader::BYTES)
    {
        return;
    }
    packet->PeekHeader(header);
    if (!header.IsValid())
    {
        m_channel->NoteUseless(from, m_self, "damaged-header");
        return;
    }
    if (m_channel->AltersDatagrams() && IsChecked(header.type) && !RemoveControlCheck(packet))
    {
        m_channel->NoteUseless(from, m_self, IsData(header.type) ? "damaged" : "damaged-control");
        return;
    }
    packet->RemoveHeader(header);
    m_lastHeard[from] = Simulator::Now();
    switch (header.type)
    {
    case MessageType::REPORT:
        ReceiveReport(from, header, packet);
        break;
    case MessageType::PROBE:
        ReceiveProbe(from, header, packet);
        break;
    default:
        ReceiveData(from, header, packet);
    }
}

DatagramTransport::Incoming*
DatagramTransport::FindOrAccept(StationId from, const SegmentHeader& header)
{
    const auto key = header.Subject();
    const auto found = m_incoming.find({from, key});
    if (found != m_incoming.end())
    {
        return found->second.arrived.size() == header.total ? &found->second : nullptr;
    }
    if (!m_accept(from, key))
    {
        const bool isSingle = header.worker != SegmentHeader::ALL_WORKERS;
        if ((header.end && isSingle) || header.type == MessageType::PROBE)
        {
            Refuse(from, header);
        }
        return nullptr;
    }
    auto& incoming = m_incoming[{from, key}];
    incoming.arrived.resize(header.total);
    incoming.ask = header.ask;
    if (IsProtected(key.type))
    {
        incoming.decoder.emplace(FecLayout(header.total, Fec()));
    }
    return &incoming;
}

void
DatagramTransport::ReceiveData(StationId from, const SegmentHeader& header, Ptr<Packet> packet)
{
    const auto key = header.Subject();
    const bool isParity = header.type == MessageType::PARITY;
    auto* incoming = FindOrAccept(from, header);
    if (!incoming)
    {
        NoteLate(m_channel, from, m_self, key.type);
        return;
    }
    Hear();
    if (IsAnswer(key.type) && m_repair && incoming->count == 0)
    {
        ImplyReports(from, key);
    }
    incoming->group = header.worker == SegmentHeader::ALL_WORKERS;
    const bool isComplete = incoming->count == incoming->arrived.size();
    if (incoming->over && !isComplete && (isParity || !incoming->arrived[header.index]))
    {
        NoteLate(m_channel, from, m_self, key.type);
    }
    if (!incoming->over)
    {
        std::vector<uint8_t> body(packet->GetSize());
        packet->CopyData(body.data(), static_cast<uint32_t>(body.size()));
        if (!isParity)
        {
            TakeSegment(from, header, body, *incoming);
        }
        else if (incoming->decoder)
        {
            TakeRecovered(from,
                          header,
                          incoming->decoder->AddParity(header.index, std::move(body)),
                          *incoming);
        }
        if (incoming->count == incoming->arrived.size())
        {
            EndIncoming(from, key, *incoming);
            return;
        }
    }
    if (!header.end)
    {
        return;
    }
    incoming->ended = true;
    if (incoming->count < incoming->arrived.size())
    {
        EndPass(from, key, *incoming);
    }
    else if (!isParity && header.worker != SegmentHeader::ALL_WORKERS)
    {
        ScheduleReport(from, key, *incoming); // the sender does not know
    }
}

/** Hands a segment over, and those that can be computed because of it. */
void
DatagramTransport::TakeSegment(StationId from,
                               const SegmentHeader& header,
                               const std::vector<uint8_t>& body,
                               Incoming& incoming)
{
    if (incoming.arrived[header.index])
    {
        return;
    }
    const bool taken = m_segment({from, header, body.data(), static_cast<uint32_t>(body.size())});
    if (!taken)
    {
        if (m_channel->AltersDatagrams())
        {
            m_channel->NoteUseless(from, m_self, "undecodable");
        }
        return;
    }
    incoming.arrived[header.index] = true;
    ++incoming.count;
    if (incoming.decoder)
    {
        TakeRecovered(from,
                      header,
                      incoming.decoder->AddSegment(header.index, header.first, body),
                      incoming);
    }
}

/** Hands over what was computed when a datagram with a given header arrived. */
void
DatagramTransport::TakeRecovered(StationId from,
                                 SegmentHeader header,
                                 const std::vector<RecoveredSegment>& segments,
                                 Incoming& incoming)
{
    if (header.type == MessageType::PARITY)
    {
        header.type = header.Subject().type;
        header.format = static_cast<fl::WireFormat>(header.first);
    }
    for (const auto& segment : segments)
    {
        header.index = static_cast<uint16_t>(segment.index);
        header.first = segment.first;
        TakeSegment(from, header, segment.body, incoming);
    }
}

void
DatagramTransport::ReceiveProbe(StationId from, const SegmentHeader& header, Ptr<Packet> packet)
{
    if (header.worker == SegmentHeader::ALL_WORKERS)
    {
        std::vector<uint8_t> body(packet->GetSize());
        packet->CopyData(body.data(), static_cast<uint32_t>(body.size()));
        if (!IsNamed(m_self, body, 0))
        {
            return;
        }
    }
    if (auto* incoming = FindOrAccept(from, header))
    {
        const auto key = header.Subject();
        incoming->group = header.worker == SegmentHeader::ALL_WORKERS;
        incoming->ended = true;
        if (!incoming->over && !IsRepaired(key.type))
        {
            EndIncoming(from, key, *incoming);
        }
        ScheduleReport(from, key, *incoming);
    }
}

void
DatagramTransport::EndPass(StationId from, const MessageKey& key, Incoming& incoming)
{
    if (!incoming.over && !IsRepaired(key.type))
    {
        EndIncoming(from, key, incoming);
        return;
    }
    ReportUnlessImplied(from, key, incoming);
}

void
DatagramTransport::EndIncoming(StationId from, const MessageKey& key, Incoming& incoming)
{
    incoming.over = true;
    // First the report, which what the application now sends may make superfluous.
    ReportUnlessImplied(from, key, incoming);
    m_end(from, key, incoming.ask);
}

/** Reports what has arrived, unless a message that will follow anyway says so, too. */
void
DatagramTransport::ReportUnlessImplied(StationId from, const MessageKey& key, Incoming& incoming)
{
    if (incoming.count == incoming.arrived.size())
    {
        if (IsAnswer(key.type))
        {
            m_unreported[key].insert(from);
            return;
        }
        if (m_repair && (Asks(key, incoming.ask) || IsReceipt(key.type)))
        {
            return;
        }
    }
    ScheduleReport(from, key, incoming);
}

void
DatagramTransport::CloseIncoming(StationId from, const MessageKey& key)
{
    const auto found = m_incoming.find({from, key});
    if (found != m_incoming.end())
    {
        found->second.over = true;
    }
}

void
DatagramTransport::ScheduleReport(StationId from, const MessageKey& key, Incoming& incoming)
{
    if (!incoming.report.IsExpired())
    {
        return;
    }
    Time wait;
    if (incoming.group)
    {
        wait = Seconds((m_reportSpread * m_channel->Workers()).GetSeconds() * m_random.Uniform());
    }
    incoming.report = Simulator::Schedule(wait, &DatagramTransport::SendReport, this, from, key);
}

void
DatagramTransport::SendReport(StationId to, MessageKey key)
{
    auto& incoming = m_incoming.at({to, key});
    const auto missing = MissingOf(incoming);
    const bool isComplete = incoming.count == incoming.arrived.size();
    const auto status = isComplete ? COMPLETE : incoming.over ? OVER : MISSING;
    std::vector<uint8_t> body{status};
    const auto direction = m_self == SERVER ? Direction::DOWN : Direction::UP;
    AppendRanges(missing, MaxControlBytes(direction) - 1, body);
    if (body == incoming.reported && m_channel->IsBacklogged(m_self, to))
    {
        return; // on slow links the queue would fill with answers to the same question
    }
    incoming.reported = body;
    SegmentHeader header;
    header.SetSubject(MessageType::REPORT, key);
    header.total = static_cast<uint16_t>(incoming.arrived.size());
    header.end = incoming.ended;
    incoming.ended = false;
    SendDatagram({to}, header, Create<Packet>(body.data(), static_cast<uint32_t>(body.size())));
}

/** @return the segments of which the receiver of a message is in need */
fl::Ranges
DatagramTransport::MissingOf(const Incoming& incoming)
{
    if (incoming.decoder)
    {
        return incoming.decoder->Needed(incoming.arrived);
    }
    std::vector<uint32_t> missing;
    for (uint32_t i = 0; i < incoming.arrived.size(); ++i)
    {
        if (!incoming.arrived[i])
        {
            missing.push_back(i);
        }
    }
    return fl::ToRanges(missing);
}

/** Notes that something has arrived; afterwards silence may fall. */
void
DatagramTransport::Hear()
{
    m_quietSince = Simulator::Now();
    if (!m_silenceCheck.IsRunning() || m_requests > 0)
    {
        m_requests = 0;
        m_silenceWait = m_silence;
        AwaitSilence();
    }
}

/** @return when silence will have fallen if nothing arrives any more */
Time
DatagramTransport::SilenceBegin() const
{
    // Where a datagram takes longer than silence, the next one may be on the air.
    const auto direction = m_self == SERVER ? Direction::UP : Direction::DOWN;
    const Time datagram =
        m_channel->EstimateAirtime(direction, m_channel->MaxDatagramBytes(direction));
    return m_quietSince + std::max(m_silenceWait, datagram + datagram) +
           m_channel->RoundTripDelay();
}

void
DatagramTransport::AwaitSilence()
{
    m_silenceCheck.Cancel();
    m_silenceCheck = Simulator::Schedule(std::max(SilenceBegin() - Simulator::Now(), Time()),
                                         &DatagramTransport::CheckSilence,
                                         this);
}

void
DatagramTransport::CheckSilence()
{
    if (SilenceBegin() > Simulator::Now())
    {
        AwaitSilence();
        return;
    }
    if (EndSilence() && m_requests < MAX_REQUESTS)
    {
        // The request may be lost, too.
        m_quietSince = Simulator::Now();
        m_silenceWait = NextWait(m_silenceWait, ++m_requests);
        AwaitSilence();
    }
}

/**
 * Reports the complete uploads, and asks for what is missing of any message.
 * @return whether anything is missing
 */
bool
DatagramTransport::EndSilence()
{
    for (const auto& [key, workers] : m_unreported)
    {
        if (!workers.empty())
        {
            ReportComplete(key, workers);
        }
    }
    m_unreported.clear();
    bool asks = false;
    for (auto& [key, incoming] : m_incoming)
    {
        if (!incoming.over && IsRepaired(key.second.type))
        {
            ScheduleReport(key.first, key.second, incoming);
            asks = true;
        }
    }
    return asks;
}

/** Tells workers whose messages of one name are complete. */
void
DatagramTransport::ReportComplete(const MessageKey& key, const std::set<StationId>& workers)
{
    if (!m_broadcast)
    {
        for (const StationId worker : workers)
        {
            SendReport(worker, key);
        }
        return;
    }
    const std::vector<StationId> receivers(workers.begin(), workers.end());
    SegmentHeader header;
    header.SetSubject(MessageType::REPORT, key);
    const uint8_t status = COMPLETE;
    auto packet = Create<Packet>(&status, 1);
    packet->AddAtEnd(NamesOf(receivers));
    SendDatagram(receivers, header, packet);
}

/** @return a packet that names some workers, or as many of them as fit */
Ptr<Packet>
DatagramTransport::NamesOf(const std::vector<StationId>& workers) const
{
    fl::Ranges ranges;
    for (const StationId worker : workers)
    {
        fl::Append(ranges, {worker, worker + 1});
    }
    std::vector<uint8_t> body;
    AppendRanges(ranges, MaxControlBytes(Direction::DOWN) - 1, body);
    return Create<Packet>(body.data(), static_cast<uint32_t>(body.size()));
}

/** Asks for a message of which nothing has come. */
void
DatagramTransport::Request(StationId from, const MessageKey& key)
{
    const auto found = m_incoming.find({from, key});
    if (found != m_incoming.end())
    {
        return;
    }
    SegmentHeader header;
    header.SetSubject(MessageType::REPORT, key);
    header.end = true;
    std::vector<uint8_t> body{MISSING};
    AppendRanges({{0, 1}}, MaxControlBytes(Direction::UP) - 1, body);
    SendDatagram({from}, header, Create<Packet>(body.data(), static_cast<uint32_t>(body.size())));
}

void
DatagramTransport::Refuse(StationId to, const SegmentHeader& refused)
{
    SegmentHeader header;
    header.SetSubject(MessageType::REPORT, refused.Subject());
    header.total = refused.total;
    const uint8_t status = OVER;
    SendDatagram({to}, header, Create<Packet>(&status, 1));
}

void
DatagramTransport::ForgetBefore(uint16_t round)
{
    for (auto it = m_incoming.begin(); it != m_incoming.end();)
    {
        if (RoundBefore(it->first.second.round, round))
        {
            it->second.report.Cancel();
            it = m_incoming.erase(it);
        }
        else
        {
            ++it;
        }
    }
    for (auto it = m_unreported.begin(); it != m_unreported.end();)
    {
        it = RoundBefore(it->first.round, round) ? m_unreported.erase(it) : std::next(it);
    }
}

void
DatagramTransport::Forget(StationId peer)
{
    for (auto it = m_incoming.begin(); it != m_incoming.end();)
    {
        if (it->first.first == peer)
        {
            it->second.report.Cancel();
            it = m_incoming.erase(it);
        }
        else
        {
            ++it;
        }
    }
    for (auto& [key, workers] : m_unreported)
    {
        workers.erase(peer);
    }
    std::vector<OutgoingKey> unheard;
    for (const auto& [key, outgoing] : m_outgoing)
    {
        if (outgoing.pending.count(peer) > 0)
        {
            unheard.push_back(key);
        }
    }
    for (const auto& key : unheard)
    {
        Finish(key, peer, false);
    }
}

bool
DatagramTransport::CanForget() const
{
    return true;
}

} // namespace wfl
} // namespace ns3
