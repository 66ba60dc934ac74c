/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef WFL_BLOCK_FADING_H
#define WFL_BLOCK_FADING_H

#include "ns3/fl-random.h"
#include "ns3/nstime.h"
#include "ns3/propagation-loss-model.h"
#include "ns3/type-id.h"

#include <cstdint>
#include <string>

namespace ns3
{
namespace wfl
{

/**
 * Small-scale fading that keeps its value for a block of time. The power of a link in a block is a
 * function of the run, the link and the number of the block alone, so it does not depend on who
 * asks, how often or in which order, and is the same in both directions. All links have their
 * blocks at the same times: block n is the time from n to n + 1 coherence times.
 *
 * The power has the mean 1 and is
 * - exponentially distributed (Rayleigh),
 * - gamma distributed with the shape m (Nakagami-m; m = 1 is Rayleigh), or
 * - that of a constant and a complex normal number whose powers have the ratio K (Rician).
 *
 * This class holds the attributes that every class with fading has; such a class derives from it,
 * too, and adds them to its TypeId.
 */
class BlockFadingProcess
{
  public:
    /** Distribution of the amplitude. */
    enum Distribution
    {
        NONE,     ///< constant
        RAYLEIGH, ///< no line of sight
        NAKAGAMI, ///< more or less severe than Rayleigh
        RICIAN    ///< a line of sight and reflections
    };

    /**
     * @param tid the TypeId of a class that derives from this one
     * @return the same with the attributes Fading, NakagamiM, RicianKDb, CoherenceTime, SpeedMps
     * and FrequencyHz
     */
    static TypeId AddAttributes(TypeId tid);

    /**
     * @param linkSeed the link's own seed, see LinkSeed()
     * @param time a time; its block counts
     * @param branch independent realisations of the same block, for example on other frequencies
     * @return the power in that block, with the mean 1
     */
    double Power(const fl::RunSeed& linkSeed, Time time, uint32_t branch = 0) const;

    /**
     * @return how long a block is: the attribute CoherenceTime, or, if SpeedMps is positive, 0.423
     * over the largest Doppler shift, SpeedMps FrequencyHz / c (Rappaport, Wireless Communications,
     * 5.4.3)
     */
    Time CoherenceTime() const;

    /**
     * @param time a time
     * @return when its block ends and the next begins; never, that is Time::Max(), without fading
     */
    Time BlockEnd(Time time) const;

    /** @return the carrier frequency */
    double FrequencyHz() const;

  protected:
    ~BlockFadingProcess() = default;

  private:
    Distribution m_distribution;
    double m_nakagamiM;
    double m_ricianKDb;
    Time m_coherenceTime;
    double m_speedMps;
    double m_frequencyHz;
};

/**
 * Block fading for the radios of ns-3: each pair of nodes has one power for a whole coherence
 * block, in both directions, where ns-3's NakagamiPropagationLossModel draws anew for every
 * transmission and receiver. It depends on RngSeed, RngRun, the two nodes' numbers and the time
 * alone; it draws from no stream of ns-3.
 */
class BlockFading : public PropagationLossModel, public BlockFadingProcess
{
  public:
    /** @return the TypeId */
    static TypeId GetTypeId();

  private:
    double DoCalcRxPower(double txPowerDbm,
                         Ptr<MobilityModel> a,
                         Ptr<MobilityModel> b) const override;
    int64_t DoAssignStreams(int64_t stream) override;
};

} // namespace wfl
} // namespace ns3

#endif // WFL_BLOCK_FADING_H
