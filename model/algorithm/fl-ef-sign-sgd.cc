/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/fl-block-selection.h"
#include "ns3/fl-compressed-sgd.h"
#include "ns3/fl-registry.h"
#include "ns3/fl-value-code.h"

#include <cmath>

namespace fl
{

namespace
{

/** The signs, times the mean magnitude of each tensor. The sign of 0 is plus. */
template <typename S>
class ScaledSigns : public Compressor<S>
{
  public:
    explicit ScaledSigns(const AlgorithmSetup& setup)
        : m_blocks(BlocksOf(setup.tensors))
    {
    }

    Update<S> Compress(const std::vector<S>& values, Random& /* draws */) const override
    {
        const auto size = static_cast<uint32_t>(values.size());
        ScaledSignUpdate<S> update{SignUpdate::Positive(size), m_blocks, {}, {}};
        uint32_t first = 0;
        for (const uint32_t end : *m_blocks)
        {
            double sum = 0;
            for (uint32_t i = first; i < end; ++i)
            {
                sum += std::abs(static_cast<double>(values[i]));
                update.signs.words[i / 64] |= uint64_t{values[i] < 0} << (i % 64);
            }
            update.plus.push_back(
                RoundValue(static_cast<S>(sum / (end - first)), ValueCode::SINGLE));
            first = end;
        }
        return update;
    }

    MessageShape Shape() const override
    {
        return {m_blocks->back(), m_blocks};
    }

  private:
    Blocks m_blocks;
};

/**
 * EF-signSGD (Karimireddy et al., arXiv:1901.09847, algorithm 1): p = rate * gradient + error, send
 * the signs of p and the mean magnitude of each tensor, keep p less what was heard as error,
 * x <- x - mean. The mean is over all workers asked: what was lost comes again through the error of
 * its worker. The update that is broadcast on request is compressed in the same way, with an error
 * of its own at the server.
 */
template <typename S>
class EfSignSgd : public CompressedSgd<S>
{
  public:
    EfSignSgd(const Parameters& parameters, const AlgorithmSetup& setup)
        : CompressedSgd<S>(
              setup,
              std::make_shared<ScaledSigns<S>>(setup),
              {Content::STEP, true, ChosenDownlink(parameters, Downlink::COMPRESSED_MEMORY)})
    {
    }
};

const Registration<AlgorithmFactory> g_efSignSgd(
    "ef-signsgd",
    "signSGD with a scale a tensor and error feedback (arXiv:1901.09847)",
    {DownlinkParameter("scaled signs of the mean, with error feedback")},
    MakeAlgorithmFactory<EfSignSgd<float>, EfSignSgd<double>>(
        0.1,
        "up signs with a scale a tensor (SCALED_SIGN), down the model (DENSE*) or the same"));

} // namespace

} // namespace fl
