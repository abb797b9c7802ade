// SPDX-License-Identifier: Apache-2.0
// Asking the node to anchor now, and watching until there is nothing more to wait for.
// THREADS: one, with the session. Errors: the daemon client's.
#pragma once

#include "core/result.h"
#include "node/cli/session.h"
#include "node/cli/views.h"

#include <chrono>
#include <optional>

namespace fieldseal::node::cli {

inline constexpr std::chrono::seconds kAnchorWaitDefault{30};
inline constexpr std::chrono::seconds kAnchorWaitMax{86400};

struct AnchorWait {
    std::chrono::seconds timeout = kAnchorWaitDefault;
    // Also waits for a target that is not reachable right now, until the time is over.
    bool through_offline = false;
};

struct AnchorOutcome {
    std::uint64_t checkpoint_size = 0;
    StatusView status;
    json::Value status_value;
    bool all_anchored() const;
    // Another history of the node's log was proven: waiting mends nothing.
    bool stopped() const;
};

// POST sync, then polls the status until each target has anchored that checkpoint or has come to a
// stop that waiting does not mend, or the time is over.
Result<AnchorOutcome> anchor_now(DaemonClient& daemon, const AnchorWait& wait);

// What sync and seal --wait-anchored say about each target.
void show_targets(const AnchorOutcome& outcome, Session& session);

// REQUIRES: not all anchored. Says what becomes of the rest, reassuring only where it is true:
// not_yet, or held when another history was proven and sealing is stopped.
ExitCode show_unanchored(const AnchorOutcome& outcome, Session& session);

}  // namespace fieldseal::node::cli
