/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/fl-federation.h"

#include "ns3/fl-coordinate-mean.h"
#include "ns3/fl-error.h"
#include "ns3/fl-learning-federation.h"
#include "ns3/fl-reference-loop.h"
#include "ns3/fl-registry.h"
#include "ns3/fl-replay-federation.h"
#include "ns3/fl-worker-replica.h"

#include "fl-test-helpers.h"

#include <algorithm>
#include <cmath>
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

using test::BytesOf;
using test::Losses;
using test::LossyDriver;
using test::MakeSmallSetup;
using test::UpTo;
using test::WORKERS;

/** What the algorithms below saw. */
struct Record
{
    std::mutex mutex;                                ///< workers compute on several threads
    std::map<uint32_t, std::vector<uint8_t>> models; ///< by worker, the last one
    std::set<std::tuple<uint32_t, uint32_t, uint32_t>> answered;   ///< round, exchange, worker
    std::set<std::tuple<uint32_t, uint32_t, uint32_t>> unanswered; ///< round, exchange, worker
    std::multiset<std::pair<uint32_t, uint32_t>> contributions;    ///< worker and staleness
    std::vector<Ranges> receipts;    ///< what was missing of uploads, in the order of receipts
    uint32_t sameStepDiffers{0};     ///< gradients of the same step that differ
    uint32_t otherStepEquals{0};     ///< gradients of two steps that are equal
    std::multiset<uint32_t> skipped; ///< workers

    void Clear()
    {
        models.clear();
        answered.clear();
        unanswered.clear();
        contributions.clear();
        skipped.clear();
        receipts.clear();
        sameStepDiffers = 0;
        otherStepEquals = 0;
    }
};

Record g_record;

/** Another algorithm's worker half that also notes the models that it trains on. */
template <typename S>
class ProbeWorker : public WorkerHalf<S>
{
  public:
    ProbeWorker(std::unique_ptr<WorkerHalf<S>> inner, uint32_t worker)
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
        const auto& model = *context.Model();
        std::vector<std::vector<S>> gradients(3, std::vector<S>(model.size()));
        context.Gradient(model, 0, gradients[0]);
        context.Gradient(model, 1, gradients[1]);
        context.Gradient(model, 0, gradients[2]);
        {
            const std::lock_guard lock(g_record.mutex);
            g_record.models[m_worker] = BytesOf(model);
            g_record.otherStepEquals += gradients[0] == gradients[1];
            g_record.sameStepDiffers += gradients[0] != gradients[2];
        }
        return m_inner->Compute(context, loss);
    }

    void Adopt() override
    {
        m_inner->Adopt();
    }

    void Confirm(const Receipt& receipt) override
    {
        g_record.receipts.push_back(receipt.missing);
        m_inner->Confirm(receipt);
    }

  private:
    std::unique_ptr<WorkerHalf<S>> m_inner;
    uint32_t m_worker;
};

/** Another algorithm, whose worker halves note the models that they train on. */
template <typename S>
class Probe : public Algorithm<S>
{
  public:
    Probe(const Parameters& parameters, const AlgorithmSetup& setup)
        : m_inner(MakeAlgorithm<S>(parameters.Text("Inner"), setup))
    {
    }

    AlgorithmTraits Traits() const override
    {
        return m_inner->Traits();
    }

    std::unique_ptr<WorkerHalf<S>> MakeWorker(const WorkerSetup& setup) const override
    {
        return std::make_unique<ProbeWorker<S>>(m_inner->MakeWorker(setup), setup.worker);
    }

    std::unique_ptr<ServerHalf<S>> MakeServer() const override
    {
        return m_inner->MakeServer();
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

  private:
    std::unique_ptr<Algorithm<S>> m_inner;
};

const Registration<AlgorithmFactory>
    g_probe("test-probe",
            "notes the models that workers train on",
            {{"Inner", ParameterType::TEXT, "", "sgd", "the algorithm that does the work"}},
            MakeAlgorithmFactory<Probe<float>, Probe<double>>(0.05, "for tests"));

/**
 * The worker of the extragradient method (Korpelevich 1976) with any number of exchanges: looks
 * ahead along the answer and sends the gradient there.
 */
template <typename S>
class LookAheadWorker : public WorkerHalf<S>
{
  public:
    LookAheadWorker(uint32_t worker, double rate, bool skips)
        : m_worker(worker),
          m_rate(static_cast<S>(rate)),
          m_skips(skips)
    {
    }

    Work DeclareWork(const WorkerContext<S>& /* context */) const override
    {
        return {1, 16, 1, 0};
    }

    std::optional<Update<S>> Compute(WorkerContext<S>& context, double& loss) override
    {
        auto ahead = *context.Model();
        const auto* answer = context.Answer();
        {
            const std::lock_guard lock(g_record.mutex);
            g_record.models[m_worker] = BytesOf(ahead);
            (answer ? g_record.answered : g_record.unanswered)
                .insert({context.Round(), context.Exchange(), m_worker});
        }
        if (answer)
        {
            const auto& mean = std::get<DenseUpdate<S>>(answer->update).values;
            for (const auto& range :
                 Complement(answer->missing, static_cast<uint32_t>(ahead.size())))
            {
                for (uint32_t i = range.first; i < range.end; ++i)
                {
                    ahead[i] -= m_rate * mean[i];
                }
            }
        }
        DenseUpdate<S> gradient{std::vector<S>(ahead.size())};
        loss = context.Gradient(ahead, 0, gradient.values);
        const bool nothing = context.Exchange() == 0
                                 ? m_skips && (context.Round() + m_worker) % 3 == 0
                                 : answer == nullptr;
        if (nothing)
        {
            return std::nullopt;
        }
        return gradient;
    }

  private:
    uint32_t m_worker;
    S m_rate;
    bool m_skips;
};

/** Answers all exchanges but the last with the mean, and asks a worker every so many rounds. */
template <typename S>
class LookAheadServer : public ServerHalf<S>
{
  public:
    LookAheadServer(uint32_t dimension, int64_t exchanges, int64_t period)
        : m_mean(dimension),
          m_exchanges(exchanges),
          m_period(period)
    {
    }

    std::vector<uint32_t> Select(uint32_t round,
                                 uint32_t /* exchange */,
                                 const std::vector<uint32_t>& candidates) override
    {
        std::vector<uint32_t> selected;
        std::copy_if(candidates.begin(),
                     candidates.end(),
                     std::back_inserter(selected),
                     [&](uint32_t worker) { return (round + worker) % m_period == 0; });
        return selected;
    }

    void Accept(Contribution<S> contribution) override
    {
        m_mean.Add(contribution.received);
        g_record.contributions.insert({contribution.worker, contribution.staleness});
    }

    void Skipped(uint32_t worker) override
    {
        g_record.skipped.insert(worker);
    }

    Closing<S> Close(uint32_t /* round */) override
    {
        m_closed = m_closed + 1 == m_exchanges ? 0 : m_closed + 1;
        return {m_closed != 0, DenseUpdate<S>{m_mean.Take()}};
    }

  private:
    CoordinateMean<S> m_mean;
    int64_t m_exchanges;
    int64_t m_period;
    int64_t m_closed{0}; ///< exchanges of this round
};

/** The extragradient method, with dense models or dense updates on the way down. */
template <typename S>
class LookAhead : public Algorithm<S>
{
  public:
    LookAhead(const Parameters& parameters, const AlgorithmSetup& setup)
        : m_parameters(parameters),
          m_setup(setup)
    {
    }

