/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef WFL_LR_WPAN_CHANNEL_H
#define WFL_LR_WPAN_CHANNEL_H

#include "ns3/lr-wpan-net-device.h"
#include "ns3/propagation-loss-model.h"
#include "ns3/wfl-compat.h"
#include "ns3/wfl-paced-channel.h"

#include <map>
#include <string>
#include <vector>

namespace ns3
{
namespace wfl
{

/**
 * IEEE 802.15.4 at 2.4 GHz with 6LoWPAN, packet by packet: ns-3's own devices around a
 * coordinator, in a PAN without beacons, with unslotted CSMA-CA. PAN and short addresses are given
 * by hand, so that there is no association. Frames to one station are acknowledged; those to all
 * are not.
 *
 * A datagram of the default length fits a frame of 127 octets. A longer one travels in fragments,
 * and is lost when one of them is.
 */
class LrWpanChannel : public PacedChannel
{
  public:
    /** @return the TypeId */
    static TypeId GetTypeId();

    bool EnablePcap(const std::string& prefix) override;

    void WhenReady(ReadyCallback ready) override;
    Time EstimateAirtime(Direction direction, uint64_t bytes) const override;
    Time RoundTripDelay() const override;
    double SnrDb(StationId worker) const override;

    /** That of its last frame at the coordinator; SnrDb() before any. */
    double FadedSnrDb(StationId worker) const override;

    /** ns-3's MAC hands a frame up again if its acknowledgement was lost. */
    bool MayDuplicate() const override;

    /**
     * @param station a worker, or SERVER for the coordinator
     * @return its radio
     */
    Ptr<LrWpanNetDevice> GetRadio(StationId station) const;

  private:
    /** What is known of a radio. */
    struct Radio
    {
        Ptr<LrWpanNetDevice> device;
        bool sent{false};        ///< whether the frame in hand has been on the air
        StationId heard{SERVER}; ///< who is acknowledged next
        Time receivesSince;      ///< when the frame that it receives began
    };

    void DoDispose() override;
    Devices DoInstallDevices() override;
    AddressPlan DoAssignAddresses() override;
    void CheckAttributes() const;
    Ptr<NetDevice> InstallDevice(StationId station, const Ptr<SpectrumChannel>& channel);
    void ConnectTraces(StationId station);
    double NoiseDbm() const;
    bool DoLoseFrames() override;
    void TraceFrames(StationId station) override;
    void BecomeReady(ReadyCallback ready);

    void NoteTaken(StationId station, Ptr<const Packet> frame);
    void NoteDone(StationId station, Ptr<const Packet> frame);
    void NoteDrop(StationId station, Ptr<const Packet> frame);
    void NoteTransmission(StationId station, Ptr<const Packet> frame);
    void NotePathLoss(Ptr<const SpectrumPhy> transmitter,
                      Ptr<const SpectrumPhy> receiver,
                      double lossDb);
    void NoteReception(StationId station, Ptr<const Packet> frame);
    void NoteReceptionEnd(StationId station, Ptr<const Packet> frame, double lqi);
    void NoteAccepted(StationId station, Ptr<const Packet> frame);
    void NoteMissed(StationId worker, Ptr<const Packet> frame);

    uint32_t m_channelNumber;
    uint32_t m_maxFrameRetries;
    uint32_t m_maxBackoffs;
    uint32_t m_minBackoffExponent;
    uint32_t m_maxBackoffExponent;
    double m_radiusM;
    std::string m_propagation;
    double m_pathLossExponent;
    double m_referenceLossDb;
    std::string m_propagationDelay;
    double m_txPowerDbm;

    Ptr<PropagationLossModel> m_loss;
    std::map<StationId, Radio> m_radios;
    std::map<StationId, double> m_lastLossesDb; ///< by worker, of its last frame
};

} // namespace wfl
} // namespace ns3

#endif // WFL_LR_WPAN_CHANNEL_H
