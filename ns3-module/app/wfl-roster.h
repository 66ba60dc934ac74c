/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef WFL_ROSTER_H
#define WFL_ROSTER_H

#include "ns3/wfl-channel-model.h"
#include "ns3/wfl-selection-policy.h"

#include <cstdint>
#include <vector>

namespace ns3
{
namespace wfl
{

/** What the server knows of its workers, and whom its selection policy chooses with that. */
class Roster
{
  public:
    /**
     * @param policy chooses
     * @param channel knows signal-to-noise ratios
     * @param samples by worker, how many samples it owns
     */
    Roster(Ptr<SelectionPolicy> policy,
           Ptr<ChannelModel> channel,
           const std::vector<uint64_t>& samples);

    /**
     * @param round the round that opens, or that is open
     * @param idle the workers that may be asked, ascending
     * @param busy how many workers still owe an answer
     * @param isAsynchronous whether those who are busy count among those who are to be at work
     * @return whom to ask, ascending
     */
    std::vector<StationId> Choose(uint32_t round,
                                  const std::vector<StationId>& idle,
                                  std::size_t busy,
                                  bool isAsynchronous);

    /**
     * @param asked how many workers were asked
     * @return how many answers the policy needs of them
     */
    std::size_t Needed(std::size_t asked) const;

    /**
     * @param worker who is asked
     * @param round in which round
     */
    void NoteAsked(StationId worker, uint32_t round);

    /**
     * @param worker who has answered
     * @param round the round that is open
     */
    void NoteHeard(StationId worker, uint32_t round);

    /**
     * @param worker who
     * @param status what it says of itself
     */
    void NoteStatus(StationId worker, const WorkerStatus& status);

  private:
    /** One worker. */
    struct Entry
    {
        WorkerFacts facts;
        Time askedAt;
        double snrSum{0};     ///< over the rounds until now
        uint32_t snrCount{0}; ///< how many these are
    };

    void MeasureSnr(Entry& entry);

    Ptr<SelectionPolicy> m_policy;
    Ptr<ChannelModel> m_channel;
    std::vector<Entry> m_entries; ///< by worker
    uint32_t m_round{0};          ///< of the last choice
    uint32_t m_choices{0};        ///< so far in that round
};

} // namespace wfl
} // namespace ns3

#endif // WFL_ROSTER_H
