// SPDX-License-Identifier: Apache-2.0
// The two rows of the store that keep a node from sealing until somebody decides: `held` (restored,
// its history is not confirmed) and `stopped` (a target proved another history of our own log). The
// daemon reads them at start; a target's confirmation lifts `held`, a person lifts both.
// REQUIRES: no daemon runs (these take the lock). THREADS: one. DURABLE: on return.
// Errors: conflict (a daemon is running), and the store's.
#pragma once

#include "core/result.h"
#include "node/boot.h"
#include "node/config/config.h"
#include "node/seal_gate.h"
#include "store/store.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace fieldseal::node {

// JSON {"reason", "from", "at_s"}: for people, the row's presence is what counts.
Result<void> hold_node(store::Store& store, std::string_view from, std::int64_t now_s);

// `doctor --accept-rollback`: the log on this disk is the truth from now on. Re-pins the tail,
// removes both rows, lets every target that was stopped by proof be asked again, and lets a damaged
// audit log go on. Returns a sentence for each thing that was lifted; none means there was nothing
// to accept.
Result<std::vector<std::string>> accept_rollback(const Config& config, std::int64_t now_s);

}  // namespace fieldseal::node
