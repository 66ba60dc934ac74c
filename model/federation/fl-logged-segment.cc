/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/fl-logged-segment.h"

#include "ns3/fl-error.h"

#include <algorithm>
#include <boost/algorithm/hex.hpp>
#include <iterator>
#include <sstream>
#include <vector>

namespace fl
{

namespace
{

bool
AreEqual(const SegmentView& a, const SegmentView& b)
{
    return a.format == b.format && a.total == b.total && a.first == b.first &&
           std::equal(a.data, a.data + a.length, b.data, b.data + b.length);
}

[[noreturn]] void
Refuse(const LoggedEvent& event)
{
    throw UserError("event log, line " + std::to_string(event.line) + ", " + event.kind +
                    ": no such segment");
}

} // namespace

std::string
LoggedSegment(const SegmentView& segment, const EncodedMessage* sent)
{
    if (sent && segment.index < sent->segments.size() &&
        AreEqual(segment, ViewOf(*sent, segment.index)))
    {
        return std::to_string(segment.index);
    }
    std::ostringstream text;
    text << static_cast<int>(segment.format) << ':' << segment.index << ':' << segment.total << ':'
         << segment.first << ':';
    boost::algorithm::hex_lower(segment.data,
                                segment.data + segment.length,
                                std::ostream_iterator<char>(text));
    return text.str();
}

void
ReadLoggedSegment(const LoggedEvent& event,
                  const EncodedMessage* sent,
                  const std::function<void(const SegmentView&)>& receive)
{
    const auto& text = event.Text("segment");
    if (text.find(':') == std::string::npos)
    {
        const uint32_t index = event.Number("segment");
        if (!sent || index >= sent->segments.size())
        {
            Refuse(event);
        }
        receive(ViewOf(*sent, index));
        return;
    }
    std::istringstream stream(text);
    uint32_t format = 0;
    SegmentView segment{};
    char separator = 0;
    std::string digits;
    stream >> format >> separator >> segment.index >> separator >> segment.total >> separator >>
        segment.first >> separator >> digits;
    std::vector<uint8_t> bytes;
    try
    {
        boost::algorithm::unhex(digits, std::back_inserter(bytes));
    }
    catch (const boost::algorithm::hex_decode_error&)
    {
        Refuse(event);
    }
    if (stream.fail() || format > UINT8_MAX)
    {
        Refuse(event);
    }
    segment.format = static_cast<WireFormat>(format);
    segment.data = bytes.data();
    segment.length = static_cast<uint32_t>(bytes.size());
    receive(segment);
}

} // namespace fl
