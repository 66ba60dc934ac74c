/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef WFL_AVAILABILITY_MODEL_H
#define WFL_AVAILABILITY_MODEL_H

#include "ns3/fl-random.h"
#include "ns3/nstime.h"
#include "ns3/object.h"

#include <cstdint>

namespace ns3
{
namespace wfl
{

/** A while in which a worker is there, or is not. */
struct Spell
{
    bool available; ///< whether it is there
    Time until;     ///< the end of it; Time::Max() if it never ends
};

/**
 * When workers are there, apart from what their batteries allow. Chosen by name, see
 * WFL_REGISTER_AVAILABILITY; a model of one's own is a subclass with At(). Times are counted from
 * the ready time.
 */
class AvailabilityModel : public Object
{
  public:
    /** @return the TypeId */
    static TypeId GetTypeId();

    /**
     * Draws what is drawn once a worker; called once, before the run.
     * @param workers number of workers
     * @param runSeed drives the draws
     * @throws fl::UserError if an attribute makes no sense
     */
    virtual void Start(uint32_t workers, const fl::RunSeed& runSeed);

    /**
     * @param worker a worker
     * @param time a moment; for each worker not before the last one asked for
     * @return the spell in which this moment lies, or one that begins then
     */
    virtual Spell At(uint32_t worker, Time time) = 0;
};

} // namespace wfl
} // namespace ns3

#endif // WFL_AVAILABILITY_MODEL_H
