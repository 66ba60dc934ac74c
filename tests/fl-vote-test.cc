/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/fl-vote-counter.h"

#include "ns3/fl-block-selection.h"
#include "ns3/fl-codec.h"
#include "ns3/fl-error.h"
#include "ns3/fl-vote-server.h"

#include "fl-method-rig.h"
#include "fl-test-helpers.h"

#include <algorithm>
#include <gtest/gtest.h>

namespace fl
{

namespace
{

using test::DrawMissing;
using test::DrawNormal;
using test::DrawWhole;
using test::Holds;
using test::MakeMethodSetup;
using test::MethodRig;
using test::Minus;
using test::ValuesOf;
using test::Vector;

/** A vote coordinate by coordinate, as the definition says. */
struct PlainVote
{
    explicit PlainVote(uint32_t size)
        : margin(size),
          voters(size),
          lost(size)
    {
    }

    void Add(uint32_t i, int vote)
    {
        margin[i] += vote;
        voters[i] += vote != 0;
    }

    /** Takes a vote of +1 or -1 for each coordinate in, where it arrived. */
    void Add(const SignUpdate& signs, const Ranges& missing)
    {
        for (uint32_t i = 0; i < margin.size(); ++i)
        {
            if (Holds(missing, i))
            {
                lost[i] = true;
            }
            else
            {
                Add(i, signs.Negative(i) ? -1 : 1);
            }
        }
    }

