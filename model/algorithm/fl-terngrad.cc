/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/fl-block-selection.h"
#include "ns3/fl-compressed-sgd.h"
#include "ns3/fl-registry.h"
#include "ns3/fl-update-values.h"
#include "ns3/fl-value-code.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <limits>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

namespace fl
{

namespace
{

/**
 * Of each tensor the largest magnitude s, after entries were clipped to some standard deviations,
 * and of each entry its sign with the probability |entry| / s, else 0: unbiased but for the
 * clipping. A tensor in which something is not finite has no finite scale, so that divergence
 * is seen.
 */
template <typename S>
class RandomTrits : public Compressor<S>
{
  public:
    RandomTrits(const AlgorithmSetup& setup, double clip)
        : m_blocks(BlocksOf(setup.tensors)),
          m_clip(clip == 0 ? std::numeric_limits<double>::infinity() : clip)
    {
    }

    Update<S> Compress(const std::vector<S>& values, Random& draws) const override
    {
        const auto scales = Scales(values);
        return Draw(values, scales, scales, draws);
    }

    /** @return of each tensor the magnitude of its largest entry once clipped, a binary32 */
    std::vector<S> Scales(const std::vector<S>& values) const
    {
        std::vector<S> scales;
        uint32_t first = 0;
        for (const uint32_t end : *m_blocks)
        {
            scales.push_back(RoundValue(ScaleOf(values, first, end), ValueCode::SINGLE));
            first = end;
        }
        return scales;
    }

    /**
     * @param values the vector
     * @param clips by tensor, what larger magnitudes are cut to: its own scale
     * @param scales by tensor, what a trit is worth; not below the clip
     * @param draws where random numbers come from
     * @return the vector as trits
     */
    Update<S> Draw(const std::vector<S>& values,
                   const std::vector<S>& clips,
                   std::vector<S> scales,
                   Random& draws) const
    {
        const auto size = static_cast<uint32_t>(values.size());
        ScaledTernaryUpdate<S> update{TernaryUpdate::Zero(size), m_blocks, std::move(scales)};
        uint32_t i = 0;
        for (std::size_t block = 0; block < m_blocks->size(); ++block)
        {
            for (; i < (*m_blocks)[block]; ++i)
            {
                const S magnitude = std::min(std::abs(values[i]), clips[block]);
                const bool sent = draws.Uniform() * update.scales[block] < magnitude;
                update.trits.Set(i, sent ? (values[i] > 0) - (values[i] < 0) : 0);
            }
        }
        return update;
    }

    MessageShape Shape() const override
    {
        return {m_blocks->back(), m_blocks};
    }

  private:
    S ScaleOf(const std::vector<S>& values, uint32_t first, uint32_t end) const
    {
        double largest = 0;
        double sum = 0;
        double squares = 0;
        for (uint32_t i = first; i < end; ++i)
        {
            const double value = values[i];
            largest = std::max(largest, std::abs(value));
            sum += value;
            squares += value * value;
        }
        if (!std::isfinite(squares))
        {
            return std::numeric_limits<S>::quiet_NaN();
        }
        const double mean = sum / (end - first);
        const double deviation = std::sqrt(std::max(0.0, squares / (end - first) - mean * mean));
        // A tensor of equal entries has no deviation, and nothing to clip.
        return static_cast<S>(deviation == 0 ? largest : std::min(largest, m_clip * deviation));
    }

    Blocks m_blocks;
    double m_clip; ///< in standard deviations
};

/** @return the larger number; one that is not a number is larger, so that divergence is seen */
template <typename S>
S
Larger(S a, S b)
{
    return b > a || std::isnan(b) ? b : a;
}

/**
 * Says the scales of its gradient first, and the gradient itself in units of the largest scales of
 * all workers, which come back as the answer. Where the answer is missing, or below its own scale
 * because that was lost, its own one holds: the decoder is told with the trits.
 */
template <typename S>
class SharedScaleWorker : public WorkerHalf<S>
{
  public:
    SharedScaleWorker(const AlgorithmSetup& setup,
                      const WorkerSetup& worker,
                      std::shared_ptr<const RandomTrits<S>> trits)
        : m_dimension(setup.dimension),
          m_batch(setup.BatchOf(worker.samples)),
          m_trits(std::move(trits))
    {
    }

    Work DeclareWork(const WorkerContext<S>& context) const override
    {
        return NeedsGradient(context) ? Work{1, m_batch, 1, m_dimension}
                                      : Work{0, 0, 0, m_dimension};
    }

    std::optional<Update<S>> Compute(WorkerContext<S>& context, double& loss) override
    {
        m_draft = m_held;
        if (NeedsGradient(context))
        {
            m_draft.round = context.Round();
            m_draft.gradient.resize(m_dimension);
            m_draft.loss = context.Gradient(*context.Model(), 0, m_draft.gradient);
            m_draft.scales = m_trits->Scales(m_draft.gradient);
        }
        loss = m_draft.loss;
        if (context.Exchange() == 0)
        {
            return DenseUpdate<S>{m_draft.scales, ValueCode::SINGLE};
        }
        auto scales = m_draft.scales;
        if (const auto* answer = context.Answer())
        {
            ForEachValue(answer->update,
                         answer->missing,
                         [&](uint32_t i, S scale) { scales[i] = Larger(scales[i], scale); });
        }
        return m_trits->Draw(m_draft.gradient, m_draft.scales, std::move(scales), context.Draws());
    }

