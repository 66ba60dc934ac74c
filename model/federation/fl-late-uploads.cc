/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/fl-late-uploads.h"

#include "ns3/fl-error.h"
#include "ns3/fl-registry.h"

#include <cmath>

namespace fl
{

namespace
{

const Registration<LateUploadsFactory>
    g_drop("drop",
           "what has not come when the round closes does not count",
           {},
           [](const Parameters&) { return LateUploads{}; });

const Registration<LateUploadsFactory> g_next(
    "next",
    "an upload counts in full in the round in which it arrives; until then its worker is not asked",
    {},
    [](const Parameters&) {
        return LateUploads{true, 0};
    });

const Registration<LateUploadsFactory> g_weighted(
    "weighted",
    "the same, times (1 + staleness)^-Exponent (arXiv:1903.03934)",
    {{"Exponent", ParameterType::REAL, "", "0.5", "how fast old uploads lose their weight", 0}},
    [](const Parameters& parameters) {
        return LateUploads{true, parameters.Real("Exponent")};
    });

} // namespace

LateUploads
LateUploads::Parse(const std::string& text)
{
    const auto choice = Registry<LateUploadsFactory>::Get().Choose(text, "--late-uploads");
    return choice.factory(choice.parameters);
}

void
LateUploads::Check(const std::string& option,
                   const std::string& algorithm,
                   const AlgorithmTraits& traits) const
{
    if (count && traits.synchronousOnly)
    {
        throw UserError(option + ": " + algorithm +
                        " can use an upload only in the round that it belongs to; take sync with "
                        "--late-uploads=drop, or another algorithm");
    }
    if (exponent > 0 && traits.committed)
    {
        throw UserError(option + ": workers of " + algorithm +
                        " count on it that what was accepted was used as they sent it; weights are "
                        "not possible, give Exponent=0 or --late-uploads=next");
    }
}

double
LateUploads::Weight(uint32_t staleness) const
{
    return std::pow(1.0 + staleness, -exponent);
}

} // namespace fl
