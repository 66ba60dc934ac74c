/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/fl-reference-loop.h"

#include "ns3/fl-error.h"
#include "ns3/fl-logged-segment.h"

#include <algorithm>
#include <functional>
#include <iterator>
#include <map>
#include <numeric>
#include <string>
#include <tuple>
#include <utility>

namespace fl
{

namespace
{

/** Hands some segments of a message to a receiver. */
void
Deliver(const EncodedMessage& message,
        const Ranges& segments,
        const std::function<void(const SegmentView&)>& receive)
{
    for (const uint32_t i : ToNumbers(segments))
    {
        receive(ViewOf(message, i));
    }
}

/** @return all segments of a message */
Ranges
All(const EncodedMessage& message)
{
    return {{0, static_cast<uint32_t>(message.segments.size())}};
}

/** Runs one exchange in which everything arrives. */
ExchangeResult
RunExchange(Federation& federation, const ExchangePlan& plan)
{
    for (const auto& download : plan.downloads)
    {
        for (const uint32_t worker : download->audience)
        {
            Deliver(*download->message,
                    All(*download->message),
                    [&](const SegmentView& segment)
                    { federation.ReceiveDownload(worker, download, segment); });
            federation.CloseDownload(worker, download);
            federation.ConfirmDownload(worker, download, true);
        }
    }
    for (const uint32_t worker : plan.asked)
    {
        federation.StartCompute(worker, plan.round, plan.exchange);
    }
    for (const uint32_t worker : plan.asked)
    {
        const auto upload = federation.FinishCompute(worker);
        if (upload.message)
        {
            Deliver(*upload.message,
                    All(*upload.message),
                    [&](const SegmentView& segment)
                    { federation.ReceiveUpload(worker, upload.round, upload.exchange, segment); });
        }
        else if (!upload.silent)
        {
            federation.ReceiveSkip(worker, upload.round, upload.exchange);
        }
        const auto outcome = federation.CloseUpload(worker, upload.round, upload.exchange);
        if (upload.message && federation.Shape().traits.committed)
        {
            federation.ReceiveReceipt(worker, outcome);
        }
    }
    return federation.CloseExchange();
}

/** Replays the deliveries of a log, one event at a time. */
class LoggedDriver
{
  public:
    explicit LoggedDriver(Federation& federation)
        : m_federation(federation),
          m_handlers{{"open", &LoggedDriver::Open},
                     {"anew", &LoggedDriver::AskAnew},
                     {"plan", &LoggedDriver::Plan},
                     {"download", &LoggedDriver::Announce},
                     {"download-segment", &LoggedDriver::TakeDownloadSegment},
                     {"download-end", &LoggedDriver::EndDownload},
                     {"confirm", &LoggedDriver::Confirm},
                     {"start", &LoggedDriver::Start},
                     {"finish", &LoggedDriver::Finish},
                     {"abort", &LoggedDriver::Abort},
                     {"skip", &LoggedDriver::Skip},
                     {"upload-segment", &LoggedDriver::TakeUploadSegment},
                     {"upload-end", &LoggedDriver::EndUpload},
                     {"receipt", &LoggedDriver::TakeReceipt},
                     {"close", &LoggedDriver::Close},
                     {"lose", &LoggedDriver::Lose},
                     {"evaluate", &LoggedDriver::Ignore}}
    {
    }

    void Take(const LoggedEvent& event)
    {
        const auto handler = m_handlers.find(event.kind);
        Require(event, handler != m_handlers.end(), "unknown event");
        (this->*handler->second)(event);
    }

    std::vector<double> Losses() const
    {
        return m_losses;
    }

  private:
    using Handler = void (LoggedDriver::*)(const LoggedEvent&);

    /** A download of the log. */
    struct Sent
    {
        std::shared_ptr<const Download> download;
        std::size_t open; ///< receivers that have not done with it
    };

    static void Require(const LoggedEvent& event, bool condition, const std::string& fault)
    {
        if (!condition)
        {
            throw UserError("event log, line " + std::to_string(event.line) + ", " + event.kind +
                            ": " + fault + "; the log belongs to another set-up");
        }
    }

    /** @return the worker that an event speaks of */
    uint32_t Worker(const LoggedEvent& event) const
    {
        const uint32_t worker = event.Number("worker");
        Require(event, worker < m_federation.Shape().workers, "unknown worker");
        return worker;
    }

    void Ignore(const LoggedEvent& /* event */) {}

