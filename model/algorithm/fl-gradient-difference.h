/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef FL_GRADIENT_DIFFERENCE_H
#define FL_GRADIENT_DIFFERENCE_H

#include "ns3/fl-algorithm.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

namespace fl
{

/**
 * A worker that uploads the difference between its gradient and what the server holds of it: the
 * sum of all that the server accepted before. What is lost or cut off is part of the next
 * difference.
 *
 * @tparam S the scalar, float or double
 */
template <typename S>
class DifferenceWorker : public WorkerHalf<S>
{
  public:
    /**
     * @param setup what the method is built for
     * @param worker for whom
     * @param code how values travel
     */
    DifferenceWorker(const AlgorithmSetup& setup, const WorkerSetup& worker, ValueCode code);

    Work DeclareWork(const WorkerContext<S>& context) const override;
    std::optional<Update<S>> Compute(WorkerContext<S>& context, double& loss) override;
    void Adopt() override;
    void Confirm(const Receipt& receipt) override;

  protected:
    /** @return coordinates of which the server has never accepted anything */
    const Ranges& Unheard() const
    {
        return m_unheard;
    }

  private:
    /**
     * Decides what is sent; all of it, if a method does not override this.
     * @param difference one number a coordinate
     * @param context what the worker has
     * @return a dense or sparse update with some of these numbers, among them all unheard ones, or
     * nothing
     */
    virtual std::optional<Update<S>> Choose(std::vector<S> difference,
                                            const WorkerContext<S>& context) const;

    uint32_t m_dimension;
    uint64_t m_batch;
    ValueCode m_code;
    std::vector<S> m_held;            ///< what the server holds of this worker's gradient
    Ranges m_unheard;                 ///< where that is nothing yet
    std::optional<Update<S>> m_draft; ///< the upload under way
    std::optional<Update<S>> m_sent;  ///< the upload in flight
};

/**
 * Keeps the sum of what it holds of every worker's gradient, which is the sum of all differences
 * ever accepted, and steps along it.
 * @tparam S the scalar, float or double
 */
template <typename S>
class GradientSumServer : public ServerHalf<S>
{
  public:
    /** @param dimension number of model parameters */
    explicit GradientSumServer(uint32_t dimension);

    void Accept(Contribution<S> contribution) override;
    void AcceptSum(const std::vector<S>& sum, uint32_t workers) override;
    Closing<S> Close(uint32_t round) override;

  private:
    std::vector<S> m_sum;
};

/**
 * What the methods with DifferenceWorker and GradientSumServer have in common: committed state, the
 * dense model on the way down, x <- x - rate * sum.
 * @tparam S the scalar, float or double
 */
template <typename S>
class DifferenceAlgorithm : public Algorithm<S>
{
  public:
    /**
     * @param parameters with `Form` and `Value`
     * @param setup what it is for
     */
    DifferenceAlgorithm(const Parameters& parameters, const AlgorithmSetup& setup);

    AlgorithmTraits Traits() const override;
    std::unique_ptr<WorkerHalf<S>> MakeWorker(const WorkerSetup& worker) const override;
    std::unique_ptr<ServerHalf<S>> MakeServer() const override;
    MessageShape UploadShape(uint32_t exchange) const override;
    void Apply(const ReceivedUpdate<S>& received,
               uint32_t round,
               std::vector<S>& model) const override;

  protected:
    const AlgorithmSetup m_setup; ///< what it is for
    const ValueCode m_code;       ///< how values travel on the way up
    const LearningRate m_rate;    ///< step size on the sum of the gradients
};

} // namespace fl

#endif // FL_GRADIENT_DIFFERENCE_H
