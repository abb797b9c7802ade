// SPDX-License-Identifier: Apache-2.0
// What a seal may be used for, and the one place that says no. Pure: the caller brings what is so
// at the moment (docs/seals.md). A member that is absent asks for nothing.
//
// Checked twice: before signing, to spare a token the work, and in the sequencer's turn, where no
// other order can come between the check and the append. THREADS: value types, pure functions.
// Errors: invalid_argument for a policy that makes no sense; denied with a problem code of its own
// for each reason to refuse an order.
#pragma once

#include "core/result.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace fieldseal::node {

inline constexpr std::size_t kPolicyMediaTypesMax = 64;
inline constexpr std::size_t kPolicyMediaTypeBytesMax = 127;
inline constexpr std::uint32_t kPolicyCountMax = 1'000'000;  // statements
inline constexpr std::uint32_t kPolicyHoursMax = 24 * 366;
inline constexpr std::uint32_t kPolicyIdleMax_s = 86'400;
inline constexpr std::uint32_t kMinutesPerDay = 24 * 60;

// Minutes after local midnight, `from` included, `until` not. Over midnight when from > until.
struct DayHours {
    std::uint32_t from = 0;
    std::uint32_t until = 0;
    bool operator==(const DayHours&) const = default;

    bool covers(std::uint32_t minute) const {
        return from < until ? minute >= from && minute < until : minute >= from || minute < until;
    }
};
// "08:00-18:00", both ways; 24:00 may end it.
Result<DayHours> parse_day_hours(std::string_view text);
std::string to_string(const DayHours& hours);

struct SealPolicy {
    std::vector<std::string> media_types = {};  // "application/pdf", "image/*"; empty = all
    std::optional<std::uint32_t> quota_per_day = std::nullopt;  // statements in one local day
    std::optional<DayHours> hours = std::nullopt;               // in the node's local time
    // The seal locks itself while this many of its statements wait for an anchor, or while the
    // oldest of them has waited for so many hours.
    std::optional<std::uint32_t> lock_after_statements = std::nullopt;
    std::optional<std::uint32_t> lock_after_hours = std::nullopt;
    // Without use; 0 = never. Absent: idle_lock_s of the configuration.
    std::optional<std::uint32_t> idle_lock_s = std::nullopt;
    bool operator==(const SealPolicy&) const = default;

    // Does anybody have to count this seal's statements?
    bool counts() const { return quota_per_day || lock_after_statements || lock_after_hours; }
};

Result<void> check_policy(const SealPolicy& policy);

// The problem codes (api/openapi/errors.json).
namespace refusal {
inline constexpr std::string_view media_type = "policy-media-type";
inline constexpr std::string_view quota = "policy-quota";
inline constexpr std::string_view hours = "policy-hours";
inline constexpr std::string_view unanchored_count = "policy-unanchored-count";
inline constexpr std::string_view unanchored_age = "policy-unanchored-age";
}  // namespace refusal

// One order and what is so at its moment.
struct PolicyFacts {
    std::string_view seal;  // its name, for the sentence
    std::string_view media_type;
    std::uint32_t minute = 0;  // after local midnight
    std::string_view zone;     // of that time, for the sentence
    std::uint64_t today = 0;   // statements of this seal in this local day
    std::uint64_t unanchored = 0;
    std::int64_t oldest_unanchored_age_s = 0;
};
Result<void> apply_policy(const SealPolicy& policy, const PolicyFacts& facts);

}  // namespace fieldseal::node
