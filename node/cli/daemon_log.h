// SPDX-License-Identifier: Apache-2.0
// The daemon's diagnostic log: standard error, as [log] in fieldseal.toml says. Lines for people,
// or one JSON object a line: {"time", "level", "message"}. Control bytes never reach the terminal
// or the journal: what a peer sent may be quoted in a message. THREADS: call before others run.
#pragma once

#include "node/config/config.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace fieldseal::node::cli {

void set_up_daemon_log(const Config::Log& log);

// One line without its line feed. `time_ms` is POSIX milliseconds.
std::string log_line(LogFormat format, std::int64_t time_ms, std::string_view level,
                     std::string_view message);

}  // namespace fieldseal::node::cli
