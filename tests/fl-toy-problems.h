/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef FL_TOY_PROBLEMS_H
#define FL_TOY_PROBLEMS_H

#include "ns3/fl-algorithm.h"
#include "ns3/fl-change-history.h"
#include "ns3/fl-random.h"

#include "fl-test-helpers.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <functional>
#include <gtest/gtest.h>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace fl::test
{

using Vector = std::vector<double>;

/** A problem whose gradients a test computes itself. */
struct Toy
{
    uint32_t workers;   ///< number of workers
    uint32_t dimension; ///< number of model parameters
    /** gradient of one worker's loss in a round, overwritten; returns the loss */
    std::function<double(uint32_t worker, uint32_t round, const Vector& model, Vector& gradient)>
        gradient;
    Vector smoothness;           ///< by worker, of its loss
    double rate;                 ///< 1 / smoothness of the sum of the losses
    Vector coordinateSmoothness; ///< of the mean of the losses, by coordinate

    /** @return gradient of the sum of the losses */
    Vector SumGradient(const Vector& model, uint32_t round = 0) const
    {
        Vector sum(dimension);
        for (uint32_t worker = 0; worker < workers; ++worker)
        {
            Vector one(dimension);
            gradient(worker, round, model, one);
            for (uint32_t i = 0; i < dimension; ++i)
            {
                sum[i] += one[i];
            }
        }
        return sum;
    }

    /** @return sum of the losses */
    double Loss(const Vector& model) const
    {
        double sum = 0;
        for (uint32_t worker = 0; worker < workers; ++worker)
        {
            Vector one(dimension);
            sum += gradient(worker, 0, model, one);
        }
        return sum;
    }

    /** @return the minimum of the sum of the losses, by very many steps of gradient descent */
    double Minimum(uint32_t steps) const
    {
        Vector model(dimension);
        for (uint32_t step = 0; step < steps; ++step)
        {
            const auto sum = SumGradient(model);
            for (uint32_t i = 0; i < dimension; ++i)
            {
                model[i] -= rate * sum[i];
            }
        }
        return Loss(model);
    }
};

/** @return f_m = sum of a_mi (x_i - b_mi)^2 / 2 with a in [0.1, 1.1): heterogeneous, known optimum
 */
inline Toy
MakeQuadratic(uint32_t workers, uint32_t dimension, uint64_t run = 1)
{
    Random random({1, run}, Purpose::TEST, 1);
    auto scale = std::make_shared<std::vector<Vector>>(workers, Vector(dimension));
    auto centre = std::make_shared<std::vector<Vector>>(workers, Vector(dimension));
    Toy toy{workers, dimension, {}, Vector(workers), 0, Vector(dimension)};
    for (uint32_t m = 0; m < workers; ++m)
    {
        for (uint32_t i = 0; i < dimension; ++i)
        {
            const double common = std::pow(30.0, -1.0 * i / dimension);
            (*scale)[m][i] = common * (0.5 + random.Uniform());
            (*centre)[m][i] = random.Normal();
            toy.smoothness[m] = std::max(toy.smoothness[m], (*scale)[m][i]);
            toy.coordinateSmoothness[i] += (*scale)[m][i] / workers;
        }
    }
    toy.rate = 1 / (workers * *std::max_element(toy.coordinateSmoothness.begin(),
                                                toy.coordinateSmoothness.end()));
    toy.gradient = [scale, centre](uint32_t m, uint32_t, const Vector& model, Vector& gradient)
    {
        double loss = 0;
        for (std::size_t i = 0; i < model.size(); ++i)
        {
            const double off = model[i] - (*centre)[m][i];
            gradient[i] = (*scale)[m][i] * off;
            loss += gradient[i] * off / 2;
        }
        return loss;
    };
    return toy;
}

/**
 * Logistic regression, mean loss + lambda/2 ||x||^2, on normal features of decreasing size.
 * @param batch samples of a mini-batch drawn anew each round, 0 for all
 */
inline Toy
MakeLogistic(uint32_t workers, uint32_t samples, uint32_t dimension, double lambda, uint32_t batch)
{
    Random random({1, 1}, Purpose::TEST, 2);
    auto features = std::make_shared<std::vector<std::vector<Vector>>>(workers);
    auto labels = std::make_shared<std::vector<Vector>>(workers);
    Vector truth(dimension);
    for (auto& value : truth)
    {
        value = random.Normal();
    }
    for (uint32_t m = 0; m < workers; ++m)
    {
        for (uint32_t s = 0; s < samples; ++s)
        {
            Vector x(dimension);
            double margin = 0;
            for (uint32_t i = 0; i < dimension; ++i)
            {
                x[i] = random.Normal() / (1.0 + i);
                margin += x[i] * truth[i];
            }
            (*features)[m].push_back(x);
            (*labels)[m].push_back(margin + random.Normal() > 0 ? 1 : -1);
        }
    }
    // The largest curvature of the sum is that of its quadratic bound, by power iteration.
    Vector direction(dimension, 1);
    double curvature = 0;
    for (uint32_t step = 0; step < 200; ++step)
    {
        Vector image(dimension);
        for (const auto& own : *features)
        {
            for (const auto& x : own)
            {
                double product = 0;
                for (uint32_t i = 0; i < dimension; ++i)
                {
                    product += x[i] * direction[i];
                }
                for (uint32_t i = 0; i < dimension; ++i)
                {
                    image[i] += product * x[i] / samples / 4;
                }
            }
        }
        curvature = std::sqrt(SquaredNorm(image));
        for (uint32_t i = 0; i < dimension; ++i)
        {
            direction[i] = image[i] / curvature;
        }
    }
    Toy toy{workers, dimension, {}, {}, 1 / (curvature + workers * lambda), {}};
    toy.gradient = [=](uint32_t m, uint32_t round, const Vector& model, Vector& gradient)
    {
        std::fill(gradient.begin(), gradient.end(), 0.0);
        double loss = 0;
        Random draws({1, 1}, Purpose::TEST, 3 + m, round);
        const uint32_t count = batch == 0 ? samples : batch;
        for (uint32_t k = 0; k < count; ++k)
        {
            const uint32_t s = batch == 0 ? k : draws.Below(samples);
            const auto& x = (*features)[m][s];
            const double y = (*labels)[m][s];
            double margin = 0;
            for (uint32_t i = 0; i < dimension; ++i)
            {
                margin += y * x[i] * model[i];
            }
            loss += std::log1p(std::exp(-margin)) / count;
            for (uint32_t i = 0; i < dimension; ++i)
            {
                gradient[i] -= y * x[i] / (1 + std::exp(margin)) / count;
            }
        }
        for (uint32_t i = 0; i < dimension; ++i)
        {
            gradient[i] += lambda * model[i];
            loss += lambda * model[i] * model[i] / 2;
        }
        return loss;
    };
    return toy;
}

/**
 * The synthetic regression of the LAG authors' program (arXiv:1805.09965): f_m = ||X_m x - y||^2 /
 * 2 with X_m = 1.3^m q_m q_m' + I, q_m orthonormal, 50 x 50, 9 workers of very different
 * smoothness; y is drawn here, the same for all.
 */
inline Toy
MakeLagRegression()
{
    constexpr uint32_t workers = 9;
    constexpr uint32_t dimension = 50;
    Random random({1, 1}, Purpose::TEST, 4);
    auto basis = std::make_shared<std::vector<Vector>>();
    for (uint32_t m = 0; m < workers; ++m)
    {
        Vector q(dimension);
        for (auto& value : q)
        {
            value = random.Normal();
        }
        for (const auto& other : *basis)
        {
            double product = 0;
            for (uint32_t i = 0; i < dimension; ++i)
            {
                product += q[i] * other[i];
            }
            for (uint32_t i = 0; i < dimension; ++i)
            {
                q[i] -= product * other[i];
            }
        }
        double norm = 0;
        for (const double value : q)
        {
            norm += value * value;
        }
        for (auto& value : q)
        {
            value /= std::sqrt(norm);
        }
        basis->push_back(q);
    }
    Vector y(dimension);
    for (auto& value : y)
    {
        value = random.Normal();
    }
    Toy toy{workers, dimension, {}, {}, 0, {}};
    for (uint32_t m = 0; m < workers; ++m)
    {
        toy.smoothness.push_back(std::pow(std::pow(1.3, m) + 1, 2));
    }
    // Along q_m the sum has the curvature L_m + workers - 1.
    toy.rate = 1 / (toy.smoothness.back() + workers - 1);
    toy.gradient = [basis, y](uint32_t m, uint32_t, const Vector& model, Vector& gradient)
    {
        const auto& q = (*basis)[m];
        const double factor = std::pow(1.3, m);
        const auto apply = [&](const Vector& x)
        {
            double product = 0;
            for (std::size_t i = 0; i < x.size(); ++i)
            {
                product += q[i] * x[i];
            }
            Vector result = x;
            for (std::size_t i = 0; i < x.size(); ++i)
            {
                result[i] += factor * product * q[i];
            }
            return result;
        };
        auto residual = apply(model);
        double loss = 0;
        for (std::size_t i = 0; i < y.size(); ++i)
        {
            residual[i] -= y[i];
            loss += residual[i] * residual[i] / 2;
        }
        gradient = apply(residual);
        return loss;
    };
    return toy;
}

/** A worker's view of a toy; counts the gradients that it computes. */
class ToyContext : public WorkerContext<double>
{
  public:
    ToyContext(const Toy& toy, uint32_t worker, uint32_t round, SharedModel<double> model)
        : m_toy(toy),
          m_worker(worker),
          m_round(round),
          m_model(std::move(model)),
          m_draws({1, 1}, Purpose::TEST, 1000 + worker, round)
    {
    }

    SharedModel<double> Model() const override
    {
        return m_model;
    }

    uint32_t Round() const override
    {
        return m_round;
    }

    uint32_t Exchange() const override
    {
        return 0;
    }

    const ReceivedUpdate<double>* Answer() const override
    {
        return nullptr;
    }

    double Gradient(const Vector& model, uint32_t step, Vector& gradient) override
    {
        EXPECT_EQ(step, 0U) << "the same batch for all gradients of a round";
        ++gradients;
        const Vector parameters(model.begin(), model.begin() + gradient.size());
        return m_toy.gradient(m_worker, m_round, parameters, gradient);
    }

    Random& Draws() override
    {
        return m_draws;
    }

    uint32_t gradients{0}; ///< how many were computed

  private:
    const Toy& m_toy;
    uint32_t m_worker;
    uint32_t m_round;
    SharedModel<double> m_model;
    Random m_draws;
};

/** What a worker uploaded in a round, as the server got it. */
struct ToyUpload
{
    Update<double> sent;                            ///< as the worker made it
    std::optional<ReceivedUpdate<double>> received; ///< as it arrived, if any of it did
    Ranges missing;                                 ///< what did not
};

/** Both halves of an algorithm on a toy, with losses as a test decides. */
class ToyRun
{
  public:
    /**
     * @param algorithm as the user types it
     * @param toy what is minimised, on which the run keeps a reference
     * @param rate step size
     */
    ToyRun(const std::string& algorithm, const Toy& toy, const LearningRate& rate)
        : m_toy(toy),
          m_model(std::make_shared<const Vector>(toy.dimension))
    {
        AlgorithmSetup setup{toy.workers, toy.dimension, {}, rate, 10, 1, {}, {}};
        const uint32_t half = toy.dimension / 2;
        if (half > 0)
        {
            setup.tensors.push_back({"first", 0, 1, half});
        }
        setup.tensors.push_back({"second", half, 1, toy.dimension - half});
        setup.samples.assign(toy.workers, 100);
        if (!toy.smoothness.empty())
        {
            setup.smoothness = [&toy](uint32_t worker)
            {
                return toy.smoothness[worker];
            };
        }
        if (!toy.coordinateSmoothness.empty())
        {
            setup.coordinateSmoothness = [&toy]
            {
                return toy.coordinateSmoothness;
            };
        }
        m_algorithm = MakeAlgorithm<double>(algorithm, setup);
        m_server = m_algorithm->MakeServer();
        auto start = *m_model;
        start.resize(start.size() + m_algorithm->Traits().companions.Size());
        m_model = std::make_shared<const Vector>(std::move(start));
        for (uint32_t worker = 0; worker < toy.workers; ++worker)
        {
            m_halves.push_back(m_algorithm->MakeWorker({worker, 100}));
            m_halves.back()->Observe(0, m_model);
            m_held.push_back(m_model);
        }
    }

    /** @return coordinates of a worker's upload that are lost */
    using Loss = std::function<Ranges(uint32_t worker)>;

    /**
     * Runs a round.
     * @param loss what is lost of the uploads
     * @param deaf workers that do not hear this round's broadcast
     */
    void Round(const Loss& loss = {}, const std::vector<uint32_t>& deaf = {})
    {
        const auto asked = m_server->Select(m_round, 0, UpTo(m_toy.workers));
        uploads.clear();
        const bool all = m_algorithm->Traits().audience == Audience::LIVE;
        for (const uint32_t worker : all ? UpTo(m_toy.workers) : asked)
        {
            if (std::find(deaf.begin(), deaf.end(), worker) == deaf.end())
            {
                Catch(worker);
            }
        }
        for (const uint32_t worker : asked)
        {
            Compute(worker, loss);
        }
        auto closing = m_server->Close(m_round);
        EXPECT_FALSE(closing.another);
        direction = closing.update;
        auto model = *m_model;
        m_algorithm->Apply({direction, {}}, m_round, model);
        m_algorithm->RememberChange(*m_model, model);
        m_model = std::make_shared<const Vector>(std::move(model));
        ++m_round;
    }

    /** @return the parameters of the server's model */
    Vector Model() const
    {
        return Parameters(*m_model);
    }

    /** @return the parameters of the model that a worker holds */
    Vector Held(uint32_t worker) const
    {
        return Parameters(*m_held[worker]);
    }

    /** @return rounds so far */
    uint32_t Rounds() const
    {
        return m_round;
    }

    WorkerHalf<double>& Half(uint32_t worker)
    {
        return *m_halves[worker];
    }

    const Algorithm<double>& Method() const
    {
        return *m_algorithm;
    }

    std::map<uint32_t, ToyUpload> uploads; ///< of the last round, by worker
    Update<double> direction;              ///< how the model moved last
    uint64_t uploadCount{0};               ///< uploads so far
    uint64_t valueCount{0};                ///< values sent so far

  private:
    Vector Parameters(const Vector& model) const
    {
        return Vector(model.begin(), model.begin() + m_toy.dimension);
    }

    /** A worker hears the current model, and what of its past it cannot work out itself. */
    void Catch(uint32_t worker)
    {
        m_held[worker] = m_model;
        m_halves[worker]->Observe(m_round, m_model);
    }

    void Compute(uint32_t worker, const Loss& loss)
    {
        auto& half = *m_halves[worker];
        ToyContext context(m_toy, worker, m_round, m_held[worker]);
        const auto work = half.DeclareWork(context);
        double value = 0;
        auto update = half.Compute(context, value);
        EXPECT_EQ(work.gradientEvaluations, context.gradients);
        EXPECT_EQ(work.samples, 10 * context.gradients);
        half.Adopt();
        if (!update)
        {
            m_server->Skipped(worker);
            return;
        }
        ++uploadCount;
        const Ranges missing = loss ? loss(worker) : Ranges{};
        ToyUpload upload{*update, std::nullopt, missing};
        Damage(*update, missing);
        if (Count(missing) < m_toy.dimension)
        {
            upload.received = ReceivedUpdate<double>{*update, missing};
            m_server->Accept({worker, 0, 100, *upload.received});
        }
        uploads.emplace(worker, std::move(upload));
        if (m_algorithm->Traits().committed)
        {
            half.Confirm({m_round, 0, missing});
        }
    }

    /** Takes out of an update what was lost. */
    void Damage(Update<double>& update, const Ranges& missing)
    {
        const auto isLost = [&](uint32_t i)
        {
            return std::any_of(missing.begin(),
                               missing.end(),
                               [i](const Range& range)
                               { return range.first <= i && i < range.end; });
        };
        if (auto* sparse = std::get_if<SparseUpdate<double>>(&update))
        {
            valueCount += sparse->indices.size();
            SparseUpdate<double> left{sparse->size, {}, {}, sparse->code};
            for (std::size_t i = 0; i < sparse->indices.size(); ++i)
            {
                if (!isLost(sparse->indices[i]))
                {
                    left.indices.push_back(sparse->indices[i]);
                    left.values.push_back(sparse->values[i]);
                }
            }
            update = left;
        }
        else if (auto* dense = std::get_if<DenseUpdate<double>>(&update))
        {
            valueCount += dense->values.size();
            for (uint32_t i = 0; i < dense->values.size(); ++i)
            {
                dense->values[i] = isLost(i) ? 0 : dense->values[i];
            }
        }
        else
        {
            auto& levels = std::get<QuantisedUpdate<double>>(update).levels;
            for (uint32_t i = 0; i < levels.size(); ++i)
            {
                valueCount += levels[i] != 0;
                levels[i] = isLost(i) ? 0 : levels[i];
            }
        }
    }

    const Toy& m_toy;
    std::unique_ptr<Algorithm<double>> m_algorithm;
    std::unique_ptr<ServerHalf<double>> m_server;
    std::vector<std::unique_ptr<WorkerHalf<double>>> m_halves;
    uint32_t m_round{0};
    SharedModel<double> m_model;
    std::vector<SharedModel<double>> m_held; ///< by worker
};

/** @return a loss that takes a random range of some uploads, and all of others */
inline ToyRun::Loss
RandomLoss(Random& random, uint32_t dimension)
{
    return [&random, dimension](uint32_t) -> Ranges
    {
        const double fate = random.Uniform();
        if (fate < 0.6)
        {
            return {};
        }
        if (fate < 0.75)
        {
            return {{0, dimension}};
        }
        const uint32_t first = random.Below(dimension);
        return {{first, first + 1 + random.Below(dimension - first)}};
    };
}

/** @return a loss that takes each of so many equal segments of an upload with some probability */
inline ToyRun::Loss
SegmentLoss(Random& random, uint32_t dimension, uint32_t segments, double probability)
{
    return [&random, dimension, segments, probability](uint32_t)
    {
        Ranges missing;
        for (uint32_t i = 0; i < segments; ++i)
        {
            if (random.Uniform() < probability)
            {
                Append(missing, {i * dimension / segments, (i + 1) * dimension / segments});
            }
        }
        return missing;
    };
}

/** @return the numbers of an update, 0 where it has none */
inline Vector
ValuesOf(const Update<double>& update, uint32_t dimension)
{
    Vector values(dimension);
    if (const auto* sparse = std::get_if<SparseUpdate<double>>(&update))
    {
        for (std::size_t i = 0; i < sparse->indices.size(); ++i)
        {
            values[sparse->indices[i]] = sparse->values[i];
        }
    }
    else if (const auto* quantised = std::get_if<QuantisedUpdate<double>>(&update))
    {
        std::size_t block = 0;
        for (uint32_t i = 0; i < dimension; ++i)
        {
            block += i == (*quantised->blocks)[block];
            values[i] = quantised->scales[block] * quantised->levels[i] / quantised->steps;
        }
    }
    else
    {
        values = std::get<DenseUpdate<double>>(update).values;
    }
    return values;
}

/** @return largest distance between two entries */
inline double
MaxDistance(const Vector& a, const Vector& b)
{
    double distance = 0;
    for (std::size_t i = 0; i < a.size(); ++i)
    {
        distance = std::max(distance, std::abs(a[i] - b[i]));
    }
    return distance;
}

} // namespace fl::test

#endif // FL_TOY_PROBLEMS_H
