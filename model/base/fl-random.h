/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef FL_RANDOM_H
#define FL_RANDOM_H

#include <array>
#include <cstdint>
#include <vector>

namespace fl
{

/**
 * What a stream of random numbers is for. Streams of different purposes are independent, so that a
 * change in one (another algorithm, one worker more) moves none of the others.
 */
enum class Purpose : uint32_t
{
    DATASET = 1,       ///< synthetic data; key: split
    PARTITION = 2,     ///< division of the samples over workers
    MODEL = 3,         ///< initial model
    BATCH = 4,         ///< a worker's mini-batches; key: worker, round, turn and epoch
    ALGORITHM = 5,     ///< draws of an algorithm; key: worker (or the server), round
    POSITION = 6,      ///< placement of nodes; key: worker
    LINK = 7,          ///< properties of a link; key: worker, direction
    LOSS = 8,          ///< datagram loss; key: worker, direction
    COMPUTE = 9,       ///< compute times; key: worker, round
    TIMING = 10,       ///< jitter of reports and start times; key: worker
    TEST = 11,         ///< draws of tests
    ADVERSARY = 12,    ///< what a dishonest worker makes up; key: worker, round, exchange
    ACCESS = 13,       ///< backoffs, damaged frames; key: station, collision domain
    RADIO_LINK = 14,   ///< what belongs to a radio link; key: the two stations
    SHADOWING = 15,    ///< shadowing, under the seed of a radio link
    FADING = 16,       ///< fading, under the seed of a radio link; key: block (two words), branch
    HARVEST = 17,      ///< harvested power; key: worker, interval
    AVAILABILITY = 18, ///< when workers are there; key: worker, period
    BATTERY = 19,      ///< sizes of batteries; key: worker
    SELECTION = 20     ///< who is asked; key: round, choice within it
};

/** The pair that drives every random number of a run: ns-3's RngSeed and RngRun. */
struct RunSeed
{
    uint32_t seed{1}; ///< RngSeed
    uint64_t run{1};  ///< RngRun
};

/**
 * A stream of random numbers keyed by (seed, run, purpose, three keys).
 *
 * The generator is Philox4x32-10 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3",
 * SC 2011): counter based, so a stream costs nothing to open and equals itself on every host and
 * at every number of threads. It is a C++ UniformRandomBitGenerator; the distributions are those
 * of Boost.Random, whose results do not depend on the standard library.
 */
class Random
{
  public:
    using result_type = uint32_t; ///< as the standard's generator requirements name it

    /**
     * @param runSeed seed and run of the simulation
     * @param purpose what the numbers are for
     * @param first first key, as a rule the worker
     * @param second second key, as a rule the round
     * @param third third key, below 2^24, as a rule the step
     */
    Random(const RunSeed& runSeed,
           Purpose purpose,
           uint32_t first = 0,
           uint32_t second = 0,
           uint32_t third = 0);

    /** @return the smallest value of operator() */
    static constexpr result_type min()
    {
        return 0;
    }

    /** @return the largest value of operator() */
    static constexpr result_type max()
    {
        return UINT32_MAX;
    }

    /** @return the next 32 random bits */
    result_type operator()();

    /** @return a draw from the uniform distribution on [0, 1) */
    double Uniform();

    /** @return a draw from the standard normal distribution */
    double Normal();

    /**
     * @param mean the mean
     * @return a draw from the exponential distribution
     */
    double Exponential(double mean);

    /**
     * @param shape the shape, larger than 0
     * @return a draw from the gamma distribution of scale 1
     */
    double Gamma(double shape);

    /**
     * @param bound upper bound, at least 1
     * @return an integer drawn evenly from 0 to bound - 1
     */
    uint32_t Below(uint32_t bound);

    /**
     * Fisher-Yates shuffle.
     * @param values the values, reordered in place
     */
    void Shuffle(std::vector<uint32_t>& values);

    /**
     * One block of Philox4x32-10, public for its known-answer test.
     * @param counter the 128-bit counter, least significant word first
     * @param key the 64-bit key, least significant word first
     * @return 128 random bits
     */
    static std::array<uint32_t, 4> Block(std::array<uint32_t, 4> counter,
                                         std::array<uint32_t, 2> key);

  private:
    std::array<uint32_t, 2> m_key;
    std::array<uint32_t, 4> m_counter;
    std::array<uint32_t, 4> m_block{};
    uint32_t m_used{4}; ///< words of m_block already given out
};

} // namespace fl

#endif // FL_RANDOM_H
