/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/wfl-federation-helper.h"

#include "ns3/abort.h"
#include "ns3/boolean.h"
#include "ns3/double.h"
#include "ns3/fl-error.h"
#include "ns3/simulator.h"
#include "ns3/uinteger.h"
#include "ns3/wfl-harvest-model.h"
#include "ns3/wfl-registry.h"

#include <algorithm>
#include <cmath>

namespace ns3
{
namespace wfl
{

namespace
{

/** Time from one worker's hello to the next: what radios agree upon at first contact is calm. */
const Time HELLO_SPACING = MilliSeconds(5);

/** Time after the last hello was first said by which it must have come through, on fast channels.
 */
const Time HELLO_PATIENCE = Seconds(30);

/** About the length of a hello on its way, in bytes. */
constexpr uint64_t HELLO_BYTES = 100;

void
RequireSomebody(std::size_t workers)
{
    if (workers == 0)
    {
        throw fl::UserError("--channel: not a single worker can reach the server; "
                            "move them nearer, give them more power or lose less");
    }
}

} // namespace

FederationHelper::FederationHelper(const fl::RunSeed& runSeed)
    : m_runSeed(runSeed)
{
    m_serverFactory.SetTypeId(FlServer::GetTypeId());
    m_workerFactory.SetTypeId(FlWorker::GetTypeId());
    m_deviceFactory.SetTypeId(DeviceProfile::GetTypeId());
    m_accessPointFactory.SetTypeId(DeviceProfile::GetTypeId());
}

void
FederationHelper::SetMobility(const ObjectFactory& factory)
{
    m_mobility = factory.Create<Mobility>();
}

void
FederationHelper::SetChannel(const ObjectFactory& factory, uint32_t workers)
{
    if (workers >= SegmentHeader::ALL_WORKERS)
    {
        throw fl::UserError("--workers: " + std::to_string(workers) + " is too many, at most " +
                            std::to_string(SegmentHeader::ALL_WORKERS - 1) +
                            " have a number in the header");
    }
    m_channel = factory.Create<ChannelModel>();
    m_workerNodes.Create(workers);
    m_serverNode = CreateObject<Node>();
    if (m_mobility)
    {
        DoubleValue radiusM(std::nan(""));
        m_channel->GetAttributeFailSafe("RadiusM", radiusM);
        m_mobility->Install(m_workerNodes, radiusM.Get(), m_runSeed);
    }
    m_channel->Install(m_workerNodes, m_serverNode, m_runSeed);
    m_channel->SetReceiver(MakeCallback(&FederationHelper::Receive, this));
}

void
FederationHelper::SetLoss(const ObjectFactory& factory)
{
    m_channel->SetLoss(factory);
    CheckTransport();
}

void
FederationHelper::SetCompute(const ObjectFactory& factory)
{
    m_compute = factory.Create<ComputeModel>();
    m_compute->Start(m_channel->Workers(), m_runSeed);
}

void
FederationHelper::SetDevice(const ObjectFactory& factory)
{
    m_deviceFactory = factory;
}

void
FederationHelper::SetBattery(const std::string& text)
{
    Battery::Check(TypeRegistry::Get("battery").Parse(text).Create<EnergySource>());
    m_batteryText = text;
}

void
FederationHelper::SetHarvest(const ObjectFactory& factory)
{
    if (m_batteryText.empty())
    {
        throw fl::UserError("--harvest: charges nothing without --battery");
    }
    m_harvestFactory = factory;
}

void
FederationHelper::SetAvailability(const ObjectFactory& factory)
{
    m_availabilityFactory = factory;
}

void
FederationHelper::SetSelection(const ObjectFactory& factory)
{
    m_selection = factory.Create<SelectionPolicy>();
    m_selection->Start(m_runSeed);
}

void
FederationHelper::SetMode(const fl::Mode& mode, const fl::LateUploads& late)
{
    m_mode = mode;
    m_late = late;
    m_serverFactory.Set("Buffer", UintegerValue(mode.buffer));
    m_serverFactory.Set("LateCount", BooleanValue(mode.buffer > 0 || late.count));
}

bool
FederationHelper::MeasuresUpdates() const
{
    return m_selection && m_selection->Needs().status;
}

void
FederationHelper::SetAccessPointDevice(const ObjectFactory& factory)
{
    m_accessPointFactory = factory;
}

void
FederationHelper::SetTransport(const std::string& text)
{
    m_transportFactory = TypeRegistry::Get("transport").Parse(text);
    CheckTransport();
}

void
FederationHelper::CheckTransport() const
{
    if (m_transportFactory.IsTypeIdSet())
    {
        m_transportFactory.Create<Transport>()->Check(m_channel);
    }
}

void
FederationHelper::SetBroadcast(bool broadcast)
{
    m_broadcast = broadcast;
}

void
FederationHelper::SetServerAttribute(const std::string& name, const AttributeValue& value)
{
    m_serverFactory.Set(name, value);
}

void
FederationHelper::SetWorkerAttribute(const std::string& name, const AttributeValue& value)
{
    m_workerFactory.Set(name, value);
}

uint32_t
FederationHelper::MaxSegmentBytes(Direction direction) const
{
    return m_transportFactory.Create<Transport>()->MaxSegmentBytes(m_channel, direction);
}

bool
FederationHelper::SendsImportantFirst() const
{
    return m_transportFactory.Create<Transport>()->SendsImportantFirst();
}

void
FederationHelper::OpenTransport(const Ptr<Transport>& transport, StationId station) const
{
    transport->Open(m_channel, station, m_broadcast);
}

void
FederationHelper::Install(fl::Federation* federation)
{
    NS_ABORT_MSG_UNLESS(m_channel && m_compute, "choose channel, compute model and transport");
    CheckSegments(federation->Shape());
    CheckSelection();
    const auto book = Create<RoundBook>(m_channel->Workers());
    m_serverTransport = m_transportFactory.Create<Transport>();
    m_server = m_serverFactory.Create<FlServer>();
    m_server->SetUp(federation, m_channel, m_serverTransport, book);
    if (m_selection)
    {
        m_server->SetSelection(m_selection);
    }
    m_server->SetLongestComputation(MakeCallback(&FederationHelper::LongestComputation, this));
    m_server->TraceConnectWithoutContext("Lost", MakeCallback(&FederationHelper::Lose, this));
    m_serverNode->AddApplication(m_server);
    for (StationId worker = 0; worker < m_channel->Workers(); ++worker)
    {
        auto transport = m_transportFactory.Create<Transport>();
        auto application = m_workerFactory.Create<FlWorker>();
        application->SetUp(worker, federation, transport, m_compute, book);
        if (m_selection && m_selection->Needs().status)
        {
            application->TellStatus([this, worker] { return BatteryShare(worker); });
        }
        m_workerNodes.Get(worker)->AddApplication(application);
        m_workerTransports.push_back(transport);
        m_workers.push_back(application);
    }
    m_device = m_deviceFactory.Create<DeviceProfile>();
    if (!m_batteryText.empty())
    {
        m_batteriesJ = m_device->BatteriesJ(m_channel->Workers(), m_runSeed);
    }
    m_energy = Create<FleetEnergy>(m_channel,
                                   m_workers,
                                   m_device,
                                   m_accessPointFactory.Create<DeviceProfile>());
    Ptr<AvailabilityModel> availability;
    if (m_availabilityFactory.IsTypeIdSet())
    {
        availability = m_availabilityFactory.Create<AvailabilityModel>();
        availability->Start(m_channel->Workers(), m_runSeed);
    }
    CheckPresence();
    m_presence = CreateObject<Presence>();
    m_presence->SetUp(m_channel, m_server, m_workers, availability);
    m_presence->TraceConnectWithoutContext("Changed",
                                           MakeCallback(&FleetEnergy::NotePresence, m_energy));
    m_server->TraceConnectWithoutContext("Ready", MakeCallback(&FederationHelper::NoteReady, this));
    Simulator::ScheduleNow(&FederationHelper::WaitForChannel, this);
}

/** Who goes and comes back must find its way into the conversation again. */
void
FederationHelper::CheckPresence() const
{
    const bool areAlwaysThere =
        m_batteryText.empty() &&
        (!m_availabilityFactory.IsTypeIdSet() ||
         m_availabilityFactory.GetTypeId().GetName() == "ns3::wfl::AlwaysAvailable");
    if (!areAlwaysThere && !m_serverTransport->CanForget())
    {
        throw fl::UserError("--transport: a worker that has gone cannot come back over this one, "
                            "take nack, fec or best-effort with --battery and --availability");
    }
}

void
FederationHelper::CheckSelection() const
{
    const uint32_t workers = m_channel->Workers();
    const uint32_t count = m_selection ? m_selection->Count() : 0;
    if (count > workers)
    {
        throw fl::UserError("--selection: Count=" + std::to_string(count) + " are more than the " +
                            std::to_string(workers) + " workers");
    }
    const uint32_t atWork = count > 0 ? count : workers;
    if (m_mode.buffer > atWork * fl::Federation::MOST_TURNS)
    {
        throw fl::UserError(
            "--mode: K=" + std::to_string(m_mode.buffer) +
            " answers never come together, as at most " + std::to_string(atWork) +
            " workers are at work at the same time, each of which answers at most " +
            std::to_string(fl::Federation::MOST_TURNS) + " times a round");
    }
    if (!m_selection)
    {
        return;
    }
    if (m_mode.buffer > 0 && m_selection->OverSelection() > 1)
    {
        throw fl::UserError("--selection: OverSelection has no effect in asynchronous modes");
    }
    const auto needs = m_selection->Needs();
    if (needs.snr && !needs.snrMayBeUnknown && std::isnan(m_channel->SnrDb(0)))
    {
        throw fl::UserError("--selection: this policy needs signal-to-noise ratios, which this "
                            "channel does not know; take one with a radio, such as tdma or wifi, "
                            "or another policy");
    }
    if (needs.battery && m_batteryText.empty())
    {
        throw fl::UserError("--selection: this policy needs --battery");
    }
}

double
FederationHelper::BatteryShare(StationId worker) const
{
    const auto battery = m_energy->Device(worker).battery;
    return battery ? battery->RemainingShare() : std::nan("");
}

void
FederationHelper::NoteReady(const std::vector<StationId>& workers)
{
    m_energy->ForgetWhatWas();
    // When everybody else has heard that the clock starts.
    Simulator::ScheduleNow(&FederationHelper::StartPresence, this, workers);
}

/** The clock starts: batteries are full, and availability begins. */
void
FederationHelper::StartPresence(std::vector<StationId> workers)
{
    if (!m_batteryText.empty())
    {
        for (const StationId worker : workers)
        {
            StartBattery(worker, m_batteriesJ[worker]);
        }
    }
    m_presence->Start(workers);
}

void
FederationHelper::StartBattery(StationId worker, double energyJ)
{
    auto source = TypeRegistry::Get("battery").Parse(m_batteryText).Create<EnergySource>();
    const auto given = fl::NameSpec::Parse(m_batteryText, "--battery").values;
    const auto setUnlessGiven = [&given, &source](const std::string& attribute, double value)
    {
        const bool isGiven =
            std::any_of(given.begin(),
                        given.end(),
                        [&attribute](const auto& entry) { return entry.first == attribute; });
        if (!isGiven)
        {
            source->SetAttributeFailSafe(attribute, DoubleValue(value));
        }
    };
    setUnlessGiven("BasicEnergySourceInitialEnergyJ", energyJ);
    setUnlessGiven("BasicEnergySupplyVoltageV", m_device->VoltageV());
    source->SetNode(m_channel->GetNode(worker));
    const auto loads = m_energy->Device(worker).Loads();
    const bool isCharged = m_harvestFactory.IsTypeIdSet();
    if (isCharged)
    {
        const auto harvest = m_harvestFactory.Create<HarvestModel>();
        harvest->SetNode(m_channel->GetNode(worker));
        harvest->Start(worker, m_runSeed, source, loads);
    }
    const auto battery = CreateObject<Battery>();
    m_energy->SetBattery(worker, battery);
    static const char* const reason = "battery-empty";
    battery->Start(
        source,
        loads,
        [this, worker, isCharged] { m_presence->Take(worker, reason, !isCharged); },
        [this, worker] { m_presence->Restore(worker, reason); });
}

/** The header numbers segments with 16 bits; the longest message is a dense model. */
void
FederationHelper::CheckSegments(const fl::FederationShape& shape) const
{
    const uint32_t shortest =
        std::min(MaxSegmentBytes(Direction::UP), MaxSegmentBytes(Direction::DOWN));
    const uint64_t numbers = uint64_t{shape.dimension} + shape.traits.companions.shared;
    const uint64_t modelBytes = numbers * shape.scalarBytes;
    if (modelBytes / shortest >= UINT16_MAX)
    {
        throw fl::UserError("--objective: a model of " + std::to_string(modelBytes) +
                            " bytes has more than " + std::to_string(UINT16_MAX) + " segments of " +
                            std::to_string(shortest) +
                            " bytes; take a channel with longer datagrams (MaxDatagramBytes)");
    }
}

void
FederationHelper::WaitForChannel()
{
    m_channel->WhenReady(MakeCallback(&FederationHelper::BeReady, this));
}

void
FederationHelper::BeReady(std::vector<StationId> unreachable)
{
    m_unreachable = unreachable;
    std::vector<StationId> reached;
    for (StationId worker = 0; worker < m_channel->Workers(); ++worker)
    {
        if (std::find(unreachable.begin(), unreachable.end(), worker) == unreachable.end())
        {
            reached.push_back(worker);
        }
    }
    RequireSomebody(reached.size());
    m_server->Expect(reached);
    OpenTransport(m_serverTransport, SERVER);
    for (const StationId worker : reached)
    {
        OpenTransport(m_workerTransports[worker], worker);
        Simulator::Schedule(HELLO_SPACING * static_cast<int64_t>(worker),
                            &FlWorker::SayHello,
                            m_workers[worker]);
    }
    m_lastHello = Simulator::Now() + HELLO_SPACING * static_cast<int64_t>(m_workers.size());
    GiveUpSilent();
}

/** @return when those whose hello has not come through are given up, as far as is known now */
Time
FederationHelper::EndOfHellos() const
{
    const Time onAir = m_channel->EstimateAirtime(Direction::UP, HELLO_BYTES * m_workers.size());
    const Time once = onAir + m_channel->RoundTripDelay();
    return m_lastHello + HELLO_PATIENCE + once + once; // it may have to be said twice
}

/** Leaves out the workers whose hello has not come through, when it is time. */
void
FederationHelper::GiveUpSilent()
{
    if (Simulator::Now() < EndOfHellos())
    {
        Simulator::Schedule(EndOfHellos() - Simulator::Now(),
                            &FederationHelper::GiveUpSilent,
                            this);
        return;
    }
    for (const StationId worker : m_server->GiveUpSilent())
    {
        m_unreachable.push_back(worker);
        m_workers[worker]->GiveUpHello();
    }
    std::sort(m_unreachable.begin(), m_unreachable.end());
    // Those who have been heard and are absent now may come back.
    RequireSomebody(m_workers.size() - m_unreachable.size());
}

void
FederationHelper::Lose(StationId worker, uint32_t /* round */)
{
    m_lost.push_back(worker);
    if (m_server->Live().empty())
    {
        throw fl::UserError("--transport: the connections of all workers broke, the last one that "
                            "of worker " +
                            std::to_string(worker) + "; move them nearer or take --transport=nack");
    }
}

void
FederationHelper::Receive(StationId from, StationId to, Ptr<Packet> packet)
{
    const auto& transport = to == SERVER ? m_serverTransport : m_workerTransports[to];
    transport->ReceiveDatagram(from, packet);
}

Time
FederationHelper::LongestComputation() const
{
    Time longest;
    for (const auto& worker : m_workers)
    {
        longest = std::max(longest, worker->LongestComputation());
    }
    return longest;
}

Ptr<ChannelModel>
FederationHelper::Channel() const
{
    return m_channel;
}

Ptr<FlServer>
FederationHelper::Server() const
{
    return m_server;
}

const std::vector<Ptr<FlWorker>>&
FederationHelper::Workers() const
{
    return m_workers;
}

Ptr<Presence>
FederationHelper::GetPresence() const
{
    return m_presence;
}

Ptr<const FleetEnergy>
FederationHelper::Energy() const
{
    return m_energy;
}

const std::vector<StationId>&
FederationHelper::Unreachable() const
{
    return m_unreachable;
}

const std::vector<StationId>&
FederationHelper::Lost() const
{
    return m_lost;
}

} // namespace wfl
} // namespace ns3
