/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/fl-codec.h"

#include "fl-test-helpers.h"

#include <algorithm>
#include <cmath>
#include <gtest/gtest.h>
#include <utility>

namespace fl
{

namespace
{

using test::BitsOf;
using test::UpTo;
using test::ViewOf;

const std::vector<uint32_t> g_segmentBytes{24, 64, 80, 511, 1400, 65000};

/** What one coordinate of an update says: whether it has a value, and which. */
using Content = std::vector<std::pair<bool, uint64_t>>;

template <typename S>
Content
ContentOf(const Update<S>& update)
{
    Content content;
    if (const auto* dense = std::get_if<DenseUpdate<S>>(&update))
    {
        for (const S value : dense->values)
        {
            content.emplace_back(true, BitsOf(value));
        }
    }
    else if (const auto* signs = std::get_if<SignUpdate>(&update))
    {
        for (uint32_t i = 0; i < signs->size; ++i)
        {
            content.emplace_back(true, signs->Negative(i));
        }
    }
    else if (const auto* trits = std::get_if<TernaryUpdate>(&update))
    {
        for (uint32_t i = 0; i < trits->size; ++i)
        {
            content.emplace_back(true, static_cast<uint64_t>(trits->At(i)));
        }
    }
    else
    {
        const auto& sparse = std::get<SparseUpdate<S>>(update);
        content.resize(sparse.size);
        for (std::size_t i = 0; i < sparse.indices.size(); ++i)
        {
            content.at(sparse.indices[i]) = {true, BitsOf(sparse.values.at(i))};
        }
    }
    return content;
}

/** Whether two updates are of one kind and equal in every bit, padding of packed words included. */
template <typename S>
bool
Same(const Update<S>& a, const Update<S>& b)
{
    if (a.index() != b.index() || ContentOf<S>(a) != ContentOf<S>(b))
    {
        return false;
    }
    if (const auto* signs = std::get_if<SignUpdate>(&a))
    {
        return signs->words == std::get<SignUpdate>(b).words;
    }
    if (const auto* trits = std::get_if<TernaryUpdate>(&a))
    {
        const auto& others = std::get<TernaryUpdate>(b);
        return trits->positive == others.positive && trits->negative == others.negative;
    }
    return true;
}

/** Draws any bit pattern, NaN, infinities and both zeros included. */
template <typename S>
S
AnyValue(Random& random)
{
    const uint64_t high = random();
    return test::FromBits<S>(high << 32 | random());
}

/** A random set of coordinates, all sets of that size being equally likely. */
std::vector<uint32_t>
DrawIndices(uint32_t size, uint32_t count, Random& random)
{
    auto indices = UpTo(size);
    for (uint32_t i = 0; i < count; ++i)
    {
        std::swap(indices[i], indices[i + random.Below(size - i)]);
    }
    indices.resize(count);
    std::sort(indices.begin(), indices.end());
    return indices;
}

template <typename S>
Update<S>
MakeSparse(uint32_t size, std::vector<uint32_t> indices, Random& random)
{
    SparseUpdate<S> sparse{size, std::move(indices), {}};
    for (std::size_t i = 0; i < sparse.indices.size(); ++i)
    {
        sparse.values.push_back(AnyValue<S>(random));
    }
    return sparse;
}

/** Updates of every kind, all of the same size. */
template <typename S>
std::vector<Update<S>>
MakeUpdates(uint32_t size, uint32_t seed)
{
    Random random({seed, 1}, Purpose::TEST, size);
    std::vector<Update<S>> updates;
    DenseUpdate<S> dense;
    auto signs = SignUpdate::Positive(size);
    auto trits = TernaryUpdate::Zero(size);
    auto allNegative = signs;
    auto allMinus = trits;
    for (uint32_t i = 0; i < size; ++i)
    {
        dense.values.push_back(AnyValue<S>(random));
        signs.words[i / 64] |= uint64_t{random.Below(2)} << (i % 64);
        trits.Set(i, static_cast<int>(random.Below(3)) - 1);
        allNegative.words[i / 64] |= uint64_t{1} << (i % 64);
        allMinus.Set(i, -1);
    }
    updates.emplace_back(dense);
    updates.emplace_back(signs);
    updates.emplace_back(allNegative);
    updates.emplace_back(trits);
    updates.emplace_back(allMinus);
    std::vector<uint32_t> counts{0, 1, size - 1, size, random.Below(size + 1), (size + 99) / 100};
    std::sort(counts.begin(), counts.end());
    counts.erase(std::unique(counts.begin(), counts.end()), counts.end());
    for (const uint32_t count : counts)
    {
        updates.push_back(MakeSparse<S>(size, DrawIndices(size, count, random), random));
    }
    // All values in a heap at the end: a single gap that is longer than many a segment.
    auto heap = UpTo(size);
    heap.erase(heap.begin(), heap.begin() + (size - (size + 9) / 10));
    updates.push_back(MakeSparse<S>(size, std::move(heap), random));
    return updates;
}

/** Decodes the given segments of a message, in the given order. */
template <typename S>
ReceivedUpdate<S>
DecodeSome(const EncodedMessage& message, const std::vector<uint32_t>& order)
{
    UpdateAssembler<S> assembler(message.dimension);
    for (const uint32_t i : order)
    {
        EXPECT_EQ(assembler.Add(ViewOf(message, i)), SegmentFault::NONE);
    }
    return assembler.Finish();
}

/** The segments cover bytes and coordinates without gap or overlap, and keep to the limit. */
void
ExpectTiling(const EncodedMessage& message, uint32_t size, uint32_t maxSegmentBytes)
{
    ASSERT_EQ(message.dimension, size);
    ASSERT_FALSE(message.segments.empty());
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

/** Cuts an update at one segment size; whole, shuffled and with losses it must come back. */
template <typename S>
void
ExpectRoundTrip(const Update<S>& update, uint32_t size, uint32_t maxSegmentBytes, Random& random)
{
    const auto message = Encode(update, maxSegmentBytes);
    ExpectTiling(message, size, maxSegmentBytes);
    auto order = UpTo(static_cast<uint32_t>(message.segments.size()));
    random.Shuffle(order);
    const auto received = DecodeSome<S>(message, order);
    ASSERT_TRUE(received.Complete());
    ASSERT_TRUE(Same<S>(received.update, update));

    // Now some of the segments only.
    const auto kept = random.Below(static_cast<uint32_t>(order.size()) + 1);
    order.resize(kept);
    const auto partial = DecodeSome<S>(message, order);
    std::sort(order.begin(), order.end());
    Ranges arrived;
    for (const uint32_t i : order)
    {
        Append(arrived, {i, i + 1});
    }
    const auto present = message.Coordinates(arrived);
    ASSERT_EQ(partial.missing, Complement(present, size));
    ASSERT_EQ(Count(partial.missing) + Count(present), size);
    const auto content = ContentOf<S>(partial.update);
    const auto sent = ContentOf<S>(update);
    ASSERT_EQ(content.size(), size);
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
            ASSERT_EQ(content[i].second, 0U) << "nothing leaks into what is missing";
        }
    }
    ASSERT_EQ(partial.update.index(), kept == 0 ? 0 : update.index());
}

template <typename S>
void
ExpectRoundTrips(uint32_t size, uint32_t seeds)
{
    SCOPED_TRACE(size);
    for (uint32_t seed = 1; seed <= seeds; ++seed)
    {
        Random random({seed, 2}, Purpose::TEST, size);
        for (const auto& update : MakeUpdates<S>(size, seed))
        {
            for (const uint32_t bytes : g_segmentBytes)
            {
                SCOPED_TRACE("kind " + std::to_string(update.index()) + ", " +
                             std::to_string(bytes) + " bytes");
                ASSERT_NO_FATAL_FAILURE(ExpectRoundTrip<S>(update, size, bytes, random));
            }
        }
    }
}

/**
 * The length of a sparse update by its definition, bit by bit: 8 bits for the parameter, then for
 * every value its gap, quotient in unary and remainder in binary, and the value.
 */
uint64_t
RiceLength(const std::vector<uint32_t>& indices, uint32_t parameter, uint64_t valueBits)
{
    uint64_t bits = 8;
    uint64_t next = 0;
    for (const uint32_t index : indices)
    {
        for (uint64_t gap = index - next; gap >= uint64_t{1} << parameter;
             gap -= uint64_t{1} << parameter)
        {
            ++bits;
        }
        bits += 1 + parameter + valueBits;
        next = uint64_t{index} + 1;
    }
    return bits;
}

/** Entropy in bits of a coin that falls on one side with the given probability. */
double
Entropy(double p)
{
    return -p * std::log2(p) - (1 - p) * std::log2(1 - p);
}

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

/** An update that came from who knows where, yet within bounds. */
template <typename S>
void
ExpectSound(const ReceivedUpdate<S>& received, uint32_t size)
{
    ASSERT_EQ(ContentOf<S>(received.update).size(), size);
    ASSERT_LE(Count(received.missing), size);
    if (const auto* sparse = std::get_if<SparseUpdate<S>>(&received.update))
    {
        ASSERT_EQ(sparse->indices.size(), sparse->values.size());
        for (std::size_t i = 1; i < sparse->indices.size(); ++i)
        {
            ASSERT_LT(sparse->indices[i - 1], sparse->indices[i]);
        }
    }
    if (const auto* signs = std::get_if<SignUpdate>(&received.update))
    {
        for (uint32_t i = size; i < signs->words.size() * 64; ++i)
        {
            ASSERT_FALSE(signs->Negative(i)) << "padding leaks";
        }
    }
    if (const auto* trits = std::get_if<TernaryUpdate>(&received.update))
    {
        for (uint32_t i = size; i < trits->positive.size() * 64; ++i)
        {
            ASSERT_EQ(trits->At(i), 0) << "padding leaks";
        }
    }
}

/**
 * Offers a segment to an assembler that holds some of the message, then the rest. What is refused
 * must leave no trace; what is taken must stay within bounds.
 */
template <typename S>
SegmentFault
Offer(const EncodedMessage& message, const std::vector<uint32_t>& before, OwnSegment& segment)
{
    UpdateAssembler<S> assembler(message.dimension);
    for (const uint32_t i : before)
    {
        assembler.Add(ViewOf(message, i));
    }
    const auto fault = assembler.Add(segment.View());
    EXPECT_NE(std::string(Describe(fault)), "unknown");
    const auto total = static_cast<uint32_t>(message.segments.size());
    if (fault == SegmentFault::NONE)
    {
        ExpectSound(assembler.Finish(), message.dimension);
        return fault;
    }
    for (uint32_t i = 0; i < total; ++i)
    {
        if (std::find(before.begin(), before.end(), i) == before.end())
        {
            EXPECT_EQ(assembler.Add(ViewOf(message, i)), SegmentFault::NONE);
        }
    }
    const auto received = assembler.Finish();
    EXPECT_TRUE(received.Complete());
    EXPECT_TRUE(Same<S>(received.update, DecodeSome<S>(message, UpTo(total)).update));
    return fault;
}

/** Runs a test body on both scalars. */
template <typename S>
class FlCodecOf : public ::testing::Test
{
};

using Scalars = ::testing::Types<float, double>;
TYPED_TEST_SUITE(FlCodecOf, Scalars);

} // namespace

