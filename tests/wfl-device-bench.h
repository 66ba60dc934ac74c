/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef WFL_DEVICE_BENCH_H
#define WFL_DEVICE_BENCH_H

#include "ns3/wfl-net-device-channel.h"

#include "wfl-test-helpers.h"

#include <functional>
#include <gtest/gtest.h>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace ns3::wfl::test
{

/** A channel of ns-3 devices alone, without transport and applications, and all it tells. */
struct DeviceBench
{
    /** A datagram that has arrived. */
    struct Arrival
    {
        StationId from;
        StationId to;
        uint32_t bytes;
        Time time; ///< since the channel was ready
    };

    Ptr<NetDeviceChannel> channel;
    Time ready;                           ///< when it could be used
    std::vector<StationId> unreachable{}; ///< by then
    std::vector<Arrival> arrivals{};
    std::vector<Transmission> transmissions{};                    ///< since it was ready
    std::map<std::pair<StationId, RadioState>, Time> radioTime{}; ///< likewise
    std::map<std::string, uint32_t> losses{};                     ///< by reason
    std::function<void(const Arrival&)> whenArrived{};            ///< called for each

    DeviceBench(const std::string& name, uint32_t workers, fl::RunSeed runSeed = {})
        : channel(TypeRegistry::Get("channel").Parse(name).Create<NetDeviceChannel>())
    {
        Simulator::Destroy();
        NodeContainer nodes;
        nodes.Create(workers);
        channel->Install(nodes, CreateObject<Node>(), runSeed);
        channel->SetReceiver(MakeCallback(&DeviceBench::Receive, this));
        channel->TraceConnectWithoutContext("Transmission", MakeCallback(&DeviceBench::Note, this));
        channel->TraceConnectWithoutContext("RadioState",
                                            MakeCallback(&DeviceBench::NoteState, this));
        channel->TraceConnectWithoutContext("Loss", MakeCallback(&DeviceBench::NoteLoss, this));
    }

    /**
     * Waits until the channel can be used, does something, and goes on until nothing happens any
     * more, or for some time.
     */
    void Run(std::function<void()> work, Time longest = Seconds(1000))
    {
        m_work = work;
        m_longest = longest;
        Simulator::ScheduleNow([this]
                               { channel->WhenReady(MakeCallback(&DeviceBench::Begin, this)); });
        Simulator::Run();
    }

    void Send(StationId from, StationId to, uint32_t bytes)
    {
        channel->Send(from, to, Create<Packet>(bytes));
    }

  private:
    std::function<void()> m_work;
    Time m_longest;

    void Begin(std::vector<StationId> workers)
    {
        unreachable = workers;
        ready = Simulator::Now();
        transmissions.clear();
        radioTime.clear();
        losses.clear();
        Simulator::Stop(m_longest);
        m_work();
    }

    void Receive(StationId from, StationId to, Ptr<Packet> packet)
    {
        arrivals.push_back({from, to, packet->GetSize(), Simulator::Now() - ready});
        if (whenArrived)
        {
            whenArrived(arrivals.back());
        }
    }

    void Note(const Transmission& transmission)
    {
        EXPECT_EQ(transmission.start, Simulator::Now());
        transmissions.push_back(transmission);
    }

    void NoteState(StationId station, RadioState state, Time /* start */, Time duration)
    {
        radioTime[{station, state}] += duration;
    }

    void NoteLoss(Direction /* direction */, StationId /* worker */, const std::string& reason)
    {
        ++losses[reason];
    }
};

} // namespace ns3::wfl::test

#endif // WFL_DEVICE_BENCH_H
