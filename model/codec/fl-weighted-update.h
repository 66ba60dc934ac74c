/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef FL_WEIGHTED_UPDATE_H
#define FL_WEIGHTED_UPDATE_H

#include "ns3/fl-error.h"
#include "ns3/fl-update.h"

#include <variant>
#include <vector>

namespace fl
{

/**
 * Multiplies the numbers of an update.
 * @tparam S the scalar, float or double
 */
template <typename S>
class UpdateWeight
{
  public:
    /** @param weight the factor */
    explicit UpdateWeight(S weight)
        : m_weight(weight)
    {
    }

    /** @param update whose values are multiplied; likewise below */
    void operator()(DenseUpdate<S>& update) const
    {
        Multiply(update.values);
    }

    void operator()(NaturalUpdate<S>& update) const
    {
        Multiply(update.values);
    }

    void operator()(SparseUpdate<S>& update) const
    {
        Multiply(update.values);
    }

    void operator()(SeededUpdate<S>& update) const
    {
        Multiply(update.values);
    }

    void operator()(ScaledSignUpdate<S>& update) const
    {
        Multiply(update.plus);
        Multiply(update.minus);
    }

    void operator()(ScaledTernaryUpdate<S>& update) const
    {
        Multiply(update.scales);
    }

    void operator()(QuantisedUpdate<S>& update) const
    {
        Multiply(update.scales);
    }

    void operator()(SignUpdate& /* update */) const
    {
        Refuse();
    }

    void operator()(TernaryUpdate& /* update */) const
    {
        Refuse();
    }

  private:
    void Multiply(std::vector<S>& values) const
    {
        for (S& value : values)
        {
            value *= m_weight;
        }
    }

    [[noreturn]] static void Refuse()
    {
        throw UserError("--mode, --late-uploads: votes have no weight that could be made smaller; "
                        "give Exponent=0");
    }

    S m_weight;
};

/**
 * @tparam S the scalar, float or double
 * @param weight the factor
 * @param update all of whose numbers are multiplied by it
 * @throws UserError for bare signs and trits
 */
template <typename S>
void
MultiplyUpdate(S weight, Update<S>& update)
{
    std::visit(UpdateWeight<S>(weight), update);
}

} // namespace fl

#endif // FL_WEIGHTED_UPDATE_H
