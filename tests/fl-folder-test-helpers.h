/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef FL_FOLDER_TEST_HELPERS_H
#define FL_FOLDER_TEST_HELPERS_H

#include <boost/iostreams/filter/bzip2.hpp>
#include <boost/iostreams/filter/gzip.hpp>
#include <boost/iostreams/filtering_stream.hpp>
#include <cstdlib>
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
    FolderTest()
    {
        std::string folder = (std::filesystem::temp_directory_path() / "wfl-XXXXXX").string();
        EXPECT_NE(mkdtemp(folder.data()), nullptr);
        m_folder = folder;
    }

    ~FolderTest() override
    {
        std::filesystem::remove_all(m_folder);
    }

    void Write(const std::string& name, const std::string& content) const
    {
        std::ofstream(m_folder / name, std::ios::binary) << content;
    }

    std::filesystem::path m_folder;
};

} // namespace fl::test

#endif // FL_FOLDER_TEST_HELPERS_H
