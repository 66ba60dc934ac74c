/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/wfl-worker.h"

#include "ns3/assert.h"
#include "ns3/log.h"
#include "ns3/simulator.h"
#include "ns3/trace-source-accessor.h"
#include "ns3/wfl-compat.h"
#include "ns3/wfl-control.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace ns3
{
namespace wfl
{

NS_LOG_COMPONENT_DEFINE("WflWorker");

NS_OBJECT_ENSURE_REGISTERED(FlWorker);

namespace
{

/** What a receipt says of an upload of which nothing is missing. */
const fl::UploadOutcome WHOLE{0, 0, false, {}, 0};

/** Whether messages of a type have a body for the application itself. */
bool
IsControl(MessageType type)
{
    return type == MessageType::OPEN || type == MessageType::RECEIPT ||
           type == MessageType::RECEIPTS;
}

} // namespace

TypeId
FlWorker::GetTypeId()
{
    static TypeId tid =
        TypeId("ns3::wfl::FlWorker")
            .SetParent<Application>()
            .SetGroupName("Wfl")
            .AddConstructor<FlWorker>()
            .AddAttribute("Late",
                          "What a newer round does to a worker that still computes.",
                          EnumValue(ABORT),
                          MakeEnumAccessorCompat(&FlWorker::m_late),
                          MakeEnumChecker(ABORT, "abort", FINISH, "finish"))
            .AddTraceSource("Computing",
                            "A computation begins",
                            MakeTraceSourceAccessor(&FlWorker::m_computingTrace),
                            "ns3::wfl::FlWorker::ComputingCallback")
            .AddTraceSource("Computed",
                            "A computation has ended",
                            MakeTraceSourceAccessor(&FlWorker::m_computedTrace),
                            "ns3::wfl::FlWorker::ComputedCallback")
            .AddTraceSource("Rest",
                            "The worker waits for something to hear, or has heard something",
                            MakeTraceSourceAccessor(&FlWorker::m_restTrace),
                            "ns3::wfl::FlWorker::RestCallback");
    return tid;
}

FlWorker::FlWorker() = default;

FlWorker::~FlWorker() = default;

void
FlWorker::DoDispose()
{
    m_computeEnd.Cancel();
    m_transport = nullptr;
    m_compute = nullptr;
    m_book = nullptr;
    Application::DoDispose();
}

void
FlWorker::SetUp(StationId worker,
                fl::Federation* federation,
                Ptr<Transport> transport,
                Ptr<ComputeModel> compute,
                Ptr<RoundBook> book)
{
    m_worker = worker;
    m_federation = federation;
    m_transport = transport;
    m_compute = compute;
    m_book = book;
    m_transport->SetCallbacks(MakeCallback(&FlWorker::Accept, this),
                              MakeCallback(&FlWorker::ReceiveSegment, this),
                              MakeCallback(&FlWorker::EndIncoming, this),
                              MakeCallback(&FlWorker::EndOutgoing, this));
    // Only transports that repair have this trace source.
    m_transport->TraceConnectWithoutContext("RepairRequested",
                                            MakeCallback(&FlWorker::NoteRepair, this));
}

void
FlWorker::SayHello()
{
    auto body = EncodeHello(HelloOf(m_federation->Shape(), m_worker));
    m_transport->Send(
        {HelloKey(), MakeControlMessage(std::move(body), MAX_CONTROL_BYTES), {SERVER}, false});
    RestIfIdle();
}

/** Each stay begins with a hello of its own. */
MessageKey
FlWorker::HelloKey() const
{
    return {MessageType::HELLO, m_stay, 0};
}

void
FlWorker::Leave()
{
    if (m_state == COMPUTING)
    {
        AbortCompute();
    }
    m_transport->Forget(SERVER);
    constexpr uint32_t any = UINT32_MAX;
    for (const auto& download : m_book->Pending(m_worker, any, any))
    {
        m_book->Close(m_worker, download);
        m_federation->CloseDownload(m_worker, download);
    }
    m_asked = false;
    m_sent.clear();
    m_control.clear();
}

void
FlWorker::Return()
{
    m_stay = (m_stay + 1) % (SegmentHeader::MAX_ORDINAL + 1);
    m_requested = false;
    m_resting = false;
    SayHello();
}

void
FlWorker::GiveUpHello()
{
    m_transport->CancelOutgoing(HelloKey());
}

void
FlWorker::TellStatus(std::function<double()> batteryShare)
{
    m_sendsStatus = true;
    m_batteryShare = batteryShare;
}

Time
FlWorker::LongestComputation() const
{
    return m_longest;
}

bool
FlWorker::Accept(StationId /* from */, MessageKey key)
{
    if (IsControl(key.type) && key.type != MessageType::OPEN)
    {
        return true;
    }
    const uint32_t round = RoundOf(key);
    m_heardRound = std::max(m_heardRound, round);
    if (round < m_round || key.type == MessageType::OPEN)
    {
        return round >= m_round;
    }
    if (!m_book->Find(m_worker, key))
    {
        return false; // what is for others changes nothing here
    }
    EnterRound(round);
    return true;
}

/** Headers count rounds modulo 2^16; what arrives is never far from what arrived before. */
uint32_t
FlWorker::RoundOf(const MessageKey& key) const
{
    const auto ahead = static_cast<int16_t>(key.round - static_cast<uint16_t>(m_heardRound));
    return static_cast<uint32_t>(std::max<int64_t>(int64_t{m_heardRound} + ahead, 0));
}

/** What older rounds still owe this worker will not be sent any more. */
void
FlWorker::EnterRound(uint32_t round)
{
    if (round <= m_round)
    {
        return;
    }
    m_round = round;
    m_transport->ForgetBefore(static_cast<uint16_t>(round - 1));
    constexpr uint32_t anyExchange = UINT32_MAX;
    for (const auto& download : m_book->Pending(m_worker, round - 1, anyExchange))
    {
        m_transport->CloseIncoming(SERVER, RoundBook::KeyOf(*download));
        CloseDownload(download);
    }
}

bool
FlWorker::ReceiveSegment(const IncomingSegment& segment)
{
    const auto key = segment.header.Subject();
    if (m_resting)
    {
        m_resting = false;
        m_restTrace(m_worker, false);
    }
    if (segment.header.ask)
    {
        ForgetSent();
    }
    if (IsControl(key.type))
    {
        m_control[key][segment.header.index].assign(segment.body, segment.body + segment.length);
        return true;
    }
    if (const auto download = m_book->Find(m_worker, key))
    {
        const auto fault = m_federation->ReceiveDownload(m_worker, download, segment.View());
        if (fault != fl::SegmentFault::NONE)
        {
            return false;
        }
        ++m_book->Record(m_worker, download->round).downlinkSegmentsArrived;
        m_decodedCoordinates += download->message->segments[segment.header.index].count;
        m_book->NoteProgress();
        return true;
    }
    return false;
}

void
FlWorker::CloseDownload(const std::shared_ptr<const fl::Download>& download)
{
    m_book->Close(m_worker, download);
    m_book->Record(m_worker, download->round).downlinkEnd = Simulator::Now();
    m_federation->CloseDownload(m_worker, download);
}

void
FlWorker::EndIncoming(StationId /* from */, MessageKey key, bool ask)
{
    if (key.type == MessageType::RECEIPT)
    {
        TakeReceipt(key, DecodeReceipt(TakeControl(key)));
    }
    else if (key.type == MessageType::RECEIPTS)
    {
        if (NamesWorker(TakeControl(key), m_worker))
        {
            TakeReceipt(key, WHOLE);
        }
    }
    else if (key.type == MessageType::OPEN)
    {
        ask = NamesWorker(TakeControl(key), m_worker);
    }
    else if (const auto download = m_book->Find(m_worker, key))
    {
        CloseDownload(download);
    }
    if (ask)
    {
        BeAsked(key);
    }
    TryStart();
    RestIfIdle();
}

/** Says so if there is nothing to do until something more is heard. */
void
FlWorker::RestIfIdle()
{
    if (!m_resting && m_state == WAITING && !m_asked)
    {
        m_resting = true;
        m_restTrace(m_worker, true);
    }
}

void
FlWorker::BeAsked(const MessageKey& key)
{
    const bool isResync =
        key.type == MessageType::RESYNC_MODEL || key.type == MessageType::RESYNC_UPDATE;
    m_asked = true;
    m_askedRound = RoundOf(key);
    EnterRound(m_askedRound);
    m_askedExchange = isResync ? 0 : key.ordinal;
    ForgetSent();
}

/** Who asks anew has closed what it asked before. */
void
FlWorker::ForgetSent()
{
    for (const auto& key : m_sent)
    {
        m_transport->CancelOutgoing(key);
    }
    m_sent.clear();
}

/** Puts the parts of a control message together. */
std::vector<uint8_t>
FlWorker::TakeControl(const MessageKey& key)
{
    std::vector<uint8_t> body;
    for (const auto& [index, part] : m_control[key])
    {
        body.insert(body.end(), part.begin(), part.end());
    }
    m_control.erase(key);
    return body;
}

void
FlWorker::TakeReceipt(const MessageKey& key, std::optional<fl::UploadOutcome> outcome)
{
    if (!outcome)
    {
        return;
    }
    outcome->round = RoundOf(key);
    outcome->exchange = key.ordinal;
    const RequestKey about{outcome->round, outcome->exchange};
    if (m_awaited == about)
    {
        TakeOwnReceipt(*outcome);
    }
    else
    {
        m_earlyReceipts[about] = *outcome;
    }
}

void
FlWorker::TakeOwnReceipt(const fl::UploadOutcome& outcome)
{
    m_awaited.reset();
    m_federation->ReceiveReceipt(m_worker, outcome);
}

/** Asks, once, for the receipt without which it cannot begin although it is asked. */
void
FlWorker::RequestReceipt()
{
    if (m_requested || !m_awaited)
    {
        return;
    }
    m_requested = true;
    for (const auto type : {MessageType::RECEIPT, MessageType::RECEIPTS})
    {
        m_transport->Request(SERVER,
                             {type,
                              static_cast<uint8_t>(m_awaited->second),
                              static_cast<uint16_t>(m_awaited->first)});
    }
}

void
FlWorker::TryStart()
{
    if (!m_asked || !m_book->Pending(m_worker, m_askedRound, m_askedExchange).empty())
    {
        return;
    }
    if (m_state == COMPUTING)
    {
        if (m_late == FINISH)
        {
            return;
        }
        AbortCompute();
    }
    if (!m_federation->HoldsReceipt(m_worker))
    {
        RequestReceipt();
        return;
    }
    m_asked = false;
    const RequestKey request{m_askedRound, m_askedExchange};
    m_earlyReceipts.erase(m_earlyReceipts.begin(), m_earlyReceipts.lower_bound(request));
    if (m_earlyReceipts.count(request) > 0)
    {
        return; // the server waits for its answer no longer
    }
    m_state = COMPUTING;
    const auto work = m_federation->StartCompute(m_worker, m_askedRound, m_askedExchange);
    const auto cost = m_compute->Cost({m_worker,
                                       m_askedRound,
                                       m_askedExchange,
                                       work,
                                       std::exchange(m_decodedCoordinates, 0),
                                       m_federation->Shape().gradientFlopsPerSample});
    const auto duration = cost.Duration();
    m_computingTrace(m_worker, cost);
    m_computeStart = Simulator::Now();
    m_longest = std::max(m_longest, duration);
    m_book->Record(m_worker, m_askedRound).modelVersion = m_federation->HeldVersion(m_worker);
    m_computeEnd = Simulator::Schedule(duration, &FlWorker::FinishCompute, this);
}

void
FlWorker::AbortCompute()
{
    m_computeEnd.Cancel();
    m_federation->AbortCompute(m_worker);
    EndCompute();
}

void
FlWorker::EndCompute()
{
    m_state = WAITING;
    m_computedTrace(m_worker, m_computeStart, Simulator::Now() - m_computeStart);
}

void
FlWorker::FinishCompute()
{
    EndCompute();
    const auto upload = m_federation->FinishCompute(m_worker);
    if (m_book->IsOpen(m_worker, upload.round, upload.exchange))
    {
        m_book->Record(m_worker, upload.round).computeEnd = Simulator::Now();
    }
    m_book->NoteProgress();
    const RequestKey request{upload.round, upload.exchange};
    if (upload.message && m_federation->Shape().traits.committed)
    {
        m_awaited = request;
        m_requested = false;
    }
    const auto receipt = m_earlyReceipts.find(request);
    if (receipt != m_earlyReceipts.end())
    {
        TakeOwnReceipt(receipt->second);
    }
    else if (!upload.silent)
    {
        if (m_sendsStatus)
        {
            SendStatus(upload);
        }
        SendUpload(upload);
    }
    TryStart();
    RestIfIdle();
}

void
FlWorker::SendUpload(const fl::Upload& upload)
{
    const bool isOpen = m_book->IsOpen(m_worker, upload.round, upload.exchange);
    auto& record = m_book->LateRecord(m_worker);
    if (isOpen)
    {
        record.uplinkStart = Simulator::Now();
    }
    MessageKey key{MessageType::SKIP,
                   static_cast<uint8_t>(upload.exchange),
                   static_cast<uint16_t>(upload.round)};
    auto message = upload.message;
    if (message)
    {
        key.type = MessageType::UPLOAD;
        const auto segments = static_cast<uint32_t>(message->segments.size());
        if (isOpen)
        {
            record.payloadBytes += message->bytes.size();
            record.paperBits += message->paperBits;
            record.segmentsOffered += segments;
        }
        else
        {
            record.latePayloadBytes += message->bytes.size();
            record.latePaperBits += message->paperBits;
            record.lateSegments += segments;
        }
    }
    else
    {
        message = MakeControlMessage({}, MAX_CONTROL_BYTES);
    }
    m_transport->Send({key, message, {SERVER}, false});
    m_sent.push_back(key);
}

/** Says what selection policies want to know. */
void
FlWorker::SendStatus(const fl::Upload& upload)
{
    const MessageKey key{MessageType::STATUS,
                         static_cast<uint8_t>(upload.exchange),
                         static_cast<uint16_t>(upload.round)};
    auto body = EncodeStatus({static_cast<float>(upload.loss),
                              static_cast<float>(upload.updateNorm),
                              static_cast<float>(m_batteryShare ? m_batteryShare() : NAN)});
    m_transport->Send(
        {key, MakeControlMessage(std::move(body), MAX_CONTROL_BYTES), {SERVER}, false});
    m_sent.push_back(key);
}

void
FlWorker::NoteRepair(StationId /* from */, MessageKey key, uint32_t /* segments */)
{
    auto& record = m_book->Record(m_worker, RoundOf(key));
    if (key.type == MessageType::UPLOAD && !record.repairStart)
    {
        record.repairStart = Simulator::Now();
    }
}

void
FlWorker::EndOutgoing(StationId /* receiver */, MessageKey /* key */, bool /* complete */)
{
    // What the server accepted is said by the receipt, where it matters.
}

} // namespace wfl
} // namespace ns3
