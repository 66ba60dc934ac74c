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
    const std::string option = "--dataset";
    const NameSpec spec = NameSpec::Parse(text, option);
    const auto& entry = Registry<DatasetFactory>::Get().Find(spec.name, option);
    return entry.factory(Parameters(entry.parameters, spec, option), runSeed);
}

} // namespace fl
