/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef WFL_DISTRIBUTION_H
#define WFL_DISTRIBUTION_H

#include "ns3/fl-random.h"

#include <string>
#include <vector>

namespace ns3
{
namespace wfl
{

/**
 * A distribution in one word, for attributes whose text must not hold brackets: `5`,
 * `uniform:1:9` (bounds), `exponential:5` (mean), `shifted-exponential:2:5` (least value, mean of
 * what comes on top), `normal:5:1` (mean, standard deviation), `lognormal:5:0.5` (median, standard
 * deviation of the natural logarithm), `pareto:2:1.5` (least value, shape),
 * `tiers:1:0.5:4:0.3:9:0.2` (values, each followed by its share).
 */
class Distribution
{
  public:
    /**
     * @param text the word
     * @param where what it is for, the beginning of the error message
     * @throws fl::UserError if the text is not one of these forms
     */
    Distribution(const std::string& text, const std::string& where);

    /**
     * @param random where the draw comes from
     * @return a draw
     */
    double Draw(fl::Random& random) const;

    /** @return the forms of the word, for the help of an attribute */
    static std::string Forms();

  private:
    std::string m_name;
    std::vector<double> m_numbers; ///< as they follow in the word
};

} // namespace wfl
} // namespace ns3

#endif // WFL_DISTRIBUTION_H