    AlgorithmTraits Traits() const override
    {
        AlgorithmTraits traits;
        if (m_parameters.Boolean("Updates"))
        {
            traits.broadcast = BroadcastKind::UPDATE;
            traits.audience = Audience::LIVE;
        }
        traits.synchronousOnly = m_parameters.Boolean("Synchronous");
        return traits;
    }

    std::unique_ptr<WorkerHalf<S>> MakeWorker(const WorkerSetup& setup) const override
    {
        return std::make_unique<LookAheadWorker<S>>(setup.worker,
                                                    m_setup.learningRate.Initial(),
                                                    m_parameters.Boolean("Skips"));
    }

    std::unique_ptr<ServerHalf<S>> MakeServer() const override
    {
        return std::make_unique<LookAheadServer<S>>(m_setup.dimension,
                                                    m_parameters.Integer("Exchanges"),
                                                    m_parameters.Integer("Period"));
    }

    MessageShape UploadShape(uint32_t /* exchange */) const override
    {
        return m_setup.Shape();
    }

    void Apply(const ReceivedUpdate<S>& received,
               uint32_t round,
               std::vector<S>& model) const override
    {
        const auto& mean = std::get<DenseUpdate<S>>(received.update).values;
        for (const auto& range : Complement(received.missing, m_setup.dimension))
        {
            for (uint32_t i = range.first; i < range.end; ++i)
            {
                model[i] -= static_cast<S>(m_setup.learningRate.At(round)) * mean[i];
            }
        }
    }

  private:
    Parameters m_parameters;
    AlgorithmSetup m_setup;
};

const Registration<AlgorithmFactory> g_lookAhead(
    "test-look-ahead",
    "the extragradient method",
    {{"Exchanges", ParameterType::INTEGER, "", "2", "exchanges a round", 1, 10},
     {"Period", ParameterType::INTEGER, "rounds", "1", "every how many a worker is asked", 1, 100},
     {"Skips", ParameterType::BOOLEAN, "", "false", "whether workers skip now and then"},
     {"Updates", ParameterType::BOOLEAN, "", "false", "whether updates are broadcast"},
     {"Synchronous", ParameterType::BOOLEAN, "", "false", "whether late uploads mean nothing"}},
    MakeAlgorithmFactory<LookAhead<float>, LookAhead<double>>(0.1, "for tests"));

const std::vector<std::string> g_algorithms{"sgd",
                                            "signsgd-mv[Momentum=0.9]",
                                            "top-k[Density=0.05]"};
const std::vector<std::string> g_allAlgorithms{
    "sgd",
    "signsgd-mv[Momentum=0.9]",
    "signsgd-mv[Tie=random|WeightDecay=0.01]",
    "signsgd-mv[Tie=zero]",
    "top-k[Density=0.05]",
    "top-k[Density=0.3|Scope=global]",
    "test-look-ahead[Skips=true]",
    "test-look-ahead[Exchanges=3|Period=2]",
    "test-look-ahead[Exchanges=1|Period=3|Updates=true|Skips=true]",
    "test-look-ahead[Updates=true]"};
const std::vector<std::string> g_objectives{"softmax", "mlp[Hidden=8]"};

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

/** @return the bits of some numbers, by which NaN equals itself */
std::vector<uint64_t>
BitsOfAll(const std::vector<double>& values)
{
    std::vector<uint64_t> bits;
    for (const double value : values)
    {
        bits.push_back(test::BitsOf(value));
    }
    return bits;
}

/** Runs the loop in which everything arrives. */
template <typename S>
Outcome
RunLossless(const LearningSetup& setup, uint32_t threads = 1, uint32_t rounds = 8)
{
    Pool pool(threads);
    const auto federation = MakeLearningFederation<S>(setup, pool);
    std::ostringstream text;
    EventLog log(text);
    federation->SetLog(&log);
    const auto losses = RunReferenceLoop(*federation, rounds);
    return {federation->ModelBytes(), BitsOfAll(losses), text.str()};
}

/** Runs as bad a network as there can be; workers come and go. */
template <typename S>
Outcome
RunLossy(const LearningSetup& setup, uint32_t threads, uint64_t run, uint32_t rounds = 15)
{
    Pool pool(threads);
    const auto federation = MakeLearningFederation<S>(setup, pool);
    std::ostringstream text;
    EventLog log(text);
    federation->SetLog(&log);
    LossyDriver driver(*federation, run);
    Random random({2, run}, Purpose::TEST);
    std::vector<double> losses;
    for (uint32_t round = 0; round < rounds; ++round)
    {
        std::vector<uint32_t> live;
        for (uint32_t worker = 0; worker < WORKERS; ++worker)
        {
            if (random.Below(5) != 0)
            {
                live.push_back(worker);
            }
        }
        losses.push_back(driver.Round(live, {0.25, 0.1, 0.1, 0.15, 0.3, 0.2}));
    }
    EXPECT_LT(driver.Arrived(), driver.Offered());
    return {federation->ModelBytes(), BitsOfAll(losses), text.str()};
}

/** Drives a fresh federation by a log; it must write the same log. */
template <typename S>
Outcome
RunFromLog(const LearningSetup& setup, const std::string& deliveries, uint32_t threads)
{
    Pool pool(threads);
    const auto federation = MakeLearningFederation<S>(setup, pool);
    std::ostringstream text;
    EventLog log(text);
    federation->SetLog(&log);
    std::istringstream stream(deliveries);
    const auto losses = RunLoggedDeliveries(*federation, ReadEventLog(stream));
    return {federation->ModelBytes(), BitsOfAll(losses), text.str()};
}

/** A mini-batch by its definition: the head of a Fisher-Yates shuffle in the worker's stream. */
std::vector<uint32_t>
PlainBatch(const LearningSetup& setup, uint32_t worker, uint32_t round)
{
    auto samples = setup.partition[worker];
    if (setup.batch == 0 || setup.batch >= samples.size())
    {
        return samples;
    }
    Random random(setup.runSeed, Purpose::BATCH, worker, round, 0);
    for (uint32_t i = 0; i < setup.batch; ++i)
    {
        const uint32_t left = static_cast<uint32_t>(samples.size()) - i;
        std::swap(samples[i], samples[i + random.Below(left)]);
    }
    samples.resize(setup.batch);
    return samples;
}

/** Distributed SGD, or with two exchanges extragradient, in a dozen lines without a federation. */
template <typename S>
std::pair<std::vector<uint8_t>, std::vector<double>>
RunPlain(const LearningSetup& setup, uint32_t rounds, uint32_t exchanges, double rate)
{
    const auto& train = *setup.data.train;
    const auto objective = MakeObjective<S>(setup.objective, {train.features, train.classes});
    std::vector<S> model(objective->Dimension());
    Random random(setup.runSeed, Purpose::MODEL);
    objective->Initialise(random, model.data());
    std::vector<double> losses;
    for (uint32_t round = 0; round < rounds; ++round)
    {
        auto point = model;
        double loss = 0;
        for (uint32_t exchange = 0; exchange < exchanges; ++exchange)
        {
            std::vector<S> sum(model.size());
            loss = 0;
            for (uint32_t worker = 0; worker < WORKERS; ++worker)
            {
                const auto batch = PlainBatch(setup, worker, round);
                std::vector<S> gradient(model.size());
                loss +=
                    objective->Gradient(point.data(),
                                        {&train, batch.data(), static_cast<uint32_t>(batch.size())},
                                        gradient.data());
                for (std::size_t i = 0; i < sum.size(); ++i)
                {
                    sum[i] += gradient[i];
                }
            }
            point = model;
            for (std::size_t i = 0; i < sum.size(); ++i)
            {
                point[i] -= static_cast<S>(rate) * (sum[i] / static_cast<S>(WORKERS));
            }
        }
        model = point;
        losses.push_back(loss / WORKERS);
    }
    return {BytesOf(model), losses};
}

/** A server without learning: signs at random, models and updates by version. */
class SignSource
{
  public:
    static constexpr uint32_t SIZE = 500; ///< three segments of 24 bytes

