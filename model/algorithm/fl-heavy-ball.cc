/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/fl-heavy-ball.h"

namespace fl
{

template <typename S>
HeavyBall<S>::HeavyBall(uint32_t dimension, double momentum, double decay)
    : m_momentum(static_cast<S>(momentum)),
      m_decay(static_cast<S>(decay)),
      m_velocity(momentum == 0 ? 0 : dimension)
{
}

template <typename S>
void
HeavyBall<S>::Observe(const SharedModel<S>& model)
{
    m_model = model;
}

template <typename S>
S
HeavyBall<S>::Step(uint32_t i, S gradient)
{
    if (m_decay != 0)
    {
        gradient += m_decay * (*m_model)[i];
    }
    if (m_momentum == 0)
    {
        return gradient;
    }
    m_velocity[i] = m_momentum * m_velocity[i] + gradient;
    return m_velocity[i];
}

template class HeavyBall<float>;
template class HeavyBall<double>;

} // namespace fl
