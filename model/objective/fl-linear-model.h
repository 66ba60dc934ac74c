/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef FL_LINEAR_MODEL_H
#define FL_LINEAR_MODEL_H

#include "ns3/fl-objective.h"

#include <cstdint>
#include <optional>
#include <vector>

namespace fl
{

/** What a linear model's loss adds for its weights; the bias is free. */
struct Penalties
{
    double l1; ///< factor of the sum of magnitudes
    double l2; ///< factor of half the sum of squares
};

/** @return the parameters that every linear model has: Bias and L2 */
ParameterTable LinearModelParameters();

/**
 * Losses that see a sample through one score, weight . x + bias: regression, and classification
 * with two classes. The loss is the mean over the samples of Loss(score, target), plus penalties.
 *
 * The target of a sample is its real-valued target; or with two classes, 1 for the second and a
 * number that the derived class chooses for the first; or with more classes the class's number. The
 * model is the weights, then the bias if there is one. It begins at 0.
 *
 * Where L1 > 0 the loss has kinks, at which Gradient() gives the subgradient with sign(0) = 0.
 *
 * @tparam S the scalar, float or double
 */
template <typename S>
class LinearModel : public Objective<S>
{
  public:
    /**
     * @param features numbers per sample
     * @param bias whether there is a bias
     * @param first target of a sample of the first of two classes
     * @param penalties both at least 0
     */
    LinearModel(uint32_t features, bool bias, double first, const Penalties& penalties);

    std::vector<Tensor> Tensors() const override;
    void Initialise(Random& random, S* model) const override;
    double Gradient(const S* model, const Batch& batch, S* gradient) const override;

    /** With two classes the second is predicted where the score is above 0. */
    Evaluation Evaluate(const S* model, const Dataset& dataset) const override;

    /** @return the operations of the two matrix products, four for each feature */
    double GradientFlopsPerSample() const override;

    std::optional<double> Smoothness(const Batch& batch) const override;
    std::vector<double> CoordinateSmoothness(const Batch& batch) const override;

  protected:
    /** The loss of one sample. */
    struct SampleLoss
    {
        double loss;  ///< the loss
        double slope; ///< its derivative in the score
    };

    /**
     * @param score weight . x + bias
     * @param target of the sample
     * @return the loss and its derivative
     */
    virtual SampleLoss Loss(double score, double target) const = 0;

    /**
     * @param smallest smallest target of some samples
     * @param largest largest target of these samples
     * @return bound of the magnitude of the loss's second derivative in the score, for any score
     *         and these targets; nothing if none is known
     */
    virtual std::optional<double> Curvature(double smallest, double largest) const = 0;

  private:
    void Scores(const S* model, const Batch& batch) const;
    double Target(const Dataset& dataset, uint32_t sample) const;
    double Penalty(const S* model) const;
    std::optional<double> Curvature(const Batch& batch) const;

    uint32_t m_features;
    bool m_bias;
    double m_firstTarget;
    Penalties m_penalties;
};

} // namespace fl

#endif // FL_LINEAR_MODEL_H
