/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/wfl-part-conformance.h"

#include "ns3/energy-source.h"
#include "ns3/fl-parameters.h"
#include "ns3/rng-seed-manager.h"
#include "ns3/simulator.h"
#include "ns3/wfl-availability-model.h"
#include "ns3/wfl-compute-model.h"
#include "ns3/wfl-device-profile.h"
#include "ns3/wfl-harvest-model.h"
#include "ns3/wfl-registry.h"
#include "ns3/wfl-selection-policy.h"
#include "ns3/wfl-simulator-guard.h"

#include <algorithm>
#include <cmath>

namespace ns3
{
namespace wfl
{

namespace
{

using Violations = std::vector<Violation>;

constexpr uint32_t WORKERS = 12;
constexpr uint32_t ROUNDS = 200;

fl::RunSeed
CurrentSeed()
{
    return {RngSeedManager::GetSeed(), RngSeedManager::GetRun()};
}

std::string
RoundName(uint32_t round)
{
    return "round " + std::to_string(round);
}

// Selection policies

/** What a server may know of its workers in some round; some of them are there. */
std::vector<WorkerFacts>
MakeFacts(uint32_t round, fl::Random& random)
{
    std::vector<WorkerFacts> candidates;
    for (StationId worker = 0; worker < WORKERS; ++worker)
    {
        WorkerFacts facts;
        facts.worker = worker;
        facts.samples = 1 + random() % 1000;
        facts.snr = std::exp(3 * random.Normal());
        facts.meanSnr = std::exp(3 * random.Normal());
        if (round > 0 && random.Uniform() < 0.7)
        {
            facts.lastAsked = static_cast<uint32_t>(random() % round);
            facts.lastHeard = facts.lastAsked;
            facts.durationS = random.Exponential(1);
            facts.status = WorkerStatus{static_cast<float>(random.Exponential(1)),
                                        static_cast<float>(random.Exponential(1)),
                                        static_cast<float>(random.Uniform())};
        }
        if (random.Uniform() < 0.8)
        {
            candidates.push_back(facts);
        }
    }
    return candidates;
}

Ptr<SelectionPolicy>
MakePolicy(const std::string& text)
{
    const auto policy = TypeRegistry::Get("selection").Parse(text).Create<SelectionPolicy>();
    policy->Start(CurrentSeed());
    return policy;
}

Violations
CheckChoice(const std::string& text)
{
    Violations violations;
    const auto policy = MakePolicy(text);
    fl::Random random(CurrentSeed(), fl::Purpose::TEST);
    for (uint32_t round = 0; round < ROUNDS && violations.empty(); ++round)
    {
        const auto candidates = MakeFacts(round, random);
        const std::size_t count = random() % (WORKERS + 2);
        const auto chosen = policy->Select(round, candidates, count);
        const auto isCandidate = [&candidates](StationId worker)
        {
            return std::any_of(candidates.begin(),
                               candidates.end(),
                               [worker](const auto& c) { return c.worker == worker; });
        };
        if (chosen.size() != std::min(count, candidates.size()))
        {
            violations.push_back({"choice",
                                  "asked for " + std::to_string(count) + " of " +
                                      std::to_string(candidates.size()) + ", it chose " +
                                      std::to_string(chosen.size()),
                                  RoundName(round)});
        }
        else if (std::adjacent_find(chosen.begin(), chosen.end()) != chosen.end())
        {
            violations.push_back({"choice", "it chose a worker twice", RoundName(round)});
        }
        else if (!std::all_of(chosen.begin(), chosen.end(), isCandidate))
        {
            violations.push_back({"choice", "it chose who is no candidate", RoundName(round)});
        }
    }
    return violations;
}

Violations
CheckChoiceIsDetermined(const std::string& text)
{
    const auto policy = MakePolicy(text);
    const auto twin = MakePolicy(text);
    fl::Random random(CurrentSeed(), fl::Purpose::TEST);
    for (uint32_t round = 0; round < ROUNDS; ++round)
    {
        const auto candidates = MakeFacts(round, random);
        const std::size_t count = random() % (WORKERS + 2);
        if (policy->Select(round, candidates, count) != twin->Select(round, candidates, count))
        {
            return {{"determined", "with the same seed it chose others", RoundName(round)}};
        }
    }
    return {};
}

Violations
CheckCounts(const std::string& text)
{
    if (MakePolicy(text)->OverSelection() < 1)
    {
        return {{"counts", "it asks fewer workers than it needs", "OverSelection()"}};
    }
    return {};
}

// Availability models

Ptr<AvailabilityModel>
MakeAvailability(const std::string& text)
{
    const auto model = TypeRegistry::Get("availability").Parse(text).Create<AvailabilityModel>();
    model->Start(WORKERS, CurrentSeed());
    return model;
}

/** The first spells of a worker. */
std::vector<Spell>
SpellsOf(const Ptr<AvailabilityModel>& model, uint32_t worker)
{
    std::vector<Spell> spells;
    for (Time now; spells.size() < ROUNDS && now < Time::Max();)
    {
        spells.push_back(model->At(worker, now));
        if (spells.back().until <= now)
        {
            break;
        }
        now = spells.back().until;
    }
    return spells;
}

Violations
CheckSpells(const std::string& text)
{
    const auto model = MakeAvailability(text);
    for (uint32_t worker = 0; worker < WORKERS; ++worker)
    {
        Time now;
        for (const auto& spell : SpellsOf(model, worker))
        {
            if (spell.until <= now)
            {
                return {{"spells",
                         "a spell ends when it begins, or before",
                         "worker " + std::to_string(worker) + " at " +
                             fl::ShortText(now.GetSeconds()) + " s"}};
            }
            now = spell.until;
        }
    }
    return {};
}

Violations
CheckSpellsAreDetermined(const std::string& text)
{
    const auto forwards = MakeAvailability(text);
    const auto backwards = MakeAvailability(text);
    std::map<uint32_t, std::vector<Spell>> expected;
    for (uint32_t worker = 0; worker < WORKERS; ++worker)
    {
        expected[worker] = SpellsOf(forwards, worker);
    }
    for (uint32_t worker = WORKERS; worker-- > 0;)
    {
        const auto found = SpellsOf(backwards, worker);
        if (!std::equal(found.begin(),
                        found.end(),
                        expected[worker].begin(),
                        expected[worker].end(),
                        [](const Spell& a, const Spell& b)
                        { return a.available == b.available && a.until == b.until; }))
        {
            return {{"determined",
                     "with the same seed, but workers asked for in another order, it says "
                     "something else",
                     "worker " + std::to_string(worker)}};
        }
    }
    return {};
}

// Compute models

Ptr<ComputeModel>
MakeCompute(const std::string& text)
{
    const auto model = TypeRegistry::Get("compute").Parse(text).Create<ComputeModel>();
    model->Start(WORKERS, CurrentSeed());
    return model;
}

ComputeTask
MakeTask(uint32_t worker, uint32_t round, uint64_t samples, uint64_t coordinates)
{
    return {worker, round, 0, {1, samples, 1, coordinates}, coordinates, 1e6};
}

bool
IsPower(const std::optional<double>& powerW)
{
    return !powerW || (std::isfinite(*powerW) && *powerW >= 0);
}

Violations
CheckCosts(const std::string& text)
{
    const auto model = MakeCompute(text);
    for (uint32_t worker = 0; worker < WORKERS; ++worker)
    {
        for (uint32_t round = 0; round < ROUNDS; ++round)
        {
            const auto cost = model->Cost(MakeTask(worker, round, 1 + round, 100 * round));
            const auto where = "worker " + std::to_string(worker) + ", " + RoundName(round);
            for (const double phaseS : {cost.decodeS, cost.trainS, cost.encodeS})
            {
                if (!std::isfinite(phaseS) || phaseS < 0)
                {
                    return {{"costs", "a phase takes " + fl::ShortText(phaseS) + " s", where}};
                }
            }
            if (!IsPower(cost.trainW) || !IsPower(cost.codecW))
            {
                return {{"costs", "a power is negative or no number", where}};
            }
        }
    }
    return {};
}

Violations
CheckMoreTakesLonger(const std::string& text)
{
    const auto model = MakeCompute(text);
    for (uint32_t worker = 0; worker < WORKERS; ++worker)
    {
        const auto little = model->Cost(MakeTask(worker, 0, 10, 1000)).Duration();
        const auto much = model->Cost(MakeTask(worker, 0, 1000, 100000)).Duration();
        if (much < little)
        {
            return {{"monotone",
                     "a hundred times the work takes less time",
                     "worker " + std::to_string(worker)}};
        }
    }
    return {};
}

Violations
CheckCostsAreDetermined(const std::string& text)
{
    const auto model = MakeCompute(text);
    const auto twin = MakeCompute(text);
    for (uint32_t round = ROUNDS; round-- > 0;)
    {
        twin->Cost(MakeTask(0, round, 10, 1000));
    }
    for (uint32_t round = 0; round < ROUNDS; ++round)
    {
        const auto task = MakeTask(round % WORKERS, round, 10, 1000);
        if (model->Cost(task).Duration() != twin->Cost(task).Duration())
        {
            return {{"determined",
                     "with the same seed it takes another time, depending on what was asked "
                     "before",
                     RoundName(round)}};
        }
    }
    return {};
}

// Devices

Violations
CheckPowers(const std::string& text)
{
    const auto profile = TypeRegistry::Get("energy").Parse(text).Create<DeviceProfile>();
    Violations violations;
    const auto check = [&violations](const std::string& what, double value)
    {
        if (!std::isfinite(value) || value < 0)
        {
            violations.push_back({"powers", "is " + fl::ShortText(value), what});
        }
    };
    for (const auto state : {RadioState::IDLE,
                             RadioState::CCA_BUSY,
                             RadioState::RX,
                             RadioState::TX,
                             RadioState::SLEEP,
                             RadioState::OFF})
    {
        check("power of the radio", profile->RadioW(state));
    }
    check("voltage", profile->VoltageV());
    check("base load", profile->BaseW());
    check("power of training", profile->TrainW());
    check("power of the codec", profile->CodecW());
    check("energy of a frame", profile->FrameJ());
    for (const double energyJ : profile->BatteriesJ(WORKERS, CurrentSeed()))
    {
        check("battery", energyJ);
    }
    return violations;
}

Violations
CheckRadioOrder(const std::string& text)
{
    const auto profile = TypeRegistry::Get("energy").Parse(text).Create<DeviceProfile>();
    if (profile->RadioW(RadioState::OFF) != 0)
    {
        return {{"order", "a radio that is off uses energy", "power of the radio"}};
    }
    if (profile->RadioW(RadioState::SLEEP) > profile->RadioW(RadioState::IDLE))
    {
        return {{"order", "asleep it uses more than idle", "power of the radio"}};
    }
    return {};
}

// Harvest models

/** A battery that holds a little, of which some is missing, and counts what comes in. */
class CountingSource : public EnergySource
{
  public:
    double GetSupplyVoltage() const override
    {
        return 3;
    }

