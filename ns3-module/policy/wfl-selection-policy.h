/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef WFL_SELECTION_POLICY_H
#define WFL_SELECTION_POLICY_H

#include "ns3/fl-random.h"
#include "ns3/nstime.h"
#include "ns3/object.h"
#include "ns3/wfl-channel-model.h"

#include <cstdint>
#include <optional>
#include <vector>

namespace ns3
{
namespace wfl
{

/** What a worker says of itself beside its upload, where the selection policy wants to know. */
struct WorkerStatus
{
    float loss;         ///< training loss of its last computation
    float updateNorm;   ///< Euclidean length of its last update
    float batteryShare; ///< what is left in its battery, 0 to 1; NaN without one
};

/** What the server knows of a worker when it chooses. */
struct WorkerFacts
{
    StationId worker;                  ///< who
    uint64_t samples{0};               ///< how many samples it owns
    double snr{0};                     ///< now, linear, NaN if unknown; only if SelectionNeeds::snr
    double meanSnr{0};                 ///< mean over the rounds until now, linear; likewise
    std::optional<uint32_t> lastAsked; ///< round in which it was last asked
    std::optional<uint32_t> lastHeard; ///< round in which an answer of it was last closed
    std::optional<double> durationS;   ///< from when it was last asked to the end of its answer
    std::optional<WorkerStatus> status; ///< what it last said; only if SelectionNeeds::status
};

/** What a selection policy must know. */
struct SelectionNeeds
{
    bool snr{false};     ///< the signal-to-noise ratio of each worker
    bool status{false};  ///< what workers say of themselves, for which they send a message each
    bool battery{false}; ///< how full batteries are
    bool snrMayBeUnknown{false}; ///< whether it does without the signal-to-noise ratio, too
};

/**
 * Whom the server asks. Chosen by name, see WFL_REGISTER_SELECTION. A policy of one's own derives
 * from CountedSelection and says in DoScores() how much each worker is wanted.
 */
class SelectionPolicy : public Object
{
  public:
    /** @return the TypeId */
    static TypeId GetTypeId();

    /** @param runSeed drives the draws; called once, before the run */
    void Start(const fl::RunSeed& runSeed);

    /** @return what it must know */
    virtual SelectionNeeds Needs() const;

    /** @return whether what it chooses depends on nothing but the round and who is there */
    virtual bool IsTimeless() const = 0;

    /** @return how many answers a round needs, of which asynchronous modes have so many under way;
     *          0 for all */
    virtual uint32_t Count() const;

    /** @return how many times that many are asked, at least 1 */
    virtual double OverSelection() const;

    /**
     * @param round the round, from 0
     * @param candidates who may be asked, ascending
     * @param count how many to ask
     * @param choice how many choices of this round were made before, in asynchronous modes
     * @return so many of them, or all, ascending
     */
    std::vector<StationId> Select(uint32_t round,
                                  const std::vector<WorkerFacts>& candidates,
                                  std::size_t count,
                                  uint32_t choice = 0);

  private:
    /**
     * @param round the round, from 0
     * @param candidates who may be asked, more than count
     * @param count how many to ask
     * @param random the stream of this choice
     * @return so many of them, in any order; unless overridden those with the highest scores
     */
    virtual std::vector<StationId> DoSelect(uint32_t round,
                                            const std::vector<WorkerFacts>& candidates,
                                            std::size_t count,
                                            fl::Random& random);

    /**
     * @param round the round, from 0
     * @param candidates who may be asked
     * @param random the stream of this choice
     * @return by candidate, how much it is wanted; of two with equal scores, chance decides, and
     *         not-a-number comes last
     */
    virtual std::vector<double> DoScores(uint32_t round,
                                         const std::vector<WorkerFacts>& candidates,
                                         fl::Random& random);

    fl::RunSeed m_runSeed;
};

/** A policy that asks a number of workers. */
class CountedSelection : public SelectionPolicy
{
  public:
    /** @return the TypeId */
    static TypeId GetTypeId();

    uint32_t Count() const override;
    double OverSelection() const override;

  private:
    uint32_t m_count;
    double m_overSelection;
};

} // namespace wfl
} // namespace ns3

#endif // WFL_SELECTION_POLICY_H
