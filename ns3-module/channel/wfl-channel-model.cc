/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/wfl-channel-model.h"

#include "ns3/assert.h"
#include "ns3/fl-error.h"
#include "ns3/log.h"
#include "ns3/trace-source-accessor.h"
#include "ns3/wfl-loss-model.h"

#include <cmath>

namespace ns3
{
namespace wfl
{

NS_LOG_COMPONENT_DEFINE("WflChannelModel");

NS_OBJECT_ENSURE_REGISTERED(ChannelModel);

TypeId
ChannelModel::GetTypeId()
{
    static TypeId tid =
        TypeId("ns3::wfl::ChannelModel")
            .SetParent<Object>()
            .SetGroupName("Wfl")
            .AddTraceSource("Transmission",
                            "Something is on the air",
                            MakeTraceSourceAccessor(&ChannelModel::m_transmissionTrace),
                            "ns3::wfl::ChannelModel::TransmissionCallback")
            .AddTraceSource("RadioState",
                            "A radio is in a state other than idle",
                            MakeTraceSourceAccessor(&ChannelModel::m_radioStateTrace),
                            "ns3::wfl::ChannelModel::RadioStateCallback")
            .AddTraceSource("Frame",
                            "A frame passes between a station's processor and its radio",
                            MakeTraceSourceAccessor(&ChannelModel::m_frameTrace),
                            "ns3::wfl::ChannelModel::FrameCallback")
            .AddTraceSource("Loss",
                            "A datagram does not arrive",
                            MakeTraceSourceAccessor(&ChannelModel::m_lossTrace),
                            "ns3::wfl::ChannelModel::LossCallback");
    return tid;
}

ChannelModel::ChannelModel() = default;

ChannelModel::~ChannelModel() = default;

void
ChannelModel::DoDispose()
{
    m_workers = NodeContainer();
    m_server = nullptr;
    m_receive = ReceiveCallback();
    m_losses.clear();
    Object::DoDispose();
}

void
ChannelModel::Install(NodeContainer workers, Ptr<Node> server, const fl::RunSeed& runSeed)
{
    m_workers = workers;
    m_server = server;
    m_runSeed = runSeed;
    DoInstall();
}

void
ChannelModel::SetReceiver(ReceiveCallback receive)
{
    m_receive = receive;
}

void
ChannelModel::SetLoss(const ObjectFactory& factory)
{
    const auto sample = factory.Create<LossModel>();
    m_altersDatagrams = sample->AltersDatagrams();
    m_losesDatagrams = sample->GetLevel() == LossModel::DATAGRAM;
    if (m_altersDatagrams && !DeliversCorruption())
    {
        throw fl::UserError("--loss: this model inverts bits, and on this channel every receiver "
                            "checks its frames and drops those with wrong bits; take a model of "
                            "lost datagrams, or a channel without frame check such as ideal, link, "
                            "tdma or ofdma");
    }
    m_lossFactory = factory;
    if (!m_losesDatagrams && !DoLoseFrames())
    {
        throw fl::UserError(
            "--loss: Level=frame acts under the MAC of wifi, lr-wpan, csma and p2p, "
            "and this channel has none; leave Level=datagram");
    }
}

bool
ChannelModel::DoLoseFrames()
{
    return false;
}

Ptr<LossModel>
ChannelModel::LossOf(StationId worker, Direction direction)
{
    auto& loss = m_losses[{worker, direction}];
    if (!loss)
    {
        loss = m_lossFactory.Create<LossModel>();
        loss->Start(
            fl::Random(m_runSeed, fl::Purpose::LOSS, worker, static_cast<uint32_t>(direction)));
    }
    return loss;
}

void
ChannelModel::Send(StationId from, StationId to, Ptr<Packet> packet)
{
    NS_LOG_FUNCTION(this << from << to << packet->GetSize());
    NS_ASSERT((from == SERVER) != (to == SERVER));
    NS_ASSERT(packet->GetSize() <=
              MaxDatagramBytes(from == SERVER ? Direction::DOWN : Direction::UP));
    if (!HasSockets())
    {
        m_frameTrace(from);
    }
    DoSend(from, to, packet);
}

void
ChannelModel::SendToGroup(const std::vector<StationId>& receivers, Ptr<Packet> packet)
{
    NS_LOG_FUNCTION(this << receivers.size() << packet->GetSize());
    NS_ASSERT(HasGroupDelivery() && !receivers.empty());
    NS_ASSERT(packet->GetSize() <= MaxDatagramBytes(Direction::DOWN));
    if (!HasSockets())
    {
        m_frameTrace(SERVER);
    }
    DoSendToGroup(receivers, packet);
}

void
ChannelModel::DoSendToGroup(const std::vector<StationId>& /* receivers */, Ptr<Packet> /* packet */)
{
    NS_ASSERT_MSG(false, "this channel has no group delivery");
}

void
ChannelModel::Deliver(StationId from, StationId to, Ptr<Packet> packet)
{
    NS_LOG_FUNCTION(this << from << to << packet->GetSize());
    if (const char* const absence = AbsenceOf(from, to))
    {
        NoteUseless(from, to, absence);
        return;
    }
    if (!HasSockets())
    {
        m_frameTrace(to);
    }
    if (m_losesDatagrams)
    {
        const auto direction = to == SERVER ? Direction::UP : Direction::DOWN;
        const StationId worker = to == SERVER ? from : to;
        packet = LossOf(worker, direction)->Pass(packet);
        if (!packet)
        {
            m_lossTrace(direction, worker, "loss-model");
            return;
        }
    }
    m_receive(from, to, packet);
}

void
ChannelModel::SetAbsent(StationId worker, const char* reason)
{
    if (reason)
    {
        m_absent[worker] = reason;
    }
    else
    {
        m_absent.erase(worker);
    }
    DoSetPresent(worker, !reason);
}

void
ChannelModel::DoSetPresent(StationId /* worker */, bool /* present */)
{
}

const char*
ChannelModel::AbsenceOf(StationId from, StationId to) const
{
    const auto found = m_absent.find(from == SERVER ? to : from);
    return found == m_absent.end() ? nullptr : found->second;
}

Time
ChannelModel::RoundTripDelay() const
{
    return Time();
}

void
ChannelModel::SetLifetime(Time /* lifetime */)
{
}

bool
ChannelModel::IsShared() const
{
    return true;
}

bool
ChannelModel::IsFullDuplex() const
{
    return !IsShared();
}

bool
ChannelModel::HasGroupDelivery() const
{
    return false;
}

bool
ChannelModel::IsLossless() const
{
    return false;
}

bool
ChannelModel::DeliversCorruption() const
{
    return false;
}

bool
ChannelModel::LosesDatagrams() const
{
    return m_losesDatagrams;
}

bool
ChannelModel::AltersDatagrams() const
{
    return m_altersDatagrams;
}

void
ChannelModel::NoteUseless(StationId from, StationId to, const std::string& reason)
{
    const bool isUp = to == SERVER;
    m_lossTrace(isUp ? Direction::UP : Direction::DOWN, isUp ? from : to, reason);
}

bool
ChannelModel::MayDuplicate() const
{
    return false;
}

bool
ChannelModel::HasSockets() const
{
    return false;
}

Address
ChannelModel::GetSocketAddress(StationId /* station */, uint16_t /* port */) const
{
    NS_ASSERT_MSG(false, "this channel has no sockets");
    return Address();
}

StationId
ChannelModel::StationOf(const Address& /* address */) const
{
    NS_ASSERT_MSG(false, "this channel has no sockets");
    return SERVER;
}

double
ChannelModel::FadedSnrDb(StationId worker) const
{
    return SnrDb(worker);
}

double
ChannelModel::SnrDb(StationId /* worker */) const
{
    return std::nan("");
}

uint32_t
ChannelModel::Domains() const
{
    return 1;
}

uint32_t
ChannelModel::DomainOf(StationId /* worker */) const
{
    return 0;
}

void
ChannelModel::RoundStarted(uint32_t /* round */,
                           const std::vector<StationId>& /* participants */,
                           uint64_t /* uploadBytes */)
{
}

void
ChannelModel::TellProgress()
{
}

uint32_t
ChannelModel::Workers() const
{
    return m_workers.GetN();
}

Ptr<Node>
ChannelModel::GetNode(StationId station) const
{
    return station == SERVER ? m_server : m_workers.Get(station);
}

const fl::RunSeed&
ChannelModel::GetRunSeed() const
{
    return m_runSeed;
}

} // namespace wfl
} // namespace ns3
