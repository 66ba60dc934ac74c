/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

/**
 * Bytes and airtime that a run reports, against what follows from the formulas of the wire formats,
 * and against what is seen at the workers' sockets.
 */

#include "ns3/ipv4-l3-protocol.h"
#include "ns3/udp-header.h"
#include "ns3/wfl-channel-model.h"
#include "ns3/wfl-segment-header.h"

#include "wfl-test-helpers.h"

#include <cmath>
#include <gtest/gtest.h>
#include <map>
#include <utility>
#include <vector>

namespace ns3::wfl
{

namespace
{

using test::CallScenario;
using test::CleanState;
using test::RadioRun;
using test::ReadCsv;
using test::RunRadio;
using test::SMALL_ARGUMENTS;
using test::TempFolder;
using test::With;

/** Uploads of a method, by hand. */
struct Format
{
    std::string algorithm; ///< as the user types it
    uint32_t theoryBytes;  ///< of one unlimited segment, by the formula of its wire format
    uint32_t segments;     ///< of at most 64 bytes
    uint32_t addedBytes;   ///< by cutting into these
};

/**
 * Uploads of 1764 numbers (6 features, 160 hidden units, 4 classes), as in doc/algorithms.md:
 *  - 4 bytes a number, 16 in a segment;
 *  - a bit a number, 512 in a segment;
 *  - 9 bits a number, 7 groups of 8 in a segment;
 *  - 177 values of 4 bytes behind a seed of 8; cut, the seed and 4 bytes more in each segment, and
 *    13 values;
 *  - 7 steps in a byte, a scale of 4 bytes, 4 bits a number; cut, these 5 bytes in each segment,
 *    and 118 numbers, in pairs.
 */
const std::vector<Format> g_formats{{"sgd", 4 * 1764, 111, 0},
                                    {"signsgd-mv", 221, 4, 0},
                                    {"natural", 1985, 32, 0},
                                    {"random-k[Density=0.1]", 8 + 4 * 177, 14, 13 * 8 + 14 * 4},
                                    {"qsgd[Bucket=0]", 1 + 4 + 882, 15, 14 * 5}};

/** What a channel puts on the air for the way up, from the first hello on. */
struct AirListener
{
    uint64_t bytes{0};
    Time airtime;

    void Note(const Transmission& transmission)
    {
        if (transmission.direction == Direction::UP)
        {
            bytes += transmission.bytes;
            airtime += transmission.duration;
        }
    }

    void Listen(const Ptr<ChannelModel>& channel)
    {
        channel->TraceConnectWithoutContext("Transmission", MakeCallback(&AirListener::Note, this));
    }
};

/** What a worker's socket hands to the internet stack below it, from the first hello on. */
struct SocketListener
{
    /** bytes of each datagram of an upload, by round and index */
    std::map<std::pair<uint16_t, uint16_t>, uint32_t> uploads;
    uint64_t bytes{0};     ///< of all datagrams, control and repetitions included
    uint64_t datagrams{0}; ///< number of all these

    void Note(const Ipv4Header& /* header */, Ptr<const Packet> sent, uint32_t /* interface */)
    {
        const auto datagram = sent->Copy();
        UdpHeader udp;
        datagram->RemoveHeader(udp);
        bytes += datagram->GetSize();
        ++datagrams;
        SegmentHeader header;
        datagram->PeekHeader(header);
        if (header.type == MessageType::UPLOAD)
        {
            uploads[{header.round, header.index}] = datagram->GetSize();
        }
    }

