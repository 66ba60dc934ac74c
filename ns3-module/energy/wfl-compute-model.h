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

#include <cstdint>
#include <string>
#include <vector>

namespace ns3
{
namespace wfl
{

/**
 * How long a worker computes, and at what power. Chosen by name, see WFL_REGISTER_COMPUTE.
 */
class ComputeModel : public Object
{
  public:
    /** @return the TypeId */
    static TypeId GetTypeId();

    /**
     * Draws what is drawn once a worker; called once, before the run.
     * @param workers number of workers
     * @param runSeed drives the draws
     * @throws fl::UserError if an attribute makes no sense
     */
    virtual void Start(uint32_t workers, const fl::RunSeed& runSeed);

    /**
     * @param worker who computes
     * @param work what there is to do
     * @param flopsPerSample floating-point operations of one gradient of one sample
     * @return how long it takes
     */
    virtual Time Duration(uint32_t worker, const fl::Work& work, double flopsPerSample) = 0;

    /** @return electrical power while computing, in watts */
    double PowerW() const;

  private:
    double m_powerW;
};

/** Every computation takes the same time, whatever the work. */
class ConstantCompute : public ComputeModel
{
  public:
    /** @return the TypeId */
    static TypeId GetTypeId();

    Time Duration(uint32_t worker, const fl::Work& work, double flopsPerSample) override;

  private:
    Time m_time;
};

/** Time by the number of floating-point operations and the speed of each worker. */
class FlopsCompute : public ComputeModel
{
  public:
    /** @return the TypeId */
    static TypeId GetTypeId();

    void Start(uint32_t workers, const fl::RunSeed& runSeed) override;
    Time Duration(uint32_t worker, const fl::Work& work, double flopsPerSample) override;

  private:
    std::string m_speed;
    double m_operationsPerCoordinate;
    Time m_fixed;
    std::vector<double> m_speeds; ///< by worker, operations per second
};

} // namespace wfl
} // namespace ns3

#endif // WFL_COMPUTE_MODEL_H
