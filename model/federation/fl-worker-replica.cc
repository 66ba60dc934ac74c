/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/fl-worker-replica.h"

#include <algorithm>
#include <cassert>

namespace fl
{

template <typename S>
void
WorkerReplica<S>::Start(SharedModel<S> model)
{
    m_model = std::move(model);
}

template <typename S>
typename WorkerReplica<S>::Arriving&
WorkerReplica<S>::Find(const std::shared_ptr<const Download>& download)
{
    for (auto& arriving : m_arriving)
    {
        if (arriving.download == download)
        {
            return arriving;
        }
    }
    m_arriving.push_back(
        {download, std::vector<bool>(download->message->segments.size()), {}, false});
    return m_arriving.back();
}

template <typename S>
SegmentFault
WorkerReplica<S>::Receive(const std::shared_ptr<const Download>& download,
                          const SegmentView& segment)
{
    auto& arriving = Find(download);
    const auto& message = *download->message;
    assert(!arriving.closed);
    if (segment.total != message.segments.size() || segment.index >= segment.total)
    {
        return SegmentFault::RANGE;
    }
    const auto& sent = message.segments[segment.index];
    const bool same = segment.format == message.format && segment.first == sent.first &&
                      segment.length == sent.length &&
                      std::equal(segment.data,
                                 segment.data + segment.length,
                                 message.bytes.begin() + sent.offset);
    if (!same)
    {
        UpdateAssembler<S> trial({message.dimension, message.blocks});
        if (const auto fault = trial.Add(segment); fault != SegmentFault::NONE)
        {
            return fault;
        }
        if (segment.format != message.format || segment.first != sent.first)
        {
            return SegmentFault::FORMAT;
        }
        arriving.altered[segment.index].assign(segment.data, segment.data + segment.length);
    }
    arriving.arrived[segment.index] = true;
    return SegmentFault::NONE;
}

template <typename S>
Ranges
WorkerReplica<S>::Close(const std::shared_ptr<const Download>& download)
{
    auto& arriving = Find(download);
    assert(!arriving.closed);
    arriving.closed = true;
    Ranges arrived;
    for (uint32_t i = 0; i < arriving.arrived.size(); ++i)
    {
        if (arriving.arrived[i])
        {
            Append(arrived, {i, i + 1});
        }
    }
    // Settle() takes what leads to the same version in the order of closing, which the log holds.
    const auto place = m_arriving.begin() + (&arriving - m_arriving.data());
    std::rotate(place, place + 1, m_arriving.end());
    return arrived;
}

template <typename S>
bool
WorkerReplica<S>::IsWhole(const Arriving& arriving)
{
    return std::find(arriving.arrived.begin(), arriving.arrived.end(), false) ==
           arriving.arrived.end();
}

template <typename S>
bool
WorkerReplica<S>::IsEmpty(const Arriving& arriving)
{
    return std::find(arriving.arrived.begin(), arriving.arrived.end(), true) ==
           arriving.arrived.end();
}

template <typename S>
ReceivedUpdate<S>
WorkerReplica<S>::Decode(const Arriving& arriving) const
{
    const auto& message = *arriving.download->message;
    UpdateAssembler<S> assembler({message.dimension, message.blocks});
    const auto total = static_cast<uint32_t>(message.segments.size());
    for (uint32_t i = 0; i < total; ++i)
    {
        if (!arriving.arrived[i])
        {
            continue;
        }
        const auto& slice = message.segments[i];
        const auto altered = arriving.altered.find(i);
        const uint8_t* data = altered == arriving.altered.end()
                                  ? message.bytes.data() + slice.offset
                                  : altered->second.data();
        const auto length = altered == arriving.altered.end()
                                ? slice.length
                                : static_cast<uint32_t>(altered->second.size());
        assembler.Add({message.format, i, total, slice.first, data, length});
    }
    return assembler.Finish();
}

/** Puts the numbers that have arrived of a dense message into a model, from some place on. */
template <typename S>
void
WorkerReplica<S>::Overwrite(const Arriving& arriving, std::vector<S>& model, uint32_t first) const
{
    const auto received = Decode(arriving);
    const auto& values = std::get<DenseUpdate<S>>(received.update).values;
    for (const auto& range : Complement(received.missing, arriving.download->message->dimension))
    {
        std::copy(values.begin() + range.first,
                  values.begin() + range.end,
                  model.begin() + first + range.first);
    }
}

/** @return a model, changed by what has arrived of a download */
template <typename S>
SharedModel<S>
WorkerReplica<S>::Changed(const std::vector<S>& before,
                          const Arriving& arriving,
                          const Algorithm<S>& algorithm) const
{
    const auto& download = *arriving.download;
    auto model = std::make_shared<std::vector<S>>(before);
    if (download.kind == DownloadKind::UPDATE)
    {
        algorithm.Apply(Decode(arriving), download.version - 1, *model);
    }
    else
    {
        Overwrite(arriving, *model, 0);
    }
    if (download.version > m_version)
    {
        algorithm.RememberChange(before, *model);
    }
    if (m_history && m_history->download->version == download.version)
    {
        const auto companions = algorithm.Traits().companions;
        const auto size = static_cast<uint32_t>(model->size());
        Overwrite(*m_history, *model, size - companions.own - companions.history);
    }
    return model;
}

/** @return whether the Companions of a version that is held from now on are the server's */
template <typename S>
bool
WorkerReplica<S>::KnowsHistory(const Download& download, const Algorithm<S>& algorithm) const
{
    if (m_flawless && download.version <= m_version + 1)
    {
        return true;
    }
    if (algorithm.Traits().companions.history == 0)
    {
        return download.kind == DownloadKind::MODEL;
    }
    return m_history && m_history->download->version == download.version && IsWhole(*m_history) &&
           m_history->altered.empty();
}

/** Moves on to the version of a download of which everything arrived. */
template <typename S>
void
WorkerReplica<S>::Hold(const Arriving& arriving,
                       const Algorithm<S>& algorithm,
                       const std::map<uint32_t, SharedModel<S>>& models,
                       Changes& changes)
{
    const auto& download = *arriving.download;
    const auto before = Current();
    m_flawless = arriving.altered.empty() && KnowsHistory(download, algorithm);
    const auto shared = models.find(download.version);
    if (!m_flawless || shared == models.end())
    {
        m_model = Changed(*m_model, arriving, algorithm);
    }
    if (shared != models.end() && (m_flawless || *m_model == *shared->second))
    {
        m_model = shared->second;
        m_flawless = true;
    }
    m_version = download.version;
    m_drifted.reset();
    if (m_model != before)
    {
        changes.emplace_back(m_version, m_model);
    }
}

template <typename S>
void
WorkerReplica<S>::Take(const Arriving& arriving,
                       const Algorithm<S>& algorithm,
                       const std::map<uint32_t, SharedModel<S>>& models,
                       Changes& changes)
{
    const auto& download = *arriving.download;
    const bool complete = IsWhole(arriving);
    const bool wholeModel = complete && download.kind == DownloadKind::MODEL;
    if (download.version < m_version || (download.version == m_version && !wholeModel))
    {
        return;
    }
    if (wholeModel || (complete && download.version == m_version + 1))
    {
        Hold(arriving, algorithm, models, changes);
        // Updates that waited behind the gap follow.
        auto next = m_ahead.upper_bound(m_version);
        for (; next != m_ahead.end() && next->first == m_version + 1; ++next)
        {
            Hold(next->second, algorithm, models, changes);
        }
        m_ahead.erase(m_ahead.begin(), next);
        return;
    }
    if (complete)
    {
        m_ahead.insert_or_assign(download.version, arriving);
    }
    // A repeated update may stand in the drifted copy already; only the chain above takes it.
    if (IsEmpty(arriving) || (download.resync && download.kind == DownloadKind::UPDATE))
    {
        return;
    }
    m_drifted = Changed(*Current(), arriving, algorithm);
    changes.emplace_back(download.version, m_drifted);
}

template <typename S>
std::vector<std::pair<uint32_t, SharedModel<S>>>
WorkerReplica<S>::Settle(const Algorithm<S>& algorithm,
                         const std::map<uint32_t, SharedModel<S>>& models)
{
    auto closed = std::stable_partition(m_arriving.begin(),
                                        m_arriving.end(),
                                        [](const auto& arriving) { return !arriving.closed; });
    std::stable_sort(closed,
                     m_arriving.end(),
                     [](const auto& a, const auto& b)
                     {
                         const auto key = [](const Download& download)
                         {
                             return std::pair(download.version,
                                              download.kind != DownloadKind::HISTORY);
                         };
                         return key(*a.download) < key(*b.download);
                     });
    Changes changes;
    for (auto arriving = closed; arriving != m_arriving.end(); ++arriving)
    {
        m_newest = std::max(m_newest, arriving->download->version);
        if (arriving->download->kind == DownloadKind::ANSWER)
        {
            const auto key = [](const Arriving& a)
            {
                return std::make_pair(a.download->round, a.download->ordinal);
            };
            if (!m_answer || key(*m_answer) < key(*arriving))
            {
                m_answer = std::move(*arriving);
            }
        }
        else if (arriving->download->kind == DownloadKind::HISTORY)
        {
            m_history = std::move(*arriving);
        }
        else
        {
            Take(*arriving, algorithm, models, changes);
        }
    }
    m_arriving.erase(closed, m_arriving.end());
    m_ahead.erase(m_ahead.begin(),
                  m_ahead.lower_bound(m_newest - std::min(m_newest, KEPT_UPDATES)));
    return changes;
}

template <typename S>
SharedModel<S>
WorkerReplica<S>::Current() const
{
    return m_drifted ? m_drifted : m_model;
}

template <typename S>
std::optional<ReceivedUpdate<S>>
WorkerReplica<S>::TakeAnswer(uint32_t round, uint32_t exchange)
{
    const auto answer = std::exchange(m_answer, std::nullopt);
    if (!answer || answer->download->round != round || answer->download->ordinal != exchange ||
        IsEmpty(*answer))
    {
        return std::nullopt;
    }
    return Decode(*answer);
}

template class WorkerReplica<float>;
template class WorkerReplica<double>;

} // namespace fl