    void Listen(const Ptr<Node>& node)
    {
        node->GetObject<Ipv4L3Protocol>()->TraceConnectWithoutContext(
            "SendOutgoing",
            MakeCallback(&SocketListener::Note, this));
    }
};

} // namespace

/**
 * On links without loss an upload is its theory, what cutting adds, and 16 bytes of header a
 * segment: nothing else goes up, to the last byte.
 */
TEST(WflAccounting, Property72BytesOnLinks)
{
    const TempFolder folder;
    for (const std::string channel : {"ideal[MaxDatagramBytes=80]",
                                      "ideal[MaxDatagramBytes=80|Medium=Shared]",
                                      "link[MaxDatagramBytes=80|UplinkRate=uniform:1e6:1e7]"})
    {
        for (const auto& format : g_formats)
        {
            SCOPED_TRACE(channel + ", " + format.algorithm);
            const auto result = CallScenario(With(SMALL_ARGUMENTS,
                                                  {"--objective=mlp[Hidden=160]",
                                                   "--channel=" + channel,
                                                   "--algorithm=" + format.algorithm,
                                                   "--overwrite",
                                                   "--output=" + folder / "run"}));
            ASSERT_EQ(result.code, 0) << result.err;
            const uint32_t payload = format.theoryBytes + format.addedBytes;
            const uint32_t air = payload + SegmentHeader::BYTES * format.segments;
            for (const auto& row : ReadCsv(folder / "run/workers.csv"))
            {
                EXPECT_EQ(row.at("payload_bytes"), std::to_string(payload));
                EXPECT_EQ(row.at("segments_offered"), std::to_string(format.segments));
                EXPECT_EQ(row.at("air_bytes"), std::to_string(air));
            }
            const auto last = ReadCsv(folder / "run/rounds.csv").back();
            constexpr uint32_t uploads = 4 * 5;
            EXPECT_EQ(last.at("uplink_payload_bytes"), std::to_string(uploads * payload));
            EXPECT_EQ(last.at("uplink_air_bytes"), std::to_string(uploads * air));
            // Without the padding of the last byte.
            const double theory = std::stod(last.at("uplink_paper_bits")) / uploads / 8;
            EXPECT_EQ(std::ceil(theory), format.theoryBytes);
        }
    }
}

/**
 * The same at the sockets of Wi-Fi stations, where a datagram that was sent again counts once. On
 * the air there is more: 66 bytes of UDP, IP, LLC and MAC with every datagram, at least.
 */
TEST(WflAccounting, Property72BytesAtSockets)
{
    const CleanState clean;
    for (const auto& format : g_formats)
    {
        SCOPED_TRACE(format.algorithm);
        RadioRun run;
        run.algorithm = format.algorithm;
        run.objective = "mlp[Hidden=160]";
        run.channel = "wifi[MaxDatagramBytes=80]";
        AirListener air;
        std::vector<SocketListener> sockets(run.workers);
        run.prepare = [&](FederationHelper& helper)
        {
            air.Listen(helper.Channel());
            for (StationId worker = 0; worker < run.workers; ++worker)
            {
                sockets[worker].Listen(helper.Channel()->GetNode(worker));
            }
        };
        RunRadio(run);
        const uint32_t bytes = format.theoryBytes + format.addedBytes;
        uint64_t least = 0;
        for (const auto& socket : sockets)
        {
            EXPECT_EQ(socket.uploads.size(), run.rounds * format.segments);
            uint64_t sum = 0;
            for (const auto& upload : socket.uploads)
            {
                sum += upload.second;
            }
            EXPECT_EQ(sum, run.rounds * (bytes + SegmentHeader::BYTES * format.segments));
            least += socket.bytes + 66 * socket.datagrams;
        }
        EXPECT_GE(air.bytes, least);
    }
}

/**
 * However many workers share a channel, what goes up takes at least as long as its bytes at the
 * rate of the channel: exactly as long where the channel is a formula, and on Wi-Fi longer, in
 * which preambles, acknowledgements and collisions take their part. The rate of HeMcs7 in 20 MHz is
 * 1170 bits in 13.6 us (see WflEnergy.DurationsOfFrames).
 */
TEST(WflAccounting, Property74AirtimeOfASharedChannel)
{
    const CleanState clean;
    struct Case
    {
        std::string channel;
        double rateBps;
        bool formula;
    };
    const std::vector<Case> cases{
        {"ideal[Medium=Shared|UplinkRate=7Mbps]", 7e6, true},
        {"link[Medium=Shared|UplinkRate=3e6]", 3e6, true},
        {"csma[DataRate=7Mbps]", 7e6, true},
        {"dcf[WidthMhz=20]", 1170 / 13.6e-6, false},
        {"wifi[WidthMhz=20|RateControl=ns3::ConstantRateWifiManager|DataMode=HeMcs7]",
         1170 / 13.6e-6,
         false}};
    for (const auto& [channel, rateBps, formula] : cases)
    {
        for (const uint32_t workers : {1, 5, 20})
        {
            SCOPED_TRACE(channel + ", " + std::to_string(workers));
            RadioRun run;
            run.channel = channel;
            run.workers = workers;
            run.objective = "mlp[Hidden=160]";
            AirListener air;
            run.prepare = [&air](FederationHelper& helper)
            {
                air.Listen(helper.Channel());
            };
            const auto result = RunRadio(run);
            const double airtime = air.airtime.GetSeconds();
            if (formula)
            {
                EXPECT_NEAR(airtime, air.bytes * 8 / rateBps, 1e-6 * airtime);
            }
            // 1764 numbers of 4 bytes in five segments with headers.
            const double uploads = run.rounds * workers * (4 * 1764 + 5 * 16) * 8 / rateBps;
            EXPECT_GT(airtime, uploads);
            EXPECT_GT(result.records.back().end - result.records.front().start, Seconds(uploads));
        }
    }
}

} // namespace ns3::wfl
