// SPDX-License-Identifier: Apache-2.0
// The node's local time, for what people say in hours and days. The zone is the one of the machine
// (/etc/localtime, or TZ of the daemon's environment). THREADS: any.
#pragma once

#include <cstdint>
#include <string>

namespace fieldseal::node {

struct LocalMoment {
    std::int64_t day = 0;         // local date, as days since 1970-01-01
    std::uint32_t minute = 0;     // after local midnight
    std::int64_t midnight_s = 0;  // POSIX seconds, of the minute 0 as it is counted now
    std::string zone = {};        // "CET", "UTC"
};

LocalMoment local_moment(std::int64_t posix_s);

}  // namespace fieldseal::node
