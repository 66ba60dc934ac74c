/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef WFL_RANGE_CODE_H
#define WFL_RANGE_CODE_H

#include "ns3/fl-ranges.h"

#include <cstdint>
#include <optional>
#include <vector>

namespace ns3
{
namespace wfl
{

/**
 * Appends ranges to bytes: for each the gap to the end of the one before and its length less one,
 * both as LEB128 numbers (7 bits a byte, low ones first).
 * @param ranges ascending ranges
 * @param maxBytes most bytes to append; ranges that do not fit are left out
 * @param bytes where they go
 */
void AppendRanges(const fl::Ranges& ranges, uint32_t maxBytes, std::vector<uint8_t>& bytes);

/**
 * @param data what AppendRanges() wrote
 * @param length number of bytes
 * @param end all numbers must be less than this
 * @return the ranges, or nothing if the bytes are malformed
 */
std::optional<fl::Ranges> ParseRanges(const uint8_t* data, uint32_t length, uint32_t end);

} // namespace wfl
} // namespace ns3

#endif // WFL_RANGE_CODE_H
