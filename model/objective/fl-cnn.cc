/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/fl-convolution-layer.h"
#include "ns3/fl-dense-layer.h"
#include "ns3/fl-error.h"
#include "ns3/fl-max-pooling-layer.h"
#include "ns3/fl-network.h"
#include "ns3/fl-registry.h"

#include <map>

namespace fl
{

namespace
{

/** Sizes of a network of convolutions, each with a rectifier and pooling, and dense layers. */
struct Preset
{
    std::vector<uint32_t> channels; ///< of each convolution
    std::vector<uint32_t> hidden;   ///< sizes of the hidden dense layers
};

/**
 * The network `s3gd` is the one for MNIST in Park and Lee, "S3GD-MV: Sparse-SignSGD with Majority
 * Vote for Communication-Efficient Distributed Learning", ISIT 2023 (arXiv 2302.07475), as their
 * program has it: 582,026 parameters on 28 x 28 grey pixels and 10 classes.
 */
const Preset&
PresetOf(const std::string& name)
{
    static const std::map<std::string, Preset> presets{{"s3gd", {{32, 64}, {512}}},
                                                       {"small", {{8, 16}, {}}}};
    return presets.at(name);
}

/** @return the layers from pixels to classes */
template <typename S>
std::vector<Stage<S>>
MakeStages(const Parameters& parameters, const DataShape& shape)
{
    constexpr uint32_t kernel = 5;
    if (shape.image.Size() == 0)
    {
        throw UserError("--objective: cnn needs images and this dataset has none, choose a dataset "
                        "of images such as fashion-mnist or cifar10");
    }
    const Preset& preset = PresetOf(parameters.Text("Net"));
    std::vector<Stage<S>> stages;
    ImageShape image = shape.image;
    for (std::size_t i = 0; i < preset.channels.size(); ++i)
    {
        if (image.height <= kernel || image.width <= kernel)
        {
            throw UserError("--objective: images of " + std::to_string(shape.image.height) + " x " +
                            std::to_string(shape.image.width) +
                            " pixels are too small for cnn, 16 x 16 will do");
        }
        auto convolution = std::make_unique<ConvolutionLayer<S>>("convolution" + std::to_string(i),
                                                                 image,
                                                                 kernel,
                                                                 preset.channels[i]);
        auto pooling = std::make_unique<MaxPoolingLayer<S>>(convolution->OutputShape());
        image = pooling->OutputShape();
        stages.push_back({std::move(convolution), true});
        stages.push_back({std::move(pooling), false});
    }
    std::vector<uint32_t> widths = preset.hidden;
    widths.insert(widths.begin(), image.Size());
    widths.push_back(shape.classes);
    AppendDenseLayers(widths, stages);
    return stages;
}

/** A convolutional network for images. */
template <typename S>
class Cnn : public Network<S>
{
  public:
    Cnn(const Parameters& parameters, const DataShape& shape)
        : Network<S>(MakeStages<S>(parameters, shape), parameters.Real("L2"))
    {
    }
};

const Registration<ObjectiveFactory> g_cnn(
    "cnn",
    "convolutional network for images: 5 x 5 kernels, rectifiers, max pooling, softmax",
    {{"Net",
      ParameterType::CHOICE,
      "",
      "small",
      "small: 8 and 16 channels; s3gd: 32 and 64 channels and a hidden layer of 512",
      {},
      {},
      {"s3gd", "small"}},
     {"L2", ParameterType::REAL, "", "0", "the loss has L2 / 2 times the squared weights", 0}},
    MakeObjectiveFactory<Cnn<float>, Cnn<double>>());

} // namespace

} // namespace fl
