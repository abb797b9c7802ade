// SPDX-License-Identifier: Apache-2.0
#include "node/seals/seal_policy.h"

#include "core/encoding.h"

#include <algorithm>
#include <array>

namespace fieldseal::node {
namespace {

constexpr std::int64_t kSecondsPerHour = 3600;
constexpr std::string_view kMediaTypeSigns = "!#$&-^_.+";

Error refused(std::string_view code, std::string message) {
    return Error{Errc::denied, std::move(message), code};
}

char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool equal_ignoring_case(std::string_view a, std::string_view b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                      [](char x, char y) { return lower(x) == lower(y); });
}

// A pattern is a type/subtype, or type/*. Parameters of the order's media type do not count.
bool matches(std::string_view pattern, std::string_view media_type) {
    media_type = media_type.substr(0, media_type.find(';'));
    while (media_type.ends_with(' ')) media_type.remove_suffix(1);
    if (pattern.ends_with("/*")) {
        pattern.remove_suffix(1);
        return equal_ignoring_case(pattern, media_type.substr(0, pattern.size()));
    }
    return equal_ignoring_case(pattern, media_type);
}

bool is_media_word(std::string_view word) {
    return !word.empty() && std::all_of(word.begin(), word.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
               kMediaTypeSigns.find(c) != std::string_view::npos;
    });
}

Result<void> check_media_type(std::string_view pattern) {
    const auto slash = pattern.find('/');
    const bool form = slash != std::string_view::npos && is_media_word(pattern.substr(0, slash)) &&
                      (pattern.substr(slash) == "/*" || is_media_word(pattern.substr(slash + 1)));
    if (form && pattern.size() <= kPolicyMediaTypeBytesMax) return {};
    return Error{Errc::invalid_argument,
                 "the media type " + fieldseal::quoted(pattern) +
                     " of the policy is not type/subtype or type/* in lower-case letters"};
}

Result<void> check_range(std::string_view what, const std::optional<std::uint32_t>& value,
                         std::uint32_t min, std::uint32_t max) {
    if (!value || (*value >= min && *value <= max)) return {};
    return Error{Errc::invalid_argument, std::string(what) + " of the policy is not within " +
                                             std::to_string(min) + " to " + std::to_string(max)};
}

std::string joined(const std::vector<std::string>& words) {
    std::string text;
    for (const std::string& word : words) text += (text.empty() ? "" : ", ") + word;
    return text;
}

std::string clock_text(std::uint32_t minute) {
    const auto two = [](std::uint32_t n) {
        return std::string(n < 10 ? "0" : "") + std::to_string(n);
    };
    return two(minute / 60) + ":" + two(minute % 60);
}

Result<std::uint32_t> parse_clock(std::string_view text) {
    const auto digit = [&](std::size_t i) { return static_cast<std::uint32_t>(text[i] - '0'); };
    const auto is_digit = [&](std::size_t i) { return text[i] >= '0' && text[i] <= '9'; };
    if (text.size() == 5 && text[2] == ':' && is_digit(0) && is_digit(1) && is_digit(3) &&
        is_digit(4)) {
        const std::uint32_t minute = (digit(0) * 10 + digit(1)) * 60 + digit(3) * 10 + digit(4);
        if (digit(3) < 6 && minute <= kMinutesPerDay) return minute;
    }
    return Error{Errc::invalid_argument,
                 fieldseal::quoted(text) + " is not a time of the day such as 08:00 or 17:30"};
}

}  // namespace

Result<DayHours> parse_day_hours(std::string_view text) {
    const auto dash = text.find('-');
    if (dash == std::string_view::npos) {
        return Error{Errc::invalid_argument,
                     "hours " + fieldseal::quoted(text) + " are not of the form 08:00-18:00"};
    }
    DayHours hours;
    hours.from = FIELDSEAL_TRY(parse_clock(text.substr(0, dash)));
    hours.until = FIELDSEAL_TRY(parse_clock(text.substr(dash + 1)));
    SealPolicy policy;
    policy.hours = hours;
    FIELDSEAL_TRY(check_policy(policy));
    return hours;
}

