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
    const auto choice = Registry<AlgorithmFactory>::Get().Choose(text, "--algorithm");
    if constexpr (std::is_same_v<S, float>)
    {
        return choice.factory.makeFloat(choice.parameters, setup);
    }
    else
    {
        return choice.factory.makeDouble(choice.parameters, setup);
    }
}

template std::unique_ptr<Algorithm<float>> MakeAlgorithm(const std::string& text,
                                                         const AlgorithmSetup& setup);
template std::unique_ptr<Algorithm<double>> MakeAlgorithm(const std::string& text,
                                                          const AlgorithmSetup& setup);

} // namespace fl
