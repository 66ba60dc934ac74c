/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef FL_REPLAY_FEDERATION_H
#define FL_REPLAY_FEDERATION_H

#include "ns3/fl-federation.h"

#include <memory>
#include <vector>

namespace fl
{

/**
 * Makes a federation that repeats the decisions of a recorded run without training: who is asked,
 * the lengths of all segments (the bytes are 0), losses and accuracies. What it is told of
 * deliveries must be what the recorded run was told, otherwise learning would have gone another
 * way: a segment that stays lost where it had arrived, or a worker that is missing, ends the
 * replay with a UserError.
 *
 * @param shape what was fixed for the recorded run
 * @param events the recorded run's event log
 * @return the federation
 * @throws UserError naming the line if the log is of a run in which something was lost or aborted,
 *         or if it is malformed
 */
std::unique_ptr<Federation> MakeReplayFederation(FederationShape shape,
                                                 const std::vector<LoggedEvent>& events);

} // namespace fl

#endif // FL_REPLAY_FEDERATION_H
