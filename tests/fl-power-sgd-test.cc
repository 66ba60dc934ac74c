/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/fl-algorithm.h"

#include "fl-method-rig.h"

#include <algorithm>
#include <gtest/gtest.h>
#include <string>
#include <tuple>
#include <vector>

namespace fl
{

namespace
{

using test::DrawMissing;
using test::DrawNormal;
using test::MakeMethodSetup;
using test::MethodContext;
using test::Minus;
using test::SquaredNorm;
using test::Times;
using test::ValuesOf;
using test::Vector;

const std::vector<Tensor> g_tensors{{"a", 0, 5, 8}, {"b", 40, 1, 7}, {"c", 47, 3, 2}};
constexpr uint32_t SIZE = 53;

/** Both halves of a method of two exchanges, without anything between them. */
class TwoExchanges
{
  public:
    TwoExchanges(const std::string& text, uint32_t workers, double rate)
        : method(MakeAlgorithm<double>(text, MakeMethodSetup(workers, SIZE, rate, g_tensors))),
          model(SIZE + method->Traits().companions.Size()),
          m_server(method->MakeServer())
    {
        for (uint32_t worker = 0; worker < workers; ++worker)
        {
            m_halves.push_back(method->MakeWorker({worker, 100}));
            m_halves.back()->Observe(0, std::make_shared<const Vector>(model));
        }
    }

    /**
     * A round with one gradient a worker.
     * @param lose what of an upload of so many coordinates is lost
     * @param deaf a worker that does not hear the answer
     * @return the change of the parameters
     */
    Vector Round(
        const std::vector<Vector>& gradients,
        const std::function<Ranges(uint32_t size)>& lose = [](uint32_t) { return Ranges{}; },
        uint32_t deaf = UINT32_MAX)
    {
        const auto workers = static_cast<uint32_t>(m_halves.size());
        for (uint32_t worker = 0; worker < workers; ++worker)
        {
            Send(worker, gradients[worker], 0, std::nullopt, lose);
        }
        auto closing = m_server->Close(m_round);
        EXPECT_TRUE(closing.another);
        answer = ValuesOf(closing.update);
        EXPECT_EQ(answer.size(), method->AnswerShape(1).dimension);
        for (uint32_t worker = 0; worker < workers; ++worker)
        {
            std::optional<ReceivedUpdate<double>> heard;
            if (worker != deaf)
            {
                heard = ReceivedUpdate<double>{closing.update, {}};
            }
            Send(worker, gradients[worker], 1, heard, lose);
        }
        closing = m_server->Close(m_round);
        EXPECT_FALSE(closing.another);
        update = closing.update;
        EXPECT_EQ(test::SizeOf(update), method->UpdateShape().dimension);
        const auto before = Parameters();
        method->Apply({update, {}}, 0, model);
        ++m_round;
        for (auto& half : m_halves)
        {
            half->Observe(m_round, std::make_shared<const Vector>(model));
        }
        return Minus(Parameters(), before);
    }

    /** @return the model without its companions */
    Vector Parameters() const
    {
        return {model.begin(), model.begin() + SIZE};
    }

    std::unique_ptr<Algorithm<double>> method;
    Vector model;          ///< with its companions
    Vector answer;         ///< of the last round
    Update<double> update; ///< of the last round

  private:
    void Send(uint32_t worker,
              const Vector& gradient,
              uint32_t exchange,
              const std::optional<ReceivedUpdate<double>>& heard,
              const std::function<Ranges(uint32_t size)>& lose)
    {
        auto& half = *m_halves[worker];
        double loss = 0;
        const auto compute = [&](const Vector& used)
        {
            MethodContext context(
                model,
                [&](const Vector&, uint32_t) { return used; },
                worker,
                m_round,
                exchange,
                heard);
            return half.Compute(context, loss);
        };
        compute(Times(gradient, 3)); // given up
        const auto sent = compute(gradient);
        half.Adopt();
        EXPECT_EQ(loss, 0.5);
        if (!sent)
        {
            EXPECT_TRUE(exchange == 1 && !heard);
            m_server->Skipped(worker);
            return;
        }
        const auto size = test::SizeOf(*sent);
        EXPECT_EQ(size, method->UploadShape(exchange).dimension);
        const auto missing = lose(size);
        m_server->Accept({worker, 0, 100, {*sent, missing}, exchange});
        half.Confirm({m_round, exchange, missing});
    }

