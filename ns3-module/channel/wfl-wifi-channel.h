/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef WFL_WIFI_CHANNEL_H
#define WFL_WIFI_CHANNEL_H

#include "ns3/data-rate.h"
#include "ns3/event-id.h"
#include "ns3/mac48-address.h"
#include "ns3/propagation-loss-model.h"
#include "ns3/wfl-net-device-channel.h"
#include "ns3/wfl-wifi-give-up.h"
#include "ns3/wfl-wifi-standard.h"
#include "ns3/wifi-mac.h"
#include "ns3/wifi-net-device.h"
#include "ns3/wifi-phy-state.h"
#include "ns3/wifi-ppdu.h"

#include <set>
#include <string>
#include <utility>
#include <vector>

namespace ns3
{
namespace wfl
{

/**
 * IEEE 802.11n/ac/ax/be in infrastructure mode, packet by packet: ns-3's own stations around an
 * access point. Workers without a mobility model are placed evenly on
 * a disc around the access point.
 *
 * ns-3's defaults would lose most of a synchronous burst; this class replaces them: queues hold
 * everything for as long as it takes, there is no queue disc and no address resolution, the
 * channel is ready when all stations are associated, and stations never leave for missed beacons.
 * What is still lost is lost on the air; the transport repairs or reports it.
 */
class WifiChannel : public NetDeviceChannel
{
  public:
    /** @return the TypeId */
    static TypeId GetTypeId();

    bool EnablePcap(const std::string& prefix) override;

    void WhenReady(ReadyCallback ready) override;
    Time EstimateAirtime(Direction direction, uint64_t bytes) const override;
    Time RoundTripDelay() const override;
    bool IsBacklogged(StationId from, StationId to) const override;
    void SetLifetime(Time lifetime) override;
    double SnrDb(StationId worker) const override;

    /** That of the last frame that the access point has received of it. */
    double FadedSnrDb(StationId worker) const override;

    /**
     * @param station a worker, or SERVER for the access point
     * @return its Wi-Fi device
     */
    Ptr<WifiNetDevice> GetWifiDevice(StationId station) const;

  private:
    void DoDispose() override;
    Devices DoInstallDevices() override;
    std::string RateControl() const;
    std::string DataMode() const;
    void CheckModes() const;
    const WifiStandardInfo& Standard() const;
    Ptr<PropagationLossModel> MakeLoss(uint16_t widthMhz) const;
    Devices InstallBackhaul(const NetDeviceContainer& stations);
    void ConnectTraces(StationId station);
    static WifiMacHeader HeaderOf(Ptr<const Packet> psdu);
    Ptr<LossModel> LossOfFrame(StationId receiver, Ptr<const Packet> frame);
    void DoSetPresent(StationId worker, bool present) override;
    bool DoLoseFrames() override;
    void StaggerAssociation() const;
    void EnlargeQueues(StationId station) const;

    void Associated(StationId worker, Mac48Address ap);
    void BecomeReady();
    void
    NotePpdu(StationId station, WifiConstPsduMap psdus, WifiTxVector txVector, double txPowerW);
    void NoteState(StationId station, Time start, Time duration, WifiPhyState state);
    void NoteMissedFrame(StationId worker, Ptr<const Packet> frame, WifiPhyRxfailureReason reason);
    void NoteFailedFrame(StationId worker, Ptr<const Packet> frame, double snr);
    void NoteDrop(StationId station, WifiMacDropReason reason, Ptr<const WifiMpdu> mpdu);
    void GiveUpSilent(StationId station, StationId silent);
    Mac48Address AddressOf(StationId station) const;
    double NoiseDbm() const;

    std::string m_standard;
    uint16_t m_widthMhz;
    std::string m_rateControl;
    std::string m_dataMode;
    std::string m_groupMode;
    double m_radiusM;
    std::string m_propagation;
    double m_pathLossExponent;
    double m_referenceLossDb;
    std::string m_propagationDelay;
    std::string m_errorRateModel;
    std::string m_scheduler;
    double m_txPowerDbm;
    double m_noiseFigureDb;
    Time m_heGuardInterval;
    Time m_beaconInterval;
    Time m_associationTimeout;
    bool m_backhaul;
    DataRate m_backhaulRate;
    Time m_backhaulDelay;

    Ptr<Node> m_apNode;
    Ptr<WifiNetDevice> m_apDevice;
    NetDeviceContainer m_stationDevices;
    std::pair<StationId, uint64_t> m_lastDropped{SERVER, UINT64_MAX}; ///< by whom, which packet
    UnansweredFrames m_unanswered;
    Ptr<PropagationLossModel> m_loss;
    std::set<StationId> m_associated;
    ReadyCallback m_ready;
    EventId m_readyEvent;
};

} // namespace wfl
} // namespace ns3

#endif // WFL_WIFI_CHANNEL_H
