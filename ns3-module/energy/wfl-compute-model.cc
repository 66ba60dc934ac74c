/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/wfl-compute-model.h"

#include "ns3/double.h"
#include "ns3/fl-error.h"
#include "ns3/fl-parameters.h"
#include "ns3/string.h"
#include "ns3/wfl-distribution.h"
#include "ns3/wfl-registry.h"

namespace ns3
{
namespace wfl
{

NS_OBJECT_ENSURE_REGISTERED(ComputeModel);
WFL_REGISTER_COMPUTE(ConstantCompute, "constant");
WFL_REGISTER_COMPUTE(FlopsCompute, "flops");

TypeId
ComputeModel::GetTypeId()
{
    static TypeId tid =
        TypeId("ns3::wfl::ComputeModel")
            .SetParent<Object>()
            .SetGroupName("Wfl")
            .AddAttribute("PowerW",
                          "Electrical power while computing, in watts; an assumption to be set "
                          "for the device studied.",
                          DoubleValue(1),
                          MakeDoubleAccessor(&ComputeModel::m_powerW),
                          MakeDoubleChecker<double>(0));
    return tid;
}

void
ComputeModel::Start(uint32_t /* workers */, const fl::RunSeed& /* runSeed */)
{
}

double
ComputeModel::PowerW() const
{
    return m_powerW;
}

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

Time
ConstantCompute::Duration(uint32_t /* worker */,
                          const fl::Work& /* work */,
                          double /* flopsPerSample */)
{
    return m_time;
}

TypeId
FlopsCompute::GetTypeId()
{
    static TypeId tid =
        TypeId("ns3::wfl::FlopsCompute")
            .SetParent<ComputeModel>()
            .SetGroupName("Wfl")
            .AddConstructor<FlopsCompute>()
            .AddAttribute("Speed",
                          "Floating-point operations per second that a worker sustains, drawn "
                          "once a worker: a number, uniform:MIN:MAX, exponential:MEAN, "
                          "normal:MEAN:SIGMA or lognormal:MEDIAN:SIGMA.",
                          StringValue("5e9"),
                          MakeStringAccessor(&FlopsCompute::m_speed),
                          MakeStringChecker())
            .AddAttribute("OperationsPerCoordinate",
                          "Operations that the codec spends on a coordinate.",
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
FlopsCompute::Start(uint32_t workers, const fl::RunSeed& runSeed)
{
    const std::string where = "--compute=flops, Speed";
    const Distribution speeds(m_speed, where);
    for (uint32_t worker = 0; worker < workers; ++worker)
    {
        fl::Random random(runSeed, fl::Purpose::COMPUTE, worker);
        m_speeds.push_back(speeds.Draw(random));
        if (m_speeds.back() <= 0)
        {
            throw fl::UserError(where + ": worker " + std::to_string(worker) + " would have " +
                                std::to_string(m_speeds.back()) +
                                " operations per second, which must be positive");
        }
    }
}

Time
FlopsCompute::Duration(uint32_t worker, const fl::Work& work, double flopsPerSample)
{
    const double operations =
        static_cast<double>(work.samples) * flopsPerSample +
        static_cast<double>(work.encodedCoordinates) * m_operationsPerCoordinate;
    const double durationS = operations / m_speeds[worker];
    constexpr double longestS = 1e9;
    if (durationS > longestS)
    {
        throw fl::UserError("--compute=flops: worker " + std::to_string(worker) +
                            " would compute for " + fl::ShortText(durationS) +
                            " s, the longest is " + fl::ShortText(longestS) + " s");
    }
    return m_fixed + Seconds(durationS);
}

} // namespace wfl
} // namespace ns3
