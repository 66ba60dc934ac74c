/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/wfl-results-folder.h"

#include "ns3/fl-error.h"

#include <fstream>
#include <iterator>
#include <system_error>

namespace ns3
{
namespace wfl
{

namespace
{

/** Every file that a run may write. */
const char* const FILES[] = {"config.json",
                             "rounds.csv",
                             "workers.csv",
                             "energy.csv",
                             "presence.csv",
                             "summary.json",
                             "events.log",
                             "model.bin",
                             "host.csv",
                             "transmissions.csv",
                             "animation.xml",
                             "pcap"};

const char* const REPLACED = "replaced"; ///< folder of what was there before

} // namespace

ResultsFolder::ResultsFolder(const std::string& folder, bool overwrite)
    : m_folder(folder)
{
    const std::string where = "--output: " + folder;
    std::error_code fault;
    m_isNew = !std::filesystem::exists(m_folder, fault);
    std::vector<std::string> found;
    for (const auto* name : FILES)
    {
        if (std::filesystem::exists(m_folder / name, fault))
        {
            found.push_back(name);
        }
    }
    if (!found.empty() && !overwrite)
    {
        throw fl::UserError(where + " holds the results of another run; choose another "
                                    "folder or give --overwrite");
    }
    const auto replaced = m_folder / REPLACED;
    std::filesystem::remove_all(replaced, fault);
    std::filesystem::create_directories(found.empty() ? m_folder : replaced, fault);
    if (fault)
    {
        throw fl::UserError(where + " cannot be made: " + fault.message());
    }
    for (const auto& name : found)
    {
        std::filesystem::rename(m_folder / name, replaced / name, fault);
        if (fault)
        {
            throw fl::UserError(where + ": " + name + " cannot be removed: " + fault.message());
        }
    }
}

ResultsFolder::~ResultsFolder()
{
    if (m_begun)
    {
        return;
    }
    std::error_code fault;
    if (m_isNew)
    {
        std::filesystem::remove_all(m_folder, fault);
        return;
    }
    const auto replaced = m_folder / REPLACED;
    for (const auto* name : FILES)
    {
        std::filesystem::remove_all(m_folder / name, fault);
        if (std::filesystem::exists(replaced / name, fault))
        {
            std::filesystem::rename(replaced / name, m_folder / name, fault);
        }
    }
    std::filesystem::remove_all(replaced, fault);
}

void
ResultsFolder::NoteReady(const std::vector<StationId>& /* workers */)
{
    m_begun = true;
    std::error_code fault;
    std::filesystem::remove_all(m_folder / REPLACED, fault);
}

void
WriteModel(const std::string& folder, const fl::Federation& federation)
{
    const auto bytes = federation.ModelBytes();
    if (bytes.empty())
    {
        return;
    }
    std::ofstream file(folder + "/model.bin", std::ios::binary);
    file.write(reinterpret_cast<const char*>(bytes.data()),
               static_cast<std::streamsize>(bytes.size()));
    if (!file.flush())
    {
        throw fl::UserError("--output: " + folder + "/model.bin cannot be written");
    }
}

std::vector<uint8_t>
ReadModel(const std::string& path)
{
    std::vector<uint8_t> bytes;
    std::ifstream file(path, std::ios::binary);
    if (file && !std::filesystem::is_directory(path))
    {
        bytes.assign(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
    }
    if (bytes.empty())
    {
        throw fl::UserError("--init: " + path +
                            " cannot be read or is empty; it must be the "
                            "model.bin of a results folder");
    }
    return bytes;
}

} // namespace wfl
} // namespace ns3
