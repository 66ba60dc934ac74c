/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/fl-federation.h"

#include "ns3/fl-logged-segment.h"

#include <utility>

namespace fl
{

namespace
{

/** @return the word of the event log */
std::string
ToText(DownloadKind kind)
{
    switch (kind)
    {
    case DownloadKind::MODEL:
        return "model";
    case DownloadKind::UPDATE:
        return "update";
    case DownloadKind::ANSWER:
        return "answer";
    case DownloadKind::HISTORY:
        return "history";
    }
    return "";
}

/** @return the fields by which a download is found again */
std::string
KeyOf(const Download& download)
{
    return std::to_string(download.round) + "/" + ToText(download.kind) +
           (download.resync ? "/resync/" : "/broadcast/") + std::to_string(download.ordinal);
}

} // namespace

std::string
WordOf(const Upload& upload)
{
    return upload.silent ? "silent" : upload.message ? LayoutOf(*upload.message) : "skip";
}

Federation::Federation(FederationShape shape)
    : m_shape(std::move(shape))
{
}

Federation::~Federation() = default;

void
Federation::SetLog(EventLog* log)
{
    m_log = log;
}

void
Federation::LogSegments()
{
    m_logsSegments = true;
    m_sent.resize(m_shape.workers);
}

void
Federation::LogPlan(const ExchangePlan& plan)
{
    if (!m_log)
    {
        return;
    }
    m_log->Write("plan",
                 {{"round", std::to_string(plan.round)},
                  {"exchange", std::to_string(plan.exchange)},
                  {"asked", ToText(ToRanges(plan.asked))},
                  {"downloads", std::to_string(plan.downloads.size())}});
    for (const auto& download : plan.downloads)
    {
        m_log->Write("download",
                     {{"key", KeyOf(*download)},
                      {"round", std::to_string(download->round)},
                      {"ordinal", std::to_string(download->ordinal)},
                      {"kind", ToText(download->kind)},
                      {"resync", download->resync ? "1" : "0"},
                      {"version", std::to_string(download->version)},
                      {"audience", ToText(ToRanges(download->audience))},
                      {"message", LayoutOf(*download->message)}});
    }
}

ExchangePlan
Federation::OpenRound(const std::vector<uint32_t>& live, const std::vector<uint32_t>& candidates)
{
    if (m_log)
    {
        m_log->Write(
            "open",
            {{"live", ToText(ToRanges(live))}, {"candidates", ToText(ToRanges(candidates))}});
    }
    auto plan = DoOpenRound(live, candidates);
    LogPlan(plan);
    return plan;
}

ExchangePlan
Federation::AskAnew(uint32_t worker)
{
    auto plan = DoAskAnew(worker);
    if (m_log && !plan.asked.empty())
    {
        m_log->Write("anew", {{"worker", std::to_string(worker)}});
        LogPlan(plan);
    }
    return plan;
}

SegmentFault
Federation::ReceiveDownload(uint32_t worker,
                            const std::shared_ptr<const Download>& download,
                            const SegmentView& segment)
{
    const auto fault = DoReceiveDownload(worker, download, segment);
    if (m_log && m_logsSegments && fault == SegmentFault::NONE)
    {
        m_log->Write("download-segment",
                     {{"worker", std::to_string(worker)},
                      {"key", KeyOf(*download)},
                      {"segment", LoggedSegment(segment, download->message.get())}});
    }
    return fault;
}

void
Federation::CloseDownload(uint32_t worker, const std::shared_ptr<const Download>& download)
{
    const auto received = DoCloseDownload(worker, download);
    if (m_log)
    {
        m_log->Write("download-end",
                     {{"worker", std::to_string(worker)},
                      {"key", KeyOf(*download)},
                      {"segments", ToText(received)}});
    }
}

void
Federation::ConfirmDownload(uint32_t worker,
                            const std::shared_ptr<const Download>& download,
                            bool complete)
{
    if (m_log)
    {
        m_log->Write("confirm",
                     {{"worker", std::to_string(worker)},
                      {"key", KeyOf(*download)},
                      {"complete", complete ? "1" : "0"}});
    }
    DoConfirmDownload(worker, download, complete);
}

Work
Federation::StartCompute(uint32_t worker, uint32_t round, uint32_t exchange)
{
    const auto work = DoStartCompute(worker, round, exchange);
    if (m_log)
    {
        m_log->Write("start",
                     {{"worker", std::to_string(worker)},
                      {"round", std::to_string(round)},
                      {"exchange", std::to_string(exchange)},
                      {"gradients", std::to_string(work.gradientEvaluations)},
                      {"samples", std::to_string(work.samples)},
                      {"version", std::to_string(HeldVersion(worker))},
                      {"steps", std::to_string(work.localSteps)},
                      {"coordinates", std::to_string(work.encodedCoordinates)}});
    }
    return work;
}

Upload
Federation::FinishCompute(uint32_t worker)
{
    auto upload = DoFinishCompute(worker);
    if (m_logsSegments)
    {
        m_sent[worker] = upload;
    }
    if (m_log)
    {
        m_log->Write("finish",
                     {{"worker", std::to_string(worker)},
                      {"round", std::to_string(upload.round)},
                      {"exchange", std::to_string(upload.exchange)},
                      {"message", WordOf(upload)}});
    }
    return upload;
}

void
Federation::AbortCompute(uint32_t worker)
{
    if (m_log)
    {
        m_log->Write("abort", {{"worker", std::to_string(worker)}});
    }
    DoAbortCompute(worker);
}

SegmentFault
Federation::ReceiveUpload(uint32_t worker,
                          uint32_t round,
                          uint32_t exchange,
                          const SegmentView& segment)
{
    const auto fault = DoReceiveUpload(worker, round, exchange, segment);
    if (m_log && m_logsSegments && fault == SegmentFault::NONE)
    {
        const auto& sent = m_sent[worker];
        const bool isLast = sent.round == round && sent.exchange == exchange;
        m_log->Write("upload-segment",
                     {{"worker", std::to_string(worker)},
                      {"round", std::to_string(round)},
                      {"exchange", std::to_string(exchange)},
                      {"segment", LoggedSegment(segment, isLast ? sent.message.get() : nullptr)}});
    }
    return fault;
}

void
Federation::ReceiveSkip(uint32_t worker, uint32_t round, uint32_t exchange)
{
    if (m_log)
    {
        m_log->Write("skip",
                     {{"worker", std::to_string(worker)},
                      {"round", std::to_string(round)},
                      {"exchange", std::to_string(exchange)}});
    }
    DoReceiveSkip(worker, round, exchange);
}

UploadOutcome
Federation::CloseUpload(uint32_t worker, uint32_t round, uint32_t exchange)
{
    auto outcome = DoCloseUpload(worker, round, exchange);
    if (m_log)
    {
        m_log->Write("upload-end",
                     {{"worker", std::to_string(worker)},
                      {"round", std::to_string(round)},
                      {"exchange", std::to_string(exchange)},
                      {"accepted", std::to_string(outcome.accepted)},
                      {"missing", outcome.nothing ? "all" : ToText(outcome.missing)}});
    }
    return outcome;
}

void
Federation::ReceiveReceipt(uint32_t worker, const UploadOutcome& outcome)
{
    if (m_log)
    {
        m_log->Write("receipt",
                     {{"worker", std::to_string(worker)},
                      {"round", std::to_string(outcome.round)},
                      {"exchange", std::to_string(outcome.exchange)},
                      {"missing", outcome.nothing ? "all" : ToText(outcome.missing)}});
    }
    DoReceiveReceipt(worker, outcome);
}

ExchangeResult
Federation::CloseExchange()
{
    auto result = DoCloseExchange();
    if (m_log)
    {
        m_log->Write("close",
                     {{"another", result.another ? "1" : "0"},
                      {"loss", ToText(result.trainLoss)},
                      {"participants", std::to_string(result.participants)}});
        if (result.another)
        {
            LogPlan(*result.another);
        }
    }
    return result;
}

void
Federation::Lose(uint32_t worker)
{
    if (m_log)
    {
        m_log->Write("lose", {{"worker", std::to_string(worker)}});
    }
    DoLose(worker);
}

void
Federation::StartEvaluation()
{
    DoStartEvaluation();
}

Evaluation
Federation::FinishEvaluation()
{
    const auto evaluation = DoFinishEvaluation();
    if (m_log)
    {
        m_log->Write("evaluate",
                     {{"loss", ToText(evaluation.loss)},
                      {"accuracy", ToText(evaluation.accuracy)},
                      {"objective", ToText(evaluation.trainObjective)}});
    }
    return evaluation;
}

} // namespace fl
