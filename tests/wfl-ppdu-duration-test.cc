/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

/** PPDU durations against ns-3's WifiPhy::CalculateTxDuration, and where ns-3 is not the standard.
 */

#include "ns3/wfl-ppdu-duration.h"

#include "ns3/he-phy.h"
#include "ns3/ht-phy.h"
#include "ns3/ofdm-phy.h"
#include "ns3/vht-phy.h"
#include "ns3/wifi-phy.h"
#include "ns3/wifi-tx-vector.h"

#include <gtest/gtest.h>
#include <string>
#include <vector>

namespace ns3::wfl
{

namespace
{

const std::vector<uint32_t> LENGTHS{1, 14, 24, 32, 100, 1000, 1538, 1542, 4095, 43230, 65535};

/** @return what ns-3 computes for a mode of the same name */
Time
DurationInNs3(const PpduMode& mode, uint32_t bytes)
{
    WifiTxVector txVector;
    txVector.SetNss(static_cast<uint8_t>(mode.streams));
    txVector.SetChannelWidth(static_cast<uint16_t>(mode.widthMhz));
    txVector.SetGuardInterval(static_cast<uint16_t>(mode.guardIntervalNs));
    switch (mode.format)
    {
    case PpduFormat::NON_HT:
        txVector.SetMode(WifiMode("OfdmRate" + std::to_string(mode.index) + "Mbps"));
        txVector.SetPreambleType(WIFI_PREAMBLE_LONG);
        break;
    case PpduFormat::HT:
        txVector.SetMode(WifiMode("HtMcs" + std::to_string(mode.index + 8 * (mode.streams - 1))));
        txVector.SetPreambleType(WIFI_PREAMBLE_HT_MF);
        break;
    case PpduFormat::VHT:
        txVector.SetMode(WifiMode("VhtMcs" + std::to_string(mode.index)));
        txVector.SetPreambleType(WIFI_PREAMBLE_VHT_SU);
        break;
    case PpduFormat::HE:
        txVector.SetMode(WifiMode("HeMcs" + std::to_string(mode.index)));
        txVector.SetPreambleType(WIFI_PREAMBLE_HE_SU);
        break;
    }
    return WifiPhy::CalculateTxDuration(bytes, txVector, WIFI_PHY_BAND_5GHZ);
}

PpduMode
Mode(PpduFormat format, uint32_t index, uint32_t widthMhz = 20, uint32_t streams = 1)
{
    return {format, index, widthMhz, streams, 800, true};
}

double
Us(const PpduMode& mode, uint32_t bytes)
{
    return static_cast<double>(PpduDuration(mode, bytes).GetNanoSeconds()) / 1000;
}

} // namespace

/** All formats, MCSs, widths, numbers of streams and guard intervals, to the nanosecond. */
TEST(WflPpduDuration, AsNs3)
{
    OfdmPhy::InitializeModes();
    HtPhy::InitializeModes();
    VhtPhy::InitializeModes();
    HePhy::InitializeModes();
    uint32_t modes = 0;
    for (const auto format : {PpduFormat::NON_HT, PpduFormat::HT, PpduFormat::VHT, PpduFormat::HE})
    {
        for (uint32_t index = 0; index <= 54; ++index)
        {
            for (const uint32_t widthMhz : {20, 40, 80, 160})
            {
                for (uint32_t streams = 1; streams <= 4; ++streams)
                {
                    for (const uint32_t guardIntervalNs : {400, 800, 1600, 3200})
                    {
                        const PpduMode mode{format, index, widthMhz, streams, guardIntervalNs};
                        if (!IsPpduMode(mode))
                        {
                            continue;
                        }
                        ++modes;
                        for (const uint32_t bytes : LENGTHS)
                        {
                            EXPECT_EQ(PpduDuration(mode, bytes), DurationInNs3(mode, bytes))
                                << static_cast<int>(format) << ", " << index << ", " << widthMhz
                                << " MHz, " << streams << " streams, " << guardIntervalNs << " ns, "
                                << bytes << " bytes";
                        }
                    }
                }
            }
        }
    }
    // 8 rates, the same four times as non-HT does not look at the guard interval; 8 MCSs x 2 widths
    // x 4 streams x 2 intervals; 10 MCSs x 4 widths x 4 streams x 2 intervals less what the
    // standard does not have: MCS 9 at 20 MHz with 1, 2 and 4 streams, MCS 6 at 80 MHz and MCS 9 at
    // 160 MHz with 3; 12 MCSs x 4 widths x 4 streams x 3 intervals.
    EXPECT_EQ(modes, 4U * 8 + 128 + (160 - 5) * 2 + 576);
}

/** Numbers that others have published or computed; microseconds. */
TEST(WflPpduDuration, KnownNumbers)
{
    EXPECT_EQ(Us(Mode(PpduFormat::NON_HT, 24), ACK_BYTES), 28);
    EXPECT_EQ(Us(Mode(PpduFormat::NON_HT, 6), ACK_BYTES), 44);
    EXPECT_EQ(Us(Mode(PpduFormat::NON_HT, 24), BlockAckBytes(64)), 32);
    EXPECT_EQ(Us(Mode(PpduFormat::NON_HT, 24), RTS_BYTES), 28);
    EXPECT_EQ(Us(Mode(PpduFormat::NON_HT, 6), 1536), 2072);
    EXPECT_EQ(Us(Mode(PpduFormat::NON_HT, 54), 1536), 248);
    EXPECT_EQ(Us(Mode(PpduFormat::VHT, 0), 1538), 1936);
    EXPECT_EQ(Us(Mode(PpduFormat::VHT, 7), 1538), 228);
    EXPECT_EQ(Us(Mode(PpduFormat::VHT, 7), 65535), 8104);
    EXPECT_EQ(Us(Mode(PpduFormat::VHT, 9, 80), 65535), 1384);
    EXPECT_EQ(Us(Mode(PpduFormat::HE, 0), 1538), 1485.6);
    EXPECT_EQ(Us(Mode(PpduFormat::HE, 7), 1538), 193.6);
    EXPECT_EQ(Us(Mode(PpduFormat::HE, 11, 80), 65535), 928);
}

/** The standard's preambles: VHT 40 us with one stream; HE 36 us and its training fields. */
TEST(WflPpduDuration, StandardPreambles)
{
    auto vht = Mode(PpduFormat::VHT, 0);
    EXPECT_EQ(PreambleDuration(vht), MicroSeconds(36));
    vht.asNs3 = false;
    EXPECT_EQ(PreambleDuration(vht), MicroSeconds(40));
    auto he = Mode(PpduFormat::HE, 0);
    EXPECT_EQ(PreambleDuration(he), MicroSeconds(44));
    he.asNs3 = false;
    EXPECT_EQ(PreambleDuration(he), NanoSeconds(43200));
    he.guardIntervalNs = 1600;
    EXPECT_EQ(PreambleDuration(he), NanoSeconds(44000));
    he.guardIntervalNs = 3200;
    EXPECT_EQ(PreambleDuration(he), NanoSeconds(52000));
    he.streams = 2;
    EXPECT_EQ(PreambleDuration(he), NanoSeconds(68000));
}

/** With five streams and more, whose numbers of encoders the standard lists one by one. */
TEST(WflPpduDuration, ManyStreams)
{
    // IEEE 802.11-2020, tables of 21.5: bits of a symbol and encoders of the mode.
    struct Case
    {
        uint32_t widthMhz;
        uint32_t streams;
        uint32_t index;
        uint32_t bits;
        uint32_t encoders;
    };
    for (const auto& [widthMhz, streams, index, bits, encoders] : {Case{80, 7, 2, 2457, 3},
                                                                   Case{80, 7, 7, 8190, 6},
                                                                   Case{80, 8, 7, 9360, 6},
                                                                   Case{160, 5, 8, 14040, 8},
                                                                   Case{160, 7, 8, 19656, 12},
                                                                   Case{160, 8, 9, 24960, 12}})
    {
        // One bit more than fits into ten symbols, if there are so many encoders.
        const uint32_t bytes = (10 * bits - 16 - 6 * encoders) / 8;
        const auto mode = Mode(PpduFormat::VHT, index, widthMhz, streams);
        const Time ten = PreambleDuration(mode) + MicroSeconds(40);
        EXPECT_EQ(PpduDuration(mode, bytes), ten) << widthMhz << ", " << streams << ", " << index;
        EXPECT_EQ(PpduDuration(mode, bytes + 1), ten + MicroSeconds(4))
            << widthMhz << ", " << streams << ", " << index;
    }
    EXPECT_FALSE(IsPpduMode(Mode(PpduFormat::VHT, 6, 80, 7)));
    EXPECT_FALSE(IsPpduMode(Mode(PpduFormat::VHT, 9, 80, 6)));
    EXPECT_TRUE(IsPpduMode(Mode(PpduFormat::VHT, 9, 20, 6)));
}

TEST(WflPpduDuration, FramesAndAnswers)
{
    EXPECT_EQ(BlockAckBytes(64), 32U);
    EXPECT_EQ(BlockAckBytes(65), 56U);
    // 28 MPDUs of 1538 bytes: 27 subframes of 4 + 1538 + 2, and one without padding.
    uint32_t bytes = 0;
    for (int i = 0; i < 28; ++i)
    {
        bytes = AmpduBytesWith(bytes, 1538);
    }
    EXPECT_EQ(bytes, 27U * 1544 + 1542);
    // The reference rates of MCS 0 to 7 are 6, 12, 18, 24, 36, 48, 54 and 54 Mb/s.
    const std::vector<uint32_t> answers{6, 12, 12, 24, 24, 24, 24, 24};
    for (uint32_t mcs = 0; mcs < answers.size(); ++mcs)
    {
        EXPECT_EQ(ResponseMode(Mode(PpduFormat::VHT, mcs)).index, answers[mcs]);
    }
    EXPECT_EQ(ResponseMode(Mode(PpduFormat::NON_HT, 9)).index, 6U);
    EXPECT_EQ(ResponseMode(Mode(PpduFormat::NON_HT, 18)).index, 12U);
    EXPECT_EQ(ResponseMode(Mode(PpduFormat::NON_HT, 54)).index, 24U);
}

} // namespace ns3::wfl
