/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/wfl-run-scenario.h"

#include "ns3/boolean.h"
#include "ns3/double.h"
#include "ns3/fl-error.h"
#include "ns3/fl-learning-federation.h"
#include "ns3/fl-pool.h"
#include "ns3/global-value.h"
#include "ns3/rng-seed-manager.h"
#include "ns3/simulator.h"
#include "ns3/string.h"
#include "ns3/uinteger.h"
#include "ns3/wfl-capture.h"
#include "ns3/wfl-config-file.h"
#include "ns3/wfl-conformance.h"
#include "ns3/wfl-federation-helper.h"
#include "ns3/wfl-options.h"
#include "ns3/wfl-part-conformance.h"
#include "ns3/wfl-part-list.h"
#include "ns3/wfl-recorder.h"
#include "ns3/wfl-registry.h"
#include "ns3/wfl-results-folder.h"
#include "ns3/wfl-simulator-guard.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <memory>
#include <thread>

namespace ns3
{
namespace wfl
{

namespace
{

const std::vector<Option> OPTIONS{
    {"algorithm", "sgd", "The method of learning, name[Key=value|...]."},
    {"objective", "mlp", "What is minimised, name[Key=value|...]."},
    {"dataset", "fashion-mnist", "The data, name[Key=value|...]."},
    {"partition", "iid", "How the samples are divided over the workers, name[Key=value|...]."},
    {"workers", "20", "Number of workers."},
    {"rounds", "100", "Number of rounds."},
    {"batch", "64", "Samples of a mini-batch; 0 for all samples of a worker."},
    {"local-steps", "1", "Local steps a round, for methods that take some, such as fedavg."},
    {"learning-rate", "0", "Step size; 0 for the algorithm's default."},
    {"schedule", "constant", "How the step size changes from round to round, name[Key=value|...]."},
    {"byzantine", "none", "Who lies, and how, name[Fraction=share|Key=value|...]."},
    {"precision", "float", "Scalar of models and gradients, float or double."},
    {"init", "", "File with the initial model, as model.bin of another run."},
    {"channel", "ideal", "The channel, name[Attribute=value|...]."},
    {"backhaul", "false", "Put the server behind the access point, on a wired link."},
    {"mobility", "constant", "How workers move, name[Attribute=value|...]."},
    {"loss", "none", "Loss on top of the channel, name[Attribute=value|...]."},
    {"transport", "nack", "How messages travel, name[Attribute=value|...]."},
    {"downlink", "broadcast", "broadcast or unicast."},
    {"resync", "always", "When workers that missed updates catch up: always, every-N, never."},
    {"late", "abort", "What a newer round does to a worker that still computes: abort, finish."},
    {"compute", "flops", "How long workers compute, name[Attribute=value|...]."},
    {"energy", "ns3-default", "What a worker's device draws, name[Attribute=value|...]."},
    {"battery",
     "none",
     "What workers draw from, none for the mains, or an energy source of ns-3, "
     "name[Attribute=value|...]."},
    {"harvest", "none", "What charges the batteries, name[Attribute=value|...]."},
    {"availability", "always", "When workers are there, name[Attribute=value|...]."},
    {"ap-energy", "ns3-default", "What an access point's radio draws, name[Attribute=value|...]."},
    {"selection", "all", "Whom the server asks, name[Attribute=value|...]."},
    {"quorum", "1", "Share of the workers asked whose answers close an exchange."},
    {"late-uploads",
     "drop",
     "What an upload is worth that comes after its round has closed, name[Key=value|...]."},
    {"mode", "sync", "When the model moves, name[Key=value|...]."},
    {"deadline",
     "0",
     "Longest duration in seconds of an exchange, of which most methods have one a round; 0 for no "
     "limit."},
    {"eval-every", "1", "Rounds from one evaluation on the test set to the next."},
    {"eval-objective",
     "false",
     "Evaluate what is minimised, too: the mean over the workers of the loss over all their "
     "samples."},
    {"target-accuracy",
     "0",
     "The run ends when the median of the last five test accuracies reaches this; 0 for never."},
    {"threads", "0", "Threads that train; 0 for as many as there are cores, 1 for none extra."},
    {"output", "results/run", "The results folder."},
    {"overwrite", "false", "Replace the results that are in the folder."},
    {"timeline", "", "FIRST:LAST, rounds whose transmissions are written to transmissions.csv."},
    {"pcap", "false", "Write the packets of device channels to pcap/packets-NODE-DEVICE.pcap."},
    {"animation", "false", "Write animation.xml for NetAnim, on device channels."},
    {"replay", "", "Results folder of a run whose decisions are repeated without training."},
    {"check",
     "",
     "KIND:NAME[Attribute=value|...], a part that is examined instead of a run: a channel, or "
     "something for --selection, --availability, --compute, --energy or --harvest."},
    {"label", "", "Name of the run in tables and pictures; the algorithm if empty."},
};

/** Options that a replay takes from the recorded run. */
const std::vector<std::string> RECORDED_OPTIONS{
    "algorithm",   "selection",     "late-uploads", "mode",           "objective",
    "dataset",     "partition",     "workers",      "rounds",         "batch",
    "local-steps", "learning-rate", "schedule",     "byzantine",      "precision",
    "init",        "resync",        "eval-every",   "eval-objective", "target-accuracy"};

constexpr uint32_t MAX_WORKERS = SegmentHeader::ALL_WORKERS - 1;

/** A federation, what it learns from and where it computes. */
struct Learning
{
    std::unique_ptr<fl::Pool> pool;
    std::unique_ptr<fl::Federation> federation;
    uint32_t rounds;
    uint32_t evalEvery;
};

std::optional<TimelineRange>
ParseTimeline(const std::string& text)
{
    if (text.empty())
    {
        return std::nullopt;
    }
    const auto colon = text.find(':');
    const std::string where = "--timeline";
    const int64_t first = fl::ParseInteger(text.substr(0, colon), where);
    const int64_t last =
        colon == std::string::npos ? first : fl::ParseInteger(text.substr(colon + 1), where);
    if (first < 0 || last < first || last > UINT32_MAX)
    {
        throw fl::UserError(where + ": \"" + text + "\" is not FIRST:LAST with FIRST <= LAST");
    }
    return TimelineRange{static_cast<uint32_t>(first), static_cast<uint32_t>(last)};
}

/** @return the longest duration of an exchange; 0 for no limit */
Time
ParseDeadline(const Options& options)
{
    constexpr double longestS = 1e9;
    const Time deadline = Seconds(options.Real("deadline", 0, longestS));
    if (deadline.IsZero() && options.Real("deadline", 0, longestS) > 0)
    {
        throw fl::UserError("--deadline: " + options.Text("deadline") +
                            " s is less than a nanosecond; 0 means no limit");
    }
    return deadline;
}

/** Builds the radio side. */
void
SetUpChannel(FederationHelper& helper, const Options& options, uint32_t workers)
{
    auto channel = TypeRegistry::Get("channel").Parse(options.Text("channel"));
    if (options.Flag("backhaul"))
    {
        TypeId::AttributeInformation info;
        if (!channel.GetTypeId().LookupAttributeByName("Backhaul", &info))
        {
            throw fl::UserError("--backhaul: channel " + options.Text("channel") +
                                " has no access point to put a link behind");
        }
        channel.Set("Backhaul", BooleanValue(true));
    }
    helper.SetMobility(TypeRegistry::Get("mobility").Parse(options.Text("mobility")));
    helper.SetChannel(channel, workers);
    helper.SetTransport(options.Text("transport"));
    if (options.Text("loss") != "none")
    {
        helper.SetLoss(TypeRegistry::Get("loss").Parse(options.Text("loss")));
    }
    helper.SetCompute(TypeRegistry::Get("compute").Parse(options.Text("compute")));
    helper.SetDevice(TypeRegistry::Get("energy").Parse(options.Text("energy")));
    if (options.Text("battery") != "none")
    {
        helper.SetBattery(options.Text("battery"));
    }
    if (options.Text("harvest") != "none")
    {
        helper.SetHarvest(TypeRegistry::Get("harvest").Parse(options.Text("harvest")));
    }
    helper.SetAvailability(TypeRegistry::Get("availability").Parse(options.Text("availability")));
    helper.SetAccessPointDevice(
        TypeRegistry::Get("energy").Parse(options.Text("ap-energy"), "--ap-energy"));
    helper.SetBroadcast(options.Choice("downlink", {"broadcast", "unicast"}) == "broadcast");
    helper.SetWorkerAttribute("Late", StringValue(options.Choice("late", {"abort", "finish"})));
    helper.SetServerAttribute("TargetAccuracy", DoubleValue(options.Real("target-accuracy", 0, 1)));
}

/** Says whom the server asks, and for how long it waits. */
void
SetUpRounds(FederationHelper& helper, const Options& options)
{
    const auto mode = fl::Mode::Parse(options.Text("mode"));
    if (mode.buffer > 0)
    {
        for (const std::string name : {"quorum", "late-uploads", "deadline"})
        {
            if (options.IsGiven(name))
            {
                throw fl::UserError("--" + name + ": has no effect with --mode=" +
                                    options.Text("mode") + ", in which rounds are not waited for");
            }
        }
    }
    helper.SetSelection(TypeRegistry::Get("selection").Parse(options.Text("selection")));
    helper.SetMode(mode, fl::LateUploads::Parse(options.Text("late-uploads")));
    helper.SetServerAttribute("Quorum", DoubleValue(options.Real("quorum", 0, 1)));
    helper.SetServerAttribute("Deadline", TimeValue(ParseDeadline(options)));
}

/** Makes a federation that trains. */
Learning
SetUpTraining(const FederationHelper& helper, const Options& options, const fl::RunSeed& runSeed)
{
    fl::LearningSetup setup;
    setup.algorithm = options.Text("algorithm");
    setup.objective = options.Text("objective");
    setup.data = fl::MakeDataset(options.Text("dataset"), runSeed);
    setup.partition = fl::MakePartition(options.Text("partition"),
                                        *setup.data.train,
                                        options.Number("workers", 1, MAX_WORKERS),
                                        runSeed);
    setup.batch = options.Number("batch", 0, UINT32_MAX);
    setup.localSteps = options.Number("local-steps", 1, UINT32_MAX);
    setup.learningRate = options.Real("learning-rate", 0, 1e6);
    setup.schedule = options.Text("schedule");
    setup.byzantine = options.Text("byzantine");
    setup.runSeed = runSeed;
    setup.resync = fl::ResyncPolicy::Parse(options.Text("resync"));
    if (!options.Text("init").empty())
    {
        setup.initialModel = ReadModel(options.Text("init"));
    }
    setup.uploadSegmentBytes = helper.MaxSegmentBytes(Direction::UP);
    setup.downloadSegmentBytes = helper.MaxSegmentBytes(Direction::DOWN);
    setup.findImportant = helper.SendsImportantFirst();
    setup.measureUpdates = helper.MeasuresUpdates();
    setup.evaluateObjective = options.Flag("eval-objective");
    const auto mode = fl::Mode::Parse(options.Text("mode"));
    setup.buffer = mode.buffer;
    setup.lateOption = mode.buffer > 0 ? "--mode" : "--late-uploads";
    setup.late = mode.buffer > 0 ? mode.late : fl::LateUploads::Parse(options.Text("late-uploads"));
    const uint32_t given = options.Number("threads", 0, 1024);
    const uint32_t threads = given > 0 ? given : std::thread::hardware_concurrency();
    Learning learning;
    learning.pool = std::make_unique<fl::Pool>(std::max(threads, 1u));
    if (setup.data.test->classes == 0 && options.Real("target-accuracy", 0, 1) > 0)
    {
        throw fl::UserError("--target-accuracy: dataset " + options.Text("dataset") +
                            " has no classes to predict");
    }
    learning.federation =
        options.Choice("precision", {"float", "double"}) == "float"
            ? fl::MakeLearningFederation<float>(std::move(setup), *learning.pool)
            : fl::MakeLearningFederation<double>(std::move(setup), *learning.pool);
    learning.rounds = options.Number("rounds", 1, UINT32_MAX);
    learning.evalEvery = options.Number("eval-every", 1, UINT32_MAX);
    return learning;
}

/** Where time steers learning, nothing can be repeated on another channel. */
void
CheckReplay(const Options& options, const RecordedRun& recorded)
{
    for (const std::string name : {"battery", "availability"})
    {
        if (options.IsGiven(name))
        {
            throw fl::UserError("--" + name +
                                ": has no place in a replay, in which all workers do what they did "
                                "in the recorded run");
        }
    }
    const auto selection = recorded.Option("selection");
    const bool isTimeless =
        selection.empty() ||
        TypeRegistry::Get("selection").Parse(selection).Create<SelectionPolicy>()->IsTimeless();
    const auto mode = recorded.Option("mode");
    const auto late = recorded.Option("late-uploads");
    const std::string culprit = !isTimeless                       ? "--selection=" + selection
                                : !mode.empty() && mode != "sync" ? "--mode=" + mode
                                : !late.empty() && late != "drop" ? "--late-uploads=" + late
                                                                  : "";
    if (!culprit.empty())
    {
        throw fl::UserError("--replay: the recorded run had " + culprit +
                            ", with which time steers learning; only a new run can tell what "
                            "happens on another channel");
    }
}

/** @return every option and its text, in a replay that of the recorded run where it is from there
 */
std::map<std::string, std::string>
TextsOf(const Options& options, const std::optional<RecordedRun>& recorded)
{
    auto texts = options.All();
    if (recorded)
    {
        for (const auto& name : RECORDED_OPTIONS)
        {
            texts[name] = recorded->Option(name);
        }
    }
    return texts;
}

/** Makes a federation that repeats a recorded run. */
Learning
SetUpReplay(const FederationHelper& helper, const RecordedRun& recorded)
{
    if (helper.Channel()->AltersDatagrams())
    {
        throw fl::UserError(
            "--replay: --loss=bit-flip has no effect on recorded messages, of which "
            "only the lengths are known; take another loss");
    }
    const uint32_t upload = helper.MaxSegmentBytes(Direction::UP);
    const uint32_t download = helper.MaxSegmentBytes(Direction::DOWN);
    if (recorded.uploadSegmentBytes > upload || recorded.downloadSegmentBytes > download)
    {
        throw fl::UserError(
            "--replay: the recorded segments have up to " +
            std::to_string(std::max(recorded.uploadSegmentBytes, recorded.downloadSegmentBytes)) +
            " bytes, this channel takes " + std::to_string(std::min(upload, download)) +
            "; record with a channel that takes no more");
    }
    Learning learning;
    learning.federation = recorded.MakeFederation();
    learning.rounds = recorded.rounds;
    learning.evalEvery = recorded.evalEvery;
    return learning;
}

/**
 * Prints what was found.
 * @param checks the checks that were made
 * @param violations what they found
 * @param firstDecides whether no other check is made if the first one has found something
 * @return the exit code: 1 if something is wrong
 */
template <typename Checks>
int
ReportChecks(const Checks& checks, const std::vector<Violation>& violations, bool firstDecides)
{
    for (const auto& check : checks)
    {
        bool ok = true;
        for (const auto& violation : violations)
        {
            if (violation.check == check.name)
            {
                ok = false;
                std::cout << "violation  " << violation.check << ": " << violation.what << " ("
                          << violation.where << ")\n";
            }
        }
        if (ok)
        {
            std::cout << "ok         " << check.name << ": " << check.help << '\n';
        }
        else if (firstDecides && &check == &checks.front())
        {
            std::cout << "a channel that does not become ready is not examined any further\n";
            break;
        }
    }
    return violations.empty() ? 0 : 1;
}

/**
 * Examines what the user names.
 * @return the exit code: 1 if something is wrong with it
 */
int
Check(const Options& options)
{
    for (const auto& option : OPTIONS)
    {
        if (option.name != "check" && options.IsGiven(option.name))
        {
            throw fl::UserError("--" + option.name +
                                ": has no effect with --check, which takes "
                                "only what stands in its bracket");
        }
    }
    const auto& text = options.Text("check");
    const auto colon = text.find(':');
    const std::string kind = text.substr(0, colon);
    const bool isChannel = kind == "channel";
    if (colon == std::string::npos || (!isChannel && PartChecks().count(kind) == 0))
    {
        std::string kinds = "channel";
        for (const auto& [other, checks] : PartChecks())
        {
            kinds += ", " + other;
        }
        throw fl::UserError("--check: \"" + text +
                            "\" is not KIND:NAME[Attribute=value|...], KIND " + "one of " + kinds);
    }
    const auto part = text.substr(colon + 1);
    return isChannel ? ReportChecks(ChannelChecks(), CheckChannel(part), true)
                     : ReportChecks(PartChecks().at(kind), CheckPart(kind, part), false);
}

/** @return the exit code */
int
Run(int argc, char** argv)
{
    GlobalValue::Bind("SchedulerType", StringValue("ns3::PriorityQueueScheduler"));
    const Options options(OPTIONS, argc, argv);
    for (const auto& [name, text] : options.All())
    {
        if (text == "list" && PrintParts(name, std::cout))
        {
            return 0;
        }
    }
    if (options.IsGiven("check"))
    {
        return Check(options);
    }
    const fl::RunSeed runSeed{RngSeedManager::GetSeed(), RngSeedManager::GetRun()};
    std::optional<RecordedRun> recorded;
    if (!options.Text("replay").empty())
    {
        for (const auto& name : RECORDED_OPTIONS)
        {
            if (options.IsGiven(name))
            {
                throw fl::UserError("--" + name + ": a replay takes this from the recorded run");
            }
        }
        std::error_code missing;
        if (std::filesystem::equivalent(options.Text("replay"), options.Text("output"), missing))
        {
            throw fl::UserError("--output: " + options.Text("output") +
                                " is the run that is replayed; choose another folder");
        }
        recorded.emplace(options.Text("replay"));
        CheckReplay(options, *recorded);
    }
    const auto timeline = ParseTimeline(options.Text("timeline"));
    FederationHelper helper(runSeed);
    SetUpChannel(helper,
                 options,
                 recorded ? recorded->shape.workers : options.Number("workers", 1, MAX_WORKERS));
    SetUpRounds(helper, options);
    auto learning =
        recorded ? SetUpReplay(helper, *recorded) : SetUpTraining(helper, options, runSeed);
    helper.SetServerAttribute("Rounds", UintegerValue(learning.rounds));
    helper.SetServerAttribute("EvalEvery", UintegerValue(learning.evalEvery));
    helper.Install(learning.federation.get());
    const SimulatorGuard guard;
    Capture capture(helper.Channel(), options.Flag("pcap"), options.Flag("animation"));
    const auto& folder = options.Text("output");
    ResultsFolder results(folder, options.Flag("overwrite"));
    helper.Server()->TraceConnectWithoutContext("Ready",
                                                MakeCallback(&ResultsFolder::NoteReady, &results));
    WriteConfig(folder + "/config.json",
                options,
                TextsOf(options, recorded),
                *learning.federation,
                helper,
                runSeed,
                learning.rounds,
                learning.evalEvery);
    std::ofstream events(folder + "/events.log");
    fl::EventLog log(events);
    learning.federation->SetLog(&log);
    if (helper.Channel()->AltersDatagrams())
    {
        learning.federation->LogSegments();
    }
    capture.Start(folder);
    const auto recorder =
        Create<Recorder>(folder, helper.Channel(), helper.Server(), helper.Energy(), timeline);
    helper.GetPresence()->TraceConnectWithoutContext(
        "Changed",
        MakeCallback(&Recorder::NotePresence, recorder));
    try
    {
        Simulator::Run();
    }
    catch (const fl::UserError&)
    {
        // The last round that was closed may still wait for its evaluation.
        helper.Server()->FinishEvaluation();
        throw;
    }
    for (const auto worker : helper.Unreachable())
    {
        std::cerr << "worker " << worker << " could not reach the server and was left out\n";
    }
    for (const auto worker : helper.Lost())
    {
        std::cerr << "the connection of worker " << worker
                  << " broke during the run; it was left out from then on\n";
    }
    if (helper.Server()->HasGivenUp())
    {
        std::cerr << "all workers have gone; the run ended early\n";
    }
    WriteModel(folder, *learning.federation);
    if (!events.flush())
    {
        throw fl::UserError("--output: " + folder + "/events.log could not be written");
    }
    // The last file: with it a run is complete.
    recorder->WriteSummary(options.Real("target-accuracy", 0, 1),
                           helper.Unreachable(),
                           helper.Lost());
    std::cout << "results are in " << folder << '\n';
    return 0;
}

} // namespace

int
RunScenario(int argc, char** argv)
{
    try
    {
        return Run(argc, argv);
    }
    catch (const fl::UserError& error)
    {
        std::cerr << argv[0] << ": " << error.what() << '\n';
        return 2;
    }
}

} // namespace wfl
} // namespace ns3
