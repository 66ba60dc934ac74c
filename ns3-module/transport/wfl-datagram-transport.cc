/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/wfl-datagram-transport.h"

#include "ns3/assert.h"
#include "ns3/boolean.h"
#include "ns3/log.h"
#include "ns3/nstime.h"
#include "ns3/simulator.h"
#include "ns3/trace-source-accessor.h"
#include "ns3/wfl-range-code.h"

#include <algorithm>
#include <utility>

namespace ns3
{
namespace wfl
{

NS_LOG_COMPONENT_DEFINE("WflDatagramTransport");

NS_OBJECT_ENSURE_REGISTERED(DatagramTransport);

namespace
{

/**
 * Whether a worker that answers must have received a message before: all that is sent for the
 * exchange that it answers, and the receipts of earlier ones.
 */
bool
IsImplied(const MessageKey& message, const MessageKey& answer)
{
    if (message.round != answer.round)
    {
        return RoundBefore(message.round, answer.round);
    }
    switch (message.type)
    {
    case MessageType::OPEN:
    case MessageType::ANSWER:
        return message.ordinal <= answer.ordinal;
    case MessageType::RECEIPT:
        return message.ordinal < answer.ordinal;
    default:
        return true;
    }
}

/** Whether the body of a report to all workers names one of them. */
bool
IsNamed(StationId worker, const std::vector<uint8_t>& body)
{
    const auto workers = ParseRanges(body.data() + 1,
                                     static_cast<uint32_t>(body.size()) - 1,
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
            .AddAttribute("ReportSpread",
                          "Reports of a group message are delayed by a random time of at most "
                          "this much a worker.",
                          TimeValue(MicroSeconds(100)),
                          MakeTimeAccessor(&DatagramTransport::m_reportSpread),
                          MakeTimeChecker(Seconds(0)))
            .AddAttribute("BatchWait",
                          "Time for which reports of complete uploads are gathered.",
                          TimeValue(MilliSeconds(10)),
                          MakeTimeAccessor(&DatagramTransport::m_batchWait),
                          MakeTimeChecker(Seconds(0)))
            .AddAttribute("ProbeWait",
                          "Silence after which a sender whose datagrams have all left probes.",
                          TimeValue(MilliSeconds(20)),
                          MakeTimeAccessor(&DatagramTransport::m_probeWait),
                          MakeTimeChecker(MicroSeconds(1)))
            .AddAttribute("MaxProbeWait",
                          "Longest silence between two probes.",
                          TimeValue(Seconds(1)),
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
    for (auto& [key, batch] : m_batches)
    {
        batch.report.Cancel();
    }
    m_batches.clear();
    m_outgoing.clear();
    m_incoming.clear();
    m_channel = nullptr;
    Transport::DoDispose();
}

void
DatagramTransport::SetRunSeed(const fl::RunSeed& runSeed)
{
    m_random = fl::Random(runSeed, fl::Purpose::TIMING, m_self);
}

void
DatagramTransport::Open(Ptr<ChannelModel> channel, StationId self, bool broadcast)
{
    m_channel = channel;
    m_self = self;
    m_broadcast = broadcast && channel->HasGroupDelivery();
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

uint32_t
DatagramTransport::MaxSegmentBytes(Ptr<const ChannelModel> channel, Direction direction) const
{
    return channel->MaxDatagramBytes(direction) - SegmentHeader::BYTES;
}

bool
DatagramTransport::IsRepaired(MessageType type) const
{
    switch (type)
    {
    case MessageType::MODEL:
    case MessageType::UPDATE:
    case MessageType::ANSWER:
    case MessageType::RESYNC_MODEL:
    case MessageType::RESYNC_UPDATE:
    case MessageType::UPLOAD:
        return m_repair;
    default:
        return true;
    }
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
    NS_ASSERT(message.message->segments.size() <= UINT16_MAX);
    if (m_self != SERVER && m_repair)
    {
        // A worker answers only when it has all it needs, so its answer is the report, too.
        for (auto& [key, incoming] : m_incoming)
        {
            if (incoming.over && IsImplied(key.second, message.key))
            {
                incoming.report.Cancel();
            }
        }
    }
    auto& outgoing = m_outgoing[KeyOf(message)];
    outgoing.message = message;
    outgoing.wait = m_probeWait;
    const fl::Ranges all{{0, static_cast<uint32_t>(message.message->segments.size())}};
    for (const StationId receiver : message.receivers)
    {
        outgoing.pending[receiver];
        if (!IsGroup(message))
        {
            SendPass(outgoing, receiver, all);
        }
    }
    if (IsGroup(message))
    {
        SendPass(outgoing, GROUP, all);
    }
    ArmProbe(outgoing);
}

void
DatagramTransport::SendPass(const Outgoing& outgoing, StationId to, const fl::Ranges& segments)
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
DatagramTransport::SendSegment(const Outgoing& outgoing, StationId to, uint32_t index, bool end)
{
    const auto& message = *outgoing.message.message;
    const auto& slice = message.segments[index];
    SegmentHeader header;
    header.type = outgoing.message.key.type;
    header.end = end;
    header.ask = outgoing.message.ask;
    header.ordinal = outgoing.message.key.ordinal;
    header.format = message.format;
    header.worker = to == GROUP ? SegmentHeader::ALL_WORKERS
                                : static_cast<uint16_t>(m_self == SERVER ? to : m_self);
    header.round = outgoing.message.key.round;
    header.index = static_cast<uint16_t>(index);
    header.total = static_cast<uint16_t>(message.segments.size());
    header.first = slice.first;
    auto packet = Create<Packet>(message.bytes.data() + slice.offset, slice.length);
    packet->AddHeader(header);
    m_channel->Send(m_self, to, packet);
}

void
DatagramTransport::ArmProbe(Outgoing& outgoing)
{
    outgoing.probe.Cancel();
    outgoing.probe = Simulator::Schedule(outgoing.wait,
                                         &DatagramTransport::Probe,
                                         this,
                                         KeyOf(outgoing.message));
}

void
DatagramTransport::Probe(OutgoingKey key)
{
    auto& outgoing = m_outgoing.at(key);
    const bool wasBacklogged = std::exchange(outgoing.backlogged, m_channel->IsBacklogged(m_self));
    // The silence counts from when the last datagram has left.
    if (!wasBacklogged && !outgoing.backlogged)
    {
        SegmentHeader header;
        header.SetSubject(MessageType::PROBE, key.second);
        header.ask = outgoing.message.ask;
        header.index = 0;
        header.total = static_cast<uint16_t>(outgoing.message.message->segments.size());
        const bool group = IsGroup(outgoing.message) && outgoing.pending.size() > 1;
        for (const auto& [receiver, missing] : outgoing.pending)
        {
            const StationId to = group ? GROUP : receiver;
            header.worker = group ? SegmentHeader::ALL_WORKERS
                                  : static_cast<uint16_t>(m_self == SERVER ? to : m_self);
            auto packet = Create<Packet>();
            packet->AddHeader(header);
            m_channel->Send(m_self, to, packet);
            if (group)
            {
                break;
            }
        }
        outgoing.wait = std::min(outgoing.wait + outgoing.wait, m_maxProbeWait);
    }
    ArmProbe(outgoing);
}

void
DatagramTransport::Repair(OutgoingKey key)
{
    auto& outgoing = m_outgoing.at(key);
    std::vector<bool> wanted(outgoing.message.message->segments.size());
    std::vector<StationId> receivers;
    for (auto& [receiver, missing] : outgoing.pending)
    {
        for (const auto& range : missing)
        {
            std::fill(wanted.begin() + range.first, wanted.begin() + range.end, true);
        }
        if (!missing.empty())
        {
            receivers.push_back(receiver);
        }
        missing.clear();
    }
    fl::Ranges segments;
    for (uint32_t i = 0; i < wanted.size(); ++i)
    {
        if (wanted[i])
        {
            fl::Append(segments, {i, i + 1});
        }
    }
    if (receivers.empty())
    {
        // Those who asked have meanwhile received it, late or from an earlier pass.
        return;
    }
    const bool group = IsGroup(outgoing.message) && receivers.size() > 1;
    SendPass(outgoing, group ? GROUP : receivers.front(), segments);
    outgoing.backlogged = true;
    ArmProbe(outgoing);
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
    if (header.worker == SegmentHeader::ALL_WORKERS && !IsNamed(m_self, body))
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
    m_repairTrace(from, key.second, fl::Count(*missing));
    outgoing.pending[from] = *missing;
    outgoing.wait = m_probeWait;
    if (outgoing.repair.IsExpired())
    {
        // Others of a group may lack the same: wait for their reports.
        const Time wait = IsGroup(outgoing.message) && outgoing.pending.size() > 1
                              ? m_reportSpread * m_channel->Workers()
                              : Seconds(0);
        outgoing.repair = Simulator::Schedule(wait, &DatagramTransport::Repair, this, key);
    }
    ArmProbe(outgoing);
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
    packet->RemoveHeader(header);
    if (!header.IsValid())
    {
        return;
    }
    switch (header.type)
    {
    case MessageType::REPORT:
        ReceiveReport(from, header, packet);
        break;
    case MessageType::PROBE:
        ReceiveProbe(from, header);
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
        const bool answerDue = header.end || header.type == MessageType::PROBE;
        if (answerDue && header.worker != SegmentHeader::ALL_WORKERS)
        {
            Refuse(from, header);
        }
        return nullptr;
    }
    auto& incoming = m_incoming[{from, key}];
    incoming.arrived.resize(header.total);
    incoming.ask = header.ask;
    return &incoming;
}

void
DatagramTransport::ReceiveData(StationId from, const SegmentHeader& header, Ptr<Packet> packet)
{
    const auto key = header.Subject();
    auto* incoming = FindOrAccept(from, header);
    if (!incoming)
    {
        return;
    }
    if (m_self == SERVER && m_repair && incoming->count == 0 &&
        (key.type == MessageType::UPLOAD || key.type == MessageType::SKIP))
    {
        ImplyReports(from, key);
    }
    incoming->group = header.worker == SegmentHeader::ALL_WORKERS;
    if (!incoming->over && !incoming->arrived[header.index])
    {
        incoming->arrived[header.index] = true;
        ++incoming->count;
        std::vector<uint8_t> body(packet->GetSize());
        packet->CopyData(body.data(), static_cast<uint32_t>(body.size()));
        m_segment({from, header, body.data(), static_cast<uint32_t>(body.size())});
        if (incoming->count == incoming->arrived.size())
        {
            EndIncoming(from, key, *incoming);
            return;
        }
    }
    if (header.end)
    {
        EndPass(from, key, *incoming);
    }
}

void
DatagramTransport::ReceiveProbe(StationId from, const SegmentHeader& header)
{
    if (auto* incoming = FindOrAccept(from, header))
    {
        incoming->group = header.worker == SegmentHeader::ALL_WORKERS;
        EndPass(from, header.Subject(), *incoming);
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
    ScheduleReport(from, key, incoming);
}

void
DatagramTransport::EndIncoming(StationId from, const MessageKey& key, Incoming& incoming)
{
    incoming.over = true;
    // First the report, which what the application now sends may make superfluous.
    ScheduleReport(from, key, incoming);
    m_end(from, key, incoming.ask);
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
    if (m_self == SERVER && m_broadcast && incoming.count == incoming.arrived.size())
    {
        auto& batch = m_batches[key];
        batch.workers.insert(from);
        if (batch.report.IsExpired())
        {
            batch.report =
                Simulator::Schedule(m_batchWait, &DatagramTransport::SendBatch, this, key);
        }
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
    const auto& incoming = m_incoming.at({to, key});
    fl::Ranges missing;
    for (uint32_t i = 0; i < incoming.arrived.size(); ++i)
    {
        if (!incoming.arrived[i])
        {
            fl::Append(missing, {i, i + 1});
        }
    }
    const auto status = missing.empty() ? COMPLETE : incoming.over ? OVER : MISSING;
    std::vector<uint8_t> body{status};
    const auto direction = m_self == SERVER ? Direction::DOWN : Direction::UP;
    AppendRanges(missing, MaxSegmentBytes(m_channel, direction) - 1, body);
    SegmentHeader header;
    header.SetSubject(MessageType::REPORT, key);
    header.worker = static_cast<uint16_t>(m_self == SERVER ? to : m_self);
    header.total = static_cast<uint16_t>(incoming.arrived.size());
    auto packet = Create<Packet>(body.data(), static_cast<uint32_t>(body.size()));
    packet->AddHeader(header);
    m_channel->Send(m_self, to, packet);
}

/** Tells all workers at once whose messages of one name are complete. */
void
DatagramTransport::SendBatch(MessageKey key)
{
    const auto workers = std::move(m_batches.at(key).workers);
    m_batches.erase(key);
    fl::Ranges ranges;
    for (const StationId worker : workers)
    {
        fl::Append(ranges, {worker, worker + 1});
    }
    std::vector<uint8_t> body{COMPLETE};
    AppendRanges(ranges, MaxSegmentBytes(m_channel, Direction::DOWN) - 1, body);
    SegmentHeader header;
    header.SetSubject(MessageType::REPORT, key);
    header.worker = SegmentHeader::ALL_WORKERS;
    auto packet = Create<Packet>(body.data(), static_cast<uint32_t>(body.size()));
    packet->AddHeader(header);
    m_channel->Send(SERVER, GROUP, packet);
}

void
DatagramTransport::Refuse(StationId to, const SegmentHeader& refused)
{
    SegmentHeader header;
    header.SetSubject(MessageType::REPORT, refused.Subject());
    header.worker = static_cast<uint16_t>(m_self == SERVER ? to : m_self);
    header.total = refused.total;
    const uint8_t status = OVER;
    auto packet = Create<Packet>(&status, 1);
    packet->AddHeader(header);
    m_channel->Send(m_self, to, packet);
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
}

} // namespace wfl
} // namespace ns3
