/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

/** A worker learns of rounds from what reaches it on the air, and from nothing else. */

#include "ns3/wfl-worker.h"

#include "wfl-test-helpers.h"

#include <gtest/gtest.h>

namespace ns3::wfl
{

namespace
{

using test::CleanState;
using test::RadioRun;
using test::RunRadio;

/** A worker's end of a transport by which the test says what arrives. */
class StatedTransport : public Transport
{
  public:
    std::vector<OutgoingMessage> sent;
    std::vector<MessageKey> closed;    ///< incoming messages that the worker gave up
    std::vector<MessageKey> cancelled; ///< outgoing messages that the worker gave up

    /** @return whether the worker wants a message */
    bool Accept(const MessageKey& key)
    {
        return m_accept(SERVER, key);
    }

    /** A datagram of a message arrives, and the worker wants it; the last one ends the message. */
    void Arrive(const MessageKey& key, uint16_t index, uint16_t total, bool ask)
    {
        EXPECT_TRUE(m_accept(SERVER, key)) << key.round << ", segment " << index;
        SegmentHeader header;
        header.type = key.type;
        header.round = key.round;
        header.ordinal = key.ordinal;
        header.index = index;
        header.total = total;
        header.ask = ask;
        const uint8_t body = 0;
        m_segment({SERVER, header, &body, 1});
        if (index + 1 == total)
        {
            m_end(SERVER, key, ask);
        }
    }

    void Open(Ptr<ChannelModel> /* channel */, StationId /* self */, bool /* broadcast */) override
    {
    }

    void Send(const OutgoingMessage& message) override
    {
        sent.push_back(message);
    }

    void CloseIncoming(StationId /* from */, const MessageKey& key) override
    {
        closed.push_back(key);
    }

    void CancelOutgoing(const MessageKey& key) override
    {
        cancelled.push_back(key);
    }

    void ForgetBefore(uint16_t /* round */) override {}

    bool IsBroadcasting() const override
    {
        return true;
    }

    bool IsReliable() const override
    {
        return true;
    }

    uint32_t MaxSegmentBytes(Ptr<const ChannelModel> /* channel */,
                             Direction /* direction */) const override
    {
        return 1;
    }

    void ReceiveDatagram(StationId /* from */, Ptr<Packet> /* packet */) override {}
};

/** A federation that learns nothing and notes what a worker does. */
class NotingFederation : public fl::Federation
{
  public:
    std::map<uint32_t, uint32_t> segments;               ///< received, by round of the download
    std::vector<uint32_t> closed;                        ///< rounds of downloads, as they end
    std::vector<std::pair<uint32_t, uint32_t>> computed; ///< rounds and exchanges
    std::shared_ptr<const fl::EncodedMessage> update;    ///< what a worker uploads; null to skip

    NotingFederation()
        : Federation({1, 8, 4, 1, {1}, {}})
    {
    }

    bool HoldsReceipt(uint32_t /* worker */) const override
    {
        return true;
    }

    uint32_t HeldVersion(uint32_t /* worker */) const override
    {
        return 0;
    }

    std::vector<uint8_t> ModelBytes() const override
    {
        return {};
    }

  private:
    using Download = std::shared_ptr<const fl::Download>;

    fl::ExchangePlan DoOpenRound(const std::vector<uint32_t>& /* live */,
                                 const std::vector<uint32_t>& /* candidates */) override
    {
        return {};
    }

    fl::ExchangePlan DoAskAnew(uint32_t /* worker */) override
    {
        return {};
    }

    fl::SegmentFault DoReceiveDownload(uint32_t /* worker */,
                                       const Download& download,
                                       const fl::SegmentView& /* segment */) override
    {
        ++segments[download->round];
        return fl::SegmentFault::NONE;
    }

    fl::Ranges DoCloseDownload(uint32_t /* worker */, const Download& download) override
    {
        closed.push_back(download->round);
        return {};
    }

    void DoConfirmDownload(uint32_t /* worker */,
                           const Download& /* download */,
                           bool /* complete */) override
    {
    }

    fl::Work DoStartCompute(uint32_t /* worker */, uint32_t round, uint32_t exchange) override
    {
        computed.emplace_back(round, exchange);
        return {};
    }

    fl::Upload DoFinishCompute(uint32_t /* worker */) override
    {
        const auto& [round, exchange] = computed.back();
        fl::Upload upload;
        upload.round = round;
        upload.exchange = exchange;
        upload.message = update;
        return upload;
    }

    void DoAbortCompute(uint32_t /* worker */) override {}

    fl::SegmentFault DoReceiveUpload(uint32_t /* worker */,
                                     uint32_t /* round */,
                                     uint32_t /* exchange */,
                                     const fl::SegmentView& /* segment */) override
    {
        return fl::SegmentFault::NONE;
    }

    void DoReceiveSkip(uint32_t /* worker */,
                       uint32_t /* round */,
                       uint32_t /* exchange */) override
    {
    }

    fl::UploadOutcome DoCloseUpload(uint32_t /* worker */,
                                    uint32_t /* round */,
                                    uint32_t /* exchange */) override
    {
        return {};
    }

