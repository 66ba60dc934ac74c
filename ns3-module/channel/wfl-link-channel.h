/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef WFL_LINK_CHANNEL_H
#define WFL_LINK_CHANNEL_H

#include "ns3/wfl-channel-model.h"

#include <map>

namespace ns3
{
namespace wfl
{

/** A datagram on an isolated link. */
struct LinkDatagram
{
    StationId worker;    ///< the worker's end of the link
    Direction direction; ///< UP or DOWN
    uint32_t bytes;      ///< length
    Time start;          ///< when its transmission begins
};

/** What becomes of it. */
struct LinkFate
{
    Time airtime;     ///< how long it occupies its sender, or the shared medium
    Time delay;       ///< from the end of the transmission to the arrival
    bool lost{false}; ///< whether it does not arrive
};

/**
 * Base of channels that are a formula. A subclass says in DoFate() what becomes of one datagram on
 * one link; this class does the rest: waiting in line, group delivery, arrival, accounting.
 *
 * With the medium Dedicated every link has a line of its own in each direction; with Shared all
 * datagrams, up and down, wait in one line, first come first served. A group transmission takes
 * the longest airtime of its receivers.
 */
class LinkChannel : public ChannelModel
{
  public:
    /** @return the TypeId */
    static TypeId GetTypeId();

    /** Who waits for whom. */
    enum Medium
    {
        DEDICATED, ///< links do not disturb each other
        SHARED     ///< one transmission at a time
    };

    void WhenReady(ReadyCallback ready) override;
    uint32_t MaxDatagramBytes(Direction direction) const override;
    Time EstimateAirtime(Direction direction, uint64_t bytes) const override;
    bool IsBacklogged(StationId station) const override;

  private:
    void DoInstall() override;
    void DoSend(StationId from, StationId to, Ptr<Packet> packet) override;

    /**
     * The model.
     * @param datagram a datagram that is about to be sent
     * @return what becomes of it
     */
    virtual LinkFate DoFate(const LinkDatagram& datagram) = 0;

    /** @return when a new transmission to or from a worker can begin */
    Time& FreeFrom(StationId worker, Direction direction);

    void Begin(const Transmission& transmission);
    void Arrive(StationId from, StationId to, Ptr<Packet> packet);

    Medium m_medium;
    uint32_t m_maxDatagramBytes;
    std::map<std::pair<StationId, Direction>, Time> m_freeFrom; ///< dedicated lines
    Time m_sharedFreeFrom;                                      ///< the shared line
    std::map<StationId, Time> m_lastSent; ///< by sender, end of its last transmission
    Time m_longestDelay;                  ///< so far
    Time m_airtimeSoFar;                  ///< of all transmissions
    uint64_t m_bytesSoFar{0};             ///< of all transmissions
};

} // namespace wfl
} // namespace ns3

#endif // WFL_LINK_CHANNEL_H
