/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/wfl-registry.h"
#include "ns3/wfl-selection-policy.h"

#include <algorithm>

namespace ns3
{
namespace wfl
{

/**
 * In turn, by number: those who follow the one that was asked last, and after the last worker the
 * first.
 */
class RoundRobinSelection : public CountedSelection
{
  public:
    /** @return the TypeId */
    static TypeId GetTypeId();

    bool IsTimeless() const override
    {
        return true;
    }

  private:
    std::vector<StationId> DoSelect(uint32_t round,
                                    const std::vector<WorkerFacts>& candidates,
                                    std::size_t count,
                                    fl::Random& random) override;

    StationId m_next{0}; ///< whose turn it is
};

WFL_REGISTER_SELECTION(RoundRobinSelection, "round-robin");

TypeId
RoundRobinSelection::GetTypeId()
{
    static TypeId tid = TypeId("ns3::wfl::RoundRobinSelection")
                            .SetParent<CountedSelection>()
                            .SetGroupName("Wfl")
                            .AddConstructor<RoundRobinSelection>();
    return tid;
}

std::vector<StationId>
RoundRobinSelection::DoSelect(uint32_t /* round */,
                              const std::vector<WorkerFacts>& candidates,
                              std::size_t count,
                              fl::Random& /* random */)
{
    const auto next = std::find_if(candidates.begin(),
                                   candidates.end(),
                                   [this](const auto& c) { return c.worker >= m_next; });
    std::vector<WorkerFacts> inTurn(next, candidates.end());
    inTurn.insert(inTurn.end(), candidates.begin(), next);
    std::vector<StationId> chosen;
    for (std::size_t i = 0; i < count; ++i)
    {
        chosen.push_back(inTurn[i].worker);
    }
    m_next = count > 0 ? chosen.back() + 1 : m_next;
    return chosen;
}

} // namespace wfl
} // namespace ns3
