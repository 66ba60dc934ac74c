/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/double.h"
#include "ns3/wfl-availability-model.h"
#include "ns3/wfl-registry.h"

#include <vector>

namespace ns3
{
namespace wfl
{

/**
 * Workers are there once a day for a share of it, such as phones that charge at night. When that
 * is differs from worker to worker, within a spread.
 */
class DiurnalAvailability : public AvailabilityModel
{
  public:
    /** @return the TypeId */
    static TypeId GetTypeId();

    void Start(uint32_t workers, const fl::RunSeed& runSeed) override;
    Spell At(uint32_t worker, Time time) override;

  private:
    Time m_day;
    double m_share;
    double m_spread;
    std::vector<Time> m_begins; ///< by worker, when its first stay begins, up to a day before 0
};

WFL_REGISTER_AVAILABILITY(DiurnalAvailability, "diurnal");

TypeId
DiurnalAvailability::GetTypeId()
{
    static TypeId tid =
        TypeId("ns3::wfl::DiurnalAvailability")
            .SetParent<AvailabilityModel>()
            .SetGroupName("Wfl")
            .AddConstructor<DiurnalAvailability>()
            .AddAttribute("Day",
                          "From one stay to the next.",
                          TimeValue(Hours(24)),
                          MakeTimeAccessor(&DiurnalAvailability::m_day),
                          MakeTimeChecker(MicroSeconds(1)))
            .AddAttribute("Share",
                          "Share of the day for which a worker is there.",
                          DoubleValue(0.33),
                          MakeDoubleAccessor(&DiurnalAvailability::m_share),
                          MakeDoubleChecker<double>(0, 1))
            .AddAttribute("Spread",
                          "Share of the day over which the beginnings of stays are spread, from "
                          "the ready time on.",
                          DoubleValue(1),
                          MakeDoubleAccessor(&DiurnalAvailability::m_spread),
                          MakeDoubleChecker<double>(0, 1));
    return tid;
}

void
DiurnalAvailability::Start(uint32_t workers, const fl::RunSeed& runSeed)
{
    for (uint32_t worker = 0; worker < workers; ++worker)
    {
        fl::Random random(runSeed, fl::Purpose::AVAILABILITY, worker);
        m_begins.push_back(Seconds(m_day.GetSeconds() * m_spread * random.Uniform()) - m_day);
    }
}

Spell
DiurnalAvailability::At(uint32_t worker, Time time)
{
    const Time since = time - m_begins.at(worker);
    const int64_t day = since.GetNanoSeconds() / m_day.GetNanoSeconds();
    const Time begin = m_begins.at(worker) + m_day * day;
    const Time end = begin + Seconds(m_day.GetSeconds() * m_share);
    return time < end ? Spell{true, end} : Spell{false, begin + m_day};
}

} // namespace wfl
} // namespace ns3
