/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/fl-data-file.h"
#include "ns3/fl-dataset.h"
#include "ns3/fl-image-transforms.h"
#include "ns3/fl-registry.h"

#include <algorithm>
#include <filesystem>
#include <iterator>

namespace fl
{

namespace
{

constexpr uint32_t CLASSES = 10;
constexpr ImageShape IMAGE{3, 32, 32};

/** Appends the records of one file, each a label and the pixels of an image. */
void
Append(const std::filesystem::path& path, Dataset& dataset)
{
    const DataFile file(path.string(),
                        true,
                        "say where the binary version of CIFAR-10 is with cifar10[Path=...]");
    const std::size_t record = 1 + IMAGE.Size();
    const std::string& bytes = file.Bytes();
    if (bytes.empty() || bytes.size() % record != 0)
    {
        file.Fail("holds " + std::to_string(bytes.size()) + " bytes, not one or more records of " +
                  std::to_string(record));
    }
    for (std::size_t first = 0; first < bytes.size(); first += record)
    {
        const auto label = static_cast<unsigned char>(bytes[first]);
        if (label >= CLASSES)
        {
            file.Fail("holds the label " + std::to_string(label) + " in record " +
                      std::to_string(first / record) + ", labels go from 0 to " +
                      std::to_string(CLASSES - 1));
        }
        dataset.labels.push_back(label);
        std::transform(bytes.begin() + first + 1,
                       bytes.begin() + first + record,
                       std::back_inserter(dataset.inputs),
                       [](char pixel)
                       { return static_cast<float>(static_cast<unsigned char>(pixel)) / 255; });
    }
}

/** @return an empty set of colour images */
std::shared_ptr<Dataset>
MakeEmpty()
{
    auto dataset = std::make_shared<Dataset>();
    dataset->features = IMAGE.Size();
    dataset->classes = CLASSES;
    dataset->image = IMAGE;
    return dataset;
}

/** CIFAR-10: Krizhevsky, "Learning multiple layers of features from tiny images", 2009. */
const Registration<DatasetFactory>
    g_cifar10("cifar10",
              "60,000 colour images of 32 x 32 pixels, 10 kinds of things; your own files",
              ImageParameters(
                  {{"Path",
                    ParameterType::TEXT,
                    "",
                    "cifar-10-batches-bin",
                    "folder of data_batch_1.bin to data_batch_5.bin and test_batch.bin, each with "
                    "or without .gz"}}),
              [](const Parameters& parameters, const RunSeed&) -> DatasetPair
              {
                  const std::filesystem::path folder = parameters.Text("Path");
                  const auto train = MakeEmpty();
                  const auto test = MakeEmpty();
                  for (int batch = 1; batch <= 5; ++batch)
                  {
                      Append(folder / ("data_batch_" + std::to_string(batch) + ".bin"), *train);
                  }
                  Append(folder / "test_batch.bin", *test);
                  TransformImages(parameters, *train, *test);
                  return {train, test};
              });

} // namespace

} // namespace fl
