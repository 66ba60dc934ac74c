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

/** What the server says where as many voted for plus as for minus, and no vote was lost. */
enum class Tie
{
    PLUS,   ///< plus one, as in the authors' program
    ZERO,   ///< nothing moves
    RANDOM, ///< a fair coin
};

/**
 * The majority vote over signs or trits: its update is the sign of the sum of votes, as signs
 * while every coordinate moves, else as trits. A coordinate for which nobody voted does not move.
 *
 * A vote that was lost, in a missing range or with all of its upload, is an abstention. It can make
 * a tie of a majority; to settle that by the tie rule would move the model in a direction that loss
 * alone has chosen. So a tie decides nothing, and the coordinate does not move, unless all who were
 * asked in this exchange voted there, or abstained by a trit of 0.
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

    std::vector<uint32_t> Select(uint32_t round,
                                 uint32_t exchange,
                                 const std::vector<uint32_t>& candidates) override;
    void Accept(Contribution<S> contribution) override;

    /**
     * A sum does not say who voted where. Where it is 0, single votes included, that is a tie if
     * it holds all who were asked (be it that all of them abstained), else it may be one that
     * loss made, and decides nothing.
     * @param sum the sum of votes of this round
     * @param workers how many workers it holds, with all of their votes
     */
    void AcceptSum(const std::vector<S>& sum, uint32_t workers) override;

    Closing<S> Close(uint32_t round) override;

  protected:
    /** @return number of coordinates */
    uint32_t Size() const
    {
        return m_size;
    }

  private:
    Ballot TakeBallot();

    Tie m_tie;
    RunSeed m_runSeed;
    uint32_t m_workers; ///< keys the server's coin apart from the workers' draws
    uint32_t m_size;
    uint32_t m_asked;     ///< workers asked in this exchange
    uint32_t m_voters{0}; ///< those of which a vote has arrived, at least in part
    VoteCounter m_votes;
    std::vector<S> m_sum; ///< votes that arrived as sums; empty while none did
};

/**
 * What methods with a majority vote have in common: a vote for each coordinate goes up, and the
 * model moves along what comes down, x <- x - rate * (vote + decay * x), where it arrived. A
 * coordinate that the vote does not move decays all the same.
 * @tparam S the scalar, float or double
 */
template <typename S>
class MajorityVote : public Algorithm<S>
{
  public:
    /**
     * @param setup what it is for
     * @param decay weight decay
     */
    MajorityVote(const AlgorithmSetup& setup, double decay);

    MessageShape UploadShape(uint32_t exchange) const override;
    void Apply(const ReceivedUpdate<S>& received,
               uint32_t round,
               std::vector<S>& model) const override;

  protected:
    /** @return what it is for */
    const AlgorithmSetup& Setup() const
    {
        return m_setup;
    }

  private:
    AlgorithmSetup m_setup;
    double m_decay;
};

} // namespace fl

#endif // FL_VOTE_SERVER_H
