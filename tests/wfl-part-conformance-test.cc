/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

/** The checks of parts: everything that is registered passes, and faulty parts are found out. */

#include "ns3/wfl-part-conformance.h"

#include "ns3/wfl-availability-model.h"
#include "ns3/wfl-compute-model.h"
#include "ns3/wfl-device-profile.h"
#include "ns3/wfl-harvest-model.h"
#include "ns3/wfl-selection-policy.h"

#include "fl-temp-folder.h"
#include "wfl-test-helpers.h"

#include <fstream>
#include <gtest/gtest.h>

namespace ns3::wfl
{

namespace
{

using test::CleanState;

/** Defines a class of ns-3 with its TypeId, without attributes. */
#define FAULTY(name, base)                                                                         \
    class name : public base                                                                       \
    {                                                                                              \
      public:                                                                                      \
        static TypeId GetTypeId()                                                                  \
        {                                                                                          \
            static TypeId tid =                                                                    \
                TypeId("ns3::wfl::" #name).SetParent<base>().AddConstructor<name>();               \
            return tid;                                                                            \
        }                                                                                          \
                                                                                                   \
      private:

FAULTY(GreedySelection, CountedSelection)
bool
IsTimeless() const override
{
    return true;
}

std::vector<StationId>
DoSelect(uint32_t /* round */,
         const std::vector<WorkerFacts>& candidates,
         std::size_t count,
         fl::Random& /* random */) override
{
    return std::vector<StationId>(count, candidates[0].worker);
}
};

/** Draws from a generator that all objects share. */
FAULTY(MoodySelection, CountedSelection)
bool
IsTimeless() const override
{
    return true;
}

std::vector<double>
DoScores(uint32_t /* round */,
         const std::vector<WorkerFacts>& candidates,
         fl::Random& /* random */) override
{
    static double mood = 0;
    mood = mood < 1000 ? mood * 3 + 1 : 0.3;
    std::vector<double> scores;
    for (const auto& candidate : candidates)
    {
        scores.push_back(std::fmod(mood * (candidate.worker + 1), 7));
    }
    return scores;
}
};

FAULTY(EndlessAvailability, AvailabilityModel)
Spell
At(uint32_t /* worker */, Time time) override
{
    return {true, time};
}
}
;

/** Whoever is asked for first comes first. */
FAULTY(QueueAvailability, AvailabilityModel)
Spell
At(uint32_t /* worker */, Time time) override
{
    ++m_asked;
    return {m_asked % 7 < 3, time + Seconds(1)};
}

uint32_t m_asked{0};
}
;

FAULTY(RewardingCompute, ComputeModel)
ComputeCost
DoCost(const ComputeTask& task) const override
{
    return {0, 1.0 / task.work.samples, 0, {}, {}, false};
}
}
;

FAULTY(PromisingCompute, ComputeModel)
ComputeCost
DoCost(const ComputeTask& /* task */) const override
{
    return {0, 1, 0, -1.0, {}, false};
}
}
;

FAULTY(TiringCompute, ComputeModel)
ComputeCost
DoCost(const ComputeTask& /* task */) const override
{
    return {0, 1.0 + ++m_done, 0, {}, {}, false};
}

mutable uint32_t m_done{0};
}
;

FAULTY(LeakyHarvest, HarvestModel)
double
DoPowerW(Time time, fl::Random& /* random */) const override
{
    return time > Seconds(100) ? std::nan("") : 1;
}
}
;

#undef FAULTY

const TypeRegistration<GreedySelection> g_greedy("selection", "test-greedy");
const TypeRegistration<MoodySelection> g_moody("selection", "test-moody");
const TypeRegistration<EndlessAvailability> g_endless("availability", "test-endless");
const TypeRegistration<QueueAvailability> g_queue("availability", "test-queue");
const TypeRegistration<RewardingCompute> g_rewarding("compute", "test-rewarding");
const TypeRegistration<PromisingCompute> g_promising("compute", "test-promising");
const TypeRegistration<TiringCompute> g_tiring("compute", "test-tiring");
const TypeRegistration<LeakyHarvest> g_leaky("harvest", "test-leaky");
const TypeRegistration<DeviceProfile> g_sleepless("energy", "test-sleepless", {{"SleepA", "1"}});

/** @return the names of the checks that found something */
std::vector<std::string>
Failed(const std::string& kind, const std::string& text)
{
    std::vector<std::string> failed;
    for (const auto& violation : CheckPart(kind, text))
    {
        EXPECT_FALSE(violation.what.empty());
        EXPECT_FALSE(violation.where.empty());
        failed.push_back(violation.check);
    }
    return failed;
}

using Checks = std::vector<std::string>;

} // namespace

TEST(WflPartConformance, EverythingRegistered)
{
    const CleanState clean;
    const test::TempFolder folder;
    std::ofstream(folder / "trace.csv") << "time_s,worker,available\n2,0,0\n5,0,1\n3,1,1\n";
    for (const auto& [kind, checks] : PartChecks())
    {
        for (const auto& [name, entry] : TypeRegistry::Get(kind).Entries())
        {
            if (name.rfind("test-", 0) == 0)
            {
                continue;
            }
            SCOPED_TRACE(kind + " " + name);
            const bool needsFile = kind == "availability" && name == "trace";
            const auto text = needsFile ? name + "[File=" + folder / "trace.csv" + "]" : name;
            EXPECT_EQ(Failed(kind, text), Checks{});
        }
    }
}

TEST(WflPartConformance, FaultyPartsAreFoundOut)
{
    const CleanState clean;
    EXPECT_EQ(Failed("selection", "test-greedy"), (Checks{"choice"}));
    EXPECT_EQ(Failed("selection", "test-moody"), (Checks{"determined"}));
    EXPECT_EQ(Failed("availability", "test-endless"), (Checks{"spells"}));
    EXPECT_EQ(Failed("availability", "test-queue"), (Checks{"determined"}));
    EXPECT_EQ(Failed("compute", "test-rewarding"), (Checks{"monotone"}));
    EXPECT_EQ(Failed("compute", "test-promising"), (Checks{"costs"}));
    EXPECT_EQ(Failed("compute", "test-tiring"), (Checks{"determined"}));
    EXPECT_EQ(Failed("harvest", "test-leaky").front(), "charges");
    EXPECT_EQ(Failed("energy", "test-sleepless"), (Checks{"order"}));
}

TEST(WflPartConformance, OnTheCommandLine)
{
    auto result = test::CallScenario({"--check=selection:oort[Count=3]"});
    EXPECT_EQ(result.code, 0) << result.err;
    EXPECT_NE(result.out.find("ok         choice: "), std::string::npos);
    result = test::CallScenario({"--check=compute:flops[Speed=x]"});
    EXPECT_EQ(result.code, 2);
    result = test::CallScenario({"--check=list"});
    for (const std::string line : {"channel, ready: ", "selection, choice: ", "harvest, charges: "})
    {
        EXPECT_NE(result.out.find(line), std::string::npos) << line;
    }
}

} // namespace ns3::wfl
