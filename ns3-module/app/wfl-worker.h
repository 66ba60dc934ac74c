/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef WFL_WORKER_H
#define WFL_WORKER_H

#include "ns3/application.h"
#include "ns3/event-id.h"
#include "ns3/traced-callback.h"
#include "ns3/wfl-compute-model.h"
#include "ns3/wfl-round-book.h"
#include "ns3/wfl-transport.h"

#include <map>
#include <optional>
#include <utility>
#include <vector>

namespace ns3
{
namespace wfl
{

/**
 * A worker of a federation.
 *
 * It says hello; then in every round in which it is asked it waits until everything that the
 * server sends it in this round is over and until it holds the receipt of its last upload,
 * computes, and uploads what it has to say, or says that it has nothing. The computation itself
 * runs in the federation's pool, while simulated time goes on; the compute model says for how long.
 */
class FlWorker : public Application
{
  public:
    /** @return the TypeId */
    static TypeId GetTypeId();

    FlWorker();
    ~FlWorker() override;

    /** What the worker is doing. */
    enum State
    {
        WAITING,   ///< for the server
        COMPUTING, ///< a gradient and its encoding
    };

    /** What a newer round does to a worker that still computes. */
    enum Late
    {
        ABORT, ///< it drops the old computation
        FINISH ///< it finishes and uploads it first
    };

    /**
     * Gives the worker what it works with; called once before the start.
     * @param worker its number
     * @param federation the learning; must outlive the worker
     * @param transport its end of the transport, already open
     * @param compute says how long computations take
     * @param book what the applications share
     */
    void SetUp(StationId worker,
               fl::Federation* federation,
               Ptr<Transport> transport,
               Ptr<ComputeModel> compute,
               Ptr<RoundBook> book);

    /** Says hello to the server; called when the channel is ready. */
    void SayHello();

    /**
     * It has gone: what it computes is given up, what is under way to and from it forgotten. What
     * it has learnt stays: its model and its error memory are where they are kept.
     */
    void Leave();

    /** It is back and says hello. */
    void Return();

    /**
     * From now on it says beside each upload what selection policies want to know.
     * @param batteryShare tells what is left in its battery, 0 to 1; empty without one
     */
    void TellStatus(std::function<double()> batteryShare);

    /** Stops saying hello to a server that does not hear it. */
    void GiveUpHello();

    /** @return the longest duration of a computation so far */
    Time LongestComputation() const;

    /**
     * TracedCallback signature of the trace source Computing.
     * @param worker who
     * @param cost what it takes
     */
    using ComputingCallback = void (*)(StationId worker, const ComputeCost& cost);

    /**
     * TracedCallback signature of the trace source Computed.
     * @param worker who
     * @param start since when
     * @param duration how long
     */
    using ComputedCallback = void (*)(StationId worker, Time start, Time duration);

    /**
     * TracedCallback signature of the trace source Rest.
     * @param worker who
     * @param resting true when it has nothing to do until it hears something more, but for what it
     *        has handed to the channel; false when it has heard something
     */
    using RestCallback = void (*)(StationId worker, bool resting);

  private:
    /** Round and exchange. */
    using RequestKey = std::pair<uint32_t, uint32_t>;

    void DoDispose() override;

    bool Accept(StationId from, MessageKey key);
    bool ReceiveSegment(const IncomingSegment& segment);
    void EndIncoming(StationId from, MessageKey key, bool ask);
    void EndOutgoing(StationId receiver, MessageKey key, bool complete);
    void NoteRepair(StationId from, MessageKey key, uint32_t segments);

    void CloseDownload(const std::shared_ptr<const fl::Download>& download);
    void EnterRound(uint32_t round);
    uint32_t RoundOf(const MessageKey& key) const;
    std::vector<uint8_t> TakeControl(const MessageKey& key);
    void TakeReceipt(const MessageKey& key, std::optional<fl::UploadOutcome> outcome);
    void TakeOwnReceipt(const fl::UploadOutcome& outcome);
    void RequestReceipt();
    void BeAsked(const MessageKey& key);
    void ForgetSent();
    void TryStart();
    MessageKey HelloKey() const;
    void EndCompute();
    void AbortCompute();
    void FinishCompute();
    void RestIfIdle();
    void SendUpload(const fl::Upload& upload);
    void SendStatus(const fl::Upload& upload);

    StationId m_worker{0};
    fl::Federation* m_federation{nullptr};
    Ptr<Transport> m_transport;
    Ptr<ComputeModel> m_compute;
    Ptr<RoundBook> m_book;
    Late m_late;
    State m_state{WAITING};
    uint8_t m_stay{0};                      ///< how often it has come back, modulo the ordinals
    uint32_t m_heardRound{0};               ///< newest round heard of
    uint32_t m_round{0};                    ///< newest round of which something was meant for it
    uint64_t m_decodedCoordinates{0};       ///< since it last computed
    bool m_resting{false};                  ///< as the trace source Rest has told
    bool m_asked{false};                    ///< whether it is asked and has not begun to compute
    bool m_requested{false};                ///< whether it has asked for the receipt that it lacks
    uint32_t m_askedRound{0};               ///< the round that asked last
    uint32_t m_askedExchange{0};            ///< the exchange that asked last
    std::vector<MessageKey> m_sent;         ///< its last answer
    bool m_sendsStatus{false};              ///< whether it says something of itself beside it
    std::function<double()> m_batteryShare; ///< tells what is left in its battery
    EventId m_computeEnd;
    Time m_computeStart;
    Time m_longest;
    /** control messages under way: the parts of their bodies, by segment */
    std::map<MessageKey, std::map<uint16_t, std::vector<uint8_t>>> m_control;
    std::optional<RequestKey> m_awaited; ///< the upload whose receipt it waits for
    /** receipts that came before their upload was even sent: the server has closed it unheard */
    std::map<RequestKey, fl::UploadOutcome> m_earlyReceipts;
    TracedCallback<StationId, const ComputeCost&> m_computingTrace;
    TracedCallback<StationId, Time, Time> m_computedTrace;
    TracedCallback<StationId, bool> m_restTrace;
};

} // namespace wfl
} // namespace ns3

#endif // WFL_WORKER_H
