/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef WFL_RECORDER_H
#define WFL_RECORDER_H

#include "ns3/wfl-airtime-meter.h"
#include "ns3/wfl-energy-table.h"
#include "ns3/wfl-server.h"

#include <chrono>
#include <deque>
#include <fstream>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace ns3
{
namespace wfl
{

/** Rounds whose transmissions are written, both ends included. */
struct TimelineRange
{
    uint32_t first; ///< first round
    uint32_t last;  ///< last round
};

/**
 * Writes a results folder: listens to the trace sources of the channel and the applications, and
 * nobody calls it. rounds.csv, workers.csv and host.csv hold whole rounds at any moment;
 * summary.json is written at the end.
 *
 * Times and counters start when all workers are ready; what the set-up cost stands in the summary.
 */
class Recorder : public SimpleRefCount<Recorder>
{
  public:
    /**
     * @param folder an existing folder
     * @param channel the channel
     * @param server the server
     * @param energy of all devices
     * @param timeline rounds whose transmissions are written, if any
     */
    Recorder(const std::string& folder,
             Ptr<ChannelModel> channel,
             Ptr<FlServer> server,
             Ptr<const FleetEnergy> energy,
             std::optional<TimelineRange> timeline);

    /**
     * Writes summary.json.
     * @param targetAccuracy what "to accuracy" means, 0 for nothing
     * @param unreachable workers that never joined
     * @param lost workers that joined and could no longer be reached
     */
    void WriteSummary(double targetAccuracy,
                      const std::vector<StationId>& unreachable,
                      const std::vector<StationId>& lost);

    /**
     * A worker has gone or is back: a row of presence.csv, which is there only if somebody has.
     * @param worker who
     * @param present whether it is there from now on
     * @param reason why it went
     */
    void NotePresence(StationId worker, bool present, const std::string& reason);

  private:
    /** Counters since the beginning of the simulation. */
    struct Totals
    {
        uint64_t uplinkPayloadBytes{0};
        uint64_t downlinkPayloadBytes{0};
        uint64_t uplinkPaperBits{0};
        uint64_t downlinkPaperBits{0};
        uint64_t uplinkSegmentsOffered{0};
        uint64_t uplinkSegmentsLost{0};
        uint64_t downlinkSegmentsOffered{0};
        uint64_t downlinkSegmentsLost{0};
    };

    /** What a worker has used so far. */
    struct Usage
    {
        DeviceEnergy energy;
        Time airtime;
        uint64_t airBytes{0};
    };

    /** One round, complete but for its evaluation. */
    struct PendingRound
    {
        uint32_t round;
        bool evaluated; ///< whether an evaluation will come
        std::string beforeEvaluation;
        std::string afterEvaluation;
        std::string workers;
        std::string host;
    };

    void NoteTransmission(const Transmission& transmission);
    void NoteLoss(Direction direction, StationId worker, const std::string& reason);
    void NoteReady(const std::vector<StationId>& workers);
    void NoteRound(const RoundRecord& record);
    void NoteEvaluation(uint32_t round, const fl::Evaluation& evaluation);

    Usage UsageOf(StationId worker) const;
    std::string RoundCells(const RoundRecord& record) const;
    std::string WorkerRows(const RoundRecord& record);
    std::string ReasonOf(StationId worker, const WorkerRecord& record) const;
    std::string Since(const std::optional<Time>& time) const;
    void WriteComplete(const std::optional<fl::Evaluation>& evaluation);

    std::string m_folder;
    Ptr<ChannelModel> m_channel;
    Ptr<const FleetEnergy> m_energy;
    EnergyTable m_energyTable;
    AirtimeMeter m_airtime;
    std::map<std::pair<StationId, std::string>, uint32_t> m_losses; ///< upward, of this round
    /** datagrams lost since the ready time, by direction and reason */
    std::map<std::string, std::map<std::string, uint64_t>> m_lostDatagrams;
    std::ofstream m_rounds;
    std::ofstream m_workers;
    std::ofstream m_host;
    std::ofstream m_transmissions;
    std::ofstream m_presence; ///< open from the first change on
    std::optional<TimelineRange> m_timeline;
    std::chrono::steady_clock::time_point m_hostStart;
    bool m_isReady{false};
    Time m_ready;
    uint32_t m_round{0}; ///< rounds closed so far
    Totals m_totals;
    AirtimeReading m_airtimeAtReady;
    std::vector<Usage> m_usageAtReady;      ///< by worker
    std::vector<Usage> m_usageAtRoundStart; ///< by worker
    double m_accessPointsAtReadyJ{0};
    std::deque<PendingRound> m_pending;
    std::vector<std::pair<Time, fl::Evaluation>> m_evaluations; ///< with the end of their rounds
    std::map<uint32_t, Time> m_roundEnds;                       ///< of rounds being evaluated
};

} // namespace wfl
} // namespace ns3

#endif // WFL_RECORDER_H