    void DoReceiveReceipt(uint32_t /* worker */, const fl::UploadOutcome& /* outcome */) override {}

    void DoLose(uint32_t /* worker */) override {}

    fl::ExchangeResult DoCloseExchange() override
    {
        return {};
    }

    void DoStartEvaluation() override {}

    fl::Evaluation DoFinishEvaluation() override
    {
        return {};
    }
};

/** One worker that computes for 10 ms. */
struct Bench
{
    NotingFederation federation;
    Ptr<StatedTransport> transport{CreateObject<StatedTransport>()};
    Ptr<RoundBook> book{Create<RoundBook>(1)};
    Ptr<FlWorker> worker{CreateObject<FlWorker>()};

    Bench()
    {
        const auto factory = TypeRegistry::Get("compute").Parse("constant[Time=10ms]");
        const auto compute = factory.Create<ComputeModel>();
        compute->Start(1, {});
        worker->SetUp(0, &federation, transport, compute, book);
    }

    /** The server opens an exchange in which the worker is sent an update and asked. */
    MessageKey OpenRound(uint32_t round, uint32_t exchange = 0)
    {
        auto download = std::make_shared<fl::Download>();
        download->round = round;
        download->exchange = exchange;
        download->ordinal = exchange;
        download->kind = fl::DownloadKind::UPDATE;
        download->audience = {0};
        download->message = MakeControlMessage({1, 2, 3}, 1);
        fl::ExchangePlan plan;
        plan.round = round;
        plan.exchange = exchange;
        plan.asked = {0};
        plan.downloads = {download};
        book->Open(plan);
        return RoundBook::KeyOf(*download);
    }

