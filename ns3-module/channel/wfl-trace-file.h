/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef WFL_TRACE_FILE_H
#define WFL_TRACE_FILE_H

#include <cstdint>
#include <fstream>
#include <string>
#include <vector>

namespace ns3
{
namespace wfl
{

/**
 * A CSV file of a user, read row by row: a header line that must be as expected, then rows with as
 * many cells, without quotes. Lines may end as in files of Windows.
 */
class TraceFile
{
  public:
    /**
     * @param path the file
     * @param header its first line
     * @param where what it is for, the beginning of the error message
     * @throws fl::UserError if it cannot be read or begins with another line
     */
    TraceFile(const std::string& path, const std::string& header, const std::string& where);

    /**
     * Goes on to the next row.
     * @return whether there is one
     * @throws fl::UserError if it has another number of cells than the header
     */
    bool Next();

    /** @return the row's file and line, the beginning of error messages */
    std::string Where() const;

    /**
     * @param column from 0
     * @return the cell's text
     */
    const std::string& Text(std::size_t column) const;

    /**
     * @param column from 0
     * @return the cell as a number
     * @throws fl::UserError if it is not a finite one
     */
    double Real(std::size_t column) const;

    /**
     * @param column from 0
     * @return the cell as a whole number
     * @throws fl::UserError if it is not one from 0 to 2^32 - 1
     */
    uint32_t Whole(std::size_t column) const;

    /**
     * Ends the reading of a row that makes no sense.
     * @param fault what is wrong with it
     * @throws fl::UserError always
     */
    [[noreturn]] void Refuse(const std::string& fault) const;

  private:
    bool ReadLine(std::string& line);

    std::string m_path;
    std::string m_header;
    std::ifstream m_file;
    uint32_t m_line{0};
    std::vector<std::string> m_columns; ///< names
    std::vector<std::string> m_cells;   ///< of the row
};

} // namespace wfl
} // namespace ns3

#endif // WFL_TRACE_FILE_H
