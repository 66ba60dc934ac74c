/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

/**
 * @file
 * What holds for every registered method, and for its variants, however bad the network is. A
 * method that is registered anew is among them.
 */

#include "ns3/fl-event-log.h"
#include "ns3/fl-learning-federation.h"
#include "ns3/fl-reference-loop.h"
#include "ns3/fl-registry.h"

#include "fl-ledger.h"
#include "fl-method-rig.h"
#include "fl-test-helpers.h"

#include <algorithm>
#include <gtest/gtest.h>
#include <memory>
#include <set>
#include <sstream>

namespace fl
{

namespace
{

using test::BitsOf;
using test::Ledger;
using test::Losses;
using test::LossyDriver;
using test::MakeSmallSetup;
using test::UpTo;
using test::WORKERS;

/** Parameters that change what is sent or remembered; methods without any stand here by name. */
const std::vector<std::string> VARIANTS{
    "sgd[Form=sum|WeightDecay=0.01]",
    "signsgd-mv[Zero=abstain]",
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
    "terngrad[Downlink=update]",
    "terngrad[ScalerSharing=true]",
    "natural[Downlink=update]",
    "powersgd[Rank=1|Downlink=update|Momentum=0.5|WeightDecay=0.001]",
    "ef-signsgd[Downlink=update]",
    "1bit-sgd[Block=tensor|Downlink=update]",
    "stc[Density=0.05]",
    "stc[Density=0.2|Scope=global]",
    "fedavg[Fraction=0.6]",
    "fedprox[Epochs=1|Mu=0.1]",
    "sasg[Alpha=5|Depth=3|Density=0.1]",
    "sasg[Alpha=5|Depth=3|Density=0.1|Downlink=update|Value=half]",
    "lasg[Alpha=20|Depth=2|Value=single]",
    "lasg[Alpha=20|Depth=4|MaxSilence=2|Downlink=update]",
    "sparse[Density=0.05]",
    "sparse[Density=0.05|Downlink=update]",
    "lag-wk[Xi=0.4|Depth=4]",
    "lag-ps[Xi=30]",
    "cgd[Xi=1|Value=half]",
    "gd-sec[Xi=0.5]",
    "gd-sec[Xi=0.5|PerCoordinate=true]",
    "gd-sec[Xi=0.2|Beta=0.2|Value=single|Downlink=update]",
    "gd-sec[Xi=0.5|Uploaders=2|Value=half]",
    "gd-soec[Xi=2|Beta=0.5]",
    "sgd-sec[Xi=0.2|Levels=255]",
    "sgd-sec[Xi=0.2|Levels=4|Bucket=5]",
    "qsgd-sec[Xi=0.2]",
    "ef21[Density=0.1]",
    "ef21[Density=0.1|Scope=global|Value=half]"};

/** @return every method by name, then the variants */
std::vector<std::string>
Methods()
{
    std::vector<std::string> methods;
    for (const auto& name : Registry<AlgorithmFactory>::Get().Names())
    {
        if (name.rfind("test-", 0) != 0)
        {
            methods.push_back(name);
        }
    }
    methods.insert(methods.end(), VARIANTS.begin(), VARIANTS.end());
    return methods;
}

/** @return the set-up with smoothness constants, whatever the objective */
AlgorithmSetup
WithSmoothness(AlgorithmSetup setup)
{
    setup.smoothness = [](uint32_t worker)
    {
        return 1.0 + worker;
    };
    setup.coordinateSmoothness = [dimension = setup.dimension]
    {
        std::vector<double> constants(dimension);
        for (uint32_t i = 0; i < dimension; ++i)
        {
            constants[i] = 1.0 + i % 3;
        }
        return constants;
    };
    return setup;
}

/** The method of a test, and what its ends write down. */
struct Examined
{
    std::string method;
    std::unique_ptr<Ledger> ledger;
};

Examined g_examined;

/** The method that is examined. */
template <typename S>
class ExaminedMethod : public test::LedgerMethod<S>
{
  public:
    ExaminedMethod(const Parameters& /* parameters */, const AlgorithmSetup& setup)
        : test::LedgerMethod<S>(MakeAlgorithm<S>(g_examined.method, WithSmoothness(setup)),
                                *g_examined.ledger)
    {
    }

