/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef WFL_RADIO_BENCH_H
#define WFL_RADIO_BENCH_H

#include "ns3/constant-position-mobility-model.h"
#include "ns3/wfl-channel-model.h"

#include "wfl-test-helpers.h"

#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace ns3::wfl::test
{

/**
 * A channel that is a formula over places, between a server at the origin and workers at stated
 * distances, alone, without transport and applications; and all it tells.
 */
struct RadioBench
{
    /** A datagram that has arrived. */
    struct Arrival
    {
        StationId from;
        StationId to;
        uint32_t bytes;
        Time time;
    };

    /** A datagram that was lost. */
    struct Loss
    {
        Direction direction;
        StationId worker;
        std::string reason;
        Time time; ///< when it was told
    };

    NodeContainer workers;
    Ptr<Node> server;
    Ptr<ChannelModel> channel;
    std::vector<StationId> unreachable{};
    std::vector<Arrival> arrivals{};
    std::vector<Loss> losses{};
    std::vector<Transmission> transmissions{};
    std::map<std::pair<StationId, RadioState>, Time> states{}; ///< how long
    std::function<void(const Arrival&)> whenArrived{};         ///< called for each

    /**
     * @param name the channel, as the user types it
     * @param distancesM where workers stand, by worker
     * @param runSeed drives the channel's draws
     */
    RadioBench(const std::string& name,
               const std::vector<double>& distancesM,
               fl::RunSeed runSeed = {})
        : server(CreateObject<Node>()),
          channel(TypeRegistry::Get("channel").Parse(name).Create<ChannelModel>())
    {
        Simulator::Destroy();
        for (const double distanceM : distancesM)
        {
            auto place = CreateObject<ConstantPositionMobilityModel>();
            place->SetPosition({distanceM, 0, 1.5});
            workers.Create(1);
            workers.Get(workers.GetN() - 1)->AggregateObject(place);
        }
        channel->Install(workers, server, runSeed);
        channel->SetReceiver(MakeCallback(&RadioBench::Receive, this));
        channel->TraceConnectWithoutContext("Transmission", MakeCallback(&RadioBench::Note, this));
        channel->TraceConnectWithoutContext("RadioState",
                                            MakeCallback(&RadioBench::NoteState, this));
        channel->TraceConnectWithoutContext("Loss", MakeCallback(&RadioBench::NoteLoss, this));
        channel->WhenReady(MakeCallback(&RadioBench::NoteReady, this));
    }

    RadioBench(const RadioBench&) = delete;
    RadioBench& operator=(const RadioBench&) = delete;

    ~RadioBench()
    {
        channel->Dispose();
        Simulator::Destroy();
    }

    void Send(StationId from, StationId to, uint32_t bytes, uint32_t datagrams = 1)
    {
        for (uint32_t i = 0; i < datagrams; ++i)
        {
            channel->Send(from, to, Create<Packet>(bytes));
        }
    }

    void SendAt(Time when, StationId from, StationId to, uint32_t bytes, uint32_t datagrams = 1)
    {
        Simulator::Schedule(when,
                            [this, from, to, bytes, datagrams]
                            { Send(from, to, bytes, datagrams); });
    }

    /** @return when the last datagram of each station arrived, in seconds */
    std::map<StationId, double> Ends() const
    {
        std::map<StationId, double> ends;
        for (const auto& arrival : arrivals)
        {
            ends[arrival.from] = arrival.time.GetSeconds();
        }
        return ends;
    }

    /** @return how long a radio was in a state, in seconds */
    double StateS(StationId station, RadioState state) const
    {
        const auto found = states.find({station, state});
        return found == states.end() ? 0 : found->second.GetSeconds();
    }

  private:
    void Receive(StationId from, StationId to, Ptr<Packet> packet)
    {
        arrivals.push_back({from, to, packet->GetSize(), Simulator::Now()});
        if (whenArrived)
        {
            whenArrived(arrivals.back());
        }
    }

    void Note(const Transmission& transmission)
    {
        transmissions.push_back(transmission);
    }

    void NoteState(StationId station, RadioState state, Time /* start */, Time duration)
    {
        states[{station, state}] += duration;
    }

    void NoteLoss(Direction direction, StationId worker, const std::string& reason)
    {
        losses.push_back({direction, worker, reason, Simulator::Now()});
    }

    void NoteReady(std::vector<StationId> workersOutOfReach)
    {
        unreachable = workersOutOfReach;
    }
};

} // namespace ns3::wfl::test

#endif // WFL_RADIO_BENCH_H
