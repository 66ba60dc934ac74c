/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/wfl-server.h"

#include "ns3/boolean.h"
#include "ns3/double.h"
#include "ns3/fl-share.h"
#include "ns3/log.h"
#include "ns3/simulator.h"
#include "ns3/trace-source-accessor.h"
#include "ns3/uinteger.h"
#include "ns3/wfl-control.h"

#include <algorithm>
#include <utility>

namespace ns3
{
namespace wfl
{

static_assert(fl::Federation::MOST_TURNS == SegmentHeader::MAX_ORDINAL + 1);

NS_LOG_COMPONENT_DEFINE("WflServer");

NS_OBJECT_ENSURE_REGISTERED(FlServer);

TypeId
FlServer::GetTypeId()
{
    static TypeId tid =
        TypeId("ns3::wfl::FlServer")
            .SetParent<Application>()
            .SetGroupName("Wfl")
            .AddConstructor<FlServer>()
            .AddAttribute("Rounds",
                          "Number of rounds.",
                          UintegerValue(100),
                          MakeUintegerAccessor(&FlServer::m_rounds),
                          MakeUintegerChecker<uint32_t>(1))
            .AddAttribute("EvalEvery",
                          "Rounds from one evaluation of the model to the next; the last round is "
                          "always evaluated.",
                          UintegerValue(1),
                          MakeUintegerAccessor(&FlServer::m_evalEvery),
                          MakeUintegerChecker<uint32_t>(1))
            .AddAttribute("TargetAccuracy",
                          "The run ends when the median of the last five evaluations reaches this "
                          "share; 0 for never.",
                          DoubleValue(0),
                          MakeDoubleAccessor(&FlServer::m_targetAccuracy),
                          MakeDoubleChecker<double>(0, 1))
            .AddAttribute(
                "Deadline",
                "Longest duration of an exchange, that is of a round unless its method exchanges "
                "more than once; 0 for no limit.",
                TimeValue(Seconds(0)),
                MakeTimeAccessor(&FlServer::m_deadline),
                MakeTimeChecker(Seconds(0)))
            .AddAttribute("RoundTimeout",
                          "An exchange closes when nothing has gone forward for so long, or for "
                          "ten times as long if those who are asked are still heard; 0 for the "
                          "channel's estimate.",
                          TimeValue(Seconds(0)),
                          MakeTimeAccessor(&FlServer::m_roundTimeout),
                          MakeTimeChecker(Seconds(0)))
            .AddAttribute("ServerTime",
                          "Time that the server takes from the last upload to the next round.",
                          TimeValue(MicroSeconds(100)),
                          MakeTimeAccessor(&FlServer::m_serverTime),
                          MakeTimeChecker(NanoSeconds(1)))
            .AddAttribute("Quorum",
                          "Share of the workers that are asked whose answers close an exchange.",
                          DoubleValue(1),
                          MakeDoubleAccessor(&FlServer::m_quorum),
                          MakeDoubleChecker<double>(0, 1))
            .AddAttribute("LateCount",
                          "Whether uploads that come after their round has closed count in the "
                          "round in which they come; until then their workers are not asked.",
                          BooleanValue(false),
                          MakeBooleanAccessor(&FlServer::m_lateCount),
                          MakeBooleanChecker())
            .AddAttribute("Buffer",
                          "Answers after which the model moves, whenever they were asked for; 0 "
                          "for synchronous rounds.",
                          UintegerValue(0),
                          MakeUintegerAccessor(&FlServer::m_buffer),
                          MakeUintegerChecker<uint32_t>())
            .AddAttribute("LongestWait",
                          "How long the server waits for somebody to come back when all workers "
                          "have gone.",
                          TimeValue(Hours(24 * 30)),
                          MakeTimeAccessor(&FlServer::m_longestWait),
                          MakeTimeChecker(Seconds(0)))
            .AddTraceSource("Ready",
                            "All workers are there",
                            MakeTraceSourceAccessor(&FlServer::m_readyTrace),
                            "ns3::wfl::FlServer::ReadyCallback")
            .AddTraceSource("Lost",
                            "A worker that was there can no longer be reached",
                            MakeTraceSourceAccessor(&FlServer::m_lostTrace),
                            "ns3::wfl::FlServer::LostCallback")
            .AddTraceSource("RoundEnd",
                            "A round has closed",
                            MakeTraceSourceAccessor(&FlServer::m_roundTrace),
                            "ns3::wfl::FlServer::RoundCallback")
            .AddTraceSource("Evaluated",
                            "The model of a round has been evaluated",
                            MakeTraceSourceAccessor(&FlServer::m_evaluationTrace),
                            "ns3::wfl::FlServer::EvaluationCallback");
    return tid;
}

FlServer::FlServer() = default;

FlServer::~FlServer() = default;

void
FlServer::DoDispose()
{
    m_timeout.Cancel();
    m_deadlineEvent.Cancel();
    m_waiting.Cancel();
    m_askIdle.Cancel();
    m_channel = nullptr;
    m_transport = nullptr;
    m_book = nullptr;
    Application::DoDispose();
}

void
FlServer::SetUp(fl::Federation* federation,
                Ptr<ChannelModel> channel,
                Ptr<Transport> transport,
                Ptr<RoundBook> book)
{
    m_federation = federation;
    m_channel = channel;
    m_transport = transport;
    m_book = book;
    m_transport->SetCallbacks(MakeCallback(&FlServer::Accept, this),
                              MakeCallback(&FlServer::ReceiveSegment, this),
                              MakeCallback(&FlServer::EndIncoming, this),
                              MakeCallback(&FlServer::EndOutgoing, this));
    m_transport->SetBreakCallback(MakeCallback(&FlServer::Lose, this));
}

void
FlServer::SetSelection(Ptr<SelectionPolicy> policy)
{
    m_roster = std::make_unique<Roster>(policy, m_channel, m_federation->Shape().samples);
}

void
FlServer::SetLongestComputation(Callback<Time> longest)
{
    m_longestComputation = longest;
}

void
FlServer::Expect(const std::vector<StationId>& workers)
{
    m_expected.insert(workers.begin(), workers.end());
}

const std::vector<StationId>&
FlServer::Live() const
{
    return m_live;
}

// Set-up

void
FlServer::TakeHello(StationId worker, uint8_t stay)
{
    const bool isFirst = m_expected.erase(worker) > 0;
    const auto known = m_stays.find(worker);
    if (!isFirst && (known == m_stays.end() || known->second == stay))
    {
        return; // given up at set-up, or heard before
    }
    m_stays[worker] = stay;
    if (isFirst)
    {
        m_live.insert(std::upper_bound(m_live.begin(), m_live.end(), worker), worker);
        OpenWhenAllThere();
    }
    else
    {
        TakeBack(worker);
    }
}

/** A worker has come back. Nobody may have noticed that it was gone. */
void
FlServer::TakeBack(StationId worker)
{
    Dismiss(worker, "restarted");
    m_live.insert(std::upper_bound(m_live.begin(), m_live.end(), worker), worker);
    SendReceipt(worker);
    AskIdleSoon();
    if (m_waiting.IsRunning())
    {
        m_waiting.Cancel();
        Simulator::Schedule(m_serverTime, &FlServer::OpenRound, this);
    }
}

bool
FlServer::IsLive(StationId worker) const
{
    return std::binary_search(m_live.begin(), m_live.end(), worker);
}

/** @return whether it was there */
bool
FlServer::Remove(StationId worker)
{
    const auto found = std::lower_bound(m_live.begin(), m_live.end(), worker);
    if (found == m_live.end() || *found != worker)
    {
        return false;
    }
    m_live.erase(found);
    m_federation->Lose(worker);
    return true;
}

void
FlServer::Dismiss(StationId worker, const std::string& reason)
{
    if (!Remove(worker))
    {
        return;
    }
    m_transport->Forget(worker);
    m_whole.erase(std::remove(m_whole.begin(), m_whole.end(), worker), m_whole.end());
    const auto open = m_open.find(worker);
    if (open == m_open.end())
    {
        return;
    }
    auto& record = m_book->Record(worker, open->second.round);
    CloseUpload(worker);
    record.outcome = Outcome::DEAD;
    record.absence = reason;
    CloseExchangeIfDone();
}

std::vector<StationId>
FlServer::GiveUpSilent()
{
    const std::vector<StationId> silent(m_expected.begin(), m_expected.end());
    m_expected.clear();
    if (!silent.empty() && !m_live.empty())
    {
        OpenWhenAllThere();
    }
    return silent;
}

/** Asks a worker no more, and waits no longer for what it was asked for. */
void
FlServer::Lose(StationId worker)
{
    if (!Remove(worker))
    {
        return;
    }
    m_lostTrace(worker, m_closedRounds);
    if (m_open.count(worker) > 0)
    {
        CloseUpload(worker);
        CloseExchangeIfDone();
    }
}

void
FlServer::OpenWhenAllThere()
{
    if (m_expected.empty())
    {
        // The reports of the last hellos still have to leave before the clock starts.
        Simulator::Schedule(m_serverTime, &FlServer::BeReady, this);
    }
}

void
FlServer::BeReady()
{
    m_readyTrace(m_live);
    if (m_deadline.IsStrictlyPositive() && !m_lateCount)
    {
        m_channel->SetLifetime(m_deadline); // later, it would be refused
    }
    // Who is not there from the beginning goes before.
    Simulator::ScheduleNow(&FlServer::OpenRound, this);
}

// A round

void
FlServer::OpenRound()
{
    if (m_live.empty())
    {
        m_waiting = Simulator::Schedule(m_longestWait, &FlServer::GiveUp, this);
        return;
    }
    AbandonSilent();
    const auto idle = Idle();
    const auto chosen =
        m_roster ? m_roster->Choose(m_closedRounds, idle, m_open.size(), m_buffer > 0) : idle;
    const auto plan = m_federation->OpenRound(m_live, chosen);
    uint32_t oldest = plan.round;
    for (const auto& [worker, request] : m_open)
    {
        oldest = std::min(oldest, request.round);
    }
    m_transport->ForgetBefore(static_cast<uint16_t>(oldest - 1));
    ForgetUnconfirmed(plan.round);
    OpenExchange(plan);
}

/** @return the workers that owe no answer */
std::vector<StationId>
FlServer::Idle() const
{
    std::vector<StationId> idle;
    for (const StationId worker : m_live)
    {
        if (m_open.count(worker) == 0)
        {
            idle.push_back(worker);
        }
    }
    return idle;
}

/** Asynchronously, whoever is idle gets new work at once, although the model has not moved. */
void
FlServer::AskIdleSoon()
{
    if (m_buffer > 0 && !m_askIdle.IsRunning())
    {
        m_askIdle = Simulator::Schedule(m_serverTime, &FlServer::AskIdle, this);
    }
}

void
FlServer::AskIdle()
{
    if (!m_exchangeIsOpen)
    {
        return; // the next round asks them
    }
    const auto idle = Idle();
    const auto chosen =
        m_roster ? m_roster->Choose(m_closedRounds, idle, m_open.size(), true) : idle;
    for (const StationId worker : chosen)
    {
        const auto plan = m_federation->AskAnew(worker);
        if (!plan.asked.empty())
        {
            m_book->Extend(plan);
            NoteRequest(worker, {plan.round, plan.exchange, Simulator::Now()});
            SendDownloads(plan);
        }
    }
    CloseExchangeIfDone(); // if nobody was left to ask
}

/** A worker is asked from now on. */
void
FlServer::NoteRequest(StationId worker, const Request& request)
{
    m_open[worker] = request;
    m_book->Record(worker, request.round).selected = true;
    if (m_roster)
    {
        m_roster->NoteAsked(worker, request.round);
    }
}

/** Waits no longer for workers that owe old answers and are not heard any more. */
void
FlServer::AbandonSilent()
{
    const Time computing = m_longestComputation.IsNull() ? Seconds(0) : m_longestComputation();
    const Time patience = Patience() + computing;
    constexpr uint32_t oldestRounds = 1U << 14; // headers count rounds modulo 2^16
    const auto open = m_open;
    for (const auto& [worker, request] : open)
    {
        const Time heard = std::max(m_transport->LastHeard(worker), request.heard);
        if (heard + patience < Simulator::Now() || request.round + oldestRounds < m_closedRounds)
        {
            Drop(worker);
        }
    }
}

/** Of an answer nothing more is accepted. */
void
FlServer::Drop(StationId worker)
{
    const auto& request = m_open.at(worker);
    m_transport->CloseIncoming(worker,
                               {MessageType::UPLOAD,
                                static_cast<uint8_t>(request.exchange),
                                static_cast<uint16_t>(request.round)});
    CloseUpload(worker);
}

/** What nobody has reported for many rounds will never be. */
void
FlServer::ForgetUnconfirmed(uint32_t round)
{
    constexpr uint32_t kept = 8;
    for (auto it = m_unconfirmed.begin(); it != m_unconfirmed.end();)
    {
        it = it->second->round + kept < round ? m_unconfirmed.erase(it) : std::next(it);
    }
}

void
FlServer::OpenExchange(const fl::ExchangePlan& plan)
{
    NS_LOG_FUNCTION(this << plan.round << plan.exchange);
    m_book->Open(plan);
    m_exchangeIsOpen = true;
    m_heard.clear();
    for (const StationId worker : plan.asked)
    {
        if (m_open.count(worker) > 0)
        {
            Drop(worker); // what it owes an exchange before
        }
        NoteRequest(worker, {plan.round, plan.exchange, Simulator::Now()});
    }
    if (m_buffer > 0)
    {
        m_needed = m_buffer;
    }
    else
    {
        m_needed = fl::ShareRoundedUp(m_quorum, static_cast<uint32_t>(plan.asked.size()));
        m_answers = 0;
        if (m_roster && plan.exchange == 0)
        {
            m_needed = std::min(m_needed, m_roster->Needed(plan.asked.size()));
        }
        // With nobody asked, it takes one of those who still owe an answer.
        m_needed = std::max<std::size_t>(m_needed, 1);
    }
    m_channel->RoundStarted(plan.round,
                            plan.asked,
                            uint64_t{m_federation->Shape().dimension} *
                                m_federation->Shape().scalarBytes);
    SendDownloads(plan);
    if (plan.asked.empty() && m_open.empty())
    {
        // It takes the server's own time, which no deadline cuts.
        Simulator::Schedule(m_serverTime, &FlServer::CloseExchangeIfDone, this);
        return;
    }
    m_timeout = Simulator::Schedule(Patience(), &FlServer::CheckTimeout, this);
    if (m_deadline.IsStrictlyPositive())
    {
        m_deadlineEvent = Simulator::Schedule(m_deadline, &FlServer::MeetDeadline, this);
    }
    if (m_answers >= m_needed)
    {
        // So many have come since the last exchange closed.
        Simulator::ScheduleNow(&FlServer::CloseExchangeIfDone, this);
    }
}

bool
FlServer::IsOpenExchange(const Request& request) const
{
    const auto& plan = m_book->Plan();
    return m_exchangeIsOpen && request.round == plan.round && request.exchange == plan.exchange;
}

/** @return how many have not yet answered the exchange that is open */
std::size_t
FlServer::StillAsked() const
{
    return std::count_if(m_open.begin(),
                         m_open.end(),
                         [this](const auto& entry) { return IsOpenExchange(entry.second); });
}

void
FlServer::SendDownloads(const fl::ExchangePlan& plan)
{
    const std::set<StationId> asked(plan.asked.begin(), plan.asked.end());
    std::set<StationId> told;
    auto& record = m_book->Record();
    for (const auto& download : plan.downloads)
    {
        const auto& audience = download->audience;
        const auto key = RoundBook::KeyOf(*download);
        // A message all of whose receivers are asked says so itself, if its name tells for which
        // exchange.
        const bool tells = !download->resync || download->exchange == 0;
        const bool ask =
            tells && std::includes(asked.begin(), asked.end(), audience.begin(), audience.end());
        if (ask)
        {
            told.insert(audience.begin(), audience.end());
        }
        for (const StationId worker : audience)
        {
            m_unconfirmed[{worker, key}] = download;
        }
        const auto copies = m_transport->IsBroadcasting() ? m_channel->Domains()
                                                          : static_cast<uint32_t>(audience.size());
        record.downlinkPayloadBytes += download->message->bytes.size() * copies;
        record.downlinkPaperBits += download->message->paperBits * copies;
        m_transport->Send({key, download->message, audience, ask});
    }
    std::vector<StationId> untold;
    std::set_difference(asked.begin(),
                        asked.end(),
                        told.begin(),
                        told.end(),
                        std::back_inserter(untold));
    if (!untold.empty())
    {
        SendControl(MessageType::OPEN, {plan.round, plan.exchange}, EncodeWorkers(untold), untold);
    }
}

/** Sends a control message about a request. */
void
FlServer::SendControl(MessageType type,
                      const Request& request,
                      std::vector<uint8_t> body,
                      const std::vector<StationId>& receivers)
{
    m_transport->Send(
        {{type, static_cast<uint8_t>(request.exchange), static_cast<uint16_t>(request.round)},
         MakeControlMessage(std::move(body), MAX_CONTROL_BYTES),
         receivers,
         false});
}

void
FlServer::Confirm(StationId worker, const MessageKey& key, bool complete)
{
    const auto found = m_unconfirmed.find({worker, key});
    if (found != m_unconfirmed.end())
    {
        m_federation->ConfirmDownload(worker, found->second, complete);
        m_unconfirmed.erase(found);
    }
}

void
FlServer::EndOutgoing(StationId receiver, MessageKey key, bool complete)
{
    Confirm(receiver, key, complete);
}

/** @return the request that a message of a worker answers; null if it is closed */
const FlServer::Request*
FlServer::FindOpen(StationId worker, const MessageKey& key) const
{
    const auto found = m_open.find(worker);
    const bool answers = found != m_open.end() &&
                         key.round == static_cast<uint16_t>(found->second.round) &&
                         key.ordinal == found->second.exchange;
    return answers ? &found->second : nullptr;
}

bool
FlServer::Accept(StationId from, MessageKey key)
{
    switch (key.type)
    {
    case MessageType::HELLO:
        return true;
    case MessageType::STATUS:
        return m_roster && IsLive(from);
    case MessageType::UPLOAD:
    case MessageType::SKIP:
        return FindOpen(from, key);
    default:
        return false;
    }
}

bool
FlServer::ReceiveSegment(const IncomingSegment& segment)
{
    const bool taken = TakeSegment(segment);
    if (taken)
    {
        m_book->NoteProgress();
    }
    return taken;
}

bool
FlServer::TakeSegment(const IncomingSegment& segment)
{
    const auto key = segment.header.Subject();
    const auto worker = segment.from;
    if (key.type == MessageType::HELLO)
    {
        const auto hello = DecodeHello({segment.body, segment.body + segment.length});
        const auto expected = HelloOf(m_federation->Shape(), worker);
        return hello && hello->samples == expected.samples &&
               hello->smoothness == expected.smoothness;
    }
    if (key.type == MessageType::STATUS)
    {
        const auto status = DecodeStatus({segment.body, segment.body + segment.length});
        if (status)
        {
            m_roster->NoteStatus(worker, *status);
        }
        return status.has_value();
    }
    const auto* request = FindOpen(worker, key);
    if (!request)
    {
        return false;
    }
    if (IsOpenExchange(*request) && m_heard.insert(worker).second && m_transport->IsReliable())
    {
        // Whoever answers has received all that was sent to it for this exchange.
        for (const auto& download : m_book->Plan().downloads)
        {
            Confirm(worker, RoundBook::KeyOf(*download), true);
        }
    }
    if (key.type == MessageType::SKIP)
    {
        m_federation->ReceiveSkip(worker, request->round, request->exchange);
        return true;
    }
    const auto fault =
        m_federation->ReceiveUpload(worker, request->round, request->exchange, segment.View());
    if (fault == fl::SegmentFault::NONE)
    {
        m_book->Record(worker, request->round).uplinkEnd = Simulator::Now();
        m_open.at(worker).heard = Simulator::Now();
    }
    return fault == fl::SegmentFault::NONE;
}

void
FlServer::EndIncoming(StationId from, MessageKey key, bool /* ask */)
{
    if (key.type == MessageType::HELLO)
    {
        TakeHello(from, key.ordinal);
        return;
    }
    if (key.type == MessageType::STATUS || !FindOpen(from, key))
    {
        return;
    }
    if (key.type == MessageType::SKIP)
    {
        m_skipped.insert(from);
    }
    NoteAnswer(from);
    CloseUpload(from);
    CloseExchangeIfDone();
}

/** All of an answer has come. */
void
FlServer::NoteAnswer(StationId worker)
{
    const bool counts =
        m_buffer > 0 || IsOpenExchange(m_open.at(worker)) || m_book->Plan().asked.empty();
    m_answers += counts ? 1 : 0;
    if (m_roster)
    {
        m_roster->NoteHeard(worker, m_closedRounds);
    }
}

void
FlServer::CloseUpload(StationId worker)
{
    const auto request = m_open.at(worker);
    m_open.erase(worker);
    const auto outcome = m_federation->CloseUpload(worker, request.round, request.exchange);
    auto& record = m_book->Record(worker, request.round);
    record.segmentsAccepted += outcome.accepted;
    const bool skipped = m_skipped.erase(worker) > 0;
    if (!skipped && !record.uplinkStart)
    {
        record.outcome = Outcome::LATE;
    }
    else if (record.segmentsOffered == 0)
    {
        record.outcome = skipped ? Outcome::SKIPPED : Outcome::LOST;
    }
    else
    {
        record.outcome = record.segmentsAccepted == record.segmentsOffered ? Outcome::DELIVERED
                         : record.segmentsAccepted > 0                     ? Outcome::PARTIAL
                                                                           : Outcome::LOST;
    }
    record.answers += skipped || outcome.accepted > 0 ? 1 : 0;
    m_book->Settle(worker);
    AskIdleSoon();
    if (!m_federation->Shape().traits.committed || skipped)
    {
        return;
    }
    m_receipts[worker] = {request, outcome};
    if (!IsLive(worker))
    {
        return;
    }
    const bool isWhole = !outcome.nothing && outcome.missing.empty() && IsOpenExchange(request);
    if (isWhole && m_buffer == 0)
    {
        m_whole.push_back(worker);
    }
    else
    {
        SendReceipt(worker);
    }
}

/** Tells a worker what was accepted of its last upload, if it needs to know. */
void
FlServer::SendReceipt(StationId worker)
{
    const auto found = m_receipts.find(worker);
    if (found != m_receipts.end())
    {
        const auto& [request, outcome] = found->second;
        SendControl(MessageType::RECEIPT, request, EncodeReceipt(outcome), {worker});
    }
}

/** One receipt for all whose upload was accepted whole, when no upload can be disturbed by it. */
void
FlServer::SendReceipts()
{
    if (!m_whole.empty())
    {
        std::sort(m_whole.begin(), m_whole.end());
        const auto& plan = m_book->Plan();
        SendControl(MessageType::RECEIPTS,
                    {plan.round, plan.exchange},
                    EncodeWorkers(m_whole),
                    m_whole);
        m_whole.clear();
    }
}

void
FlServer::CloseExchangeIfDone()
{
    if (!m_exchangeIsOpen)
    {
        return;
    }
    const bool nobodyIsLeft =
        m_open.empty() ? !m_askIdle.IsRunning()
                       : m_buffer == 0 && StillAsked() == 0 && !m_book->Plan().asked.empty();
    if (m_answers < m_needed && !nobodyIsLeft)
    {
        return;
    }
    if (!m_lateCount && !m_open.empty())
    {
        DropLate();
        return;
    }
    CloseExchange();
}

/** The exchange has lasted as long as it may. */
void
FlServer::MeetDeadline()
{
    if (m_lateCount)
    {
        CloseExchange();
    }
    else
    {
        DropLate();
    }
}

Time
FlServer::Patience() const
{
    if (m_roundTimeout.IsStrictlyPositive())
    {
        return m_roundTimeout;
    }
    const auto& shape = m_federation->Shape();
    const uint64_t bytes = uint64_t{shape.dimension} * shape.scalarBytes * shape.workers;
    const auto longest = std::max(m_channel->EstimateAirtime(Direction::UP, bytes),
                                  m_channel->EstimateAirtime(Direction::DOWN, bytes));
    constexpr int64_t exchanges = 4; // a message, a request for repair, the repair, a report
    // With repair, what does not come through is tried again about twice a second.
    const Time base = m_transport->IsReliable() ? Seconds(60) : Seconds(10);
    return base + longest + longest + m_channel->RoundTripDelay() * exchanges;
}

/** @return until when repair may go on without progress, while those who are asked are heard */
Time
FlServer::EndOfTrying() const
{
    Time heard;
    for (const auto& [worker, request] : m_open)
    {
        heard = std::max(heard, m_transport->LastHeard(worker));
    }
    // Somebody of whom only questions arrive for ever must not hold the others up for ever.
    constexpr int64_t most = 10;
    return std::min(heard + Patience(), m_book->LastProgress() + Patience() * most);
}

void
FlServer::CheckTimeout()
{
    // A computation goes forward without a sign of it.
    const Time computing = m_longestComputation.IsNull() ? Seconds(0) : m_longestComputation();
    const Time end = std::max(m_book->LastProgress() + Patience(), EndOfTrying()) + computing;
    if (end > Simulator::Now())
    {
        m_timeout = Simulator::Schedule(end - Simulator::Now(), &FlServer::CheckTimeout, this);
        return;
    }
    DropLate();
}

/** Closes the exchange with what is there; what is still on its way is lost. */
void
FlServer::DropLate()
{
    const auto& plan = m_book->Plan();
    const auto late = m_open;
    for (const auto& [worker, request] : late)
    {
        Drop(worker);
    }
    for (const auto& download : plan.downloads)
    {
        const auto key = RoundBook::KeyOf(*download);
        m_transport->CancelOutgoing(key);
        for (const StationId worker : download->audience)
        {
            Confirm(worker, key, false);
        }
    }
    m_transport->CancelOutgoing({MessageType::OPEN,
                                 static_cast<uint8_t>(plan.exchange),
                                 static_cast<uint16_t>(plan.round)});
    CloseExchange();
}

void
FlServer::CloseExchange()
{
    m_timeout.Cancel();
    m_deadlineEvent.Cancel();
    m_exchangeIsOpen = false;
    m_answers = 0;
    for (const auto& [worker, request] : m_open)
    {
        m_book->Owe(worker, request.round, request.exchange);
    }
    SendReceipts();
    FinishEvaluation();
    const auto result = m_federation->CloseExchange();
    if (result.another)
    {
        OpenExchange(*result.another);
        return;
    }
    EndRound(result);
}

void
FlServer::EndRound(const fl::ExchangeResult& result)
{
    ++m_closedRounds;
    const bool last = m_closedRounds == m_rounds || m_targetReached;
    auto& record = m_book->Record();
    record.end = Simulator::Now();
    record.trainLoss = result.trainLoss;
    record.participants = result.participants;
    record.evaluated = last || m_closedRounds % m_evalEvery == 0;
    for (StationId worker = 0; worker < record.workers.size(); ++worker)
    {
        auto& entry = record.workers[worker];
        const bool heard = entry.outcome != Outcome::NONE && entry.outcome != Outcome::LATE;
        if (!heard && !std::binary_search(m_live.begin(), m_live.end(), worker))
        {
            entry.outcome = Outcome::DEAD;
        }
    }
    m_book->CloseRound();
    m_roundTrace(record);
    if (record.evaluated)
    {
        m_federation->StartEvaluation();
        m_evaluating = true;
        m_evaluatedRound = record.round;
    }
    if (last)
    {
        Stop();
        return;
    }
    Simulator::Schedule(m_serverTime, &FlServer::OpenRound, this);
}

void
FlServer::Stop()
{
    FinishEvaluation();
    Simulator::Stop();
}

void
FlServer::GiveUp()
{
    m_hasGivenUp = true;
    Stop();
}

bool
FlServer::HasGivenUp() const
{
    return m_hasGivenUp;
}

void
FlServer::FinishEvaluation()
{
    if (!m_evaluating)
    {
        return;
    }
    m_evaluating = false;
    const auto evaluation = m_federation->FinishEvaluation();
    m_evaluationTrace(m_evaluatedRound, evaluation);
    constexpr std::size_t window = 5;
    m_accuracies.push_back(evaluation.accuracy);
    if (m_accuracies.size() > window)
    {
        m_accuracies.pop_front();
    }
    if (m_targetAccuracy > 0 && m_accuracies.size() == window)
    {
        std::vector<double> sorted(m_accuracies.begin(), m_accuracies.end());
        std::sort(sorted.begin(), sorted.end());
        m_targetReached = sorted[window / 2] >= m_targetAccuracy;
    }
}

} // namespace wfl
} // namespace ns3
