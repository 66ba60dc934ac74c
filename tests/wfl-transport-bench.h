/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef WFL_TRANSPORT_BENCH_H
#define WFL_TRANSPORT_BENCH_H

#include "ns3/boolean.h"
#include "ns3/uinteger.h"
#include "ns3/wfl-datagram-transport.h"
#include "ns3/wfl-range-code.h"

#include "wfl-test-helpers.h"

#include <gtest/gtest.h>
#include <set>
#include <tuple>
#include <utility>

namespace ns3::wfl::test
{

using Times = std::vector<int64_t>; ///< in microseconds

/** A datagram on its way. */
struct Datagram
{
    uint32_t number; ///< of those sent so far, from 0
    StationId from;
    StationId to; ///< one receiver, also of a group
    Time time;    ///< when it was sent
    SegmentHeader header;
    Ptr<Packet> packet; ///< header included; may be replaced
};

/** Delays after which copies arrive; none if the datagram is lost. */
using Fate = std::vector<Time>;

/** A channel that asks the test what becomes of every datagram at every receiver. */
class ScriptedChannel : public ChannelModel
{
  public:
    std::function<Fate(Datagram&)> script;     ///< everything arrives after 1 ms if there is none
    std::vector<Datagram> sent;                ///< of a group one for each receiver
    Time lastSent;                             ///< when something was sent last
    bool group{true};                          ///< whether it has group delivery
    std::map<MessageType, uint32_t> groupSent; ///< group datagrams, each counted once
    std::function<bool(StationId)> backlogged; ///< nobody is if there is none
    Time roundTrip;                            ///< what it says of itself

    void WhenReady(ReadyCallback ready) override
    {
        ready({});
    }

    uint32_t MaxDatagramBytes(Direction /* direction */) const override
    {
        return 100;
    }

    Time EstimateAirtime(Direction /* direction */, uint64_t /* bytes */) const override
    {
        return Seconds(0);
    }

    Time RoundTripDelay() const override
    {
        return roundTrip;
    }

    bool IsBacklogged(StationId station, StationId) const override
    {
        return backlogged && backlogged(station);
    }

    bool HasGroupDelivery() const override
    {
        return group;
    }

  private:
    void DoInstall() override {}

    void DoSend(StationId from, StationId to, Ptr<Packet> packet) override
    {
        Pass(from, to, packet);
    }

    void DoSendToGroup(const std::vector<StationId>& receivers, Ptr<Packet> packet) override
    {
        SegmentHeader header;
        packet->PeekHeader(header);
        EXPECT_EQ(header.worker, SegmentHeader::ALL_WORKERS);
        ++groupSent[header.type];
        for (const StationId receiver : receivers)
        {
            Pass(SERVER, receiver, packet);
        }
    }

    void Pass(StationId from, StationId to, Ptr<const Packet> packet)
    {
        const auto number = static_cast<uint32_t>(sent.size());
        Datagram datagram{number, from, to, Simulator::Now(), {}, packet->Copy()};
        packet->PeekHeader(datagram.header);
        lastSent = Simulator::Now();
        sent.push_back(datagram);
        for (const auto& delay : script ? script(datagram) : Fate{MilliSeconds(1)})
        {
            Simulator::Schedule(delay,
                                &ScriptedChannel::Deliver,
                                this,
                                from,
                                to,
                                datagram.packet->Copy());
        }
    }
};

/** One end and all it was told. */
struct End
{
    Ptr<DatagramTransport> transport;
    bool willing{true}; ///< whether it takes messages in
    std::map<std::pair<StationId, MessageKey>, std::multimap<uint32_t, std::vector<uint8_t>>>
        segments;                                              ///< handed over, by index
    std::map<std::pair<StationId, MessageKey>, uint32_t> ends; ///< calls
    std::multimap<StationId, bool> reports;                    ///< complete? by receiver

    bool Accept(StationId /* from */, MessageKey /* key */)
    {
        return willing;
    }

