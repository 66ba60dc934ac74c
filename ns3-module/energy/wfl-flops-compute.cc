/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/double.h"
#include "ns3/string.h"
#include "ns3/wfl-compute-model.h"
#include "ns3/wfl-registry.h"
#include "ns3/wfl-worker-values.h"

#include <vector>

namespace ns3
{
namespace wfl
{

/** Time by the number of floating-point operations and the speed of each worker. */
class FlopsCompute : public ComputeModel
{
  public:
    /** @return the TypeId */
    static TypeId GetTypeId();

  private:
    void DoStart(uint32_t workers, const fl::RunSeed& runSeed) override;
    ComputeCost DoCost(const ComputeTask& task) const override;

    std::string m_speed;
    double m_operationsPerCoordinate;
    Time m_fixed;
    std::vector<double> m_speeds; ///< by worker, operations per second
};

WFL_REGISTER_COMPUTE(FlopsCompute, "flops");

TypeId
FlopsCompute::GetTypeId()
{
    static TypeId tid =
        TypeId("ns3::wfl::FlopsCompute")
            .SetParent<ComputeModel>()
            .SetGroupName("Wfl")
            .AddConstructor<FlopsCompute>()
            .AddAttribute("Speed",
                          "Floating-point operations per second that a worker sustains, one number "
                          "a worker: " +
                              WorkerValueForms() + ".",
                          StringValue("5e9"),
                          MakeStringAccessor(&FlopsCompute::m_speed),
                          MakeStringChecker())
            .AddAttribute("OperationsPerCoordinate",
                          "Operations that the codec spends on a coordinate, encoded or decoded.",
                          DoubleValue(10),
                          MakeDoubleAccessor(&FlopsCompute::m_operationsPerCoordinate),
                          MakeDoubleChecker<double>(0))
            .AddAttribute("Fixed",
                          "Time that every computation takes on top.",
                          TimeValue(Seconds(0)),
                          MakeTimeAccessor(&FlopsCompute::m_fixed),
                          MakeTimeChecker(Seconds(0)));
    return tid;
}

void
FlopsCompute::DoStart(uint32_t workers, const fl::RunSeed& runSeed)
{
    m_speeds = PositiveWorkerValues(m_speed,
                                    "--compute=flops, Speed",
                                    workers,
                                    runSeed,
                                    fl::Purpose::COMPUTE);
}

ComputeCost
FlopsCompute::DoCost(const ComputeTask& task) const
{
    const double speed = m_speeds[task.worker];
    const auto codec = [this, speed](uint64_t coordinates)
    {
        return static_cast<double>(coordinates) * m_operationsPerCoordinate / speed;
    };
    ComputeCost cost;
    cost.decodeS = codec(task.decodedCoordinates);
    cost.trainS =
        m_fixed.GetSeconds() + static_cast<double>(task.work.samples) * task.flopsPerSample / speed;
    cost.encodeS = codec(task.work.encodedCoordinates);
    return cost;
}

} // namespace wfl
} // namespace ns3
