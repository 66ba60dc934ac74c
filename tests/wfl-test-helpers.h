/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef WFL_TEST_HELPERS_H
#define WFL_TEST_HELPERS_H

#include "ns3/config.h"
#include "ns3/double.h"
#include "ns3/fl-error.h"
#include "ns3/fl-event-log.h"
#include "ns3/fl-learning-federation.h"
#include "ns3/fl-pool.h"
#include "ns3/fl-reference-loop.h"
#include "ns3/nstime.h"
#include "ns3/rng-seed-manager.h"
#include "ns3/simulator.h"
#include "ns3/string.h"
#include "ns3/uinteger.h"
#include "ns3/wfl-erasure-code.h"
#include "ns3/wfl-federation-helper.h"
#include "ns3/wfl-registry.h"
#include "ns3/wfl-run-scenario.h"

#include "fl-temp-folder.h"

#include <cstdint>
#include <fstream>
#include <functional>
#include <iostream>
#include <iterator>
#include <map>
#include <memory>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

namespace ns3::wfl::test
{

/** Puts ns-3 into the state of a fresh process, now and at the end of the scope. */
class CleanState
{
  public:
    CleanState()
    {
        Reset();
    }

    CleanState(const CleanState&) = delete;
    CleanState& operator=(const CleanState&) = delete;

    ~CleanState()
    {
        Reset();
    }

  private:
    static void Reset()
    {
        Simulator::Destroy();
        Config::Reset();
        RngSeedManager::SetSeed(1);
        RngSeedManager::SetRun(1);
    }
};

using fl::test::TempFolder;

/** A federation on a simulated channel, as options of the general program. */
struct RadioRun
{
    std::string algorithm{"sgd"};
    std::string objective{"mlp[Hidden=16]"}; ///< 180 parameters with the data below
    std::string dataset{"gaussian-mixture[Features=6|Classes=4|Samples=240|TestSamples=80]"};
    std::string channel{"ideal"};
    std::string loss{"none"};
    std::string compute{"constant"};
    std::string device{"ns3-default"};
    std::string accessPoint{"ns3-default"};
    std::string battery{};      ///< the mains if empty
    std::string harvest{};      ///< none if empty
    std::string availability{}; ///< always if empty
    std::string transport{"nack"};
    std::string resync{"always"};
    std::string late{"abort"};
    std::string selection{"all"};
    std::string mode{"sync"};
    std::string lateUploads{"drop"};
    std::string byzantine{"none"};
    double quorum{1};
    bool broadcast{true};
    double deadlineS{0}; ///< 0 for none
    uint32_t workers{5};
    uint32_t rounds{4};
    uint32_t batch{16};
    uint32_t threads{1};
    fl::RunSeed runSeed{};
    /** called when everything is built, before the simulation */
    std::function<void(FederationHelper&)> prepare{};
    /** called after the simulation, before everything is torn down */
    std::function<void(FederationHelper&)> inspect{};
};

/** What came of it. */
struct RadioResult
{
    std::vector<uint8_t> model;         ///< as Federation::ModelBytes()
    std::vector<double> losses;         ///< training loss, by round
    std::vector<RoundRecord> records;   ///< by round
    std::string log;                    ///< events.log
    std::vector<StationId> unreachable; ///< left out
    uint32_t uploadSegmentBytes{0};     ///< longest body upwards
    uint32_t downloadSegmentBytes{0};   ///< longest body downwards
    bool findImportant{false};          ///< whether messages say which segments leave first
};

/** Collects the records of rounds. */
struct RoundListener
{
    RadioResult* result; ///< where they go

