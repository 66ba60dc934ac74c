/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

/**
 * Forward error correction: the code against field arithmetic written out here and every pattern of
 * erasures, the layout by what it promises, and the transport by what its receivers get without
 * repair, the share of which is that of the binomial distribution.
 */

#include "ns3/wfl-erasure-code.h"
#include "ns3/wfl-fec-decoder.h"
#include "ns3/wfl-fec-layout.h"

#include "wfl-transport-bench.h"

#include <algorithm>
#include <cmath>
#include <gtest/gtest.h>
#include <numeric>
#include <set>

namespace ns3::wfl
{

namespace
{

using test::Datagram;
using test::Fate;
using test::MODEL;
using test::UPLOAD;
using Symbol = ErasureCode::Symbol;

class WflErasureCode : public testing::Test
{
  protected:
    void SetUp() override
    {
        if (!ErasureCode::IsAvailable())
        {
            GTEST_SKIP() << "this build has no ISA-L";
        }
    }
};

using WflFecDecoder = WflErasureCode;

class WflFec : public test::TransportBench
{
  protected:
    void SetUp() override
    {
        if (!ErasureCode::IsAvailable())
        {
            GTEST_SKIP() << "this build has no ISA-L";
        }
    }
};

/** Product in GF(2^8) with the polynomial x^8 + x^4 + x^3 + x^2 + 1. */
uint8_t
Multiply(uint8_t a, uint8_t b)
{
    uint32_t product = 0;
    for (uint32_t bit = 0; bit < 8; ++bit)
    {
        product ^= (b >> bit & 1U) * (uint32_t{a} << bit);
    }
    for (uint32_t bit = 15; bit >= 8; --bit)
    {
        product ^= (product >> bit & 1U) * (0x11dU << (bit - 8));
    }
    return static_cast<uint8_t>(product);
}

uint8_t
Inverse(uint8_t a)
{
    uint8_t b = 1;
    while (Multiply(a, b) != 1)
    {
        ++b;
    }
    return b;
}

std::vector<Symbol>
RandomSymbols(uint32_t count, uint32_t length, fl::Random& random)
{
    std::vector<Symbol> symbols(count, Symbol(length));
    for (auto& symbol : symbols)
    {
        for (auto& byte : symbol)
        {
            byte = static_cast<uint8_t>(random.Below(256));
        }
    }
    return symbols;
}

/** A message of segments of 0 to 79 random bytes. */
fl::EncodedMessage
RandomMessage(uint32_t segments, fl::Random& random)
{
    fl::EncodedMessage message{fl::WireFormat::RICE32, 0, {}, {}, 0};
    for (uint32_t i = 0; i < segments; ++i)
    {
        const auto body = RandomSymbols(1, random.Below(80), random).front();
        message.segments.push_back({random.Below(1U << 31) << 1,
                                    0,
                                    static_cast<uint32_t>(message.bytes.size()),
                                    static_cast<uint32_t>(body.size())});
        message.bytes.insert(message.bytes.end(), body.begin(), body.end());
    }
    return message;
}

Symbol
BodyOf(const fl::EncodedMessage& message, uint32_t index)
{
    const auto& slice = message.segments[index];
    const auto first = message.bytes.begin() + slice.offset;
    return {first, first + slice.length};
}

/** One receiver of a message: what it has, of what was sent or computed. */
struct Receiver
{
    const fl::EncodedMessage& message;
    FecDecoder decoder;
    std::vector<bool> arrived;

    Receiver(const fl::EncodedMessage& sent, const FecLayout& layout)
        : message(sent),
          decoder(layout),
          arrived(sent.segments.size())
    {
    }

    void AddSegment(uint32_t index)
    {
        EXPECT_FALSE(arrived[index]);
        arrived[index] = true;
        Take(decoder.AddSegment(index, message.segments[index].first, BodyOf(message, index)));
    }

    void AddParity(uint32_t index, const Symbol& parity)
    {
        Take(decoder.AddParity(index, parity));
    }

