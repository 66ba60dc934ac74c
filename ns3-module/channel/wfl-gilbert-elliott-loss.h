/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef WFL_GILBERT_ELLIOTT_LOSS_H
#define WFL_GILBERT_ELLIOTT_LOSS_H

#include "ns3/nstime.h"
#include "ns3/wfl-loss-model.h"

namespace ns3
{
namespace wfl
{

/**
 * Losses in bursts: the link is in a good or a bad state, each with a loss probability of its own,
 * and stays in each for an exponential time (E. N. Gilbert, "Capacity of a burst-noise channel",
 * BSTJ 39, 1960; E. O. Elliott, "Estimates of error rates for codes on burst-noise channels", BSTJ
 * 42, 1963). The chain runs in time, not from datagram to datagram, so that a link that rests
 * forgets its state.
 *
 * With means G and B of the two times, the share of bad time is b = B / (G + B), and with
 * 1 / tau = 1 / G + 1 / B the state at two moments is correlated by exp(-(t2 - t1) / tau): if it is
 * bad, it is bad a time t later with probability b + (1 - b) exp(-t / tau).
 */
class GilbertElliottLoss : public LossModel
{
  public:
    /** @return the TypeId */
    static TypeId GetTypeId();

    bool IsLost(uint32_t bytes) override;

  private:
    bool IsBadNow();

    Time m_meanGood;       ///< how long the good state lasts in the mean
    Time m_meanBad;        ///< how long the bad state lasts in the mean
    double m_goodRate;     ///< loss probability in the good state
    double m_badRate;      ///< loss probability in the bad state
    bool m_started{false}; ///< whether the chain has a state
    bool m_isBad{false};   ///< the state when it was last looked at
    Time m_since;          ///< when that was
};

} // namespace wfl
} // namespace ns3

#endif // WFL_GILBERT_ELLIOTT_LOSS_H
