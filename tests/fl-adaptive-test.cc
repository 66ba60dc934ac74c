/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/fl-event-log.h"
#include "ns3/fl-federation.h"
#include "ns3/fl-learning-federation.h"
#include "ns3/fl-reference-loop.h"
#include "ns3/fl-registry.h"
#include "ns3/fl-update-values.h"

#include "fl-test-helpers.h"

#include <gtest/gtest.h>
#include <map>
#include <mutex>
#include <sstream>

namespace fl
{

namespace
{

using test::BitsOf;
using test::BytesOf;
using test::Losses;
using test::LossyDriver;
using test::MakeSmallSetup;
using test::UpTo;
using test::WORKERS;

/** The methods that adapt to what was sent before, in many variants. */
const std::vector<std::string> g_methods{
    "sasg[Alpha=5|Depth=3|Density=0.1]",
    "sasg[Alpha=5|Depth=3|Density=0.1|Downlink=update|Value=half]",
    "lasg[Alpha=20|Depth=2|Value=single]",
    "lasg[Alpha=20|Depth=4|MaxSilence=2|Downlink=update]",
    "sparse[Density=0.05]",
    "sparse[Density=0.05|Downlink=update]",
    "lag-wk[Xi=0.4|Depth=4]",
    "lag-ps[Xi=30]",
    "cgd[Xi=1|Value=half]",
    "nounif-iag",
    "gd-sec[Xi=0.5]",
    "gd-sec[Xi=0.2|Beta=0.2|Value=single|Downlink=update]",
    "gd-sec[Xi=0.5|Uploaders=2|Value=half]",
    "gd-soec[Xi=2|Beta=0.5]",
    "sgd-sec[Xi=0.2|Levels=4]",
    "sgd-sec[Xi=0.2|Levels=16|Bucket=5]",
    "ef21[Density=0.1]",
    "ef21[Density=0.1|Scope=global|Value=half]"};

/** What both ends hold of what a worker sent: bits of the values, in the order of acceptance. */
using Ledger = std::vector<std::pair<uint32_t, uint64_t>>;

/** What the wrapped halves saw. */
struct Record
{
    std::mutex mutex;                                ///< workers compute on several threads
    std::string inner;                               ///< the method that is wrapped
    std::map<uint32_t, Ledger> confirmed;            ///< by worker, by its receipts
    std::map<uint32_t, Ledger> accepted;             ///< by worker, by its server
    std::map<uint32_t, std::vector<uint8_t>> models; ///< by worker, what it trained on last
    uint32_t differs{0};                             ///< uploads encoded while the two differed
    uint32_t uploads{0};                             ///< uploads
    uint32_t skips{0};                               ///< silences

    void Clear(const std::string& method)
    {
        inner = method;
        confirmed.clear();
        accepted.clear();
        models.clear();
        differs = uploads = skips = 0;
    }
};

Record g_record;

/** Notes what a worker half is told to commit. */
template <typename S>
class LedgerWorker : public WorkerHalf<S>
{
  public:
    LedgerWorker(std::unique_ptr<WorkerHalf<S>> inner, uint32_t worker)
        : m_inner(std::move(inner)),
          m_worker(worker)
    {
    }

    Work DeclareWork(const WorkerContext<S>& context) const override
    {
        return m_inner->DeclareWork(context);
    }

    std::optional<Update<S>> Compute(WorkerContext<S>& context, double& loss) override
    {
        {
            const std::lock_guard lock(g_record.mutex);
            g_record.differs += g_record.confirmed[m_worker] != g_record.accepted[m_worker];
            g_record.models[m_worker] = BytesOf(*context.Model());
        }
        m_draft = m_inner->Compute(context, loss);
        return m_draft;
    }

    void Adopt() override
    {
        m_inner->Adopt();
        m_sent = m_draft;
        ++(m_sent ? g_record.uploads : g_record.skips);
    }

    void Confirm(const Receipt& receipt) override
    {
        m_inner->Confirm(receipt);
        ForEachValue(*m_sent,
                     receipt.missing,
                     [&](uint32_t i, S value)
                     { g_record.confirmed[m_worker].emplace_back(i, BitsOf(value)); });
    }

    void Observe(uint32_t version, const SharedModel<S>& model) override
    {
        m_inner->Observe(version, model);
    }

  private:
    std::unique_ptr<WorkerHalf<S>> m_inner;
    uint32_t m_worker;
    std::optional<Update<S>> m_draft;
    std::optional<Update<S>> m_sent;
};

/** Notes what a server half accepts. */
template <typename S>
class LedgerServer : public ServerHalf<S>
{
  public:
    explicit LedgerServer(std::unique_ptr<ServerHalf<S>> inner)
        : m_inner(std::move(inner))
    {
    }