    /** @param record of a round that has closed */
    void Note(const RoundRecord& record)
    {
        result->records.push_back(record);
        result->losses.push_back(record.trainLoss);
    }
};

/**
 * @param run what is run
 * @param lengths the segment lengths, of the network that it is compared with
 * @param pool where it computes
 * @return a fresh federation
 */
inline std::unique_ptr<fl::Federation>
MakeFederation(const RadioRun& run, const RadioResult& lengths, fl::Pool& pool)
{
    fl::LearningSetup setup;
    setup.algorithm = run.algorithm;
    setup.objective = run.objective;
    setup.data = fl::MakeDataset(run.dataset, run.runSeed);
    setup.partition = fl::MakePartition("iid", *setup.data.train, run.workers, run.runSeed);
    setup.batch = run.batch;
    setup.runSeed = run.runSeed;
    setup.resync = fl::ResyncPolicy::Parse(run.resync);
    setup.byzantine = run.byzantine;
    const auto mode = fl::Mode::Parse(run.mode);
    setup.late = mode.buffer > 0 ? mode.late : fl::LateUploads::Parse(run.lateUploads);
    setup.lateOption = "--mode";
    setup.buffer = mode.buffer;
    setup.measureUpdates = true;
    setup.uploadSegmentBytes = lengths.uploadSegmentBytes;
    setup.downloadSegmentBytes = lengths.downloadSegmentBytes;
    setup.findImportant = lengths.findImportant;
    return fl::MakeLearningFederation<float>(std::move(setup), pool);
}

/** @return transports of datagrams; with forward error correction, too, where this build has it */
inline std::vector<std::string>
DatagramTransports()
{
    std::vector<std::string> transports{"nack", "best-effort", "nack[ImportantFirst=true]"};
    if (ErasureCode::IsAvailable())
    {
        transports.insert(transports.end(), {"fec[K=3|N=4|Depth=2]", "fec[K=3|N=5|Repair=true]"});
    }
    return transports;
}

/**
 * Trains over a simulated channel.
 * @param run what is run
 * @return what came of it
 */
inline RadioResult
RunRadio(const RadioRun& run)
{
    // Attributes that a test has set with Config::SetDefault() hold until the end.
    Simulator::Destroy();
    RadioResult result;
    RoundListener listener{&result};
    {
        FederationHelper helper(run.runSeed);
        helper.SetChannel(TypeRegistry::Get("channel").Parse(run.channel), run.workers);
        if (run.loss != "none")
        {
            helper.SetLoss(TypeRegistry::Get("loss").Parse(run.loss));
        }
        helper.SetCompute(TypeRegistry::Get("compute").Parse(run.compute));
        helper.SetDevice(TypeRegistry::Get("energy").Parse(run.device));
        if (!run.battery.empty())
        {
            helper.SetBattery(run.battery);
        }
        if (!run.harvest.empty())
        {
            helper.SetHarvest(TypeRegistry::Get("harvest").Parse(run.harvest));
        }
        if (!run.availability.empty())
        {
            helper.SetAvailability(TypeRegistry::Get("availability").Parse(run.availability));
        }
        helper.SetAccessPointDevice(TypeRegistry::Get("energy").Parse(run.accessPoint));
        helper.SetTransport(run.transport);
        helper.SetBroadcast(run.broadcast);
        helper.SetServerAttribute("Rounds", UintegerValue(run.rounds));
        helper.SetServerAttribute("EvalEvery", UintegerValue(run.rounds));
        helper.SetSelection(TypeRegistry::Get("selection").Parse(run.selection));
        helper.SetMode(fl::Mode::Parse(run.mode), fl::LateUploads::Parse(run.lateUploads));
        helper.SetServerAttribute("Quorum", DoubleValue(run.quorum));
        helper.SetServerAttribute("Deadline", TimeValue(Seconds(run.deadlineS)));
        helper.SetWorkerAttribute("Late", StringValue(run.late));
        result.uploadSegmentBytes = helper.MaxSegmentBytes(Direction::UP);
        result.downloadSegmentBytes = helper.MaxSegmentBytes(Direction::DOWN);
        result.findImportant = helper.SendsImportantFirst();
        fl::Pool pool(run.threads);
        const auto federation = MakeFederation(run, result, pool);
        std::ostringstream text;
        fl::EventLog log(text);
        federation->SetLog(&log);
        if (helper.Channel()->AltersDatagrams())
        {
            federation->LogSegments();
        }
        helper.Install(federation.get());
        helper.Server()->TraceConnectWithoutContext("RoundEnd",
                                                    MakeCallback(&RoundListener::Note, &listener));
        if (run.prepare)
        {
            run.prepare(helper);
        }
        Simulator::Run();
        if (run.inspect)
        {
            run.inspect(helper);
        }
        result.model = federation->ModelBytes();
        result.log = text.str();
        result.unreachable = helper.Unreachable();
        Simulator::Destroy();
    }
    return result;
}

/**
 * The same learning without a network, everything arrives.
 * @param run what is run
 * @param radio the networked run, for its segment lengths
 * @return model and losses
 */
inline RadioResult
RunReference(const RadioRun& run, const RadioResult& radio)
{
    RadioResult result;
    fl::Pool pool(1);
    const auto federation = MakeFederation(run, radio, pool);
    result.losses = fl::RunReferenceLoop(*federation, run.rounds);
    result.model = federation->ModelBytes();
    return result;
}

/**
 * The same learning without a network, driven by what the networked run logged.
 * @param run what is run
 * @param radio the networked run
 * @return model and losses
 */
inline RadioResult
RunFromLog(const RadioRun& run, const RadioResult& radio)
{
    RadioResult result;
    fl::Pool pool(1);
    const auto federation = MakeFederation(run, radio, pool);
    std::istringstream text(radio.log);
    result.losses = fl::RunLoggedDeliveries(*federation, fl::ReadEventLog(text));
    result.model = federation->ModelBytes();
    return result;
}

/**
 * @param name a file
 * @return its bytes; empty if it cannot be read
 */
inline std::string
ReadFile(const std::string& name)
{
    std::ifstream file(name, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

/**
 * @param text some text
 * @param separator a character
 * @return what stands between the separators
 */
inline std::vector<std::string>
Split(const std::string& text, char separator)
{
    std::vector<std::string> parts(1);
    for (const char letter : text)
    {
        if (letter == separator)
        {
            parts.emplace_back();
        }
        else
        {
            parts.back() += letter;
        }
    }
    return parts;
}

/** A row of a CSV file by the names of its columns. */
using CsvRow = std::map<std::string, std::string>;

/**
 * @param name a CSV file
 * @return its rows
 * @throws std::runtime_error unless it ends with a newline and all rows have all cells
 */
inline std::vector<CsvRow>
ReadCsv(const std::string& name)
{
    auto lines = Split(ReadFile(name), '\n');
    if (lines.size() < 2 || !lines.back().empty())
    {
        throw std::runtime_error(name + " is empty or does not end with a newline");
    }
    lines.pop_back();
    const auto columns = Split(lines.front(), ',');
    std::vector<CsvRow> rows;
    for (std::size_t i = 1; i < lines.size(); ++i)
    {
        const auto cells = Split(lines[i], ',');
        if (cells.size() != columns.size())
        {
            throw std::runtime_error(name + ", line " + std::to_string(i + 1) + ": cells");
        }
        rows.emplace_back();
        for (std::size_t j = 0; j < cells.size(); ++j)
        {
            rows.back()[columns[j]] = cells[j];
        }
    }
    return rows;
}

/** What a call of the general program left. */
struct ScenarioResult
{
    int code;        ///< its exit code
    std::string out; ///< what it printed
    std::string err; ///< what it complained about
};

/**
 * Calls the general program.
 * @param arguments without the program's name
 * @return what it left
 */
inline ScenarioResult
CallScenario(std::vector<std::string> arguments)
{
    const CleanState clean;
    arguments.insert(arguments.begin(), "wfl-scenario");
    std::vector<char*> argv;
    for (auto& argument : arguments)
    {
        argv.push_back(argument.data());
    }
    std::ostringstream out;
    std::ostringstream err;
    auto* const cout = std::cout.rdbuf(out.rdbuf());
    auto* const cerr = std::cerr.rdbuf(err.rdbuf());
    int code = -1;
    try
    {
        code = RunScenario(static_cast<int>(argv.size()), argv.data());
    }
    catch (...)
    {
        std::cout.rdbuf(cout);
        std::cerr.rdbuf(cerr);
        throw;
    }
    std::cout.rdbuf(cout);
    std::cerr.rdbuf(cerr);
    return {code, out.str(), err.str()};
}

/** The arguments of a small run: about 180 parameters, 5 workers, 4 rounds. */
inline const std::vector<std::string> SMALL_ARGUMENTS{
    "--objective=mlp[Hidden=16]",
    "--dataset=gaussian-mixture[Features=6|Classes=4|Samples=240|TestSamples=80]",
    "--workers=5",
    "--rounds=4",
    "--batch=16",
    "--compute=constant",
    "--threads=1"};

/**
 * @param some arguments
 * @param more arguments; one with the name of one of the first replaces it
 * @return all of them
 */
inline std::vector<std::string>
With(std::vector<std::string> some, const std::vector<std::string>& more)
{
    for (const auto& argument : more)
    {
        const auto name = Split(argument, '=').front();
        auto it = some.begin();
        while (it != some.end() && Split(*it, '=').front() != name)
        {
            ++it;
        }
        if (it == some.end())
        {
            some.push_back(argument);
        }
        else
        {
            *it = argument;
        }
    }
    return some;
}

} // namespace ns3::wfl::test

#endif // WFL_TEST_HELPERS_H
