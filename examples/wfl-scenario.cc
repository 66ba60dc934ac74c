/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

/**
 * The general program: any algorithm on any data over any channel.
 *
 * Run it:  ./wfl run wfl-scenario --algorithm=signsgd-mv --channel=wifi --rounds=50 \
 *              --output=results/first
 * Draw it: ./wfl plot results/first
 * Options: ./wfl run wfl-scenario --PrintHelp, and --algorithm=list, --channel=list, ...
 */

#include "ns3/wfl-run-scenario.h"

int
main(int argc, char** argv)
{
    return ns3::wfl::RunScenario(argc, argv);
}
