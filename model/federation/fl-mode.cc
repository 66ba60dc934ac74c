/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/fl-mode.h"

#include "ns3/fl-registry.h"

namespace fl
{

namespace
{

const ParameterInfo EXPONENT{"Exponent",
                             ParameterType::REAL,
                             "",
                             "0.5",
                             "an upload counts (1 + staleness)^-Exponent times",
                             0};

const Registration<ModeFactory>
    g_sync("sync",
           "the model moves when the workers that were asked have answered",
           {},
           [](const Parameters&) { return Mode{}; });

const Registration<ModeFactory>
    g_async("async",
            "the model moves with every upload (FedAsync, arXiv:1903.03934)",
            {EXPONENT},
            [](const Parameters& parameters) {
                return Mode{1, {true, parameters.Real("Exponent")}};
            });

const Registration<ModeFactory>
    g_buffered("buffered",
               "the model moves when K uploads have come (FedBuff, arXiv:2106.06639)",
               {{"K",
                 ParameterType::INTEGER,
                 "",
                 "10",
                 "uploads from one step of the model to the next",
                 1,
                 65535},
                EXPONENT},
               [](const Parameters& parameters)
               {
                   return Mode{static_cast<uint32_t>(parameters.Integer("K")),
                               {true, parameters.Real("Exponent")}};
               });

} // namespace

Mode
Mode::Parse(const std::string& text)
{
    const auto choice = Registry<ModeFactory>::Get().Choose(text, "--mode");
    return choice.factory(choice.parameters);
}

} // namespace fl
