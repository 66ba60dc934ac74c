/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/wfl-wifi-give-up.h"

#include "ns3/qos-txop.h"
#include "ns3/wifi-mac-queue.h"
#include "ns3/wifi-mpdu.h"

namespace ns3
{
namespace wfl
{

namespace
{

constexpr uint8_t BEST_EFFORT_TID = 0; ///< of all datagrams

/** Ends an agreement in whatever state it is, so that frames to the receiver may flow again. */
void
EndAgreement(const Ptr<BlockAckManager>& agreements, Mac48Address receiver)
{
    const auto isIn = [&agreements, receiver](OriginatorBlockAckAgreement::State state)
    {
        return agreements->ExistsAgreementInState(receiver, BEST_EFFORT_TID, state);
    };
    if (isIn(OriginatorBlockAckAgreement::ESTABLISHED))
    {
        agreements->DestroyAgreement(receiver, BEST_EFFORT_TID);
    }
    else if (isIn(OriginatorBlockAckAgreement::PENDING))
    {
        // Only an answer or its absence lets the frames go that wait for the agreement.
        agreements->NotifyAgreementNoReply(receiver, BEST_EFFORT_TID);
        agreements->NotifyAgreementReset(receiver, BEST_EFFORT_TID);
    }
}

} // namespace

void
UnansweredFrames::NoteAsked(StationId from, StationId to)
{
    ++m_inARow[{from, to}];
}

void
UnansweredFrames::NoteAlive(StationId from, StationId to)
{
    m_inARow.erase({to, from});
}

bool
UnansweredFrames::IsTooMany(StationId from, StationId to) const
{
    const auto found = m_inARow.find({from, to});
    return found != m_inARow.end() && found->second > LIMIT;
}

uint32_t
DropFramesTo(const Ptr<WifiMac>& mac, Mac48Address receiver)
{
    const auto txop = mac->GetQosTxop(AC_BE);
    EndAgreement(txop->GetBaManager(), receiver);
    const auto queue = txop->GetWifiMacQueue();
    uint32_t dropped = 0;
    while (const auto frame = queue->PeekByTidAndAddress(BEST_EFFORT_TID, receiver))
    {
        queue->Remove(frame);
        ++dropped;
    }
    return dropped;
}

} // namespace wfl
} // namespace ns3
