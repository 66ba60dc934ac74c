/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef WFL_SHADOWING_H
#define WFL_SHADOWING_H

#include "ns3/fl-random.h"
#include "ns3/propagation-loss-model.h"

namespace ns3
{
namespace wfl
{

/**
 * Log-normal shadowing of a link, which stays as it is for the whole run.
 * @param linkSeed the link's own seed, see LinkSeed()
 * @param sigmaDb standard deviation in dB
 * @return additional loss in dB, normally distributed with mean 0
 */
double ShadowingDb(const fl::RunSeed& linkSeed, double sigmaDb);

/**
 * The same for the radios of ns-3: an additional loss that each pair of nodes keeps for the whole
 * run, where ns-3's RandomPropagationLossModel draws anew for every transmission and receiver. It
 * depends on RngSeed, RngRun and the two nodes' numbers alone, the same in both directions; it
 * draws from no stream of ns-3.
 */
class LinkShadowing : public PropagationLossModel
{
  public:
    /** @return the TypeId */
    static TypeId GetTypeId();

  private:
    double DoCalcRxPower(double txPowerDbm,
                         Ptr<MobilityModel> a,
                         Ptr<MobilityModel> b) const override;
    int64_t DoAssignStreams(int64_t stream) override;

    double m_sigmaDb; ///< standard deviation
};

} // namespace wfl
} // namespace ns3

#endif // WFL_SHADOWING_H
