/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/fl-learning-federation.h"

#include "ns3/fl-adversary.h"
#include "ns3/fl-batch-order.h"
#include "ns3/fl-error.h"
#include "ns3/fl-importance.h"
#include "ns3/fl-registry.h"
#include "ns3/fl-update-values.h"
#include "ns3/fl-weighted-update.h"
#include "ns3/fl-worker-replica.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <future>
#include <limits>
#include <map>
#include <numeric>
#include <set>
#include <utility>

namespace fl
{

namespace
{

/** Of how many uploads of a worker the server remembers how they are coded. */
constexpr std::size_t KEPT_FORMATS = 8;

/** @return whether all numbers are finite; written without a branch, so that it costs little */
template <typename S>
bool
AreFinite(const std::vector<S>& values)
{
    bool finite = true;
    for (const S value : values)
    {
        finite &= std::abs(value) <= std::numeric_limits<S>::max();
    }
    return finite;
}

/** @return the Euclidean length of an update */
template <typename S>
double
NormOf(const Update<S>& update)
{
    double sum = 0;
    ForEachValue<S>(update,
                    {},
                    [&sum](uint32_t, S value) { sum += double{value} * double{value}; });
    return std::sqrt(sum);
}

/** Ends a run whose numbers have left the range of their type. */
[[noreturn]] void
RefuseToGoOn(const std::string& what)
{
    throw UserError("--learning-rate: " + what +
                    " is not finite any more; take a smaller step, or milder parameters of "
                    "--algorithm and --byzantine");
}

/**
 * Encodes an update.
 * @param findImportant whether to say which of its segments are important
 */
template <typename S>
std::shared_ptr<const EncodedMessage>
EncodeMessage(const Update<S>& update, uint32_t maxSegmentBytes, bool findImportant)
{
    auto message = Encode(update, maxSegmentBytes);
    if (findImportant)
    {
        message.important = ImportantSegments(update, message);
    }
    return std::make_shared<const EncodedMessage>(std::move(message));
}

/** @return a worker's samples, with their true labels */
Batch
SamplesOf(const LearningSetup& setup, uint32_t worker)
{
    const auto& owned = setup.partition[worker];
    return {setup.data.train.get(), owned.data(), static_cast<uint32_t>(owned.size())};
}

/** What a worker learns from. */
struct WorkerData
{
    const Dataset& dataset;
    const std::vector<uint32_t>& samples; ///< those of the worker
};

/** The samples of one worker with reversed labels, see Adversary::FlipsLabels(). */
struct FlippedData
{
    FlippedData(const Dataset& dataset, const std::vector<uint32_t>& owned)
        : samples(owned.size())
    {
        std::iota(samples.begin(), samples.end(), 0);
        flipped.features = dataset.features;
        flipped.classes = dataset.classes;
        flipped.image = dataset.image;
        for (const uint32_t sample : owned)
        {
            const float* input = dataset.Input(sample);
            flipped.inputs.insert(flipped.inputs.end(), input, input + dataset.features);
            if (dataset.classes > 0)
            {
                flipped.labels.push_back(dataset.classes - 1 - dataset.labels[sample]);
            }
            else
            {
                flipped.targets.push_back(-dataset.targets[sample]);
            }
        }
    }

    Dataset flipped;
    std::vector<uint32_t> samples;
};

/** What a worker half sees of its worker. */
template <typename S>
class LearningContext : public WorkerContext<S>
{
  public:
    LearningContext(const LearningSetup& setup,
                    const Objective<S>& objective,
                    const WorkerData& data,
                    const Adversary* adversary,
                    bool votes,
                    uint32_t worker,
                    uint32_t round,
                    uint32_t exchange,
                    SharedModel<S> model,
                    const ReceivedUpdate<S>* answer)
        : m_objective(objective),
          m_adversary(adversary),
          m_votes(votes),
          m_worker(worker),
          m_round(round),
          m_exchange(exchange),
          m_model(std::move(model)),
          m_answer(answer),
          m_batches(data.dataset,
                    data.samples,
                    setup.batch,
                    setup.runSeed,
                    worker,
                    round,
                    setup.buffer > 0 ? exchange : 0),
          m_draws(setup.runSeed, Purpose::ALGORITHM, worker, round, exchange),
          m_lies(setup.runSeed, Purpose::ADVERSARY, worker, round, exchange)
    {
    }

    SharedModel<S> Model() const override
    {
        return m_model;
    }

    uint32_t Round() const override
    {
        return m_round;
    }

    uint32_t Exchange() const override
    {
        return m_exchange;
    }

    const ReceivedUpdate<S>* Answer() const override
    {
        return m_answer;
    }