    AlgorithmTraits Traits() const override
    {
        auto traits = test::LedgerMethod<S>::Traits();
        traits.needsSmoothness = false; // as it has the constants already
        traits.localSteps = true;       // as the set-up has them for all
        return traits;
    }
};

const Registration<AlgorithmFactory>
    g_registration("test-examined",
                   "writes down what both ends know of each upload",
                   {},
                   MakeAlgorithmFactory<ExaminedMethod<float>, ExaminedMethod<double>>(0.02, ""));

/**
 * @param method the method that is examined from now on, with a new ledger
 * @param objective what is minimised
 * @return a small federation's set-up
 */
LearningSetup
Examine(const std::string& method, const std::string& objective)
{
    g_examined.method = method;
    g_examined.ledger = std::make_unique<Ledger>();
    auto setup = MakeSmallSetup("test-examined", objective);
    setup.localSteps = 2;
    setup.uploadSegmentBytes = MIN_SEGMENT_BYTES;
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

const Losses BAD{0.25, 0.1, 0.1, 0.15, 0.3, 0.2}; ///< as bad a network as there can be

/** Runs a bad network. */
template <typename S>
Outcome
RunLossy(const LearningSetup& setup, uint32_t threads, uint64_t run, uint32_t rounds)
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
        losses.push_back(driver.Round(DrawLive(random), BAD));
    }
    EXPECT_LT(driver.Arrived(), driver.Offered());
    return Leave(*federation, losses, text.str());
}

/** Runs the loop in which everything arrives. */
template <typename S>
Outcome
RunLossless(const LearningSetup& setup, uint32_t threads, uint32_t rounds)
{
    Pool pool(threads);
    const auto federation = MakeLearningFederation<S>(setup, pool);
    return Leave(*federation, RunReferenceLoop(*federation, rounds), "");
}

/** @return how many uploads arrived in part; everything that arrived must be what was said */
uint32_t
PartialUploads(const Ledger& ledger)
{
    uint32_t partial = 0;
    for (const auto& [worker, uploads] : ledger.heard)
    {
        for (const auto& [exchange, values] : uploads)
        {
            const auto& said = ledger.said.at(worker).at(exchange);
            EXPECT_TRUE(std::includes(said.begin(), said.end(), values.begin(), values.end()));
            partial += values.size() < said.size();
        }
    }
    return partial;
}

/** @return a step size at which the method learns */
double
Rate(const std::string& method)
{
    if (method.find("-mv") != std::string::npos)
    {
        return 0.02; // steps have the length of the rate
    }
    return method.find("-soec") != std::string::npos ? 0.05 : 0.2; // as nothing corrects errors
}

/** Runs a test body on both scalars. */
template <typename S>
class FlEveryMethodOf : public ::testing::Test
{
};

using Scalars = ::testing::Types<float, double>;
TYPED_TEST_SUITE(FlEveryMethodOf, Scalars);

} // namespace

/**
 * What the server accepts is what the worker computed, bit for bit, where it arrived. Whenever a
 * worker of a method with receipts computes, the server has accepted exactly what the worker has
 * committed, whatever was lost or late. One voice a round is one voice.
 */
TYPED_TEST(FlEveryMethodOf, BothEndsAgreeAtEveryEncoding)
{
    uint32_t skips = 0;
    for (const auto& method : Methods())
    {
        SCOPED_TRACE(method);
        uint32_t partial = 0;
        uint32_t late = 0;
        for (uint64_t run = 1; run <= 3; ++run)
        {
            const auto setup = Examine(method, "mlp[Hidden=40]");
            const auto& ledger = *g_examined.ledger;
            RunLossy<TypeParam>(setup, 1, run, 12);
            EXPECT_EQ(ledger.differs, 0U);
            partial += PartialUploads(ledger);
            late += ledger.late;
            skips += ledger.skips;
        }
        // The ternary messages of stc with a hundredth of the entries have one segment.
        EXPECT_TRUE(partial > 5 || method == "stc") << partial;
        const auto traits =
            MakeAlgorithm<TypeParam>(method, WithSmoothness(test::MakeMethodSetup(5, 1, 1)))
                ->Traits();
        EXPECT_EQ(late == 0, traits.synchronousOnly);
        EXPECT_EQ(g_examined.ledger->owed.empty(), !traits.committed);
    }
    EXPECT_GT(skips, 50U) << "nobody is ever silent";
}

