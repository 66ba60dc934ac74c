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
#include "ns3/node-container.h"
#include "ns3/simulator.h"
#include "ns3/string.h"
#include "ns3/uinteger.h"
#include "ns3/wfl-placement.h"
#include "ns3/wfl-registry.h"
#include "ns3/wfl-required-sir.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace ns3
{
namespace wfl
{

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
                          "Transmissions without an answer, in a row, after which a frame or what "
                          "an RTS announces is given up; ns-3's default.",
                          UintegerValue(7),
                          MakeUintegerAccessor(&DcfChannel::m_retryLimit),
                          MakeUintegerChecker<uint32_t>(1, 255))
            .AddAttribute("BarRetryLimit",
                          "The same for BlockAckReqs, and what they ask for. ns-3 tries for ever.",
                          UintegerValue(1000),
                          MakeUintegerAccessor(&DcfChannel::m_barRetryLimit),
                          MakeUintegerChecker<uint32_t>(1, 1000000))
            .AddAttribute("RtsThreshold",
                          "PSDUs to one station that are longer, in bytes, are sent after RTS and "
                          "CTS; ns-3's default.",
                          UintegerValue(65535),
                          MakeUintegerAccessor(&DcfChannel::m_rtsThreshold),
                          MakeUintegerChecker<uint32_t>())
            .AddAttribute("RtsMode",
                          "Mode of RTS frames; ns-3's default.",
                          StringValue("OfdmRate6Mbps"),
                          MakeStringAccessor(&DcfChannel::m_rtsMode),
                          MakeStringChecker())
            .AddAttribute("Capture",
                          "Whether an access point receives the strongest of several frames in one "
                          "slot if it is strong enough.",
                          BooleanValue(true),
                          MakeBooleanAccessor(&DcfChannel::m_capture),
                          MakeBooleanChecker())
            .AddAttribute("Eifs",
                          "Whether a station that has heard the preamble of a frame that then "
                          "collided waits for an EIFS. The cost of a collision grows with the "
                          "number of stations that contend.",
                          BooleanValue(true),
                          MakeBooleanAccessor(&DcfChannel::m_eifs),
                          MakeBooleanChecker())
            .AddAttribute("RadiusM",
                          "Radius of the disc on which workers are placed around their access "
                          "points, in metres; matters for Capture and Eifs.",
                          DoubleValue(20),
                          MakeDoubleAccessor(&DcfChannel::m_radiusM),
                          MakeDoubleChecker<double>(0, 1e6))
            .AddAttribute(
                "PathLossExponent",
                "Exponent of the log-distance path loss from 1 m on; matters for Capture and "
                "Eifs.",
                DoubleValue(3),
                MakeDoubleAccessor(&DcfChannel::m_pathLossExponent),
                MakeDoubleChecker<double>(0, 100))
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
DcfChannel::IsFullDuplex() const
{
    return Domains() > 1; // the access points are radios of one station
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
DcfChannel::SetModes()
{
    const auto& info = STANDARDS.at(m_standard);
    m_data = ParseMode("DataMode", m_dataMode.empty() ? info.mode : m_dataMode);
    m_group = ParseMode("GroupMode", m_groupMode);
    m_rts = MakeFrame(ParseMode("RtsMode", m_rtsMode), RTS_BYTES);
    m_cts = MakeFrame(ResponseMode(m_rts.mode), CTS_BYTES);
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
    SetModes();
    NodeContainer workers;
    for (StationId worker = 0; worker < Workers(); ++worker)
    {
        workers.Add(GetNode(worker));
    }
    PlaceOnDisc(workers, GetNode(SERVER), m_radiusM, GetRunSeed());
    m_serverMobility = GetNode(SERVER)->GetObject<MobilityModel>();
    for (StationId worker = 0; worker < Workers(); ++worker)
    {
        m_mobility.push_back(GetNode(worker)->GetObject<MobilityModel>());
    }
    ContentionChannel::DoInstall();
}

void
DcfChannel::DoDispose()
{
    m_serverMobility = nullptr;
    m_mobility.clear();
    m_media.clear();
    ContentionChannel::DoDispose();
}

DcfChannel::Medium&
DcfChannel::MediumOf(uint32_t domain)
{
    return m_media.try_emplace(domain, BackoffClock(m_slot, m_isQos)).first->second;
}

DcfChannel::Station&
DcfChannel::StationOf(uint32_t domain, StationId station)
{
    auto& stations = MediumOf(domain).stations;
    const auto found = stations.find(station);
    if (found != stations.end())
    {
        return found->second;
    }
    const fl::Random random(GetRunSeed(), fl::Purpose::ACCESS, station, domain);
    return stations.emplace(station, Station{random, m_minWindow}).first->second;
}

// Access to the medium

/** @return when the first slot begins, if the medium stays idle */
Time
DcfChannel::FirstSlot(uint32_t domain) const
{
    return IdleSince(domain) + m_sifs + m_slot * int64_t{m_aifsn};
}

void
DcfChannel::DoBacklogged(uint32_t domain, StationId station)
{
    auto& medium = MediumOf(domain);
    if (medium.clock.Contends(station))
    {
        return;
    }
    if (IdleSince(domain) == Time::Max())
    {
        medium.surprised.push_back(station);
        return;
    }
    medium.clock.Enter(station, Simulator::Now() - FirstSlot(domain));
}

Contention
DcfChannel::DoNext(uint32_t domain)
{
    auto& medium = MediumOf(domain);
    auto& clock = medium.clock;
    medium.attempts.clear();
    while (medium.attempts.empty())
    {
        for (const StationId station : std::vector<StationId>(clock.First()))
        {
            if (Backlogged(domain).count(station) > 0)
            {
                medium.attempts.push_back(MakeAttempt(domain, station));
            }
            else
            {
                clock.Leave(station); // what it had has expired
            }
        }
    }
    Contention next;
    next.start = FirstSlot(domain) + clock.FirstTime();
    next.end = next.start;
    auto* const heard = FindHeard(domain);
    for (const auto& attempt : medium.attempts)
    {
        AddFrame(attempt, false, FirstFrame(attempt), next.start, next);
        next.uses.back().listening = &attempt == heard ? RadioState::RX : RadioState::CCA_BUSY;
    }
    if (heard)
    {
        AddReception(domain, *heard, next);
    }
    for (const auto& attempt : medium.attempts)
    {
        if (!attempt.isAnswered && !(attempt.to == GROUP && &attempt == heard))
        {
            AddFailure(domain, attempt, next);
        }
    }
    std::stable_sort(next.uses.begin(),
                     next.uses.end(),
                     [](const MediumUse& a, const MediumUse& b) { return a.start < b.start; });
    return next;
}

// What a station sends

DcfChannel::Frame
DcfChannel::MakeFrame(const PpduMode& mode, uint32_t bytes)
{
    return {mode, PpduDuration(mode, bytes), {bytes}};
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
                    MakeFrame(ResponseMode(m_data), BLOCK_ACK_REQUEST_BYTES)};
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
    const uint32_t firstBytes = MpduBytes(queue.At(queue.First()));
    if (to == GROUP)
    {
        return {from, to, false, {queue.First()}, MakeFrame(m_group, firstBytes)};
    }
    Attempt attempt{from, to, false, {}, {m_data, Time(), {}}};
    auto& ends = attempt.psdu.mpduEnds;
    for (const auto number : Window(domain, from, to))
    {
        const auto bytes =
            AmpduBytesWith(ends.empty() ? 0 : ends.back(), MpduBytes(queue.At(number)));
        if (!ends.empty() && bytes > m_maxAmpduBytes)
        {
            break;
        }
        ends.push_back(bytes);
        attempt.numbers.push_back(number);
    }
    // VHT and HE PPDUs hold an A-MPDU even if it is of one MPDU.
    if (ends.size() == 1 && m_data.format < PpduFormat::VHT)
    {
        ends.front() = firstBytes;
    }
    attempt.psdu.duration = PpduDuration(m_data, ends.back());
    attempt.isProtected = ends.back() > m_rtsThreshold;
    return attempt;
}

const DcfChannel::Frame&
DcfChannel::FirstFrame(const Attempt& attempt) const
{
    return attempt.isProtected ? m_rts : attempt.psdu;
}

// Who hears what

const Ptr<MobilityModel>&
DcfChannel::MobilityOf(StationId station) const
{
    return station == SERVER ? m_serverMobility : m_mobility[station];
}

/** @return power that one station receives from another one, compared with what it is at 1 m */
double
DcfChannel::Power(StationId from, StationId to) const
{
    const double distanceM = MobilityOf(from)->GetDistanceFrom(MobilityOf(to));
    return std::pow(std::max(distanceM, 1.0), -m_pathLossExponent);
}

/** @return whether a frame is strong enough beside all others that are on the air at some time */
bool
DcfChannel::IsClear(uint32_t domain,
                    const Attempt& attempt,
                    StationId listener,
                    Time sinceStart,
                    double requiredSirDb)
{
    double others = 0; // their power
    for (const auto& other : MediumOf(domain).attempts)
    {
        if (&other != &attempt && FirstFrame(other).duration > sinceStart)
        {
            others += Power(other.from, listener);
        }
    }
    return others == 0 ||
           Power(attempt.from, listener) >= others * std::pow(10, requiredSirDb / 10);
}

/** @return whether an MPDU of a frame is received by a station that has heard its preamble */
bool
DcfChannel::IsReceived(uint32_t domain,
                       const Attempt& attempt,
                       const Frame& frame,
                       Time sinceStart,
                       std::size_t mpdu,
                       StationId listener)
{
    const auto& ends = frame.mpduEnds;
    const uint32_t begin = mpdu == 0 ? 0 : ends[mpdu - 1];
    const int64_t preambleNs = PreambleDuration(frame.mode).GetNanoSeconds();
    const int64_t dataNs = frame.duration.GetNanoSeconds() - preambleNs;
    const Time before = NanoSeconds(preambleNs + dataNs * begin / ends.back());
    return IsClear(domain,
                   attempt,
                   listener,
                   sinceStart + before,
                   RequiredSirDb(frame.mode, ends[mpdu] - begin));
}

/** @return the attempt whose preamble a station hears that does not transmit itself, or null */
DcfChannel::Attempt*
DcfChannel::FindLocked(uint32_t domain, StationId listener)
{
    Attempt* strongest = nullptr;
    double strongestPower = 0;
    double total = 0;
    for (auto& attempt : MediumOf(domain).attempts)
    {
        const double power = Power(attempt.from, listener);
        total += power;
        if (power > strongestPower)
        {
            strongest = &attempt;
            strongestPower = power;
        }
    }
    static const double required = std::pow(10, PREAMBLE_SIR_DB / 10);
    return strongestPower >= required * (total - strongestPower) ? strongest : nullptr;
}

/** @return the attempt whose preamble is heard by whom it is for, or null */
DcfChannel::Attempt*
DcfChannel::FindHeard(uint32_t domain)
{
    auto& attempts = MediumOf(domain).attempts;
    if (attempts.size() == 1)
    {
        return &attempts.front();
    }
    const bool apSends = std::any_of(attempts.begin(),
                                     attempts.end(),
                                     [](const Attempt& attempt) { return attempt.from == SERVER; });
    return apSends || !m_capture ? nullptr : FindLocked(domain, SERVER);
}

// What happens

/** Puts a frame on the air. @return its end */
Time
DcfChannel::AddFrame(const Attempt& attempt,
                     bool isAnswer,
                     const Frame& frame,
                     Time start,
                     Contention& next)
{
    const bool isDown = attempt.from == SERVER;
    next.uses.push_back({start,
                         frame.duration,
                         isAnswer ? attempt.to : attempt.from,
                         isDown ? attempt.to : attempt.from,
                         isDown ? Direction::DOWN : Direction::UP,
                         frame.mpduEnds.back()});
    const Time end = start + frame.duration;
    next.end = std::max(next.end, end);
    return end;
}

bool
DcfChannel::IsDamaged(fl::Random& random) const
{
    return m_mpduErrorRate > 0 && random.Uniform() < m_mpduErrorRate;
}

/** What follows from a first frame whose preamble is heard. */
void
DcfChannel::AddReception(uint32_t domain, Attempt& attempt, Contention& next)
{
    if (attempt.to == GROUP)
    {
        AddGroupReception(domain, attempt, next);
        return;
    }
    Time start = next.start;
    if (attempt.isProtected)
    {
        if (!IsReceived(domain, attempt, m_rts, Time(), 0, attempt.to))
        {
            return;
        }
        start = AddFrame(attempt, true, m_cts, start + m_rts.duration + m_sifs, next) + m_sifs;
        AddFrame(attempt, false, attempt.psdu, start, next);
    }
    const Time end = start + attempt.psdu.duration;
    const auto isReceived = [&](std::size_t mpdu)
    {
        return IsReceived(domain, attempt, attempt.psdu, start - next.start, mpdu, attempt.to);
    };
    attempt.isAnswered = attempt.isBar && isReceived(0);
    auto& random = StationOf(domain, attempt.from).random;
    next.fates.reserve(attempt.numbers.size());
    for (std::size_t i = 0; i < attempt.numbers.size(); ++i)
    {
        if (isReceived(i) && !IsDamaged(random))
        {
            next.fates.push_back({attempt.from, attempt.to, attempt.numbers[i], end, "", {}});
            attempt.isAnswered = true;
        }
    }
    if (attempt.isAnswered)
    {
        const bool isBlockAck = attempt.isBar || attempt.numbers.size() > 1;
        const auto bytes = isBlockAck ? BlockAckBytes(m_blockAckWindow) : ACK_BYTES;
        AddFrame(attempt, true, MakeFrame(ResponseMode(m_data), bytes), end + m_sifs, next);
    }
}

void
DcfChannel::AddGroupReception(uint32_t domain, const Attempt& attempt, Contention& next)
{
    DatagramFate fate{attempt.from,
                      GROUP,
                      attempt.numbers.front(),
                      next.start + attempt.psdu.duration,
                      "",
                      {}};
    auto& random = StationOf(domain, attempt.from).random;
    for (const StationId receiver : Queue(domain, attempt.from, GROUP).At(fate.number).receivers)
    {
        if (IsDamaged(random))
        {
            fate.missing.push_back(receiver);
        }
    }
    next.fates.push_back(fate);
}

/** Nobody answers: gives the datagrams up if that has been so too often. */
void
DcfChannel::AddFailure(uint32_t domain, const Attempt& attempt, Contention& next)
{
    const uint32_t failures = StationOf(domain, attempt.from).failures + 1;
    const uint32_t limit = AsksForBlockAck(attempt) ? m_barRetryLimit : m_retryLimit;
    if (attempt.to != GROUP && failures < limit)
    {
        return;
    }
    const std::string reason = attempt.to == GROUP ? "collision" : "retry-limit";
    for (const auto number :
         attempt.isBar ? Window(domain, attempt.from, attempt.to) : attempt.numbers)
    {
        next.fates.push_back({attempt.from, attempt.to, number, next.end, reason, {}});
    }
}

/** @return numbers of the datagrams of which a BlockAckReq asks, those that are not sent yet, too
 */
std::vector<uint64_t>
DcfChannel::Window(uint32_t domain, StationId from, StationId to) const
{
    const auto& queue = Queue(domain, from, to);
    const auto end = std::min(queue.End(), queue.First() + m_blockAckWindow);
    std::vector<uint64_t> numbers;
    numbers.reserve(end - queue.First());
    for (auto number = queue.First(); number < end; ++number)
    {
        if (queue.At(number).packet)
        {
            numbers.push_back(number);
        }
    }
    return numbers;
}

/** @return whether a BlockAckReq follows if this is not answered, as often as it takes */
bool
DcfChannel::AsksForBlockAck(const Attempt& attempt) const
{
    const bool isAmpdu = attempt.numbers.size() > 1 && !attempt.isProtected;
    return attempt.isBar || (isAmpdu && m_explicitBar);
}

// What follows from it

/** What a transmission means to the station that has made it. */
void
DcfChannel::Settle(uint32_t domain, const Attempt& attempt, const Contention& past)
{
    auto& station = StationOf(domain, attempt.from);
    auto& bars = station.bars;
    Time delay;
    if (attempt.isAnswered)
    {
        bars.erase(std::remove(bars.begin(), bars.end(), attempt.to), bars.end());
        station.window = m_minWindow;
        station.failures = 0;
    }
    else if (attempt.to != GROUP)
    {
        const bool isGivenUp =
            !attempt.numbers.empty() &&
            std::any_of(past.fates.begin(),
                        past.fates.end(),
                        [&attempt](const DatagramFate& fate) { return fate.from == attempt.from; });
        station.failures = isGivenUp ? 0 : station.failures + 1;
        station.window = isGivenUp ? m_minWindow : std::min(2 * station.window + 1, m_maxWindow);
        if (AsksForBlockAck(attempt) && !isGivenUp &&
            std::find(bars.begin(), bars.end(), attempt.to) == bars.end())
        {
            bars.push_back(attempt.to);
        }
        // It waits for an answer, which would begin after a SIFS, within a slot; IEEE 802.11-2020,
        // 10.3.2.11.
        const Time noAnswer = past.start + FirstFrame(attempt).duration + m_sifs + m_slot +
                              MicroSeconds(NON_HT_PREAMBLE_US);
        delay = std::max(Time(), noAnswer - past.end);
    }
    auto& clock = MediumOf(domain).clock;
    clock.Set(attempt.from, station.random.Below(station.window + 1), delay);
    if (Backlogged(domain).count(attempt.from) > 0)
    {
        clock.Enter(attempt.from, Time());
    }
}

/**
 * Who has heard the beginning of a frame, but none of the rest, waits for an EIFS after it; IEEE
 * 802.11-2020, 10.3.2.3.7.
 */
void
DcfChannel::DelayListeners(uint32_t domain, const Contention& past)
{
    const Time eifsWithoutDifs = m_sifs + PpduDuration({}, ACK_BYTES);
    auto& medium = MediumOf(domain);
    for (const StationId station : medium.clock.Contenders())
    {
        const bool hasSent =
            std::any_of(medium.attempts.begin(),
                        medium.attempts.end(),
                        [station](const Attempt& attempt) { return attempt.from == station; });
        const auto* const heard = hasSent ? nullptr : FindLocked(domain, station);
        if (!heard)
        {
            continue;
        }
        const auto& frame = FirstFrame(*heard);
        const Time delay = past.start + frame.duration + eifsWithoutDifs - past.end;
        const std::size_t last = frame.mpduEnds.size() - 1;
        if (delay.IsStrictlyPositive() && !IsReceived(domain, *heard, frame, Time(), last, station))
        {
            medium.clock.Delay(station, delay);
        }
    }
}

void
DcfChannel::DoEnded(uint32_t domain, const Contention& past)
{
    auto& medium = MediumOf(domain);
    auto& clock = medium.clock;
    const Time idle = clock.FirstTime();
    for (const auto& attempt : medium.attempts)
    {
        clock.Leave(attempt.from);
    }
    clock.Elapse(idle);
    for (const auto& attempt : medium.attempts)
    {
        Settle(domain, attempt, past);
    }
    for (const StationId station : std::exchange(medium.surprised, {}))
    {
        if (clock.Contends(station) || Backlogged(domain).count(station) == 0)
        {
            continue;
        }
        // Who gets something to send while the medium is in use draws a backoff, unless that after
        // its last transmission still counts.
        if (clock.Remaining(station) == 0)
        {
            auto& state = StationOf(domain, station);
            clock.Set(station, state.random.Below(state.window + 1));
        }
        clock.Enter(station, Time());
    }
    const bool isCollision = medium.attempts.size() > 1;
    const bool isAnswered = std::any_of(medium.attempts.begin(),
                                        medium.attempts.end(),
                                        [](const Attempt& attempt) { return attempt.isAnswered; });
    if (m_eifs && isCollision && !isAnswered)
    {
        DelayListeners(domain, past);
    }
}

} // namespace wfl
} // namespace ns3
