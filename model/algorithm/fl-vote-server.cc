/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/fl-vote-server.h"

#include "ns3/fl-error.h"
#include "ns3/fl-update-values.h"

#include <string>
#include <utility>

namespace fl
{

template <typename S>
VoteServer<S>::VoteServer(const AlgorithmSetup& setup, Tie tie)
    : m_tie(tie),
      m_runSeed(setup.runSeed),
      m_workers(setup.workers),
      m_size(setup.dimension),
      m_asked(setup.workers),
      m_votes(setup.dimension)
{
    if (setup.workers > VoteCounter::MAX_VOTERS)
    {
        throw UserError("--workers: a majority vote counts at most " +
                        std::to_string(VoteCounter::MAX_VOTERS) + " workers, not " +
                        std::to_string(setup.workers));
    }
}

template <typename S>
std::vector<uint32_t>
VoteServer<S>::Select(uint32_t /* round */,
                      uint32_t /* exchange */,
                      const std::vector<uint32_t>& candidates)
{
    m_asked = static_cast<uint32_t>(candidates.size());
    return candidates;
}

template <typename S>
void
VoteServer<S>::Accept(Contribution<S> contribution)
{
    ++m_voters;
    const auto& received = contribution.received;
    if (const auto* trits = std::get_if<TernaryUpdate>(&received.update))
    {
        m_votes.Add(*trits, received.missing);
    }
    else
    {
        m_votes.Add(std::get<SignUpdate>(received.update), received.missing);
    }
}

template <typename S>
void
VoteServer<S>::AcceptSum(const std::vector<S>& sum, uint32_t workers)
{
    m_voters += workers;
    m_sum.resize(m_size);
    for (uint32_t i = 0; i < m_size; ++i)
    {
        m_sum[i] += sum[i];
    }
}

/** Counts the votes, those that arrived as sums, too. */
template <typename S>
Ballot
VoteServer<S>::TakeBallot()
{
    for (uint32_t i = 0; i < m_sum.size(); ++i)
    {
        m_sum[i] += static_cast<S>(m_votes.Margin(i));
    }
    auto ballot = m_votes.Take();
    for (uint32_t i = 0; i < m_sum.size(); ++i)
    {
        const uint64_t bit = uint64_t{1} << (i % 64);
        const auto set = [&](std::vector<uint64_t>& words, bool value)
        {
            words[i / 64] = value ? words[i / 64] | bit : words[i / 64] & ~bit;
        };
        set(ballot.positive, m_sum[i] > 0);
        set(ballot.negative, m_sum[i] < 0);
        set(ballot.tied, m_sum[i] == 0);
    }
    m_sum.clear();
    return ballot;
}

template <typename S>
Closing<S>
VoteServer<S>::Close(uint32_t round)
{
    auto ballot = TakeBallot();
    const uint64_t everybody = std::exchange(m_voters, 0) < m_asked ? 0 : ~uint64_t{0};
    Random coin(m_runSeed, Purpose::ALGORITHM, m_workers, round);
    uint64_t undecided = 0;
    for (std::size_t w = 0; w < ballot.tied.size(); ++w)
    {
        uint64_t tied = ballot.tied[w] & ~ballot.lost[w] & everybody;
        if (m_tie == Tie::PLUS)
        {
            ballot.positive[w] |= tied;
        }
        else if (m_tie == Tie::RANDOM)
        {
            for (; tied != 0; tied &= tied - 1)
            {
                const uint64_t lowest = tied & -tied;
                (coin() % 2 == 0 ? ballot.positive : ballot.negative)[w] |= lowest;
            }
        }
        const uint64_t used = w + 1 < ballot.tied.size() || m_size % 64 == 0
                                  ? ~uint64_t{0}
                                  : (uint64_t{1} << (m_size % 64)) - 1;
        undecided |= used & ~(ballot.positive[w] | ballot.negative[w]);
    }
    if (undecided != 0)
    {
        return {false,
                TernaryUpdate{m_size, std::move(ballot.positive), std::move(ballot.negative)}};
    }
    // While every coordinate moves a bit for each suffices.
    return {false, SignUpdate{m_size, std::move(ballot.negative)}};
}

template <typename S>
MajorityVote<S>::MajorityVote(const AlgorithmSetup& setup, double decay)
    : m_setup(setup),
      m_decay(decay)
{
}

template <typename S>
MessageShape
MajorityVote<S>::UploadShape(uint32_t /* exchange */) const
{
    return m_setup.Shape();
}

template <typename S>
void
MajorityVote<S>::Apply(const ReceivedUpdate<S>& received,
                       uint32_t round,
                       std::vector<S>& model) const
{
    const auto rate = static_cast<S>(m_setup.learningRate.At(round));
    const auto decay = static_cast<S>(m_decay);
    std::vector<S> votes(model.size());
    ForEachValue(received.update,
                 received.missing,
                 [&votes](uint32_t i, S vote) { votes[i] = vote; });
    for (const auto& range : Complement(received.missing, static_cast<uint32_t>(model.size())))
    {
        for (uint32_t i = range.first; i < range.end; ++i)
        {
            model[i] -= rate * (votes[i] + decay * model[i]);
        }
    }
}

template class VoteServer<float>;
template class VoteServer<double>;
template class MajorityVote<float>;
template class MajorityVote<double>;

} // namespace fl
