/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef WFL_PRESENCE_H
#define WFL_PRESENCE_H

#include "ns3/object.h"
#include "ns3/traced-callback.h"
#include "ns3/wfl-availability-model.h"
#include "ns3/wfl-channel-model.h"
#include "ns3/wfl-server.h"
#include "ns3/wfl-worker.h"

#include <map>
#include <set>
#include <string>
#include <vector>

namespace ns3
{
namespace wfl
{

/**
 * Which workers are there. One that has gone, for whatever reason, sends and hears nothing, and
 * what was under way to or from it is lost. The server notices after a while: keep-alive messages,
 * which are not simulated, fail to come. A worker that is back says hello on the air.
 */
class Presence : public Object
{
  public:
    /** @return the TypeId */
    static TypeId GetTypeId();

    Presence();
    ~Presence() override;

    /**
     * @param channel what carries datagrams
     * @param server who notices
     * @param workers by number
     * @param availability when they are there; null for always
     */
    void SetUp(Ptr<ChannelModel> channel,
               Ptr<FlServer> server,
               const std::vector<Ptr<FlWorker>>& workers,
               Ptr<AvailabilityModel> availability);

    /**
     * The rounds are about to begin; the server knows of everybody who is not there.
     * @param workers those who have joined
     */
    void Start(const std::vector<StationId>& workers);

    /**
     * There is a reason for a worker not to be there.
     * @param worker who
     * @param reason why, in a word that lives for ever
     * @param forGood whether this reason will never go away
     */
    void Take(StationId worker, const char* reason, bool forGood);

    /**
     * A reason is there no more; without any other one the worker is back.
     * @param worker who
     * @param reason as given to Take()
     */
    void Restore(StationId worker, const char* reason);

    /**
     * TracedCallback signature of the trace source Changed.
     * @param worker who
     * @param present whether it is there from now on
     * @param reason why it went
     */
    using ChangedCallback = void (*)(StationId worker, bool present, const std::string& reason);

  private:
    void DoDispose() override;

    void BeginSpell(StationId worker);
    void Notice(StationId worker, std::string reason);

    Time m_keepAlive;
    Ptr<ChannelModel> m_channel;
    Ptr<FlServer> m_server;
    std::vector<Ptr<FlWorker>> m_workers;
    Ptr<AvailabilityModel> m_availability;
    Time m_start;
    bool m_isStarting{false};
    std::vector<StationId> m_joined;
    std::map<StationId, std::set<std::string>> m_reasons; ///< why workers are not there
    std::set<StationId> m_goneForGood;
    std::map<StationId, EventId> m_notices; ///< when absences are noticed
    TracedCallback<StationId, bool, const std::string&> m_changedTrace;
};

} // namespace wfl
} // namespace ns3

#endif // WFL_PRESENCE_H