    bool Take(const IncomingSegment& segment)
    {
        segments[{segment.from, segment.header.Subject()}].emplace(
            segment.header.index,
            std::vector<uint8_t>(segment.body, segment.body + segment.length));
        return true;
    }

    void Over(StationId from, MessageKey key, bool /* ask */)
    {
        ++ends[{from, key}];
    }

    void Report(StationId receiver, MessageKey /* key */, bool complete)
    {
        reports.emplace(receiver, complete);
    }
};

/** An answer to round 6: it says nothing of what the server sends in round 7. */
constexpr MessageKey UPLOAD{MessageType::UPLOAD, 0, 6};
constexpr MessageKey MODEL{MessageType::MODEL, 0, 7};
constexpr MessageKey RECEIPT{MessageType::RECEIPT, 0, 7};
constexpr MessageKey OPEN{MessageType::OPEN, 0, 7};

/** A server and three workers. */
class TransportBench : public testing::Test
{
  protected:
    static constexpr uint32_t WORKERS = 3;
    static constexpr double LIMIT_S = 1000; ///< a sender that is not done by then never will be

    /** Opens all ends; if there are no groups, the channel cannot reach several workers at once. */
    void Open(bool repair, bool groups = true)
    {
        NodeContainer nodes;
        nodes.Create(WORKERS);
        m_channel = CreateObject<ScriptedChannel>();
        m_channel->group = groups;
        m_channel->Install(nodes, CreateObject<Node>(), {1, 1});
        m_channel->SetReceiver(MakeCallback(&TransportBench::Receive, this));
        for (const StationId station : {SERVER, 0U, 1U, 2U})
        {
            auto& end = m_ends[station];
            end.transport = CreateObject<DatagramTransport>();
            end.transport->SetAttribute("Repair", BooleanValue(repair));
            end.transport->SetAttribute("ImportantFirst", BooleanValue(m_importantFirst));
            end.transport->SetAttribute("K", UintegerValue(m_fec.k));
            end.transport->SetAttribute("N", UintegerValue(m_fec.n));
            end.transport->SetAttribute("Depth", UintegerValue(m_fec.depth));
            end.transport->SetCallbacks(MakeCallback(&End::Accept, &end),
                                        MakeCallback(&End::Take, &end),
                                        MakeCallback(&End::Over, &end),
                                        MakeCallback(&End::Report, &end));
            end.transport->Open(m_channel, station, true);
        }
    }

    void TearDown() override
    {
        m_ends.clear();
        m_channel = nullptr;
    }

    void Receive(StationId from, StationId to, Ptr<Packet> packet)
    {
        m_ends.at(to).transport->ReceiveDatagram(from, packet);
    }

    /** @return a message whose segment i consists of i % 80 bytes i */
    static std::shared_ptr<const fl::EncodedMessage> MakeMessage(uint32_t segments)
    {
        fl::EncodedMessage message{fl::WireFormat::SIGN, 8 * segments, {}, {}, 0};
        for (uint32_t i = 0; i < segments; ++i)
        {
            message.segments.push_back(
                {8 * i, 8, static_cast<uint32_t>(message.bytes.size()), i % 80});
            message.bytes.insert(message.bytes.end(), i % 80, static_cast<uint8_t>(i));
        }
        return std::make_shared<const fl::EncodedMessage>(std::move(message));
    }

    void Send(StationId from,
              const MessageKey& key,
              uint32_t segments,
              const std::vector<StationId>& receivers,
              bool ask = false)
    {
        m_ends.at(from).transport->Send({key, MakeMessage(segments), receivers, ask});
    }

    /** Sets a duration of all ends. */
    void Set(const std::string& name, Time time)
    {
        for (auto& [station, end] : m_ends)
        {
            end.transport->SetAttribute(name, TimeValue(time));
        }
    }

    /** Runs until nothing happens any more, which must come to pass. */
    void Run()
    {
        Simulator::Stop(Seconds(LIMIT_S));
        Simulator::Run();
        EXPECT_LT(m_channel->lastSent, Simulator::Now() - Seconds(10)) << "somebody never stops";
    }