TYPED_TEST(FlCodecOf, DecodingIsTheInverseAtAnySegmentSizeInAnyOrder)
{
    for (const uint32_t size : {1, 7, 8, 9, 63, 64, 65, 1000})
    {
        ASSERT_NO_FATAL_FAILURE(ExpectRoundTrips<TypeParam>(size, 12));
    }
    ASSERT_NO_FATAL_FAILURE(ExpectRoundTrips<TypeParam>(159010, 1));
}

TYPED_TEST(FlCodecOf, OneUnlimitedSegmentHasTheLengthOfTheFormula)
{
    for (const uint32_t size : {1, 7, 8, 9, 63, 64, 65, 1000, 20000})
    {
        for (const auto& update : MakeUpdates<TypeParam>(size, 3))
        {
            const auto message = Encode(update, UINT32_MAX);
            ASSERT_EQ(message.segments.size(), 1U);
            ASSERT_EQ(message.bytes.size(), (message.paperBits + 7) / 8);
            if (std::holds_alternative<DenseUpdate<TypeParam>>(update))
            {
                EXPECT_EQ(message.bytes.size(), size * sizeof(TypeParam));
                EXPECT_EQ(message.paperBits, 8 * size * sizeof(TypeParam));
            }
            else if (std::holds_alternative<SignUpdate>(update))
            {
                EXPECT_EQ(message.bytes.size(), (size + 7) / 8);
                EXPECT_EQ(message.paperBits, size);
            }
            else if (std::holds_alternative<TernaryUpdate>(update))
            {
                EXPECT_EQ(message.bytes.size(), (size + 4) / 5);
            }
            else
            {
                const auto& indices = std::get<SparseUpdate<TypeParam>>(update).indices;
                const uint32_t parameter = message.bytes[0];
                EXPECT_EQ(message.paperBits, RiceLength(indices, parameter, 8 * sizeof(TypeParam)));
            }
        }
    }
}

