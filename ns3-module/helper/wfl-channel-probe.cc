/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/wfl-channel-probe.h"

#include "ns3/config.h"
#include "ns3/event-id.h"
#include "ns3/integer.h"
#include "ns3/random-variable-stream.h"
#include "ns3/rng-seed-manager.h"
#include "ns3/simulator.h"
#include "ns3/wfl-simulator-guard.h"

#include <algorithm>
#include <map>
#include <set>

namespace ns3
{
namespace wfl
{

namespace
{

/** From the end of a batch to the next one: what arrives twice does so by then. */
const Time GAP = MilliSeconds(100);

/** How long nothing must be on the air before a datagram is taken to have vanished. */
const Time PATIENCE = Seconds(120);

/** A channel that is not ready by then never will be. */
const Time READY_PATIENCE = Seconds(600);

/** Seed, run and unassigned stream of ns-3's random variables, as they were at the end. */
class RandomState
{
  public:
    RandomState(const fl::RunSeed& runSeed, int64_t unassignedStream)
        : m_seed(RngSeedManager::GetSeed()),
          m_run(RngSeedManager::GetRun())
    {
        RngSeedManager::SetSeed(runSeed.seed);
        RngSeedManager::SetRun(runSeed.run);
        SetDefaultStream(unassignedStream);
    }

    RandomState(const RandomState&) = delete;
    RandomState& operator=(const RandomState&) = delete;

    ~RandomState()
    {
        constexpr int64_t automatic = -1;
        SetDefaultStream(automatic);
        RngSeedManager::SetSeed(m_seed);
        RngSeedManager::SetRun(m_run);
    }

  private:
    static void SetDefaultStream(int64_t stream)
    {
        Config::SetDefault("ns3::RandomVariableStream::Stream", IntegerValue(stream));
    }

    uint32_t m_seed;
    uint64_t m_run;
};

/** @return the content of a datagram: its number, then bytes that follow from it */
std::vector<uint8_t>
Content(uint32_t number, uint32_t bytes)
{
    std::vector<uint8_t> content(bytes);
    for (uint32_t i = 0; i < bytes; ++i)
    {
        content[i] = static_cast<uint8_t>(i < 4 ? number >> (8 * i) : 131 * i + 17 * number);
    }
    return content;
}

/** Writes down what a channel does, and offers the next batch when the last one is through. */
class Prober
{
  public:
    Prober(const ProbeSetup& setup, const ProbeScript& script)
        : m_script(script),
          m_lifetime(setup.lifetime),
          m_channel(setup.channel.Create<ChannelModel>())
    {
        m_workers.Create(setup.workers);
        m_channel->Install(m_workers, CreateObject<Node>(), setup.runSeed);
        m_channel->SetReceiver(MakeCallback(&Prober::Receive, this));
        m_channel->TraceConnectWithoutContext("Transmission",
                                              MakeCallback(&Prober::NoteTransmission, this));
        m_channel->TraceConnectWithoutContext("Loss", MakeCallback(&Prober::NoteLoss, this));
        m_channel->TraceConnectWithoutContext("RadioState", MakeCallback(&Prober::NoteState, this));
    }

    ChannelRecord Run()
    {
        m_next = Simulator::Schedule(READY_PATIENCE, &Prober::NextBatch, this);
        Simulator::ScheduleNow(&Prober::Wait, this);
        Simulator::Run();
        Describe();
        return m_record;
    }

  private:
    void Wait()
    {
        m_channel->WhenReady(MakeCallback(&Prober::BeReady, this));
    }

    void BeReady(std::vector<StationId> unreachable)
    {
        if (++m_record.readyCalls > 1)
        {
            return;
        }
        m_record.readyTime = Simulator::Now();
        m_record.unreachable = unreachable;
        for (StationId worker = 0; worker < m_channel->Workers(); ++worker)
        {
            if (std::find(unreachable.begin(), unreachable.end(), worker) == unreachable.end())
            {
                m_reachable.push_back(worker);
            }
        }
        if (m_lifetime.IsStrictlyPositive())
        {
            m_channel->SetLifetime(m_lifetime);
        }
        if (!m_reachable.empty())
        {
            m_batches = m_script(*m_channel, m_reachable);
        }
        m_next.Cancel();
        m_next = Simulator::ScheduleNow(&Prober::NextBatch, this);
    }

