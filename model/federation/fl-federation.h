/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef FL_FEDERATION_H
#define FL_FEDERATION_H

#include "ns3/fl-algorithm.h"
#include "ns3/fl-codec.h"
#include "ns3/fl-event-log.h"
#include "ns3/fl-message.h"
#include "ns3/fl-objective.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace fl
{

/** What a message of the server says. */
enum class DownloadKind
{
    MODEL,   ///< all parameters of a version, and the Companions that workers need
    UPDATE,  ///< the change from the version before
    ANSWER,  ///< the server's answer within a round; changes no version
    HISTORY, ///< the Companions of a version that a worker behind cannot work out itself
};

/** One message of the server, for one worker or for many. */
struct Download
{
    uint32_t round;                 ///< the round in which it is sent
    uint32_t exchange;              ///< the exchange of that round for which it is sent
    uint32_t ordinal;               ///< tells a receiver's messages of one round and kind apart
    DownloadKind kind;              ///< what it says
    bool resync;                    ///< whether it repairs what a worker missed in the past
    uint32_t version;               ///< the version that it leads to
    std::vector<uint32_t> audience; ///< who must hear it, ascending
    std::shared_ptr<const EncodedMessage> message; ///< the content
};

/** What the server decides when it opens an exchange. */
struct ExchangePlan
{
    uint32_t round{0};    ///< from 0; also the version of the model that is trained on
    uint32_t exchange{0}; ///< within the round, from 0
    std::vector<std::shared_ptr<const Download>> downloads; ///< in the order of sending
    std::vector<uint32_t> asked;                            ///< who is to compute, ascending
};

/** What a worker has to say when it has computed. */
struct Upload
{
    uint32_t round{0};    ///< the round that it answers
    uint32_t exchange{0}; ///< the exchange that it answers
    /** the encoded update; null if there is nothing to send */
    std::shared_ptr<const EncodedMessage> message;
    bool silent{false};   ///< whether not even that is said, by a dishonest worker
    double loss{0};       ///< training loss of the worker
    double updateNorm{0}; ///< Euclidean length of the update, if it is measured; 0 of none
};

/**
 * @param upload an upload
 * @return its word in the event log: `skip`, `silent` or the layout of its message
 */
std::string WordOf(const Upload& upload);

/** What the server accepted of an upload, by segments: the content of a receipt on the air. */
struct UploadOutcome
{
    uint32_t round{0};    ///< the round of the upload
    uint32_t exchange{0}; ///< the exchange of the upload
    bool nothing{true};   ///< whether not a single segment was accepted
    Ranges missing;       ///< segments that were not accepted; means nothing if `nothing`
    uint32_t accepted{0}; ///< number of segments accepted
};

/** What became of an exchange. */
struct ExchangeResult
{
    std::optional<ExchangePlan> another; ///< the next exchange of the same round, if there is one
    double trainLoss;      ///< mean training loss of the workers that computed; NaN if none did
    uint32_t participants; ///< workers of which something was accepted, or that skipped
};

/** What is fixed for a whole run. */
struct FederationShape
{
    uint32_t workers;              ///< number of workers
    uint32_t dimension;            ///< number of model parameters
    uint32_t scalarBytes;          ///< 4 or 8
    double gradientFlopsPerSample; ///< cost of one gradient
    std::vector<uint64_t> samples; ///< by worker, how many it owns
    AlgorithmTraits traits;        ///< of the algorithm
    /** by worker, the smoothness constant of its objective; empty unless the server needs them */
    std::vector<double> smoothness{};
};

/**
 * The one sequence of learning: both halves of the algorithm, the model versions, the receipts.
 *
 * A driver (the reference loop, the applications on a simulated network) calls its functions in
 * the order in which things happen; what crosses this boundary goes to the event log. In an
 * exchange: OpenRound(); for each download and receiver ReceiveDownload() for each segment that
 * arrives and CloseDownload() once; for each worker that was asked StartCompute(),
 * FinishCompute(), then ReceiveUpload() for each segment that arrives or ReceiveSkip(), and
 * CloseUpload(); at last CloseExchange(). A call out of order is a programmer's error.
 *
 * Numbers that leave the range of their type end the run: FinishCompute() throws UserError for the
 * loss or the gradient of a worker, CloseExchange() for the model and FinishEvaluation() for the
 * test loss that are not finite any more. What was over before stays as it was reported.
 */
class Federation
{
  public:
    /** @param shape what is fixed for the run */
    explicit Federation(FederationShape shape);
    virtual ~Federation();

    /** @return what is fixed for the run */
    const FederationShape& Shape() const
    {
        return m_shape;
    }

    /** @param log where events are logged from now on, null for nowhere; must outlive the calls */
    void SetLog(EventLog* log);

    /**
     * From now on every segment that is accepted goes to the log on its own, with its bytes if they
     * are not those that were sent: for networks that may alter what they carry.
     */
    void LogSegments();

    /**
     * Opens the next round.
     * @param live the workers that are there, ascending
     * @param candidates those of them that may be asked in this round, ascending
     * @return whom to send what and whom to ask
     */
    ExchangePlan OpenRound(const std::vector<uint32_t>& live,
                           const std::vector<uint32_t>& candidates);

    /**
     * Opens the next round, in which everybody may be asked.
     * @param live the workers that are there, ascending
     * @return whom to send what and whom to ask
     */
    ExchangePlan OpenRound(const std::vector<uint32_t>& live)
    {
        return OpenRound(live, live);
    }

    /**
     * Asks a worker that has answered anew, or for the first time in this round, while the model
     * has not moved: with the numbers of exchanges that AlgorithmTraits::synchronousOnly leaves
     * free. Only while a round is open, and never if it is.
     * @param worker who; it does not owe an answer
     * @return whom to send what and whom to ask: this worker, or nobody if the algorithm itself has
     *         chosen whom to ask in this round
     */
    ExchangePlan AskAnew(uint32_t worker);

    /** How often a worker can be asked in one round: messages have no more numbers. */
    static constexpr uint32_t MOST_TURNS = 32;

    /**
     * A segment of a download has arrived at a worker, for the first time.
     * @param worker where
     * @param download of which message
     * @param segment the bytes that arrived
     * @return NONE, or why the segment was refused
     */
    SegmentFault ReceiveDownload(uint32_t worker,
                                 const std::shared_ptr<const Download>& download,
                                 const SegmentView& segment);

    /**
     * No more segments of a download will be heard by a worker.
     * @param worker who
     * @param download of which message
     */
    void CloseDownload(uint32_t worker, const std::shared_ptr<const Download>& download);

    /**
     * The server has learnt what became of a download.
     * @param worker at which receiver
     * @param download of which message
     * @param complete whether everything arrived
     */
    void ConfirmDownload(uint32_t worker,
                         const std::shared_ptr<const Download>& download,
                         bool complete);

    /**
     * @param worker who
     * @return whether it may compute: it holds the receipt of its last upload, or needs none
     */
    virtual bool HoldsReceipt(uint32_t worker) const = 0;

    /**
     * @param worker who
     * @return the newest version of the model that it held without a flaw when it last computed
     */
    virtual uint32_t HeldVersion(uint32_t worker) const = 0;

    /**
     * A worker begins to compute with what it has received.
     * @param worker who
     * @param round the round that it answers; may be over for the server already
     * @param exchange the exchange that it answers
     * @return the work, from which its simulated duration follows
     */
    Work StartCompute(uint32_t worker, uint32_t round, uint32_t exchange);

    /**
     * The simulated computation is over; waits for the real one.
     * @param worker who
     * @return what to upload
     */
    Upload FinishCompute(uint32_t worker);

    /**
     * The computation under way is given up; nothing of it remains.
     * @param worker who
     */
    void AbortCompute(uint32_t worker);

    /**
     * A segment of an upload has arrived at the server, for the first time.
     * @param worker from whom
     * @param round of which round
     * @param exchange of which exchange
     * @param segment the bytes that arrived
     * @return NONE, or why the segment was refused
     */
    SegmentFault
    ReceiveUpload(uint32_t worker, uint32_t round, uint32_t exchange, const SegmentView& segment);

    /**
     * A worker's word that it has nothing to send has arrived at the server.
     * @param worker from whom
     * @param round of which round
     * @param exchange of which exchange
     */
    void ReceiveSkip(uint32_t worker, uint32_t round, uint32_t exchange);

    /**
     * The server takes no more of an upload; what it has is accepted for good, but nothing if its
     * exchange is closed and AlgorithmTraits::synchronousOnly.
     * @param worker whose
     * @param round of which round
     * @param exchange of which exchange
     * @return what was accepted
     */
    UploadOutcome CloseUpload(uint32_t worker, uint32_t round, uint32_t exchange);

    /**
     * A receipt has arrived at a worker. One for an upload that it does not wait for is ignored.
     * @param worker who
     * @param outcome what the server accepted
     */
    void ReceiveReceipt(uint32_t worker, const UploadOutcome& outcome);

    /**
     * The server closes the exchange with the uploads closed so far.
     * @return what follows
     */
    ExchangeResult CloseExchange();

    /**
     * A worker is gone for good: further exchanges of the open round do not ask it. Later rounds
     * are opened without it.
     * @param worker who
     */
    void Lose(uint32_t worker);

    /** Begins to evaluate the server's model. */
    void StartEvaluation();

    /** @return the evaluation begun last */
    Evaluation FinishEvaluation();

    /** @return the server's model as DENSE32 or DENSE64 bytes */
    virtual std::vector<uint8_t> ModelBytes() const = 0;

  private:
    virtual ExchangePlan DoOpenRound(const std::vector<uint32_t>& live,
                                     const std::vector<uint32_t>& candidates) = 0;
    virtual ExchangePlan DoAskAnew(uint32_t worker) = 0;
    virtual SegmentFault DoReceiveDownload(uint32_t worker,
                                           const std::shared_ptr<const Download>& download,
                                           const SegmentView& segment) = 0;
    virtual Ranges DoCloseDownload(uint32_t worker,
                                   const std::shared_ptr<const Download>& download) = 0;
    virtual void DoConfirmDownload(uint32_t worker,
                                   const std::shared_ptr<const Download>& download,
                                   bool complete) = 0;
    virtual Work DoStartCompute(uint32_t worker, uint32_t round, uint32_t exchange) = 0;
    virtual Upload DoFinishCompute(uint32_t worker) = 0;
    virtual void DoAbortCompute(uint32_t worker) = 0;
    virtual SegmentFault DoReceiveUpload(uint32_t worker,
                                         uint32_t round,
                                         uint32_t exchange,
                                         const SegmentView& segment) = 0;
    virtual void DoReceiveSkip(uint32_t worker, uint32_t round, uint32_t exchange) = 0;
    virtual UploadOutcome DoCloseUpload(uint32_t worker, uint32_t round, uint32_t exchange) = 0;
    virtual void DoReceiveReceipt(uint32_t worker, const UploadOutcome& outcome) = 0;
    virtual ExchangeResult DoCloseExchange() = 0;
    virtual void DoLose(uint32_t worker) = 0;
    virtual void DoStartEvaluation() = 0;
    virtual Evaluation DoFinishEvaluation() = 0;

    void LogPlan(const ExchangePlan& plan);

    FederationShape m_shape;
    EventLog* m_log{nullptr};
    bool m_logsSegments{false};
    std::vector<Upload> m_sent; ///< by worker, its last upload; only if segments are logged
};

} // namespace fl

#endif // FL_FEDERATION_H
