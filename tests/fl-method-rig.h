/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef FL_METHOD_RIG_H
#define FL_METHOD_RIG_H

#include "ns3/fl-algorithm.h"
#include "ns3/fl-random.h"
#include "ns3/fl-update-values.h"

#include <cmath>
#include <cstdint>
#include <functional>
#include <gtest/gtest.h>
#include <memory>
#include <numeric>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace fl::test
{

using Vector = std::vector<double>; ///< numbers, one a coordinate

/** The gradient at a model, of a worker's local step. */
using GradientOf = std::function<Vector(const Vector& model, uint32_t step)>;

/** A worker whose gradients are given. */
class MethodContext : public WorkerContext<double>
{
  public:
    MethodContext(Vector model,
                  GradientOf gradient,
                  uint32_t worker = 0,
                  uint32_t round = 0,
                  uint32_t exchange = 0,
                  std::optional<ReceivedUpdate<double>> answer = std::nullopt)
        : m_model(std::make_shared<const Vector>(std::move(model))),
          m_gradient(std::move(gradient)),
          m_round(round),
          m_exchange(exchange),
          m_answer(std::move(answer)),
          m_draws({1, 1}, Purpose::ALGORITHM, worker, round, exchange)
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
        return m_exchange;
    }

    const ReceivedUpdate<double>* Answer() const override
    {
        return m_answer ? &*m_answer : nullptr;
    }

    double Gradient(const Vector& model, uint32_t step, Vector& gradient) override
    {
        gradient = m_gradient(model, step);
        return 0.5;
    }

    Random& Draws() override
    {
        return m_draws;
    }

  private:
    SharedModel<double> m_model;
    GradientOf m_gradient;
    uint32_t m_round;
    uint32_t m_exchange;
    std::optional<ReceivedUpdate<double>> m_answer;
    Random m_draws;
};

/** @return what an algorithm is built for: no objective, batches of 10 */
inline AlgorithmSetup
MakeMethodSetup(uint32_t workers, uint32_t dimension, double rate, std::vector<Tensor> tensors = {})
{
    AlgorithmSetup setup{};
    setup.workers = workers;
    setup.dimension = dimension;
    setup.tensors =
        tensors.empty() ? std::vector<Tensor>{{"all", 0, 1, dimension}} : std::move(tensors);
    setup.learningRate = rate;
    setup.batch = 10;
    setup.localSteps = 1;
    return setup;
}

/** Both halves of an algorithm of one exchange a round, without anything between them. */
class MethodRig
{
  public:
    MethodRig(const std::string& algorithm, const AlgorithmSetup& setup)
        : model(setup.dimension),
          m_setup(setup),
          m_algorithm(MakeAlgorithm<double>(algorithm, setup)),
          m_server(m_algorithm->MakeServer())
    {
        model.resize(model.size() + m_algorithm->Traits().companions.Size());
        for (uint32_t worker = 0; worker < setup.workers; ++worker)
        {
            m_halves.push_back(m_algorithm->MakeWorker({worker, SamplesOf(worker)}));
        }
    }

    MethodRig(const std::string& algorithm, uint32_t workers, uint32_t dimension, double rate)
        : MethodRig(algorithm, MakeMethodSetup(workers, dimension, rate))
    {
    }

    const Algorithm<double>& Method() const
    {
        return *m_algorithm;
    }

    WorkerHalf<double>& Half(uint32_t worker)
    {
        return *m_halves[worker];
    }

    ServerHalf<double>& Server()
    {
        return *m_server;
    }

    /** @return what a worker would send for given gradients */
    Update<double> Compute(uint32_t worker, const GradientOf& gradient, uint32_t round = 0)
    {
        MethodContext context(model, gradient, worker, round);
        double loss = 0;
        auto update = m_halves[worker]->Compute(context, loss);
        EXPECT_EQ(loss, 0.5);
        EXPECT_TRUE(update.has_value());
        return *update;
    }

    Update<double> Compute(uint32_t worker, const Vector& gradient, uint32_t round = 0)
    {
        return Compute(
            worker,
            [&](const Vector&, uint32_t) { return gradient; },
            round);
    }

    /** A worker computes, its upload arrives but for some coordinates, and it gets the receipt. */
    Update<double>
    Send(uint32_t worker, const Vector& gradient, const Ranges& missing = {}, uint32_t round = 0)
    {
        auto update = Compute(worker, gradient, round);
        m_halves[worker]->Adopt();
        m_server->Accept({worker, 0, SamplesOf(worker), {update, missing}});
        if (m_algorithm->Traits().committed)
        {
            m_halves[worker]->Confirm({round, 0, missing});
        }
        return update;
    }

