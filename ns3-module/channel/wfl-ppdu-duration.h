/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef WFL_PPDU_DURATION_H
#define WFL_PPDU_DURATION_H

#include "ns3/nstime.h"

#include <cstdint>

namespace ns3
{
namespace wfl
{

/** Formats of an 802.11 PPDU to or from a single user, in the 5 GHz band. */
enum class PpduFormat
{
    NON_HT, ///< 802.11a, "legacy" OFDM; IEEE 802.11-2020 clause 17
    HT,     ///< 802.11n, mixed format; clause 19
    VHT,    ///< 802.11ac; clause 21
    HE,     ///< 802.11ax; IEEE 802.11ax-2021 clause 27
};

/** How a PPDU is modulated. */
struct PpduMode
{
    PpduFormat format{PpduFormat::NON_HT}; ///< its format
    uint32_t index{6};             ///< NON_HT: rate in Mb/s; else the MCS (HT: 0 to 7, a stream)
    uint32_t widthMhz{20};         ///< of the channel; 20 for NON_HT
    uint32_t streams{1};           ///< spatial streams; 1 for NON_HT
    uint32_t guardIntervalNs{800}; ///< HT, VHT: 400 or 800; HE: 800, 1600 or 3200
    /**
     * Preambles as ns-3 has them: VHT without VHT-SIG-B (36 us with one stream, where the standard
     * has 40 us), HE with training fields of 8 us at every guard interval (where the standard has
     * 7.2, 8 and 16 us, with the long training fields that such guard intervals need).
     */
    bool asNs3{true};
};

/**
 * @param mode a mode
 * @return whether the standard has it
 */
bool IsPpduMode(const PpduMode& mode);

/**
 * TXTIME of IEEE 802.11-2020 clauses 17.4.3, 19.4.3 and 21.4.3 and of IEEE 802.11ax-2021 clause
 * 27.4.3, with convolutional coding and neither STBC nor a packet extension. With the short guard
 * interval of 400 ns the data field ends with its last symbol, as in ns-3: the standard rounds up
 * to a multiple of 4 us.
 * @param mode a mode that exists
 * @param bytes length of the PSDU
 * @return how long the PPDU is on the air
 */
Time PpduDuration(const PpduMode& mode, uint32_t bytes);

/**
 * @param mode a mode that exists
 * @return how long its preamble and PHY headers last, before the data field
 */
Time PreambleDuration(const PpduMode& mode);

/**
 * The mode of the control frame that answers: the highest mandatory non-HT rate (6, 12 or 24 Mb/s)
 * that is not above the non-HT reference rate of what is answered; IEEE 802.11-2020, 10.6.6.5.2.
 * @param mode of the frame that is answered
 * @return mode of an Ack or BlockAck
 */
PpduMode ResponseMode(const PpduMode& mode);

/**
 * The non-HT preamble and SIGNAL field, after which the receiver of an answer knows that it comes.
 */
constexpr int64_t NON_HT_PREAMBLE_US = 20;

constexpr uint32_t FCS_BYTES = 4;                            ///< frame check sequence
constexpr uint32_t CTS_BYTES = 10 + FCS_BYTES;               ///< CTS; IEEE 802.11-2020, 9.3.1.3
constexpr uint32_t RTS_BYTES = 16 + FCS_BYTES;               ///< RTS; 9.3.1.2
constexpr uint32_t ACK_BYTES = 10 + FCS_BYTES;               ///< Ack; 9.3.1.4
constexpr uint32_t BLOCK_ACK_REQUEST_BYTES = 20 + FCS_BYTES; ///< compressed BAR; 9.3.1.7
constexpr uint32_t DATA_HEADER_BYTES = 24 + FCS_BYTES;       ///< Data: header and FCS
constexpr uint32_t QOS_DATA_HEADER_BYTES = 26 + FCS_BYTES;   ///< QoS Data: header and FCS

/**
 * @param window number of MPDUs of the agreement, at most 256
 * @return length of a compressed BlockAck: its bitmap has 8 bytes, or 32 from 65 MPDUs on; 9.3.1.8
 */
uint32_t BlockAckBytes(uint32_t window);

/** @return the longest PPDU with a non-HT SIGNAL field that is not its own (aPPDUMaxTime) */
Time MaxPpduDuration();

/**
 * @param format HT, VHT or HE
 * @return longest A-MPDU in bytes, with the largest exponent that a station may announce
 */
uint32_t MaxAmpduBytes(PpduFormat format);

/**
 * An A-MPDU is delimiters of 4 bytes, each with an MPDU behind it, and padding to a multiple of 4
 * bytes behind all but the last; IEEE 802.11-2020, 9.7.1.
 * @param ampduBytes length so far, 0 for the first MPDU
 * @param mpduBytes length of one MPDU more
 * @return length with it
 */
uint32_t AmpduBytesWith(uint32_t ampduBytes, uint32_t mpduBytes);

} // namespace wfl
} // namespace ns3

#endif // WFL_PPDU_DURATION_H
