/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef WFL_WIFI_GIVE_UP_H
#define WFL_WIFI_GIVE_UP_H

#include "ns3/mac48-address.h"
#include "ns3/wfl-channel-model.h"
#include "ns3/wifi-mac.h"

#include <cstdint>
#include <map>
#include <utility>

namespace ns3
{
namespace wfl
{

/**
 * Frames in a row that nobody has answered. ns-3 limits how often data are repeated, but not how
 * often it asks for a BlockAck that does not come: to a station whose radio is off it would send
 * BlockAckReq frames for as long as the data may wait.
 */
class UnansweredFrames
{
  public:
    /** So many frames in a row without an answer: nobody is there. Among stations of which every
     *  second frame collides that happens once in four billion frames. */
    static constexpr uint32_t LIMIT = 32;

    /**
     * A frame that asks for an answer is sent.
     * @param from by whom
     * @param to to whom
     */
    void NoteAsked(StationId from, StationId to);

    /**
     * A station is there, it sends something to another.
     * @param from who
     * @param to to whom
     */
    void NoteAlive(StationId from, StationId to);

    /**
     * @param from a sender
     * @param to a receiver
     * @return whether the sender has waited long enough
     */
    bool IsTooMany(StationId from, StationId to) const;

  private:
    std::map<std::pair<StationId, StationId>, uint32_t> m_inARow; ///< by sender and receiver
};

/**
 * Drops the data frames that a MAC holds for a station and ends the block acknowledgement agreement
 * with it, so that the next frame begins with a new one.
 * @param mac whose frames
 * @param receiver to whom
 * @return how many were dropped
 */
uint32_t DropFramesTo(const Ptr<WifiMac>& mac, Mac48Address receiver);

} // namespace wfl
} // namespace ns3

#endif // WFL_WIFI_GIVE_UP_H