    void Adopt(const ExchangePlan& plan)
    {
        Forget(plan.round);
        m_open = plan;
        m_announced = m_open.downloads.begin();
    }

    /** What all have done with may be named for a while, but not for ever. */
    void Forget(uint32_t round)
    {
        constexpr uint32_t kept = 64;
        for (auto it = m_downloads.begin(); it != m_downloads.end();)
        {
            const auto& withTheKey = it->second;
            const bool isDone =
                std::all_of(withTheKey.begin(),
                            withTheKey.end(),
                            [&](const auto& entry)
                            {
                                const auto& sent = entry.second;
                                return sent.download->round + kept < round && sent.open == 0;
                            });
            it = isDone ? m_downloads.erase(it) : std::next(it);
        }
    }

    void Open(const LoggedEvent& event)
    {
        Adopt(m_federation.OpenRound(ToNumbers(event.Numbers("live")),
                                     ToNumbers(event.Numbers("candidates"))));
    }

    void AskAnew(const LoggedEvent& event)
    {
        Adopt(m_federation.AskAnew(Worker(event)));
    }

    void Plan(const LoggedEvent& event)
    {
        Require(event,
                event.Number("round") == m_open.round &&
                    event.Number("exchange") == m_open.exchange &&
                    ToNumbers(event.Numbers("asked")) == m_open.asked &&
                    event.Number("downloads") == m_open.downloads.size(),
                "another plan");
    }

    void Announce(const LoggedEvent& event)
    {
        Require(event,
                m_announced != m_open.downloads.end() &&
                    LayoutOf(*(*m_announced)->message) == event.Text("message"),
                "another download");
        const auto& audience = (*m_announced)->audience;
        m_downloads[event.Text("key")][audience] = {*m_announced, audience.size()};
        ++m_announced;
    }

    /** Messages that bring different workers up to date may have the same key. */
    Sent& Find(const LoggedEvent& event)
    {
        const uint32_t worker = Worker(event);
        const auto found = m_downloads.find(event.Text("key"));
        Require(event, found != m_downloads.end(), "unknown download");
        const auto sent =
            std::find_if(found->second.begin(),
                         found->second.end(),
                         [worker](const auto& entry)
                         {
                             const auto& audience = entry.first;
                             return std::binary_search(audience.begin(), audience.end(), worker);
                         });
        Require(event, sent != found->second.end(), "not in the audience");
        return sent->second;
    }

    /** A log that tells of segments one by one tells of all of them, in the order of arrival. */
    void TakeDownloadSegment(const LoggedEvent& event)
    {
        const auto download = Find(event).download;
        m_hasSegments = true;
        ReadLoggedSegment(event,
                          download->message.get(),
                          [&](const SegmentView& segment)
                          { m_federation.ReceiveDownload(Worker(event), download, segment); });
    }

    void EndDownload(const LoggedEvent& event)
    {
        auto& sent = Find(event);
        const auto download = sent.download;
        const uint32_t worker = Worker(event);
        --sent.open;
        if (m_hasSegments)
        {
            m_federation.CloseDownload(worker, download);
            return;
        }
        const auto segments = event.Numbers("segments");
        Require(event,
                segments.empty() || segments.back().end <= download->message->segments.size(),
                "unknown segments");
        Deliver(*download->message,
                segments,
                [&](const SegmentView& segment)
                { m_federation.ReceiveDownload(worker, download, segment); });
        m_federation.CloseDownload(worker, download);
    }

    void Confirm(const LoggedEvent& event)
    {
        m_federation.ConfirmDownload(Worker(event),
                                     Find(event).download,
                                     event.Number("complete") == 1);
    }

    void Lose(const LoggedEvent& event)
    {
        m_federation.Lose(Worker(event));
    }

    void Start(const LoggedEvent& event)
    {
        m_federation.StartCompute(Worker(event), event.Number("round"), event.Number("exchange"));
    }

    void Finish(const LoggedEvent& event)
    {
        const uint32_t worker = Worker(event);
        auto upload = m_federation.FinishCompute(worker);
        Require(event, WordOf(upload) == event.Text("message"), "another upload");
        m_uploads[{worker, upload.round, upload.exchange}] = std::move(upload);
        ForgetUploads(worker);
    }

