/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef FL_ERROR_H
#define FL_ERROR_H

#include <stdexcept>
#include <string>

namespace fl
{

/**
 * A mistake in what the user gave: an option, a file, a value. The message is one line that says
 * what is wrong, where, and what would be right; programs print it and exit with code 2.
 *
 * Programmer's errors are assertions instead, and a damaged payload is an ordinary result value.
 */
class UserError : public std::runtime_error
{
  public:
    /** @param line the whole message, one line without a final newline */
    explicit UserError(const std::string& line)
        : std::runtime_error(line)
    {
    }
};

} // namespace fl

#endif // FL_ERROR_H
