/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/wfl-trace-file.h"

#include "ns3/fl-error.h"
#include "ns3/fl-parameters.h"

#include <sstream>

namespace ns3
{
namespace wfl
{

namespace
{

std::vector<std::string>
Split(const std::string& line)
{
    std::vector<std::string> cells;
    std::istringstream stream(line);
    for (std::string cell; std::getline(stream, cell, ',');)
    {
        cells.push_back(cell);
    }
    return cells;
}

} // namespace

TraceFile::TraceFile(const std::string& path, const std::string& header, const std::string& where)
    : m_path(path),
      m_header(header),
      m_file(path),
      m_columns(Split(header))
{
    if (path.empty())
    {
        throw fl::UserError(where + ": no file is given; it begins with " + header);
    }
    std::string first;
    if (!ReadLine(first) || first != header)
    {
        throw fl::UserError(where + ": " + path + " cannot be read or does not begin with " +
                            header);
    }
}

bool
TraceFile::ReadLine(std::string& line)
{
    ++m_line;
    const bool isThere = static_cast<bool>(std::getline(m_file, line));
    if (isThere && !line.empty() && line.back() == '\r')
    {
        line.pop_back();
    }
    return isThere;
}

bool
TraceFile::Next()
{
    std::string line;
    if (!ReadLine(line))
    {
        return false;
    }
    m_cells = Split(line);
    if (m_cells.size() != m_columns.size())
    {
        Refuse("\"" + line + "\" is not " + m_header);
    }
    return true;
}

std::string
TraceFile::Where() const
{
    return m_path + ", line " + std::to_string(m_line);
}

const std::string&
TraceFile::Text(std::size_t column) const
{
    return m_cells.at(column);
}

double
TraceFile::Real(std::size_t column) const
{
    return fl::ParseReal(Text(column), Where() + ", " + m_columns.at(column));
}

uint32_t
TraceFile::Whole(std::size_t column) const
{
    const auto value = fl::ParseInteger(Text(column), Where() + ", " + m_columns.at(column));
    if (value < 0 || value > UINT32_MAX)
    {
        Refuse(m_columns.at(column) + " " + Text(column) + " is not from 0 to " +
               std::to_string(UINT32_MAX));
    }
    return static_cast<uint32_t>(value);
}

void
TraceFile::Refuse(const std::string& fault) const
{
    throw fl::UserError(Where() + ": " + fault);
}

} // namespace wfl
} // namespace ns3