    SignSource()
        : m_random({1, 1}, Purpose::TEST)
    {
        algorithm =
            MakeAlgorithm<float>("signsgd-mv", {1, SIZE, {{"all", 0, 1, SIZE}}, 1, 0, 1, {}, {}});
        models[0] = std::make_shared<const std::vector<float>>(SIZE);
        replica.Start(models[0]);
    }

    /** Makes the next version. */
    void Advance()
    {
        auto signs = SignUpdate::Positive(SIZE);
        for (uint32_t i = 0; i < SIZE; ++i)
        {
            signs.words[i / 64] |= uint64_t{m_random.Below(2)} << (i % 64);
        }
        const uint32_t next = models.rbegin()->first + 1;
        auto model = *models.rbegin()->second;
        algorithm->Apply({signs, {}}, 0, model);
        models[next] = std::make_shared<const std::vector<float>>(std::move(model));
        m_signs[next] = signs;
    }

    std::shared_ptr<const Download> Say(DownloadKind kind, uint32_t version, bool resync = false)
    {
        const auto update = kind == DownloadKind::UPDATE
                                ? Update<float>(m_signs.at(version))
                                : Update<float>(DenseUpdate<float>{*models.at(version)});
        return std::make_shared<const Download>(
            Download{version,
                     0,
                     0,
                     kind,
                     resync,
                     version,
                     {0},
                     std::make_shared<const EncodedMessage>(
                         Encode(update, kind == DownloadKind::UPDATE ? 24 : 1000))});
    }

    /** The worker hears a download but for some segments. */
    void Hear(const std::shared_ptr<const Download>& download, const std::set<uint32_t>& lost = {})
    {
        for (uint32_t i = 0; i < download->message->segments.size(); ++i)
        {
            if (lost.count(i) == 0)
            {
                EXPECT_EQ(replica.Receive(download, ViewOf(*download->message, i)),
                          SegmentFault::NONE);
            }
        }
        replica.Close(download);
    }

    std::vector<uint32_t> Settle()
    {
        std::vector<uint32_t> versions;
        for (const auto& change : replica.Settle(*algorithm, models))
        {
            versions.push_back(change.first);
            last = change.second;
        }
        return versions;
    }

    /** @return what the update to a version adds to a coordinate */
    float Change(uint32_t version, uint32_t i) const
    {
        return m_signs.at(version).Negative(i) ? 1 : -1;
    }

    std::unique_ptr<Algorithm<float>> algorithm;
    std::map<uint32_t, SharedModel<float>> models;
    WorkerReplica<float> replica;
    SharedModel<float> last; ///< the model observed last

  private:
    Random m_random;
    std::map<uint32_t, SignUpdate> m_signs;
};

constexpr DownloadKind UPDATE = DownloadKind::UPDATE;
constexpr DownloadKind MODEL = DownloadKind::MODEL;
using Versions = std::vector<uint32_t>;

/** Runs a test body on both scalars. */
template <typename S>
class FlFederationOf : public ::testing::Test
{
};

using Scalars = ::testing::Types<float, double>;
TYPED_TEST_SUITE(FlFederationOf, Scalars);

} // namespace

/** Model and losses, bit for bit, on full and on mini-batches. */
TYPED_TEST(FlFederationOf, SgdIsThePlainLoop)
{
    for (const auto& objective : g_objectives)
    {
        for (const uint32_t batch : {0, 16})
        {
            auto setup = MakeSmallSetup("sgd", objective);
            setup.batch = batch;
            setup.learningRate = 0.3;
            const auto outcome = RunLossless<TypeParam>(setup);
            const auto [model, losses] = RunPlain<TypeParam>(setup, 8, 1, 0.3);
            ASSERT_EQ(outcome.model, model);
            ASSERT_EQ(outcome.losses, BitsOfAll(losses));
        }
    }
}

/** Two exchanges a round, by an algorithm that this file alone registers. */
TYPED_TEST(FlFederationOf, ExtragradientIsThePlainLoop)
{
    for (const auto& objective : g_objectives)
    {
        for (const std::string updates : {"false", "true"})
        {
            for (const uint32_t exchanges : {1, 2, 3})
            {
                auto setup =
                    MakeSmallSetup("test-look-ahead[Exchanges=" + std::to_string(exchanges) +
                                       "|Updates=" + updates + "]",
                                   objective);
                const auto outcome = RunLossless<TypeParam>(setup, 4);
                const auto [model, losses] = RunPlain<TypeParam>(setup, 8, exchanges, 0.1);
                ASSERT_EQ(outcome.model, model);
                ASSERT_EQ(outcome.losses, BitsOfAll(losses));
            }
        }
    }
}

/** Threads and segment sizes change nothing; another seed or run changes everything. */
TYPED_TEST(FlFederationOf, ResultsDependOnSeedAndRunAlone)
{
    for (const auto& algorithm : g_algorithms)
    {
        for (const auto& objective : g_objectives)
        {
            SCOPED_TRACE(algorithm + " " + objective);
            const auto setup = MakeSmallSetup(algorithm, objective);
            const auto outcome = RunLossless<TypeParam>(setup);
            ASSERT_TRUE(RunLossless<TypeParam>(setup) == outcome);
            ASSERT_TRUE(RunLossless<TypeParam>(setup, 4) == outcome);
            for (const uint32_t bytes : {24, 61, 65000})
            {
                auto cut = setup;
                cut.uploadSegmentBytes = bytes;
                cut.downloadSegmentBytes = 65024 - bytes;
                const auto other = RunLossless<TypeParam>(cut);
                ASSERT_EQ(other.model, outcome.model);
                ASSERT_EQ(other.losses, outcome.losses);
            }
            for (const auto& runSeed : {RunSeed{1, 2}, RunSeed{2, 1}})
            {
                auto other = setup;
                other.runSeed = runSeed;
                ASSERT_NE(RunLossless<TypeParam>(other).model, outcome.model);
            }
        }
    }
}

/** A fresh federation that is told what was delivered arrives at the same bits and log. */
TYPED_TEST(FlFederationOf, LoggedDeliveriesGiveTheSameBits)
{
    uint64_t run = 0;
    for (const auto& algorithm : g_allAlgorithms)
    {
        for (const auto& objective : g_objectives)
        {
            for (const std::string resync : {"always", "every-3", "never"})
            {
                SCOPED_TRACE(algorithm + " " + objective + " " + resync);
                auto setup = MakeSmallSetup(algorithm, objective);
                setup.resync = ResyncPolicy::Parse(resync);
                const auto outcome = RunLossy<TypeParam>(setup, 1, ++run);
                ASSERT_TRUE(RunFromLog<TypeParam>(setup, outcome.log, 1) == outcome);
                if (run % 3 == 0)
                {
                    ASSERT_TRUE(RunLossy<TypeParam>(setup, 4, run) == outcome);
                    ASSERT_TRUE(RunFromLog<TypeParam>(setup, outcome.log, 4) == outcome);
                }
            }
        }
    }
}

