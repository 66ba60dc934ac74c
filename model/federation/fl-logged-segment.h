/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef FL_LOGGED_SEGMENT_H
#define FL_LOGGED_SEGMENT_H

#include "ns3/fl-event-log.h"
#include "ns3/fl-message.h"

#include <cstdint>
#include <functional>
#include <string>

namespace fl
{

/**
 * A segment that was accepted, for the event log, whatever happened to it on its way.
 * @param segment as it arrived
 * @param sent the message that it belongs to, as it was sent; may be null
 * @return its index if it arrived as it was sent, else `format:index:total:first:` and its bytes in
 *         hexadecimal digits
 */
std::string LoggedSegment(const SegmentView& segment, const EncodedMessage* sent);

/**
 * Hands over a segment of the log as it had arrived.
 * @param event the event that speaks of it in its field `segment`
 * @param sent the message that it belongs to, as it was sent; may be null
 * @param receive takes it
 * @throws UserError naming the line if there is no such segment
 */
void ReadLoggedSegment(const LoggedEvent& event,
                       const EncodedMessage* sent,
                       const std::function<void(const SegmentView&)>& receive);

} // namespace fl

#endif // FL_LOGGED_SEGMENT_H