/** Formula lengths do not depend on the segment size. */
TYPED_TEST(FlCodecOf, PaperBitsDoNotDependOnTheCutting)
{
    for (const auto& update : MakeUpdates<TypeParam>(1000, 1))
    {
        const auto whole = Encode(update, UINT32_MAX);
        for (const uint32_t bytes : g_segmentBytes)
        {
            const auto message = Encode(update, bytes);
            EXPECT_EQ(message.paperBits, whole.paperBits);
            EXPECT_GE(message.bytes.size(), whole.bytes.size());
        }
    }
}

/** Dense, signs and trits cost the same however they are cut, but for the last bits of segments. */
TYPED_TEST(FlCodecOf, CuttingCostsNothingWhereEverySegmentIsFull)
{
    for (const auto& update : MakeUpdates<TypeParam>(1000, 1))
    {
        if (!std::holds_alternative<SparseUpdate<TypeParam>>(update))
        {
            EXPECT_EQ(Encode(update, 64).bytes, Encode(update, UINT32_MAX).bytes);
        }
    }
}

/** Every length cut short, every bit turned over, bytes behind the end. */
TYPED_TEST(FlCodecOf, DamagedBodiesAreRefusedOrStayWithinBounds)
{
    for (const uint32_t size : {1, 9, 65, 200})
    {
        for (const auto& update : MakeUpdates<TypeParam>(size, 5))
        {
            for (const uint32_t bytes : {24, 64})
            {
                const auto message = Encode(update, bytes);
                const auto total = static_cast<uint32_t>(message.segments.size());
                const std::vector<uint32_t> picked{0, total / 2, total - 1};
                for (const uint32_t i : picked)
                {
                    const OwnSegment sent(ViewOf(message, i));
                    const std::vector<uint32_t> others{(i + 1) % total};
                    const auto before = total > 1 ? others : std::vector<uint32_t>{};
                    for (std::size_t length = 0; length < sent.body.size(); ++length)
                    {
                        auto cut = sent;
                        cut.body.resize(length);
                        const auto fault = Offer<TypeParam>(message, before, cut);
                        if (message.format != WireFormat::RICE32 &&
                            message.format != WireFormat::RICE64 && i + 1 == total)
                        {
                            ASSERT_NE(fault, SegmentFault::NONE) << length;
                        }
                    }
                    for (std::size_t bit = 0; bit < sent.body.size() * 8; ++bit)
                    {
                        auto flipped = sent;
                        flipped.body[bit / 8] ^= static_cast<uint8_t>(1u << bit % 8);
                        Offer<TypeParam>(message, before, flipped);
                    }
                    auto longer = sent;
                    longer.body.insert(longer.body.end(), 9, 0xff);
                    ASSERT_NE(Offer<TypeParam>(message, before, longer), SegmentFault::NONE);
                    auto empty = sent;
                    empty.body.clear();
                    ASSERT_NE(Offer<TypeParam>(message, before, empty), SegmentFault::NONE);
                }
            }
        }
    }
}