    double Gradient(const std::vector<S>& model, uint32_t step, std::vector<S>& gradient) override
    {
        assert(gradient.size() == m_objective.Dimension() && model.size() >= gradient.size());
        const double loss = m_objective.Gradient(model.data(), m_batches.Of(step), gradient.data());
        if (!m_votes)
        {
            Falsify(gradient);
        }
        // Signs and quantisers would hide it.
        if (!std::isfinite(loss) || !AreFinite(gradient))
        {
            RefuseToGoOn("the gradient of worker " + std::to_string(m_worker) + " in round " +
                         std::to_string(m_round));
        }
        return loss;
    }

    void Vote(std::vector<S>& vector) override
    {
        assert(m_votes);
        Falsify(vector);
    }

    Random& Draws() override
    {
        return m_draws;
    }

  private:
    void Falsify(std::vector<S>& vector)
    {
        if (m_adversary)
        {
            for (S& value : vector)
            {
                value = static_cast<S>(m_adversary->Distort(static_cast<double>(value), m_lies));
            }
        }
    }

    const Objective<S>& m_objective;
    const Adversary* m_adversary; ///< null if this worker is honest
    bool m_votes;                 ///< AlgorithmTraits::votes
    uint32_t m_worker;
    uint32_t m_round;
    uint32_t m_exchange;
    SharedModel<S> m_model;
    const ReceivedUpdate<S>* m_answer;
    BatchOrder m_batches;
    Random m_draws;
    Random m_lies;
};

/** What a computation leaves behind. */
struct Computed
{
    std::shared_ptr<const EncodedMessage> message; ///< null if there is nothing to send
    double loss{0};                                ///< training loss
    double updateNorm{0};                          ///< see Upload::updateNorm
};

/** An upload at the server, segment by segment. */
template <typename S>
struct IncomingUpload
{
    explicit IncomingUpload(const MessageShape& shape)
        : assembler(shape)
    {
    }

    UpdateAssembler<S> assembler;
    std::vector<bool> accepted; ///< by segment; as many as the message has
    bool closed{false};
    bool skip{false}; ///< the worker has nothing to send
};

/** All that a federation knows of one worker. */
template <typename S>
struct WorkerState
{
    std::unique_ptr<WorkerHalf<S>> half;
    std::unique_ptr<FlippedData> flipped; ///< null unless it learns from false labels
    WorkerReplica<S> replica;
    std::optional<ReceivedUpdate<S>> answer; ///< of the exchange before
    std::future<Computed> computing;
    uint32_t computingRound{0};
    uint32_t computingExchange{0};
    bool awaitsReceipt{false};
    Upload sent; ///< the last upload
    /** of the last uploads, by round and exchange, how they are coded: the older may come late */
    std::map<std::pair<uint32_t, uint32_t>, WireFormat> formats;
    /** uploads at the server, by round and exchange, until their exchange is closed */
    std::map<std::pair<uint32_t, uint32_t>, IncomingUpload<S>> incoming;
    double loss{0};                         ///< training loss of the computation finished last
    bool lossFresh{false};                  ///< whether it was finished in the open exchange
    uint32_t turns{0};                      ///< how often it was asked in the open round
    uint32_t confirmedVersion{0};           ///< newest version that the server knows it to hold
    std::vector<uint32_t> confirmedUpdates; ///< later updates that it is known to hold
};

/** The federation that learns. */
template <typename S>
class LearningFederation : public Federation
{
  public:
    LearningFederation(std::shared_ptr<const LearningSetup> setup,
                       Pool& pool,
                       std::shared_ptr<const Objective<S>> objective,
                       std::unique_ptr<Algorithm<S>> algorithm,
                       FederationShape shape)
        : Federation(std::move(shape)),
          m_sharedSetup(std::move(setup)),
          m_setup(*m_sharedSetup),
          m_pool(pool),
          m_objective(std::move(objective)),
          m_dishonesty(
              MakeDishonesty(m_setup.byzantine, static_cast<uint32_t>(m_setup.partition.size()))),
          m_algorithm(std::move(algorithm)),
          m_server(m_algorithm->MakeServer()),
          m_workers(m_setup.partition.size())
    {
        auto model = InitialModel();
        model.resize(model.size() + Shape().traits.companions.Size());
        m_model = std::make_shared<const std::vector<S>>(std::move(model));
        m_models[0] = m_model;
        m_server->Observe(0, m_model);
        for (uint32_t worker = 0; worker < m_workers.size(); ++worker)
        {
            auto& state = m_workers[worker];
            state.half = m_algorithm->MakeWorker({worker, m_setup.partition[worker].size()});
            state.replica.Start(m_model);
            state.half->Observe(0, m_model);
            const auto* adversary = m_dishonesty.Of(worker);
            if (adversary && adversary->FlipsLabels())
            {
                state.flipped =
                    std::make_unique<FlippedData>(*m_setup.data.train, m_setup.partition[worker]);
            }
        }
    }

