/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/fl-common-parameters.h"
#include "ns3/fl-coordinate-mean.h"
#include "ns3/fl-registry.h"
#include "ns3/fl-update-values.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <utility>

namespace fl
{

namespace
{

/** A weight matrix and where its factors stand: column k of a factor follows column k - 1. */
struct Factored
{
    Tensor tensor;  ///< the matrix M, n rows and m columns
    uint32_t rank;  ///< columns of its factors, at most n and at most m
    uint32_t left;  ///< where P, n x rank, begins among all left factors
    uint32_t right; ///< where Q, m x rank, begins among all right factors
};

/**
 * How a model is said in factors. The first exchange carries all P, then the tensors that are
 * vectors; the second all Q; the update of the model all P, the vectors, all Q. Behind the
 * parameters of a model stands the mean Q of the update that led to it, then the momentum.
 */
struct FactorLayout
{
    std::vector<Factored> matrices;
    std::vector<Tensor> vectors;
    uint32_t leftSize{0};   ///< numbers in all P
    uint32_t rightSize{0};  ///< numbers in all Q
    uint32_t vectorSize{0}; ///< numbers in all vectors

    /**
     * @param tensors the tensors of a model
     * @param rank largest rank
     */
    FactorLayout(const std::vector<Tensor>& tensors, uint32_t rank)
    {
        for (const auto& tensor : tensors)
        {
            if (tensor.rows == 1 || tensor.columns == 1)
            {
                vectors.push_back(tensor);
                vectorSize += tensor.Size();
                continue;
            }
            const uint32_t columns = std::min({rank, tensor.rows, tensor.columns});
            matrices.push_back({tensor, columns, leftSize, rightSize});
            leftSize += columns * tensor.rows;
            rightSize += columns * tensor.columns;
        }
    }
};

/** @param visit called as visit(place among the vectors, coordinate of the model) */
template <typename Visit>
void
ForEachVectorEntry(const FactorLayout& layout, Visit visit)
{
    uint32_t place = 0;
    for (const auto& tensor : layout.vectors)
    {
        for (uint32_t i = tensor.first; i < tensor.first + tensor.Size(); ++i)
        {
            visit(place++, i);
        }
    }
}

/** @return P = M Q for every matrix */
template <typename S>
std::vector<S>
TimesRight(const FactorLayout& layout, const std::vector<S>& model, const std::vector<S>& right)
{
    std::vector<S> left(layout.leftSize);
    for (const auto& [tensor, rank, leftFirst, rightFirst] : layout.matrices)
    {
        for (uint32_t k = 0; k < rank; ++k)
        {
            const S* column = right.data() + rightFirst + k * tensor.columns;
            for (uint32_t i = 0; i < tensor.rows; ++i)
            {
                const S* row = model.data() + tensor.first + i * tensor.columns;
                double sum = 0;
                for (uint32_t j = 0; j < tensor.columns; ++j)
                {
                    sum += static_cast<double>(row[j]) * column[j];
                }
                left[leftFirst + k * tensor.rows + i] = static_cast<S>(sum);
            }
        }
    }
    return left;
}

/** @return Q = transposed M times P for every matrix */
template <typename S>
std::vector<S>
TimesLeft(const FactorLayout& layout, const std::vector<S>& model, const std::vector<S>& left)
{
    std::vector<S> right(layout.rightSize);
    for (const auto& [tensor, rank, leftFirst, rightFirst] : layout.matrices)
    {
        std::vector<double> sums(tensor.columns);
        for (uint32_t k = 0; k < rank; ++k)
        {
            std::fill(sums.begin(), sums.end(), 0);
            for (uint32_t i = 0; i < tensor.rows; ++i)
            {
                const S* row = model.data() + tensor.first + i * tensor.columns;
                const double factor = left[leftFirst + k * tensor.rows + i];
                for (uint32_t j = 0; j < tensor.columns; ++j)
                {
                    sums[j] += factor * row[j];
                }
            }
            for (uint32_t j = 0; j < tensor.columns; ++j)
            {
                right[rightFirst + k * tensor.columns + j] = static_cast<S>(sums[j]);
            }
        }
    }
    return right;
}

/**
 * Adds factor * P transposed(Q) to every matrix.
 * @param right where all Q begin
 */
template <typename S>
void
AddProduct(const FactorLayout& layout,
           S factor,
           const std::vector<S>& left,
           const S* right,
           std::vector<S>& model)
{
    for (const auto& [tensor, rank, leftFirst, rightFirst] : layout.matrices)
    {
        for (uint32_t i = 0; i < tensor.rows; ++i)
        {
            S* row = model.data() + tensor.first + i * tensor.columns;
            for (uint32_t k = 0; k < rank; ++k)
            {
                const S weight = factor * left[leftFirst + k * tensor.rows + i];
                const S* column = right + rightFirst + k * tensor.columns;
                for (uint32_t j = 0; j < tensor.columns; ++j)
                {
                    row[j] += weight * column[j];
                }
            }
        }
    }
}

/**
 * Makes the columns of every P orthonormal, from the first to the last (Gram-Schmidt, each column
 * twice, which is enough); one that depends on those before it becomes 0.
 */
template <typename S>
void
Orthonormalise(const FactorLayout& layout, std::vector<S>& left)
{
    for (const auto& matrix : layout.matrices)
    {
        const uint32_t rows = matrix.tensor.rows;
        std::vector<std::vector<double>> columns;
        for (uint32_t k = 0; k < matrix.rank; ++k)
        {
            S* values = left.data() + matrix.left + k * rows;
            std::vector<double> column(values, values + rows);
            const auto norm = [&]
            {
                double squares = 0;
                for (const double value : column)
                {
                    squares += value * value;
                }
                return std::sqrt(squares);
            };
            const double before = norm();
            for (int pass = 0; pass < 2; ++pass)
            {
                for (const auto& other : columns)
                {
                    double product = 0;
                    for (uint32_t i = 0; i < rows; ++i)
                    {
                        product += column[i] * other[i];
                    }
                    for (uint32_t i = 0; i < rows; ++i)
                    {
                        column[i] -= product * other[i];
                    }
                }
            }
            const double after = norm();
            constexpr double rounding = 1e-7; // of a binary32 column
            const double factor = after > rounding * before ? 1 / after : 0;
            for (uint32_t i = 0; i < rows; ++i)
            {
                column[i] *= factor;
                values[i] = static_cast<S>(column[i]);
            }
            columns.push_back(std::move(column));
        }
    }
}

/**
 * Sends P = M Q of M = gradient + error, and when the orthonormal mean P comes back as the answer
 * Q = transposed(M) P. The Q of the first is the mean of the round before, which stands behind the
 * model; a column that is 0 there is a draw that all workers share. What was not heard of
 * P transposed(Q) stays error. A worker that lost a part of the answer sends nothing, and all of M
 * stays error.
 */
template <typename S>
class PowerSgdWorker : public WorkerHalf<S>
{
  public:
    PowerSgdWorker(const AlgorithmSetup& setup,
                   const WorkerSetup& worker,
                   std::shared_ptr<const FactorLayout> layout)
        : m_setup(setup),
          m_batch(setup.BatchOf(worker.samples)),
          m_layout(std::move(layout)),
          m_error(setup.dimension)
    {
    }

