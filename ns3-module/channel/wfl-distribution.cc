/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/wfl-distribution.h"

#include "ns3/fl-error.h"
#include "ns3/fl-parameters.h"

#include <cmath>
#include <map>
#include <sstream>
#include <vector>

namespace ns3
{
namespace wfl
{

Distribution::Distribution(const std::string& text, const std::string& where)
{
    const std::map<std::string, std::size_t> forms{{"constant", 1},
                                                   {"uniform", 2},
                                                   {"exponential", 1},
                                                   {"normal", 2},
                                                   {"lognormal", 2}};
    std::vector<std::string> words;
    std::istringstream stream(text);
    for (std::string word; std::getline(stream, word, ':');)
    {
        words.push_back(word);
    }
    if (words.size() == 1)
    {
        words.insert(words.begin(), "constant");
    }
    const auto form = words.empty() ? forms.end() : forms.find(words.front());
    if (form == forms.end() || words.size() != form->second + 1)
    {
        throw fl::UserError(where + ": \"" + text +
                            "\" is none of NUMBER, uniform:MIN:MAX, exponential:MEAN, "
                            "normal:MEAN:SIGMA, lognormal:MEDIAN:SIGMA");
    }
    m_name = form->first;
    m_first = fl::ParseReal(words[1], where);
    m_second = words.size() > 2 ? fl::ParseReal(words[2], where) : 0;
    const bool needsPositive = m_name == "exponential" || m_name == "lognormal";
    if ((needsPositive && m_first <= 0) || (m_name == "uniform" && m_second < m_first) ||
        ((m_name == "normal" || m_name == "lognormal") && m_second < 0))
    {
        throw fl::UserError(where + ": \"" + text +
                            "\" is no distribution: means and medians must be positive, sigmas "
                            "not negative, MIN at most MAX");
    }
}

double
Distribution::Draw(fl::Random& random) const
{
    if (m_name == "uniform")
    {
        return m_first + (m_second - m_first) * random.Uniform();
    }
    if (m_name == "exponential")
    {
        return random.Exponential(m_first);
    }
    if (m_name == "normal")
    {
        return m_first + m_second * random.Normal();
    }
    if (m_name == "lognormal")
    {
        return m_first * std::exp(m_second * random.Normal());
    }
    return m_first;
}

} // namespace wfl
} // namespace ns3
