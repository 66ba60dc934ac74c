/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/fl-algorithm.h"
#include "ns3/fl-coordinate-mean.h"
#include "ns3/fl-local-sgd.h"
#include "ns3/fl-registry.h"
#include "ns3/fl-share.h"
#include "ns3/fl-update-values.h"

#include <algorithm>
#include <utility>

namespace fl
{

namespace
{

/** What federated averaging can be told. */
struct FedAvgOptions
{
    double fraction;   ///< share of the workers that is asked, C
    uint32_t epochs;   ///< local epochs E, 0 to take the local steps of the setup
    LearningRate rate; ///< local step size
    double proximal;   ///< mu of FedProx
};

/** Trains for some steps and sends how the model has changed. Keeps no state. */
template <typename S>
class FedAvgWorker : public WorkerHalf<S>
{
  public:
    FedAvgWorker(const AlgorithmSetup& setup,
                 const WorkerSetup& worker,
                 const FedAvgOptions& options)
        : m_dimension(setup.dimension),
          m_training{Steps(setup, worker, options),
                     options.rate,
                     options.proximal,
                     setup.SamplesOf(worker.samples, Steps(setup, worker, options))}
    {
    }

    Work DeclareWork(const WorkerContext<S>& /* context */) const override
    {
        return m_training.Declare(m_dimension);
    }

    std::optional<Update<S>> Compute(WorkerContext<S>& context, double& loss) override
    {
        DenseUpdate<S> difference{std::vector<S>(m_dimension)};
        loss = m_training.Run(context, difference.values);
        return difference;
    }

  private:
    static uint32_t Steps(const AlgorithmSetup& setup,
                          const WorkerSetup& worker,
                          const FedAvgOptions& options)
    {
        const uint64_t steps = options.epochs == 0
                                   ? setup.localSteps
                                   : options.epochs * setup.StepsPerEpoch(worker.samples);
        return static_cast<uint32_t>(steps);
    }

    uint32_t m_dimension;
    LocalSgd m_training;
};

/** Draws whom to ask, and averages with the numbers of samples as weights. */
template <typename S>
class FedAvgServer : public ServerHalf<S>
{
  public:
    FedAvgServer(const AlgorithmSetup& setup, double fraction)
        : m_runSeed(setup.runSeed),
          m_workers(setup.workers),
          m_fraction(fraction),
          m_mean(setup.dimension)
    {
    }

    std::vector<uint32_t> Select(uint32_t round,
                                 uint32_t /* exchange */,
                                 const std::vector<uint32_t>& candidates) override
    {
        const auto count = static_cast<uint32_t>(candidates.size());
        auto selected = candidates;
        Random(m_runSeed, Purpose::ALGORITHM, m_workers, round).Shuffle(selected);
        selected.resize(std::clamp(ShareRoundedUp(m_fraction, count), std::min(count, 1u), count));
        std::sort(selected.begin(), selected.end());
        return selected;
    }

    void Accept(Contribution<S> contribution) override
    {
        m_mean.Add(contribution.received, std::max<uint64_t>(contribution.samples, 1));
    }

    Closing<S> Close(uint32_t /* round */) override
    {
        return {false, DenseUpdate<S>{m_mean.Take()}};
    }

  private:
    RunSeed m_runSeed;
    uint32_t m_workers; ///< keys the server's draws apart from the workers'
    double m_fraction;
    CoordinateMean<S> m_mean;
};

/**
 * Federated averaging: in each round a share C of the workers trains for E local epochs (or some
 * local steps) and sends the change of its model; the model moves by the mean of the changes,
 * weighted with the numbers of samples n_k. In each coordinate the weights are n_k over the sum of
 * those workers that brought it. Local steps run through the worker's samples in a random order, in
 * a new one each epoch; the last batch of an epoch holds the rest.
 */
template <typename S>
class LocalAveraging : public Algorithm<S>
{
  public:
    LocalAveraging(const Parameters& parameters, const AlgorithmSetup& setup, double proximal)
        : m_setup(setup),
          m_options{parameters.Real("Fraction"),
                    static_cast<uint32_t>(parameters.Integer("Epochs")),
                    LocalRate(parameters, setup),
                    proximal}
    {
    }

