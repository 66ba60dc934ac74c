/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/wfl-dcf-channel.h"

#include "ns3/assert.h"
#include "ns3/boolean.h"
#include "ns3/double.h"
#include "ns3/fl-error.h"
#include "ns3/log.h"
#include "ns3/simulator.h"
#include "ns3/string.h"
#include "ns3/uinteger.h"
#include "ns3/wfl-registry.h"

#include <algorithm>
#include <utility>

namespace ns3
{
namespace wfl
{

NS_LOG_COMPONENT_DEFINE("WflDcfChannel");

WFL_REGISTER_CHANNEL(DcfChannel, "dcf");

namespace
{

/** What follows from the name of a standard. */
struct StandardInfo
{
    PpduFormat format;        ///< the newest it has
    const char* mode;         ///< of data, by default
    uint32_t defaultWidthMhz; ///< of the channel
    uint32_t maxWidthMhz;     ///< of the channel
};

const std::map<std::string, StandardInfo> STANDARDS{
    {"80211a", {PpduFormat::NON_HT, "OfdmRate54Mbps", 20, 20}},
    {"80211n", {PpduFormat::HT, "HtMcs7", 20, 40}},
    {"80211ac", {PpduFormat::VHT, "VhtMcs7", 80, 160}},
    {"80211ax", {PpduFormat::HE, "HeMcs7", 80, 160}},
};

/** An access point has so many association identifiers; IEEE 802.11-2020, 9.4.1.8. */
constexpr uint32_t MAX_ASSOCIATED = 2007;

} // namespace

TypeId
DcfChannel::GetTypeId()
{
    static TypeId tid =
        TypeId("ns3::wfl::DcfChannel")
            .SetParent<ContentionChannel>()
            .SetGroupName("Wfl")
            .AddConstructor<DcfChannel>()
            .AddAttribute("Standard",
                          "80211a, 80211n, 80211ac or 80211ax, in the 5 GHz band.",
                          StringValue("80211ax"),
                          MakeStringAccessor(&DcfChannel::m_standard),
                          MakeStringChecker())
            .AddAttribute("WidthMhz",
                          "Channel width; 0 for the standard's usual one.",
                          UintegerValue(0),
                          MakeUintegerAccessor(&DcfChannel::m_widthMhz),
                          MakeUintegerChecker<uint32_t>(0, 160))
            .AddAttribute("DataMode",
                          "Mode of frames to one station, for example HeMcs7; empty for MCS 7, or "
                          "54 Mb/s, of the standard.",
                          StringValue(""),
                          MakeStringAccessor(&DcfChannel::m_dataMode),
                          MakeStringChecker())
            .AddAttribute("GroupMode",
                          "Mode of frames to all workers, which are not acknowledged.",
                          StringValue("OfdmRate24Mbps"),
                          MakeStringAccessor(&DcfChannel::m_groupMode),
                          MakeStringChecker())
            .AddAttribute("Streams",
                          "Spatial streams of DataMode.",
                          UintegerValue(1),
                          MakeUintegerAccessor(&DcfChannel::m_streams),
                          MakeUintegerChecker<uint32_t>(1, 8))
            .AddAttribute("GuardInterval",
                          "Guard interval: 800 ns; 400 ns with 802.11n/ac, 1600 and 3200 ns with "
                          "802.11ax.",
                          TimeValue(NanoSeconds(800)),
                          MakeTimeAccessor(&DcfChannel::m_guardInterval),
                          MakeTimeChecker(NanoSeconds(400), NanoSeconds(3200)))
            .AddAttribute("PreambleAsNs3",
                          "Whether preambles of 802.11ac/ax last as long as in ns-3, where "
                          "VHT-SIG-B is missing, or as in the standard.",
                          BooleanValue(true),
                          MakeBooleanAccessor(&DcfChannel::m_asNs3),
                          MakeBooleanChecker())
            .AddAttribute("Aifsn",
                          "Slots between a SIFS and the first slot of contention; 0 for the "
                          "standard's: 3 (best effort), or 2 (DIFS) with 802.11a.",
                          UintegerValue(0),
                          MakeUintegerAccessor(&DcfChannel::m_aifsn),
                          MakeUintegerChecker<uint32_t>(0, 15))
            .AddAttribute("CwMin",
                          "Smallest contention window.",
                          UintegerValue(15),
                          MakeUintegerAccessor(&DcfChannel::m_minWindow),
                          MakeUintegerChecker<uint32_t>(0, 32767))
            .AddAttribute("CwMax",
                          "Largest contention window.",
                          UintegerValue(1023),
                          MakeUintegerAccessor(&DcfChannel::m_maxWindow),
                          MakeUintegerChecker<uint32_t>(0, 32767))
            .AddAttribute("Slot",
                          "Slot time; IEEE 802.11-2020, table 17-21.",
                          TimeValue(MicroSeconds(9)),
                          MakeTimeAccessor(&DcfChannel::m_slot),
                          MakeTimeChecker(MicroSeconds(1), MilliSeconds(1)))
            .AddAttribute("Sifs",
                          "Short interframe space; IEEE 802.11-2020, table 17-21.",
                          TimeValue(MicroSeconds(16)),
                          MakeTimeAccessor(&DcfChannel::m_sifs),
                          MakeTimeChecker(MicroSeconds(1), MilliSeconds(1)))
            .AddAttribute("RetryLimit",
                          "Transmissions without an answer after which a frame is given up, other "
                          "than BlockAckReqs.",
                          UintegerValue(7),
                          MakeUintegerAccessor(&DcfChannel::m_retryLimit),
                          MakeUintegerChecker<uint32_t>(1, 255))
            .AddAttribute("ExplicitBar",
                          "Whether a missed BlockAck is asked for with a BlockAckReq, before the "
                          "A-MPDU is sent again.",
                          BooleanValue(true),
                          MakeBooleanAccessor(&DcfChannel::m_explicitBar),
                          MakeBooleanChecker())
            .AddAttribute("MaxAmpduBytes",
                          "Longest A-MPDU; 0 for the standard's; shorter than two MPDUs for none.",
                          UintegerValue(0),
                          MakeUintegerAccessor(&DcfChannel::m_maxAmpduBytes),
                          MakeUintegerChecker<uint32_t>())
            .AddAttribute("BlockAckWindow",
                          "MPDUs of an agreement that may be under way; 0 for 256 with 802.11ax "
                          "and 64 otherwise.",
                          UintegerValue(0),
                          MakeUintegerAccessor(&DcfChannel::m_blockAckWindow),
                          MakeUintegerChecker<uint32_t>(0, 256))
            .AddAttribute("HeaderBytes",
                          "Bytes between a datagram and its frame; the default is UDP, IPv4 and "
                          "LLC/SNAP.",
                          UintegerValue(36),
                          MakeUintegerAccessor(&DcfChannel::m_headerBytes),
                          MakeUintegerChecker<uint32_t>(0, 256))
            .AddAttribute("MpduErrorRate",
                          "Probability that a frame, or an MPDU of an A-MPDU, is not received "
                          "although nobody else transmits.",
                          DoubleValue(0),
                          MakeDoubleAccessor(&DcfChannel::m_mpduErrorRate),
                          MakeDoubleChecker<double>(0, 0.99));
    return tid;
}

bool
DcfChannel::IsLossless() const
{
    return false; // retries end, and group frames collide
}

// Set-up

void
DcfChannel::Refuse(const std::string& attribute, const std::string& why) const
{
    throw fl::UserError("--channel=dcf, " + attribute + ": " + why);
}

/** @return what a name of ns-3's means, with the other attributes */
PpduMode
DcfChannel::ParseMode(const std::string& attribute, const std::string& name) const
{
    const auto& standard = STANDARDS.at(m_standard);
    PpduMode mode;
    const auto number = [&name](const std::string& before, const std::string& behind)
    {
        const bool fits = name.size() > before.size() + behind.size() &&
                          name.compare(0, before.size(), before) == 0 &&
                          name.compare(name.size() - behind.size(), behind.size(), behind) == 0;
        const auto digits =
            fits ? name.substr(before.size(), name.size() - before.size() - behind.size()) : "";
        const bool isNumber = !digits.empty() && digits.size() <= 2 &&
                              digits.find_first_not_of("0123456789") == std::string::npos;
        return isNumber ? std::stoi(digits) : -1;
    };
    const std::vector<std::pair<PpduFormat, int>> readings{
        {PpduFormat::NON_HT, number("OfdmRate", "Mbps")},
        {PpduFormat::HT, number("HtMcs", "")},
        {PpduFormat::VHT, number("VhtMcs", "")},
        {PpduFormat::HE, number("HeMcs", "")}};
    for (const auto& [format, index] : readings)
    {
        if (index < 0 || format > standard.format)
        {
            continue;
        }
        mode.format = format;
        mode.index = static_cast<uint32_t>(index);
        if (format != PpduFormat::NON_HT)
        {
            mode.widthMhz = m_widthMhz;
            mode.guardIntervalNs = static_cast<uint32_t>(m_guardInterval.GetNanoSeconds());
            mode.streams = attribute == "DataMode" ? m_streams : 1;
        }
        mode.asNs3 = m_asNs3;
        if (IsPpduMode(mode))
        {
            return mode;
        }
    }
    Refuse(attribute,
           "\"" + name + "\" is no mode of " + m_standard + " with " + std::to_string(m_widthMhz) +
               " MHz, " + std::to_string(m_streams) + " streams and a guard interval of " +
               std::to_string(m_guardInterval.GetNanoSeconds()) +
               " ns, such as OfdmRate24Mbps or " + standard.mode);
}

void
DcfChannel::CheckAttributes()
{
    const auto standard = STANDARDS.find(m_standard);
    if (standard == STANDARDS.end())
    {
        Refuse("Standard", "\"" + m_standard + "\" is none of 80211a, 80211ac, 80211ax, 80211n");
    }
    const auto& info = standard->second;
    m_widthMhz = m_widthMhz == 0 ? info.defaultWidthMhz : m_widthMhz;
    const bool exists =
        m_widthMhz == 20 || m_widthMhz == 40 || m_widthMhz == 80 || m_widthMhz == 160;
    if (!exists || m_widthMhz > info.maxWidthMhz)
    {
        Refuse("WidthMhz",
               m_standard + " has no channels of " + std::to_string(m_widthMhz) + " MHz");
    }
    if (m_minWindow > m_maxWindow)
    {
        Refuse("CwMin",
               std::to_string(m_minWindow) + " is above CwMax, " + std::to_string(m_maxWindow));
    }
    const uint64_t room = uint64_t{MAX_ASSOCIATED} * Domains();
    if (Workers() > room)
    {
        Refuse("AccessPoints",
               std::to_string(Workers()) + " workers need more than " + std::to_string(Domains()) +
                   "; an access point has at most " + std::to_string(MAX_ASSOCIATED) + " stations");
    }
}

void
DcfChannel::SetMode()
{
    const auto& info = STANDARDS.at(m_standard);
    m_data = ParseMode("DataMode", m_dataMode.empty() ? info.mode : m_dataMode);
    m_group = ParseMode("GroupMode", m_groupMode);
    m_isQos = info.format != PpduFormat::NON_HT;
    m_aifsn = m_aifsn == 0 ? (m_isQos ? 3 : 2) : m_aifsn;
    m_blockAckWindow = m_blockAckWindow != 0           ? m_blockAckWindow
                       : info.format == PpduFormat::HE ? 256
                                                       : 64;
    if (m_data.format == PpduFormat::NON_HT)
    {
        m_maxAmpduBytes = 1; // non-HT PPDUs carry no A-MPDUs
        return;
    }
    m_maxAmpduBytes =
        std::min(m_maxAmpduBytes == 0 ? UINT32_MAX : m_maxAmpduBytes, MaxAmpduBytes(m_data.format));
    // No PPDU may last longer than its non-HT SIGNAL field can say.
    uint32_t fits = 0;
    for (uint32_t step = 1U << 23; step > 0; step /= 2)
    {
        fits += PpduDuration(m_data, fits + step) <= MaxPpduDuration() ? step : 0;
    }
    m_maxAmpduBytes = std::min(m_maxAmpduBytes, fits);
}

void
DcfChannel::DoInstall()
{
    CheckAttributes();
    SetMode();
    ContentionChannel::DoInstall();
}

DcfChannel::Station&
DcfChannel::StationOf(uint32_t domain, StationId station)
{
    auto& stations = m_media[domain].stations;
    const auto found = stations.find(station);
    if (found != stations.end())
    {
        return found->second;
    }
    const fl::Random random(GetRunSeed(), fl::Purpose::ACCESS, station, domain);
    return stations.emplace(station, Station{random, m_minWindow}).first->second;
}

// Contention

/** @return when a slot begins, if the medium stays idle */
Time
DcfChannel::SlotStart(uint32_t domain, int64_t slot) const
{
    return IdleSince(domain) + m_sifs +
           m_slot * (int64_t{m_aifsn} + slot - m_media.at(domain).firstSlot);
}

void
DcfChannel::Contend(uint32_t domain, StationId station, int64_t due)
{
    auto& state = StationOf(domain, station);
    state.due = due;
    state.contends = true;
    m_media[domain].contenders[due].push_back(station);
}

void
DcfChannel::DoBacklogged(uint32_t domain, StationId station)
{
    auto& medium = m_media[domain];
    const auto& state = StationOf(domain, station);
    if (state.contends)
    {
        return;
    }
    if (IdleSince(domain) == Time::Max())
    {
        medium.surprised.push_back(station);
        return;
    }
    // Access without a backoff, at the next boundary of a slot, unless the backoff after its last
    // transmission still counts.
    const Time passed = Simulator::Now() - SlotStart(domain, medium.firstSlot);
    const int64_t slot =
        passed.IsStrictlyPositive()
            ? medium.firstSlot + passed.GetNanoSeconds() / m_slot.GetNanoSeconds() + 1
            : medium.firstSlot;
    Contend(domain, station, std::max(state.due, slot));
}

/** Takes the first contenders out if they have nothing to send any more. @return whether */
bool
DcfChannel::DropIdle(uint32_t domain)
{
    auto& medium = m_media.at(domain);
    auto& first = medium.contenders.begin()->second;
    const auto& backlogged = Backlogged(domain);
    const auto idle = std::remove_if(first.begin(),
                                     first.end(),
                                     [&](StationId station)
                                     {
                                         const bool isIdle = backlogged.count(station) == 0;
                                         if (isIdle)
                                         {
                                             medium.stations.at(station).contends = false;
                                         }
                                         return isIdle;
                                     });
    first.erase(idle, first.end());
    if (!first.empty())
    {
        return false;
    }
    medium.contenders.erase(medium.contenders.begin());
    return true;
}

Contention
DcfChannel::DoNext(uint32_t domain)
{
    auto& medium = m_media.at(domain);
    while (DropIdle(domain))
    {
    }
    const auto& [slot, winners] = *medium.contenders.begin();
    medium.attemptSlot = slot;
    medium.attempts.clear();
    for (const StationId station : winners)
    {
        medium.attempts.push_back(MakeAttempt(domain, station));
    }
    Contention next;
    next.start = SlotStart(domain, slot);
    if (medium.attempts.size() == 1)
    {
        AddSuccess(domain, medium.attempts.front(), next);
    }
    else
    {
        AddCollision(domain, next);
    }
    return next;
}

DcfChannel::Attempt
DcfChannel::MakeAttempt(uint32_t domain, StationId station)
{
    for (const StationId to : StationOf(domain, station).bars)
    {
        const auto& queue = Queue(domain, station, to);
        if (queue.First() < queue.End())
        {
            return {station,
                    to,
                    true,
                    {},
                    BLOCK_ACK_REQUEST_BYTES,
                    PpduDuration(ResponseMode(m_data), BLOCK_ACK_REQUEST_BYTES),
                    false};
        }
    }
    return MakeData(domain, station, NextReceiver(domain, station));
}

uint32_t
DcfChannel::MpduBytes(const QueuedDatagram& datagram) const
{
    return datagram.packet->GetSize() + m_headerBytes +
           (m_isQos ? QOS_DATA_HEADER_BYTES : DATA_HEADER_BYTES);
}

DcfChannel::Attempt
DcfChannel::MakeData(uint32_t domain, StationId from, StationId to)
{
    const auto& queue = Queue(domain, from, to);
    Attempt
        attempt{from, to, false, {queue.First()}, MpduBytes(queue.At(queue.First())), {}, false};
    if (to == GROUP)
    {
        attempt.duration = PpduDuration(m_group, attempt.bytes);
        return attempt;
    }
    uint32_t ampduBytes = AmpduBytesWith(0, attempt.bytes);
    const auto end = std::min(queue.End(), queue.First() + m_blockAckWindow);
    for (auto number = queue.First() + 1; number < end; ++number)
    {
        if (!queue.At(number).packet)
        {
            continue;
        }
        const auto longer = AmpduBytesWith(ampduBytes, MpduBytes(queue.At(number)));
        if (longer > m_maxAmpduBytes)
        {
            break;
        }
        ampduBytes = longer;
        attempt.numbers.push_back(number);
    }
    // VHT and HE PPDUs hold an A-MPDU even if it is of one MPDU.
    if (attempt.numbers.size() > 1 || m_data.format >= PpduFormat::VHT)
    {
        attempt.bytes = ampduBytes;
    }
    attempt.duration = PpduDuration(m_data, attempt.bytes);
    return attempt;
}

MediumUse
DcfChannel::UseOf(const Attempt& attempt, Time start) const
{
    const bool isDown = attempt.from == SERVER;
    return {start,
            attempt.duration,
            attempt.from,
            isDown ? attempt.to : attempt.from,
            isDown ? Direction::DOWN : Direction::UP,
            attempt.bytes};
}

/** One station has the medium for itself. */
void
DcfChannel::AddSuccess(uint32_t domain, Attempt& attempt, Contention& next)
{
    auto& random = StationOf(domain, attempt.from).random;
    const auto isDamaged = [this, &random]()
    {
        return m_mpduErrorRate > 0 && random.Uniform() < m_mpduErrorRate;
    };
    const auto use = UseOf(attempt, next.start);
    const Time dataEnd = use.start + use.duration;
    next.uses.push_back(use);
    next.end = dataEnd;
    if (attempt.to == GROUP)
    {
        const auto& queue = Queue(domain, SERVER, GROUP);
        DatagramFate fate{SERVER, GROUP, attempt.numbers.front(), dataEnd, "", {}};
        for (const StationId receiver : queue.At(fate.number).receivers)
        {
            if (isDamaged())
            {
                fate.missing.push_back(receiver);
            }
        }
        next.fates.push_back(fate);
        return;
    }
    attempt.isAnswered = attempt.isBar;
    for (const auto number : attempt.numbers)
    {
        if (!isDamaged())
        {
            next.fates.push_back({attempt.from, attempt.to, number, dataEnd, "", {}});
            attempt.isAnswered = true;
        }
    }
    if (!attempt.isAnswered)
    {
        Fail(domain, attempt, next);
        return;
    }
    const uint32_t bytes =
        attempt.isBar || attempt.numbers.size() > 1 ? BlockAckBytes(m_blockAckWindow) : ACK_BYTES;
    auto answer = use;
    answer.transmitter = attempt.to;
    answer.start = dataEnd + m_sifs;
    answer.duration = PpduDuration(ResponseMode(m_data), bytes);
    answer.bytes = bytes;
    next.uses.push_back(answer);
    next.end = answer.start + answer.duration;
}

/** Several stations begin in one slot. */
void
DcfChannel::AddCollision(uint32_t domain, Contention& next)
{
    next.end = next.start;
    for (const auto& attempt : m_media.at(domain).attempts)
    {
        next.uses.push_back(UseOf(attempt, next.start));
        next.end = std::max(next.end, next.start + attempt.duration);
    }
    for (const auto& attempt : m_media.at(domain).attempts)
    {
        if (attempt.to == GROUP)
        {
            next.fates.push_back(
                {attempt.from, GROUP, attempt.numbers.front(), next.end, "collision", {}});
        }
        else
        {
            Fail(domain, attempt, next);
        }
    }
}

/** Nobody answers: gives the datagrams up if that has been so too often. */
void
DcfChannel::Fail(uint32_t domain, const Attempt& attempt, Contention& next)
{
    const bool isRetried = attempt.numbers.size() > 1 && m_explicitBar;
    if (attempt.isBar || isRetried || StationOf(domain, attempt.from).failures + 1 < m_retryLimit)
    {
        return;
    }
    for (const auto number : attempt.numbers)
    {
        next.fates.push_back({attempt.from, attempt.to, number, next.end, "retry-limit", {}});
    }
}

// Afterwards

/**
 * What a transmission means to the station that has made it.
 * @return how many slots later than the others it goes on, since it has waited for an answer
 */
int64_t
DcfChannel::Settle(uint32_t domain, const Attempt& attempt, const Contention& past)
{
    auto& station = StationOf(domain, attempt.from);
    if (attempt.to == GROUP)
    {
        return 0;
    }
    auto& bars = station.bars;
    if (attempt.isAnswered)
    {
        bars.erase(std::remove(bars.begin(), bars.end(), attempt.to), bars.end());
        station.window = m_minWindow;
        station.failures = 0;
        return 0;
    }
    const bool isGivenUp =
        std::any_of(past.fates.begin(),
                    past.fates.end(),
                    [&attempt](const DatagramFate& fate)
                    { return fate.from == attempt.from && fate.reason == "retry-limit"; });
    station.failures = isGivenUp ? 0 : station.failures + 1;
    station.window = isGivenUp ? m_minWindow : std::min(2 * station.window + 1, m_maxWindow);
    if (attempt.numbers.size() > 1 && m_explicitBar &&
        std::find(bars.begin(), bars.end(), attempt.to) == bars.end())
    {
        bars.push_back(attempt.to);
    }
    // An answer would begin within a SIFS and a slot; IEEE 802.11-2020, 10.3.2.11.
    const Time noAnswer =
        past.start + attempt.duration + m_sifs + m_slot + MicroSeconds(NON_HT_PREAMBLE_US);
    const auto slotNs = m_slot.GetNanoSeconds();
    return std::max<int64_t>(0, ((noAnswer - past.end).GetNanoSeconds() + slotNs - 1) / slotNs);
}

void
DcfChannel::DoEnded(uint32_t domain, const Contention& past)
{
    auto& medium = m_media.at(domain);
    const auto& backlogged = Backlogged(domain);
    const int64_t elapsed = medium.attemptSlot - medium.firstSlot;
    // With EDCA a backoff counts one down at the end of the AIFS, too, so that those who have not
    // won are a slot nearer; with DCF only idle slots count (IEEE
    // 802.11-2020, 10.23.2.4, 10.3.4.3).
    medium.firstSlot = medium.attemptSlot + (m_isQos ? 1 : 0);
    medium.contenders.erase(medium.attemptSlot);
    // Who had not yet begun to count has all its slots before it.
    for (const auto& late : std::exchange(medium.late, {}))
    {
        auto& station = medium.stations.at(late.station);
        if (elapsed >= late.slots || station.due <= medium.attemptSlot)
        {
            continue;
        }
        if (station.contends)
        {
            auto& others = medium.contenders.at(station.due);
            others.erase(std::find(others.begin(), others.end(), late.station));
            if (others.empty())
            {
                medium.contenders.erase(station.due);
            }
            Contend(domain, late.station, medium.firstSlot + late.backoff);
        }
        else
        {
            station.due = medium.firstSlot + late.backoff;
        }
    }
    for (const auto& attempt : medium.attempts)
    {
        auto& station = medium.stations.at(attempt.from);
        const int64_t later = Settle(domain, attempt, past);
        const int64_t backoff = station.random.Below(station.window + 1);
        station.due = medium.firstSlot + later + backoff;
        station.contends = false;
        if (later > 0)
        {
            medium.late.push_back({attempt.from, later, backoff});
        }
        if (backlogged.count(attempt.from) > 0)
        {
            Contend(domain, attempt.from, station.due);
        }
    }
    for (const StationId surprised : std::exchange(medium.surprised, {}))
    {
        auto& station = medium.stations.at(surprised);
        if (station.contends || backlogged.count(surprised) == 0)
        {
            continue;
        }
        // A backoff that is over when the medium is in use starts anew.
        const int64_t due = station.due > medium.firstSlot
                                ? station.due
                                : medium.firstSlot + station.random.Below(station.window + 1);
        Contend(domain, surprised, due);
    }
}

} // namespace wfl
} // namespace ns3
