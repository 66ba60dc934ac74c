/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/wfl-tcp-transport.h"

#include "ns3/abort.h"
#include "ns3/fl-error.h"
#include "ns3/log.h"
#include "ns3/node.h"
#include "ns3/simulator.h"
#include "ns3/tcp-socket-factory.h"
#include "ns3/uinteger.h"
#include "ns3/wfl-registry.h"

#include <algorithm>
#include <boost/endian/conversion.hpp>
#include <numeric>

namespace ns3
{
namespace wfl
{

NS_LOG_COMPONENT_DEFINE("WflTcpTransport");

WFL_REGISTER_TRANSPORT(TcpTransport, "tcp");

namespace
{

constexpr uint32_t LENGTH_BYTES = 4;      ///< in front of every segment in the stream
constexpr uint32_t UDP_HEADER_BYTES = 8;  ///< of a datagram
constexpr uint32_t TCP_HEADER_BYTES = 32; ///< with timestamps

} // namespace

TypeId
TcpTransport::GetTypeId()
{
    static TypeId tid = TypeId("ns3::wfl::TcpTransport")
                            .SetParent<Transport>()
                            .SetGroupName("Wfl")
                            .AddConstructor<TcpTransport>()
                            .AddAttribute("SegmentBytes",
                                          "Longest body of a segment in bytes.",
                                          UintegerValue(16384),
                                          MakeUintegerAccessor(&TcpTransport::m_segmentBytes),
                                          MakeUintegerChecker<uint32_t>(64, 1 << 20))
                            .AddAttribute("Port",
                                          "Port of the server.",
                                          UintegerValue(7070),
                                          MakeUintegerAccessor(&TcpTransport::m_port),
                                          MakeUintegerChecker<uint16_t>(1));
    return tid;
}

TcpTransport::TcpTransport() = default;

TcpTransport::~TcpTransport() = default;

void
TcpTransport::DoDispose()
{
    m_connections.clear();
    m_listener = nullptr;
    m_channel = nullptr;
    Transport::DoDispose();
}

Ptr<Socket>
TcpTransport::MakeSocket(StationId station) const
{
    auto socket = Socket::CreateSocket(m_channel->GetNode(station), TcpSocketFactory::GetTypeId());
    // Packets as long as those of datagrams, at most 1500 bytes. ns-3's defaults of 536 and 131072
    // bytes are those of the 1980s.
    constexpr uint32_t longestBytes = 1448;
    const uint32_t datagramBytes = std::min(m_channel->MaxDatagramBytes(Direction::UP),
                                            m_channel->MaxDatagramBytes(Direction::DOWN));
    const uint32_t segmentBytes =
        std::min(longestBytes, datagramBytes + UDP_HEADER_BYTES - TCP_HEADER_BYTES);
    socket->SetAttribute("SegmentSize", UintegerValue(segmentBytes));
    socket->SetAttribute("SndBufSize", UintegerValue(1 << 22));
    socket->SetAttribute("RcvBufSize", UintegerValue(1 << 22));
    return socket;
}

void
TcpTransport::Open(Ptr<ChannelModel> channel, StationId self, bool /* broadcast */)
{
    m_channel = channel;
    m_self = self;
    if (self == SERVER)
    {
        m_listener = MakeSocket(SERVER);
        m_listener->Bind(channel->GetSocketAddress(SERVER, m_port));
        m_listener->Listen();
        m_listener->SetAcceptCallback(MakeNullCallback<bool, Ptr<Socket>, const Address&>(),
                                      MakeCallback(&TcpTransport::Accepted, this));
        return;
    }
    auto& connection = m_connections[SERVER];
    connection.socket = MakeSocket(self);
    connection.socket->SetConnectCallback(MakeCallback(&TcpTransport::Connected, this),
                                          MakeCallback(&TcpTransport::Broken, this));
    connection.socket->SetCloseCallbacks(MakeCallback(&TcpTransport::Broken, this),
                                         MakeCallback(&TcpTransport::Broken, this));
    connection.socket->SetRecvCallback(MakeCallback(&TcpTransport::Receive, this));
    connection.socket->SetSendCallback(MakeCallback(&TcpTransport::CanSend, this));
    connection.socket->Connect(channel->GetSocketAddress(SERVER, m_port));
}

void
TcpTransport::Connected(Ptr<Socket> /* socket */)
{
    m_connections[SERVER].connected = true;
    Flush(SERVER);
}

void
TcpTransport::Broken(Ptr<Socket> socket)
{
    const auto peer = PeerOf(socket);
    NS_LOG_FUNCTION(this << m_self << peer);
    auto& connection = m_connections[peer];
    connection.connected = false;
    connection.broken = true;
    connection.waiting.clear();
    if (!m_break.IsNull())
    {
        m_break(peer);
    }
}

void
TcpTransport::Accepted(Ptr<Socket> socket, const Address& from)
{
    auto& connection = m_connections[m_channel->StationOf(from)];
    connection.socket = socket;
    connection.connected = true;
    socket->SetRecvCallback(MakeCallback(&TcpTransport::Receive, this));
    socket->SetSendCallback(MakeCallback(&TcpTransport::CanSend, this));
    socket->SetCloseCallbacks(MakeCallback(&TcpTransport::Broken, this),
                              MakeCallback(&TcpTransport::Broken, this));
}

StationId
TcpTransport::PeerOf(Ptr<Socket> socket) const
{
    for (const auto& [peer, connection] : m_connections)
    {
        if (connection.socket == socket)
        {
            return peer;
        }
    }
    NS_ABORT_MSG("unknown socket");
}

void
TcpTransport::Send(const OutgoingMessage& message)
{
    NS_LOG_FUNCTION(this << m_self << static_cast<int>(message.key.type) << message.key.round);
    const auto& encoded = *message.message;
    NS_ASSERT(encoded.segments.size() <= UINT16_MAX);
    const auto first = FirstOf(encoded);
    std::vector<uint32_t> order(encoded.segments.size());
    std::iota(order.begin(), order.end(), 0);
    std::stable_partition(order.begin(), order.end(), [&first](uint32_t i) { return first[i]; });
    for (const StationId receiver : message.receivers)
    {
        for (const uint32_t i : order)
        {
            const auto& slice = encoded.segments[i];
            SegmentHeader header;
            header.type = message.key.type;
            header.end = i == order.back();
            header.ask = message.ask;
            header.ordinal = message.key.ordinal;
            header.format = encoded.format;
            header.worker = static_cast<uint16_t>(m_self == SERVER ? receiver : m_self);
            header.round = message.key.round;
            header.index = static_cast<uint16_t>(i);
            header.total = static_cast<uint16_t>(encoded.segments.size());
            header.first = slice.first;
            Queue(receiver, header, encoded.bytes.data() + slice.offset, slice.length);
        }
        Flush(receiver);
    }
}

void
TcpTransport::Queue(StationId to, const SegmentHeader& header, const uint8_t* body, uint32_t bytes)
{
    auto& connection = m_connections[to];
    if (connection.broken)
    {
        return;
    }
    auto packet = bytes > 0 ? Create<Packet>(body, bytes) : Create<Packet>();
    packet->AddHeader(header);
    const auto length = boost::endian::native_to_little(packet->GetSize());
    auto framed = Create<Packet>(reinterpret_cast<const uint8_t*>(&length), LENGTH_BYTES);
    framed->AddAtEnd(packet);
    connection.waiting.push_back(framed);
}

void
TcpTransport::Flush(StationId peer)
{
    auto& connection = m_connections[peer];
    while (connection.connected && !connection.waiting.empty() &&
           connection.socket->GetTxAvailable() >= connection.waiting.front()->GetSize())
    {
        const auto packet = connection.waiting.front();
        if (connection.socket->Send(packet) < 0)
        {
            return;
        }
        connection.waiting.pop_front();
    }
}

void
TcpTransport::CanSend(Ptr<Socket> socket, uint32_t /* available */)
{
    Flush(PeerOf(socket));
}

void
TcpTransport::Receive(Ptr<Socket> socket)
{
    const auto peer = PeerOf(socket);
    auto& received = m_connections[peer].received;
    while (auto packet = socket->Recv())
    {
        if (packet->GetSize() == 0)
        {
            break;
        }
        const std::size_t before = received.size();
        received.resize(before + packet->GetSize());
        packet->CopyData(received.data() + before, packet->GetSize());
    }
    std::size_t taken = 0;
    while (received.size() - taken >= LENGTH_BYTES)
    {
        const uint32_t length = boost::endian::load_little_u32(received.data() + taken);
        if (received.size() - taken < LENGTH_BYTES + length)
        {
            break;
        }
        Take(peer, received.data() + taken + LENGTH_BYTES, length);
        taken += LENGTH_BYTES + length;
    }
    received.erase(received.begin(), received.begin() + static_cast<std::ptrdiff_t>(taken));
}

void
TcpTransport::Take(StationId from, const uint8_t* data, uint32_t length)
{
    NS_ASSERT(length >= SegmentHeader::BYTES);
    auto packet = Create<Packet>(data, SegmentHeader::BYTES);
    SegmentHeader header;
    packet->RemoveHeader(header);
    const auto key = header.Subject();
    if (header.type == MessageType::REPORT)
    {
        m_report(from, key, true);
        return;
    }
    auto found = m_incoming.find({from, key});
    if (found == m_incoming.end())
    {
        if (!m_accept(from, key))
        {
            NoteLate(m_channel, from, m_self, key.type);
            return;
        }
        found = m_incoming.emplace(std::make_pair(from, key), Incoming{}).first;
    }
    auto& incoming = found->second;
    if (incoming.over)
    {
        NoteLate(m_channel, from, m_self, key.type);
        return;
    }
    ++incoming.count;
    m_segment({from, header, data + SegmentHeader::BYTES, length - SegmentHeader::BYTES});
    if (incoming.count == header.total)
    {
        incoming.over = true;
        if (m_self != SERVER)
        {
            SegmentHeader report;
            report.SetSubject(MessageType::REPORT, key);
            report.worker = static_cast<uint16_t>(m_self);
            Queue(from, report, nullptr, 0);
            Flush(from);
        }
        m_end(from, key, header.ask);
    }
}

void
TcpTransport::CloseIncoming(StationId from, const MessageKey& key)
{
    m_incoming[{from, key}].over = true;
}

void
TcpTransport::CancelOutgoing(const MessageKey& /* key */)
{
    // What is in the stream cannot be taken back.
}

void
TcpTransport::ForgetBefore(uint16_t round)
{
    for (auto it = m_incoming.begin(); it != m_incoming.end();)
    {
        it = RoundBefore(it->first.second.round, round) ? m_incoming.erase(it) : std::next(it);
    }
}

bool
TcpTransport::IsBroadcasting() const
{
    return false;
}

void
TcpTransport::Check(Ptr<const ChannelModel> channel) const
{
    if (!channel->HasSockets())
    {
        throw fl::UserError("--transport: tcp needs a channel with sockets, such as wifi");
    }
    if (channel->LosesDatagrams())
    {
        throw fl::UserError("--loss: acts on datagrams, which tcp does not use; take "
                            "--transport=nack, best-effort or fec, or Level=frame");
    }
}

bool
TcpTransport::IsReliable() const
{
    return true;
}

uint32_t
TcpTransport::MaxSegmentBytes(Ptr<const ChannelModel> /* channel */,
                              Direction /* direction */) const
{
    return m_segmentBytes;
}

void
TcpTransport::ReceiveDatagram(StationId /* from */, Ptr<Packet> /* packet */)
{
}

} // namespace wfl
} // namespace ns3
