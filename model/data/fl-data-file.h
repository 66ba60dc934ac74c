/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef FL_DATA_FILE_H
#define FL_DATA_FILE_H

#include <string>

namespace fl
{

/**
 * A file of a dataset, read whole. If its content is packed with gzip or bzip2 it is unpacked,
 * whatever its name; some programs unpack a file and leave its name.
 */
class DataFile
{
  public:
    /**
     * @param path where it is
     * @param orPacked whether the file of this name with `.gz` behind it comes first
     * @param remedy what the user can do about a fault, the end of every error message
     * @throws UserError naming file, fault and remedy if it is missing, cannot be read, or is
     *         packed and damaged
     */
    DataFile(const std::string& path, bool orPacked, const std::string& remedy);

    /** @return the unpacked content */
    const std::string& Bytes() const
    {
        return m_bytes;
    }

    /**
     * Refuses the file.
     * @param fault what is wrong with it, to be read behind its name
     * @throws UserError naming file, fault and remedy
     */
    [[noreturn]] void Fail(const std::string& fault) const;

  private:
    void Read();

    std::string m_path;
    std::string m_remedy;
    std::string m_bytes;
};

} // namespace fl

#endif // FL_DATA_FILE_H
