/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef WFL_COMPAT_H
#define WFL_COMPAT_H

#include "ns3/enum.h"

/**
 * The differences between the releases of ns-3 that this module is built with. Every other file
 * uses what all of them have in common.
 */

namespace ns3
{
namespace energy
{
// Empty before release 3.42, which moved the energy classes here.
}

namespace lrwpan
{
// Empty before release 3.42, which moved the classes of lr-wpan here.
}

namespace wfl
{

using namespace ns3::energy;
using namespace ns3::lrwpan;

/** Whether stations can send with the modes of 802.11be; release 3.37 knows only their names. */
constexpr bool HAS_80211BE = WFL_NS3_MINOR >= 38;

/**
 * MakeEnumAccessor() takes the enumeration as a template argument from release 3.41 on.
 * @tparam T the enumeration
 * @tparam C the class
 * @param member the attribute's member
 * @return the accessor
 */
template <typename T, typename C>
Ptr<const AttributeAccessor>
MakeEnumAccessorCompat(T C::*member)
{
#if WFL_NS3_MINOR >= 41
    return MakeEnumAccessor<T>(member);
#else
    return MakeEnumAccessor(member);
#endif
}

} // namespace wfl
} // namespace ns3

#endif // WFL_COMPAT_H
