/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/wfl-transport.h"

#include "ns3/boolean.h"

#include <algorithm>
#include <utility>

namespace ns3
{
namespace wfl
{

NS_OBJECT_ENSURE_REGISTERED(Transport);

TypeId
Transport::GetTypeId()
{
    static TypeId tid =
        TypeId("ns3::wfl::Transport")
            .SetParent<Object>()
            .SetGroupName("Wfl")
            .AddAttribute("ImportantFirst",
                          "Whether segments that carry more of the squared norm a byte than their "
                          "message in the mean leave before the others.",
                          BooleanValue(false),
                          MakeBooleanAccessor(&Transport::m_importantFirst),
                          MakeBooleanChecker());
    return tid;
}

Transport::~Transport() = default;

void
Transport::DoDispose()
{
    m_accept = AcceptCallback();
    m_segment = SegmentCallback();
    m_end = EndCallback();
    m_report = ReportCallback();
    m_break = BreakCallback();
    Object::DoDispose();
}

void
Transport::Request(StationId /* from */, const MessageKey& /* key */)
{
    // A transport that loses nothing has nothing to ask for.
}

void
Transport::Forget(StationId /* peer */)
{
    NS_ASSERT_MSG(false, "this transport cannot forget");
}

bool
Transport::CanForget() const
{
    return false;
}

Time
Transport::LastHeard(StationId /* from */) const
{
    return {};
}

void
Transport::Check(Ptr<const ChannelModel> /* channel */) const
{
    // Every channel moves datagrams.
}

void
Transport::SetCallbacks(AcceptCallback accept,
                        SegmentCallback segment,
                        EndCallback end,
                        ReportCallback report)
{
    m_accept = accept;
    m_segment = segment;
    m_end = end;
    m_report = report;
}

void
Transport::SetBreakCallback(BreakCallback broken)
{
    m_break = broken;
}

bool
Transport::SendsImportantFirst() const
{
    return m_importantFirst;
}

void
Transport::NoteLate(const Ptr<ChannelModel>& channel,
                    StationId from,
                    StationId self,
                    MessageType type)
{
    if (type == MessageType::UPLOAD)
    {
        channel->NoteUseless(from, self, "late");
    }
}

std::vector<bool>
Transport::FirstOf(const fl::EncodedMessage& message) const
{
    std::vector<bool> first(message.segments.size());
    if (m_importantFirst)
    {
        for (const uint32_t i : fl::ToNumbers(message.important))
        {
            first[i] = true;
        }
    }
    return first;
}

std::shared_ptr<const fl::EncodedMessage>
MakeControlMessage(std::vector<uint8_t> bytes, uint32_t maxSegmentBytes)
{
    fl::EncodedMessage message{fl::WireFormat::DENSE32, 0, std::move(bytes), {}, 0};
    const auto length = static_cast<uint32_t>(message.bytes.size());
    uint32_t offset = 0;
    do
    {
        const uint32_t part = std::min(maxSegmentBytes, length - offset);
        message.segments.push_back({0, 0, offset, part});
        offset += part;
    } while (offset < length);
    return std::make_shared<const fl::EncodedMessage>(std::move(message));
}

} // namespace wfl
} // namespace ns3
