/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/wfl-mobility.h"

#include "ns3/box.h"
#include "ns3/constant-velocity-mobility-model.h"
#include "ns3/double.h"
#include "ns3/fl-error.h"
#include "ns3/gauss-markov-mobility-model.h"
#include "ns3/pointer.h"
#include "ns3/position-allocator.h"
#include "ns3/random-variable-stream.h"
#include "ns3/random-waypoint-mobility-model.h"
#include "ns3/simulator.h"
#include "ns3/string.h"
#include "ns3/wfl-ns2-trace.h"
#include "ns3/wfl-placement.h"
#include "ns3/wfl-registry.h"

#include <cmath>
#include <utility>
#include <vector>

namespace ns3
{
namespace wfl
{

NS_OBJECT_ENSURE_REGISTERED(Mobility);
NS_OBJECT_ENSURE_REGISTERED(DiscMobility);
WFL_REGISTER_MOBILITY(ConstantMobility, "constant");
WFL_REGISTER_MOBILITY(RandomWaypointMobility, "random-waypoint");
WFL_REGISTER_MOBILITY(GaussMarkovMobility, "gauss-markov");
WFL_REGISTER_MOBILITY(TraceMobility, "trace");

namespace
{

constexpr int64_t FIRST_STREAM = 1000000; ///< beyond those of channels
constexpr int64_t STREAMS_A_WORKER = 10;

Ptr<UniformRandomVariable>
Uniform(double minimum, double maximum)
{
    auto variable = CreateObject<UniformRandomVariable>();
    variable->SetAttribute("Min", DoubleValue(minimum));
    variable->SetAttribute("Max", DoubleValue(maximum));
    return variable;
}

Ptr<NormalRandomVariable>
Normal(double sigma)
{
    auto variable = CreateObject<NormalRandomVariable>();
    variable->SetAttribute("Variance", DoubleValue(sigma * sigma));
    return variable;
}

void
CheckSpeeds(const std::string& name, double minSpeedMps, double maxSpeedMps)
{
    if (minSpeedMps > maxSpeedMps)
    {
        throw fl::UserError("--mobility=" + name + ": MinSpeedMps is larger than MaxSpeedMps");
    }
}

/** Puts somebody somewhere, at rest. */
void
Put(Ptr<ConstantVelocityMobilityModel> model, Vector place)
{
    model->SetPosition(place);
    model->SetVelocity({0, 0, 0});
}

/**
 * Carries out a movement.
 * @param model of the worker
 * @param movement which begins now
 * @param until when the next one begins, which ends this one
 */
void
Move(Ptr<ConstantVelocityMobilityModel> model, Ns2Movement movement, Time until)
{
    const auto from = model->GetPosition();
    const Vector to{movement.x.value_or(from.x),
                    movement.y.value_or(from.y),
                    movement.z.value_or(from.z)};
    const double distanceM = CalculateDistance(from, to);
    const double speedMps = movement.speedMps.value_or(0);
    if (!movement.speedMps || distanceM == 0 || speedMps == 0)
    {
        Put(model, movement.speedMps ? from : to);
        return;
    }
    const double scale = speedMps / distanceM;
    model->SetVelocity({scale * (to.x - from.x), scale * (to.y - from.y), scale * (to.z - from.z)});
    // Far ways outlast ns-3's time, and nobody sees their end.
    constexpr double longestS = 8e9;
    const double durationS = distanceM / speedMps;
    if (durationS < longestS && Simulator::Now() + Seconds(durationS) < until)
    {
        Simulator::Schedule(Seconds(durationS), &Put, model, to);
    }
}

} // namespace

TypeId
Mobility::GetTypeId()
{
    static TypeId tid = TypeId("ns3::wfl::Mobility").SetParent<Object>().SetGroupName("Wfl");
    return tid;
}

TypeId
ConstantMobility::GetTypeId()
{
    static TypeId tid = TypeId("ns3::wfl::ConstantMobility")
                            .SetParent<Mobility>()
                            .SetGroupName("Wfl")
                            .AddConstructor<ConstantMobility>();
    return tid;
}

void
ConstantMobility::Install(const NodeContainer& /* workers */,
                          double /* channelRadiusM */,
                          const fl::RunSeed& /* runSeed */) const
{
}

TypeId
DiscMobility::GetTypeId()
{
    static TypeId tid =
        TypeId("ns3::wfl::DiscMobility")
            .SetParent<Mobility>()
            .SetGroupName("Wfl")
            .AddAttribute("RadiusM",
                          "Radius of the disc in metres; 0 for RadiusM of the channel.",
                          DoubleValue(0),
                          MakeDoubleAccessor(&DiscMobility::m_radiusM),
                          MakeDoubleChecker<double>(0, 1e6));
    return tid;
}

void
DiscMobility::Install(const NodeContainer& workers,
                      double channelRadiusM,
                      const fl::RunSeed& runSeed) const
{
    const double radiusM = m_radiusM > 0 ? m_radiusM : channelRadiusM;
    constexpr double smallestM = 0.01;
    if (!(radiusM >= smallestM))
    {
        throw fl::UserError("--mobility: the channel has no disc to move on; give RadiusM");
    }
    for (uint32_t worker = 0; worker < workers.GetN(); ++worker)
    {
        const auto model = DoMake(radiusM);
        model->AssignStreams(FIRST_STREAM + STREAMS_A_WORKER * worker);
        model->SetPosition(PlaceOf(worker, radiusM, runSeed));
        workers.Get(worker)->AggregateObject(model);
    }
}

TypeId
RandomWaypointMobility::GetTypeId()
{
    static TypeId tid =
        TypeId("ns3::wfl::RandomWaypointMobility")
            .SetParent<DiscMobility>()
            .SetGroupName("Wfl")
            .AddConstructor<RandomWaypointMobility>()
            .AddAttribute("MinSpeedMps",
                          "Smallest speed in m/s.",
                          DoubleValue(0.5),
                          MakeDoubleAccessor(&RandomWaypointMobility::m_minSpeedMps),
                          MakeDoubleChecker<double>(0.001, 1000))
            .AddAttribute("MaxSpeedMps",
                          "Largest speed in m/s.",
                          DoubleValue(1.5),
                          MakeDoubleAccessor(&RandomWaypointMobility::m_maxSpeedMps),
                          MakeDoubleChecker<double>(0.001, 1000))
            .AddAttribute("Pause",
                          "Rest at each place.",
                          TimeValue(Seconds(2)),
                          MakeTimeAccessor(&RandomWaypointMobility::m_pause),
                          MakeTimeChecker(Seconds(0), Seconds(1e6)));
    return tid;
}

Ptr<MobilityModel>
RandomWaypointMobility::DoMake(double radiusM) const
{
    CheckSpeeds("random-waypoint", m_minSpeedMps, m_maxSpeedMps);
    auto pause = CreateObject<ConstantRandomVariable>();
    pause->SetAttribute("Constant", DoubleValue(m_pause.GetSeconds()));
    auto places = CreateObject<UniformDiscPositionAllocator>();
    places->SetRho(radiusM);
    places->SetZ(WORKER_HEIGHT_M);
    return CreateObjectWithAttributes<RandomWaypointMobilityModel>(
        "Speed",
        PointerValue(Uniform(m_minSpeedMps, m_maxSpeedMps)),
        "Pause",
        PointerValue(pause),
        "PositionAllocator",
        PointerValue(places));
}

TypeId
GaussMarkovMobility::GetTypeId()
{
    static TypeId tid =
        TypeId("ns3::wfl::GaussMarkovMobility")
            .SetParent<DiscMobility>()
            .SetGroupName("Wfl")
            .AddConstructor<GaussMarkovMobility>()
            .AddAttribute("Alpha",
                          "Memory from one step to the next: 0 for none, 1 for a straight line.",
                          DoubleValue(0.85),
                          MakeDoubleAccessor(&GaussMarkovMobility::m_alpha),
                          MakeDoubleChecker<double>(0, 1))
            .AddAttribute("TimeStep",
                          "Time from one step to the next.",
                          TimeValue(Seconds(1)),
                          MakeTimeAccessor(&GaussMarkovMobility::m_timeStep),
                          MakeTimeChecker(MilliSeconds(1), Seconds(1e6)))
            .AddAttribute("MinSpeedMps",
                          "Smallest mean speed of a worker in m/s.",
                          DoubleValue(0.5),
                          MakeDoubleAccessor(&GaussMarkovMobility::m_minSpeedMps),
                          MakeDoubleChecker<double>(0.001, 1000))
            .AddAttribute("MaxSpeedMps",
                          "Largest mean speed of a worker in m/s.",
                          DoubleValue(1.5),
                          MakeDoubleAccessor(&GaussMarkovMobility::m_maxSpeedMps),
                          MakeDoubleChecker<double>(0.001, 1000))
            .AddAttribute("SpeedSigmaMps",
                          "Standard deviation of the speed around its mean in m/s.",
                          DoubleValue(0.2),
                          MakeDoubleAccessor(&GaussMarkovMobility::m_speedSigmaMps),
                          MakeDoubleChecker<double>(0, 1000))
            .AddAttribute("DirectionSigmaRad",
                          "Standard deviation of the direction around its mean in radians.",
                          DoubleValue(0.5),
                          MakeDoubleAccessor(&GaussMarkovMobility::m_directionSigmaRad),
                          MakeDoubleChecker<double>(0, 100));
    return tid;
}

Ptr<MobilityModel>
GaussMarkovMobility::DoMake(double radiusM) const
{
    CheckSpeeds("gauss-markov", m_minSpeedMps, m_maxSpeedMps);
    return CreateObjectWithAttributes<GaussMarkovMobilityModel>(
        "Bounds",
        BoxValue(Box(-radiusM, radiusM, -radiusM, radiusM, WORKER_HEIGHT_M, WORKER_HEIGHT_M)),
        "TimeStep",
        TimeValue(m_timeStep),
        "Alpha",
        DoubleValue(m_alpha),
        "MeanVelocity",
        PointerValue(Uniform(m_minSpeedMps, m_maxSpeedMps)),
        "MeanDirection",
        PointerValue(Uniform(0, 2 * M_PI)),
        "NormalVelocity",
        PointerValue(Normal(m_speedSigmaMps)),
        "NormalDirection",
        PointerValue(Normal(m_directionSigmaRad)),
        "NormalPitch",
        PointerValue(Normal(0)));
}

TypeId
TraceMobility::GetTypeId()
{
    static TypeId tid = TypeId("ns3::wfl::TraceMobility")
                            .SetParent<Mobility>()
                            .SetGroupName("Wfl")
                            .AddConstructor<TraceMobility>()
                            .AddAttribute("File",
                                          "File of ns-2 form; node i is worker i.",
                                          StringValue(""),
                                          MakeStringAccessor(&TraceMobility::m_file),
                                          MakeStringChecker());
    return tid;
}

void
TraceMobility::Install(const NodeContainer& workers,
                       double /* channelRadiusM */,
                       const fl::RunSeed& /* runSeed */) const
{
    const auto trace = ReadNs2Trace(m_file, workers.GetN(), "--mobility=trace, File");
    std::vector<Ptr<ConstantVelocityMobilityModel>> models;
    for (uint32_t worker = 0; worker < workers.GetN(); ++worker)
    {
        models.push_back(CreateObject<ConstantVelocityMobilityModel>());
        models.back()->SetPosition(trace.places[worker]);
        workers.Get(worker)->AggregateObject(models.back());
    }
    // From the last to the first, so that the time of a worker's next one is known.
    std::vector<Time> until(trace.movements.size());
    std::vector<Time> next(workers.GetN(), Time::Max());
    for (std::size_t i = trace.movements.size(); i-- > 0;)
    {
        const auto& movement = trace.movements[i];
        until[i] = std::exchange(next[movement.worker], Seconds(movement.atS));
    }
    for (std::size_t i = 0; i < trace.movements.size(); ++i)
    {
        const auto& movement = trace.movements[i];
        Simulator::Schedule(Seconds(movement.atS),
                            &Move,
                            models[movement.worker],
                            movement,
                            until[i]);
    }
}

} // namespace wfl
} // namespace ns3
