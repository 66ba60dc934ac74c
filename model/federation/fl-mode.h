/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef FL_MODE_H
#define FL_MODE_H

#include "ns3/fl-late-uploads.h"
#include "ns3/fl-parameters.h"

#include <cstdint>
#include <functional>
#include <string>

namespace fl
{

/**
 * When the model moves. Asynchronously, a round is what passes between two steps of the model:
 * whoever has answered is asked anew at once, the others go on with what they have begun.
 */
struct Mode
{
    /** uploads after which the model moves, whenever they were asked for; 0 for synchronous rounds
     */
    uint32_t buffer{0};
    /** what an upload for an older model is worth; with synchronous rounds `--late-uploads` says */
    LateUploads late{};

    /**
     * @param text `sync`, `async[Exponent=number]` or `buffered[K=number|Exponent=number]`
     * @return what it means
     * @throws UserError for anything else
     */
    static Mode Parse(const std::string& text);
};

/** Makes what a name of --mode means. */
using ModeFactory = std::function<Mode(const Parameters&)>;

} // namespace fl

#endif // FL_MODE_H