    ~LearningFederation() override
    {
        // What the pool still works on reads this object.
        for (auto& worker : m_workers)
        {
            Discard(worker.computing);
        }
        Discard(m_evaluation);
    }

    bool HoldsReceipt(uint32_t worker) const override
    {
        return !m_workers[worker].awaitsReceipt;
    }

    uint32_t HeldVersion(uint32_t worker) const override
    {
        return m_workers[worker].replica.Version();
    }

    std::vector<uint8_t> ModelBytes() const override
    {
        return Encode(Slice(*m_model, 0, Shape().dimension), MIN_SEGMENT_BYTES).bytes;
    }

  private:
    /** @return some of the numbers of a model */
    static Update<S> Slice(const std::vector<S>& model, uint32_t first, uint32_t count)
    {
        const auto begin = model.begin() + first;
        return DenseUpdate<S>{std::vector<S>(begin, begin + count)};
    }

    /** @return how many numbers travel with a model */
    uint32_t TravellingSize() const
    {
        return Shape().dimension + Shape().traits.companions.shared;
    }

    std::vector<S> InitialModel() const
    {
        std::vector<S> model(Shape().dimension);
        if (m_setup.initialModel.empty())
        {
            Random random(m_setup.runSeed, Purpose::MODEL);
            m_objective->Initialise(random, model.data());
            return model;
        }
        UpdateAssembler<S> assembler({Shape().dimension, nullptr});
        const auto format = sizeof(S) == 4 ? WireFormat::DENSE32 : WireFormat::DENSE64;
        const auto& bytes = m_setup.initialModel;
        if (assembler.Add({format, 0, 1, 0, bytes.data(), static_cast<uint32_t>(bytes.size())}) !=
            SegmentFault::NONE)
        {
            throw UserError("--init: the file holds " + std::to_string(bytes.size()) +
                            " bytes, this objective's model has " +
                            std::to_string(Shape().dimension) + " parameters of " +
                            std::to_string(sizeof(S)) + " bytes");
        }
        return std::get<DenseUpdate<S>>(assembler.Finish().update).values;
    }

    ExchangePlan DoOpenRound(const std::vector<uint32_t>& live,
                             const std::vector<uint32_t>& candidates) override
    {
        ExchangePlan plan;
        plan.round = m_version;
        m_candidates = candidates;
        m_exchange = 0;
        m_served.clear();
        for (const uint32_t worker : live)
        {
            // Who computes settles when it starts; who only listens must not pile messages up.
            if (!m_workers[worker].computing.valid())
            {
                Settle(worker);
            }
        }
        plan.asked = m_server->Select(m_version, m_exchange, candidates);
        for (auto& state : m_workers)
        {
            // The worker does not remember them for longer, either.
            auto& updates = state.confirmedUpdates;
            const uint32_t oldest = m_version - std::min(m_version, KEPT_UPDATES);
            updates.erase(updates.begin(),
                          std::lower_bound(updates.begin(), updates.end(), oldest));
        }
        PlanDownloads(plan, Shape().traits.audience == Audience::LIVE ? live : plan.asked);
        for (auto& state : m_workers)
        {
            state.turns = 0;
        }
        for (const uint32_t worker : plan.asked)
        {
            m_workers[worker].turns = 1;
        }
        m_asksAll = plan.asked == candidates;
        return plan;
    }

    ExchangePlan DoAskAnew(uint32_t worker) override
    {
        assert(m_setup.buffer > 0);
        ExchangePlan plan;
        auto& turns = m_workers[worker].turns;
        if (!m_asksAll || turns == MOST_TURNS)
        {
            return plan;
        }
        plan.round = m_version;
        plan.exchange = turns++;
        plan.asked = {worker};
        PlanDownloads(plan, plan.asked);
        return plan;
    }

