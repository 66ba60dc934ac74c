/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/fl-error.h"
#include "ns3/fl-top-k-selection.h"
#include "ns3/fl-value-code.h"

#include "fl-toy-problems.h"

namespace fl
{

namespace
{

using test::MakeLogistic;
using test::MakeQuadratic;
using test::MaxDistance;
using test::RandomLoss;
using test::Toy;
using test::ToyRun;
using test::ValuesOf;
using test::Vector;

constexpr uint32_t DEPTH = 10; ///< the default

/** SASG as the authors' program has it, with all states of both ends in the open. */
class Plain
{
  public:
    Plain(const Toy& toy, double rate, double alpha, double density)
        : error(toy.workers, Vector(toy.dimension)),
          uploaded(toy.workers),
          age(toy.workers, 1),
          holds(toy.workers),
          last(toy.workers, Vector(toy.dimension)),
          m_toy(toy),
          m_rate(rate),
          m_weight(alpha / rate / toy.workers / toy.workers),
          m_density(density)
    {
    }

    /** The model of a round. */
    void Begin(const Vector& model)
    {
        m_models.push_back(model);
    }

    /** @return what a worker uploads, nothing if it is silent */
    std::optional<Vector> Encode(uint32_t m, ValueCode code)
    {
        const auto round = static_cast<uint32_t>(m_models.size()) - 1;
        const auto& model = m_models.back();
        Vector gradient(model.size());
        m_toy.gradient(m, round, model, gradient);
        if (round >= DEPTH && age[m] <= DEPTH && !uploaded[m].empty())
        {
            double threshold = 0;
            for (uint32_t d = DEPTH - 1; d >= 1; --d)
            {
                double squares = 0;
                for (std::size_t i = 0; i < model.size(); ++i)
                {
                    const double change = m_models[round + 1 - d][i] - m_models[round - d][i];
                    squares += change * change;
                }
                threshold += squares;
            }
            Vector old(model.size());
            m_toy.gradient(m, round, uploaded[m], old);
            double distance = 0;
            for (std::size_t i = 0; i < model.size(); ++i)
            {
                distance += (gradient[i] - old[i]) * (gradient[i] - old[i]);
            }
            if (distance <= m_weight * threshold)
            {
                ++age[m];
                return std::nullopt;
            }
        }
        m_vector.resize(model.size());
        for (std::size_t i = 0; i < model.size(); ++i)
        {
            m_vector[i] = m_rate * gradient[i] + error[m][i];
        }
        // Two tensors of half the parameters each.
        const auto half = static_cast<uint32_t>(model.size() / 2);
        const auto keep = std::max(1U, static_cast<uint32_t>(m_density * half));
        std::vector<uint32_t> chosen;
        SelectTopK(m_vector, 0, half, keep, chosen);
        SelectTopK(m_vector, half, half, keep, chosen);
        Vector sent(model.size());
        for (const uint32_t i : chosen)
        {
            sent[i] = RoundValue(m_vector[i], code);
        }
        return sent;
    }

    /** What was delivered of the last upload; if that is nothing, s_m if there is one stands in. */
    void Deliver(uint32_t m, const Vector& sent, const test::ToyUpload& upload)
    {
        const auto arrived = upload.received ? ValuesOf(upload.received->update, m_toy.dimension)
                                             : Vector(m_toy.dimension);
        for (std::size_t i = 0; i < sent.size(); ++i)
        {
            ASSERT_TRUE(arrived[i] == sent[i] || arrived[i] == 0);
            if (upload.received || !holds[m])
            {
                error[m][i] = m_vector[i] - arrived[i];
            }
        }
        if (upload.received)
        {
            last[m] = arrived;
            holds[m] = true;
        }
        ++age[m];
        if (upload.missing.empty())
        {
            uploaded[m] = m_models.back();
            age[m] = 1;
        }
    }

    /** @return the step */
    Vector Close() const
    {
        Vector sum(m_toy.dimension);
        for (const auto& one : last)
        {
            for (std::size_t i = 0; i < sum.size(); ++i)
            {
                sum[i] += one[i];
            }
        }
        return sum;
    }

    std::vector<Vector> error;    ///< e_m
    std::vector<Vector> uploaded; ///< w_m
    std::vector<uint32_t> age;    ///< tau_m
    std::vector<bool> holds;      ///< whether the server has an s_m
    std::vector<Vector> last;     ///< s_m

