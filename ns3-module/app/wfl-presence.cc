/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/wfl-presence.h"

#include "ns3/simulator.h"

namespace ns3
{
namespace wfl
{

NS_OBJECT_ENSURE_REGISTERED(Presence);

namespace
{

const char* const UNAVAILABLE = "unavailable";

} // namespace

TypeId
Presence::GetTypeId()
{
    static TypeId tid =
        TypeId("ns3::wfl::Presence")
            .SetParent<Object>()
            .SetGroupName("Wfl")
            .AddConstructor<Presence>()
            .AddAttribute("KeepAlive",
                          "Time after which the server notices that a worker has gone.",
                          TimeValue(Seconds(10)),
                          MakeTimeAccessor(&Presence::m_keepAlive),
                          MakeTimeChecker(Seconds(0)))
            .AddTraceSource("Changed",
                            "A worker has gone or is back",
                            MakeTraceSourceAccessor(&Presence::m_changedTrace),
                            "ns3::wfl::Presence::ChangedCallback");
    return tid;
}

Presence::Presence() = default;

Presence::~Presence() = default;

void
Presence::DoDispose()
{
    for (auto& [worker, notice] : m_notices)
    {
        notice.Cancel();
    }
    m_channel = nullptr;
    m_server = nullptr;
    m_workers.clear();
    m_availability = nullptr;
    Object::DoDispose();
}

void
Presence::SetUp(Ptr<ChannelModel> channel,
                Ptr<FlServer> server,
                const std::vector<Ptr<FlWorker>>& workers,
                Ptr<AvailabilityModel> availability)
{
    m_channel = channel;
    m_server = server;
    m_workers = workers;
    m_availability = availability;
}

void
Presence::Start(const std::vector<StationId>& workers)
{
    m_start = Simulator::Now();
    m_joined = workers;
    if (!m_availability)
    {
        return;
    }
    m_isStarting = true;
    for (const StationId worker : m_joined)
    {
        BeginSpell(worker);
    }
    m_isStarting = false;
}

void
Presence::BeginSpell(StationId worker)
{
    const Time now = Simulator::Now() - m_start;
    const auto spell = m_availability->At(worker, now);
    const bool ends = spell.until < Time::Max();
    NS_ASSERT(spell.until > now);
    if (spell.available)
    {
        Restore(worker, UNAVAILABLE);
    }
    else
    {
        Take(worker, UNAVAILABLE, !ends);
    }
    if (ends)
    {
        Simulator::Schedule(spell.until - now, &Presence::BeginSpell, this, worker);
    }
}

void
Presence::Take(StationId worker, const char* reason, bool forGood)
{
    auto& reasons = m_reasons[worker];
    const bool wasThere = reasons.empty();
    reasons.insert(reason);
    if (wasThere)
    {
        m_channel->SetAbsent(worker, reason);
        m_workers.at(worker)->Leave();
        m_changedTrace(worker, false, reason);
        if (m_isStarting)
        {
            Notice(worker, reason);
        }
        else
        {
            m_notices[worker] = Simulator::Schedule(m_keepAlive,
                                                    &Presence::Notice,
                                                    this,
                                                    worker,
                                                    std::string(reason));
        }
    }
    if (forGood && m_goneForGood.insert(worker).second && m_goneForGood.size() == m_joined.size())
    {
        m_server->GiveUp();
    }
}

void
Presence::Restore(StationId worker, const char* reason)
{
    auto& reasons = m_reasons[worker];
    if (reasons.erase(reason) == 0 || !reasons.empty())
    {
        return;
    }
    m_notices[worker].Cancel();
    m_channel->SetAbsent(worker, nullptr);
    m_changedTrace(worker, true, reason);
    m_workers.at(worker)->Return();
}

void
Presence::Notice(StationId worker, std::string reason)
{
    m_server->Dismiss(worker, reason);
}

} // namespace wfl
} // namespace ns3
