/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/fl-algorithm.h"

#include "ns3/fl-coordinate-mean.h"
#include "ns3/fl-error.h"
#include "ns3/fl-registry.h"
#include "ns3/fl-top-k-selection.h"

#include "fl-test-helpers.h"

#include <algorithm>
#include <cmath>
#include <gtest/gtest.h>
#include <limits>
#include <numeric>

namespace fl
{

namespace
{

using test::UpTo;

using Vector = std::vector<double>;

/** A worker whose gradient is given. */
class GivenGradient : public WorkerContext<double>
{
  public:
    GivenGradient(Vector model, Vector gradient)
        : m_model(std::make_shared<const Vector>(std::move(model))),
          m_gradient(std::move(gradient)),
          m_draws({1, 1}, Purpose::TEST)
    {
    }

    SharedModel<double> Model() const override
    {
        return m_model;
    }

    uint32_t Round() const override
    {
        return 0;
    }

    uint32_t Exchange() const override
    {
        return 0;
    }

    const ReceivedUpdate<double>* Answer() const override
    {
        return nullptr;
    }

    double Gradient(const Vector& model, uint32_t step, Vector& gradient) override
    {
        EXPECT_EQ(&model, m_model.get());
        EXPECT_EQ(step, 0U);
        EXPECT_EQ(gradient.size(), m_gradient.size());
        gradient = m_gradient;
        return 0.5;
    }

    Random& Draws() override
    {
        return m_draws;
    }

  private:
    SharedModel<double> m_model;
    Vector m_gradient;
    Random m_draws;
};

/** Both halves of an algorithm without anything between them. */
class Rig
{
  public:
    Rig(const std::string& algorithm,
        uint32_t workers,
        uint32_t dimension,
        double rate,
        RunSeed runSeed = {},
        std::vector<Tensor> tensors = {})
        : model(dimension),
          m_setup{workers, dimension, std::move(tensors), rate, 10, 1, runSeed, {}}
    {
        if (m_setup.tensors.empty())
        {
            m_setup.tensors = {{"all", 0, 1, dimension}};
        }
        m_algorithm = MakeAlgorithm<double>(algorithm, m_setup);
        m_server = m_algorithm->MakeServer();
        for (uint32_t worker = 0; worker < workers; ++worker)
        {
            m_halves.push_back(m_algorithm->MakeWorker({worker, 100}));
        }
    }

    AlgorithmTraits Traits() const
    {
        return m_algorithm->Traits();
    }

    WorkerHalf<double>& Half(uint32_t worker)
    {
        return *m_halves[worker];
    }

    /** @return what a worker would send for a gradient */
    Update<double> Compute(uint32_t worker, const Vector& gradient)
    {
        GivenGradient context(model, gradient);
        double loss = 0;
        auto update = m_halves[worker]->Compute(context, loss);
        EXPECT_EQ(loss, 0.5);
        EXPECT_TRUE(update.has_value());
        return *update;
    }

    /** The server takes an update in, of which some coordinates were lost. */
    void Accept(uint32_t worker, Update<double> update, Ranges missing = {})
    {
        m_server->Accept({worker, 0, 100, {std::move(update), std::move(missing)}});
    }

    /** The server closes the round and the model moves. @return the change */
    Update<double> Close(uint32_t round = 0)
    {
        auto closing = m_server->Close(round);
        EXPECT_FALSE(closing.another);
        m_algorithm->Apply({closing.update, {}}, round, model);
        return closing.update;
    }

    /** A round in which everything arrives; one gradient a worker. */
    Update<double> Round(const std::vector<Vector>& gradients, uint32_t round = 0)
    {
        for (uint32_t worker = 0; worker < gradients.size(); ++worker)
        {
            auto update = Compute(worker, gradients[worker]);
            m_halves[worker]->Adopt();
            Accept(worker, std::move(update));
            if (Traits().committed)
            {
                m_halves[worker]->Confirm({round, 0, {}});
            }
        }
        return Close(round);
    }

    Vector model;

