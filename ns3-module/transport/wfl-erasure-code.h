/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef WFL_ERASURE_CODE_H
#define WFL_ERASURE_CODE_H

#include <cstdint>
#include <map>
#include <vector>

namespace ns3
{
namespace wfl
{

/**
 * A systematic erasure code over GF(2^8) that is maximum distance separable: of a block of sources
 * and parities, any as many symbols as there are sources give all of them. The generator is the
 * identity over a Cauchy matrix, of which every square part can be inverted (Bloemer et al., An
 * XOR-based erasure-resilient coding scheme, ICSI TR-95-048, 1995). Intel's ISA-L computes.
 */
class ErasureCode
{
  public:
    /** Bytes that are coded together; those of a block are equally long. */
    using Symbol = std::vector<uint8_t>;

    /** Most symbols of a block: as many as there are elements of the field. */
    static constexpr uint32_t MAX_SYMBOLS = 256;

    /** @return whether this build has ISA-L; without it there is no code */
    static bool IsAvailable();

    /**
     * @param sources number of sources of a block, at least 1
     * @param parities number of parities of a block, at least 1; MAX_SYMBOLS with the sources at
     *        most
     */
    ErasureCode(uint32_t sources, uint32_t parities);

    /**
     * @param sources all of a block, equally long
     * @return the parities
     */
    std::vector<Symbol> Encode(const std::vector<Symbol>& sources) const;

    /**
     * @param arrived as many symbols of a block as it has sources, equally long; by place, where
     *        the parities follow the sources
     * @return the sources that have not arrived, by place
     */
    std::map<uint32_t, Symbol> Recover(const std::map<uint32_t, Symbol>& arrived) const;

  private:
    std::vector<Symbol> Multiply(const std::vector<uint8_t>& matrix,
                                 const std::vector<const Symbol*>& symbols) const;

    uint32_t m_sources;
    std::vector<uint8_t> m_generator; ///< a row a symbol, a column a source
};

} // namespace wfl
} // namespace ns3

#endif // WFL_ERASURE_CODE_H
