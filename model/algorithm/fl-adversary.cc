/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/fl-adversary.h"

#include "ns3/fl-registry.h"
#include "ns3/fl-share.h"

namespace fl
{

namespace
{

/** Multiplies the gradient; by -1, that inverts it. */
class Rescale : public Adversary
{
  public:
    explicit Rescale(double factor)
        : m_factor(factor)
    {
    }

    double Distort(double value, Random& /* draws */) const override
    {
        return m_factor * value;
    }

  private:
    double m_factor;
};

/** Sends noise instead. */
class Noise : public Adversary
{
  public:
    explicit Noise(double deviation)
        : m_deviation(deviation)
    {
    }

    double Distort(double /* value */, Random& draws) const override
    {
        return m_deviation * draws.Normal();
    }

  private:
    double m_deviation;
};

/** Keeps magnitudes and tosses for signs. */
class RandomSign : public Adversary
{
  public:
    double Distort(double value, Random& draws) const override
    {
        return draws() % 2 == 0 ? value : -value;
    }
};

/** Says nothing. */
class Silent : public Adversary
{
  public:
    bool IsSilent() const override
    {
        return true;
    }
};

/** Learns from false labels. */
class LabelFlip : public Adversary
{
  public:
    bool FlipsLabels() const override
    {
        return true;
    }
};

const ParameterInfo FRACTION{"Fraction",
                             ParameterType::REAL,
                             "",
                             "0.2",
                             "share of the workers that lie, from worker 0 on, rounded down",
                             0,
                             1};

const Registration<AdversaryFactory> g_invert("invert",
                                              "the negative gradient (arXiv:1810.05291)",
                                              {FRACTION},
                                              [](const Parameters&)
                                              { return std::make_unique<Rescale>(-1); });

const Registration<AdversaryFactory> g_random(
    "random",
    "normal noise in place of the gradient, that is fair coins in place of signs "
    "(arXiv:1810.05291)",
    {FRACTION, {"Deviation", ParameterType::REAL, "", "1", "standard deviation of the noise", 0}},
    [](const Parameters& parameters)
    { return std::make_unique<Noise>(parameters.Real("Deviation")); });

const Registration<AdversaryFactory>
    g_randomSign("random-sign",
                 "the gradient with a fair coin for the sign of each entry",
                 {FRACTION},
                 [](const Parameters&) { return std::make_unique<RandomSign>(); });

const Registration<AdversaryFactory>
    g_rescale("rescale",
              "the gradient times a factor",
              {FRACTION, {"Factor", ParameterType::REAL, "", "10", "the factor"}},
              [](const Parameters& parameters)
              { return std::make_unique<Rescale>(parameters.Real("Factor")); });

const Registration<AdversaryFactory>
    g_silent("silent",
             "no answer at all, for which the server waits until its timeout or deadline",
             {FRACTION},
             [](const Parameters&) { return std::make_unique<Silent>(); });

const Registration<AdversaryFactory>
    g_labelFlip("label-flip",
                "true gradients of data whose labels are reversed (arXiv:1911.11815, section 4)",
                {FRACTION},
                [](const Parameters&) { return std::make_unique<LabelFlip>(); });

} // namespace

Dishonesty
MakeDishonesty(const std::string& text, uint32_t workers)
{
    if (text == "none")
    {
        return {};
    }
    const auto choice = Registry<AdversaryFactory>::Get().Choose(text, "--byzantine");
    return {choice.factory(choice.parameters),
            ShareRoundedDown(choice.parameters.Real("Fraction"), workers)};
}

} // namespace fl
