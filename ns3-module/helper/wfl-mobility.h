/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef WFL_MOBILITY_H
#define WFL_MOBILITY_H

#include "ns3/fl-random.h"
#include "ns3/mobility-model.h"
#include "ns3/node-container.h"
#include "ns3/nstime.h"
#include "ns3/object.h"

#include <cstdint>
#include <string>

namespace ns3
{
namespace wfl
{

/**
 * Gives the workers' nodes a mobility model of ns-3 before the channel is installed, which places
 * only nodes that have none. Chosen by name, see WFL_REGISTER_MOBILITY. The access point stays
 * where the channel puts it, at the origin.
 */
class Mobility : public Object
{
  public:
    /** @return the TypeId */
    static TypeId GetTypeId();

    /**
     * @param workers one node a worker
     * @param channelRadiusM radius of the disc on which the channel would place them, in metres;
     * NaN if it places nobody
     * @param runSeed drives our own draws; those of ns-3's models have streams of fixed numbers
     * @throws fl::UserError if the attributes do not fit
     */
    virtual void Install(const NodeContainer& workers,
                         double channelRadiusM,
                         const fl::RunSeed& runSeed) const = 0;
};

/** Workers stay where the channel places them. */
class ConstantMobility : public Mobility
{
  public:
    /** @return the TypeId */
    static TypeId GetTypeId();

    void Install(const NodeContainer& workers,
                 double channelRadiusM,
                 const fl::RunSeed& runSeed) const override;
};

/** Base of models that move within a disc, from the places where workers would stand still. */
class DiscMobility : public Mobility
{
  public:
    /** @return the TypeId */
    static TypeId GetTypeId();

    void Install(const NodeContainer& workers,
                 double channelRadiusM,
                 const fl::RunSeed& runSeed) const override;

  private:
    /**
     * @param radiusM radius of the disc
     * @return a new mobility model for one worker, without a place
     */
    virtual Ptr<MobilityModel> DoMake(double radiusM) const = 0;

    double m_radiusM;
};

/**
 * ns-3's RandomWaypointMobilityModel: a worker walks straight to a place that is drawn evenly from
 * the disc, at a speed drawn evenly for the way, rests, and goes on to the next.
 */
class RandomWaypointMobility : public DiscMobility
{
  public:
    /** @return the TypeId */
    static TypeId GetTypeId();

  private:
    Ptr<MobilityModel> DoMake(double radiusM) const override;

    double m_minSpeedMps;
    double m_maxSpeedMps;
    Time m_pause;
};

/**
 * ns-3's GaussMarkovMobilityModel on the ground: speed and direction are autoregressive processes
 * around means that each worker draws once; it turns back at the edges of the square around the
 * disc.
 */
class GaussMarkovMobility : public DiscMobility
{
  public:
    /** @return the TypeId */
    static TypeId GetTypeId();

  private:
    Ptr<MobilityModel> DoMake(double radiusM) const override;

    double m_alpha;
    Time m_timeStep;
    double m_minSpeedMps;
    double m_maxSpeedMps;
    double m_speedSigmaMps;
    double m_directionSigmaRad;
};

/** Places and movements from a file of ns-2 form, see ReadNs2Trace(). */
class TraceMobility : public Mobility
{
  public:
    /** @return the TypeId */
    static TypeId GetTypeId();

    void Install(const NodeContainer& workers,
                 double channelRadiusM,
                 const fl::RunSeed& runSeed) const override;

  private:
    std::string m_file;
};

} // namespace wfl
} // namespace ns3

#endif // WFL_MOBILITY_H
