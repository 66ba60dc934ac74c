/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef FL_TEST_HELPERS_H
#define FL_TEST_HELPERS_H

#include "ns3/fl-codec.h"
#include "ns3/fl-federation.h"
#include "ns3/fl-learning-federation.h"
#include "ns3/fl-random.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <memory>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

namespace fl::test
{

/** @return the bits of a number, by which -0 differs from 0 and a NaN equals itself */
template <typename S>
uint64_t
BitsOf(S value)
{
    uint64_t bits = 0;
    std::memcpy(&bits, &value, sizeof value);
    return bits;
}

/** @return the number of which BitsOf() returns the given bits */
template <typename S>
S
FromBits(uint64_t bits)
{
    S value;
    std::memcpy(&value, &bits, sizeof value);
    return value;
}

/** @return 0 to count - 1 */
inline std::vector<uint32_t>
UpTo(uint32_t count)
{
    std::vector<uint32_t> numbers(count);
    std::iota(numbers.begin(), numbers.end(), 0);
    return numbers;
}

/** @return the numbers as the bytes of a dense message, for comparison with ModelBytes() */
template <typename S>
std::vector<uint8_t>
BytesOf(const std::vector<S>& values)
{
    std::vector<uint8_t> bytes;
    for (const S value : values)
    {
        for (std::size_t i = 0; i < sizeof value; ++i)
        {
            bytes.push_back(static_cast<uint8_t>(BitsOf(value) >> (8 * i)));
        }
    }
    return bytes;
}

constexpr uint32_t WORKERS = 5; ///< workers of the federations below

/**
 * @param algorithm as the user types it
 * @param objective as the user types it
 * @param runSeed seed and run
 * @return a small federation's set-up: 240 samples in 6 dimensions and 4 classes
 */
inline LearningSetup
MakeSmallSetup(const std::string& algorithm, const std::string& objective, RunSeed runSeed = {})
{
    LearningSetup setup;
    setup.algorithm = algorithm;
    setup.objective = objective;
    setup.data =
        MakeDataset("gaussian-mixture[Features=6|Classes=4|Samples=240|TestSamples=80]", runSeed);
    setup.partition = MakePartition("iid", *setup.data.train, WORKERS, runSeed);
    setup.batch = 16;
    setup.runSeed = runSeed;
    setup.uploadSegmentBytes = 40;
    setup.downloadSegmentBytes = 32;
    return setup;
}

/** How badly LossyDriver treats what is sent. Each is a probability. */
struct Losses
{
    double segment{0};  ///< a segment is lost
    double download{0}; ///< a worker hears the rest of a download only after the round
    double confirm{0};  ///< the server never learns what became of a download
    double upload{0};   ///< an upload is still under way when its round closes
    double receipt{0};  ///< a receipt is still under way when the next round opens
    double abort{0};    ///< a computation is given up and begun again
};

/**
 * A network as bad as the federation's interface allows: segments come in any order and are lost,
 * downloads, uploads and receipts are late, and computations are given up.
 */
class LossyDriver
{
  public:
    /**
     * @param federation what is driven
     * @param run which losses are drawn
     */
    LossyDriver(Federation& federation, uint64_t run)
        : m_federation(federation),
          m_random({1, run}, Purpose::TEST)
    {
    }

    /**
     * Runs a round.
     * @param live the workers that are there
     * @param losses what happens to what is sent
     * @return the training loss
     */
    double Round(const std::vector<uint32_t>& live, const Losses& losses)
    {
        auto plan = m_federation.OpenRound(live);
        auto result = Exchange(plan, losses);
        while (result.another)
        {
            plan = *result.another;
            result = Exchange(plan, losses);
        }
        return result.trainLoss;
    }

    /** @return segments offered so far */
    uint32_t Offered() const
    {
        return m_offered;
    }

    /** @return segments that arrived so far */
    uint32_t Arrived() const
    {
        return m_arrived;
    }

  private:
    /** A download that a worker still hears. */
    struct OpenDownload
    {
        uint32_t worker;
        std::shared_ptr<const Download> download;
        std::vector<uint32_t> segments; ///< those that did not arrive yet
    };

    /** An upload that the server still takes. */
    struct OpenUpload
    {
        uint32_t worker;
        Upload upload;
        std::vector<uint32_t> segments; ///< those that did not arrive yet
    };

    bool Happens(double probability)
    {
        return m_random.Uniform() < probability;
    }

    /** Hands some of the segments over, in any order, and returns the others. */
    template <typename Receive>
    std::vector<uint32_t> Deliver(std::vector<uint32_t> segments, double loss, Receive receive)
    {
        std::vector<uint32_t> lost;
        m_random.Shuffle(segments);
        for (const uint32_t segment : segments)
        {
            ++m_offered;
            if (Happens(loss))
            {
                lost.push_back(segment);
            }
            else
            {
                ++m_arrived;
                receive(segment);
            }
        }
        return lost;
    }

