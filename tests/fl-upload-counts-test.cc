/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

/**
 * How many uploads and bits methods of deterministic gradients need to the optimum, on data of the
 * module's own generators, against counts_oracle.py, which has the methods from their papers'
 * equations and shares nothing with the module.
 */

#include "ns3/fl-event-log.h"
#include "ns3/fl-learning-federation.h"
#include "ns3/fl-reference-loop.h"

#include "fl-folder-test-helpers.h"

#include <cmath>
#include <cstring>
#include <gtest/gtest.h>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <numeric>
#include <sstream>

namespace fl
{

namespace
{

constexpr double RELATIVE = 1e-8; ///< error of the objective that is to be reached

/** What is minimised. */
struct Problem
{
    std::string objective; ///< as the user types it
    std::string loss;      ///< as the script knows it
    double l2;             ///< factor of half the squared weights
    DatasetPair data;      ///< equally many samples for each worker
    uint32_t workers;      ///< number of workers
    RunSeed runSeed;       ///< drives all draws

    uint32_t Samples() const
    {
        return data.train->Size() / workers;
    }
};

/** A method as the user types it, and as the script is told of it. */
struct Method
{
    std::string text;      ///< as the user types it
    double learningRate;   ///< as the user types it
    nlohmann::json script; ///< what the script reads
};

/** What a method took to the target. */
struct Taken
{
    uint32_t rounds{0};
    uint64_t uploads{0};
    uint64_t bits{0}; ///< by the formulas of the wire formats
};

/** @return 1 over the smoothness constant of the sum of the workers' losses */
double
RateOf(const Problem& problem)
{
    const Dataset& data = *problem.data.train;
    const auto objective = MakeObjective<double>(problem.objective, ShapeOf(data));
    std::vector<uint32_t> all(data.Size());
    std::iota(all.begin(), all.end(), 0);
    return 1 / (problem.workers * *objective->Smoothness({&data, all.data(), data.Size()}));
}

/** A run of a method, by the loop without a network, that stops at the target. */
class Training
{
  public:
    Training(const Problem& problem, const Method& method)
        : m_objective(MakeObjective<double>(problem.objective, ShapeOf(*problem.data.train))),
          m_data(problem.data.train),
          m_pool(1)
    {
        LearningSetup setup;
        setup.algorithm = method.text;
        setup.objective = problem.objective;
        setup.data = problem.data;
        setup.partition = MakePartition("contiguous", *m_data, problem.workers, problem.runSeed);
        setup.batch = 0;
        setup.learningRate = method.learningRate;
        setup.runSeed = problem.runSeed;
        m_federation = MakeLearningFederation<double>(std::move(setup), m_pool);
    }

    /** Runs rounds until the loss is at most `target`. @return what it took */
    Taken To(double target)
    {
        constexpr uint32_t limit = 50000; // rounds
        while (taken.rounds < limit)
        {
            Round();
            if (Loss() <= target)
            {
                return taken;
            }
        }
        ADD_FAILURE() << "never got there";
        return taken;
    }

    void Round()
    {
        std::stringstream text;
        EventLog log(text);
        m_federation->SetLog(&log);
        RunReferenceLoop(*m_federation, 1);
        m_federation->SetLog(nullptr);
        ++taken.rounds;
        for (const auto& event : ReadEventLog(text))
        {
            if (event.kind == "plan")
            {
                const auto numbers = ToNumbers(event.Numbers("asked"));
                asked.insert(asked.end(), numbers.begin(), numbers.end());
            }
            else if (event.kind == "finish" && event.Text("message") != "skip")
            {
                ++taken.uploads;
                taken.bits += MessageOf(event.Text("message")).paperBits;
            }
        }
    }

    /** @return the mean loss at the server's model */
    double Loss() const
    {
        const auto bytes = m_federation->ModelBytes();
        std::vector<double> model(bytes.size() / sizeof(double));
        std::memcpy(model.data(), bytes.data(), bytes.size());
        return m_objective->Evaluate(model.data(), *m_data).loss;
    }

    Taken taken;                 ///< so far
    std::vector<uint32_t> asked; ///< so far, in the order of asking

  private:
    std::unique_ptr<Objective<double>> m_objective;
    std::shared_ptr<const Dataset> m_data;
    Pool m_pool;
    std::unique_ptr<Federation> m_federation;
};

/** @return what the script reads of a problem */
nlohmann::json
QuestionOf(const Problem& problem)
{
    const Dataset& data = *problem.data.train;
    nlohmann::json question{{"loss", problem.loss},
                            {"l2", problem.l2},
                            {"relative", RELATIVE},
                            {"methods", nlohmann::json::array()}};
    for (uint32_t i = 0; i < data.Size(); ++i)
    {
        const uint32_t worker = i / problem.Samples();
        const std::vector<float> input(data.Input(i), data.Input(i) + data.features);
        question["inputs"][worker].push_back(input);
        question["targets"][worker].push_back(data.classes == 0 ? data.targets[i]
                                                                : 2.0 * data.labels[i] - 1);
    }
    return question;
}

/** Compares methods with the script; the tests say what else is expected. */
class FlUploadCounts : public test::FolderTest
{
  protected:
    void SetUp() override
    {
        if (std::system("/usr/bin/python3 -c 'import numpy' 2>/dev/null") != 0)
        {
            GTEST_SKIP() << "the package python3-numpy is not installed";
        }
    }

