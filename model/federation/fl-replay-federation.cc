/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/fl-replay-federation.h"

#include "ns3/fl-error.h"

#include <algorithm>
#include <cassert>
#include <deque>
#include <map>
#include <string>
#include <tuple>
#include <utility>

namespace fl
{

namespace
{

/** What the log says of one exchange. */
struct RecordedExchange
{
    ExchangePlan plan;
    bool another{false};
    bool closed{false}; ///< whether the log says how it ended
    double loss{0};
    uint32_t participants{0};
};

/** What the log says of one worker's part in an exchange. */
struct RecordedComputation
{
    Work work;
    uint32_t version{0}; ///< of the model that the worker held
    std::shared_ptr<const EncodedMessage> message;
    bool silent{false}; ///< see Upload::silent
};

/** Round, exchange and worker. */
using ComputationKey = std::tuple<uint32_t, uint32_t, uint32_t>;

/** The federation that repeats. */
class ReplayFederation : public Federation
{
  public:
    ReplayFederation(FederationShape shape, const std::vector<LoggedEvent>& events)
        : Federation(std::move(shape)),
          m_computing(Shape().workers),
          m_receipts(Shape().workers, true)
    {
        for (const auto& event : events)
        {
            Read(event);
        }
    }

    bool HoldsReceipt(uint32_t worker) const override
    {
        return m_receipts[worker];
    }

    uint32_t HeldVersion(uint32_t worker) const override
    {
        return m_computations.at(m_computing[worker]).version;
    }

    std::vector<uint8_t> ModelBytes() const override
    {
        return {};
    }

  private:
    /** Ends the replay. */
    [[noreturn]] static void Refuse(const std::string& fault)
    {
        throw UserError("--replay: " + fault +
                        "; a replay needs the recorded run's deliveries, as every lossless channel "
                        "or repaired transport gives them");
    }

    void Read(const LoggedEvent& event)
    {
        if (event.kind == "open")
        {
            m_live.push_back(ToNumbers(event.Numbers("live")));
        }
        else if (event.kind == "plan")
        {
            m_exchanges.emplace_back();
            auto& plan = m_exchanges.back().plan;
            plan.round = event.Number("round");
            plan.exchange = event.Number("exchange");
            plan.asked = ToNumbers(event.Numbers("asked"));
        }
        else if (event.kind == "download")
        {
            ReadDownload(event);
        }
        else if (event.kind == "start")
        {
            m_computations[KeyOf(event)].work = {event.Number("gradients"),
                                                 event.Number("samples"),
                                                 event.Number("steps"),
                                                 event.Number("coordinates")};
            m_computations[KeyOf(event)].version = event.Number("version");
        }
        else if (event.kind == "finish" && event.Text("message") == "silent")
        {
            m_computations[KeyOf(event)].silent = true;
        }
        else if (event.kind == "finish" && event.Text("message") != "skip")
        {
            m_computations[KeyOf(event)].message = Message(event.Text("message"));
        }
        else if (event.kind == "close")
        {
            auto& exchange = LastExchange(event);
            exchange.closed = true;
            exchange.another = event.Number("another") == 1;
            exchange.loss = event.Real("loss");
            exchange.participants = event.Number("participants");
        }
        else if (event.kind == "evaluate")
        {
            m_evaluations.push_back(
                {event.Real("loss"), event.Real("accuracy"), event.Real("objective")});
        }
        else if (event.kind == "abort" || event.kind == "lose" ||
                 (event.kind == "confirm" && event.Number("complete") != 1) ||
                 (event.kind == "upload-end" && event.Text("missing") != "-" &&
                  m_computations[KeyOf(event)].message))
        {
            Refuse("in line " + std::to_string(event.line) +
                   " of the event log something was lost");
        }
    }

    /** @return the exchange that an event of the log belongs to */
    RecordedExchange& LastExchange(const LoggedEvent& event)
    {
        if (m_exchanges.empty())
        {
            throw UserError("event log, line " + std::to_string(event.line) + ": " + event.kind +
                            " before any plan");
        }
        return m_exchanges.back();
    }

    void ReadDownload(const LoggedEvent& event)
    {
        const auto& kind = event.Text("kind");
        auto& plan = LastExchange(event).plan;
        plan.downloads.push_back(
            std::make_shared<const Download>(Download{event.Number("round"),
                                                      plan.exchange,
                                                      event.Number("ordinal"),
                                                      kind == "model"    ? DownloadKind::MODEL
                                                      : kind == "update" ? DownloadKind::UPDATE
                                                      : kind == "answer" ? DownloadKind::ANSWER
                                                                         : DownloadKind::HISTORY,
                                                      event.Number("resync") == 1,
                                                      event.Number("version"),
                                                      ToNumbers(event.Numbers("audience")),
                                                      Message(event.Text("message"))}));
    }

    static ComputationKey KeyOf(const LoggedEvent& event)
    {
        return {event.Number("round"), event.Number("exchange"), event.Number("worker")};
    }

    /** Messages of the same layout are one object. */
    std::shared_ptr<const EncodedMessage> Message(const std::string& layout)
    {
        auto& message = m_messages[layout];
        if (!message)
        {
            message = std::make_shared<const EncodedMessage>(MessageOf(layout));
        }
        return message;
    }

