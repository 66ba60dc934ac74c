/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef WFL_FEDERATION_HELPER_H
#define WFL_FEDERATION_HELPER_H

#include "ns3/fl-federation.h"
#include "ns3/fl-mode.h"
#include "ns3/object-factory.h"
#include "ns3/wfl-channel-model.h"
#include "ns3/wfl-compute-model.h"
#include "ns3/wfl-fleet-energy.h"
#include "ns3/wfl-mobility.h"
#include "ns3/wfl-presence.h"
#include "ns3/wfl-selection-policy.h"
#include "ns3/wfl-server.h"
#include "ns3/wfl-transport.h"
#include "ns3/wfl-worker.h"

#include <string>
#include <vector>

namespace ns3
{
namespace wfl
{

/**
 * Builds a federation on a simulated channel: nodes, channel, transport, applications. Use:
 * choose the parts by name, Install() a federation, run the simulator.
 *
 * The lengths of segments depend on channel and transport, so a federation is made after these:
 * see MaxSegmentBytes().
 */
class FederationHelper
{
  public:
    /** @param runSeed drives all draws of the radio side */
    explicit FederationHelper(const fl::RunSeed& runSeed);

    /**
     * @param factory of a Mobility; before SetChannel(), without it workers stand still
     */
    void SetMobility(const ObjectFactory& factory);

    /**
     * Makes the channel between new nodes.
     * @param factory of a ChannelModel, for example of TypeRegistry::Get("channel").Parse(...)
     * @param workers number of workers
     */
    void SetChannel(const ObjectFactory& factory, uint32_t workers);

    /**
     * @param factory of a LossModel that comes on top of the channel
     * @throws fl::UserError if the transport does not use the channel's datagrams
     */
    void SetLoss(const ObjectFactory& factory);

    /** @param factory of a ComputeModel; after SetChannel() */
    void SetCompute(const ObjectFactory& factory);

    /** @param factory of a DeviceProfile, of the workers; without it they draw what ns-3's do */
    void SetDevice(const ObjectFactory& factory);

    /**
     * Gives every worker a battery; without it, devices draw from the mains. A BasicEnergySource
     * holds what the device profile says, unless the text says otherwise.
     * @param text `name[Attribute=value|...]`, a name of --battery or of a class of ns-3
     * @throws fl::UserError for an unknown name or attribute
     */
    void SetBattery(const std::string& text);

    /** @param factory of a HarvestModel that charges the batteries; after SetBattery() */
    void SetHarvest(const ObjectFactory& factory);

    /** @param factory of an AvailabilityModel; without it workers are always there */
    void SetAvailability(const ObjectFactory& factory);

    /** @param factory of a SelectionPolicy; without it everybody is asked; after SetBattery() */
    void SetSelection(const ObjectFactory& factory);

    /**
     * @param mode when the model moves
     * @param late what late uploads of synchronous rounds are worth
     */
    void SetMode(const fl::Mode& mode, const fl::LateUploads& late);

    /** @return whether the selection policy wants to know the lengths of updates */
    bool MeasuresUpdates() const;

    /** @param factory of a DeviceProfile, of the access points; likewise */
    void SetAccessPointDevice(const ObjectFactory& factory);

    /**
     * @param text `name[Attribute=value|...]`, for example `nack`; after SetChannel()
     * @throws fl::UserError for an unknown name, or one that the channel does not allow
     */
    void SetTransport(const std::string& text);

    /** @param broadcast whether messages for several workers are sent once where possible */
    void SetBroadcast(bool broadcast);

    /**
     * @param name an attribute of FlServer
     * @param value its value
     */
    void SetServerAttribute(const std::string& name, const AttributeValue& value);

    /**
     * @param name an attribute of FlWorker
     * @param value its value
     */
    void SetWorkerAttribute(const std::string& name, const AttributeValue& value);

    /**
     * @param direction UP or DOWN
     * @return longest body of a segment on this channel with this transport
     */
    uint32_t MaxSegmentBytes(Direction direction) const;

    /** @return whether the transport asks which segments of a message are important */
    bool SendsImportantFirst() const;

    /**
     * Puts the applications on the nodes.
     * @param federation what they run; must outlive the simulation
     */
    void Install(fl::Federation* federation);

    /** @return the channel */
    Ptr<ChannelModel> Channel() const;

    /** @return the server; after Install() */
    Ptr<FlServer> Server() const;

    /** @return the workers, by number; after Install() */
    const std::vector<Ptr<FlWorker>>& Workers() const;

    /** @return the energy of all devices; after Install() */
    Ptr<const FleetEnergy> Energy() const;

    /** @return who is there; after Install() */
    Ptr<Presence> GetPresence() const;

    /** @return the workers that could not reach the server, ascending; after the simulation */
    const std::vector<StationId>& Unreachable() const;

    /** @return the workers that were there and could no longer be reached, in this order */
    const std::vector<StationId>& Lost() const;

  private:
    void OpenTransport(const Ptr<Transport>& transport, StationId station) const;
    void CheckTransport() const;
    void CheckSegments(const fl::FederationShape& shape) const;
    void WaitForChannel();
    void BeReady(std::vector<StationId> unreachable);
    Time EndOfHellos() const;
    void GiveUpSilent();
    void Lose(StationId worker, uint32_t round);
    void Receive(StationId from, StationId to, Ptr<Packet> packet);
    Time LongestComputation() const;
    void CheckPresence() const;
    void CheckSelection() const;
    double BatteryShare(StationId worker) const;
    void NoteReady(const std::vector<StationId>& workers);
    void StartPresence(std::vector<StationId> workers);
    void StartBattery(StationId worker, double energyJ);

    fl::RunSeed m_runSeed;
    NodeContainer m_workerNodes;
    Ptr<Node> m_serverNode;
    Ptr<Mobility> m_mobility;
    Ptr<ChannelModel> m_channel;
    Ptr<ComputeModel> m_compute;
    ObjectFactory m_deviceFactory;
    ObjectFactory m_accessPointFactory;
    std::string m_batteryText;        ///< empty for the mains
    std::vector<double> m_batteriesJ; ///< energy of full batteries, by worker, unless on the mains
    ObjectFactory m_harvestFactory;
    ObjectFactory m_availabilityFactory;
    ObjectFactory m_transportFactory;
    ObjectFactory m_serverFactory;
    ObjectFactory m_workerFactory;
    bool m_broadcast{true};
    Time m_lastHello; ///< when the last hello is first said
    Ptr<FlServer> m_server;
    Ptr<DeviceProfile> m_device;
    Ptr<FleetEnergy> m_energy;
    Ptr<Presence> m_presence;
    std::vector<Ptr<FlWorker>> m_workers;
    Ptr<Transport> m_serverTransport;
    std::vector<Ptr<Transport>> m_workerTransports;
    Ptr<SelectionPolicy> m_selection;
    fl::Mode m_mode;
    fl::LateUploads m_late;
    std::vector<StationId> m_unreachable;
    std::vector<StationId> m_lost;
};

} // namespace wfl
} // namespace ns3

#endif // WFL_FEDERATION_HELPER_H
