/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef WFL_BATTERY_H
#define WFL_BATTERY_H

#include "ns3/energy-source.h"
#include "ns3/event-id.h"
#include "ns3/wfl-energy-load.h"

#include <functional>
#include <vector>

namespace ns3
{
namespace wfl
{

/**
 * The battery of a worker: an energy source of ns-3, what draws from it, and who hears that it is
 * empty or charged again.
 *
 * A source sees only now and then how much is left. So the battery is looked at again, each time,
 * before it could be empty at the highest power of all its loads: its end is found within a
 * millionth of what it holds, at few events. Where the source counts as empty, its own threshold
 * says.
 */
class Battery : public Object
{
  public:
    /** @return the TypeId */
    static TypeId GetTypeId();

    Battery();
    ~Battery() override;

    /**
     * @param source what --battery names
     * @throws fl::UserError if it would count as empty and as charged at once, or never hold more
     *         than what counts as empty
     */
    static void Check(Ptr<EnergySource> source);

    /**
     * Begins to draw from a source, now.
     * @param source a source of this battery's own, on its node
     * @param loads what draws from it
     * @param empty called when it is empty
     * @param charged called when it is charged again
     */
    void Start(Ptr<EnergySource> source,
               const std::vector<Ptr<EnergyLoad>>& loads,
               std::function<void()> empty,
               std::function<void()> charged);

    /** Looks at what is left; after a load has grown. */
    void Look();

    /** @return energy that is left, in joules */
    double RemainingJ() const;

    /** @return the share of its energy that is left, 0 to 1 */
    double RemainingShare() const;

  private:
    class Watch;

    void DoDispose() override;

    void NoteEmpty();
    void NoteCharged();

    Ptr<EnergySource> m_source;
    std::vector<Ptr<EnergyLoad>> m_loads;
    std::function<void()> m_empty;
    std::function<void()> m_charged;
    bool m_isEmpty{false};
    double m_emptyShare{0}; ///< share of its energy at which the source counts as empty
    EventId m_look;
};

} // namespace wfl
} // namespace ns3

#endif // WFL_BATTERY_H
