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
 * Those whose signal-to-noise ratio is highest beside their own mean until now (Yang et al.,
 * arXiv:1908.06287, section III-A): good moments count, not good places.
 */
class ProportionalFairSelection : public CountedSelection
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

WFL_REGISTER_SELECTION(ProportionalFairSelection, "proportional-fair");

TypeId
ProportionalFairSelection::GetTypeId()
{
    static TypeId tid = TypeId("ns3::wfl::ProportionalFairSelection")
                            .SetParent<CountedSelection>()
                            .SetGroupName("Wfl")
                            .AddConstructor<ProportionalFairSelection>();
    return tid;
}

std::vector<double>
ProportionalFairSelection::DoScores(uint32_t /* round */,
                                    const std::vector<WorkerFacts>& candidates,
                                    fl::Random& /* random */)
{
    std::vector<double> scores;
    for (const auto& candidate : candidates)
    {
        scores.push_back(candidate.snr / candidate.meanSnr);
    }
    return scores;
}

} // namespace wfl
} // namespace ns3