    Work DeclareWork(const WorkerContext<S>& context) const override
    {
        if (context.Exchange() == 0)
        {
            return {1, m_batch, 1, m_setup.dimension};
        }
        return {0, 0, 0, m_setup.dimension};
    }

    std::optional<Update<S>> Compute(WorkerContext<S>& context, double& loss) override
    {
        m_draft = {};
        if (context.Exchange() == 0)
        {
            return First(context, loss);
        }
        loss = m_loss;
        const auto* answer = context.Answer();
        if (!answer || !answer->Complete())
        {
            return std::nullopt;
        }
        m_draft.kind = Flight::SECOND;
        m_draft.left = std::get<DenseUpdate<S>>(answer->update).values;
        m_draft.right = TimesLeft(*m_layout, m_error, m_draft.left);
        return DenseUpdate<S>{m_draft.right};
    }

    void Adopt() override
    {
        if (m_draft.kind == Flight::FIRST)
        {
            m_error = std::move(m_draft.error);
            m_loss = m_draft.loss;
        }
        m_flight = std::exchange(m_draft, {});
    }

    void Confirm(const Receipt& receipt) override
    {
        if (m_flight.kind == Flight::FIRST)
        {
            auto heard = std::vector<bool>(m_layout->leftSize + m_layout->vectorSize, true);
            for (const auto& range : receipt.missing)
            {
                std::fill(heard.begin() + range.first, heard.begin() + range.end, false);
            }
            ForEachVectorEntry(*m_layout,
                               [&](uint32_t place, uint32_t i)
                               {
                                   if (heard[m_layout->leftSize + place])
                                   {
                                       m_error[i] = 0;
                                   }
                               });
        }
        else if (m_flight.kind == Flight::SECOND)
        {
            auto& right = m_flight.right;
            for (const auto& range : receipt.missing)
            {
                std::fill(right.begin() + range.first, right.begin() + range.end, S{0});
            }
            AddProduct(*m_layout, S{-1}, m_flight.left, right.data(), m_error);
        }
        m_flight = {};
    }

