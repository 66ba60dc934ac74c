/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

/**
 * What every channel owes, for every channel that is registered; and that the checks find what is
 * wrong with channels that are broken on purpose, each in a way of its own.
 */

#include "ns3/wfl-conformance.h"

#include "ns3/integer.h"
#include "ns3/node-list.h"
#include "ns3/random-variable-stream.h"

#include "wfl-test-helpers.h"

#include <algorithm>
#include <gtest/gtest.h>
#include <map>
#include <set>

namespace ns3::wfl
{

namespace
{

using test::CallScenario;
using test::CleanState;

} // namespace

/**
 * Stations that each send one datagram after the other at 1 us a byte, without loss; and a fault in
 * a word.
 */
class FaultyChannel : public ChannelModel
{
  public:
    static TypeId GetTypeId()
    {
        static TypeId tid =
            TypeId("ns3::wfl::FaultyChannel")
                .SetParent<ChannelModel>()
                .AddConstructor<FaultyChannel>()
                .AddAttribute("Fault",
                              "What is wrong with it.",
                              StringValue("none"),
                              MakeStringAccessor(&FaultyChannel::m_fault),
                              MakeStringChecker())
                .AddAttribute("MaxDatagramBytes",
                              "Longest datagram in bytes.",
                              UintegerValue(1472),
                              MakeUintegerAccessor(&FaultyChannel::m_maxDatagramBytes),
                              MakeUintegerChecker<uint32_t>(64));
        return tid;
    }

    void WhenReady(ReadyCallback ready) override
    {
        for (int i = 0; i < (Is("never-ready") ? 0 : Is("ready-twice") ? 2 : 1); ++i)
        {
            ready(Is("reaches-nobody") ? std::vector<StationId>{0, 1, 2}
                                       : std::vector<StationId>{});
        }
    }

    uint32_t MaxDatagramBytes(Direction) const override
    {
        return Is("tiny") ? 63 : m_maxDatagramBytes;
    }

    Time EstimateAirtime(Direction, uint64_t bytes) const override
    {
        const auto us = static_cast<int64_t>(bytes);
        return Is("estimates-high")  ? MilliSeconds(us)
               : Is("estimates-low") ? NanoSeconds(us)
                                     : MicroSeconds(us);
    }

    bool IsBacklogged(StationId from, StationId) const override
    {
        const auto busy = m_busyUntil.find(from);
        const bool waits = busy != m_busyUntil.end() && busy->second > Simulator::Now();
        return (waits && !Is("never-backlogged")) || (Is("backlogged") && from == 1);
    }

    bool IsFullDuplex() const override
    {
        return !Is("sends-and-receives");
    }

    bool HasGroupDelivery() const override
    {
        return true;
    }

    bool IsLossless() const override
    {
        return Is("loses-although-lossless");
    }

    uint32_t Domains() const override
    {
        return 2;
    }

    uint32_t DomainOf(StationId worker) const override
    {
        return Is("wrong-domain") ? worker % 2 : 0;
    }

    void SetLifetime(Time lifetime) override
    {
        m_lifetime = lifetime;
    }

  private:
    bool Is(const std::string& fault) const
    {
        return m_fault == fault;
    }

    void DoInstall() override
    {
        static uint32_t installed = 0;
        m_offset = Is("global-state") ? MicroSeconds(++installed) : Time();
        m_groupOffset = Is("global-group-state") ? MicroSeconds(++installed) : Time();
        if (Is("unassigned-stream") || Is("unassigned-group-stream"))
        {
            m_jitterUs = CreateObject<UniformRandomVariable>();
        }
    }

    Time Airtime(uint32_t bytes, bool isGroup)
    {
        const bool jitters = m_jitterUs && (isGroup || !Is("unassigned-group-stream"));
        const double jitterUs = jitters ? m_jitterUs->GetValue(0, 5) : 0;
        const double us = Is("shrinks") ? 1e6 / bytes : bytes;
        return (isGroup ? m_groupOffset : m_offset) + MicroSeconds(us) +
               NanoSeconds(1000 * jitterUs);
    }

    void DoSend(StationId from, StationId to, Ptr<Packet> packet) override
    {
        Transmit(from, {to}, packet);
    }