TYPED_TEST(FlCodecOf, WrongHeadersAreRefusedOrStayWithinBounds)
{
    constexpr uint32_t size = 1000;
    for (const auto& update : MakeUpdates<TypeParam>(size, 7))
    {
        const auto message = Encode(update, 48);
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
            const std::vector<uint32_t> before{i == 2 ? 3u : 2u};
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
                            first != SegmentFault::NONE || message.format == WireFormat::RICE32 ||
                            message.format == WireFormat::RICE64)
                    << "the last segment ends where the update ends";
            }
        }
    }
}

/** The formats of the other scalar, of another update and unknown ones. */
TYPED_TEST(FlCodecOf, OtherFormatsAreRefused)
{
    constexpr bool isFloat = sizeof(TypeParam) == 4;
    for (const auto& update : MakeUpdates<TypeParam>(1000, 8))
    {
        const auto message = Encode(update, 48);
        for (uint32_t format = 0; format < 256; ++format)
        {
            OwnSegment wrong(ViewOf(message, 0));
            wrong.header.format = static_cast<WireFormat>(format);
            const bool other =
                format ==
                    static_cast<uint32_t>(isFloat ? WireFormat::DENSE64 : WireFormat::DENSE32) ||
                format == static_cast<uint32_t>(isFloat ? WireFormat::RICE64 : WireFormat::RICE32);
            const auto alone = Offer<TypeParam>(message, {}, wrong);
            if (other || format > static_cast<uint32_t>(WireFormat::TERNARY))
            {
                ASSERT_EQ(alone, SegmentFault::FORMAT) << format;
            }
            if (message.segments.size() > 1 && wrong.header.format != message.format)
            {
                ASSERT_EQ(Offer<TypeParam>(message, {1}, wrong), SegmentFault::FORMAT) << format;
            }
        }
    }
}

