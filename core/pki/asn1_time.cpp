// SPDX-License-Identifier: Apache-2.0
#include "core/pki/asn1_time.h"

#include <openssl/asn1.h>

#include <algorithm>
#include <chrono>

namespace fieldseal::pki {
namespace {

constexpr std::int64_t kDay_s = 86400;
constexpr std::int64_t kHour_s = 3600;
constexpr std::int64_t kMinute_s = 60;
constexpr std::size_t kWholeDigits = 14;
constexpr std::size_t kFractionDigitsMax = 9;

struct Parts {
    int year = 0;
    int month = 0;
    int day = 0;
    int hour = 0;
    int minute = 0;
    int second = 0;
};

std::optional<std::int64_t> seconds_of(const Parts& parts) {
    const std::chrono::year_month_day date(std::chrono::year(parts.year),
                                           std::chrono::month(static_cast<unsigned>(parts.month)),
                                           std::chrono::day(static_cast<unsigned>(parts.day)));
    const bool is_clock = parts.hour >= 0 && parts.hour < 24 && parts.minute >= 0 &&
                          parts.minute < 60 && parts.second >= 0 && parts.second < 60;
    if (!date.ok() || !is_clock) return std::nullopt;
    const std::int64_t days = std::chrono::sys_days(date).time_since_epoch().count();
    return days * kDay_s + parts.hour * kHour_s + parts.minute * kMinute_s + parts.second;
}

bool all_digits(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

int number(std::string_view digits) {
    int value = 0;
    for (const char c : digits) value = value * 10 + (c - '0');
    return value;
}

}  // namespace

std::optional<std::int64_t> posix_seconds(const asn1_string_st* time) {
    struct tm parts{};
    if (time == nullptr || ASN1_TIME_to_tm(time, &parts) != 1) return std::nullopt;
    return seconds_of({parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday, parts.tm_hour,
                       parts.tm_min, parts.tm_sec});
}

std::optional<GeneralizedTime> read_generalized_time(std::string_view text) {
    if (text.size() <= kWholeDigits || text.back() != 'Z') return std::nullopt;
    text.remove_suffix(1);
    const std::string_view whole = text.substr(0, kWholeDigits);
    std::string_view fraction = text.substr(kWholeDigits);
    if (!all_digits(whole)) return std::nullopt;
    const auto seconds = seconds_of({number(whole.substr(0, 4)), number(whole.substr(4, 2)),
                                     number(whole.substr(6, 2)), number(whole.substr(8, 2)),
                                     number(whole.substr(10, 2)), number(whole.substr(12, 2))});
    if (!seconds || *seconds < 0) return std::nullopt;
    GeneralizedTime time{*seconds, 0};
    if (fraction.empty()) return time;
    if (fraction.front() != '.') return std::nullopt;
    fraction.remove_prefix(1);
    if (fraction.empty() || fraction.size() > kFractionDigitsMax || !all_digits(fraction) ||
        fraction.back() == '0') {
        return std::nullopt;
    }
    time.nanoseconds = number(fraction);
    for (std::size_t i = fraction.size(); i < kFractionDigitsMax; ++i) time.nanoseconds *= 10;
    return time;
}

}  // namespace fieldseal::pki
