/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/fl-error.h"
#include "ns3/fl-event-log.h"
#include "ns3/fl-learning-federation.h"
#include "ns3/fl-reference-loop.h"
#include "ns3/fl-registry.h"
#include "ns3/fl-update-values.h"

#include "fl-method-rig.h"
#include "fl-test-helpers.h"

#include <gtest/gtest.h>
#include <map>
#include <mutex>
#include <set>
#include <sstream>
#include <tuple>

namespace fl
{

namespace
{

using test::BitsOf;
using test::LossyDriver;
using test::MakeSmallSetup;
using test::UpTo;
using test::WORKERS;

/** The compressed, averaging and robust methods, each with the options that change its messages. */
const std::vector<std::string> g_methods{
    "signsgd-mv[Zero=abstain]",
    "s3gd-mv",
    "s3gd-mv[Density=1]",
    "s3gd-mv[Choice=random|Density=0.3|WeightDecay=0.01]",
    "s3gd-mv[Scope=global|Momentum=0.5]",
    "top-k[ErrorFeedback=false|Density=0.1]",
    "random-k[Density=0.1]",
    "random-k[Density=0.3|ErrorFeedback=false|Downlink=update]",
    "dgc[Density=0.05|WarmUp=1]",
    "dgc[Density=0.05|WarmUp=1|Threshold=sampled]",
    "qsgd[Bucket=20]",
    "qsgd[Code=elias|Downlink=update]",
    "qgd[Norm=max]",
    "terngrad",
    "terngrad[Downlink=update]",
    "terngrad[ScalerSharing=true]",
    "natural",
    "natural[Downlink=update]",
    "powersgd",
    "powersgd[Rank=1|Downlink=update|Momentum=0.5|WeightDecay=0.001]",
    "ef-signsgd",
    "ef-signsgd[Downlink=update]",
    "1bit-sgd",
    "1bit-sgd[Block=tensor|Downlink=update]",
    "stc[Density=0.05]",
    "stc[Density=0.2|Scope=global]",
    "fedavg[Fraction=0.6]",
    "fedprox[Epochs=1|Mu=0.1]",
    "multi-krum",
    "coordinate-median",
    "trimmed-mean"};

/** Coordinates and the bits of their values. */
using Heard = std::map<uint32_t, uint64_t>;

/** What both ends think of every upload, by worker, round and exchange. */
struct Ledger
{
    using Key = std::tuple<uint32_t, uint32_t, uint32_t>;

    std::mutex mutex;           ///< workers compute on several threads
    std::map<Key, Heard> said;  ///< as computed
    std::map<Key, Heard> owed;  ///< as the worker's receipts say
    std::map<Key, Heard> heard; ///< as the server accepted it
    uint32_t encodings{0};      ///< how often a worker encoded
    uint32_t late{0};           ///< uploads that the server accepted behind their exchange

    void Clear()
    {
        said.clear();
        owed.clear();
        heard.clear();
        encodings = 0;
        late = 0;
    }
};

Ledger g_ledger;

template <typename S>
Heard
HeardOf(const Update<S>& update, const Ranges& missing)
{
    Heard heard;
    ForEachValue(update, missing, [&](uint32_t i, S value) { heard[i] = BitsOf(value); });
    return heard;
}

/** Another method's worker half; at each encoding the receipts must say what the server has. */
template <typename S>
class BothEndsWorker : public WorkerHalf<S>
{
  public:
    BothEndsWorker(std::unique_ptr<WorkerHalf<S>> inner, uint32_t worker, bool committed)
        : m_inner(std::move(inner)),
          m_worker(worker),
          m_committed(committed)
    {
    }

    Work DeclareWork(const WorkerContext<S>& context) const override
    {
        return m_inner->DeclareWork(context);
    }

    std::optional<Update<S>> Compute(WorkerContext<S>& context, double& loss) override
    {
        auto update = m_inner->Compute(context, loss);
        const std::lock_guard lock(g_ledger.mutex);
        ++g_ledger.encodings;
        m_draft = update;
        m_round = context.Round();
        m_exchange = context.Exchange();
        return update;
    }

    void Adopt() override
    {
        m_inner->Adopt();
        m_sent = m_draft;
        if (m_sent)
        {
            g_ledger.said[{m_worker, m_round, m_exchange}] = HeardOf(*m_sent, {});
        }
    }