    std::vector<uint32_t> Select(uint32_t round,
                                 uint32_t exchange,
                                 const std::vector<uint32_t>& candidates) override
    {
        return m_inner->Select(round, exchange, candidates);
    }

    void Accept(Contribution<S> contribution) override
    {
        auto& ledger = g_record.accepted[contribution.worker];
        ForEachValue(contribution.received.update,
                     contribution.received.missing,
                     [&](uint32_t i, S value) { ledger.emplace_back(i, BitsOf(value)); });
        m_inner->Accept(std::move(contribution));
    }

    void Skipped(uint32_t worker) override
    {
        m_inner->Skipped(worker);
    }

    Closing<S> Close(uint32_t round) override
    {
        return m_inner->Close(round);
    }

  private:
    std::unique_ptr<ServerHalf<S>> m_inner;
};

/** Another method, with notes, and with smoothness constants whatever the objective. */
template <typename S>
class LedgerMethod : public Algorithm<S>
{
  public:
    LedgerMethod(const Parameters& /* parameters */, AlgorithmSetup setup)
    {
        setup.smoothness = [](uint32_t worker)
        {
            return 1.0 + worker;
        };
        m_inner = MakeAlgorithm<S>(g_record.inner, setup);
    }

    AlgorithmTraits Traits() const override
    {
        return m_inner->Traits();
    }

    std::unique_ptr<WorkerHalf<S>> MakeWorker(const WorkerSetup& setup) const override
    {
        return std::make_unique<LedgerWorker<S>>(m_inner->MakeWorker(setup), setup.worker);
    }

    std::unique_ptr<ServerHalf<S>> MakeServer() const override
    {
        return std::make_unique<LedgerServer<S>>(m_inner->MakeServer());
    }

    MessageShape UploadShape(uint32_t exchange) const override
    {
        return m_inner->UploadShape(exchange);
    }

    MessageShape UpdateShape() const override
    {
        return m_inner->UpdateShape();
    }

    void Apply(const ReceivedUpdate<S>& received,
               uint32_t round,
               std::vector<S>& model) const override
    {
        m_inner->Apply(received, round, model);
    }

    void RememberChange(const std::vector<S>& before, std::vector<S>& model) const override
    {
        m_inner->RememberChange(before, model);
    }

  private:
    std::unique_ptr<Algorithm<S>> m_inner;
};

const Registration<AlgorithmFactory>
    g_ledger("test-adaptive-ledger",
             "notes what both ends accept",
             {},
             MakeAlgorithmFactory<LedgerMethod<float>, LedgerMethod<double>>(0.05, "for tests"));

/** @return a small federation's set-up that runs a method with notes */
LearningSetup
MakeSetup(const std::string& method)
{
    g_record.Clear(method);
    auto setup = MakeSmallSetup("test-adaptive-ledger", "softmax");
    setup.learningRate = method.rfind("ef21", 0) == 0 ? 0.1 : 0.02;
    return setup;
}

/** What a run leaves behind, bit for bit. */
struct Outcome
{
    std::vector<uint8_t> model;
    std::vector<uint64_t> losses;
    std::string log;