    /** Fills in what brings the audience to the current version, unless this round has already. */
    void PlanDownloads(ExchangePlan& plan, const std::vector<uint32_t>& audience)
    {
        const bool models = Shape().traits.broadcast == BroadcastKind::MODEL;
        std::vector<uint32_t> broadcast;
        std::vector<uint32_t> resynced; // who gets a model instead
        std::vector<uint32_t> behind;   // who gets a model, and lacks the last one
        std::map<uint32_t, std::vector<uint32_t>> missed; // by version, who gets older updates
        for (const uint32_t worker : audience)
        {
            if (m_workers[worker].confirmedVersion == m_version || !m_served.insert(worker).second)
            {
                continue;
            }
            const bool isBehind = IsBehind(worker);
            const bool caughtUp = models || !isBehind || HasUpdatesFor(worker);
            (caughtUp ? broadcast : resynced).push_back(worker);
            if (isBehind && (models || !caughtUp))
            {
                behind.push_back(worker);
            }
            else if (isBehind)
            {
                for (uint32_t version = m_workers[worker].confirmedVersion + 1; version < m_version;
                     ++version)
                {
                    missed[version].push_back(worker);
                }
            }
        }
        for (const auto& [version, workers] : missed)
        {
            plan.downloads.push_back(
                MakeDownload(DownloadKind::UPDATE, version, workers, m_version - version));
        }
        if (!resynced.empty())
        {
            plan.downloads.push_back(MakeDownload(DownloadKind::MODEL, m_version, resynced, 0));
        }
        if (!broadcast.empty())
        {
            plan.downloads.push_back(
                MakeDownload(models ? DownloadKind::MODEL : DownloadKind::UPDATE,
                             m_version,
                             broadcast));
        }
        const auto& companions = Shape().traits.companions;
        if (!behind.empty() && companions.history > 0 && companions.historyTravels)
        {
            plan.downloads.push_back(MakeDownload(DownloadKind::HISTORY, m_version, behind));
        }
    }

    /** @return whether a worker lacks the version before this one, and this round is to help it */
    bool IsBehind(uint32_t worker) const
    {
        const uint32_t period = m_setup.resync.everyRounds;
        return m_workers[worker].confirmedVersion + 1 < m_version && period > 0 &&
               m_version % period == 0;
    }

    /** @return whether all updates that a worker missed are still known and shorter than a model */
    bool HasUpdatesFor(uint32_t worker) const
    {
        uint64_t bytes = 0;
        for (uint32_t version = m_workers[worker].confirmedVersion + 1; version < m_version;
             ++version)
        {
            const auto found = m_updates.find(version);
            if (found == m_updates.end())
            {
                return false;
            }
            bytes += found->second->bytes.size();
        }
        return bytes <= uint64_t{TravellingSize()} * sizeof(S);
    }

    /** A broadcast. */
    std::shared_ptr<const Download> MakeDownload(DownloadKind kind,
                                                 uint32_t version,
                                                 std::vector<uint32_t> audience)
    {
        return std::make_shared<const Download>(Download{m_version,
                                                         m_exchange,
                                                         m_exchange,
                                                         kind,
                                                         false,
                                                         version,
                                                         std::move(audience),
                                                         Say(kind, version)});
    }

    /** A message that brings workers up to date. */
    std::shared_ptr<const Download> MakeDownload(DownloadKind kind,
                                                 uint32_t version,
                                                 std::vector<uint32_t> audience,
                                                 uint32_t ordinal)
    {
        return std::make_shared<const Download>(Download{m_version,
                                                         m_exchange,
                                                         ordinal,
                                                         kind,
                                                         true,
                                                         version,
                                                         std::move(audience),
                                                         Say(kind, version)});
    }

    /** The encoded update that leads to a version, or the encoded numbers of that version. */
    std::shared_ptr<const EncodedMessage> Say(DownloadKind kind, uint32_t version)
    {
        if (kind == DownloadKind::UPDATE)
        {
            return m_updates.at(version);
        }
        auto& encoded = m_encoded[{version, kind}];
        if (!encoded)
        {
            const auto& model = *m_models.at(version);
            const uint32_t size = TravellingSize();
            encoded = EncodeMessage(kind == DownloadKind::MODEL
                                        ? Slice(model, 0, size)
                                        : Slice(model, size, Shape().traits.companions.history),
                                    m_setup.downloadSegmentBytes,
                                    m_setup.findImportant);
        }
        return encoded;
    }

    SegmentFault DoReceiveDownload(uint32_t worker,
                                   const std::shared_ptr<const Download>& download,
                                   const SegmentView& segment) override
    {
        return m_workers[worker].replica.Receive(download, segment);
    }

    Ranges DoCloseDownload(uint32_t worker,
                           const std::shared_ptr<const Download>& download) override
    {
        return m_workers[worker].replica.Close(download);
    }