    void Adopt() override
    {
        m_held = std::move(m_draft);
    }

  private:
    /** A gradient and what is known of it. */
    struct Held
    {
        std::optional<uint32_t> round; ///< when it was computed
        std::vector<S> gradient;
        std::vector<S> scales; ///< by tensor
        double loss{0};        ///< training loss
    };

    /** @return whether there is none yet: also of who was asked for the second exchange only */
    bool NeedsGradient(const WorkerContext<S>& context) const
    {
        return context.Exchange() == 0 || m_held.round != context.Round();
    }

    uint32_t m_dimension;
    uint64_t m_batch;
    std::shared_ptr<const RandomTrits<S>> m_trits;
    Held m_held;
    Held m_draft; ///< of the computation under way
};

/** Answers scales with the largest of each tensor, then leaves the round to another half. */
template <typename S>
class SharedScaleServer : public ServerHalf<S>
{
  public:
    SharedScaleServer(std::unique_ptr<ServerHalf<S>> inner, std::size_t tensors)
        : m_inner(std::move(inner)),
          m_largest(tensors)
    {
    }

    std::vector<uint32_t> Select(uint32_t round,
                                 uint32_t exchange,
                                 const std::vector<uint32_t>& candidates) override
    {
        m_exchange = exchange;
        return m_inner->Select(round, exchange, candidates);
    }

    void Accept(Contribution<S> contribution) override
    {
        assert(contribution.exchange == m_exchange);
        if (m_exchange > 0)
        {
            m_inner->Accept(std::move(contribution));
            return;
        }
        ForEachValue(contribution.received.update,
                     contribution.received.missing,
                     [this](uint32_t i, S scale) { m_largest[i] = Larger(m_largest[i], scale); });
    }

    Closing<S> Close(uint32_t round) override
    {
        if (m_exchange > 0)
        {
            return m_inner->Close(round);
        }
        std::vector<S> largest(m_largest.size());
        largest.swap(m_largest);
        return {true, DenseUpdate<S>{std::move(largest), ValueCode::SINGLE}};
    }

  private:
    std::unique_ptr<ServerHalf<S>> m_inner;
    uint32_t m_exchange{0};   ///< the open one
    std::vector<S> m_largest; ///< by tensor, of the scales that came so far
};

/**
 * TernGrad (Wen et al., arXiv:1705.07878, algorithm 1): workers send a trit an entry and a scale a
 * tensor, the server averages, x <- x - rate * mean. The mean of a coordinate is over the workers
 * that brought it. With scaler sharing (section 3.2) an exchange of scales comes first.
 */
template <typename S>
class TernGrad : public CompressedSgd<S>
{
  public:
    TernGrad(const Parameters& parameters, const AlgorithmSetup& setup)
        : TernGrad(parameters,
                   setup,
                   std::make_shared<RandomTrits<S>>(setup, parameters.Real("Clip")))
    {
    }

    AlgorithmTraits Traits() const override
    {
        auto traits = CompressedSgd<S>::Traits();
        traits.sumSuffices = !m_sharing;
        traits.synchronousOnly = m_sharing;
        return traits;
    }

    std::unique_ptr<WorkerHalf<S>> MakeWorker(const WorkerSetup& worker) const override
    {
        if (!m_sharing)
        {
            return CompressedSgd<S>::MakeWorker(worker);
        }
        return std::make_unique<SharedScaleWorker<S>>(this->Setup(), worker, m_trits);
    }

    std::unique_ptr<ServerHalf<S>> MakeServer() const override
    {
        auto server = CompressedSgd<S>::MakeServer();
        if (!m_sharing)
        {
            return server;
        }
        return std::make_unique<SharedScaleServer<S>>(std::move(server),
                                                      this->Setup().tensors.size());
    }

    MessageShape UploadShape(uint32_t exchange) const override
    {
        return m_sharing && exchange == 0 ? AnswerShape(1)
                                          : CompressedSgd<S>::UploadShape(exchange);
    }

    MessageShape AnswerShape(uint32_t /* exchange */) const override
    {
        return {static_cast<uint32_t>(this->Setup().tensors.size()), nullptr};
    }

  private:
    TernGrad(const Parameters& parameters,
             const AlgorithmSetup& setup,
             std::shared_ptr<const RandomTrits<S>> trits)
        : CompressedSgd<S>(
              setup,
              trits,
              {Content::GRADIENT, false, ChosenDownlink(parameters, Downlink::COMPRESSED)}),
          m_trits(std::move(trits)),
          m_sharing(parameters.Boolean("ScalerSharing"))
    {
    }

    std::shared_ptr<const RandomTrits<S>> m_trits;
    bool m_sharing; ///< whether workers agree on scales first
};

const Registration<AlgorithmFactory> g_terngrad(
    "terngrad",
    "SGD with random ternary gradients, a scale a tensor (arXiv:1705.07878)",
    {{"Clip",
      ParameterType::REAL,
      "standard deviations",
      "2.5",
      "where entries are clipped, 0 = nowhere",
      0},
     {"ScalerSharing",
      ParameterType::BOOLEAN,
      "",
      "false",
      "whether workers first agree on the largest scale of each tensor, in an exchange before"},
     DownlinkParameter("the mean as trits")},
    MakeAlgorithmFactory<TernGrad<float>, TernGrad<double>>(
        0.1,
        "up trits with a scale a tensor (SCALED_TERNARY*), down the model (DENSE*) or the same; "
        "scaler sharing before that (DENSE32)"));

} // namespace

} // namespace fl
