/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef FL_LEDGER_H
#define FL_LEDGER_H

#include "ns3/fl-algorithm.h"
#include "ns3/fl-update-values.h"

#include "fl-test-helpers.h"

#include <cstdint>
#include <gtest/gtest.h>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace fl::test
{

/** What both ends of a method know of every upload. */
struct Ledger
{
    using Values = std::map<uint32_t, uint64_t>; ///< coordinate, bits of the value
    using Uploads = std::map<std::pair<uint32_t, uint32_t>, Values>; ///< by round and exchange

    std::mutex mutex;                                ///< workers compute on several threads
    std::map<uint32_t, Uploads> said;                ///< by worker, as it was computed
    std::map<uint32_t, Uploads> owed;                ///< by worker, as its receipts say
    std::map<uint32_t, Uploads> heard;               ///< by worker, as the server accepted it
    std::map<uint32_t, std::vector<uint8_t>> models; ///< by worker, what it trained on last
    uint32_t differs{0};                             ///< computations while owed was not heard
    uint32_t skips{0};                               ///< silences
    uint32_t late{0}; ///< uploads that the server accepted behind their exchange
};

/** @return those values of an update that are not missing */
template <typename S>
Ledger::Values
ValuesOf(const Update<S>& update, const Ranges& missing)
{
    Ledger::Values values;
    ForEachValue(update, missing, [&](uint32_t i, S value) { values[i] = BitsOf(value); });
    return values;
}

/** Another method's worker half; writes down what it says and what its receipts say. */
template <typename S>
class LedgerWorker : public WorkerHalf<S>
{
  public:
    LedgerWorker(std::unique_ptr<WorkerHalf<S>> inner,
                 uint32_t worker,
                 bool committed,
                 Ledger& ledger)
        : m_inner(std::move(inner)),
          m_worker(worker),
          m_committed(committed),
          m_ledger(ledger)
    {
    }

    Work DeclareWork(const WorkerContext<S>& context) const override
    {
        return m_inner->DeclareWork(context);
    }

    std::optional<Update<S>> Compute(WorkerContext<S>& context, double& loss) override
    {
        {
            const std::lock_guard lock(m_ledger.mutex);
            m_ledger.differs += m_committed && m_ledger.owed[m_worker] != m_ledger.heard[m_worker];
            m_ledger.models[m_worker] = BytesOf(*context.Model());
        }
        m_draftOf = {context.Round(), context.Exchange()};
        m_draft = m_inner->Compute(context, loss);
        return m_draft;
    }

    void Adopt() override
    {
        m_inner->Adopt();
        m_sent = m_draft;
        const std::lock_guard lock(m_ledger.mutex);
        if (m_sent)
        {
            m_ledger.said[m_worker][m_draftOf] = ValuesOf(*m_sent, {});
        }
        else
        {
            ++m_ledger.skips;
        }
    }

    void Confirm(const Receipt& receipt) override
    {
        EXPECT_TRUE(m_committed);
        m_inner->Confirm(receipt);
        auto values = ValuesOf(*m_sent, receipt.missing);
        if (!values.empty())
        {
            const std::lock_guard lock(m_ledger.mutex);
            m_ledger.owed[m_worker][{receipt.round, receipt.exchange}] = std::move(values);
        }
    }

    void Observe(uint32_t version, const SharedModel<S>& model) override
    {
        m_inner->Observe(version, model);
    }

  private:
    std::unique_ptr<WorkerHalf<S>> m_inner;
    uint32_t m_worker;
    bool m_committed;
    Ledger& m_ledger;
    std::pair<uint32_t, uint32_t> m_draftOf;
    std::optional<Update<S>> m_draft;
    std::optional<Update<S>> m_sent;
};

/** Another method's server half; writes down what it accepts. */
template <typename S>
class LedgerServer : public ServerHalf<S>
{
  public:
    LedgerServer(std::unique_ptr<ServerHalf<S>> inner, Ledger& ledger)
        : m_inner(std::move(inner)),
          m_ledger(ledger)
    {
    }

    void Observe(uint32_t version, const SharedModel<S>& model) override
    {
        m_inner->Observe(version, model);
    }

    std::vector<uint32_t> Select(uint32_t round,
                                 uint32_t exchange,
                                 const std::vector<uint32_t>& candidates) override
    {
        m_round = round;
        m_exchange = exchange;
        return m_inner->Select(round, exchange, candidates);
    }

    void Accept(Contribution<S> contribution) override
    {
        const auto& received = contribution.received;
        auto values = ValuesOf(received.update, received.missing);
        const std::pair<uint32_t, uint32_t> of{m_round - contribution.staleness,
                                               contribution.exchange};
        {
            const std::lock_guard lock(m_ledger.mutex);
            m_ledger.late += of != std::make_pair(m_round, m_exchange);
            // A segment may say that there are no values in its range.
            if (!values.empty())
            {
                m_ledger.heard[contribution.worker][of] = std::move(values);
            }
        }
        m_inner->Accept(std::move(contribution));
    }

    void AcceptSum(const std::vector<S>& sum, uint32_t workers) override
    {
        m_inner->AcceptSum(sum, workers);
    }

    void Skipped(uint32_t worker) override
    {
        m_inner->Skipped(worker);
    }

    Closing<S> Close(uint32_t round) override
    {
        return m_inner->Close(round);
    }

  private:
    std::unique_ptr<ServerHalf<S>> m_inner;
    Ledger& m_ledger;
    uint32_t m_round{0};
    uint32_t m_exchange{0};
};

/** Another method, of which both ends write into a ledger. */
template <typename S>
class LedgerMethod : public Algorithm<S>
{
  public:
    LedgerMethod(std::unique_ptr<Algorithm<S>> inner, Ledger& ledger)
        : m_inner(std::move(inner)),
          m_ledger(ledger)
    {
    }

    AlgorithmTraits Traits() const override
    {
        return m_inner->Traits();
    }

    std::unique_ptr<WorkerHalf<S>> MakeWorker(const WorkerSetup& setup) const override
    {
        return std::make_unique<LedgerWorker<S>>(m_inner->MakeWorker(setup),
                                                 setup.worker,
                                                 Traits().committed,
                                                 m_ledger);
    }

    std::unique_ptr<ServerHalf<S>> MakeServer() const override
    {
        return std::make_unique<LedgerServer<S>>(m_inner->MakeServer(), m_ledger);
    }

    MessageShape UploadShape(uint32_t exchange) const override
    {
        return m_inner->UploadShape(exchange);
    }

    MessageShape AnswerShape(uint32_t exchange) const override
    {
        return m_inner->AnswerShape(exchange);
    }

    MessageShape UpdateShape() const override
    {
        return m_inner->UpdateShape();
    }

    void Apply(const ReceivedUpdate<S>& received,
               uint32_t round,
               std::vector<S>& model) const override
    {
        m_inner->Apply(received, round, model);
    }

    void RememberChange(const std::vector<S>& before, std::vector<S>& model) const override
    {
        m_inner->RememberChange(before, model);
    }

  private:
    std::unique_ptr<Algorithm<S>> m_inner;
    Ledger& m_ledger;
};

} // namespace fl::test

#endif // FL_LEDGER_H
