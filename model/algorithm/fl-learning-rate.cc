/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/fl-learning-rate.h"

#include "ns3/fl-error.h"
#include "ns3/fl-registry.h"

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

namespace fl
{

namespace
{

/** @return the rounds in a text such as 100-150, ascending */
std::vector<uint32_t>
ParseRounds(const std::string& text)
{
    const std::string where = "--schedule: At of step (rounds such as 100 or 100-150)";
    std::vector<uint32_t> rounds;
    std::size_t begin = 0;
    while (begin <= text.size())
    {
        const auto end = std::min(text.find('-', begin), text.size());
        const auto round = ParseInteger(text.substr(begin, end - begin), where);
        if (round < 1 || round > UINT32_MAX ||
            (!rounds.empty() && static_cast<uint32_t>(round) <= rounds.back()))
        {
            throw UserError(where + ": " + text + " are no rounds from 1 on in ascending order");
        }
        rounds.push_back(static_cast<uint32_t>(round));
        begin = end + 1;
    }
    return rounds;
}

const Registration<RateScheduleFactory> g_constant("constant",
                                                   "the same in every round",
                                                   {},
                                                   [](const Parameters&)
                                                   { return RateSchedule(); });

const Registration<RateScheduleFactory>
    g_step("step",
           "from some rounds on times a factor, once more at each of them",
           {{"At", ParameterType::TEXT, "rounds", "100", "the rounds, such as 100-150"},
            {"Factor", ParameterType::REAL, "", "0.1", "the factor", 1e-9, 1}},
           [](const Parameters& parameters)
           {
               return [rounds = ParseRounds(parameters.Text("At")),
                       factor = parameters.Real("Factor")](uint32_t round)
               {
                   const auto passed = std::upper_bound(rounds.begin(), rounds.end(), round);
                   return std::pow(factor, passed - rounds.begin());
               };
           });

const Registration<RateScheduleFactory> g_inverse(
    "inverse",
    "diminishing: over (1 + Decay * round)^Power",
    {{"Decay", ParameterType::REAL, "1/rounds", "0.01", "how fast", 0},
     {"Power", ParameterType::REAL, "", "1", "1 for 1/round, 0.5 for its root", 0, 1}},
    [](const Parameters& parameters)
    {
        return [decay = parameters.Real("Decay"), power = parameters.Real("Power")](uint32_t round)
        {
            return std::pow(1 + decay * round, -power);
        };
    });

const Registration<RateScheduleFactory> g_cosine(
    "cosine",
    "half a cosine from 1 down to Final, where it stays",
    {{"Rounds", ParameterType::INTEGER, "rounds", "100", "length of the way down", 1, UINT32_MAX},
     {"Final", ParameterType::REAL, "", "0.01", "factor at its end", 1e-9, 1}},
    [](const Parameters& parameters)
    {
        return [rounds = static_cast<double>(parameters.Integer("Rounds")),
                last = parameters.Real("Final")](uint32_t round)
        {
            const double way = std::min(round / rounds, 1.0);
            return last + (1 - last) * (1 + std::cos(std::acos(-1.0) * way)) / 2;
        };
    });

} // namespace

LearningRate::LearningRate(double initial, const std::string& schedule)
    : m_initial(initial)
{
    const auto choice = Registry<RateScheduleFactory>::Get().Choose(schedule, "--schedule");
    m_schedule = choice.factory(choice.parameters);
}

LearningRate
LearningRate::WithInitial(double initial) const
{
    auto rate = *this;
    rate.m_initial = initial;
    return rate;
}

RateThreshold::RateThreshold(double initial, LearningRate rate, int power)
    : m_initial(initial),
      m_rate(std::move(rate)),
      m_power(power)
{
}

double
RateThreshold::Growth(uint32_t round) const
{
    return std::pow(m_rate.Factor(round), -m_power);
}

} // namespace fl
