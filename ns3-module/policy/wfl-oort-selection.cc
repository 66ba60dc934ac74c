/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/double.h"
#include "ns3/uinteger.h"
#include "ns3/wfl-registry.h"
#include "ns3/wfl-selection-policy.h"

#include <algorithm>
#include <cmath>
#include <deque>
#include <functional>
#include <limits>
#include <numeric>

namespace ns3
{
namespace wfl
{

/**
 * Oort (Lai et al., arXiv:2010.06081, algorithm 1): a part of those who are asked is drawn from the
 * workers that were never heard, in proportion to their samples; the others from those with the
 * highest utilities, in proportion to these. The utility of a worker is its number of samples times
 * its training loss, scaled to 0 to 1 over the candidates, plus sqrt(0.1 ln(round) / round in which
 * it was last heard), times (T / d)^Penalty if it took d seconds and that is more than T. T is a
 * percentile of all durations, which rises whenever the utilities of who is asked fall.
 *
 * The paper's utility takes the root of the mean square of the losses of the samples, of which a
 * worker here tells the mean of its mini-batch. Workers that were chosen too often are not
 * excluded.
 */
class OortSelection : public CountedSelection
{
  public:
    /** @return the TypeId */
    static TypeId GetTypeId();

    SelectionNeeds Needs() const override
    {
        return {false, true, false};
    }

    bool IsTimeless() const override
    {
        return false;
    }

  private:
    std::vector<StationId> DoSelect(uint32_t round,
                                    const std::vector<WorkerFacts>& candidates,
                                    std::size_t count,
                                    fl::Random& random) override;
    double PreferredDuration(const std::vector<const WorkerFacts*>& heard) const;
    std::vector<double> Utilities(uint32_t round,
                                  const std::vector<const WorkerFacts*>& heard) const;
    void Pace(double utility);