    static std::vector<uint32_t> All(const EncodedMessage& message)
    {
        return UpTo(static_cast<uint32_t>(message.segments.size()));
    }

    void Hear(OpenDownload& open, double loss)
    {
        const auto& message = *open.download->message;
        open.segments = Deliver(
            open.segments,
            loss,
            [&](uint32_t i)
            { m_federation.ReceiveDownload(open.worker, open.download, ViewOf(message, i)); });
    }

    void Close(const OpenDownload& open, const Losses& losses)
    {
        m_federation.CloseDownload(open.worker, open.download);
        if (!Happens(losses.confirm))
        {
            m_federation.ConfirmDownload(open.worker, open.download, open.segments.empty());
        }
    }

    void Take(OpenUpload& open, double loss)
    {
        const auto& message = *open.upload.message;
        open.segments = Deliver(open.segments,
                                loss,
                                [&](uint32_t i)
                                {
                                    m_federation.ReceiveUpload(open.worker,
                                                               open.upload.round,
                                                               open.upload.exchange,
                                                               ViewOf(message, i));
                                });
    }

    void Close(const OpenUpload& open)
    {
        const auto outcome =
            m_federation.CloseUpload(open.worker, open.upload.round, open.upload.exchange);
        if (m_federation.Shape().traits.committed)
        {
            m_receipts.emplace_back(open.worker, outcome);
        }
    }

    void GiveReceipts(double late)
    {
        std::vector<std::pair<uint32_t, UploadOutcome>> kept;
        for (const auto& receipt : m_receipts)
        {
            if (Happens(late))
            {
                kept.push_back(receipt);
            }
            else
            {
                m_federation.ReceiveReceipt(receipt.first, receipt.second);
            }
        }
        m_receipts = std::move(kept);
    }

    void SendDownloads(const ExchangePlan& plan, const Losses& losses)
    {
        std::vector<OpenDownload> open;
        for (const auto& download : plan.downloads)
        {
            for (const uint32_t worker : download->audience)
            {
                open.push_back({worker, download, All(*download->message)});
            }
        }
        // Those of past rounds end in any order with those of this one.
        open.insert(open.end(), m_downloads.begin(), m_downloads.end());
        m_downloads.clear();
        for (const uint32_t i : Shuffled(open.size()))
        {
            Hear(open[i], losses.segment);
            if (Happens(losses.download))
            {
                m_downloads.push_back(open[i]);
            }
            else
            {
                Close(open[i], losses);
            }
        }
    }

    std::vector<uint32_t> Compute(const ExchangePlan& plan, const Losses& losses)
    {
        std::vector<uint32_t> computing;
        for (const uint32_t worker : plan.asked)
        {
            if (!m_federation.HoldsReceipt(worker))
            {
                continue;
            }
            m_federation.StartCompute(worker, plan.round, plan.exchange);
            while (Happens(losses.abort))
            {
                m_federation.AbortCompute(worker);
                m_federation.StartCompute(worker, plan.round, plan.exchange);
            }
            computing.push_back(worker);
        }
        return computing;
    }

    ExchangeResult Exchange(const ExchangePlan& plan, const Losses& losses)
    {
        GiveReceipts(losses.receipt);
        SendDownloads(plan, losses);
        auto open = std::move(m_uploads);
        m_uploads.clear();
        for (const uint32_t worker : Compute(plan, losses))
        {
            const auto upload = m_federation.FinishCompute(worker);
            if (upload.message)
            {
                open.push_back({worker, upload, All(*upload.message)});
            }
            else
            {
                m_federation.ReceiveSkip(worker, upload.round, upload.exchange);
                m_federation.CloseUpload(worker, upload.round, upload.exchange);
            }
        }
        for (const uint32_t i : Shuffled(open.size()))
        {
            Take(open[i], losses.segment);
            if (Happens(losses.upload))
            {
                m_uploads.push_back(open[i]);
            }
            else
            {
                Close(open[i]);
            }
        }
        GiveReceipts(losses.receipt);
        return m_federation.CloseExchange();
    }

    std::vector<uint32_t> Shuffled(std::size_t count)
    {
        auto order = UpTo(static_cast<uint32_t>(count));
        m_random.Shuffle(order);
        return order;
    }

    Federation& m_federation;
    Random m_random;
    std::vector<OpenDownload> m_downloads;
    std::vector<OpenUpload> m_uploads;
    std::vector<std::pair<uint32_t, UploadOutcome>> m_receipts;
    uint32_t m_offered{0};
    uint32_t m_arrived{0};
};

} // namespace fl::test

#endif // FL_TEST_HELPERS_H
