/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/wfl-control.h"

#include "ns3/wfl-range-code.h"

#include <algorithm>
#include <boost/endian/conversion.hpp>

namespace ns3
{
namespace wfl
{

namespace
{

constexpr std::size_t WORD_BYTES = sizeof(uint64_t);
constexpr std::size_t STATUS_BYTES = 3 * sizeof(float);

} // namespace

Hello
HelloOf(const fl::FederationShape& shape, uint32_t worker)
{
    Hello hello{shape.samples[worker], std::nullopt};
    if (!shape.smoothness.empty())
    {
        hello.smoothness = shape.smoothness[worker];
    }
    return hello;
}

std::vector<uint8_t>
EncodeHello(const Hello& hello)
{
    std::vector<uint8_t> body(hello.smoothness ? 2 * WORD_BYTES : WORD_BYTES);
    boost::endian::store_little_u64(body.data(), hello.samples);
    if (hello.smoothness)
    {
        boost::endian::endian_store<double, WORD_BYTES, boost::endian::order::little>(
            body.data() + WORD_BYTES,
            *hello.smoothness);
    }
    return body;
}

std::optional<Hello>
DecodeHello(const std::vector<uint8_t>& body)
{
    if (body.size() != WORD_BYTES && body.size() != 2 * WORD_BYTES)
    {
        return std::nullopt;
    }
    Hello hello{boost::endian::load_little_u64(body.data()), std::nullopt};
    if (body.size() > WORD_BYTES)
    {
        hello.smoothness =
            boost::endian::endian_load<double, WORD_BYTES, boost::endian::order::little>(
                body.data() + WORD_BYTES);
    }
    return hello;
}

std::vector<uint8_t>
EncodeWorkers(const std::vector<uint32_t>& workers)
{
    fl::Ranges ranges;
    for (const uint32_t worker : workers)
    {
        fl::Append(ranges, {worker, worker + 1});
    }
    std::vector<uint8_t> body;
    AppendRanges(ranges, UINT32_MAX, body);
    return body;
}

bool
NamesWorker(const std::vector<uint8_t>& body, uint32_t worker)
{
    const auto named = ParseRanges(body.data(), static_cast<uint32_t>(body.size()), UINT16_MAX);
    return named && std::any_of(named->begin(),
                                named->end(),
                                [worker](const fl::Range& range)
                                { return range.first <= worker && worker < range.end; });
}

std::vector<uint8_t>
EncodeReceipt(const fl::UploadOutcome& outcome)
{
    std::vector<uint8_t> body{outcome.nothing};
    if (!outcome.nothing)
    {
        AppendRanges(outcome.missing, UINT32_MAX, body);
    }
    return body;
}

std::optional<fl::UploadOutcome>
DecodeReceipt(const std::vector<uint8_t>& body)
{
    if (body.empty() || body.front() > 1)
    {
        return std::nullopt;
    }
    fl::UploadOutcome outcome;
    outcome.nothing = body.front() == 1;
    if (!outcome.nothing)
    {
        const auto missing =
            ParseRanges(body.data() + 1, static_cast<uint32_t>(body.size()) - 1, UINT16_MAX + 1);
        if (!missing)
        {
            return std::nullopt;
        }
        outcome.missing = *missing;
    }
    return outcome;
}

std::vector<uint8_t>
EncodeStatus(const WorkerStatus& status)
{
    std::vector<uint8_t> body(STATUS_BYTES);
    uint8_t* place = body.data();
    for (const float value : {status.loss, status.updateNorm, status.batteryShare})
    {
        boost::endian::endian_store<float, sizeof(float), boost::endian::order::little>(place,
                                                                                        value);
        place += sizeof(float);
    }
    return body;
}

std::optional<WorkerStatus>
DecodeStatus(const std::vector<uint8_t>& body)
{
    if (body.size() != STATUS_BYTES)
    {
        return std::nullopt;
    }
    const auto value = [&body](std::size_t index)
    {
        return boost::endian::endian_load<float, sizeof(float), boost::endian::order::little>(
            body.data() + index * sizeof(float));
    };
    return WorkerStatus{value(0), value(1), value(2)};
}

} // namespace wfl
} // namespace ns3