/** The order of segments, and computations that are given up and begun again, leave no trace. */
TYPED_TEST(FlFederationOf, OrderAndAbortedComputationsChangeNothing)
{
    for (const auto& algorithm : g_allAlgorithms)
    {
        SCOPED_TRACE(algorithm);
        const auto setup = MakeSmallSetup(algorithm, "mlp[Hidden=8]");
        const auto outcome = RunLossless<TypeParam>(setup);
        for (const uint32_t threads : {1, 4})
        {
            Pool pool(threads);
            const auto federation = MakeLearningFederation<TypeParam>(setup, pool);
            LossyDriver driver(*federation, threads);
            Losses losses;
            losses.abort = 0.5;
            losses.confirm = 0.5; // resyncs that nobody needs
            std::vector<double> found;
            for (uint32_t round = 0; round < 8; ++round)
            {
                found.push_back(driver.Round(UpTo(WORKERS), losses));
            }
            ASSERT_EQ(federation->ModelBytes(), outcome.model);
            ASSERT_EQ(BitsOfAll(found), outcome.losses);
        }
    }
}

/**
 * However badly a stretch of rounds went: once everything arrives and resync is on, every worker
 * trains on the server's model, bit for bit. With resync off, some never do again.
 */
TYPED_TEST(FlFederationOf, ResyncHealsEveryWorker)
{
    for (const std::string inner : {"sgd", "signsgd-mv", "top-k"})
    {
        for (const std::string resync : {"always", "every-3", "never"})
        {
            SCOPED_TRACE(inner + " " + resync);
            uint32_t drifted = 0;
            uint32_t lasting = 0;
            for (uint64_t run = 1; run <= 25; ++run)
            {
                auto setup = MakeSmallSetup("test-probe[Inner=" + inner + "]", "softmax");
                setup.resync = ResyncPolicy::Parse(resync);
                setup.batch = 4;
                Pool pool(1);
                const auto federation = MakeLearningFederation<TypeParam>(setup, pool);
                LossyDriver driver(*federation, run);
                Random random({3, run}, Purpose::TEST);
                const auto isBehind = [&](const std::vector<uint8_t>& model)
                {
                    return std::any_of(g_record.models.begin(),
                                       g_record.models.end(),
                                       [&](const auto& held) { return held.second != model; });
                };
                const auto runRound = [&](const std::vector<uint32_t>& live, const Losses& losses)
                {
                    g_record.Clear();
                    const auto model = federation->ModelBytes();
                    driver.Round(live, losses);
                    return isBehind(model);
                };
                for (uint32_t round = 0; round < 14; ++round)
                {
                    std::vector<uint32_t> live;
                    for (uint32_t worker = 0; worker < WORKERS; ++worker)
                    {
                        if (random.Below(5) != 0)
                        {
                            live.push_back(worker);
                        }
                    }
                    drifted += runRound(live, {0.2, 0.15, 0.15, 0.1, 0.2, 0.1});
                }
                for (uint32_t round = 0; round < 4; ++round)
                {
                    runRound(UpTo(WORKERS), {});
                }
                for (uint32_t round = 0; round < 3; ++round)
                {
                    lasting += runRound(UpTo(WORKERS), {});
                    ASSERT_EQ(g_record.models.size(), WORKERS);
                }
            }
            EXPECT_GT(drifted, 50U) << "else this test shows nothing";
            if (inner == "sgd" || resync != "never")
            {
                EXPECT_EQ(lasting, 0U);
            }
            else
            {
                EXPECT_GT(lasting, 25U);
            }
        }
    }
}

/** Training does what it is for: the loss falls and classes are told apart. */
TYPED_TEST(FlFederationOf, EveryAlgorithmLearns)
{
    for (const auto& algorithm : g_algorithms)
    {
        for (const auto& objective : g_objectives)
        {
            SCOPED_TRACE(algorithm + " " + objective);
            auto setup = MakeSmallSetup(algorithm, objective);
            setup.learningRate = algorithm[1] == 'i' ? 0.02 : 0.3;
            Pool pool(4);
            const auto federation = MakeLearningFederation<TypeParam>(setup, pool);
            federation->StartEvaluation();
            const auto before = federation->FinishEvaluation();
            RunReferenceLoop(*federation, 100);
            federation->StartEvaluation();
            const auto after = federation->FinishEvaluation();
            EXPECT_LT(after.loss, 0.5 * before.loss);
            EXPECT_GT(after.accuracy, 0.8);
        }
    }
}

/** A model that was written can be read again, and one of another size is refused. */
TYPED_TEST(FlFederationOf, TrainingGoesOnFromAnInitialModel)
{
    auto setup = MakeSmallSetup("sgd", "mlp[Hidden=8]");
    Pool pool(1);
    const auto first = MakeLearningFederation<TypeParam>(setup, pool);
    RunReferenceLoop(*first, 3);
    setup.initialModel = first->ModelBytes();
    const auto second = MakeLearningFederation<TypeParam>(setup, pool);
    EXPECT_EQ(second->ModelBytes(), first->ModelBytes());
    setup.initialModel.pop_back();
    EXPECT_THROW(MakeLearningFederation<TypeParam>(setup, pool), UserError);
    setup.initialModel.resize(setup.initialModel.size() + 1 + sizeof(TypeParam));
    EXPECT_THROW(MakeLearningFederation<TypeParam>(setup, pool), UserError);
}

TEST(FlFederation, ResyncPolicies)
{
    EXPECT_EQ(ResyncPolicy::Parse("always").everyRounds, 1U);
    EXPECT_EQ(ResyncPolicy::Parse("never").everyRounds, 0U);
    EXPECT_EQ(ResyncPolicy::Parse("every-3").everyRounds, 3U);
    for (const std::string text : {"", "every-", "every-0", "every--1", "every-x", "Always"})
    {
        EXPECT_THROW(ResyncPolicy::Parse(text), UserError) << text;
    }
}

/** What is known before a run: sizes, owned samples, traits. */
TEST(FlFederation, Shape)
{
    const auto setup = MakeSmallSetup("top-k", "softmax");
    Pool pool(1);
    const auto federation = MakeLearningFederation<double>(setup, pool);
    const auto& shape = federation->Shape();
    EXPECT_EQ(shape.workers, WORKERS);
    EXPECT_EQ(shape.dimension, 6U * 4 + 4);
    EXPECT_EQ(shape.scalarBytes, 8U);
    EXPECT_GT(shape.gradientFlopsPerSample, 0);
    EXPECT_EQ(shape.samples, std::vector<uint64_t>(WORKERS, 48));
    EXPECT_TRUE(shape.traits.committed);
    EXPECT_EQ(federation->ModelBytes().size(), 8 * shape.dimension);
}

/**
 * A worker that was away for three rounds: three sign updates of a bit a coordinate are less than
 * a dense model, three dense updates are more. Then it trains on the server's model.
 */
