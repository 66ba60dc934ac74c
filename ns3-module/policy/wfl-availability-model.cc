/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/wfl-availability-model.h"

#include "ns3/wfl-registry.h"

namespace ns3
{
namespace wfl
{

NS_OBJECT_ENSURE_REGISTERED(AvailabilityModel);

TypeId
AvailabilityModel::GetTypeId()
{
    static TypeId tid =
        TypeId("ns3::wfl::AvailabilityModel").SetParent<Object>().SetGroupName("Wfl");
    return tid;
}

void
AvailabilityModel::Start(uint32_t /* workers */, const fl::RunSeed& /* runSeed */)
{
}

namespace
{

/** All workers are there all the time. */
class AlwaysAvailable : public AvailabilityModel
{
  public:
    /** @return the TypeId */
    static TypeId GetTypeId()
    {
        static TypeId tid = TypeId("ns3::wfl::AlwaysAvailable")
                                .SetParent<AvailabilityModel>()
                                .SetGroupName("Wfl")
                                .AddConstructor<AlwaysAvailable>();
        return tid;
    }

    Spell At(uint32_t /* worker */, Time /* time */) override
    {
        return {true, Time::Max()};
    }
};

WFL_REGISTER_AVAILABILITY(AlwaysAvailable, "always");

} // namespace

} // namespace wfl
} // namespace ns3
