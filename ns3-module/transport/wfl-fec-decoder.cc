/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/wfl-fec-decoder.h"

#include <algorithm>
#include <boost/endian/conversion.hpp>
#include <optional>
#include <utility>

namespace ns3
{
namespace wfl
{

namespace
{

using Symbol = ErasureCode::Symbol;

constexpr uint32_t LENGTH_OFFSET = 4;

/** @return a symbol without the zeros at its end */
Symbol
MakeSymbol(uint32_t first, const uint8_t* body, uint32_t length)
{
    Symbol symbol(FEC_SYMBOL_HEADER_BYTES + length);
    boost::endian::store_little_u32(symbol.data(), first);
    boost::endian::store_little_u16(symbol.data() + LENGTH_OFFSET, static_cast<uint16_t>(length));
    std::copy(body, body + length, symbol.begin() + FEC_SYMBOL_HEADER_BYTES);
    return symbol;
}

/** @return the segment that a symbol holds, if it holds one */
std::optional<RecoveredSegment>
ParseSymbol(uint32_t index, const Symbol& symbol)
{
    const uint32_t first = boost::endian::load_little_u32(symbol.data());
    const uint32_t length = boost::endian::load_little_u16(symbol.data() + LENGTH_OFFSET);
    if (length > symbol.size() - FEC_SYMBOL_HEADER_BYTES)
    {
        return std::nullopt;
    }
    const auto body = symbol.begin() + FEC_SYMBOL_HEADER_BYTES;
    return RecoveredSegment{index, first, {body, body + length}};
}

} // namespace

std::vector<Symbol>
ParitiesOf(const fl::EncodedMessage& message, const FecLayout& layout)
{
    std::vector<Symbol> parities(layout.Parities().size());
    for (const auto& block : layout.Blocks())
    {
        std::vector<Symbol> sources;
        std::size_t longest = 0;
        for (const uint32_t index : block.segments)
        {
            const auto& slice = message.segments[index];
            sources.push_back(
                MakeSymbol(slice.first, message.bytes.data() + slice.offset, slice.length));
            longest = std::max(longest, sources.back().size());
        }
        for (auto& source : sources)
        {
            source.resize(longest);
        }
        const ErasureCode code(static_cast<uint32_t>(sources.size()),
                               static_cast<uint32_t>(block.parities.size()));
        auto encoded = code.Encode(sources);
        for (std::size_t i = 0; i < encoded.size(); ++i)
        {
            parities[block.parities[i]] = std::move(encoded[i]);
        }
    }
    return parities;
}

FecDecoder::FecDecoder(const FecLayout& layout)
    : m_layout(layout),
      m_blocks(layout.Blocks().size())
{
}

std::vector<RecoveredSegment>
FecDecoder::AddSegment(uint32_t index, uint32_t first, const std::vector<uint8_t>& body)
{
    const auto place = m_layout.Segments()[index];
    auto& block = m_blocks[place.block];
    if (block.over)
    {
        return {};
    }
    block.segments.emplace(place.symbol,
                           MakeSymbol(first, body.data(), static_cast<uint32_t>(body.size())));
    return Recover(place.block);
}

std::vector<RecoveredSegment>
FecDecoder::AddParity(uint32_t index, std::vector<uint8_t> body)
{
    if (index >= m_layout.Parities().size() || body.size() < FEC_SYMBOL_HEADER_BYTES)
    {
        return {};
    }
    const auto place = m_layout.Parities()[index];
    auto& block = m_blocks[place.block];
    const bool fits =
        block.parities.empty() || block.parities.begin()->second.size() == body.size();
    if (block.over || !fits)
    {
        return {};
    }
    block.parities.emplace(place.symbol, std::move(body));
    return Recover(place.block);
}

/** Computes what is missing of a block, if that is possible. */
std::vector<RecoveredSegment>
FecDecoder::Recover(uint32_t blockIndex)
{
    auto& block = m_blocks[blockIndex];
    const auto& layout = m_layout.Blocks()[blockIndex];
    const auto sources = static_cast<uint32_t>(layout.segments.size());
    if (block.segments.size() + block.parities.size() < sources)
    {
        return {};
    }
    std::vector<RecoveredSegment> recovered;
    if (block.segments.size() < sources)
    {
        const std::size_t length = block.parities.begin()->second.size();
        auto arrived = std::move(block.segments);
        bool fits = true;
        for (auto& [place, symbol] : arrived)
        {
            fits = fits && symbol.size() <= length;
            symbol.resize(length);
        }
        for (auto& [place, symbol] : block.parities)
        {
            if (arrived.size() < sources)
            {
                arrived.emplace(sources + place, std::move(symbol));
            }
        }
        if (fits)
        {
            const ErasureCode code(sources, static_cast<uint32_t>(layout.parities.size()));
            for (const auto& [place, symbol] : code.Recover(arrived))
            {
                if (auto segment = ParseSymbol(layout.segments[place], symbol))
                {
                    recovered.push_back(std::move(*segment));
                }
            }
        }
    }
    block = Block{};
    block.over = true;
    return recovered;
}

fl::Ranges
FecDecoder::Needed(const std::vector<bool>& arrived) const
{
    std::vector<uint32_t> needed;
    for (std::size_t b = 0; b < m_blocks.size(); ++b)
    {
        std::vector<uint32_t> missing;
        for (const uint32_t index : m_layout.Blocks()[b].segments)
        {
            if (!arrived[index])
            {
                missing.push_back(index);
            }
        }
        // Each parity that is here stands for one of them.
        const std::size_t spared = std::min(missing.size(), m_blocks[b].parities.size());
        needed.insert(needed.end(), missing.begin(), missing.end() - spared);
    }
    std::sort(needed.begin(), needed.end());
    return fl::ToRanges(needed);
}

} // namespace wfl
} // namespace ns3