TEST(FlFederation, ResyncTakesWhateverIsSmaller)
{
    constexpr uint32_t away = 2;
    const auto planAfter = [&](const std::string& algorithm, uint32_t rounds)
    {
        const auto setup = MakeSmallSetup(algorithm, "softmax");
        Pool pool(1);
        const auto federation = MakeLearningFederation<float>(setup, pool);
        LossyDriver driver(*federation, 1);
        driver.Round(UpTo(WORKERS), {});
        driver.Round(UpTo(WORKERS), {}); // holds version 1
        for (uint32_t i = 0; i < rounds; ++i)
        {
            driver.Round({0, 1, 3, 4}, {});
        }
        return federation->OpenRound(UpTo(WORKERS));
    };

    const auto updates = planAfter("signsgd-mv", 3);
    ASSERT_EQ(updates.downloads.size(), 4U);
    for (uint32_t i = 0; i < 3; ++i)
    {
        const auto& download = *updates.downloads[i];
        EXPECT_EQ(download.kind, UPDATE);
        EXPECT_TRUE(download.resync);
        EXPECT_EQ(download.version, 2 + i);
        EXPECT_EQ(download.ordinal, 3 - i) << "versions back";
        EXPECT_EQ(download.audience, std::vector<uint32_t>{away});
    }
    EXPECT_EQ(updates.downloads[3]->kind, UPDATE);
    EXPECT_FALSE(updates.downloads[3]->resync);
    EXPECT_EQ(updates.downloads[3]->audience, UpTo(WORKERS));
    EXPECT_EQ(updates.downloads[3]->version, 5U);

    // Workers that miss the same hear it together.
    {
        const auto setup = MakeSmallSetup("signsgd-mv", "softmax");
        Pool pool(1);
        const auto federation = MakeLearningFederation<float>(setup, pool);
        LossyDriver driver(*federation, 1);
        for (const auto& live : {UpTo(WORKERS), UpTo(WORKERS), {0, 1, 3, 4}, {0, 1, 4}})
        {
            driver.Round(live, {});
        }
        const auto plan = federation->OpenRound(UpTo(WORKERS));
        ASSERT_EQ(plan.downloads.size(), 3U);
        EXPECT_EQ(plan.downloads[0]->version, 2U);
        EXPECT_EQ(plan.downloads[0]->audience, std::vector<uint32_t>{away});
        EXPECT_EQ(plan.downloads[1]->version, 3U);
        EXPECT_EQ(plan.downloads[1]->audience, (std::vector<uint32_t>{away, 3}));
        EXPECT_FALSE(plan.downloads[2]->resync);
    }

    // One dense update is as long as the model: then the update is sent.
    const auto single = planAfter("test-look-ahead[Updates=true]", 1);
    ASSERT_EQ(single.downloads.size(), 2U);
    EXPECT_EQ(single.downloads[0]->kind, UPDATE);
    EXPECT_TRUE(single.downloads[0]->resync);

    const std::vector<std::pair<std::string, uint32_t>> dense{
        {"test-look-ahead[Updates=true]", 2},
        {"test-look-ahead[Updates=true]", 3},
        {"signsgd-mv", 12}}; // by then the first are forgotten
    for (const auto& [algorithm, rounds] : dense)
    {
        SCOPED_TRACE(algorithm);
        const auto model = planAfter(algorithm, rounds);
        ASSERT_EQ(model.downloads.size(), 2U);
        EXPECT_EQ(model.downloads[0]->kind, MODEL);
        EXPECT_TRUE(model.downloads[0]->resync);
        EXPECT_EQ(model.downloads[0]->version, 2 + rounds);
        EXPECT_EQ(model.downloads[0]->audience, std::vector<uint32_t>{away});
        EXPECT_EQ(model.downloads[1]->kind, UPDATE);
        EXPECT_EQ(model.downloads[1]->audience, (std::vector<uint32_t>{0, 1, 3, 4}));
    }

    const auto first = planAfter("signsgd-mv", 0);
    ASSERT_EQ(first.downloads.size(), 1U) << "nobody is behind";
    EXPECT_EQ(first.downloads[0]->audience, UpTo(WORKERS));
}

/** Updates go to all who are there; models to those who are asked; version 0 to nobody. */
TEST(FlFederation, AudiencesFollowTheKindOfBroadcast)
{
    for (const bool updates : {false, true})
    {
        const auto setup = MakeSmallSetup(std::string("test-look-ahead[Exchanges=1|Period=2|") +
                                              (updates ? "Updates=true]" : "Updates=false]"),
                                          "softmax");
        Pool pool(1);
        const auto federation = MakeLearningFederation<float>(setup, pool);
        const std::vector<uint32_t> live{0, 1, 2, 4};
        const auto first = federation->OpenRound(live);
        EXPECT_EQ(first.asked, (std::vector<uint32_t>{0, 2, 4})) << "3 is away";
        EXPECT_TRUE(first.downloads.empty());
        federation->CloseExchange();
        const auto second = federation->OpenRound(live);
        EXPECT_EQ(second.asked, (std::vector<uint32_t>{1}));
        ASSERT_EQ(second.downloads.size(), 1U);
        EXPECT_EQ(second.downloads[0]->audience, updates ? live : std::vector<uint32_t>{1});
        federation->CloseExchange();
    }
}

/** A worker that is asked only every 20th round has heard all updates and holds the model. */
TEST(FlFederation, WorkersThatAreSeldomAskedKeepUp)
{
    const auto setup =
        MakeSmallSetup("test-look-ahead[Exchanges=1|Period=20|Updates=true]", "softmax");
    Pool pool(1);
    const auto federation = MakeLearningFederation<float>(setup, pool);
    LossyDriver driver(*federation, 1);
    uint32_t computed = 0;
    for (uint32_t round = 0; round < 130; ++round)
    {
        g_record.Clear();
        const auto model = federation->ModelBytes();
        // A short loss from which only the chain of updates leads back.
        const bool lossy = round == 85;
        driver.Round(UpTo(WORKERS), {lossy ? 0.5 : 0, 0, 0, 0, 0, 0});
        for (const auto& [worker, held] : g_record.models)
        {
            ASSERT_EQ(held, model) << "worker " << worker << ", round " << round;
            ++computed;
        }
    }
    EXPECT_GT(computed, 25U);
}

/** Only workers that were there when the round was opened are asked again. */
TEST(FlFederation, FurtherExchangesAskWhoIsThere)
{
    const auto setup = MakeSmallSetup("test-look-ahead", "softmax");
    Pool pool(1);
    const auto federation = MakeLearningFederation<float>(setup, pool);
    const auto plan = federation->OpenRound({1, 3});
    EXPECT_EQ(plan.exchange, 0U);
    const auto result = federation->CloseExchange();
    ASSERT_TRUE(result.another);
    EXPECT_EQ(result.another->asked, (std::vector<uint32_t>{1, 3}));
    EXPECT_EQ(result.another->exchange, 1U);
    ASSERT_EQ(result.another->downloads.size(), 1U);
    EXPECT_EQ(result.another->downloads[0]->kind, DownloadKind::ANSWER);
    EXPECT_EQ(result.another->downloads[0]->audience, (std::vector<uint32_t>{1, 3}));
    EXPECT_TRUE(std::isnan(result.trainLoss)) << "nobody computed";
    EXPECT_EQ(result.participants, 0U);
}

/**
 * An answer that was lost is no answer, that of the exchange before does not take its place, and
 * one that comes too late is none in the next round.
 */
TEST(FlFederation, LostAndLateAnswersAreNone)
{
    const auto setup = MakeSmallSetup("test-look-ahead[Exchanges=3]", "softmax");
    Pool pool(1);
    const auto federation = MakeLearningFederation<float>(setup, pool);
    g_record.Clear();
    const auto hear = [&](const std::shared_ptr<const Download>& download)
    {
        for (uint32_t i = 0; i < download->message->segments.size(); ++i)
        {
            federation->ReceiveDownload(0, download, ViewOf(*download->message, i));
        }
        federation->CloseDownload(0, download);
    };
    const auto compute = [&](const ExchangePlan& plan)
    {
        federation->StartCompute(0, plan.round, plan.exchange);
        return federation->FinishCompute(0).message != nullptr;
    };
    const auto first = federation->OpenRound({0});
    EXPECT_TRUE(compute(first));
    const auto second = *federation->CloseExchange().another;
    hear(second.downloads[0]);
    EXPECT_TRUE(compute(second));
    const auto third = *federation->CloseExchange().another;
    federation->CloseDownload(0, third.downloads[0]); // nothing of it arrived
    EXPECT_FALSE(compute(third)) << "without an answer there is nothing to send";
    federation->CloseExchange();
    const auto next = federation->OpenRound({0});
    hear(second.downloads[0]); // once more, too late
    EXPECT_TRUE(compute(next));
    using Key = std::tuple<uint32_t, uint32_t, uint32_t>;
    EXPECT_EQ(g_record.answered, (std::set<Key>{{0, 1, 0}}));
    EXPECT_EQ(g_record.unanswered, (std::set<Key>{{0, 0, 0}, {0, 2, 0}, {1, 0, 0}}));
}

