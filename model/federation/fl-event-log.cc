/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/fl-event-log.h"

#include "ns3/fl-error.h"
#include "ns3/fl-parameters.h"

#include <charconv>
#include <cmath>
#include <istream>
#include <limits>
#include <ostream>

namespace fl
{

namespace
{

/** @return the parts of a text between separators */
std::vector<std::string>
Split(const std::string& text, char separator)
{
    std::vector<std::string> parts;
    std::size_t begin = 0;
    for (auto end = text.find(separator); end != std::string::npos;
         end = text.find(separator, begin))
    {
        parts.push_back(text.substr(begin, end - begin));
        begin = end + 1;
    }
    parts.push_back(text.substr(begin));
    return parts;
}

/** @return a whole number of 0 to 2^32 - 1 */
uint32_t
ParseNumber(const std::string& text, const std::string& where)
{
    const int64_t number = ParseInteger(text, where);
    if (number < 0 || number > std::numeric_limits<uint32_t>::max())
    {
        throw UserError(where + ": " + text + " is out of range");
    }
    return static_cast<uint32_t>(number);
}

/** Reads what ToText() wrote of ranges. */
Ranges
ParseRanges(const std::string& text, const std::string& where)
{
    Ranges ranges;
    if (text == "-")
    {
        return ranges;
    }
    for (const auto& part : Split(text, ','))
    {
        const auto dash = part.find('-');
        const uint32_t first = ParseNumber(part.substr(0, dash), where);
        const uint32_t last =
            dash == std::string::npos ? first : ParseNumber(part.substr(dash + 1), where);
        if (last < first || last == std::numeric_limits<uint32_t>::max() ||
            (!ranges.empty() && first < ranges.back().end))
        {
            throw UserError(where + ": \"" + part + "\" is not an ascending range");
        }
        Append(ranges, {first, last + 1});
    }
    return ranges;
}

} // namespace

EventLog::EventLog(std::ostream& stream)
    : m_stream(stream)
{
}

void
EventLog::Write(const std::string& kind,
                const std::initializer_list<std::pair<const char*, std::string>>& fields)
{
    m_stream << kind;
    for (const auto& [name, value] : fields)
    {
        m_stream << ' ' << name << '=' << value;
    }
    m_stream << '\n';
}

const std::string&
LoggedEvent::Text(const std::string& name) const
{
    const auto found = fields.find(name);
    if (found == fields.end())
    {
        throw UserError("event log, line " + std::to_string(line) + ": " + kind + " has no field " +
                        name);
    }
    return found->second;
}

uint32_t
LoggedEvent::Number(const std::string& name) const
{
    return ParseNumber(Text(name), "event log, line " + std::to_string(line) + ", " + name);
}

double
LoggedEvent::Real(const std::string& name) const
{
    if (Text(name) == "nan")
    {
        return std::nan("");
    }
    return ParseReal(Text(name), "event log, line " + std::to_string(line) + ", " + name);
}

Ranges
LoggedEvent::Numbers(const std::string& name) const
{
    return ParseRanges(Text(name), "event log, line " + std::to_string(line) + ", " + name);
}

std::vector<LoggedEvent>
ReadEventLog(std::istream& stream)
{
    std::vector<LoggedEvent> events;
    std::string text;
    for (uint32_t line = 1; std::getline(stream, text) && !stream.eof(); ++line)
    {
        LoggedEvent event;
        event.line = line;
        const auto words = Split(text, ' ');
        if (words.front().empty())
        {
            throw UserError("event log, line " + std::to_string(line) + ": begins with no word");
        }
        event.kind = words.front();
        for (std::size_t i = 1; i < words.size(); ++i)
        {
            const auto equals = words[i].find('=');
            if (equals == std::string::npos)
            {
                throw UserError("event log, line " + std::to_string(line) + ": \"" + words[i] +
                                "\" is not name=value");
            }
            event.fields[words[i].substr(0, equals)] = words[i].substr(equals + 1);
        }
        events.push_back(std::move(event));
    }
    return events;
}

std::string
ToText(const Ranges& ranges)
{
    std::string text;
    for (const auto& range : ranges)
    {
        text += (text.empty() ? "" : ",") + std::to_string(range.first);
        if (range.end - range.first > 1)
        {
            text += "-" + std::to_string(range.end - 1);
        }
    }
    return text.empty() ? "-" : text;
}

std::string
ToText(double value)
{
    if (std::isnan(value))
    {
        return "nan";
    }
    char text[32];
    const auto end = std::to_chars(text, text + sizeof text, value).ptr;
    return {text, end};
}

std::string
LayoutOf(const EncodedMessage& message)
{
    std::string text = std::to_string(static_cast<int>(message.format)) + ":" +
                       std::to_string(message.paperBits) + ":";
    for (std::size_t i = 0; i < message.segments.size();)
    {
        const auto& segment = message.segments[i];
        std::size_t same = i;
        while (same < message.segments.size() && message.segments[same].count == segment.count &&
               message.segments[same].length == segment.length)
        {
            ++same;
        }
        text += (i == 0 ? "" : ",") + std::to_string(segment.count) + "/" +
                std::to_string(segment.length) + "*" + std::to_string(same - i);
        i = same;
    }
    return message.important.empty() ? text : text + ":" + ToText(message.important);
}

EncodedMessage
MessageOf(const std::string& layout)
{
    const std::string where = "event log, message \"" + layout + "\"";
    const auto parts = Split(layout, ':');
    if (parts.size() != 3 && parts.size() != 4)
    {
        throw UserError(where + ": not format:bits:segments or format:bits:segments:important");
    }
    const uint32_t format = ParseNumber(parts[0], where);
    const int64_t paperBits = ParseInteger(parts[1], where);
    if (format >= WIRE_FORMATS || paperBits < 0)
    {
        throw UserError(where + ": unknown format, or negative length");
    }
    EncodedMessage message{static_cast<WireFormat>(format),
                           0,
                           {},
                           {},
                           static_cast<uint64_t>(paperBits)};
    uint32_t offset = 0;
    for (const auto& part : Split(parts[2], ','))
    {
        const auto slash = part.find('/');
        const auto star = part.find('*');
        if (slash == std::string::npos || star == std::string::npos || star < slash)
        {
            throw UserError(where + ": \"" + part + "\" is not count/bytes*repetitions");
        }
        const uint32_t count = ParseNumber(part.substr(0, slash), where);
        const uint32_t length = ParseNumber(part.substr(slash + 1, star - slash - 1), where);
        const uint64_t repetitions = ParseNumber(part.substr(star + 1), where);
        const uint64_t most = std::numeric_limits<uint32_t>::max();
        if (count == 0 || repetitions == 0 || repetitions > (most - message.dimension) / count ||
            repetitions * length > most - offset)
        {
            throw UserError(where + ": \"" + part + "\" is empty or too long");
        }
        for (uint64_t left = repetitions; left > 0; --left)
        {
            message.segments.push_back({message.dimension, count, offset, length});
            message.dimension += count;
            offset += length;
        }
    }
    message.bytes.resize(offset);
    if (parts.size() == 4)
    {
        message.important = ParseRanges(parts[3], where);
        if (message.important.empty() || message.important.back().end > message.segments.size())
        {
            throw UserError(where + ": \"" + parts[3] + "\" are no segments of it");
        }
    }
    return message;
}

} // namespace fl