    AlgorithmTraits Traits() const override
    {
        AlgorithmTraits traits;
        traits.localSteps = m_options.epochs == 0;
        return traits;
    }

    std::unique_ptr<WorkerHalf<S>> MakeWorker(const WorkerSetup& worker) const override
    {
        return std::make_unique<FedAvgWorker<S>>(m_setup, worker, m_options);
    }

    std::unique_ptr<ServerHalf<S>> MakeServer() const override
    {
        return std::make_unique<FedAvgServer<S>>(m_setup, m_options.fraction);
    }

    MessageShape UploadShape(uint32_t /* exchange */) const override
    {
        return m_setup.Shape();
    }

    void Apply(const ReceivedUpdate<S>& received,
               uint32_t /* round */,
               std::vector<S>& model) const override
    {
        ForEachValue(received.update,
                     received.missing,
                     [&](uint32_t i, S change) { model[i] -= change; });
    }

  private:
    static LearningRate LocalRate(const Parameters& parameters, const AlgorithmSetup& setup)
    {
        const double given = parameters.Real("LocalRate");
        return given == 0 ? setup.learningRate : setup.learningRate.WithInitial(given);
    }

    AlgorithmSetup m_setup;
    FedAvgOptions m_options;
};

/** FedAvg (McMahan et al., arXiv:1602.05629, algorithm 1). */
template <typename S>
class FedAvg : public LocalAveraging<S>
{
  public:
    FedAvg(const Parameters& parameters, const AlgorithmSetup& setup)
        : LocalAveraging<S>(parameters, setup, 0)
    {
    }
};

/**
 * FedProx (Li et al., arXiv:1812.06127, algorithm 2): FedAvg in which a worker minimises its
 * objective plus (mu / 2) |w - model|^2, inexactly, by proximal gradient steps.
 */
template <typename S>
class FedProx : public LocalAveraging<S>
{
  public:
    FedProx(const Parameters& parameters, const AlgorithmSetup& setup)
        : LocalAveraging<S>(parameters, setup, parameters.Real("Mu"))
    {
    }
};

/** @return the parameters that both have */
ParameterTable
MakeTable()
{
    return {{"Fraction",
             ParameterType::REAL,
             "",
             "1",
             "share C of the workers that is asked, at least one worker",
             0,
             1},
            {"Epochs",
             ParameterType::INTEGER,
             "epochs",
             "0",
             "local epochs E a round, 0 to take the number of local steps",
             0,
             1000},
            {"LocalRate",
             ParameterType::REAL,
             "",
             "0",
             "step size of the local steps, 0 for the learning rate",
             0}};
}

/** @return the parameters of FedProx */
ParameterTable
MakeProximalTable()
{
    auto table = MakeTable();
    // The paper tries 0.001 to 1.
    table.push_back({"Mu", ParameterType::REAL, "", "0.01", "weight of the proximal term", 0});
    return table;
}

const Registration<AlgorithmFactory>
    g_fedAvg("fedavg",
             "federated averaging of local SGD (arXiv:1602.05629)",
             MakeTable(),
             MakeAlgorithmFactory<FedAvg<float>, FedAvg<double>>(
                 0.1,
                 "up the change of the model (DENSE*), down the model (DENSE*) to those asked"));

const Registration<AlgorithmFactory>
    g_fedProx("fedprox",
              "federated averaging with a proximal term (arXiv:1812.06127)",
              MakeProximalTable(),
              MakeAlgorithmFactory<FedProx<float>, FedProx<double>>(
                  0.1,
                  "up the change of the model (DENSE*), down the model (DENSE*) to those asked"));

} // namespace

} // namespace fl