    void DoSendToGroup(const std::vector<StationId>& receivers, Ptr<Packet> packet) override
    {
        Transmit(SERVER, receivers, packet);
    }

    void Transmit(StationId from, const std::vector<StationId>& receivers, Ptr<Packet> packet)
    {
        const uint32_t bytes = packet->GetSize();
        const auto direction = from == SERVER ? Direction::DOWN : Direction::UP;
        const StationId worker = from != SERVER          ? from
                                 : receivers.size() == 1 ? receivers.front()
                                                         : GROUP;
        const uint32_t number = ++m_count[{worker, direction}];
        const bool isFifth = direction == Direction::UP && number % 5 == 0;
        const bool isLongest = bytes == m_maxDatagramBytes;
        const bool isGroup = receivers.size() > 1;
        const Time airtime = Airtime(bytes, isGroup);
        const Time start = std::max(m_busyUntil[from], Simulator::Now());
        const bool isBehind = !isGroup && start > Simulator::Now() + airtime * int64_t{30};
        const bool isExpired = isGroup == Is("expires-in-groups") &&
                               m_lifetime.IsStrictlyPositive() &&
                               start > Simulator::Now() + m_lifetime;
        if ((Is("drops-fifth") && isFifth) || (Is("drops-shortest") && bytes == 16) ||
            (Is("drops-tail") && isBehind) ||
            ((Is("expires-in-silence") || Is("expires-in-groups")) && isExpired) ||
            (Is("drops-rarely") && isLongest && !isGroup && number % 40 == 0))
        {
            return;
        }
        const Time end = start + airtime;
        m_busyUntil[from] = end;
        Simulator::Schedule(start - Simulator::Now(),
                            &FaultyChannel::Report,
                            this,
                            Transmission{start,
                                         Is("takes-no-time") ? Time() : airtime,
                                         0,
                                         from,
                                         direction,
                                         worker,
                                         bytes});
        const bool uploads = direction == Direction::UP && bytes == 736;
        m_uploads += uploads;
        const bool losesFifth = Is("gives-no-reason") || Is("loses-although-lossless");
        if ((losesFifth && isFifth) || (Is("gives-up") && uploads && m_uploads > 9))
        {
            Simulator::Schedule(end - Simulator::Now(),
                                &FaultyChannel::Lose,
                                this,
                                direction,
                                worker);
            return;
        }
        const Time arrival = Is("early") ? start + airtime / int64_t{2} : end;
        for (const StationId receiver : receivers)
        {
            if (Is("misses-one") && isGroup && receiver == receivers.back())
            {
                continue;
            }
            if (Is("misses-for-no-reason") && isGroup && number % 2 == 0)
            {
                m_lossTrace(direction, receiver, "");
                continue;
            }
            const bool isTwice =
                Is("delivers-twice") || (Is("delivers-longest-twice") && isLongest);
            if (!Is("never-listens"))
            {
                Simulator::Schedule(end - Simulator::Now(),
                                    &FaultyChannel::Listen,
                                    this,
                                    receiver,
                                    start,
                                    airtime);
            }
            for (int i = 0; i < (isTwice ? 2 : 1); ++i)
            {
                Simulator::Schedule(arrival - Simulator::Now(),
                                    &FaultyChannel::Arrive,
                                    this,
                                    from,
                                    receiver,
                                    packet->Copy());
            }
        }
    }

    void Report(const Transmission& transmission)
    {
        m_transmissionTrace(transmission);
        const auto& [start, duration, domain, transmitter, direction, worker, bytes] = transmission;
        if (!Is("sends-for-free"))
        {
            m_radioStateTrace(transmitter, RadioState::TX, start, duration);
        }
        if (Is("sends-asleep"))
        {
            m_radioStateTrace(transmitter, RadioState::SLEEP, start, duration / int64_t{2});
        }
        if (Is("sends-and-receives"))
        {
            m_radioStateTrace(transmitter, RadioState::RX, start, duration);
        }
        if (Is("stranger"))
        {
            m_transmissionTrace({start, duration, 0, 77, Direction::NONE, GROUP, 10});
        }
        if (Is("no-domain"))
        {
            m_transmissionTrace({start, duration, 2, transmitter, direction, worker, bytes});
        }
        if (Is("for-nobody"))
        {
            m_transmissionTrace({start, duration, 0, transmitter, direction, SERVER, bytes});
        }
    }

