/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/fl-data-file.h"

#include "ns3/fl-error.h"

#include <boost/iostreams/copy.hpp>
#include <boost/iostreams/device/back_inserter.hpp>
#include <boost/iostreams/filter/bzip2.hpp>
#include <boost/iostreams/filter/gzip.hpp>
#include <boost/iostreams/filtering_stream.hpp>
#include <filesystem>
#include <fstream>

namespace fl
{

DataFile::DataFile(const std::string& path, bool orPacked, const std::string& remedy)
    : m_path(path),
      m_remedy(remedy)
{
    if (orPacked && std::filesystem::exists(m_path + ".gz"))
    {
        m_path += ".gz";
    }
    else if (!std::filesystem::exists(m_path))
    {
        Fail(orPacked ? "is missing, with and without .gz" : "is missing");
    }
    Read();
}

void
DataFile::Fail(const std::string& fault) const
{
    throw UserError("--dataset: " + m_path + " " + fault + "; " + m_remedy);
}

void
DataFile::Read()
{
    namespace io = boost::iostreams;
    constexpr std::streamsize buffer = 1 << 18;
    std::ifstream file(m_path, std::ios::binary);
    std::string magic(3, '\0');
    file.read(magic.data(), magic.size());
    if (!file.is_open() || file.bad())
    {
        Fail("cannot be read");
    }
    file.clear();
    file.seekg(0);
    io::filtering_istream stream;
    if (magic.compare(0, 2, "\x1f\x8b") == 0)
    {
        stream.push(io::gzip_decompressor(io::zlib::default_window_bits, buffer), buffer);
    }
    else if (magic == "BZh")
    {
        stream.push(io::bzip2_decompressor(), buffer);
    }
    stream.push(file, buffer);
    try
    {
        io::copy(stream, io::back_inserter(m_bytes), buffer);
    }
    catch (const std::ios_base::failure&)
    {
        Fail("cannot be read to its end, it is cut off or damaged");
    }
}

} // namespace fl