    /**
     * Runs some methods here and by the script.
     * @param problem what is minimised
     * @param methods the methods
     * @param tolerance how far the counts of the two may be apart, relatively
     * @return what each method took
     */
    std::vector<Taken> Compare(const Problem& problem,
                               const std::vector<Method>& methods,
                               double tolerance)
    {
        auto question = QuestionOf(problem);
        for (const auto& method : methods)
        {
            question["methods"].push_back(method.script);
            question["methods"].back()["rate"] = method.learningRate;
        }
        Write("question", question.dump());
        const std::string program = WFL_SOURCE_DIR "/tests/counts_oracle.py";
        const auto path = m_folder / "question";
        EXPECT_EQ(
            std::system(("/usr/bin/python3 '" + program + "' '" + path.string() + "'").c_str()),
            0);
        std::ifstream stream(path.string() + ".answer");
        const auto answer = nlohmann::json::parse(stream);
        const double optimum = answer["optimum"];
        std::vector<Taken> all;
        for (std::size_t i = 0; i < methods.size(); ++i)
        {
            SCOPED_TRACE(methods[i].text);
            Training run(problem, methods[i]);
            all.push_back(run.To(optimum + RELATIVE * (run.Loss() - optimum)));
            const auto& script = answer["methods"][i];
            const std::map<std::string, double> counts{{"rounds", all.back().rounds},
                                                       {"uploads", all.back().uploads},
                                                       {"bits", all.back().bits}};
            for (const auto& [name, count] : counts)
            {
                const double expected = script[name];
                EXPECT_NEAR(count, expected, tolerance * expected) << name;
            }
        }
        return all;
    }
};

} // namespace

/**
 * The synthetic regression of LAG's authors (arXiv:1805.09965), on several draws of the data: each
 * method takes exactly as many uploads as by the script. LAG-WK and CGD take far fewer than
 * gradient descent, LAG-PS is between. GD-SEC is not at home here, where gradient descent is so
 * fast that its slow state does not follow.
 */
TEST_F(FlUploadCounts, LagSynthetic)
{
    constexpr uint32_t workers = 9;
    for (const uint64_t run : {61, 62, 63})
    {
        SCOPED_TRACE(run);
        const RunSeed runSeed{1, run};
        const Problem problem{"linear",
                              "squares",
                              0,
                              MakeDataset("lag-synthetic", runSeed),
                              workers,
                              runSeed};
        const double rate = RateOf(problem);
        Method iag{"nounif-iag", rate / workers, {{"name", "nounif-iag"}}};
        Training order(problem, iag);
        for (uint32_t round = 0; round < 1500; ++round)
        {
            order.Round();
        }
        iag.script["asked"] = order.asked;
        const auto taken = Compare(
            problem,
            {{"sgd", workers * rate, {{"name", "gd"}}},
             {"lag-wk", rate, {{"name", "lag-wk"}, {"xi", 0.1}, {"depth", 10}}},
             {"lag-ps", rate, {{"name", "lag-ps"}, {"xi", 1}, {"depth", 10}}},
             {"cgd", rate, {{"name", "cgd"}, {"xi", 1}}},
             iag,
             {"gd-sec[Xi=1|Value=single]", rate, {{"name", "gd-sec"}, {"xi", 1}, {"beta", 0.01}}}},
            0);
        EXPECT_LT(taken[1].uploads, taken[0].uploads / 5) << "lag-wk";
        EXPECT_LT(taken[3].uploads, taken[0].uploads / 5) << "cgd";
        EXPECT_LT(taken[1].uploads, taken[2].uploads);
        EXPECT_LT(taken[2].uploads, taken[0].uploads / 3) << "lag-ps";
    }
}

/**
 * Logistic regressions on which gradient descent is slow, with xi / workers = 10 / rate and beta =
 * 0.01: at most a tenth of the bits of gradient descent, at 32 bits a value, and at most 1.25 times
 * its rounds. The bounds are those of prototypes on such problems, not of the paper
 * (arXiv:2202.02491). Counts are those of the script, but an entry that is at its threshold to the
 * last digit may be sent here and not there, and thousands of rounds make 3 % of it in the worst of
 * 16 draws.
 */
TEST_F(FlUploadCounts, Property50GdSecOnLogisticRegressions)
{
    constexpr uint32_t workers = 5;
    for (const uint64_t run : {501, 502, 503, 504})
    {
        SCOPED_TRACE(run);
        const RunSeed runSeed{1, run};
        const Problem problem{
            "logistic[L2=0.001]",
            "logistic",
            0.001,
            MakeDataset("gaussian-mixture[Features=20|Classes=2|Samples=200|Separation=4]",
                        runSeed),
            workers,
            runSeed};
        const double rate = RateOf(problem);
        const auto taken = Compare(
            problem,
            {{"sgd", workers * rate, {{"name", "gd"}}},
             {"gd-sec[Value=single]", rate, {{"name", "gd-sec"}, {"xi", 10}, {"beta", 0.01}}}},
            0.05);
        const double half = 0.5; // of the double values that gradient descent sent
        EXPECT_LE(taken[1].bits, 0.1 * half * taken[0].bits);
        EXPECT_LE(taken[1].rounds, 1.25 * taken[0].rounds);
    }
}

} // namespace fl
