/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/fl-local-sgd.h"

#include <cassert>

namespace fl
{

template <typename S>
double
LocalSgd::Run(WorkerContext<S>& context, std::vector<S>& difference) const
{
    assert(steps > 0);
    const auto start = context.Model();
    const auto size = static_cast<uint32_t>(start->size());
    const double roundRate = rate.At(context.Round());
    const auto stepSize = static_cast<S>(roundRate);
    const auto pull = static_cast<S>(roundRate * proximal);
    auto model = *start;
    double loss = 0;
    for (uint32_t step = 0; step < steps; ++step)
    {
        loss += context.Gradient(model, step, difference);
        for (uint32_t i = 0; i < size; ++i)
        {
            model[i] -= stepSize * difference[i];
            if (pull != 0)
            {
                model[i] = (*start)[i] + (model[i] - (*start)[i]) / (1 + pull);
            }
        }
    }
    for (uint32_t i = 0; i < size; ++i)
    {
        difference[i] = (*start)[i] - model[i];
    }
    return loss / steps;
}

template double LocalSgd::Run(WorkerContext<float>& context, std::vector<float>& difference) const;
template double LocalSgd::Run(WorkerContext<double>& context,
                              std::vector<double>& difference) const;

} // namespace fl
