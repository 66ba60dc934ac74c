/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef WFL_BERNOULLI_LOSS_H
#define WFL_BERNOULLI_LOSS_H

#include "ns3/wfl-loss-model.h"

namespace ns3
{
namespace wfl
{

/** Everything is lost with the same probability, independently of all else. */
class BernoulliLoss : public LossModel
{
  public:
    /** @return the TypeId */
    static TypeId GetTypeId();

    bool IsLost(uint32_t bytes) override;

  private:
    double m_rate; ///< probability
};

} // namespace wfl
} // namespace ns3

#endif // WFL_BERNOULLI_LOSS_H
