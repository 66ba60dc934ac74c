/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef FL_UPDATE_VALUES_H
#define FL_UPDATE_VALUES_H

#include "ns3/fl-update.h"
#include "ns3/fl-value-code.h"

#include <cassert>
#include <cstdint>
#include <type_traits>
#include <variant>
#include <vector>

namespace fl
{

/**
 * Visits the numbers of any update, so that who adds updates up need not know their types. Each
 * overload of operator() visits one type.
 * @tparam S the scalar, float or double
 * @tparam Function called as function(uint32_t coordinate, S value)
 */
template <typename S, typename Function>
class ValueVisitor
{
  public:
    /**
     * @param missing coordinates to leave out
     * @param function called for the others; both must outlive the visitor
     */
    ValueVisitor(const Ranges& missing, Function& function)
        : m_missing(missing),
          m_function(function)
    {
    }

    /** @param update visited at every coordinate */
    void operator()(const DenseUpdate<S>& update) const
    {
        VisitAll(update.values);
    }

    /** @param update visited at every coordinate */
    void operator()(const NaturalUpdate<S>& update) const
    {
        VisitAll(update.values);
    }

    /** @param update visited at every coordinate */
    void operator()(const SignUpdate& update) const
    {
        for (const auto& range : Complement(m_missing, update.size))
        {
            for (uint32_t i = range.first; i < range.end; ++i)
            {
                m_function(i, update.Negative(i) ? S{-1} : S{1});
            }
        }
    }

    /** @param update visited where it is not 0 */
    void operator()(const TernaryUpdate& update) const
    {
        VisitNonzeros(update, [](uint32_t) { return S{1}; });
    }

    /** @param update visited where it has a value */
    void operator()(const SparseUpdate<S>& update) const
    {
        VisitPlaces(update.indices, update.values);
    }

    /** @param update visited where it has a value */
    void operator()(const SeededUpdate<S>& update) const
    {
        const auto count = static_cast<uint32_t>(update.values.size());
        VisitPlaces(DrawPositions(update.seed, update.size, count), update.values);
    }

    /** @param update visited at every coordinate */
    void operator()(const ScaledSignUpdate<S>& update) const
    {
        VisitBlocks(update.blocks,
                    [&](uint32_t i, std::size_t block) { m_function(i, update.At(i, block)); });
    }

    /** @param update visited where its trit is not 0 */
    void operator()(const ScaledTernaryUpdate<S>& update) const
    {
        VisitNonzeros(update.trits,
                      [&update, block = std::size_t{0}](uint32_t i) mutable
                      {
                          while (i >= (*update.blocks)[block])
                          {
                              ++block;
                          }
                          return update.scales[block];
                      });
    }

    /** @param update visited where its level is not 0 */
    void operator()(const QuantisedUpdate<S>& update) const
    {
        VisitBlocks(update.blocks,
                    [&](uint32_t i, std::size_t block)
                    {
                        if (update.levels[i] != 0)
                        {
                            m_function(i, update.At(i, block));
                        }
                    });
    }

  private:
    void VisitAll(const std::vector<S>& values) const
    {
        for (const auto& range : Complement(m_missing, static_cast<uint32_t>(values.size())))
        {
            for (uint32_t i = range.first; i < range.end; ++i)
            {
                m_function(i, values[i]);
            }
        }
    }

    /** Nonzeros in ascending order, each times what magnitude(coordinate) returns. */
    template <typename Magnitude>
    void VisitNonzeros(const TernaryUpdate& trits, Magnitude magnitude) const
    {
        auto missing = m_missing.begin();
        for (std::size_t word = 0; word < trits.positive.size(); ++word)
        {
            auto left = trits.positive[word] | trits.negative[word];
            for (; left != 0; left &= left - 1)
            {
                const auto bit = static_cast<uint32_t>(__builtin_ctzll(left));
                const auto i = static_cast<uint32_t>(word * 64) + bit;
                if (!Missing(missing, i))
                {
                    const bool negative = (trits.negative[word] >> bit) & 1;
                    m_function(i, negative ? -magnitude(i) : magnitude(i));
                }
            }
        }
    }

    void VisitPlaces(const std::vector<uint32_t>& places, const std::vector<S>& values) const
    {
        assert(places.size() == values.size());
        auto missing = m_missing.begin();
        for (std::size_t i = 0; i < places.size(); ++i)
        {
            if (!Missing(missing, places[i]))
            {
                m_function(places[i], values[i]);
            }
        }
    }

    /** Every coordinate that is not missing, with its block. */
    template <typename Visit>
    void VisitBlocks(const Blocks& blocks, Visit visit) const
    {
        std::size_t block = 0;
        for (const auto& range : Complement(m_missing, blocks->back()))
        {
            for (uint32_t i = range.first; i < range.end; ++i)
            {
                while (i >= (*blocks)[block])
                {
                    ++block;
                }
                visit(i, block);
            }
        }
    }

    /** Whether a coordinate is missing; the coordinates asked about ascend. */
    bool Missing(Ranges::const_iterator& missing, uint32_t i) const
    {
        while (missing != m_missing.end() && missing->end <= i)
        {
            ++missing;
        }
        return missing != m_missing.end() && missing->first <= i;
    }

    const Ranges& m_missing;
    Function& m_function;
};

/**
 * Visits the numbers of an update in ascending order of their coordinates. Of sparse and seeded
 * updates only what has a value is visited, of ternary, scaled ternary and quantised ones only what
 * is not 0: a coordinate that is neither visited nor missing is 0.
 * @tparam S the scalar, float or double
 * @param update any update
 * @param missing coordinates that did not arrive; they are left out
 * @param function called as function(uint32_t coordinate, S value)
 */
template <typename S, typename Function>
void
ForEachValue(const Update<S>& update, const Ranges& missing, Function&& function)
{
    std::visit(ValueVisitor<S, std::remove_reference_t<Function>>(missing, function), update);
}

} // namespace fl

#endif // FL_UPDATE_VALUES_H
