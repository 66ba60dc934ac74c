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

namespace ns3
{
namespace wfl
{

NS_OBJECT_ENSURE_REGISTERED(ComputeModel);

TypeId
ComputeModel::GetTypeId()
{
    static TypeId tid =
        TypeId("ns3::wfl::ComputeModel")
            .SetParent<Object>()
            .SetGroupName("Wfl")
            .AddAttribute("PowerW",
                          "Power while computing, above the base load, in watts; negative for what "
                          "the model says, or else the device (--energy).",
                          DoubleValue(-1),
                          MakeDoubleAccessor(&ComputeModel::m_powerW),
                          MakeDoubleChecker<double>())
            .AddAttribute("Slowdown",
                          "Factor on the time of a computation, drawn for each: " +
                              Distribution::Forms() + ".",
                          StringValue("1"),
                          MakeStringAccessor(&ComputeModel::m_slowdownText),
                          MakeStringChecker());
    return tid;
}

ComputeModel::ComputeModel() = default;

ComputeModel::~ComputeModel() = default;

void
ComputeModel::Start(uint32_t workers, const fl::RunSeed& runSeed)
{
    m_runSeed = runSeed;
    m_slowdown = Distribution(m_slowdownText, "--compute, Slowdown");
    DoStart(workers, runSeed);
}

void
ComputeModel::DoStart(uint32_t /* workers */, const fl::RunSeed& /* runSeed */)
{
}

ComputeCost
ComputeModel::Cost(const ComputeTask& task) const
{
    auto cost = DoCost(task);
    if (m_powerW >= 0)
    {
        cost.trainW = m_powerW;
        cost.codecW = m_powerW;
        cost.wholeBoard = false;
    }
    // The draws of a worker's speed have round 0.
    fl::Random random(m_runSeed, fl::Purpose::COMPUTE, task.worker, task.round + 1, task.exchange);
    const double slowdown = m_slowdown->Draw(random);
    const std::string worker = "worker " + std::to_string(task.worker);
    if (!(slowdown > 0))
    {
        throw fl::UserError("--compute, Slowdown: the factor of " + worker + " in round " +
                            std::to_string(task.round) + " would be " + fl::ShortText(slowdown) +
                            ", it must be positive");
    }
    cost.decodeS *= slowdown;
    cost.trainS *= slowdown;
    cost.encodeS *= slowdown;
    constexpr double longestS = 1e9;
    const double durationS = cost.decodeS + cost.trainS + cost.encodeS;
    if (!(durationS <= longestS))
    {
        throw fl::UserError("--compute: " + worker + " would compute for " +
                            fl::ShortText(durationS) + " s, the longest is " +
                            fl::ShortText(longestS) + " s");
    }
    return cost;
}

} // namespace wfl
} // namespace ns3
