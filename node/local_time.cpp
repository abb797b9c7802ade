// SPDX-License-Identifier: Apache-2.0
#include "node/local_time.h"

#include <ctime>

namespace fieldseal::node {
namespace {

constexpr std::int64_t kSecondsPerDay = 86'400;

std::int64_t floor_div(std::int64_t a, std::int64_t b) {
    return a / b - (a % b < 0 ? 1 : 0);
}

}  // namespace

LocalMoment local_moment(std::int64_t posix_s) {
    const auto time = static_cast<std::time_t>(posix_s);
    std::tm local{};
    LocalMoment moment;
    // A year beyond what the library can say: UTC then.
    if (::localtime_r(&time, &local) == nullptr) {
        local.tm_gmtoff = 0;
        local.tm_zone = "UTC";
    }
    const std::int64_t shifted = posix_s + local.tm_gmtoff;
    moment.day = floor_div(shifted, kSecondsPerDay);
    const std::int64_t second = shifted - moment.day * kSecondsPerDay;
    moment.minute = static_cast<std::uint32_t>(second / 60);
    moment.midnight_s = posix_s - second;
    moment.zone = local.tm_zone;
    return moment;
}

}  // namespace fieldseal::node