    void NextBatch()
    {
        NoteBacklogs();
        if (m_nextBatch == m_batches.size())
        {
            Simulator::Stop();
            return;
        }
        const auto& batch = m_batches[m_nextBatch];
        uint64_t uploadBytes = 0;
        for (const auto& offer : batch)
        {
            uploadBytes += offer.from == SERVER ? 0 : offer.bytes;
        }
        m_channel->RoundStarted(m_nextBatch, m_reachable, uploadBytes);
        ++m_nextBatch;
        for (auto offer : batch)
        {
            offer.time = Simulator::Now();
            const auto number = static_cast<uint32_t>(m_record.offers.size());
            m_record.offers.push_back(offer);
            for (const StationId receiver : offer.receivers)
            {
                ++m_open[LinkOf(offer.from, receiver)];
            }
            const auto content = Content(number, offer.bytes);
            auto packet = Create<Packet>(content.data(), offer.bytes);
            if (offer.receivers.size() > 1)
            {
                m_channel->SendToGroup(offer.receivers, packet);
            }
            else
            {
                m_channel->Send(offer.from, offer.receivers.front(), packet);
            }
        }
        NoteSilentBursts(batch);
        Touch();
    }

    /** Notes the links on which many datagrams have been offered and none is said to wait. */
    void NoteSilentBursts(const ProbeBatch& batch)
    {
        constexpr uint32_t burst = 10;
        std::map<std::pair<StationId, StationId>, uint32_t> offered;
        for (const auto& offer : batch)
        {
            ++offered[{offer.from, offer.receivers.size() == 1 ? offer.receivers.front() : GROUP}];
        }
        for (const auto& [link, count] : offered)
        {
            if (count >= burst && !m_channel->IsBacklogged(link.first, link.second))
            {
                m_record.silentBursts.emplace_back(link.first, link.second, Simulator::Now());
            }
        }
    }

    using Link = std::pair<StationId, Direction>;

    static Link LinkOf(StationId from, StationId to)
    {
        return to == SERVER ? Link(from, Direction::UP) : Link(to, Direction::DOWN);
    }

    void Settle(const Link& link)
    {
        auto& open = m_open[link];
        open -= open > 0 ? 1 : 0;
        Touch();
    }

    /** Something has happened: waits anew. */
    void Touch()
    {
        if (m_record.readyCalls == 0)
        {
            return;
        }
        const bool through = std::all_of(m_open.begin(),
                                         m_open.end(),
                                         [](const auto& link) { return link.second == 0; });
        const Time delay = m_channel->RoundTripDelay();
        const Time onAir = std::max(m_onAirUntil - Simulator::Now(), Time());
        m_next.Cancel();
        m_next = Simulator::Schedule(onAir + (through ? GAP : PATIENCE + delay) + delay,
                                     &Prober::NextBatch,
                                     this);
    }

    void Receive(StationId from, StationId to, Ptr<Packet> packet)
    {
        ProbeArrival arrival{{}, from, to, packet->GetSize(), false, Simulator::Now()};
        std::vector<uint8_t> content(arrival.bytes);
        packet->CopyData(content.data(), arrival.bytes);
        uint32_t number = 0;
        for (uint32_t i = 0; i < std::min(arrival.bytes, 4U); ++i)
        {
            number |= uint32_t{content[i]} << (8 * i);
        }
        bool isFirst = false;
        if (number < m_record.offers.size())
        {
            arrival.offer = number;
            arrival.intact = content == Content(number, m_record.offers[number].bytes);
            const auto& receivers = m_record.offers[number].receivers;
            isFirst = std::find(receivers.begin(), receivers.end(), to) != receivers.end() &&
                      m_arrived.emplace(number, to).second;
        }
        m_record.arrivals.push_back(arrival);
        if (isFirst)
        {
            Settle(LinkOf(from, to));
        }
    }

    void NoteLoss(Direction direction, StationId worker, const std::string& reason)
    {
        m_record.losses.push_back({direction, worker, reason, Simulator::Now()});
        if (worker != GROUP)
        {
            Settle({worker, direction});
            return;
        }
        for (const StationId each : m_reachable)
        {
            Settle({each, direction});
        }
    }

    void NoteTransmission(const Transmission& transmission)
    {
        m_record.transmissions.push_back(transmission);
        if (transmission.direction != Direction::NONE)
        {
            m_onAirUntil = std::max(m_onAirUntil, transmission.start + transmission.duration);
            Touch();
        }
    }

    void NoteState(StationId station, RadioState state, Time start, Time duration)
    {
        m_record.states.push_back({station, state, start, duration});
    }

    void NoteBacklogs()
    {
        const Time now = Simulator::Now();
        for (const StationId worker : m_reachable)
        {
            if (m_channel->IsBacklogged(worker, SERVER))
            {
                m_record.quietBacklogs.emplace_back(worker, SERVER, now);
            }
            if (m_channel->IsBacklogged(SERVER, worker))
            {
                m_record.quietBacklogs.emplace_back(SERVER, worker, now);
            }
        }
        if (m_channel->IsBacklogged(SERVER, GROUP))
        {
            m_record.quietBacklogs.emplace_back(SERVER, GROUP, now);
        }
    }