    void DoConfirmDownload(uint32_t worker,
                           const std::shared_ptr<const Download>& download,
                           bool complete) override
    {
        auto& state = m_workers[worker];
        if (!complete || download->kind == DownloadKind::ANSWER ||
            download->kind == DownloadKind::HISTORY)
        {
            return;
        }
        if (download->kind == DownloadKind::MODEL)
        {
            state.confirmedVersion = std::max(state.confirmedVersion, download->version);
        }
        else
        {
            state.confirmedUpdates.push_back(download->version);
        }
        auto& updates = state.confirmedUpdates;
        std::sort(updates.begin(), updates.end());
        for (const uint32_t version : updates)
        {
            state.confirmedVersion += version == state.confirmedVersion + 1;
        }
        updates.erase(updates.begin(),
                      std::upper_bound(updates.begin(), updates.end(), state.confirmedVersion));
    }

    /** @return what a worker learns from */
    WorkerData DataOf(uint32_t worker) const
    {
        const auto& flipped = m_workers[worker].flipped;
        return flipped ? WorkerData{flipped->flipped, flipped->samples}
                       : WorkerData{*m_setup.data.train, m_setup.partition[worker]};
    }

    /** Takes over at a worker what has arrived since it computed last. */
    void Settle(uint32_t worker)
    {
        auto& state = m_workers[worker];
        for (auto& change : state.replica.Settle(*m_algorithm, m_models))
        {
            state.half->Observe(change.first, change.second);
        }
    }

    Work DoStartCompute(uint32_t worker, uint32_t round, uint32_t exchange) override
    {
        auto& state = m_workers[worker];
        assert(!state.awaitsReceipt && !state.computing.valid());
        Settle(worker);
        const bool again = round == state.computingRound && exchange == state.computingExchange;
        if (auto answer = state.replica.TakeAnswer(round, exchange); answer || !again)
        {
            state.answer = std::move(answer);
        }
        state.computingRound = round;
        state.computingExchange = exchange;
        auto context =
            std::make_shared<LearningContext<S>>(m_setup,
                                                 *m_objective,
                                                 DataOf(worker),
                                                 m_dishonesty.Of(worker),
                                                 Shape().traits.votes,
                                                 worker,
                                                 round,
                                                 exchange,
                                                 state.replica.Current(),
                                                 state.answer ? &*state.answer : nullptr);
        const auto work = state.half->DeclareWork(*context);
        state.computing = m_pool.Submit(
            [half = state.half.get(),
             context,
             bytes = m_setup.uploadSegmentBytes,
             findImportant = m_setup.findImportant,
             measureUpdates = m_setup.measureUpdates]
            {
                Computed computed;
                if (const auto update = half->Compute(*context, computed.loss))
                {
                    computed.message = EncodeMessage(*update, bytes, findImportant);
                    computed.updateNorm = measureUpdates ? NormOf(*update) : 0;
                }
                return computed;
            });
        return work;
    }

    Upload DoFinishCompute(uint32_t worker) override
    {
        auto& state = m_workers[worker];
        auto computed = state.computing.get();
        state.half->Adopt();
        state.loss = computed.loss;
        state.lossFresh = true;
        state.sent = {state.computingRound,
                      state.computingExchange,
                      std::move(computed.message),
                      false,
                      computed.loss,
                      computed.updateNorm};
        const auto* adversary = m_dishonesty.Of(worker);
        if (adversary && adversary->IsSilent())
        {
            BeSilent(worker);
        }
        state.awaitsReceipt = Shape().traits.committed && state.sent.message;
        if (state.sent.message)
        {
            auto& formats = state.formats;
            formats[{state.sent.round, state.sent.exchange}] = state.sent.message->format;
            if (formats.size() > KEPT_FORMATS)
            {
                formats.erase(formats.begin());
            }
        }
        return state.sent;
    }

    /** Nothing of what a worker has computed will be heard, and it knows that. */
    void BeSilent(uint32_t worker)
    {
        auto& state = m_workers[worker];
        const auto message = std::exchange(state.sent.message, nullptr);
        state.sent.silent = true;
        if (message && Shape().traits.committed)
        {
            state.half->Confirm({state.sent.round, state.sent.exchange, {{0, message->dimension}}});
        }
    }

    void DoAbortCompute(uint32_t worker) override
    {
        Discard(m_workers[worker].computing);
    }

    IncomingUpload<S>& Incoming(uint32_t worker, uint32_t round, uint32_t exchange)
    {
        return m_workers[worker]
            .incoming.try_emplace({round, exchange}, m_algorithm->UploadShape(exchange))
            .first->second;
    }

