// SPDX-License-Identifier: Apache-2.0
// A post office that stamps time: a root, an authority under it for time-stamps alone, and a token
// of it, each a plan to be changed by a test. Everything is deterministic and obviously fake.
// THREADS: pure functions, any.
#pragma once

#include "core/bytes.h"
#include "core/trust.h"
#include "tests/support/stamp_maker.h"

#include <cstdint>
#include <string_view>

namespace fieldseal::testing {

inline constexpr std::string_view kPostRoot = "Post Root CA";
inline constexpr std::string_view kPostTsa = "Post Time Stamps";
inline constexpr std::string_view kPostOperator = "Post";
inline constexpr std::string_view kPostPolicy = "1.3.6.1.4.1.99999.1";
inline constexpr std::int64_t kStamped_s = 1767225600 + 8200;  // 2026-01-01T02:16:40Z
inline constexpr std::int64_t kStampYear_s = 365 * 86400;

CertificatePlan post_root();
CertificatePlan post_tsa();
// Made at `time_s` under kPostPolicy, to the second.
TokenPlan post_token(ByteView imprint, std::int64_t time_s = kStamped_s);
// Pins the root and the policy.
TrustedTsa post_pin();

}  // namespace fieldseal::testing
