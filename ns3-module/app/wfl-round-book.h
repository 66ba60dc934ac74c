/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef WFL_ROUND_BOOK_H
#define WFL_ROUND_BOOK_H

#include "ns3/fl-federation.h"
#include "ns3/nstime.h"
#include "ns3/simple-ref-count.h"
#include "ns3/wfl-channel-model.h"
#include "ns3/wfl-segment-header.h"

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace ns3
{
namespace wfl
{

/** How a worker's round ended. */
enum class Outcome
{
    NONE,      ///< it was not asked
    DELIVERED, ///< its whole upload was accepted
    PARTIAL,   ///< a part of it was accepted
    LOST,      ///< it sent an update, or that it has none, and nothing was accepted
    LATE,      ///< it had not sent when the round closed
    SKIPPED,   ///< it had nothing to send
    DEAD,      ///< it was not there
};

/**
 * What happened to one worker in one round. Times that did not come are absent; of a worker that
 * was asked more than once in the round they are those of the last time.
 */
struct WorkerRecord
{
    bool selected{false};                 ///< whether it was asked
    std::optional<uint32_t> modelVersion; ///< newest version that it held when it computed
    Outcome outcome{Outcome::NONE};       ///< how its round ended
    std::string absence;                  ///< why it is DEAD, in a word, if that is known
    std::optional<Time> downlinkEnd;      ///< all it waited for had arrived
    std::optional<Time> computeEnd;       ///< it had computed
    std::optional<Time> uplinkStart;      ///< it handed its upload to the channel
    std::optional<Time> uplinkEnd;        ///< the server accepted the last segment
    std::optional<Time> repairStart;      ///< the server first asked for missing segments
    uint32_t answers{0};                  ///< answers of it that the server closed, not all lost
    uint64_t payloadBytes{0};             ///< length of its upload
    uint64_t paperBits{0};                ///< length of its upload by the method's formula
    uint32_t segmentsOffered{0};          ///< segments of its upload
    uint32_t segmentsAccepted{0};         ///< segments that the server accepted
    uint64_t latePayloadBytes{0};         ///< length of what it uploaded for closed exchanges
    uint64_t latePaperBits{0};            ///< the same by the method's formula
    uint32_t lateSegments{0};             ///< segments of that, of which none is accepted
    uint32_t downlinkSegmentsOffered{0};  ///< segments of the server for it
    uint32_t downlinkSegmentsArrived{0};  ///< segments of the server that it received
};

/** What happened in one round. */
struct RoundRecord
{
    uint32_t round{0};                 ///< from 0
    Time start;                        ///< when it opened
    Time end;                          ///< when it closed
    double trainLoss{0};               ///< mean over the workers that computed; NaN if none did
    uint32_t participants{0};          ///< workers that were heard
    bool evaluated{false};             ///< whether an evaluation of its model will follow
    uint64_t downlinkPayloadBytes{0};  ///< a broadcast counts once where it is sent once
    uint64_t downlinkPaperBits{0};     ///< likewise
    std::vector<WorkerRecord> workers; ///< by worker
};

/**
 * What the two kinds of applications share about the rounds under way: which message is which
 * download, which downloads a worker still waits for, and the record of the round. No byte of a
 * model passes through it, and a worker asks only for rounds of which it has heard on the air.
 */
class RoundBook : public SimpleRefCount<RoundBook>
{
  public:
    /** @param workers number of workers */
    explicit RoundBook(uint32_t workers);

    /**
     * An exchange opens.
     * @param plan its plan
     */
    void Open(const fl::ExchangePlan& plan);

    /**
     * Workers that have answered are asked anew while the exchange stays open; what they answered
     * so far stays recorded in this round, however late the next answer comes.
     * @param plan whom, and with what
     */
    void Extend(const fl::ExchangePlan& plan);

    /** The round that is open closes; its record is complete. */
    void CloseRound();

    /**
     * An exchange closes, and a worker may still answer it: what comes of that is recorded in the
     * round in which it has answered.
     * @param worker who
     * @param round the round
     * @param exchange the exchange
     */
    void Owe(StationId worker, uint32_t round, uint32_t exchange);

    /**
     * A worker has answered, or need not any more.
     * @param worker who
     */
    void Settle(StationId worker);

    /** @return the exchange that is open */
    const fl::ExchangePlan& Plan() const;

    /**
     * @param download a message of the server
     * @return its name on the air
     */
    static MessageKey KeyOf(const fl::Download& download);

    /**
     * @param worker a receiver
     * @param key a message's name on the air
     * @return the download that the worker waits for under this name; null if there is none
     */
    std::shared_ptr<const fl::Download> Find(StationId worker, const MessageKey& key) const;

    /**
     * @param worker a receiver
     * @param round a round of which it has heard
     * @param exchange an exchange of that round
     * @return the downloads for this and for older exchanges that it waits for
     */
    std::vector<std::shared_ptr<const fl::Download>> Pending(StationId worker,
                                                             uint32_t round,
                                                             uint32_t exchange) const;

    /**
     * A worker does not wait for a download any more.
     * @param worker who
     * @param download the download
     */
    void Close(StationId worker, const std::shared_ptr<const fl::Download>& download);

    /** Something went forward. */
    void NoteProgress();

    /** @return when something last went forward */
    Time LastProgress() const;

    /** @return the record of the open round */
    RoundRecord& Record();

    /**
     * @param worker a worker
     * @param round a round
     * @return its record; a scratch one if that round is not open yet, or is closed and the worker
     *         does not owe it an answer
     */
    WorkerRecord& Record(StationId worker, uint32_t round);

    /**
     * @param worker a worker
     * @param round a round
     * @param exchange an exchange of that round
     * @return whether it is the one that is open, or one that the worker still owes an answer
     */
    bool IsOpen(StationId worker, uint32_t round, uint32_t exchange) const;

    /**
     * @param worker a worker
     * @return where it counts what it does for an exchange that is closed: the record of the open
     *         round, or between two rounds that of the next one
     */
    WorkerRecord& LateRecord(StationId worker);

  private:
    void Await(const fl::ExchangePlan& plan);
    static void CarryOver(WorkerRecord& closed, WorkerRecord& next, const WorkerRecord* answered);

    fl::ExchangePlan m_plan;
    bool m_isOpen{false}; ///< whether a round is open
    std::vector<std::vector<std::shared_ptr<const fl::Download>>> m_pending; ///< by worker
    Time m_lastProgress;
    RoundRecord m_record;
    std::vector<WorkerRecord> m_next; ///< by worker, with which the next round begins
    /** by worker that was asked anew in the open round, its record when that happened last */
    std::map<StationId, WorkerRecord> m_answered;
    std::vector<std::optional<std::pair<uint32_t, uint32_t>>>
        m_owed; ///< by worker, round and exchange that it owes an answer although they are closed
    WorkerRecord m_scratch;
};

} // namespace wfl
} // namespace ns3

#endif // WFL_ROUND_BOOK_H