    SegmentFault DoReceiveUpload(uint32_t worker,
                                 uint32_t round,
                                 uint32_t exchange,
                                 const SegmentView& segment) override
    {
        auto& incoming = Incoming(worker, round, exchange);
        assert(!incoming.closed);
        if (!incoming.accepted.empty() && incoming.accepted.size() != segment.total)
        {
            return SegmentFault::RANGE;
        }
        // The upload fixes the format; what is coded otherwise would mean nothing to its server.
        const auto& formats = m_workers[worker].formats;
        const auto sent = formats.find({round, exchange});
        if (sent != formats.end() && sent->second != segment.format)
        {
            return SegmentFault::FORMAT;
        }
        const auto fault = incoming.assembler.Add(segment);
        if (fault == SegmentFault::NONE)
        {
            incoming.accepted.resize(segment.total);
            incoming.accepted[segment.index] = true;
        }
        return fault;
    }

    void DoReceiveSkip(uint32_t worker, uint32_t round, uint32_t exchange) override
    {
        Incoming(worker, round, exchange).skip = true;
    }

    UploadOutcome DoCloseUpload(uint32_t worker, uint32_t round, uint32_t exchange) override
    {
        const bool late = round != m_version || exchange != m_exchange;
        if (late && Shape().traits.synchronousOnly)
        {
            m_workers[worker].incoming.erase({round, exchange});
            return {round, exchange, true, {}, 0};
        }
        auto& incoming = Incoming(worker, round, exchange);
        incoming.closed = true;
        UploadOutcome outcome{round, exchange, incoming.accepted.empty(), {}, 0};
        for (uint32_t i = 0; i < incoming.accepted.size(); ++i)
        {
            if (incoming.accepted[i])
            {
                ++outcome.accepted;
            }
            else
            {
                Append(outcome.missing, {i, i + 1});
            }
        }
        return outcome;
    }

    void DoReceiveReceipt(uint32_t worker, const UploadOutcome& outcome) override
    {
        auto& state = m_workers[worker];
        if (!state.awaitsReceipt || outcome.round != state.sent.round ||
            outcome.exchange != state.sent.exchange)
        {
            return;
        }
        const auto& message = *state.sent.message;
        if (!outcome.missing.empty() && outcome.missing.back().end > message.segments.size())
        {
            return; // of another upload, or damaged
        }
        Receipt receipt{outcome.round, outcome.exchange, {{0, message.dimension}}};
        if (!outcome.nothing)
        {
            receipt.missing = message.Coordinates(outcome.missing);
        }
        state.half->Confirm(receipt);
        state.awaitsReceipt = false;
    }

    ExchangeResult DoCloseExchange() override
    {
        ExchangeResult result{std::nullopt, 0, 0};
        uint32_t losses = 0;
        for (uint32_t worker = 0; worker < m_workers.size(); ++worker)
        {
            auto& state = m_workers[worker];
            result.participants += Contribute(worker);
            if (state.lossFresh)
            {
                result.trainLoss += state.loss;
                ++losses;
                state.lossFresh = false;
            }
        }
        result.trainLoss = losses == 0 ? std::nan("") : result.trainLoss / losses;
        auto closing = m_server->Close(m_version);
        if (closing.another)
        {
            assert(Shape().traits.synchronousOnly);
            result.another = Answer(closing.update);
        }
        else
        {
            Advance(std::move(closing.update));
        }
        return result;
    }

    void DoLose(uint32_t worker) override
    {
        m_candidates.erase(std::remove(m_candidates.begin(), m_candidates.end(), worker),
                           m_candidates.end());
    }

    /** Hands the closed uploads of a worker to the server half. @return whether there were any */
    bool Contribute(uint32_t worker)
    {
        auto& state = m_workers[worker];
        bool any = false;
        for (auto it = state.incoming.begin(); it != state.incoming.end();)
        {
            auto& incoming = it->second;
            if (!incoming.closed)
            {
                ++it;
                continue;
            }
            if (incoming.skip)
            {
                m_server->Skipped(worker);
                any = true;
            }
            else if (!incoming.accepted.empty())
            {
                const uint32_t staleness = m_version - it->first.first;
                auto received = incoming.assembler.Finish();
                if (staleness > 0 && m_setup.late.exponent > 0)
                {
                    MultiplyUpdate(static_cast<S>(m_setup.late.Weight(staleness)), received.update);
                }
                m_server->Accept({worker,
                                  staleness,
                                  Shape().samples[worker],
                                  std::move(received),
                                  it->first.second});
                any = true;
            }
            it = state.incoming.erase(it);
        }
        return any;
    }

    /** Opens the next exchange of the round with the server's answer. */
    ExchangePlan Answer(const Update<S>& update)
    {
        ExchangePlan plan;
        plan.round = m_version;
        plan.exchange = ++m_exchange;
        plan.asked = m_server->Select(m_version, m_exchange, m_candidates);
        PlanDownloads(plan, plan.asked);
        if (plan.asked.empty())
        {
            return plan;
        }
        plan.downloads.push_back(std::make_shared<const Download>(
            Download{m_version,
                     m_exchange,
                     m_exchange,
                     DownloadKind::ANSWER,
                     false,
                     m_version,
                     plan.asked,
                     EncodeMessage(update, m_setup.downloadSegmentBytes, m_setup.findImportant)}));
        return plan;
    }