  private:
    /** An upload, from its computation to its receipt. */
    struct Flight
    {
        enum Kind
        {
            NONE,
            FIRST,
            SECOND
        };

        Kind kind{NONE};
        double loss{0};       ///< FIRST: training loss
        std::vector<S> error; ///< FIRST: M
        std::vector<S> left;  ///< SECOND: the mean P
        std::vector<S> right; ///< SECOND: the Q that is sent
    };

    std::optional<Update<S>> First(WorkerContext<S>& context, double& loss)
    {
        const auto model = context.Model();
        m_draft.kind = Flight::FIRST;
        m_draft.error.resize(m_setup.dimension);
        loss = context.Gradient(*model, 0, m_draft.error);
        m_draft.loss = loss;
        for (uint32_t i = 0; i < m_setup.dimension; ++i)
        {
            m_draft.error[i] += m_error[i];
        }
        DenseUpdate<S> sent{TimesRight(*m_layout, m_draft.error, StartingRight(*model))};
        sent.values.resize(m_layout->leftSize + m_layout->vectorSize);
        ForEachVectorEntry(*m_layout,
                           [&](uint32_t place, uint32_t i)
                           { sent.values[m_layout->leftSize + place] = m_draft.error[i]; });
        return sent;
    }

    /** @return the Q that a round begins with */
    std::vector<S> StartingRight(const std::vector<S>& model) const
    {
        const auto begin = model.begin() + m_setup.dimension;
        std::vector<S> right(begin, begin + m_layout->rightSize);
        Random draws(m_setup.runSeed, Purpose::ALGORITHM, m_setup.workers, UINT32_MAX);
        for (const auto& matrix : m_layout->matrices)
        {
            for (uint32_t k = 0; k < matrix.rank; ++k)
            {
                const auto first = right.begin() + matrix.right + k * matrix.tensor.columns;
                const auto end = first + matrix.tensor.columns;
                const bool zero = std::all_of(first, end, [](S value) { return value == 0; });
                for (auto value = first; value != end; ++value)
                {
                    const auto drawn = static_cast<S>(draws.Normal());
                    *value = zero ? drawn : *value;
                }
            }
        }
        return right;
    }

    AlgorithmSetup m_setup;
    uint64_t m_batch;
    std::shared_ptr<const FactorLayout> m_layout;
    std::vector<S> m_error; ///< e of the paper; from the first exchange on with the gradient
    double m_loss{0};       ///< training loss of the last first exchange
    Flight m_draft;         ///< of the computation under way
    Flight m_flight;        ///< what waits for its receipt
};

/**
 * Answers the first exchange with the orthonormal mean of P, and takes the mean of Q from the
 * second. The mean of P is over those that brought a number, as it only chooses a subspace; those
 * of Q and of the vectors are over all workers asked, as what was lost comes again.
 */
template <typename S>
class PowerSgdServer : public ServerHalf<S>
{
  public:
    PowerSgdServer(uint32_t workers, std::shared_ptr<const FactorLayout> layout)
        : m_layout(std::move(layout)),
          m_asked(workers),
          m_left(m_layout->leftSize + m_layout->vectorSize),
          m_vectors(m_layout->leftSize + m_layout->vectorSize),
          m_right(m_layout->rightSize)
    {
    }

    std::vector<uint32_t> Select(uint32_t /* round */,
                                 uint32_t exchange,
                                 const std::vector<uint32_t>& candidates) override
    {
        if (exchange == 0)
        {
            m_asked = std::max<uint32_t>(1, static_cast<uint32_t>(candidates.size()));
        }
        return candidates;
    }

