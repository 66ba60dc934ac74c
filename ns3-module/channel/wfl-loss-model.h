/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef WFL_LOSS_MODEL_H
#define WFL_LOSS_MODEL_H

#include "ns3/fl-random.h"
#include "ns3/object.h"

#include <cstdint>

namespace ns3
{
namespace wfl
{

/**
 * Decides which datagrams are lost at the receiving end of one link in one direction, on top of
 * whatever the channel loses itself. Chosen by name, see WFL_REGISTER_LOSS.
 */
class LossModel : public Object
{
  public:
    /** @return the TypeId */
    static TypeId GetTypeId();

    /** @param random this link's own stream */
    void Start(const fl::Random& random);

    /**
     * @param bytes length of the datagram that arrives now
     * @return whether it is lost
     */
    virtual bool IsLost(uint32_t bytes) = 0;

  protected:
    /** @return this link's own stream */
    fl::Random& Draws();

  private:
    fl::Random m_random{fl::RunSeed{}, fl::Purpose::LOSS};
};

/** Every datagram is lost with the same probability, independently of all others. */
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

#endif // WFL_LOSS_MODEL_H
