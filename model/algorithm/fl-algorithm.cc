/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/fl-algorithm.h"

#include "ns3/fl-registry.h"

#include <type_traits>

namespace fl
{

template <typename S>
std::unique_ptr<Algorithm<S>>
MakeAlgorithm(const std::string& text, const AlgorithmSetup& setup)
{
    const std::string option = "--algorithm";
    const auto spec = NameSpec::Parse(text, option);
    const auto& entry = Registry<AlgorithmFactory>::Get().Find(spec.name, option);
    const Parameters parameters(entry.parameters, spec, option);
    if constexpr (std::is_same_v<S, float>)
    {
        return entry.factory.makeFloat(parameters, setup);
    }
    else
    {
        return entry.factory.makeDouble(parameters, setup);
    }
}

template std::unique_ptr<Algorithm<float>> MakeAlgorithm(const std::string& text,
                                                         const AlgorithmSetup& setup);
template std::unique_ptr<Algorithm<double>> MakeAlgorithm(const std::string& text,
                                                          const AlgorithmSetup& setup);

} // namespace fl
