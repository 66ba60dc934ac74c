/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/nstime.h"
#include "ns3/wfl-availability-model.h"
#include "ns3/wfl-registry.h"

#include <algorithm>
#include <vector>

namespace ns3
{
namespace wfl
{

/**
 * Workers come and go: stays and absences have exponential lengths. At the beginning a worker is
 * there with the probability that it has in the long run.
 */
class OnOffAvailability : public AvailabilityModel
{
  public:
    /** @return the TypeId */
    static TypeId GetTypeId();

    void Start(uint32_t workers, const fl::RunSeed& runSeed) override;
    Spell At(uint32_t worker, Time time) override;

  private:
    /** What a worker does, and how long yet. */
    struct State
    {
        fl::Random random;
        Spell spell;
    };

    Time Length(State& state) const;

    Time m_meanOn;
    Time m_meanOff;
    std::vector<State> m_states; ///< by worker
};

WFL_REGISTER_AVAILABILITY(OnOffAvailability, "on-off");

TypeId
OnOffAvailability::GetTypeId()
{
    static TypeId tid = TypeId("ns3::wfl::OnOffAvailability")
                            .SetParent<AvailabilityModel>()
                            .SetGroupName("Wfl")
                            .AddConstructor<OnOffAvailability>()
                            .AddAttribute("MeanOn",
                                          "Mean length of a stay.",
                                          TimeValue(Seconds(600)),
                                          MakeTimeAccessor(&OnOffAvailability::m_meanOn),
                                          MakeTimeChecker(MicroSeconds(1)))
                            .AddAttribute("MeanOff",
                                          "Mean length of an absence.",
                                          TimeValue(Seconds(600)),
                                          MakeTimeAccessor(&OnOffAvailability::m_meanOff),
                                          MakeTimeChecker(MicroSeconds(1)));
    return tid;
}

void
OnOffAvailability::Start(uint32_t workers, const fl::RunSeed& runSeed)
{
    const double shareOn = m_meanOn.GetSeconds() / (m_meanOn + m_meanOff).GetSeconds();
    for (uint32_t worker = 0; worker < workers; ++worker)
    {
        State state{fl::Random(runSeed, fl::Purpose::AVAILABILITY, worker), {false, Time()}};
        state.spell.available = state.random.Uniform() < shareOn;
        state.spell.until = Length(state);
        m_states.push_back(state);
    }
}

/** @return the length of the spell that has begun */
Time
OnOffAvailability::Length(State& state) const
{
    const Time mean = state.spell.available ? m_meanOn : m_meanOff;
    return std::max(Seconds(state.random.Exponential(mean.GetSeconds())), NanoSeconds(1));
}

Spell
OnOffAvailability::At(uint32_t worker, Time time)
{
    auto& state = m_states.at(worker);
    while (state.spell.until <= time)
    {
        state.spell.available = !state.spell.available;
        state.spell.until += Length(state);
    }
    return state.spell;
}

} // namespace wfl
} // namespace ns3
