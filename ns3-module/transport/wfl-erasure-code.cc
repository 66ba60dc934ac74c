/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/wfl-erasure-code.h"

#include "ns3/abort.h"
#include "ns3/assert.h"

#ifdef WFL_HAS_ISAL
#include <isa-l/erasure_code.h>
#endif

namespace ns3
{
namespace wfl
{

#ifdef WFL_HAS_ISAL

bool
ErasureCode::IsAvailable()
{
    return true;
}

ErasureCode::ErasureCode(uint32_t sources, uint32_t parities)
    : m_sources(sources),
      m_generator(uint64_t{sources + parities} * sources)
{
    NS_ASSERT(sources > 0 && parities > 0 && sources + parities <= MAX_SYMBOLS);
    gf_gen_cauchy1_matrix(m_generator.data(),
                          static_cast<int>(sources + parities),
                          static_cast<int>(sources));
}

std::vector<ErasureCode::Symbol>
ErasureCode::Encode(const std::vector<Symbol>& sources) const
{
    NS_ASSERT(sources.size() == m_sources);
    std::vector<const Symbol*> symbols;
    for (const auto& source : sources)
    {
        symbols.push_back(&source);
    }
    const auto parities = m_generator.begin() + uint64_t{m_sources} * m_sources;
    return Multiply({parities, m_generator.end()}, symbols);
}

std::map<uint32_t, ErasureCode::Symbol>
ErasureCode::Recover(const std::map<uint32_t, Symbol>& arrived) const
{
    NS_ASSERT(arrived.size() == m_sources);
    std::vector<uint8_t> arrivedRows;
    std::vector<const Symbol*> symbols;
    for (const auto& [place, symbol] : arrived)
    {
        const auto row = m_generator.begin() + uint64_t{place} * m_sources;
        arrivedRows.insert(arrivedRows.end(), row, row + m_sources);
        symbols.push_back(&symbol);
    }
    std::vector<uint8_t> inverse(arrivedRows.size());
    const int singular =
        gf_invert_matrix(arrivedRows.data(), inverse.data(), static_cast<int>(m_sources));
    NS_ABORT_MSG_IF(singular, "a square part of the generator cannot be inverted");

    std::vector<uint32_t> missing;
    std::vector<uint8_t> missingRows;
    for (uint32_t place = 0; place < m_sources; ++place)
    {
        if (arrived.count(place) == 0)
        {
            const auto row = inverse.begin() + uint64_t{place} * m_sources;
            missingRows.insert(missingRows.end(), row, row + m_sources);
            missing.push_back(place);
        }
    }
    auto found = Multiply(missingRows, symbols);
    std::map<uint32_t, Symbol> recovered;
    for (std::size_t i = 0; i < missing.size(); ++i)
    {
        recovered.emplace(missing[i], std::move(found[i]));
    }
    return recovered;
}

/** @return a symbol for each row of a matrix that has as many columns as there are sources */
std::vector<ErasureCode::Symbol>
ErasureCode::Multiply(const std::vector<uint8_t>& matrix,
                      const std::vector<const Symbol*>& symbols) const
{
    constexpr std::size_t tableBytes = 32; // of ISA-L, for each element of the matrix
    const std::size_t length = symbols.front()->size();
    std::vector<Symbol> products(matrix.size() / m_sources, Symbol(length));
    if (products.empty())
    {
        return products;
    }
    // ISA-L takes all by pointers that are not const, and writes to the products only.
    std::vector<uint8_t*> from;
    for (const auto* symbol : symbols)
    {
        NS_ASSERT(symbol->size() == length);
        from.push_back(const_cast<uint8_t*>(symbol->data()));
    }
    std::vector<uint8_t*> to;
    for (auto& product : products)
    {
        to.push_back(product.data());
    }
    const auto columns = static_cast<int>(m_sources);
    const auto rows = static_cast<int>(products.size());
    std::vector<uint8_t> tables(tableBytes * matrix.size());
    ec_init_tables(columns, rows, const_cast<uint8_t*>(matrix.data()), tables.data());
    ec_encode_data(static_cast<int>(length), columns, rows, tables.data(), from.data(), to.data());
    return products;
}

#else

bool
ErasureCode::IsAvailable()
{
    return false;
}

ErasureCode::ErasureCode(uint32_t sources, uint32_t /* parities */)
    : m_sources(sources)
{
    NS_ABORT_MSG("this build has no erasure code");
}

std::vector<ErasureCode::Symbol>
ErasureCode::Encode(const std::vector<Symbol>& /* sources */) const
{
    return {};
}

std::map<uint32_t, ErasureCode::Symbol>
ErasureCode::Recover(const std::map<uint32_t, Symbol>& /* arrived */) const
{
    return {};
}

#endif

} // namespace wfl
} // namespace ns3
