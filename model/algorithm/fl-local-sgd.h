/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef FL_LOCAL_SGD_H
#define FL_LOCAL_SGD_H

#include "ns3/fl-algorithm.h"

#include <cstdint>
#include <vector>

namespace fl
{

/** Training at a worker between two exchanges: steps of mini-batch SGD from the model it holds. */
struct LocalSgd
{
    uint32_t steps;      ///< number of steps, at least 1
    LearningRate rate;   ///< step size
    double proximal{0};  ///< mu of FedProx, 0 for none
    uint64_t samples{0}; ///< samples that all steps read together

    /** @return the work of these steps @param dimension number of parameters, encoded once */
    Work Declare(uint32_t dimension) const
    {
        return {steps, samples, steps, dimension};
    }

    /**
     * Takes the steps w <- w - rate * gradient; with a proximal term each is followed by the exact
     * minimisation of (mu / 2) |w - start|^2 + |w - step|^2 / (2 rate), which draws w to
     * start + (step - start) / (1 + rate * mu) and is stable for every mu.
     * @param context the worker's
     * @param difference of full size; set to start - w, so that subtracting it is the same step
     * @return mean loss of the batches, each before its step
     */
    template <typename S>
    double Run(WorkerContext<S>& context, std::vector<S>& difference) const;
};

} // namespace fl

#endif // FL_LOCAL_SGD_H
