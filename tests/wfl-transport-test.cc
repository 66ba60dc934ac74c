/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

/**
 * The datagram transport on a channel that does exactly what a test says: whatever is lost,
 * repeated, reordered or damaged, a receiver gets every segment once and a sender comes to an end.
 */

#include "wfl-transport-bench.h"

#include <algorithm>
#include <gtest/gtest.h>
#include <set>
#include <tuple>
#include <utility>

namespace ns3::wfl
{

namespace
{

using test::Datagram;
using test::Fate;
using test::MODEL;
using test::OPEN;
using test::RECEIPT;
using test::Times;
using test::UPLOAD;

class WflTransport : public test::TransportBench
{
};

} // namespace

/** An upload of which nothing is lost is reported once, when the server has heard nothing for 50
 * ms. */
TEST_F(WflTransport, AllArrives)
{
    Open(true);
    Send(0, UPLOAD, 30, {SERVER});
    Run();
    ExpectWhole(SERVER, 0, UPLOAD, 30);
    ExpectReported(0, {{SERVER, true}});
    EXPECT_EQ(CountSent(MessageType::UPLOAD), 30U);
    EXPECT_EQ(SentAt(MessageType::REPORT, SERVER), Times{51000});
    EXPECT_EQ(CountSent(MessageType::REPORT), 1U) << "to the worker alone";
    EXPECT_EQ(CountSent(MessageType::PROBE), 0U);
}

/** Important segments leave first, the last of the others ends the pass; receivers do not care. */
TEST_F(WflTransport, ImportantFirst)
{
    for (const bool importantFirst : {false, true})
    {
        Simulator::Destroy();
        m_ends.clear();
        m_importantFirst = importantFirst;
        Open(true);
        auto message = *MakeMessage(8);
        message.important = {{2, 4}, {7, 8}};
        m_ends.at(0).transport->Send(
            {UPLOAD, std::make_shared<const fl::EncodedMessage>(message), {SERVER}, false});
        Run();
        ExpectWhole(SERVER, 0, UPLOAD, 8);
        std::vector<uint16_t> order;
        for (const auto& datagram : m_channel->sent)
        {
            if (datagram.header.type == MessageType::UPLOAD)
            {
                order.push_back(datagram.header.index);
                EXPECT_EQ(datagram.header.end, order.size() == 8);
            }
        }
        EXPECT_EQ(order,
                  importantFirst ? (std::vector<uint16_t>{2, 3, 7, 0, 1, 4, 5, 6})
                                 : (std::vector<uint16_t>{0, 1, 2, 3, 4, 5, 6, 7}));
    }
}

/** The end of an upload is lost: the server asks for it after the silence, nobody probes. */
TEST_F(WflTransport, LostEnd)
{
    Open(true);
    LoseFirst(3, [](const Datagram& datagram) { return datagram.header.index >= 27; });
    Send(0, UPLOAD, 30, {SERVER});
    Run();
    ExpectWhole(SERVER, 0, UPLOAD, 30);
    ExpectReported(0, {{SERVER, true}});
    EXPECT_EQ(CountSent(MessageType::PROBE), 0U);
    EXPECT_EQ(CountSent(MessageType::UPLOAD), 33U) << "no more than the lost ones are repeated";
    // The repair arrives at 53 ms, and the silence after it ends at 103 ms.
    EXPECT_EQ(SentAt(MessageType::REPORT, SERVER), (Times{51000, 103000}));
    const auto reports = ReportsOf(SERVER);
    EXPECT_EQ(BodyOf(reports.at(0)), (std::pair<uint8_t, fl::Ranges>{1, {{27, 30}}}));
    EXPECT_EQ(reports.at(1).to, 0U);
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
        // Whoever misses something asks again by itself; that all is there must be asked for.
        EXPECT_EQ(CountSent(MessageType::PROBE) > 0, !segments);
    }
}

