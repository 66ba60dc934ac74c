/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef FL_TRAVELLING_VALUES_H
#define FL_TRAVELLING_VALUES_H

#include "ns3/fl-value-code.h"

#include <cstdint>
#include <utility>
#include <vector>

namespace fl
{

/**
 * Rounds the numbers of an update to what arrives.
 * @tparam S the scalar, float or double
 * @param update dense or sparse
 * @param code how they are going to travel
 */
template <typename S>
void
RoundValues(Update<S>& update, ValueCode code)
{
    const auto round = [code](auto& typed)
    {
        typed.code = code;
        if (code != ValueCode::NATIVE)
        {
            for (S& value : typed.values)
            {
                value = RoundValue(value, code);
            }
        }
    };
    if (auto* sparse = std::get_if<SparseUpdate<S>>(&update))
    {
        round(*sparse);
    }
    else
    {
        round(std::get<DenseUpdate<S>>(update));
    }
}

/**
 * @tparam S the scalar, float or double
 * @param values one number a coordinate
 * @return those that are not 0
 */
template <typename S>
SparseUpdate<S>
NonzerosOf(const std::vector<S>& values)
{
    const auto size = static_cast<uint32_t>(values.size());
    SparseUpdate<S> sparse{size, {}, {}};
    for (uint32_t i = 0; i < size; ++i)
    {
        if (values[i] != 0)
        {
            sparse.indices.push_back(i);
            sparse.values.push_back(values[i]);
        }
    }
    return sparse;
}

/**
 * @tparam S the scalar, float or double
 * @param values one number a coordinate
 * @return them as a sparse update if a bitmap and the nonzero ones are shorter, else as a dense one
 */
template <typename S>
Update<S>
DenseOrSparse(std::vector<S> values)
{
    const std::size_t size = values.size();
    auto sparse = NonzerosOf(values);
    const uint64_t valueBits = 8 * sizeof(S);
    if (sparse.indices.size() * valueBits + size < size * valueBits)
    {
        return sparse;
    }
    return DenseUpdate<S>{std::move(values)};
}

} // namespace fl

#endif // FL_TRAVELLING_VALUES_H
