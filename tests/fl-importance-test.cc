/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

/** Which segments are important: by hand, and against what each segment decodes to alone. */

#include "ns3/fl-importance.h"

#include "ns3/fl-update-values.h"

#include "fl-codec-test-helpers.h"

#include <cmath>
#include <gtest/gtest.h>

namespace fl
{

using namespace test;

namespace
{

/** @return the squared norm of what one segment holds */
template <typename S>
double
NormOf(const EncodedMessage& message, uint32_t segment)
{
    const auto decoded = DecodeSome<S>(message, {segment});
    double norm = 0;
    ForEachValue(decoded.update,
                 decoded.missing,
                 [&norm](uint32_t, S value) { norm += static_cast<double>(value) * value; });
    return norm;
}

} // namespace

TEST(FlImportance, ByHand)
{
    // Six floats a segment: squares 6, 6 * 9, 6 * 4 and 1 in 24, 24, 24 and 4 bytes.
    DenseUpdate<float> dense{std::vector<float>(19, 1)};
    std::fill(dense.values.begin() + 6, dense.values.begin() + 12, 3.0F);
    std::fill(dense.values.begin() + 12, dense.values.begin() + 18, -2.0F);
    const Update<float> update = dense;
    // 85 / 76 a byte: 0.25, 2.25, 1, 0.25 of them.
    EXPECT_EQ(ImportantSegments(update, Encode(update, 24)), (Ranges{{1, 2}}));
    // A value alone in the last segment, where four bytes carry it.
    dense.values.assign(19, 1);
    dense.values.back() = 1.5F;
    const Update<float> other = dense;
    EXPECT_EQ(ImportantSegments(other, Encode(other, 24)), (Ranges{{3, 4}}));
}

/** Where all bytes are worth the same, none is important. */
TEST(FlImportance, Equals)
{
    const Update<float> signs = SignUpdate::Positive(8 * 24 * 5);
    const auto message = Encode(signs, 24);
    ASSERT_EQ(message.segments.size(), 5U);
    EXPECT_EQ(ImportantSegments(signs, message), Ranges{});
    const Update<float> zero = DenseUpdate<float>{std::vector<float>(100)};
    EXPECT_EQ(ImportantSegments(zero, Encode(zero, 24)), Ranges{});
}

TEST(FlImportance, EveryTypeOfUpdate)
{
    uint32_t found = 0;
    for (uint32_t run = 1; run <= 200; ++run)
    {
        Random random({1, run}, Purpose::TEST);
        for (std::size_t type = 0; type < std::variant_size_v<Update<double>>; ++type)
        {
            const auto update = AnyUpdate<double>(type, 1 + random.Below(2000), random);
            const auto message = Encode(update, MIN_SEGMENT_BYTES + random.Below(300));
            std::vector<double> norms;
            double total = 0;
            for (uint32_t i = 0; i < message.segments.size(); ++i)
            {
                norms.push_back(NormOf<double>(message, i));
                total += norms.back();
            }
            if (!std::isfinite(total))
            {
                continue;
            }
            const auto important = ToNumbers(ImportantSegments(update, message));
            found += static_cast<uint32_t>(important.size());
            for (uint32_t i = 0; i < norms.size(); ++i)
            {
                const double share =
                    total * message.segments[i].length / static_cast<double>(message.bytes.size());
                if (std::abs(norms[i] - share) > 1e-9 * total) // or rounding decides
                {
                    EXPECT_EQ(std::count(important.begin(), important.end(), i), norms[i] > share)
                        << NameOf(message) << ", segment " << i;
                }
            }
        }
    }
    EXPECT_GT(found, 1000U);
}

} // namespace fl
