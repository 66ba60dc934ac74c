/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/fl-idx-loader.h"

#include "ns3/fl-data-file.h"
#include "ns3/fl-error.h"
#include "ns3/fl-image-transforms.h"

#include <algorithm>
#include <boost/endian/conversion.hpp>
#include <cstddef>
#include <filesystem>
#include <iterator>
#include <memory>

namespace fl
{

namespace
{

/** One IDX file of unsigned bytes, with its header checked. */
class IdxFile
{
  public:
    /**
     * @param folder folder of the file
     * @param name its name, without `.gz`
     * @param dimensions how many dimensions its header must declare
     * @param remedy end of every error message
     */
    IdxFile(const std::string& folder,
            const std::string& name,
            std::size_t dimensions,
            const std::string& remedy);

    /** Throws a UserError that names the file, the fault and the remedy. */
    [[noreturn]] void Fail(const std::string& fault) const
    {
        m_file.Fail(fault);
    }

    /** @return the length of a dimension */
    uint32_t Length(std::size_t dimension) const
    {
        return boost::endian::load_big_u32(Data() + WORD * (1 + dimension));
    }

    /** @return the first byte behind the header */
    const unsigned char* Begin() const
    {
        return Data() + m_header;
    }

    /** @return the end of the last byte */
    const unsigned char* End() const
    {
        return Data() + m_file.Bytes().size();
    }

    /** @return product of the lengths of all dimensions but the first */
    uint64_t ItemSize() const;

  private:
    const unsigned char* Data() const
    {
        return reinterpret_cast<const unsigned char*>(m_file.Bytes().data());
    }

    void CheckHeader(std::size_t dimensions) const;

    static constexpr std::size_t WORD = 4; ///< bytes of the magic and of each length

    DataFile m_file;
    std::size_t m_header; ///< bytes of the header
};

IdxFile::IdxFile(const std::string& folder,
                 const std::string& name,
                 std::size_t dimensions,
                 const std::string& remedy)
    : m_file((std::filesystem::path(folder) / name).string(), true, remedy),
      m_header(WORD * (1 + dimensions))
{
    CheckHeader(dimensions);
}

void
IdxFile::CheckHeader(std::size_t dimensions) const
{
    if (m_file.Bytes().size() < m_header)
    {
        Fail("is too short for an IDX header");
    }
    constexpr uint32_t unsignedBytes = 0x0800;
    const uint32_t magic = boost::endian::load_big_u32(Data());
    if (magic != (unsignedBytes | dimensions))
    {
        Fail("begins with the magic number " + std::to_string(magic) + " instead of " +
             std::to_string(unsignedBytes | dimensions));
    }
    const uint64_t item = ItemSize();
    const uint64_t present = m_file.Bytes().size() - m_header;
    if (item == 0 || Length(0) == 0)
    {
        Fail("holds no samples");
    }
    // Divided, because the product of damaged lengths can exceed 64 bits.
    if (present / item != Length(0) || present % item != 0)
    {
        Fail("holds " + std::to_string(present) + " bytes of data, its header declares " +
             std::to_string(Length(0)) + " x " + std::to_string(item));
    }
}

uint64_t
IdxFile::ItemSize() const
{
    uint64_t size = 1;
    for (std::size_t dimension = 1; WORD * (1 + dimension) < m_header; ++dimension)
    {
        size *= Length(dimension);
    }
    return size;
}

/** Loads the images and labels of one split, whose file names begin with `prefix`. */
std::shared_ptr<Dataset>
LoadSplit(const std::string& folder,
          const std::string& prefix,
          uint32_t classes,
          const std::string& remedy)
{
    const IdxFile images(folder, prefix + "-images-idx3-ubyte", 3, remedy);
    const IdxFile labels(folder, prefix + "-labels-idx1-ubyte", 1, remedy);
    if (images.Length(0) != labels.Length(0))
    {
        labels.Fail("holds " + std::to_string(labels.Length(0)) + " labels for " +
                    std::to_string(images.Length(0)) + " images");
    }
    const uint32_t largest = *std::max_element(labels.Begin(), labels.End());
    if (largest >= classes)
    {
        labels.Fail("holds the label " + std::to_string(largest) + ", labels go from 0 to " +
                    std::to_string(classes - 1));
    }
    auto dataset = std::make_shared<Dataset>();
    dataset->features = static_cast<uint32_t>(images.ItemSize());
    dataset->classes = classes;
    dataset->image = {1, images.Length(1), images.Length(2)};
    dataset->labels.assign(labels.Begin(), labels.End());
    dataset->inputs.reserve(images.End() - images.Begin());
    std::transform(images.Begin(),
                   images.End(),
                   std::back_inserter(dataset->inputs),
                   [](unsigned char pixel) { return static_cast<float>(pixel) / 255; });
    return dataset;
}

} // namespace

DatasetPair
LoadIdxFolder(const std::string& folder,
              uint32_t classes,
              const Parameters& parameters,
              const std::string& remedy)
{
    const auto train = LoadSplit(folder, "train", classes, remedy);
    const auto test = LoadSplit(folder, "t10k", classes, remedy);
    if (train->features != test->features)
    {
        throw UserError("--dataset: the images in " + folder + " differ in size, " +
                        std::to_string(train->features) + " pixels for training and " +
                        std::to_string(test->features) + " for testing; " + remedy);
    }
    TransformImages(parameters, *train, *test);
    return {train, test};
}

} // namespace fl
