/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef WFL_CONTENTION_CHANNEL_H
#define WFL_CONTENTION_CHANNEL_H

#include "ns3/event-id.h"
#include "ns3/wfl-channel-model.h"

#include <cstdint>
#include <deque>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace ns3
{
namespace wfl
{

/** A datagram that waits at its sender, or is on the air. */
struct QueuedDatagram
{
    Ptr<Packet> packet;               ///< null once it has arrived or is lost
    std::vector<StationId> receivers; ///< of a group, ascending; empty for a single one
    Time since;                       ///< when it was handed over
    uint64_t order;                   ///< ascends over all datagrams
};

/**
 * Datagrams of one station to another one, or to groups, in the order in which they came. Numbers
 * count them from 0, for good; what has left the middle of the queue leaves a gap until all before
 * it has left, too.
 */
class DatagramQueue
{
  public:
    /** @param datagram goes to the end */
    void Push(QueuedDatagram datagram);

    /**
     * @param number of a datagram that waits; it waits no longer
     * @return the datagram
     */
    QueuedDatagram Remove(uint64_t number);

    /** @return number of the first that waits, or End() */
    uint64_t First() const;

    /** @return number that the next datagram will have */
    uint64_t End() const;

    /**
     * @param number from First() on, below End()
     * @return the datagram, whose packet is null if it does not wait any more
     */
    const QueuedDatagram& At(uint64_t number) const;

  private:
    std::deque<QueuedDatagram> m_datagrams; ///< the first one waits
    uint64_t m_first{0};
};

/** A PPDU, or what corresponds to it: one transmission of one radio. */
struct MediumUse
{
    Time start;            ///< first moment
    Time duration;         ///< how long
    StationId transmitter; ///< a worker, or SERVER for the access point
    StationId worker;      ///< whose traffic causes it; GROUP for several
    Direction direction;   ///< of that traffic; an acknowledgement counts as what it answers
    uint32_t bytes;        ///< octets given to the physical layer
    RadioState listening{RadioState::RX}; ///< what the radios do meanwhile that it is meant for
};

/** What becomes of a datagram. */
struct DatagramFate
{
    StationId from;                 ///< whose queues
    StationId to;                   ///< which of them: a station, or GROUP
    uint64_t number;                ///< in that queue
    Time end;                       ///< when it arrives, or is given up
    std::string reason;             ///< why it is lost for all in a word; empty if it arrives
    std::vector<StationId> missing; ///< of a group, who does not get it although others do
};

/** What happens next on the medium of a collision domain. */
struct Contention
{
    Time start{Time::Max()};         ///< when somebody begins to transmit; Max() for never
    Time end;                        ///< when the medium is idle again
    std::vector<MediumUse> uses;     ///< what is on the air in between, in the order of their start
    std::vector<DatagramFate> fates; ///< datagrams that leave their queues by then
};

/**
 * Base of channels where stations contend for a medium: one collision domain an access point, in
 * which the access point and its workers hear each other. A subclass says in DoNext() which
 * transmission is the next one, given the queues; this class does the rest: queues, group delivery,
 * arrival, lifetimes, accounting. What goes to one station arrives in the order in which it was
 * sent: what comes before an earlier datagram waits for it, as behind the reorder buffer of 802.11.
 * The wire from the access points to the server takes no time.
 *
 * DoNext() is asked whenever the medium is idle and a datagram has come, and its answer comes true
 * unless another datagram comes before the transmission starts. So it must not take an answer for
 * a fact: what changes with a transmission is updated in DoEnded().
 */
class ContentionChannel : public ChannelModel
{
  public:
    /** @return the TypeId */
    static TypeId GetTypeId();

    void WhenReady(ReadyCallback ready) override;
    uint32_t MaxDatagramBytes(Direction direction) const override;
    Time EstimateAirtime(Direction direction, uint64_t bytes) const override;
    bool IsBacklogged(StationId from, StationId to) const override;
    void SetLifetime(Time lifetime) override;
    bool HasGroupDelivery() const override;
    uint32_t Domains() const override;
    uint32_t DomainOf(StationId worker) const override;

  protected:
    void DoDispose() override;
    void DoInstall() override;

    /**
     * @param domain a collision domain
     * @return the stations in which datagrams wait; SERVER stands for its access point
     */
    const std::set<StationId>& Backlogged(uint32_t domain) const;

    /**
     * @param domain a collision domain
     * @param station one of its stations that is backlogged
     * @return whom its oldest datagram is for: a station, or GROUP
     */
    StationId NextReceiver(uint32_t domain, StationId station) const;

    /**
     * @param domain a collision domain
     * @param from a station
     * @param to another one, or GROUP
     * @return the datagrams that wait on the way
     */
    const DatagramQueue& Queue(uint32_t domain, StationId from, StationId to) const;

    /**
     * @param domain a collision domain
     * @return since when its medium is idle; Max() while it is in use
     */
    Time IdleSince(uint32_t domain) const;

  private:
    /** Orders the queues of a station by their oldest datagrams. */
    using QueueOrder = std::set<std::pair<uint64_t, StationId>>;

    /** The way from a station to another one, or to groups. */
    struct Line
    {
        DatagramQueue queue;                     ///< what waits
        std::map<uint64_t, QueuedDatagram> held; ///< what has arrived before an earlier one
    };

    /** What a station has to send. */
    struct Sender
    {
        std::map<StationId, Line> lines; ///< by receiver
        QueueOrder order;                ///< of the queues that are not empty
    };

    /** Where a datagram with a lifetime is. */
    struct Age
    {
        StationId from;
        StationId to;
        uint64_t number;
    };

    /** A collision domain. */
    struct Domain
    {
        std::map<StationId, Sender> senders;
        std::set<StationId> backlogged;
        Time idleSince;       ///< Max() while in use
        Contention next;      ///< what will happen, or what happens now
        EventId ask;          ///< pending question
        EventId step;         ///< start or end of `next`
        std::deque<Age> ages; ///< what may expire, the oldest first
    };

    /**
     * The model.
     * @param domain a collision domain whose medium is idle and where somebody is backlogged
     * @return the next transmission if nothing else happens, not before now; it must end after it
     *         starts, and somebody must come nearer to having sent something
     */
    virtual Contention DoNext(uint32_t domain) = 0;

    /**
     * A station that had nothing to send has got a datagram. Does nothing by default.
     * @param domain its collision domain
     * @param station a worker, or SERVER for the access point
     */
    virtual void DoBacklogged(uint32_t domain, StationId station);

    /**
     * What DoNext() has said is over, and the queues are as it leaves them. Does nothing by
     * default.
     * @param domain its collision domain
     * @param past what has happened
     */
    virtual void DoEnded(uint32_t domain, const Contention& past);

    void DoSend(StationId from, StationId to, Ptr<Packet> packet) override;
    void DoSendToGroup(const std::vector<StationId>& receivers, Ptr<Packet> packet) override;
    void DoSetPresent(StationId worker, bool present) override;

    void Enqueue(uint32_t domain, StationId from, StationId to, QueuedDatagram datagram);
    QueuedDatagram Dequeue(uint32_t domain, StationId from, StationId to, uint64_t number);
    void Release(uint32_t domain, StationId from, StationId to);
    void DeliverToGroup(const DatagramFate& fate, const QueuedDatagram& datagram);
    void NoteLoss(const DatagramFate& fate, const QueuedDatagram& datagram);
    void DropExpired(uint32_t domain);
    void DropAbsent(uint32_t domain);
    void Ask(uint32_t domain);
    void Begin(uint32_t domain);
    void Arrive(uint32_t domain, Time when);
    void Account(uint32_t domain, const MediumUse& use);
    void End(uint32_t domain);

    uint32_t m_accessPoints;
    uint32_t m_maxDatagramBytes;
    std::vector<Domain> m_domains;
    uint64_t m_datagrams{0}; ///< so far
    Time m_lifetime;         ///< of a datagram; 0 for no limit
    bool m_overhearing;
};

} // namespace wfl
} // namespace ns3

#endif // WFL_CONTENTION_CHANNEL_H
