/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

/**
 * Nothing is lost in silence: of every worker in every round, what was offered is delivered or
 * lost with a reason, on every channel there is, and what arrives twice counts once.
 */

#include "ns3/wfl-channel-model.h"

#include "ns3/constant-position-mobility-model.h"
#include "ns3/fl-codec.h"
#include "ns3/wfl-loss-model.h"

#include "wfl-test-helpers.h"

#include <algorithm>
#include <cmath>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace ns3::wfl
{

namespace
{

using test::CallScenario;
using test::CleanState;
using test::RadioResult;
using test::RadioRun;
using test::ReadCsv;
using test::RunFromLog;
using test::RunRadio;
using test::RunReference;
using test::SMALL_ARGUMENTS;
using test::TempFolder;
using test::With;

} // namespace

/** A channel of a user's own: it delivers everything one to three times, in any order. */
class EchoChannel : public ChannelModel
{
  public:
    static TypeId GetTypeId()
    {
        static TypeId tid =
            TypeId("ns3::wfl::EchoChannel").SetParent<ChannelModel>().AddConstructor<EchoChannel>();
        return tid;
    }

    void WhenReady(ReadyCallback ready) override
    {
        ready({});
    }

    uint32_t MaxDatagramBytes(Direction) const override
    {
        return 80;
    }

    Time EstimateAirtime(Direction, uint64_t) const override
    {
        return MilliSeconds(10);
    }

    bool IsBacklogged(StationId, StationId) const override
    {
        return false;
    }

    bool HasGroupDelivery() const override
    {
        return true;
    }

  private:
    void DoInstall() override {}

    void DoSend(StationId from, StationId to, Ptr<Packet> packet) override
    {
        for (uint32_t copies = 1 + m_random.Below(3); copies > 0; --copies)
        {
            const Time delay = MicroSeconds(100 + m_random.Below(9000));
            Simulator::Schedule(delay, &EchoChannel::Deliver, this, from, to, packet->Copy());
        }
    }

    void DoSendToGroup(const std::vector<StationId>& receivers, Ptr<Packet> packet) override
    {
        for (const StationId receiver : receivers)
        {
            DoSend(SERVER, receiver, packet);
        }
    }

    fl::Random m_random{{}, fl::Purpose::TEST};
};

WFL_REGISTER_CHANNEL(EchoChannel, "test-echo");

/** Loses every datagram that is shorter or longer than some lengths. */
class LengthLoss : public LossModel
{
  public:
    static inline uint32_t shortest{0}; ///< in bytes, the same on all links
    static inline uint32_t longest{0};  ///< likewise

    static TypeId GetTypeId()
    {
        static TypeId tid =
            TypeId("ns3::wfl::LengthLoss").SetParent<LossModel>().AddConstructor<LengthLoss>();
        return tid;
    }

    bool IsLost(uint32_t bytes) override
    {
        return bytes < shortest || bytes > longest;
    }
};

WFL_REGISTER_LOSS(LengthLoss, "test-length");

namespace
{

/** @return the sum of a column over the rows of a round */
uint64_t
Sum(const std::vector<test::CsvRow>& rows, const std::string& column, uint64_t lastRound)
{
    uint64_t sum = 0;
    for (const auto& row : rows)
    {
        sum += std::stoull(row.at("round")) <= lastRound ? std::stoull(row.at(column)) : 0;
    }
    return sum;
}

/** Checks a results folder and returns the share of upload segments that were lost. */
double
ExpectConserved(const std::string& folder, uint32_t workers, uint32_t rounds)
{
    const auto byRound = ReadCsv(folder + "/rounds.csv");
    const auto byWorker = ReadCsv(folder + "/workers.csv");
    EXPECT_EQ(byRound.size(), rounds);
    EXPECT_EQ(byWorker.size(), rounds * workers);
    double time = 0;
    for (std::size_t i = 0; i < byRound.size(); ++i)
    {
        const auto& row = byRound[i];
        EXPECT_EQ(row.at("round"), std::to_string(i));
        EXPECT_GT(std::stod(row.at("time_s")), time);
        time = std::stod(row.at("time_s"));
        for (const std::string column : {"segments_offered", "segments_lost"})
        {
            EXPECT_EQ(std::stoull(row.at("uplink_" + column)), Sum(byWorker, column, i));
        }
        EXPECT_EQ(std::stoull(row.at("uplink_payload_bytes")), Sum(byWorker, "payload_bytes", i));
        EXPECT_LE(std::stoull(row.at("downlink_segments_lost")),
                  std::stoull(row.at("downlink_segments_offered")));
        EXPECT_LE(std::stod(row.at("airtime_busy_s")), time);
    }
    for (const auto& row : byWorker)
    {
        const auto offered = std::stoull(row.at("segments_offered"));
        const auto lost = std::stoull(row.at("segments_lost"));
        const auto where = row.at("round") + ", worker " + row.at("worker");
        EXPECT_LE(lost, offered) << where;
        EXPECT_EQ(lost > 0, !row.at("loss_reason").empty()) << where;
        // The times that there are follow one another, and a repair does not end before it begins.
        double before = 0;
        for (const std::string event :
             {"downlink_end", "compute_end", "uplink_start", "uplink_end"})
        {
            const auto& time = row.at(event + "_s");
            EXPECT_GE(time.empty() ? before : std::stod(time), before) << event << " of " << where;
            before = time.empty() ? before : std::stod(time);
        }
        EXPECT_GE(std::stod(row.at("repair_s")), 0) << where;
        const auto& outcome = row.at("outcome");
        if (outcome == "late")
        {
            // What it sent, if anything, was for a closed round.
            EXPECT_EQ(lost, offered) << where;
        }
        else if (offered > 0 && row.at("loss_reason") != "late")
        {
            EXPECT_EQ(outcome,
                      lost == 0        ? "delivered"
                      : lost < offered ? "partial"
                                       : "lost")
                << where;
        }
    }
    const auto& last = byRound.back();
    return std::stod(last.at("uplink_segments_lost")) /
           std::stod(last.at("uplink_segments_offered"));
}

/** Counts what a channel loses, by reason. */
struct LossListener
{
    std::map<std::string, uint32_t> counts;

    void Note(Direction /* direction */, StationId /* worker */, const std::string& reason)
    {
        ++counts[reason];
    }
};

/** @return every registered channel, with short datagrams so that an upload has many */
std::vector<std::string>
Channels()
{
    std::vector<std::string> names;
    for (const auto& [name, entry] : TypeRegistry::Get("channel").Entries())
    {
        TypeId::AttributeInformation info;
        names.push_back(name + (entry.tid.LookupAttributeByName("MaxDatagramBytes", &info)
                                    ? "[MaxDatagramBytes=80]"
                                    : ""));
    }
    return names;
}

} // namespace

/** With repair nothing is lost even if three in ten datagrams are. */
TEST(WflConservation, Repaired)
{
    const TempFolder folder;
    for (const auto& channel : Channels())
    {
        for (const std::string algorithm : {"sgd", "signsgd-mv", "top-k[Density=0.1]"})
        {
            SCOPED_TRACE(channel + ", " + algorithm);
            const auto result = CallScenario(With(SMALL_ARGUMENTS,
                                                  {"--channel=" + channel,
                                                   "--algorithm=" + algorithm,
                                                   "--loss=bernoulli[Rate=0.3]",
                                                   "--overwrite",
                                                   "--output=" + folder / "run"}));
            ASSERT_EQ(result.code, 0) << result.err;
            EXPECT_EQ(ExpectConserved(folder / "run", 5, 4), 0);
            for (const auto& row : ReadCsv(folder / "run/rounds.csv"))
            {
                EXPECT_EQ(row.at("participants"), "5");
                EXPECT_EQ(row.at("downlink_segments_lost"), "0");
            }
        }
    }
}

/** Without repair the lost share is the loss model's rate, within 4 standard deviations. */
TEST(WflConservation, BestEffort)
{
    const TempFolder folder;
    constexpr double rate = 0.1;
    for (const auto& channel : Channels())
    {
        if (channel == "test-echo")
        {
            continue; // several copies of each are lost one by one
        }
        for (const std::string downlink : {"broadcast", "unicast"})
        {
            SCOPED_TRACE(channel + ", " + downlink);
            const auto result = CallScenario(With(SMALL_ARGUMENTS,
                                                  {"--channel=" + channel,
                                                   "--transport=best-effort",
                                                   "--downlink=" + downlink,
                                                   "--loss=bernoulli[Rate=0.1]",
                                                   "--rounds=40",
                                                   "--overwrite",
                                                   "--output=" + folder / "run"}));
            ASSERT_EQ(result.code, 0) << result.err;
            const double up = ExpectConserved(folder / "run", 5, 40);
            const auto last = ReadCsv(folder / "run/rounds.csv").back();
            const double offered = std::stod(last.at("uplink_segments_offered"));
            // 720 bytes, segments of at most 64: 12 a worker and round.
            EXPECT_EQ(offered, 40 * 5 * 12);
            const double bound = 4 * std::sqrt(rate * (1 - rate) / offered);
            // Contention makes 802.15.4 give up frames, too.
            const bool lrWpan = channel.rfind("lr-wpan", 0) == 0;
            EXPECT_NEAR(up, rate, lrWpan ? 0.3 : bound);
            EXPECT_GT(up, rate - bound);
            // Radios without acknowledgements, downwards, lose more than that, on the air.
            if (!lrWpan && channel.rfind("wifi", 0) != 0 && channel.rfind("dcf", 0) != 0)
            {
                const double downOffered = std::stod(last.at("downlink_segments_offered"));
                EXPECT_NEAR(std::stod(last.at("downlink_segments_lost")) / downOffered,
                            rate,
                            4 * std::sqrt(rate * (1 - rate) / downOffered));
            }
            // What asks workers to compute is control, and repaired: nobody waits for a timeout.
            EXPECT_LT(std::stod(last.at("time_s")), 40 * 1.0);
            for (const auto& row : ReadCsv(folder / "run/workers.csv"))
            {
                EXPECT_NE(row.at("outcome"), "late");
            }
        }
    }
}

/**
 * What is lost in single datagrams is lost altogether, and found out in tenths of seconds: no round
 * waits until the server loses patience after 10 s.
 */
TEST(WflConservation, LossesDoNotSlowDown)
{
    const TempFolder folder;
    for (const std::string& transport : test::DatagramTransports())
    {
        for (const auto& [algorithm, downlink] :
             std::vector<std::pair<std::string, std::string>>{{"sgd", "broadcast"},
                                                              {"sgd", "unicast"},
                                                              {"signsgd-mv", "broadcast"},
                                                              {"signsgd-mv", "unicast"},
                                                              {"top-k[Density=0.1]", "broadcast"},
                                                              {"top-k[Density=0.1]", "unicast"}})
        {
            SCOPED_TRACE(transport + ", " + algorithm + ", " + downlink);
            const auto result = CallScenario(With(SMALL_ARGUMENTS,
                                                  {"--transport=" + transport,
                                                   "--algorithm=" + algorithm,
                                                   "--downlink=" + downlink,
                                                   "--loss=bernoulli[Rate=0.3]",
                                                   "--rounds=40",
                                                   "--overwrite",
                                                   "--output=" + folder / "run"}));
            ASSERT_EQ(result.code, 0) << result.err;
            const double lost = ExpectConserved(folder / "run", 5, 40);
            const auto rows = ReadCsv(folder / "run/rounds.csv");
            EXPECT_LT(std::stod(rows.back().at("time_s")), 40 * 1.0);
            double before = 0;
            for (const auto& row : rows)
            {
                const double time = std::stod(row.at("time_s"));
                EXPECT_LT(time - before, 10) << "round " << row.at("round");
                before = time;
            }
            for (const auto& row : ReadCsv(folder / "run/workers.csv"))
            {
                EXPECT_NE(row.at("outcome"), "late");
            }
            EXPECT_EQ(rows.back().at("uplink_segments_offered"), "200");
            if (transport == "best-effort")
            {
                EXPECT_NEAR(lost, 0.3, 4 * std::sqrt(0.3 * 0.7 / 200));
            }
            else if (transport == "fec[K=3|N=4|Depth=2]")
            {
                // A message of one segment has one parity.
                EXPECT_NEAR(lost, 0.09, 4 * std::sqrt(0.09 * 0.91 / 200));
            }
            else
            {
                EXPECT_EQ(lost, 0) << "no round times out";
            }
        }
    }
}

/**
 * Long delays and a deadline: of an upload's segments some have not begun to be sent when it is
 * closed, the others arrive for nothing. Both are counted, but for those of the last round.
 */
TEST(WflConservation, LateSegments)
{
    const TempFolder folder;
    constexpr uint32_t workers = 6;
    constexpr uint32_t rounds = 20;
    for (const std::string transport : {"best-effort", "nack"})
    {
        const auto result = CallScenario({"--algorithm=top-k[Density=0.1]",
                                          "--objective=mlp[Hidden=100]",
                                          "--dataset=gaussian-mixture[Samples=600|TestSamples=200]",
                                          "--workers=" + std::to_string(workers),
                                          "--rounds=" + std::to_string(rounds),
                                          "--channel=link[MaxDatagramBytes=100|UplinkRate=1e5|"
                                          "Delay=0.04]",
                                          "--transport=" + transport,
                                          "--deadline=0.1",
                                          "--overwrite",
                                          "--output=" + folder / "run"});
        ASSERT_EQ(result.code, 0) << result.err;
        ExpectConserved(folder / "run", workers, rounds);
        const auto rows = ReadCsv(folder / "run/rounds.csv");
        const auto lostUntil = [&rows](uint32_t round)
        {
            return std::stod(rows.at(round).at("uplink_segments_lost"));
        };
        const auto summary = nlohmann::json::parse(test::ReadFile(folder / "run/summary.json"));
        const auto& reasons = summary.at("lost_datagrams").at("uplink");
        const double late = reasons.at("late");
        const double expired = reasons.value("expired", 0);
        EXPECT_GT(late, 100) << transport;
        EXPECT_GE(late + expired, lostUntil(rounds - 2)) << transport;
        EXPECT_LE(late + expired, lostUntil(rounds - 1)) << transport;
    }
}

/**
 * A deadline cuts what leaves last: with the important segments first the same airtime carries more
 * of the update.
 */
TEST(WflConservation, ImportantSegmentsFirst)
{
    const TempFolder folder;
    std::map<std::string, std::map<std::string, std::string>> last;
    for (const std::string important : {"false", "true"})
    {
        const auto result =
            CallScenario({"--algorithm=top-k[Density=0.1|ErrorFeedback=false]",
                          "--objective=mlp[Hidden=100]",
                          "--dataset=gaussian-mixture[Samples=600|TestSamples=200]",
                          "--workers=6",
                          "--rounds=20",
                          "--channel=link[MaxDatagramBytes=100|UplinkRate=1e5]",
                          "--transport=best-effort[ImportantFirst=" + important + "]",
                          "--deadline=0.05",
                          "--overwrite",
                          "--output=" + folder / "run"});
        ASSERT_EQ(result.code, 0) << result.err;
        EXPECT_GT(ExpectConserved(folder / "run", 6, 20), 0.5) << "the deadline cuts a lot";
        last[important] = ReadCsv(folder / "run/rounds.csv").back();
    }
    EXPECT_NEAR(std::stod(last["true"].at("airtime_uplink_s")),
                std::stod(last["false"].at("airtime_uplink_s")),
                0.1);
    EXPECT_LT(std::stod(last["true"].at("train_loss")),
              0.8 * std::stod(last["false"].at("train_loss")));
}

/** However much is lost, repair goes on while it is heard of, and the learning stays the same. */
TEST(WflConservation, HeavyLossIsRepaired)
{
    const CleanState clean;
    RadioRun run;
    run.rounds = 10;
    for (const std::string algorithm : {"sgd", "signsgd-mv", "s3gd-mv", "powersgd"})
    {
        for (const auto& [rate, longestS] :
             std::vector<std::pair<std::string, double>>{{"0.5", 10}, {"0.7", 30}, {"0.9", 1000}})
        {
            for (const std::string channel : {"ideal", "ideal[MaxDatagramBytes=80]"})
            {
                SCOPED_TRACE(algorithm + ", " + rate + " on " + channel);
                ++run.runSeed.run;
                run.algorithm = algorithm;
                run.loss = "bernoulli[Rate=" + rate + "]";
                run.channel = channel;
                const auto radio = RunRadio(run);
                EXPECT_EQ(radio.model, RunReference(run, radio).model);
                EXPECT_LT((radio.records.back().end / run.rounds).GetSeconds(), longestS);
            }
        }
    }
}

/** From now on nothing passes. */
void
CutOff(const std::vector<StationId>& /* workers */)
{
    LengthLoss::longest = 0;
}

/** A worker whose uploads never come through, although it is heard, does not hold all up for ever.
 */
TEST(WflConservation, TryingHasAnEnd)
{
    const CleanState clean;
    RadioRun run;
    run.rounds = 1;
    run.loss = "test-length";
    LengthLoss::longest = 200; // an upload has 720 bytes
    run.prepare = [](FederationHelper& helper)
    {
        helper.Server()->SetAttribute("RoundTimeout", TimeValue(Seconds(2)));
    };
    const auto record = RunRadio(run).records.front();
    EXPECT_EQ(record.participants, 0U);
    // Ten times the timeout, counted from the end of the computations, which take milliseconds.
    EXPECT_NEAR((record.end - record.start).GetSeconds(), 20, 0.1);
    // Of a worker that is not heard any more nothing is waited for beyond the timeout itself.
    run.prepare = [](FederationHelper& helper)
    {
        helper.Server()->SetAttribute("RoundTimeout", TimeValue(Seconds(2)));
        helper.Server()->TraceConnectWithoutContext("Ready", MakeCallback(&CutOff));
    };
    const auto silent = RunRadio(run).records.front();
    EXPECT_EQ(silent.participants, 0U);
    EXPECT_NEAR((silent.end - silent.start).GetSeconds(), 2, 0.1);
}

/** From now on nothing passes that has no body: neither answers without an update nor probes. */
void
LoseEmpty(const std::vector<StationId>& /* workers */)
{
    LengthLoss::shortest = SegmentHeader::BYTES + 1;
}

/** A worker that has nothing to send, of which the server does not hear, is lost, not delivered. */
TEST(WflConservation, LostSkip)
{
    const CleanState clean;
    RadioRun run;
    run.algorithm = "lag-wk";
    run.objective = "softmax";
    run.rounds = 20;
    run.deadlineS = 0.1;
    run.loss = "test-length";
    LengthLoss::longest = UINT32_MAX;
    run.prepare = [](FederationHelper& helper)
    {
        helper.Server()->TraceConnectWithoutContext("Ready", MakeCallback(&LoseEmpty));
    };
    const auto result = RunRadio(run);
    LengthLoss::shortest = 0;
    uint32_t lost = 0;
    for (const auto& record : result.records)
    {
        uint32_t heard = 0;
        for (const auto& worker : record.workers)
        {
            const bool skips = worker.segmentsOffered == 0;
            EXPECT_EQ(worker.outcome, skips ? Outcome::LOST : Outcome::DELIVERED)
                << "round " << record.round;
            heard += !skips;
            lost += skips;
        }
        EXPECT_EQ(record.participants, heard) << "round " << record.round;
    }
    EXPECT_GT(lost, 0U) << "nobody skips";
}

/** A round that asks nobody takes the time of the server, however short the deadline. */
TEST(WflConservation, NobodyAskedUnderADeadline)
{
    const CleanState clean;
    RadioRun run;
    run.algorithm = "lag-ps";
    run.objective = "softmax";
    run.channel = "ideal[UplinkRate=100Gbps|DownlinkRate=100Gbps]";
    run.compute = "constant[Time=1us]";
    run.rounds = 20;
    run.batch = 0;
    run.deadlineS = 90e-6; // the server takes 100 us
    const auto result = RunRadio(run);
    ASSERT_EQ(result.records.size(), run.rounds);
    EXPECT_EQ(result.model, RunReference(run, result).model);
    uint32_t idle = 0;
    for (const auto& record : result.records)
    {
        if (std::none_of(record.workers.begin(),
                         record.workers.end(),
                         [](const WorkerRecord& worker) { return worker.selected; }))
        {
            EXPECT_EQ(record.end - record.start, MicroSeconds(100)) << "round " << record.round;
            ++idle;
        }
        else
        {
            EXPECT_LE(record.end - record.start, MicroSeconds(90)) << "round " << record.round;
        }
    }
    EXPECT_GT(idle, 0U) << "every round asks somebody";
}

/** What a deadline cuts is lost with a reason, too. */
TEST(WflConservation, Deadline)
{
    const TempFolder folder;
    for (const auto& channel : Channels())
    {
        SCOPED_TRACE(channel);
        const auto result = CallScenario(With(SMALL_ARGUMENTS,
                                              {"--channel=" + channel,
                                               "--loss=bernoulli[Rate=0.3]",
                                               "--deadline=0.025",
                                               "--rounds=30",
                                               "--overwrite",
                                               "--output=" + folder / "run"}));
        ASSERT_EQ(result.code, 0) << result.err;
        ExpectConserved(folder / "run", 5, 30);
        double before = 0;
        for (const auto& row : ReadCsv(folder / "run/rounds.csv"))
        {
            // Plus the 0.1 ms that the server takes between rounds.
            const double time = std::stod(row.at("time_s"));
            EXPECT_LE(time - before, 0.0252);
            before = time;
        }
    }
}

/** On a channel that loses nothing, what a deadline cuts was still on its way. */
TEST(WflConservation, InFlight)
{
    const TempFolder folder;
    // 720 bytes and 12 headers at 100 kbit/s take 73 ms, after 10 ms of computing.
    const auto result =
        CallScenario(With(SMALL_ARGUMENTS,
                          {"--channel=ideal[UplinkRate=100kbps|MaxDatagramBytes=80]",
                           "--deadline=0.05",
                           "--output=" + folder / "run"}));
    ASSERT_EQ(result.code, 0) << result.err;
    EXPECT_GT(ExpectConserved(folder / "run", 5, 4), 0);
    for (const auto& row : ReadCsv(folder / "run/workers.csv"))
    {
        const auto& reason = row.at("loss_reason");
        EXPECT_EQ(reason.empty(), row.at("segments_lost") == "0");
        EXPECT_TRUE(reason.empty() || reason == "in-flight" || reason == "expired") << reason;
    }
}

/** Duplicates in any order never vote twice: the run is that without a network. */
TEST(WflConservation, DuplicatesCountOnce)
{
    const CleanState clean;
    RadioRun run;
    run.channel = "test-echo";
    for (const std::string algorithm : {"sgd", "signsgd-mv", "top-k[Density=0.1]"})
    {
        for (const bool broadcast : {true, false})
        {
            run.algorithm = algorithm;
            run.broadcast = broadcast;
            const auto radio = RunRadio(run);
            const auto reference = RunReference(run, radio);
            EXPECT_EQ(radio.model, reference.model) << algorithm;
            EXPECT_EQ(radio.losses, reference.losses) << algorithm;
            for (const auto& record : radio.records)
            {
                for (const auto& worker : record.workers)
                {
                    EXPECT_EQ(worker.segmentsAccepted, worker.segmentsOffered);
                    EXPECT_EQ(worker.downlinkSegmentsArrived, worker.downlinkSegmentsOffered);
                }
            }
        }
    }
}

/** Best effort over a network that reorders: what comes after the end of a pass is lost. */
TEST(WflConservation, ReorderedBestEffort)
{
    const CleanState clean;
    RadioRun run;
    run.channel = "test-echo";
    run.transport = "best-effort";
    run.rounds = 10;
    for (const std::string algorithm : {"sgd", "signsgd-mv", "top-k[Density=0.1]"})
    {
        run.algorithm = algorithm;
        const auto radio = RunRadio(run);
        const auto logged = RunFromLog(run, radio);
        EXPECT_EQ(radio.model, logged.model) << algorithm;
        for (const auto& record : radio.records)
        {
            for (const auto& worker : record.workers)
            {
                EXPECT_LE(worker.segmentsAccepted, worker.segmentsOffered);
            }
        }
    }
}

/**
 * The burst that ns-3's defaults lose almost whole: every worker uploads 100,016 bytes at once.
 * With repair every byte of every round is there, with 1, 10 and 50 workers.
 */
TEST(WflConservation, WifiDeliversEverySegment)
{
    const CleanState clean;
    RadioRun run;
    run.channel = "wifi";
    run.rounds = 3;
    run.objective = "mlp[Hidden=2273]"; // 11 * 2273 + 4 = 25,007 parameters of 4 bytes
    run.dataset = "gaussian-mixture[Features=6|Classes=4|Samples=400|TestSamples=8]";
    run.batch = 2;
    for (const uint32_t workers : {1, 10, 50})
    {
        run.workers = workers;
        LossListener losses;
        run.prepare = [&losses](FederationHelper& helper)
        {
            helper.Channel()->TraceConnectWithoutContext(
                "Loss",
                MakeCallback(&LossListener::Note, &losses));
        };
        const auto result = RunRadio(run);
        ASSERT_EQ(result.records.size(), 3U);
        EXPECT_TRUE(result.unreachable.empty());
        // Repair would also make up for frames that expire in a queue, so they are looked for.
        for (const auto& [reason, count] : losses.counts)
        {
            EXPECT_TRUE(reason == "retry-limit" || reason == "window-passed")
                << reason << ", " << count << " times";
        }
        for (const auto& record : result.records)
        {
            uint64_t bytes = 0;
            for (const auto& worker : record.workers)
            {
                EXPECT_EQ(worker.outcome, Outcome::DELIVERED);
                EXPECT_EQ(worker.segmentsAccepted, worker.segmentsOffered);
                // Alone, nobody collides: what would have to be repaired was lost by a queue.
                EXPECT_TRUE(workers > 1 || !worker.repairStart);
                // 100,028 bytes in segments of at most 1456.
                EXPECT_EQ(worker.segmentsOffered, 69U);
                EXPECT_EQ(worker.downlinkSegmentsArrived, worker.downlinkSegmentsOffered);
                bytes += worker.payloadBytes;
            }
            EXPECT_EQ(bytes, uint64_t{workers} * 4 * 25007);
            EXPECT_EQ(record.participants, workers);
        }
        const auto reference = RunReference(run, result);
        EXPECT_EQ(result.model, reference.model) << "the bytes are not those that were sent";
        RecordProperty("simulated_ms_" + std::to_string(workers),
                       std::to_string(result.records.back().end.GetMilliSeconds()));
    }
}

/** The same burst without repair: what is missing is counted, with a reason. */
TEST(WflConservation, WifiCountsWhatIsMissing)
{
    const TempFolder folder;
    const auto result = CallScenario(
        With(SMALL_ARGUMENTS,
             {"--channel=wifi",
              "--workers=30",
              "--rounds=3",
              "--batch=2",
              "--transport=best-effort",
              "--objective=mlp[Hidden=2273]",
              "--dataset=gaussian-mixture[Features=6|Classes=4|Samples=400|TestSamples=8]",
              "--output=" + folder / "run"}));
    ASSERT_EQ(result.code, 0) << result.err;
    ExpectConserved(folder / "run", 30, 3);
}

/** A worker out of reach is named and left out; the others go on without it. */
TEST(WflConservation, UnreachableWorker)
{
    const CleanState clean;
    const TempFolder folder;
    // A preamble is heard down to -82 dBm: 98 dB of path loss, 51 m with the default exponent of 3.
    const auto result = CallScenario(With(SMALL_ARGUMENTS,
                                          {"--channel=wifi[RadiusM=60]",
                                           "--workers=12",
                                           "--rounds=2",
                                           "--output=" + folder / "run"}));
    ASSERT_EQ(result.code, 0) << result.err;
    const auto summary = nlohmann::json::parse(test::ReadFile(folder / "run/summary.json"));
    const auto& unreachable = summary.at("set_up").at("unreachable_workers");
    ASSERT_GT(unreachable.size(), 0U);
    ASSERT_LT(unreachable.size(), 12U);
    std::set<std::string> left;
    std::string said;
    for (const uint32_t worker : unreachable)
    {
        left.insert(std::to_string(worker));
        said += "worker " + std::to_string(worker) + " could not reach the server and was left " +
                "out\n";
    }
    EXPECT_EQ(result.err, said);
    for (const auto& row : ReadCsv(folder / "run/workers.csv"))
    {
        const bool dead = left.count(row.at("worker")) > 0;
        EXPECT_EQ(row.at("outcome"), dead ? "dead" : "delivered");
        EXPECT_EQ(row.at("selected"), dead ? "0" : "1");
    }
    for (const auto& row : ReadCsv(folder / "run/rounds.csv"))
    {
        EXPECT_EQ(std::stoul(row.at("participants")), 12 - unreachable.size());
    }
}

namespace
{

/** What a channel says when it can be used. */
struct Readiness
{
    std::vector<StationId> unreachable; ///< the workers left out
    Time time;                          ///< when

    void Note(std::vector<StationId> workers)
    {
        unreachable = workers;
        time = Simulator::Now();
        Simulator::Stop();
    }

    void WaitFor(const Ptr<ChannelModel>& channel)
    {
        Simulator::ScheduleNow([this, channel]
                               { channel->WhenReady(MakeCallback(&Readiness::Note, this)); });
        Simulator::Stop(Seconds(100));
        Simulator::Run();
    }
};

} // namespace

/** A worker that the user has put 10 km away. */
TEST(WflConservation, DistantWorker)
{
    const CleanState clean;
    auto factory = TypeRegistry::Get("channel").Parse("wifi[RadiusM=10]");
    // The helper makes the nodes, so the place is given by a channel on nodes of one's own.
    NodeContainer workers;
    workers.Create(3);
    auto far = CreateObject<ConstantPositionMobilityModel>();
    far->SetPosition({10000, 0, 1.5});
    workers.Get(1)->AggregateObject(far);
    auto channel = factory.Create<ChannelModel>();
    channel->Install(workers, CreateObject<Node>(), {1, 1});
    Readiness ready;
    ready.WaitFor(channel);
    EXPECT_EQ(ready.unreachable, std::vector<StationId>{1});
    EXPECT_EQ(ready.time, Seconds(20)) << "the default of AssociationTimeout";
    EXPECT_GT(channel->SnrDb(0), 20);
    EXPECT_LT(channel->SnrDb(1), 0);
}

/** Stations do not all ask for association at once: sixty are there within a second. */
TEST(WflConservation, ManyStationsAssociateSoon)
{
    const CleanState clean;
    NodeContainer workers;
    workers.Create(60);
    auto channel = TypeRegistry::Get("channel").Parse("wifi").Create<ChannelModel>();
    channel->Install(workers, CreateObject<Node>(), {1, 1});
    Readiness ready;
    ready.WaitFor(channel);
    EXPECT_EQ(ready.unreachable, std::vector<StationId>{});
    EXPECT_LT(ready.time, Seconds(1));
    // The last one ends its scan of a beacon interval of 102.4 ms and 20 ms after 59 times 5 ms.
    EXPECT_GT(ready.time, MicroSeconds(102400 + 20000 + 59 * 5000));
}

/** With nobody in reach there is nothing to run. */
TEST(WflConservation, NobodyInReach)
{
    const TempFolder folder;
    const auto result = CallScenario(
        With(SMALL_ARGUMENTS, {"--channel=wifi[RadiusM=1e9]", "--output=" + folder / "run"}));
    EXPECT_EQ(result.code, 2);
    EXPECT_NE(result.err.find("not a single worker can reach the server"), std::string::npos)
        << result.err;
    EXPECT_EQ(std::count(result.err.begin(), result.err.end(), '\n'), 1);
}

} // namespace ns3::wfl
