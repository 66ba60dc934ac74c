/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/string.h"
#include "ns3/wfl-availability-model.h"
#include "ns3/wfl-registry.h"
#include "ns3/wfl-trace-file.h"

#include <vector>

namespace ns3
{
namespace wfl
{

/**
 * Availability from a CSV file `time_s,worker,available`: from that time on a worker is there (1)
 * or not (0). Before its first row a worker is the opposite of what that row says; without rows it
 * is always there. Times of a worker ascend.
 */
class TraceAvailability : public AvailabilityModel
{
  public:
    /** @return the TypeId */
    static TypeId GetTypeId();

    void Start(uint32_t workers, const fl::RunSeed& runSeed) override;
    Spell At(uint32_t worker, Time time) override;

  private:
    /** From some time on. */
    struct Change
    {
        Time from;
        bool available;
    };

    std::string m_path;
    Time m_repeat;
    std::vector<std::vector<Change>> m_changes; ///< by worker
};

WFL_REGISTER_AVAILABILITY(TraceAvailability, "trace");

TypeId
TraceAvailability::GetTypeId()
{
    static TypeId tid = TypeId("ns3::wfl::TraceAvailability")
                            .SetParent<AvailabilityModel>()
                            .SetGroupName("Wfl")
                            .AddConstructor<TraceAvailability>()
                            .AddAttribute("File",
                                          "CSV file time_s,worker,available.",
                                          StringValue(""),
                                          MakeStringAccessor(&TraceAvailability::m_path),
                                          MakeStringChecker())
                            .AddAttribute("Repeat",
                                          "Time after which the file begins anew; 0 for never.",
                                          TimeValue(Seconds(0)),
                                          MakeTimeAccessor(&TraceAvailability::m_repeat),
                                          MakeTimeChecker(Seconds(0)));
    return tid;
}

void
TraceAvailability::Start(uint32_t workers, const fl::RunSeed& /* runSeed */)
{
    m_changes.resize(workers);
    TraceFile file(m_path, "time_s,worker,available", "--availability=trace, File");
    while (file.Next())
    {
        const double timeS = file.Real(0);
        const uint32_t worker = file.Whole(1);
        const auto& available = file.Text(2);
        constexpr double latestS = 9e9;
        if (!(timeS >= 0 && timeS < latestS))
        {
            file.Refuse("time_s " + file.Text(0) + " is not from 0 to 9e9");
        }
        if (available != "0" && available != "1")
        {
            file.Refuse("available " + available + " is neither 0 nor 1");
        }
        if (worker >= workers)
        {
            continue;
        }
        auto& changes = m_changes[worker];
        if (!changes.empty() && Seconds(timeS) <= changes.back().from)
        {
            file.Refuse("time_s " + file.Text(0) + " of worker " + std::to_string(worker) +
                        " does not ascend");
        }
        if (m_repeat.IsStrictlyPositive() && Seconds(timeS) >= m_repeat)
        {
            file.Refuse("time_s " + file.Text(0) + " is not before the file begins anew (Repeat)");
        }
        changes.push_back({Seconds(timeS), available == "1"});
    }
}

Spell
TraceAvailability::At(uint32_t worker, Time time)
{
    const auto& changes = m_changes.at(worker);
    if (changes.empty())
    {
        return {true, Time::Max()};
    }
    const int64_t pass = m_repeat.IsZero() ? 0 : time.GetNanoSeconds() / m_repeat.GetNanoSeconds();
    const Time begin = m_repeat * pass;
    // Repeated, the end of the file leads to its beginning.
    bool available = pass == 0 ? !changes.front().available : changes.back().available;
    for (const auto& change : changes)
    {
        if (time < begin + change.from)
        {
            return {available, begin + change.from};
        }
        available = change.available;
    }
    return {available, m_repeat.IsZero() ? Time::Max() : begin + m_repeat};
}

} // namespace wfl
} // namespace ns3