    void Accept(Contribution<S> contribution) override
    {
        assert(contribution.staleness == 0 && contribution.exchange == m_exchange);
        if (m_exchange == 0)
        {
            m_left.Add(contribution.received);
            m_vectors.Add(contribution.received);
        }
        else
        {
            m_right.Add(contribution.received);
        }
    }

    Closing<S> Close(uint32_t /* round */) override
    {
        if (m_exchange == 0)
        {
            auto left = m_left.Take();
            m_update = m_vectors.TakeSumOver(m_asked);
            Orthonormalise(*m_layout, left);
            std::copy_n(left.begin(), m_layout->leftSize, m_update.begin());
            if (!m_layout->matrices.empty())
            {
                m_exchange = 1;
                left.resize(m_layout->leftSize);
                return {true, DenseUpdate<S>{std::move(left)}};
            }
        }
        m_exchange = 0;
        const auto right = m_right.TakeSumOver(m_asked);
        m_update.insert(m_update.end(), right.begin(), right.end());
        return {false, DenseUpdate<S>{std::move(m_update)}};
    }

  private:
    std::shared_ptr<const FactorLayout> m_layout;
    uint32_t m_asked;        ///< workers asked in this round
    uint32_t m_exchange{0};  ///< the open one
    std::vector<S> m_update; ///< what is known of the update in the second exchange
    CoordinateMean<S> m_left;
    CoordinateMean<S> m_vectors;
    CoordinateMean<S> m_right;
};

/** An update in factors, multiplied out. */
template <typename S>
struct FactoredMean
{
    std::vector<S> mean;     ///< by coordinate
    std::vector<bool> heard; ///< by coordinate
    std::vector<S> right;    ///< all Q, 0 where not heard
};

/**
 * A row of which a number of P is missing is not heard of, and neither is a column of which Q lacks
 * one.
 */
template <typename S>
FactoredMean<S>
MultiplyOut(const FactorLayout& layout, uint32_t dimension, const ReceivedUpdate<S>& received)
{
    const uint32_t rightFirst = layout.leftSize + layout.vectorSize;
    std::vector<S> values(rightFirst + layout.rightSize);
    std::vector<bool> known(values.size());
    ForEachValue(received.update,
                 received.missing,
                 [&](uint32_t i, S value)
                 {
                     values[i] = value;
                     known[i] = true;
                 });
    FactoredMean<S> result{std::vector<S>(dimension),
                           std::vector<bool>(dimension),
                           {values.begin() + rightFirst, values.end()}};
    AddProduct(layout, S{1}, values, result.right.data(), result.mean);
    ForEachVectorEntry(layout,
                       [&](uint32_t place, uint32_t i)
                       {
                           result.mean[i] = values[layout.leftSize + place];
                           result.heard[i] = known[layout.leftSize + place];
                       });
    for (const auto& [tensor, rank, leftFirst, rightPlace] : layout.matrices)
    {
        const auto whole = [&, rank = rank](uint32_t first, uint32_t stride)
        {
            bool all = true;
            for (uint32_t k = 0; k < rank; ++k)
            {
                all = all && known[first + k * stride];
            }
            return all;
        };
        for (uint32_t i = 0; i < tensor.rows; ++i)
        {
            const bool row = whole(leftFirst + i, tensor.rows);
            for (uint32_t j = 0; j < tensor.columns; ++j)
            {
                result.heard[tensor.first + i * tensor.columns + j] =
                    row && whole(rightFirst + rightPlace + j, tensor.columns);
            }
        }
    }
    return result;
}

/**
 * PowerSGD (Vogels et al., arXiv:1905.13727, algorithms 1 and 2): every weight matrix of
 * M = gradient + error is said in factors P transposed(Q) of low rank, by one step of the power
 * method from the factor of the round before, in two exchanges a round: all P up, their
 * orthonormal mean down, all Q up. Tensors that are vectors go as they are with the first.
 * e <- M - what was heard of P transposed(Q). With the mean d, to which the decay adds
 * decay * x, x <- x - rate * d, or with momentum m <- momentum * m + d, x <- x - rate * (d + m).
 *
 * The mean Q with which the next round begins stands behind the parameters of the model, so that
 * both ends have the same one whatever was lost: workers take it from the update that is broadcast
 * on request, which is the factors and the vectors, or hear it with the model. The momentum stands
 * behind it; workers need it only if they hear updates.
 */
template <typename S>
class PowerSgd : public Algorithm<S>
{
  public:
    PowerSgd(const Parameters& parameters, const AlgorithmSetup& setup)
        : m_setup(setup),
          m_layout(std::make_shared<const FactorLayout>(
              setup.tensors,
              static_cast<uint32_t>(parameters.Integer("Rank")))),
          m_broadcast(BroadcastOf(parameters)),
          m_momentum(static_cast<S>(parameters.Real("Momentum"))),
          m_decay(static_cast<S>(parameters.Real("WeightDecay")))
    {
    }