/** All is lost, and what asks after it, which is by turns a probe and the last segment. */
TEST_F(WflTransport, LostProbes)
{
    Open(true);
    m_channel->script = [](Datagram& datagram)
    {
        return datagram.number < 30 + 3 ? Fate{} : Fate{MilliSeconds(1)};
    };
    Send(0, UPLOAD, 30, {SERVER});
    Run();
    ExpectWhole(SERVER, 0, UPLOAD, 30);
    std::vector<std::pair<MessageType, uint16_t>> asked;
    for (uint32_t number = 30; number < 30 + 4; ++number)
    {
        const auto& header = m_channel->sent[number].header;
        asked.emplace_back(header.type, header.type == MessageType::PROBE ? 0 : header.index);
    }
    EXPECT_EQ(asked,
              (std::vector<std::pair<MessageType, uint16_t>>{{MessageType::PROBE, 0},
                                                             {MessageType::UPLOAD, 29},
                                                             {MessageType::PROBE, 0},
                                                             {MessageType::UPLOAD, 29}}));
}

/** Nothing passes for ten seconds: at last the waits between probes grow, and then all goes on. */
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
    // SteadyTries = 32 at 220, 420, ... 6420 ms, one 400 ms later, then every half second from 7320
    // to 10320 ms, of which the last is answered.
    EXPECT_EQ(AskedAt(0, UPLOAD).size(), 32U + 1U + 7U);
    EXPECT_LT(m_channel->lastSent, Seconds(12)) << "MaxProbeWait is 0.5 s";
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
    EXPECT_EQ(m_channel->groupSent[MessageType::MODEL], 20U + 2U);
}

