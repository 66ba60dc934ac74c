/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/fl-dataset.h"
#include "ns3/fl-idx-loader.h"
#include "ns3/fl-image-transforms.h"
#include "ns3/fl-registry.h"

namespace fl
{

namespace
{

/** Fashion-MNIST: Xiao, Rasul and Vollgraf, arXiv 1708.07747, 2017. */
const Registration<DatasetFactory> g_fashionMnist(
    "fashion-mnist",
    "70,000 grey images of 28 x 28 pixels, 10 kinds of clothing",
    ImageParameters({{"Folder",
                      ParameterType::TEXT,
                      "",
                      "/usr/share/datasets/fashion-mnist",
                      "folder of the four IDX files"}}),
    [](const Parameters& parameters, const RunSeed&)
    {
        return LoadIdxFolder(parameters.Text("Folder"),
                             10,
                             parameters,
                             "install the package dataset-fashion-mnist or say where the files are "
                             "with fashion-mnist[Folder=...]");
    });

const Registration<DatasetFactory> g_idx(
    "idx",
    "your own MNIST-like files: images and labels in the IDX format, plain or gzip",
    ImageParameters(
        {{"Folder",
          ParameterType::TEXT,
          "",
          ".",
          "folder of train-images-idx3-ubyte, train-labels-idx1-ubyte, t10k-images-idx3-ubyte and "
          "t10k-labels-idx1-ubyte, each with or without .gz"},
         {"Classes", ParameterType::INTEGER, "", "10", "number of classes", 2, 256}}),
    [](const Parameters& parameters, const RunSeed&)
    {
        return LoadIdxFolder(parameters.Text("Folder"),
                             static_cast<uint32_t>(parameters.Integer("Classes")),
                             parameters,
                             "give the folder of the four MNIST files and the number of classes "
                             "with idx[Folder=...|Classes=...]");
    });

} // namespace

} // namespace fl