    std::unique_ptr<ServerHalf<double>> m_server;
    std::vector<std::unique_ptr<WorkerHalf<double>>> m_halves;
    uint32_t m_round{0};
};

/** @return one vector of normal numbers a worker */
std::vector<Vector>
DrawGradients(uint32_t workers, Random& random)
{
    std::vector<Vector> gradients;
    for (uint32_t worker = 0; worker < workers; ++worker)
    {
        gradients.push_back(DrawNormal(SIZE, random));
    }
    return gradients;
}

} // namespace

/** At full rank the change is the mean gradient, to rounding, and the answer is orthonormal (69).
 */
TEST(FlPowerSgd, Property69FullRankReproducesTheMean)
{
    Random random({69, 1}, Purpose::TEST);
    TwoExchanges rig("powersgd[Rank=5]", 3, 0.5);
    EXPECT_EQ(rig.method->UploadShape(0).dimension, 5U * 5 + 2 * 3 + 7);
    EXPECT_EQ(rig.method->UploadShape(1).dimension, 5U * 8 + 2 * 2);
    for (int round = 0; round < 5; ++round)
    {
        const auto gradients = DrawGradients(3, random);
        const auto change = rig.Round(gradients);
        for (uint32_t i = 0; i < SIZE; ++i)
        {
            const double mean = (gradients[0][i] + gradients[1][i] + gradients[2][i]) / 3;
            ASSERT_NEAR(change[i], -0.5 * mean, 1e-12);
        }
        for (uint32_t a = 0; a < 5; ++a)
        {
            for (uint32_t b = 0; b < 5; ++b)
            {
                const auto column = [&](uint32_t k)
                {
                    return rig.answer.begin() + 5 * k;
                };
                const double product = std::inner_product(column(a), column(a) + 5, column(b), 0.0);
                ASSERT_NEAR(product, a == b, 1e-12);
            }
        }
    }
}

/**
 * Nothing is lost and nothing counts twice, whatever is lost on the way: once rounds without a
 * gradient have flushed the errors, the model has moved by the sum of all mean gradients.
 */
TEST(FlPowerSgd, ErrorFeedbackConserves)
{
    for (const uint32_t rank : {1, 2, 5})
    {
        Random random({70, rank}, Purpose::TEST);
        TwoExchanges rig("powersgd[Rank=" + std::to_string(rank) + "]", 3, 1);
        Vector put(SIZE);
        for (uint32_t round = 0; round < 20; ++round)
        {
            const auto gradients = DrawGradients(3, random);
            for (const auto& gradient : gradients)
            {
                put = Minus(put, Times(gradient, 1.0 / 3));
            }
            rig.Round(
                gradients,
                [&](uint32_t size) { return DrawMissing(size, random, 9); },
                round % 4);
        }
        EXPECT_GT(SquaredNorm(Minus(rig.Parameters(), put)), 1) << "much is still to be said";
        for (uint32_t round = 0; round < 400; ++round)
        {
            rig.Round(std::vector<Vector>(3, Vector(SIZE)));
        }
        EXPECT_LT(SquaredNorm(Minus(rig.Parameters(), put)), 1e-16) << "rank " << rank;
    }
}

/** With the same gradient each round the power method finds the best approximation of rank 1. */
TEST(FlPowerSgd, TheWarmStartIsAPowerMethod)
{
    // u1 v1^T + u2 v2^T / 2 with orthogonal factors: the first is the best approximation.
    Vector gradient(SIZE);
    for (uint32_t j = 0; j < 8; ++j)
    {
        gradient[j] = j < 4 ? 1 : -1;
        gradient[8 + j] = j % 2 == 0 ? 0.5 : -0.5;
    }
    TwoExchanges rig("powersgd[Rank=1]", 1, 1);
    const auto first = rig.Round({gradient});
    auto change = first;
    for (uint32_t round = 0; round < 40; ++round)
    {
        // The error is M less what was applied: putting that in makes M anew.
        change = rig.Round({Times(change, -1)});
    }
    for (uint32_t i = 0; i < 16; ++i)
    {
        EXPECT_NEAR(change[i], i < 8 ? -gradient[i] : 0, 1e-6) << i;
    }
    EXPECT_GT(SquaredNorm(Minus(change, first)), 1e-3) << "one step alone does not find it";
}

/**
 * The factor with which a round begins is kept as the server found it, so the power method goes on
 * where the change is far below the rounding of the parameters.
 */
TEST(FlPowerSgd, TheWarmStartOutlivesRounding)
{
    // Rows (1, ..., -1, ...) and half of (1, -1, ...), orthogonal: the best P is (1, 0, ...).
    Vector gradient(SIZE);
    for (uint32_t j = 0; j < 8; ++j)
    {
        gradient[j] = j < 4 ? 1 : -1;
        gradient[8 + j] = j % 2 == 0 ? 0.5 : -0.5;
    }
    Vector model;
    Vector left;
    for (uint32_t round = 0; round < 40; ++round)
    {
        // Ever new workers, as an error of theirs would stand in for the factor.
        TwoExchanges rig("powersgd[Rank=1]", 1, 1);
        if (round == 0)
        {
            std::fill_n(rig.model.begin(), SIZE, 1e30);
        }
        else
        {
            rig.model = model;
        }
        rig.Round({gradient});
        ASSERT_EQ(rig.Parameters(), Vector(SIZE, 1e30)) << "all changes are rounded away";
        model = rig.model;
        left = rig.answer;
    }
    EXPECT_NEAR(std::abs(left[0]), 1, 1e-12);
    EXPECT_NEAR(SquaredNorm(Vector(left.begin() + 1, left.begin() + 5)), 0, 1e-12);
}

/**
 * Who lost the answer sends no factor of an older one: its whole gradient comes a round later, and
 * the factor to begin with stays the last one that was heard.
 */
TEST(FlPowerSgd, ALostAnswerIsMadeUpFor)
{
    Random random({76, 1}, Purpose::TEST);
    TwoExchanges rig("powersgd[Rank=5]", 1, 1);
    rig.Round(DrawGradients(1, random));
    const Vector kept(rig.model.begin() + SIZE, rig.model.end());
    const auto lost = DrawGradients(1, random)[0];
    const auto first = rig.Round(
        {lost},
        [](uint32_t) { return Ranges{}; },
        0);
    EXPECT_EQ(Vector(rig.model.begin() + SIZE, rig.model.end()), kept);
    const auto gradient = DrawGradients(1, random)[0];
    const auto second = rig.Round({gradient});
    for (uint32_t i = 0; i < SIZE; ++i)
    {
        const bool matrix = i < 40 || i >= 47;
        ASSERT_NEAR(first[i], matrix ? 0 : -lost[i], 1e-12);
        ASSERT_NEAR(second[i], -gradient[i] - (matrix ? lost[i] : 0), 1e-12);
    }
}

/** Algorithm 2 of the paper: m <- lambda m + d, x <- x - rate (d + m), with d + decay x for d. */
TEST(FlPowerSgd, MomentumAndDecay)
{
    for (const auto& [options, shared, own] :
         std::vector<std::tuple<std::string, uint32_t, uint32_t>>{
             {"", 44, SIZE},
             {"|Downlink=update", 44 + SIZE, 0}})
    {
        Random random({77, 1}, Purpose::TEST);
        TwoExchanges rig("powersgd[Rank=5|Momentum=0.75|WeightDecay=0.125" + options + "]", 3, 0.5);
        EXPECT_EQ(rig.method->Traits().companions.shared, shared);
        EXPECT_EQ(rig.method->Traits().companions.own, own);
        auto expected = DrawNormal(SIZE, random);
        std::copy(expected.begin(), expected.end(), rig.model.begin());
        Vector momentum(SIZE);
        for (int round = 0; round < 20; ++round)
        {
            const auto gradients = DrawGradients(3, random);
            rig.Round(gradients);
            for (uint32_t i = 0; i < SIZE; ++i)
            {
                const double mean =
                    (gradients[0][i] + gradients[1][i] + gradients[2][i]) / 3 + 0.125 * expected[i];
                momentum[i] = 0.75 * momentum[i] + mean;
                expected[i] -= 0.5 * (mean + momentum[i]);
                ASSERT_NEAR(rig.model[i], expected[i], 1e-11) << options << round;
            }
        }
    }
}

/**
 * The update is the factors; rows and columns that lack one of their numbers stay, and do not decay
 * or gain momentum.
 */
TEST(FlPowerSgd, PartialUpdates)
{
    for (const std::string options : {"", "|Momentum=0.5|WeightDecay=0.25"})
    {
        Random random({71, 1}, Purpose::TEST);
        TwoExchanges rig("powersgd[Rank=2|Downlink=update" + options + "]", 2, 1);
        EXPECT_EQ(rig.method->Traits().broadcast, BroadcastKind::UPDATE);
        rig.Round(DrawGradients(2, random));
        auto model = rig.model;
        const auto before = model;
        rig.Round(DrawGradients(2, random));
        // Row 1 of the first matrix's P, the second entry of the vector, column 3 of its Q.
        const uint32_t vectors = 2 * 5 + 2 * 3;
        const uint32_t right = vectors + 7;
        rig.method->Apply(
            {rig.update, {{6, 7}, {vectors + 1, vectors + 2}, {right + 3, right + 4}}},
            0,
            model);
        for (uint32_t i = 0; i < SIZE; ++i)
        {
            const bool stays = (i >= 8 && i < 16) || i == 41 || (i < 40 && i % 8 == 3);
            EXPECT_EQ(model[i], stays ? before[i] : rig.model[i]) << i;
            EXPECT_NE(rig.model[i], before[i]);
            const uint32_t momentum = SIZE + 2 * 8 + 2 * 2 + i;
            if (!options.empty())
            {
                EXPECT_EQ(model[momentum], stays ? before[momentum] : rig.model[momentum]) << i;
            }
        }
    }
}

/** Without matrices one exchange suffices. */
TEST(FlPowerSgd, VectorsAloneAreSgd)
{
    const auto method = MakeAlgorithm<double>("powersgd", MakeMethodSetup(2, 3, 0.5));
    auto server = method->MakeServer();
    server->Accept({0, 0, 100, {DenseUpdate<double>{{2, 4, 6}}, {}}, 0});
    server->Accept({1, 0, 100, {DenseUpdate<double>{{2, 0, 2}}, {}}, 0});
    const auto closing = server->Close(0);
    EXPECT_FALSE(closing.another);
    Vector model(3 + method->Traits().companions.Size());
    method->Apply({closing.update, {}}, 0, model);
    EXPECT_EQ(model, (Vector{-1, -1, -2}));
}

} // namespace fl
