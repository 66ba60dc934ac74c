/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/wfl-compute-model.h"
#include "ns3/wfl-registry.h"

namespace ns3
{
namespace wfl
{

/** Every computation takes the same time, whatever the work. */
class ConstantCompute : public ComputeModel
{
  public:
    /** @return the TypeId */
    static TypeId GetTypeId();

  private:
    ComputeCost DoCost(const ComputeTask& task) const override;

    Time m_time;
};

WFL_REGISTER_COMPUTE(ConstantCompute, "constant");

TypeId
ConstantCompute::GetTypeId()
{
    static TypeId tid = TypeId("ns3::wfl::ConstantCompute")
                            .SetParent<ComputeModel>()
                            .SetGroupName("Wfl")
                            .AddConstructor<ConstantCompute>()
                            .AddAttribute("Time",
                                          "Duration of every computation.",
                                          TimeValue(MilliSeconds(10)),
                                          MakeTimeAccessor(&ConstantCompute::m_time),
                                          MakeTimeChecker(Seconds(0)));
    return tid;
}

ComputeCost
ConstantCompute::DoCost(const ComputeTask& /* task */) const
{
    ComputeCost cost;
    cost.trainS = m_time.GetSeconds();
    return cost;
}

} // namespace wfl
} // namespace ns3