/** Skips are heard and take part; an upload that closes two rounds later is two versions stale. */
TEST(FlFederation, SkipsAndStaleness)
{
    const auto setup = MakeSmallSetup("test-look-ahead[Exchanges=1|Skips=true]", "softmax");
    Pool pool(1);
    const auto federation = MakeLearningFederation<float>(setup, pool);
    g_record.Clear();
    const auto plan = federation->OpenRound(UpTo(WORKERS));
    std::vector<Upload> uploads;
    for (uint32_t worker = 0; worker < WORKERS; ++worker)
    {
        federation->StartCompute(worker, plan.round, plan.exchange);
        uploads.push_back(federation->FinishCompute(worker));
    }
    EXPECT_FALSE(uploads[0].message);
    EXPECT_FALSE(uploads[3].message);
    const auto send = [&](uint32_t worker)
    {
        const auto& message = *uploads[worker].message;
        for (uint32_t i = 0; i < message.segments.size(); ++i)
        {
            federation->ReceiveUpload(worker, 0, 0, ViewOf(message, i));
        }
    };
    federation->ReceiveSkip(0, 0, 0);
    const auto skip = federation->CloseUpload(0, 0, 0);
    EXPECT_TRUE(skip.nothing);
    send(1);
    const auto whole = federation->CloseUpload(1, 0, 0);
    EXPECT_FALSE(whole.nothing);
    EXPECT_TRUE(whole.missing.empty());
    EXPECT_EQ(whole.accepted, uploads[1].message->segments.size());
    send(2); // arrived, but not closed
    EXPECT_EQ(federation->CloseExchange().participants, 2U);
    EXPECT_EQ(g_record.skipped, (std::multiset<uint32_t>{0}));
    using Contributions = std::multiset<std::pair<uint32_t, uint32_t>>;
    EXPECT_EQ(g_record.contributions, (Contributions{{1, 0}}));
    federation->OpenRound(UpTo(WORKERS));
    federation->CloseExchange();
    federation->OpenRound(UpTo(WORKERS));
    federation->CloseUpload(2, 0, 0);
    federation->CloseUpload(4, 0, 0); // nothing of it arrived
    EXPECT_EQ(federation->CloseExchange().participants, 1U);
    EXPECT_EQ(g_record.contributions, (Contributions{{1, 0}, {2, 2}}));
}

/** A synchronous method hears of no upload or skip that closes behind its exchange. */
TEST(FlFederation, LateUploadsToSynchronousMethodsCountForNothing)
{
    const auto setup =
        MakeSmallSetup("test-look-ahead[Exchanges=2|Skips=true|Synchronous=true]", "softmax");
    Pool pool(1);
    const auto federation = MakeLearningFederation<float>(setup, pool);
    g_record.Clear();
    const auto plan = federation->OpenRound(UpTo(WORKERS));
    const auto upload = [&](uint32_t worker)
    {
        federation->StartCompute(worker, plan.round, plan.exchange);
        const auto sent = federation->FinishCompute(worker);
        for (uint32_t i = 0; i < sent.message->segments.size(); ++i)
        {
            federation->ReceiveUpload(worker, 0, 0, ViewOf(*sent.message, i));
        }
    };
    for (const uint32_t worker : {1, 2, 4})
    {
        upload(worker);
    }
    EXPECT_FALSE(federation->CloseUpload(1, 0, 0).nothing);
    EXPECT_EQ(federation->CloseExchange().participants, 1U);
    // The exchange is over, though not the round; then the round is over, too.
    const auto late = federation->CloseUpload(2, 0, 0);
    EXPECT_TRUE(late.nothing);
    EXPECT_EQ(late.accepted, 0U);
    EXPECT_EQ(federation->CloseExchange().participants, 0U);
    EXPECT_TRUE(federation->CloseUpload(4, 0, 0).nothing);
    federation->OpenRound(UpTo(WORKERS));
    federation->ReceiveSkip(0, 0, 0);
    EXPECT_TRUE(federation->CloseUpload(0, 0, 0).nothing);
    EXPECT_EQ(federation->CloseExchange().participants, 0U);
    using Contributions = std::multiset<std::pair<uint32_t, uint32_t>>;
    EXPECT_EQ(g_record.contributions, (Contributions{{1, 0}}));
    EXPECT_TRUE(g_record.skipped.empty());
}

/** Receipts are owed by algorithms with committed state alone, and only for what was sent. */
TEST(FlFederation, ReceiptsAreOwedByCommittedState)
{
    for (const std::string algorithm : {"sgd", "top-k"})
    {
        const auto setup = MakeSmallSetup(algorithm, "softmax");
        Pool pool(1);
        const auto federation = MakeLearningFederation<float>(setup, pool);
        const bool committed = algorithm == "top-k";
        const auto plan = federation->OpenRound({0});
        EXPECT_TRUE(federation->HoldsReceipt(0));
        federation->StartCompute(0, plan.round, plan.exchange);
        const auto upload = federation->FinishCompute(0);
        EXPECT_EQ(federation->HoldsReceipt(0), !committed);
        const auto outcome = federation->CloseUpload(0, 0, 0);
        EXPECT_TRUE(outcome.nothing);
        auto other = outcome;
        other.round = 7;
        federation->ReceiveReceipt(0, other);
        EXPECT_EQ(federation->HoldsReceipt(0), !committed) << "of another upload";
        federation->ReceiveReceipt(0, outcome);
        EXPECT_TRUE(federation->HoldsReceipt(0));
    }
}

/** Segments that the server did not accept become the coordinates that a worker keeps. */
TEST(FlFederation, ReceiptsSpeakOfCoordinates)
{
    auto setup = MakeSmallSetup("test-probe[Inner=top-k]", "mlp[Hidden=100]");
    setup.uploadSegmentBytes = 24;
    for (const bool nothing : {false, true})
    {
        Pool pool(1);
        const auto federation = MakeLearningFederation<double>(setup, pool);
        g_record.Clear();
        const auto plan = federation->OpenRound({0});
        federation->StartCompute(0, plan.round, plan.exchange);
        const auto message = federation->FinishCompute(0).message;
        const auto& segments = message->segments;
        ASSERT_GE(segments.size(), 3U);
        for (uint32_t i = 0; i < segments.size() && !nothing; ++i)
        {
            if (i != 1)
            {
                federation->ReceiveUpload(0, 0, 0, ViewOf(*message, i));
            }
        }
        federation->ReceiveReceipt(0, federation->CloseUpload(0, 0, 0));
        const Range lost{segments[1].first, segments[1].first + segments[1].count};
        const Range all{0, federation->Shape().dimension};
        EXPECT_EQ(g_record.receipts, std::vector<Ranges>{Ranges{nothing ? all : lost}});
    }
}

