/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef FL_VOTE_SERVER_H
#define FL_VOTE_SERVER_H

#include "ns3/fl-algorithm.h"
#include "ns3/fl-vote-counter.h"

#include <cstdint>
#include <vector>

namespace fl
{

/** What the server says where as many voted for plus as for minus. */
enum class Tie
{
    PLUS,   ///< plus one, as in the authors' program
    ZERO,   ///< nothing moves
    RANDOM, ///< a fair coin
};

/**
 * The majority vote over signs or trits: its update is the sign of the sum of votes, as signs
 * while every coordinate moves, else as trits. A vote that was lost is an abstention, and a
 * coordinate for which nobody voted does not move.
 * @tparam S the scalar, float or double
 */
template <typename S>
class VoteServer : public ServerHalf<S>
{
  public:
    /**
     * @param setup what the algorithm is for
     * @param tie what a tie says
     * @throws UserError if there are more workers than can be counted
     */
    VoteServer(const AlgorithmSetup& setup, Tie tie);

    void Accept(Contribution<S> contribution) override;
    void AcceptSum(const std::vector<S>& sum, uint32_t workers) override;
    Closing<S> Close(uint32_t round) override;

  private:
    Ballot TakeBallot();

    Tie m_tie;
    RunSeed m_runSeed;
    uint32_t m_workers; ///< keys the server's coin apart from the workers' draws
    uint32_t m_size;
    VoteCounter m_votes;
    std::vector<S> m_sum; ///< votes that arrived as sums; empty while none did
};

/**
 * Moves a model along a vote, x <- x - rate * (vote + decay * x), where the vote arrived.
 * @tparam S the scalar, float or double
 * @param received the vote, or any other update
 * @param rate the step size
 * @param decay decoupled weight decay
 * @param model changed in place
 */
template <typename S>
void StepAlongVote(const ReceivedUpdate<S>& received, S rate, S decay, std::vector<S>& model);

} // namespace fl

#endif // FL_VOTE_SERVER_H
