/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/wfl-battery.h"

#include "ns3/double.h"
#include "ns3/fl-error.h"
#include "ns3/simulator.h"
#include "ns3/string.h"
#include "ns3/wfl-registry.h"

#include <algorithm>
#include <string>
#include <tuple>

namespace ns3
{
namespace wfl
{

NS_OBJECT_ENSURE_REGISTERED(Battery);

namespace
{

/**
 * Makes the energy sources of ns-3 available as --battery=name, as far as this release has them.
 * ns-3's BasicEnergySource counts as empty at 10 % unless told otherwise.
 */
struct Sources
{
    Sources()
    {
        auto& registry = TypeRegistry::Get("battery");
        registry.SetBase(EnergySource::GetTypeId());
        const std::vector<std::tuple<std::string, std::string, TypeRegistry::Presets>> sources{
            {"basic",
             "ns3::BasicEnergySource",
             {{"BasicEnergyLowBatteryThreshold", "1e-6"}, {"PeriodicEnergyUpdateInterval", "10s"}}},
            {"li-ion", "ns3::LiIonEnergySource", {}},
            {"rv", "ns3::RvBatteryModel", {}}};
        for (const auto& [name, type, presets] : sources)
        {
            TypeId tid;
            if (TypeId::LookupByNameFailSafe(type, &tid))
            {
                registry.Add(name, tid, presets);
            }
        }
    }
};

const Sources g_sources;

/** Difference between two looks at least, as a share of the energy of a full battery. */
constexpr double LEAST_SHARE = 1e-6;

/** @return an attribute of a source, 0 if it has none of any of these names */
double
ReadShare(Ptr<const EnergySource> source, const std::vector<std::string>& names)
{
    DoubleValue value(0);
    for (const auto& name : names)
    {
        if (source->GetAttributeFailSafe(name, value))
        {
            return value.Get();
        }
    }
    return 0;
}

/** @return the share of its energy at which a source counts as empty */
double
EmptyShareOf(Ptr<const EnergySource> source)
{
    return ReadShare(source,
                     {"BasicEnergyLowBatteryThreshold",
                      "LiIonEnergyLowBatteryThreshold",
                      "RvBatteryModelLowBatteryThreshold"});
}

} // namespace

/** A load that draws nothing and hears what becomes of the source. */
class Battery::Watch : public DeviceEnergyModel
{
  public:
    /** @param battery whom to tell */
    explicit Watch(Battery* battery)
        : m_battery(battery)
    {
    }

    void SetEnergySource(Ptr<EnergySource> /* source */) override {}

    double GetTotalEnergyConsumption() const override
    {
        return 0;
    }

    void ChangeState(int /* newState */) override {}

    // A source tells in the midst of its update, which switching things off would begin again.

    void HandleEnergyDepletion() override
    {
        Simulator::ScheduleNow(&Battery::NoteEmpty, m_battery);
    }

    void HandleEnergyRecharged() override
    {
        Simulator::ScheduleNow(&Battery::NoteCharged, m_battery);
    }

    void HandleEnergyChanged() override {}

  private:
    Battery* m_battery;
};

TypeId
Battery::GetTypeId()
{
    static TypeId tid = TypeId("ns3::wfl::Battery")
                            .SetParent<Object>()
                            .SetGroupName("Wfl")
                            .AddConstructor<Battery>();
    return tid;
}

Battery::Battery() = default;

Battery::~Battery() = default;

void
Battery::DoDispose()
{
    m_look.Cancel();
    m_loads.clear();
    m_empty = nullptr;
    m_charged = nullptr;
    if (m_source)
    {
        m_source->Dispose();
        m_source = nullptr;
    }
    Object::DoDispose();
}

void
Battery::Check(Ptr<EnergySource> source)
{
    if (!(source->GetInitialEnergy() > 0))
    {
        throw fl::UserError("--battery: a full battery must hold some energy, not " +
                            std::to_string(source->GetInitialEnergy()) + " J");
    }
    const double emptyShare = EmptyShareOf(source);
    if (!(emptyShare >= 0 && emptyShare < 1))
    {
        throw fl::UserError("--battery: the low threshold, " + std::to_string(emptyShare) +
                            ", is no share of a full battery below 1");
    }
    DoubleValue charged;
    if (source->GetAttributeFailSafe("BasicEnergyHighBatteryThreshold", charged) &&
        !(charged.Get() > emptyShare))
    {
        throw fl::UserError("--battery: BasicEnergyHighBatteryThreshold, " +
                            std::to_string(charged.Get()) +
                            ", at which a battery counts as charged again, must be above "
                            "BasicEnergyLowBatteryThreshold, " +
                            std::to_string(emptyShare) + ", at which it counts as empty");
    }
}

void
Battery::Start(Ptr<EnergySource> source,
               const std::vector<Ptr<EnergyLoad>>& loads,
               std::function<void()> empty,
               std::function<void()> charged)
{
    m_source = source;
    m_loads = loads;
    m_empty = empty;
    m_charged = charged;
    m_emptyShare = EmptyShareOf(source);
    for (const auto& load : loads)
    {
        source->AppendDeviceEnergyModel(load);
        load->SetEnergySource(source);
    }
    source->AppendDeviceEnergyModel(Create<Watch>(this));
    source->Initialize();
    Look();
}

void
Battery::Look()
{
    m_look.Cancel();
    m_source->UpdateEnergySource();
    if (m_isEmpty)
    {
        return;
    }
    double powerW = 0;
    for (const auto& load : m_loads)
    {
        powerW += load->HighestW();
    }
    if (powerW <= 0)
    {
        return;
    }
    const double fullJ = m_source->GetInitialEnergy();
    const double leastJ = std::max(RemainingJ() - m_emptyShare * fullJ, LEAST_SHARE / 2 * fullJ);
    constexpr double longestS = 1e6;
    const Time wait = std::max(Seconds(std::min(leastJ / powerW, longestS)), MicroSeconds(1));
    m_look = Simulator::Schedule(wait, &Battery::Look, this);
}

double
Battery::RemainingJ() const
{
    return std::max(m_source->GetRemainingEnergy(), 0.0);
}

double
Battery::RemainingShare() const
{
    return RemainingJ() / m_source->GetInitialEnergy();
}

void
Battery::NoteEmpty()
{
    if (!m_isEmpty)
    {
        m_isEmpty = true;
        m_empty();
    }
}

void
Battery::NoteCharged()
{
    if (m_isEmpty)
    {
        m_isEmpty = false;
        m_charged();
        Look();
    }
}

} // namespace wfl
} // namespace ns3