    void Confirm(const Receipt& receipt) override
    {
        EXPECT_TRUE(m_committed);
        m_inner->Confirm(receipt);
        g_ledger.owed[{m_worker, receipt.round, receipt.exchange}] =
            HeardOf(*m_sent, receipt.missing);
    }

    void Observe(uint32_t version, const SharedModel<S>& model) override
    {
        m_inner->Observe(version, model);
    }

  private:
    std::unique_ptr<WorkerHalf<S>> m_inner;
    uint32_t m_worker;
    bool m_committed;
    uint32_t m_round{0};
    uint32_t m_exchange{0};
    std::optional<Update<S>> m_draft;
    std::optional<Update<S>> m_sent;
};

/** Another method's server half, whose accepted uploads are noted. */
template <typename S>
class BothEndsServer : public ServerHalf<S>
{
  public:
    BothEndsServer(std::unique_ptr<ServerHalf<S>> inner, bool synchronousOnly)
        : m_inner(std::move(inner)),
          m_synchronousOnly(synchronousOnly)
    {
    }

    std::vector<uint32_t> Select(uint32_t round,
                                 uint32_t exchange,
                                 const std::vector<uint32_t>& candidates) override
    {
        m_round = round;
        m_exchange = exchange;
        return m_inner->Select(round, exchange, candidates);
    }

    void Accept(Contribution<S> contribution) override
    {
        const auto& received = contribution.received;
        const bool late = contribution.staleness > 0 || contribution.exchange != m_exchange;
        EXPECT_FALSE(late && m_synchronousOnly);
        g_ledger.late += late;
        g_ledger
            .heard[{contribution.worker, m_round - contribution.staleness, contribution.exchange}] =
            HeardOf(received.update, received.missing);
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
    bool m_synchronousOnly;
    uint32_t m_round{0};
    uint32_t m_exchange{0};
};

/** The method `current`, with both of its ends noted in the ledger. */
std::string g_current;

template <typename S>
class BothEndsMethod : public Algorithm<S>
{
  public:
    BothEndsMethod(const Parameters& /* parameters */, const AlgorithmSetup& setup)
        : m_inner(MakeAlgorithm<S>(g_current, setup))
    {
    }

    AlgorithmTraits Traits() const override
    {
        return m_inner->Traits();
    }

    std::unique_ptr<WorkerHalf<S>> MakeWorker(const WorkerSetup& setup) const override
    {
        return std::make_unique<BothEndsWorker<S>>(m_inner->MakeWorker(setup),
                                                   setup.worker,
                                                   Traits().committed);
    }

    std::unique_ptr<ServerHalf<S>> MakeServer() const override
    {
        return std::make_unique<BothEndsServer<S>>(m_inner->MakeServer(), Traits().synchronousOnly);
    }

    MessageShape UploadShape(uint32_t exchange) const override
    {
        return m_inner->UploadShape(exchange);
    }