    /** Moves the model by the update and forgets what nobody will ask for any more. */
    void Advance(Update<S> update)
    {
        ReceivedUpdate<S> received{std::move(update), {}};
        const uint32_t next = m_version + 1;
        if (Shape().traits.broadcast == BroadcastKind::UPDATE)
        {
            // The workers will apply what they decode, so the server does, too.
            auto message =
                EncodeMessage(received.update, m_setup.downloadSegmentBytes, m_setup.findImportant);
            UpdateAssembler<S> assembler({message->dimension, message->blocks});
            const auto total = static_cast<uint32_t>(message->segments.size());
            for (uint32_t i = 0; i < total; ++i)
            {
                const auto& slice = message->segments[i];
                [[maybe_unused]] const auto fault =
                    assembler.Add({message->format,
                                   i,
                                   total,
                                   slice.first,
                                   message->bytes.data() + slice.offset,
                                   slice.length});
                assert(fault == SegmentFault::NONE);
            }
            received = assembler.Finish();
            m_updates[next] = std::move(message);
        }
        auto model = *m_model;
        m_algorithm->Apply(received, m_version, model);
        m_algorithm->RememberChange(*m_model, model);
        if (!AreFinite(model))
        {
            RefuseToGoOn("the model of round " + std::to_string(m_version));
        }
        m_version = next;
        m_model = std::make_shared<const std::vector<S>>(std::move(model));
        m_models[next] = m_model;
        m_server->Observe(next, m_model);
        const uint32_t oldest = next - std::min(next, KEPT_UPDATES);
        m_updates.erase(m_updates.begin(), m_updates.lower_bound(oldest));
        m_models.erase(m_models.begin(), m_models.lower_bound(oldest));
        m_encoded.clear();
    }

    void DoStartEvaluation() override
    {
        m_evaluatedVersion = m_version;
        m_evaluation = m_pool.Submit([this, model = m_model] { return Evaluate(*model); });
    }

    Evaluation Evaluate(const std::vector<S>& model) const
    {
        auto evaluation = m_objective->Evaluate(model.data(), *m_setup.data.test);
        if (m_setup.evaluateObjective)
        {
            evaluation.trainObjective = 0;
            std::vector<S> gradient(Shape().dimension);
            for (uint32_t worker = 0; worker < Shape().workers; ++worker)
            {
                evaluation.trainObjective += m_objective->Gradient(model.data(),
                                                                   SamplesOf(m_setup, worker),
                                                                   gradient.data()) /
                                             Shape().workers;
            }
        }
        return evaluation;
    }

    Evaluation DoFinishEvaluation() override
    {
        const auto evaluation = m_evaluation.get();
        if (!std::isfinite(evaluation.loss))
        {
            RefuseToGoOn("the test loss of round " + std::to_string(m_evaluatedVersion - 1));
        }
        return evaluation;
    }

