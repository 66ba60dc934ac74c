/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

/** The base of channels whose senders share what there is, with models of a user's own. */

#include "ns3/wfl-fluid-channel.h"

#include "wfl-radio-bench.h"

#include <gtest/gtest.h>

namespace ns3::wfl
{

namespace
{

using test::CleanState;
using test::RadioBench;

/** A pipe of 1 Mb/s upwards that is divided by weight, the number of the worker plus 1. */
class PipeChannel : public FluidChannel
{
  public:
    static TypeId GetTypeId()
    {
        static TypeId tid =
            TypeId("PipeChannel").SetParent<FluidChannel>().AddConstructor<PipeChannel>();
        return tid;
    }

  private:
    std::vector<Grant> DoRates(const std::vector<Sender>& senders) override
    {
        double weights = 0;
        for (const auto& sender : senders)
        {
            weights += sender.worker + 1;
        }
        std::vector<Grant> grants;
        for (const auto& sender : senders)
        {
            const double share = (sender.worker + 1) / weights;
            grants.push_back({share * 1e6, share});
        }
        return grants;
    }

    double DoDownlinkRate(const std::vector<StationId>& receivers) override
    {
        return 1e6 / static_cast<double>(receivers.size());
    }
};

/** 1 Mb/s for each, but only in even milliseconds. */
class BlinkingChannel : public FluidChannel
{
  public:
    static TypeId GetTypeId()
    {
        static TypeId tid =
            TypeId("BlinkingChannel").SetParent<FluidChannel>().AddConstructor<BlinkingChannel>();
        return tid;
    }

  private:
    std::vector<Grant> DoRates(const std::vector<Sender>& senders) override
    {
        return std::vector<Grant>(senders.size(), {IsOn() ? 1e6 : 0, 1});
    }

    double DoDownlinkRate(const std::vector<StationId>& /* receivers */) override
    {
        return IsOn() ? 1e6 : 0;
    }

    Time DoNextChange() const override
    {
        return MilliSeconds(Simulator::Now().GetMilliSeconds() + 1);
    }

    static bool IsOn()
    {
        return Simulator::Now().GetMilliSeconds() % 2 == 0;
    }
};

WFL_REGISTER_CHANNEL(PipeChannel, "test-pipe");
WFL_REGISTER_CHANNEL(BlinkingChannel, "test-blinking");

} // namespace

/** Generalised processor sharing, by hand. */
TEST(WflFluidChannel, WeightedSharing)
{
    const CleanState clean;
    RadioBench bench("test-pipe", {1, 1});
    // 1 ms and 5 ms alone. Worker 1 has two thirds from the first millisecond on, and all from the
    // moment when worker 0 has ended; that one has a third for its 0.5 ms that are left then.
    bench.Send(0, SERVER, 125);
    bench.SendAt(MicroSeconds(500), 1, SERVER, 625);
    Simulator::Run();
    EXPECT_NEAR(bench.Ends().at(0), 2e-3, 2e-9);
    EXPECT_NEAR(bench.Ends().at(1), 6e-3, 2e-9);
    // Three pieces of transmissions: before, together twice, after.
    ASSERT_EQ(bench.transmissions.size(), 4U);
    EXPECT_EQ(bench.transmissions[0].duration, MicroSeconds(500));
    EXPECT_EQ(bench.transmissions[0].bytes, 0U) << "the bytes stand in the last piece";
    EXPECT_EQ(bench.states.at({SERVER, RadioState::RX}), MilliSeconds(6));
}

/** A sender sends its datagrams in order; the estimate is what they take together. */
TEST(WflFluidChannel, Estimate)
{
    const CleanState clean;
    RadioBench bench("test-pipe", {1, 1, 1});
    for (const StationId worker : {0, 1, 2})
    {
        bench.Send(worker, SERVER, 1250, 4);
    }
    EXPECT_TRUE(bench.channel->IsBacklogged(1, SERVER));
    EXPECT_FALSE(bench.channel->IsBacklogged(SERVER, 1));
    Simulator::Run();
    EXPECT_FALSE(bench.channel->IsBacklogged(1, SERVER));
    EXPECT_NEAR(bench.channel->EstimateAirtime(Direction::UP, 12500).GetSeconds(), 0.1, 1e-6);
}

/** A rate that is 0 for a while: half the speed, and nothing is given up meanwhile. */
TEST(WflFluidChannel, RatesThatAreZeroForAWhile)
{
    const CleanState clean;
    RadioBench bench("test-blinking", {1, 1});
    bench.Send(0, SERVER, 1250);
    bench.SendAt(MilliSeconds(1), 1, SERVER, 125);
    bench.Send(SERVER, 1, 1250);
    Simulator::Run();
    EXPECT_TRUE(bench.losses.empty());
    EXPECT_NEAR(bench.Ends().at(0), 19e-3, 1e-8);
    EXPECT_NEAR(bench.Ends().at(1), 3e-3, 1e-8);
    EXPECT_NEAR(bench.Ends().at(SERVER), 19e-3, 1e-8);
}

} // namespace ns3::wfl
