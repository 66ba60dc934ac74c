/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef FL_FOLDER_TEST_HELPERS_H
#define FL_FOLDER_TEST_HELPERS_H

#include "fl-temp-folder.h"

#include <boost/iostreams/filter/bzip2.hpp>
#include <boost/iostreams/filter/gzip.hpp>
#include <boost/iostreams/filtering_stream.hpp>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <iterator>
#include <string>

namespace fl::test
{

/** @return the text, packed by a filter of Boost */
template <typename Filter>
std::string
Pack(const std::string& plain)
{
    std::string packed;
    boost::iostreams::filtering_ostream stream;
    stream.push(Filter());
    stream.push(std::back_inserter(packed));
    stream << plain;
    stream.reset();
    return packed;
}

/** @return the text as a gzip file */
inline std::string
Gzip(const std::string& plain)
{
    return Pack<boost::iostreams::gzip_compressor>(plain);
}

/** @return the text as a bzip2 file */
inline std::string
Bzip2(const std::string& plain)
{
    return Pack<boost::iostreams::bzip2_compressor>(plain);
}

/** Tests that write files into a folder of their own. */
class FolderTest : public ::testing::Test
{
  protected:
    void Write(const std::string& name, const std::string& content) const
    {
        std::ofstream(m_folder / name, std::ios::binary) << content;
    }

  private:
    TempFolder m_temp;

  protected:
    const std::filesystem::path m_folder{m_temp.Path()};
};

} // namespace fl::test

#endif // FL_FOLDER_TEST_HELPERS_H