    double m_exploration;
    double m_decay;
    double m_leastExploration;
    double m_penalty;
    double m_percentile;
    double m_pacerStep;
    uint32_t m_pacerRounds;
    std::deque<double> m_utilities; ///< of who was asked, in the last rounds
};

WFL_REGISTER_SELECTION(OortSelection, "oort");

TypeId
OortSelection::GetTypeId()
{
    static TypeId tid =
        TypeId("ns3::wfl::OortSelection")
            .SetParent<CountedSelection>()
            .SetGroupName("Wfl")
            .AddConstructor<OortSelection>()
            .AddAttribute("Exploration",
                          "Share of those who are asked that have never been heard, in the "
                          "beginning.",
                          DoubleValue(0.9),
                          MakeDoubleAccessor(&OortSelection::m_exploration),
                          MakeDoubleChecker<double>(0, 1))
            .AddAttribute("Decay",
                          "By what this share is multiplied after each round.",
                          DoubleValue(0.98),
                          MakeDoubleAccessor(&OortSelection::m_decay),
                          MakeDoubleChecker<double>(0, 1))
            .AddAttribute("LeastExploration",
                          "What this share does not fall below.",
                          DoubleValue(0.2),
                          MakeDoubleAccessor(&OortSelection::m_leastExploration),
                          MakeDoubleChecker<double>(0, 1))
            .AddAttribute("Penalty",
                          "Exponent of the penalty for slow workers; 0 for none.",
                          DoubleValue(2),
                          MakeDoubleAccessor(&OortSelection::m_penalty),
                          MakeDoubleChecker<double>(0))
            .AddAttribute("Percentile",
                          "Percentile of the durations above which a worker is slow, in the "
                          "beginning.",
                          DoubleValue(30),
                          MakeDoubleAccessor(&OortSelection::m_percentile),
                          MakeDoubleChecker<double>(0, 100))
            .AddAttribute("PacerStep",
                          "By how much the percentile rises when utilities fall.",
                          DoubleValue(5),
                          MakeDoubleAccessor(&OortSelection::m_pacerStep),
                          MakeDoubleChecker<double>(0, 100))
            .AddAttribute("PacerRounds",
                          "Rounds whose utilities are compared with those of as many before.",
                          UintegerValue(20),
                          MakeUintegerAccessor(&OortSelection::m_pacerRounds),
                          MakeUintegerChecker<uint32_t>(1));
    return tid;
}

namespace
{

/** @return what a worker's data are worth, before time counts; 0 if its training has diverged */
double
StatisticalUtility(const WorkerFacts& worker)
{
    const double utility = worker.samples * double{worker.status->loss};
    return std::isfinite(utility) ? utility : 0;
}

/**
 * Draws without replacement.
 * @param weights in proportion to which, not negative
 * @param count how many, at most as many as there are
 * @return their indices
 */
std::vector<std::size_t>
Draw(const std::vector<double>& weights, std::size_t count, fl::Random& random)
{
    std::vector<std::size_t> left(weights.size());
    std::iota(left.begin(), left.end(), 0);
    std::vector<std::size_t> drawn;
    while (drawn.size() < count)
    {
        double sum = 0;
        for (const auto i : left)
        {
            sum += weights[i];
        }
        double place = random.Uniform() * sum;
        auto next = left.begin();
        while (std::next(next) != left.end() && place >= weights[*next])
        {
            place -= weights[*next];
            ++next;
        }
        drawn.push_back(*next);
        left.erase(next);
    }
    return drawn;
}

} // namespace

std::vector<StationId>
OortSelection::DoSelect(uint32_t round,
                        const std::vector<WorkerFacts>& candidates,
                        std::size_t count,
                        fl::Random& random)
{
    std::vector<const WorkerFacts*> heard;
    std::vector<const WorkerFacts*> unheard;
    for (const auto& candidate : candidates)
    {
        (candidate.status && candidate.lastHeard ? heard : unheard).push_back(&candidate);
    }
    const double share =
        std::max(m_exploration * std::pow(m_decay, round), std::min(m_leastExploration, 1.0));
    auto exploring = static_cast<std::size_t>(share * count);
    exploring = std::min(exploring, unheard.size());
    exploring = std::max(exploring, count - std::min(count, heard.size()));
    const std::size_t exploiting = count - exploring;

    std::vector<StationId> chosen;
    double utility = 0;
    if (exploiting > 0)
    {
        const auto utilities = Utilities(round, heard);
        auto sorted = utilities;
        std::sort(sorted.begin(), sorted.end(), std::greater<>());
        constexpr double cutOff = 0.95;
        std::vector<std::size_t> high;
        std::vector<double> highWeights;
        for (std::size_t i = 0; i < heard.size(); ++i)
        {
            if (utilities[i] >= cutOff * sorted[exploiting - 1])
            {
                high.push_back(i);
                highWeights.push_back(utilities[i]);
            }
        }
        for (const auto i : Draw(highWeights, exploiting, random))
        {
            chosen.push_back(heard[high[i]]->worker);
            utility += StatisticalUtility(*heard[high[i]]);
        }
        Pace(utility / exploiting);
    }
    std::vector<double> samples;
    for (const auto* worker : unheard)
    {
        samples.push_back(static_cast<double>(worker->samples));
    }
    for (const auto i : Draw(samples, exploring, random))
    {
        chosen.push_back(unheard[i]->worker);
    }
    return chosen;
}

/** @return T */
double
OortSelection::PreferredDuration(const std::vector<const WorkerFacts*>& heard) const
{
    std::vector<double> durationsS;
    for (const auto* worker : heard)
    {
        durationsS.push_back(worker->durationS.value_or(0));
    }
    std::sort(durationsS.begin(), durationsS.end());
    const auto place = static_cast<std::size_t>(durationsS.size() * m_percentile / 100);
    return m_percentile >= 100 ? std::numeric_limits<double>::infinity()
                               : durationsS[std::min(place, durationsS.size() - 1)];
}

std::vector<double>
OortSelection::Utilities(uint32_t round, const std::vector<const WorkerFacts*>& heard) const
{
    std::vector<double> utilities;
    for (const auto* worker : heard)
    {
        utilities.push_back(StatisticalUtility(*worker));
    }
    const auto [lowest, highest] = std::minmax_element(utilities.begin(), utilities.end());
    const double least = *lowest;
    const double range = std::max(*highest - least, 1e-12);
    const double preferredS = PreferredDuration(heard);
    for (std::size_t i = 0; i < heard.size(); ++i)
    {
        const double lastHeard = *heard[i]->lastHeard + 1.0;
        utilities[i] =
            (utilities[i] - least) / range + std::sqrt(0.1 * std::log(round + 1.0) / lastHeard);
        const double durationS = heard[i]->durationS.value_or(0);
        if (durationS > preferredS)
        {
            utilities[i] *= std::pow(preferredS / durationS, m_penalty);
        }
    }
    return utilities;
}

/** Lets slower workers in when the utility of those asked falls. */
void
OortSelection::Pace(double utility)
{
    m_utilities.push_back(utility);
    if (m_utilities.size() < std::size_t{2} * m_pacerRounds)
    {
        return;
    }
    const auto middle = m_utilities.begin() + m_pacerRounds;
    const double before = std::accumulate(m_utilities.begin(), middle, 0.0);
    const double now = std::accumulate(middle, m_utilities.end(), 0.0);
    m_utilities.erase(m_utilities.begin(), middle);
    if (before > now)
    {
        m_percentile = std::min(m_percentile + m_pacerStep, 100.0);
    }
}

} // namespace wfl
} // namespace ns3
