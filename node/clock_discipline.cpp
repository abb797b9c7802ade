// SPDX-License-Identifier: Apache-2.0
// The kernel adds 500 ppm to its estimate of the largest error for each second without a correction
// and says "unsynchronised" at 16 s: about nine hours after the last one (adjtimex(2), kernel/time/
// ntp.c). Until then its word counts.
#include "node/clock_discipline.h"

#include <algorithm>
#include <sys/stat.h>
#include <sys/timex.h>

namespace fieldseal::node {

ClockDiscipline read_clock_discipline(std::int64_t now_s, const std::string& stamp) {
    timex query{};
    const bool answered = ::adjtimex(&query) != -1;
    ClockDiscipline found{answered && (query.status & STA_UNSYNC) == 0, std::nullopt};
    struct stat facts{};
    if (found.synchronised && ::stat(stamp.c_str(), &facts) == 0) {
        found.age_s = std::max<std::int64_t>(0, now_s - facts.st_mtim.tv_sec);
    }
    return found;
}

}  // namespace fieldseal::node
