/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

/**
 * The datagram transport on a channel that does exactly what a test says: whatever is lost,
 * repeated, reordered or damaged, a receiver gets every segment once and a sender comes to an end.
 */

#include "ns3/wfl-datagram-transport.h"

#include "ns3/boolean.h"
#include "ns3/wfl-range-code.h"

#include "wfl-test-helpers.h"

#include <gtest/gtest.h>
#include <set>

namespace ns3::wfl
{

namespace
{

using test::CleanState;

/** A datagram on its way. */
struct Datagram
{
    uint32_t number; ///< of those sent so far, from 0
    StationId from;
    StationId to; ///< one receiver, also of a group
    SegmentHeader header;
    Ptr<Packet> packet; ///< header included; may be replaced
};

/** Delays after which copies arrive; none if the datagram is lost. */
using Fate = std::vector<Time>;

/** A channel that asks the test what becomes of every datagram at every receiver. */
class ScriptedChannel : public ChannelModel
{
  public:
    std::function<Fate(Datagram&)> script; ///< everything arrives after 1 ms if there is none
    std::vector<Datagram> sent;            ///< of a group one for each receiver
    Time lastSent;                         ///< when something was sent last

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
        return Seconds(1);
    }

    bool IsBacklogged(StationId /* station */) const override
    {
        return false;
    }

  private:
    void DoInstall() override {}

    void DoSend(StationId from, StationId to, Ptr<Packet> packet) override
    {
        for (StationId worker = 0; to == GROUP && worker < Workers(); ++worker)
        {
            Pass(from, worker, packet);
        }
        if (to != GROUP)
        {
            Pass(from, to, packet);
        }
    }

