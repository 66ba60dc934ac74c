/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef WFL_RUN_SCENARIO_H
#define WFL_RUN_SCENARIO_H

namespace ns3
{
namespace wfl
{

/**
 * The whole general program: reads the options, builds a federation, runs it, writes the results
 * folder. A program that registers a channel or an algorithm of its own and calls this has them
 * among the names of the options.
 *
 * @param argc number of arguments
 * @param argv the arguments
 * @return exit code: 0; 1 if --check found something; 2 after one line on stderr that says what
 *         was wrong with the arguments
 */
int RunScenario(int argc, char** argv);

} // namespace wfl
} // namespace ns3

#endif // WFL_RUN_SCENARIO_H
