/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef FL_OBJECTIVE_H
#define FL_OBJECTIVE_H

#include "ns3/fl-dataset.h"
#include "ns3/fl-parameters.h"
#include "ns3/fl-random.h"
#include "ns3/fl-tensor.h"

#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace fl
{

/** How well a model does on a set of samples. */
struct Evaluation
{
    double loss{0};     ///< mean loss per sample, a penalty on the model included
    double accuracy{0}; ///< share of samples whose class is predicted, 0 to 1; not a number if the
                        ///< objective predicts no classes
    /** mean over the workers of the loss over all samples of each; not a number if not asked for */
    double trainObjective{std::numeric_limits<double>::quiet_NaN()};
};

/**
 * What is minimised: a mean loss over samples as a function of a model, which is a vector of
 * Dimension() parameters. Objects are immutable; every function may be called from several threads
 * at once, and its result depends on its arguments alone, bit for bit.
 *
 * @tparam S the scalar, float or double
 */
template <typename S>
class Objective
{
  public:
    virtual ~Objective() = default;

    /** @return number of model parameters */
    uint32_t Dimension() const;

    /** @return the blocks of the model; they cover it without gap or overlap, in order */
    virtual std::vector<Tensor> Tensors() const = 0;

    /**
     * Writes an initial model.
     * @param random where the draws come from
     * @param model Dimension() numbers, overwritten
     */
    virtual void Initialise(Random& random, S* model) const = 0;

    /**
     * Mean loss over a batch, and its gradient.
     * @param model Dimension() numbers
     * @param batch at least one sample
     * @param gradient Dimension() numbers, overwritten
     * @return the loss
     */
    virtual double Gradient(const S* model, const Batch& batch, S* gradient) const = 0;

    /**
     * @param model Dimension() numbers
     * @param dataset the samples, all of which are used
     * @return mean loss and accuracy
     */
    virtual Evaluation Evaluate(const S* model, const Dataset& dataset) const = 0;

    /** @return floating-point operations of one gradient, per sample, forward and backward */
    virtual double GradientFlopsPerSample() const = 0;

    /**
     * The smoothness constant of the mean loss over a batch: no eigenvalue of its Hessian is larger
     * in magnitude, at any model that has a Hessian. A batch of all of a worker's samples gives the
     * constant of that worker's objective.
     * @param batch at least one sample
     * @return the constant, or nothing if none is known
     */
    virtual std::optional<double> Smoothness([[maybe_unused]] const Batch& batch) const
    {
        return std::nullopt;
    }

    /**
     * The same by coordinate: bounds of the diagonal of the Hessian.
     * @param batch at least one sample
     * @return Dimension() numbers, or none if they are not known
     */
    virtual std::vector<double> CoordinateSmoothness([[maybe_unused]] const Batch& batch) const
    {
        return {};
    }
};

/** What an objective must know of its data. */
struct DataShape
{
    uint32_t features;  ///< numbers per sample
    uint32_t classes;   ///< number of classes, 0 for real-valued targets
    ImageShape image{}; ///< what images the samples are, if they are any
};

/**
 * @param dataset a dataset
 * @return what an objective must know of it
 */
DataShape ShapeOf(const Dataset& dataset);

/** Makes an objective on either scalar. */
struct ObjectiveFactory
{
    /** makes it for training */
    std::function<std::unique_ptr<Objective<float>>(const Parameters&, const DataShape&)> makeFloat;
    /** makes it for deterministic methods */
    std::function<std::unique_ptr<Objective<double>>(const Parameters&, const DataShape&)>
        makeDouble;
};

/**
 * Takes types, not a template: two classes of one name in two files would get one factory.
 * @tparam F an objective on float, whose constructor takes parameters and the shape of the data
 * @tparam D the same on double
 * @return what makes it on either scalar
 */
template <typename F, typename D>
ObjectiveFactory
MakeObjectiveFactory()
{
    return {[](const Parameters& parameters, const DataShape& shape)
            { return std::make_unique<F>(parameters, shape); },
            [](const Parameters& parameters, const DataShape& shape)
            {
                return std::make_unique<D>(parameters, shape);
            }};
}

/**
 * @tparam S the scalar, float or double
 * @param text what the user typed, `name[Key=value|...]`
 * @param shape of the data
 * @return the objective of that name
 * @throws UserError for an unknown name or parameter
 */
template <typename S>
std::unique_ptr<Objective<S>> MakeObjective(const std::string& text, const DataShape& shape);

} // namespace fl

#endif // FL_OBJECTIVE_H
