// SPDX-License-Identifier: Apache-2.0
// What this machine says about its clock, without any privilege: the kernel's own verdict
// (adjtimex), which every discipline sets (chrony with rtcsync, ntpd, systemd-timesyncd, PTP), and
// the stamp that systemd-timesyncd leaves at each correction.
// THREADS: any. Errors: none, what cannot be asked is not synchronised.
#pragma once

#include "node/clock.h"

#include <string>

namespace fieldseal::node {

inline constexpr const char* kTimesyncdStamp = "/run/systemd/timesync/synchronized";

ClockDiscipline read_clock_discipline(std::int64_t now_s,
                                      const std::string& stamp = kTimesyncdStamp);

}  // namespace fieldseal::node