    double GetInitialEnergy() const override
    {
        return 1e9;
    }

    double GetRemainingEnergy() override
    {
        return 0;
    }

    double GetEnergyFraction() override
    {
        return 0;
    }

    void UpdateEnergySource() override {}
};

/** @return what a model charges an empty battery with until each of some moments, in joules */
std::vector<double>
ChargesOf(const std::string& text)
{
    const SimulatorGuard guard;
    const auto source = CreateObject<CountingSource>();
    const auto model = TypeRegistry::Get("harvest").Parse(text).Create<HarvestModel>();
    model->Start(3, CurrentSeed(), source, {});
    std::vector<double> chargesJ;
    for (uint32_t i = 1; i <= ROUNDS; ++i)
    {
        Simulator::Schedule(Seconds(7 * i),
                            [model, &chargesJ]
                            {
                                model->GetPower();
                                chargesJ.push_back(model->ChargedJ());
                            });
    }
    Simulator::Run();
    return chargesJ;
}

Violations
CheckCharges(const std::string& text)
{
    double beforeJ = 0;
    for (const double chargedJ : ChargesOf(text))
    {
        if (!std::isfinite(chargedJ) || chargedJ < beforeJ)
        {
            return {{"charges", "energy flows back, or is no number", text}};
        }
        beforeJ = chargedJ;
    }
    return {};
}

Violations
CheckChargesAreDetermined(const std::string& text)
{
    if (ChargesOf(text) != ChargesOf(text))
    {
        return {{"determined", "with the same seed it charges differently", text}};
    }
    return {};
}

} // namespace

const std::map<std::string, std::vector<PartCheck>>&
PartChecks()
{
    static const std::map<std::string, std::vector<PartCheck>> checks{
        {"selection",
         {{"choice", "chooses as many candidates as it is asked for, none twice", CheckChoice},
          {"counts", "asks at least as many as it needs", CheckCounts},
          {"determined", "chooses the same again with the same seed", CheckChoiceIsDetermined}}},
        {"availability",
         {{"spells", "every spell ends after it has begun", CheckSpells},
          {"determined",
           "the spells of a worker depend on the seed alone",
           CheckSpellsAreDetermined}}},
        {"compute",
         {{"costs", "times and powers are numbers, none negative", CheckCosts},
          {"monotone", "more work does not take less time", CheckMoreTakesLonger},
          {"determined", "a cost depends on task and seed alone", CheckCostsAreDetermined}}},
        {"energy",
         {{"powers", "powers and batteries are numbers, none negative", CheckPowers},
          {"order", "sleeping takes no more than listening, being off nothing", CheckRadioOrder}}},
        {"harvest",
         {{"charges", "energy flows into the battery only", CheckCharges},
          {"determined", "what it offers depends on the seed alone", CheckChargesAreDetermined}}}};
    return checks;
}

std::vector<Violation>
CheckPart(const std::string& kind, const std::string& text)
{
    std::vector<Violation> violations;
    for (const auto& check : PartChecks().at(kind))
    {
        const auto found = check.examine(text);
        violations.insert(violations.end(), found.begin(), found.end());
    }
    return violations;
}

} // namespace wfl
} // namespace ns3
