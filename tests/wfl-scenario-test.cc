/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

/**
 * The general program as its users meet it: the same files for the same arguments, replays,
 * mistakes in the arguments, and runs that are cut off.
 */

#include "wfl-test-helpers.h"

#include <csignal>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <set>
#include <sys/wait.h>
#include <unistd.h>

namespace ns3::wfl
{

namespace
{

using test::CallScenario;
using test::ReadCsv;
using test::ReadFile;
using test::SMALL_ARGUMENTS;
using test::TempFolder;
using test::With;

using Arguments = std::vector<std::string>;

const Arguments RESULT_FILES{"rounds.csv", "workers.csv", "events.log", "model.bin"};

/** Runs the program and expects success. */
void
Complete(const Arguments& arguments)
{
    const auto result = CallScenario(arguments);
    ASSERT_EQ(result.code, 0) << result.err;
    ASSERT_EQ(result.err, "");
}

/** Expects that files of two runs are equal, byte by byte. */
void
ExpectSameFiles(const std::string& a, const std::string& b, const Arguments& names)
{
    for (const auto& name : names)
    {
        const auto text = ReadFile(a + "/" + name);
        EXPECT_FALSE(text.empty()) << name;
        // Not EXPECT_EQ, which would print both.
        EXPECT_TRUE(text == ReadFile(b + "/" + name)) << name << " differs";
    }
}

/** Radios and methods of every kind, with everything that may go wrong. */
const std::vector<Arguments> KINDS{
    {"--channel=wifi[MaxDatagramBytes=200]",
     "--algorithm=top-k[Density=0.1]",
     "--loss=bernoulli[Rate=0.2]",
     "--compute=flops[Speed=lognormal:1e6:1]"},
    {"--channel=link[MaxDatagramBytes=64|UplinkRate=lognormal:3e5:1|Loss=0.1]",
     "--algorithm=signsgd-mv[Momentum=0.9|Tie=random]",
     "--transport=best-effort",
     "--resync=every-3",
     "--deadline=0.03",
     "--late=finish"},
    {"--channel=wifi", "--transport=tcp", "--backhaul"},
    {"--channel=dcf[MaxDatagramBytes=100]",
     "--algorithm=top-k[Density=0.1]",
     "--loss=gilbert-elliott[MeanGood=5ms|MeanBad=1ms]",
     "--transport=" + test::DatagramTransports().back()},
    {"--channel=csma",
     "--algorithm=top-k[Density=0.1]",
     "--transport=tcp[ImportantFirst=true]",
     "--deadline=0.05"},
    {"--channel=lr-wpan", "--algorithm=signsgd-mv"},
    {"--channel=lte", "--loss=bernoulli[Rate=0.2]"},
    {"--channel=tdma[Rate=Fixed|Outage=Retransmission|RadiusM=200|SpeedMps=3]",
     "--mobility=random-waypoint"},
    {"--channel=ofdma[Split=MinMax|MaxDatagramBytes=100]",
     "--mobility=gauss-markov",
     "--compute=flops[Speed=lognormal:1e6:1]"},
    {"--channel=ideal[MaxDatagramBytes=64|Medium=Shared]",
     "--loss=bernoulli",
     "--precision=double",
     "--partition=dirichlet[Alpha=0.5]"},
};

} // namespace

/** Results depend neither on the number of threads nor on how often one runs. */
TEST(WflScenario, SameFilesAtAnyNumberOfThreads)
{
    for (const auto& kind : KINDS)
    {
        SCOPED_TRACE(kind.front());
        const TempFolder folder;
        const auto arguments = With(With(SMALL_ARGUMENTS, kind), {"--rounds=8", "--eval-every=2"});
        Complete(With(arguments, {"--threads=1", "--output=" + folder / "1"}));
        Complete(With(arguments, {"--threads=4", "--output=" + folder / "4"}));
        Complete(With(arguments, {"--threads=1", "--output=" + folder / "again"}));
        ExpectSameFiles(folder / "1", folder / "4", RESULT_FILES);
        ExpectSameFiles(folder / "1", folder / "again", RESULT_FILES);
        ExpectSameFiles(folder / "1", folder / "4", {"summary.json"});
    }
}

TEST(WflScenario, AnotherRunIsAnother)
{
    const TempFolder folder;
    const auto arguments = With(SMALL_ARGUMENTS, KINDS.front());
    Complete(With(arguments, {"--output=" + folder / "1"}));
    Complete(With(arguments, {"--RngRun=2", "--output=" + folder / "2"}));
    Complete(With(arguments, {"--RngSeed=2", "--output=" + folder / "3"}));
    for (const auto& name : RESULT_FILES)
    {
        EXPECT_NE(ReadFile(folder / "1/" + name), ReadFile(folder / "2/" + name)) << name;
        EXPECT_NE(ReadFile(folder / "1/" + name), ReadFile(folder / "3/" + name)) << name;
    }
}

/** What a run leaves, and that config.json says what was run. */
TEST(WflScenario, ResultsFolder)
{
    const TempFolder folder;
    Complete(
        With(SMALL_ARGUMENTS,
             {"--label=two words", "--timeline=1:2", "--RngRun=7", "--output=" + folder / "run"}));
    for (const std::string name : {"config.json",
                                   "rounds.csv",
                                   "workers.csv",
                                   "summary.json",
                                   "events.log",
                                   "model.bin",
                                   "host.csv",
                                   "transmissions.csv"})
    {
        EXPECT_TRUE(std::filesystem::exists(folder / "run/" + name)) << name;
    }
    const auto config = nlohmann::json::parse(ReadFile(folder / "run/config.json"));
    EXPECT_EQ(config.at("label"), "two words");
    EXPECT_EQ(config.at("rng_run"), 7);
    EXPECT_EQ(config.at("rounds"), 4);
    EXPECT_EQ(config.at("federation").at("dimension"), 180);
    EXPECT_EQ(ReadFile(folder / "run/model.bin").size(), 180 * sizeof(float));
    std::set<std::string> rounds;
    for (const auto& row : ReadCsv(folder / "run/transmissions.csv"))
    {
        rounds.insert(row.at("round"));
    }
    EXPECT_EQ(rounds, (std::set<std::string>{"1", "2"}));
}

/** Evaluations that were not made are empty cells; the last round is always evaluated. */
TEST(WflScenario, Evaluations)
{
    const TempFolder folder;
    Complete(With(SMALL_ARGUMENTS, {"--rounds=8", "--eval-every=3", "--output=" + folder / "run"}));
    const auto rows = ReadCsv(folder / "run/rounds.csv");
    ASSERT_EQ(rows.size(), 8U);
    for (std::size_t i = 0; i < rows.size(); ++i)
    {
        const bool evaluated = (i + 1) % 3 == 0 || i == 7;
        EXPECT_EQ(!rows[i].at("test_accuracy").empty(), evaluated) << i;
        EXPECT_EQ(!rows[i].at("test_loss").empty(), evaluated) << i;
        EXPECT_FALSE(rows[i].at("train_loss").empty()) << i;
    }
}

/** With full batches the objective after a round is the training loss of the next one. */
TEST(WflScenario, TrainObjective)
{
    const TempFolder folder;
    for (const std::string algorithm : {"sgd", "nounif-iag"})
    {
        const auto arguments = With(SMALL_ARGUMENTS,
                                    {"--algorithm=" + algorithm,
                                     "--objective=softmax",
                                     "--batch=0",
                                     "--partition=shards",
                                     "--eval-objective",
                                     "--rounds=6"});
        Complete(With(arguments, {"--output=" + folder / algorithm}));
        const auto rows = ReadCsv(folder / (algorithm + "/rounds.csv"));
        uint32_t equal = 0;
        for (std::size_t i = 1; i < rows.size(); ++i)
        {
            const double objective = std::stod(rows[i - 1].at("train_objective"));
            equal += std::abs(std::stod(rows[i].at("train_loss")) - objective) < 1e-9 ? 1 : 0;
        }
        // One worker's loss is not that of all.
        EXPECT_EQ(equal, algorithm == "sgd" ? 5U : 0U);
        Complete({"--replay=" + folder / algorithm, "--output=" + folder / "replayed"});
        EXPECT_EQ(ReadCsv(folder / "replayed/rounds.csv").back().at("train_objective"),
                  rows.back().at("train_objective"));
        std::filesystem::remove_all(folder / "replayed");
    }
}

/** A round in which nobody computed has no training loss, and all its other cells. */
TEST(WflScenario, RoundsWithoutTraining)
{
    const TempFolder folder;
    Complete(With(SMALL_ARGUMENTS,
                  {"--compute=constant[Time=1s]", "--deadline=0.1", "--output=" + folder / "run"}));
    for (const auto& row : ReadCsv(folder / "run/rounds.csv"))
    {
        EXPECT_EQ(row.at("train_loss"), "");
        EXPECT_EQ(row.at("participants"), "0");
    }
    for (const auto& row : ReadCsv(folder / "run/workers.csv"))
    {
        EXPECT_EQ(row.at("outcome"), "late");
    }
}

/** The model of one run is where the next begins. */
TEST(WflScenario, InitialModel)
{
    const TempFolder folder;
    Complete(With(SMALL_ARGUMENTS, {"--output=" + folder / "a"}));
    Complete(With(SMALL_ARGUMENTS,
                  {"--learning-rate=1e-30",
                   "--rounds=1",
                   "--init=" + folder / "a/model.bin",
                   "--output=" + folder / "b"}));
    ExpectSameFiles(folder / "a", folder / "b", {"model.bin"});
}

// Replay

/** On the channel of the recorded run, a replay is that run, byte for byte. */
TEST(WflScenario, ReplayOnTheSameChannel)
{
    const std::vector<Arguments> radios{
        {"--channel=ideal[MaxDatagramBytes=64]"},
        {"--channel=link[UplinkRate=lognormal:1e6:1|MaxDatagramBytes=64]",
         "--loss=bernoulli[Rate=0.2]"},
        {"--channel=wifi[MaxDatagramBytes=200]"},
        {"--channel=wifi", "--transport=tcp"}};
    for (const auto& radio : radios)
    {
        for (const std::string algorithm : {"sgd", "signsgd-mv", "top-k[Density=0.1]"})
        {
            SCOPED_TRACE(radio.front() + ", " + algorithm);
            const TempFolder folder;
            Complete(With(
                With(SMALL_ARGUMENTS, radio),
                {"--algorithm=" + algorithm, "--eval-every=3", "--output=" + folder / "recorded"}));
            Complete(With(radio,
                          {"--replay=" + folder / "recorded",
                           "--compute=constant",
                           "--output=" + folder / "replayed"}));
            ExpectSameFiles(folder / "recorded",
                            folder / "replayed",
                            {"rounds.csv", "workers.csv", "events.log", "summary.json"});
            EXPECT_FALSE(std::filesystem::exists(folder / "replayed/model.bin"));
        }
    }
}

/** Recorded on one channel and replayed on another: what training there would have given. */
TEST(WflScenario, ReplayOnAnotherChannel)
{
    for (const std::string algorithm : {"sgd", "signsgd-mv", "top-k[Density=0.1]"})
    {
        SCOPED_TRACE(algorithm);
        const TempFolder folder;
        const auto arguments = With(SMALL_ARGUMENTS, {"--algorithm=" + algorithm});
        const std::string wifi = "--channel=wifi[MaxDatagramBytes=100]";
        Complete(With(arguments,
                      {"--channel=ideal[MaxDatagramBytes=100]", "--output=" + folder / "ideal"}));
        Complete(With(arguments, {wifi, "--output=" + folder / "wifi"}));
        Complete({"--replay=" + folder / "ideal",
                  "--compute=constant",
                  wifi,
                  "--output=" + folder / "replayed"});
        ExpectSameFiles(folder / "wifi", folder / "replayed", {"rounds.csv", "workers.csv"});
        EXPECT_NE(ReadFile(folder / "ideal/rounds.csv"), ReadFile(folder / "wifi/rounds.csv"));
        EXPECT_NE(
            ReadFile(folder / "replayed/config.json").find("\"algorithm\": \"" + algorithm + "\""),
            std::string::npos);
    }
}

/** Whom a policy that depends on rounds alone has chosen is asked again, whatever the channel. */
TEST(WflScenario, ReplayOfASelection)
{
    const TempFolder folder;
    const std::string wifi = "--channel=wifi[MaxDatagramBytes=100]";
    for (const std::string policy : {"random[Count=2]", "round-robin[Count=3]"})
    {
        SCOPED_TRACE(policy);
        const auto arguments = With(SMALL_ARGUMENTS, {"--selection=" + policy, "--overwrite"});
        Complete(With(arguments,
                      {"--channel=ideal[MaxDatagramBytes=100]", "--output=" + folder / "ideal"}));
        Complete(With(arguments, {wifi, "--output=" + folder / "wifi"}));
        Complete({"--replay=" + folder / "ideal",
                  "--compute=constant",
                  wifi,
                  "--overwrite",
                  "--output=" + folder / "replayed"});
        ExpectSameFiles(folder / "wifi", folder / "replayed", {"rounds.csv", "workers.csv"});
    }
}

// Mistakes

namespace
{

/** Arguments that are wrong, and what must be said. */
struct Mistake
{
    Arguments arguments;
    std::string said; ///< a part of the line
};

/** Expects one line and exit code 2. */
void
ExpectRefused(const Mistake& mistake)
{
    std::string all;
    for (const auto& argument : mistake.arguments)
    {
        all += argument + " ";
    }
    SCOPED_TRACE(all);
    const auto result = CallScenario(mistake.arguments);
    EXPECT_EQ(result.code, 2);
    EXPECT_EQ(result.out, "");
    EXPECT_EQ(std::count(result.err.begin(), result.err.end(), '\n'), 1) << result.err;
    EXPECT_NE(result.err.find(mistake.said), std::string::npos)
        << "expected: " << mistake.said << "\nsaid: " << result.err;
    EXPECT_EQ(result.err.rfind("wfl-scenario: ", 0), 0U) << result.err;
}

} // namespace

TEST(WflScenario, Mistakes)
{
    const TempFolder folder;
    std::vector<Mistake> mistakes{
        // names
        {{"--wrokers=3"}, "--wrokers is not an option; did you mean --workers?"},
        {{"--chanel=wifi"}, "did you mean --channel?"},
        {{"workers=3"}, "\"workers=3\" is not an option"},
        {{"-workers=3"}, "\"-workers=3\" is not an option"},
        {{"--workers=3", "--workers=4"}, "--workers is given twice"},
        {{"--algorithm=sdg"}, "--algorithm: \"sdg\" is unknown, known are"},
        {{"--channel=wfii"}, "--channel: \"wfii\" is unknown, known are"},
        {{"--dataset=mnits"}, "--dataset: \"mnits\" is unknown, known are"},
        {{"--objective=mpl"}, "--objective: \"mpl\" is unknown, known are"},
        {{"--partition=idd"}, "--partition: \"idd\" is unknown, known are"},
        {{"--loss=bernuoli"}, "--loss: \"bernuoli\" is unknown, known are"},
        {{"--compute=flop"}, "--compute: \"flop\" is unknown, known are"},
        {{"--transport=udp"},
         "--transport: \"udp\" is unknown, known are best-effort, fec, nack, tcp"},
        {{"--algorithm=sgd-sec[Bucket=8]"}, "Bucket has no effect unless Levels > 0"},
        {{"--algorithm=gd-sec[Levels=8|Value=half]"}, "Value has no effect unless Levels = 0"},
        {{"--algorithm=dgc[Sample=0.5]"}, "Sample has no effect unless Threshold = sampled"},
        {{"--algorithm=s3gd-mv[Choice=random|Accumulation=0.5]"},
         "Accumulation has no effect unless Choice = top"},
        {{"--local-steps=2"}, "--local-steps: has no effect on sgd"},
        {{"--algorithm=fedavg[Epochs=1]", "--local-steps=2"},
         "--local-steps: has no effect on fedavg[Epochs=1]"},
        {{"--channel=wifi[BeaconInterval=100s]"}, "\"100s\" does not fit attribute BeaconInterval"},
        {{"--transport=fec[N=3]"}, "--transport: N=3 is less than K=16"},
        {{"--transport=fec[N=300]"}, "--transport: \"300\" does not fit attribute N"},
        {{"--transport=fec[Depth=0]"}, "--transport: \"0\" does not fit attribute Depth"},
        {{"--downlink=both"}, "--downlink: \"both\" is none of broadcast, unicast"},
        {{"--late=never"}, "--late: \"never\" is none of abort, finish"},
        {{"--resync=often"}, "--resync: \"often\" is none of"},
        {{"--resync=every-0"}, "--resync"},
        {{"--resync=every-x"}, "--resync"},
        {{"--precision=half"}, "--precision: \"half\" is none of float, double"},
        {{"--ns3::wfl::FlServer::Rounds=7"}, "would have no effect, give --rounds"},
        {{"--ns3::wfl::FlWorker::Late=finish"}, "would have no effect, give --late"},
        // durations beyond the 64 bits of ns-3's time
        {{"--channel=ideal[Delay=1e300s]"}, "\"1e300s\" does not fit"},
        {{"--channel=ideal[Delay=1000y]"}, "\"1000y\" does not fit"},
        {{"--channel=link[Delay=1e10]"}, "delay 1e+10 s must be from 0 to 1e+06"},
        {{"--channel=link[UplinkRate=exponential:1e-300]"}, "bit/s must be at least 1"},
        {{"--overwrite=maybe"}, "--overwrite: \"maybe\" is none of true, false"},
        {{"--pcap=perhaps"}, "--pcap: \"perhaps\" is none of true, false"},
        // brackets
        {{"--algorithm=sgd[Rate=1]"}, "--algorithm"},
        {{"--algorithm=top-k[Density=2]"}, "--algorithm: "},
        {{"--algorithm=top-k[Density=many]"}, "--algorithm"},
        {{"--algorithm=top-k[Density=0.1"}, "--algorithm"},
        {{"--algorithm="}, "--algorithm"},
        {{"--channel=ideal[Rate=1Mbps]"}, "--channel: ideal has no attribute Rate"},
        {{"--channel=ideal[UplinkRate=fast]"}, "--channel: \"fast\" does not fit attribute"},
        {{"--channel=ideal[UplinkRate=-1Mbps]"}, "--channel"},
        {{"--channel=ideal[UplinkRate=0bps]"}, "--channel"},
        {{"--channel=ideal[MaxDatagramBytes=10]"}, "--channel: \"10\" does not fit attribute"},
        {{"--channel=link[UplinkRate=-5]"}, "rate"},
        {{"--channel=link[UplinkRate=gauss:1:2]"}, "--channel=link, UplinkRate"},
        {{"--channel=wifi[Standard=80211z]"}, "--channel=wifi, Standard: \"80211z\""},
        {{"--channel=wifi[WidthMhz=30]"}, "--channel=wifi, WidthMhz"},
        {{"--channel=wifi[RateControl=ns3::Nothing]"}, "--channel=wifi"},
        {{"--channel=wifi[DataMode=HeMcs99|RateControl=ns3::ConstantRateWifiManager]"},
         "--channel=wifi"},
        {{"--channel=wifi[GroupMode=Loud]"}, "--channel=wifi"},
        {{"--channel=wifi[BackhaulRate=fast]"}, "does not fit attribute BackhaulRate of wifi"},
        {{"--channel=wifi[BackhaulRate=0bps]"}, "--channel=wifi, BackhaulRate"},
        {{"--channel=wifi[BeaconInterval=1500us]"}, "--channel=wifi, BeaconInterval"},
        {{"--channel=wifi[RateControl=ns3::MinstrelHtWifiManager|DataMode=HeMcs5]"},
         "--channel=wifi, DataMode: ns3::MinstrelHtWifiManager chooses the mode itself"},
        {{"--channel=wifi[Standard=80211n|DataMode=HeMcs5]"},
         "--channel=wifi, DataMode: \"HeMcs5\" is no mode of 80211n"},
        {{"--channel=wifi[RateControl=ns3::Node]"}, "--channel=wifi, RateControl"},
        {{"--channel=wifi[RateControl=ns3::AarfWifiManager]"}, "--channel=wifi, RateControl"},
        {{"--channel=wifi[HeGuardInterval=1000ns]"},
         "--channel=wifi, HeGuardInterval: must be 800ns"},
        {{"--channel=wifi[HeGuardInterval=400ns]"}, "does not fit attribute HeGuardInterval"},
        {{"--channel=wifi[HeGuardInterval=short]"}, "does not fit attribute HeGuardInterval"},
        {{"--channel=wifi[NoiseFigureDb=-1]"}, "does not fit attribute NoiseFigureDb of wifi"},
        {{"--channel=wifi[NoiseFigureDb=nan]"}, "does not fit attribute NoiseFigureDb of wifi"},
        {{"--channel=wifi[NoiseFigureDb=low]"}, "does not fit attribute NoiseFigureDb of wifi"},
        {{"--channel=wifi[RadiusM=nan]"}, "--channel: \"nan\" does not fit attribute RadiusM"},
        {{"--channel=dcf[Standard=80211z]"}, "--channel=dcf, Standard: \"80211z\" is none of"},
        {{"--channel=dcf[WidthMhz=30]"}, "--channel=dcf, WidthMhz: 80211ax has no channels of 30"},
        {{"--channel=dcf[DataMode=HeMcs12]"}, "--channel=dcf, DataMode: \"HeMcs12\" is no mode"},
        {{"--channel=dcf[Standard=80211n|DataMode=VhtMcs7]"}, "--channel=dcf, DataMode"},
        {{"--channel=dcf[DataMode=HeMcs-1]"}, "--channel=dcf, DataMode"},
        {{"--channel=dcf[DataMode=HeMcs99999999999]"}, "--channel=dcf, DataMode"},
        {{"--channel=dcf[GroupMode=Loud]"}, "--channel=dcf, GroupMode: \"Loud\" is no mode"},
        {{"--channel=dcf[RtsMode=OfdmRate7Mbps]"}, "--channel=dcf, RtsMode"},
        {{"--channel=dcf[GuardInterval=900ns]"}, "--channel=dcf, DataMode"},
        {{"--channel=dcf[GuardInterval=short]"}, "does not fit attribute GuardInterval"},
        {{"--channel=dcf[Slot=0us]"}, "\"0us\" does not fit attribute Slot of dcf"},
        {{"--channel=dcf[Sifs=1e9s]"}, "\"1e9s\" does not fit attribute Sifs of dcf"},
        {{"--channel=dcf[CwMin=31|CwMax=15]"}, "--channel=dcf, CwMin: 31 is above CwMax, 15"},
        {{"--channel=dcf[MpduErrorRate=nan]"}, "\"nan\" does not fit attribute MpduErrorRate"},
        {{"--channel=dcf[MpduErrorRate=1]"}, "\"1\" does not fit attribute MpduErrorRate"},
        {{"--channel=dcf[PathLossExponent=inf]"}, "does not fit attribute PathLossExponent"},
        {{"--channel=dcf[RetryLimit=0]"}, "\"0\" does not fit attribute RetryLimit"},
        {{"--channel=dcf[AccessPoints=0]"}, "\"0\" does not fit attribute AccessPoints"},
        {{"--channel=dcf", "--workers=2008"}, "an access point has at most 2007 stations"},
        {{"--channel=ideal[MaxDatagramBytes=100x]"}, "--channel: \"100x\" does not fit"},
        {{"--channel=ideal[Delay=soon]"}, "--channel: \"soon\" does not fit attribute Delay"},
        {{"--channel=ideal[Medium=Air]"}, "--channel: \"Air\" does not fit attribute Medium"},
        {{"--channel=csma[DataRate=0bps]"}, "--channel=csma, DataRate: must be at least 1kbps"},
        {{"--channel=csma[Delay=1y]"}, "does not fit attribute Delay of csma"},
        {{"--channel=csma[Delay=-1ns]"}, "does not fit attribute Delay of csma"},
        {{"--channel=lr-wpan[Channel=10]"}, "does not fit attribute Channel of lr-wpan"},
        {{"--channel=lr-wpan[MinBe=5|MaxBe=4]"}, "--channel=lr-wpan, MinBe"},
        {{"--channel=lr-wpan[MaxBe=9]"}, "does not fit attribute MaxBe of lr-wpan"},
        {{"--channel=lr-wpan[MaxDatagramBytes=1233]"}, "--channel=lr-wpan, MaxDatagramBytes"},
        {{"--channel=lr-wpan[RadiusM=1e300]"}, "does not fit attribute RadiusM of lr-wpan"},
        {{"--channel=lr-wpan[TxPowerDbm=nan]"}, "does not fit attribute TxPowerDbm of lr-wpan"},
        {{"--channel=lr-wpan[Propagation=ns3::Nothing]"},
         "--channel=lr-wpan, Propagation: \"ns3::Nothing\" is no ns3::PropagationLossModel, "
         "such "
         "as ns3::LogDistancePropagationLossModel"},
        {{"--channel=lr-wpan[Propagation=ns3::Node]"}, "is no ns3::PropagationLossModel"},
        {{"--channel=lr-wpan[Propagation=ns3::FriisPropagationLossModel+]"},
         "\"\" is no ns3::PropagationLossModel"},
        {{"--channel=lr-wpan[PropagationDelay=ns3::Node]"}, "is no ns3::PropagationDelayModel"},
        {{"--channel=lte[ResourceBlocks=7]"}, "--channel=lte, ResourceBlocks: 7 is none of"},
        {{"--channel=lte[ResourceBlocks=101]"}, "does not fit attribute ResourceBlocks of lte"},
        {{"--channel=lte[Scheduler=ns3::Fair]"},
         "\"ns3::Fair\" is no ns3::FfMacScheduler, such as"},
        {{"--channel=lte[Scheduler=ns3::FfMacScheduler]"}, "is no ns3::FfMacScheduler, such as"},
        {{"--channel=lte[Rlc=Tm]"}, "--channel=lte, Rlc: \"Tm\" is none of Am, Um"},
        {{"--channel=lte[MaxDatagramBytes=1473]"}, "--channel=lte, MaxDatagramBytes"},
        {{"--channel=lte[BackhaulRate=0bps]"}, "--channel=lte, BackhaulRate"},
        {{"--channel=lte[BackhaulRate=100Gbps]"}, "--channel=lte, BackhaulRate"},
        {{"--channel=lte[AttachTimeout=0s]"}, "does not fit attribute AttachTimeout of lte"},
        {{"--channel=lte[UeTxPowerDbm=inf]"}, "does not fit attribute UeTxPowerDbm of lte"},
        {{"--channel=lte[Propagation=ns3::Itu]"}, "is no ns3::PropagationLossModel"},
        {{"--channel=lte[Propagation=ns3::HybridBuildingsPropagationLossModel]"},
         "needs buildings"},
        {{"--channel=lte", "--workers=313"}, "--workers: 313 is too many, an LTE cell has"},
        {{"--channel=wifi[Standard=80211ac|Scheduler=ns3::RrMultiUserScheduler]"},
         "--channel=wifi, Scheduler: 80211ac has no OFDMA, 80211ax has"},
        {{"--channel=wifi[Scheduler=ns3::RrFfMacScheduler]"},
         "is no ns3::MultiUserScheduler, such"},
        {{"--channel=wifi[ErrorRateModel=ns3::RateErrorModel]"}, "is no ns3::ErrorRateModel, such"},
        {{"--channel=wifi[Propagation=Friis]"}, "\"Friis\" is no ns3::PropagationLossModel, such"},
        {{"--channel=wifi[PropagationDelay=]"}, "is no ns3::PropagationDelayModel, such"},
        {{"--channel=tdma[PathLoss=suburban]"},
         "--channel=tdma, PathLoss: \"suburban\" is unknown, known are freespace, indoor-los,"},
        {{"--channel=tdma[BandwidthHz=0]"}, "\"0\" does not fit attribute BandwidthHz of tdma"},
        {{"--channel=tdma[WorkerPowerDbm=nan]"}, "does not fit attribute WorkerPowerDbm"},
        {{"--channel=tdma[SnrGapDb=inf]"}, "does not fit attribute SnrGapDb"},
        {{"--channel=tdma[CoherenceTime=1us]"}, "\"1us\" does not fit attribute CoherenceTime"},
        {{"--channel=tdma[SpeedMps=1000|FrequencyHz=1e12]"},
         "--channel=tdma, SpeedMps: at this speed and frequency fading keeps its value for "
         "less"},
        {{"--channel=tdma[NakagamiM=0.1]"}, "\"0.1\" does not fit attribute NakagamiM of tdma"},
        {{"--channel=tdma[Fading=Rice]"}, "takes ns3::EnumValue None|Rayleigh|Nakagami|Rician"},
        {{"--channel=tdma[SpectralEfficiency=0]"}, "does not fit attribute SpectralEfficiency"},
        {{"--channel=tdma[MaxAttempts=0]"}, "\"0\" does not fit attribute MaxAttempts"},
        {{"--channel=tdma[MaxAirtime=1e9s]"}, "\"1e9s\" does not fit attribute MaxAirtime"},
        {{"--channel=tdma[RadiusM=1e300]"}, "\"1e300\" does not fit attribute RadiusM"},
        {{"--channel=ofdma[PathLoss=]"}, "--channel=ofdma, PathLoss: \"\" is unknown, known are"},
        {{"--channel=ofdma[Split=Fair]"}, "\"Fair\" does not fit attribute Split of ofdma"},
        {{"--channel=ofdma[Recompute=Never]"}, "\"Never\" does not fit attribute Recompute"},
        {{"--channel=ofdma[ShadowingSigmaDb=nan]"}, "does not fit attribute ShadowingSigmaDb"},
        {{"--mobility=nowhere"},
         "--mobility: \"nowhere\" is unknown, known are constant, gauss-markov, "
         "random-waypoint, "
         "trace"},
        {{"--mobility=gauss-markov"}, "--mobility: the channel has no disc to move on; give"},
        {{"--mobility=gauss-markov[RadiusM=nan]"}, "\"nan\" does not fit attribute RadiusM of"},
        {{"--mobility=gauss-markov[Alpha=2]"}, "\"2\" does not fit attribute Alpha of gauss"},
        {{"--mobility=gauss-markov[TimeStep=0s]"}, "\"0s\" does not fit attribute TimeStep"},
        {{"--mobility=random-waypoint[MinSpeedMps=0]"}, "does not fit attribute MinSpeedMps"},
        {{"--mobility=random-waypoint[RadiusM=9|MinSpeedMps=3|MaxSpeedMps=2]"},
         "--mobility=random-waypoint: MinSpeedMps is larger than MaxSpeedMps"},
        {{"--mobility=trace"}, "--mobility=trace, File: no file is given"},
        {{"--mobility=trace[File=/nowhere]"}, "File: /nowhere cannot be read or is empty"},
        {{"--pcap"}, "--pcap: this channel is a formula and has no packets to show; take"},
        {{"--animation", "--channel=link"}, "--animation: this channel is a formula"},
        {{"--pcap=some"}, "--pcap: \"some\" is none of true, false"},
        {{"--channel=p2p[DataRate=1bps]"}, "--channel=p2p, DataRate: must be at least 1kbps"},
        {{"--channel=p2p[DataRate=fast]"}, "does not fit attribute DataRate of p2p"},
        {{"--channel=p2p[MaxDatagramBytes=3000]"}, "does not fit attribute MaxDatagramBytes"},
        {{"--loss=bernoulli[Rate=0.1x]"}, "--loss: \"0.1x\" does not fit attribute Rate"},
        {{"--loss=bernoulli[Rate=1.5]"}, "--loss: \"1.5\" does not fit attribute Rate"},
        {{"--compute=flops[Speed=0]"}, "--compute"},
        {{"--compute=flops[Speed=x]"}, "--compute"},
        {{"--compute=constant[Time=-1s]"}, "--compute"},
        // numbers
        {{"--workers=0"}, "--workers: 0 is out of range, allowed is 1 to 65534"},
        {{"--workers=65535"}, "--workers: 65535 is out of range"},
        {{"--workers=-1"}, "--workers: -1 is out of range"},
        {{"--workers=1000"}, "workers"},
        {{"--workers=3.5"}, "--workers"},
        {{"--workers="}, "--workers"},
        {{"--workers"}, "--workers"},
        {{"--rounds=0"}, "--rounds: 0 is out of range"},
        {{"--rounds=ten"}, "--rounds: \"ten\""},
        {{"--batch=some"}, "--batch: \"some\""},
        {{"--batch=-1"}, "--batch: -1 is out of range"},
        {{"--learning-rate=nan"}, "--learning-rate: \"nan\""},
        {{"--learning-rate=-1"}, "--learning-rate: -1 is out of range"},
        {{"--learning-rate=0.1x"}, "--learning-rate: \"0.1x\""},
        {{"--deadline=-1"}, "--deadline: -1 is out of range"},
        {{"--deadline=soon"}, "--deadline: \"soon\""},
        {{"--target-accuracy=80"}, "--target-accuracy: 80 is out of range"},
        {{"--eval-every=0"}, "--eval-every: 0 is out of range"},
        {{"--threads=-1"}, "--threads: -1 is out of range"},
        {{"--timeline=5:2"}, "--timeline: \"5:2\" is not FIRST:LAST"},
        {{"--timeline=a:b"}, "--timeline"},
        {{"--timeline=3:"}, "--timeline"},
        {{"--RngRun=x"}, "--RngRun: \"x\" does not fit"},
        {{"--RngSeed=0"}, "--RngSeed: 0 is out of range"},
        // combinations
        {{"--channel=ideal", "--transport=tcp"}, "--transport: tcp needs a channel with sockets"},
        {{"--channel=link", "--backhaul"}, "--backhaul: channel link has no access point"},
        {{"--selection=best"}, "--selection: \"best\" is unknown, known are age, all,"},
        {{"--selection=random[Count=0]"}, "\"0\" does not fit attribute Count"},
        {{"--selection=random[Count=6]"}, "Count=6 are more than the 5 workers"},
        {{"--selection=all[Count=2]"}, "--selection: all has no attribute Count"},
        {{"--selection=random[OverSelection=0.5]"}, "does not fit attribute OverSelection"},
        {{"--selection=best-channel[Count=2]"},
         "this policy needs signal-to-noise ratios, which this channel does not know"},
        {{"--selection=energy[Count=2]"}, "--selection: this policy needs --battery"},
        {{"--quorum=2"}, "--quorum: 2 is out of range"},
        {{"--mode=asink"}, "--mode: \"asink\" is unknown, known are async, buffered, sync"},
        {{"--mode=buffered[K=0]"}, "--mode"},
        {{"--mode=buffered[K=161]"}, "--mode: K=161 answers never come together, as at most 5"},
        {{"--mode=buffered[K=65]", "--selection=random[Count=2]"}, "as at most 2 workers are at"},
        {{"--mode=async", "--selection=random[Count=2|OverSelection=2]"},
         "OverSelection has no effect in asynchronous modes"},
        {{"--mode=async", "--deadline=3"}, "--deadline: has no effect with --mode=async"},
        {{"--mode=async", "--quorum=0.5"}, "--quorum: has no effect with --mode=async"},
        {{"--mode=async", "--late-uploads=next"}, "--late-uploads: has no effect with --mode"},
        {{"--mode=async", "--algorithm=signsgd-mv"},
         "--mode: signsgd-mv can use an upload only in the round that it belongs to"},
        {{"--mode=async[Exponent=0]", "--algorithm=s3gd-mv"}, "--mode: s3gd-mv can use"},
        {{"--late-uploads=next", "--algorithm=multi-krum"}, "--late-uploads: multi-krum can use"},
        {{"--mode=async", "--algorithm=gd-sec"}, "--mode: workers of gd-sec count on it that"},
        {{"--late-uploads=weighted", "--algorithm=top-k"}, "weights are not possible, give"},
        {{"--late-uploads=later"}, "--late-uploads: \"later\" is unknown, known are drop, next,"},
        {{"--harvest=solar"}, "--harvest: charges nothing without --battery"},
        {{"--battery=tesla"}, "--battery: \"tesla\" is unknown, known are basic"},
        {{"--battery=basic[BasicEnergyLowBatteryThreshold=0.2]"},
         "--battery: BasicEnergyHighBatteryThreshold, 0.150000, at which a battery counts as "
         "charged again, must be above"},
        {{"--battery=li-ion[LiIonEnergyLowBatteryThreshold=1]"}, "is no share of a full battery"},
        {{"--battery=basic[BasicEnergySourceInitialEnergyJ=0]"}, "must hold some energy, not 0"},
        {{"--battery=basic", "--energy=phone[BatteryJ=-1]"}, "--energy, BatteryJ: "},
        {{"--selection=random[OverSelection=1e9]"}, "\"1e9\" does not fit attribute OverSelection"},
        {{"--battery=ns3::Node"}, "--battery: \"ns3::Node\" is unknown"},
        {{"--availability=sometimes"}, "--availability: \"sometimes\" is unknown, known are"},
        {{"--availability=bernoulli[P=2]"}, "\"2\" does not fit attribute P of bernoulli"},
        {{"--availability=trace"}, "--availability=trace, File: no file is given"},
        {{"--energy=toaster"}, "--energy: \"toaster\" is unknown, known are esp32s2"},
        {{"--battery=basic", "--channel=csma", "--transport=tcp"},
         "--transport: a worker that has gone cannot come back over this one"},
        {{"--ns3::wfl::FlServer::Quorum=0.5"}, "would have no effect, give --quorum"},
        // ns-3's own arguments
        {{"--ns3::wfl::NoClass::Attribute=1"}, "there is no class ns3::wfl::NoClass"},
        {{"--ns3::wfl::FlServer::Nothing=1"}, "ns3::wfl::FlServer has no attribute Nothing"},
        {{"--ns3::wfl::DatagramTransport::ProbeWait=long"}, "does not fit"},
        // files
        {{"--init=" + folder / "none.bin"}, "--init: " + folder / "none.bin" + " cannot be read"},
        {{"--channel=link[Trace=" + folder / "none.csv]"}, "none.csv cannot be read"},
        {{"--dataset=fashion-mnist[Folder=" + folder / "none]"}, folder / "none"},
    };
    if (WFL_NS3_MINOR < 38)
    {
        mistakes.push_back({{"--channel=wifi[Standard=80211be]"},
                            "Standard: 80211be needs ns-3 3.38 or later, this"});
    }
    for (const auto& mistake : mistakes)
    {
        // Duplicates must reach the program, so With() is only for the other mistakes.
        const bool twice =
            mistake.arguments.size() == 2 && mistake.said.find("twice") != std::string::npos;
        auto arguments = twice ? mistake.arguments : With(SMALL_ARGUMENTS, mistake.arguments);
        arguments.push_back("--output=" + folder / "run");
        ExpectRefused({arguments, mistake.said});
        EXPECT_FALSE(std::filesystem::exists(folder / "run")) << mistake.arguments.front();
        std::filesystem::remove_all(folder / "run");
    }

    // Known only when the first worker computes: the heads of files are there.
    ExpectRefused(
        {With(SMALL_ARGUMENTS, {"--compute=flops[Speed=1e-300]", "--output=" + folder / "run"}),
         "would compute for"});
    const auto rounds = ReadFile(folder / "run/rounds.csv");
    EXPECT_EQ(std::count(rounds.begin(), rounds.end(), '\n'), 1);
}

/** A run that never begins leaves no folder, and what was in the folder stays. */
TEST(WflScenario, RunsThatNeverBeginLeaveNoTrace)
{
    const TempFolder folder;
    const auto output = folder / "run";
    const Mistake deaf{With(SMALL_ARGUMENTS,
                            {"--channel=tdma[BandwidthHz=1]",
                             "--timeline=0:3",
                             "--overwrite",
                             "--output=" + output}),
                       "--channel: not a single worker can reach the server"};
    ExpectRefused(deaf);
    EXPECT_FALSE(std::filesystem::exists(output));

    ASSERT_EQ(CallScenario(With(SMALL_ARGUMENTS, {"--output=" + output})).code, 0);
    std::map<std::string, std::string> before;
    const auto read = [&output](std::map<std::string, std::string>& content)
    {
        for (const auto& entry : std::filesystem::directory_iterator(output))
        {
            content[entry.path().filename().string()] = ReadFile(entry.path().string());
        }
    };
    read(before);
    EXPECT_EQ(before.size(), 8U);
    ExpectRefused(deaf);
    std::map<std::string, std::string> after;
    read(after);
    EXPECT_TRUE(after == before);

    // One that begins replaces it, with nothing left of it.
    ASSERT_EQ(
        CallScenario(With(SMALL_ARGUMENTS, {"--rounds=2", "--overwrite", "--output=" + output}))
            .code,
        0);
    after.clear();
    read(after);
    EXPECT_EQ(after.size(), 8U);
    EXPECT_NE(after["rounds.csv"], before["rounds.csv"]);
}

TEST(WflScenario, MistakesInFiles)
{
    const TempFolder folder;
    const auto small = With(SMALL_ARGUMENTS, {"--output=" + folder / "run"});

    // A data set whose files end early, or are something else.
    const std::string data = folder / "data";
    std::filesystem::create_directory(data);
    for (const std::string name : {"train-images-idx3-ubyte",
                                   "train-labels-idx1-ubyte",
                                   "t10k-images-idx3-ubyte",
                                   "t10k-labels-idx1-ubyte"})
    {
        std::ofstream(data + "/" + name) << "not an IDX file";
        std::ofstream(data + "/" + name + ".gz") << "not a gzip file";
    }
    ExpectRefused({With(small, {"--dataset=fashion-mnist[Folder=" + data + "]"}), data});

    // A model that is a folder, or of another length.
    ExpectRefused({With(small, {"--init=" + data}), "--init: " + data + " cannot be read"});
    std::ofstream(folder / "short.bin") << "1234";
    ExpectRefused({With(small, {"--init=" + folder / "short.bin"}), "--init: the file holds 4"});

    // A folder with results, a file instead of a folder, a folder that cannot be made.
    Complete(small);
    ExpectRefused({small, "holds the results of another run; choose another folder or give"});
    const auto before = ReadFile(folder / "run/rounds.csv");
    EXPECT_FALSE(before.empty()) << "a refused run must not touch them";
    Complete(With(small, {"--overwrite"}));
    EXPECT_EQ(ReadFile(folder / "run/rounds.csv"), before);
    ExpectRefused({With(small, {"--output=" + folder / "short.bin"}), "--output: "});
    ExpectRefused({With(small, {"--output=/proc/none/run"}), "--output: /proc/none/run"});
    ExpectRefused({With(small, {"--output="}), "--output"});
}

TEST(WflScenario, MistakesInReplay)
{
    const TempFolder folder;
    const auto recorded = folder / "recorded";
    Complete(With(SMALL_ARGUMENTS, {"--output=" + recorded}));
    const auto refused = [&](const Arguments& more, const std::string& said)
    {
        Arguments arguments{"--output=" + folder / "replayed"};
        arguments.insert(arguments.end(), more.begin(), more.end());
        ExpectRefused({arguments, said});
    };
    for (const std::string option : {"workers=5", "rounds=4", "algorithm=sgd", "batch=3"})
    {
        refused({"--replay=" + recorded, "--" + option}, "a replay takes this from the recorded");
    }
    for (const std::string option : {"battery=basic", "availability=bernoulli"})
    {
        refused({"--replay=" + recorded, "--" + option}, "has no place in a replay");
    }
    for (const std::string option : {"selection=update-norm[Count=2]",
                                     "selection=age[Count=2]",
                                     "mode=async",
                                     "late-uploads=next"})
    {
        const auto steered = folder / "steered";
        Complete(With(SMALL_ARGUMENTS, {"--" + option, "--overwrite", "--output=" + steered}));
        refused({"--replay=" + steered},
                "--replay: the recorded run had --" + option + ", with which time steers learning");
    }
    refused({"--replay=" + folder / "none"}, "--replay: " + folder / "none");
    ExpectRefused({{"--replay=" + recorded, "--output=" + recorded, "--overwrite"},
                   "is the run that is replayed; choose another folder"});
    EXPECT_NE(ReadFile(recorded + "/model.bin"), "");
    refused({"--replay=" + recorded, "--channel=ideal[MaxDatagramBytes=64]"}, "--replay: ");

    const auto copy = folder / "copy";
    std::filesystem::copy(recorded, copy);
    std::filesystem::remove(copy + "/events.log");
    refused({"--replay=" + copy}, "events.log cannot be read");
    std::ofstream(copy + "/events.log") << "";
    refused({"--replay=" + copy}, "events.log holds no complete round");
    std::ofstream(copy + "/events.log") << "close another=0\nevaluate\nnonsense\n";
    refused({"--replay=" + copy}, "event log, line ");
    std::ofstream(copy + "/config.json") << "{";
    refused({"--replay=" + copy}, "config.json is missing or damaged");

    // A run in which something was lost for good cannot be repeated without training.
    const auto lossy = folder / "lossy";
    Complete(With(SMALL_ARGUMENTS,
                  {"--transport=best-effort", "--loss=bernoulli[Rate=0.5]", "--output=" + lossy}));
    refused({"--replay=" + lossy}, "--replay: ");
    // Nor can a run lose what the recorded one delivered.
    std::filesystem::remove_all(folder / "replayed");
    refused({"--replay=" + recorded, "--transport=best-effort", "--loss=bernoulli[Rate=0.5]"},
            "--replay: ");
}

/** Every list names everything that is registered. */
TEST(WflScenario, Lists)
{
    const std::map<std::string, Arguments> lists{
        {"algorithm", {"sgd: ", "signsgd-mv: ", "top-k: ", "Density = 0.01"}},
        {"objective", {"softmax: ", "mlp: ", "Hidden = 200"}},
        {"dataset", {"fashion-mnist: ", "gaussian-mixture: ", "Samples = 10000"}},
        {"partition", {"iid: ", "dirichlet: ", "Alpha = "}},
        {"channel",
         {"dcf: ", "ideal: ", "link: ", "wifi: ", "UplinkRate = ", "Medium = Dedicated"}},
        {"loss", {"none: ", "bernoulli: ", "Rate = 0.1"}},
        {"compute", {"constant: ", "flops: ", "PowerW = -1"}},
        {"transport", {"nack: ", "best-effort: ", "fec: ", "K = 16", "tcp: "}},
        {"downlink", {"broadcast: ", "unicast: "}},
        {"resync", {"always: ", "every-N: ", "never: "}},
        {"late", {"abort: ", "finish: "}},
        {"byzantine", {"none: ", "invert: ", "silent: ", "label-flip: "}},
        {"energy", {"esp32s2: ", "ns3-default: ", "phone: ", "rpi4: ", "BatteryJ = "}},
        {"ap-energy", {"ns3-default: "}},
        {"battery", {"none: ", "basic: ", "li-ion: ", "rv: "}},
        {"harvest", {"none: ", "random: ", "solar: ", "PeakW = "}},
        {"availability", {"always: ", "bernoulli: ", "diurnal: ", "on-off: ", "trace: "}},
        {"selection",
         {"age: ",
          "all: ",
          "best-channel: ",
          "energy: ",
          "oort: ",
          "proportional-fair: ",
          "random: ",
          "round-robin: ",
          "update-norm: ",
          "Count = 10"}},
        {"late-uploads", {"drop: ", "next: ", "weighted: ", "Exponent = 0.5"}},
        {"mode", {"async: ", "buffered: ", "sync: ", "K = 10"}},
        {"precision", {"float: ", "double: "}}};
    for (const auto& [option, words] : lists)
    {
        const auto result = CallScenario({"--" + option + "=list"});
        EXPECT_EQ(result.code, 0) << option;
        EXPECT_EQ(result.err, "") << option;
        for (const auto& word : words)
        {
            EXPECT_NE(result.out.find(word), std::string::npos) << option << ": " << word;
        }
    }
    for (const std::string kind : {"channel", "loss", "compute"})
    {
        const auto result = CallScenario({"--" + kind + "=list"});
        for (const auto& [name, tid] : TypeRegistry::Get(kind).Entries())
        {
            EXPECT_NE(result.out.find(name + ": "), std::string::npos) << name;
        }
    }
}

/** A check takes nothing but what is examined. */
TEST(WflScenario, MistakesInChecks)
{
    const std::vector<Mistake> mistakes{
        {{"--check=ideal"},
         "--check: \"ideal\" is not KIND:NAME[Attribute=value|...], KIND one of channel, "
         "availability"},
        {{"--check"}, "--check: \"true\" is not KIND:NAME"},
        {{"--check=channel:idael"}, "--channel: \"idael\" is unknown, known are"},
        {{"--check=channel:ideal[Rate=1]"}, "--channel: ideal has no attribute Rate"},
        {{"--check=channel:ideal[UplinkRate=0bps]"},
         "UplinkRate and DownlinkRate must be positive"},
        {{"--check=channel:ideal", "--workers=3"}, "--workers: has no effect with --check"},
    };
    for (const auto& mistake : mistakes)
    {
        ExpectRefused(mistake);
    }
}

/** Who misspells a channel is told the names of all. */
TEST(WflScenario, UnknownChannelsAreAnsweredWithTheList)
{
    const auto result = CallScenario({"--channel=wfii"});
    EXPECT_EQ(result.code, 2);
    std::string names;
    for (const auto& [name, entry] : TypeRegistry::Get("channel").Entries())
    {
        names += (names.empty() ? "" : ", ") + name;
    }
    EXPECT_EQ(result.err,
              "wfl-scenario: --channel: \"wfii\" is unknown, known are " + names + "\n");
}

/** ns-3's own arguments reach its attributes. */
TEST(WflScenario, AttributesOfNs3)
{
    const TempFolder folder;
    Complete(With(SMALL_ARGUMENTS, {"--output=" + folder / "a"}));
    Complete(With(SMALL_ARGUMENTS,
                  {"--ns3::wfl::IdealChannel::UplinkRate=1kbps", "--output=" + folder / "b"}));
    EXPECT_LT(10 * std::stod(ReadCsv(folder / "a/rounds.csv").back().at("time_s")),
              std::stod(ReadCsv(folder / "b/rounds.csv").back().at("time_s")));
}

/** Packets and pictures for other programs: they are there, and nothing else changes. */
TEST(WflScenario, CaptureChangesNothing)
{
    const TempFolder folder;
    for (const std::string channel : {"csma", "lr-wpan", "lte", "p2p", "wifi"})
    {
        SCOPED_TRACE(channel);
        const auto arguments =
            With(SMALL_ARGUMENTS,
                 {"--channel=" + channel, "--algorithm=signsgd-mv", "--workers=2", "--rounds=2"});
        Complete(With(arguments, {"--output=" + folder / channel}));
        const auto watched = folder / (channel + "-watched");
        Complete(With(arguments, {"--pcap", "--animation", "--output=" + watched}));
        ExpectSameFiles(folder / channel, watched, RESULT_FILES);
        EXPECT_FALSE(std::filesystem::exists(folder / (channel + "/pcap")));
        std::size_t files = 0;
        for (const auto& entry : std::filesystem::directory_iterator(watched + "/pcap"))
        {
            const auto text = ReadFile(entry.path());
            // The head of a pcap file has 24 bytes, that of each packet 16.
            EXPECT_GT(text.size(), 24 + 16U) << entry.path();
            EXPECT_EQ(text.substr(0, 4), "\xd4\xc3\xb2\xa1") << entry.path();
            ++files;
        }
        // Of LTE only the server's wire is seen; on the star the server has two.
        EXPECT_EQ(files, channel == "lte" ? 1U : channel == "p2p" ? 4U : 3U);
        const auto picture = ReadFile(watched + "/animation.xml");
        EXPECT_NE(picture.find("<anim ver="), std::string::npos);
        EXPECT_NE(picture.find("</anim>"), std::string::npos);
        // The next run into this folder removes them.
        Complete(With(arguments, {"--overwrite", "--output=" + watched}));
        EXPECT_FALSE(std::filesystem::exists(watched + "/pcap"));
        EXPECT_FALSE(std::filesystem::exists(watched + "/animation.xml"));
    }
}

// Connections that break

/**
 * A frame of the access point never reaches some of these workers. TCP gives their connections up:
 * they are named and left out, the others go on, and no round waits for them any longer.
 */
TEST(WflScenario, BrokenConnections)
{
    for (const std::string algorithm : {"sgd", "powersgd"})
    {
        SCOPED_TRACE(algorithm);
        const TempFolder folder;
        const auto result = CallScenario(With(
            SMALL_ARGUMENTS,
            {"--channel=wifi[RadiusM=60|RateControl=ns3::ConstantRateWifiManager|DataMode=HeMcs0]",
             "--transport=tcp",
             "--workers=20",
             "--rounds=3",
             "--algorithm=" + algorithm,
             "--output=" + folder / "run"}));
        ASSERT_EQ(result.code, 0) << result.err;
        const auto summary = nlohmann::json::parse(ReadFile(folder / "run/summary.json"));
        const auto lost = summary.at("lost_workers").get<std::vector<uint32_t>>();
        const auto unreachable =
            summary.at("set_up").at("unreachable_workers").get<std::vector<uint32_t>>();
        ASSERT_FALSE(lost.empty());
        std::set<std::string> left;
        for (const uint32_t worker : lost)
        {
            left.insert(std::to_string(worker));
            EXPECT_NE(
                result.err.find("the connection of worker " + std::to_string(worker) + " broke"),
                std::string::npos);
        }
        for (const uint32_t worker : unreachable)
        {
            EXPECT_TRUE(left.insert(std::to_string(worker)).second) << "it was never there";
        }
        for (const auto& row : ReadCsv(folder / "run/workers.csv"))
        {
            EXPECT_EQ(row.at("outcome"), left.count(row.at("worker")) > 0 ? "dead" : "delivered")
                << row.at("round") << ", worker " << row.at("worker");
        }
        const auto rounds = ReadCsv(folder / "run/rounds.csv");
        // Far below the timeout of a round, which is a minute.
        EXPECT_LT(std::stod(rounds.back().at("time_s")), 30);
    }
}

/** A worker that cannot connect is left out, and its socket's own end ends nothing else. */
TEST(WflScenario, ConnectionsThatAreNeverMade)
{
    const TempFolder folder;
    const auto result = CallScenario(
        With(SMALL_ARGUMENTS,
             {"--channel=wifi[RadiusM=50|RateControl=ns3::ConstantRateWifiManager|DataMode=HeMcs6]",
              "--transport=tcp",
              "--compute=constant[Time=300s]",
              "--workers=20",
              "--rounds=1",
              "--output=" + folder / "run"}));
    EXPECT_EQ(result.code, 0) << result.err;
    EXPECT_NE(result.err.find("could not reach the server and was left out"), std::string::npos);
}

// Runs that are cut off

/**
 * Kills a run at any moment: the CSV files hold whole rounds, every row of them, and the event log
 * can be read.
 */
TEST(WflScenario, KilledRuns)
{
    const auto arguments =
        With(SMALL_ARGUMENTS,
             {"--channel=wifi[MaxDatagramBytes=200]", "--rounds=100000", "--eval-every=3"});
    std::size_t rounds = 0;
    int cut = 0;
    for (int i = 0; i < 8; ++i)
    {
        const TempFolder folder;
        const auto path = folder / "run";
        const pid_t child = fork();
        ASSERT_GE(child, 0);
        if (child == 0)
        {
            CallScenario(With(arguments, {"--output=" + path}));
            _exit(0);
        }
        // Wait for the first round, then for some arbitrary time.
        for (int waits = 0; waits < 3000 && ReadFile(path + "/rounds.csv").size() < 1000; ++waits)
        {
            usleep(1000);
        }
        usleep(7919 * i);
        kill(child, SIGKILL);
        int status = 0;
        ASSERT_EQ(waitpid(child, &status, 0), child);
        ASSERT_TRUE(WIFSIGNALED(status)) << "the run ended by itself";

        // The kernel may cut even a single write of a dying process, between two pages.
        if (ReadFile(path + "/rounds.csv").back() != '\n' ||
            ReadFile(path + "/workers.csv").back() != '\n')
        {
            EXPECT_LE(++cut, 1);
            continue;
        }
        const auto byRound = ReadCsv(path + "/rounds.csv");
        const auto byWorker = ReadCsv(path + "/workers.csv");
        rounds += byRound.size();
        EXPECT_GT(byRound.size(), 0U);
        for (std::size_t j = 0; j < byRound.size(); ++j)
        {
            EXPECT_EQ(byRound[j].at("round"), std::to_string(j));
            EXPECT_EQ(!byRound[j].at("test_accuracy").empty(), (j + 1) % 3 == 0);
        }
        // The workers of a round come before the round: at most one round more, whole.
        EXPECT_EQ(byWorker.size() % 5, 0U);
        EXPECT_GE(byWorker.size(), 5 * byRound.size());
        EXPECT_LE(byWorker.size(), 5 * byRound.size() + 5);
        uint64_t offered = 0;
        for (std::size_t j = 0; j < 5 * byRound.size(); ++j)
        {
            EXPECT_EQ(byWorker[j].at("round"), std::to_string(j / 5));
            offered += std::stoull(byWorker[j].at("segments_offered"));
        }
        EXPECT_EQ(std::to_string(offered), byRound.back().at("uplink_segments_offered"));
        std::istringstream log(ReadFile(path + "/events.log"));
        EXPECT_NO_THROW(fl::ReadEventLog(log));
    }
    EXPECT_GT(rounds, 16U) << "the runs were killed too early to show anything";
}

/**
 * A run whose numbers overflow ends with one line that says what to do, and keeps all rounds
 * before.
 */
TEST(WflScenario, NumbersThatAreNotFiniteEndTheRun)
{
    const TempFolder folder;
    struct Case
    {
        std::vector<std::string> arguments;
        std::string what;
    };
    for (const auto& [arguments, what] : std::vector<Case>{
             {{"--learning-rate=1e6"}, "the test loss of round "},
             {{"--learning-rate=1e6", "--eval-every=40"}, "the "},
             {{"--byzantine=rescale[Factor=1e40|Fraction=1]"}, "the gradient of worker "},
             {{"--byzantine=rescale[Factor=1e38|Fraction=1]"}, "the test loss of round 0 "}})
    {
        for (const std::string channel : {"ideal", "wifi"})
        {
            auto all = With(SMALL_ARGUMENTS,
                            {"--rounds=40",
                             "--channel=" + channel,
                             "--overwrite",
                             "--output=" + folder / "run"});
            all = With(all, arguments);
            const auto result = CallScenario(all);
            EXPECT_EQ(result.code, 2);
            EXPECT_NE(result.err.find("--learning-rate: " + what), std::string::npos) << result.err;
            EXPECT_NE(result.err.find("is not finite any more; take a smaller step, or "),
                      std::string::npos);
            EXPECT_EQ(std::count(result.err.begin(), result.err.end(), '\n'), 1);
            const auto rounds = test::Split(test::ReadFile(folder / "run/rounds.csv"), '\n');
            const auto workers = test::Split(test::ReadFile(folder / "run/workers.csv"), '\n');
            ASSERT_GE(rounds.size(), 2U);
            EXPECT_LT(rounds.size(), 40U);
            // A line of names, five workers a round, and what stands behind the last newline.
            EXPECT_EQ(workers.size() - 2, 5 * (rounds.size() - 2));
            EXPECT_EQ(rounds.back(), "");
        }
    }
}

} // namespace ns3::wfl
