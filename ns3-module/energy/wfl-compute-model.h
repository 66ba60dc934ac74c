/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef WFL_COMPUTE_MODEL_H
#define WFL_COMPUTE_MODEL_H

#include "ns3/fl-algorithm.h"
#include "ns3/fl-random.h"
#include "ns3/nstime.h"
#include "ns3/object.h"
#include "ns3/wfl-distribution.h"

#include <cstdint>
#include <optional>
#include <string>

namespace ns3
{
namespace wfl
{

/** What a worker has to compute. */
struct ComputeTask
{
    uint32_t worker;                ///< who computes
    uint32_t round;                 ///< the round that it answers
    uint32_t exchange;              ///< the exchange that it answers
    fl::Work work;                  ///< what there is to do
    uint64_t decodedCoordinates{0}; ///< coordinates of the messages that it has to read before
    double flopsPerSample{0};       ///< floating-point operations of one gradient of one sample
};

/** What a computation takes: the three phases follow each other. */
struct ComputeCost
{
    double decodeS{0}; ///< reading what has arrived, in seconds
    double trainS{0};  ///< computing gradients, in seconds
    double encodeS{0}; ///< writing the upload, in seconds
    /** power while training, above the base load, in watts; without one the device's own */
    std::optional<double> trainW{};
    /** power while decoding and encoding, above the base load, in watts; likewise */
    std::optional<double> codecW{};
    bool wholeBoard{false}; ///< whether these powers hold the base load, too

    /** @return how long it takes altogether */
    Time Duration() const
    {
        return Seconds(decodeS) + Seconds(trainS) + Seconds(encodeS);
    }
};

/**
 * How long a worker computes, and at what power. Chosen by name, see WFL_REGISTER_COMPUTE; a model
 * of one's own is a subclass with DoCost().
 */
class ComputeModel : public Object
{
  public:
    /** @return the TypeId */
    static TypeId GetTypeId();

    ComputeModel();
    ~ComputeModel() override;

    /**
     * Draws what is drawn once a worker; called once, before the run.
     * @param workers number of workers
     * @param runSeed drives the draws
     * @throws fl::UserError if an attribute makes no sense
     */
    void Start(uint32_t workers, const fl::RunSeed& runSeed);

    /**
     * @param task what there is to do
     * @return what it takes
     * @throws fl::UserError if it takes longer than anybody can mean
     */
    ComputeCost Cost(const ComputeTask& task) const;

  private:
    /**
     * Draws what is drawn once a worker.
     * @param workers number of workers
     * @param runSeed drives the draws
     */
    virtual void DoStart(uint32_t workers, const fl::RunSeed& runSeed);

    /**
     * @param task what there is to do
     * @return what it takes, before any slow-down
     */
    virtual ComputeCost DoCost(const ComputeTask& task) const = 0;

    std::string m_slowdownText;
    std::optional<Distribution> m_slowdown;
    double m_powerW;
    fl::RunSeed m_runSeed;
};

} // namespace wfl
} // namespace ns3

#endif // WFL_COMPUTE_MODEL_H
