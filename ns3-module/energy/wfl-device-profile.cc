/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/wfl-device-profile.h"

#include "ns3/boolean.h"
#include "ns3/double.h"
#include "ns3/string.h"
#include "ns3/wfl-registry.h"
#include "ns3/wfl-worker-values.h"

namespace ns3
{
namespace wfl
{

/**
 * The currents of ns-3's WifiRadioEnergyModel, which are its class's defaults. That a processor
 * adds 1 W, and the battery of 1,028 mAh at 5 V, are assumptions.
 */
WFL_REGISTER_DEVICE(DeviceProfile, "ns3-default");

namespace
{

/**
 * ESP32-S2 at 3.3 V, from its datasheet (ESP32-S2-WROOM, version 1.1, tables 7 and 8): transmitting
 * 802.11n MCS7 at 13 dBm 135 mA in the mean, receiving 63 mA, which it draws while it listens, too;
 * light sleep 550 uA; the processor alone ("modem sleep") 14 to 22 mA, of which the upper end is
 * taken. The battery, 1,000 mAh at 3.7 V, is an assumption.
 */
const TypeRegistration<DeviceProfile> g_esp32s2("energy",
                                                "esp32s2",
                                                {{"VoltageV", "3.3"},
                                                 {"IdleA", "0.063"},
                                                 {"CcaBusyA", "0.063"},
                                                 {"RxA", "0.063"},
                                                 {"TxA", "0.135"},
                                                 {"SleepA", "0.00055"},
                                                 {"TrainW", "0.0726"},
                                                 {"CodecW", "0.0726"},
                                                 {"BatteryJ", "13320"}});

/**
 * A phone at 3.7 V. Its radio is that of the power profile of the Pixel 2 XL in Android's sources:
 * Wi-Fi idle 1 mA, in the mean over its naps, receiving 125 mA, transmitting 350 mA; asleep and
 * beside somebody else's frames it is taken to be idle. Its processor, 2 W, is an assumption. The
 * battery has 3,520 mAh at 3.85 V.
 */
const TypeRegistration<DeviceProfile> g_phone("energy",
                                              "phone",
                                              {{"VoltageV", "3.7"},
                                               {"IdleA", "0.001"},
                                               {"CcaBusyA", "0.001"},
                                               {"RxA", "0.125"},
                                               {"TxA", "0.350"},
                                               {"SleepA", "0.001"},
                                               {"TrainW", "2"},
                                               {"CodecW", "2"},
                                               {"BatteryJ", "48787"}});

/**
 * A Raspberry Pi 4B at 5 V. The board draws 540 mA at rest and 1,280 mA with four busy cores
 * (pidramble's measurements, quoted at second hand). The listening radio is in the figure at rest.
 * Transmitting, the whole board draws 3.94 W (ns3-fl, Ekaireb et al., WNS3 2022, its constants for
 * MNIST), that is 1.24 W or 248 mA more. That receiving takes half of that is an assumption, as is
 * the power bank of 10 Ah at 3.7 V. Sleep saves nothing that anybody has measured.
 */
const TypeRegistration<DeviceProfile> g_rpi4("energy",
                                             "rpi4",
                                             {{"VoltageV", "5"},
                                              {"IdleA", "0"},
                                              {"CcaBusyA", "0"},
                                              {"RxA", "0.124"},
                                              {"TxA", "0.248"},
                                              {"SleepA", "0"},
                                              {"BaseW", "2.7"},
                                              {"TrainW", "3.7"},
                                              {"CodecW", "3.7"},
                                              {"BatteryJ", "133200"}});

} // namespace

TypeId
DeviceProfile::GetTypeId()
{
    static TypeId tid =
        TypeId("ns3::wfl::DeviceProfile")
            .SetParent<Object>()
            .SetGroupName("Wfl")
            .AddConstructor<DeviceProfile>()
            .AddAttribute("VoltageV",
                          "Supply voltage in volts.",
                          DoubleValue(3.0),
                          MakeDoubleAccessor(&DeviceProfile::m_voltageV),
                          MakeDoubleChecker<double>(1e-3))
            .AddAttribute("IdleA",
                          "Current of the radio while idle, in amperes.",
                          DoubleValue(0.273),
                          MakeDoubleAccessor(&DeviceProfile::m_idleA),
                          MakeDoubleChecker<double>(0))
            .AddAttribute("CcaBusyA",
                          "Current of the radio while the medium is busy, in amperes.",
                          DoubleValue(0.273),
                          MakeDoubleAccessor(&DeviceProfile::m_ccaBusyA),
                          MakeDoubleChecker<double>(0))
            .AddAttribute("RxA",
                          "Current of the radio while receiving, in amperes.",
                          DoubleValue(0.313),
                          MakeDoubleAccessor(&DeviceProfile::m_rxA),
                          MakeDoubleChecker<double>(0))
            .AddAttribute("TxA",
                          "Current of the radio while transmitting, in amperes.",
                          DoubleValue(0.380),
                          MakeDoubleAccessor(&DeviceProfile::m_txA),
                          MakeDoubleChecker<double>(0))
            .AddAttribute("SleepA",
                          "Current of the radio while asleep, in amperes.",
                          DoubleValue(0.033),
                          MakeDoubleAccessor(&DeviceProfile::m_sleepA),
                          MakeDoubleChecker<double>(0))
            .AddAttribute("BaseW",
                          "Power of all but radio and processor while the device is on, in watts.",
                          DoubleValue(0),
                          MakeDoubleAccessor(&DeviceProfile::m_baseW),
                          MakeDoubleChecker<double>(0))
            .AddAttribute("TrainW",
                          "Power of the processor while training, above the base, in watts.",
                          DoubleValue(1),
                          MakeDoubleAccessor(&DeviceProfile::m_trainW),
                          MakeDoubleChecker<double>(0))
            .AddAttribute("CodecW",
                          "Power of the processor while encoding or decoding, above the base, in "
                          "watts.",
                          DoubleValue(1),
                          MakeDoubleAccessor(&DeviceProfile::m_codecW),
                          MakeDoubleChecker<double>(0))
            .AddAttribute("FrameJ",
                          "Energy of the processor for each frame that it hands to the radio or "
                          "takes from it, in joules.",
                          DoubleValue(0),
                          MakeDoubleAccessor(&DeviceProfile::m_frameJ),
                          MakeDoubleChecker<double>(0))
            .AddAttribute("BatteryJ",
                          "Energy in a full battery, in joules, one number a worker: " +
                              WorkerValueForms() + ".",
                          StringValue("18504"),
                          MakeStringAccessor(&DeviceProfile::m_batteryJ),
                          MakeStringChecker())
            .AddAttribute("Sleep",
                          "Whether the radio sleeps when nothing is to be sent or heard, and wakes "
                          "up in time at no cost.",
                          BooleanValue(false),
                          MakeBooleanAccessor(&DeviceProfile::m_sleep),
                          MakeBooleanChecker());
    return tid;
}

double
DeviceProfile::RadioW(RadioState state) const
{
    switch (state)
    {
    case RadioState::IDLE:
        return m_idleA * m_voltageV;
    case RadioState::CCA_BUSY:
        return m_ccaBusyA * m_voltageV;
    case RadioState::RX:
        return m_rxA * m_voltageV;
    case RadioState::TX:
        return m_txA * m_voltageV;
    case RadioState::SLEEP:
        return m_sleepA * m_voltageV;
    case RadioState::OFF:
        return 0;
    }
    return 0;
}

double
DeviceProfile::VoltageV() const
{
    return m_voltageV;
}

double
DeviceProfile::BaseW() const
{
    return m_baseW;
}

double
DeviceProfile::TrainW() const
{
    return m_trainW;
}

double
DeviceProfile::CodecW() const
{
    return m_codecW;
}

double
DeviceProfile::FrameJ() const
{
    return m_frameJ;
}

std::vector<double>
DeviceProfile::BatteriesJ(uint32_t workers, const fl::RunSeed& runSeed) const
{
    return PositiveWorkerValues(m_batteryJ,
                                "--energy, BatteryJ",
                                workers,
                                runSeed,
                                fl::Purpose::BATTERY);
}

bool
DeviceProfile::Sleeps() const
{
    return m_sleep;
}

} // namespace wfl
} // namespace ns3
