/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef FL_IMPORTANCE_H
#define FL_IMPORTANCE_H

#include "ns3/fl-message.h"
#include "ns3/fl-update.h"

namespace fl
{

/**
 * Two classes of segments: important ones carry more of the squared Euclidean norm of the update a
 * byte than the message does in the mean. Where each byte is worth the same, as in plain signs, no
 * segment stands out.
 * @tparam S the scalar, float or double
 * @param update what is sent
 * @param message the update, encoded
 * @return indices of the important segments
 */
template <typename S>
Ranges ImportantSegments(const Update<S>& update, const EncodedMessage& message);

} // namespace fl

#endif // FL_IMPORTANCE_H