    ExchangePlan DoOpenRound(const std::vector<uint32_t>& live,
                             const std::vector<uint32_t>& /* candidates */) override
    {
        if (m_live.empty() || m_exchanges.empty())
        {
            Refuse("the recorded run has fewer rounds");
        }
        if (m_live.front() != live)
        {
            Refuse("other workers are there than in the recorded run");
        }
        m_live.pop_front();
        return m_exchanges.front().plan;
    }

    ExchangePlan DoAskAnew(uint32_t /* worker */) override
    {
        assert(false && "asynchronous runs are not replayed");
        return {};
    }

    SegmentFault DoReceiveDownload(uint32_t worker,
                                   const std::shared_ptr<const Download>& download,
                                   const SegmentView& /* segment */) override
    {
        ++m_arrived[{worker, download}];
        return SegmentFault::NONE;
    }

    Ranges DoCloseDownload(uint32_t worker,
                           const std::shared_ptr<const Download>& download) override
    {
        const auto total = static_cast<uint32_t>(download->message->segments.size());
        const auto arrived = m_arrived.find({worker, download});
        if (arrived == m_arrived.end() || arrived->second != total)
        {
            Refuse("a download to worker " + std::to_string(worker) + " was lost in round " +
                   std::to_string(download->round));
        }
        m_arrived.erase(arrived);
        return {{0, total}};
    }

    void DoConfirmDownload(uint32_t /* worker */,
                           const std::shared_ptr<const Download>& /* download */,
                           bool /* complete */) override
    {
    }

    void DoLose(uint32_t worker) override
    {
        Refuse("the connection of worker " + std::to_string(worker) + " broke");
    }

    Work DoStartCompute(uint32_t worker, uint32_t round, uint32_t exchange) override
    {
        m_computing[worker] = {round, exchange, worker};
        return Computation(m_computing[worker]).work;
    }

    /** @return what the log says of a computation */
    const RecordedComputation& Computation(const ComputationKey& key) const
    {
        const auto found = m_computations.find(key);
        if (found == m_computations.end())
        {
            Refuse("worker " + std::to_string(std::get<2>(key)) + " did not compute in round " +
                   std::to_string(std::get<0>(key)) + " of the recorded run");
        }
        return found->second;
    }

    Upload DoFinishCompute(uint32_t worker) override
    {
        const auto& [round, exchange, who] = m_computing[worker];
        const auto& computation = Computation(m_computing[worker]);
        Upload upload{round, exchange, computation.message, computation.silent};
        m_receipts[worker] = !Shape().traits.committed || !upload.message;
        return upload;
    }

    void DoAbortCompute(uint32_t worker) override
    {
        Refuse("the computation of worker " + std::to_string(worker) + " was aborted");
    }

    SegmentFault DoReceiveUpload(uint32_t worker,
                                 uint32_t round,
                                 uint32_t exchange,
                                 const SegmentView& /* segment */) override
    {
        ++m_uploaded[{round, exchange, worker}];
        return SegmentFault::NONE;
    }

    void DoReceiveSkip(uint32_t /* worker */,
                       uint32_t /* round */,
                       uint32_t /* exchange */) override
    {
    }

    UploadOutcome DoCloseUpload(uint32_t worker, uint32_t round, uint32_t exchange) override
    {
        const ComputationKey key{round, exchange, worker};
        const auto& message = Computation(key).message;
        const auto total = message ? static_cast<uint32_t>(message->segments.size()) : 0;
        if (m_uploaded[key] != total)
        {
            Refuse("an upload of worker " + std::to_string(worker) + " was lost in round " +
                   std::to_string(round));
        }
        m_uploaded.erase(key);
        return {round, exchange, total == 0, {}, total};
    }

    void DoReceiveReceipt(uint32_t worker, const UploadOutcome& /* outcome */) override
    {
        m_receipts[worker] = true;
    }

    ExchangeResult DoCloseExchange() override
    {
        const auto exchange = m_exchanges.front();
        m_exchanges.pop_front();
        if (!exchange.closed || (exchange.another && m_exchanges.empty()))
        {
            Refuse("the recorded run ends within round " + std::to_string(exchange.plan.round));
        }
        ExchangeResult result{std::nullopt, exchange.loss, exchange.participants};
        if (exchange.another)
        {
            result.another = m_exchanges.front().plan;
        }
        return result;
    }

    void DoStartEvaluation() override
    {
        if (m_evaluations.empty())
        {
            Refuse("the recorded run was evaluated less often");
        }
    }

    Evaluation DoFinishEvaluation() override
    {
        const auto evaluation = m_evaluations.front();
        m_evaluations.pop_front();
        return evaluation;
    }

    std::deque<std::vector<uint32_t>> m_live;
    std::deque<RecordedExchange> m_exchanges;
    std::deque<Evaluation> m_evaluations;
    std::map<ComputationKey, RecordedComputation> m_computations;
    std::map<std::string, std::shared_ptr<const EncodedMessage>> m_messages; ///< by layout
    std::vector<ComputationKey> m_computing;                                 ///< by worker
    std::vector<bool> m_receipts; ///< by worker, whether it holds its receipt
    /** segments arrived of downloads on their way */
    std::map<std::pair<uint32_t, std::shared_ptr<const Download>>, uint32_t> m_arrived;
    std::map<ComputationKey, uint32_t> m_uploaded; ///< segments arrived of uploads on their way
};

} // namespace

std::unique_ptr<Federation>
MakeReplayFederation(FederationShape shape, const std::vector<LoggedEvent>& events)
{
    return std::make_unique<ReplayFederation>(std::move(shape), events);
}

} // namespace fl