    std::vector<int> margin;
    std::vector<int> voters;
    std::vector<bool> lost;
};

SignUpdate
DrawSigns(uint32_t size, Random& random)
{
    auto signs = SignUpdate::Positive(size);
    for (uint32_t i = 0; i < size; ++i)
    {
        signs.words[i / 64] |= uint64_t{random.Below(2)} << (i % 64);
    }
    return signs;
}

TernaryUpdate
DrawTrits(uint32_t size, Random& random)
{
    auto trits = TernaryUpdate::Zero(size);
    for (uint32_t i = 0; i < size; ++i)
    {
        trits.Set(i, static_cast<int>(random.Below(3)) - 1);
    }
    return trits;
}

bool
Bit(const std::vector<uint64_t>& words, uint32_t i)
{
    return (words[i / 64] >> (i % 64)) & 1;
}

/** The ballot says of every coordinate what the plain loop says, and nothing behind the last. */
void
ExpectBallot(const Ballot& ballot, const PlainVote& plain)
{
    const auto size = static_cast<uint32_t>(plain.margin.size());
    for (uint32_t i = 0; i < size; ++i)
    {
        ASSERT_EQ(Bit(ballot.positive, i), plain.margin[i] > 0);
        ASSERT_EQ(Bit(ballot.negative, i), plain.margin[i] < 0);
        ASSERT_EQ(Bit(ballot.tied, i), plain.margin[i] == 0 && plain.voters[i] > 0);
        ASSERT_EQ(Bit(ballot.lost, i), plain.lost[i]);
    }
    for (uint32_t i = size; i < ballot.positive.size() * 64; ++i)
    {
        ASSERT_FALSE(Bit(ballot.positive, i) || Bit(ballot.negative, i) || Bit(ballot.tied, i) ||
                     Bit(ballot.lost, i));
    }
}

} // namespace

/** How often each bit was set, against counting one by one, up to the largest number of votes. */
TEST(FlBitSlicedCounter, CountsBits)
{
    for (const uint32_t rows : {0, 1, 2, 3, 7, 8, 255, 256, 1000})
    {
        Random random({1, rows}, Purpose::TEST);
        BitSlicedCounter counter(2);
        std::vector<uint32_t> counts(128);
        for (uint32_t row = 0; row < rows; ++row)
        {
            std::vector<uint64_t> bits(2);
            for (uint32_t i = 0; i < 128; ++i)
            {
                // Bit 0 is never set, bit 127 always.
                const bool set = random.Below(127) < i;
                bits[i / 64] |= uint64_t{set} << (i % 64);
                counts[i] += set;
            }
            counter.Add(bits);
        }
        for (uint32_t i = 0; i < 128; ++i)
        {
            ASSERT_EQ(counter.At(i), counts[i]);
        }
        const auto planes = counter.Take();
        for (uint32_t i = 0; i < 128; ++i)
        {
            uint32_t count = 0;
            for (std::size_t k = 0; k < planes.size(); ++k)
            {
                count += static_cast<uint32_t>(Bit(planes[k], i)) << k;
            }
            ASSERT_EQ(count, counts[i]);
        }
        EXPECT_TRUE(counter.Take().empty()) << "nothing is left behind";
    }
}

/** Signs and trits in any order, missing ranges that begin anywhere: the plain loop's result. */
TEST(FlVoteCounter, EqualsThePlainLoop)
{
    for (uint32_t seed = 1; seed <= 400; ++seed)
    {
        Random random({seed, 2}, Purpose::TEST);
        const uint32_t size = 1 + random.Below(300);
        const uint32_t voters = random.Below(seed % 10 == 0 ? 300 : 12);
        VoteCounter counter(size);
        for (int repetition = 0; repetition < 2; ++repetition)
        {
            PlainVote plain(size);
            for (uint32_t voter = 0; voter < voters; ++voter)
            {
                const auto missing =
                    random.Below(2) == 0 ? Ranges{} : DrawMissing(size, random, 100);
                const bool ternary = random.Below(3) == 0;
                const auto signs = DrawSigns(size, random);
                const auto trits = DrawTrits(size, random);
                for (uint32_t i = 0; i < size; ++i)
                {
                    if (ternary && Holds(missing, i))
                    {
                        plain.lost[i] = true;
                    }
                    else if (ternary)
                    {
                        plain.Add(i, trits.At(i));
                    }
                }
                if (ternary)
                {
                    counter.Add(trits, missing);
                }
                else
                {
                    plain.Add(signs, missing);
                    counter.Add(signs, missing);
                }
            }
            for (uint32_t i = 0; i < size; ++i)
            {
                ASSERT_EQ(counter.Margin(i), plain.margin[i]);
            }
            ExpectBallot(counter.Take(), plain);
        }
    }
}

/** 65,535 votes: all for minus, all but one, half and half with one abstention, all abstentions. */
TEST(FlVoteCounter, CountsAsManyAsItSays)
{
    constexpr uint32_t voters = VoteCounter::MAX_VOTERS;
    VoteCounter counter(5);
    PlainVote plain(5);
    for (uint32_t voter = 0; voter < voters; ++voter)
    {
        auto signs = SignUpdate::Positive(5);
        signs.words[0] = 0b01 | (voter > 0 ? 0b10 : 0) | (voter < voters / 2 ? 0b100 : 0) |
                         (voter <= voters / 2 ? 0b1000 : 0);
        Ranges missing{{4, 5}};
        if (voter == voters - 1)
        {
            missing = {{2, 3}, {4, 5}}; // the coordinate 2 is tied
        }
        counter.Add(signs, missing);
        plain.Add(signs, missing);
    }
    EXPECT_EQ(plain.margin, (std::vector<int>{-65535, -65533, 0, -1, 0}));
    for (uint32_t i = 0; i < 5; ++i)
    {
        EXPECT_EQ(counter.Margin(i), plain.margin[i]);
    }
    ExpectBallot(counter.Take(), plain);
}

TEST(FlVoteServer, MoreWorkersThanCanBeCountedAreRefused)
{
    const auto setup = MakeMethodSetup(VoteCounter::MAX_VOTERS + 1, 1, 1);
    EXPECT_THROW(VoteServer<float>(setup, Tie::PLUS), UserError);
}

/**
 * Ties by each rule, against the loop over coordinates that tosses a coin for each tie in turn.
 * Some workers that were asked are not heard of, some lack coordinates, and votes of past rounds
 * arrive: the rule holds where everybody who was asked has voted, and nothing is missing.
 */
TEST(FlVoteServer, Property10TieRulesEqualThePlainLoop)
{
    uint32_t settled = 0;
    uint32_t unsettled = 0;
    for (uint32_t seed = 1; seed <= 300; ++seed)
    {
        Random random({seed, 3}, Purpose::TEST);
        const uint32_t size = 1 + random.Below(300);
        auto setup = MakeMethodSetup(1 + random.Below(8), size, 1);
        setup.runSeed = {seed, 5};
        for (const Tie tie : {Tie::PLUS, Tie::ZERO, Tie::RANDOM})
        {
            VoteServer<double> server(setup, tie);
            PlainVote plain(size);
            std::vector<uint32_t> asked;
            for (uint32_t worker = 0; worker < setup.workers; ++worker)
            {
                if (random.Below(4) > 0)
                {
                    asked.push_back(worker);
                }
            }
            ASSERT_EQ(server.Select(seed, 0, asked), asked);
            bool everybody = true;
            for (uint32_t worker = 0; worker < setup.workers; ++worker)
            {
                const bool isAsked = std::binary_search(asked.begin(), asked.end(), worker);
                const bool current = isAsked && random.Below(8) > 0;
                everybody = everybody && current == isAsked;
                if (current)
                {
                    const auto signs = DrawSigns(size, random);
                    const auto missing =
                        random.Below(6) == 0 ? DrawMissing(size, random, 40) : Ranges{};
                    server.Accept({worker, 0, 1, {signs, missing}});
                    plain.Add(signs, missing);
                }
            }
            const auto votes = ValuesOf(server.Close(seed).update);
            Random coin(setup.runSeed, Purpose::ALGORITHM, setup.workers, seed);
            for (uint32_t i = 0; i < size; ++i)
            {
                double vote = (plain.margin[i] > 0) - (plain.margin[i] < 0);
                const bool tied = plain.margin[i] == 0 && plain.voters[i] > 0;
                const bool counts = everybody && !plain.lost[i];
                settled += tied && counts;
                unsettled += tied && !counts;
                if (tied && counts && tie != Tie::ZERO)
                {
                    vote = tie == Tie::PLUS || coin() % 2 == 0 ? 1 : -1;
                }
                ASSERT_EQ(votes[i], vote);
            }
        }
    }
    EXPECT_GT(settled, 1000U);
    EXPECT_GT(unsettled, 1000U);
}

/**
 * Three workers toss fair coins for every coordinate, so that nothing should move on average. A
 * vote is lost with probability 0.3, in ranges or with its whole upload: a tie of two votes that
 * moved the model by +1 would move it by 3 * 0.3 * 0.7^2 / 2 = 0.22 a round.
 */
TEST(FlVoteServer, LossDoesNotMakeTiesMove)
{
    constexpr uint32_t size = 100;
    constexpr uint32_t rounds = 3000;
    for (const Tie tie : {Tie::PLUS, Tie::ZERO, Tie::RANDOM})
    {
        for (const bool whole : {false, true})
        {
            Random random({1, 6}, Purpose::TEST);
            VoteServer<double> server(MakeMethodSetup(3, size, 1), tie);
            double sum = 0;
            double squares = 0;
            for (uint32_t round = 0; round < rounds; ++round)
            {
                server.Select(round, 0, test::UpTo(3));
                for (uint32_t worker = 0; worker < 3; ++worker)
                {
                    Ranges missing;
                    for (uint32_t i = 0; i < size && !whole; ++i)
                    {
                        Append(missing, {i, i + (random.Uniform() < 0.3 ? 1 : 0)});
                    }
                    const auto signs = DrawSigns(size, random);
                    if (!whole || random.Uniform() >= 0.3)
                    {
                        server.Accept({worker, 0, 1, {signs, missing}});
                    }
                }
                for (const double vote : ValuesOf(server.Close(round).update))
                {
                    sum += vote;
                    squares += vote * vote;
                }
            }
            // Coordinates are independent of each other given which votes were lost.
            EXPECT_LT(std::abs(sum), 5 * std::sqrt(squares));
        }
    }
}

/** A sum that holds fewer workers than were asked does not say whether its 0 is a tie. */
TEST(FlVoteServer, SumsOfSomeWorkersLeaveTiesOpen)
{
    const auto plus = SignUpdate::Positive(3);
    VoteServer<double> server(MakeMethodSetup(3, 3, 1), Tie::PLUS);
    server.Select(0, 0, {0, 1, 2});
    server.AcceptSum({0, -2, 2}, 2);
    EXPECT_EQ(ValuesOf(server.Close(0).update), (Vector{0, -1, 1}));
    server.Select(1, 0, {0, 1});
    server.AcceptSum({0, -2, 2}, 2);
    EXPECT_EQ(ValuesOf(server.Close(1).update), (Vector{1, -1, 1}));
    server.Select(2, 0, {0, 1, 2});
    server.AcceptSum({-1, -1, 0}, 2);
    server.Accept({2, 0, 1, {plus, {{1, 2}}}});
    EXPECT_EQ(ValuesOf(server.Close(2).update), (Vector{1, -1, 1}));
    server.Select(3, 0, {0, 1, 2});
    server.AcceptSum({-1, 0, 0}, 2);
    server.Accept({2, 0, 1, {plus, {{1, 2}}}});
    EXPECT_EQ(ValuesOf(server.Close(3).update), (Vector{1, 0, 1})) << "a vote is missing there";
}

/** Some votes as a sum, some alone: 3 of 5 decide. */
TEST(FlVoteServer, SumsAndSingleVotesAddUp)
{
    VoteServer<double> server(MakeMethodSetup(5, 3, 1), Tie::ZERO);
    auto minus = SignUpdate::Positive(3);
    minus.words[0] = 0b111;
    server.AcceptSum({2, -2, 0}, 2);
    server.Accept({2, 0, 1, {minus, {}}});
    server.Accept({3, 0, 1, {minus, {{2, 3}}}});
    server.Accept({4, 0, 1, {SignUpdate::Positive(3), {{0, 2}}}});
    EXPECT_EQ(ValuesOf(server.Close(0).update), (Vector{0, -1, 0}));
    EXPECT_EQ(ValuesOf(server.Close(1).update), (Vector{0, 0, 0})) << "nothing is left behind";
}

/** A worker's zeros abstain on request: they cost trits, and a minority decides without them. */
TEST(FlSignSgd, ZerosAbstainOnRequest)
{
    MethodRig plus("signsgd-mv", 3, 2, 1);
    MethodRig abstain("signsgd-mv[Zero=abstain]", 3, 2, 1);
    const std::vector<Vector> gradients{{0, 0}, {0, -0.0}, {-1, 0}};
    plus.Round(gradients);
    abstain.Round(gradients);
    EXPECT_EQ(plus.model, (Vector{-1, -1}));
    EXPECT_EQ(abstain.model, (Vector{1, 0}));
    EXPECT_TRUE(std::holds_alternative<TernaryUpdate>(abstain.Compute(0, {1, 1})));
}

/** An upload takes a bit a coordinate, filled up to bytes, and so does a vote without ties (8). */
TEST(FlSignSgd, Property8OneBitEachWay)
{
    for (const uint32_t size : {1, 8, 9, 640, 1001})
    {
        Random random({8, 1}, Purpose::TEST);
        MethodRig rig("signsgd-mv", 1, size, 1);
        const auto gradient = DrawNormal(size, random);
        EXPECT_EQ(Encode(rig.Compute(0, gradient), 100000).bytes.size(), (size + 7) / 8);
        EXPECT_EQ(Encode(rig.Round({gradient}), 100000).bytes.size(), (size + 7) / 8);
    }
}

/** Without exact zeros and with an odd number of workers both rules give the same models. */
TEST(FlSignSgd, Property11ZeroRulesCoincideWithoutZeros)
{
    Random random({11, 1}, Purpose::TEST);
    MethodRig plus("signsgd-mv[Zero=plus|Tie=plus]", 7, 100, 0.1);
    MethodRig abstain("signsgd-mv[Zero=abstain|Tie=zero]", 7, 100, 0.1);
    for (uint32_t round = 0; round < 50; ++round)
    {
        std::vector<Vector> gradients;
        for (int worker = 0; worker < 7; ++worker)
        {
            gradients.push_back(DrawNormal(100, random));
        }
        plus.Round(gradients, round);
        abstain.Round(gradients, round);
        ASSERT_EQ(plus.model, abstain.model);
    }
}

/** Signal-to-noise ratio S: the share of wrong signs is below the bound of the paper's lemma. */
TEST(FlSignSgd, Property16TheLemmaBoundsWrongSigns)
{
    constexpr uint32_t size = 200000;
    // 1/2 - S/(2 sqrt 3) up to 2/sqrt 3, then 2/(9 S^2); the error rate is Phi(-S).
    for (const double ratio : {0.2, 0.5, 1.0, 2.0, 3.0})
    {
        Random random({16, 1}, Purpose::TEST);
        MethodRig rig("signsgd-mv", 1, size, 1);
        const auto sent = ValuesOf(rig.Compute(0, DrawNormal(size, random, ratio)));
        const double wrong = static_cast<double>(std::count(sent.begin(), sent.end(), -1.0)) / size;
        const double bound =
            ratio > 2 / std::sqrt(3) ? 2 / (9 * ratio * ratio) : 0.5 - ratio / (2 * std::sqrt(3));
        EXPECT_LT(wrong, bound);
        const double exact = 0.5 * std::erfc(ratio / std::sqrt(2));
        EXPECT_NEAR(wrong, exact, 5 * std::sqrt(exact / size));
    }
}

/** All entries sent is the vote of signSGD in which zeros abstain, bit for bit, at any weight. */
TEST(FlS3gd, Property19And20SendingEverythingIsSignSgd)
{
    for (const std::string text : {"s3gd-mv[Density=1]",
                                   "s3gd-mv[Density=1|Accumulation=0]",
                                   "s3gd-mv[Density=1|Scope=global]"})
    {
        Random random({19, 1}, Purpose::TEST);
        MethodRig sparse(text, 4, 130, 0.1);
        MethodRig dense("signsgd-mv[Zero=abstain|Tie=zero]", 4, 130, 0.1);
        EXPECT_FALSE(sparse.Method().Traits().committed) << "nothing accumulates";
        for (uint32_t round = 0; round < 30; ++round)
        {
            std::vector<Vector> gradients;
            for (int worker = 0; worker < 4; ++worker)
            {
                gradients.push_back(DrawWhole(130, random, 2)); // many zeros and ties
            }
            sparse.Round(gradients, round);
            dense.Round(gradients, round);
            ASSERT_EQ(sparse.model, dense.model);
        }
    }
}

/**
 * What has accumulated becomes visible once it is large enough to be sent: 21 by hand. Weight 0.5,
 * one of two entries a round.
 */
TEST(FlS3gd, Property21SentEntriesAreClearedAndOthersAccumulate)
{
    MethodRig rig("s3gd-mv[Density=0.5|Accumulation=0.5]", 1, 2, 1);
    EXPECT_EQ(ValuesOf(rig.Send(0, {4, -3})), (Vector{1, 0}));   // a = {0, -3}
    EXPECT_EQ(ValuesOf(rig.Send(0, {2, 0})), (Vector{1, 0}));    // a = {2, -1.5} -> {0, -1.5}
    EXPECT_EQ(ValuesOf(rig.Send(0, {0.5, 0})), (Vector{0, -1})); // a = {0.5, -0.75} -> {0.5, 0}
    EXPECT_EQ(ValuesOf(rig.Send(0, {0, 0.2})), (Vector{1, 0}));  // a = {0.25, 0.2}
}

/**
 * With the weight 1, what was cleared and what has accumulated add up to all gradients, exactly as
 * they are whole numbers; lost votes stay accumulated (receipts), computations given up count for
 * nothing.
 */
TEST(FlS3gd, Property22AccumulationIsConservedUnderLoss)
{
    constexpr uint32_t size = 70;
    for (uint32_t seed = 1; seed <= 30; ++seed)
    {
        Random random({seed, 22}, Purpose::TEST);
        MethodRig rig("s3gd-mv[Density=0.1]", 1, size, 1);
        Vector expected(size); // a, kept by the definition
        for (uint32_t round = 0; round < 40; ++round)
        {
            if (round % 3 == 0)
            {
                rig.Compute(0, DrawWhole(size, random, 1000)); // given up
            }
            const auto gradient = DrawWhole(size, random, 1000);
            const auto missing = DrawMissing(size, random, 12);
            for (uint32_t i = 0; i < size; ++i)
            {
                expected[i] += gradient[i];
            }
            auto largest = BlockSelection({{"all", 0, 1, size}}, 0.1).Largest(expected);
            const auto votes = ValuesOf(rig.Send(0, gradient, missing, round));
            for (uint32_t i = 0; i < size; ++i)
            {
                const bool chosen = std::binary_search(largest.begin(), largest.end(), i);
                const double sign = (expected[i] > 0) - (expected[i] < 0);
                ASSERT_EQ(votes[i], chosen ? sign : 0);
                if (chosen && !Holds(missing, i))
                {
                    expected[i] = 0;
                }
            }
        }
    }
}

/** At most K votes a tensor, |V| summed at most M K, and where nobody votes nothing moves. */
TEST(FlS3gd, Property23VotesAreFew)
{
    const std::vector<Tensor> tensors{{"a", 0, 8, 10}, {"b", 80, 1, 15}};
    Random random({23, 1}, Purpose::TEST);
    MethodRig rig("s3gd-mv[Density=0.1]", MakeMethodSetup(5, 95, 1, tensors));
    for (uint32_t round = 0; round < 20; ++round)
    {
        const auto before = rig.model;
        Vector votes(95);
        for (uint32_t worker = 0; worker < 5; ++worker)
        {
            const auto sent = ValuesOf(rig.Send(worker, DrawNormal(95, random), {}, round));
            EXPECT_EQ(std::count(sent.begin(), sent.begin() + 80, 0.0), 80 - 8);
            EXPECT_EQ(std::count(sent.begin() + 80, sent.end(), 0.0), 15 - 2);
            for (uint32_t i = 0; i < 95; ++i)
            {
                votes[i] += sent[i];
            }
        }
        rig.Close(round);
        EXPECT_LE(test::AbsoluteSum(votes), 5 * 10);
        for (uint32_t i = 0; i < 95; ++i)
        {
            ASSERT_EQ(rig.model[i], before[i] - ((votes[i] > 0) - (votes[i] < 0)));
        }
    }
}

/** Bits grow with the density, and are fewer than a bit a coordinate iff it is below 0.219 (24). */
TEST(FlS3gd, Property24BitsByDensity)
{
    constexpr uint32_t size = 20000;
    uint64_t before = 0;
    for (const double density : {0.01, 0.05, 0.1, 0.2, 0.21, 0.23, 0.3})
    {
        MethodRig rig("s3gd-mv[Choice=random|Density=" + std::to_string(density) + "]", 1, size, 1);
        const auto bits = Encode(rig.Compute(0, Vector(size, 1)), 1000000).paperBits;
        EXPECT_GT(bits, before);
        EXPECT_EQ(bits < size, density < 0.219) << density;
        before = bits;
    }
}

TEST(FlS3gd, Property25OneWorkerOneEntry)
{
    MethodRig rig("s3gd-mv[Density=0.001]", 1, 5, 0.25);
    rig.Round({{1, -7, 3, 7, 0}});
    EXPECT_EQ(rig.model, (Vector{0, 0.25, 0, 0, 0})) << "of equal ones the lower index";
}

/** A gradient that stays is sent sooner or later in every coordinate, however small it is. */
TEST(FlS3gd, Property26NobodyStarves)
{
    constexpr uint32_t size = 50;
    MethodRig rig("s3gd-mv[Density=0.02]", 1, size, 1);
    Vector gradient(size);
    for (uint32_t i = 0; i < size; ++i)
    {
        gradient[i] = std::pow(0.9, i);
    }
    for (uint32_t round = 0; round < 3000; ++round)
    {
        rig.Round({gradient}, round);
    }
    for (uint32_t i = 0; i < size; ++i)
    {
        EXPECT_LT(rig.model[i], 0) << i;
    }
}

/** The toy of the reference: 15 workers, a noisy quadratic; accumulation is no worse than none. */
TEST(FlS3gd, Property27AccumulationHelps)
{
    constexpr uint32_t size = 200;
    constexpr uint32_t workers = 15;
    for (const std::string density : {"0.1", "0.02"})
    {
        const auto lossWith = [&](const std::string& weight)
        {
            Random random({27, 1}, Purpose::TEST);
            MethodRig rig("s3gd-mv[Density=" + density + "|Accumulation=" + weight + "]",
                          workers,
                          size,
                          0.02);
            rig.model = DrawNormal(size, random);
            for (uint32_t round = 0; round < 150; ++round)
            {
                std::vector<Vector> gradients;
                for (uint32_t worker = 0; worker < workers; ++worker)
                {
                    gradients.push_back(DrawNormal(size, random));
                    for (uint32_t i = 0; i < size; ++i)
                    {
                        gradients.back()[i] += rig.model[i];
                    }
                }
                rig.Round(gradients, round);
            }
            return test::SquaredNorm(rig.model);
        };
        EXPECT_LE(lossWith("1"), lossWith("0")) << density;
    }
}

/** Places at random: the right number in each tensor, other ones each round, nothing remembered. */
TEST(FlS3gd, RandomChoice)
{
    const std::vector<Tensor> tensors{{"a", 0, 8, 10}, {"b", 80, 1, 15}};
    MethodRig rig("s3gd-mv[Density=0.1|Choice=random]", MakeMethodSetup(2, 95, 1, tensors));
    EXPECT_FALSE(rig.Method().Traits().committed);
    Vector drawn(95);
    std::vector<Vector> sent;
    for (uint32_t round = 0; round < 300; ++round)
    {
        sent.push_back(ValuesOf(rig.Send(0, Vector(95, -1.0), {}, round)));
        EXPECT_EQ(std::count(sent.back().begin(), sent.back().begin() + 80, -1.0), 8);
        EXPECT_EQ(std::count(sent.back().begin() + 80, sent.back().end(), -1.0), 2);
        drawn = Minus(drawn, sent.back());
    }
    EXPECT_NE(sent[0], sent[1]);
    EXPECT_NE(sent[0], ValuesOf(rig.Compute(1, Vector(95, -1.0), 0)));
    EXPECT_EQ(ValuesOf(rig.Compute(0, Vector(95))), Vector(95)) << "a sign of 0 is no vote";
    // Each entry of the first tensor is drawn 30 times of 300, with a deviation of 5.2.
    EXPECT_GT(*std::min_element(drawn.begin(), drawn.begin() + 80), 5);
    EXPECT_LT(*std::max_element(drawn.begin(), drawn.begin() + 80), 60);
}

/** Momentum 0.5 at the server: steps 1, 1.5, 0.75 for the votes 1, 1, 0. Decay by hand. */
TEST(FlS3gd, ServerMomentumAndDecay)
{
    MethodRig rig("s3gd-mv[Density=1|Momentum=0.5]", 1, 1, 1);
    EXPECT_EQ(rig.Method().Traits().broadcast, BroadcastKind::MODEL);
    rig.Round({{2}});
    EXPECT_EQ(rig.model[0], -1);
    rig.Round({{2}});
    EXPECT_EQ(rig.model[0], -2.5);
    rig.Round({{0}});
    EXPECT_EQ(rig.model[0], -3.25);
    MethodRig decay("s3gd-mv[Density=1|WeightDecay=0.25]", 1, 2, 0.5);
    EXPECT_EQ(decay.Method().Traits().broadcast, BroadcastKind::UPDATE);
    decay.model = {8, 8};
    decay.Round({{0, 1}});
    EXPECT_EQ(decay.model, (Vector{7, 6.5}));
    // The decay passes through the momentum: v = 1 + 0.25 * 8, then 0.5 * 3 + 1 + 0.25 * 5.
    MethodRig both("s3gd-mv[Density=1|Momentum=0.5|WeightDecay=0.25]", 1, 1, 1);
    both.model = {8};
    both.Round({{2}});
    EXPECT_EQ(both.model[0], 5);
    both.Round({{2}});
    EXPECT_EQ(both.model[0], 1.25);
}

/**
 * A dishonest worker lies about what it signs, which is the momentum, and its momentum stays true:
 * v = 0.5, then 0.5 * 0.5 - 0.5 * 3 = -1.25.
 */
TEST(FlSignum, LiesActOnTheMomentum)
{
    class Liar : public test::MethodContext
    {
      public:
        using MethodContext::MethodContext;

        void Vote(Vector& vector) override
        {
            honest = vector;
            vector = {-vector[0]};
        }

        Vector honest;
    };

    MethodRig rig("signsgd-mv[Momentum=0.5]", 1, 1, 1);
    EXPECT_TRUE(rig.Method().Traits().votes);
    for (const auto& [gradient, momentum] :
         std::vector<std::pair<double, double>>{{1, 0.5}, {-3, -1.25}})
    {
        Liar context({0}, [g = gradient](const Vector&, uint32_t) { return Vector{g}; });
        double loss = 0;
        const auto update = rig.Half(0).Compute(context, loss);
        rig.Half(0).Adopt();
        EXPECT_EQ(context.honest, Vector{momentum});
        const bool minus = std::get<SignUpdate>(*update).Negative(0);
        EXPECT_EQ(minus, momentum > 0) << "the lie is what is signed";
    }
}

} // namespace fl
