/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef WFL_OFDMA_CHANNEL_H
#define WFL_OFDMA_CHANNEL_H

#include "ns3/wfl-fluid-channel.h"
#include "ns3/wfl-radio-links.h"

#include <vector>

namespace ns3
{
namespace wfl
{

/**
 * Workers send at the same time, each over its share b of the bandwidth of RadioLinks. Noise
 * shrinks with the share and power does not: with the signal-to-noise ratio g over the whole band a
 * worker sends b B log2(1 + g / (b gap)) bit/s, or b B r at a fixed rate r, which fails as in
 * TdmaChannel. Shares are equal, or such that all that is queued would end at the same time.
 *
 * Fading is that of the block at the time that counts (see FluidChannel), path loss that of the
 * places when the rate is computed. The downlink has a band of the same width of its own, whose
 * fading is independent, and goes at the rate of the worst of those that still need a datagram.
 */
class OfdmaChannel : public FluidChannel, public RadioLinks
{
  public:
    /** @return the TypeId */
    static TypeId GetTypeId();

    /** Who gets how much of the band. */
    enum Split
    {
        EQUAL,  ///< as many equal shares as there are senders
        MIN_MAX ///< so that all end at the same time
    };

    void WhenReady(ReadyCallback ready) override;
    double SnrDb(StationId worker) const override;
    double FadedSnrDb(StationId worker) const override;

  protected:
    void DoDispose() override;

  private:
    void DoInstall() override;
    std::vector<Grant> DoRates(const std::vector<Sender>& senders) override;
    double DoDownlinkRate(const std::vector<StationId>& receivers) override;
    Time DoNextChange() const override;
    AttemptFate DoAttempt(const LinkDatagram& datagram, double share, uint32_t attempt) override;
    double Snr(StationId worker, Direction direction, uint32_t attempt) const;
    std::vector<double> Shares(const std::vector<Sender>& senders,
                               const std::vector<double>& snrs) const;

    Split m_split;
};

} // namespace wfl
} // namespace ns3

#endif // WFL_OFDMA_CHANNEL_H
