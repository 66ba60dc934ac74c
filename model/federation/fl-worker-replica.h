/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef FL_WORKER_REPLICA_H
#define FL_WORKER_REPLICA_H

#include "ns3/fl-algorithm.h"
#include "ns3/fl-codec.h"
#include "ns3/fl-federation.h"

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

namespace fl
{

/** Past updates that both ends remember; a worker that missed more of them needs a dense model. */
constexpr uint32_t KEPT_UPDATES = 7;

/**
 * What a worker knows of the model: the newest version of which it has received everything, as a
 * rule by reference to the server's, and while downloads are lost or partial a private copy beside
 * it that drifts. A body that was altered on the way without being noticed counts as received; the
 * version is then a private copy, too.
 * @tparam S the scalar, float or double
 */
template <typename S>
class WorkerReplica
{
  public:
    /** @param model version 0, which every worker holds from the start */
    void Start(SharedModel<S> model);

    /**
     * Takes one segment of a download in.
     * @param download the message as it was sent
     * @param segment what arrived
     * @return NONE, or why the segment was refused
     */
    SegmentFault Receive(const std::shared_ptr<const Download>& download,
                         const SegmentView& segment);

    /**
     * No more of a download will come.
     * @param download the message
     * @return the segments that arrived
     */
    Ranges Close(const std::shared_ptr<const Download>& download);

    /**
     * Applies the downloads closed since the last call, in order of their versions.
     * @param algorithm says what an update does to a model
     * @param models the server's models by version, to share those that are held without a flaw
     * @return the models that the worker came to hold, by version
     */
    std::vector<std::pair<uint32_t, SharedModel<S>>>
    Settle(const Algorithm<S>& algorithm, const std::map<uint32_t, SharedModel<S>>& models);

    /** @return the newest version that the worker holds without a flaw */
    uint32_t Version() const
    {
        return m_version;
    }

    /** @return the model that the worker trains on */
    SharedModel<S> Current() const;

    /**
     * Gives away the answer settled last; one to another exchange is dropped.
     * @param round round of the exchange that the answer opens
     * @param exchange that exchange
     * @return the answer, if any of it arrived
     */
    std::optional<ReceivedUpdate<S>> TakeAnswer(uint32_t round, uint32_t exchange);

  private:
    /** A download on its way in. */
    struct Arriving
    {
        std::shared_ptr<const Download> download;
        std::vector<bool> arrived; ///< by segment
        /** bodies that differ from what was sent, by segment; the others need not be kept */
        std::map<uint32_t, std::vector<uint8_t>> altered;
        bool closed{false};
    };

    /** The models that the worker came to hold, by version. */
    using Changes = std::vector<std::pair<uint32_t, SharedModel<S>>>;

    Arriving& Find(const std::shared_ptr<const Download>& download);
    static bool IsWhole(const Arriving& arriving);
    static bool IsEmpty(const Arriving& arriving);
    ReceivedUpdate<S> Decode(const Arriving& arriving) const;
    void Overwrite(const Arriving& arriving, std::vector<S>& model, uint32_t first) const;
    SharedModel<S> Changed(const std::vector<S>& before,
                           const Arriving& arriving,
                           const Algorithm<S>& algorithm) const;
    bool KnowsHistory(const Download& download, const Algorithm<S>& algorithm) const;
    void Take(const Arriving& arriving,
              const Algorithm<S>& algorithm,
              const std::map<uint32_t, SharedModel<S>>& models,
              Changes& changes);
    void Hold(const Arriving& arriving,
              const Algorithm<S>& algorithm,
              const std::map<uint32_t, SharedModel<S>>& models,
              Changes& changes);

    uint32_t m_version{0};    ///< newest version of which everything was received
    SharedModel<S> m_model;   ///< that version
    bool m_flawless{true};    ///< whether it is the server's, bit for bit
    SharedModel<S> m_drifted; ///< the private copy; null while there is none
    std::vector<Arriving> m_arriving;
    std::map<uint32_t, Arriving> m_ahead; ///< by version, complete updates behind a gap
    uint32_t m_newest{0};                 ///< newest version of which a download was closed
    std::optional<Arriving> m_answer;     ///< the answer closed last
    std::optional<Arriving> m_history;    ///< the history closed last
};

} // namespace fl

#endif // FL_WORKER_REPLICA_H