/** The same segment again, and one that reaches into its neighbour. */
TYPED_TEST(FlCodecOf, OverlapsAreRefused)
{
    for (const auto& update : MakeUpdates<TypeParam>(1000, 9))
    {
        const auto message = Encode(update, 48);
        const auto total = static_cast<uint32_t>(message.segments.size());
        for (uint32_t i = 0; i < total; ++i)
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

TYPED_TEST(FlCodecOf, RandomBytesAreRefusedOrStayWithinBounds)
{
    Random random({1, 1}, Purpose::TEST);
    uint32_t taken = 0;
    for (uint32_t i = 0; i < 60000; ++i)
    {
        const uint32_t size = 1 + random.Below(random.Below(2) == 0 ? 70 : 3000);
        std::vector<uint8_t> body(random.Below(90));
        for (auto& byte : body)
        {
            byte = static_cast<uint8_t>(random());
        }
        if (!body.empty() && random.Below(2) == 0)
        {
            body[0] %= 32; // a Rice parameter that exists
        }
        body.shrink_to_fit();
        const uint32_t total = 1 + random.Below(3);
        const uint32_t index = random.Below(total);
        const uint32_t first = index == 0 ? 0 : random.Below(size);
        UpdateAssembler<TypeParam> assembler(size);
        const auto fault = assembler.Add({static_cast<WireFormat>(random.Below(7)),
                                          index,
                                          total,
                                          first,
                                          body.data(),
                                          static_cast<uint32_t>(body.size())});
        taken += fault == SegmentFault::NONE;
        const auto received = assembler.Finish();
        ASSERT_EQ(Count(received.missing) == size, fault != SegmentFault::NONE);
        ASSERT_NO_FATAL_FAILURE(ExpectSound(received, size));
    }
    EXPECT_GT(taken, 100U) << "the fuzz must reach the inside of the decoder";
}

/** An assembler that was finished begins anew. */
TYPED_TEST(FlCodecOf, AssemblersCanBeUsedAgain)
{
    UpdateAssembler<TypeParam> assembler(1000);
    for (const auto& update : MakeUpdates<TypeParam>(1000, 4))
    {
        const auto message = Encode(update, 511);
        for (uint32_t i = 0; i < message.segments.size(); ++i)
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

/** Bodies worked out by hand from the description of the formats. */
TEST(FlCodec, KnownBodies)
{
    using Bytes = std::vector<uint8_t>;
    EXPECT_EQ(Encode(Update<float>(DenseUpdate<float>{{1, -2}}), 24).bytes,
              (Bytes{0, 0, 0x80, 0x3f, 0, 0, 0, 0xc0}));
    EXPECT_EQ(Encode(Update<double>(DenseUpdate<double>{{1}}), 24).bytes,
              (Bytes{0, 0, 0, 0, 0, 0, 0xf0, 0x3f}));
    auto signs = SignUpdate::Positive(10);
    signs.words[0] = 1 | 1 << 9;
    EXPECT_EQ(Encode(Update<float>(signs), 24).bytes, (Bytes{0x01, 0x02}));
    // Digits 0 1 2 1 0 and 2: 0 + 1 * 3 + 2 * 9 + 1 * 27 + 0 * 81 = 48.
    auto trits = TernaryUpdate::Zero(6);
    trits.Set(0, -1);
    trits.Set(2, 1);
    trits.Set(4, -1);
    trits.Set(5, 1);
    EXPECT_EQ(Encode(Update<float>(trits), 24).bytes, (Bytes{48, 2}));
    // Half of the coordinates take parameter 0: gap 1 is the bits 1 0, then 32 bits of 1.0; the
    // same with -2.0; four ones of padding.
    EXPECT_EQ(Encode(Update<float>(SparseUpdate<float>{4, {1, 3}, {1, -2}}), 24).bytes,
              (Bytes{0, 0x01, 0, 0, 0xfe, 0x04, 0, 0, 0, 0xfc}));
    // No value at all: the parameter alone.
    EXPECT_EQ(Encode(Update<float>(SparseUpdate<float>{4, {}, {}}), 24).bytes, (Bytes{0}));
}

/**
 * The parameters that the formula of Sattler et al. gives, and their cost: within 1 % of the best
 * of all parameters.
 */
TEST(FlCodec, RiceParameterIsTheBest)
{
    constexpr uint32_t size = 400000;
    const std::vector<std::pair<double, uint32_t>> known{{0.1, 3},
                                                         {0.01, 6},
                                                         {0.0025, 8},
                                                         {0.001, 9}};
    for (const auto& [density, expected] : known)
    {
        SCOPED_TRACE(density);
        Random random({1, 1}, Purpose::TEST);
        const auto count = static_cast<uint32_t>(std::lround(density * size));
        const auto indices = DrawIndices(size, count, random);
        const SparseUpdate<float> sparse{size, indices, std::vector<float>(count, 1)};
        const auto message = Encode(Update<float>(sparse), UINT32_MAX);
        EXPECT_EQ(message.bytes[0], expected);
        uint64_t best = UINT64_MAX;
        for (uint32_t parameter = 0; parameter < 24; ++parameter)
        {
            best = std::min(best, RiceLength(indices, parameter, 0));
        }
        EXPECT_LE(static_cast<double>(message.paperBits - 32 * count), 1.01 * best);
    }
}

/** Positions cost at most 2 % more than their entropy, and what is less would be a miracle. */
TEST(FlCodec, PositionsCostTheirEntropy)
{
    constexpr uint32_t size = 600000;
    for (const double density : {0.1, 0.05, 0.01, 0.0025})
    {
        SCOPED_TRACE(density);
        Random random({2, 1}, Purpose::TEST);
        const auto count = static_cast<uint32_t>(std::lround(density * size));
        const SparseUpdate<float> sparse{size,
                                         DrawIndices(size, count, random),
                                         std::vector<float>(count, 1)};
        const auto message = Encode(Update<float>(sparse), UINT32_MAX);
        const auto positionBits = static_cast<double>(message.paperBits - 32 * count);
        EXPECT_LE(positionBits, 1.02 * size * Entropy(density));
        EXPECT_GE(positionBits, 0.99 * size * Entropy(density));
        // Segments of a datagram's length cost little more.
        const auto cut = Encode(Update<float>(sparse), 1400);
        EXPECT_LE(static_cast<double>(cut.bytes.size()), 1.006 * message.bytes.size());
    }
}

/** Whatever stands in the padding is not looked at. */
TEST(FlCodec, PaddingIsIgnored)
{
    const std::vector<uint8_t> ones{0xff, 0xff};
    UpdateAssembler<float> signs(9);
    ASSERT_EQ(signs.Add({WireFormat::SIGN, 0, 1, 0, ones.data(), 2}), SegmentFault::NONE);
    EXPECT_EQ(std::get<SignUpdate>(signs.Finish().update).words, (std::vector<uint64_t>{0x1ff}));
    const std::vector<uint8_t> digits{242}; // five digits of 2
    UpdateAssembler<float> trits(2);
    ASSERT_EQ(trits.Add({WireFormat::TERNARY, 0, 1, 0, digits.data(), 1}), SegmentFault::NONE);
    EXPECT_EQ(std::get<TernaryUpdate>(trits.Finish().update).positive,
              (std::vector<uint64_t>{0b11}));
    const std::vector<uint8_t> noTrit{243};
    EXPECT_EQ(trits.Add({WireFormat::TERNARY, 0, 1, 0, noTrit.data(), 1}), SegmentFault::CODE);
}

/** A message may not claim more segments than it has coordinates. */
TEST(FlCodec, SegmentCountsAreBounded)
{
    const std::vector<uint8_t> body(4);
    UpdateAssembler<float> assembler(3);
    EXPECT_EQ(assembler.Add({WireFormat::DENSE32, 0, UINT32_MAX, 0, body.data(), 4}),
              SegmentFault::RANGE);
    EXPECT_EQ(assembler.Add({WireFormat::DENSE32, 0, 4, 0, body.data(), 4}), SegmentFault::RANGE);
    EXPECT_EQ(assembler.Add({WireFormat::DENSE32, 2, 3, 1, body.data(), 4}), SegmentFault::RANGE);
    EXPECT_EQ(assembler.Add({WireFormat::DENSE32, 0, 3, 0, body.data(), 4}), SegmentFault::NONE);
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
}

} // namespace fl
