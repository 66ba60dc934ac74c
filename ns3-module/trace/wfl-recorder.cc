/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/wfl-recorder.h"

#include "ns3/fl-error.h"
#include "ns3/simulator.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <numeric>
#include <sstream>
#include <system_error>

namespace ns3
{
namespace wfl
{

namespace
{

const char* const ROUND_COLUMNS =
    "round,time_s,test_accuracy,test_loss,train_objective,train_loss,participants,uplink_payload_"
    "bytes,"
    "uplink_air_bytes,downlink_payload_bytes,downlink_air_bytes,uplink_paper_bits,"
    "downlink_paper_bits,uplink_segments_offered,uplink_segments_lost,downlink_segments_offered,"
    "downlink_segments_lost,airtime_uplink_s,airtime_downlink_s,airtime_busy_s,energy_radio_j,"
    "energy_radio_marginal_j,energy_compute_j,energy_ap_j,energy_base_j,energy_frames_j,energy_"
    "j,"
    "energy_marginal_j";

const char* const WORKER_COLUMNS =
    "round,worker,selected,model_version,outcome,answers,staleness,snr_db,downlink_end_s,compute_"
    "end_s,"
    "uplink_start_s,uplink_end_s,repair_s,payload_bytes,air_bytes,segments_offered,segments_lost,"
    "loss_reason,airtime_tx_s,energy_radio_j,energy_compute_j,battery_j,"
    "energy_j";

const char* const TRANSMISSION_COLUMNS =
    "round,start_s,duration_s,domain,transmitter,direction,worker,bytes";

/** @return a number as text; an empty cell for NaN */
std::string
Cell(double value)
{
    return std::isnan(value) ? std::string() : fl::ToText(value);
}

/** @return a time in seconds as text, exact to the nanosecond */
std::string
Cell(Time time)
{
    const int64_t total = time.GetNanoSeconds();
    constexpr int64_t second = 1000000000;
    std::string fraction = std::to_string(std::abs(total) % second);
    fraction.insert(0, 9 - fraction.size(), '0');
    return (total < 0 ? "-" : "") + std::to_string(std::abs(total) / second) + "." + fraction;
}

/** @return a station as text */
std::string
Cell(StationId station)
{
    return station == SERVER ? "server" : station == GROUP ? "all" : std::to_string(station);
}

const char*
Cell(Outcome outcome)
{
    switch (outcome)
    {
    case Outcome::NONE:
        return "";
    case Outcome::DELIVERED:
        return "delivered";
    case Outcome::PARTIAL:
        return "partial";
    case Outcome::LOST:
        return "lost";
    case Outcome::LATE:
        return "late";
    case Outcome::SKIPPED:
        return "skipped";
    case Outcome::DEAD:
        return "dead";
    }
    return "";
}

/** @return some cells separated by commas */
std::string
Row(std::initializer_list<std::string> cells)
{
    std::string row;
    const char* separator = "";
    for (const auto& cell : cells)
    {
        row += separator + cell;
        separator = ",";
    }
    return row;
}

std::ofstream
OpenFile(const std::string& path, const std::string& header)
{
    std::ofstream file(path);
    file << header << '\n' << std::flush;
    if (!file)
    {
        throw fl::UserError("--output: " + path + " cannot be written");
    }
    return file;
}

Time
Mean(const std::vector<Time>& times)
{
    Time sum;
    for (const auto& time : times)
    {
        sum += time;
    }
    return sum / static_cast<int64_t>(times.size());
}

} // namespace

Recorder::Recorder(const std::string& folder,
                   Ptr<ChannelModel> channel,
                   Ptr<FlServer> server,
                   Ptr<const FleetEnergy> energy,
                   std::optional<TimelineRange> timeline)
    : m_folder(folder),
      m_channel(channel),
      m_energy(energy),
      m_energyTable(energy),
      m_airtime(channel->Domains()),
      m_rounds(OpenFile(folder + "/rounds.csv", ROUND_COLUMNS)),
      m_workers(OpenFile(folder + "/workers.csv", WORKER_COLUMNS)),
      m_host(OpenFile(folder + "/host.csv", "round,host_s")),
      m_timeline(timeline),
      m_hostStart(std::chrono::steady_clock::now())
{
    if (m_timeline)
    {
        m_transmissions = OpenFile(folder + "/transmissions.csv", TRANSMISSION_COLUMNS);
    }
    channel->TraceConnectWithoutContext("Transmission",
                                        MakeCallback(&Recorder::NoteTransmission, this));
    channel->TraceConnectWithoutContext("Loss", MakeCallback(&Recorder::NoteLoss, this));
    server->TraceConnectWithoutContext("Ready", MakeCallback(&Recorder::NoteReady, this));
    server->TraceConnectWithoutContext("RoundEnd", MakeCallback(&Recorder::NoteRound, this));
    server->TraceConnectWithoutContext("Evaluated", MakeCallback(&Recorder::NoteEvaluation, this));
}

void
Recorder::NoteTransmission(const Transmission& transmission)
{
    m_airtime.Note(transmission);
    if (!m_timeline || !m_isReady || m_round < m_timeline->first || m_round > m_timeline->last)
    {
        return;
    }
    const char* const direction = transmission.direction == Direction::UP     ? "up"
                                  : transmission.direction == Direction::DOWN ? "down"
                                                                              : "none";
    m_transmissions << Row({std::to_string(m_round),
                            Cell(transmission.start - m_ready),
                            Cell(transmission.duration),
                            std::to_string(transmission.domain),
                            Cell(transmission.transmitter),
                            direction,
                            Cell(transmission.worker),
                            std::to_string(transmission.bytes)})
                    << '\n';
}

void
Recorder::NoteLoss(Direction direction, StationId worker, const std::string& reason)
{
    ++m_lostDatagrams[direction == Direction::UP ? "uplink" : "downlink"][reason];
    // What is late belongs to a round that is over, not to the one whose losses are explained here.
    if (direction == Direction::UP && reason != "late")
    {
        ++m_losses[{worker, reason}];
    }
}

void
Recorder::NotePresence(StationId worker, bool present, const std::string& reason)
{
    if (!m_presence.is_open())
    {
        m_presence = OpenFile(m_folder + "/presence.csv", "time_s,worker,present,reason");
    }
    m_presence << Row({Cell(Simulator::Now() - m_ready),
                       std::to_string(worker),
                       present ? "1" : "0",
                       reason})
               << '\n';
}

Recorder::Usage
Recorder::UsageOf(StationId worker) const
{
    return {m_energy->Read(worker), m_airtime.TransmitTime(worker), m_airtime.UplinkBytes(worker)};
}

void
Recorder::NoteReady(const std::vector<StationId>& /* workers */)
{
    m_channel->TellProgress();
    m_isReady = true;
    m_ready = Simulator::Now();
    m_airtimeAtReady = m_airtime.Read();
    m_accessPointsAtReadyJ = m_energy->AccessPointsJ();
    m_energyTable.NoteReady();
    for (StationId worker = 0; worker < m_channel->Workers(); ++worker)
    {
        m_usageAtReady.push_back(UsageOf(worker));
    }
    m_usageAtRoundStart = m_usageAtReady;
    m_losses.clear();
    m_lostDatagrams = {{"uplink", {}}, {"downlink", {}}};
}

void
Recorder::NoteRound(const RoundRecord& record)
{
    m_channel->TellProgress();
    for (const auto& worker : record.workers)
    {
        m_totals.uplinkPayloadBytes += worker.payloadBytes + worker.latePayloadBytes;
        m_totals.uplinkPaperBits += worker.paperBits + worker.latePaperBits;
        m_totals.uplinkSegmentsOffered += worker.segmentsOffered + worker.lateSegments;
        m_totals.uplinkSegmentsLost +=
            worker.segmentsOffered + worker.lateSegments - worker.segmentsAccepted;
        m_totals.downlinkSegmentsOffered += worker.downlinkSegmentsOffered;
        m_totals.downlinkSegmentsLost +=
            worker.downlinkSegmentsOffered - worker.downlinkSegmentsArrived;
    }
    m_totals.downlinkPayloadBytes += record.downlinkPayloadBytes;
    m_totals.downlinkPaperBits += record.downlinkPaperBits;
    const std::chrono::duration<double> host = std::chrono::steady_clock::now() - m_hostStart;
    m_pending.push_back({record.round,
                         record.evaluated,
                         Row({std::to_string(record.round), Cell(record.end - m_ready)}),
                         RoundCells(record),
                         WorkerRows(record),
                         Row({std::to_string(record.round), Cell(host.count())})});
    if (record.evaluated)
    {
        m_roundEnds[record.round] = record.end;
    }
    m_round = record.round + 1;
    m_losses.clear();
    m_transmissions.flush();
    if (!m_pending.front().evaluated)
    {
        WriteComplete(std::nullopt);
    }
}

std::string
Recorder::RoundCells(const RoundRecord& record) const
{
    const auto airtime = m_airtime.Read();
    std::vector<Time> busy;
    for (std::size_t domain = 0; domain < airtime.busy.size(); ++domain)
    {
        busy.push_back(airtime.busy[domain] - m_airtimeAtReady.busy[domain]);
    }
    DeviceEnergy energy;
    for (StationId worker = 0; worker < m_channel->Workers(); ++worker)
    {
        energy += UsageOf(worker).energy - m_usageAtReady[worker].energy;
    }
    return Row({Cell(record.trainLoss),
                std::to_string(record.participants),
                std::to_string(m_totals.uplinkPayloadBytes),
                std::to_string(airtime.uplinkBytes - m_airtimeAtReady.uplinkBytes),
                std::to_string(m_totals.downlinkPayloadBytes),
                std::to_string(airtime.downlinkBytes - m_airtimeAtReady.downlinkBytes),
                std::to_string(m_totals.uplinkPaperBits),
                std::to_string(m_totals.downlinkPaperBits),
                std::to_string(m_totals.uplinkSegmentsOffered),
                std::to_string(m_totals.uplinkSegmentsLost),
                std::to_string(m_totals.downlinkSegmentsOffered),
                std::to_string(m_totals.downlinkSegmentsLost),
                Cell(airtime.uplink - m_airtimeAtReady.uplink),
                Cell(airtime.downlink - m_airtimeAtReady.downlink),
                Cell(Mean(busy)),
                Cell(energy.radioJ),
                Cell(energy.radioMarginalJ),
                Cell(energy.computeJ),
                Cell(m_energy->AccessPointsJ() - m_accessPointsAtReadyJ),
                Cell(energy.baseJ),
                Cell(energy.framesJ),
                Cell(energy.TotalJ()),
                Cell(energy.MarginalJ())});
}

std::string
Recorder::Since(const std::optional<Time>& time) const
{
    return time ? Cell(*time - m_ready) : std::string();
}

std::string
Recorder::ReasonOf(StationId worker, const WorkerRecord& record) const
{
    if (!record.absence.empty())
    {
        return record.absence;
    }
    if (record.segmentsOffered == record.segmentsAccepted)
    {
        return record.lateSegments > 0 ? "late" : "";
    }
    // What was lost for no reason that the channel knows was on its way when the round closed.
    std::string reason = "in-flight";
    uint32_t most = 0;
    for (const auto& [key, count] : m_losses)
    {
        if (key.first == worker && count > most)
        {
            most = count;
            reason = key.second;
        }
    }
    return reason;
}

std::string
Recorder::WorkerRows(const RoundRecord& record)
{
    std::string rows;
    for (StationId worker = 0; worker < record.workers.size(); ++worker)
    {
        const auto& entry = record.workers[worker];
        const auto usage = UsageOf(worker);
        const auto& before = m_usageAtRoundStart[worker];
        const auto energy = usage.energy - before.energy;
        // A request after which nothing more was accepted has repaired nothing.
        const std::string repair = entry.repairStart && entry.uplinkEnd > entry.repairStart
                                       ? Cell(*entry.uplinkEnd - *entry.repairStart)
                                       : "0";
        rows += Row({std::to_string(record.round),
                     std::to_string(worker),
                     entry.selected ? "1" : "0",
                     entry.modelVersion ? std::to_string(*entry.modelVersion) : "",
                     Cell(entry.outcome),
                     std::to_string(entry.answers),
                     entry.modelVersion ? std::to_string(record.round - *entry.modelVersion) : "",
                     Cell(m_channel->SnrDb(worker)),
                     Since(entry.downlinkEnd),
                     Since(entry.computeEnd),
                     Since(entry.uplinkStart),
                     Since(entry.uplinkEnd),
                     repair,
                     std::to_string(entry.payloadBytes + entry.latePayloadBytes),
                     std::to_string(usage.airBytes - before.airBytes),
                     std::to_string(entry.segmentsOffered + entry.lateSegments),
                     std::to_string(entry.segmentsOffered + entry.lateSegments -
                                    entry.segmentsAccepted),
                     ReasonOf(worker, entry),
                     Cell(usage.airtime - before.airtime),
                     Cell(energy.radioJ),
                     Cell(energy.computeJ),
                     Cell(m_energy->BatteryJ(worker)),
                     Cell(energy.TotalJ())}) +
                "\n";
        m_usageAtRoundStart[worker] = usage;
    }
    return rows;
}

void
Recorder::NoteEvaluation(uint32_t round, const fl::Evaluation& evaluation)
{
    m_evaluations.emplace_back(m_roundEnds.at(round), evaluation);
    m_roundEnds.erase(round);
    WriteComplete(evaluation);
}

/** Writes the rounds up to the first one whose evaluation is still to come. */
void
Recorder::WriteComplete(const std::optional<fl::Evaluation>& evaluation)
{
    auto left = evaluation;
    while (!m_pending.empty() && (!m_pending.front().evaluated || left))
    {
        const auto& pending = m_pending.front();
        const bool evaluated = pending.evaluated;
        const std::string accuracy = evaluated ? Cell(left->accuracy) : "";
        const std::string loss = evaluated ? fl::ToText(left->loss) : "";
        const std::string objective = evaluated ? Cell(left->trainObjective) : "";
        m_workers << pending.workers << std::flush;
        m_rounds
            << Row({pending.beforeEvaluation, accuracy, loss, objective, pending.afterEvaluation}) +
                   "\n"
            << std::flush;
        m_host << pending.host + "\n" << std::flush;
        if (!m_rounds || !m_workers || !m_host)
        {
            throw fl::UserError("--output: " + m_folder +
                                " cannot be written any more; what is there is complete up to "
                                "the last full round");
        }
        if (evaluated)
        {
            left.reset();
        }
        m_pending.pop_front();
    }
}

void
Recorder::WriteSummary(double targetAccuracy,
                       const std::vector<StationId>& unreachable,
                       const std::vector<StationId>& lost)
{
    const auto airtime = m_airtime.Read();
    nlohmann::ordered_json summary;
    summary["rounds"] = m_round;
    summary["simulated_s"] = (Simulator::Now() - m_ready).GetSeconds();
    summary["lost_workers"] = lost;
    auto& setup = summary["set_up"];
    setup["time_s"] = m_ready.GetSeconds();
    setup["uplink_air_bytes"] = m_airtimeAtReady.uplinkBytes;
    setup["downlink_air_bytes"] = m_airtimeAtReady.downlinkBytes;
    setup["unreachable_workers"] = unreachable;
    if (!m_evaluations.empty())
    {
        constexpr std::size_t window = 5;
        std::vector<double> accuracies;
        std::optional<double> reachedS;
        for (const auto& [time, evaluation] : m_evaluations)
        {
            accuracies.push_back(evaluation.accuracy);
            if (accuracies.size() < window)
            {
                continue;
            }
            std::vector<double> last(accuracies.end() - window, accuracies.end());
            std::sort(last.begin(), last.end());
            if (!reachedS && targetAccuracy > 0 && last[window / 2] >= targetAccuracy)
            {
                reachedS = (time - m_ready).GetSeconds();
            }
        }
        if (!std::isnan(accuracies.back()))
        {
            summary["final_test_accuracy"] = accuracies.back();
        }
        summary["final_test_loss"] = m_evaluations.back().second.loss;
        if (targetAccuracy > 0)
        {
            summary["target_accuracy"] = targetAccuracy;
            summary["time_to_target_s"] = reachedS ? nlohmann::ordered_json(*reachedS) : nullptr;
        }
    }
    summary["lost_datagrams"] = m_lostDatagrams;
    summary["airtime_other_s"] = (airtime.other - m_airtimeAtReady.other).GetSeconds();
    double busiest = 0;
    for (std::size_t domain = 0; domain < airtime.busy.size(); ++domain)
    {
        busiest =
            std::max(busiest, (airtime.busy[domain] - m_airtimeAtReady.busy[domain]).GetSeconds());
    }
    summary["airtime_busy_max_s"] = busiest;
    m_energyTable.Write(m_folder + "/energy.csv");
    const std::string path = m_folder + "/summary.json";
    std::ofstream file(path + ".part");
    file << summary.dump(2) << '\n';
    file.close();
    std::error_code fault;
    std::filesystem::rename(path + ".part", path, fault);
    if (!file || fault)
    {
        throw fl::UserError("--output: " + path + " cannot be written");
    }
}

} // namespace wfl
} // namespace ns3
