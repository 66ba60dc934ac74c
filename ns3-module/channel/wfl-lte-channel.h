/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef WFL_LTE_CHANNEL_H
#define WFL_LTE_CHANNEL_H

#include "ns3/data-rate.h"
#include "ns3/epc-helper.h"
#include "ns3/event-id.h"
#include "ns3/lte-enb-net-device.h"
#include "ns3/lte-helper.h"
#include "ns3/lte-ue-net-device.h"
#include "ns3/packet-burst.h"
#include "ns3/propagation-loss-model.h"
#include "ns3/wfl-net-device-channel.h"

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace ns3
{
namespace wfl
{

/**
 * LTE, ns-3's own: workers are user equipments of one base station, the server is a host behind the
 * core network on a wired link. Buffers of the radio link layer drop nothing; what is lost is lost
 * on the air, after three repetitions (HARQ). Radio resource control is ideal, uplink control
 * channels take no time, as is usual with this model. Nothing reaches several workers at once.
 *
 * A transmission is what one station sends in one subframe of a millisecond. In the uplink workers
 * share a subframe, each with resource blocks of its own, so that their airtimes overlap; in the
 * downlink one subframe may serve several workers and then counts as theirs together.
 */
class LteChannel : public NetDeviceChannel
{
  public:
    /** @return the TypeId */
    static TypeId GetTypeId();

    bool EnablePcap(const std::string& prefix) override;

    void WhenReady(ReadyCallback ready) override;
    Time EstimateAirtime(Direction direction, uint64_t bytes) const override;
    Time RoundTripDelay() const override;
    bool IsFullDuplex() const override;
    bool IsBacklogged(StationId from, StationId to) const override;
    double SnrDb(StationId worker) const override;

    /**
     * @param worker a worker
     * @return its radio
     */
    Ptr<LteUeNetDevice> GetUeDevice(StationId worker) const;

    /** @return the base station's radio */
    Ptr<LteEnbNetDevice> GetEnbDevice() const;

  private:
    /** One worker's datagrams in one direction; they arrive in order. */
    struct Flow
    {
        uint32_t sent{0};  ///< number of datagrams
        uint32_t known{0}; ///< of these, those that have arrived or are told to be lost
        Time lastActive;   ///< when one was handed over to an idle flow, or was on the air
        EventId givingUp;  ///< next look whether anything is still on its way
    };

    void DoDispose() override;
    Devices DoInstallDevices() override;
    AddressPlan DoAssignAddresses() override;
    void DoSend(StationId from, StationId to, Ptr<Packet> packet) override;
    void NoteArrival(StationId from, StationId to, const Ptr<const Packet>& packet) override;

    void CheckAttributes() const;
    void SetPropagation();
    uint32_t SrsPeriodMs() const;
    void SetControlErrors(StationId worker, bool errors) const;
    void Attach(StationId worker);
    void Connected(StationId worker, uint64_t imsi, uint16_t cell, uint16_t rnti);
    void BecomeReady();
    bool IsActive(StationId worker, Direction direction) const;
    void LoseBefore(StationId worker, Direction direction, uint32_t number);
    void GiveUp(StationId worker, Direction direction);
    void NoteWire(Direction direction, uint32_t bytes);
    StationId WorkerWithRnti(uint16_t rnti) const;

    void NoteUplink(StationId worker, Ptr<const PacketBurst> burst);
    void NoteDownlink(Ptr<const PacketBurst> burst);
    void NoteSinr(uint16_t cell, uint16_t rnti, double sinr, uint8_t carrier);

    uint32_t m_resourceBlocks;
    std::string m_scheduler;
    std::string m_rlc;
    double m_radiusM;
    std::string m_propagation;
    double m_pathLossExponent;
    double m_referenceLossDb;
    double m_enbTxPowerDbm;
    double m_ueTxPowerDbm;
    DataRate m_backhaulRate;
    Time m_backhaulDelay;
    Time m_attachTimeout;

    Ptr<LteHelper> m_lte;
    Ptr<EpcHelper> m_epc;
    Ptr<LteEnbNetDevice> m_enbDevice;
    std::set<StationId> m_connected;
    std::map<uint16_t, StationId> m_workers; ///< by radio network temporary identifier
    std::map<std::pair<StationId, Direction>, Flow> m_flows;
    std::map<Direction, Time> m_wireFree; ///< when the wire has sent all that waits for it
    std::map<StationId, double> m_sinr;   ///< last one measured at the base station
    ReadyCallback m_ready;
    EventId m_readyEvent;
};

} // namespace wfl
} // namespace ns3

#endif // WFL_LTE_CHANNEL_H
