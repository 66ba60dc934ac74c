/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/double.h"
#include "ns3/fl-error.h"
#include "ns3/fl-parameters.h"
#include "ns3/wfl-compute-model.h"
#include "ns3/wfl-registry.h"

namespace ns3
{
namespace wfl
{

/**
 * The lines that ns3-fl (Ekaireb et al., WNS3 2022) has fitted to a Raspberry Pi: with a load
 * X = macs * (60,000 + 6 * samples) / f a computation takes T = A X + B at a power of the whole
 * board of P = C X + D. In ns3-fl macs are the multiply-accumulates of its model, f is 1.5 GHz, and
 * the samples are 600 an epoch. The numbers mean nothing for other models and other loads.
 */
class RegressionCompute : public ComputeModel
{
  public:
    /** @return the TypeId */
    static TypeId GetTypeId();

  private:
    ComputeCost DoCost(const ComputeTask& task) const override;

    double m_macs;
    double m_frequencyHz;
    double m_a;
    double m_bS;
    double m_c;
    double m_dW;
};

/** Without presets the Pi 4 and the MNIST model of ns3-fl. */
WFL_REGISTER_COMPUTE(RegressionCompute, "regression");

namespace
{

/** The Pi 4 and the other models of ns3-fl. */
const TypeRegistration<RegressionCompute> g_fashion(
    "compute",
    "regression-fashion-mnist",
    {{"Macs", "285689600"}, {"A", "1.08e-3"}, {"B", "11.4"}, {"C", "-1.04e-4"}, {"D", "6.4"}});
const TypeRegistration<RegressionCompute> g_cifar10(
    "compute",
    "regression-cifar10",
    {{"Macs", "61572000"}, {"A", "0.0108"}, {"B", "-4.43"}, {"C", "-4.42e-4"}, {"D", "6.18"}});

} // namespace

TypeId
RegressionCompute::GetTypeId()
{
    static TypeId tid = TypeId("ns3::wfl::RegressionCompute")
                            .SetParent<ComputeModel>()
                            .SetGroupName("Wfl")
                            .AddConstructor<RegressionCompute>()
                            .AddAttribute("Macs",
                                          "Multiply-accumulates of the model.",
                                          DoubleValue(229300000),
                                          MakeDoubleAccessor(&RegressionCompute::m_macs),
                                          MakeDoubleChecker<double>(0))
                            .AddAttribute("FrequencyHz",
                                          "Frequency of the processor in hertz.",
                                          DoubleValue(1.5e9),
                                          MakeDoubleAccessor(&RegressionCompute::m_frequencyHz),
                                          MakeDoubleChecker<double>(1))
                            .AddAttribute("A",
                                          "Slope of the time.",
                                          DoubleValue(8.09e-4),
                                          MakeDoubleAccessor(&RegressionCompute::m_a),
                                          MakeDoubleChecker<double>())
                            .AddAttribute("B",
                                          "Time at no load, in seconds.",
                                          DoubleValue(9.45),
                                          MakeDoubleAccessor(&RegressionCompute::m_bS),
                                          MakeDoubleChecker<double>())
                            .AddAttribute("C",
                                          "Slope of the power.",
                                          DoubleValue(-1.32e-4),
                                          MakeDoubleAccessor(&RegressionCompute::m_c),
                                          MakeDoubleChecker<double>())
                            .AddAttribute("D",
                                          "Power of the whole board at no load, in watts.",
                                          DoubleValue(6.49),
                                          MakeDoubleAccessor(&RegressionCompute::m_dW),
                                          MakeDoubleChecker<double>());
    return tid;
}

ComputeCost
RegressionCompute::DoCost(const ComputeTask& task) const
{
    constexpr double fixedSamples = 60000;
    constexpr double perSample = 6;
    const double load = m_macs *
                        (fixedSamples + perSample * static_cast<double>(task.work.samples)) /
                        m_frequencyHz;
    const double timeS = m_a * load + m_bS;
    const double powerW = m_c * load + m_dW;
    if (timeS < 0 || powerW < 0)
    {
        throw fl::UserError("--compute=regression: a computation of " +
                            std::to_string(task.work.samples) + " samples would take " +
                            fl::ShortText(timeS) + " s at " + fl::ShortText(powerW) +
                            " W, which is beyond the lines' range");
    }
    ComputeCost cost;
    cost.trainS = timeS;
    cost.trainW = powerW;
    cost.wholeBoard = true;
    return cost;
}

} // namespace wfl
} // namespace ns3
