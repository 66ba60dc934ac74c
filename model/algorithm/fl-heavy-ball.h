/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef FL_HEAVY_BALL_H
#define FL_HEAVY_BALL_H

#include "ns3/fl-algorithm.h"

#include <cstdint>
#include <vector>

namespace fl
{

/**
 * Momentum (Polyak's heavy ball) and coupled weight decay at the server, in the convention of
 * PyTorch's SGD: v <- momentum * v + (gradient + decay * x), from v = 0; the model then moves along
 * v, x <- x - rate * v.
 *
 * @tparam S the scalar, float or double
 */
template <typename S>
class HeavyBall
{
  public:
    /**
     * @param dimension number of coordinates
     * @param momentum at least 0, below 1
     * @param decay weight decay, at least 0
     */
    HeavyBall(uint32_t dimension, double momentum, double decay);

    /** @param model the model that the next steps start from; kept until the next call */
    void Observe(const SharedModel<S>& model);

    /**
     * Moves one coordinate of v; one that is not moved keeps its velocity.
     * @param i the coordinate
     * @param gradient the gradient along it
     * @return v there
     */
    S Step(uint32_t i, S gradient);

  private:
    S m_momentum;
    S m_decay;
    SharedModel<S> m_model;
    std::vector<S> m_velocity; ///< v; empty without momentum
};

} // namespace fl

#endif // FL_HEAVY_BALL_H
