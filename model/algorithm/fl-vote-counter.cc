/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/fl-vote-counter.h"

#include <algorithm>
#include <cassert>
#include <utility>

namespace fl
{

namespace
{

/** Adds three bits in each of 64 places: a becomes the sum, c the carry. */
void
FullAdd(uint64_t& a, uint64_t b, uint64_t& c)
{
    const uint64_t half = a ^ b;
    const uint64_t carry = (a & b) | (half & c);
    a = half ^ c;
    c = carry;
}

/** Sets the bits of the ranges. */
void
SetBits(const Ranges& ranges, std::vector<uint64_t>& words)
{
    for (const auto& range : ranges)
    {
        for (uint32_t i = range.first; i < range.end;)
        {
            const uint32_t end = std::min(range.end, (i / 64 + 1) * 64);
            const uint32_t count = end - i;
            const uint64_t ones = count == 64 ? ~uint64_t{0} : (uint64_t{1} << count) - 1;
            words[i / 64] |= ones << (i % 64);
            i = end;
        }
    }
}

/** @return a word of a plane, 0 where the count has no such plane */
uint64_t
WordOf(const std::vector<std::vector<uint64_t>>& planes, std::size_t plane, std::size_t word)
{
    return plane < planes.size() ? planes[plane][word] : 0;
}

} // namespace

BitSlicedCounter::BitSlicedCounter(std::size_t words)
    : m_words(words)
{
}

void
BitSlicedCounter::Add(std::vector<uint64_t> bits)
{
    assert(bits.size() == m_words);
    for (std::size_t k = 0;; ++k)
    {
        if (k == m_planes.size())
        {
            m_planes.push_back({std::vector<uint64_t>(m_words), {}});
        }
        auto& plane = m_planes[k];
        if (plane.waiting.empty())
        {
            plane.waiting = std::move(bits);
            return;
        }
        for (std::size_t w = 0; w < m_words; ++w)
        {
            FullAdd(plane.sum[w], plane.waiting[w], bits[w]);
        }
        plane.waiting.clear();
    }
}

uint32_t
BitSlicedCounter::At(uint32_t i) const
{
    const auto bit = [i](const std::vector<uint64_t>& row) -> uint32_t
    {
        return row.empty() ? 0 : (row[i / 64] >> (i % 64)) & 1;
    };
    uint32_t count = 0;
    for (std::size_t k = 0; k < m_planes.size(); ++k)
    {
        count += (bit(m_planes[k].sum) + bit(m_planes[k].waiting)) << k;
    }
    return count;
}

std::vector<std::vector<uint64_t>>
BitSlicedCounter::Take()
{
    std::vector<std::vector<uint64_t>> planes;
    std::vector<uint64_t> carry(m_words);
    for (auto& plane : m_planes)
    {
        plane.waiting.resize(m_words);
        for (std::size_t w = 0; w < m_words; ++w)
        {
            FullAdd(plane.sum[w], plane.waiting[w], carry[w]);
        }
        planes.push_back(std::move(plane.sum));
    }
    if (std::any_of(carry.begin(), carry.end(), [](uint64_t word) { return word != 0; }))
    {
        planes.push_back(std::move(carry));
    }
    m_planes.clear();
    return planes;
}

VoteCounter::VoteCounter(uint32_t size)
    : m_size(size),
      m_negative((size + 63) / 64),
      m_silent((size + 63) / 64),
      m_lost((size + 63) / 64)
{
}

void
VoteCounter::Add(const SignUpdate& signs, const Ranges& missing)
{
    assert(signs.size == m_size && m_voters < MAX_VOTERS);
    ++m_voters;
    auto negative = signs.words;
    if (!missing.empty())
    {
        SetBits(missing, m_lost);
        std::vector<uint64_t> lost(negative.size());
        SetBits(missing, lost);
        for (std::size_t w = 0; w < negative.size(); ++w)
        {
            negative[w] &= ~lost[w];
        }
        m_silent.Add(std::move(lost));
    }
    m_negative.Add(std::move(negative));
}

void
VoteCounter::Add(const TernaryUpdate& trits, const Ranges& missing)
{
    assert(trits.size == m_size && m_voters < MAX_VOTERS);
    ++m_voters;
    auto negative = trits.negative;
    SetBits(missing, m_lost);
    std::vector<uint64_t> silent(negative.size());
    SetBits(missing, silent);
    for (std::size_t w = 0; w < negative.size(); ++w)
    {
        negative[w] &= ~silent[w];
        silent[w] |= ~(trits.positive[w] | trits.negative[w]);
    }
    m_negative.Add(std::move(negative));
    m_silent.Add(std::move(silent));
}

int32_t
VoteCounter::Margin(uint32_t i) const
{
    return static_cast<int32_t>(m_voters - m_silent.At(i)) -
           2 * static_cast<int32_t>(m_negative.At(i));
}

Ballot
VoteCounter::Take()
{
    const auto negative = m_negative.Take();
    const auto silent = m_silent.Take();
    const std::size_t planes = 2 + std::max({negative.size(), silent.size(), std::size_t{16}});
    const std::size_t words = (m_size + 63) / 64;
    Ballot ballot{std::vector<uint64_t>(words),
                  std::vector<uint64_t>(words),
                  std::vector<uint64_t>(words),
                  std::exchange(m_lost, std::vector<uint64_t>(words))};
    for (std::size_t w = 0; w < words; ++w)
    {
        // Of T votes, T - silent - negative are for plus: these are more than those for minus iff
        // silent + 2 negative < T. Sum and comparison go from bit to bit in 64 places at once.
        uint64_t carry = 0;
        uint64_t less = 0;
        uint64_t equal = ~uint64_t{0};
        uint64_t nobody = ~uint64_t{0};
        for (std::size_t k = 0; k < planes; ++k)
        {
            const uint64_t total = (m_voters >> k) & 1 ? ~uint64_t{0} : 0;
            uint64_t sum = WordOf(silent, k, w);
            nobody &= ~(sum ^ total);
            FullAdd(sum, k == 0 ? 0 : WordOf(negative, k - 1, w), carry);
            // A higher bit that differs overrules the lower ones.
            less = (less & ~(sum ^ total)) | (~sum & total);
            equal &= ~(sum ^ total);
        }
        const uint32_t used = std::min<uint32_t>(64, m_size - static_cast<uint32_t>(w) * 64);
        const uint64_t mask = used == 64 ? ~uint64_t{0} : (uint64_t{1} << used) - 1;
        ballot.positive[w] = less & mask;
        ballot.negative[w] = ~less & ~equal & mask;
        ballot.tied[w] = equal & ~nobody & mask;
    }
    m_voters = 0;
    return ballot;
}

} // namespace fl
