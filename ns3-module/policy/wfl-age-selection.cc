/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/wfl-registry.h"
#include "ns3/wfl-selection-policy.h"

#include <cmath>

namespace ns3
{
namespace wfl
{

/**
 * Those whose last update is oldest, in rounds, times the spectral efficiency log2(1 + SNR) that
 * their channel offers now where that is known (after the age of update of Yang et al.,
 * arXiv:1910.14648).
 */
class AgeSelection : public CountedSelection
{
  public:
    /** @return the TypeId */
    static TypeId GetTypeId();

    SelectionNeeds Needs() const override
    {
        return {true, false, false, true};
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

WFL_REGISTER_SELECTION(AgeSelection, "age");

TypeId
AgeSelection::GetTypeId()
{
    static TypeId tid = TypeId("ns3::wfl::AgeSelection")
                            .SetParent<CountedSelection>()
                            .SetGroupName("Wfl")
                            .AddConstructor<AgeSelection>();
    return tid;
}

std::vector<double>
AgeSelection::DoScores(uint32_t round,
                       const std::vector<WorkerFacts>& candidates,
                       fl::Random& /* random */)
{
    std::vector<double> scores;
    for (const auto& candidate : candidates)
    {
        const double age = candidate.lastHeard ? round - *candidate.lastHeard : round + 1.0;
        scores.push_back(age * (std::isnan(candidate.snr) ? 1 : std::log2(1 + candidate.snr)));
    }
    return scores;
}

} // namespace wfl
} // namespace ns3
