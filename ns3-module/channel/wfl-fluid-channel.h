/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef WFL_FLUID_CHANNEL_H
#define WFL_FLUID_CHANNEL_H

#include "ns3/event-id.h"
#include "ns3/wfl-airtime-estimate.h"
#include "ns3/wfl-channel-model.h"
#include "ns3/wfl-link-channel.h"

#include <cstdint>
#include <deque>
#include <map>
#include <vector>

namespace ns3
{
namespace wfl
{

/**
 * Base of channels whose senders transmit at the same time and share what there is. A subclass says
 * in DoRates() how fast each of the workers that have something to send is; this class does the
 * rest: queues, the moments at which rates change, arrivals, accounting.
 *
 * Rates are computed anew when a worker begins to send or has sent all it had, and when the
 * subclass says that they change by themselves (DoNextChange()). With Recompute=RoundStart they are
 * computed when a round begins, for those that it asks and for uploads of the expected length, and
 * hold until the next one; while somebody else sends, too, rates are those of Always.
 *
 * The downlink has a band of its own (frequency division duplex): the server sends one datagram
 * after the other at DoDownlinkRate(), and disturbs no upload.
 *
 * A transmission whose rate changes is traced in pieces, one a rate, at the end of each or when
 * TellProgress() is called; its bytes stand in the last one. A radio that sends and is sent to
 * counts as sending.
 */
class FluidChannel : public ChannelModel
{
  public:
    /** @return the TypeId */
    static TypeId GetTypeId();

    /** When rates are computed. */
    enum Recompute
    {
        ALWAYS,     ///< when a sender joins or leaves, or the channel changes
        ROUND_START ///< when a round begins
    };

    void WhenReady(ReadyCallback ready) override;
    uint32_t MaxDatagramBytes(Direction direction) const override;
    Time EstimateAirtime(Direction direction, uint64_t bytes) const override;
    bool IsBacklogged(StationId from, StationId to) const override;
    void SetLifetime(Time lifetime) override;
    bool HasGroupDelivery() const override;
    bool IsFullDuplex() const override;
    bool DeliversCorruption() const override;
    void RoundStarted(uint32_t round,
                      const std::vector<StationId>& participants,
                      uint64_t uploadBytes) override;
    void TellProgress() override;

  protected:
    /** A worker that has something to send. */
    struct Sender
    {
        StationId worker;
        double bits; ///< all that it still has to send
    };

    /** What a sender gets. */
    struct Grant
    {
        double rateBps; ///< in bit/s
        double share;   ///< of the band
    };

    /** What becomes of one attempt to send a datagram to one receiver. */
    struct AttemptFate
    {
        bool arrives{true};     ///< whether it does
        bool repeated{false};   ///< if not, whether it is sent again
        const char* reason{""}; ///< if neither, why it is lost, in a word
    };

    void DoDispose() override;

    /** @return the time whose channel counts: now, or when the round began */
    Time StateTime() const;

    /** @return the slowest rate, in bit/s, at which the longest datagram keeps MaxAirtime */
    double SlowestRateBps() const;

  private:
    /** A datagram that waits or is on the air. */
    struct Waiting
    {
        std::vector<StationId> receivers; ///< the server, or workers
        Ptr<Packet> packet;
        Time since; ///< when it came
    };

    /** What a station sends; the first datagram is on the air. */
    struct Flow
    {
        std::deque<Waiting> queue;
        double queuedBits{0}; ///< of all datagrams in the queue, in full
        bool isOnAir{false};
        Grant grant{0, 1};
        // What follows is about the first datagram.
        std::vector<StationId> missing; ///< receivers that do not have it
        std::vector<AttemptFate> fates; ///< of this attempt, for those
        uint32_t attempt{0};            ///< from 0
        double bitsLeft{0};             ///< of this attempt
        Time begin;                     ///< of the first attempt
        Time pieceStart;                ///< since when the rate is what it is
        bool isGivenUp{false};          ///< whether it ends because it takes too long
        EventId end;
    };

    void DoInstall() override;
    void DoSend(StationId from, StationId to, Ptr<Packet> packet) override;
    void DoSendToGroup(const std::vector<StationId>& receivers, Ptr<Packet> packet) override;

    /**
     * The model.
     * @param senders the workers that transmit at once, ascending
     * @return what each gets from now on; rates may be 0 for a while
     */
    virtual std::vector<Grant> DoRates(const std::vector<Sender>& senders) = 0;

    /**
     * @param receivers some workers
     * @return rate in bit/s of a transmission that all of them receive
     */
    virtual double DoDownlinkRate(const std::vector<StationId>& receivers) = 0;

    /** @return when rates change although nobody joins or leaves; by default never, Time::Max() */
    virtual Time DoNextChange() const;

    /**
     * By default every datagram arrives at the first attempt.
     * @param datagram a datagram, of which an attempt begins now
     * @param share share of the band that it has
     * @param attempt number of the attempt, from 0
     * @return what becomes of it
     */
    virtual AttemptFate DoAttempt(const LinkDatagram& datagram, double share, uint32_t attempt);

    void Enqueue(StationId from, const std::vector<StationId>& receivers, Ptr<Packet> packet);
    void UpdateSoon();
    void Update();
    std::vector<Grant> Rates(const std::vector<Sender>& senders);
    void BeginFirst(StationId from);
    void BeginAttempt(StationId from);
    void ScheduleEnd(StationId from);
    void EndPiece(StationId from, uint32_t bytes);
    void EndAttempt(StationId from);
    void Lose(StationId from, StationId receiver, const char* reason);
    void NoteStates();

    uint32_t m_maxDatagramBytes;
    Recompute m_recompute;
    Time m_maxAirtime;
    std::map<StationId, Flow> m_flows;        ///< by sender
    std::map<StationId, Grant> m_roundGrants; ///< by worker, of this round
    Time m_roundStart;                        ///< of this round
    Time m_lifetime;                          ///< of a datagram; 0 for no limit
    EventId m_update;                         ///< of the rates, because of a sender
    EventId m_change;                         ///< of the rates, by themselves
    Time m_statesSince;                       ///< up to when the states of radios are told
    AirtimeEstimate m_estimate;               ///< from the union of all transmissions
};

} // namespace wfl
} // namespace ns3

#endif // WFL_FLUID_CHANNEL_H