    void Pass(StationId from, StationId to, Ptr<const Packet> packet)
    {
        Datagram datagram{static_cast<uint32_t>(sent.size()), from, to, {}, packet->Copy()};
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

    void Take(const IncomingSegment& segment)
    {
        segments[{segment.from, segment.header.Subject()}].emplace(
            segment.header.index,
            std::vector<uint8_t>(segment.body, segment.body + segment.length));
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

/** A server and three workers. */
class WflTransport : public testing::Test
{
  protected:
    static constexpr uint32_t WORKERS = 3;
    static constexpr double LIMIT_S = 1000; ///< a sender that is not done by then never will be

    void Open(bool repair)
    {
        NodeContainer nodes;
        nodes.Create(WORKERS);
        m_channel = CreateObject<ScriptedChannel>();
        m_channel->Install(nodes, CreateObject<Node>(), {1, 1});
        m_channel->SetReceiver(MakeCallback(&WflTransport::Receive, this));
        for (const StationId station : {SERVER, 0U, 1U, 2U})
        {
            auto& end = m_ends[station];
            end.transport = CreateObject<DatagramTransport>();
            end.transport->SetAttribute("Repair", BooleanValue(repair));
            end.transport->SetCallbacks(MakeCallback(&End::Accept, &end),
                                        MakeCallback(&End::Take, &end),
                                        MakeCallback(&End::Over, &end),
                                        MakeCallback(&End::Report, &end));
            end.transport->Open(m_channel, station, true);
            end.transport->SetRunSeed({1, 1});
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
              const std::vector<StationId>& receivers)
    {
        m_ends.at(from).transport->Send({key, MakeMessage(segments), receivers, false});
    }

    /** Runs until nothing happens any more, which must come to pass. */
    void Run()
    {
        Simulator::Stop(Seconds(LIMIT_S));
        Simulator::Run();
        EXPECT_LT(m_channel->lastSent, Simulator::Now() - Seconds(10)) << "somebody never stops";
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

    CleanState m_clean;
    Ptr<ScriptedChannel> m_channel;
    std::map<StationId, End> m_ends;
};

} // namespace

TEST_F(WflTransport, AllArrives)
{
    Open(true);
    Send(0, UPLOAD, 30, {SERVER});
    Run();
    ExpectWhole(SERVER, 0, UPLOAD, 30);
    ExpectReported(0, {{SERVER, true}});
    EXPECT_EQ(CountSent(MessageType::UPLOAD), 30U);
    EXPECT_EQ(CountSent(MessageType::REPORT), WORKERS) << "one, which all workers hear";
    EXPECT_EQ(CountSent(MessageType::PROBE), 0U);
}

/** The END of a pass is what asks for a report; without it a probe does. */
TEST_F(WflTransport, LostEnd)
{
    Open(true);
    LoseFirst(1, [](const Datagram& datagram) { return datagram.header.end; });
    Send(0, UPLOAD, 30, {SERVER});
    Run();
    ExpectWhole(SERVER, 0, UPLOAD, 30);
    ExpectReported(0, {{SERVER, true}});
    EXPECT_EQ(CountSent(MessageType::PROBE), 1U);
    EXPECT_EQ(CountSent(MessageType::UPLOAD), 31U) << "no more than the lost one is repeated";
}

TEST_F(WflTransport, LostSegments)
{
    Open(true);
    LoseFirst(5,
              [](const Datagram& datagram) {
                  return datagram.header.type == MessageType::UPLOAD &&
                         datagram.header.index % 4 == 1;
              });
    Send(0, UPLOAD, 30, {SERVER});
    Run();
    ExpectWhole(SERVER, 0, UPLOAD, 30);
    EXPECT_EQ(CountSent(MessageType::UPLOAD), 35U) << "exactly what is missing is repeated";
    EXPECT_EQ(CountSent(MessageType::PROBE), 0U) << "the end of the pass was heard";
}

TEST_F(WflTransport, LostReports)
{
    for (const bool segments : {false, true})
    {
        Simulator::Destroy();
        m_ends.clear();
        Open(true);
        uint32_t reports = 4;
        m_channel->script = [&reports, segments](Datagram& datagram)
        {
            const bool lost =
                (datagram.header.type == MessageType::REPORT && reports > 0 && reports-- > 0) ||
                (segments && datagram.number == 3);
            return lost ? Fate{} : Fate{MilliSeconds(1)};
        };
        Send(0, UPLOAD, 30, {SERVER});
        Run();
        ExpectWhole(SERVER, 0, UPLOAD, 30);
        ExpectReported(0, {{SERVER, true}});
        EXPECT_EQ(reports, 0U);
        EXPECT_GE(CountSent(MessageType::PROBE), 2U);
    }
}

TEST_F(WflTransport, LostProbes)
{
    Open(true);
    uint32_t probes = 3;
    m_channel->script = [&probes](Datagram& datagram)
    {
        const bool lost =
            (datagram.header.type == MessageType::PROBE && probes > 0 && probes-- > 0) ||
            (datagram.header.end && datagram.header.type == MessageType::UPLOAD &&
             datagram.number < 40);
        return lost ? Fate{} : Fate{MilliSeconds(1)};
    };
    Send(0, UPLOAD, 30, {SERVER});
    Run();
    ExpectWhole(SERVER, 0, UPLOAD, 30);
    EXPECT_EQ(probes, 0U);
}

/** Nothing passes for ten seconds: the waits between probes grow, and then all goes on. */
TEST_F(WflTransport, SilenceForAWhile)
{
    Open(true);
    m_channel->script = [](Datagram& /* datagram */)
    {
        return Simulator::Now() < Seconds(10) ? Fate{} : Fate{MilliSeconds(1)};
    };
    Send(0, UPLOAD, 30, {SERVER});
    Run();
    ExpectWhole(SERVER, 0, UPLOAD, 30);
    ExpectReported(0, {{SERVER, true}});
    // 20, 40, ... 640 ms, then every second: 6 + 9 probes in 10 s.
    EXPECT_LE(CountSent(MessageType::PROBE), 20U);
    EXPECT_LT(m_channel->lastSent, Seconds(12)) << "MaxProbeWait is 1 s";
}

/** Silence for good: the sender asks until it is told to give up, then it is silent, too. */
TEST_F(WflTransport, SilenceForGood)
{
    Open(true);
    m_channel->script = [](Datagram& /* datagram */)
    {
        return Fate{};
    };
    Send(0, UPLOAD, 30, {SERVER});
    Send(SERVER, MODEL, 30, {0, 1, 2});
    Simulator::Stop(Seconds(50));
    Simulator::Run();
    EXPECT_GT(CountSent(MessageType::PROBE), 40U);
    m_ends.at(0).transport->CancelOutgoing(UPLOAD);
    m_ends.at(SERVER).transport->CancelOutgoing(MODEL);
    const auto sent = m_channel->sent.size();
    Run();
    EXPECT_EQ(m_channel->sent.size(), sent);
    EXPECT_TRUE(m_ends.at(0).reports.empty());
}

TEST_F(WflTransport, Reordered)
{
    Open(true);
    fl::Random random({1, 1}, fl::Purpose::TEST);
    m_channel->script = [&random](Datagram& /* datagram */)
    {
        return Fate{MicroSeconds(100 + random.Below(30000))};
    };
    Send(0, UPLOAD, 200, {SERVER});
    Send(SERVER, MODEL, 200, {0, 1, 2});
    Run();
    ExpectWhole(SERVER, 0, UPLOAD, 200);
    for (StationId worker = 0; worker < WORKERS; ++worker)
    {
        ExpectWhole(worker, SERVER, MODEL, 200);
    }
    ExpectReported(0, {{SERVER, true}});
    ExpectReported(SERVER, {{0, true}, {1, true}, {2, true}});
}

/** A duplicate would be a double vote. */
TEST_F(WflTransport, Duplicated)
{
    for (const bool repair : {true, false})
    {
        Simulator::Destroy();
        m_ends.clear();
        Open(repair);
        m_channel->script = [](Datagram& /* datagram */)
        {
            return Fate{MilliSeconds(1), MilliSeconds(1), MilliSeconds(7), Seconds(3)};
        };
        Send(0, UPLOAD, 50, {SERVER});
        Send(SERVER, MODEL, 50, {0, 1, 2});
        Run();
        ExpectWhole(SERVER, 0, UPLOAD, 50);
        for (StationId worker = 0; worker < WORKERS; ++worker)
        {
            ExpectWhole(worker, SERVER, MODEL, 50);
        }
        ExpectReported(0, {{SERVER, true}});
        ExpectReported(SERVER, {{0, true}, {1, true}, {2, true}});
    }
}

/** Everything at once, many times: loss, duplication, reordering, damaged headers, in all ways. */
TEST_F(WflTransport, Chaos)
{
    for (uint32_t run = 0; run < 40; ++run)
    {
        SCOPED_TRACE(run);
        Simulator::Destroy();
        m_ends.clear();
        Open(true);
        fl::Random random({1, run + 1}, fl::Purpose::TEST);
        m_channel->script = [&random](Datagram& datagram)
        {
            Fate fate;
            for (uint32_t copies = random.Below(4); copies > 0; --copies)
            {
                fate.push_back(MicroSeconds(100 + random.Below(50000)));
            }
            if (random.Below(5) == 0)
            {
                std::vector<uint8_t> bytes(datagram.packet->GetSize());
                datagram.packet->CopyData(bytes.data(), datagram.packet->GetSize());
                bytes[random.Below(SegmentHeader::BYTES)] ^=
                    static_cast<uint8_t>(1 + random.Below(255));
                datagram.packet = Create<Packet>(bytes.data(), static_cast<uint32_t>(bytes.size()));
            }
            return fate;
        };
        Send(0, UPLOAD, 60, {SERVER});
        Send(1, UPLOAD, 1, {SERVER});
        Send(SERVER, MODEL, 60, {0, 1, 2});
        Send(SERVER, RECEIPT, 3, {2});
        Run();
        ExpectWhole(SERVER, 0, UPLOAD, 60);
        ExpectWhole(SERVER, 1, UPLOAD, 1);
        ExpectWhole(2, SERVER, RECEIPT, 3);
        for (StationId worker = 0; worker < WORKERS; ++worker)
        {
            ExpectWhole(worker, SERVER, MODEL, 60);
        }
        ExpectReported(0, {{SERVER, true}});
        ExpectReported(1, {{SERVER, true}});
    }
}

/** A group repairs once for all what several lack, and alone what one lacks. */
TEST_F(WflTransport, GroupRepair)
{
    Open(true);
    m_channel->script = [](Datagram& datagram)
    {
        const auto& header = datagram.header;
        const bool first = datagram.number < 60 && header.type == MessageType::MODEL;
        const bool lost = first && (header.index == 4 || (header.index == 9 && datagram.to == 1));
        return lost ? Fate{} : Fate{MilliSeconds(1)};
    };
    Send(SERVER, MODEL, 20, {0, 1, 2});
    Run();
    for (StationId worker = 0; worker < WORKERS; ++worker)
    {
        ExpectWhole(worker, SERVER, MODEL, 20);
    }
    ExpectReported(SERVER, {{0, true}, {1, true}, {2, true}});
    // Each of two repeated segments reaches all three.
    EXPECT_EQ(CountSent(MessageType::MODEL), 60U + 6U);
}

/** One receiver of a group is deaf: the others are not kept, and it can be given up. */
TEST_F(WflTransport, DeafReceiver)
{
    Open(true);
    m_channel->script = [](Datagram& datagram)
    {
        return datagram.to == 2 ? Fate{} : Fate{MilliSeconds(1)};
    };
    Send(SERVER, MODEL, 20, {0, 1, 2});
    Simulator::Schedule(Seconds(30),
                        &DatagramTransport::CancelOutgoing,
                        m_ends.at(SERVER).transport,
                        MODEL);
    Run();
    ExpectWhole(0, SERVER, MODEL, 20);
    ExpectWhole(1, SERVER, MODEL, 20);
    ExpectReported(SERVER, {{0, true}, {1, true}});
}

TEST_F(WflTransport, EmptyBodies)
{
    Open(true);
    Send(0, {MessageType::SKIP, 0, 7}, 1, {SERVER});
    Run();
    ExpectWhole(SERVER, 0, {MessageType::SKIP, 0, 7}, 1);
    ExpectReported(0, {{SERVER, true}});
}

/** Best effort sends data once and tells what arrived; control is repaired all the same. */
TEST_F(WflTransport, BestEffort)
{
    Open(false);
    m_channel->script = [](Datagram& datagram)
    {
        const bool lost = datagram.header.index % 3 == 1 && datagram.number < 60;
        return lost ? Fate{} : Fate{MilliSeconds(1)};
    };
    Send(0, UPLOAD, 30, {SERVER});
    Send(SERVER, RECEIPT, 10, {1});
    Run();
    EXPECT_EQ((m_ends.at(SERVER).segments[{0, UPLOAD}].size()), 20U);
    EXPECT_EQ((m_ends.at(SERVER).ends[{0, UPLOAD}]), 1U);
    ExpectReported(0, {{SERVER, false}});
    EXPECT_EQ(CountSent(MessageType::UPLOAD), 30U);
    ExpectWhole(1, SERVER, RECEIPT, 10);
    ExpectReported(SERVER, {{1, true}});
}

/** Best effort of which nothing arrives: a probe ends it at both ends. */
TEST_F(WflTransport, BestEffortLostAltogether)
{
    Open(false);
    LoseFirst(30,
              [](const Datagram& datagram) { return datagram.header.type == MessageType::UPLOAD; });
    Send(0, UPLOAD, 30, {SERVER});
    Run();
    EXPECT_TRUE((m_ends.at(SERVER).segments[{0, UPLOAD}].empty()));
    EXPECT_EQ((m_ends.at(SERVER).ends[{0, UPLOAD}]), 1U);
    ExpectReported(0, {{SERVER, false}});
    EXPECT_EQ(CountSent(MessageType::UPLOAD), 30U);
}

/** What comes after best effort was over is taken no more. */
TEST_F(WflTransport, BestEffortLateSegment)
{
    Open(false);
    m_channel->script = [](Datagram& datagram)
    {
        return Fate{datagram.header.index == 5 ? Seconds(2) : MilliSeconds(1)};
    };
    Send(0, UPLOAD, 30, {SERVER});
    Run();
    EXPECT_EQ((m_ends.at(SERVER).segments[{0, UPLOAD}].size()), 29U);
    EXPECT_EQ((m_ends.at(SERVER).segments[{0, UPLOAD}].count(5)), 0U);
    EXPECT_EQ((m_ends.at(SERVER).ends[{0, UPLOAD}]), 1U);
}

/** An unwanted message is refused, which ends it at its sender. */
TEST_F(WflTransport, Refused)
{
    Open(true);
    m_ends.at(SERVER).willing = false;
    Send(0, UPLOAD, 30, {SERVER});
    Run();
    ExpectReported(0, {{SERVER, false}});
    EXPECT_TRUE(m_ends.at(SERVER).segments.empty());
    EXPECT_TRUE(m_ends.at(SERVER).ends.empty());
}

/** A message that the receiver closes is over there, and its sender hears so. */
TEST_F(WflTransport, ClosedByReceiver)
{
    Open(true);
    m_channel->script = [](Datagram& datagram)
    {
        return Simulator::Now() < Seconds(1) && datagram.header.index == 3 ? Fate{}
                                                                           : Fate{MilliSeconds(1)};
    };
    Send(0, UPLOAD, 30, {SERVER});
    Simulator::Schedule(MilliSeconds(10),
                        &DatagramTransport::CloseIncoming,
                        m_ends.at(SERVER).transport,
                        0,
                        UPLOAD);
    Run();
    ExpectReported(0, {{SERVER, false}});
    EXPECT_EQ((m_ends.at(SERVER).segments[{0, UPLOAD}].count(3)), 0U);
    EXPECT_EQ((m_ends.at(SERVER).ends.size()), 0U) << "who closes it knows";
}

/** Bodies of reports that nobody writes do not stop or mislead a sender. */
TEST_F(WflTransport, MalformedReports)
{
    const std::vector<std::vector<uint8_t>> bodies{
        {},                                    // nothing
        {1},                                   // missing nothing
        {1, 0x80},                             // a number that does not end
        {1, 30, 0},                            // a segment that does not exist
        {1, 0xff, 0xff, 0xff, 0xff, 0x0f, 0},  // one far away
        {1, 0, 0xff, 0xff, 0xff, 0xff, 0x0f}}; // a range far too long
    for (const auto& body : bodies)
    {
        SCOPED_TRACE(body.size());
        Simulator::Destroy();
        m_ends.clear();
        Open(true);
        LoseFirst(1, [](const Datagram& datagram) { return datagram.header.end; });
        Send(0, UPLOAD, 30, {SERVER});
        SegmentHeader header;
        header.SetSubject(MessageType::REPORT, UPLOAD);
        header.total = 30;
        auto packet = Create<Packet>(body.data(), static_cast<uint32_t>(body.size()));
        packet->AddHeader(header);
        Simulator::Schedule(MilliSeconds(5),
                            &DatagramTransport::ReceiveDatagram,
                            m_ends.at(0).transport,
                            SERVER,
                            packet);
        Run();
        ExpectWhole(SERVER, 0, UPLOAD, 30);
        ExpectReported(0, {{SERVER, true}});
    }
}

/** A report of a status that nobody writes must not end a message. */
TEST_F(WflTransport, UnknownStatus)
{
    Open(true);
    LoseFirst(1, [](const Datagram& datagram) { return datagram.header.end; });
    Send(0, UPLOAD, 30, {SERVER});
    SegmentHeader header;
    header.SetSubject(MessageType::REPORT, UPLOAD);
    header.total = 30;
    const uint8_t status = 77;
    auto packet = Create<Packet>(&status, 1);
    packet->AddHeader(header);
    Simulator::Schedule(MilliSeconds(5),
                        &DatagramTransport::ReceiveDatagram,
                        m_ends.at(0).transport,
                        SERVER,
                        packet);
    Run();
    ExpectWhole(SERVER, 0, UPLOAD, 30);
    ExpectReported(0, {{SERVER, true}});
}

/** Datagrams of somebody who wants to do harm: all are dropped, nothing is handed over for them. */
TEST_F(WflTransport, HostileDatagrams)
{
    Open(true);
    auto& server = m_ends.at(SERVER);
    LoseFirst(1, [](const Datagram& datagram) { return datagram.header.end; });
    Send(0, UPLOAD, 30, {SERVER});
    SegmentHeader header;
    header.type = MessageType::UPLOAD;
    header.round = UPLOAD.round;
    const auto throwAt = [&server](Ptr<Packet> packet)
    {
        Simulator::Schedule(MilliSeconds(5),
                            &DatagramTransport::ReceiveDatagram,
                            server.transport,
                            0,
                            packet);
    };
    for (const auto& [index, total] : std::vector<std::pair<uint16_t, uint16_t>>{{30, 30},
                                                                                 {65535, 30},
                                                                                 {29, 31},
                                                                                 {29, 65535},
                                                                                 {0, 1},
                                                                                 {0, 0}})
    {
        header.index = index;
        header.total = total;
        header.end = true;
        auto packet = Create<Packet>(10);
        packet->AddHeader(header);
        throwAt(packet);
    }
    for (uint32_t length = 0; length < SegmentHeader::BYTES; ++length)
    {
        throwAt(Create<Packet>(length));
    }
    for (const auto type : {MessageType::PROBE, MessageType::REPORT})
    {
        SegmentHeader other;
        other.SetSubject(type, UPLOAD);
        other.format = static_cast<fl::WireFormat>(31); // a type that does not exist
        auto packet = Create<Packet>();
        packet->AddHeader(other);
        throwAt(packet);
    }
    Run();
    ExpectWhole(SERVER, 0, UPLOAD, 30);
    ExpectReported(0, {{SERVER, true}});
}

/** Rounds that are over for good leave nothing behind, not even a report under way. */
TEST_F(WflTransport, Forgets)
{
    Open(true);
    Send(0, UPLOAD, 30, {SERVER});
    Run();
    m_ends.at(SERVER).transport->ForgetBefore(7);
    // To a transport that has forgotten, the same message is a new one.
    Send(0, UPLOAD, 30, {SERVER});
    Run();
    EXPECT_EQ((m_ends.at(SERVER).ends[{0, UPLOAD}]), 2U);
    m_ends.at(SERVER).transport->ForgetBefore(6);
    m_ends.at(0).reports.clear();
    Send(0, UPLOAD, 30, {SERVER});
    Run();
    EXPECT_EQ((m_ends.at(SERVER).ends[{0, UPLOAD}]), 2U) << "round 6 is not before 6";
    ExpectReported(0, {{SERVER, true}});
}

/** More is missing than fits a report: it is asked for in several turns. */
TEST_F(WflTransport, LongReports)
{
    Open(true);
    m_channel->script = [](Datagram& datagram)
    {
        const bool lost =
            datagram.number < 2000 && datagram.header.index % 2 == 0 && !datagram.header.end;
        return lost ? Fate{} : Fate{MilliSeconds(1)};
    };
    Send(0, UPLOAD, 2000, {SERVER});
    Run();
    ExpectWhole(SERVER, 0, UPLOAD, 2000);
    EXPECT_EQ(CountSent(MessageType::UPLOAD), 3000U);
}

/** A worker's answer counts as its report on what it had to have before it could answer. */
TEST_F(WflTransport, ImpliedReports)
{
    Open(true);
    const MessageKey answer{MessageType::UPLOAD, 0, MODEL.round};
    m_channel->script = [](Datagram& datagram)
    {
        return datagram.header.type == MessageType::REPORT && datagram.from == 0
                   ? Fate{}
                   : Fate{MilliSeconds(1)};
    };
    Send(SERVER, MODEL, 5, {0});
    Simulator::Schedule(MilliSeconds(5), [this, answer] { Send(0, answer, 5, {SERVER}); });
    Run();
    ExpectWhole(0, SERVER, MODEL, 5);
    ExpectWhole(SERVER, 0, answer, 5);
    ExpectReported(SERVER, {{0, true}});
    EXPECT_EQ(CountSent(MessageType::PROBE), 0U);
}

} // namespace ns3::wfl
