/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef WFL_LINK_CHANNEL_H
#define WFL_LINK_CHANNEL_H

#include "ns3/wfl-airtime-estimate.h"
#include "ns3/wfl-channel-model.h"

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <utility>
#include <vector>

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
    Time airtime;               ///< how long it is on the air, each time
    Time delay;                 ///< from the end of the last transmission to the arrival
    bool lost{false};           ///< whether it does not arrive
    const char* reason{"link"}; ///< why it is lost, if it is, in a word
    Time guard{};               ///< silence after each transmission before the next may begin
    uint32_t attempts{1};       ///< how often it is sent, at least once
};

/**
 * Base of channels that are a formula. A subclass says in DoFate() what becomes of one datagram on
 * one link, at the moment when its transmission begins; this class does the rest: waiting in line,
 * group delivery, arrival, accounting.
 *
 * With the medium Dedicated every link has a line of its own in each direction; with Shared all
 * datagrams, up and down, wait in one line, first come first served. A group transmission waits in
 * the lines of all its receivers, begins when it is the first in each, takes the longest airtime
 * and guard of them, and is repeated while one of them needs it.
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
    Time RoundTripDelay() const override;
    bool IsBacklogged(StationId from, StationId to) const override;
    bool IsShared() const override;
    void SetLifetime(Time lifetime) override;
    bool HasGroupDelivery() const override;
    bool DeliversCorruption() const override;

  protected:
    void DoDispose() override;

  private:
    /** A datagram that waits or is on the air. */
    struct Waiting
    {
        StationId from;
        std::vector<StationId> receivers; ///< the server, or workers
        Ptr<Packet> packet;
        Time since;                  ///< when it came
        std::vector<LinkFate> fates; ///< by receiver; empty while it waits
        uint32_t attempt{0};         ///< how often it has been sent

        /** @return which way it goes */
        Direction Way() const
        {
            return from == SERVER ? Direction::DOWN : Direction::UP;
        }
    };

    using Line = std::pair<StationId, Direction>; ///< names a line: a worker's end of a link

    void DoInstall() override;
    void DoSend(StationId from, StationId to, Ptr<Packet> packet) override;
    void DoSendToGroup(const std::vector<StationId>& receivers, Ptr<Packet> packet) override;

    /**
     * The model.
     * @param datagram a datagram whose transmission begins now
     * @return what becomes of it
     */
    virtual LinkFate DoFate(const LinkDatagram& datagram) = 0;

    /**
     * The model of a transmission to several workers, where that is more than several links: by
     * default each has the fate that it would have alone.
     * @param links the same datagram on each link
     * @return what becomes of it, by link
     */
    virtual std::vector<LinkFate> DoGroupFate(const std::vector<LinkDatagram>& links);

    std::vector<Line> LinesOf(const Waiting& waiting) const;
    void Enqueue(std::shared_ptr<Waiting> waiting);
    void BeginIfFirst(const std::shared_ptr<Waiting>& waiting);
    std::vector<LinkFate> Fates(const Waiting& waiting);
    void Transmit(std::shared_ptr<Waiting> waiting);
    void End(std::shared_ptr<Waiting> waiting);
    void Leave(std::shared_ptr<Waiting> waiting);
    void Arrive(StationId from, StationId to, Ptr<Packet> packet);

    Medium m_medium;
    uint32_t m_maxDatagramBytes;
    std::map<Line, std::deque<std::shared_ptr<Waiting>>> m_lines; ///< the first is on the air
    std::map<StationId, uint32_t> m_backlog; ///< by sender, datagrams that have not left
    Time m_lifetime;                         ///< of a datagram; 0 for no limit
    Time m_longestDelay;                     ///< so far
    AirtimeEstimate m_estimate;              ///< from all transmissions
};

} // namespace wfl
} // namespace ns3

#endif // WFL_LINK_CHANNEL_H
