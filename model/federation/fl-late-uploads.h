/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef FL_LATE_UPLOADS_H
#define FL_LATE_UPLOADS_H

#include "ns3/fl-algorithm.h"
#include "ns3/fl-parameters.h"

#include <functional>
#include <string>

namespace fl
{

/** What an upload is worth that is still on its way when its round closes. */
struct LateUploads
{
    bool count{false}; ///< whether they count in the round in which they arrive
    /**
     * An upload for the model of s versions ago is multiplied by (1 + s)^-exponent (the polynomial
     * staleness weight of Xie et al., arXiv:1903.03934, section 5); 0 for no weight.
     */
    double exponent{0};

    /**
     * @param text `drop`, `next` or `weighted[Exponent=number]`
     * @return what it means
     * @throws UserError for anything else
     */
    static LateUploads Parse(const std::string& text);

    /**
     * @param option of the command line, for the message
     * @param algorithm as the user typed it
     * @param traits of that algorithm
     * @throws UserError if late uploads of this algorithm cannot count, or not with a weight
     */
    void Check(const std::string& option,
               const std::string& algorithm,
               const AlgorithmTraits& traits) const;

    /**
     * @param staleness how many versions ago the model of an upload was current
     * @return by how much the upload is multiplied
     */
    double Weight(uint32_t staleness) const;
};

/** Makes what a name of --late-uploads means. */
using LateUploadsFactory = std::function<LateUploads(const Parameters&)>;

} // namespace fl

#endif // FL_LATE_UPLOADS_H