    bool operator==(const Outcome& other) const
    {
        return model == other.model && losses == other.losses && log == other.log;
    }
};

Outcome
Leave(const Federation& federation, const std::vector<double>& losses, const std::string& log)
{
    Outcome outcome{federation.ModelBytes(), {}, log};
    for (const double loss : losses)
    {
        outcome.losses.push_back(BitsOf(loss));
    }
    return outcome;
}

/** @return the workers that are there in a round, most of them */
std::vector<uint32_t>
DrawLive(Random& random)
{
    std::vector<uint32_t> live;
    for (uint32_t worker = 0; worker < WORKERS; ++worker)
    {
        if (random.Below(6) != 0)
        {
            live.push_back(worker);
        }
    }
    return live;
}

const Losses g_bad{0.25, 0.1, 0.1, 0.15, 0.3, 0.2}; ///< as bad a network as there can be

/** Runs a bad network. */
template <typename S>
Outcome
RunLossy(const LearningSetup& setup, uint32_t threads, uint64_t run)
{
    Pool pool(threads);
    const auto federation = MakeLearningFederation<S>(setup, pool);
    std::ostringstream text;
    EventLog log(text);
    federation->SetLog(&log);
    LossyDriver driver(*federation, run);
    Random random({2, run}, Purpose::TEST);
    std::vector<double> losses;
    for (uint32_t round = 0; round < 15; ++round)
    {
        losses.push_back(driver.Round(DrawLive(random), g_bad));
    }
    return Leave(*federation, losses, text.str());
}

/** Runs the loop in which everything arrives. */
template <typename S>
Outcome
RunLossless(const LearningSetup& setup, uint32_t threads)
{
    Pool pool(threads);
    const auto federation = MakeLearningFederation<S>(setup, pool);
    return Leave(*federation, RunReferenceLoop(*federation, 12), "");
}

/** Runs a test body on both scalars. */
template <typename S>
class FlAdaptiveOf : public ::testing::Test
{
};

using Scalars = ::testing::Types<float, double>;
TYPED_TEST_SUITE(FlAdaptiveOf, Scalars);

} // namespace

/**
 * Whatever is lost or late: whenever a worker encodes, the server has accepted exactly what the
 * worker has committed, bit for bit as made and as decoded. Most methods are silent at times.
 */
TYPED_TEST(FlAdaptiveOf, BothEndsAgreeAtEveryEncoding)
{
    uint32_t skips = 0;
    for (const auto& method : g_methods)
    {
        SCOPED_TRACE(method);
        const auto setup = MakeSetup(method);
        for (uint64_t run = 1; run <= 4; ++run)
        {
            MakeSetup(method);
            RunLossy<TypeParam>(setup, 1, run);
            EXPECT_EQ(g_record.differs, 0U);
            EXPECT_GT(g_record.uploads, 0U);
            skips += g_record.skips;
        }
    }
    EXPECT_GT(skips, 100U);
}

/** A fresh federation that is told what was delivered arrives at the same bits and log. */
TYPED_TEST(FlAdaptiveOf, LoggedDeliveriesGiveTheSameBits)
{
    uint64_t run = 0;
    for (const auto& method : g_methods)
    {
        for (const std::string resync : {"always", "every-3", "never"})
        {
            SCOPED_TRACE(method + " " + resync);
            auto setup = MakeSetup(method);
            setup.resync = ResyncPolicy::Parse(resync);
            const auto outcome = RunLossy<TypeParam>(setup, 1, ++run);
            MakeSetup(method);
            Pool pool(2);
            const auto federation = MakeLearningFederation<TypeParam>(setup, pool);
            std::ostringstream text;
            EventLog log(text);
            federation->SetLog(&log);
            std::istringstream stream(outcome.log);
            const auto losses = RunLoggedDeliveries(*federation, ReadEventLog(stream));
            ASSERT_TRUE(Leave(*federation, losses, text.str()) == outcome);
        }
    }
}

/** Threads, segment sizes and computations that are begun again change nothing. */
TYPED_TEST(FlAdaptiveOf, ThreadsSegmentsAndAbortsChangeNothing)
{
    for (const auto& method : g_methods)
    {
        SCOPED_TRACE(method);
        auto setup = MakeSetup(method);
        const auto outcome = RunLossless<TypeParam>(setup, 1);
        MakeSetup(method);
        ASSERT_TRUE(RunLossless<TypeParam>(setup, 3) == outcome);
        MakeSetup(method);
        setup.uploadSegmentBytes = 65000;
        setup.downloadSegmentBytes = 24;
        ASSERT_TRUE(RunLossless<TypeParam>(setup, 1) == outcome);
        MakeSetup(method);
        Pool pool(1);
        const auto federation = MakeLearningFederation<TypeParam>(setup, pool);
        LossyDriver driver(*federation, 1);
        Losses losses;
        losses.abort = 0.5;
        losses.confirm = 0.5;
        std::vector<double> found;
        for (uint32_t round = 0; round < 12; ++round)
        {
            found.push_back(driver.Round(UpTo(WORKERS), losses));
        }
        ASSERT_TRUE(Leave(*federation, found, "") == outcome);
    }
}

/** After bad rounds, once everything arrives, all that compute train on the server's model. */
TYPED_TEST(FlAdaptiveOf, BadRoundsHeal)
{
    for (const auto& method : g_methods)
    {
        SCOPED_TRACE(method);
        const auto setup = MakeSetup(method);
        Pool pool(1);
        const auto federation = MakeLearningFederation<TypeParam>(setup, pool);
        LossyDriver driver(*federation, 3);
        Random random({2, 3}, Purpose::TEST);
        for (uint32_t round = 0; round < 12; ++round)
        {
            driver.Round(DrawLive(random), g_bad);
        }
        for (uint32_t round = 0; round < 12; ++round)
        {
            g_record.models.clear();
            const auto model = federation->ModelBytes();
            driver.Round(UpTo(WORKERS), {});
            for (const auto& held : g_record.models)
            {
                // Companions stand behind the parameters.
                ASSERT_TRUE(round < 2 ||
                            std::equal(model.begin(), model.end(), held.second.begin()))
                    << round;
            }
        }
        EXPECT_EQ(g_record.differs, 0U);
    }
}

} // namespace fl
