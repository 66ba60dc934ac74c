/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/fl-compressed-sgd.h"
#include "ns3/fl-quantiser.h"
#include "ns3/fl-registry.h"

#include <utility>

namespace fl
{

namespace
{

/** The quantiser of QSGD. */
template <typename S>
class Quantiser : public Compressor<S>
{
  public:
    explicit Quantiser(Quantisation how)
        : m_how(std::move(how))
    {
    }

    Update<S> Compress(const std::vector<S>& values, Random& draws) const override
    {
        return Quantise(values, m_how, draws);
    }

    MessageShape Shape() const override
    {
        return {m_how.buckets->back(), m_how.buckets};
    }

  private:
    Quantisation m_how;
};

/**
 * QSGD (Alistarh et al., arXiv:1610.02132, section 3.1): workers quantise their gradients at
 * random without bias, the server averages, x <- x - rate * mean. With full gradients (a batch of
 * 0) it is QGD. The mean of a coordinate is over the workers that brought it.
 */
template <typename S>
class Qsgd : public CompressedSgd<S>
{
  public:
    Qsgd(const Parameters& parameters, const AlgorithmSetup& setup)
        : CompressedSgd<S>(
              WithMeanRate(parameters, setup),
              std::make_shared<Quantiser<S>>(QuantisationOf(
                  parameters,
                  setup.dimension,
                  parameters.Text("Norm") == "l2" ? BucketNorm::EUCLIDEAN : BucketNorm::MAXIMUM,
                  parameters.Text("Code") == "fixed" ? LevelCode::FIXED : LevelCode::ELIAS)),
              {Content::GRADIENT, false, ChosenDownlink(parameters, Downlink::COMPRESSED)})
    {
    }
};

/**
 * @param levels default number of levels
 * @param bucket default bucket
 * @return the parameters
 */
ParameterTable
MakeTable(const std::string& levels, const std::string& bucket)
{
    return Join({QuantiserParameters(levels, bucket),
                 {{"Norm",
                   ParameterType::CHOICE,
                   "",
                   "l2",
                   "what a bucket is measured by",
                   0,
                   0,
                   {"l2", "max"}},
                  {"Code",
                   ParameterType::CHOICE,
                   "",
                   "fixed",
                   "how levels travel: equal bits for each, or Elias codes",
                   0,
                   0,
                   {"fixed", "elias"}},
                  FormParameter("mean"),
                  DownlinkParameter("the mean, quantised again")}});
}

const Registration<AlgorithmFactory>
    g_qsgd("qsgd",
           "SGD with gradients quantised at random without bias (arXiv:1610.02132)",
           MakeTable("7", "512"),
           MakeAlgorithmFactory<Qsgd<float>, Qsgd<double>>(
               0.1,
               "up levels with a norm a bucket (QUANTISED*), down the model (DENSE*) or the same"));

const Registration<AlgorithmFactory>
    g_qgd("qgd",
          "quantised gradient descent: qsgd with one norm for all, meant for full gradients (batch "
          "0; as in arXiv:2202.02491)",
          MakeTable("255", "0"),
          MakeAlgorithmFactory<Qsgd<float>, Qsgd<double>>(
              0.1,
              "up levels with a norm a bucket (QUANTISED*), down the model (DENSE*) or the same"));

} // namespace

} // namespace fl