  private:
    AlgorithmSetup m_setup;
    std::unique_ptr<Algorithm<double>> m_algorithm;
    std::unique_ptr<ServerHalf<double>> m_server;
    std::vector<std::unique_ptr<WorkerHalf<double>>> m_halves;
};

/** @return normal numbers */
Vector
DrawNormal(uint32_t size, Random& random, double mean = 0)
{
    Vector values(size);
    for (auto& value : values)
    {
        value = mean + random.Normal();
    }
    return values;
}

/** @return small whole numbers without 0, whose sums are exact */
Vector
DrawWhole(uint32_t size, Random& random)
{
    Vector values(size);
    for (auto& value : values)
    {
        value = (1 + random.Below(1000)) * (random.Below(2) == 0 ? 1.0 : -1.0);
    }
    return values;
}

/** @return numbers times a factor */
Vector
Times(Vector values, double factor)
{
    for (auto& value : values)
    {
        value *= factor;
    }
    return values;
}

/** @return the signs of an update, as 1 and -1 */
Vector
SignsOf(const Update<double>& update)
{
    const auto& signs = std::get<SignUpdate>(update);
    Vector values;
    for (uint32_t i = 0; i < signs.size; ++i)
    {
        values.push_back(signs.Negative(i) ? -1 : 1);
    }
    return values;
}

/** @return sum of squares */
double
SquaredNorm(const Vector& values)
{
    return std::inner_product(values.begin(), values.end(), values.begin(), 0.0);
}

} // namespace

TEST(FlAlgorithm, UnknownNamesAndParametersAreRefused)
{
    const AlgorithmSetup setup{1, 1, {{"all", 0, 1, 1}}, 0.1, 0, 1, {}, {}};
    for (const std::string text : {"no-such",
                                   "sgd[Density=1]",
                                   "top-k[Density=0]",
                                   "top-k[Density=1.1]",
                                   "top-k[Scope=layer]",
                                   "signsgd-mv[Momentum=-0.1]",
                                   "signsgd-mv[WeightDecay=-1]",
                                   "signsgd-mv[Tie=minus]"})
    {
        EXPECT_THROW(MakeAlgorithm<float>(text, setup), UserError) << text;
        EXPECT_THROW(MakeAlgorithm<double>(text, setup), UserError) << text;
    }
}

/** What is said of a computation's cost: one gradient of one batch, at most all samples. */
TEST(FlAlgorithm, WorkIsDeclared)
{
    for (const std::string text : {"sgd", "signsgd-mv", "top-k"})
    {
        for (const uint32_t batch : {0, 10, 1000})
        {
            const AlgorithmSetup setup{1, 50, {{"all", 0, 1, 50}}, 0.1, batch, 1, {}, {}};
            const auto work = MakeAlgorithm<double>(text, setup)
                                  ->MakeWorker({0, 100})
                                  ->DeclareWork(GivenGradient(Vector(50), Vector(50)));
            EXPECT_EQ(work.gradientEvaluations, 1U);
            EXPECT_EQ(work.samples, batch == 10 ? 10U : 100U);
            EXPECT_EQ(work.localSteps, 1U);
            EXPECT_EQ(work.encodedCoordinates, 50U);
        }
    }
}

TEST(FlAlgorithm, CoordinateMeanDividesByWhatArrived)
{
    CoordinateMean<double> mean(4);
    mean.Add({DenseUpdate<double>{{1, 2, 3, 0}}, {{3, 4}}});
    mean.Add({DenseUpdate<double>{{5, 0, 0, 0}}, {{1, 4}}});
    mean.Add({SparseUpdate<double>{4, {2}, {6}}, {{3, 4}}});
    EXPECT_EQ(mean.Take(), (Vector{2, 1, 4.5, 0}));
    mean.AddSum({2, 4, 6, 8}, 2);
    mean.Add({DenseUpdate<double>{{1, 2, 3, 4}}, {}});
    EXPECT_EQ(mean.Take(), (Vector{1, 2, 3, 4}));
    EXPECT_EQ(mean.Take(), Vector(4)) << "nothing is left behind";
}

/** Gradients 1, 2 and 6 at rate 0.5 move the model by 1.5. */
TEST(FlSgd, StepsAgainstTheMean)
{
    Rig rig("sgd", 3, 2, 0.5);
    rig.model = {10, 20};
    rig.Round({{1, -4}, {2, 0}, {6, 1}});
    EXPECT_EQ(rig.model, (Vector{8.5, 20.5}));
}

/** A coordinate that one worker lost is the mean of the others; one that all lost stays. */
TEST(FlSgd, LossDoesNotShrinkTheStep)
{
    Rig rig("sgd", 2, 3, 1);
    rig.Accept(0, DenseUpdate<double>{{1, 2, 0}}, {{2, 3}});
    rig.Accept(1, DenseUpdate<double>{{3, 0, 0}}, {{1, 3}});
    rig.Close();
    EXPECT_EQ(rig.model, (Vector{-2, -2, 0}));
    rig.Close();
    EXPECT_EQ(rig.model, (Vector{-2, -2, 0})) << "a round that heard nobody moves nothing";
}

/** A channel that adds the signals up gives the same model as single uploads. */
TEST(FlSgd, ASumOfUploadsSuffices)
{
    const AlgorithmSetup setup{3, 2, {{"all", 0, 1, 2}}, 0.5, 0, 1, {}, {}};
    for (const std::string text : {"sgd", "signsgd-mv", "top-k[Density=1]"})
    {
        const auto algorithm = MakeAlgorithm<double>(text, setup);
        ASSERT_TRUE(algorithm->Traits().sumSuffices);
        Rig rig(text, 3, 2, 0.5);
        rig.Round({{1, -4}, {2, 1}, {6, 1}});
        // The same gradients as sums of what the three would have sent.
        const Vector sum = text == "sgd"          ? Vector{9, -2}
                           : text == "signsgd-mv" ? Vector{3, 1}
                                                  : Vector{4.5, -1};
        auto server = algorithm->MakeServer();
        server->AcceptSum(sum, 3);
        Vector model(2);
        algorithm->Apply({server->Close(0).update, {}}, 0, model);
        EXPECT_EQ(model, rig.model) << text;
    }
}

/** One worker moves every coordinate by exactly the rate, against the sign of its gradient. */
TEST(FlSignSgd, Property9OneWorkerStepsByTheRate)
{
    Rig rig("signsgd-mv", 1, 4, 0.25);
    EXPECT_EQ(SignsOf(rig.Round({{3, -1e-300, 0, -0.0}})), (Vector{1, -1, 1, 1}))
        << "the sign of zero is plus, of minus zero, too";
    EXPECT_EQ(rig.model, (Vector{-0.25, 0.25, -0.25, -0.25}));
}

/** The vote is the sign of the sum of signs, worked out apart; an odd number has no ties. */
TEST(FlSignSgd, TheMajorityDecides)
{
    constexpr uint32_t size = 500;
    Random random({1, 1}, Purpose::TEST);
    for (const uint32_t workers : {1, 3, 7, 27})
    {
        for (const std::string tie : {"plus", "zero", "random"})
        {
            Rig rig("signsgd-mv[Tie=" + tie + "]", workers, size, 1);
            std::vector<Vector> gradients;
            for (uint32_t worker = 0; worker < workers; ++worker)
            {
                gradients.push_back(DrawNormal(size, random));
            }
            const auto votes = SignsOf(rig.Round(gradients));
            for (uint32_t i = 0; i < size; ++i)
            {
                int sum = 0;
                for (const auto& gradient : gradients)
                {
                    sum += gradient[i] < 0 ? -1 : 1;
                }
                ASSERT_EQ(votes[i], sum > 0 ? 1 : -1);
                ASSERT_EQ(rig.model[i], -votes[i]) << "the step is the rate in every coordinate";
            }
        }
    }
}

/** Two opposite votes in the first coordinate, two equal ones in the second. */
TEST(FlSignSgd, TieRules)
{
    const std::vector<Vector> gradients{{1, -1}, {-1, -1}};
    Rig plus("signsgd-mv", 2, 2, 0.5);
    plus.Round(gradients);
    EXPECT_EQ(plus.model, (Vector{-0.5, 0.5}));
    Rig zero("signsgd-mv[Tie=zero]", 2, 2, 0.5);
    EXPECT_TRUE(std::holds_alternative<TernaryUpdate>(zero.Round(gradients)));
    EXPECT_EQ(zero.model, (Vector{0, 0.5}));
    EXPECT_TRUE(std::holds_alternative<SignUpdate>(zero.Round({{1, 1}, {1, 1}})))
        << "one bit a coordinate while nothing is undecided";
}

/** A fair coin a coordinate, keyed by seed, run and round. */
TEST(FlSignSgd, RandomTiesAreFairAndKeyed)
{
    constexpr uint32_t size = 40000;
    const std::vector<Vector> gradients{Vector(size, 1), Vector(size, -1)};
    const auto toss = [&](RunSeed runSeed, uint32_t round)
    {
        Rig rig("signsgd-mv[Tie=random]", 2, size, 1, runSeed);
        return SignsOf(rig.Round(gradients, round));
    };
    const auto first = toss({1, 1}, 0);
    EXPECT_EQ(first, toss({1, 1}, 0));
    for (const auto& other : {toss({2, 1}, 0), toss({1, 2}, 0), toss({1, 1}, 1)})
    {
        // Sums of 40000 fair signs have the deviation 200.
        EXPECT_LT(std::abs(std::accumulate(other.begin(), other.end(), 0.0)), 5 * 200.0);
        EXPECT_LT(std::abs(std::inner_product(first.begin(), first.end(), other.begin(), 0.0)),
                  5 * 200.0);
    }
    EXPECT_LT(std::abs(std::accumulate(first.begin(), first.end(), 0.0)), 5 * 200.0);
}

/** A lost vote counts for neither side, and where nobody voted nothing moves under any rule. */
TEST(FlSignSgd, LostVotesAreAbstentions)
{
    for (const std::string tie : {"plus", "zero", "random"})
    {
        Rig rig("signsgd-mv[Tie=" + tie + "]", 3, 4, 1);
        auto minus = SignUpdate::Positive(4);
        minus.words[0] = 0xf;
        rig.Accept(0, minus, {{2, 4}});
        rig.Accept(1, SignUpdate::Positive(4), {{0, 1}, {1, 2}, {3, 4}});
        rig.Accept(2, minus, {{1, 4}});
        const auto update = rig.Close();
        ASSERT_TRUE(std::holds_alternative<TernaryUpdate>(update)) << "a trit says stay";
        EXPECT_EQ(rig.model, (Vector{1, 1, -1, 0})) << tie;
        rig.Close();
        EXPECT_EQ(rig.model, (Vector{1, 1, -1, 0})) << "a round that heard nobody, " << tie;
    }
}

TEST(FlSignSgd, Properties13And14PermutingOrRescalingWorkersChangesNothing)
{
    constexpr uint32_t size = 200;
    constexpr uint32_t workers = 6;
    for (const std::string text : {"signsgd-mv[Tie=random|Momentum=0.5]",
                                   "signsgd-mv[Tie=zero|Momentum=0.9|WeightDecay=0.1]",
                                   "signsgd-mv"})
    {
        Rig plain(text, workers, size, 0.25);
        Rig permuted(text, workers, size, 0.25);
        Rig scaled(text, workers, size, 0.25);
        Random random({3, 1}, Purpose::TEST);
        for (uint32_t round = 0; round < 10; ++round)
        {
            std::vector<Vector> gradients;
            std::vector<Vector> bigger;
            for (uint32_t worker = 0; worker < workers; ++worker)
            {
                gradients.push_back(DrawNormal(size, random));
                // Powers of two rescale without rounding.
                bigger.push_back(Times(gradients.back(), std::ldexp(1, 3 * worker)));
            }
            plain.Round(gradients, round);
            scaled.Round(bigger, round);
            std::rotate(gradients.begin(), gradients.begin() + 2, gradients.end());
            std::swap(gradients[0], gradients[1]);
            permuted.Round(gradients, round);
            ASSERT_EQ(permuted.model, plain.model);
            ASSERT_EQ(scaled.model, plain.model);
        }
    }
}

/** Three of seven inverters change nothing, four turn every coordinate over. */
TEST(FlSignSgd, Property15AMinorityOfInvertersIsPowerless)
{
    constexpr uint32_t size = 300;
    Random random({4, 1}, Purpose::TEST);
    const auto gradient = DrawNormal(size, random);
    const auto stepOf = [&](uint32_t inverters)
    {
        Rig rig("signsgd-mv", 7, size, 0.5);
        std::vector<Vector> gradients(7, gradient);
        for (uint32_t i = 0; i < inverters; ++i)
        {
            gradients[i] = Times(gradient, -1);
        }
        rig.Round(gradients);
        return rig.model;
    };
    const auto honest = stepOf(0);
    for (uint32_t inverters = 1; inverters <= 3; ++inverters)
    {
        EXPECT_EQ(stepOf(inverters), honest);
    }
    for (uint32_t inverters = 4; inverters <= 7; ++inverters)
    {
        EXPECT_EQ(stepOf(inverters), Times(honest, -1));
    }
}

/** v = (1 - beta) g + beta v with beta = 0.5, by hand: 1, -0.4 gives 0.5, 0.05; -0.9 gives -0.2. */
TEST(FlSignSgd, MomentumByHand)
{
    Rig rig("signsgd-mv[Momentum=0.5]", 1, 2, 1);
    EXPECT_EQ(SignsOf(rig.Round({{1, 1}})), (Vector{1, 1}));
    EXPECT_EQ(SignsOf(rig.Round({{-0.4, -0.9}})), (Vector{1, -1}));
    // 0.5 * -0.04 + 0.5 * 0.05 = 0.005; 0.5 * 0.3 - 0.5 * 0.2 = 0.05.
    EXPECT_EQ(SignsOf(rig.Round({{-0.04, 0.3}})), (Vector{1, 1}));
}

TEST(FlSignSgd, Properties12And17WithoutMomentumItIsSignSgd)
{
    Random random({5, 1}, Purpose::TEST);
    Rig signum("signsgd-mv[Momentum=0|WeightDecay=0]", 3, 100, 0.1);
    Rig plain("signsgd-mv", 3, 100, 0.1);
    for (uint32_t round = 0; round < 5; ++round)
    {
        const std::vector<Vector> gradients{DrawNormal(100, random),
                                            DrawNormal(100, random),
                                            DrawNormal(100, random)};
        const auto before = plain.model;
        signum.Round(gradients);
        EXPECT_EQ(SignsOf(plain.Round(gradients)).size(), 100U);
        ASSERT_EQ(signum.model, plain.model);
        for (uint32_t i = 0; i < 100; ++i)
        {
            ASSERT_NEAR(std::abs(plain.model[i] - before[i]), 0.1, 1e-15);
        }
    }
}

/** Decay acts on the model, not on the vote: x - 0.5 * (vote + 0.25 x). */
TEST(FlSignSgd, Property18WeightDecayIsDecoupled)
{
    Rig rig("signsgd-mv[Tie=zero|WeightDecay=0.25]", 2, 3, 0.5);
    rig.model = {8, 8, -8};
    rig.Round({{1, 1, -1}, {-1, 1, -1}});
    EXPECT_EQ(rig.model, (Vector{7, 6.5, -6.5})) << "a vote of zero leaves x (1 - rate * decay)";
}

/** A computation that is given up leaves nothing behind. */
TEST(FlSignSgd, OnlyAdoptionChangesTheMomentum)
{
    Rig rig("signsgd-mv[Momentum=0.5]", 1, 1, 1);
    rig.Round({{1}});
    for (int i = 0; i < 3; ++i)
    {
        EXPECT_EQ(SignsOf(rig.Compute(0, {-0.2})), (Vector{1})); // -0.1 + 0.25
        EXPECT_EQ(SignsOf(rig.Compute(0, {-1.2})), (Vector{-1}));
        EXPECT_EQ(SignsOf(rig.Compute(0, {-0.4})), (Vector{1}));
    }
    rig.Half(0).Adopt(); // the last: v = -0.2 + 0.25 = 0.05
    EXPECT_EQ(SignsOf(rig.Compute(0, {-0.04})), (Vector{1}));
    EXPECT_EQ(SignsOf(rig.Compute(0, {-0.06})), (Vector{-1}));
}

/**
 * Normal noise at signal-to-noise ratio 0.5: one worker errs with probability Phi(-0.5) = 0.3085,
 * more workers err less, inverters help them to err, and a majority of inverters more often than
 * not.
 */
TEST(FlSignSgd, ErrorsFallWithWorkersAndRiseWithInverters)
{
    constexpr uint32_t size = 20000;
    const auto wrongShare = [&](uint32_t workers, uint32_t inverters)
    {
        Random random({6, workers}, Purpose::TEST, inverters);
        Rig rig("signsgd-mv", workers, size, 1);
        std::vector<Vector> gradients;
        for (uint32_t worker = 0; worker < workers; ++worker)
        {
            gradients.push_back(Times(DrawNormal(size, random, 0.5), worker < inverters ? -1 : 1));
        }
        const auto votes = SignsOf(rig.Round(gradients));
        return static_cast<double>(std::count(votes.begin(), votes.end(), -1)) / size;
    };
    EXPECT_NEAR(wrongShare(1, 0), 0.3085, 5 * std::sqrt(0.3085 * 0.6915 / size));
    EXPECT_LT(wrongShare(3, 0), wrongShare(1, 0) - 0.03);
    EXPECT_LT(wrongShare(9, 0), wrongShare(3, 0) - 0.03);
    EXPECT_LT(wrongShare(27, 0), wrongShare(9, 0) - 0.03);
    EXPECT_LT(wrongShare(27, 0), wrongShare(27, 4));
    EXPECT_LT(wrongShare(27, 4), wrongShare(27, 8));
    EXPECT_LT(wrongShare(27, 13), 0.5);
    EXPECT_GT(wrongShare(27, 14), 0.5);
}

/** The smoke test of the literature: 1000 dimensions, unit noise, 27 workers. */
TEST(FlSignSgd, ConvergesOnANoisyQuadratic)
{
    constexpr uint32_t size = 1000;
    constexpr uint32_t workers = 27;
    Random random({7, 1}, Purpose::TEST);
    Rig rig("signsgd-mv", workers, size, 0.02);
    rig.model = DrawNormal(size, random);
    const double begin = SquaredNorm(rig.model);
    for (uint32_t round = 0; round < 250; ++round)
    {
        std::vector<Vector> gradients;
        for (uint32_t worker = 0; worker < workers; ++worker)
        {
            gradients.push_back(rig.model); // of half the squared norm
            for (auto& coordinate : gradients.back())
            {
                coordinate += random.Normal();
            }
        }
        rig.Round(gradients, round);
    }
    EXPECT_LT(SquaredNorm(rig.model), 0.02 * begin);
}

/** The largest magnitudes; of equal ones the first; of what is no number first of all. */
TEST(FlTopK, SelectionByHand)
{
    const auto select = [](const Vector& values, uint32_t first, uint32_t count, uint32_t keep)
    {
        std::vector<uint32_t> chosen{77};
        SelectTopK(values, first, count, keep, chosen);
        EXPECT_EQ(chosen[0], 77U) << "what was chosen before stays";
        chosen.erase(chosen.begin());
        return chosen;
    };
    using Indices = std::vector<uint32_t>;
    EXPECT_EQ(select({1, -5, 3, 4}, 0, 4, 2), (Indices{1, 3}));
    EXPECT_EQ(select({1, -5, 3, 4}, 2, 2, 1), (Indices{3}));
    EXPECT_EQ(select({2, -2, 2, -2, 2}, 0, 5, 3), (Indices{0, 1, 2}));
    EXPECT_EQ(select({0, 0, -0.0, 0}, 0, 4, 2), (Indices{0, 1}));
    EXPECT_EQ(select({1, 2, 3}, 0, 3, 0), (Indices{}));
    EXPECT_EQ(select({1, 2, 3}, 0, 3, 3), (Indices{0, 1, 2}));
    const double nan = std::nan("");
    const double infinity = std::numeric_limits<double>::infinity();
    EXPECT_EQ(select({9, nan, 8, -infinity, nan}, 0, 5, 2), (Indices{1, 3}));
    EXPECT_EQ(select(Vector(1000, nan), 0, 1000, 3), (Indices{0, 1, 2}));
}

/** Against a full sort, with many ties. What stays is at most the share 1 - K/N of the square. */
TEST(FlTopK, Property59SelectionEqualsAFullSortAndContracts)
{
    for (uint32_t seed = 1; seed <= 300; ++seed)
    {
        Random random({seed, 1}, Purpose::TEST);
        const uint32_t size = 1 + random.Below(200);
        const uint32_t keep = random.Below(size + 1);
        Vector values(size);
        for (auto& value : values)
        {
            value = seed % 2 == 0 ? random.Normal() : static_cast<double>(random.Below(9)) - 4;
        }
        auto order = UpTo(size);
        std::stable_sort(order.begin(),
                         order.end(),
                         [&](uint32_t a, uint32_t b)
                         { return std::abs(values[a]) > std::abs(values[b]); });
        order.resize(keep);
        std::sort(order.begin(), order.end());
        std::vector<uint32_t> chosen;
        SelectTopK(values, 0, size, keep, chosen);
        ASSERT_EQ(chosen, order);
        auto rest = values;
        for (const uint32_t i : chosen)
        {
            rest[i] = 0;
        }
        ASSERT_LE(SquaredNorm(rest),
                  (1 - static_cast<double>(keep) / size) * SquaredNorm(values) + 1e-12);
    }
}

/** The rounded-up share of each tensor, at least one entry of each; or of the model as a whole. */
TEST(FlTopK, ExactlyKEntriesPerTensor)
{
    const std::vector<Tensor> tensors{{"a", 0, 10, 10}, {"b", 100, 1, 7}, {"c", 107, 1, 1}};
    constexpr uint32_t size = 108;
    Random random({1, 1}, Purpose::TEST);
    const auto gradient = DrawNormal(size, random);
    const auto countsOf = [&](const std::string& text)
    {
        Rig rig(text, 1, size, 1, {}, tensors);
        std::vector<uint32_t> counts(3);
        const auto update = std::get<SparseUpdate<double>>(rig.Compute(0, gradient));
        for (const uint32_t i : update.indices)
        {
            ++counts[i < 100 ? 0 : i < 107 ? 1 : 2];
        }
        return counts;
    };
    using Counts = std::vector<uint32_t>;
    EXPECT_EQ(countsOf("top-k[Density=0.25]"), (Counts{25, 2, 1}));
    EXPECT_EQ(countsOf("top-k[Density=0.01]"), (Counts{1, 1, 1}));
    EXPECT_EQ(countsOf("top-k[Density=0.0001]"), (Counts{1, 1, 1}));
    EXPECT_EQ(countsOf("top-k[Density=1]"), (Counts{100, 7, 1}));
    const auto global = countsOf("top-k[Density=0.25|Scope=global]");
    EXPECT_EQ(global[0] + global[1] + global[2], 27U);
}

/** By hand: v = 0.5 g + e; the larger is sent, the other waits and is sent in the next round. */
TEST(FlTopK, ErrorFeedbackByHand)
{
    Rig rig("top-k[Density=0.5]", 1, 2, 0.5);
    rig.Round({{8, -6}});
    EXPECT_EQ(rig.model, (Vector{-4, 0}));
    rig.Round({{2, -1}}); // v = {1, -3.5}
    EXPECT_EQ(rig.model, (Vector{-4, 3.5}));
    rig.Round({{0, 0}}); // v = {1, 0}
    EXPECT_EQ(rig.model, (Vector{-5, 3.5}));
}

/** Of two workers each sends one of two entries; what is not sent counts as zero in the mean. */
TEST(FlTopK, TheMeanIsOverAllWorkers)
{
    Rig rig("top-k[Density=0.5]", 2, 2, 1);
    const auto update = rig.Round({{8, 1}, {-4, 6}});
    EXPECT_EQ(std::get<SparseUpdate<double>>(update).indices, (std::vector<uint32_t>{0, 1}));
    EXPECT_EQ(rig.model, (Vector{-4, -3}));
    const auto single = rig.Round({{2, 0}, {0, 0}}); // v = {2, 1} and {-4, 0}
    EXPECT_EQ(std::get<SparseUpdate<double>>(single).indices, (std::vector<uint32_t>{0}));
    EXPECT_EQ(rig.model, (Vector{-3, -3}));
}

/** With every entry sent it is SGD, bit for bit at a rate that is a power of two, error 0. */
TEST(FlTopK, Property58SendingEverythingIsSgd)
{
    constexpr uint32_t size = 50;
    constexpr uint32_t workers = 5;
    Rig sparse("top-k[Density=1]", workers, size, 0.25);
    Rig dense("sgd", workers, size, 0.25);
    Random random({8, 1}, Purpose::TEST);
    for (uint32_t round = 0; round < 20; ++round)
    {
        std::vector<Vector> gradients;
        for (uint32_t worker = 0; worker < workers; ++worker)
        {
            gradients.push_back(DrawNormal(size, random));
        }
        sparse.Round(gradients, round);
        dense.Round(gradients, round);
        ASSERT_EQ(sparse.model, dense.model);
        for (uint32_t worker = 0; worker < workers; ++worker)
        {
            const auto rest = std::get<SparseUpdate<double>>(sparse.Compute(worker, Vector(size)));
            ASSERT_EQ(rest.values, Vector(size)) << "without a gradient the error alone is sent";
        }
    }
}

/**
 * Nothing is lost and nothing counts twice: what receipts confirmed and what remains as error is
 * all that was ever put in. Whole numbers, so that equality is exact; the error is made visible by
 * rounds without a gradient, until it has been sent.
 */
TEST(FlTopK, ErrorFeedbackConservesUnderPartialReceipts)
{
    constexpr uint32_t size = 60;
    const std::vector<Tensor> tensors{{"a", 0, 1, 40}, {"b", 40, 1, 20}};
    for (uint32_t seed = 1; seed <= 40; ++seed)
    {
        Random random({seed, 9}, Purpose::TEST);
        Rig rig("top-k[Density=0.1]", 1, size, 0.5, {}, tensors);
        Vector put(size);
        Vector confirmed(size);
        for (uint32_t round = 0; round < 40; ++round)
        {
            const auto gradient = round < 20 ? DrawWhole(size, random) : Vector(size);
            if (round % 3 == 0)
            {
                rig.Compute(0, DrawWhole(size, random)); // given up
            }
            const auto update = rig.Compute(0, gradient);
            rig.Half(0).Adopt();
            Ranges missing;
            for (uint32_t i = 0; i < size && round < 20;)
            {
                const uint32_t end = std::min(size, i + 1 + random.Below(8));
                if (random.Below(2) == 0)
                {
                    Append(missing, {i, end});
                }
                i = end;
            }
            if (round == 5)
            {
                missing = {{0, size}};
            }
            const auto& sparse = std::get<SparseUpdate<double>>(update);
            for (std::size_t i = 0; i < sparse.indices.size(); ++i)
            {
                const uint32_t at = sparse.indices[i];
                const bool lost = std::any_of(missing.begin(),
                                              missing.end(),
                                              [at](const Range& range)
                                              { return range.first <= at && at < range.end; });
                confirmed[at] += lost ? 0 : sparse.values[i];
            }
            rig.Half(0).Confirm({round, 0, missing});
            for (uint32_t i = 0; i < size; ++i)
            {
                put[i] += 0.5 * gradient[i];
            }
        }
        ASSERT_EQ(confirmed, put);
    }
}

/** A computation that is given up leaves nothing behind, and a receipt repeated neither. */
TEST(FlTopK, OnlyAdoptionAndReceiptsChangeTheError)
{
    Rig rig("top-k[Density=0.5]", 1, 2, 1);
    rig.Round({{4, 3}});
    for (int i = 0; i < 3; ++i)
    {
        const auto update = std::get<SparseUpdate<double>>(rig.Compute(0, {2, 0}));
        EXPECT_EQ(update.indices, (std::vector<uint32_t>{1}));
        EXPECT_EQ(update.values, (Vector{3}));
        rig.Half(0).Confirm({1, 0, {}}); // of nothing, as the first is confirmed
        EXPECT_EQ(std::get<SparseUpdate<double>>(rig.Compute(0, {100, 0})).values, (Vector{100}));
    }
}

/** An upload is confirmed once: what was lost by then stays error, whatever is said later. */
TEST(FlTopK, TheFirstReceiptCounts)
{
    Rig rig("top-k[Density=0.5]", 1, 2, 1);
    rig.Compute(0, {4, 3});
    rig.Half(0).Adopt();
    rig.Half(0).Confirm({0, 0, {{0, 1}}});
    rig.Half(0).Confirm({0, 0, {}});
    const auto update = std::get<SparseUpdate<double>>(rig.Compute(0, {0, 0}));
    EXPECT_EQ(update.indices, (std::vector<uint32_t>{0}));
    EXPECT_EQ(update.values, (Vector{4}));
}

/** A quadratic whose minimum every worker sees alike is found, however little is sent. */
TEST(FlTopK, ConvergesOnAQuadratic)
{
    constexpr uint32_t size = 100;
    Random random({10, 1}, Purpose::TEST);
    Rig rig("top-k[Density=0.05]", 3, size, 0.02);
    rig.model = DrawNormal(size, random);
    const double begin = SquaredNorm(rig.model);
    for (uint32_t round = 0; round < 2000; ++round)
    {
        rig.Round(std::vector<Vector>(3, rig.model), round);
    }
    EXPECT_LT(SquaredNorm(rig.model), 1e-12 * begin);
}

} // namespace fl