    /** Of the uploads of a worker only the last ones can still arrive. */
    void ForgetUploads(uint32_t worker)
    {
        constexpr std::ptrdiff_t kept = 16;
        const auto first = m_uploads.lower_bound({worker, 0, 0});
        const auto last = m_uploads.lower_bound({worker + 1, 0, 0});
        const auto count = std::distance(first, last);
        m_uploads.erase(first, std::next(first, std::max<std::ptrdiff_t>(count - kept, 0)));
    }

    void Abort(const LoggedEvent& event)
    {
        m_federation.AbortCompute(Worker(event));
    }

    void Skip(const LoggedEvent& event)
    {
        m_federation.ReceiveSkip(Worker(event), event.Number("round"), event.Number("exchange"));
    }

    UploadOutcome Outcome(const LoggedEvent& event) const
    {
        UploadOutcome outcome{event.Number("round"), event.Number("exchange"), true, {}, 0};
        if (event.Text("missing") != "all")
        {
            outcome.nothing = false;
            outcome.missing = event.Numbers("missing");
        }
        return outcome;
    }

    void TakeUploadSegment(const LoggedEvent& event)
    {
        const uint32_t worker = Worker(event);
        const uint32_t round = event.Number("round");
        const uint32_t exchange = event.Number("exchange");
        const auto upload = m_uploads.find({worker, round, exchange});
        const bool isKnown = upload != m_uploads.end();
        m_hasSegments = true;
        ReadLoggedSegment(event,
                          isKnown ? upload->second.message.get() : nullptr,
                          [&](const SegmentView& segment)
                          { m_federation.ReceiveUpload(worker, round, exchange, segment); });
    }

    void EndUpload(const LoggedEvent& event)
    {
        const uint32_t worker = Worker(event);
        const auto outcome = Outcome(event);
        const auto upload = m_uploads.find({worker, outcome.round, outcome.exchange});
        if (!outcome.nothing && !m_hasSegments)
        {
            Require(event, upload != m_uploads.end() && upload->second.message, "no upload");
            const auto& message = *upload->second.message;
            const auto total = static_cast<uint32_t>(message.segments.size());
            Require(event,
                    outcome.missing.empty() || outcome.missing.back().end <= total,
                    "unknown segments");
            const auto arrived = Complement(outcome.missing, total);
            Deliver(
                message,
                arrived,
                [&](const SegmentView& segment)
                { m_federation.ReceiveUpload(worker, outcome.round, outcome.exchange, segment); });
        }
        m_federation.CloseUpload(worker, outcome.round, outcome.exchange);
        m_uploads.erase({worker, outcome.round, outcome.exchange});
    }

    void TakeReceipt(const LoggedEvent& event)
    {
        m_federation.ReceiveReceipt(Worker(event), Outcome(event));
    }

    void Close(const LoggedEvent& event)
    {
        auto result = m_federation.CloseExchange();
        Require(event,
                ToText(result.trainLoss) == event.Text("loss"),
                "another training loss, " + ToText(result.trainLoss));
        if (result.another)
        {
            Adopt(*result.another);
        }
        else
        {
            m_losses.push_back(result.trainLoss);
        }
    }

    Federation& m_federation;
    std::map<std::string, Handler> m_handlers;
    ExchangePlan m_open; ///< the exchange opened last
    std::vector<std::shared_ptr<const Download>>::const_iterator m_announced;
    /** by key, then by audience */
    std::map<std::string, std::map<std::vector<uint32_t>, Sent>> m_downloads;
    std::map<std::tuple<uint32_t, uint32_t, uint32_t>, Upload> m_uploads; ///< by worker, round, ..
    bool m_hasSegments{false}; ///< whether the log tells of segments one by one
    std::vector<double> m_losses;
};

} // namespace

std::vector<double>
RunReferenceLoop(Federation& federation, uint32_t rounds)
{
    std::vector<uint32_t> live(federation.Shape().workers);
    std::iota(live.begin(), live.end(), 0);
    std::vector<double> losses;
    for (uint32_t round = 0; round < rounds; ++round)
    {
        auto plan = federation.OpenRound(live);
        auto result = RunExchange(federation, plan);
        while (result.another)
        {
            plan = *result.another;
            result = RunExchange(federation, plan);
        }
        losses.push_back(result.trainLoss);
    }
    return losses;
}

std::vector<double>
RunLoggedDeliveries(Federation& federation, const std::vector<LoggedEvent>& events)
{
    LoggedDriver driver(federation);
    for (const auto& event : events)
    {
        driver.Take(event);
    }
    return driver.Losses();
}

} // namespace fl
