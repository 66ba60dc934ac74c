/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef FL_TEMP_FOLDER_H
#define FL_TEMP_FOLDER_H

#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <system_error>

namespace fl::test
{

/** A folder that is gone at the end of the scope. */
class TempFolder
{
  public:
    TempFolder()
    {
        auto name = (std::filesystem::temp_directory_path() / "wfl-test-XXXXXX").string();
        if (!mkdtemp(name.data()))
        {
            throw std::runtime_error("no temporary folder");
        }
        m_path = name;
    }

    TempFolder(const TempFolder&) = delete;
    TempFolder& operator=(const TempFolder&) = delete;

    ~TempFolder()
    {
        std::error_code ignored;
        std::filesystem::remove_all(m_path, ignored);
    }

    /** @return its path */
    std::filesystem::path Path() const
    {
        return m_path;
    }

    /**
     * @param name a file or folder in it
     * @return its path
     */
    std::string operator/(const std::string& name) const
    {
        return m_path + "/" + name;
    }

  private:
    std::string m_path;
};

} // namespace fl::test

#endif // FL_TEMP_FOLDER_H
