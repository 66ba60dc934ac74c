/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/fl-error-memory.h"

#include "ns3/fl-update-values.h"

#include <utility>

namespace fl
{

template <typename S>
ErrorMemory<S>::ErrorMemory(uint32_t dimension)
    : m_error(dimension)
{
}

template <typename S>
void
ErrorMemory<S>::Draft(std::vector<S> wanted, Update<S> said)
{
    m_draftError = std::move(wanted);
    m_draftSaid = std::move(said);
}

template <typename S>
void
ErrorMemory<S>::Adopt()
{
    m_error = std::move(m_draftError);
    m_said = std::exchange(m_draftSaid, std::nullopt);
}

template <typename S>
void
ErrorMemory<S>::Confirm(const Ranges& missing)
{
    if (m_said)
    {
        ForEachValue(*m_said, missing, [this](uint32_t i, S value) { m_error[i] -= value; });
        m_said.reset();
    }
}

template class ErrorMemory<float>;
template class ErrorMemory<double>;

} // namespace fl