    void Describe()
    {
        m_record.maxUplinkBytes = m_channel->MaxDatagramBytes(Direction::UP);
        m_record.maxDownlinkBytes = m_channel->MaxDatagramBytes(Direction::DOWN);
        m_record.domains = m_channel->Domains();
        for (StationId worker = 0; worker < m_channel->Workers(); ++worker)
        {
            m_record.domainOf.push_back(m_channel->DomainOf(worker));
        }
        m_record.isFullDuplex = m_channel->IsFullDuplex();
        m_record.isLossless = m_channel->IsLossless();
        m_record.mayDuplicate = m_channel->MayDuplicate();
        m_record.hasGroupDelivery = m_channel->HasGroupDelivery();
        m_record.hasSockets = m_channel->HasSockets();
        std::map<Direction, uint64_t> bytes;
        for (const auto& offer : m_record.offers)
        {
            bytes[offer.from == SERVER ? Direction::DOWN : Direction::UP] += offer.bytes;
        }
        for (const auto& [direction, count] : bytes)
        {
            m_record.estimates[direction] = m_channel->EstimateAirtime(direction, count);
        }
    }

    ProbeScript m_script;
    Time m_lifetime;
    Ptr<ChannelModel> m_channel;
    NodeContainer m_workers;
    std::vector<StationId> m_reachable;
    std::vector<ProbeBatch> m_batches;
    std::size_t m_nextBatch{0};
    std::map<Link, uint32_t> m_open;                    ///< datagrams without a fate yet
    std::set<std::pair<uint32_t, StationId>> m_arrived; ///< (offer, receiver)
    EventId m_next;
    Time m_onAirUntil; ///< the end of what has been on the air so far
    ChannelRecord m_record;
    SimulatorGuard m_guard; ///< the last member, as nodes may report to the others to the end
};

/** @return a time as text, in nanoseconds */
std::string
Text(Time time)
{
    return std::to_string(time.GetNanoSeconds()) + " ns";
}

} // namespace

ChannelRecord
Probe(const ProbeSetup& setup, const ProbeScript& script)
{
    Simulator::Destroy();
    const RandomState randomState(setup.runSeed, setup.unassignedStream);
    return Prober(setup, script).Run();
}

std::string
StationName(StationId station)
{
    return station == SERVER  ? "the server"
           : station == GROUP ? "a group"
                              : "worker " + std::to_string(station);
}

std::string
DirectionName(Direction direction)
{
    return direction == Direction::UP     ? "up"
           : direction == Direction::DOWN ? "down"
                                          : "neither way";
}

std::vector<std::string>
ChannelRecord::Lines() const
{
    std::vector<std::string> lines;
    lines.push_back("ready at " + Text(readyTime));
    for (const auto& offer : offers)
    {
        lines.push_back(std::to_string(offer.bytes) + " bytes from " + StationName(offer.from) +
                        " offered at " + Text(offer.time));
    }
    for (const auto& arrival : arrivals)
    {
        lines.push_back(std::to_string(arrival.bytes) + " bytes from " + StationName(arrival.from) +
                        " arrived at " + StationName(arrival.to) + " at " + Text(arrival.time));
    }
    for (const auto& loss : losses)
    {
        lines.push_back("loss (" + loss.reason + ") of " + StationName(loss.worker) + ", " +
                        DirectionName(loss.direction) + ", told at " + Text(loss.time));
    }
    for (const auto& transmission : transmissions)
    {
        lines.push_back("transmission of " + StationName(transmission.transmitter) + ", " +
                        DirectionName(transmission.direction) + ", for " +
                        StationName(transmission.worker) + ", " +
                        std::to_string(transmission.bytes) + " bytes, domain " +
                        std::to_string(transmission.domain) + ", at " + Text(transmission.start) +
                        " for " + Text(transmission.duration));
    }
    for (const auto& state : states)
    {
        lines.push_back("radio state " + std::to_string(static_cast<int>(state.state)) + " of " +
                        StationName(state.station) + " at " + Text(state.start) + " for " +
                        Text(state.duration));
    }
    return lines;
}

std::optional<Time>
ChannelRecord::Completion() const
{
    std::size_t offered = 0;
    for (const auto& offer : offers)
    {
        offered += offer.receivers.size();
    }
    if (arrivals.size() + losses.size() < offered)
    {
        return std::nullopt;
    }
    Time last;
    for (const auto& arrival : arrivals)
    {
        last = std::max(last, arrival.time);
    }
    for (const auto& loss : losses)
    {
        last = std::max(last, loss.time);
    }
    return last;
}

} // namespace wfl
} // namespace ns3