/** A step's batch is drawn once; another step has another batch. */
TEST(FlFederation, EveryStepHasItsBatch)
{
    auto setup = MakeSmallSetup("test-probe", "softmax");
    setup.batch = 4;
    Pool pool(1);
    const auto federation = MakeLearningFederation<double>(setup, pool);
    g_record.Clear();
    RunReferenceLoop(*federation, 10);
    EXPECT_EQ(g_record.sameStepDiffers, 0U);
    EXPECT_EQ(g_record.otherStepEquals, 0U);
    setup.batch = 0; // all samples: every step has the same
    const auto full = MakeLearningFederation<double>(setup, pool);
    g_record.Clear();
    RunReferenceLoop(*full, 2);
    EXPECT_EQ(g_record.otherStepEquals, 2 * WORKERS);
}

/** What the server refuses is not in its receipt. */
TEST(FlFederation, RefusedSegmentsAreMissing)
{
    const auto setup = MakeSmallSetup("sgd", "softmax");
    Pool pool(1);
    const auto federation = MakeLearningFederation<float>(setup, pool);
    const auto plan = federation->OpenRound({0});
    federation->StartCompute(0, plan.round, plan.exchange);
    const auto message = federation->FinishCompute(0).message;
    ASSERT_EQ(message->segments.size(), 3U); // 28 floats, 10 in 40 bytes
    EXPECT_EQ(federation->ReceiveUpload(0, 0, 0, ViewOf(*message, 2)), SegmentFault::NONE);
    auto wrong = ViewOf(*message, 0);
    wrong.total = 4;
    EXPECT_EQ(federation->ReceiveUpload(0, 0, 0, wrong), SegmentFault::RANGE);
    wrong = ViewOf(*message, 0);
    --wrong.length;
    EXPECT_EQ(federation->ReceiveUpload(0, 0, 0, wrong), SegmentFault::CODE);
    wrong = ViewOf(*message, 1);
    wrong.first += 9;
    EXPECT_EQ(federation->ReceiveUpload(0, 0, 0, wrong), SegmentFault::RANGE);
    const auto outcome = federation->CloseUpload(0, 0, 0);
    EXPECT_EQ(outcome.missing, (Ranges{{0, 2}}));
    EXPECT_EQ(outcome.accepted, 1U);
}

/** A log of another set-up is refused with the line at which it parts. */
TEST(FlFederation, LogsOfAnotherSetUpAreRefused)
{
    auto setup = MakeSmallSetup("sgd", "softmax");
    const auto log = RunLossless<float>(setup).log;
    const auto faultOf = [&](const std::string& text) -> std::string
    {
        try
        {
            RunFromLog<float>(setup, text, 1);
        }
        catch (const UserError& error)
        {
            return error.what();
        }
        return "";
    };
    EXPECT_EQ(faultOf(log), "");
    const auto replaced = [&](const std::string& from, const std::string& to)
    {
        auto text = log;
        text.replace(text.find(from), from.size(), to);
        return faultOf(text);
    };
    EXPECT_NE(replaced("asked=0-4", "asked=0-3").find("line 2"), std::string::npos);
    EXPECT_NE(replaced("open live", "unheard live").find("line 1"), std::string::npos);
    EXPECT_NE(replaced("loss=", "loss=1").find("training loss"), std::string::npos);
    EXPECT_NE(replaced("finish worker=0", "finish worker=9").find("unknown worker"),
              std::string::npos);
    EXPECT_NE(replaced("0:896:", "0:897:").find("another upload"), std::string::npos);
    EXPECT_NE(
        replaced("key=1/model/broadcast/0 segments=0-3", "key=1/model/broadcast/0 segments=0-99")
            .find("unknown segments"),
        std::string::npos);
    setup.learningRate = 0.2;
    EXPECT_NE(faultOf(log).find("training loss"), std::string::npos);
}

/** With exchanges, skips and a selection, a recorded run is repeated line by line. */
TEST(FlFederation, RecordedExchangesAreRepeated)
{
    for (const auto& algorithm : g_allAlgorithms)
    {
        SCOPED_TRACE(algorithm);
        const auto setup = MakeSmallSetup(algorithm, "softmax");
        const auto recorded = RunLossless<float>(setup);
        std::istringstream stream(recorded.log);
        Pool pool(1);
        const auto shape = MakeLearningFederation<float>(setup, pool)->Shape();
        const auto replay = MakeReplayFederation(shape, ReadEventLog(stream));
        std::ostringstream text;
        EventLog log(text);
        replay->SetLog(&log);
        const auto losses = RunReferenceLoop(*replay, 8);
        EXPECT_EQ(BitsOfAll(losses), recorded.losses);
        EXPECT_EQ(text.str(), recorded.log);
    }
}

/** A worker without losses shares the server's models. */
TEST(FlWorkerReplica, FlawlessVersionsAreShared)
{
    SignSource source;
    EXPECT_EQ(source.replica.Current(), source.models[0]);
    source.Advance();
    source.Hear(source.Say(UPDATE, 1));
    EXPECT_EQ(source.replica.Current(), source.models[0]) << "not before it is settled";
    EXPECT_EQ(source.Settle(), (Versions{1}));
    EXPECT_EQ(source.replica.Current(), source.models[1]);
    EXPECT_EQ(source.Settle(), (Versions{}));
    source.Advance();
    source.Advance();
    source.Hear(source.Say(MODEL, 3));
    EXPECT_EQ(source.Settle(), (Versions{3}));
    EXPECT_EQ(source.replica.Current(), source.models[3]);
    EXPECT_EQ(source.last, source.models[3]);
}

/** Segments of 192 signs: without the second, coordinates 192 to 383 stay where they were. */
TEST(FlWorkerReplica, APartialUpdateDriftsAndResyncHeals)
{
    SignSource source;
    source.Advance();
    source.Hear(source.Say(UPDATE, 1), {1});
    EXPECT_EQ(source.Settle(), (Versions{1}));
    const auto drifted = *source.replica.Current();
    for (uint32_t i = 0; i < SignSource::SIZE; ++i)
    {
        ASSERT_EQ(drifted[i], i / 192 == 1 ? 0 : source.Change(1, i));
    }
    EXPECT_EQ(source.models[0]->at(0), 0) << "shared models never change";
    source.Advance();
    source.Hear(source.Say(UPDATE, 2));
    source.Settle();
    for (uint32_t i = 0; i < SignSource::SIZE; ++i)
    {
        ASSERT_EQ(source.replica.Current()->at(i), drifted[i] + source.Change(2, i));
    }
    source.Advance();
    source.Hear(source.Say(UPDATE, 1, true));
    source.Hear(source.Say(UPDATE, 3));
    source.Hear(source.Say(UPDATE, 2, true)); // the order of arrival does not matter
    EXPECT_EQ(source.Settle().back(), 3U);
    EXPECT_EQ(source.replica.Current(), source.models[3]);
}

/** An update behind a gap is remembered: when the gap is filled, it is not needed again. */
TEST(FlWorkerReplica, UpdatesBehindAGapWait)
{
    SignSource source;
    source.Advance();
    source.Advance();
    source.Hear(source.Say(UPDATE, 1), {0, 1, 2});
    source.Hear(source.Say(UPDATE, 2));
    EXPECT_EQ(source.Settle(), (Versions{2}));
    for (uint32_t i = 0; i < SignSource::SIZE; ++i)
    {
        ASSERT_EQ(source.replica.Current()->at(i), source.Change(2, i));
    }
    source.Hear(source.Say(UPDATE, 1, true));
    EXPECT_EQ(source.Settle(), (Versions{1, 2}));
    EXPECT_EQ(source.replica.Current(), source.models[2]);
}