    std::shared_ptr<const LearningSetup> m_sharedSetup; ///< the algorithm refers to it, too
    const LearningSetup& m_setup;
    Pool& m_pool;
    std::shared_ptr<const Objective<S>> m_objective;
    Dishonesty m_dishonesty;
    std::unique_ptr<Algorithm<S>> m_algorithm;
    std::unique_ptr<ServerHalf<S>> m_server;
    std::vector<WorkerState<S>> m_workers;
    uint32_t m_version{0};
    uint32_t m_exchange{0};
    bool m_asksAll{false};              ///< whether the algorithm asks whoever may be asked
    std::set<uint32_t> m_served;        ///< workers that the open round sends models or updates to
    std::vector<uint32_t> m_candidates; ///< the workers that may be asked in the open round
    SharedModel<S> m_model;             ///< the current one
    std::map<uint32_t, SharedModel<S>> m_models; ///< the last ones, by version
    /** by the version that they lead to, the last updates */
    std::map<uint32_t, std::shared_ptr<const EncodedMessage>> m_updates;
    /** of the current version, what was encoded already */
    std::map<std::pair<uint32_t, DownloadKind>, std::shared_ptr<const EncodedMessage>> m_encoded;
    std::future<Evaluation> m_evaluation;
    uint32_t m_evaluatedVersion{0}; ///< the version under evaluation
};

} // namespace

ResyncPolicy
ResyncPolicy::Parse(const std::string& text)
{
    const std::string prefix = "every-";
    if (text == "always")
    {
        return {1};
    }
    if (text == "never")
    {
        return {0};
    }
    if (text.rfind(prefix, 0) == 0)
    {
        const auto rounds = ParseInteger(text.substr(prefix.size()), "--resync");
        if (rounds >= 1 && rounds <= UINT32_MAX)
        {
            return {static_cast<uint32_t>(rounds)};
        }
    }
    throw UserError("--resync: \"" + text + "\" is none of always, every-N with N >= 1, never");
}

namespace
{

/** Says of what a method asks for in vain. */
[[noreturn]] void
RefuseSmoothness(const LearningSetup& setup)
{
    throw UserError(
        "--algorithm: " + setup.algorithm + " needs a smoothness constant, which objective " +
        setup.objective +
        " does not know; take one of a linear model, such as linear, logistic or softmax");
}

/** What a method is built for; it may refer to the set-up and to the objective for ever. */
template <typename S>
AlgorithmSetup
SetupOf(const std::shared_ptr<const LearningSetup>& setup,
        const std::shared_ptr<const Objective<S>>& objective)
{
    AlgorithmSetup result;
    result.workers = static_cast<uint32_t>(setup->partition.size());
    result.dimension = objective->Dimension();
    result.tensors = objective->Tensors();
    result.learningRate = {setup->learningRate, setup->schedule};
    result.batch = setup->batch;
    result.localSteps = setup->localSteps;
    result.runSeed = setup->runSeed;
    result.buffer = setup->buffer;
    for (const auto& owned : setup->partition)
    {
        result.samples.push_back(owned.size());
    }
    auto known = std::make_shared<std::map<uint32_t, double>>();
    result.smoothness = [setup, objective, known](uint32_t worker)
    {
        const auto found = known->find(worker);
        if (found != known->end())
        {
            return found->second;
        }
        const auto constant = objective->Smoothness(SamplesOf(*setup, worker));
        if (!constant)
        {
            RefuseSmoothness(*setup);
        }
        return known->emplace(worker, *constant).first->second;
    };
    result.coordinateSmoothness = [setup, objective]
    {
        const auto workers = static_cast<uint32_t>(setup->partition.size());
        std::vector<double> mean(objective->Dimension());
        for (uint32_t worker = 0; worker < workers; ++worker)
        {
            const auto constants = objective->CoordinateSmoothness(SamplesOf(*setup, worker));
            if (constants.empty())
            {
                RefuseSmoothness(*setup);
            }
            for (std::size_t i = 0; i < mean.size(); ++i)
            {
                mean[i] += constants[i] / workers;
            }
        }
        return mean;
    };
    return result;
}

} // namespace

template <typename S>
std::unique_ptr<Federation>
MakeLearningFederation(LearningSetup setup, Pool& pool)
{
    assert(!setup.partition.empty());
    const std::shared_ptr<const Objective<S>> objective =
        MakeObjective<S>(setup.objective, ShapeOf(*setup.data.train));
    if (setup.learningRate == 0)
    {
        setup.learningRate = Registry<AlgorithmFactory>::Get()
                                 .Choose(setup.algorithm, "--algorithm")
                                 .factory.defaultLearningRate;
    }
    const auto shared = std::make_shared<const LearningSetup>(std::move(setup));
    const auto algorithmSetup = SetupOf<S>(shared, objective);
    auto algorithm = MakeAlgorithm<S>(shared->algorithm, algorithmSetup);
    const auto traits = algorithm->Traits();
    if (shared->localSteps != 1 && !traits.localSteps)
    {
        throw UserError("--local-steps: has no effect on " + shared->algorithm +
                        "; stc takes local steps, and so do fedavg and fedprox unless Epochs says "
                        "how many");
    }
    shared->late.Check(shared->lateOption, shared->algorithm, traits);
    FederationShape shape{algorithmSetup.workers,
                          objective->Dimension(),
                          sizeof(S),
                          objective->GradientFlopsPerSample(),
                          algorithmSetup.samples,
                          traits,
                          {}};
    for (uint32_t worker = 0; shape.traits.needsSmoothness && worker < shape.workers; ++worker)
    {
        shape.smoothness.push_back(algorithmSetup.smoothness(worker));
    }
    return std::make_unique<LearningFederation<S>>(shared,
                                                   pool,
                                                   objective,
                                                   std::move(algorithm),
                                                   std::move(shape));
}

template std::unique_ptr<Federation> MakeLearningFederation<float>(LearningSetup setup, Pool& pool);
template std::unique_ptr<Federation> MakeLearningFederation<double>(LearningSetup setup,
                                                                    Pool& pool);

} // namespace fl