    AlgorithmTraits Traits() const override
    {
        AlgorithmTraits traits;
        const uint32_t momenta = m_momentum == 0 ? 0 : m_setup.dimension;
        traits.companions.shared = m_layout->rightSize;
        traits.companions.own = momenta;
        if (m_broadcast == BroadcastKind::UPDATE)
        {
            traits.broadcast = BroadcastKind::UPDATE;
            traits.audience = Audience::LIVE;
            traits.companions.shared += std::exchange(traits.companions.own, 0);
        }
        traits.committed = true;
        traits.synchronousOnly = true;
        return traits;
    }

    std::unique_ptr<WorkerHalf<S>> MakeWorker(const WorkerSetup& worker) const override
    {
        return std::make_unique<PowerSgdWorker<S>>(m_setup, worker, m_layout);
    }

    std::unique_ptr<ServerHalf<S>> MakeServer() const override
    {
        return std::make_unique<PowerSgdServer<S>>(m_setup.workers, m_layout);
    }

    MessageShape UploadShape(uint32_t exchange) const override
    {
        return exchange == 0 ? MessageShape{m_layout->leftSize + m_layout->vectorSize, nullptr}
                             : MessageShape{m_layout->rightSize, nullptr};
    }

    MessageShape AnswerShape(uint32_t /* exchange */) const override
    {
        return {m_layout->leftSize, nullptr};
    }

    MessageShape UpdateShape() const override
    {
        return {m_layout->leftSize + m_layout->vectorSize + m_layout->rightSize, nullptr};
    }

    /** Coordinates that are not heard of neither step nor decay, and their momentum stays. */
    void Apply(const ReceivedUpdate<S>& received,
               uint32_t round,
               std::vector<S>& model) const override
    {
        const auto [mean, heard, right] = MultiplyOut(*m_layout, m_setup.dimension, received);
        const auto rate = static_cast<S>(m_setup.learningRate.At(round));
        const uint32_t momenta = m_setup.dimension + m_layout->rightSize;
        for (uint32_t i = 0; i < m_setup.dimension; ++i)
        {
            if (!heard[i])
            {
                continue;
            }
            S step = mean[i] + m_decay * model[i];
            if (m_momentum != 0)
            {
                S& momentum = model[momenta + i];
                momentum = m_momentum * momentum + step;
                step += momentum;
            }
            model[i] -= rate * step;
        }
        for (const auto& matrix : m_layout->matrices)
        {
            const uint32_t rows = matrix.tensor.columns;
            for (uint32_t k = 0; k < matrix.rank; ++k)
            {
                const auto first = right.begin() + matrix.right + k * rows;
                // Of zeros, as when nobody's was heard, nothing can begin: the one before stays.
                if (std::any_of(first, first + rows, [](S value) { return value != 0; }))
                {
                    std::copy_n(first,
                                rows,
                                model.begin() + m_setup.dimension + matrix.right + k * rows);
                }
            }
        }
    }

  private:
    AlgorithmSetup m_setup;
    std::shared_ptr<const FactorLayout> m_layout;
    BroadcastKind m_broadcast;
    S m_momentum;
    S m_decay;
};

const Registration<AlgorithmFactory> g_powerSgd(
    "powersgd",
    "SGD with weight matrices in factors of low rank, two exchanges a round (arXiv:1905.13727)",
    {{"Rank", ParameterType::INTEGER, "", "2", "largest rank r of the factors", 1, 1000000},
     MomentumParameter("0", "momentum lambda behind the compression, 0 = none"),
     {"WeightDecay", ParameterType::REAL, "", "0", "weight decay, through the momentum", 0},
     DownlinkParameter("the mean factors")},
    MakeAlgorithmFactory<PowerSgd<float>, PowerSgd<double>>(
        0.1,
        "up the two factors in two exchanges, between them their mean, down the model with the "
        "second factor (DENSE*)"));

} // namespace

} // namespace fl
