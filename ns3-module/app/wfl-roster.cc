/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/wfl-roster.h"

#include "ns3/fl-share.h"
#include "ns3/simulator.h"

#include <algorithm>
#include <cmath>

namespace ns3
{
namespace wfl
{

Roster::Roster(Ptr<SelectionPolicy> policy,
               Ptr<ChannelModel> channel,
               const std::vector<uint64_t>& samples)
    : m_policy(policy),
      m_channel(channel),
      m_entries(samples.size())
{
    for (StationId worker = 0; worker < samples.size(); ++worker)
    {
        m_entries[worker].facts.worker = worker;
        m_entries[worker].facts.samples = samples[worker];
    }
}

std::vector<StationId>
Roster::Choose(uint32_t round,
               const std::vector<StationId>& idle,
               std::size_t busy,
               bool isAsynchronous)
{
    if (m_policy->Count() == 0)
    {
        return idle;
    }
    std::size_t count = m_policy->Count();
    if (isAsynchronous)
    {
        count -= std::min(count, busy);
    }
    else
    {
        count = fl::ShareRoundedUp(m_policy->OverSelection(), m_policy->Count());
    }
    m_choices = round == m_round ? m_choices : 0;
    m_round = round;
    std::vector<WorkerFacts> candidates;
    for (const StationId worker : idle)
    {
        auto& entry = m_entries[worker];
        if (m_policy->Needs().snr)
        {
            MeasureSnr(entry);
        }
        candidates.push_back(entry.facts);
    }
    return m_policy->Select(round, candidates, count, m_choices++);
}

std::size_t
Roster::Needed(std::size_t asked) const
{
    const std::size_t count = m_policy->Count();
    return count == 0 ? asked : std::min(count, asked);
}

void
Roster::MeasureSnr(Entry& entry)
{
    entry.facts.snr = std::pow(10, m_channel->FadedSnrDb(entry.facts.worker) / 10);
    entry.snrSum += entry.facts.snr;
    ++entry.snrCount;
    entry.facts.meanSnr = entry.snrSum / entry.snrCount;
}

void
Roster::NoteAsked(StationId worker, uint32_t round)
{
    auto& entry = m_entries[worker];
    entry.facts.lastAsked = round;
    entry.askedAt = Simulator::Now();
}

void
Roster::NoteHeard(StationId worker, uint32_t round)
{
    auto& entry = m_entries[worker];
    entry.facts.lastHeard = round;
    entry.facts.durationS = (Simulator::Now() - entry.askedAt).GetSeconds();
}

void
Roster::NoteStatus(StationId worker, const WorkerStatus& status)
{
    m_entries[worker].facts.status = status;
}

} // namespace wfl
} // namespace ns3
