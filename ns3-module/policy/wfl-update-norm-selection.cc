/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/wfl-registry.h"
#include "ns3/wfl-selection-policy.h"

#include <limits>

namespace ns3
{
namespace wfl
{

/**
 * Those whose last update was longest (after Amiri et al., arXiv:2001.10402, whose workers all
 * compute and tell the length of the update that they would send; here it is that of the last
 * update that a worker has sent, so that only those compute who are asked). Who has sent none comes
 * first.
 */
class UpdateNormSelection : public CountedSelection
{
  public:
    /** @return the TypeId */
    static TypeId GetTypeId();

    SelectionNeeds Needs() const override
    {
        return {false, true, false};
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

WFL_REGISTER_SELECTION(UpdateNormSelection, "update-norm");

TypeId
UpdateNormSelection::GetTypeId()
{
    static TypeId tid = TypeId("ns3::wfl::UpdateNormSelection")
                            .SetParent<CountedSelection>()
                            .SetGroupName("Wfl")
                            .AddConstructor<UpdateNormSelection>();
    return tid;
}

std::vector<double>
UpdateNormSelection::DoScores(uint32_t /* round */,
                              const std::vector<WorkerFacts>& candidates,
                              fl::Random& /* random */)
{
    constexpr double first = std::numeric_limits<double>::infinity();
    std::vector<double> scores;
    for (const auto& candidate : candidates)
    {
        scores.push_back(candidate.status ? candidate.status->updateNorm : first);
    }
    return scores;
}

} // namespace wfl
} // namespace ns3
