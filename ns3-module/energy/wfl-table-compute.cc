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

/** What somebody has measured on a device: samples per second. Its powers are the device's. */
class TableCompute : public ComputeModel
{
  public:
    /** @return the TypeId */
    static TypeId GetTypeId();

  private:
    void DoStart(uint32_t workers, const fl::RunSeed& runSeed) override;
    ComputeCost DoCost(const ComputeTask& task) const override;

    std::string m_speed;
    double m_coordinatesPerSecond;
    std::vector<double> m_samplesPerSecond; ///< by worker
};

WFL_REGISTER_COMPUTE(TableCompute, "table");

TypeId
TableCompute::GetTypeId()
{
    static TypeId tid =
        TypeId("ns3::wfl::TableCompute")
            .SetParent<ComputeModel>()
            .SetGroupName("Wfl")
            .AddConstructor<TableCompute>()
            .AddAttribute("SamplesPerSecond",
                          "Samples of which a worker computes gradients in a second, one number a "
                          "worker: " +
                              WorkerValueForms() + ".",
                          StringValue("1000"),
                          MakeStringAccessor(&TableCompute::m_speed),
                          MakeStringChecker())
            .AddAttribute("CoordinatesPerSecond",
                          "Coordinates that a worker encodes or decodes in a second.",
                          DoubleValue(1e8),
                          MakeDoubleAccessor(&TableCompute::m_coordinatesPerSecond),
                          MakeDoubleChecker<double>(1));
    return tid;
}

void
TableCompute::DoStart(uint32_t workers, const fl::RunSeed& runSeed)
{
    m_samplesPerSecond = PositiveWorkerValues(m_speed,
                                              "--compute=table, SamplesPerSecond",
                                              workers,
                                              runSeed,
                                              fl::Purpose::COMPUTE);
}

ComputeCost
TableCompute::DoCost(const ComputeTask& task) const
{
    ComputeCost cost;
    cost.decodeS = static_cast<double>(task.decodedCoordinates) / m_coordinatesPerSecond;
    cost.trainS = static_cast<double>(task.work.samples) / m_samplesPerSecond[task.worker];
    cost.encodeS = static_cast<double>(task.work.encodedCoordinates) / m_coordinatesPerSecond;
    return cost;
}

} // namespace wfl
} // namespace ns3
