/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/fl-random.h"

#include <boost/random/exponential_distribution.hpp>
#include <boost/random/gamma_distribution.hpp>
#include <boost/random/normal_distribution.hpp>
#include <boost/random/uniform_01.hpp>
#include <boost/random/uniform_int_distribution.hpp>
#include <cassert>
#include <utility>

namespace fl
{

namespace
{

/** The finaliser of SplitMix64: spreads seed and run over the whole key. */
uint64_t
Mix(uint64_t x)
{
    x += 0x9e3779b97f4a7c15;
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
    x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
    return x ^ (x >> 31);
}

} // namespace

Random::Random(const RunSeed& runSeed,
               Purpose purpose,
               uint32_t first,
               uint32_t second,
               uint32_t third)
    : m_counter{0, static_cast<uint32_t>(purpose) | third << 8, first, second}
{
    assert(third < 1u << 24);
    const uint64_t key = Mix(Mix(runSeed.seed) ^ runSeed.run);
    m_key = {static_cast<uint32_t>(key), static_cast<uint32_t>(key >> 32)};
}

Random::result_type
Random::operator()()
{
    if (m_used == m_block.size())
    {
        m_block = Block(m_counter, m_key);
        ++m_counter[0];
        m_used = 0;
    }
    return m_block[m_used++];
}

double
Random::Uniform()
{
    return boost::random::uniform_01<double>()(*this);
}

double
Random::Normal()
{
    return boost::random::normal_distribution<double>()(*this);
}

double
Random::Exponential(double mean)
{
    assert(mean > 0);
    return boost::random::exponential_distribution<double>(1 / mean)(*this);
}

double
Random::Gamma(double shape)
{
    assert(shape > 0);
    return boost::random::gamma_distribution<double>(shape)(*this);
}

uint32_t
Random::Below(uint32_t bound)
{
    assert(bound > 0);
    return boost::random::uniform_int_distribution<uint32_t>(0, bound - 1)(*this);
}

void
Random::Shuffle(std::vector<uint32_t>& values)
{
    for (std::size_t left = values.size(); left > 1; --left)
    {
        std::swap(values[left - 1], values[Below(static_cast<uint32_t>(left))]);
    }
}

std::array<uint32_t, 4>
Random::Block(std::array<uint32_t, 4> counter, std::array<uint32_t, 2> key)
{
    constexpr int rounds = 10;
    for (int i = 0; i < rounds; ++i)
    {
        const uint64_t a = uint64_t{0xd2511f53} * counter[0];
        const uint64_t b = uint64_t{0xcd9e8d57} * counter[2];
        counter = {static_cast<uint32_t>(b >> 32) ^ counter[1] ^ key[0],
                   static_cast<uint32_t>(b),
                   static_cast<uint32_t>(a >> 32) ^ counter[3] ^ key[1],
                   static_cast<uint32_t>(a)};
        key[0] += 0x9e3779b9;
        key[1] += 0xbb67ae85;
    }
    return counter;
}

} // namespace fl
