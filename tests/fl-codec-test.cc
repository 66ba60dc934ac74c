/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/fl-codec.h"

#include "ns3/fl-error.h"

#include "fl-codec-test-helpers.h"

#include <algorithm>
#include <gtest/gtest.h>
#include <set>
#include <string>
#include <utility>

namespace fl
{

namespace
{

using namespace test;

/** A segment with a body of its own, of which not a byte more may be read. */
struct OwnSegment
{
    explicit OwnSegment(const SegmentView& view)
        : header(view),
          body(view.data, view.data + view.length)
    {
    }

    SegmentView View()
    {
        body.shrink_to_fit();
        header.data = body.data();
        header.length = static_cast<uint32_t>(body.size());
        return header;
    }

    SegmentView header;
    std::vector<uint8_t> body;
};

/** The segments cover bytes and coordinates without gap or overlap, and keep to the limit. */
void
ExpectTiling(const EncodedMessage& message, uint32_t size, uint32_t maxSegmentBytes)
{
    ASSERT_EQ(message.dimension, size);
    ASSERT_FALSE(message.segments.empty());
    ASSERT_LT(static_cast<uint32_t>(message.format), WIRE_FORMATS);
    uint32_t first = 0;
    uint32_t offset = 0;
    for (const auto& segment : message.segments)
    {
        ASSERT_EQ(segment.first, first);
        ASSERT_EQ(segment.offset, offset);
        ASSERT_GT(segment.count, 0U);
        ASSERT_LE(segment.length, maxSegmentBytes);
        first += segment.count;
        offset += segment.length;
    }
    ASSERT_EQ(first, size);
    ASSERT_EQ(offset, message.bytes.size());
}

/** Some of the segments of a message, in any order: what arrived is right, the rest says nothing.
 */
template <typename S>
void
ExpectPartial(const Update<S>& update, const EncodedMessage& message, Random& random)
{
    auto order = AllSegments(message);
    random.Shuffle(order);
    order.resize(random.Below(static_cast<uint32_t>(order.size()) + 1));
    const auto partial = DecodeSome<S>(message, order);
    ASSERT_EQ(partial.update.index(), order.empty() ? DENSE : update.index());
    std::sort(order.begin(), order.end());
    Ranges arrived;
    for (const uint32_t i : order)
    {
        Append(arrived, {i, i + 1});
    }
    const auto present = message.Coordinates(arrived);
    ASSERT_EQ(partial.missing, Complement(present, message.dimension));
    const auto content = ContentOf<S>(partial.update);
    const auto sent = ContentOf<S>(update);
    ASSERT_EQ(content.size(), message.dimension);
    for (const auto& range : present)
    {
        ASSERT_TRUE(std::equal(content.begin() + range.first,
                               content.begin() + range.end,
                               sent.begin() + range.first));
    }
    for (const auto& range : partial.missing)
    {
        for (uint32_t i = range.first; i < range.end; ++i)
        {
            ASSERT_EQ(content[i].value, 0U) << "nothing leaks into what is missing";
        }
    }
}

/** Cuts an update at one segment size; whole, shuffled and with losses it must come back. */
template <typename S>
void
ExpectRoundTrip(const Update<S>& update, uint32_t size, uint32_t maxSegmentBytes, Random& random)
{
    const auto message = Encode(update, maxSegmentBytes);
    SCOPED_TRACE(NameOf(message) + ", " + std::to_string(maxSegmentBytes) + " bytes");
    ASSERT_NO_FATAL_FAILURE(ExpectTiling(message, size, maxSegmentBytes));
    auto order = AllSegments(message);
    random.Shuffle(order);
    const auto received = DecodeSome<S>(message, order);
    ASSERT_TRUE(received.Complete());
    ASSERT_TRUE(Same<S>(received.update, update));
    ASSERT_NO_FATAL_FAILURE(ExpectPartial<S>(update, message, random));
}

/**
 * Offers a segment to an assembler that holds some of the message, then the rest. What is refused
 * must leave no trace; what is taken must stay within bounds.
 */
template <typename S>
SegmentFault
Offer(const EncodedMessage& message, const std::vector<uint32_t>& before, OwnSegment& segment)
{
    UpdateAssembler<S> assembler(ShapeOf(message));
    for (const uint32_t i : before)
    {
        assembler.Add(ViewOf(message, i));
    }
    const auto fault = assembler.Add(segment.View());
    EXPECT_NE(std::string(Describe(fault)), "unknown");
    if (fault == SegmentFault::NONE)
    {
        const auto received = assembler.Finish();
        EXPECT_EQ(ContentOf<S>(received.update).size(), message.dimension);
        EXPECT_LE(Count(received.missing), message.dimension);
        return fault;
    }
    for (const uint32_t i : AllSegments(message))
    {
        if (std::find(before.begin(), before.end(), i) == before.end())
        {
            EXPECT_EQ(assembler.Add(ViewOf(message, i)), SegmentFault::NONE);
        }
    }
    const auto received = assembler.Finish();
    EXPECT_TRUE(received.Complete());
    EXPECT_TRUE(Same<S>(received.update, DecodeSome<S>(message, AllSegments(message)).update));
    return fault;
}

/** Whether a truncated segment of a format always shows: lengths say how many coordinates it has.
 */
bool
LengthIsFixed(WireFormat format)
{
    static const std::set<WireFormat> open{WireFormat::RICE16,
                                           WireFormat::RICE32,
                                           WireFormat::RICE64,
                                           WireFormat::RAW16,
                                           WireFormat::RAW32,
                                           WireFormat::RAW64,
                                           WireFormat::SEEDED16,
                                           WireFormat::SEEDED32,
                                           WireFormat::SEEDED64,
                                           WireFormat::TERNARY_RICE,
                                           WireFormat::TERNARY_RAW,
                                           WireFormat::SCALED_TERNARY_RICE,
                                           WireFormat::SCALED_TERNARY_RAW,
                                           WireFormat::QUANTISED_ELIAS};
    return open.count(format) == 0;
}

/** A message of one segment with a body written by hand. */
template <typename S>
SegmentFault
Judge(WireFormat format, const MessageShape& shape, std::vector<uint8_t> body)
{
    body.shrink_to_fit();
    UpdateAssembler<S> assembler(shape);
    return assembler.Add({format, 0, 1, 0, body.data(), static_cast<uint32_t>(body.size())});
}

template <typename S>
class FlCodecOf : public ::testing::Test
{
};

TYPED_TEST_SUITE(FlCodecOf, Scalars);

} // namespace

/** Every type at sizes around words and bytes, whole and in part, in any order. */
TYPED_TEST(FlCodecOf, Property1DecodingIsTheInverseAtAnySegmentSizeInAnyOrder)
{
    for (const uint32_t size : {1, 2, 4, 5, 6, 7, 8, 9, 63, 64, 65, 127, 320, 1000})
    {
        for (std::size_t type = 0; type < TYPES; ++type)
        {
            for (uint32_t seed = 1; seed <= 12; ++seed)
            {
                Random random({seed, 2}, Purpose::TEST, size, static_cast<uint32_t>(type));
                const auto update = AnyUpdate<TypeParam>(type, size, random);
                for (const uint32_t bytes : {24, 64, 80, 511, 1400, 65000})
                {
                    ASSERT_NO_FATAL_FAILURE(
                        ExpectRoundTrip<TypeParam>(update, size, bytes, random));
                }
            }
        }
    }
}

/** The same for a model of usual size in datagrams of usual size. */
TYPED_TEST(FlCodecOf, LargeUpdatesComeBack)
{
    constexpr uint32_t size = 159010;
    for (std::size_t type = 0; type < TYPES; ++type)
    {
        Random random({1, 3}, Purpose::TEST, static_cast<uint32_t>(type));
        const auto update = AnyUpdate<TypeParam>(type, size, random);
        ASSERT_NO_FATAL_FAILURE(ExpectRoundTrip<TypeParam>(update, size, 1400, random));
    }
}

/** Every segment size from the smallest to 200 bytes and an unlimited one give the same bits. */
TYPED_TEST(FlCodecOf, WhatIsDecodedDoesNotDependOnTheCutting)
{
    for (std::size_t type = 0; type < TYPES; ++type)
    {
        for (uint32_t seed = 1; seed <= 16; ++seed)
        {
            Random random({seed, 4}, Purpose::TEST, static_cast<uint32_t>(type));
            const uint32_t size = 1 + random.Below(seed == 1 ? 4000 : 300);
            const auto update = AnyUpdate<TypeParam>(type, size, random);
            const auto whole = Encode(update, UINT32_MAX);
            ASSERT_EQ(whole.segments.size(), 1U);
            ASSERT_TRUE(Same<TypeParam>(DecodeSome<TypeParam>(whole, {0}).update, update));
            for (uint32_t bytes = MIN_SEGMENT_BYTES; bytes <= 200; bytes += seed == 1 ? 11 : 1)
            {
                const auto message = Encode(update, bytes);
                SCOPED_TRACE(NameOf(message) + ", " + std::to_string(bytes) + " bytes");
                ASSERT_NO_FATAL_FAILURE(ExpectTiling(message, size, bytes));
                ASSERT_EQ(message.format, whole.format);
                ASSERT_EQ(message.paperBits, whole.paperBits);
                const auto received = DecodeSome<TypeParam>(message, AllSegments(message));
                ASSERT_TRUE(received.Complete());
                ASSERT_TRUE(Same<TypeParam>(received.update, update));
            }
        }
    }
}

/** Without scales and indices a message costs the same however it is cut, as bytes align. */
TYPED_TEST(FlCodecOf, CuttingCostsNothingWhereBytesAlign)
{
    for (const auto type : {DENSE, SIGN, TERNARY, NATURAL})
    {
        for (uint32_t seed = 1; seed <= 20; ++seed)
        {
            Random random({seed, 5}, Purpose::TEST);
            const auto update = AnyUpdate<TypeParam>(type, 1000, random);
            const auto whole = Encode(update, UINT32_MAX);
            if (LengthIsFixed(whole.format) && whole.format != WireFormat::TERNARY_BITMAP)
            {
                EXPECT_EQ(Encode(update, 77).bytes, whole.bytes) << NameOf(whole);
            }
        }
    }
}

/**
 * The last bits of a body belong to no coordinate: turned over they change nothing where every
 * coordinate has its place, and are refused where places are coded.
 */
TYPED_TEST(FlCodecOf, Property5PadBitsNeverLeak)
{
    uint32_t ignored = 0;
    uint32_t refused = 0;
    for (std::size_t type = 0; type < TYPES; ++type)
    {
        for (uint32_t seed = 1; seed <= 60; ++seed)
        {
            Random random({seed, 6}, Purpose::TEST, static_cast<uint32_t>(type));
            const auto update = AnyUpdate<TypeParam>(type, 1 + random.Below(200), random);
            const auto message = Encode(update, UINT32_MAX);
            OwnSegment padded(ViewOf(message, 0));
            for (uint64_t bit = message.paperBits; bit < message.bytes.size() * 8; ++bit)
            {
                padded.body[bit / 8] ^= static_cast<uint8_t>(1u << bit % 8);
                UpdateAssembler<TypeParam> assembler(ShapeOf(message));
                const auto fault = assembler.Add(padded.View());
                const bool pads = LengthIsFixed(message.format) &&
                                  message.format != WireFormat::TERNARY_BITMAP &&
                                  message.format != WireFormat::SCALED_TERNARY_BITMAP &&
                                  !std::holds_alternative<SparseUpdate<TypeParam>>(update);
                if (pads)
                {
                    ASSERT_EQ(fault, SegmentFault::NONE) << NameOf(message);
                    ASSERT_TRUE(Same<TypeParam>(assembler.Finish().update, update));
                    ++ignored;
                }
                else if (fault == SegmentFault::NONE)
                {
                    // Then these bits are another entry, as good as any.
                    ASSERT_FALSE(Same<TypeParam>(assembler.Finish().update, update));
                }
                else
                {
                    ASSERT_EQ(fault, SegmentFault::CODE) << NameOf(message);
                    ++refused;
                }
            }
        }
    }
    EXPECT_GT(ignored, 100U);
    EXPECT_GT(refused, 100U);
}

/** Every length cut short, bytes behind the end. */
TYPED_TEST(FlCodecOf, Property6TruncatedBodiesAreRefusedOrStayWithinBounds)
{
    for (std::size_t type = 0; type < TYPES; ++type)
    {
        for (uint32_t seed = 1; seed <= 24; ++seed)
        {
            Random random({seed, 7}, Purpose::TEST, static_cast<uint32_t>(type));
            const uint32_t size = 1 + random.Below(200);
            const auto update = AnyUpdate<TypeParam>(type, size, random);
            const auto message = Encode(update, seed % 2 == 0 ? 24 : 64);
            const auto total = static_cast<uint32_t>(message.segments.size());
            const uint32_t i = random.Below(3) == 0 ? random.Below(total) : total - 1;
            const OwnSegment sent(ViewOf(message, i));
            const auto before =
                total > 1 ? std::vector<uint32_t>{(i + 1) % total} : std::vector<uint32_t>{};
            for (std::size_t length = 0; length < sent.body.size(); ++length)
            {
                auto cut = sent;
                cut.body.resize(length);
                const auto fault = Offer<TypeParam>(message, before, cut);
                ASSERT_TRUE(fault != SegmentFault::NONE || !LengthIsFixed(message.format) ||
                            i + 1 < total)
                    << NameOf(message) << ", " << length;
            }
            auto longer = sent;
            longer.body.insert(longer.body.end(), 9, 0xff);
            ASSERT_NE(Offer<TypeParam>(message, before, longer), SegmentFault::NONE)
                << NameOf(message);
        }
    }
}

/** Thousands of damaged bodies: bits turned over, bytes replaced, dropped and repeated. */
TYPED_TEST(FlCodecOf, Property6DamagedBodiesAreRefusedOrStayWithinBounds)
{
    uint32_t taken = 0;
    uint32_t refused = 0;
    for (std::size_t type = 0; type < TYPES; ++type)
    {
        for (uint32_t seed = 1; seed <= 60; ++seed)
        {
            Random random({seed, 8}, Purpose::TEST, static_cast<uint32_t>(type));
            const uint32_t size = 1 + random.Below(300);
            const auto update = AnyUpdate<TypeParam>(type, size, random);
            const auto message = Encode(update, 24 + random.Below(60));
            const auto total = static_cast<uint32_t>(message.segments.size());
            for (uint32_t trial = 0; trial < 24; ++trial)
            {
                const uint32_t i = random.Below(total);
                OwnSegment damaged(ViewOf(message, i));
                auto& body = damaged.body;
                for (uint32_t hits = 1 + random.Below(3); hits > 0 && !body.empty(); --hits)
                {
                    const uint32_t end = static_cast<uint32_t>(body.size());
                    // The front, where numbers of all kinds stand, is hit as often as the rest.
                    const uint32_t at =
                        random.Below(random.Below(2) == 0 ? std::min(end, 14u) : end);
                    switch (random.Below(4))
                    {
                    case 0:
                        body[at] = static_cast<uint8_t>(random());
                        break;
                    case 1:
                        body.erase(body.begin() + at);
                        break;
                    case 2:
                        body.insert(body.begin() + at, body[at]);
                        break;
                    default:
                        body[at] ^= static_cast<uint8_t>(1u << random.Below(8));
                    }
                }
                const auto before =
                    total > 1 ? std::vector<uint32_t>{(i + 1) % total} : std::vector<uint32_t>{};
                const auto fault = Offer<TypeParam>(message, before, damaged);
                ASSERT_FALSE(this->HasFailure()) << NameOf(message);
                ++(fault == SegmentFault::NONE ? taken : refused);
            }
        }
    }
    EXPECT_GT(taken, 1000U);
    EXPECT_GT(refused, 1000U);
}

TYPED_TEST(FlCodecOf, Property6RandomBytesAreRefusedOrStayWithinBounds)
{
    Random random({1, 1}, Purpose::TEST);
    std::vector<uint32_t> taken(WIRE_FORMATS + 2);
    for (uint32_t i = 0; i < 60000; ++i)
    {
        const uint32_t size = 1 + random.Below(random.Below(2) == 0 ? 70 : 3000);
        const MessageShape shape{size, random.Below(4) == 0 ? nullptr : AnyBlocks(size, random)};
        std::vector<uint8_t> body(random.Below(90));
        for (auto& byte : body)
        {
            byte = static_cast<uint8_t>(random());
        }
        if (!body.empty() && random.Below(2) == 0)
        {
            body[0] %= 32; // a Rice parameter or a number of steps that exists
        }
        for (std::size_t scale = random.Below(2); scale + 4 < body.size() / 2; scale += 4)
        {
            body[scale + 3] &= 0x3f; // what may be a scale is finite and positive
        }
        body.shrink_to_fit();
        const uint32_t total = 1 + random.Below(3);
        const uint32_t index = random.Below(total);
        const uint32_t first = index == 0 ? 0 : random.Below(size);
        const uint32_t format = random.Below(WIRE_FORMATS + 2);
        UpdateAssembler<TypeParam> assembler(shape);
        const auto fault = assembler.Add({static_cast<WireFormat>(format),
                                          index,
                                          total,
                                          first,
                                          body.data(),
                                          static_cast<uint32_t>(body.size())});
        taken[format] += fault == SegmentFault::NONE;
        const auto received = assembler.Finish();
        ASSERT_EQ(Count(received.missing) == size, fault != SegmentFault::NONE);
        ASSERT_EQ(ContentOf<TypeParam>(received.update).size(), size);
        ASSERT_FALSE(this->HasFailure()) << format;
    }
    EXPECT_GT(std::count_if(taken.begin(), taken.end(), [](uint32_t n) { return n > 5; }), 15)
        << "the fuzz must reach the inside of the decoders";
    EXPECT_EQ(taken[WIRE_FORMATS] + taken[WIRE_FORMATS + 1], 0U);
}

TYPED_TEST(FlCodecOf, WrongHeadersAreRefusedOrStayWithinBounds)
{
    constexpr uint32_t size = 1000;
    for (std::size_t type = 0; type < TYPES; ++type)
    {
        for (uint32_t seed = 1; seed <= 6; ++seed)
        {
            Random random({seed, 9}, Purpose::TEST, static_cast<uint32_t>(type));
            const auto message = Encode(AnyUpdate<TypeParam>(type, size, random), 48);
            SCOPED_TRACE(NameOf(message));
            const auto total = static_cast<uint32_t>(message.segments.size());
            if (total < 4)
            {
                continue;
            }
            const std::vector<uint32_t> numbers{0,
                                                1,
                                                2,
                                                3,
                                                7,
                                                total - 1,
                                                total,
                                                total + 1,
                                                size - 1,
                                                size,
                                                size + 1,
                                                UINT32_MAX - 1,
                                                UINT32_MAX};
            for (const uint32_t i : {0u, 1u, total - 1})
            {
                const OwnSegment sent(ViewOf(message, i));
                const std::vector<uint32_t> before{2};
                for (const uint32_t number : numbers)
                {
                    auto wrong = sent;
                    wrong.header.index = number;
                    const auto index = Offer<TypeParam>(message, before, wrong);
                    ASSERT_TRUE(number < total || index != SegmentFault::NONE);
                    ASSERT_TRUE(i != 0 || number == 0 || index != SegmentFault::NONE);
                    wrong = sent;
                    wrong.header.total = number;
                    const auto totals = Offer<TypeParam>(message, before, wrong);
                    ASSERT_TRUE(number <= size || totals != SegmentFault::NONE)
                        << "more segments than coordinates";
                    ASSERT_TRUE(number > i || totals != SegmentFault::NONE);
                    wrong = sent;
                    wrong.header.first = number;
                    const auto first = Offer<TypeParam>(message, before, wrong);
                    ASSERT_TRUE(number < size || first != SegmentFault::NONE);
                    ASSERT_TRUE(i + 1 != total || number == sent.header.first ||
                                first != SegmentFault::NONE ||
                                (type != DENSE && type != SIGN && type != NATURAL))
                        << "the last segment ends where the update ends";
                }
            }
        }
    }
}

/** The formats of another update, those that the scalar does not have, and unknown ones. */
TYPED_TEST(FlCodecOf, OtherFormatsAreRefused)
{
    constexpr bool isFloat = sizeof(TypeParam) == 4;
    const std::set<WireFormat> foreign = isFloat ? std::set<WireFormat>{WireFormat::DENSE64,
                                                                        WireFormat::RICE64,
                                                                        WireFormat::RAW64,
                                                                        WireFormat::BITMAP64,
                                                                        WireFormat::SEEDED64,
                                                                        WireFormat::NATURAL12}
                                                 : std::set<WireFormat>{WireFormat::NATURAL9};
    const std::set<WireFormat> scaled{WireFormat::SCALED_SIGN,
                                      WireFormat::SCALED_SIGN_PAIR,
                                      WireFormat::SCALED_TERNARY,
                                      WireFormat::SCALED_TERNARY_BITMAP,
                                      WireFormat::SCALED_TERNARY_RICE,
                                      WireFormat::SCALED_TERNARY_RAW,
                                      WireFormat::QUANTISED_FIXED,
                                      WireFormat::QUANTISED_ELIAS};
    for (std::size_t type = 0; type < TYPES; ++type)
    {
        Random random({1, 10}, Purpose::TEST, static_cast<uint32_t>(type));
        const auto message = Encode(AnyUpdate<TypeParam>(type, 1000, random), 48);
        for (uint32_t number = 0; number < 256; ++number)
        {
            const auto format = static_cast<WireFormat>(number);
            OwnSegment wrong(ViewOf(message, 0));
            wrong.header.format = format;
            const auto alone = Offer<TypeParam>(message, {}, wrong);
            if (number >= WIRE_FORMATS || foreign.count(format) > 0 ||
                (!message.blocks && scaled.count(format) > 0))
            {
                ASSERT_EQ(alone, SegmentFault::FORMAT) << number;
            }
            if (message.segments.size() > 1 && format != message.format)
            {
                ASSERT_EQ(Offer<TypeParam>(message, {1}, wrong), SegmentFault::FORMAT) << number;
            }
        }
    }
}

/** The same segment again, and one that reaches into its neighbour. */
TYPED_TEST(FlCodecOf, OverlapsAreRefused)
{
    for (std::size_t type = 0; type < TYPES; ++type)
    {
        for (uint32_t seed = 1; seed <= 6; ++seed)
        {
            Random random({seed, 11}, Purpose::TEST, static_cast<uint32_t>(type));
            const auto update = AnyUpdate<TypeParam>(type, 1000, random);
            const auto message = Encode(update, 48);
            SCOPED_TRACE(NameOf(message));
            for (const uint32_t i : AllSegments(message))
            {
                OwnSegment again(ViewOf(message, i));
                ASSERT_EQ(Offer<TypeParam>(message, {i}, again), SegmentFault::OVERLAP);
            }
            const auto wide = Encode(update, 96);
            if (wide.segments.size() > 1 && wide.segments[0].count > message.segments[0].count)
            {
                OwnSegment over(ViewOf(wide, 0));
                ASSERT_EQ(Offer<TypeParam>(message, {1}, over), SegmentFault::OVERLAP);
                OwnSegment within(ViewOf(message, 1));
                ASSERT_EQ(Offer<TypeParam>(wide, {0}, within), SegmentFault::OVERLAP);
            }
        }
    }
}

/** An assembler that was finished begins anew. */
TYPED_TEST(FlCodecOf, AssemblersCanBeUsedAgain)
{
    const auto blocks = MakeBuckets(1000, 100);
    UpdateAssembler<TypeParam> assembler({1000, blocks});
    Random random({1, 12}, Purpose::TEST);
    const auto signs = AnySigns(1000, random);
    const std::vector<TypeParam> scales(10, 2);
    const std::vector<Update<TypeParam>> updates{
        signs,
        AnySparse<TypeParam>(1000, random),
        ScaledSignUpdate<TypeParam>{signs, blocks, scales, {}},
        ScaledSignUpdate<TypeParam>{signs, blocks, std::vector<TypeParam>(10, 3), {}},
        AnyTrits(1000, random)};
    for (const auto& update : updates)
    {
        const auto message = Encode(update, 511);
        for (const uint32_t i : AllSegments(message))
        {
            ASSERT_EQ(assembler.Add(ViewOf(message, i)), SegmentFault::NONE);
        }
        ASSERT_TRUE(Same<TypeParam>(assembler.Finish().update, update));
    }
    const auto nothing = assembler.Finish();
    EXPECT_EQ(nothing.missing, (Ranges{{0, 1000}}));
    EXPECT_EQ(std::get<DenseUpdate<TypeParam>>(nothing.update).values,
              std::vector<TypeParam>(1000));
}

/** Segments that disagree on the scale of a block, the number of steps, the seed or the count. */
TYPED_TEST(FlCodecOf, SegmentsOfOtherMessagesAreRefused)
{
    const auto blocks = MakeBuckets(1000, 0);
    const auto trits = [&]
    {
        auto all = TernaryUpdate::Zero(1000);
        for (uint32_t i = 0; i < 1000; ++i)
        {
            all.Set(i, i % 2 == 0 ? 1 : -1);
        }
        return all;
    }();
    const auto signs = SignUpdate::Positive(1000);
    using S = TypeParam;
    const auto levels = [&](uint32_t steps, S scale, LevelCode code)
    {
        return QuantisedUpdate<S>{blocks, steps, {scale}, std::vector<int32_t>(1000, 1), code};
    };
    const auto seeded = [](uint64_t seed, std::size_t count)
    {
        return SeededUpdate<S>{1000, seed, std::vector<S>(count, 1)};
    };
    const std::vector<std::pair<Update<S>, Update<S>>> pairs{
        {ScaledSignUpdate<S>{signs, blocks, {1}, {}}, ScaledSignUpdate<S>{signs, blocks, {2}, {}}},
        {ScaledSignUpdate<S>{signs, blocks, {1}, {-1}},
         ScaledSignUpdate<S>{signs, blocks, {1}, {-2}}},
        {ScaledTernaryUpdate<S>{trits, blocks, {1}}, ScaledTernaryUpdate<S>{trits, blocks, {2}}},
        {levels(5, 1, LevelCode::FIXED), levels(5, 2, LevelCode::FIXED)},
        {levels(5, 1, LevelCode::FIXED), levels(6, 1, LevelCode::FIXED)},
        {levels(5, 1, LevelCode::ELIAS), levels(5, 2, LevelCode::ELIAS)},
        {levels(5, 1, LevelCode::ELIAS), levels(6, 1, LevelCode::ELIAS)},
        {seeded(1, 1000), seeded(2, 1000)},
        {seeded(1, 999), seeded(1, 998)}};
    for (const auto& [one, other] : pairs)
    {
        const auto message = Encode(one, 48);
        const auto last = static_cast<uint32_t>(message.segments.size()) - 1;
        ASSERT_GT(last, 0U);
        OwnSegment stranger(ViewOf(Encode(other, 48), 0));
        EXPECT_EQ(Offer<S>(message, {last}, stranger), SegmentFault::CODE) << NameOf(message);
        EXPECT_EQ(Offer<S>(message, {}, stranger), SegmentFault::NONE) << NameOf(message);
    }
}

/** Scales that no method has: not a number, infinite, of the wrong sign. */
TEST(FlCodec, ImpossibleScalesAreRefused)
{
    const MessageShape shape{2, MakeBuckets(2, 0)};
    const std::vector<std::pair<uint32_t, bool>> scales{{0x3f800000, true},  // 1
                                                        {0x00000001, true},  // the smallest
                                                        {0x7f7fffff, true},  // the largest
                                                        {0x00000000, true},  // 0
                                                        {0x80000000, true},  // -0
                                                        {0xbf800000, false}, // -1
                                                        {0x7f800000, false}, // infinite
                                                        {0xff800000, false},
                                                        {0x7fc00000, false}, // not a number
                                                        {0xffc00001, false}};
    for (const auto& [bits, right] : scales)
    {
        const auto fault = right ? SegmentFault::NONE : SegmentFault::CODE;
        std::vector<uint8_t> scale;
        for (uint32_t i = 0; i < 4; ++i)
        {
            scale.push_back(static_cast<uint8_t>(bits >> (8 * i)));
        }
        const auto body = [&](std::vector<uint8_t> front, const std::vector<uint8_t>& back)
        {
            front.insert(front.end(), scale.begin(), scale.end());
            front.insert(front.end(), back.begin(), back.end());
            return front;
        };
        EXPECT_EQ(Judge<float>(WireFormat::SCALED_SIGN, shape, body({}, {0})), fault);
        EXPECT_EQ(Judge<float>(WireFormat::SCALED_TERNARY, shape, body({}, {0})), fault);
        EXPECT_EQ(Judge<float>(WireFormat::SCALED_TERNARY_BITMAP, shape, body({}, {0})), fault);
        EXPECT_EQ(Judge<float>(WireFormat::SCALED_TERNARY_RICE, shape, body({0}, {})), fault);
        EXPECT_EQ(Judge<float>(WireFormat::SCALED_TERNARY_RAW, shape, body({}, {})), fault);
        EXPECT_EQ(Judge<float>(WireFormat::QUANTISED_FIXED, shape, body({1}, {0})), fault);
        EXPECT_EQ(Judge<float>(WireFormat::QUANTISED_ELIAS, shape, body({1}, {})), fault);
        EXPECT_EQ(Judge<float>(WireFormat::SCALED_SIGN_PAIR, shape, body({}, {0, 0, 0, 0, 0})),
                  fault);
        // Of minus the other sign is right.
        const bool mirrored = bits << 1 == 0 || bits == 0xbf800000;
        EXPECT_EQ(Judge<float>(WireFormat::SCALED_SIGN_PAIR, shape, body({0, 0, 0, 0}, {0})),
                  mirrored ? SegmentFault::NONE : SegmentFault::CODE);
    }
}

/** Bodies that no encoder writes, worked out by hand from the description of the formats. */
TEST(FlCodec, Property6OtherImagesOfTheSameAreRefused)
{
    const MessageShape plain{10, nullptr};
    const MessageShape blocks{10, MakeBuckets(10, 0)};
    const auto judge = Judge<float>;
    // 4 bits an index and a sign: 3 minus, 7 plus, padded with zeros.
    EXPECT_EQ(judge(WireFormat::TERNARY_RAW, plain, {0b11110011, 0}), SegmentFault::NONE);
    EXPECT_EQ(judge(WireFormat::TERNARY_RAW, plain, {0b11110011, 0b01000000}), SegmentFault::CODE)
        << "padding";
    EXPECT_EQ(judge(WireFormat::TERNARY_RAW, plain, {0b01110011, 0}), SegmentFault::CODE)
        << "the same index twice";
    EXPECT_EQ(judge(WireFormat::TERNARY_RAW, plain, {0b01010011, 0b00000001}), SegmentFault::CODE)
        << "index 10 of 10";
    EXPECT_EQ(judge(WireFormat::TERNARY_RAW, plain, {}), SegmentFault::NONE) << "no nonzero";
    EXPECT_EQ(judge(WireFormat::TERNARY_RAW, plain, {0b11110011, 0, 0}), SegmentFault::CODE);
    // 10 bits, then a sign for each of two.
    EXPECT_EQ(judge(WireFormat::TERNARY_BITMAP, plain, {0x03, 0b0100}), SegmentFault::NONE);
    EXPECT_EQ(judge(WireFormat::TERNARY_BITMAP, plain, {0x03, 0b10100}), SegmentFault::CODE);
    EXPECT_EQ(judge(WireFormat::TERNARY_BITMAP, plain, {0xff, 0b11}), SegmentFault::CODE)
        << "ten signs are missing";
    EXPECT_EQ(judge(WireFormat::TERNARY_BITMAP, plain, {0x03}), SegmentFault::CODE);
    EXPECT_EQ(judge(WireFormat::TERNARY_RICE, plain, {2, 0b11111000}), SegmentFault::NONE);
    EXPECT_EQ(judge(WireFormat::TERNARY_RICE, plain, {2, 0b10111000}), SegmentFault::CODE)
        << "padding";
    EXPECT_EQ(judge(WireFormat::TERNARY_RICE, plain, {32, 0xff}), SegmentFault::CODE);
    EXPECT_EQ(judge(WireFormat::TERNARY, plain, {121, 121}), SegmentFault::NONE);
    EXPECT_EQ(judge(WireFormat::TERNARY, plain, {121, 243}), SegmentFault::CODE);
    // Steps, scale 0, levels of a sign and 2 bits.
    EXPECT_EQ(judge(WireFormat::QUANTISED_FIXED, blocks, {2, 0, 0, 0, 0, 4, 0, 0, 0}),
              SegmentFault::NONE);
    EXPECT_EQ(judge(WireFormat::QUANTISED_FIXED, blocks, {2, 0, 0, 0, 0, 1, 0, 0, 0}),
              SegmentFault::CODE)
        << "minus 0";
    EXPECT_EQ(judge(WireFormat::QUANTISED_FIXED, blocks, {2, 0, 0, 0, 0, 6, 0, 0, 0}),
              SegmentFault::CODE)
        << "level 3 of 2";
    EXPECT_EQ(judge(WireFormat::QUANTISED_FIXED, blocks, {0x82, 0, 0, 0, 0, 0, 4, 0, 0, 0}),
              SegmentFault::CODE)
        << "two bytes for 2 steps";
    EXPECT_EQ(judge(WireFormat::QUANTISED_FIXED, blocks, {0, 0, 0, 0, 0, 0, 0}), SegmentFault::CODE)
        << "0 steps";
    EXPECT_EQ(
        judge(WireFormat::QUANTISED_ELIAS, blocks, {0x80, 0x80, 0x80, 0x80, 0x08, 0, 0, 0, 0}),
        SegmentFault::CODE)
        << "2^31 steps";
    EXPECT_EQ(
        judge(WireFormat::QUANTISED_ELIAS, blocks, {0xff, 0xff, 0xff, 0xff, 0x07, 0, 0, 0, 0}),
        SegmentFault::NONE)
        << "2^31 - 1 steps";
    // Gap 1 is 0, minus is 1, level 2 is 1 0 0; ones behind.
    EXPECT_EQ(judge(WireFormat::QUANTISED_ELIAS, blocks, {2, 0, 0, 0, 0, 0b11100110}),
              SegmentFault::NONE);
    EXPECT_EQ(judge(WireFormat::QUANTISED_ELIAS, blocks, {1, 0, 0, 0, 0, 0b11100110}),
              SegmentFault::CODE)
        << "level 2 of 1";
    EXPECT_EQ(judge(WireFormat::QUANTISED_ELIAS, blocks, {2, 0, 0, 0, 0, 0b10100110}),
              SegmentFault::CODE)
        << "padding";
    // A seed and more values than coordinates.
    std::vector<uint8_t> values(8 + 10 * 4);
    EXPECT_EQ(judge(WireFormat::SEEDED32, plain, values), SegmentFault::NONE);
    values.resize(8 + 11 * 4);
    EXPECT_EQ(judge(WireFormat::SEEDED32, plain, values), SegmentFault::CODE);
    values.resize(7);
    EXPECT_EQ(judge(WireFormat::SEEDED32, plain, values), SegmentFault::CODE);
}

/** A diverged training is the user's affair, not a body that every receiver refuses for ever. */
TEST(FlCodec, ScalesThatAreNotFiniteAreAnError)
{
    const auto blocks = MakeBuckets(2, 0);
    for (const double scale : {HUGE_VAL, std::nan("")})
    {
        const ScaledTernaryUpdate<double> update{TernaryUpdate::Zero(2), blocks, {scale}};
        EXPECT_THROW(Encode(Update<double>(update), 24), UserError);
    }
}

/** A message may not claim more segments than it has coordinates. */
TEST(FlCodec, SegmentCountsAreBounded)
{
    const std::vector<uint8_t> body(4);
    UpdateAssembler<float> assembler({3, nullptr});
    EXPECT_EQ(assembler.Add({WireFormat::DENSE32, 0, UINT32_MAX, 0, body.data(), 4}),
              SegmentFault::RANGE);
    EXPECT_EQ(assembler.Add({WireFormat::DENSE32, 0, 4, 0, body.data(), 4}), SegmentFault::RANGE);
    EXPECT_EQ(assembler.Add({WireFormat::DENSE32, 2, 3, 1, body.data(), 4}), SegmentFault::RANGE);
    EXPECT_EQ(assembler.Add({WireFormat::DENSE32, 0, 3, 0, body.data(), 4}), SegmentFault::NONE);
}

/** Without blocks bits and trits are cut between bytes: no segment begins elsewhere. */
TEST(FlCodec, SegmentsBeginWithAByte)
{
    const std::vector<uint8_t> body(1);
    const auto judge = [&](WireFormat format, uint32_t first, uint32_t size)
    {
        UpdateAssembler<float> assembler({size, nullptr});
        return assembler.Add({format, 1, 2, first, body.data(), 1});
    };
    EXPECT_EQ(judge(WireFormat::SIGN, 8, 12), SegmentFault::NONE);
    EXPECT_EQ(judge(WireFormat::SIGN, 9, 12), SegmentFault::CODE);
    EXPECT_EQ(judge(WireFormat::TERNARY, 5, 9), SegmentFault::NONE);
    EXPECT_EQ(judge(WireFormat::TERNARY, 6, 9), SegmentFault::CODE);
}

/** Blocks, by hand. */
TEST(FlCodec, BlocksAreFound)
{
    EXPECT_EQ(*MakeBuckets(10, 4), (std::vector<uint32_t>{4, 8, 10}));
    EXPECT_EQ(*MakeBuckets(10, 0), (std::vector<uint32_t>{10}));
    EXPECT_EQ(*MakeBuckets(10, UINT32_MAX), (std::vector<uint32_t>{10}));
    const auto blocks = MakeBuckets(10, 4);
    EXPECT_EQ(TouchedBlocks(blocks, {0, 4}), (Range{0, 1}));
    EXPECT_EQ(TouchedBlocks(blocks, {3, 5}), (Range{0, 2}));
    EXPECT_EQ(TouchedBlocks(blocks, {4, 5}), (Range{1, 2}));
    EXPECT_EQ(TouchedBlocks(blocks, {0, 10}), (Range{0, 3}));
    EXPECT_EQ(TouchedBlocks(nullptr, {0, 10}), (Range{0, 0}));
}

TEST(FlCodec, RangesJoinCountAndComplement)
{
    Ranges ranges;
    Append(ranges, {2, 2});
    EXPECT_TRUE(ranges.empty());
    Append(ranges, {2, 4});
    Append(ranges, {4, 5});
    Append(ranges, {7, 9});
    EXPECT_EQ(ranges, (Ranges{{2, 5}, {7, 9}}));
    EXPECT_EQ(Count(ranges), 5U);
    EXPECT_EQ(Complement(ranges, 9), (Ranges{{0, 2}, {5, 7}}));
    EXPECT_EQ(Complement(ranges, 10), (Ranges{{0, 2}, {5, 7}, {9, 10}}));
    EXPECT_EQ(Complement({}, 3), (Ranges{{0, 3}}));
    EXPECT_EQ(Complement({{0, 3}}, 3), Ranges{});
    EXPECT_EQ(ToRanges({0, 1, 2, 5}), (Ranges{{0, 3}, {5, 6}}));
    EXPECT_EQ(ToNumbers({{0, 3}, {5, 6}}), (std::vector<uint32_t>{0, 1, 2, 5}));
}

/** What two sets of ranges have in common is what the sets of their numbers have. */
TEST(FlCodec, RangesIntersect)
{
    EXPECT_EQ(Intersection({{0, 9}}, {{0, 9}}), (Ranges{{0, 9}}));
    EXPECT_EQ(Intersection({{0, 3}, {5, 9}}, {{3, 6}, {8, 9}}), (Ranges{{5, 6}, {8, 9}}));
    EXPECT_EQ(Intersection({{0, 3}}, {{3, 9}}), Ranges{});
    EXPECT_EQ(Intersection({}, {{3, 9}}), Ranges{});
    Random random({1, 1}, Purpose::TEST);
    const auto draw = [&random]
    {
        std::vector<uint32_t> numbers;
        const double share = random.Uniform();
        for (uint32_t i = 0; i < 40; ++i)
        {
            if (random.Uniform() < share)
            {
                numbers.push_back(i);
            }
        }
        return numbers;
    };
    for (uint32_t trial = 0; trial < 10000; ++trial)
    {
        const auto a = draw();
        const auto b = draw();
        std::vector<uint32_t> both;
        std::set_intersection(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(both));
        ASSERT_EQ(Intersection(ToRanges(a), ToRanges(b)), ToRanges(both));
    }
}

} // namespace fl