/** What one receiver of a group lacks is sent to it alone. */
TEST_F(WflTransport, RepairForOne)
{
    Open(true);
    LoseFirst(1,
              [](const Datagram& datagram)
              { return datagram.header.index == 9 && datagram.to == 1; });
    Send(SERVER, MODEL, 20, {0, 1, 2});
    Run();
    ExpectWhole(1, SERVER, MODEL, 20);
    ExpectReported(SERVER, {{0, true}, {1, true}, {2, true}});
    EXPECT_EQ(CountSent(MessageType::MODEL), 60U + 1U);
    EXPECT_EQ(m_channel->groupSent[MessageType::MODEL], 20U);
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

/**
 * Two rounds in which everything arrives and every worker answers at once cost no datagram but the
 * data: an answer is the report on what asked for it, and being asked anew that on the answer.
 */
TEST_F(WflTransport, ExchangesWithoutReports)
{
    for (const bool groups : {true, false})
    {
        Simulator::Destroy();
        m_ends.clear();
        Open(true, groups);
        const auto model = [](uint16_t round)
        {
            return MessageKey{MessageType::MODEL, 0, round};
        };
        const auto upload = [](uint16_t round)
        {
            return MessageKey{MessageType::UPLOAD, 0, round};
        };
        for (uint16_t round = 0; round < 5; ++round)
        {
            // 1 ms down, 10 ms of computing, 1 ms up; the last two workers are slower.
            const Time start = MilliSeconds(40 * round);
            Simulator::Schedule(start, [=] { Send(SERVER, model(round), 5, {0, 1, 2}, true); });
            for (StationId worker = 0; worker < WORKERS; ++worker)
            {
                Simulator::Schedule(start + MilliSeconds(1),
                                    [=] {
                                        m_ends.at(worker).transport->CancelOutgoing(
                                            upload(static_cast<uint16_t>(round - 1)));
                                    });
                Simulator::Schedule(start + MilliSeconds(11 + 10 * worker),
                                    [=] { Send(worker, upload(round), 5, {SERVER}); });
            }
        }
        Simulator::Stop(MilliSeconds(4 * 40 + 39));
        Simulator::Run();
        for (uint16_t round = 0; round < 5; ++round)
        {
            for (StationId worker = 0; worker < WORKERS; ++worker)
            {
                ExpectWhole(worker, SERVER, model(round), 5);
                ExpectWhole(SERVER, worker, upload(round), 5);
            }
        }
        EXPECT_EQ(CountSent(MessageType::REPORT), 0U);
        EXPECT_EQ(CountSent(MessageType::PROBE), 0U);
        EXPECT_EQ(m_channel->sent.size(), 5 * 2 * WORKERS * 5U);
        EXPECT_EQ(m_ends.at(SERVER).reports.size(), 5 * WORKERS) << "the answers say it";
    }
}

/** The same with the real applications: hellos and their reports, then nothing but data. */
TEST_F(WflTransport, RoundsWithoutReports)
{
    struct Listener
    {
        std::map<Direction, uint32_t> count;

        void Note(const Transmission& transmission)
        {
            ++count[transmission.direction];
        }
    } listener;

    test::RadioRun run;
    run.channel = "ideal[MaxDatagramBytes=400]"; // 720 bytes in 2 segments
    run.prepare = [&listener](FederationHelper& helper)
    {
        helper.Channel()->TraceConnectWithoutContext("Transmission",
                                                     MakeCallback(&Listener::Note, &listener));
    };
    test::RunRadio(run);
    // The request of round 0 is a datagram of its own, those of the others are updates.
    EXPECT_EQ(listener.count[Direction::UP], 5U + 4 * 5 * 2);
    EXPECT_EQ(listener.count[Direction::DOWN], 5U + 1 + 3 * 2);
}

/** Without any patience the report comes when the upload is complete. */
TEST_F(WflTransport, NoSilence)
{
    Open(true);
    Set("Silence", Seconds(0));
    Send(0, UPLOAD, 1, {SERVER});
    Run();
    ExpectReported(0, {{SERVER, true}});
    EXPECT_EQ(SentAt(MessageType::REPORT, SERVER), Times{1000});
    EXPECT_EQ(CountSent(MessageType::PROBE), 0U);
}

/** A downlink that takes 184 ms for a datagram, longer than the silence, carries each once. */
TEST_F(WflTransport, SlowDownlinksCarryEverythingOnce)
{
    test::RadioRun run;
    run.channel = "link[DownlinkRate=64e3]";
    run.objective = "mlp[Hidden=250]"; // 2754 parameters of 4 bytes, in 8 datagrams
    run.workers = 2;
    const auto result = test::RunRadio(run);
    // From 11,016 bytes and 8 headers at 64 kbit/s 1.393 s follow, and 10 ms of computing.
    for (uint32_t round = 1; round < run.rounds; ++round)
    {
        EXPECT_LT(result.records[round].end - result.records[round].start, MilliSeconds(1500));
    }
}

/** After the silence complete uploads are reported to all workers in one datagram. */
TEST_F(WflTransport, UploadsAreReportedTogether)
{
    for (const bool groups : {true, false})
    {
        Simulator::Destroy();
        m_ends.clear();
        Open(true, groups);
        Set("Silence", MilliSeconds(35));
        for (StationId worker = 0; worker < WORKERS; ++worker)
        {
            Simulator::Schedule(MilliSeconds(30) * static_cast<int64_t>(worker),
                                [=] { Send(worker, UPLOAD, 5, {SERVER}); });
        }
        Run();
        for (StationId worker = 0; worker < WORKERS; ++worker)
        {
            ExpectReported(worker, {{SERVER, true}});
        }
        // The last segments are sent at 60 ms and arrive 1 ms later.
        EXPECT_EQ(SentAt(MessageType::REPORT, SERVER), (Times{96000, 96000, 96000}));
        EXPECT_EQ(m_channel->groupSent[MessageType::REPORT], groups ? 1U : 0U);
        for (const auto& report : ReportsOf(SERVER))
        {
            const auto named = groups ? fl::Ranges{{0, 3}} : fl::Ranges{};
            EXPECT_EQ(BodyOf(report), (std::pair<uint8_t, fl::Ranges>{0, named}));
            EXPECT_EQ(report.header.worker, groups ? SegmentHeader::ALL_WORKERS : report.to);
        }
        EXPECT_EQ(CountSent(MessageType::PROBE), 0U);
    }
}

/** Who is asked anew before silence falls needs no report on its upload; the others get theirs. */
TEST_F(WflTransport, AskingAnewIsAReport)
{
    Open(true);
    for (StationId worker = 0; worker < WORKERS; ++worker)
    {
        Send(worker, UPLOAD, 5, {SERVER});
    }
    Simulator::Schedule(MilliSeconds(20), [this] { Send(SERVER, MODEL, 5, {1}, true); });
    Simulator::Schedule(MilliSeconds(30), [this] { Send(SERVER, RECEIPT, 1, {2}); });
    Simulator::Stop(MilliSeconds(60));
    Simulator::Run();
    EXPECT_EQ(SentAt(MessageType::REPORT, SERVER), (Times{51000, 51000}));
    EXPECT_EQ(m_channel->groupSent[MessageType::REPORT], 1U);
    ASSERT_EQ(ReportsOf(SERVER).size(), 2U);
    EXPECT_EQ(BodyOf(ReportsOf(SERVER).front()),
              (std::pair<uint8_t, fl::Ranges>{0, {{0, 1}, {2, 3}}}));
}

/** A worker to which the end of a download was lost asks for it after the silence, without a probe.
 */
TEST_F(WflTransport, LostEndOfDownload)
{
    for (const bool ask : {true, false})
    {
        Simulator::Destroy();
        m_ends.clear();
        Open(true);
        LoseFirst(2,
                  [](const Datagram& datagram)
                  { return datagram.header.index >= 18 && datagram.to == 1; });
        Send(SERVER, MODEL, 20, {0, 1, 2}, ask);
        Simulator::Stop(MilliSeconds(100));
        Simulator::Run();
        ExpectWhole(1, SERVER, MODEL, 20);
        EXPECT_EQ(CountSent(MessageType::MODEL), 60U + 2U);
        EXPECT_EQ(CountSent(MessageType::PROBE), 0U);
        const auto reports = ReportsOf(1);
        ASSERT_GE(reports.size(), 1U);
        EXPECT_EQ(BodyOf(reports.front()), (std::pair<uint8_t, fl::Ranges>{1, {{18, 20}}}));
        // As it is about a group message, it waits for at most 100 us a worker.
        EXPECT_GE(reports.front().time, MilliSeconds(51));
        EXPECT_LE(reports.front().time, MilliSeconds(51) + WORKERS * MicroSeconds(100));
    }
}

/** A worker that missed the report on its upload probes, and is answered at once. */
TEST_F(WflTransport, ProbeIsAnsweredAtOnce)
{
    Open(true);
    LoseFirst(1,
              [](const Datagram& datagram) { return datagram.header.type == MessageType::REPORT; });
    Send(0, UPLOAD, 30, {SERVER});
    Run();
    ExpectReported(0, {{SERVER, true}});
    EXPECT_EQ(SentAt(MessageType::PROBE, 0), Times{220000});
    EXPECT_EQ(SentAt(MessageType::REPORT, SERVER), (Times{51000, 221000}));
    EXPECT_EQ(BodyOf(ReportsOf(SERVER).back()), (std::pair<uint8_t, fl::Ranges>{0, {}}));
    EXPECT_EQ(CountSent(MessageType::UPLOAD), 30U);
}

/** What the server misses while a worker's queue is not empty is there, and is not sent again. */
TEST_F(WflTransport, BackloggedSegmentsAreNotMissing)
{
    for (const bool backlogged : {true, false})
    {
        Simulator::Destroy();
        m_ends.clear();
        Open(true);
        // As if the channel had not got round to segments 10 to 29 until 80 ms.
        m_channel->script = [](Datagram& datagram)
        {
            const bool late = datagram.number >= 10 && datagram.number < 30;
            return Fate{MilliSeconds(late ? 80 : 1)};
        };
        m_channel->backlogged = [backlogged](StationId station)
        {
            return backlogged && station == 0 && Simulator::Now() < MilliSeconds(80);
        };
        Send(0, UPLOAD, 30, {SERVER});
        Run();
        ExpectWhole(SERVER, 0, UPLOAD, 30);
        ExpectReported(0, {{SERVER, true}});
        ASSERT_GE(ReportsOf(SERVER).size(), 1U);
        EXPECT_EQ(BodyOf(ReportsOf(SERVER).front()),
                  (std::pair<uint8_t, fl::Ranges>{1, {{10, 30}}}));
        EXPECT_EQ(CountSent(MessageType::UPLOAD), backlogged ? 30U : 50U);
    }
}

/**
 * Likewise for what a worker misses while the server's queue is not empty: slow downlinks must not
 * carry every message several times.
 */
TEST_F(WflTransport, BackloggedDownloadsAreNotMissing)
{
    Open(true);
    m_channel->script = [](Datagram& datagram)
    {
        const bool late = datagram.number >= 10 && datagram.number < 30;
        return Fate{MilliSeconds(late ? 80 : 1)};
    };
    m_channel->backlogged = [](StationId station)
    {
        return station == SERVER && Simulator::Now() < MilliSeconds(80);
    };
    Send(SERVER, MODEL, 30, {0});
    Run();
    ExpectWhole(0, SERVER, MODEL, 30);
    ExpectReported(SERVER, {{0, true}});
    EXPECT_EQ(CountSent(MessageType::MODEL), 30U);
}

/**
 * The first probe of a single datagram comes ProbeWait after it was seen to have left, that of
 * several BurstProbeWait after it. The probe in vain whose number is SteadyTries, and each after
 * it, doubles the wait. Whether they have left is looked at every ProbeWait.
 */
TEST_F(WflTransport, FirstProbe)
{
    struct Case
    {
        uint32_t segments;
        int64_t backlogMs; ///< how long the datagrams wait for their turn
        Times probes;
    };
    const std::vector<Case> cases{{1, 0, {20000 + 20000, 60000, 80000, 120000, 200000, 360000}},
                                  {2, 0, {20000 + 200000, 420000, 620000, 1020000, 1520000}},
                                  {1, 90, {100000 + 20000, 140000, 160000, 200000, 280000}},
                                  {2, 90, {100000 + 200000, 500000, 700000, 1100000}}};
    for (const auto& [segments, backlogMs, probes] : cases)
    {
        for (const StationId from : {0U, SERVER})
        {
            Simulator::Destroy();
            m_ends.clear();
            Open(true);
            m_ends.at(from).transport->SetAttribute("SteadyTries", UintegerValue(3));
            m_channel->script = [](Datagram& /* datagram */)
            {
                return Fate{};
            };
            const Time left = MilliSeconds(backlogMs);
            m_channel->backlogged = [left](StationId /* station */)
            {
                return Simulator::Now() < left;
            };
            Send(from, from == SERVER ? MODEL : UPLOAD, segments, {from == SERVER ? 0 : SERVER});
            Simulator::Stop(MilliSeconds(1600));
            Simulator::Run();
            auto times = AskedAt(from, from == SERVER ? MODEL : UPLOAD);
            times.resize(std::min(times.size(), probes.size()));
            EXPECT_EQ(times, probes);
        }
    }
    Open(true);
    Set("ProbeWait", MilliSeconds(7));
    Set("BurstProbeWait", MilliSeconds(30));
    m_channel->script = [](Datagram& /* datagram */)
    {
        return Fate{};
    };
    const Time now = Simulator::Now();
    Send(0, UPLOAD, 1, {SERVER});
    Send(1, UPLOAD, 2, {SERVER});
    Simulator::Stop(MilliSeconds(40));
    Simulator::Run();
    EXPECT_EQ(AskedAt(0, UPLOAD),
              (Times{(now + MilliSeconds(14)).GetMicroSeconds(),
                     (now + MilliSeconds(21)).GetMicroSeconds(),
                     (now + MilliSeconds(28)).GetMicroSeconds(),
                     (now + MilliSeconds(35)).GetMicroSeconds()}));
    EXPECT_EQ(SentAt(MessageType::PROBE, 1), Times{(now + MilliSeconds(37)).GetMicroSeconds()});
}

/**
 * While it hears uploads the server does not probe those it has asked to compute, who may be
 * waiting for their turn; others it does.
 */
TEST_F(WflTransport, NoProbesAmongUploads)
{
    for (const auto& [key, uploads, expectedUs] :
         {std::tuple(OPEN, true, 540000), {OPEN, false, 40000}, {RECEIPT, true, 220000}})
    {
        Simulator::Destroy();
        m_ends.clear();
        Open(true);
        // What goes to worker 2 is lost; of the upload one segment arrives every 10 ms.
        m_channel->script = [](Datagram& datagram)
        {
            return datagram.to == 2 ? Fate{} : Fate{MilliSeconds(5 + 10 * datagram.header.index)};
        };
        m_channel->backlogged = [](StationId station)
        {
            return station == 0;
        };
        Send(SERVER, key, 1, {2});
        if (uploads)
        {
            Send(0, UPLOAD, 50, {SERVER}); // the last one arrives at 495 ms
        }
        Simulator::Stop(MilliSeconds(550));
        Simulator::Run();
        const auto probes = AskedAt(SERVER, key);
        ASSERT_GE(probes.size(), 1U);
        // Looked at every 20 ms: at 500 ms it still hears something, at 520 ms it does not.
        EXPECT_EQ(probes.front(), expectedUs);
    }
}

/** A worker that hears the server probes all the same: that says nothing of its upload. */
TEST_F(WflTransport, ProbesAmongDownloads)
{
    Open(true);
    LoseFirst(1, [](const Datagram& datagram) { return datagram.from == 0; });
    Send(0, UPLOAD, 1, {SERVER});
    for (const int64_t ms : {10, 20, 30, 40})
    {
        Simulator::Schedule(MilliSeconds(ms),
                            [=]
                            {
                                const auto ordinal = static_cast<uint8_t>(ms / 10);
                                Send(SERVER, {MessageType::RECEIPT, ordinal, 5}, 1, {0});
                            });
    }
    Simulator::Stop(MilliSeconds(60));
    Simulator::Run();
    EXPECT_EQ(AskedAt(0, UPLOAD), Times{40000});
}

/** A report to several workers that is overheard by another one says nothing of its upload. */
TEST_F(WflTransport, OverheardReport)
{
    Open(true);
    m_channel->script = [](Datagram& /* datagram */)
    {
        return Fate{};
    };
    Send(0, UPLOAD, 5, {SERVER});
    Send(1, UPLOAD, 5, {SERVER});
    SegmentHeader header;
    header.SetSubject(MessageType::REPORT, UPLOAD);
    header.worker = SegmentHeader::ALL_WORKERS;
    std::vector<uint8_t> body{0};
    AppendRanges({{1, 3}}, 10, body);
    for (const StationId worker : {0U, 1U})
    {
        auto packet = Create<Packet>(body.data(), static_cast<uint32_t>(body.size()));
        packet->AddHeader(header);
        m_ends.at(worker).transport->ReceiveDatagram(SERVER, packet);
    }
    ExpectReported(0, {});
    ExpectReported(1, {{SERVER, true}});
}

/** Who cancels a message never asks for it again. */
TEST_F(WflTransport, CancelStopsProbes)
{
    for (const StationId from : {0U, SERVER})
    {
        Simulator::Destroy();
        m_ends.clear();
        Open(true);
        m_channel->script = [](Datagram& /* datagram */)
        {
            return Fate{};
        };
        const auto key = from == SERVER ? MODEL : UPLOAD;
        Send(from, key, 1, {from == SERVER ? 0 : SERVER});
        Simulator::Schedule(MilliSeconds(100),
                            &DatagramTransport::CancelOutgoing,
                            m_ends.at(from).transport,
                            key);
        Run();
        EXPECT_EQ(AskedAt(from, key), (Times{40000, 60000, 80000}));
        EXPECT_TRUE(m_ends.at(from).reports.empty());
    }
}

/** Two receivers of one message that ask at the same moment are both repaired, each its own. */
TEST_F(WflTransport, UnicastRepairs)
{
    Open(true, false);
    m_channel->script = [](Datagram& datagram)
    {
        const bool first = datagram.number < 60;
        const bool lost = first && ((datagram.to == 0 && datagram.header.index == 4) ||
                                    (datagram.to == 1 && datagram.header.index == 9));
        return lost ? Fate{} : Fate{MilliSeconds(1)};
    };
    Send(SERVER, MODEL, 20, {0, 1, 2});
    Run();
    for (StationId worker = 0; worker < WORKERS; ++worker)
    {
        ExpectWhole(worker, SERVER, MODEL, 20);
    }
    ExpectReported(SERVER, {{0, true}, {1, true}, {2, true}});
    EXPECT_EQ(SentAt(MessageType::REPORT, 0).at(0), 1000);
    EXPECT_EQ(SentAt(MessageType::REPORT, 1).at(0), 1000);
    std::vector<std::tuple<StationId, uint16_t, int64_t>> repairs;
    for (const auto& datagram : m_channel->sent)
    {
        if (datagram.header.type == MessageType::MODEL && datagram.number >= 60)
        {
            repairs.emplace_back(datagram.to,
                                 datagram.header.index,
                                 datagram.time.GetMicroSeconds());
        }
    }
    EXPECT_EQ(repairs,
              (std::vector<std::tuple<StationId, uint16_t, int64_t>>{{0, 4, 2000}, {1, 9, 2000}}));
    EXPECT_EQ(CountSent(MessageType::PROBE), 0U);
}

/** What is long on its way is neither probed for nor taken for silence too early. */
TEST_F(WflTransport, RoundTripsDelayProbes)
{
    Open(true);
    m_channel->roundTrip = MilliSeconds(30);
    LoseFirst(1, [](const Datagram& datagram) { return datagram.from == 1; });
    Send(0, UPLOAD, 2, {SERVER});
    Send(1, UPLOAD, 1, {SERVER});
    Run();
    // Seen to have left after 20 + 30 ms, and asked for as much later. What arrived at 101 ms is
    // reported when it is asked for once more, another 20 + 30 ms later.
    EXPECT_EQ(AskedAt(1, UPLOAD), (Times{100000, 150000}));
    EXPECT_EQ(SentAt(MessageType::PROBE, 0), Times{});
    // 1 ms, then 50 + 30 ms of silence.
    ASSERT_GE(ReportsOf(SERVER).size(), 1U);
    EXPECT_EQ(ReportsOf(SERVER).front().time, MilliSeconds(81));
    EXPECT_EQ(ReportsOf(SERVER).front().to, 0U);
}

/** While a report waits for its turn on a slow link, questions do not put others behind it. */
TEST_F(WflTransport, OneReportWaits)
{
    Open(true);
    m_channel->backlogged = [](StationId station)
    {
        return station == 0 && Simulator::Now() < Seconds(5);
    };
    m_channel->script = [](Datagram& datagram)
    {
        const bool waits = datagram.from == 0 && Simulator::Now() < Seconds(5);
        return waits ? Fate{Seconds(60)} : Fate{MilliSeconds(1)};
    };
    Send(SERVER, MODEL, 3, {0});
    Run();
    ExpectWhole(0, SERVER, MODEL, 3);
    ExpectReported(SERVER, {{0, true}});
    const auto reports = SentAt(MessageType::REPORT, 0);
    ASSERT_EQ(reports.size(), 2U);
    EXPECT_LT(reports[0], 5000000);
    EXPECT_GT(reports[1], 5000000) << "then the question is answered again";
    EXPECT_GT(CountSent(MessageType::PROBE), 4U);
}

/** What is missing has become less: that is another report, which does not wait. */
TEST_F(WflTransport, ANewReportDoesNotWait)
{
    Open(true);
    m_channel->backlogged = [](StationId station)
    {
        return station == 0 && Simulator::Now() < Seconds(5);
    };
    uint32_t lost = 0;
    m_channel->script = [&lost](Datagram& datagram)
    {
        const bool isModel = datagram.header.type == MessageType::MODEL;
        const bool first = lost < 2 && datagram.header.index >= 1;
        const bool second = lost == 2 && datagram.header.index == 2;
        const bool isLost = isModel && (first || second);
        lost += isLost;
        return isLost ? Fate{} : Fate{MilliSeconds(1)};
    };
    Send(SERVER, MODEL, 4, {0});
    Run();
    ExpectWhole(0, SERVER, MODEL, 4);
    ExpectReported(SERVER, {{0, true}});
    const auto reports = ReportsOf(0);
    ASSERT_EQ(reports.size(), 3U);
    EXPECT_EQ(BodyOf(reports[0]), (std::pair<uint8_t, fl::Ranges>{1, {{1, 3}}}));
    EXPECT_EQ(BodyOf(reports[1]), (std::pair<uint8_t, fl::Ranges>{1, {{2, 3}}}));
    EXPECT_EQ(BodyOf(reports[2]).first, 0);
    EXPECT_LT(reports[2].time, Seconds(5));
}

} // namespace ns3::wfl