    void Take(const std::vector<RecoveredSegment>& segments)
    {
        for (const auto& segment : segments)
        {
            EXPECT_FALSE(arrived[segment.index]) << "already here";
            EXPECT_EQ(segment.first, message.segments[segment.index].first);
            EXPECT_EQ(segment.body, BodyOf(message, segment.index));
            arrived[segment.index] = true;
        }
    }

    uint32_t Missing() const
    {
        return static_cast<uint32_t>(std::count(arrived.begin(), arrived.end(), false));
    }
};

double
Binomial(uint32_t n, uint32_t i, double p)
{
    const double ways =
        std::exp(std::lgamma(n + 1.0) - std::lgamma(i + 1.0) - std::lgamma(n - i + 1.0));
    return ways * std::pow(p, i) * std::pow(1 - p, n - i);
}

} // namespace

/** Parity j of k sources s_i is the sum of s_i / (x_j + y_i), with x_j = k + j and y_i = i. */
TEST_F(WflErasureCode, ParitiesAreThoseOfTheCauchyMatrix)
{
    fl::Random random({1, 1}, fl::Purpose::TEST);
    for (const auto& [k, m] : {std::pair<uint32_t, uint32_t>{1, 1}, {3, 2}, {16, 4}, {200, 56}})
    {
        const auto sources = RandomSymbols(k, 100, random);
        const auto parities = ErasureCode(k, m).Encode(sources);
        ASSERT_EQ(parities.size(), m);
        for (uint32_t j = 0; j < m; ++j)
        {
            Symbol expected(100);
            for (uint32_t i = 0; i < k; ++i)
            {
                const uint8_t factor = Inverse(static_cast<uint8_t>((k + j) ^ i));
                for (uint32_t b = 0; b < 100; ++b)
                {
                    expected[b] ^= Multiply(factor, sources[i][b]);
                }
            }
            EXPECT_EQ(parities[j], expected) << k << ", " << j;
        }
    }
}

/** Any k of n symbols give the sources: every choice, for all small codes. */
TEST_F(WflErasureCode, EveryPatternOfErasures)
{
    fl::Random random({1, 2}, fl::Purpose::TEST);
    for (uint32_t k = 1; k <= 7; ++k)
    {
        for (uint32_t m = 1; m <= 5; ++m)
        {
            const ErasureCode code(k, m);
            auto symbols = RandomSymbols(k, 1 + random.Below(90), random);
            const auto parities = code.Encode(symbols);
            symbols.insert(symbols.end(), parities.begin(), parities.end());
            for (uint32_t pattern = 0; pattern < 1U << (k + m); ++pattern)
            {
                std::map<uint32_t, Symbol> arrived;
                for (uint32_t place = 0; place < k + m; ++place)
                {
                    if (pattern >> place & 1)
                    {
                        arrived[place] = symbols[place];
                    }
                }
                if (arrived.size() != k)
                {
                    continue;
                }
                const auto recovered = code.Recover(arrived);
                for (uint32_t place = 0; place < k; ++place)
                {
                    ASSERT_EQ(arrived.count(place) + recovered.count(place), 1U);
                    if (recovered.count(place) > 0)
                    {
                        ASSERT_EQ(recovered.at(place), symbols[place]) << k << ", " << m;
                    }
                }
            }
        }
    }
}

/** Long blocks, random erasures, and symbols of all short lengths, even none. */
TEST_F(WflErasureCode, LongBlocks)
{
    fl::Random random({1, 3}, fl::Purpose::TEST);
    for (uint32_t length = 0; length < 150; ++length)
    {
        const uint32_t k = 1 + random.Below(255);
        const uint32_t m = 1 + random.Below(ErasureCode::MAX_SYMBOLS - k);
        const ErasureCode code(k, m);
        auto symbols = RandomSymbols(k, length, random);
        const auto parities = code.Encode(symbols);
        symbols.insert(symbols.end(), parities.begin(), parities.end());
        std::map<uint32_t, Symbol> arrived;
        while (arrived.size() < k)
        {
            const uint32_t place = random.Below(k + m);
            arrived[place] = symbols[place];
        }
        for (const auto& [place, symbol] : code.Recover(arrived))
        {
            ASSERT_EQ(symbol, symbols[place]) << k << ", " << m << ", " << length;
        }
    }
}

TEST(WflFecLayout, PromisesOfEveryLayout)
{
    for (const auto& code : std::vector<FecParameters>{{16, 20, 4},
                                                       {16, 20, 1},
                                                       {1, 2, 1},
                                                       {1, 3, 8},
                                                       {5, 6, 3},
                                                       {4, 10, 2},
                                                       {7, 8, 100},
                                                       {255, 256, 2},
                                                       {8, 8, 2}})
    {
        for (uint32_t segments = 1; segments <= 300; segments += segments < 70 ? 1 : 23)
        {
            SCOPED_TRACE(testing::Message() << segments << " segments, k = " << code.k
                                            << ", n = " << code.n << ", depth " << code.depth);
            const FecLayout layout(segments, code);
            ASSERT_EQ(layout.Segments().size(), segments);
            const uint32_t parts =
                static_cast<uint32_t>(std::ceil(segments / (double{1} * code.k * code.depth)));
            EXPECT_LE(layout.Blocks().size(), std::size_t{parts} * code.depth);
            std::size_t inBlocks = 0;
            for (const auto& block : layout.Blocks())
            {
                inBlocks += block.segments.size();
                EXPECT_LE(block.segments.size(), code.k);
                const double rate = double(code.n - code.k) / code.k;
                EXPECT_GE(block.parities.size(), std::ceil(rate * block.segments.size() - 1e-9));
                EXPECT_LE(block.parities.size(),
                          std::ceil(rate * (block.segments.size() + 1) - 1e-9));
                EXPECT_LE(block.segments.size() + block.parities.size(), code.n);
            }
            EXPECT_EQ(inBlocks, segments);
            // Places say where a datagram stands in its block, and everything leaves once.
            std::set<std::pair<bool, uint32_t>> left;
            for (const auto& datagram : layout.Order())
            {
                EXPECT_TRUE(left.emplace(datagram.isParity, datagram.index).second);
                const auto& places = datagram.isParity ? layout.Parities() : layout.Segments();
                const auto [block, symbol] = places.at(datagram.index);
                const auto& members = datagram.isParity ? layout.Blocks()[block].parities
                                                        : layout.Blocks()[block].segments;
                EXPECT_EQ(members.at(symbol), datagram.index);
            }
            EXPECT_EQ(left.size(), segments + layout.Parities().size());
        }
    }
}

/** A burst within a part as long as its blocks have parities takes from none more than it has. */
TEST(WflFecLayout, Bursts)
{
    for (const auto& code :
         std::vector<FecParameters>{{16, 20, 4}, {5, 6, 3}, {4, 10, 2}, {7, 8, 100}, {16, 20, 1}})
    {
        // One part.
        for (uint32_t segments = 1; segments <= code.k * code.depth; ++segments)
        {
            const FecLayout layout(segments, code);
            const auto& order = layout.Order();
            const std::size_t burst = layout.Parities().size();
            for (std::size_t start = 0; start + burst <= order.size(); ++start)
            {
                std::map<uint32_t, uint32_t> taken;
                for (std::size_t i = start; i < start + burst; ++i)
                {
                    const auto& places = order[i].isParity ? layout.Parities() : layout.Segments();
                    ++taken[places[order[i].index].block];
                }
                for (const auto& [block, count] : taken)
                {
                    ASSERT_LE(count, layout.Blocks()[block].parities.size()) << segments;
                }
            }
        }
    }
}

/** Whatever arrives in whatever order: all that can be computed is, as soon as possible. */
TEST_F(WflFecDecoder, ComputesWhatCanBe)
{
    for (uint32_t run = 1; run <= 300; ++run)
    {
        SCOPED_TRACE(run);
        fl::Random random({2, run}, fl::Purpose::TEST);
        FecParameters code{1 + random.Below(12), 0, 1 + random.Below(4)};
        code.n = code.k + 1 + random.Below(8);
        const auto message = RandomMessage(1 + random.Below(60), random);
        const FecLayout layout(static_cast<uint32_t>(message.segments.size()), code);
        const auto parities = ParitiesOf(message, layout);
        auto order = layout.Order();
        for (std::size_t i = order.size(); i > 1; --i)
        {
            std::swap(order[i - 1], order[random.Below(static_cast<uint32_t>(i))]);
        }
        Receiver receiver(message, layout);
        std::vector<std::size_t> got(layout.Blocks().size());
        const double loss = random.Uniform();
        for (const auto& datagram : order)
        {
            if (random.Uniform() < loss || (!datagram.isParity && receiver.arrived[datagram.index]))
            {
                continue;
            }
            const auto& places = datagram.isParity ? layout.Parities() : layout.Segments();
            const uint32_t index = places[datagram.index].block;
            const auto& block = layout.Blocks()[index];
            if (datagram.isParity)
            {
                receiver.AddParity(datagram.index, parities[datagram.index]);
                receiver.AddParity(datagram.index, parities[datagram.index]); // once more
            }
            else
            {
                receiver.AddSegment(datagram.index);
            }
            const bool isEnough = ++got[index] >= block.segments.size();
            const bool isWhole =
                std::all_of(block.segments.begin(),
                            block.segments.end(),
                            [&receiver](uint32_t i) { return receiver.arrived[i]; });
            EXPECT_EQ(isWhole, isEnough);
        }
        // What is then needed is what each block lacks, and suffices.
        std::size_t lacking = 0;
        for (std::size_t b = 0; b < got.size(); ++b)
        {
            lacking += std::max(got[b], layout.Blocks()[b].segments.size()) - got[b];
        }
        const auto needed = fl::ToNumbers(receiver.decoder.Needed(receiver.arrived));
        EXPECT_EQ(needed.size(), lacking);
        for (const uint32_t i : needed)
        {
            receiver.AddSegment(i);
        }
        EXPECT_EQ(receiver.Missing(), 0U);
    }
}

/** What no sender sends is left aside, or its block stays as it is; nothing is read past its end.
 */
TEST_F(WflFecDecoder, MalformedParities)
{
    fl::Random random({3, 1}, fl::Purpose::TEST);
    const auto message = RandomMessage(8, random);
    const FecLayout layout(8, {4, 6, 2});
    const auto parities = ParitiesOf(message, layout);
    const auto& block = layout.Blocks()[0];
    Receiver receiver(message, layout);
    receiver.AddParity(static_cast<uint32_t>(parities.size()), parities[0]);
    receiver.AddParity(UINT16_MAX, parities[0]);
    receiver.AddParity(block.parities[0], {});
    receiver.AddParity(block.parities[0], Symbol(FEC_SYMBOL_HEADER_BYTES - 1));
    receiver.AddParity(block.parities[1], parities[block.parities[1]]);
    auto longer = parities[block.parities[0]];
    longer.push_back(0);
    receiver.AddParity(block.parities[0], longer);
    EXPECT_EQ(receiver.Missing(), 8U);
    receiver.AddSegment(block.segments[0]);
    receiver.AddSegment(block.segments[1]);
    EXPECT_EQ(receiver.Missing(), 6U) << "the parity that did not fit does not count";
    receiver.AddParity(block.parities[0], parities[block.parities[0]]);
    EXPECT_EQ(receiver.Missing(), 4U);

    // Parities that are shorter than a segment of their block, or whose symbols lie about lengths.
    for (uint32_t length = FEC_SYMBOL_HEADER_BYTES; length < 100; ++length)
    {
        FecDecoder decoder(layout);
        decoder.AddSegment(block.segments[0], 0, Symbol(50, 1));
        decoder.AddSegment(block.segments[1], 8, Symbol(50, 2));
        decoder.AddParity(block.parities[0], RandomSymbols(1, length, random).front());
        const auto recovered =
            decoder.AddParity(block.parities[1], RandomSymbols(1, length, random).front());
        for (const auto& segment : recovered)
        {
            EXPECT_LE(segment.body.size() + FEC_SYMBOL_HEADER_BYTES, length);
        }
        if (length < 56)
        {
            EXPECT_TRUE(recovered.empty());
        }
    }
}

/** As many losses as a block has parities are mended without a word; parities leave in their turn.
 */
TEST_F(WflFec, MendsWithoutRepair)
{
    for (const bool repair : {false, true})
    {
        SCOPED_TRACE(repair);
        Simulator::Destroy();
        m_ends.clear();
        m_fec = {8, 10, 2};
        Open(repair);
        m_channel->script = [](Datagram& datagram)
        {
            // Four in a row of the first sixteen, the parities of the second part.
            const auto& header = datagram.header;
            const bool lost =
                header.type == MessageType::UPLOAD && header.index >= 5 && header.index < 9;
            const bool parity = header.type == MessageType::PARITY && header.index >= 4;
            return lost || parity ? Fate{} : Fate{MilliSeconds(1)};
        };
        Send(0, UPLOAD, 32, {SERVER});
        Run();
        ExpectWhole(SERVER, 0, UPLOAD, 32);
        ExpectReported(0, {{SERVER, true}});
        EXPECT_EQ(CountSent(MessageType::UPLOAD), 32U);
        EXPECT_EQ(CountSent(MessageType::PARITY), 8U);
        EXPECT_EQ(CountSent(MessageType::REPORT), 1U);
        EXPECT_EQ(m_channel->sent.at(16).header.type, MessageType::PARITY);
        EXPECT_EQ(m_channel->sent.at(20).header.type, MessageType::UPLOAD);
        EXPECT_TRUE(m_channel->sent.at(39).header.end);
        EXPECT_EQ(std::count_if(m_channel->sent.begin(),
                                m_channel->sent.end(),
                                [](const Datagram& datagram) {
                                    return datagram.header.end &&
                                           datagram.header.type != MessageType::REPORT;
                                }),
                  1);
    }
}

/** If nothing is lost, parities cause no report: silence tells, as it does without them. */
TEST_F(WflFec, NoNeedlessReports)
{
    m_fec = {8, 10, 2};
    Open(true);
    Send(0, UPLOAD, 30, {SERVER});
    Run();
    ExpectWhole(SERVER, 0, UPLOAD, 30);
    EXPECT_EQ(SentAt(MessageType::REPORT, SERVER), test::Times{51000});
    EXPECT_EQ(CountSent(MessageType::PROBE), 0U);
}

/** Repair is asked for when the parities have had their chance, and only for what they leave. */
TEST_F(WflFec, RepairsTheRest)
{
    m_fec = {8, 10, 1};
    Open(true);
    // Of the second of four blocks three segments and a parity: two are needed.
    LoseFirst(4,
              [](const Datagram& datagram)
              {
                  const auto& header = datagram.header;
                  return header.type == MessageType::PARITY
                             ? header.index == 2
                             : header.index >= 10 && header.index < 13;
              });
    Send(0, UPLOAD, 32, {SERVER});
    Run();
    ExpectWhole(SERVER, 0, UPLOAD, 32);
    ExpectReported(0, {{SERVER, true}});
    const auto reports = ReportsOf(SERVER);
    EXPECT_EQ(TransportBench::BodyOf(reports.at(0)),
              (std::pair<uint8_t, fl::Ranges>{1, {{10, 12}}}));
    EXPECT_EQ(CountSent(MessageType::UPLOAD), 34U);
    EXPECT_EQ(CountSent(MessageType::PARITY), 8U);
}

/** Without repair what the parities leave is lost, and the sender hears of it. */
TEST_F(WflFec, LosesTheRest)
{
    m_fec = {8, 10, 1};
    Open(false);
    LoseFirst(3,
              [](const Datagram& datagram) {
                  return datagram.header.type == MessageType::UPLOAD && datagram.header.index >= 10;
              });
    Send(0, UPLOAD, 32, {SERVER});
    Run();
    EXPECT_EQ((m_ends.at(SERVER).segments[{0, UPLOAD}].size()), 29U);
    EXPECT_EQ((m_ends.at(SERVER).ends[{0, UPLOAD}]), 1U);
    ExpectReported(0, {{SERVER, false}});
    EXPECT_EQ(CountSent(MessageType::UPLOAD), 32U);
}

/** A group: every receiver misses something else, and the same parities mend it all. */
TEST_F(WflFec, OneParityMendsDifferentLosses)
{
    m_fec = {9, 12, 1};
    Open(true);
    m_channel->script = [](Datagram& datagram)
    {
        const bool lost =
            datagram.header.type == MessageType::MODEL && datagram.header.index % 3 == datagram.to;
        return lost ? Fate{} : Fate{MilliSeconds(1)};
    };
    Send(SERVER, MODEL, 36, {0, 1, 2});
    Run();
    for (StationId worker = 0; worker < WORKERS; ++worker)
    {
        ExpectWhole(worker, SERVER, MODEL, 36);
    }
    EXPECT_EQ(m_channel->groupSent[MessageType::MODEL], 36U);
    EXPECT_EQ(m_channel->groupSent[MessageType::PARITY], 12U);
    ExpectReported(SERVER, {{0, true}, {1, true}, {2, true}});
}

/** Of the segments of a message none arrives, but as many parities: they tell all. */
TEST_F(WflFec, ParitiesAlone)
{
    m_fec = {5, 10, 1};
    Open(false);
    m_channel->script = [](Datagram& datagram)
    {
        return datagram.header.type == MessageType::UPLOAD ? Fate{} : Fate{MilliSeconds(1)};
    };
    Send(0, UPLOAD, 5, {SERVER}, true);
    Run();
    ExpectWhole(SERVER, 0, UPLOAD, 5);
    ExpectReported(0, {{SERVER, true}});
}

/** Important segments leave before all else; the parities keep their places behind the others. */
TEST_F(WflFec, ImportantFirst)
{
    m_fec = {2, 3, 1};
    m_importantFirst = true;
    Open(false);
    auto message = *MakeMessage(4);
    message.important = {{3, 4}};
    m_ends.at(0).transport->Send(
        {UPLOAD, std::make_shared<const fl::EncodedMessage>(message), {SERVER}, false});
    Run();
    ExpectWhole(SERVER, 0, UPLOAD, 4);
    std::vector<std::pair<bool, uint16_t>> order;
    for (const auto& datagram : m_channel->sent)
    {
        if (datagram.from == 0)
        {
            order.emplace_back(datagram.header.type == MessageType::PARITY, datagram.header.index);
        }
    }
    EXPECT_EQ(order,
              (std::vector<std::pair<bool, uint16_t>>{{false, 3},
                                                      {false, 0},
                                                      {false, 1},
                                                      {true, 0},
                                                      {false, 2},
                                                      {true, 1}}));
}

/** Control has no parities: it is repaired. */
TEST_F(WflFec, ControlHasNone)
{
    m_fec = {5, 10, 1};
    Open(false);
    Send(SERVER, test::RECEIPT, 10, {1});
    Send(SERVER, test::OPEN, 1, {1});
    Run();
    EXPECT_EQ(CountSent(MessageType::PARITY), 0U);
    ExpectWhole(1, SERVER, test::RECEIPT, 10);
}

/** Loss, duplication, reordering and damaged headers with parities, many times. */
TEST_F(WflFec, Chaos)
{
    for (uint32_t run = 0; run < 60; ++run)
    {
        SCOPED_TRACE(run);
        Simulator::Destroy();
        m_ends.clear();
        fl::Random random({4, run + 1}, fl::Purpose::TEST);
        m_fec.k = 1 + random.Below(20);
        m_fec.n = m_fec.k + 1 + random.Below(20);
        m_fec.depth = 1 + random.Below(5);
        Open(true);
        m_channel->script = [&random](Datagram& datagram)
        {
            Fate fate;
            for (uint32_t copies = random.Below(3); copies > 0; --copies)
            {
                fate.push_back(MicroSeconds(100 + random.Below(50000)));
            }
            if (random.Below(5) == 0)
            {
                std::vector<uint8_t> bytes(datagram.packet->GetSize());
                datagram.packet->CopyData(bytes.data(), datagram.packet->GetSize());
                bytes[random.Below(SegmentHeader::BYTES)] ^=
                    static_cast<uint8_t>(1 + random.Below(255));
                datagram.packet = Create<Packet>(bytes.data(), static_cast<uint32_t>(bytes.size()));
            }
            return fate;
        };
        Send(0, UPLOAD, 60, {SERVER});
        Send(1, UPLOAD, 1, {SERVER});
        Send(SERVER, MODEL, 60, {0, 1, 2});
        Run();
        ExpectWhole(SERVER, 0, UPLOAD, 60);
        ExpectWhole(SERVER, 1, UPLOAD, 1);
        for (StationId worker = 0; worker < WORKERS; ++worker)
        {
            ExpectWhole(worker, SERVER, MODEL, 60);
        }
        ExpectReported(0, {{SERVER, true}});
        ExpectReported(1, {{SERVER, true}});
    }
}

/**
 * Segments that stay lost under independent loss p: one is, if it is lost itself and at least n - k
 * of the other n - 1 datagrams of its block are, too.
 */
TEST_F(WflFec, ResidualLossIsBinomial)
{
    struct Case
    {
        FecParameters code;
        double p;
    };
    for (const auto& [code, p] : {Case{{16, 20, 1}, 0.1},
                                  Case{{16, 20, 4}, 0.2},
                                  Case{{4, 6, 1}, 0.15},
                                  Case{{1, 2, 3}, 0.3}})
    {
        Simulator::Destroy();
        m_ends.clear();
        m_fec = code;
        Open(false);
        fl::Random random({5, 1}, fl::Purpose::TEST);
        const double rate = p;
        m_channel->script = [&random, rate](Datagram& datagram)
        {
            const auto type = datagram.header.type;
            const bool isData = type == MessageType::UPLOAD || type == MessageType::PARITY;
            return isData && random.Uniform() < rate ? Fate{} : Fate{MilliSeconds(1)};
        };
        constexpr uint32_t messages = 2000;
        const uint32_t segments = 3 * code.k * code.depth; // full blocks
        for (uint16_t i = 0; i < messages; ++i)
        {
            Send(0, {MessageType::UPLOAD, 0, i}, segments, {SERVER});
        }
        Run();
        std::vector<double> lost; // share of each message
        for (uint16_t i = 0; i < messages; ++i)
        {
            const auto& got = m_ends.at(SERVER).segments[{0, {MessageType::UPLOAD, 0, i}}];
            lost.push_back(1 - double(got.size()) / segments);
        }
        double enough = 0; // of the other datagrams lost
        for (uint32_t i = code.n - code.k; i < code.n; ++i)
        {
            enough += Binomial(code.n - 1, i, p);
        }
        const double expected = p * enough;
        const double mean = std::accumulate(lost.begin(), lost.end(), 0.0) / messages;
        double squares = 0;
        for (const double share : lost)
        {
            squares += (share - mean) * (share - mean);
        }
        const double sigma = std::sqrt(squares / messages / messages);
        EXPECT_NEAR(mean, expected, 5 * sigma) << code.n << ", " << code.k;
        EXPECT_GT(expected, 10 * sigma) << "this case shows something";
    }
}

} // namespace ns3::wfl
