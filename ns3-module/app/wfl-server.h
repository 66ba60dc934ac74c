/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef WFL_SERVER_H
#define WFL_SERVER_H

#include "ns3/application.h"
#include "ns3/event-id.h"
#include "ns3/traced-callback.h"
#include "ns3/wfl-roster.h"
#include "ns3/wfl-round-book.h"
#include "ns3/wfl-transport.h"

#include <deque>
#include <map>
#include <memory>
#include <set>
#include <vector>

namespace ns3
{
namespace wfl
{

/**
 * The server of a federation: opens rounds, sends what the workers need, collects what they
 * upload, closes a round when enough of the workers that were asked have answered, or at the
 * deadline, or when nothing has gone forward for the round timeout. Asynchronously, a round closes
 * after a number of answers, whenever they were asked for, and who has answered is asked anew at
 * once.
 *
 * When all rounds are done it stops the simulation.
 */
class FlServer : public Application
{
  public:
    /** @return the TypeId */
    static TypeId GetTypeId();

    FlServer();
    ~FlServer() override;

    /**
     * Gives the server what it works with; called once before the start.
     * @param federation the learning; must outlive the server
     * @param channel the channel, already installed
     * @param transport its end of the transport, already open
     * @param book what the applications share
     */
    void SetUp(fl::Federation* federation,
               Ptr<ChannelModel> channel,
               Ptr<Transport> transport,
               Ptr<RoundBook> book);

    /**
     * Chooses whom it asks; without a call, everybody.
     * @param policy chooses; after SetUp()
     */
    void SetSelection(Ptr<SelectionPolicy> policy);

    /** @param longest tells the longest computation of any worker, which no round timeout cuts */
    void SetLongestComputation(Callback<Time> longest);

    /**
     * Waits for the hellos of these workers, then opens the first round.
     * @param workers the workers that the channel reaches
     */
    void Expect(const std::vector<StationId>& workers);

    /**
     * Waits for hellos no longer.
     * @return the workers whose hello has not come; none if the rounds have begun
     */
    std::vector<StationId> GiveUpSilent();

    /**
     * It is noticed that a worker has gone: it is asked no more until it says hello again, and what
     * it was asked for is not waited for.
     * @param worker who
     * @param reason why, in a word
     */
    void Dismiss(StationId worker, const std::string& reason);

    /** Nobody is there, and nobody will come back: the run ends here. */
    void GiveUp();

    /** @return whether the run ended because nobody was there any more */
    bool HasGivenUp() const;

    /** @return the workers that said hello and have not been lost since */
    const std::vector<StationId>& Live() const;

    /** Waits for the evaluation under way, if there is one, and tells its result. */
    void FinishEvaluation();

    /**
     * TracedCallback signature of the trace source Ready.
     * @param workers the workers that are there
     */
    using ReadyCallback = void (*)(const std::vector<StationId>& workers);

    /**
     * TracedCallback signature of the trace source Lost.
     * @param worker the worker; it is not asked again
     * @param round how many rounds have been closed
     */
    using LostCallback = void (*)(StationId worker, uint32_t round);

    /**
     * TracedCallback signature of the trace source RoundEnd.
     * @param record what happened
     */
    using RoundCallback = void (*)(const RoundRecord& record);

    /**
     * TracedCallback signature of the trace source Evaluated. Comes after the RoundEnd of the
     * round, as evaluation goes on while the next round is under way.
     * @param round the round
     * @param evaluation the evaluation of the model after that round
     */
    using EvaluationCallback = void (*)(uint32_t round, const fl::Evaluation& evaluation);

  private:
    /** What a worker was asked for. */
    struct Request
    {
        uint32_t round;
        uint32_t exchange;
        Time heard{}; ///< when it was asked, or something of the answer last arrived
    };

    void DoDispose() override;

    bool Accept(StationId from, MessageKey key);
    bool ReceiveSegment(const IncomingSegment& segment);
    bool TakeSegment(const IncomingSegment& segment);
    void EndIncoming(StationId from, MessageKey key, bool ask);
    void EndOutgoing(StationId receiver, MessageKey key, bool complete);

