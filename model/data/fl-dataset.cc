/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/fl-dataset.h"

#include "ns3/fl-registry.h"

namespace fl
{

DatasetPair
MakeDataset(const std::string& text, const RunSeed& runSeed)
{
    const auto choice = Registry<DatasetFactory>::Get().Choose(text, "--dataset");
    return choice.factory(choice.parameters, runSeed);
}

} // namespace fl