    void Listen(StationId station, Time start, Time duration)
    {
        m_radioStateTrace(station, RadioState::RX, start, duration);
    }

    void Lose(Direction direction, StationId worker)
    {
        m_lossTrace(direction, worker, Is("gives-no-reason") ? "" : "gave-up");
    }

    void Arrive(StationId from, StationId to, Ptr<Packet> packet)
    {
        std::vector<uint8_t> content(packet->GetSize());
        packet->CopyData(content.data(), packet->GetSize());
        content.back() ^= Is("alters") && content.size() == 737 ? 1 : 0;
        Deliver(from, to, Create<Packet>(content.data(), packet->GetSize()));
    }

    std::string m_fault;
    uint32_t m_maxDatagramBytes;
    std::map<StationId, Time> m_busyUntil;
    std::map<std::pair<StationId, Direction>, uint32_t> m_count;
    uint32_t m_uploads{0};
    Time m_offset;
    Time m_groupOffset;
    Time m_lifetime;
    Ptr<UniformRandomVariable> m_jitterUs;
};

WFL_REGISTER_CHANNEL(FaultyChannel, "test-faulty");

namespace
{

/** @return violations in a few lines */
std::string
Text(const std::vector<Violation>& violations)
{
    std::string text;
    for (const auto& [check, what, where] : violations)
    {
        text += check + ": " + what + " (" + where + ")\n";
    }
    return text;
}

/** Each fault and the check that is meant for it. */
const std::vector<std::pair<std::string, std::string>> FAULTS{
    {"never-ready", "ready"},
    {"ready-twice", "ready"},
    {"reaches-nobody", "ready"},
    {"tiny", "datagram-length"},
    {"drops-shortest", "datagram-length"},
    {"drops-fifth", "conservation"},
    {"drops-tail", "conservation"},
    {"drops-rarely", "conservation"},
    {"expires-in-silence", "conservation"},
    {"gives-no-reason", "conservation"},
    {"loses-although-lossless", "conservation"},
    {"delivers-twice", "once"},
    {"delivers-longest-twice", "once"},
    {"alters", "unaltered"},
    {"early", "causality"},
    {"takes-no-time", "transmissions"},
    {"for-nobody", "transmissions"},
    {"no-domain", "transmissions"},
    {"wrong-domain", "transmissions"},
    {"stranger", "transmissions"},
    {"sends-for-free", "radio-states"},
    {"sends-asleep", "radio-states"},
    {"never-listens", "radio-states"},
    {"sends-and-receives", "radio-states"},
    {"backlogged", "backlog"},
    {"never-backlogged", "backlog"},
    {"misses-one", "group-delivery"},
    {"misses-for-no-reason", "group-delivery"},
    {"expires-in-groups", "group-delivery"},
    {"global-state", "determinism"},
    {"global-group-state", "determinism"},
    {"unassigned-stream", "streams"},
    {"unassigned-group-stream", "streams"},
    {"shrinks", "time-grows"},
    {"estimates-high", "estimate"},
    {"estimates-low", "estimate"},
    {"gives-up", "reference-loop"},
};

} // namespace

TEST(WflConformance, FaultsAreFoundByTheCheckMeantForThem)
{
    const CleanState clean;
    EXPECT_EQ(Text(CheckChannel("test-faulty")), "");
    std::set<std::string> used;
    for (const auto& [fault, check] : FAULTS)
    {
        const auto violations = CheckChannel("test-faulty[Fault=" + fault + "]");
        std::set<std::string> found;
        for (const auto& violation : violations)
        {
            found.insert(violation.check);
        }
        EXPECT_EQ(found, std::set<std::string>{check}) << fault << "\n" << Text(violations);
        used.insert(check);
    }
    for (const auto& check : ChannelChecks())
    {
        EXPECT_EQ(used.count(check.name), 1U) << "no fault is meant for " << check.name;
    }
}

/** Every channel that is registered; those of tests are called test-. */
class WflEveryChannel : public ::testing::TestWithParam<std::string>
{
};

TEST_P(WflEveryChannel, DoesWhatItOwes)
{
    const CleanState clean;
    EXPECT_EQ(Text(CheckChannel(GetParam())), "");
}

/** What --timeline writes of a round is what its columns of airtime and bytes count. */
TEST_P(WflEveryChannel, TimelineIsWhatTheColumnsCount)
{
    const test::TempFolder folder;
    const auto result = CallScenario(
        test::With(test::SMALL_ARGUMENTS,
                   {"--channel=" + GetParam(), "--timeline=1:2", "--output=" + folder / "run"}));
    ASSERT_EQ(result.code, 0) << result.err;
    std::map<std::string, double> airtimeS;
    std::map<std::string, double> bytes;
    double before = 0;
    const auto rounds = test::ReadCsv(folder / "run/rounds.csv");
    for (const auto& row : test::ReadCsv(folder / "run/transmissions.csv"))
    {
        EXPECT_TRUE(row.at("round") == "1" || row.at("round") == "2");
        const double startS = std::stod(row.at("start_s"));
        EXPECT_GE(startS, before);
        EXPECT_GE(startS, std::stod(rounds.at(0).at("time_s")));
        EXPECT_LE(startS, std::stod(rounds.at(2).at("time_s")));
        EXPECT_GT(std::stod(row.at("duration_s")), 0);
        before = startS;
        airtimeS[row.at("direction")] += std::stod(row.at("duration_s"));
        bytes[row.at("direction")] += std::stod(row.at("bytes"));
    }
    const auto gained = [&rounds](const std::string& column)
    {
        return std::stod(rounds.at(2).at(column)) - std::stod(rounds.at(0).at(column));
    };
    EXPECT_GT(airtimeS["up"], 0);
    EXPECT_GT(airtimeS["down"], 0);
    EXPECT_NEAR(airtimeS["up"], gained("airtime_uplink_s"), 1e-9);
    EXPECT_NEAR(airtimeS["down"], gained("airtime_downlink_s"), 1e-9);
    EXPECT_EQ(bytes["up"], gained("uplink_air_bytes"));
    EXPECT_EQ(bytes["down"], gained("downlink_air_bytes"));
}

namespace
{

std::vector<std::string>
RegisteredChannels()
{
    std::vector<std::string> names;
    for (const auto& [name, entry] : TypeRegistry::Get("channel").Entries())
    {
        if (name.rfind("test-", 0) != 0)
        {
            names.push_back(name);
        }
    }
    return names;
}

} // namespace

INSTANTIATE_TEST_SUITE_P(Registered,
                         WflEveryChannel,
                         ::testing::ValuesIn(RegisteredChannels()),
                         [](const auto& info)
                         {
                             auto name = info.param;
                             std::replace(name.begin(), name.end(), '-', '_');
                             return name;
                         });

/** Not only with their defaults: lossy, slow, shared, behind a wire, at other run numbers. */
TEST(WflConformance, AttributesOfChannels)
{
    const CleanState clean;
    for (const std::string channel :
         {"ideal[Medium=Shared|Delay=2s|UplinkRate=1kbps|MaxDatagramBytes=64]",
          "link[Loss=0.3|Delay=exponential:0.1|UplinkRate=lognormal:1e6:1]",
          "link[Medium=Shared|UplinkRate=uniform:1e4:1e6|MaxDatagramBytes=65507]",
          "tdma[Rate=Fixed|GuardTime=1ms|Fading=Nakagami]",
          "tdma[Rate=Fixed|Outage=Retransmission|SpectralEfficiency=2|RadiusM=200]",
          "ofdma[Split=MinMax|Recompute=RoundStart|Fading=Rician|SpeedMps=30]",
          "ofdma[Rate=Fixed|Outage=Retransmission]",
          "ofdma[Fading=None|ShadowingSigmaDb=0|RadiusM=0]",
          "link[UplinkRate=100]",
          "dcf[MpduErrorRate=0.9]",
          "wifi[RateControl=ns3::ThompsonSamplingWifiManager]",
          "wifi[Propagation=ns3::LogDistancePropagationLossModel+"
          "ns3::NakagamiPropagationLossModel]",
          "wifi[Standard=80211n|Backhaul=true]",
          "wifi[Standard=80211ac|RadiusM=45|MaxDatagramBytes=100]"})
    {
        for (const uint64_t run : {1, 7})
        {
            RngSeedManager::SetRun(run);
            EXPECT_EQ(Text(CheckChannel(channel)), "") << channel << ", run " << run;
        }
    }
}

/** Some or all workers are out of reach, in this run or in the others that a check looks at. */
TEST(WflConformance, WorkersOutOfReach)
{
    const CleanState clean;
    for (const uint64_t run : {1, 2, 3, 4})
    {
        RngSeedManager::SetRun(run);
        for (const auto& violation : CheckChannel("wifi[RadiusM=100]"))
        {
            EXPECT_EQ(violation.check, "ready") << violation.what;
        }
    }
}

/** The number of the run changes something only where something is random. */
TEST(WflConformance, DependsOnRun)
{
    const CleanState clean;
    const std::map<std::string, bool> channels{{"ideal", false},
                                               {"ideal[Medium=Shared]", false},
                                               {"link", false},
                                               {"link[Loss=0.3]", true},
                                               {"link[Delay=uniform:0:1]", true},
                                               {"wifi", true}};
    for (const auto& [channel, random] : channels)
    {
        EXPECT_EQ(DependsOnRun(ObserveChannel(channel)), random) << channel;
    }
}

/** A channel that its attributes make impossible is the user's error, not a violation. */
TEST(WflConformance, MistakesAreNoViolations)
{
    const CleanState clean;
    EXPECT_THROW(CheckChannel("idael"), fl::UserError);
    EXPECT_THROW(CheckChannel("ideal[UplinkRate=0bps]"), fl::UserError);
    EXPECT_THROW(CheckChannel("ideal[Rate=1Mbps]"), fl::UserError);
}

/** Examining leaves ns-3 as it was: what follows draws what it would have drawn. */
TEST(WflConformance, LeavesNothingBehind)
{
    const CleanState clean;
    RngSeedManager::SetRun(5);
    CheckChannel("wifi");
    EXPECT_EQ(RngSeedManager::GetSeed(), 1U);
    EXPECT_EQ(RngSeedManager::GetRun(), 5U);
    EXPECT_EQ(NodeList::GetNNodes(), 0U);
    IntegerValue stream;
    CreateObject<UniformRandomVariable>()->GetAttribute("Stream", stream);
    EXPECT_EQ(stream.Get(), -1);
}

TEST(WflConformance, Option)
{
    const auto good = CallScenario({"--check=channel:ideal[Delay=1ms]"});
    EXPECT_EQ(good.code, 0);
    EXPECT_EQ(good.err, "");
    auto lines = test::Split(good.out, '\n');
    lines.pop_back();
    ASSERT_EQ(lines.size(), ChannelChecks().size());
    for (std::size_t i = 0; i < lines.size(); ++i)
    {
        EXPECT_EQ(lines[i].rfind("ok         " + ChannelChecks()[i].name + ": ", 0), 0U)
            << lines[i];
    }

    const auto bad = CallScenario({"--check=channel:test-faulty[Fault=early]"});
    EXPECT_EQ(bad.code, 1);
    EXPECT_EQ(bad.err, "");
    for (const auto& line : test::Split(bad.out, '\n'))
    {
        EXPECT_EQ(line.rfind("violation", 0) == 0, line.find("causality: ") != std::string::npos)
            << line;
    }
    EXPECT_NE(bad.out.find("\nviolation  causality: a datagram arrives at the server before"),
              std::string::npos)
        << bad.out;

    const auto deaf = CallScenario({"--check=channel:wifi[RadiusM=1000]"});
    EXPECT_EQ(deaf.code, 1);
    EXPECT_EQ(deaf.out,
              "violation  ready: not a single worker can be reached (20 s)\n"
              "a channel that does not become ready is not examined any further\n");

    const auto list = CallScenario({"--check=list"});
    EXPECT_EQ(list.code, 0);
    for (const auto& check : ChannelChecks())
    {
        EXPECT_NE(list.out.find(check.name + ": " + check.help + "\n"), std::string::npos);
    }
}

} // namespace ns3::wfl
