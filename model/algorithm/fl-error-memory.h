/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef FL_ERROR_MEMORY_H
#define FL_ERROR_MEMORY_H

#include "ns3/fl-algorithm.h"
#include "ns3/fl-update.h"

#include <cstdint>
#include <optional>
#include <vector>

namespace fl
{

/**
 * The memory of error feedback: what a sender wanted to say and the other end has not heard, e of
 * the papers. It follows what is decoded, not what was meant: e = wanted - heard, where a
 * coordinate that was lost was not heard at all.
 *
 * Draft() may be called any number of times; Adopt() puts the last draft in flight; Confirm() ends
 * the flight and subtracts what was heard. Until then the whole vector is error.
 *
 * @tparam S the scalar, float or double
 */
template <typename S>
class ErrorMemory
{
  public:
    /** @param dimension number of coordinates */
    explicit ErrorMemory(uint32_t dimension);

    /** @return the error; while an upload is in flight, what it wanted to say */
    const std::vector<S>& Error() const
    {
        return m_error;
    }

    /**
     * @param wanted what was to be said, the error included
     * @param said what is said of it
     */
    void Draft(std::vector<S> wanted, Update<S> said);

    /** Takes the last draft over. */
    void Adopt();

    /** @param missing what was lost of the update in flight; ignored if there is none */
    void Confirm(const Ranges& missing);

  private:
    std::vector<S> m_error;
    std::optional<Update<S>> m_said; ///< the update in flight
    std::vector<S> m_draftError;
    std::optional<Update<S>> m_draftSaid;
};

} // namespace fl

#endif // FL_ERROR_MEMORY_H