/** What is known already changes nothing, whole or in part, repeated or late. */
TEST(FlWorkerReplica, RepeatedUpdatesAreNotAppliedTwice)
{
    SignSource source;
    for (int i = 0; i < 3; ++i)
    {
        source.Advance();
    }
    source.Hear(source.Say(UPDATE, 1));
    source.Hear(source.Say(UPDATE, 2));
    source.Settle();
    for (const bool resync : {false, true})
    {
        for (const uint32_t version : {1, 2})
        {
            source.Hear(source.Say(UPDATE, version, resync));
            EXPECT_EQ(source.Settle(), (Versions{}));
            source.Hear(source.Say(UPDATE, version, resync), {0});
            EXPECT_EQ(source.Settle(), (Versions{}));
        }
    }
    source.Hear(source.Say(MODEL, 1));
    source.Hear(source.Say(MODEL, 1), {0});
    EXPECT_EQ(source.Settle(), (Versions{}));
    EXPECT_EQ(source.replica.Current(), source.models[2]);
    // In a drifted copy, too, a repeated update is not applied on top.
    source.Hear(source.Say(UPDATE, 3), {0});
    source.Settle();
    const auto drifted = source.replica.Current();
    source.Hear(source.Say(UPDATE, 3, true), {1});
    EXPECT_EQ(source.Settle(), (Versions{}));
    EXPECT_EQ(source.replica.Current(), drifted);
    source.Hear(source.Say(UPDATE, 3, true));
    EXPECT_EQ(source.Settle(), (Versions{3}));
    EXPECT_EQ(source.replica.Current(), source.models[3]);
}

/** Of a model in two halves the one that arrived is taken over. */
TEST(FlWorkerReplica, APartialModelIsTakenOverInPart)
{
    SignSource source;
    source.Advance();
    source.Hear(source.Say(UPDATE, 1));
    source.Settle();
    for (int i = 0; i < 4; ++i)
    {
        source.Advance();
    }
    source.Hear(source.Say(MODEL, 5), {1}); // segments of 250 floats
    EXPECT_EQ(source.Settle(), (Versions{5}));
    for (uint32_t i = 0; i < SignSource::SIZE; ++i)
    {
        ASSERT_EQ(source.replica.Current()->at(i), source.models[i < 250 ? 5 : 1]->at(i));
    }
    source.Hear(source.Say(MODEL, 5));
    EXPECT_EQ(source.Settle(), (Versions{5}));
    EXPECT_EQ(source.replica.Current(), source.models[5]);
}

/** A worker that settles late finds the server's old models gone and yet arrives at the same. */
TEST(FlWorkerReplica, OldModelsMayBeForgotten)
{
    SignSource source;
    for (uint32_t version = 1; version <= 20; ++version)
    {
        source.Advance();
        source.Hear(source.Say(UPDATE, version),
                    version == 19 ? std::set<uint32_t>{1} : std::set<uint32_t>{});
    }
    const auto expected = source.models[18];
    source.models.erase(source.models.begin(), source.models.lower_bound(19));
    source.Settle();
    EXPECT_NE(*source.replica.Current(), *source.models[20]);
    source.Hear(source.Say(UPDATE, 19, true));
    source.Settle();
    EXPECT_EQ(source.replica.Current(), source.models[20]);
}

/** Bits that turned over unnoticed are decoded as they are, and stay until a model comes. */
TEST(FlWorkerReplica, AlteredBodiesAreDecodedAsTheyAre)
{
    SignSource source;
    source.Advance();
    const auto download = source.Say(UPDATE, 1);
    for (uint32_t i = 0; i < 3; ++i)
    {
        auto view = ViewOf(*download->message, i);
        std::vector<uint8_t> body(view.data, view.data + view.length);
        if (i == 1)
        {
            body[0] ^= 1; // coordinate 192
        }
        view.data = body.data();
        ASSERT_EQ(source.replica.Receive(download, view), SegmentFault::NONE);
    }
    EXPECT_EQ(source.replica.Close(download), (Ranges{{0, 3}}));
    source.Settle();
    auto expected = *source.models[1];
    expected[192] = -expected[192];
    EXPECT_EQ(*source.replica.Current(), expected);
    // The worker does not know, so it takes what follows; neither does the server.
    for (uint32_t version = 2; version <= 3; ++version)
    {
        source.Advance();
        source.Hear(source.Say(UPDATE, version, version == 3));
        source.Settle();
        for (uint32_t i = 0; i < SignSource::SIZE; ++i)
        {
            expected[i] += source.Change(version, i);
        }
        EXPECT_EQ(*source.replica.Current(), expected);
    }
    source.Hear(source.Say(MODEL, 3));
    source.Settle();
    EXPECT_EQ(source.replica.Current(), source.models[3]);
}

/** What no encoder writes, or what does not belong to the message, is refused. */
TEST(FlWorkerReplica, DamagedSegmentsAreRefused)
{
    SignSource source;
    source.Advance();
    const auto download = source.Say(UPDATE, 1);
    const auto good = ViewOf(*download->message, 1);
    auto view = good;
    view.index = 3;
    EXPECT_EQ(source.replica.Receive(download, view), SegmentFault::RANGE);
    view = good;
    view.total = 4;
    EXPECT_EQ(source.replica.Receive(download, view), SegmentFault::RANGE);
    view = good;
    view.format = WireFormat::DENSE32;
    EXPECT_NE(source.replica.Receive(download, view), SegmentFault::NONE);
    view = good;
    view.first = 200;
    EXPECT_NE(source.replica.Receive(download, view), SegmentFault::NONE);
    view = good;
    view.first = 193;
    EXPECT_EQ(source.replica.Receive(download, view), SegmentFault::CODE);
    EXPECT_EQ(source.replica.Close(download), Ranges{});
    EXPECT_EQ(source.Settle(), (Versions{}));
    EXPECT_EQ(source.replica.Current(), source.models[0]);
}

/** An answer belongs to one exchange of one round. */
TEST(FlWorkerReplica, AnswersBelongToTheirExchange)
{
    SignSource source;
    const auto say = [&](uint32_t round, uint32_t exchange)
    {
        return std::make_shared<const Download>(
            Download{round,
                     exchange,
                     exchange,
                     DownloadKind::ANSWER,
                     false,
                     0,
                     {0},
                     std::make_shared<const EncodedMessage>(
                         Encode(Update<float>(SignUpdate::Positive(SignSource::SIZE)), 24))});
    };
    source.Hear(say(2, 1), {1});
    EXPECT_FALSE(source.replica.TakeAnswer(2, 1)) << "not before it is settled";
    source.Hear(say(2, 1), {1});
    EXPECT_EQ(source.Settle(), (Versions{})) << "an answer is no model";
    const auto answer = source.replica.TakeAnswer(2, 1);
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->missing, (Ranges{{192, 384}}));
    EXPECT_FALSE(source.replica.TakeAnswer(2, 1)) << "once";
    source.Hear(say(2, 1));
    source.Settle();
    EXPECT_FALSE(source.replica.TakeAnswer(2, 2));
    source.Hear(say(2, 2), {0, 1, 2});
    source.Settle();
    EXPECT_FALSE(source.replica.TakeAnswer(2, 2)) << "nothing of it arrived";
    source.Hear(say(3, 1));
    source.Hear(say(2, 2)); // late
    source.Settle();
    EXPECT_TRUE(source.replica.TakeAnswer(3, 1));
}

} // namespace fl
