/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/wfl-ppdu-duration.h"

#include "ns3/assert.h"

#include <algorithm>
#include <array>
#include <initializer_list>
#include <set>
#include <tuple>

namespace ns3
{
namespace wfl
{

namespace
{

/** Modulation and code rate of an MCS. */
struct Modulation
{
    uint32_t bits;        ///< coded bits a subcarrier and stream
    uint32_t numerator;   ///< of the code rate
    uint32_t denominator; ///< of the code rate
};

/** By MCS; IEEE 802.11-2020 tables 19-27 and 21-29, IEEE 802.11ax-2021 table 27-54. */
constexpr std::array<Modulation, 12> MODULATIONS{{{1, 1, 2},
                                                  {2, 1, 2},
                                                  {2, 3, 4},
                                                  {4, 1, 2},
                                                  {4, 3, 4},
                                                  {6, 2, 3},
                                                  {6, 3, 4},
                                                  {6, 5, 6},
                                                  {8, 3, 4},
                                                  {8, 5, 6},
                                                  {10, 3, 4},
                                                  {10, 5, 6}}};

constexpr uint32_t SERVICE_BITS = 16;
constexpr uint32_t TAIL_BITS = 6; ///< an encoder

/** @return data subcarriers */
uint32_t
Subcarriers(const PpduMode& mode)
{
    const bool isHe = mode.format == PpduFormat::HE;
    switch (mode.widthMhz)
    {
    case 20:
        return isHe ? 234 : 52;
    case 40:
        return isHe ? 468 : 108;
    case 80:
        return isHe ? 980 : 234;
    default:
        return isHe ? 1960 : 468;
    }
}

/** @return data bits a symbol, for HT and later */
uint32_t
BitsPerSymbol(const PpduMode& mode)
{
    const auto& modulation = MODULATIONS.at(mode.index);
    return Subcarriers(mode) * mode.streams * modulation.bits * modulation.numerator /
           modulation.denominator;
}

/** @return duration of a symbol with its guard interval, for HT and later */
int64_t
SymbolNs(const PpduMode& mode)
{
    return (mode.format == PpduFormat::HE ? 12800 : 3200) + mode.guardIntervalNs;
}

/** @return whole symbols that hold some bits */
int64_t
SymbolsFor(uint64_t bits, uint64_t bitsPerSymbol)
{
    return static_cast<int64_t>((bits + bitsPerSymbol - 1) / bitsPerSymbol);
}

/**
 * The smallest number of convolutional encoders that carry the rate and among which coded and
 * uncoded bits of a symbol divide evenly; this gives the column N_ES of the tables of IEEE
 * 802.11-2020, 19.5 and 21.5. Higher rates of HE use LDPC, which has no tail.
 */
uint64_t
Encoders(const PpduMode& mode)
{
    if (mode.format == PpduFormat::HE)
    {
        return 1;
    }
    const bool isShort = mode.guardIntervalNs == 400;
    const uint64_t mbpsPerEncoder =
        mode.format == PpduFormat::HT ? (isShort ? 350 : 320) : (isShort ? 600 : 540);
    const uint64_t bits = BitsPerSymbol(mode);
    const auto& modulation = MODULATIONS.at(mode.index);
    const uint64_t codedBits = bits * modulation.denominator / modulation.numerator;
    auto encoders = static_cast<uint64_t>(
        SymbolsFor(bits * 1000, mbpsPerEncoder * static_cast<uint64_t>(SymbolNs(mode))));
    while (mode.format == PpduFormat::VHT && (bits % encoders != 0 || codedBits % encoders != 0))
    {
        ++encoders;
    }
    return encoders;
}

/** @return number of long training fields for some streams */
uint32_t
TrainingFields(uint32_t streams)
{
    constexpr std::array<uint32_t, 9> byStreams{0, 1, 2, 4, 4, 6, 6, 8, 8};
    return byStreams.at(streams);
}

bool
IsOneOf(uint32_t value, std::initializer_list<uint32_t> values)
{
    return std::find(values.begin(), values.end(), value) != values.end();
}

/** Combinations of VHT whose bits do not divide among the encoders; IEEE 802.11-2020, 21.5. */
bool
IsMissingVht(const PpduMode& mode)
{
    using Combination = std::tuple<uint32_t, uint32_t, uint32_t>; // width, streams, MCS
    static const std::set<Combination> missing{{80, 3, 6}, {80, 7, 6}, {80, 6, 9}, {160, 3, 9}};
    return (mode.index == 9 && mode.widthMhz == 20 && mode.streams % 3 != 0) ||
           missing.count({mode.widthMhz, mode.streams, mode.index}) > 0;
}

} // namespace

bool
IsPpduMode(const PpduMode& mode)
{
    const bool isWide = IsOneOf(mode.widthMhz, {20, 40, 80, 160});
    const auto isWithin = [&mode](uint32_t maxMcs, uint32_t maxStreams)
    {
        return mode.index <= maxMcs && mode.streams >= 1 && mode.streams <= maxStreams;
    };
    switch (mode.format)
    {
    case PpduFormat::NON_HT:
        return mode.widthMhz == 20 && mode.streams == 1 &&
               IsOneOf(mode.index, {6, 9, 12, 18, 24, 36, 48, 54});
    case PpduFormat::HT:
        return isWithin(7, 4) && IsOneOf(mode.widthMhz, {20, 40}) &&
               IsOneOf(mode.guardIntervalNs, {400, 800});
    case PpduFormat::VHT:
        return isWithin(9, 8) && isWide && IsOneOf(mode.guardIntervalNs, {400, 800}) &&
               !IsMissingVht(mode);
    case PpduFormat::HE:
        return isWithin(11, 8) && isWide && IsOneOf(mode.guardIntervalNs, {800, 1600, 3200});
    }
    return false;
}

Time
PreambleDuration(const PpduMode& mode)
{
    const Time nonHt = MicroSeconds(NON_HT_PREAMBLE_US);
    const int64_t fields = TrainingFields(mode.streams);
    switch (mode.format)
    {
    case PpduFormat::NON_HT:
        return nonHt;
    case PpduFormat::HT: // HT-SIG, HT-STF, HT-LTFs
        return nonHt + MicroSeconds(8 + 4 + 4 * fields);
    case PpduFormat::VHT: // VHT-SIG-A, VHT-STF, VHT-LTFs, VHT-SIG-B
        return nonHt + MicroSeconds(8 + 4 + 4 * fields + (mode.asNs3 ? 0 : 4));
    case PpduFormat::HE:
    {
        const int64_t longTrainingNs = mode.guardIntervalNs == 3200 ? 12800 : 6400;
        const int64_t fieldNs = mode.asNs3 ? 8000 : longTrainingNs + mode.guardIntervalNs;
        // RL-SIG, HE-SIG-A, HE-STF, HE-LTFs
        return nonHt + MicroSeconds(4 + 8 + 4) + NanoSeconds(fieldNs * fields);
    }
    }
    return nonHt;
}

Time
PpduDuration(const PpduMode& mode, uint32_t bytes)
{
    NS_ASSERT(IsPpduMode(mode));
    const uint64_t bits = SERVICE_BITS + uint64_t{8} * bytes;
    if (mode.format == PpduFormat::NON_HT)
    {
        constexpr int64_t symbolUs = 4;
        return PreambleDuration(mode) +
               MicroSeconds(symbolUs * SymbolsFor(bits + TAIL_BITS, symbolUs * mode.index));
    }
    const auto symbols = SymbolsFor(bits + TAIL_BITS * Encoders(mode), BitsPerSymbol(mode));
    return PreambleDuration(mode) + NanoSeconds(symbols * SymbolNs(mode));
}

PpduMode
ResponseMode(const PpduMode& mode)
{
    PpduMode response;
    if (mode.format == PpduFormat::NON_HT)
    {
        response.index = mode.index >= 24 ? 24 : mode.index >= 12 ? 12 : 6;
    }
    else
    {
        // BPSK 1/2 refers to 6 Mb/s, QPSK to 12 and 18 Mb/s, 16-QAM and above to 24 Mb/s and more.
        response.index = mode.index >= 3 ? 24 : mode.index >= 1 ? 12 : 6;
    }
    return response;
}

uint32_t
BlockAckBytes(uint32_t window)
{
    constexpr uint32_t headerBytes = 16 + 2 + 2; // MAC header, BA control, starting sequence
    return headerBytes + (window > 64 ? 32 : 8) + FCS_BYTES;
}

Time
MaxPpduDuration()
{
    return MicroSeconds(5484);
}

uint32_t
MaxAmpduBytes(PpduFormat format)
{
    switch (format)
    {
    case PpduFormat::HT:
        return 65535;
    case PpduFormat::VHT:
        return 1048575;
    default:
        return 6500631;
    }
}

uint32_t
AmpduBytesWith(uint32_t ampduBytes, uint32_t mpduBytes)
{
    constexpr uint32_t alignment = 4;
    constexpr uint32_t delimiterBytes = 4;
    return (ampduBytes + alignment - 1) / alignment * alignment + delimiterBytes + mpduBytes;
}

} // namespace wfl
} // namespace ns3