    void TakeHello(StationId worker, uint8_t stay);
    void TakeBack(StationId worker);
    bool IsLive(StationId worker) const;
    bool Remove(StationId worker);
    void SendReceipt(StationId worker);
    void Stop();
    void Lose(StationId worker);
    void OpenWhenAllThere();
    void BeReady();
    void OpenRound();
    std::vector<StationId> Idle() const;
    void NoteRequest(StationId worker, const Request& request);
    void AskIdleSoon();
    void AskIdle();
    void ForgetUnconfirmed(uint32_t round);
    void OpenExchange(const fl::ExchangePlan& plan);
    void SendDownloads(const fl::ExchangePlan& plan);
    void Confirm(StationId worker, const MessageKey& key, bool complete);
    const Request* FindOpen(StationId worker, const MessageKey& key) const;
    void CloseUpload(StationId worker);
    void SendReceipts();
    void SendControl(MessageType type,
                     const Request& request,
                     std::vector<uint8_t> body,
                     const std::vector<StationId>& receivers);
    void NoteAnswer(StationId worker);
    bool IsOpenExchange(const Request& request) const;
    std::size_t StillAsked() const;
    void AbandonSilent();
    void CloseExchangeIfDone();
    void CloseExchange();
    void EndRound(const fl::ExchangeResult& result);
    void CheckTimeout();
    void MeetDeadline();
    void DropLate();
    void Drop(StationId worker);
    Time Patience() const;
    Time EndOfTrying() const;

    uint32_t m_rounds;
    uint32_t m_evalEvery;
    double m_targetAccuracy;
    Time m_deadline;
    Time m_roundTimeout;
    Time m_serverTime;
    double m_quorum;
    bool m_lateCount;
    uint32_t m_buffer;
    Time m_longestWait;
    fl::Federation* m_federation{nullptr};
    Ptr<ChannelModel> m_channel;
    Ptr<Transport> m_transport;
    Ptr<RoundBook> m_book;
    std::set<StationId> m_expected;       ///< workers whose hello is still missing
    std::vector<StationId> m_live;        ///< workers that said hello and are not lost, ascending
    std::map<StationId, Request> m_open;  ///< by worker, the request whose answer is not closed
    std::map<StationId, uint8_t> m_stays; ///< by worker, which of its hellos was taken last
    /** by worker, what it was last told, or could not be told, of an upload */
    std::map<StationId, std::pair<Request, fl::UploadOutcome>> m_receipts;
    bool m_hasGivenUp{false};
    std::unique_ptr<Roster> m_roster;
    bool m_exchangeIsOpen{false};
    std::size_t m_needed{0}; ///< answers with which the open exchange closes
    std::size_t m_answers{
        0};            ///< that have come: to it, or asynchronously since the last one closed
    EventId m_waiting; ///< until when it waits for somebody to come back; running if it does
    std::vector<StationId> m_whole; ///< workers whose upload was accepted whole, without receipt
    std::set<StationId> m_heard;    ///< workers from which something of their answer arrived
    std::set<StationId> m_skipped;  ///< workers that had nothing to send in the open exchange
    /** downloads whose fate at a receiver the server does not know yet */
    std::map<std::pair<StationId, MessageKey>, std::shared_ptr<const fl::Download>> m_unconfirmed;
    uint32_t m_closedRounds{0};
    bool m_evaluating{false};
    uint32_t m_evaluatedRound{0};
    std::deque<double> m_accuracies; ///< the last evaluations
    bool m_targetReached{false};
    Callback<Time> m_longestComputation;
    EventId m_askIdle; ///< asynchronously, when idle workers are asked anew
    EventId m_timeout;
    EventId m_deadlineEvent;
    TracedCallback<const std::vector<StationId>&> m_readyTrace;
    TracedCallback<StationId, uint32_t> m_lostTrace;
    TracedCallback<const RoundRecord&> m_roundTrace;
    TracedCallback<uint32_t, const fl::Evaluation&> m_evaluationTrace;
};

} // namespace wfl
} // namespace ns3

#endif // WFL_SERVER_H
