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

namespace
{

const std::string TIERS = "tiers";

/** Forms of the word with a fixed number of numbers behind the name. */
const std::map<std::string, std::size_t> FORMS{{"constant", 1},
                                               {"uniform", 2},
                                               {"exponential", 1},
                                               {"shifted-exponential", 2},
                                               {"normal", 2},
                                               {"lognormal", 2},
                                               {"pareto", 2}};

/** @return whether numbers fit the name in front of them */
bool
AreValid(const std::string& name, const std::vector<double>& numbers)
{
    if (name == TIERS)
    {
        double sum = 0;
        for (std::size_t i = 1; i < numbers.size(); i += 2)
        {
            sum += numbers[i];
            if (numbers[i] < 0)
            {
                return false;
            }
        }
        constexpr double tolerance = 1e-9;
        return std::abs(sum - 1) < tolerance;
    }
    if (name == "uniform")
    {
        return numbers[0] <= numbers[1];
    }
    if (name == "normal")
    {
        return numbers[1] >= 0;
    }
    if (name == "lognormal")
    {
        return numbers[0] > 0 && numbers[1] >= 0;
    }
    if (name == "exponential")
    {
        return numbers[0] > 0;
    }
    if (name == "shifted-exponential")
    {
        return numbers[0] >= 0 && numbers[1] > 0;
    }
    return name != "pareto" || (numbers[0] > 0 && numbers[1] > 0);
}

} // namespace

Distribution::Distribution(const std::string& text, const std::string& where)
{
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
    m_name = words.empty() ? "" : words.front();
    const auto form = FORMS.find(m_name);
    const bool isForm = m_name == TIERS ? words.size() > 1 && words.size() % 2 == 1
                                        : form != FORMS.end() && words.size() == form->second + 1;
    if (!isForm)
    {
        throw fl::UserError(where + ": \"" + text + "\" is none of " + Forms());
    }
    for (std::size_t i = 1; i < words.size(); ++i)
    {
        m_numbers.push_back(fl::ParseReal(words[i], where));
    }
    if (!AreValid(m_name, m_numbers))
    {
        throw fl::UserError(where + ": \"" + text +
                            "\" is no distribution: means, medians and shapes must be positive, "
                            "sigmas not negative, MIN at most MAX, shares must sum up to 1");
    }
}

double
Distribution::Draw(fl::Random& random) const
{
    const double first = m_numbers[0];
    if (m_name == TIERS)
    {
        const double place = random.Uniform();
        double sum = 0;
        for (std::size_t i = 0; i + 2 < m_numbers.size(); i += 2)
        {
            sum += m_numbers[i + 1];
            if (place < sum)
            {
                return m_numbers[i];
            }
        }
        return m_numbers[m_numbers.size() - 2];
    }
    if (m_name == "uniform")
    {
        return first + (m_numbers[1] - first) * random.Uniform();
    }
    if (m_name == "exponential")
    {
        return random.Exponential(first);
    }
    if (m_name == "shifted-exponential")
    {
        return first + random.Exponential(m_numbers[1]);
    }
    if (m_name == "normal")
    {
        return first + m_numbers[1] * random.Normal();
    }
    if (m_name == "lognormal")
    {
        return first * std::exp(m_numbers[1] * random.Normal());
    }
    if (m_name == "pareto")
    {
        // The logarithm of a Pareto variable is exponential.
        return first * std::exp(random.Exponential(1 / m_numbers[1]));
    }
    return first;
}

std::string
Distribution::Forms()
{
    return "NUMBER, uniform:MIN:MAX, exponential:MEAN, shifted-exponential:MIN:MEAN, "
           "normal:MEAN:SIGMA, lognormal:MEDIAN:SIGMA, pareto:MIN:SHAPE, "
           "tiers:VALUE:SHARE:VALUE:SHARE...";
}

} // namespace wfl
} // namespace ns3
