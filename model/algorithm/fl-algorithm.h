/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef FL_ALGORITHM_H
#define FL_ALGORITHM_H

#include "ns3/fl-learning-rate.h"
#include "ns3/fl-parameters.h"
#include "ns3/fl-random.h"
#include "ns3/fl-tensor.h"
#include "ns3/fl-update.h"

#include <algorithm>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace fl
{

/**
 * A model that nobody changes any more; workers and server share it by reference.
 * @tparam S the scalar, float or double
 */
template <typename S>
using SharedModel = std::shared_ptr<const std::vector<S>>;

/** What a round's broadcast says. */
enum class BroadcastKind
{
    MODEL, ///< all parameters of the model; understood by a worker in any state
    UPDATE ///< the change from the version before; needs a worker that holds that version
};

/** Who must hear a round's broadcast. */
enum class Audience
{
    ASKED, ///< the workers that are asked to compute in this round
    LIVE   ///< every worker that is there
};

/**
 * Numbers of a method that change with the model and stand behind the parameters of every version
 * of it: both ends see them where they see a model, and agree on them as they agree on the model.
 * They are 0 in version 0.
 */
struct Companions
{
    uint32_t shared{0}; ///< numbers that workers need; they travel with every model
    /**
     * Numbers behind these that follow from the version before and the step from there, see
     * Algorithm::RememberChange(): a worker that held that version works them out itself.
     */
    uint32_t history{0};
    /**
     * Whether the history is sent to a worker that did not hold the version before; else it works
     * one out from the last version that it held.
     */
    bool historyTravels{true};
    uint32_t own{0}; ///< numbers behind these that only the server needs; they never travel

    /** @return how many there are */
    uint32_t Size() const
    {
        return shared + history + own;
    }
};

/** What the parts around an algorithm must know of it. */
struct AlgorithmTraits
{
    BroadcastKind broadcast{BroadcastKind::MODEL}; ///< what its broadcasts say
    Audience audience{Audience::ASKED};            ///< who must hear them
    /** whether dishonest workers falsify what it hands to WorkerContext::Vote(), not gradients */
    bool votes{false};
    bool committed{false};   ///< whether workers keep state that only receipts may change
    bool sumSuffices{false}; ///< whether the server needs no more than a sum of the updates
    /**
     * Whether an upload counts in the exchange that it answers or not at all: the federation then
     * accepts nothing of one that is closed later, and its receipt says so. Needed
     *
     * - where an upload can be read only beside the others of its exchange: the factors of powersgd
     *   belong to one projection, and terngrad with shared scalers sends other things in each
     *   exchange;
     * - where a worker has one voice a round, so that a late upload must not stand beside its next
     *   one: the votes of signsgd-mv and s3gd-mv, the ranks of coordinate-median and trimmed-mean,
     *   and the scores of multi-krum hold up to a number of dishonest workers.
     *
     * All others add uploads up, and one that comes late is as good as one of a worker that
     * computed slowly. Means (sgd, qsgd, qgd, natural, terngrad, top-k and random-k without error
     * feedback, fedavg, fedprox) take an old gradient or change for a noisier one. Error feedback
     * (ef-signsgd, 1bit-sgd, top-k, random-k, dgc, stc, sparse) says everything once, whenever.
     * Differences (ef21, lag-wk, lag-ps, cgd, nounif-iag, gd-sec, sgd-sec, gd-soec) lead both ends
     * to the same sum, as no worker says the next one before it has the receipt. sasg and lasg add
     * a late upload that the next one replaces.
     *
     * Where it is false, a round has one exchange only, and further numbers of exchanges tell apart
     * what a worker is asked anew for in the same round, see Federation::AskAgain().
     */
    bool synchronousOnly{false};
    bool needsSmoothness{false}; ///< whether the server must know every smoothness constant
    bool localSteps{false};      ///< whether AlgorithmSetup::localSteps has an effect
    Companions companions{};     ///< what stands behind the parameters of every model
};

/** What a worker is about to do, said before it is done so that its duration can be simulated. */
struct Work
{
    uint32_t gradientEvaluations{1}; ///< gradients, each of one batch
    uint64_t samples{0};             ///< samples that all these gradients read together
    uint32_t localSteps{1};          ///< changes of the local model
    uint64_t encodedCoordinates{0};  ///< coordinates that the codec goes through
};

/**
 * What a worker half finds when it computes. Lives as long as one computation.
 * @tparam S the scalar, float or double
 */
template <typename S>
class WorkerContext
{
  public:
    virtual ~WorkerContext() = default;

    /** @return the model that this worker holds, with its Companions; may be kept */
    virtual SharedModel<S> Model() const = 0;

    /** @return the round, from 0 */
    virtual uint32_t Round() const = 0;

    /** @return the exchange within the round, from 0 */
    virtual uint32_t Exchange() const = 0;

    /**
     * The server's answer to the exchange before.
     * @return nothing in the first exchange of a round, or if it was lost altogether
     */
    virtual const ReceivedUpdate<S>* Answer() const = 0;

    /**
     * Mean loss and gradient on a mini-batch of this worker's samples. Two calls for the same step,
     * at whatever models, see the same samples; the steps of a round run through all samples before
     * they see one again.
     * @param model the model; Companions behind it are left out
     * @param step the local step, from 0
     * @param gradient one number a parameter, overwritten
     * @return the loss
     */
    virtual double Gradient(const std::vector<S>& model,
                            uint32_t step,
                            std::vector<S>& gradient) = 0;

    /**
     * Says which vector the worker is about to vote with. A dishonest worker of a method with
     * AlgorithmTraits::votes computes true gradients and lies here.
     * @param vector what an honest worker votes with; what is voted with afterwards
     */
    virtual void Vote([[maybe_unused]] std::vector<S>& vector) {}

    /** @return the stream of this worker's own draws in this round */
    virtual Random& Draws() = 0;
};

/** What became of an upload: what a worker half may commit. */
struct Receipt
{
    uint32_t round{0};    ///< the round of the upload
    uint32_t exchange{0}; ///< the exchange of the upload
    Ranges missing;       ///< coordinates that the server did not accept, ascending

    /** @return whether everything was accepted */
    bool Complete() const
    {
        return missing.empty();
    }
};

/**
 * The worker's half of an algorithm.
 *
 * Compute() runs on any thread while simulated time goes on; it may read the half's state and
 * write only a draft beside it. Adopt() makes the draft the state at the end of the simulated
 * computation; if the computation is aborted, Adopt() is not called and the next Compute() begins
 * anew. State that must equal what the server accepted changes in Confirm() alone.
 *
 * @tparam S the scalar, float or double
 */
template <typename S>
class WorkerHalf
{
  public:
    virtual ~WorkerHalf() = default;

    /**
     * @param context what the worker will have when it computes
     * @return the work of the next Compute()
     */
    virtual Work DeclareWork(const WorkerContext<S>& context) const = 0;

    /**
     * Trains and decides what to send.
     * @param context what the worker has
     * @param loss the training loss, set by this function
     * @return the update to upload, or nothing if there is nothing to send
     */
    virtual std::optional<Update<S>> Compute(WorkerContext<S>& context, double& loss) = 0;

    /** Takes the draft of the last Compute() over. */
    virtual void Adopt() {}

    /**
     * Hears what the server accepted of the last upload; called if AlgorithmTraits::committed.
     * @param receipt what was accepted
     */
    virtual void Confirm([[maybe_unused]] const Receipt& receipt) {}

    /**
     * Sees every model that the worker comes to hold.
     * @param version its version
     * @param model the model, with its Companions; may be kept
     */
    virtual void Observe([[maybe_unused]] uint32_t version,
                         [[maybe_unused]] const SharedModel<S>& model)
    {
    }
};

/**
 * An upload, as the server half gets it.
 * @tparam S the scalar, float or double
 */
template <typename S>
struct Contribution
{
    uint32_t worker;            ///< who sent it
    uint32_t staleness;         ///< how many versions ago its model was current
    uint64_t samples;           ///< how many samples the worker owns
    ReceivedUpdate<S> received; ///< what arrived of it
    uint32_t exchange{0};       ///< the exchange of its round that it answers
};

/**
 * What a server half decides when an exchange closes.
 * @tparam S the scalar, float or double
 */
template <typename S>
struct Closing
{
    /** whether the workers answer in another exchange of the same round before the model moves */
    bool another{false};
    /** the change of the model, or with `another` the server's answer to the workers */
    Update<S> update;
};

/**
 * The server's half of an algorithm. In each exchange Select() is called once, then Accept() or
 * Skipped() for each worker that was heard of, in ascending order of workers, then Close(). Unless
 * AlgorithmTraits::synchronousOnly, a worker may be heard of more than once.
 * @tparam S the scalar, float or double
 */
template <typename S>
class ServerHalf
{
  public:
    virtual ~ServerHalf() = default;

    /**
     * Sees every version of the model: version 0 before the first round, and each as it arises.
     * @param version its version
     * @param model the model; may be kept
     */
    virtual void Observe([[maybe_unused]] uint32_t version,
                         [[maybe_unused]] const SharedModel<S>& model)
    {
    }

    /**
     * Whom the algorithm wants to compute.
     * @param round the round, from 0
     * @param exchange the exchange within the round, from 0
     * @param candidates the workers that are there and that the selection policy allows
     * @return some of them, ascending; may be none
     */
    virtual std::vector<uint32_t> Select([[maybe_unused]] uint32_t round,
                                         [[maybe_unused]] uint32_t exchange,
                                         const std::vector<uint32_t>& candidates)
    {
        return candidates;
    }

    /**
     * Takes one upload in.
     * @param contribution what arrived, at least one coordinate
     */
    virtual void Accept(Contribution<S> contribution) = 0;

    /**
     * Takes the sum of several uploads in, as a channel that adds signals up delivers it; called
     * only if AlgorithmTraits::sumSuffices.
     * @param sum the sum over the workers
     * @param workers how many workers it holds
     */
    virtual void AcceptSum([[maybe_unused]] const std::vector<S>& sum,
                           [[maybe_unused]] uint32_t workers)
    {
    }

    /**
     * A worker said that it has nothing to send.
     * @param worker who
     */
    virtual void Skipped([[maybe_unused]] uint32_t worker) {}

    /**
     * Ends the exchange.
     * @param round the round, from 0
     * @return what follows from all that was accepted since the last call
     */
    virtual Closing<S> Close(uint32_t round) = 0;
};

/** What an algorithm is built for. */
struct AlgorithmSetup
{
    uint32_t workers;              ///< number of workers
    uint32_t dimension;            ///< number of model parameters
    std::vector<Tensor> tensors;   ///< the blocks of the model
    LearningRate learningRate{0};  ///< step size
    uint32_t batch;                ///< samples of a mini-batch, 0 for all of a worker
    uint32_t localSteps;           ///< local steps a round, for algorithms that take some
    RunSeed runSeed;               ///< drives the server's own draws
    std::vector<uint64_t> samples; ///< by worker, how many samples it owns
    /** @param worker a worker @return smoothness constant of its objective, all its samples;
     * @throws UserError if the objective knows none; empty if no objective is known */
    std::function<double(uint32_t worker)> smoothness{};
    /** @return smoothness constants of the mean of all workers' objectives, by coordinate
     * @throws UserError if the objective knows none; empty if no objective is known */
    std::function<std::vector<double>()> coordinateSmoothness{};
    uint32_t buffer{0}; ///< answers with which the model moves; 0 for those of whoever was asked

    /**
     * @param workerSamples how many samples a worker owns
     * @return samples of one of its mini-batches
     */
    uint64_t BatchOf(uint64_t workerSamples) const
    {
        return batch == 0 ? workerSamples : std::min<uint64_t>(batch, workerSamples);
    }

    /**
     * @param workerSamples how many samples a worker owns, at least 1
     * @return local steps in which it sees each of them once; the last may have a smaller batch
     */
    uint64_t StepsPerEpoch(uint64_t workerSamples) const
    {
        return (workerSamples - 1) / BatchOf(workerSamples) + 1;
    }

    /**
     * @param workerSamples how many samples a worker owns, at least 1
     * @param steps a number of local steps of one round
     * @return samples that these steps read together
     */
    uint64_t SamplesOf(uint64_t workerSamples, uint64_t steps) const
    {
        const uint64_t epoch = StepsPerEpoch(workerSamples);
        return steps / epoch * workerSamples + steps % epoch * BatchOf(workerSamples);
    }

    /** @return the shape of a message with one coordinate a parameter and no blocks */
    MessageShape Shape() const
    {
        return {dimension, nullptr};
    }
};

/** What a worker half is built for. */
struct WorkerSetup
{
    uint32_t worker;  ///< its index
    uint64_t samples; ///< how many samples it owns
};

/**
 * A method of distributed learning: makes the halves, and says how an update moves a model.
 * Immutable; one object serves both ends.
 * @tparam S the scalar, float or double
 */
template <typename S>
class Algorithm
{
  public:
    virtual ~Algorithm() = default;

    /** @return what the parts around must know */
    virtual AlgorithmTraits Traits() const = 0;

    /**
     * @param setup for whom
     * @return a worker half
     */
    virtual std::unique_ptr<WorkerHalf<S>> MakeWorker(const WorkerSetup& setup) const = 0;

    /** @return the server half */
    virtual std::unique_ptr<ServerHalf<S>> MakeServer() const = 0;

    /**
     * @param exchange an exchange within a round
     * @return the shape of its uploads
     */
    virtual MessageShape UploadShape(uint32_t exchange) const = 0;

    /**
     * @param exchange an exchange within a round, from 1
     * @return the shape of the answer that opens it
     */
    virtual MessageShape AnswerShape([[maybe_unused]] uint32_t exchange) const
    {
        return UploadShape(exchange);
    }

    /** @return the shape of the updates that it broadcasts, if it does */
    virtual MessageShape UpdateShape() const
    {
        return UploadShape(0);
    }

    /**
     * Moves a model by one update. Server and workers call it with the same update and so arrive
     * at the same model; missing coordinates stay where they are.
     * @param received the update, and which coordinates of it are missing
     * @param round the round that it comes from, which is the version of the model before
     * @param model the model of the version before, with its Companions, changed in place
     */
    virtual void Apply(const ReceivedUpdate<S>& received,
                       uint32_t round,
                       std::vector<S>& model) const = 0;

    /**
     * Works out Companions::history of a model from the version before it.
     * @param before that version, with its Companions; for a worker that missed some, the last one
     *        that it held
     * @param model the model with its Companions; those in question are overwritten
     */
    virtual void RememberChange([[maybe_unused]] const std::vector<S>& before,
                                [[maybe_unused]] std::vector<S>& model) const
    {
    }
};

/** Makes an algorithm on either scalar. */
struct AlgorithmFactory
{
    double defaultLearningRate; ///< the step size if the user gives none
    std::string wire;           ///< what its messages are, in a few words
    /** makes it for training */
    std::function<std::unique_ptr<Algorithm<float>>(const Parameters&, const AlgorithmSetup&)>
        makeFloat;
    /** makes it for deterministic methods */
    std::function<std::unique_ptr<Algorithm<double>>(const Parameters&, const AlgorithmSetup&)>
        makeDouble;
};

/**
 * @tparam S the scalar, float or double
 * @param text what the user typed, `name[Key=value|...]`
 * @param setup what it is for
 * @return the algorithm of that name
 * @throws UserError for an unknown name or parameter
 */
template <typename S>
std::unique_ptr<Algorithm<S>> MakeAlgorithm(const std::string& text, const AlgorithmSetup& setup);

/**
 * Takes types, not a template: two classes of one name in two files would get one factory.
 * @tparam F an algorithm on float
 * @tparam D the same on double
 * @param defaultLearningRate the step size if the user gives none
 * @param wire what its messages are, in a few words, for `=list`
 * @return its factory on both scalars
 */
template <typename F, typename D>
AlgorithmFactory
MakeAlgorithmFactory(double defaultLearningRate, const std::string& wire)
{
    return {defaultLearningRate,
            wire,
            [](const Parameters& parameters, const AlgorithmSetup& setup)
            { return std::make_unique<F>(parameters, setup); },
            [](const Parameters& parameters, const AlgorithmSetup& setup)
            {
                return std::make_unique<D>(parameters, setup);
            }};
}

} // namespace fl

#endif // FL_ALGORITHM_H
