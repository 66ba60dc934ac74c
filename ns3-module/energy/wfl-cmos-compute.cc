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

#include <algorithm>
#include <cmath>
#include <vector>

namespace ns3
{
namespace wfl
{

/**
 * The processor of much of the literature on federated learning over wireless networks: Z cycles
 * at frequency f take T = Z / f and E = kappa Z f^2, so the power is kappa f^3. With a time budget
 * the frequency is scaled down, as far as it goes, until the computation just fits (dynamic voltage
 * and frequency scaling).
 *
 * Its defaults, an effective switched capacitance of 1e-28 and 2e4 cycles a sample, are of the size
 * that such papers use (Yang et al., arXiv:1911.02417). Measurements on phones have found such
 * models wrong by much, see doc/energy.md; take `flops` or `table` where absolute figures matter.
 */
class CmosCompute : public ComputeModel
{
  public:
    /** @return the TypeId */
    static TypeId GetTypeId();

  private:
    void DoStart(uint32_t workers, const fl::RunSeed& runSeed) override;
    ComputeCost DoCost(const ComputeTask& task) const override;

    double m_kappa;
    double m_cyclesPerSample;
    double m_cyclesPerCoordinate;
    std::string m_frequency;
    double m_minFrequencyHz;
    Time m_budget;
    std::vector<double> m_frequenciesHz; ///< by worker
};

WFL_REGISTER_COMPUTE(CmosCompute, "cmos");

TypeId
CmosCompute::GetTypeId()
{
    static TypeId tid =
        TypeId("ns3::wfl::CmosCompute")
            .SetParent<ComputeModel>()
            .SetGroupName("Wfl")
            .AddConstructor<CmosCompute>()
            .AddAttribute("Kappa",
                          "Effective switched capacitance: joules per cycle and squared hertz.",
                          DoubleValue(1e-28),
                          MakeDoubleAccessor(&CmosCompute::m_kappa),
                          MakeDoubleChecker<double>(0))
            .AddAttribute("CyclesPerSample",
                          "Cycles of one gradient of one sample.",
                          DoubleValue(2e4),
                          MakeDoubleAccessor(&CmosCompute::m_cyclesPerSample),
                          MakeDoubleChecker<double>(0))
            .AddAttribute("CyclesPerCoordinate",
                          "Cycles that the codec spends on a coordinate, encoded or decoded.",
                          DoubleValue(10),
                          MakeDoubleAccessor(&CmosCompute::m_cyclesPerCoordinate),
                          MakeDoubleChecker<double>(0))
            .AddAttribute("FrequencyHz",
                          "Highest frequency in hertz, one number a worker: " + WorkerValueForms() +
                              ".",
                          StringValue("1e9"),
                          MakeStringAccessor(&CmosCompute::m_frequency),
                          MakeStringChecker())
            .AddAttribute("MinFrequencyHz",
                          "Lowest frequency to which a budget scales down, in hertz.",
                          DoubleValue(2e8),
                          MakeDoubleAccessor(&CmosCompute::m_minFrequencyHz),
                          MakeDoubleChecker<double>(1))
            .AddAttribute("TimeBudget",
                          "What a computation may take; 0 for the highest frequency always.",
                          TimeValue(Seconds(0)),
                          MakeTimeAccessor(&CmosCompute::m_budget),
                          MakeTimeChecker(Seconds(0)));
    return tid;
}

void
CmosCompute::DoStart(uint32_t workers, const fl::RunSeed& runSeed)
{
    m_frequenciesHz = PositiveWorkerValues(m_frequency,
                                           "--compute=cmos, FrequencyHz",
                                           workers,
                                           runSeed,
                                           fl::Purpose::COMPUTE);
}

ComputeCost
CmosCompute::DoCost(const ComputeTask& task) const
{
    const double decode = static_cast<double>(task.decodedCoordinates) * m_cyclesPerCoordinate;
    const double train = static_cast<double>(task.work.samples) * m_cyclesPerSample;
    const double encode = static_cast<double>(task.work.encodedCoordinates) * m_cyclesPerCoordinate;
    double frequencyHz = m_frequenciesHz[task.worker];
    if (m_budget.IsStrictlyPositive())
    {
        const double neededHz = (decode + train + encode) / m_budget.GetSeconds();
        frequencyHz = std::min(frequencyHz, std::max(neededHz, m_minFrequencyHz));
    }
    ComputeCost cost;
    cost.decodeS = decode / frequencyHz;
    cost.trainS = train / frequencyHz;
    cost.encodeS = encode / frequencyHz;
    cost.trainW = m_kappa * std::pow(frequencyHz, 3);
    cost.codecW = cost.trainW;
    return cost;
}

} // namespace wfl
} // namespace ns3
