/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

/** One transmission at a time at Shannon's rate: times, capacities and outages in closed form. */

#include "ns3/wfl-link-seed.h"

#include "wfl-fading-test-helpers.h"
#include "wfl-radio-bench.h"

#include <cmath>
#include <gtest/gtest.h>
#include <map>
#include <set>

namespace ns3::wfl
{

namespace
{

using test::CallScenario;
using test::CleanState;
using test::MakeFading;
using test::RadioBench;
using test::RadioRun;
using test::ReadCsv;
using test::RunRadio;
using test::SMALL_ARGUMENTS;
using test::TempFolder;
using test::With;

/**
 * In free space at 2.4 GHz, 1 MHz wide, with -107 dBm of noise (-174 + 60 + 7). At 100 m 80.052 dB
 * are lost: a power of -16.948 dBm gives 10 dB.
 */
const std::string AT_10_DB = "tdma[PathLoss=freespace|FrequencyHz=2.4e9|BandwidthHz=1e6|"
                             "WorkerPowerDbm=-16.9478|ServerPowerDbm=-16.9478";
const double SNR = 10;
const double DISTANCE_M = 100;
const std::string CALM = AT_10_DB + "|Fading=None";

/** @return duration of 1000 bytes at 1 MHz */
double
AirtimeS(double snr, double gap = 1)
{
    return 8000 / (1e6 * std::log2(1 + snr / gap));
}

/** @return share of lost datagrams, each in a block of its own, at 1 bit/s/Hz */
double
LostShare(const std::string& fading, uint32_t datagrams)
{
    // 125 bytes last 1 ms.
    RadioBench bench(AT_10_DB + "|Rate=Fixed|CoherenceTime=1ms|" + fading + "]", {DISTANCE_M});
    bench.Send(0, SERVER, 125, datagrams);
    Simulator::Run();
    EXPECT_EQ(bench.arrivals.size() + bench.losses.size(), datagrams);
    for (const auto& loss : bench.losses)
    {
        EXPECT_EQ(loss.reason, "outage");
    }
    EXPECT_EQ(Simulator::Now(), MilliSeconds(datagrams)) << "lost ones take as long";
    return static_cast<double>(bench.losses.size()) / datagrams;
}

} // namespace

/** L / (B log2(1 + g / gap)), then the guard time, in turns; exact to the nanosecond. */
TEST(WflTdma, ShannonRate)
{
    const CleanState clean;
    {
        RadioBench bench(CALM + "]", {DISTANCE_M});
        EXPECT_NEAR(bench.channel->SnrDb(0), 10, 1e-3);
        bench.Send(0, SERVER, 1000);
        Simulator::Run();
        ASSERT_EQ(bench.arrivals.size(), 1U);
        EXPECT_NEAR(bench.arrivals[0].time.GetSeconds(), AirtimeS(SNR), AirtimeS(SNR) * 1e-4);
        EXPECT_EQ(bench.transmissions[0].duration, bench.arrivals[0].time);
    }
    for (const double gapDb : {0.0, 3.0, 9.8})
    {
        const double gap = std::pow(10, gapDb / 10);
        // The worker that stands twice as far has a quarter of the power, and waits for the first.
        RadioBench bench(CALM + "|GuardTime=100us|SnrGapDb=" + std::to_string(gapDb) + "]",
                         {DISTANCE_M, 2 * DISTANCE_M});
        const double first = AirtimeS(std::pow(10, bench.channel->SnrDb(0) / 10), gap);
        const double second = AirtimeS(std::pow(10, bench.channel->SnrDb(0) / 10) / 4, gap);
        bench.Send(0, SERVER, 1000);
        bench.Send(1, SERVER, 1000);
        bench.Send(SERVER, 1, 1000);
        Simulator::Run();
        ASSERT_EQ(bench.arrivals.size(), 3U);
        EXPECT_NEAR(bench.arrivals[0].time.GetSeconds(), first, 2e-9);
        EXPECT_NEAR(bench.arrivals[1].time.GetSeconds(), first + 1e-4 + second, 2e-9);
        EXPECT_NEAR(bench.arrivals[2].time.GetSeconds(), first + 2e-4 + 2 * second, 4e-9);
        // The guard time is not on the air.
        EXPECT_NEAR(bench.transmissions[1].duration.GetSeconds(), second, 1e-9);
        EXPECT_NEAR(bench.StateS(1, RadioState::TX), second, 1e-9);
        EXPECT_NEAR(bench.StateS(1, RadioState::RX), second, 1e-9);
        EXPECT_NEAR(bench.StateS(SERVER, RadioState::RX), first + second, 2e-9);
    }
}

/** Equal links without fading: K workers take exactly K times as long as one. */
TEST(WflTdma, LinearInWorkers)
{
    const CleanState clean;
    Time one;
    for (const uint32_t workers : {1, 2, 3, 7, 50, 400})
    {
        RadioBench bench(CALM + "|GuardTime=7us]", std::vector<double>(workers, DISTANCE_M));
        for (StationId worker = 0; worker < workers; ++worker)
        {
            bench.Send(worker, SERVER, 1472, 20);
        }
        Simulator::Run();
        ASSERT_EQ(bench.arrivals.size(), workers * 20);
        one = workers == 1 ? Simulator::Now() : one;
        EXPECT_EQ(Simulator::Now(), one * int64_t{workers}) << workers;
    }
}

/** So do whole rounds of a federation: each worker adds the same time, to the nanosecond. */
TEST(WflTdma, RoundsAreLinearInWorkers)
{
    const CleanState clean;
    RadioRun run;
    run.channel = CALM + "|RadiusM=0|GuardTime=7us]";
    run.compute = "constant[Time=0s]";
    std::map<uint32_t, Time> last;
    for (const uint32_t workers : {2, 4, 6, 12})
    {
        run.workers = workers;
        const auto result = RunRadio(run);
        ASSERT_EQ(result.records.size(), run.rounds);
        last[workers] = result.records[2].end - result.records[1].end;
    }
    EXPECT_EQ(last[6] - last[4], last[4] - last[2]);
    EXPECT_EQ(last[12] - last[6], (last[4] - last[2]) * int64_t{3});
}

/** A group is sent once, at the rate of the worst of them. */
TEST(WflTdma, GroupAtTheWorstRate)
{
    const CleanState clean;
    RadioBench bench(CALM + "]", {DISTANCE_M, 3 * DISTANCE_M, 2 * DISTANCE_M});
    const double snr = std::pow(10, bench.channel->SnrDb(0) / 10);
    bench.channel->SendToGroup({0, 1, 2}, Create<Packet>(1000));
    bench.channel->SendToGroup({0, 2}, Create<Packet>(1000));
    Simulator::Run();
    ASSERT_EQ(bench.arrivals.size(), 5U);
    ASSERT_EQ(bench.transmissions.size(), 2U);
    EXPECT_NEAR(bench.transmissions[0].duration.GetSeconds(), AirtimeS(snr / 9), 2e-9);
    EXPECT_NEAR(bench.transmissions[1].duration.GetSeconds(), AirtimeS(snr / 4), 2e-9);
    EXPECT_EQ(bench.transmissions[0].worker, GROUP);
}

/**
 * At an adaptive rate in Rayleigh fading the throughput is the ergodic capacity: 2.9065 bit/s/Hz at
 * 10 dB, where 3.4594 would be that without fading. Of 40,000 blocks the mean has a standard
 * deviation of 0.22 %; tolerance 0.9 %.
 */
TEST(WflTdma, ErgodicCapacity)
{
    const CleanState clean;
    EXPECT_NEAR(test::ErgodicCapacity(10), 2.9065, 1e-4);
    for (const double gapDb : {0.0, 6.0})
    {
        RadioBench bench(AT_10_DB + "|CoherenceTime=1ms|SnrGapDb=" + std::to_string(gapDb) + "]",
                         {DISTANCE_M});
        const double capacity = 1e6 * test::ErgodicCapacity(SNR / std::pow(10, gapDb / 10));
        constexpr uint32_t bytes = 1472;
        const auto datagrams = static_cast<uint32_t>(40 * capacity / (8 * bytes));
        bench.Send(0, SERVER, bytes, datagrams);
        Simulator::Run();
        ASSERT_EQ(bench.arrivals.size(), datagrams);
        const double seconds = bench.arrivals.back().time.GetSeconds();
        EXPECT_NEAR(datagrams * bytes * 8 / seconds / capacity, 1, 0.009) << gapDb;
    }
}

/** Within a block the rate is one, and a datagram that outlasts it goes on at the next one. */
TEST(WflTdma, RateChangesWithTheBlock)
{
    const CleanState clean;
    RadioBench bench(AT_10_DB + "|CoherenceTime=1ms|MaxDatagramBytes=65507]", {DISTANCE_M});
    const double snr = std::pow(10, bench.channel->SnrDb(0) / 10);
    const auto seed = LinkSeed({}, 0, SERVER);
    double bits = 20000 * 8;
    double seconds = 0;
    for (int block = 0; bits > 0; ++block)
    {
        const double rate =
            1e6 *
            std::log2(1 + snr * MakeFading("CoherenceTime=1ms")->Power(seed, MilliSeconds(block)));
        const double part = std::min(bits / rate, 1e-3);
        seconds += part;
        bits -= rate * part > bits * (1 - 1e-12) ? bits : rate * part;
    }
    bench.Send(0, SERVER, 20000);
    Simulator::Run();
    ASSERT_EQ(bench.arrivals.size(), 1U);
    EXPECT_GT(seconds, 0.02);
    EXPECT_NEAR(bench.arrivals[0].time.GetSeconds(), seconds, 2e-9);
}

/**
 * At a fixed rate of 1 bit/s/Hz and 10 dB the threshold is a tenth of the mean: outage of 0.09516
 * in Rayleigh and 0.01752 in Nakagami-2 fading; Rice by integration. Tolerance: 4 standard
 * deviations of a binomial share of 20,000.
 */
TEST(WflTdma, Outage)
{
    const CleanState clean;
    constexpr uint32_t datagrams = 20000;
    const auto expectShare = [](const std::string& fading, double expected)
    {
        EXPECT_NEAR(LostShare(fading, datagrams),
                    expected,
                    4 * std::sqrt(expected * (1 - expected) / datagrams))
            << fading;
    };
    EXPECT_NEAR(1 - std::exp(-0.1), 0.09516, 1e-5);
    EXPECT_NEAR(test::NakagamiOutage(2, 0.1), 0.01752, 1e-5);
    expectShare("Fading=Rayleigh", 1 - std::exp(-0.1));
    expectShare("Fading=Nakagami|NakagamiM=2", test::NakagamiOutage(2, 0.1));
    expectShare("Fading=Nakagami|NakagamiM=0.5", test::NakagamiOutage(0.5, 0.1));
    expectShare("Fading=Rician|RicianKDb=3", test::RicianOutage(3, 0.1));
    // The gap moves the threshold: 0.1 times 4.
    expectShare("SnrGapDb=6.0206", 1 - std::exp(-0.4));
    EXPECT_EQ(LostShare("Fading=None", 100), 0);
}

/**
 * With retransmission attempts are independent: their number is geometric with the mean 1 / (1 -
 * outage), 1.1052 here, and the variance outage / (1 - outage)^2; each takes a whole airtime and
 * guard time. Tolerance: 4 standard deviations of 20,000.
 */
TEST(WflTdma, MeanNumberOfAttempts)
{
    const CleanState clean;
    constexpr uint32_t datagrams = 20000;
    for (const double efficiency : {1.0, 3.0})
    {
        const double outage = 1 - std::exp(-(std::pow(2, efficiency) - 1) / SNR);
        RadioBench bench(AT_10_DB + "|Rate=Fixed|Outage=Retransmission|CoherenceTime=1ms|" +
                             "GuardTime=600us|SpectralEfficiency=" + std::to_string(efficiency) +
                             "]",
                         {DISTANCE_M});
        bench.Send(0, SERVER, 125, datagrams);
        Simulator::Run();
        ASSERT_EQ(bench.arrivals.size(), datagrams);
        // Each attempt is a transmission of all its bytes.
        for (const auto& transmission : bench.transmissions)
        {
            EXPECT_NEAR(transmission.duration.GetSeconds(), 1e-3 / efficiency, 1e-9);
            EXPECT_EQ(transmission.bytes, 125U);
        }
        const double attempts = static_cast<double>(bench.transmissions.size()) / datagrams;
        EXPECT_NEAR(attempts, 1 / (1 - outage), 4 * std::sqrt(outage / datagrams) / (1 - outage));
        EXPECT_NEAR(bench.StateS(SERVER, RadioState::RX) / (1e-3 / efficiency * datagrams),
                    attempts,
                    1e-3);
        EXPECT_NEAR(Simulator::Now().GetSeconds() / datagrams,
                    attempts * (1e-3 / efficiency + 6e-4),
                    1e-6);
    }
}

/**
 * A group is repeated for those that miss it, and arrives at each of them once, when it is through:
 * with independent attempts of outage p the last of n has it after the sum over k of
 * 1 - (1 - p^k)^n attempts; each listens as long as it needs.
 */
TEST(WflTdma, GroupIsRepeatedForWhoMissesIt)
{
    const CleanState clean;
    constexpr uint32_t datagrams = 5000;
    constexpr uint32_t workers = 4;
    RadioBench bench(AT_10_DB + "|Rate=Fixed|Outage=Retransmission|CoherenceTime=1ms|"
                                "GuardTime=100us|SpectralEfficiency=3]",
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
    EXPECT_EQ(Simulator::Now(), MicroSeconds(1100) * int64_t(bench.transmissions.size()));
    for (StationId worker = 0; worker < workers; ++worker)
    {
        EXPECT_NEAR(bench.StateS(worker, RadioState::RX) / (1e-3 * datagrams),
                    1 / (1 - outage),
                    4 * std::sqrt(outage / datagrams) / (1 - outage));
    }
}

/** Who has had MaxAttempts is given up: outage to the power of the number. */
TEST(WflTdma, AttemptsEnd)
{
    const CleanState clean;
    constexpr uint32_t datagrams = 20000;
    RadioBench bench(AT_10_DB + "|Rate=Fixed|Outage=Retransmission|CoherenceTime=1ms|" +
                         "SpectralEfficiency=3|MaxAttempts=2]",
                     {DISTANCE_M});
    const double outage = std::pow(1 - std::exp(-0.7), 2);
    bench.Send(0, SERVER, 375, datagrams);
    Simulator::Run();
    EXPECT_EQ(bench.arrivals.size() + bench.losses.size(), datagrams);
    EXPECT_EQ(bench.losses.front().reason, "retry-limit");
    EXPECT_NEAR(static_cast<double>(bench.losses.size()) / datagrams,
                outage,
                4 * std::sqrt(outage * (1 - outage) / datagrams));
}

/** A datagram that would last longer than MaxAirtime is lost after that time. */
TEST(WflTdma, DeepFadesEnd)
{
    const CleanState clean;
    std::size_t lost = 0;
    for (uint64_t run = 1; run <= 20; ++run)
    {
        const fl::RunSeed runSeed{1, run};
        RadioBench bench(AT_10_DB + "|MaxAirtime=3ms|CoherenceTime=1000s]", {DISTANCE_M}, runSeed);
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
 * Out of reach: at an adaptive rate, who would take longer than MaxAirtime in the mean; at a fixed
 * one, who comes through less than once in a hundred attempts, exp(-threshold / snr) in Rayleigh
 * fading.
 */
TEST(WflTdma, OutOfReach)
{
    const CleanState clean;
    // Mean ratios of 10, 3, 0 and -30 dB.
    const std::vector<double> distancesM{100, 223.87, 316.23, 10000};
    {
        // 11776 bits in 12 ms: 0.98 bit/s/Hz, which 0 dB carries.
        const RadioBench bench(AT_10_DB + "|MaxAirtime=12ms]", distancesM);
        EXPECT_EQ(bench.unreachable, std::vector<StationId>{3});
    }
    {
        // 1.18 bit/s/Hz need 1 dB.
        const RadioBench bench(AT_10_DB + "|MaxAirtime=10ms]", distancesM);
        EXPECT_EQ(bench.unreachable, (std::vector<StationId>{2, 3}));
    }
    {
        // exp(-1.02) at 0 dB: one of three; exp(-1023) at -30 dB: never.
        const RadioBench bench(AT_10_DB + "|Rate=Fixed]", distancesM);
        EXPECT_EQ(bench.unreachable, std::vector<StationId>{3});
        // exp(-4) at -6 dB: 1.8 %; exp(-5.5) at -7.4 dB: 0.4 %.
        const RadioBench border(AT_10_DB + "|Rate=Fixed]", {631, 741});
        EXPECT_EQ(border.unreachable, std::vector<StationId>{1});
    }
    {
        // The same without fading: 1 bit/s/Hz needs 0 dB.
        const RadioBench bench(CALM + "|Rate=Fixed|SpectralEfficiency=1.1]", distancesM);
        EXPECT_EQ(bench.unreachable, (std::vector<StationId>{2, 3}));
    }
    {
        // Longer than MaxAirtime for everybody.
        const RadioBench bench(CALM + "|Rate=Fixed|MaxAirtime=1ms]", distancesM);
        EXPECT_EQ(bench.unreachable.size(), distancesM.size());
    }
}

/** What was drawn once stays: mean ratios do not change from round to round, nor with who asks. */
TEST(WflTdma, ShadowingStaysForTheRun)
{
    const CleanState clean;
    const TempFolder folder;
    const auto result = CallScenario(
        With(SMALL_ARGUMENTS,
             {"--channel=tdma[RadiusM=100|ShadowingSigmaDb=8]", "--output=" + folder / "run"}));
    ASSERT_EQ(result.code, 0) << result.err;
    std::map<std::string, std::set<std::string>> snrs;
    for (const auto& row : ReadCsv(folder / "run/workers.csv"))
    {
        snrs[row.at("worker")].insert(row.at("snr_db"));
    }
    std::set<std::string> all;
    for (const auto& [worker, values] : snrs)
    {
        EXPECT_EQ(values.size(), 1U) << worker;
        all.insert(values.begin(), values.end());
    }
    EXPECT_EQ(all.size(), 5U);
    // The links of a larger federation are the same, on another channel too.
    const RadioBench few("tdma[ShadowingSigmaDb=8]", {50, 50});
    const RadioBench many("ofdma[ShadowingSigmaDb=8]", {50, 50, 50, 50});
    EXPECT_EQ(few.channel->SnrDb(1), many.channel->SnrDb(1));
    EXPECT_NE(few.channel->SnrDb(0), few.channel->SnrDb(1));
    const RadioBench other("tdma[ShadowingSigmaDb=8]", {50, 50}, {1, 2});
    EXPECT_NE(few.channel->SnrDb(1), other.channel->SnrDb(1));
}

} // namespace ns3::wfl
