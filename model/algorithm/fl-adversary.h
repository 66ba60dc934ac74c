/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef FL_ADVERSARY_H
#define FL_ADVERSARY_H

#include "ns3/fl-parameters.h"
#include "ns3/fl-random.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace fl
{

/**
 * What a dishonest worker does. Most make something else of the gradient before the method sees it,
 * or with methods that have AlgorithmTraits::votes of the vector that is voted with. It knows
 * neither the other workers' gradients nor the method: a blind adversary in the sense of Bernstein
 * et al. (arXiv:1810.05291, section 3).
 */
class Adversary
{
  public:
    virtual ~Adversary() = default;

    /**
     * @param value an entry of the true vector
     * @param draws the worker's stream of this kind of draws in this round
     * @return the entry that is used instead
     */
    virtual double Distort(double value, [[maybe_unused]] Random& draws) const
    {
        return value;
    }

    /** @return whether it computes and then says nothing, not even that it has nothing to send */
    virtual bool IsSilent() const
    {
        return false;
    }

    /**
     * @return whether it computes true gradients of false data: of c classes, class i becomes class
     *         c - 1 - i, and a real-valued target its negative
     */
    virtual bool FlipsLabels() const
    {
        return false;
    }
};

/** Makes an adversary. */
using AdversaryFactory = std::function<std::unique_ptr<Adversary>(const Parameters&)>;

/** Which workers lie, and how. */
struct Dishonesty
{
    std::shared_ptr<const Adversary> adversary; ///< null if all are honest
    uint32_t count{0};                          ///< workers 0 to count - 1 lie

    /**
     * @param worker a worker
     * @return how it lies; null if it is honest
     */
    const Adversary* Of(uint32_t worker) const
    {
        return worker < count ? adversary.get() : nullptr;
    }
};

/**
 * @param text what the user typed, `none` or `name[Fraction=share|Key=value|...]`; of the workers
 *        that share, rounded down, lies
 * @param workers number of workers
 * @return who lies, and how
 * @throws UserError for an unknown name or parameter
 */
Dishonesty MakeDishonesty(const std::string& text, uint32_t workers);

} // namespace fl

#endif // FL_ADVERSARY_H
