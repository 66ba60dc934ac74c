/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

/**
 * Senders that share a band: times against closed forms, and against a loop that advances all of
 * them from one event to the next.
 */

#include "ns3/wfl-fluid-channel.h"
#include "ns3/wfl-link-seed.h"

#include "wfl-fading-test-helpers.h"
#include "wfl-radio-bench.h"

#include <algorithm>
#include <cmath>
#include <gtest/gtest.h>
#include <limits>
#include <numeric>

namespace ns3::wfl
{

namespace
{

using test::CleanState;
using test::MakeFading;
using test::RadioBench;
using test::RadioRun;
using test::RunRadio;

/** In free space, with 10 dB over the whole band of 1 MHz at 100 m; see the tests of tdma. */
const std::string AT_10_DB = "[PathLoss=freespace|FrequencyHz=2.4e9|BandwidthHz=1e6|"
                             "WorkerPowerDbm=-16.9478|ServerPowerDbm=-16.9478";
const std::string CALM = "ofdma" + AT_10_DB + "|Fading=None";
constexpr double BANDWIDTH_HZ = 1e6;
constexpr double DISTANCE_M = 100;

/** @return the ratio of a bench's worker over the whole band, not in dB */
double
Snr(const RadioBench& bench, StationId worker)
{
    return std::pow(10, bench.channel->SnrDb(worker) / 10);
}

/** @return bit/s over a share of the band */
double
Rate(double share, double snr)
{
    return share * BANDWIDTH_HZ * std::log2(1 + snr / share);
}

/** What a worker sends in the loop below. */
struct Upload
{
    double startS;
    double bits;
    double snr;
};

/**
 * Equal shares of those that send, recomputed when one joins or leaves.
 * @return when each ends, in seconds
 */
std::vector<double>
EqualShareEnds(std::vector<Upload> uploads)
{
    std::vector<double> ends(uploads.size(), 0);
    double now = 0;
    while (std::any_of(uploads.begin(), uploads.end(), [](const auto& u) { return u.bits > 0; }))
    {
        std::vector<std::size_t> senders;
        double next = std::numeric_limits<double>::infinity();
        for (std::size_t i = 0; i < uploads.size(); ++i)
        {
            if (uploads[i].bits > 0 && uploads[i].startS <= now)
            {
                senders.push_back(i);
            }
            else if (uploads[i].bits > 0)
            {
                next = std::min(next, uploads[i].startS);
            }
        }
        const double share = 1.0 / static_cast<double>(senders.size());
        std::size_t first = uploads.size();
        for (const auto i : senders)
        {
            const double end = now + uploads[i].bits / Rate(share, uploads[i].snr);
            if (end <= next)
            {
                next = end;
                first = i;
            }
        }
        for (const auto i : senders)
        {
            uploads[i].bits -= Rate(share, uploads[i].snr) * (next - now);
        }
        now = next;
        if (first < uploads.size())
        {
            uploads[first].bits = 0;
            ends[first] = now;
        }
        // Others that end at this very moment.
        for (const auto i : senders)
        {
            if (uploads[i].bits > 0 && uploads[i].bits < 1e-6)
            {
                uploads[i].bits = 0;
                ends[i] = now;
            }
        }
    }
    return ends;
}

/** @return when the last of K equal workers has sent, in seconds */
double
BurstS(const std::string& channel, uint32_t workers)
{
    RadioBench bench(channel, std::vector<double>(workers, DISTANCE_M));
    for (StationId worker = 0; worker < workers; ++worker)
    {
        bench.Send(worker, SERVER, 1472, 10);
    }
    Simulator::Run();
    EXPECT_EQ(bench.arrivals.size(), workers * 10);
    return bench.arrivals.back().time.GetSeconds();
}

} // namespace

/**
 * Noise shrinks with the share and power does not: K equal workers end together after K L / (B
 * log2(1 + K g)), which is log2(1 + K g) / log2(1 + g) times faster than one after the other.
 */
TEST(WflOfdma, TdmaOverOfdma)
{
    const CleanState clean;
    for (const uint32_t workers : {1, 2, 5, 20, 100})
    {
        const double ofdma = BurstS(CALM + "]", workers);
        EXPECT_NEAR(ofdma, workers * 117760 / (1e6 * std::log2(1 + workers * 10.0)), 1e-4 * ofdma);
        EXPECT_NEAR(BurstS("tdma" + AT_10_DB + "|Fading=None]", workers) / ofdma,
                    std::log2(1 + workers * 10.0) / std::log2(1 + 10.0),
                    1e-4);
        EXPECT_NEAR(BurstS(CALM + "|Split=MinMax]", workers), ofdma, 1e-6);
    }
}

/** Who joins or leaves changes the rates of all; against the loop above, to a microsecond of noise.
 */
TEST(WflOfdma, JoinAndLeave)
{
    const CleanState clean;
    {
        // By hand: 1 MHz alone, then halves, then alone again.
        RadioBench bench(CALM + "]", {DISTANCE_M, DISTANCE_M});
        const double snr = Snr(bench, 0);
        const double alone = Rate(1, snr);
        const double half = Rate(0.5, snr);
        bench.Send(0, SERVER, 1250);
        bench.SendAt(MilliSeconds(1), 1, SERVER, 1250);
        Simulator::Run();
        ASSERT_EQ(bench.arrivals.size(), 2U);
        const double first = 1e-3 + (1e4 - 1e-3 * alone) / half;
        EXPECT_NEAR(bench.arrivals[0].time.GetSeconds(), first, 2e-9);
        EXPECT_NEAR(bench.arrivals[1].time.GetSeconds(),
                    first + (1e4 - (first - 1e-3) * half) / alone,
                    4e-9);
    }
    fl::Random random({}, fl::Purpose::TEST);
    for (int repetition = 0; repetition < 5; ++repetition)
    {
        std::vector<double> distancesM;
        for (int worker = 0; worker < 12; ++worker)
        {
            distancesM.push_back(20 + 300 * random.Uniform());
        }
        RadioBench bench(CALM + "]", distancesM);
        std::vector<Upload> uploads;
        for (StationId worker = 0; worker < distancesM.size(); ++worker)
        {
            const Time start = MicroSeconds(random.Below(100000));
            const uint32_t datagrams = 1 + random.Below(20);
            bench.SendAt(start, worker, SERVER, 1000, datagrams);
            uploads.push_back({start.GetSeconds(), datagrams * 8000.0, Snr(bench, worker)});
        }
        Simulator::Run();
        const auto expected = EqualShareEnds(uploads);
        const auto ends = bench.Ends();
        for (StationId worker = 0; worker < distancesM.size(); ++worker)
        {
            // Every event is rounded to a nanosecond.
            EXPECT_NEAR(ends.at(worker), expected[worker], 1e-6) << worker;
        }
        // The pieces of a worker add up to the time from its first bit to its last.
        std::map<StationId, double> airtimes;
        std::map<StationId, uint64_t> bytes;
        for (const auto& piece : bench.transmissions)
        {
            EXPECT_EQ(piece.start + piece.duration <= Simulator::Now(), true);
            airtimes[piece.worker] += piece.duration.GetSeconds();
            bytes[piece.worker] += piece.bytes;
        }
        for (StationId worker = 0; worker < distancesM.size(); ++worker)
        {
            EXPECT_NEAR(airtimes[worker], expected[worker] - uploads[worker].startS, 1e-6);
            EXPECT_EQ(bytes[worker], uploads[worker].bits / 8);
            EXPECT_NEAR(bench.StateS(worker, RadioState::TX), airtimes[worker], 1e-9);
        }
    }
}

/**
 * MinMax: all end at the time T at which the shares that the uploads need add up to the band. The
 * shares, and T, are found here by bisection.
 */
TEST(WflOfdma, MinMaxEndsTogether)
{
    const CleanState clean;
    const std::vector<double> distancesM{30, 80, 100, 250, 400};
    const std::vector<uint32_t> datagrams{20, 3, 10, 1, 7};
    RadioBench bench(CALM + "|Split=MinMax]", distancesM);
    const auto shareFor = [](double rate, double snr)
    {
        double low = 0;
        double high = 10;
        for (int i = 0; i < 100; ++i)
        {
            const double middle = (low + high) / 2;
            (Rate(middle, snr) < rate ? low : high) = middle;
        }
        return high;
    };
    double early = 0;
    double late = 100;
    for (int i = 0; i < 100; ++i)
    {
        const double middle = (early + late) / 2;
        double sum = 0;
        for (StationId worker = 0; worker < distancesM.size(); ++worker)
        {
            sum += shareFor(datagrams[worker] * 11776 / middle, Snr(bench, worker));
        }
        (sum > 1 ? early : late) = middle;
    }
    for (StationId worker = 0; worker < distancesM.size(); ++worker)
    {
        bench.Send(worker, SERVER, 1472, datagrams[worker]);
    }
    Simulator::Run();
    for (const auto& [worker, end] : bench.Ends())
    {
        EXPECT_NEAR(end, late, 1e-7) << worker;
    }
}

/**
 * Rates that are fixed when a round begins: T = max L / R, whoever has ended; with equal shares the
 * last one has no profit of the others' leaving, and MinMax does not notice that somebody has less
 * to send than it was told.
 */
TEST(WflOfdma, FixedAtTheRoundsStart)
{
    const CleanState clean;
    const std::vector<double> distancesM{50, 100, 300};
    for (const std::string split : {"Equal", "MinMax"})
    {
        RadioBench bench(CALM + "|Recompute=RoundStart|Split=" + split + "]", distancesM);
        bench.channel->RoundStarted(0, {0, 1, 2}, 5 * 1472);
        for (const StationId worker : {0, 1, 2})
        {
            bench.SendAt(MilliSeconds(worker), worker, SERVER, 1472, 5);
        }
        Simulator::Run();
        const auto ends = bench.Ends();
        if (split == "Equal")
        {
            for (const StationId worker : {0, 1, 2})
            {
                EXPECT_NEAR(ends.at(worker) - 1e-3 * worker,
                            5 * 11776 / Rate(1.0 / 3, Snr(bench, worker)),
                            1e-8);
            }
        }
        else
        {
            EXPECT_NEAR(ends.at(1) - 1e-3, ends.at(0), 1e-7);
            EXPECT_NEAR(ends.at(2) - 2e-3, ends.at(0), 1e-7);
        }
        const double before = ends.at(0);
        // The same again with less from one of them: the others are as fast as before.
        const Time later = Simulator::Now();
        bench.arrivals.clear();
        bench.Send(0, SERVER, 1472, 5);
        bench.Send(2, SERVER, 1472, 1);
        Simulator::Run();
        EXPECT_NEAR(bench.Ends().at(0) - later.GetSeconds(), before, 1e-7) << split;
        // Another round, in which only one takes part, is another division.
        bench.channel->RoundStarted(1, {0}, 5 * 1472);
        const Time last = Simulator::Now();
        bench.arrivals.clear();
        bench.Send(0, SERVER, 1472, 5);
        Simulator::Run();
        EXPECT_NEAR(bench.Ends().at(0) - last.GetSeconds(),
                    5 * 11776 / Rate(1, Snr(bench, 0)),
                    1e-7)
            << split;
    }
    // Recomputed, the last one ends earlier.
    RadioBench always(CALM + "]", distancesM);
    for (const StationId worker : {0, 1, 2})
    {
        always.Send(worker, SERVER, 1472, 5);
    }
    Simulator::Run();
    EXPECT_LT(always.Ends().at(2), 5 * 11776 / Rate(1.0 / 3, Snr(always, 2)) * 0.9);
}

/** Somebody whom the round did not ask, for example a straggler, has its share nevertheless. */
TEST(WflOfdma, UnaskedSendersShareTheBand)
{
    const CleanState clean;
    RadioBench bench(CALM + "|Recompute=RoundStart]", {DISTANCE_M, DISTANCE_M});
    bench.channel->RoundStarted(0, {0}, 1472);
    bench.Send(0, SERVER, 1472);
    bench.Send(1, SERVER, 1472);
    Simulator::Run();
    for (const auto& [worker, end] : bench.Ends())
    {
        EXPECT_NEAR(end, 11776 / Rate(0.5, Snr(bench, worker)), 1e-8) << worker;
    }
}

/** Each block has its rates: the throughput of one worker is the ergodic capacity, as in tdma. */
TEST(WflOfdma, ErgodicCapacity)
{
    const CleanState clean;
    RadioBench bench("ofdma" + AT_10_DB + "|CoherenceTime=1ms]", {DISTANCE_M});
    const double capacity = 1e6 * test::ErgodicCapacity(10);
    constexpr uint32_t bytes = 1472;
    const auto datagrams = static_cast<uint32_t>(40 * capacity / (8 * bytes));
    bench.Send(0, SERVER, bytes, datagrams);
    Simulator::Run();
    ASSERT_EQ(bench.arrivals.size(), datagrams);
    EXPECT_NEAR(datagrams * bytes * 8 / bench.arrivals.back().time.GetSeconds() / capacity,
                1,
                0.009);
}

/** With RoundStart the fading is that of the round's beginning, for the whole round; the downlink
 * has fading of its own. */
TEST(WflOfdma, FadingOfTheRoundsStart)
{
    const CleanState clean;
    RadioBench bench("ofdma" + AT_10_DB + "|CoherenceTime=1ms|Recompute=RoundStart]", {DISTANCE_M});
    const Time roundStart = MicroSeconds(7300);
    const auto power = [&roundStart](uint32_t branch)
    {
        return MakeFading("CoherenceTime=1ms")->Power(LinkSeed({}, 0, SERVER), roundStart, branch);
    };
    Simulator::Schedule(roundStart, [&bench] { bench.channel->RoundStarted(0, {0}, 1472); });
    bench.SendAt(MilliSeconds(20), 0, SERVER, 1472, 50);
    bench.SendAt(MilliSeconds(30), SERVER, 0, 1472, 50);
    Simulator::Run();
    EXPECT_NE(power(0), power(1));
    EXPECT_NEAR(bench.Ends().at(0) - 20e-3, 50 * 11776 / Rate(1, Snr(bench, 0) * power(0)), 1e-6);
    EXPECT_NEAR(bench.Ends().at(SERVER) - 30e-3,
                50 * 11776 / Rate(1, Snr(bench, 0) * power(1)),
                1e-6);
}

/**
 * At a fixed rate a share b has the outage 1 - exp(-(2^r - 1) b / g): K workers of equal share fail
 * less than one alone. Tolerance: 4 standard deviations of the binomial share.
 */
TEST(WflOfdma, OutageOfShares)
{
    const CleanState clean;
    constexpr uint32_t datagrams = 20000;
    for (const uint32_t workers : {1, 4})
    {
        RadioBench bench("ofdma" + AT_10_DB + "|Rate=Fixed|CoherenceTime=1ms]",
                         std::vector<double>(workers, DISTANCE_M));
        for (StationId worker = 0; worker < workers; ++worker)
        {
            // Of 1 ms, or 4 ms: each in a block of its own.
            bench.Send(worker, SERVER, 125, datagrams / workers);
        }
        Simulator::Run();
        EXPECT_EQ(Simulator::Now(), MilliSeconds(datagrams));
        EXPECT_EQ(bench.arrivals.size() + bench.losses.size(), datagrams);
        const double outage = 1 - std::exp(-0.1 / workers);
        EXPECT_NEAR(static_cast<double>(bench.losses.size()) / datagrams,
                    outage,
                    4 * std::sqrt(outage * (1 - outage) / datagrams))
            << workers;
        EXPECT_EQ(bench.losses.front().reason, "outage");
    }
}

/** Attempts are independent: 1 / (1 - outage) in the mean, and none arrives after MaxAttempts. */
TEST(WflOfdma, MeanNumberOfAttempts)
{
    const CleanState clean;
    constexpr uint32_t datagrams = 20000;
    const double outage = 1 - std::exp(-0.7); // 3 bit/s/Hz at 10 dB
    const std::string channel = "ofdma" + AT_10_DB +
                                "|Rate=Fixed|SpectralEfficiency=3|CoherenceTime=1ms|"
                                "Outage=Retransmission";
    {
        RadioBench bench(channel + "]", {DISTANCE_M});
        bench.Send(0, SERVER, 375, datagrams);
        Simulator::Run();
        EXPECT_EQ(bench.arrivals.size(), datagrams);
        EXPECT_NEAR(Simulator::Now().GetSeconds() / (1e-3 * datagrams),
                    1 / (1 - outage),
                    4 * std::sqrt(outage / datagrams) / (1 - outage));
        // Each attempt is a transmission of all its bytes.
        uint64_t bytes = 0;
        for (const auto& transmission : bench.transmissions)
        {
            EXPECT_EQ(transmission.duration, MilliSeconds(1));
            bytes += transmission.bytes;
        }
        EXPECT_EQ(bytes, bench.transmissions.size() * 375);
    }
    RadioBench bench(channel + "|MaxAttempts=3]", {DISTANCE_M});
    bench.Send(0, SERVER, 375, datagrams);
    Simulator::Run();
    EXPECT_EQ(bench.losses.front().reason, "retry-limit");
    const double lost = std::pow(outage, 3);
    EXPECT_NEAR(static_cast<double>(bench.losses.size()) / datagrams,
                lost,
                4 * std::sqrt(lost * (1 - lost) / datagrams));
}

/**
 * The downlink has a band of its own: it neither waits for uploads nor slows them down, goes at the
 * rate of the worst receiver, and a radio that does both counts as sending.
 */
TEST(WflOfdma, DownlinkBesideUplink)
{
    const CleanState clean;
    RadioBench bench(CALM + "]", {DISTANCE_M, 2 * DISTANCE_M});
    const double up = 11776 / Rate(1, Snr(bench, 0));
    const double down = 8000 / Rate(1, Snr(bench, 1));
    bench.Send(0, SERVER, 1472);
    bench.channel->SendToGroup({0, 1}, Create<Packet>(1000));
    Simulator::Run();
    ASSERT_EQ(bench.arrivals.size(), 3U);
    EXPECT_NEAR(bench.Ends().at(0), up, 2e-9);
    EXPECT_NEAR(bench.Ends().at(SERVER), down, 2e-9);
    const double both = std::min(up, down);
    EXPECT_NEAR(bench.StateS(0, RadioState::TX), up, 4e-9);
    EXPECT_NEAR(bench.StateS(0, RadioState::RX), down - both, 4e-9);
    EXPECT_NEAR(bench.StateS(1, RadioState::RX), down, 4e-9);
    EXPECT_NEAR(bench.StateS(SERVER, RadioState::TX), down, 4e-9);
    EXPECT_NEAR(bench.StateS(SERVER, RadioState::RX), up - both, 4e-9);
}

/**
 * A group is repeated for those that miss it, and arrives at each of them once: with independent
 * attempts of outage p the last of n has it after sum over k of 1 - (1 - p^k)^n attempts.
 */
TEST(WflOfdma, GroupIsRepeatedForWhoMissesIt)
{
    const CleanState clean;
    constexpr uint32_t datagrams = 5000;
    constexpr uint32_t workers = 4;
    RadioBench bench("ofdma" + AT_10_DB +
                         "|Rate=Fixed|SpectralEfficiency=3|CoherenceTime=1ms|"
                         "Outage=Retransmission]",
                     std::vector<double>(workers, DISTANCE_M));
    for (uint32_t i = 0; i < datagrams; ++i)
    {
        bench.channel->SendToGroup({0, 1, 2, 3}, Create<Packet>(375));
    }
    Simulator::Run();
    EXPECT_EQ(bench.arrivals.size(), datagrams * workers);
    const double outage = 1 - std::exp(-0.7);
    double attempts = 0;
    double square = 0;
    for (int k = 0; k < 200; ++k)
    {
        const double more = 1 - std::pow(1 - std::pow(outage, k), workers);
        attempts += more;
        square += (2 * k + 1) * more;
    }
    EXPECT_NEAR(static_cast<double>(bench.transmissions.size()) / datagrams,
                attempts,
                4 * std::sqrt((square - attempts * attempts) / datagrams));
}

/** Who has it need not listen to the repetitions, as in tdma: by hand, attempts of 1 ms. */
TEST(WflOfdma, RepetitionsAreForWhoMissesThem)
{
    const CleanState clean;
    for (const std::string channel : {"tdma", "ofdma"})
    {
        // 3 bit/s/Hz need 8.45 dB: there are 10 dB at the first place, 4 dB at the second.
        RadioBench bench(channel + AT_10_DB +
                             "|Fading=None|Rate=Fixed|SpectralEfficiency=3|"
                             "Outage=Retransmission|MaxAttempts=3]",
                         {DISTANCE_M, 2 * DISTANCE_M});
        bench.channel->SendToGroup({0, 1}, Create<Packet>(375));
        Simulator::Run();
        EXPECT_EQ(Simulator::Now(), MilliSeconds(3)) << channel;
        ASSERT_EQ(bench.arrivals.size(), 1U) << channel;
        EXPECT_EQ(bench.arrivals[0].to, 0U) << channel;
        ASSERT_EQ(bench.losses.size(), 1U) << channel;
        EXPECT_EQ(bench.losses[0].reason, "retry-limit") << channel;
        EXPECT_NEAR(bench.StateS(SERVER, RadioState::TX), 3e-3, 1e-9) << channel;
        EXPECT_NEAR(bench.StateS(0, RadioState::RX), 1e-3, 1e-9) << channel;
        EXPECT_NEAR(bench.StateS(1, RadioState::RX), 3e-3, 1e-9) << channel;
    }
}

/** What waits for longer than its lifetime is not sent. */
TEST(WflOfdma, Lifetime)
{
    const CleanState clean;
    RadioBench bench(CALM + "]", {DISTANCE_M});
    bench.channel->SetLifetime(MilliSeconds(5));
    // 3.404 ms each: the third would begin after 6.8 ms.
    bench.Send(0, SERVER, 1472, 3);
    Simulator::Run();
    EXPECT_EQ(bench.arrivals.size(), 2U);
    ASSERT_EQ(bench.losses.size(), 1U);
    EXPECT_EQ(bench.losses[0].reason, "expired");
    EXPECT_FALSE(bench.channel->IsBacklogged(0, SERVER));
}

/** A datagram that would last longer than MaxAirtime is lost after that time. */
TEST(WflOfdma, DeepFadesEnd)
{
    const CleanState clean;
    std::size_t lost = 0;
    for (uint64_t run = 1; run <= 20; ++run)
    {
        const fl::RunSeed runSeed{1, run};
        RadioBench bench("ofdma" + AT_10_DB + "|MaxAirtime=3ms|CoherenceTime=1000s]",
                         {DISTANCE_M},
                         runSeed);
        bench.Send(0, SERVER, 1000);
        Simulator::Run();
        const double power =
            MakeFading("CoherenceTime=1000s")->Power(LinkSeed(runSeed, 0, SERVER), Time());
        const double airtimeS = 8000 / (1e6 * std::log2(1 + 10 * power));
        if (airtimeS <= 3e-3)
        {
            EXPECT_EQ(bench.losses.size(), 0U);
            continue;
        }
        ++lost;
        ASSERT_EQ(bench.losses.size(), 1U);
        EXPECT_EQ(bench.losses[0].reason, "outage");
        EXPECT_EQ(bench.losses[0].time, MilliSeconds(3));
    }
    EXPECT_GT(lost, 5U);
    EXPECT_LT(lost, 15U);
}

/**
 * A round that a deadline closes has in its airtime columns what has passed of every transmission,
 * though many of them go on: against the pieces of the timeline, cut at the round's end.
 */
TEST(WflOfdma, AirtimeUpToTheEndOfTheRound)
{
    const test::TempFolder folder;
    for (const std::string split : {"Equal", "MinMax"})
    {
        const auto result = test::CallScenario(test::With(test::SMALL_ARGUMENTS,
                                                          {"--objective=mlp[Hidden=200]",
                                                           "--workers=10",
                                                           "--channel=ofdma[Split=" + split + "]",
                                                           "--deadline=0.03",
                                                           "--late=finish",
                                                           "--timeline=0:3",
                                                           "--overwrite",
                                                           "--output=" + folder / "run"}));
        ASSERT_EQ(result.code, 0) << result.err;
        const auto pieces = test::ReadCsv(folder / "run/transmissions.csv");
        int open = 0;
        for (const auto& round : test::ReadCsv(folder / "run/rounds.csv"))
        {
            const double endS = std::stod(round.at("time_s"));
            double airtimeS = 0;
            for (const auto& piece : pieces)
            {
                const double startS = std::stod(piece.at("start_s"));
                if (startS < endS && piece.at("direction") == "up")
                {
                    const double durationS = std::stod(piece.at("duration_s"));
                    airtimeS += std::min(durationS, endS - startS);
                    open += std::abs(startS + durationS - endS) < 1e-9 && piece.at("bytes") == "0";
                }
            }
            EXPECT_NEAR(std::stod(round.at("airtime_uplink_s")), airtimeS, 1e-6)
                << split << ", round " << round.at("round");
        }
        EXPECT_GT(open, 0) << "no round ends while somebody sends";
    }
}

/** The papers' comparison, over whole rounds: recomputing is never later than fixing at the start.
 */
TEST(WflOfdma, Rounds)
{
    const CleanState clean;
    RadioRun run;
    const auto duration = [&run](const std::string& attributes)
    {
        run.channel = "ofdma[Fading=None" + attributes + "]";
        const auto result = RunRadio(run);
        EXPECT_EQ(result.records.size(), run.rounds);
        return (result.records.back().end - result.records.front().end).GetSeconds();
    };
    const double equal = duration("");
    const double equalFixed = duration("|Recompute=RoundStart");
    const double minMax = duration("|Split=MinMax");
    const double minMaxFixed = duration("|Split=MinMax|Recompute=RoundStart");
    EXPECT_LT(equal, equalFixed);
    EXPECT_LE(minMaxFixed, equalFixed);
    EXPECT_LE(minMax, minMaxFixed * 1.0001);
}

} // namespace ns3::wfl
