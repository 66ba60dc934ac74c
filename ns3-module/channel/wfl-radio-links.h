/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef WFL_RADIO_LINKS_H
#define WFL_RADIO_LINKS_H

#include "ns3/mobility-model.h"
#include "ns3/type-id.h"
#include "ns3/wfl-block-fading.h"
#include "ns3/wfl-channel-model.h"
#include "ns3/wfl-path-loss.h"

#include <memory>
#include <string>
#include <vector>

namespace ns3
{
namespace wfl
{

/**
 * The radio links between the workers and the server as a formula: transmit power, path loss
 * between the places of the stations, shadowing of the link, block fading, and noise of
 * -174 dBm/Hz and a noise figure give the signal-to-noise ratio g; a bandwidth of B Hz carries
 * B log2(1 + g / gap) bit/s (Shannon, with a gap that stands for practical coding).
 *
 * What is said once stays: shadowing for the run, fading for its block. Path loss is that of the
 * places at the moment when it is asked for.
 *
 * This class holds the attributes of channels that are built on it; such a channel derives from it,
 * too, and adds them to its TypeId.
 */
class RadioLinks : public BlockFadingProcess
{
  public:
    /** What becomes of datagrams that are sent at a fixed rate while the link does not carry it. */
    enum Outage
    {
        ERASURE,       ///< they are lost
        RETRANSMISSION ///< they are sent again
    };

    /** How a sender chooses its rate. */
    enum RateControl
    {
        ADAPTIVE, ///< the sender knows the channel, and sends at what it carries
        FIXED     ///< the sender knows nothing, and sends at SpectralEfficiency
    };

    /**
     * @param tid the TypeId of a class that derives from this one
     * @return the same with the attributes of this class and of BlockFadingProcess
     */
    static TypeId AddAttributes(TypeId tid);

  protected:
    ~RadioLinks() = default;

    /**
     * Places the stations and draws the shadowing; before anything below.
     * @param channel the channel that this is part of
     * @param name its name, for error messages
     * @throws fl::UserError if the attributes do not fit together
     */
    void SetUp(const ChannelModel& channel, const std::string& name);

    /** Lets go of the stations. */
    void TearDown();

    /**
     * @param worker a worker
     * @param direction UP or DOWN
     * @return signal-to-noise ratio over the whole bandwidth where the stations stand now, with
     * shadowing and without fading; not in dB
     */
    double MeanSnr(StationId worker, Direction direction) const;

    /**
     * @param worker a worker
     * @param time when
     * @param branch independent realisations of the fading
     * @return power of the fading, with the mean 1
     */
    double FadingPower(StationId worker, Time time, uint32_t branch = 0) const;

    /**
     * @param snr signal-to-noise ratio, not in dB
     * @return the ratio without the gap
     */
    double OverGap(double snr) const;

    /**
     * @param snr signal-to-noise ratio, not in dB
     * @return what a link with an adaptive rate carries, in bit/s/Hz
     */
    double Efficiency(double snr) const;

    /**
     * @param snr signal-to-noise ratio, not in dB
     * @return whether it is too small for the fixed rate, which is a number of bit/s/Hz
     */
    bool IsOutage(double snr) const;

    /**
     * @param share smallest share of the bandwidth that an upload may have
     * @param slowestBps slowest rate that is of use
     * @return workers that cannot be reached from where they stand now: at an adaptive rate, as the
     * mean signal-to-noise ratio gives less than that rate; at a fixed rate, as it is less than
     * that, or as over the whole band less than one in a hundred attempts comes through
     */
    std::vector<StationId> OutOfReach(double share, double slowestBps) const;

    RateControl m_rateControl;   ///< how a sender chooses its rate
    double m_spectralEfficiency; ///< the fixed rate in bit/s/Hz
    Outage m_outage;             ///< what follows if the link does not carry it
    uint32_t m_maxAttempts;      ///< how often a datagram is sent
    double m_bandwidthHz;        ///< of the system

  private:
    /** The link between a worker and the server. */
    struct Link
    {
        fl::RunSeed seed;
        double shadowingDb;
        Ptr<MobilityModel> place; ///< of the worker
    };

    bool IsNearlyAlwaysInOutage(StationId worker, double meanSnr) const;

    std::string m_pathLossName;
    double m_exponent;
    double m_referenceDistanceM;
    double m_shadowingSigmaDb;
    double m_workerPowerDbm;
    double m_serverPowerDbm;
    double m_noiseFigureDb;
    double m_snrGapDb;
    double m_radiusM;
    std::unique_ptr<PathLoss> m_pathLoss;
    Ptr<MobilityModel> m_serverPlace;
    std::vector<Link> m_links; ///< by worker
};

} // namespace wfl
} // namespace ns3

#endif // WFL_RADIO_LINKS_H
