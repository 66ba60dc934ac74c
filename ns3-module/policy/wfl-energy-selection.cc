/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/wfl-registry.h"
#include "ns3/wfl-selection-policy.h"

namespace ns3
{
namespace wfl
{

/**
 * Those whose batteries are fullest, as far as they have said; who has said nothing yet counts as
 * full.
 */
class EnergySelection : public CountedSelection
{
  public:
    /** @return the TypeId */
    static TypeId GetTypeId();

    SelectionNeeds Needs() const override
    {
        return {false, true, true};
    }

    bool IsTimeless() const override
    {
        return false;
    }

  private:
    std::vector<double> DoScores(uint32_t round,
                                 const std::vector<WorkerFacts>& candidates,
                                 fl::Random& random) override;
};

WFL_REGISTER_SELECTION(EnergySelection, "energy");

TypeId
EnergySelection::GetTypeId()
{
    static TypeId tid = TypeId("ns3::wfl::EnergySelection")
                            .SetParent<CountedSelection>()
                            .SetGroupName("Wfl")
                            .AddConstructor<EnergySelection>();
    return tid;
}

std::vector<double>
EnergySelection::DoScores(uint32_t /* round */,
                          const std::vector<WorkerFacts>& candidates,
                          fl::Random& /* random */)
{
    std::vector<double> scores;
    for (const auto& candidate : candidates)
    {
        scores.push_back(candidate.status ? candidate.status->batteryShare : 1);
    }
    return scores;
}

} // namespace wfl
} // namespace ns3
