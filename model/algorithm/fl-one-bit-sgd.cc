/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/fl-block-selection.h"
#include "ns3/fl-compressed-sgd.h"
#include "ns3/fl-registry.h"
#include "ns3/fl-value-code.h"

#include <utility>

namespace fl
{

namespace
{

/** One bit an entry, and of each block the mean of those that are not negative and of the others.
 */
template <typename S>
class TwoMeans : public Compressor<S>
{
  public:
    explicit TwoMeans(Blocks blocks)
        : m_blocks(std::move(blocks))
    {
    }

    Update<S> Compress(const std::vector<S>& values, Random& /* draws */) const override
    {
        const auto size = static_cast<uint32_t>(values.size());
        ScaledSignUpdate<S> update{SignUpdate::Positive(size), m_blocks, {}, {}};
        uint32_t first = 0;
        for (const uint32_t end : *m_blocks)
        {
            double sums[2] = {0, 0};
            uint32_t counts[2] = {0, 0};
            for (uint32_t i = first; i < end; ++i)
            {
                const bool negative = values[i] < 0;
                sums[negative] += values[i];
                ++counts[negative];
                update.signs.words[i / 64] |= uint64_t{negative} << (i % 64);
            }
            const auto mean = [&](int kind)
            {
                const double value = counts[kind] == 0 ? 0 : sums[kind] / counts[kind];
                return RoundValue(static_cast<S>(value), ValueCode::SINGLE);
            };
            update.plus.push_back(mean(0));
            update.minus.push_back(mean(1));
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

/** @return the blocks that the user chose */
Blocks
ChosenBlocks(const Parameters& parameters, const AlgorithmSetup& setup)
{
    return parameters.Text("Block") == "row" ? RowsOf(setup.tensors) : BlocksOf(setup.tensors);
}

/**
 * 1-bit SGD (Seide et al., Interspeech 2014): v = gradient + error, send the sign of each entry
 * and two reconstruction values a block, the mean of the entries that are not negative and that of
 * the negative ones, keep v less what was heard as error, x <- x - rate * mean. The paper's block
 * is the column of a weight matrix that belongs to one output, which is a row here. The mean is
 * over all workers asked: what was lost comes again through the error of its worker. The update
 * that is broadcast on request is compressed in the same way, with an error of its own at the
 * server, as in the paper.
 */
template <typename S>
class OneBitSgd : public CompressedSgd<S>
{
  public:
    OneBitSgd(const Parameters& parameters, const AlgorithmSetup& setup)
        : CompressedSgd<S>(
              setup,
              std::make_shared<TwoMeans<S>>(ChosenBlocks(parameters, setup)),
              {Content::GRADIENT, true, ChosenDownlink(parameters, Downlink::COMPRESSED_MEMORY)})
    {
    }
};

const Registration<AlgorithmFactory>
    g_oneBitSgd("1bit-sgd",
                "1-bit SGD with two means a block and error feedback (Seide et al. 2014)",
                {{"Block",
                  ParameterType::CHOICE,
                  "",
                  "row",
                  "entries that share two means",
                  0,
                  0,
                  {"row", "tensor"}},
                 DownlinkParameter("one bit an entry of the mean, with error feedback")},
                MakeAlgorithmFactory<OneBitSgd<float>, OneBitSgd<double>>(
                    0.1,
                    "up signs with two values a block (SCALED_SIGN_PAIR), down the model (DENSE*) "
                    "or the same"));

} // namespace

} // namespace fl