    /** The server closes the round and the model moves. @return the change */
    Update<double> Close(uint32_t round = 0)
    {
        m_server->Observe(round, std::make_shared<const Vector>(model));
        auto closing = m_server->Close(round);
        EXPECT_FALSE(closing.another);
        const auto before = model;
        m_algorithm->Apply({closing.update, {}}, round, model);
        m_algorithm->RememberChange(before, model);
        return closing.update;
    }

    /** A round in which everything arrives; one gradient a worker. */
    Update<double> Round(const std::vector<Vector>& gradients, uint32_t round = 0)
    {
        for (uint32_t worker = 0; worker < gradients.size(); ++worker)
        {
            Send(worker, gradients[worker], {}, round);
        }
        return Close(round);
    }

    uint64_t SamplesOf(uint32_t worker) const
    {
        return m_setup.samples.empty() ? 100 : m_setup.samples[worker];
    }

    Vector model;

  private:
    AlgorithmSetup m_setup;
    std::unique_ptr<Algorithm<double>> m_algorithm;
    std::unique_ptr<ServerHalf<double>> m_server;
    std::vector<std::unique_ptr<WorkerHalf<double>>> m_halves;
};

/** @return number of coordinates of an update */
inline uint32_t
SizeOf(const Update<double>& update)
{
    return std::visit(
        [](const auto& kind) -> uint32_t
        {
            using Kind = std::decay_t<decltype(kind)>;
            if constexpr (std::is_same_v<Kind, DenseUpdate<double>> ||
                          std::is_same_v<Kind, NaturalUpdate<double>>)
            {
                return static_cast<uint32_t>(kind.values.size());
            }
            else if constexpr (std::is_same_v<Kind, ScaledSignUpdate<double>> ||
                               std::is_same_v<Kind, ScaledTernaryUpdate<double>> ||
                               std::is_same_v<Kind, QuantisedUpdate<double>>)
            {
                return kind.blocks->back();
            }
            else
            {
                return kind.size;
            }
        },
        update);
}

/** @return the numbers that an update says, 0 where it is missing or left out */
inline Vector
ValuesOf(const Update<double>& update, const Ranges& missing = {})
{
    Vector values(SizeOf(update));
    ForEachValue(update, missing, [&](uint32_t i, double value) { values[i] = value; });
    return values;
}

/** @return normal numbers */
inline Vector
DrawNormal(uint32_t size, Random& random, double mean = 0)
{
    Vector values(size);
    for (auto& value : values)
    {
        value = mean + random.Normal();
    }
    return values;
}

/** @return whole numbers from -bound to bound, whose sums are exact */
inline Vector
DrawWhole(uint32_t size, Random& random, uint32_t bound)
{
    Vector values(size);
    for (auto& value : values)
    {
        value = static_cast<double>(random.Below(2 * bound + 1)) - bound;
    }
    return values;
}

/** @return ranges that begin and end anywhere, and leave about half */
inline Ranges
DrawMissing(uint32_t size, Random& random, uint32_t longest)
{
    Ranges missing;
    for (uint32_t i = 0; i < size;)
    {
        const uint32_t end = std::min(size, i + 1 + random.Below(longest));
        if (random.Below(2) == 0)
        {
            Append(missing, {i, end});
        }
        i = end;
    }
    return missing;
}

/** @return whether a coordinate is in one of the ranges */
inline bool
Holds(const Ranges& ranges, uint32_t i)
{
    for (const auto& range : ranges)
    {
        if (range.first <= i && i < range.end)
        {
            return true;
        }
    }
    return false;
}

/** @return sum of squares */
inline double
SquaredNorm(const Vector& values)
{
    return std::inner_product(values.begin(), values.end(), values.begin(), 0.0);
}

/** @return sum of magnitudes */
inline double
AbsoluteSum(const Vector& values)
{
    double sum = 0;
    for (const double value : values)
    {
        sum += std::abs(value);
    }
    return sum;
}

/** @return a - b */
inline Vector
Minus(Vector a, const Vector& b)
{
    for (std::size_t i = 0; i < a.size(); ++i)
    {
        a[i] -= b[i];
    }
    return a;
}

/** @return numbers times a factor */
inline Vector
Times(Vector values, double factor)
{
    for (auto& value : values)
    {
        value *= factor;
    }
    return values;
}

} // namespace fl::test

#endif // FL_METHOD_RIG_H
