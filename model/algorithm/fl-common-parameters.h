/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef FL_COMMON_PARAMETERS_H
#define FL_COMMON_PARAMETERS_H

#include "ns3/fl-algorithm.h"
#include "ns3/fl-value-code.h"

#include <cstdint>
#include <initializer_list>
#include <string>
#include <vector>

namespace fl
{

/** @return the parameter `Value`: how values travel on the way up */
ParameterInfo ValueParameter();

/**
 * @param parameters of a method that has ValueParameter()
 * @return how its values travel
 */
ValueCode ValueCodeOf(const Parameters& parameters);

/**
 * @param standard the form that the method's paper has, `sum` or `mean`
 * @return the parameter `Form`: whether the sum or the mean of the workers' losses is minimised
 */
ParameterInfo FormParameter(const std::string& standard);

/**
 * Methods of the sum form, F(x) = sum of f_m(x), step x <- x - rate * sum of gradients. In the mean
 * form the same step has the rate divided by the number of workers; thresholds follow.
 * @param parameters of a method that has FormParameter()
 * @param setup what it is built for
 * @return the step size on the sum of the workers' gradients
 */
LearningRate SumRate(const Parameters& parameters, const AlgorithmSetup& setup);

/**
 * Methods of the mean form, step x <- x - rate * mean of the gradients. In the sum form of the same
 * step the mean counts as often as there are workers.
 * @param parameters of a method that has FormParameter()
 * @param setup what it is built for
 * @return what the mean is multiplied by: the number of workers, or 1
 */
double MeanFactor(const Parameters& parameters, const AlgorithmSetup& setup);

/**
 * @param parameters of a method that has FormParameter()
 * @param setup what it is built for
 * @return the same with the step size on the mean of the workers' gradients
 */
AlgorithmSetup WithMeanRate(const Parameters& parameters, AlgorithmSetup setup);

/**
 * @param standard what holds if the user gives nothing
 * @param help what it is, one sentence
 * @return the parameter `Momentum`, at least 0 and below 1
 */
ParameterInfo MomentumParameter(const std::string& standard, const std::string& help);

/**
 * @param update what `Downlink=update` broadcasts, in words
 * @return the parameter `Downlink`: whether models or changes of the model are broadcast
 */
ParameterInfo DownlinkParameter(const std::string& update);

/**
 * @param parameters of a method that has DownlinkParameter()
 * @return what its broadcasts say
 */
BroadcastKind BroadcastOf(const Parameters& parameters);

/**
 * @param standard what holds if the user gives nothing
 * @param unit what one unit of `Xi` is if it is relative, in words
 * @return the parameters `Xi` and `XiUnit`: the threshold factor xi of arXiv:2202.02491
 */
ParameterTable XiParameters(const std::string& standard, const std::string& unit);

/**
 * @param parameters of a method that has XiParameters()
 * @param unit what one unit of `Xi` is if it is relative
 * @return xi
 */
double XiOf(const Parameters& parameters, double unit);

/**
 * @param parameters of a method that has XiParameters()
 * @return whether xi is in units that follow the step size
 */
bool IsXiRelative(const Parameters& parameters);

/**
 * @param standard what `Xi` is if the user gives nothing
 * @param most largest `Depth`
 * @return the parameters `Xi` and `Depth`: the rule of arXiv:1805.09965, which looks at the last D
 * changes of the model
 */
ParameterTable LagRuleParameters(const std::string& standard, double most);

/**
 * @param parameters of a method that has LagRuleParameters() and FormParameter()
 * @param setup what it is built for
 * @return weight of the squared length of each change in the threshold: xi_d / (rate workers)^2
 */
RateThreshold LagRuleWeight(const Parameters& parameters, const AlgorithmSetup& setup);

/**
 * @param parts tables
 * @return one table with all their rows
 */
ParameterTable Join(std::initializer_list<ParameterTable> parts);

/**
 * @param setup what a method is built for
 * @param method its name, for the error message
 * @return by worker, the smoothness constant of its objective
 * @throws UserError if the objective knows none
 */
std::vector<double> SmoothnessOf(const AlgorithmSetup& setup, const std::string& method);

} // namespace fl

#endif // FL_COMMON_PARAMETERS_H
