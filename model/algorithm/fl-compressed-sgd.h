/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef FL_COMPRESSED_SGD_H
#define FL_COMPRESSED_SGD_H

#include "ns3/fl-algorithm.h"
#include "ns3/fl-common-parameters.h"
#include "ns3/fl-coordinate-mean.h"
#include "ns3/fl-error-memory.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace fl
{

/**
 * Says a vector in fewer bits. Immutable; all workers and the server share one.
 * @tparam S the scalar, float or double
 */
template <typename S>
class Compressor
{
  public:
    virtual ~Compressor() = default;

    /**
     * @param values the vector
     * @param draws where random numbers come from
     * @return the update that is sent; all its numbers are ones that the wire can hold
     */
    virtual Update<S> Compress(const std::vector<S>& values, Random& draws) const = 0;

    /** @return the shape of its updates */
    virtual MessageShape Shape() const = 0;
};

/** What workers compress. */
enum class Content
{
    GRADIENT,    ///< a gradient; the model moves by the learning rate times it
    STEP,        ///< the learning rate times a gradient
    LOCAL_STEPS, ///< the change of the model by some local steps
};

/** What the server broadcasts. */
enum class Downlink
{
    MODEL,             ///< the dense model
    MEAN,              ///< the mean of what workers sent, as a sparse update
    COMPRESSED,        ///< the mean, compressed as the workers do
    COMPRESSED_MEMORY, ///< the same with error feedback at the server
};

/** How a compressed method goes about it. */
struct CompressionPlan
{
    Content content{Content::GRADIENT}; ///< what workers compress
    bool errorFeedback{false};          ///< whether they add what was not heard before
    Downlink downlink{Downlink::MODEL}; ///< what the server broadcasts
    uint32_t localSteps{1};             ///< number of local steps, with Content::LOCAL_STEPS
    bool overSenders{false};            ///< whether the mean is over those that sent an entry
};

/**
 * @param parameters with `Downlink`
 * @param update what `update` stands for
 * @return what the user chose
 */
Downlink ChosenDownlink(const Parameters& parameters, Downlink update);

/**
 * SGD in which workers send compressed vectors and the server averages what it decodes: the shape
 * that most compressed methods have in common.
 *
 * Without error feedback a coordinate's mean is over those that brought it, and what a worker sends
 * is forgotten. With error feedback (e <- wanted - heard, by receipts) the sum is divided by the
 * number of workers asked, as what was lost comes again. On request each coordinate is divided by
 * the number of workers of which an entry for it arrived, whatever the others had to say there.
 *
 * @tparam S the scalar, float or double
 */
template <typename S>
class CompressedSgd : public Algorithm<S>
{
  public:
    /**
     * @param setup what it is for
     * @param compressor how vectors are said
     * @param plan how it goes about it
     */
    CompressedSgd(const AlgorithmSetup& setup,
                  std::shared_ptr<const Compressor<S>> compressor,
                  const CompressionPlan& plan);

    AlgorithmTraits Traits() const override;
    std::unique_ptr<WorkerHalf<S>> MakeWorker(const WorkerSetup& worker) const override;
    std::unique_ptr<ServerHalf<S>> MakeServer() const override;
    MessageShape UploadShape(uint32_t exchange) const override;
    MessageShape UpdateShape() const override;
    void Apply(const ReceivedUpdate<S>& received,
               uint32_t round,
               std::vector<S>& model) const override;

  protected:
    /** @return what it is for */
    const AlgorithmSetup& Setup() const
    {
        return m_setup;
    }

  private:
    AlgorithmSetup m_setup;
    std::shared_ptr<const Compressor<S>> m_compressor;
    CompressionPlan m_plan;
};

/**
 * Sends every coordinate as it is, for methods whose server alone is new.
 * @tparam S the scalar, float or double
 */
template <typename S>
class NoCompression : public Compressor<S>
{
  public:
    /** @param dimension number of coordinates */
    explicit NoCompression(uint32_t dimension)
        : m_dimension(dimension)
    {
    }

    Update<S> Compress(const std::vector<S>& values, Random& /* draws */) const override
    {
        return DenseUpdate<S>{values};
    }

    MessageShape Shape() const override
    {
        return {m_dimension, nullptr};
    }

  private:
    uint32_t m_dimension;
};

} // namespace fl

#endif // FL_COMPRESSED_SGD_H