    MessageShape AnswerShape(uint32_t exchange) const override
    {
        return m_inner->AnswerShape(exchange);
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

const Registration<AlgorithmFactory> g_bothEnds(
    "test-both-ends",
    "notes what both ends know of each upload",
    {},
    MakeAlgorithmFactory<BothEndsMethod<float>, BothEndsMethod<double>>(0.05, "for tests"));

/** @return a small federation with tensors of several shapes */
LearningSetup
MakeMethodsSetup(const std::string& method)
{
    auto setup = MakeSmallSetup(method, "mlp[Hidden=40]");
    setup.localSteps = 2;
    setup.uploadSegmentBytes = MIN_SEGMENT_BYTES;
    return setup;
}

/** Runs rounds in which much is lost. @return the model and the log */
template <typename S>
std::pair<std::vector<uint8_t>, std::string>
RunLossy(const LearningSetup& setup, uint32_t threads, uint32_t rounds)
{
    Pool pool(threads);
    const auto federation = MakeLearningFederation<S>(setup, pool);
    std::ostringstream text;
    EventLog log(text);
    federation->SetLog(&log);
    LossyDriver driver(*federation, 1);
    for (uint32_t round = 0; round < rounds; ++round)
    {
        driver.Round(UpTo(WORKERS), {0.25, 0.1, 0.1, 0.15, 0.3, 0.2});
    }
    EXPECT_LT(driver.Arrived(), driver.Offered());
    return {federation->ModelBytes(), text.str()};
}

template <typename S>
class FlMethodsOf : public ::testing::Test
{
};

using Scalars = ::testing::Types<float, double>;
TYPED_TEST_SUITE(FlMethodsOf, Scalars);

} // namespace

/**
 * What the server accepted is what the worker computed, bit for bit, where it arrived; and what
 * receipts told the worker to have been heard is what the server has, whatever was lost.
 */
TYPED_TEST(FlMethodsOf, BothEndsKnowTheSameOfEveryUpload)
{
    for (const auto& method : g_methods)
    {
        g_current = method;
        g_ledger.Clear();
        RunLossy<TypeParam>(MakeMethodsSetup("test-both-ends"), 1, 12);
        uint32_t partial = 0;
        for (const auto& [key, heard] : g_ledger.heard)
        {
            const auto& said = g_ledger.said.at(key);
            for (const auto& [i, bits] : heard)
            {
                const auto found = said.find(i);
                ASSERT_TRUE(found != said.end() && found->second == bits) << method;
            }
            partial += heard.size() < said.size();
        }
        EXPECT_GT(partial, 5U) << method;
        const auto traits =
            MakeAlgorithm<TypeParam>(method, test::MakeMethodSetup(5, 1, 1))->Traits();
        EXPECT_EQ(g_ledger.late == 0, traits.synchronousOnly) << method;
        uint32_t confirmed = 0;
        for (const auto& [key, owed] : g_ledger.owed)
        {
            const auto found = g_ledger.heard.find(key);
            if (found == g_ledger.heard.end())
            {
                // Nothing was accepted, or nothing yet as the exchange is still open.
                continue;
            }
            ASSERT_EQ(owed, found->second) << method;
            ++confirmed;
        }
        EXPECT_EQ(confirmed > 10, !g_ledger.owed.empty()) << method;
    }
}

/**
 * Which methods refuse late uploads: those in which a worker has one voice a round, and those whose
 * uploads belong to one exchange. The list is that of AlgorithmTraits::synchronousOnly.
 */
TEST(FlMethods, SynchronousMethods)
{
    auto setup = test::MakeMethodSetup(WORKERS, 1, 1);
    setup.smoothness = [](uint32_t)
    {
        return 1.0;
    };
    std::set<std::string> synchronous;
    for (const auto& name : Registry<AlgorithmFactory>::Get().Names())
    {
        if (name.rfind("test-", 0) != 0 &&
            MakeAlgorithm<double>(name, setup)->Traits().synchronousOnly)
        {
            synchronous.insert(name);
        }
    }
    EXPECT_EQ(synchronous,
              (std::set<std::string>{"coordinate-median",
                                     "multi-krum",
                                     "powersgd",
                                     "s3gd-mv",
                                     "signsgd-mv",
                                     "trimmed-mean"}));
}

/** The log of a lossy run drives a federation without a network to the same bits. */
TYPED_TEST(FlMethodsOf, LoggedDeliveriesGiveTheSameBits)
{
    for (const auto& method : g_methods)
    {
        SCOPED_TRACE(method);
        auto setup = MakeMethodsSetup(method);
        // So small that the cheapest coding of trits differs from upload to upload.
        setup.objective = "mlp[Hidden=8]";
        const auto [model, log] = RunLossy<TypeParam>(setup, 2, 6);
        Pool pool(1);
        const auto federation = MakeLearningFederation<TypeParam>(setup, pool);
        std::istringstream stream(log);
        RunLoggedDeliveries(*federation, ReadEventLog(stream));
        ASSERT_EQ(federation->ModelBytes(), model) << method;
    }
}

/** Without losses every method lowers the training loss. */
TYPED_TEST(FlMethodsOf, EveryMethodLearns)
{
    for (const auto& method : g_methods)
    {
        auto setup = MakeMethodsSetup(method);
        setup.batch = 0;
        const bool vote = method.find("-mv") != std::string::npos;
        setup.learningRate = vote ? 0.02 : 0.2;
        Pool pool(1);
        const auto federation = MakeLearningFederation<TypeParam>(setup, pool);
        const auto losses = RunReferenceLoop(*federation, 60);
        EXPECT_LT(losses.back(), 0.8 * losses.front()) << method;
    }
}

} // namespace fl
