/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef WFL_CHANNEL_MODEL_H
#define WFL_CHANNEL_MODEL_H

#include "ns3/callback.h"
#include "ns3/fl-random.h"
#include "ns3/node-container.h"
#include "ns3/nstime.h"
#include "ns3/object-factory.h"
#include "ns3/object.h"
#include "ns3/packet.h"
#include "ns3/traced-callback.h"

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace ns3
{
namespace wfl
{

class LossModel;

/** Number of a station: workers count from 0. */
using StationId = uint32_t;

constexpr StationId SERVER = UINT32_MAX;    ///< the server, behind the access point
constexpr StationId GROUP = UINT32_MAX - 1; ///< several workers at once

/**
 * @param domain a collision domain
 * @return the name of its access point's radio, where several have one
 */
constexpr StationId
AccessPoint(uint32_t domain)
{
    return domain == 0 ? SERVER : GROUP - domain;
}

/** Which way a datagram goes. */
enum class Direction
{
    UP,   ///< from a worker to the server
    DOWN, ///< from the server to one worker or several
    NONE, ///< neither: beacons, association
};

/** What a radio does. */
enum class RadioState
{
    IDLE,     ///< on, and nothing of the below
    CCA_BUSY, ///< hears that the medium is in use, without receiving
    RX,       ///< receives
    TX,       ///< transmits
    SLEEP,    ///< sleeps
    OFF,      ///< is off
};

/** Something that is on the air for a while. */
struct Transmission
{
    Time start;            ///< first moment
    Time duration;         ///< T_ppdu: preamble, headers, payload, padding
    uint32_t domain;       ///< collision domain
    StationId transmitter; ///< whose radio sends
    Direction direction; ///< whose traffic causes it; an acknowledgement counts as what it answers
    StationId worker;    ///< which worker's traffic causes it; GROUP for several
    uint32_t bytes;      ///< octets given to the physical layer
};

/**
 * A wireless technology between one server and its workers, as the transport sees it: it moves one
 * datagram and tells its fate. Datagrams may be lost, reordered and delayed; see MayDuplicate().
 *
 * Channels are chosen by name (see WFL_REGISTER_CHANNEL); most are made by subclassing LinkChannel
 * or NetDeviceChannel rather than this class. A channel never looks into a datagram.
 */
class ChannelModel : public Object
{
  public:
    /** @return the TypeId */
    static TypeId GetTypeId();

    ChannelModel();
    ~ChannelModel() override;

    /** Called for every datagram that arrives: (from, to, packet). */
    using ReceiveCallback = Callback<void, StationId, StationId, Ptr<Packet>>;

    /** Called when the channel can be used, with the workers that it cannot reach. */
    using ReadyCallback = Callback<void, std::vector<StationId>>;

    /**
     * TracedCallback signature of the trace source Transmission.
     * @param transmission what is on the air
     */
    using TransmissionCallback = void (*)(const Transmission& transmission);

    /**
     * TracedCallback signature of the trace source RadioState. Reported at the start or at the end
     * of the state; times that are never reported are IDLE.
     * @param radio a worker's, by its number, or an access point's, by AccessPoint()
     * @param state what it does
     * @param start since when
     * @param duration how long
     */
    using RadioStateCallback = void (*)(StationId radio,
                                        RadioState state,
                                        Time start,
                                        Time duration);

    /**
     * TracedCallback signature of the trace source Frame. What a radio repeats or acknowledges by
     * itself does not pass.
     * @param station who has handed a frame to its radio, or to whom one is handed
     */
    using FrameCallback = void (*)(StationId station);

    /**
     * TracedCallback signature of the trace source Loss.
     * @param direction which way the datagram went
     * @param worker the worker at the other end of the link
     * @param reason why it does not arrive, in a word
     */
    using LossCallback = void (*)(Direction direction, StationId worker, const std::string& reason);

    /**
     * Puts the channel between some nodes.
     * @param workers one node a worker
     * @param server the server's node
     * @param runSeed drives the channel's draws
     */
    void Install(NodeContainer workers, Ptr<Node> server, const fl::RunSeed& runSeed);

    /**
     * Says where datagrams go.
     * @param receive called with (from, to, packet)
     */
    void SetReceiver(ReceiveCallback receive);

    /**
     * Puts a loss model at the receiving end of every link, one object a link and direction.
     * @param factory makes the objects
     * @throws fl::UserError if they act on frames and there are none, or if they alter datagrams
     *         and this channel does not deliver such
     */
    void SetLoss(const ObjectFactory& factory);

    /**
     * A worker goes, or is back. While it is gone nothing of it leaves and nothing arrives: what is
     * on its way to or from it is lost.
     * @param worker a worker
     * @param reason why it has gone, in a word that lives for ever; null if it is back
     */
    void SetAbsent(StationId worker, const char* reason);

    /** @param ready called once, when every worker can be reached or is given up */
    virtual void WhenReady(ReadyCallback ready) = 0;

    /**
     * Sends one datagram.
     * @param from a worker, or SERVER
     * @param to SERVER, or a worker
     * @param packet at most MaxDatagramBytes() bytes; belongs to the channel from now on
     */
    void Send(StationId from, StationId to, Ptr<Packet> packet);

    /**
     * Sends one datagram from the server to several workers at once; only where
     * HasGroupDelivery(). Others may overhear it.
     * @param receivers the workers, ascending
     * @param packet at most MaxDatagramBytes() bytes; belongs to the channel from now on
     */
    void SendToGroup(const std::vector<StationId>& receivers, Ptr<Packet> packet);

    /**
     * @param direction UP or DOWN
     * @return longest datagram, in bytes
     */
    virtual uint32_t MaxDatagramBytes(Direction direction) const = 0;

    /**
     * A guess from which the server takes its patience; need not be exact.
     * @param direction UP or DOWN
     * @param bytes length of a message
     * @return how long the medium is busy with it
     */
    virtual Time EstimateAirtime(Direction direction, uint64_t bytes) const = 0;

    /**
     * How long an answer is on its way although nobody is in its way: what a sender must wait, at
     * least, before it wonders whether its datagram was lost.
     * @return the delays of both directions, without the time on the air; the longest so far
     */
    virtual Time RoundTripDelay() const;

    /**
     * @param from a worker or SERVER
     * @param to who they are for, GROUP for anybody
     * @return whether datagrams that were sent still wait for their turn on the air, or may wait
     */
    virtual bool IsBacklogged(StationId from, StationId to) const = 0;

    /** @return whether stations wait for each other before they send */
    virtual bool IsShared() const;

    /**
     * @return whether a station can receive while it sends, over another frequency, wire or radio;
     *         by default where stations do not wait for each other
     */
    virtual bool IsFullDuplex() const;

    /**
     * Says how long a datagram is of use. One that has not begun to be sent by then is dropped, so
     * that what a deadline has overtaken does not stand in the way of what follows. A channel that
     * does not override this keeps every datagram.
     * @param lifetime from the moment when it is handed over
     */
    virtual void SetLifetime(Time lifetime);

    /** @return whether one transmission can reach several workers */
    virtual bool HasGroupDelivery() const;

    /** @return whether nothing is ever lost, before any loss model that is put on top */
    virtual bool IsLossless() const;

    /**
     * @return whether receivers take datagrams whose bits are wrong: no frame check finds them, so
     *         that a loss model may alter what arrives
     */
    virtual bool DeliversCorruption() const;

    /** @return whether a loss model acts on datagrams in this run */
    bool LosesDatagrams() const;

    /** @return whether datagrams may arrive altered in this run */
    bool AltersDatagrams() const;

    /**
     * A datagram that has arrived is of no use to its receiver: it counts as lost after all.
     * @param from its sender
     * @param to its receiver
     * @param reason why, in a word
     */
    void NoteUseless(StationId from, StationId to, const std::string& reason);

    /** @return whether a datagram may arrive more than once */
    virtual bool MayDuplicate() const;

    /**
     * @return whether the nodes have internet stacks, so that sockets can be opened; such a channel
     *         itself tells the trace source Frame of what passes, elsewhere each datagram is one
     */
    virtual bool HasSockets() const;

    /**
     * @param station a worker or SERVER, on a channel with sockets
     * @param port a port
     * @return its socket address, of whatever address family the channel uses
     */
    virtual Address GetSocketAddress(StationId station, uint16_t port) const;

    /**
     * @param address a socket address, on a channel with sockets
     * @return whose it is
     */
    virtual StationId StationOf(const Address& address) const;

    /**
     * @param worker a worker
     * @return its mean signal-to-noise ratio at the server in dB, NaN if unknown
     */
    virtual double SnrDb(StationId worker) const;

    /**
     * @param worker a worker
     * @return its signal-to-noise ratio at the server now, fading included where the channel knows
     *         it, in dB; NaN if unknown
     */
    virtual double FadedSnrDb(StationId worker) const;

    /** @return number of collision domains */
    virtual uint32_t Domains() const;

    /**
     * @param worker a worker
     * @return its collision domain, from 0
     */
    virtual uint32_t DomainOf(StationId worker) const;

    /**
     * A round begins; for channels whose state depends on who takes part.
     * @param round the round
     * @param participants the workers that are asked
     * @param uploadBytes expected length of an upload
     */
    virtual void RoundStarted(uint32_t round,
                              const std::vector<StationId>& participants,
                              uint64_t uploadBytes);

    /**
     * Tells the trace sources what has passed of the transmissions that are on the air, where that
     * is not told at their start; before somebody reads what they have told so far.
     */
    virtual void TellProgress();

    /** @return number of workers */
    uint32_t Workers() const;

    /** @return seed and run of the simulation */
    const fl::RunSeed& GetRunSeed() const;

    /**
     * @param station a worker or SERVER
     * @return its node
     */
    Ptr<Node> GetNode(StationId station) const;

  protected:
    void DoDispose() override;

    /**
     * A datagram has reached its receiver: gives it to the loss model, then to the transport.
     * @param from sender
     * @param to receiver
     * @param packet the datagram
     */
    void Deliver(StationId from, StationId to, Ptr<Packet> packet);

    /**
     * @param worker a worker
     * @param direction which way
     * @return the loss model of that link and direction, where there is one
     */
    Ptr<LossModel> LossOf(StationId worker, Direction direction);

    /**
     * @param from a sender
     * @param to a receiver
     * @return why nothing passes between them, in a word; null unless the worker among them is gone
     */
    const char* AbsenceOf(StationId from, StationId to) const;

    TracedCallback<const Transmission&> m_transmissionTrace;              ///< what is on the air
    TracedCallback<StationId, RadioState, Time, Time> m_radioStateTrace;  ///< what radios do
    TracedCallback<Direction, StationId, const std::string&> m_lossTrace; ///< what gets lost
    TracedCallback<StationId> m_frameTrace; ///< what passes between processors and radios

  private:
    /** Builds the technology between the nodes. */
    virtual void DoInstall() = 0;

    /** Sends one datagram to one station. */
    virtual void DoSend(StationId from, StationId to, Ptr<Packet> packet) = 0;

    /**
     * Puts the loss models of LossOf() under the MAC of every receiver; the default has no MAC.
     * @return whether it has
     */
    virtual bool DoLoseFrames();

    /**
     * Switches a worker's radio off or on, where there is one, and drops what waits there.
     * @param worker a worker
     * @param present whether it is back
     */
    virtual void DoSetPresent(StationId worker, bool present);

    /** Sends one datagram to several workers at once. */
    virtual void DoSendToGroup(const std::vector<StationId>& receivers, Ptr<Packet> packet);

    NodeContainer m_workers;
    Ptr<Node> m_server;
    fl::RunSeed m_runSeed;
    ReceiveCallback m_receive;
    std::map<StationId, const char*> m_absent; ///< who is gone, and why
    bool m_losesDatagrams{false};              ///< whether the loss model acts on datagrams
    bool m_altersDatagrams{false};             ///< whether the loss model does
    ObjectFactory m_lossFactory;
    std::map<std::pair<StationId, Direction>, Ptr<LossModel>> m_losses; ///< by link
};

} // namespace wfl
} // namespace ns3

#endif // WFL_CHANNEL_MODEL_H
