/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/wfl-round-book.h"

#include "ns3/simulator.h"

#include <algorithm>
#include <tuple>
#include <utility>

namespace ns3
{
namespace wfl
{

RoundBook::RoundBook(uint32_t workers)
    : m_pending(workers),
      m_next(workers),
      m_owed(workers)
{
}

void
RoundBook::Open(const fl::ExchangePlan& plan)
{
    m_plan = plan;
    if (plan.exchange == 0)
    {
        m_record = RoundRecord();
        m_record.round = plan.round;
        m_record.start = Simulator::Now();
        m_record.workers = std::exchange(m_next, std::vector<WorkerRecord>(m_pending.size()));
        m_answered.clear();
        m_isOpen = true;
    }
    Await(plan);
}

void
RoundBook::Extend(const fl::ExchangePlan& plan)
{
    m_plan.asked.insert(m_plan.asked.end(), plan.asked.begin(), plan.asked.end());
    m_plan.downloads.insert(m_plan.downloads.end(), plan.downloads.begin(), plan.downloads.end());
    for (const StationId worker : plan.asked)
    {
        const auto& record = m_record.workers[worker];
        if (record.outcome != Outcome::NONE)
        {
            m_answered[worker] = record;
        }
        Owe(worker, plan.round, plan.exchange);
    }
    Await(plan);
}

/** Begins to record what comes of a plan. */
void
RoundBook::Await(const fl::ExchangePlan& plan)
{
    for (const StationId worker : plan.asked)
    {
        // Times are those of the last time that it is asked.
        auto& record = m_record.workers[worker];
        for (auto* time : {&record.downlinkEnd,
                           &record.computeEnd,
                           &record.uplinkStart,
                           &record.uplinkEnd,
                           &record.repairStart})
        {
            time->reset();
        }
    }
    for (const auto& download : plan.downloads)
    {
        for (const StationId worker : download->audience)
        {
            m_pending[worker].push_back(download);
            m_record.workers[worker].downlinkSegmentsOffered +=
                static_cast<uint32_t>(download->message->segments.size());
        }
    }
    NoteProgress();
}

void
RoundBook::CloseRound()
{
    m_isOpen = false;
    for (StationId worker = 0; worker < m_owed.size(); ++worker)
    {
        if (m_owed[worker])
        {
            const auto answered = m_answered.find(worker);
            CarryOver(m_record.workers[worker],
                      m_next[worker],
                      answered == m_answered.end() ? nullptr : &answered->second);
        }
    }
}

/**
 * Of a worker that owes an answer, what is still to come counts in the next round, and what it
 * answered before in the one that closes.
 */
void
RoundBook::CarryOver(WorkerRecord& closed, WorkerRecord& next, const WorkerRecord* answered)
{
    static const WorkerRecord nothing;
    const auto whole = closed;
    const auto& before = answered ? *answered : nothing;
    next = whole;
    next.selected = false;
    next.answers = 0;
    next.payloadBytes -= before.payloadBytes;
    next.paperBits -= before.paperBits;
    next.segmentsOffered -= before.segmentsOffered;
    next.segmentsAccepted -= before.segmentsAccepted;
    next.downlinkSegmentsOffered -= whole.downlinkSegmentsArrived;
    next.downlinkSegmentsArrived = 0;
    next.latePayloadBytes = 0;
    next.latePaperBits = 0;
    next.lateSegments = 0;
    if (answered)
    {
        closed = before;
        closed.selected = whole.selected;
        closed.latePayloadBytes = whole.latePayloadBytes;
        closed.latePaperBits = whole.latePaperBits;
        closed.lateSegments = whole.lateSegments;
        closed.downlinkSegmentsArrived = whole.downlinkSegmentsArrived;
    }
    else
    {
        closed.outcome = Outcome::LATE;
        closed.payloadBytes = 0;
        closed.paperBits = 0;
        closed.segmentsOffered = 0;
        closed.segmentsAccepted = 0;
    }
    closed.downlinkSegmentsOffered = whole.downlinkSegmentsArrived;
}

void
RoundBook::Owe(StationId worker, uint32_t round, uint32_t exchange)
{
    m_owed[worker] = {round, exchange};
}

void
RoundBook::Settle(StationId worker)
{
    m_owed[worker].reset();
}

const fl::ExchangePlan&
RoundBook::Plan() const
{
    return m_plan;
}

MessageKey
RoundBook::KeyOf(const fl::Download& download)
{
    MessageType type = MessageType::ANSWER;
    if (download.kind == fl::DownloadKind::HISTORY)
    {
        type = MessageType::HISTORY;
    }
    else if (download.kind == fl::DownloadKind::MODEL)
    {
        type = download.resync ? MessageType::RESYNC_MODEL : MessageType::MODEL;
    }
    else if (download.kind == fl::DownloadKind::UPDATE)
    {
        type = download.resync ? MessageType::RESYNC_UPDATE : MessageType::UPDATE;
    }
    return {type, static_cast<uint8_t>(download.ordinal), static_cast<uint16_t>(download.round)};
}

std::shared_ptr<const fl::Download>
RoundBook::Find(StationId worker, const MessageKey& key) const
{
    for (const auto& download : m_pending[worker])
    {
        if (KeyOf(*download) == key)
        {
            return download;
        }
    }
    return nullptr;
}

std::vector<std::shared_ptr<const fl::Download>>
RoundBook::Pending(StationId worker, uint32_t round, uint32_t exchange) const
{
    std::vector<std::shared_ptr<const fl::Download>> pending;
    for (const auto& download : m_pending[worker])
    {
        if (std::tie(download->round, download->exchange) <= std::tie(round, exchange))
        {
            pending.push_back(download);
        }
    }
    return pending;
}

void
RoundBook::Close(StationId worker, const std::shared_ptr<const fl::Download>& download)
{
    auto& pending = m_pending[worker];
    pending.erase(std::remove(pending.begin(), pending.end(), download), pending.end());
}

void
RoundBook::NoteProgress()
{
    m_lastProgress = Simulator::Now();
}

Time
RoundBook::LastProgress() const
{
    return m_lastProgress;
}

RoundRecord&
RoundBook::Record()
{
    return m_record;
}

WorkerRecord&
RoundBook::Record(StationId worker, uint32_t round)
{
    const bool isOwed = m_owed[worker] && m_owed[worker]->first == round;
    const bool isOpen = m_isOpen && round == m_record.round;
    return isOwed ? LateRecord(worker) : isOpen ? m_record.workers[worker] : m_scratch;
}

bool
RoundBook::IsOpen(StationId worker, uint32_t round, uint32_t exchange) const
{
    const bool isOwed = m_owed[worker] == std::make_pair(round, exchange);
    return isOwed || (m_isOpen && round == m_plan.round && exchange == m_plan.exchange);
}

WorkerRecord&
RoundBook::LateRecord(StationId worker)
{
    return m_isOpen ? m_record.workers[worker] : m_next[worker];
}

} // namespace wfl
} // namespace ns3
