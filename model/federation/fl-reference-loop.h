/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef FL_REFERENCE_LOOP_H
#define FL_REFERENCE_LOOP_H

#include "ns3/fl-federation.h"

#include <cstdint>
#include <vector>

namespace fl
{

/**
 * Drives a federation without a network, in which everything arrives: the trajectory that every
 * simulated network without loss must reproduce bit for bit.
 * @param federation a fresh federation
 * @param rounds how many
 * @return the training loss of each round
 */
std::vector<double> RunReferenceLoop(Federation& federation, uint32_t rounds);

/**
 * Drives a federation without a network by the deliveries of an event log: what arrived, where and
 * in which order. The model must then be that of the run that wrote the log, bit for bit.
 * @param federation a fresh federation of the same set-up as the one that wrote the log
 * @param events the log
 * @return the training loss of each round
 * @throws UserError naming the line if the log does not fit the federation
 */
std::vector<double> RunLoggedDeliveries(Federation& federation,
                                        const std::vector<LoggedEvent>& events);

} // namespace fl

#endif // FL_REFERENCE_LOOP_H