    /** When a sender asked after a message: by a probe, or by sending its last segment again. */
    Times AskedAt(StationId from, const MessageKey& key)
    {
        Times times;
        bool first = true;
        for (const auto& datagram : m_channel->sent)
        {
            if (datagram.from != from || !(datagram.header.Subject() == key) ||
                datagram.header.type == MessageType::REPORT)
            {
                continue;
            }
            const bool probe = datagram.header.type == MessageType::PROBE;
            const bool isLast = !probe && datagram.header.index + 1 == datagram.header.total;
            if (probe || (isLast && !std::exchange(first, false)))
            {
                times.push_back(datagram.time.GetMicroSeconds());
            }
        }
        return times;
    }

    /** Expects every segment once and in its own words. */
    void ExpectWhole(StationId to, StationId from, const MessageKey& key, uint32_t segments)
    {
        const auto& got = m_ends.at(to).segments[{from, key}];
        EXPECT_EQ(got.size(), segments);
        for (uint32_t i = 0; i < segments; ++i)
        {
            ASSERT_EQ(got.count(i), 1U) << "segment " << i;
            EXPECT_EQ(got.find(i)->second, std::vector<uint8_t>(i % 80, static_cast<uint8_t>(i)));
        }
        EXPECT_EQ((m_ends.at(to).ends[{from, key}]), 1U);
    }

    /** Expects that a sender was told once about each receiver. */
    void ExpectReported(StationId from, const std::map<StationId, bool>& expected)
    {
        const auto& reports = m_ends.at(from).reports;
        EXPECT_EQ(reports.size(), expected.size());
        for (const auto& [receiver, complete] : expected)
        {
            const auto found = reports.find(receiver);
            ASSERT_NE(found, reports.end()) << receiver;
            EXPECT_EQ(found->second, complete) << receiver;
        }
    }

    /** Loses the first datagrams that fulfil a condition. */
    void LoseFirst(uint32_t count, const std::function<bool(const Datagram&)>& which)
    {
        m_channel->script = [count, which](Datagram& datagram) mutable
        {
            if (count > 0 && which(datagram))
            {
                --count;
                return Fate{};
            }
            return Fate{MilliSeconds(1)};
        };
    }

    uint32_t CountSent(MessageType type) const
    {
        uint32_t count = 0;
        for (const auto& datagram : m_channel->sent)
        {
            count += datagram.header.type == type;
        }
        return count;
    }

    /** @return when a station sent datagrams of a type, in microseconds, of a group each */
    std::vector<int64_t> SentAt(MessageType type, StationId from) const
    {
        std::vector<int64_t> times;
        for (const auto& datagram : m_channel->sent)
        {
            if (datagram.header.type == type && datagram.from == from)
            {
                times.push_back(datagram.time.GetMicroSeconds());
            }
        }
        return times;
    }

    /** @return what a report said first: the status and the ranges that it lists */
    static std::pair<uint8_t, fl::Ranges> BodyOf(const Datagram& report)
    {
        auto packet = report.packet->Copy();
        packet->RemoveAtStart(SegmentHeader::BYTES);
        std::vector<uint8_t> body(packet->GetSize());
        packet->CopyData(body.data(), packet->GetSize());
        const auto length = static_cast<uint32_t>(body.size()) - 1;
        return {body.at(0), *ParseRanges(body.data() + 1, length, UINT16_MAX)};
    }

    /** @return the reports that a station sent, in order */
    std::vector<Datagram> ReportsOf(StationId from) const
    {
        std::vector<Datagram> reports;
        for (const auto& datagram : m_channel->sent)
        {
            if (datagram.header.type == MessageType::REPORT && datagram.from == from)
            {
                reports.push_back(datagram);
            }
        }
        return reports;
    }

    FecParameters m_fec;          ///< of all ends; set before Open()
    bool m_importantFirst{false}; ///< of all ends; set before Open()
    CleanState m_clean;
    Ptr<ScriptedChannel> m_channel;
    std::map<StationId, End> m_ends;
};

} // namespace ns3::wfl::test

#endif // WFL_TRANSPORT_BENCH_H
