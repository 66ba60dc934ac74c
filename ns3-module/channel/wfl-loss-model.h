/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef WFL_LOSS_MODEL_H
#define WFL_LOSS_MODEL_H

#include "ns3/fl-random.h"
#include "ns3/object.h"
#include "ns3/packet.h"

#include <cstdint>

namespace ns3
{
namespace wfl
{

/**
 * Decides what is lost, or altered, at the receiving end of one link in one direction, on top of
 * whatever the channel loses itself. Chosen by name, see WFL_REGISTER_LOSS.
 */
class LossModel : public Object
{
  public:
    /** @return the TypeId */
    static TypeId GetTypeId();

    /** What it acts on. */
    enum Level
    {
        DATAGRAM, ///< datagrams that have arrived
        FRAME     ///< frames, under the MAC, which may send them again
    };

    /** @return what it acts on */
    Level GetLevel() const;

    /** @param random this link's own stream */
    void Start(const fl::Random& random);

    /**
     * Something arrives, now, whose receiver checks it: altered is as good as lost.
     * @param bytes its length
     * @return whether it is lost
     */
    virtual bool IsLost(uint32_t bytes) = 0;

    /**
     * A datagram arrives, now, and nobody checks it.
     * @param datagram the datagram
     * @return what is left of it: itself, an altered copy, or null if it is lost
     */
    virtual Ptr<Packet> Pass(Ptr<Packet> datagram);

    /** @return whether Pass() may alter datagrams */
    virtual bool AltersDatagrams() const;

  protected:
    /** @return this link's own stream */
    fl::Random& Draws();

  private:
    Level m_level;
    fl::Random m_random{fl::RunSeed{}, fl::Purpose::LOSS};
};

} // namespace wfl
} // namespace ns3

#endif // WFL_LOSS_MODEL_H
