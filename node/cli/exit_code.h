// SPDX-License-Identifier: Apache-2.0
// The exit codes of `fieldseal`: a contract with scripts, documented in docs/cli.md and printed by
// `fieldseal help exit-codes`. Values never change their meaning. THREADS: any.
#pragma once

#include "core/result.h"

#include <cstdint>
#include <span>
#include <string_view>

namespace fieldseal::node::cli {

enum class ExitCode : std::uint8_t {
    ok = 0,
    failed = 1,
    partial = 2,
    no_daemon = 3,
    not_yet = 4,
    locked = 5,
    held = 6,
    storage_full = 7,
    usage = 64,       // sysexits.h EX_USAGE
    unreadable = 66,  // EX_NOINPUT
    permission = 77,  // EX_NOPERM
};

struct ExitCodeMeaning {
    ExitCode code;
    std::string_view meaning;
};
// In ascending order.
std::span<const ExitCodeMeaning> exit_code_meanings();

// What an error ends the program with when it is the only one.
ExitCode exit_code_of(Errc code);

// Of several items: ok when all are; their common code when all failed alike; partial when some are
// ok; failed otherwise.
ExitCode combine(std::span<const ExitCode> codes);

// True when the next item of the same call would meet the same trouble.
bool stops_the_rest(ExitCode code);

}  // namespace fieldseal::node::cli
