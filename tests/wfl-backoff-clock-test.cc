/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

/** Backoffs by a clock against backoffs that are counted down one by one. */

#include "ns3/wfl-backoff-clock.h"

#include <algorithm>
#include <gtest/gtest.h>
#include <map>
#include <set>
#include <vector>

namespace ns3::wfl
{

namespace
{

/** Every station's own counter, moved on by microseconds. */
class CountedBackoffs
{
  public:
    CountedBackoffs(int64_t slotUs, bool isEdca)
        : m_slotUs(slotUs),
          m_isEdca(isEdca)
    {
    }

    struct Counter
    {
        int64_t slots;
        int64_t delayUs{0};
        bool contends{false};
    };

    std::map<StationId, Counter> counters;

    /** Lets time pass until somebody begins. @return how long, and who */
    std::pair<int64_t, std::set<StationId>> Run()
    {
        std::map<StationId, int64_t> left;
        for (const auto& [station, counter] : counters)
        {
            left[station] = counter.slots;
        }
        for (int64_t us = 0;; ++us)
        {
            std::set<StationId> winners;
            for (auto& [station, counter] : counters)
            {
                const int64_t own = us - counter.delayUs;
                if (own < 0 || own % m_slotUs != 0)
                {
                    continue;
                }
                // At the boundary: begin, or count down; an own slot lies behind unless it is the
                // first.
                if (own > 0)
                {
                    left[station] = std::max<int64_t>(0, left[station] - 1);
                }
                if (counter.contends && left[station] == 0)
                {
                    winners.insert(station);
                }
            }
            if (!winners.empty())
            {
                Freeze(us, left);
                return {us, winners};
            }
        }
    }

  private:
    /** The medium is in use from now on. */
    void Freeze(int64_t us, const std::map<StationId, int64_t>& left)
    {
        for (auto& [station, counter] : counters)
        {
            // With EDCA the end of the AIFS counts, so everybody who has got so far has one less.
            const bool hasBegun = us >= counter.delayUs;
            counter.slots = std::max<int64_t>(0, left.at(station) - (m_isEdca && hasBegun));
            counter.delayUs = 0;
        }
    }

    int64_t m_slotUs;
    bool m_isEdca;
};

} // namespace

/** Thousands of transmissions by some of thirty stations, with delays, arrivals and departures. */
TEST(WflBackoffClock, AgreesWithCounters)
{
    constexpr int64_t slotUs = 9;
    for (const bool isEdca : {true, false})
    {
        BackoffClock clock(MicroSeconds(slotUs), isEdca);
        CountedBackoffs counted(slotUs, isEdca);
        fl::Random random({3, 1}, fl::Purpose::TEST, isEdca);
        const auto set = [&](StationId station, int64_t delayUs)
        {
            const uint32_t slots = random.Below(32);
            clock.Set(station, slots, MicroSeconds(delayUs));
            counted.counters[station] = {slots, delayUs, false};
        };
        const auto enter = [&](StationId station)
        {
            clock.Enter(station, Time());
            counted.counters.at(station).contends = true;
        };
        for (StationId station = 0; station < 30; ++station)
        {
            set(station, 0);
            enter(station);
        }
        for (int i = 0; i < 3000; ++i)
        {
            SCOPED_TRACE(i);
            const auto [us, winners] = counted.Run();
            ASSERT_EQ(clock.FirstTime(), MicroSeconds(us));
            const auto first = clock.First();
            ASSERT_EQ(std::set<StationId>(first.begin(), first.end()), winners);
            for (const StationId station : first)
            {
                clock.Leave(station);
            }
            clock.Elapse(MicroSeconds(us));
            for (const StationId station : winners)
            {
                // Colliders wait for an answer, a whole number of slots or not.
                set(station, winners.size() > 1 ? 45 + random.Below(3) : 0);
                if (random.Below(4) > 0)
                {
                    enter(station);
                }
            }
            for (auto& [station, counter] : counted.counters)
            {
                EXPECT_EQ(clock.Remaining(station), counter.slots);
                if (!counter.contends && random.Below(4) == 0)
                {
                    enter(station);
                }
                else if (counter.contends && counter.delayUs == 0 && winners.size() > 1 &&
                         random.Below(2) == 0)
                {
                    clock.Delay(station, MicroSeconds(60));
                    counter.delayUs = 60;
                }
            }
            if (clock.IsEmpty())
            {
                enter(*winners.begin());
            }
            ASSERT_FALSE(HasFailure());
        }
    }
}

/** Who comes while the medium is idle begins at the next boundary of a slot. */
TEST(WflBackoffClock, EntersAtABoundary)
{
    BackoffClock clock(MicroSeconds(9), true);
    EXPECT_TRUE(clock.IsEmpty());
    clock.Enter(1, MicroSeconds(-20));
    EXPECT_EQ(clock.FirstTime(), Time());
    clock.Leave(1);
    clock.Enter(2, MicroSeconds(1));
    EXPECT_EQ(clock.FirstTime(), MicroSeconds(9));
    clock.Leave(2);
    clock.Enter(3, MicroSeconds(18));
    EXPECT_EQ(clock.FirstTime(), MicroSeconds(27));
    EXPECT_TRUE(clock.Contends(3));
    EXPECT_FALSE(clock.Contends(2));
    // A backoff that still counts is not shortened.
    clock.Set(4, 10);
    clock.Enter(4, MicroSeconds(1));
    clock.Leave(3);
    EXPECT_EQ(clock.FirstTime(), MicroSeconds(90));
    EXPECT_EQ(clock.Contenders(), std::vector<StationId>{4});
}

} // namespace ns3::wfl
