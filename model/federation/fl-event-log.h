/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef FL_EVENT_LOG_H
#define FL_EVENT_LOG_H

#include "ns3/fl-message.h"
#include "ns3/fl-ranges.h"

#include <cstdint>
#include <initializer_list>
#include <iosfwd>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace fl
{

/**
 * One line of an event log: a word, then fields `name=value` separated by blanks. Lines are what
 * crossed the boundary between learning and radio, in the order in which it happened: deliveries
 * (open, download-segment, download-end, confirm, skip, upload-segment, upload-end, receipt) and
 * decisions (plan, download, start, finish, abort, close, evaluate).
 */
struct LoggedEvent
{
    std::string kind;                          ///< the word
    std::map<std::string, std::string> fields; ///< the fields
    uint32_t line{0};                          ///< line in the file, from 1

    /**
     * @param name name of a field
     * @return its value
     * @throws UserError naming the line if there is none
     */
    const std::string& Text(const std::string& name) const;

    /**
     * @param name name of a field
     * @return its value as a whole number
     * @throws UserError naming the line if it is not one
     */
    uint32_t Number(const std::string& name) const;

    /**
     * @param name name of a field
     * @return its value as a number, which may be NaN
     * @throws UserError naming the line if it is not one
     */
    double Real(const std::string& name) const;

    /**
     * @param name name of a field
     * @return its value as ranges
     * @throws UserError naming the line if it is not that
     */
    Ranges Numbers(const std::string& name) const;
};

/** Writes events.log. */
class EventLog
{
  public:
    /** @param stream where the lines go; must outlive the log */
    explicit EventLog(std::ostream& stream);

    /**
     * Writes one line.
     * @param kind its word
     * @param fields its fields
     */
    void Write(const std::string& kind,
               const std::initializer_list<std::pair<const char*, std::string>>& fields);

  private:
    std::ostream& m_stream;
};

/**
 * @param stream the text of an event log
 * @return its lines; a last line that was cut off is left out
 * @throws UserError naming the line if one is malformed
 */
std::vector<LoggedEvent> ReadEventLog(std::istream& stream);

/**
 * @param ranges some ranges
 * @return for example "0-19,25"; "-" for none
 */
std::string ToText(const Ranges& ranges);

/**
 * @param value a number
 * @return its shortest text that reads back as the same number
 */
std::string ToText(double value);

/**
 * The layout of an encoded message, without its bytes.
 * @param message the message
 * @return `format:paperBits:count/bytes*repetitions,...`, followed by `:` and the important
 * segments if there are any
 */
std::string LayoutOf(const EncodedMessage& message);

/**
 * @param layout what LayoutOf() returned
 * @return a message of that layout whose bytes are all 0
 * @throws UserError if the text is malformed
 */
EncodedMessage MessageOf(const std::string& layout);

} // namespace fl

#endif // FL_EVENT_LOG_H