std::string to_string(const DayHours& hours) {
    return clock_text(hours.from) + "-" + clock_text(hours.until);
}

Result<void> check_policy(const SealPolicy& policy) {
    if (policy.media_types.size() > kPolicyMediaTypesMax) {
        return Error{Errc::invalid_argument, "a policy names at most " +
                                                 std::to_string(kPolicyMediaTypesMax) +
                                                 " media types: use type/* for families"};
    }
    for (std::size_t i = 0; i < policy.media_types.size(); ++i) {
        FIELDSEAL_TRY(check_media_type(policy.media_types[i]));
        const auto before = policy.media_types.begin() + static_cast<std::ptrdiff_t>(i);
        if (std::find(policy.media_types.begin(), before, *before) != before) {
            return Error{Errc::invalid_argument, "the policy names the media type " +
                                                     fieldseal::quoted(*before) + " twice"};
        }
    }
    FIELDSEAL_TRY(check_range("the quota per day", policy.quota_per_day, 1, kPolicyCountMax));
    FIELDSEAL_TRY(check_range("the number of statements without an anchor",
                              policy.lock_after_statements, 1, kPolicyCountMax));
    FIELDSEAL_TRY(
        check_range("the hours without an anchor", policy.lock_after_hours, 1, kPolicyHoursMax));
    FIELDSEAL_TRY(check_range("the idle time", policy.idle_lock_s, 0, kPolicyIdleMax_s));
    if (policy.hours &&
        (policy.hours->from >= kMinutesPerDay || policy.hours->until > kMinutesPerDay ||
         policy.hours->from == policy.hours->until)) {
        return Error{Errc::invalid_argument,
                     "the hours of the policy begin before 24:00 and do not end where they begin"};
    }
    return {};
}

Result<void> apply_policy(const SealPolicy& policy, const PolicyFacts& facts) {
    const std::string who = "the seal " + fieldseal::quoted(facts.seal);
    const auto& types = policy.media_types;
    const bool any = types.empty() ||
                     std::any_of(types.begin(), types.end(),
                                 [&](const auto& type) { return matches(type, facts.media_type); });
    if (!any) {
        return refused(refusal::media_type, who + " is for " + joined(types) + ", not for " +
                                                fieldseal::quoted(facts.media_type) +
                                                ": name another seal");
    }
    if (policy.hours && !policy.hours->covers(facts.minute)) {
        return refused(refusal::hours, who + " seals from " + to_string(*policy.hours) +
                                           " and it is " + clock_text(facts.minute) + " " +
                                           std::string(facts.zone) + ": try again then");
    }
    if (policy.quota_per_day && facts.today >= *policy.quota_per_day) {
        return refused(refusal::quota, who + " has made its " +
                                           std::to_string(*policy.quota_per_day) +
                                           " statements of this day: try again tomorrow, or an "
                                           "admin raises the quota");
    }
    if (policy.lock_after_statements && facts.unanchored >= *policy.lock_after_statements) {
        return refused(refusal::unanchored_count,
                       who + " waits: " + std::to_string(facts.unanchored) +
                           " of its statements are not anchored yet, as many as its policy allows: "
                           "connect the node and run `fieldseal sync`");
    }
    if (policy.lock_after_hours &&
        facts.oldest_unanchored_age_s >= *policy.lock_after_hours * kSecondsPerHour) {
        return refused(refusal::unanchored_age,
                       who + " waits: one of its statements has not been anchored for " +
                           std::to_string(facts.oldest_unanchored_age_s / kSecondsPerHour) +
                           " hours, and its policy allows " +
                           std::to_string(*policy.lock_after_hours) +
                           ": connect the node and run `fieldseal sync`");
    }
    return {};
}

}  // namespace fieldseal::node
