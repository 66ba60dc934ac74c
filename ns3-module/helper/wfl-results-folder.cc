/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/wfl-results-folder.h"

#include "ns3/fl-error.h"

#include <filesystem>
#include <fstream>
#include <iterator>

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
                             "summary.json",
                             "events.log",
                             "model.bin",
                             "host.csv",
                             "transmissions.csv",
                             "animation.xml",
                             "pcap"};

} // namespace

void
PrepareFolder(const std::string& folder, bool overwrite)
{
    const std::string where = "--output: " + folder;
    std::error_code fault;
    for (const auto* name : FILES)
    {
        const auto path = std::filesystem::path(folder) / name;
        if (!std::filesystem::exists(path, fault))
        {
            continue;
        }
        if (!overwrite)
        {
            throw fl::UserError(where + " holds the results of another run; choose another "
                                        "folder or give --overwrite");
        }
        std::filesystem::remove_all(path, fault);
        if (fault)
        {
            throw fl::UserError(where + ": " + name + " cannot be removed: " + fault.message());
        }
    }
    std::filesystem::create_directories(folder, fault);
    if (fault)
    {
        throw fl::UserError(where + " cannot be made: " + fault.message());
    }
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