    /** All that the server sends in an exchange arrives, so the worker begins to compute. */
    void Ask(uint32_t round, uint32_t exchange = 0)
    {
        const auto key = OpenRound(round, exchange);
        for (uint16_t i = 0; i < 3; ++i)
        {
            transport->Arrive(key, i, 3, true);
        }
    }
};

} // namespace

/**
 * A download of a round that is over for the server is received until the first datagram of a newer
 * round arrives; from then on, older rounds are refused.
 */
TEST(WflWorker, OldRoundsLastUntilANewOneIsHeard)
{
    const CleanState clean;
    Bench bench;
    auto& transport = *bench.transport;
    const auto first = bench.OpenRound(1);
    transport.Arrive(first, 0, 3, true);
    const auto second = bench.OpenRound(2); // of which nothing arrives
    EXPECT_TRUE(transport.Accept(first));
    transport.Arrive(first, 1, 3, true);
    EXPECT_EQ(bench.federation.segments[1], 2U);
    EXPECT_TRUE(bench.federation.closed.empty());
    EXPECT_TRUE(transport.closed.empty());

    const auto third = bench.OpenRound(3);
    transport.Arrive(third, 0, 3, true);
    // It gives up what both older rounds owe it.
    EXPECT_EQ(bench.federation.closed, (std::vector<uint32_t>{1, 2}));
    EXPECT_EQ(transport.closed, (std::vector<MessageKey>{first, second}));
    EXPECT_FALSE(transport.Accept(first));
    EXPECT_FALSE(transport.Accept(second));
    EXPECT_FALSE(transport.Accept({MessageType::OPEN, 0, 2}));
    EXPECT_TRUE(transport.Accept({MessageType::OPEN, 0, 3}));
    EXPECT_TRUE(transport.Accept({MessageType::RECEIPT, 0, 1})) << "receipts are never too late";
    transport.Arrive(third, 1, 3, true);
    transport.Arrive(third, 2, 3, true);
    Simulator::Run();
    EXPECT_EQ(bench.federation.segments[3], 3U);
    EXPECT_EQ(bench.federation.computed, (std::vector<std::pair<uint32_t, uint32_t>>{{3, 0}}));
}

/** What the server says to others in newer rounds does not end what it still owes this worker. */
TEST(WflWorker, WhatIsForOthersChangesNothing)
{
    const CleanState clean;
    Bench bench;
    auto& transport = *bench.transport;
    const auto first = bench.OpenRound(1);
    transport.Arrive(first, 0, 3, true);
    EXPECT_FALSE(transport.Accept({MessageType::UPDATE, 0, 2})) << "a broadcast to others";
    EXPECT_TRUE(transport.Accept({MessageType::OPEN, 0, 2})) << "whom it names is not known yet";
    EXPECT_TRUE(transport.Accept(first));
    EXPECT_TRUE(bench.federation.closed.empty());
    transport.Arrive(first, 1, 3, true);
    transport.Arrive(first, 2, 3, true);
    Simulator::Run();
    EXPECT_EQ(bench.federation.computed, (std::vector<std::pair<uint32_t, uint32_t>>{{1, 0}}));
}

/** It answers the round that asked it, although the server has opened a newer one since. */
TEST(WflWorker, AnswersTheRoundThatAsked)
{
    const CleanState clean;
    Bench bench;
    auto& transport = *bench.transport;
    const auto first = bench.OpenRound(1);
    const auto second = bench.OpenRound(2);
    for (uint16_t i = 0; i < 3; ++i)
    {
        transport.Arrive(first, i, 3, true);
    }
    Simulator::Run();
    ASSERT_EQ(transport.sent.size(), 1U) << "it does not wait for round 2's update";
    EXPECT_EQ(transport.sent[0].key, (MessageKey{MessageType::SKIP, 0, 1}));
    EXPECT_TRUE(transport.cancelled.empty());
    transport.Arrive(second, 0, 3, true);
    EXPECT_EQ(transport.cancelled, std::vector<MessageKey>{transport.sent[0].key})
        << "asked anew, it waits for no report on its answer";
    transport.Arrive(second, 1, 3, true);
    transport.Arrive(second, 2, 3, true);
    Simulator::Run();
    ASSERT_EQ(transport.sent.size(), 2U);
    EXPECT_EQ(transport.sent[1].key, (MessageKey{MessageType::SKIP, 0, 2}));
    EXPECT_EQ(bench.federation.computed,
              (std::vector<std::pair<uint32_t, uint32_t>>{{1, 0}, {2, 0}}));
}

/** What is uploaded for an exchange that has closed counts where it is sent, and as late. */
TEST(WflWorker, CountsLateUploads)
{
    const CleanState clean;
    Bench bench;
    auto& book = *bench.book;
    bench.federation.update = MakeControlMessage({1, 2, 3, 4, 5}, 2); // 5 bytes, 3 segments
    const auto expect = [&book](uint32_t segments, uint32_t lateSegments)
    {
        const auto& record = book.Record().workers[0];
        EXPECT_EQ(record.segmentsOffered, segments);
        EXPECT_EQ(record.payloadBytes, segments / 3 * 5);
        EXPECT_EQ(record.lateSegments, lateSegments);
        EXPECT_EQ(record.latePayloadBytes, lateSegments / 3 * 5);
        EXPECT_EQ(record.uplinkStart.has_value(), segments > 0);
        EXPECT_EQ(record.computeEnd.has_value(), segments > 0);
    };
    // In time.
    bench.Ask(1);
    Simulator::Run();
    expect(3, 0);
    // The round closes while it computes, and it sends before the next one opens: that record is
    // complete, and the next one has it.
    book.CloseRound();
    bench.Ask(2);
    book.CloseRound();
    Simulator::Run();
    expect(0, 0);
    bench.OpenRound(3); // of which nothing arrives
    expect(0, 3);
    // It sends when the next round is open.
    book.CloseRound();
    bench.Ask(4);
    book.CloseRound();
    bench.OpenRound(5);
    Simulator::Run();
    expect(0, 3);
    // It sends when the next exchange of the same round is open.
    book.CloseRound();
    bench.Ask(6, 0);
    bench.OpenRound(6, 1);
    Simulator::Run();
    expect(0, 3);
    EXPECT_EQ(bench.transport->sent.size(), 4U);
}

/** Of two exchanges of a round the lengths add up, and the times are those of the second one. */
TEST(WflWorker, TimesAreThoseOfTheLastExchange)
{
    const CleanState clean;
    Bench bench;
    bench.federation.update = MakeControlMessage({1, 2, 3, 4, 5}, 2);
    const auto& record = bench.book->Record();
    bench.Ask(1, 0);
    Simulator::Run();
    EXPECT_EQ(record.workers[0].downlinkEnd, Seconds(0));
    EXPECT_EQ(record.workers[0].computeEnd, MilliSeconds(10));
    bench.book->Record(0, 1).uplinkEnd = MilliSeconds(10);
    bench.book->Record(0, 1).repairStart = MilliSeconds(10);
    bench.OpenRound(1, 1);
    for (const auto& time : {record.workers[0].downlinkEnd,
                             record.workers[0].computeEnd,
                             record.workers[0].uplinkStart,
                             record.workers[0].uplinkEnd,
                             record.workers[0].repairStart})
    {
        EXPECT_FALSE(time);
    }
    EXPECT_EQ(record.workers[0].segmentsOffered, 3U);
}

/** What a deadline has overtaken does not stand in the way: every round gets about as far. */
TEST(WflWorker, DeadlinesClearTheLine)
{
    const CleanState clean;
    RadioRun run;
    run.workers = 2;
    run.rounds = 20;
    run.deadlineS = 0.03;
    // 15 segments of 48 bytes and a header, of 8 ms each: a round has time for three, and the one
    // whose transmission has begun by then arrives, too.
    run.channel = "link[MaxDatagramBytes=64|DownlinkRate=64e3]";
    const auto result = RunRadio(run);
    std::istringstream text(result.log);
    uint32_t ends = 0;
    for (const auto& event : fl::ReadEventLog(text))
    {
        if (event.kind == "download-end")
        {
            const auto& segments = event.Text("segments");
            EXPECT_TRUE(segments == "0-3" || segments == "0-2") << segments;
            ++ends;
        }
    }
    // From round 1 on, but for the last one, whose end nobody waits for.
    EXPECT_EQ(ends, 2U * 18U);
}

} // namespace ns3::wfl
