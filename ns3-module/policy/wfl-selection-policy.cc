/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/wfl-selection-policy.h"

#include "ns3/assert.h"
#include "ns3/double.h"
#include "ns3/uinteger.h"
#include "ns3/wfl-registry.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <utility>

namespace ns3
{
namespace wfl
{

NS_OBJECT_ENSURE_REGISTERED(SelectionPolicy);
NS_OBJECT_ENSURE_REGISTERED(CountedSelection);

TypeId
SelectionPolicy::GetTypeId()
{
    static TypeId tid = TypeId("ns3::wfl::SelectionPolicy").SetParent<Object>().SetGroupName("Wfl");
    return tid;
}

void
SelectionPolicy::Start(const fl::RunSeed& runSeed)
{
    m_runSeed = runSeed;
}

SelectionNeeds
SelectionPolicy::Needs() const
{
    return {};
}

uint32_t
SelectionPolicy::Count() const
{
    return 0;
}

double
SelectionPolicy::OverSelection() const
{
    return 1;
}

std::vector<StationId>
SelectionPolicy::Select(uint32_t round,
                        const std::vector<WorkerFacts>& candidates,
                        std::size_t count,
                        uint32_t choice)
{
    std::vector<StationId> chosen;
    if (count >= candidates.size())
    {
        for (const auto& candidate : candidates)
        {
            chosen.push_back(candidate.worker);
        }
        return chosen;
    }
    fl::Random random(m_runSeed, fl::Purpose::SELECTION, round, choice);
    chosen = DoSelect(round, candidates, count, random);
    NS_ASSERT(chosen.size() == count);
    std::sort(chosen.begin(), chosen.end());
    return chosen;
}

std::vector<StationId>
SelectionPolicy::DoSelect(uint32_t round,
                          const std::vector<WorkerFacts>& candidates,
                          std::size_t count,
                          fl::Random& random)
{
    const auto scores = DoScores(round, candidates, random);
    NS_ASSERT(scores.size() == candidates.size());
    std::vector<std::pair<double, double>> ranks; // by candidate, with a draw that ends ties
    for (const double score : scores)
    {
        const double rank = std::isnan(score) ? -std::numeric_limits<double>::infinity() : score;
        ranks.emplace_back(rank, random.Uniform());
    }
    std::vector<std::size_t> order(candidates.size());
    std::iota(order.begin(), order.end(), 0);
    std::sort(order.begin(),
              order.end(),
              [&ranks](std::size_t a, std::size_t b) { return ranks[a] > ranks[b]; });
    std::vector<StationId> chosen;
    for (std::size_t i = 0; i < count; ++i)
    {
        chosen.push_back(candidates[order[i]].worker);
    }
    return chosen;
}

std::vector<double>
SelectionPolicy::DoScores(uint32_t /* round */,
                          const std::vector<WorkerFacts>& candidates,
                          fl::Random& /* random */)
{
    return std::vector<double>(candidates.size());
}

TypeId
CountedSelection::GetTypeId()
{
    static TypeId tid =
        TypeId("ns3::wfl::CountedSelection")
            .SetParent<SelectionPolicy>()
            .SetGroupName("Wfl")
            .AddAttribute("Count",
                          "Workers whose answers a round needs; in asynchronous modes, workers "
                          "that are at work at the same time.",
                          UintegerValue(10),
                          MakeUintegerAccessor(&CountedSelection::m_count),
                          MakeUintegerChecker<uint32_t>(1))
            .AddAttribute("OverSelection",
                          "How many times that many are asked; the round closes when Count of them "
                          "have answered.",
                          DoubleValue(1),
                          MakeDoubleAccessor(&CountedSelection::m_overSelection),
                          MakeDoubleChecker<double>(1, 1000));
    return tid;
}

uint32_t
CountedSelection::Count() const
{
    return m_count;
}

double
CountedSelection::OverSelection() const
{
    return m_overSelection;
}

namespace
{

/** Everybody. */
class AllSelection : public SelectionPolicy
{
  public:
    /** @return the TypeId */
    static TypeId GetTypeId()
    {
        static TypeId tid = TypeId("ns3::wfl::AllSelection")
                                .SetParent<SelectionPolicy>()
                                .SetGroupName("Wfl")
                                .AddConstructor<AllSelection>();
        return tid;
    }

    bool IsTimeless() const override
    {
        return true;
    }
};

WFL_REGISTER_SELECTION(AllSelection, "all");

/** A fair draw in every round. */
class RandomSelection : public CountedSelection
{
  public:
    /** @return the TypeId */
    static TypeId GetTypeId()
    {
        static TypeId tid = TypeId("ns3::wfl::RandomSelection")
                                .SetParent<CountedSelection>()
                                .SetGroupName("Wfl")
                                .AddConstructor<RandomSelection>();
        return tid;
    }

    bool IsTimeless() const override
    {
        return true;
    }
};

WFL_REGISTER_SELECTION(RandomSelection, "random");

} // namespace

} // namespace wfl
} // namespace ns3
