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
 * Those with the highest signal-to-noise ratio at the server now: near ones again and again, unless
 * fading is stronger than the differences of distance.
 */
class BestChannelSelection : public CountedSelection
{
  public:
    /** @return the TypeId */
    static TypeId GetTypeId();

    SelectionNeeds Needs() const override
    {
        return {true, false, false};
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

WFL_REGISTER_SELECTION(BestChannelSelection, "best-channel");

TypeId
BestChannelSelection::GetTypeId()
{
    static TypeId tid = TypeId("ns3::wfl::BestChannelSelection")
                            .SetParent<CountedSelection>()
                            .SetGroupName("Wfl")
                            .AddConstructor<BestChannelSelection>();
    return tid;
}

std::vector<double>
BestChannelSelection::DoScores(uint32_t /* round */,
                               const std::vector<WorkerFacts>& candidates,
                               fl::Random& /* random */)
{
    std::vector<double> scores;
    for (const auto& candidate : candidates)
    {
        scores.push_back(candidate.snr);
    }
    return scores;
}

} // namespace wfl
} // namespace ns3
