/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/fl-common-parameters.h"

#include "ns3/fl-error.h"

namespace fl
{

ParameterInfo
ValueParameter()
{
    return {"Value",
            ParameterType::CHOICE,
            "",
            "native",
            "how values are sent: as the run's scalar, binary32 or binary16",
            0,
            0,
            {"native", "single", "half"}};
}

ValueCode
ValueCodeOf(const Parameters& parameters)
{
    const auto& text = parameters.Text("Value");
    return text == "half"     ? ValueCode::HALF
           : text == "single" ? ValueCode::SINGLE
                              : ValueCode::NATIVE;
}

ParameterInfo
FormParameter(const std::string& standard)
{
    return {"Form",
            ParameterType::CHOICE,
            "",
            standard,
            "what is minimised: the sum or the mean of the workers' mean losses",
            0,
            0,
            {"sum", "mean"}};
}

LearningRate
SumRate(const Parameters& parameters, const AlgorithmSetup& setup)
{
    const auto& rate = setup.learningRate;
    return parameters.Text("Form") == "sum" ? rate
                                            : rate.WithInitial(rate.Initial() / setup.workers);
}

double
MeanFactor(const Parameters& parameters, const AlgorithmSetup& setup)
{
    return parameters.Text("Form") == "sum" ? setup.workers : 1;
}

AlgorithmSetup
WithMeanRate(const Parameters& parameters, AlgorithmSetup setup)
{
    const auto& rate = setup.learningRate;
    setup.learningRate = rate.WithInitial(rate.Initial() * MeanFactor(parameters, setup));
    return setup;
}

ParameterInfo
MomentumParameter(const std::string& standard, const std::string& help)
{
    return {"Momentum", ParameterType::REAL, "", standard, help, 0, 0.999999};
}

ParameterInfo
DownlinkParameter(const std::string& update)
{
    return {"Downlink",
            ParameterType::CHOICE,
            "",
            "model",
            "what is broadcast: the dense model, or as update " + update,
            0,
            0,
            {"model", "update"}};
}

BroadcastKind
BroadcastOf(const Parameters& parameters)
{
    return parameters.Text("Downlink") == "model" ? BroadcastKind::MODEL : BroadcastKind::UPDATE;
}

ParameterTable
XiParameters(const std::string& standard, const std::string& unit)
{
    return {{"Xi", ParameterType::REAL, "", standard, "threshold factor xi, in XiUnit", 0},
            {"XiUnit",
             ParameterType::CHOICE,
             "",
             "relative",
             "relative: Xi is in units of " + unit + "; absolute: it is xi itself",
             0,
             0,
             {"relative", "absolute"}}};
}

double
XiOf(const Parameters& parameters, double unit)
{
    return parameters.Real("Xi") * (IsXiRelative(parameters) ? unit : 1);
}

bool
IsXiRelative(const Parameters& parameters)
{
    return parameters.Text("XiUnit") == "relative";
}

ParameterTable
LagRuleParameters(const std::string& standard, double most)
{
    return {{"Xi",
             ParameterType::REAL,
             "1/Depth",
             standard,
             "weight xi_d of each change of the model in the threshold",
             0},
            {"Depth",
             ParameterType::INTEGER,
             "rounds",
             "10",
             "changes D that the rule looks at",
             1,
             most}};
}

RateThreshold
LagRuleWeight(const Parameters& parameters, const AlgorithmSetup& setup)
{
    const auto rate = SumRate(parameters, setup);
    const double step = rate.Initial() * setup.workers;
    const auto depth = static_cast<double>(parameters.Integer("Depth"));
    return {parameters.Real("Xi") / depth / (step * step), rate, 2};
}

ParameterTable
Join(std::initializer_list<ParameterTable> parts)
{
    ParameterTable table;
    for (const auto& part : parts)
    {
        table.insert(table.end(), part.begin(), part.end());
    }
    return table;
}

std::vector<double>
SmoothnessOf(const AlgorithmSetup& setup, const std::string& method)
{
    if (!setup.smoothness)
    {
        throw UserError("--algorithm: " + method +
                        " needs the workers' smoothness constants, which this objective does not "
                        "know; take one that does, for example linear regression");
    }
    std::vector<double> constants;
    for (uint32_t worker = 0; worker < setup.workers; ++worker)
    {
        constants.push_back(setup.smoothness(worker));
    }
    return constants;
}

} // namespace fl
