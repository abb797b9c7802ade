// SPDX-License-Identifier: Apache-2.0
// The composition root: opens everything in order, serves until a signal, closes everything in
// reverse. docs/threading.md has the list of threads and the order of shutdown. Errors: those of
// the parts, each naming what could not be opened and what to do.
#pragma once

#include "core/result.h"
#include "node/config/config.h"

#include <functional>
#include <string>

namespace fieldseal::node {

// Exit code of the process after a failed write (sysexits EX_SOFTWARE): the supervisor restarts it.
inline constexpr int kFatalExitCode = 70;

// Runs until SIGTERM or SIGINT. Calls `ready` once all sockets answer.
Result<void> run_daemon(const Config& config, const std::string& config_path,
                        const std::function<void()>& ready);

}  // namespace fieldseal::node
