/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

/**
 * What a channel costs the host, without transport and learning:
 *
 *     wfl-channel-burst CHANNEL WORKERS BYTES ROUNDS
 *
 * In a round the server sends so many bytes to all workers at once, and when no more comes each
 * worker sends as many, all at the same time. Prints the mean simulated duration of a round and the
 * mean user time of the processor.
 */

#include "ns3/fl-error.h"
#include "ns3/node-container.h"
#include "ns3/simulator.h"
#include "ns3/wfl-channel-model.h"
#include "ns3/wfl-registry.h"

#include <algorithm>
#include <cstdint>
#include <iostream>
#include <string>
#include <sys/resource.h>
#include <vector>

using namespace ns3;
using namespace ns3::wfl;

namespace
{

/** @return user time of this process in seconds */
double
UserSeconds()
{
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    return static_cast<double>(usage.ru_utime.tv_sec) +
           1e-6 * static_cast<double>(usage.ru_utime.tv_usec);
}

/** Sends bursts over a channel. */
class Burst
{
  public:
    Burst(Ptr<ChannelModel> channel, uint32_t workers, uint64_t bytes)
        : m_channel(channel),
          m_bytes(bytes)
    {
        NodeContainer nodes(workers);
        channel->Install(nodes, CreateObject<Node>(), fl::RunSeed{});
        channel->SetReceiver(MakeCallback(&Burst::Receive, this));
        channel->TraceConnectWithoutContext("Loss", MakeCallback(&Burst::NoteLoss, this));
        channel->WhenReady(MakeCallback(&Burst::BeReady, this));
        for (StationId worker = 0; worker < workers; ++worker)
        {
            m_all.push_back(worker);
        }
        while (!m_isReady)
        {
            RunFor(MilliSeconds(100));
        }
        // First contact, one after the other, so that agreements on block acknowledgements stand.
        for (const StationId worker : m_all)
        {
            m_channel->Send(SERVER, worker, Create<Packet>(100));
            RunFor(MilliSeconds(10));
            m_channel->Send(worker, SERVER, Create<Packet>(100));
            RunFor(MilliSeconds(10));
        }
    }

    /** Down and up. */
    void Round()
    {
        const uint32_t longest = m_channel->MaxDatagramBytes(Direction::DOWN);
        const auto send = [this, longest](auto sendOne)
        {
            for (uint64_t left = m_bytes; left > 0;)
            {
                const auto bytes = static_cast<uint32_t>(std::min<uint64_t>(left, longest));
                sendOne(Create<Packet>(bytes));
                left -= bytes;
            }
        };
        m_expected = m_all.size() * ((m_bytes + longest - 1) / longest);
        send([this](Ptr<Packet> packet) { m_channel->SendToGroup(m_all, packet); });
        RunUntilAllCame();
        for (const StationId worker : m_all)
        {
            send([this, worker](Ptr<Packet> packet) { m_channel->Send(worker, SERVER, packet); });
        }
        m_expected = m_all.size() * ((m_bytes + longest - 1) / longest);
        RunUntilAllCame();
    }

  private:
    static void RunFor(Time time)
    {
        Simulator::Stop(time);
        Simulator::Run();
    }

    void RunUntilAllCame()
    {
        while (m_expected > 0)
        {
            Simulator::Run();
        }
    }

    void Receive(StationId /* from */, StationId /* to */, Ptr<Packet> /* packet */)
    {
        Come();
    }

    void NoteLoss(Direction /* direction */, StationId /* worker */, const std::string& /* why */)
    {
        Come();
    }

    void Come()
    {
        if (m_expected > 0 && --m_expected == 0)
        {
            Simulator::Stop();
        }
    }

    void BeReady(std::vector<StationId> /* unreachable */)
    {
        m_isReady = true;
    }

    Ptr<ChannelModel> m_channel;
    uint64_t m_bytes;
    std::vector<StationId> m_all;
    bool m_isReady{false};
    uint64_t m_expected{0};
};

} // namespace

int
main(int argc, char* argv[])
{
    const std::vector<std::string> arguments(argv + 1, argv + argc);
    if (arguments.size() != 4)
    {
        std::cerr << "usage: wfl-channel-burst CHANNEL WORKERS BYTES ROUNDS\n";
        return 2;
    }
    try
    {
        auto channel = TypeRegistry::Get("channel").Parse(arguments[0]).Create<ChannelModel>();
        const auto rounds = std::stoul(arguments[3]);
        Burst burst(channel,
                    static_cast<uint32_t>(std::stoul(arguments[1])),
                    std::stoull(arguments[2]));
        const Time start = Simulator::Now();
        const double hostStart = UserSeconds();
        for (unsigned long i = 0; i < rounds; ++i)
        {
            burst.Round();
        }
        const auto mean = [rounds](double total)
        {
            return total / static_cast<double>(rounds);
        };
        std::cout << "round_s=" << mean((Simulator::Now() - start).GetSeconds())
                  << " host_s=" << mean(UserSeconds() - hostStart) << "\n";
    }
    catch (const fl::UserError& error)
    {
        std::cerr << "wfl-channel-burst: " << error.what() << "\n";
        return 2;
    }
    Simulator::Destroy();
    return 0;
}
