/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/fl-error.h"
#include "ns3/fl-parameters.h"
#include "ns3/string.h"
#include "ns3/wfl-distribution.h"
#include "ns3/wfl-harvest-model.h"
#include "ns3/wfl-registry.h"

namespace ns3
{
namespace wfl
{

/** Power that is drawn anew for each interval. */
class RandomHarvest : public HarvestModel
{
  public:
    /** @return the TypeId */
    static TypeId GetTypeId();

  private:
    double DoPowerW(Time time, fl::Random& random) const override;

    std::string m_power;
};

WFL_REGISTER_HARVEST(RandomHarvest, "random");

TypeId
RandomHarvest::GetTypeId()
{
    static TypeId tid = TypeId("ns3::wfl::RandomHarvest")
                            .SetParent<HarvestModel>()
                            .SetGroupName("Wfl")
                            .AddConstructor<RandomHarvest>()
                            .AddAttribute("PowerW",
                                          "Power in watts: " + Distribution::Forms() + ".",
                                          StringValue("uniform:0:2"),
                                          MakeStringAccessor(&RandomHarvest::m_power),
                                          MakeStringChecker());
    return tid;
}

double
RandomHarvest::DoPowerW(Time /* time */, fl::Random& random) const
{
    const std::string where = "--harvest=random, PowerW";
    const double powerW = Distribution(m_power, where).Draw(random);
    if (powerW < 0)
    {
        throw fl::UserError(where + ": a draw gave " + fl::ShortText(powerW) +
                            " W, which must not be negative");
    }
    return powerW;
}

} // namespace wfl
} // namespace ns3
