/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/double.h"
#include "ns3/wfl-availability-model.h"
#include "ns3/wfl-registry.h"

namespace ns3
{
namespace wfl
{

/** In each period a worker is there with some probability, independently of all others. */
class BernoulliAvailability : public AvailabilityModel
{
  public:
    /** @return the TypeId */
    static TypeId GetTypeId();

    void Start(uint32_t workers, const fl::RunSeed& runSeed) override;
    Spell At(uint32_t worker, Time time) override;

  private:
    double m_probability;
    Time m_period;
    fl::RunSeed m_runSeed;
};

WFL_REGISTER_AVAILABILITY(BernoulliAvailability, "bernoulli");

TypeId
BernoulliAvailability::GetTypeId()
{
    static TypeId tid = TypeId("ns3::wfl::BernoulliAvailability")
                            .SetParent<AvailabilityModel>()
                            .SetGroupName("Wfl")
                            .AddConstructor<BernoulliAvailability>()
                            .AddAttribute("P",
                                          "Probability that a worker is there.",
                                          DoubleValue(0.5),
                                          MakeDoubleAccessor(&BernoulliAvailability::m_probability),
                                          MakeDoubleChecker<double>(0, 1))
                            .AddAttribute("Period",
                                          "Time after which it is drawn again.",
                                          TimeValue(Seconds(60)),
                                          MakeTimeAccessor(&BernoulliAvailability::m_period),
                                          MakeTimeChecker(MicroSeconds(1)));
    return tid;
}

void
BernoulliAvailability::Start(uint32_t /* workers */, const fl::RunSeed& runSeed)
{
    m_runSeed = runSeed;
}

Spell
BernoulliAvailability::At(uint32_t worker, Time time)
{
    const int64_t period = time.GetNanoSeconds() / m_period.GetNanoSeconds();
    fl::Random random(m_runSeed, fl::Purpose::AVAILABILITY, worker, static_cast<uint32_t>(period));
    return {random.Uniform() < m_probability, m_period * (period + 1)};
}

} // namespace wfl
} // namespace ns3