/** The log of a lossy run drives a federation without a network to the same bits and log. */
TYPED_TEST(FlEveryMethodOf, LoggedDeliveriesGiveTheSameBits)
{
    uint64_t run = 0;
    for (const auto& method : Methods())
    {
        for (const std::string resync : {"always", "every-3", "never"})
        {
            SCOPED_TRACE(method + " " + resync);
            // So small that the cheapest coding of trits differs from upload to upload.
            auto setup = Examine(method, "mlp[Hidden=8]");
            setup.resync = ResyncPolicy::Parse(resync);
            const auto outcome = RunLossy<TypeParam>(setup, 2, ++run, 8);
            Pool pool(1);
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
TYPED_TEST(FlEveryMethodOf, ThreadsSegmentsAndAbortsChangeNothing)
{
    constexpr uint32_t rounds = 8;
    for (const auto& method : Methods())
    {
        SCOPED_TRACE(method);
        auto setup = Examine(method, "mlp[Hidden=8]");
        const auto outcome = RunLossless<TypeParam>(setup, 1, rounds);
        ASSERT_TRUE(RunLossless<TypeParam>(setup, 3, rounds) == outcome);
        setup.uploadSegmentBytes = 65000;
        setup.downloadSegmentBytes = MIN_SEGMENT_BYTES;
        ASSERT_TRUE(RunLossless<TypeParam>(setup, 1, rounds) == outcome);
        Pool pool(1);
        const auto federation = MakeLearningFederation<TypeParam>(setup, pool);
        LossyDriver driver(*federation, 1);
        Losses losses;
        losses.abort = 0.5;
        losses.confirm = 0.5;
        std::vector<double> found;
        for (uint32_t round = 0; round < rounds; ++round)
        {
            found.push_back(driver.Round(UpTo(WORKERS), losses));
        }
        ASSERT_TRUE(Leave(*federation, found, "") == outcome);
    }
}

/** After bad rounds, once everything arrives, all that compute train on the server's model. */
TYPED_TEST(FlEveryMethodOf, BadRoundsHeal)
{
    for (const auto& method : Methods())
    {
        SCOPED_TRACE(method);
        const auto setup = Examine(method, "softmax");
        auto& ledger = *g_examined.ledger;
        Pool pool(1);
        const auto federation = MakeLearningFederation<TypeParam>(setup, pool);
        LossyDriver driver(*federation, 3);
        Random random({2, 3}, Purpose::TEST);
        for (uint32_t round = 0; round < 12; ++round)
        {
            driver.Round(DrawLive(random), BAD);
        }
        for (uint32_t round = 0; round < 8; ++round)
        {
            ledger.models.clear();
            const auto model = federation->ModelBytes();
            driver.Round(UpTo(WORKERS), {});
            for (const auto& held : ledger.models)
            {
                // Companions stand behind the parameters.
                ASSERT_TRUE(round < 2 ||
                            std::equal(model.begin(), model.end(), held.second.begin()))
                    << round;
            }
        }
        EXPECT_EQ(ledger.differs, 0U);
    }
}

/** Without losses every method lowers the training loss. */
TYPED_TEST(FlEveryMethodOf, EveryMethodLearns)
{
    for (const auto& method : Methods())
    {
        auto setup = Examine(method, "mlp[Hidden=40]");
        setup.batch = 0;
        setup.learningRate = Rate(method);
        Pool pool(1);
        const auto federation = MakeLearningFederation<TypeParam>(setup, pool);
        const auto losses = RunReferenceLoop(*federation, 60);
        EXPECT_LT(losses.back(), 0.8 * losses.front()) << method;
    }
}

/**
 * Which methods refuse late uploads: those in which a worker has one voice a round, and those whose
 * uploads belong to one exchange. The list is that of AlgorithmTraits::synchronousOnly.
 */
TEST(FlEveryMethod, SynchronousMethods)
{
    std::set<std::string> synchronous;
    for (const auto& method : Methods())
    {
        const auto name = method.substr(0, method.find('['));
        if (MakeAlgorithm<double>(method, WithSmoothness(test::MakeMethodSetup(WORKERS, 1, 1)))
                ->Traits()
                .synchronousOnly)
        {
            synchronous.insert(synchronous.count(name) > 0 ? name : method);
        }
    }
    EXPECT_EQ(synchronous,
              (std::set<std::string>{"coordinate-median",
                                     "multi-krum",
                                     "powersgd",
                                     "s3gd-mv",
                                     "signsgd-mv",
                                     "terngrad[ScalerSharing=true]",
                                     "trimmed-mean"}));
}

} // namespace fl
