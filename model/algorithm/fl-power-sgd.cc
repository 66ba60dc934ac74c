/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/fl-compressed-sgd.h"
#include "ns3/fl-coordinate-mean.h"
#include "ns3/fl-registry.h"
#include "ns3/fl-update-values.h"

#include <algorithm>
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
 * vectors; the second all Q; the update of the model all P, the vectors, all Q.
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

/** Subtracts factor * P transposed(Q) from every matrix. */
template <typename S>
void
SubtractProduct(const FactorLayout& layout,
                S factor,
                const std::vector<S>& left,
                const std::vector<S>& right,
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
                const S* column = right.data() + rightFirst + k * tensor.columns;
                for (uint32_t j = 0; j < tensor.columns; ++j)
                {
                    row[j] -= weight * column[j];
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
 * Q = transposed(M) P. Q begins as a draw that all workers share; then it is what the last change
 * of the model was in terms of P, which is the mean Q that the server has applied, so that it need
 * not travel. What was not heard of P transposed(Q) stays error. A worker that lost a part of the
 * answer sends nothing, and all of M stays error.
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
          m_error(setup.dimension),
          m_right(m_layout->rightSize)
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
        m_draft.model = context.Model();
        m_draft.round = context.Round();
        m_draft.left = std::get<DenseUpdate<S>>(answer->update).values;
        m_draft.right = TimesLeft(*m_layout, m_error, m_draft.left);
        return DenseUpdate<S>{m_draft.right};
    }

    void Adopt() override
    {
        m_flight = m_draft.kind;
        if (m_flight == Flight::FIRST)
        {
            m_error = std::move(m_draft.error);
            m_right = std::move(m_draft.right);
            m_loss = m_draft.loss;
            m_after = nullptr;
        }
        else if (m_flight == Flight::SECOND)
        {
            m_before = std::move(m_draft.model);
            m_beforeRound = m_draft.round;
            m_left = std::move(m_draft.left);
            m_sentRight = std::move(m_draft.right);
        }
        m_draft = {};
    }

    void Confirm(const Receipt& receipt) override
    {
        if (m_flight == Flight::FIRST)
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
        else if (m_flight == Flight::SECOND)
        {
            for (const auto& range : receipt.missing)
            {
                std::fill(m_sentRight.begin() + range.first, m_sentRight.begin() + range.end, S{0});
            }
            SubtractProduct(*m_layout, S{1}, m_left, m_sentRight, m_error);
        }
        m_flight = Flight::NONE;
    }

    void Observe(uint32_t version, const SharedModel<S>& model) override
    {
        if (m_before && !m_after && version > m_beforeRound)
        {
            m_after = model;
        }
    }

  private:
    /** Which upload is on its way. */
    enum class Flight
    {
        NONE,
        FIRST,
        SECOND,
    };

    /** What a computation changes once it is adopted. */
    struct Draft
    {
        Flight kind{Flight::NONE};
        double loss{0};
        std::vector<S> error;
        std::vector<S> left;
        std::vector<S> right;
        SharedModel<S> model;
        uint32_t round{0};
    };

    std::optional<Update<S>> First(WorkerContext<S>& context, double& loss)
    {
        m_draft.kind = Flight::FIRST;
        m_draft.error.resize(m_setup.dimension);
        loss = context.Gradient(*context.Model(), 0, m_draft.error);
        m_draft.loss = loss;
        for (uint32_t i = 0; i < m_setup.dimension; ++i)
        {
            m_draft.error[i] += m_error[i];
        }
        m_draft.right = StartingRight();
        DenseUpdate<S> sent{TimesRight(*m_layout, m_draft.error, m_draft.right)};
        sent.values.resize(m_layout->leftSize + m_layout->vectorSize);
        ForEachVectorEntry(*m_layout,
                           [&](uint32_t place, uint32_t i)
                           { sent.values[m_layout->leftSize + place] = m_draft.error[i]; });
        return sent;
    }

    /** @return the Q that the round begins with */
    std::vector<S> StartingRight() const
    {
        auto right = m_right;
        if (m_before && m_after)
        {
            std::vector<S> change(m_setup.dimension);
            for (uint32_t i = 0; i < m_setup.dimension; ++i)
            {
                change[i] = (*m_before)[i] - (*m_after)[i];
            }
            right = TimesLeft(*m_layout, change, m_left);
        }
        // Columns of zeros would stay zeros for ever: they begin anew.
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
    std::vector<S> m_right; ///< the Q that the last round began with
    double m_loss{0};       ///< training loss of the last first exchange
    Flight m_flight{Flight::NONE};
    std::vector<S> m_left;      ///< the mean P of the last second exchange
    std::vector<S> m_sentRight; ///< the Q of the last second exchange
    SharedModel<S> m_before;    ///< the model of the last second exchange
    uint32_t m_beforeRound{0};  ///< its round
    SharedModel<S> m_after;     ///< the next model after it, until the next round begins
    Draft m_draft;              ///< of the computation under way
};

/**
 * Answers the first exchange with the orthonormal mean of P, and takes the mean of Q from the
 * second. The mean of P is over those that brought a number, as it only chooses a subspace; those
 * of Q and of the vectors are over all workers asked, as what was lost comes again. What comes too
 * late for its exchange belongs to another P and is left out.
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
        if (contribution.staleness > 0 || contribution.exchange != m_exchange)
        {
            return;
        }
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

/**
 * PowerSGD (Vogels et al., arXiv:1905.13727, algorithms 1 and 2): every weight matrix of
 * M = gradient + error is said in factors P transposed(Q) of low rank, by one step of the power
 * method from the factor of the round before, in two exchanges a round: all P up, their
 * orthonormal mean down, all Q up. Tensors that are vectors go as they are with the first.
 * x <- x - rate * mean; e <- M - what was heard of P transposed(Q). The update that is broadcast
 * on request is the factors and the vectors. Momentum, which the paper keeps outside of the
 * compression, is left out.
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
          m_downlink(ChosenDownlink(parameters, Downlink::COMPRESSED))
    {
    }

    AlgorithmTraits Traits() const override
    {
        AlgorithmTraits traits;
        if (m_downlink == Downlink::COMPRESSED)
        {
            traits.broadcast = BroadcastKind::UPDATE;
            traits.audience = Audience::LIVE;
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

    /** A row of which a number of P is missing stays, and so does a column of which Q lacks one. */
    void Apply(const ReceivedUpdate<S>& received,
               uint32_t round,
               std::vector<S>& model) const override
    {
        const auto rate = static_cast<S>(m_setup.learningRate.At(round));
        std::vector<S> values(UpdateShape().dimension);
        std::vector<bool> known(values.size());
        ForEachValue(received.update,
                     received.missing,
                     [&](uint32_t i, S value)
                     {
                         values[i] = value;
                         known[i] = true;
                     });
        const uint32_t rightFirst = m_layout->leftSize + m_layout->vectorSize;
        ForEachVectorEntry(*m_layout,
                           [&](uint32_t place, uint32_t i)
                           { model[i] -= rate * values[m_layout->leftSize + place]; });
        for (const auto& matrix : m_layout->matrices)
        {
            const auto silence = [&](uint32_t first, uint32_t rows)
            {
                for (uint32_t i = 0; i < rows; ++i)
                {
                    bool whole = true;
                    for (uint32_t k = 0; k < matrix.rank; ++k)
                    {
                        whole = whole && known[first + k * rows + i];
                    }
                    for (uint32_t k = 0; k < matrix.rank && !whole; ++k)
                    {
                        values[first + k * rows + i] = 0;
                    }
                }
            };
            silence(matrix.left, matrix.tensor.rows);
            silence(rightFirst + matrix.right, matrix.tensor.columns);
        }
        const std::vector<S> right(values.begin() + rightFirst, values.end());
        SubtractProduct(*m_layout, rate, values, right, model);
    }

  private:
    AlgorithmSetup m_setup;
    std::shared_ptr<const FactorLayout> m_layout;
    Downlink m_downlink;
};

const Registration<AlgorithmFactory> g_powerSgd(
    "powersgd",
    "SGD with weight matrices in factors of low rank, two exchanges a round (arXiv:1905.13727)",
    {{"Rank", ParameterType::INTEGER, "", "2", "largest rank r of the factors", 1, 1000000},
     DownlinkParameter("the mean factors")},
    MakeAlgorithmFactory<PowerSgd<float>, PowerSgd<double>>(
        0.1,
        "up the two factors in two exchanges, between them their mean, down the model (DENSE*)"));

} // namespace

} // namespace fl
