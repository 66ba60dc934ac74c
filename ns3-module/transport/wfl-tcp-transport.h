/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef WFL_TCP_TRANSPORT_H
#define WFL_TCP_TRANSPORT_H

#include "ns3/socket.h"
#include "ns3/wfl-transport.h"

#include <deque>
#include <map>
#include <vector>

namespace ns3
{
namespace wfl
{

/**
 * Messages over TCP: one connection a worker, opened by the worker, kept for the whole run. In the
 * stream every segment stands behind 4 bytes with the length of header and body. Broadcasts are
 * sent to each receiver in turn; a worker reports each message that it has received. A connection
 * that TCP gives up is not opened again. For channels with sockets.
 */
class TcpTransport : public Transport
{
  public:
    /** @return the TypeId */
    static TypeId GetTypeId();

    TcpTransport();
    ~TcpTransport() override;

    void Open(Ptr<ChannelModel> channel, StationId self, bool broadcast) override;
    void Send(const OutgoingMessage& message) override;
    void CloseIncoming(StationId from, const MessageKey& key) override;
    void CancelOutgoing(const MessageKey& key) override;
    void ForgetBefore(uint16_t round) override;
    bool IsBroadcasting() const override;
    void Check(Ptr<const ChannelModel> channel) const override;
    bool IsReliable() const override;
    uint32_t MaxSegmentBytes(Ptr<const ChannelModel> channel, Direction direction) const override;
    void ReceiveDatagram(StationId from, Ptr<Packet> packet) override;

  private:
    /** One connection. */
    struct Connection
    {
        Ptr<Socket> socket;
        bool connected{false};
        bool broken{false};              ///< cannot be made, or was given up by TCP
        std::deque<Ptr<Packet>> waiting; ///< segments that the socket has not taken yet
        std::vector<uint8_t> received;   ///< the beginning of the next segment
    };

    /** How much of a message has arrived. */
    struct Incoming
    {
        uint32_t count{0};
        bool over{false};
    };

    void DoDispose() override;

    Ptr<Socket> MakeSocket(StationId station) const;
    void Connected(Ptr<Socket> socket);
    void Broken(Ptr<Socket> socket);
    void Accepted(Ptr<Socket> socket, const Address& from);
    void Queue(StationId to, const SegmentHeader& header, const uint8_t* body, uint32_t bytes);
    void Flush(StationId peer);
    void CanSend(Ptr<Socket> socket, uint32_t available);
    void Receive(Ptr<Socket> socket);
    void Take(StationId from, const uint8_t* data, uint32_t length);
    StationId PeerOf(Ptr<Socket> socket) const;

    uint32_t m_segmentBytes;
    uint16_t m_port;
    Ptr<ChannelModel> m_channel;
    StationId m_self{SERVER};
    Ptr<Socket> m_listener;
    std::map<StationId, Connection> m_connections; ///< by peer
    std::map<std::pair<StationId, MessageKey>, Incoming> m_incoming;
};

} // namespace wfl
} // namespace ns3

#endif // WFL_TCP_TRANSPORT_H