  private:
    const Toy& m_toy;
    double m_rate;
    double m_weight;
    double m_density;
    std::vector<Vector> m_models; ///< by round
    Vector m_vector;
};

/** @return by round, whether worker 0 uploaded */
std::string
Pattern(ToyRun& run, uint32_t rounds)
{
    std::string pattern;
    for (uint32_t round = 0; round < rounds; ++round)
    {
        run.Round();
        pattern += run.uploads.count(0) ? 'U' : '.';
    }
    return pattern;
}

} // namespace

/** Without a threshold, all entries: SGD on the sum, bit for bit, and all upload. */
TEST(FlSasg, Property28WithoutThresholdAndDenseItIsSgd)
{
    const auto toy = MakeLogistic(4, 20, 8, 1e-3, 5);
    for (const std::string text : {"sasg[Alpha=0|Density=1]", "lasg[Alpha=0]", "sparse[Density=1]"})
    {
        ToyRun run(text, toy, 0.2);
        Vector model(8);
        for (uint32_t round = 0; round < 60; ++round)
        {
            Vector sum(8);
            for (uint32_t m = 0; m < 4; ++m)
            {
                Vector gradient(8);
                toy.gradient(m, round, model, gradient);
                for (uint32_t i = 0; i < 8; ++i)
                {
                    sum[i] += 0.2 * gradient[i];
                }
            }
            for (uint32_t i = 0; i < 8; ++i)
            {
                model[i] -= sum[i];
            }
            run.Round();
            ASSERT_EQ(run.uploads.size(), 4U);
            ASSERT_EQ(run.Model(), model) << text;
        }
    }
}

/** Without a threshold it is `sparse`, and that is top-k with error feedback, bit for bit. */
TEST(FlSasg, Property29WithoutThresholdItIsSparse)
{
    const auto toy = MakeLogistic(4, 20, 8, 1e-3, 5);
    ToyRun sasg("sasg[Alpha=0|Density=0.5]", toy, 0.2);
    ToyRun sparse("sparse[Density=0.5]", toy, 0.2);
    std::vector<Vector> error(4, Vector(8));
    Vector model(8);
    for (uint32_t round = 0; round < 60; ++round)
    {
        Vector sum(8);
        for (uint32_t m = 0; m < 4; ++m)
        {
            Vector gradient(8);
            toy.gradient(m, round, model, gradient);
            for (uint32_t i = 0; i < 8; ++i)
            {
                error[m][i] = 0.2 * gradient[i] + error[m][i];
            }
            std::vector<uint32_t> chosen;
            SelectTopK(error[m], 0, 4, 2, chosen);
            SelectTopK(error[m], 4, 4, 2, chosen);
            for (const uint32_t i : chosen)
            {
                sum[i] += error[m][i];
                error[m][i] = 0;
            }
        }
        for (uint32_t i = 0; i < 8; ++i)
        {
            model[i] -= sum[i];
        }
        sasg.Round();
        sparse.Round();
        ASSERT_EQ(sparse.Model(), model);
        ASSERT_EQ(sasg.Model(), model);
    }
}

/** All entries and a threshold: LASG. */
TEST(FlSasg, Property30DenseItIsLasg)
{
    const auto toy = MakeLogistic(4, 20, 8, 1e-3, 5);
    ToyRun sasg("sasg[Alpha=2|Density=1]", toy, 0.2);
    ToyRun lasg("lasg[Alpha=2]", toy, 0.2);
    for (uint32_t round = 0; round < 100; ++round)
    {
        sasg.Round();
        lasg.Round();
        ASSERT_EQ(sasg.Model(), lasg.Model());
    }
    EXPECT_EQ(sasg.uploadCount, lasg.uploadCount);
    EXPECT_LT(lasg.uploadCount, 390U);
}

/** All upload in the first D rounds, then under a huge threshold once in D + 1 rounds. */
TEST(FlSasg, Properties31And32ForcedUploads)
{
    const auto toy = MakeLogistic(2, 20, 8, 1e-3, 5);
    ToyRun run("sasg[Alpha=1e30]", toy, 0.2);
    EXPECT_EQ(Pattern(run, 10 + 33), "UUUUUUUUUU..........U..........U..........U");
    ToyRun shallow("lasg[Alpha=1e30|Depth=2]", toy, 0.2);
    EXPECT_EQ(Pattern(shallow, 9), "UU..U..U.");
    ToyRun lasting("lasg[Alpha=1e30|Depth=2|MaxSilence=5]", toy, 0.2);
    EXPECT_EQ(Pattern(lasting, 15), "UU.....U.....U.");
}

/**
 * Every upload and every silence as in the authors' program, with all states written down, bit for
 * bit: on mini-batches, while uploads are lost altogether and in part. There a silence changes
 * nothing but tau (33), and so does a total loss once there is an s_m; the server steps along the
 * sum of s_m (34); and a partial upload replaces s_m, returns the rest to e_m and leaves w_m.
 */
TEST(FlSasg, Properties33And34PlainProgramUnderLoss)
{
    for (const double density : {0.3, 1.0})
    {
        for (const auto code : {ValueCode::NATIVE, ValueCode::HALF})
        {
            for (const bool losses : {true, false})
            {
                const auto toy = MakeLogistic(4, 20, 12, 1e-3, 10);
                ToyRun run("sasg[Alpha=2|Density=" + std::to_string(density) +
                               (code == ValueCode::HALF ? "|Value=half]" : "]"),
                           toy,
                           0.2);
                Plain plain(toy, 0.2, 2, density);
                Random random({1, 9}, Purpose::TEST);
                uint32_t silent = 0;
                for (uint32_t round = 0; round < 300; ++round)
                {
                    plain.Begin(run.Model());
                    run.Round(losses ? RandomLoss(random, 12) : ToyRun::Loss{});
                    for (uint32_t m = 0; m < 4; ++m)
                    {
                        const auto expected = plain.Encode(m, code);
                        ASSERT_EQ(run.uploads.count(m), expected ? 1U : 0U) << round << " " << m;
                        silent += !expected;
                        if (expected)
                        {
                            const auto& upload = run.uploads.at(m);
                            ASSERT_EQ(ValuesOf(upload.sent, 12), *expected);
                            plain.Deliver(m, *expected, upload);
                        }
                    }
                    ASSERT_EQ(ValuesOf(run.direction, 12), plain.Close());
                }
                EXPECT_GT(silent, 50U);
                EXPECT_LT(silent, 1100U);
            }
        }
    }
}

/** With the model unchanged since its upload both gradients are equal, so a worker is silent. */
TEST(FlSasg, Property35TheSameBatchForBothGradients)
{
    const auto toy = MakeLogistic(1, 20, 8, 1e-3, 5);
    const auto method = MakeAlgorithm<double>("sasg[Alpha=0|Depth=3]",
                                              {1, 8, {{"all", 0, 1, 8}}, 0.2, 10, 1, {}, {}});
    const auto worker = method->MakeWorker({0, 100});
    const auto model = std::make_shared<const Vector>(Vector(8, 0.1));
    for (uint32_t round = 0; round < 12; ++round)
    {
        test::ToyContext context(toy, 0, round, model);
        const auto work = worker->DeclareWork(context);
        double loss = 0;
        const bool sends = worker->Compute(context, loss).has_value();
        EXPECT_EQ(sends, round < 3 || round % 4 == 2) << round;
        EXPECT_EQ(work.gradientEvaluations, sends ? 1U : 2U) << "forced ones need no second";
        EXPECT_EQ(context.gradients, work.gradientEvaluations);
        worker->Adopt();
        if (sends)
        {
            worker->Confirm({round, 0, {}});
        }
    }
}

/** Uploads are at most one a worker and round, of max(1, floor(density * size)) values a tensor. */
TEST(FlSasg, Property36CountsOfUploadsAndValues)
{
    const auto toy = MakeLogistic(3, 20, 13, 1e-3, 5); // tensors of 6 and 7
    ToyRun run("sasg[Density=0.3]", toy, 0.2);
    for (uint32_t round = 0; round < 100; ++round)
    {
        run.Round();
    }
    EXPECT_LE(run.uploadCount, 300U);
    EXPECT_EQ(run.valueCount, run.uploadCount * (1 + 2));
}

/**
 * All that was ever delivered is rate * (gradients of the uploaded rounds): what the error still
 * holds is flushed by uploads of gradient 0, under losses, too. The gradient of an upload that was
 * lost altogether is not owed if the server took an older upload in its place.
 */
TEST(FlSasg, Property37NothingIsLostOfUploadedGradients)
{
    auto inner = MakeLogistic(3, 20, 12, 1e-3, 5);
    bool flushing = false;
    Toy toy = inner;
    toy.gradient = [&](uint32_t m, uint32_t round, const Vector& model, Vector& gradient)
    {
        const double loss = inner.gradient(m, round, model, gradient);
        if (flushing)
        {
            gradient.assign(gradient.size(), 0);
        }
        return loss;
    };
    for (const std::string text : {"sasg[Density=0.3|Depth=30]", "sparse[Density=0.3]"})
    {
        flushing = false;
        ToyRun run(text, toy, 0.2);
        Random random({1, 4}, Purpose::TEST);
        std::vector<Vector> owed(3, Vector(12));
        const bool reuses = text.rfind("sasg", 0) == 0;
        std::vector<bool> standsIn(3);
        uint32_t stoodIn = 0;
        for (uint32_t round = 0; round < 30; ++round)
        {
            flushing = round >= 15; // still in the first D rounds, in which all upload
            const auto model = run.Model();
            run.Round(flushing ? ToyRun::Loss{} : RandomLoss(random, 12));
            for (const auto& [m, upload] : run.uploads)
            {
                Vector gradient(12);
                toy.gradient(m, round, model, gradient);
                if (!upload.received && standsIn[m])
                {
                    ++stoodIn;
                    continue;
                }
                standsIn[m] = reuses && (standsIn[m] || upload.received);
                const auto arrived =
                    upload.received ? ValuesOf(upload.received->update, 12) : Vector(12);
                for (uint32_t i = 0; i < 12; ++i)
                {
                    owed[m][i] += 0.2 * gradient[i] - arrived[i];
                }
            }
        }
        for (const auto& left : owed)
        {
            EXPECT_LT(MaxDistance(left, Vector(12)), 1e-12) << text;
        }
        EXPECT_EQ(stoodIn > 0, reuses) << "sparse takes nothing twice";
    }
}

/** The threshold holds D - 1 changes: one of them silences a worker for D - 1 rounds. */
TEST(FlSasg, Property41TheThresholdHoldsDepthLessOneChanges)
{
    Toy toy{1, 1, {}, {}, 1, {}};
    toy.gradient = [](uint32_t, uint32_t, const Vector& model, Vector& gradient)
    {
        gradient[0] = model[0] / 2;
        return 0.0;
    };
    const auto method = MakeAlgorithm<double>("lasg[Alpha=1|Depth=4]",
                                              {1, 1, {{"all", 0, 1, 1}}, 1, 10, 1, {}, {}});
    EXPECT_EQ(method->Traits().companions.history, 3U);
    const auto worker = method->MakeWorker({0, 100});
    std::string pattern;
    Vector moving(1 + 3);
    for (uint32_t round = 0; round < 10; ++round)
    {
        // The model moves by 1 in round 4. Gradients then differ by 1/2 from that of the upload;
        // 1/4 is below the threshold 1 while it holds that change, in rounds 4, 5 and 6.
        const auto before = moving;
        moving[0] = round < 4 ? 0 : 1;
        method->RememberChange(before, moving);
        const auto model = std::make_shared<const Vector>(moving);
        test::ToyContext context(toy, 0, round, model);
        double loss = 0;
        const bool sends = worker->Compute(context, loss).has_value();
        pattern += sends ? 'U' : '.';
        worker->Adopt();
        if (sends)
        {
            worker->Confirm({round, 0, {}});
        }
    }
    EXPECT_EQ(pattern, "UUUU...U..");
}

/** The sum is the authors' form; the mean has the same step with the rate over the workers. */
TEST(FlSasg, TheMeanFormIsTheSumFormAtASmallerRate)
{
    const auto toy = MakeLogistic(4, 20, 8, 1e-3, 5);
    ToyRun sum("sasg[Alpha=2|Density=0.5]", toy, 0.2);
    ToyRun mean("sasg[Alpha=2|Density=0.5|Form=mean]", toy, 0.8);
    for (uint32_t round = 0; round < 100; ++round)
    {
        sum.Round();
        mean.Round();
        ASSERT_EQ(sum.Model(), mean.Model());
    }
}

/**
 * An upload that comes late and one in time, both before the model moves: both are applied once,
 * and the later one is what the server applies again. `sparse` applies nothing again.
 */
TEST(FlSasg, TwoUploadsOfAWorkerInOneRound)
{
    const auto toy = MakeQuadratic(2, 4);
    for (const bool reuse : {true, false})
    {
        ToyRun run(reuse ? "sasg" : "sparse", toy, 1);
        const auto server = run.Method().MakeServer();
        server->Accept({0, 1, 100, {SparseUpdate<double>{4, {0, 1}, {1, 2}}, {}}});
        server->Accept({0, 0, 100, {SparseUpdate<double>{4, {1}, {5}}, {{2, 4}}}});
        server->Accept({1, 0, 100, {SparseUpdate<double>{4, {3}, {-1}}, {}}});
        EXPECT_EQ(ValuesOf(server->Close(0).update, 4), (Vector{1, 7, 0, -1}));
        server->Skipped(0);
        EXPECT_EQ(ValuesOf(server->Close(1).update, 4),
                  reuse ? (Vector{0, 5, 0, -1}) : (Vector{0, 0, 0, 0}));
    }
}

/**
 * A computation that is given up, at a model at which the worker would upload, leaves no trace,
 * neither in the error nor in tau.
 */
TEST(FlSasg, AbortedComputationsLeaveNoTrace)
{
    const auto toy = MakeLogistic(1, 20, 8, 1e-3, 5);
    const auto play = [&](bool aborts)
    {
        const auto method = MakeAlgorithm<double>("sasg[Alpha=0|Depth=2|Density=0.3]",
                                                  {1, 8, {{"all", 0, 1, 8}}, 0.2, 10, 1, {}, {}});
        const auto worker = method->MakeWorker({0, 100});
        const auto model = std::make_shared<const Vector>(Vector(8, 0.1));
        const auto other = std::make_shared<const Vector>(Vector(8, -0.1));
        std::vector<Vector> sent;
        for (uint32_t round = 0; round < 12; ++round)
        {
            double loss = 0;
            if (aborts)
            {
                test::ToyContext context(toy, 0, round, other);
                EXPECT_TRUE(worker->Compute(context, loss).has_value());
            }
            test::ToyContext context(toy, 0, round, model);
            const auto update = worker->Compute(context, loss);
            worker->Adopt();
            sent.push_back(update ? ValuesOf(*update, 8) : Vector{});
            if (update)
            {
                worker->Confirm({round, 0, {}});
            }
        }
        EXPECT_GT(std::count(sent.begin(), sent.end(), Vector{}), 5);
        return sent;
    };
    EXPECT_EQ(play(true), play(false));
}

/** What is broadcast, and who hears it. */
TEST(FlSasg, Traits)
{
    const auto toy = MakeQuadratic(2, 400);
    const auto traits = [&](const std::string& text)
    {
        return ToyRun(text, toy, 1).Method().Traits();
    };
    EXPECT_EQ(traits("sasg").audience, Audience::LIVE);
    EXPECT_EQ(traits("sasg").broadcast, BroadcastKind::MODEL);
    EXPECT_EQ(traits("sasg").companions.history, 9U);
    EXPECT_EQ(traits("sparse").audience, Audience::ASKED);
    EXPECT_EQ(traits("sparse").companions.history, 0U);
    EXPECT_EQ(traits("sparse[Downlink=update]").audience, Audience::LIVE);
    EXPECT_EQ(traits("sasg[Downlink=update]").broadcast, BroadcastKind::UPDATE);
    EXPECT_TRUE(traits("lasg").committed);
    ToyRun run("sasg[Downlink=update]", toy, 1);
    run.Round();
    EXPECT_TRUE(std::holds_alternative<SparseUpdate<double>>(run.direction));
}

/** What the user can get wrong. */
TEST(FlSasg, WrongParametersAreRefused)
{
    const auto toy = MakeQuadratic(1, 4);
    for (const std::string text : {"sasg[Alpha=-1]",
                                   "sasg[Depth=0]",
                                   "lasg[Density=0.1]",
                                   "sparse[Alpha=1]",
                                   "sparse[Density=0]"})
    {
        EXPECT_THROW(ToyRun(text, toy, 1), UserError) << text;
    }
}

} // namespace fl
